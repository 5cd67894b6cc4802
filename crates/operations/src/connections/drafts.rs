//! Forms that were tested or refused: kept in memory for a while, so that nothing typed is lost without WebAssembly.

use super::form::{ConnectionForm, Stored};
use crate::{Operations, Result, setup::random_token};
use domain::{Actor, Id, Timestamp, probe::ProbeReport};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// A draft is kept this many seconds.
const LIFE: i64 = 15 * 60;
/// As many are kept; beyond, the oldest goes.
const MANY: usize = 200;
/// As many of one person.
const EACH: usize = 5;

/// What was typed and tested, but not saved.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What was typed, without secrets.
    pub form: ConnectionForm,
    /// The secrets that are kept with it, or stored with the registry.
    pub stored: Stored,
    /// What a test found.
    pub report: Option<ProbeReport>,
}

struct Kept {
    owner: Id,
    at: Timestamp,
    form: ConnectionForm,
    report: Option<ProbeReport>,
}

/// The drafts of all people.
#[derive(Default)]
pub(crate) struct Drafts(Mutex<HashMap<String, Kept>>);

impl Operations {
    /// Keeps what was typed, and gives it a name.
    pub fn keep_draft(&self, actor: &Actor, form: &ConnectionForm, report: Option<ProbeReport>) -> Result<String> {
        self.may_manage(actor, None)?;
        let id = random_token()?;
        let form = ConnectionForm { docker_config: String::new(), ..self.complete(actor, form) };
        let now = self.now();
        let mut drafts = self.0.drafts.0.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.retain(|_, kept| kept.at.plus_seconds(LIFE) > now);
        make_room(&mut drafts, EACH, |kept| kept.owner == actor.id);
        make_room(&mut drafts, MANY, |_| true);
        drafts.insert(id.clone(), Kept { owner: actor.id, at: now, form, report });
        Ok(id)
    }

    /// The draft of this name, if it is one's own.
    pub fn draft(&self, actor: &Actor, id: &str) -> Result<Option<Draft>> {
        self.may_manage(actor, None)?;
        let now = self.now();
        let drafts = self.0.drafts.0.lock().unwrap_or_else(PoisonError::into_inner);
        let draft =
            |kept: &Kept| Draft { form: kept.form.shown(), stored: kept.form.held(), report: kept.report.clone() };
        Ok(drafts.get(id).filter(|kept| kept.is_of(actor, now)).map(draft))
    }

    /// The form with the secrets of the draft it came from, as long as they would go to the same end on the same way.
    pub(super) fn complete(&self, actor: &Actor, form: &ConnectionForm) -> ConnectionForm {
        let now = self.now();
        let drafts = self.0.drafts.0.lock().unwrap_or_else(PoisonError::into_inner);
        match drafts.get(&form.draft).filter(|kept| kept.is_of(actor, now) && kept.form.goes_the_way_of(form)) {
            Some(kept) => form.clone().with_secrets_of(&kept.form),
            None => form.clone(),
        }
    }

    /// Forgets the draft of this name: what was in it is saved.
    pub(super) fn forget_draft(&self, actor: &Actor, id: &str) {
        let mut drafts = self.0.drafts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if drafts.get(id).is_some_and(|kept| kept.owner == actor.id) {
            drafts.remove(id);
        }
    }
}

impl Kept {
    fn is_of(&self, actor: &Actor, now: Timestamp) -> bool {
        self.owner == actor.id && self.at.plus_seconds(LIFE) > now
    }
}

/// Removes the oldest of those `of` picks, until one more makes no more than `most`.
fn make_room(drafts: &mut HashMap<String, Kept>, most: usize, of: impl Fn(&Kept) -> bool) {
    let mut found: Vec<(Timestamp, String)> =
        drafts.iter().filter(|(_, kept)| of(kept)).map(|(id, kept)| (kept.at, id.clone())).collect();
    found.sort_unstable();
    for (_, id) in found.iter().take((found.len() + 1).saturating_sub(most)) {
        drafts.remove(id);
    }
}
