//! Forms that were tested or refused: kept in memory for a while, so that nothing typed is lost without WebAssembly.

use super::form::{ConnectionForm, Stored};
use crate::{Operations, setup::random_token};
use domain::{Actor, Id, Timestamp, probe::ProbeReport};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// A draft is kept this many seconds.
const LIFE: i64 = 15 * 60;
/// As many are kept; beyond, the oldest goes.
const MANY: usize = 200;

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
    pub fn keep_draft(&self, actor: &Actor, form: &ConnectionForm, report: Option<ProbeReport>) -> String {
        let Ok(id) = random_token() else { return String::new() };
        let form = self.complete(actor, form);
        let now = self.now();
        let mut drafts = self.0.drafts.0.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.retain(|_, kept| kept.at.plus_seconds(LIFE) > now);
        if drafts.len() >= MANY
            && let Some(oldest) = drafts.iter().min_by_key(|(_, kept)| kept.at).map(|(id, _)| id.clone())
        {
            drafts.remove(&oldest);
        }
        drafts.insert(id.clone(), Kept { owner: actor.id, at: now, form, report });
        id
    }

    /// The draft of this name, if it is one's own.
    pub fn draft(&self, actor: &Actor, id: &str) -> Option<Draft> {
        let now = self.now();
        let drafts = self.0.drafts.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = drafts.get(id).filter(|kept| kept.owner == actor.id && kept.at.plus_seconds(LIFE) > now)?;
        Some(Draft { form: kept.form.shown(), stored: kept.form.held(), report: kept.report.clone() })
    }

    /// The form with the secrets of the draft it came from.
    pub(super) fn complete(&self, actor: &Actor, form: &ConnectionForm) -> ConnectionForm {
        let drafts = self.0.drafts.0.lock().unwrap_or_else(PoisonError::into_inner);
        match drafts.get(&form.draft).filter(|kept| kept.owner == actor.id && kept.form.address == form.address) {
            Some(kept) => form.clone().with_secrets_of(&kept.form),
            None => form.clone(),
        }
    }
}
