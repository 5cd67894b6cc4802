//! Reads fields out of JSON that others wrote: what is missing or of the wrong type is absent, never an error.

use serde_json::{Map, Value};

/// More entries than this of one list are left out, and a note says so.
pub(crate) const MOST_ENTRIES: usize = 5_000;

pub(crate) type Object = Map<String, Value>;

pub(crate) fn text(object: &Object, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

pub(crate) fn object<'a>(parent: &'a Object, key: &str) -> Option<&'a Object> {
    parent.get(key).and_then(Value::as_object)
}

/// The list under `key`, cut to [`MOST_ENTRIES`].
pub(crate) fn list<'a>(parent: &'a Object, key: &str, notes: &mut Vec<String>) -> &'a [Value] {
    let whole = parent.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if whole.len() > MOST_ENTRIES {
        notes.push(format!("“{key}” has {} entries; only the first {MOST_ENTRIES} are read.", whole.len()));
        return &whole[..MOST_ENTRIES];
    }
    whole
}

/// A list of texts; a single text counts as a list of one, as very old builders wrote it.
pub(crate) fn texts(parent: &Object, key: &str, notes: &mut Vec<String>) -> Option<Vec<String>> {
    match parent.get(key) {
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(_)) => {
            Some(list(parent, key, notes).iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        _ => None,
    }
}

/// The pairs of an object of texts, in the order in which they are written. Other values are shown as JSON.
pub(crate) fn pairs(parent: &Object, key: &str, notes: &mut Vec<String>) -> Vec<(String, String)> {
    let Some(map) = object(parent, key) else { return Vec::new() };
    if map.len() > MOST_ENTRIES {
        notes.push(format!("“{key}” has {} entries; only the first {MOST_ENTRIES} are read.", map.len()));
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    map.iter().take(MOST_ENTRIES).map(|(name, value)| (name.clone(), text(value))).collect()
}

/// The keys of an object that stands for a set, as ports and volumes do.
pub(crate) fn keys(parent: &Object, key: &str, notes: &mut Vec<String>) -> Vec<String> {
    if parent.get(key).is_some_and(Value::is_array) {
        return texts(parent, key, notes).unwrap_or_default();
    }
    pairs(parent, key, notes).into_iter().map(|(name, _)| name).collect()
}
