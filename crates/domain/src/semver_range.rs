//! Ranges of versions as people write them (`>=1.2 <2`, `^1.2`, `~1.4`, `1.x`, `1.2 - 1.5`, `||` for "or"), turned into
//! spans of [`version_key`], so that SQL can walk an index.

mod comparator;
mod read;

use crate::versions::{is_release, version_key};
use comparator::Set;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest range, in bytes.
pub const MOST_BYTES: usize = 256;
/// The most alternatives, and the most conditions in each.
pub const MOST_PARTS: usize = 8;

/// In a span, the keys of releases ([`is_release`]) end so, and those of pre-releases do not: SQL need not keep which
/// is which, but asks `NOT releases_only OR substr(key, -1) = RELEASE_KEY_END`.
pub const RELEASE_KEY_END: &str = "2";

/// Why a text is no range of versions. The message is meant for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{0}")]
pub struct InvalidRange(pub String);

/// A range of versions. What a tag must look like to be a version, [`crate::versions`] says.
///
/// The words are npm's. Conditions beside each other, or with commas between, must all hold; `||` parts alternatives. A
/// version without operator means all that begin with it: `1.2` is `1.2.x`. A pre-release is in the range only if one
/// of the conditions that hold names a pre-release of the same three numbers: `>=1.2.0-rc.1` has `1.2.0-rc.2` and
/// `1.3.0`, but not `1.3.0-rc.1`. `3.12-slim` reads as a pre-release too.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Range {
    text: String,
    spans: Vec<Span>,
}

/// A span of keys: `from <= key AND key < before`, byte by byte (SQLite's `BINARY`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The lowest key in it.
    pub from: String,
    /// The lowest key after it.
    pub before: String,
    /// Do only releases count, and pre-releases that lie between them not? See [`RELEASE_KEY_END`].
    pub releases_only: bool,
}

impl Range {
    /// The range as it was written, spaces made single.
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// Spans of keys ([`version_key`]) that hold what is in the range, and nothing else. No tag is in two of them, so
    /// that a union needs no `DISTINCT`. Those of releases come first, each kind in rising order; none if nothing can match.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }
    /// Is `tag` a version in this range?
    pub fn matches(&self, tag: &str) -> bool {
        let Some(key) = version_key(tag) else { return false };
        let release = is_release(tag);
        self.spans.iter().any(|span| {
            let within = span.from.as_str() <= key.as_str() && key.as_str() < span.before.as_str();
            within && (release || !span.releases_only)
        })
    }
}

fn spans(sets: &[Set]) -> Vec<Span> {
    let (mut releases, mut all) = (Vec::new(), Vec::new());
    for set in sets {
        let whole = set.span();
        all.extend(set.prerelease_spans().filter_map(|span| intersection(&span, &whole)));
        releases.push(whole);
    }
    let mut spans = merged(releases);
    spans.extend(merged(all));
    spans
}

fn intersection(a: &Span, b: &Span) -> Option<Span> {
    let from = (&a.from).max(&b.from).clone();
    let before = (&a.before).min(&b.before).clone();
    (from < before).then_some(Span { from, before, releases_only: a.releases_only })
}

/// Spans of one kind, in order, those that touch made one and empty ones left out.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.from < span.before);
    spans.sort();
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.from <= last.before => last.before = last.before.clone().max(span.before),
            _ => merged.push(span),
        }
    }
    merged
}

impl FromStr for Range {
    type Err = InvalidRange;
    fn from_str(text: &str) -> Result<Self, InvalidRange> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let spans = spans(&read::range(&text)?);
        Ok(Self { text, spans })
    }
}
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}
impl TryFrom<String> for Range {
    type Error = InvalidRange;
    fn try_from(text: String) -> Result<Self, InvalidRange> {
        text.parse()
    }
}
impl From<Range> for String {
    fn from(range: Range) -> String {
        range.text
    }
}

#[cfg(test)]
mod tests;
