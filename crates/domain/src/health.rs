//! Health of the content: what may be wrong with manifests, tags and repositories, why it matters and what to do.
//! Each check looks at facts that are given to it; which checks are switched on is a record elsewhere.

mod catalogue;
mod document;
mod secret_names;
mod set;
mod surroundings;

pub use catalogue::{About, Check, Level};
pub use document::{HUGE_LAYER_BYTES, MANY_LAYERS, checks_of_manifest};
pub use secret_names::looks_secret;
pub use set::CheckSet;
pub use surroundings::{
    OLD_TAG_SECONDS, Presence, RepositoryFacts, TagFacts, checks_of_presence, checks_of_repository, checks_of_tag,
    says_production,
};

use serde::{Deserialize, Serialize};

/// A check that found something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which one.
    pub check: Check,
    /// What it found, in a few words: a number, names. Foreign text in it is made visible and cut.
    pub detail: Option<String>,
}

impl Finding {
    fn plain(check: Check) -> Self {
        Self { check, detail: None }
    }
    fn with(check: Check, detail: impl Into<String>) -> Self {
        Self { check, detail: Some(detail.into()) }
    }
}

#[cfg(test)]
mod tests;
