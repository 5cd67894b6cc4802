//! Keyset paging: a place in a list is the sort value and name of a row, so that rows which come or go never shift it.
//! Rows without a value (not known yet) stand after all others, by name, whichever way the list is sorted.

use crate::Error;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sqlx::{
    Arguments as _, Row as _,
    sqlite::{SqliteArguments, SqliteRow},
};

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
    /// Were so many candidates looked at that the page was given up before it was full? There may be more, beyond `next`
    /// (or `previous`, on the way back).
    pub cut: bool,
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
    /// A number that is kept, and need not be counted.
    pub(super) fn kept(number: u64) -> Self {
        Self { number, exact: true }
    }
}

/// What a list is sorted by, of one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Value {
    Missing,
    Number(i64),
    Text(String),
}

impl Value {
    /// What a row is sorted by, in its column `sort_value`.
    pub(super) fn of(row: &SqliteRow, number: bool) -> Result<Self, Error> {
        if number {
            let number: Option<i64> = row.try_get("sort_value")?;
            return Ok(number.map_or(Self::Missing, Self::Number));
        }
        let text: Option<String> = row.try_get("sort_value")?;
        Ok(text.map_or(Self::Missing, Self::Text))
    }
    /// Appends it to a statement's arguments.
    pub(super) fn add_to(&self, arguments: &mut SqliteArguments) -> Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Missing => arguments.add(None::<i64>),
            Self::Number(number) => arguments.add(number),
            Self::Text(text) => arguments.add(text),
        }
    }
}

/// A row's place in a list: what it is sorted by, its name, and what else tells it from rows of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) value: Value,
    pub(super) name: String,
    pub(super) ids: Vec<i64>,
}

impl Place {
    pub(super) fn new(value: Value, name: impl Into<String>) -> Self {
        Self { value, name: name.into(), ids: Vec::new() }
    }
}

/// The values that a list is narrowed to: numbers with both ends, texts without the higher one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) low: Option<Value>,
    pub(super) high: Option<Value>,
}

/// The statements of one sort: rows with a value upwards and downwards, rows without one upwards and downwards.
/// Each takes the value and the name it begins after, the value at which it ends, and a limit.
pub(super) struct Sort {
    /// In cursors, so that one of another sort is refused.
    pub(super) key: &'static str,
    pub(super) numbers: bool,
    pub(super) up: &'static str,
    pub(super) down: &'static str,
    pub(super) missing: Option<(&'static str, &'static str)>,
}

impl Sort {
    /// By what `key` names: the statements upwards and downwards, and those for rows without a value.
    pub(super) fn by(key: &'static str, numbers: bool, [up, down]: Ways, missing: Option<Ways>) -> Self {
        Self { key, numbers, up, down, missing: missing.map(|[up, down]| (up, down)) }
    }
}

/// A statement upwards, and the same downwards.
pub(super) type Ways = [&'static str; 2];

/// A place as it stands in an address.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Cursor {
    #[serde(rename = "s")]
    sort: String,
    #[serde(rename = "v")]
    value: Value,
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "i", default, skip_serializing_if = "Vec::is_empty")]
    ids: Vec<i64>,
}

/// One statement to run, from a place on, to a value.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) sql: &'static str,
    pub(super) from: Place,
    pub(super) to: Value,
}

/// How a page is read: its steps in their order, as many as are needed to fill it.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) way: Way,
}

/// Which way a list is read, and where from.
pub(super) struct Way {
    sort: String,
    /// Do the values rise as one reads on?
    pub(super) upwards: bool,
    pub(super) backwards: bool,
    pub(super) place: Option<Place>,
}

/// After every text there is.
pub(super) const LAST: &str = "\u{10FFFF}";

