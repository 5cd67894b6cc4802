//! Does a registry really take this program's tokens, and only these? What was seen becomes lines with what to do.

mod judge;

pub use judge::{bundle, judge};

use crate::{Timestamp, probe::Tone};
use serde::{Deserialize, Serialize};

/// What a registry said to one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// It let the request through (also to where nothing is).
    In,
    /// It refused it.
    Out,
    /// Neither can be told; what came back.
    Unclear(String),
}

/// What a registry asks strangers for at `/v2/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Challenge {
    /// For nothing: everybody is let in.
    Nothing,
    /// For tokens.
    Bearer {
        /// Where they are to be had.
        realm: String,
        /// What they are to be for.
        service: String,
    },
    /// For something else: the ways it names.
    Other(Vec<String>),
}

/// What a registry was seen to know of the key that will sign next. It reads its bundle when it starts, and says nothing of
/// it: whether the key is in there shows by what it does with a token that this key signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bundle {
    /// It takes what the next key signs: its bundle is the present one.
    Current,
    /// It does not, though it takes what is signed now or should: it has an old bundle.
    Old,
    /// It does not use this token server.
    Unused,
    /// It can't be told.
    #[default]
    Unclear,
}

impl Bundle {
    /// The word in the records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Old => "old",
            Self::Unused => "unused",
            Self::Unclear => "unclear",
        }
    }
    /// Reads that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Current, Self::Old, Self::Unused, Self::Unclear].into_iter().find(|one| one.as_str() == word)
    }
}

/// What the registry was seen doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What it asks strangers for.
    pub challenge: Challenge,
    /// How far its clock is ahead of ours, in seconds.
    pub clock_ahead: Option<i64>,
    /// To a token of ours for nothing, at `/v2/`.
    pub own_token: Said,
    /// To a token of ours for one repository, there.
    pub own_pull: Said,
    /// To the same token at another repository.
    pub other_repository: Said,
    /// To what a key signed that it can't know.
    pub other_key: Said,
    /// To a token for another registry.
    pub other_service: Said,
    /// To a token whose time is over.
    pub expired: Said,
    /// To a token that the key signed which will sign next; nothing where no such key can be read.
    pub next_key: Option<Said>,
    /// To a stranger who asks for the list of repositories.
    pub strangers_catalogue: Said,
    /// To a stranger who asks for the tags of a repository.
    pub strangers_pull: Said,
}

/// What is to be compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four things that are so or not")]
pub struct Ours {
    /// Where our tokens are to be had.
    pub realm: String,
    /// What this registry's tokens are for.
    pub service: String,
    /// Is the way to the registry without TLS?
    pub plain_registry: bool,
    /// Does the dashboard itself come with such tokens?
    pub signs_in_so: bool,
    /// Do our own grants let strangers pull something there?
    pub grants_strangers_pull: bool,
    /// Do our own grants let strangers read the list of repositories?
    pub grants_strangers_catalogue: bool,
}

/// What a line is about, in the order in which they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Whether it could be asked at all.
    Registry,
    /// What it asks strangers for.
    Challenge,
    /// Where it sends clients.
    Realm,
    /// What it wants tokens to be for.
    Service,
    /// Tokens of ours.
    Tokens,
    /// What a token allows.
    Scope,
    /// Tokens of other keys, for other registries, of former times.
    Forgeries,
    /// Whether it knows the key that will sign next.
    NextKey,
    /// What strangers can do at the registry.
    Strangers,
    /// The list of repositories.
    Catalogue,
    /// What strangers get tokens for from us.
    Grants,
    /// TLS on both ways.
    Transport,
    /// The clocks.
    Clock,
    /// How the dashboard itself signs in.
    Dashboard,
}

impl About {
    /// The word a line begins with.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registry => "Registry",
            Self::Challenge => "Challenge",
            Self::Realm => "Realm",
            Self::Service => "Service",
            Self::Tokens => "Tokens",
            Self::Scope => "Scope",
            Self::Forgeries => "Forged tokens",
            Self::NextKey => "Next key",
            Self::Strangers => "Strangers",
            Self::Catalogue => "Catalogue",
            Self::Grants => "Grants",
            Self::Transport => "TLS",
            Self::Clock => "Clock",
            Self::Dashboard => "Dashboard",
        }
    }
    /// Is the registry not using our tokens at all where this is amiss?
    fn is_vital(self) -> bool {
        matches!(self, Self::Registry | Self::Challenge | Self::Realm | Self::Service | Self::Tokens)
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is about.
    pub about: About,
    /// How good or bad it is.
    pub tone: Tone,
    /// What was seen.
    pub seen: String,
    /// What to do, where there is something to do.
    pub to_do: Option<String>,
}

impl Line {
    /// A line with nothing to do.
    pub fn new(about: About, tone: Tone, seen: impl Into<String>) -> Self {
        Self { about, tone, seen: seen.into(), to_do: None }
    }
    /// With what to do.
    #[must_use]
    pub fn to_do(mut self, sentence: impl Into<String>) -> Self {
        self.to_do = Some(sentence.into());
        self
    }
}

/// What a check found, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCheck {
    /// When it was made.
    pub at: Timestamp,
    /// What was looked at, in order.
    pub lines: Vec<Line>,
}

impl TokenCheck {
    /// The answer in one sentence.
    pub fn verdict(&self) -> (Tone, &'static str) {
        let amiss = |line: &&Line| matches!(line.tone, Tone::Danger);
        if self.lines.iter().filter(amiss).any(|line| line.about.is_vital()) {
            (Tone::Danger, "The registry does not use this token server.")
        } else if self.lines.iter().any(|line| amiss(&line)) {
            (Tone::Danger, "The registry uses this token server, and can be got around.")
        } else if self.lines.iter().any(|line| line.tone == Tone::Warn) {
            (Tone::Warn, "The registry uses this token server. Something is still open.")
        } else {
            (Tone::Good, "The registry uses this token server.")
        }
    }
}

#[cfg(test)]
mod tests;
