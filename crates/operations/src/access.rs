//! Who may do what, kept in memory ([`Fresh`]).

use crate::{Operations, Result, fresh::Fresh};
use domain::{
    Actor, ActorKind, Timestamp,
    access::{Authority, Rights, Subject},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// As many subjects' rights are kept; beyond, all are made again.
const SUBJECTS: usize = 50_000;

/// The authority in memory.
pub(crate) type Keeper = Fresh<Kept>;

/// One generation of it.
pub(crate) struct Kept {
    generation: i64,
    authority: Arc<Authority>,
    /// What subjects were found to hold, and when that changes by itself.
    rights: Mutex<HashMap<Subject, (Rights, Option<Timestamp>)>>,
}

impl Kept {
    fn rights_of(&self, subject: Subject, now: Timestamp) -> Rights {
        let mut all = self.rights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((rights, until)) = all.get(&subject)
            && until.is_none_or(|until| until > now)
        {
            return rights.clone();
        }
        if all.len() >= SUBJECTS {
            all.clear();
        }
        let rights = self.authority.rights_of(subject, now);
        all.insert(subject, (rights.clone(), self.authority.changes_at(subject, now)));
        rights
    }
}

/// The subject an actor is; the command line and the program are none.
pub(crate) fn subject(actor: &Actor) -> Option<Subject> {
    match actor.kind {
        ActorKind::Person => Some(Subject::Person(actor.id)),
        ActorKind::Robot => Some(Subject::Robot(actor.id)),
        ActorKind::Anonymous => Some(Subject::Anonymous),
        ActorKind::Cli | ActorKind::Schedule | ActorKind::Registry => None,
    }
}

impl Operations {
    /// All that decides who may do what, at most a second old; what this process changed itself shows at once.
    pub async fn authority(&self) -> Result<Arc<Authority>> {
        Ok(Arc::clone(&self.kept_authority().await?.authority))
    }

    /// What a subject holds now.
    pub async fn rights_of(&self, subject: Subject) -> Result<Rights> {
        Ok(self.kept_authority().await?.rights_of(subject, self.now()))
    }

    /// The actor with what it holds now: whoever makes an actor of a person, a robot or nobody asks this once.
    pub async fn with_rights(&self, actor: Actor) -> Result<Actor> {
        match subject(&actor) {
            Some(subject) => Ok(Actor { rights: self.rights_of(subject).await?, ..actor }),
            None => Ok(actor),
        }
    }

    /// How long what an actor holds stays as it is, if nobody changes anything: until a grant ends, or the account.
    pub async fn rights_last(&self, actor: &Actor) -> Result<Option<Duration>> {
        let Some(subject) = subject(actor) else { return Ok(None) };
        let now = self.now();
        let until = self.authority().await?.changes_at(subject, now);
        Ok(until.map(|until| Duration::from_micros(until.0.saturating_sub(now.0).max(0).unsigned_abs())))
    }

    async fn kept_authority(&self) -> Result<Arc<Kept>> {
        let look = async |before: Option<Arc<Kept>>| {
            let generation = self.0.store.authority_generation().await?;
            if before.is_some_and(|kept| kept.generation == generation) {
                return Ok(None);
            }
            let (generation, facts) = self.0.store.authority().await?;
            let authority = tokio::task::spawn_blocking(move || Authority::new(facts));
            let authority = Arc::new(authority.await.map_err(crate::Error::internal)?);
            Ok(Some(Kept { generation, authority, rights: Mutex::default() }))
        };
        self.0.authority.get(look).await
    }
}