impl Sort {
    /// The steps to a page of rows whose values lie in these stretches, which rise and don't meet; none: whatever the value.
    pub(super) fn plan(&self, descending: bool, seek: &Seek, within: Option<&[Stretch]>) -> Result<Plan, Error> {
        let fits = |value: &Value| match value {
            Value::Missing => self.missing.is_some(),
            Value::Number(_) => self.numbers,
            Value::Text(_) => !self.numbers,
        };
        let way = Way::new(self.key, descending, seek, fits)?;
        let mut steps = self.valued(&way, within);
        if within.is_none()
            && let Some((up, down)) = self.missing
        {
            let (sql, name) = if way.backwards { (down, LAST) } else { (up, "") };
            let missing = Step { sql, from: Place::new(Value::Missing, name), to: Value::Missing };
            let at = if way.backwards { 0 } else { steps.len() };
            steps.insert(at, missing);
        }
        if let Some(place) = &way.place {
            let is_missing = place.value == Value::Missing;
            let beside = |step: &Step| (step.from.value == Value::Missing) == is_missing;
            // Rows without a value come after the others, and before them on the way back.
            steps.retain(|step| beside(step) || is_missing == way.backwards);
            for step in steps.iter_mut().filter(|step| beside(step)) {
                step.begin_at(place, way.upwards);
            }
        }
        Ok(Plan { steps, way })
    }

    /// The steps over rows with a value, in the order of reading.
    fn valued(&self, way: &Way, within: Option<&[Stretch]>) -> Vec<Step> {
        let (least, most, last) = if self.numbers {
            (Value::Number(i64::MIN), Value::Number(i64::MAX), LAST)
        } else {
            (Value::Text(String::new()), Value::Text(LAST.to_owned()), "")
        };
        let step = |stretch: &Stretch| {
            let low = stretch.low.clone().unwrap_or_else(|| least.clone());
            let high = stretch.high.clone().unwrap_or_else(|| most.clone());
            if way.upwards {
                Step { sql: self.up, from: Place::new(low, ""), to: high }
            } else {
                Step { sql: self.down, from: Place::new(high, last), to: low }
            }
        };
        let mut steps: Vec<Step> = within.unwrap_or(&[Stretch::default()]).iter().map(step).collect();
        if !way.upwards {
            steps.reverse();
        }
        steps
    }
}

impl Step {
    /// Moves the beginning to a place, if that lies further on the way.
    fn begin_at(&mut self, place: &Place, upwards: bool) {
        let own = (&self.from.value, &self.from.name);
        let other = (&place.value, &place.name);
        if self.from.value == Value::Missing || if upwards { other > own } else { other < own } {
            self.from = place.clone();
        }
    }
}

impl Way {
    pub(super) fn new(key: &str, descending: bool, seek: &Seek, fits: impl Fn(&Value) -> bool) -> Result<Self, Error> {
        let sort = format!("{key}{}", if descending { "-" } else { "+" });
        let (place, backwards) = match seek {
            Seek::First => (None, false),
            Seek::After(text) => (Some(Cursor::read(text, &sort, fits)?), false),
            Seek::Before(text) => (Some(Cursor::read(text, &sort, fits)?), true),
        };
        Ok(Self { sort, upwards: descending == backwards, backwards, place })
    }

    /// Makes the page of what was found: up to `limit` rows, and one more if there is more. `stopped` is where the looking
    /// was given up before that.
    pub(super) fn page<T>(&self, mut found: Vec<(Place, T)>, limit: u32, stopped: Option<Place>) -> Page<T> {
        let limit = limit as usize;
        let more = found.len() > limit;
        found.truncate(limit);
        let write = |place: &Place| self.cursor(place);
        let near = found.first().map(|row| write(&row.0));
        let far = found.last().map(|row| write(&row.0));
        let cut = !more && stopped.is_some();
        let onwards = if cut { stopped.as_ref().map(write) } else { far.filter(|_| more) };
        let behind = near.filter(|_| self.place.is_some());
        let (next, previous) = if self.backwards { (behind, onwards) } else { (onwards, behind) };
        if self.backwards {
            found.reverse();
        }
        Page { rows: found.into_iter().map(|(_, row)| row).collect(), next, previous, cut }
    }

    fn cursor(&self, place: &Place) -> String {
        let Place { value, name, ids } = place.clone();
        let cursor = Cursor { sort: self.sort.clone(), value, name, ids };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
    }
}

impl Cursor {
    fn read(text: &str, sort: &str, fits: impl Fn(&Value) -> bool) -> Result<Place, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::Cursor)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| Error::Cursor)?;
        let place = Place { value: cursor.value, name: cursor.name, ids: cursor.ids };
        if cursor.sort == sort && fits(&place.value) { Ok(place) } else { Err(Error::Cursor) }
    }
}
