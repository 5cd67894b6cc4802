//! What every list has in common: its filters as they stand in an address, its order, its place.

use crate::{Error, Result};
use domain::{
    Actor, FieldErrors, Permission, Place, Timestamp, Visible,
    filters::{Filters, List, Referrers, field},
    patterns::{Filter, Pattern},
    permission::Refusal,
};
use store::index::{RepositoryFilter, Seek, TagFilter};

/// What a filter lets through is counted no further than this.
pub(crate) const COUNTED: u32 = 1_000;
/// Ages are told by the minute, so that a list asked for twice is the same list.
const MINUTE: i64 = 60_000_000;

/// Filters as they stand in an address: names of [`field`] with what was typed. `label` may stand several times.
pub type Pairs = Vec<(String, String)>;

/// These pairs, for whoever writes them down.
pub fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Pairs {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// Reads filters. What can't be read is left out and told.
pub(crate) fn read(list: List, pairs: &Pairs) -> (Filters, FieldErrors) {
    let (filters, mut errors) = Filters::read(list, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    if filters.smaller.is_some_and(|size| size.bytes() == 0) {
        errors.push(field::SMALLER, "Nothing is smaller than 0 B.");
    }
    (filters, errors)
}

/// Labels and some checks tell what the configuration holds: they answer only those who may see it there.
pub(crate) fn may_ask(actor: &Actor, filters: &Filters, place: Place) -> Result<()> {
    let inside = Visible::inside(actor);
    let may = match &place {
        Place::Repository(registry, name) => inside.repository(*registry, name),
        Place::Registry(registry) => inside.in_registry(*registry).repositories_at_all(),
        Place::System => inside.repositories_at_all(),
    };
    if may || !filters.needs_pull() {
        return Ok(());
    }
    let permission = Permission::RepositoryPull;
    Err(Error::from(Refusal { permission, place, actor: actor.name.clone(), may_know: true }))
}

/// What a list with these filters may show: who asks for what only configurations tell is shown what they may see inside.
pub(crate) fn visible(actor: &Actor, filters: &Filters) -> Visible {
    if filters.needs_pull() { Visible::inside(actor) } else { Visible::to(actor) }
}

/// Does the filter ask for what only an image that was read can tell, so that others are missing from the list?
pub fn needs_content(filters: &Filters) -> bool {
    let Filters { kind, platform, older, newer, larger, smaller, labels, check, .. } = filters;
    kind.is_some()
        || platform.is_some()
        || older.or(*newer).is_some()
        || larger.or(*smaller).is_some()
        || !labels.is_empty()
        || check.is_some()
}

/// A name as the index looks for it: part of it, or a pattern. The domain's patterns know no sets of characters: a
/// bracket stands for itself.
fn name(filter: &Filter) -> (Option<String>, Option<String>) {
    let glob = |pattern: &Pattern| pattern.as_str().replace('[', "[[]");
    match filter {
        Filter::All => (None, None),
        Filter::Part(part) => (Some(part.clone()), None),
        Filter::Glob(pattern) => (None, Some(glob(pattern))),
    }
}

/// Whole minutes only.
fn minute(now: Timestamp) -> Timestamp {
    Timestamp(now.0 - now.0.rem_euclid(MINUTE))
}

/// The filter of a list of tags.
pub(crate) fn of_tags(filters: &Filters, now: Timestamp) -> TagFilter {
    let (text, glob) = name(&filters.name);
    let now = minute(now);
    TagFilter {
        text,
        glob,
        versions: filters.version.clone(),
        kind: filters.kind,
        platform: filters.platform.clone(),
        created_from: filters.newer.map(|age| age.before(now)),
        created_before: filters.older.map(|age| age.before(now)),
        size_least: filters.larger.map(|size| size.bytes().saturating_add(1)),
        size_most: filters.smaller.map(|size| size.bytes().saturating_sub(1)),
        labels: filters.labels.clone(),
        referrers: filters.referrers == Referrers::Shown,
        only_referrers: filters.referrers == Referrers::Only,
        unread: false,
        check: filters.check,
    }
}

/// The filter of a list of repositories.
pub(crate) fn of_repositories(filters: &Filters, now: Timestamp) -> RepositoryFilter {
    let (text, glob) = name(&filters.name);
    let now = minute(now);
    RepositoryFilter {
        text,
        glob,
        newest_from: filters.newer.map(|age| age.before(now)),
        newest_before: filters.older.map(|age| age.before(now)),
        bytes_least: filters.larger.map(|size| size.bytes().saturating_add(1)),
        bytes_most: filters.smaller.map(|size| size.bytes().saturating_sub(1)),
        tags_least: (filters.tagged == Some(true)).then_some(1),
        empty: filters.tagged == Some(false),
        check: filters.check,
        ..RepositoryFilter::default()
    }
}

/// Which part of the list is wanted: a place from which to go on, or one before which to go back.
pub(crate) fn seek(after: &str, before: &str) -> Seek {
    match (after, before) {
        ("", "") => Seek::First,
        ("", before) => Seek::Before(before.to_owned()),
        (after, _) => Seek::After(after.to_owned()),
    }
}

/// Does the list begin with its greatest? Names begin with a; figures and times with the highest, unless told.
pub(crate) fn descending(order: &str, usual: bool) -> bool {
    match order {
        "asc" => false,
        "desc" => true,
        _ => usual,
    }
}
