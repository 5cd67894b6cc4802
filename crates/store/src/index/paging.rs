//! Keyset paging: a place in a list is the sort value and name of a row, so that rows which come or go never shift it.
//! Rows without a value (not known yet) stand after all others, by name, whichever way the list is sorted.

use crate::Error;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// Which part of a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Seek {
    /// From the beginning.
    #[default]
    First,
    /// What follows the place that a page gave as `next`.
    After(String),
    /// What precedes the place that a page gave as `previous`.
    Before(String),
}

/// A page to be read: in which order, which part, how many rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing<S> {
    /// What it is sorted by.
    pub sort: S,
    /// From the greatest to the least.
    pub descending: bool,
    /// Which part.
    pub seek: Seek,
    /// Rows at most.
    pub limit: u32,
}

/// Part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// In the order of the list.
    pub rows: Vec<T>,
    /// For [`Seek::After`], if anything follows.
    pub next: Option<String>,
    /// For [`Seek::Before`], if anything precedes.
    pub previous: Option<String>,
}

/// How many there are, counted to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The number, or the bound.
    pub number: u64,
    /// Are there no more than that?
    pub exact: bool,
}

impl Count {
    pub(super) fn upto(cap: u32, counted: i64) -> Self {
        let cap = u64::from(cap);
        Self { number: counted.unsigned_abs().min(cap), exact: counted.unsigned_abs() <= cap }
    }
}

/// What a list is sorted by, of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Value {
    Missing,
    Number(i64),
    Text(String),
}

/// The statements of one sort: rows with a value upwards and downwards, rows without one upwards and downwards.
/// Each takes the value and the name it begins after, and a limit.
pub(super) struct Sort {
    /// In cursors, so that one of another sort is refused.
    pub(super) key: &'static str,
    pub(super) numbers: bool,
    pub(super) up: &'static str,
    pub(super) down: &'static str,
    pub(super) missing: Option<(&'static str, &'static str)>,
}

/// A row's place in a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Cursor {
    #[serde(rename = "s")]
    sort: String,
    #[serde(rename = "v")]
    value: Value,
    #[serde(rename = "n")]
    name: String,
}

/// One statement to run, from a place on.
pub(super) struct Step {
    pub(super) sql: &'static str,
    pub(super) value: Value,
    pub(super) name: String,
}

/// How a page is read: its steps in their order, as many as are needed to fill it.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    sort: String,
    backwards: bool,
    first: bool,
}

/// After every text there is.
const LAST: &str = "\u{10FFFF}";

impl Sort {
    /// The steps to a page.
    pub(super) fn plan(&self, descending: bool, seek: &Seek) -> Result<Plan, Error> {
        let sort = format!("{}{}", self.key, if descending { "-" } else { "+" });
        let (place, backwards) = match seek {
            Seek::First => (None, false),
            Seek::After(text) => (Some(Cursor::read(text, &sort, self.numbers)?), false),
            Seek::Before(text) => (Some(Cursor::read(text, &sort, self.numbers)?), true),
        };
        let valued_up = descending == backwards;
        let valued = || Step {
            sql: if valued_up { self.up } else { self.down },
            value: match (self.numbers, valued_up) {
                (true, true) => Value::Number(i64::MIN),
                (true, false) => Value::Number(i64::MAX),
                (false, true) => Value::Text(String::new()),
                (false, false) => Value::Text(LAST.to_owned()),
            },
            name: if valued_up { String::new() } else { LAST.to_owned() },
        };
        let missing = || {
            self.missing.map(|(up, down)| Step {
                sql: if backwards { down } else { up },
                value: Value::Missing,
                name: if backwards { LAST.to_owned() } else { String::new() },
            })
        };
        let mut steps: Vec<Step> = match (&place, backwards) {
            (Some(Cursor { value: Value::Missing, .. }), false) => missing().into_iter().collect(),
            (Some(Cursor { value: Value::Missing, .. }), true) => missing().into_iter().chain([valued()]).collect(),
            (_, true) => vec![valued()],
            (_, false) => [valued()].into_iter().chain(missing()).collect(),
        };
        let first = place.is_none();
        if let (Some(place), Some(step)) = (place, steps.first_mut()) {
            (step.value, step.name) = (place.value, place.name);
        }
        Ok(Plan { steps, sort, backwards, first })
    }
}

impl Plan {
    /// Makes the page of what the steps found: up to `limit` rows, and one more if there is more.
    pub(super) fn page<T>(&self, mut found: Vec<(Value, String, T)>, limit: u32) -> Page<T> {
        let limit = limit as usize;
        let more = found.len() > limit;
        found.truncate(limit);
        if self.backwards {
            found.reverse();
        }
        let place = |row: Option<&(Value, String, T)>| {
            row.map(|(value, name, _)| {
                Cursor { sort: self.sort.clone(), value: value.clone(), name: name.clone() }.write()
            })
        };
        let (at_first, at_last) = (place(found.first()), place(found.last()));
        let (next, previous) = if self.backwards {
            (at_last, at_first.filter(|_| more))
        } else {
            (at_last.filter(|_| more), at_first.filter(|_| !self.first))
        };
        Page { rows: found.into_iter().map(|(_, _, row)| row).collect(), next, previous }
    }
}

impl Cursor {
    fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
    fn read(text: &str, sort: &str, numbers: bool) -> Result<Self, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::Cursor)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| Error::Cursor)?;
        let fits = match cursor.value {
            Value::Missing => true,
            Value::Number(_) => numbers,
            Value::Text(_) => !numbers,
        };
        if cursor.sort == sort && fits { Ok(cursor) } else { Err(Error::Cursor) }
    }
}
