//! What should be looked at again: grants that nobody uses, that end soon, that give more than is used.

use super::{Authority, BuiltIn, Grant, PermissionSet, Rights, Scope, Subject};
use crate::{Id, Permission, Place, RepositoryName, Timestamp};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// A grant is watched for so many days before it is said that it is not used, or gives too much.
pub const WATCHED_DAYS: i64 = 30;
/// A grant that ends within so many days ends soon.
pub const SOON_DAYS: i64 = 30;
/// After so many days somebody should look at a grant again.
pub const REVIEW_DAYS: i64 = 180;
/// As many repositories are remembered of a grant's use; who uses more uses many.
const REPOSITORIES: usize = 40;
const DAY: i64 = 86_400;

/// A right that was used: by whom, where, how often and when last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Who: a person, a robot, or anonymous.
    pub subject: Subject,
    /// Which registry.
    pub registry: Id,
    /// Which repository.
    pub repository: RepositoryName,
    /// What was done.
    pub permission: Permission,
    /// How often.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
}

/// What a grant was seen to be used for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// When last.
    pub last_at: Option<Timestamp>,
    /// How often.
    pub count: u64,
    /// Which permissions, with what they take.
    pub permissions: PermissionSet,
    /// Where, up to some number.
    pub repositories: BTreeSet<(Id, RepositoryName)>,
    /// Was it in more repositories than are named?
    pub many: bool,
}

/// Why a grant should be looked at. In the order in which they matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Whoever has it may not act, or is gone.
    Disabled,
    /// It ended at this moment.
    Ended(Timestamp),
    /// It ends at this moment, soon.
    EndsSoon(Timestamp),
    /// Nobody was seen to use it since this moment.
    Unused(Timestamp),
    /// Less than it gives was used; this role would do, if there is one.
    TooMuch(PermissionSet, Option<BuiltIn>),
    /// It was used in less than where it holds; this would do.
    TooWide(Scope),
    /// Nobody looked at it since this moment.
    Unreviewed(Timestamp),
    /// It was given at this moment, long ago.
    Old(Timestamp),
}

impl Reason {
    /// Every kind, by the word that addresses use.
    pub const WORDS: &[&str] = &["disabled", "ended", "ending", "unused", "broad", "unreviewed", "old"];

    /// The word that addresses use.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Ended(_) => "ended",
            Self::EndsSoon(_) => "ending",
            Self::Unused(_) => "unused",
            Self::TooMuch(..) | Self::TooWide(_) => "broad",
            Self::Unreviewed(_) => "unreviewed",
            Self::Old(_) => "old",
        }
    }
    /// What comes first matters most.
    pub fn rank(&self) -> usize {
        Self::WORDS.iter().position(|word| *word == self.word()).unwrap_or(usize::MAX)
    }
}

/// From when on uses were noted, and what counts as old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Now.
    pub now: Timestamp,
    /// Since when uses are noted; nothing before the first.
    pub since: Option<Timestamp>,
    /// A grant older than so many days is old.
    pub old_days: i64,
}

impl Authority {
    /// What each grant was used for. A use counts for every grant that gives it today and was there when it last
    /// happened: nobody can tell which of two that give the same it came by.
    pub fn seen(&self, uses: &[Used]) -> HashMap<Id, Seen> {
        let grants: HashMap<Id, &Arc<Grant>> = self.grants().map(|grant| (grant.id, grant)).collect();
        let mut rights: HashMap<Subject, Rights> = HashMap::new();
        let mut seen: HashMap<Id, Seen> = HashMap::new();
        for used in uses {
            let of = |subject| Rights::new(self.given_to(subject).map(|given| Arc::clone(&given.held)).collect());
            let rights = rights.entry(used.subject).or_insert_with(|| of(used.subject));
            let place = Place::Repository(used.registry, used.repository.clone());
            for id in rights.deciding(used.permission, &place).filter_map(|held| held.grant) {
                if grants.get(&id).is_some_and(|grant| grant.created <= used.last_at) {
                    seen.entry(id).or_default().add(used);
                }
            }
        }
        seen
    }

