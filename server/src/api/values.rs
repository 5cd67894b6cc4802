//! Values that many answers share: times, names in paths, counts, what could not be read.

use super::problem::Problem;
use domain::{Id, Permission, RepositoryName, Timestamp, probe::Tone};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// A moment in UTC, to the second (RFC 3339).
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-21T09:31:08Z")]
pub struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.rfc3339())
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// A registry in the path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct InRegistry {
    /// The name of the registry here.
    #[param(example = "demo", min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    pub registry: String,
}

/// A repository in the path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct InRepository {
    /// The name of the registry here.
    #[param(example = "demo", min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    pub registry: String,
    /// The name of the repository, with `~` for each `/`: `team~api` (or `team%2Fapi`).
    #[param(
        example = "storefront~web",
        min_length = 1,
        max_length = 255,
        pattern = "^[a-z0-9]([a-z0-9._~-]*[a-z0-9])?$"
    )]
    pub repository: String,
}

/// A repository's name from its segment.
pub fn repository(segment: &str) -> Result<RepositoryName, Problem> {
    Ok(segment.replace('~', "/").parse()?)
}

/// How many there are.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Count {
    /// The number, or how far was counted.
    pub number: u64,
    /// Are there no more than that?
    pub exact: bool,
}

impl From<store::index::Count> for Count {
    fn from(count: store::index::Count) -> Self {
        Self { number: count.number, exact: count.exact }
    }
}

/// How something is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Health {
    /// How good or bad it is.
    pub tone: HealthTone,
    /// In words.
    pub words: String,
}

/// How good or bad something is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HealthTone {
    /// Fine.
    Good,
    /// Neither: not asked, not offered.
    Idle,
    /// Worth a look.
    Warn,
    /// Lost, refused or down.
    Danger,
}

impl From<Tone> for HealthTone {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Good => Self::Good,
            Tone::Idle => Self::Idle,
            Tone::Warn => Self::Warn,
            Tone::Danger => Self::Danger,
        }
    }
}

impl From<(Tone, String)> for Health {
    fn from((tone, words): (Tone, String)) -> Self {
        Self { tone: tone.into(), words }
    }
}

/// What stopped a part of an answer; the rest is there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trouble {
    /// What happened and what to do.
    pub message: String,
    /// What was tried and what came back, line by line.
    pub tried: Vec<String>,
}

impl From<operations::images::Trouble> for Trouble {
    fn from(trouble: operations::images::Trouble) -> Self {
        Self { message: trouble.message, tried: trouble.tried }
    }
}

impl From<operations::tags::Trouble> for Trouble {
    fn from(trouble: operations::tags::Trouble) -> Self {
        Self { message: trouble.message, tried: trouble.tried }
    }
}

/// Names and values in their order become one object; of a name that stands twice the last value counts.
pub fn pairs(all: &[(String, String)]) -> BTreeMap<String, String> {
    all.iter().cloned().collect()
}

/// The names of all permissions, for the document.
pub fn permission_names() -> Vec<&'static str> {
    Permission::ALL.iter().map(|permission| permission.as_str()).collect()
}

/// The place behind a row of the list `of` whose number is `id`, as a cursor that says nothing to others.
pub fn cursor(of: &str, id: Id) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, format!("{of} {id}"))
}

/// Reads what [`cursor`] wrote.
pub fn read_cursor(of: &str, text: &str) -> Result<Id, Problem> {
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let id = text.as_deref().and_then(|text| text.strip_prefix(of)?.strip_prefix(' ')?.parse().ok());
    id.ok_or_else(|| Problem::malformed("cursor", "This cursor was not made for this list. Begin without one."))
}

/// The number of rows that was asked for, as far as there may be so many.
pub fn limit(rows: Option<u16>) -> Result<Option<u32>, Problem> {
    match rows {
        Some(rows) if !(1..=500).contains(&rows) => Err(Problem::malformed("limit", "A page has 1 to 500 rows.")),
        rows => Ok(rows.map(u32::from)),
    }
}

/// Is a parameter no longer than the document says, in characters?
pub fn bounded(name: &str, text: &str, most: usize) -> Result<(), Problem> {
    let fits = text.chars().count() <= most;
    fits.then_some(()).ok_or_else(|| Problem::malformed(name, format!("{name} has at most {most} characters.")))
}
