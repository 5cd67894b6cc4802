//! Checks that need to know more than a document: what else the registry holds, a tag's age, a repository's tags.

use super::{Check, Finding, document::is_real};
use crate::{Kind, RepositoryName, Tag, Timestamp, text};

/// A tag that points to an image built longer ago than this, in seconds (two years of 365 days), is old.
pub const OLD_TAG_SECONDS: i64 = 2 * 365 * 86_400;

/// What of that which a manifest names the registry was found not to hold. Only what was asked for and answered with
/// 404 counts: what nobody asked for is not gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// How many manifests an index names.
    pub children: u64,
    /// How many of them are gone.
    pub children_gone: u64,
    /// Is the configuration gone?
    pub config_gone: bool,
    /// Is the manifest that this one refers to gone (`subject`, or by the name of a referrers tag)?
    pub subject_gone: bool,
}

/// What is wrong with a manifest of this kind for what the registry does not hold.
pub fn checks_of_presence(kind: Kind, presence: &Presence) -> Vec<Finding> {
    let mut found = Vec::new();
    if presence.children_gone > 0 {
        let all = presence.children.max(presence.children_gone);
        let detail = format!("{} of {}", text::count(presence.children_gone), text::counted(all, "child", "children"));
        found.push(Finding::with(Check::MissingChildren, detail));
    }
    if presence.config_gone {
        found.push(Finding::plain(Check::ConfigGone));
    }
    if presence.subject_gone {
        found.push(Finding::with(Check::Orphan, kind.as_str()));
    }
    found
}

/// What a tag's checks look at.
#[derive(Clone, Copy, Debug)]
pub struct TagFacts<'a> {
    /// Where it is.
    pub repository: &'a RepositoryName,
    /// Its name.
    pub tag: &'a Tag,
    /// When what it points to was built, where that is known.
    pub created: Option<Timestamp>,
    /// When it was last seen to move, if ever.
    pub moved_at: Option<Timestamp>,
}

/// What is wrong with a tag. Referrers tags are their subject's, not a person's: nothing is.
pub fn checks_of_tag(facts: &TagFacts<'_>, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    if facts.tag.subject().is_some() {
        return found;
    }
    let old = now.plus_seconds(-OLD_TAG_SECONDS);
    if let Some(created) = facts.created.filter(|created| is_real(*created) && *created < old)
        && facts.moved_at.is_none_or(|moved| moved < old)
    {
        found.push(Finding::with(Check::OldTag, format!("built {}", text::date(created, now))));
    }
    if facts.tag.as_str() == "latest" && says_production(facts.repository) {
        found.push(Finding::plain(Check::LatestInProduction));
    }
    found
}

/// Does a word of the repository's name, or of its namespace, say that it is for production? `reproduction` does not.
pub fn says_production(repository: &RepositoryName) -> bool {
    let word = |word: &str| matches!(word, "prod" | "prd" | "production" | "live" | "release" | "releases");
    repository.as_str().split(['/', '.', '_', '-']).any(word)
}

/// What a repository's checks look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RepositoryFacts {
    /// Was the list of its tags read to its end? If not, nothing can be said.
    pub complete: bool,
    /// How many tags it has, referrers tags included.
    pub tags: u64,
    /// How many of them are referrers tags.
    pub referrer_tags: u64,
    /// Is one of them called `latest`?
    pub has_latest: bool,
}

/// What is wrong with a repository.
pub fn checks_of_repository(facts: &RepositoryFacts) -> Vec<Finding> {
    if !facts.complete {
        return Vec::new();
    }
    match (facts.tags, facts.tags.saturating_sub(facts.referrer_tags)) {
        (0, _) => vec![Finding::plain(Check::EmptyRepository)],
        (_, 1) if facts.has_latest => vec![Finding::plain(Check::LatestAlone)],
        _ => Vec::new(),
    }
}
