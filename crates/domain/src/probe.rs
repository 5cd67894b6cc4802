//! What a registry was found able to do: findings with what they mean here and what would mend them.

mod drift;

pub use drift::{Drift, drift};

use crate::Timestamp;
use crate::commands::Snippet;
use serde::{Deserialize, Serialize};

/// What a finding is about, in the order in which they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Does the name resolve, and to what?
    Dns,
    /// Does a connection open, and how fast?
    Connection,
    /// Issuer, names and days left of the certificate.
    Tls,
    /// What `/v2/` answers.
    Protocol,
    /// Are our credentials accepted?
    Credentials,
    /// May repositories be listed?
    Catalogue,
    /// How tags are paged.
    TagPaging,
    /// Can it delete?
    Deleting,
    /// Does it offer the referrers API?
    Referrers,
    /// How far its clock is from ours.
    Clock,
    /// Headers that limit how often one may ask.
    RateLimit,
    /// Server and version, where told.
    Software,
    /// What can't be seen from outside.
    Unseen,
}

impl Topic {
    /// The word a finding begins with.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dns => "Name",
            Self::Connection => "Connection",
            Self::Tls => "TLS",
            Self::Protocol => "Protocol",
            Self::Credentials => "Credentials",
            Self::Catalogue => "Catalogue",
            Self::TagPaging => "Tags",
            Self::Deleting => "Deleting",
            Self::Referrers => "Referrers API",
            Self::Clock => "Clock",
            Self::RateLimit => "Rate limit",
            Self::Software => "Software",
            Self::Unseen => "Not seen from here",
        }
    }
    /// Does nothing work without it?
    fn is_vital(self) -> bool {
        matches!(self, Self::Dns | Self::Connection | Self::Tls | Self::Protocol | Self::Credentials)
    }
}

/// How good or bad it is: the pages' `data-tone`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Fine.
    Good,
    /// Neither good nor bad: not offered, not asked.
    Idle,
    /// Worth a look.
    Warn,
    /// Lost, refused or down.
    Danger,
}

impl Tone {
    /// What `data-tone` says.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Idle => "idle",
            Self::Warn => "warn",
            Self::Danger => "danger",
        }
    }
    /// The mark in words, for those who hear the page.
    pub fn words(self) -> &'static str {
        match self {
            Self::Good => "fine:",
            Self::Idle => "not offered:",
            Self::Warn => "look:",
            Self::Danger => "missing:",
        }
    }
}

/// One thing the probe looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about.
    pub topic: Topic,
    /// How good or bad it is.
    pub tone: Tone,
    /// What was seen.
    pub seen: String,
    /// What that means here, where it means something.
    pub means: Option<String>,
    /// What would mend it.
    pub mend: Option<Snippet>,
}

impl Finding {
    /// A finding without meaning and mending.
    pub fn new(topic: Topic, tone: Tone, seen: impl Into<String>) -> Self {
        Self { topic, tone, seen: seen.into(), means: None, mend: None }
    }
    /// With what it means.
    #[must_use]
    pub fn means(mut self, sentence: impl Into<String>) -> Self {
        self.means = Some(sentence.into());
        self
    }
    /// With what would mend it.
    #[must_use]
    pub fn mend(mut self, caption: impl Into<String>, text: impl Into<String>) -> Self {
        self.mend = Some(Snippet::new(caption, text));
        self
    }
}

/// Can it, can't it, or was it not seen?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ability {
    /// It can.
    Yes,
    /// It can't.
    No,
    /// It was not asked, or did not tell.
    #[default]
    Unknown,
}

/// What a registry can do, as far as the probe saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Lists its repositories.
    pub catalogue: Ability,
    /// Deletes manifests.
    pub deleting: Ability,
    /// Offers the referrers API.
    pub referrers_api: Ability,
    /// Pages lists of tags.
    pub tag_paging: Ability,
}

/// What the probe found, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// When it was run.
    pub at: Timestamp,
    /// What was looked at, in order.
    pub findings: Vec<Finding>,
    /// What follows for our own doing.
    pub capabilities: Capabilities,
}

impl ProbeReport {
    /// The finding about a topic.
    pub fn finding(&self, topic: Topic) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.topic == topic)
    }
}

/// How a registry is, in a tone and a sentence. What nothing works without decides first; that it can't delete or list
/// its repositories is said, but does not make it ill.
pub fn health(report: &ProbeReport) -> (Tone, String) {
    let first = |tone: Tone, vital: bool| {
        report.findings.iter().find(|finding| finding.tone == tone && finding.topic.is_vital() == vital)
    };
    if let Some(down) = first(Tone::Danger, true) {
        return (Tone::Danger, unusable(down));
    }
    if report.finding(Topic::Protocol).is_none() {
        return (Tone::Idle, "It was not asked yet.".to_owned());
    }
    let able = abilities(report.capabilities);
    let limits = [Topic::Catalogue, Topic::Deleting, Topic::Referrers, Topic::TagPaging];
    let look = report
        .findings
        .iter()
        .find(|finding| matches!(finding.tone, Tone::Warn | Tone::Danger) && !limits.contains(&finding.topic));
    match look {
        Some(look) => {
            (Tone::Warn, format!("{able} Look at {}: {}.", look.topic.name(), look.seen.trim_end_matches('.')))
        }
        None => (Tone::Good, able),
    }
}

fn unusable(finding: &Finding) -> String {
    let seen = finding.seen.trim_end_matches('.');
    match finding.topic {
        Topic::Dns => format!("Its name is not found: {seen}."),
        Topic::Connection => format!("It can't be reached: {seen}."),
        Topic::Tls => format!("Its certificate is not trusted: {seen}."),
        Topic::Credentials => format!("It refuses our credentials: {seen}."),
        _ => format!("It does not answer as a registry does: {seen}."),
    }
}

fn abilities(can: Capabilities) -> String {
    let browse = match can.catalogue {
        Ability::No => "You can browse repositories whose names you enter; it does not list them.",
        Ability::Yes | Ability::Unknown => "You can browse this registry.",
    };
    let delete = match can.deleting {
        Ability::Yes => "",
        Ability::No => " You cannot delete from it until its configuration allows it.",
        Ability::Unknown => " Whether it can delete was not seen.",
    };
    format!("{browse}{delete}")
}

#[cfg(test)]
mod tests;
