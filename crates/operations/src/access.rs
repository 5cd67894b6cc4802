//! Who may do what, kept in memory: the records are asked at most four times a second whether it is still right.

use crate::{Operations, Result};
use domain::{
    Actor, ActorKind, Timestamp,
    access::{Authority, Rights, Subject},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// What is in memory is taken without asking for so long. Together with one reading it stays below a second.
const UNASKED: Duration = Duration::from_millis(250);
/// While one request reads anew, others go on with what was right so recently.
const STILL_GOOD: Duration = Duration::from_millis(900);
/// As many subjects' rights are kept; beyond, all are made again.
const SUBJECTS: usize = 50_000;

/// The authority in memory.
#[derive(Default)]
pub(crate) struct Keeper {
    kept: RwLock<Option<Arc<Kept>>>,
    reading: tokio::sync::Mutex<()>,
    /// Counts the changes that this process made.
    changes: AtomicU64,
}

/// One generation of it.
struct Kept {
    generation: i64,
    authority: Arc<Authority>,
    /// Which of our own changes it knows of, and when it was last found right.
    right: Mutex<(u64, Instant)>,
    /// What subjects were found to hold, and when that changes by itself.
    rights: Mutex<HashMap<Subject, (Rights, Option<Timestamp>)>>,
}

impl Kept {
    fn is_younger(&self, than: Duration, changes: u64) -> bool {
        let (known, at) = *self.right.lock().unwrap_or_else(PoisonError::into_inner);
        known >= changes && at.elapsed() < than
    }
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

impl Keeper {
    fn kept(&self) -> Option<Arc<Kept>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// What is in memory, if it knows of so many changes and is younger than that.
    fn young(&self, than: Duration, changes: u64) -> Option<Arc<Kept>> {
        self.kept().filter(|kept| kept.is_younger(than, changes))
    }
    /// Something of ours changed: whoever asks next asks the records.
    pub(crate) fn doubt(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
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
        let keeper = &self.0.authority;
        // Whoever comes has to see what was changed until now, and no more: a reading that began after that will do.
        let came = keeper.changes.load(Ordering::SeqCst);
        if let Some(kept) = keeper.young(UNASKED, came) {
            return Ok(kept);
        }
        let _reading = match keeper.reading.try_lock() {
            Ok(reading) => reading,
            Err(_) => {
                if let Some(kept) = keeper.young(STILL_GOOD, came) {
                    return Ok(kept);
                }
                keeper.reading.lock().await
            }
        };
        // Somebody else may have read it while we waited.
        if let Some(kept) = keeper.young(UNASKED, came) {
            return Ok(kept);
        }
        let right = (keeper.changes.load(Ordering::SeqCst), Instant::now());
        let generation = self.0.store.authority_generation().await?;
        if let Some(kept) = keeper.kept().filter(|kept| kept.generation == generation) {
            *kept.right.lock().unwrap_or_else(PoisonError::into_inner) = right;
            return Ok(kept);
        }
        let (generation, facts) = self.0.store.authority().await?;
        let authority = tokio::task::spawn_blocking(move || Authority::new(facts));
        let authority = Arc::new(authority.await.map_err(crate::Error::internal)?);
        let kept = Kept { generation, authority, right: Mutex::new(right), rights: Mutex::default() };
        let kept = Arc::new(kept);
        *keeper.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&kept));
        Ok(kept)
    }
}