    /// Why a grant should be looked at; nothing where all is well.
    pub fn reasons(&self, grant: &Grant, seen: Option<&Seen>, watch: &Watch) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let now = watch.now;
        let before = |days: i64| now.plus_seconds(-days * DAY);
        if !self.acts(grant.subject, now) {
            reasons.push(Reason::Disabled);
        }
        match grant.until {
            Some(until) if until <= now => reasons.push(Reason::Ended(until)),
            Some(until) if until <= now.plus_seconds(SOON_DAYS * DAY) => reasons.push(Reason::EndsSoon(until)),
            _ => {}
        }
        // What holds no more, or for nobody, can't be used.
        let watched = watch.since.map(|since| since.max(grant.created)).filter(|since| *since <= before(WATCHED_DAYS));
        if let Some(since) = watched.filter(|_| reasons.iter().all(|reason| matches!(reason, Reason::EndsSoon(_)))) {
            match seen {
                None => reasons.push(Reason::Unused(since)),
                Some(seen) => reasons.extend(self.too_broad(grant, seen)),
            }
        }
        let looked_at = grant.reviewed.map_or(grant.created, |at| at.max(grant.created));
        if looked_at <= before(REVIEW_DAYS) {
            reasons.push(Reason::Unreviewed(looked_at));
        }
        if grant.created <= before(watch.old_days) {
            reasons.push(Reason::Old(grant.created));
        }
        reasons
    }

    /// Is it broader than its use? Rights over the program itself leave no trace in repositories: of grants that give them
    /// nothing is said.
    fn too_broad(&self, grant: &Grant, seen: &Seen) -> Vec<Reason> {
        let given = self.permissions(grant.role);
        if given.iter().any(|one| one.is_of_system() || one == Permission::RegistryManage) {
            return Vec::new();
        }
        let too_much = NOTED.iter().any(|one| given.contains(*one) && !seen.permissions.contains(*one));
        let enough = BuiltIn::ALL.iter().copied().find(|role| {
            let own = role.permissions();
            own.contains_all(seen.permissions) && given.contains_all(own) && own != given
        });
        let much = too_much.then_some(Reason::TooMuch(seen.permissions, enough));
        much.into_iter().chain(narrower(&grant.scope, seen).map(Reason::TooWide)).collect()
    }
}

/// Of these a use leaves a note; who has them and is never seen to use them has too much.
const NOTED: &[Permission] = &[Permission::RepositoryPull, Permission::RepositoryPush];

impl Seen {
    fn add(&mut self, used: &Used) {
        self.last_at = self.last_at.max(Some(used.last_at));
        self.count = self.count.saturating_add(used.count);
        self.permissions = self.permissions.union([used.permission].into_iter().collect());
        let place = (used.registry, used.repository.clone());
        if self.repositories.len() < REPOSITORIES {
            self.repositories.insert(place);
        } else if !self.repositories.contains(&place) {
            self.many = true;
        }
    }
}

/// The narrowest simple scope that holds all that was used, if it is narrower than `scope`.
fn narrower(scope: &Scope, seen: &Seen) -> Option<Scope> {
    let mut registries: Vec<Id> = seen.repositories.iter().map(|(registry, _)| *registry).collect();
    registries.dedup();
    let &[registry] = &registries[..] else { return None };
    if seen.many {
        return None;
    }
    let mut names = seen.repositories.iter().map(|(_, name)| name.as_str());
    let first = names.next()?;
    let pattern = if seen.repositories.len() == 1 {
        first.to_owned()
    } else {
        let common = names.fold(namespace(first), |common, name| shared(common, name));
        format!("{}/**", Some(common).filter(|common| !common.is_empty())?)
    };
    let narrow = Scope::new(Some(registry), Some(pattern.parse().ok()?));
    (narrow.is_within(scope) && !scope.is_within(&narrow)).then_some(narrow)
}

fn namespace(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(namespace, _)| namespace)
}

/// The longest namespace, at most `common`, that `name` is in.
fn shared<'a>(mut common: &'a str, name: &str) -> &'a str {
    while !common.is_empty() && !name.strip_prefix(common).is_some_and(|rest| rest.starts_with('/')) {
        common = namespace(common);
    }
    common
}

#[cfg(test)]
mod tests;
