//! The TOML file: flat, the keys are the flags' names.

use super::Wrong;
use std::{collections::BTreeMap, path::Path};
use toml::Value;

/// Reads `path`; a key that is none of `names` is an error, since a mistyped one would silently do nothing.
pub(super) fn read(path: &Path, names: &[&'static str]) -> Result<BTreeMap<String, Vec<String>>, Wrong> {
    let at = path.display();
    let text =
        std::fs::read_to_string(path).map_err(|error| Wrong(format!("--config: {at} can't be read ({error}).")))?;
    // The parser's own message quotes the line, which may hold anything; line and column are enough.
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        Wrong(format!("--config: line {line} of {at} is not TOML."))
    })?;
    table
        .into_iter()
        .map(|(name, value)| {
            if !names.contains(&name.as_str()) {
                return Err(Wrong(format!("{at} has a setting {name:?}, which does not exist.")));
            }
            let texts = match value {
                Value::Array(items) => items.into_iter().map(scalar).collect::<Option<Vec<_>>>(),
                other => scalar(other).map(|text| vec![text]),
            };
            let texts =
                texts.ok_or_else(|| Wrong(format!("{name} in {at} is not a text, a number or a list of texts.")))?;
            Ok((name, texts))
        })
        .collect()
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(switch) => Some(switch.to_string()),
        _ => None,
    }
}
