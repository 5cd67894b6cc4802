//! The filters of lists of tags, manifests and repositories, as they stand in URLs and in the API. All that are set
//! must hold; each is read from text, and all that is wrong comes back at once.

mod measures;
mod pairs;
mod read;

pub use measures::{Age, Size};
pub use pairs::Chip;
pub use read::Filters;

use crate::{
    InvalidName,
    health::{About, Check},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Names of the fields, in the order in which they are written.
pub mod field {
    /// Part of the name, or a pattern with `*` and `?`.
    pub const NAME: &str = "q";
    /// A range of versions, see [`crate::semver_range`].
    pub const VERSION: &str = "version";
    /// The word of a [`crate::Kind`].
    pub const KIND: &str = "kind";
    /// Such as `linux/amd64`.
    pub const PLATFORM: &str = "platform";
    /// Built longer ago than this: `30d`.
    pub const OLDER: &str = "older";
    /// Built less long ago than this.
    pub const NEWER: &str = "newer";
    /// A pull moves more than this: `100MB`.
    pub const LARGER: &str = "larger";
    /// A pull moves less than this.
    pub const SMALLER: &str = "smaller";
    /// `key` or `key=value`; may stand several times.
    pub const LABEL: &str = "label";
    /// `yes` or `no`.
    pub const TAGGED: &str = "tagged";
    /// `shown` or `only`; left out if not told.
    pub const REFERRERS: &str = "referrers";
    /// The name of a [`crate::health::Check`].
    pub const CHECK: &str = "check";
    /// Every field, in the order in which they are written.
    pub const ALL: &[&str] =
        &[NAME, VERSION, KIND, PLATFORM, OLDER, NEWER, LARGER, SMALLER, LABEL, TAGGED, REFERRERS, CHECK];
}

/// Which list a filter is for: not every field makes sense for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum List {
    /// Tags, of one repository or of all.
    Tags,
    /// Manifests of a repository, tagged or not.
    Manifests,
    /// Repositories: each by its name, its newest build, the bytes it holds, and what was found in it.
    Repositories,
}

impl List {
    /// May this list be filtered by this field?
    pub fn offers(self, name: &str) -> bool {
        match self {
            Self::Tags => name != field::TAGGED && field::ALL.contains(&name),
            Self::Manifests => name != field::VERSION && field::ALL.contains(&name),
            Self::Repositories => matches!(
                name,
                field::NAME
                    | field::OLDER
                    | field::NEWER
                    | field::LARGER
                    | field::SMALLER
                    | field::TAGGED
                    | field::CHECK
            ),
        }
    }
    /// Does this check find something in what the list shows? Some look at content, others at repositories as a whole.
    pub fn finds(self, check: Check) -> bool {
        let whole = matches!(check.about(), About::Repository | About::Tag);
        whole == (self == Self::Repositories)
    }
    fn plural(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Manifests => "manifests",
            Self::Repositories => "repositories",
        }
    }
    fn noun(self) -> &'static str {
        match self {
            Self::Tags => "Tags",
            Self::Manifests => "Manifests",
            Self::Repositories => "Repositories",
        }
    }
}

/// Are signatures, SBOMs and whatever else refers to a manifest in the list?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Referrers {
    /// Left out.
    #[default]
    Hidden,
    /// Among the others.
    Shown,
    /// Nothing else.
    Only,
}

impl Referrers {
    /// The word in URLs; nothing for what is usual.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "",
            Self::Shown => "shown",
            Self::Only => "only",
        }
    }
}

/// A label that must be there, with this value or with any.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LabelFilter {
    /// Its key; has no `=`.
    pub key: String,
    /// Its whole value, as the index keeps it; any if none.
    pub value: Option<String>,
}

impl FromStr for LabelFilter {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let bad = |why: &str| Err(InvalidName(why.to_owned()));
        let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value.trim())));
        let key = key.trim();
        match () {
            () if key.is_empty() => bad("Enter a label's key, or key=value."),
            () if key.len() > crate::content_facts::KEY_BYTES => bad("A label's key has at most 256 bytes."),
            () if value.is_some_and(|value| value.len() > crate::content_facts::VALUE_BYTES) => {
                bad("A label's value has at most 1,024 bytes.")
            }
            () if text.chars().any(crate::text::is_hidden) => bad("A label has no control characters."),
            () => Ok(Self { key: key.to_owned(), value: value.map(str::to_owned) }),
        }
    }
}

impl fmt::Display for LabelFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        self.value.as_ref().map_or(Ok(()), |value| write!(f, "={value}"))
    }
}
impl TryFrom<String> for LabelFilter {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}
impl From<LabelFilter> for String {
    fn from(label: LabelFilter) -> String {
        label.to_string()
    }
}

#[cfg(test)]
mod tests;
