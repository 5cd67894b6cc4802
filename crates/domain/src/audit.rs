//! The audit log's entries, and the hash chain that binds them.

use crate::{Id, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Which part of an act an entry records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Written before a change: it is about to be made.
    Opened,
    /// Written after a change: how it ended.
    Outcome,
    /// Something that happened or was refused, in one entry.
    Event,
    /// Entries that could not be written were lost here; the detail has their number.
    Gap,
}

impl Stage {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Outcome => "outcome",
            Self::Event => "event",
            Self::Gap => "gap",
        }
    }
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Not known yet, or never told: shown as "unknown".
    Unknown,
    /// Done.
    Done,
    /// Refused: the actor may not.
    Refused,
    /// Tried, and failed.
    Failed,
}

impl Outcome {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// What an entry says about an act: `act` on `target`, with what was there before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// `category.operation`, such as `registry.add`. A namespaced string, so that plugins can have their own.
    pub act: String,
    /// What was acted upon, such as `registry production`.
    pub target: String,
    /// The fields before a change, as JSON; never a secret.
    pub before: Option<serde_json::Value>,
    /// The fields after a change, as JSON; never a secret.
    pub after: Option<serde_json::Value>,
}

impl Act {
    /// An act without before and after.
    pub fn new(act: &str, target: impl Into<String>) -> Self {
        Self { act: act.to_owned(), target: target.into(), before: None, after: None }
    }
    /// With the fields before.
    #[must_use]
    pub fn before(mut self, value: serde_json::Value) -> Self {
        self.before = Some(value);
        self
    }
    /// With the fields after.
    #[must_use]
    pub fn after(mut self, value: serde_json::Value) -> Self {
        self.after = Some(value);
        self
    }
}

/// The part of an entry that the chain covers, in the order in which it is hashed. Personal data (name, address,
/// agent) stands beside the chain; `personal` is its salted hash, so that erasing a person leaves the chain whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chained {
    /// Which chain; one per installation.
    pub chain_id: String,
    /// The entry's place in it, from 1 without gaps.
    pub sequence: Id,
    /// When.
    pub at: Timestamp,
    /// Opened, outcome, event or gap.
    pub stage: Stage,
    /// The opened entry an outcome belongs to.
    pub opened: Option<Id>,
    /// The actor's kind.
    pub actor_kind: String,
    /// The actor's id.
    pub actor_id: Id,
    /// How the actor proved who it is.
    pub via: String,
    /// Salted SHA-256 of the personal data, in hex.
    pub personal: String,
    /// The request's id.
    pub request_id: String,
    /// `category.operation`.
    pub act: String,
    /// What was acted upon.
    pub target: String,
    /// The registry it concerned.
    pub registry_id: Option<Id>,
    /// The repository it concerned.
    pub repository: Option<String>,
    /// Before, as JSON text.
    pub before: Option<String>,
    /// After, as JSON text.
    pub after: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, where it did not end well.
    pub detail: Option<String>,
}

impl Chained {
    /// The hash of this entry after `previous` (both SHA-256 in hex; the first entry follows 64 zeros).
    pub fn hash(&self, previous: &str) -> String {
        let mut sum = Sha256::new();
        sum.update(previous.as_bytes());
        sum.update(serde_json::to_vec(self).unwrap_or_default());
        hex::encode(sum.finalize())
    }
}

/// What the first entry of a chain follows.
pub const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The salted hash of an actor's personal data, in hex.
pub fn personal(salt: &[u8], name: &str, address: &str, agent: &str) -> String {
    let mut sum = Sha256::new();
    sum.update(salt);
    for part in [name, address, agent] {
        sum.update((part.len() as u64).to_be_bytes());
        sum.update(part.as_bytes());
    }
    hex::encode(sum.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Chained {
        Chained {
            chain_id: "c".to_owned(),
            sequence: 1,
            at: Timestamp(5),
            stage: Stage::Opened,
            opened: None,
            actor_kind: "person".to_owned(),
            actor_id: 7,
            via: "session".to_owned(),
            personal: personal(b"salt", "ada", "192.0.2.1", "curl"),
            request_id: "r".to_owned(),
            act: "registry.add".to_owned(),
            target: "registry production".to_owned(),
            registry_id: Some(1),
            repository: None,
            before: None,
            after: Some("{}".to_owned()),
            outcome: Outcome::Unknown,
            detail: None,
        }
    }

    #[test]
    fn the_hash_covers_every_field_and_the_one_before() {
        let hash = entry().hash(FIRST);
        assert_eq!(hash.len(), FIRST.len());
        assert_eq!(entry().hash(FIRST), hash);
        assert_ne!(entry().hash(&hash), hash);
        let original = serde_json::to_value(entry()).expect("JSON");
        for key in original.as_object().expect("an object").keys() {
            let mut changed = original.clone();
            changed[key] = match &original[key] {
                serde_json::Value::Number(n) => (n.as_i64().expect("a number") + 1).into(),
                _ if key == "stage" => "outcome".into(),
                _ if key == "outcome" => "done".into(),
                _ if key == "opened" => 9.into(),
                _ => "other".into(),
            };
            let changed: Chained = serde_json::from_value(changed).expect("an entry");
            assert_ne!(changed.hash(FIRST), hash, "{key} is not covered");
        }
    }

    #[test]
    fn personal_data_can_not_be_shifted_between_fields() {
        assert_ne!(personal(b"s", "ab", "c", ""), personal(b"s", "a", "bc", ""));
        assert_ne!(personal(b"s", "a", "b", "c"), personal(b"t", "a", "b", "c"));
    }
}
