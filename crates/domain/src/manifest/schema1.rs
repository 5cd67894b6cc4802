//! Docker's schema 1: enough of it to say what it is and what it holds.

use crate::config::Config;
use crate::{Digest, Timestamp, json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A manifest of schema 1. It tells no sizes; new clients can't pull it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema1 {
    /// Its media type.
    pub media_type: String,
    /// The repository's name, as it was when it was pushed.
    pub name: Option<String>,
    /// The tag it was pushed under.
    pub tag: Option<String>,
    /// The architecture it was made for.
    pub architecture: Option<String>,
    /// The layers, base first.
    pub layers: Vec<Digest>,
    /// The configuration, which schema 1 carries inside.
    pub config: Option<Config>,
    /// What was odd about it, in sentences.
    pub notes: Vec<String>,
}

impl Schema1 {
    pub(super) fn read(object: &json::Object, media_type: &str) -> Self {
        let mut notes = Vec::new();
        let sums = json::list(object, "fsLayers", &mut notes).iter();
        let sums = sums.filter_map(|layer| layer.as_object().and_then(|layer| json::text(layer, "blobSum")));
        let mut layers: Vec<Digest> = sums.filter_map(|sum| sum.parse().ok()).collect();
        // Schema 1 lists the newest layer first.
        layers.reverse();
        let entries: Vec<Value> = json::list(object, "history", &mut notes)
            .iter()
            .filter_map(|entry| entry.get("v1Compatibility").and_then(Value::as_str))
            .filter_map(|text| serde_json::from_str(text).ok())
            .collect();
        let config = entries.first().and_then(Value::as_object).map(|newest| {
            let mut config = Config::read(newest);
            config.history = entries.iter().rev().filter_map(Value::as_object).map(crate::config::v1_history).collect();
            config
        });
        notes.push("New clients can't pull schema 1. Push the image again with a client of today.".to_owned());
        Self {
            media_type: media_type.to_owned(),
            name: json::text(object, "name"),
            tag: json::text(object, "tag"),
            architecture: json::text(object, "architecture"),
            layers,
            config,
            notes,
        }
    }
    /// When it was built, as it says itself.
    pub fn created(&self) -> Option<Timestamp> {
        self.config.as_ref().and_then(|config| config.created)
    }
}
