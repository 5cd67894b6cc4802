//! Looking at grants again: which should be, and why; confirming them, or taking them away; what was decided.

use crate::{
    Error, Operations, Result,
    explain::scope_text,
    grants::{GrantRow, Names, known_grant, may_look, name_of, role_name, row},
};
use domain::{
    Actor, Id, Permission, Place, Refusal, Timestamp, Visible,
    access::{
        Authority, Grant,
        delegation::may_see,
        review::{Reason, Seen, Watch},
    },
    audit::Act,
};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};
use store::{ConfirmGrant, KeepReview, RevokeGrant};

pub use store::Review;

/// Grants of a page.
const PAGE: usize = 50;
/// Reviews of a report at most.
const REPORT: u32 = 500;
/// As often the records are asked for more reviews, until a report is full.
const READINGS: usize = 20;
/// As many grants can be answered at once.
pub const AT_ONCE: usize = 100;
/// A grant older than so many days is old, unless another number is asked for.
const OLD_DAYS: i64 = 365;
/// Characters of a note at most.
const NOTE: usize = 300;
const DAY: i64 = 86_400;

/// What is asked of the list; empty texts ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewQuery {
    /// Only grants with this reason: a word of [`Reason::WORDS`].
    pub why: String,
    /// Days after which a grant is old.
    pub days: String,
    /// The number of the first grant.
    pub from: usize,
}

/// A grant that should be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRow {
    /// The grant.
    pub grant: GrantRow,
    /// Where it holds, as addresses say it.
    pub place: String,
    /// Why, in sentences, with the word of each.
    pub reasons: Vec<(&'static str, String)>,
    /// When it was seen to be used last.
    pub last_used: Option<Timestamp>,
}

/// The grants that should be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewPage {
    /// What matters most first.
    pub rows: Vec<ReviewRow>,
    /// How many there are in all.
    pub total: usize,
    /// How many have each reason, by its word.
    pub counts: BTreeMap<&'static str, usize>,
    /// Since when uses are noted; nothing before the first.
    pub watched: Option<Timestamp>,
    /// Days after which a grant is old.
    pub old_days: i64,
}

/// What somebody decides of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is right.
    Confirm,
    /// It goes.
    Revoke,
}

/// What became of several decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Grants that were confirmed or revoked.
    pub done: Vec<Id>,
    /// Those that were not, and why.
    pub refused: Vec<(Id, String)>,
}

/// What reviews decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastReviews {
    /// The newest first.
    pub rows: Vec<Review>,
    /// May there be older ones that are not among them?
    pub is_cut: bool,
}

impl Operations {
    /// The grants that should be looked at, of those that hold where this actor may see who may do what.
    pub async fn review(&self, actor: &Actor, query: &ReviewQuery) -> Result<ReviewPage> {
        reviews(actor)?;
        let (authority, names, now) = (self.authority().await?, self.registry_names_for(actor).await?, self.now());
        // What was noted a moment ago counts too.
        self.write_uses().await?;
        let uses = self.0.store.access_use();
        let (used, first) = (uses.summed().await?, uses.first_day().await?);
        let since = first.map(|day| Timestamp(day * DAY * 1_000_000));
        let old_days = query.days.trim().parse().ok().filter(|days| (1..=3_650).contains(days)).unwrap_or(OLD_DAYS);
        let (actor, query) = (actor.clone(), query.clone());
        let work = tokio::task::spawn_blocking(move || {
            let seen = authority.seen(&used);
            let watch = Watch { now, since, old_days };
            let mut found: Vec<(Vec<Reason>, Arc<Grant>)> = authority
                .grants()
                .filter(|grant| may_see(&actor, &grant.scope))
                .map(|grant| (authority.reasons(grant, seen.get(&grant.id), &watch), Arc::clone(grant)))
                .filter(|(reasons, _)| !reasons.is_empty())
                .collect();
            let mut counts = BTreeMap::new();
            for (reasons, _) in &found {
                let mut words: Vec<&str> = reasons.iter().map(Reason::word).collect();
                words.dedup();
                for word in words {
                    *counts.entry(word).or_default() += 1;
                }
            }
            if !query.why.is_empty() {
                found.retain(|(reasons, _)| reasons.iter().any(|reason| reason.word() == query.why));
            }
            found.sort_by_key(|(reasons, grant)| (reasons.first().map(Reason::rank), grant.id));
            let total = found.len();
            let shown = found.into_iter().skip(query.from).take(PAGE).map(|(reasons, grant)| ReviewRow {
                place: scope_text(&names, &grant.scope),
                reasons: reasons
                    .iter()
                    .map(|reason| (reason.word(), said(reason, seen.get(&grant.id), &names)))
                    .collect(),
                last_used: seen.get(&grant.id).and_then(|seen| seen.last_at),
                grant: row(&actor, &authority, &names, now, &grant),
            });
            ReviewPage { rows: shown.collect(), total, counts, watched: since, old_days }
        });
        work.await.map_err(Error::internal)
    }

    /// Confirms or revokes grants: those that this actor could give all at once or, if anything stands before it, none. Each is
    /// written down by itself, and what they change is read again once.
    pub async fn decide_grants(&self, actor: &Actor, ids: &[Id], decision: Decision, note: &str) -> Result<Decided> {
        reviews(actor)?;
        let note = note.trim();
        if note.chars().count() > NOTE || note.chars().any(domain::text::is_hidden) {
            return Err(Error::field("note", format!("A note has up to {NOTE} characters of one line.")));
        }
        if ids.is_empty() {
            return Err(Error::field("grants", "Choose at least one grant."));
        }
        if ids.len() > AT_ONCE {
            return Err(Error::field("grants", format!("Choose at most {AT_ONCE} grants at once.")));
        }
        match decision {
            Decision::Confirm => self.confirm_grants(actor, ids, note).await,
            Decision::Revoke => self.revoke_grants(actor, ids, note).await,
        }
    }

    /// Confirms grants, all in one change: those that this actor could give.
    async fn confirm_grants(&self, actor: &Actor, ids: &[Id], note: &str) -> Result<Decided> {
        let (authority, names) = (self.authority().await?, self.registry_names_for(actor).await?);
        let (mut decided, mut changes) = (Decided::default(), Vec::new());
        for id in each_once(ids) {
            let may = async {
                let grant = known_grant(actor, &authority, id)?;
                let what = in_words(&authority, &names, &grant);
                let act = Act::new("grant.confirm", format!("grant {id} of {what}"))
                    .before(serde_json::json!({ "reviewed": grant.reviewed.map(Timestamp::rfc3339) }))
                    .after(serde_json::json!({ "note": note }));
                let permit = self.may_give(actor, authority.permissions(grant.role), &grant.scope, Some(&act)).await?;
                let (was, note, by) = (Grant::clone(&grant), note.to_owned(), actor.name.clone());
                Ok((permit, act, ConfirmGrant { was, what, note, by }))
            };
            decided.take(id, may.await, &mut changes)?;
        }
        self.change_each(changes).await?;
        Ok(decided)
    }

    /// Takes grants away, all in one change: those that this actor could give.
    async fn revoke_grants(&self, actor: &Actor, ids: &[Id], note: &str) -> Result<Decided> {
        let (authority, names) = (self.authority().await?, self.registry_names_for(actor).await?);
        let (mut decided, mut changes) = (Decided::default(), Vec::new());
        for id in each_once(ids) {
            let may = self.may_revoke(actor, &authority, &names, id).await.map(|(permit, act, was)| {
                let (what, scope) = (in_words(&authority, &names, &was), was.scope.clone());
                let (note, by) = (note.to_owned(), actor.name.clone());
                let kept = KeepReview { grant: id, what, scope, decision: "revoked", note, by };
                (permit, act, (RevokeGrant { was, seen: None }, kept))
            });
            decided.take(id, may, &mut changes)?;
        }
        self.change_each(changes).await?;
        Ok(decided)
    }

    /// The grants of these numbers that this actor could take away, to be asked about once more.
    pub async fn chosen_grants(&self, actor: &Actor, ids: &[Id]) -> Result<Vec<GrantRow>> {
        reviews(actor)?;
        let (authority, names, now) = (self.authority().await?, self.registry_names_for(actor).await?, self.now());
        let known = each_once(ids).filter_map(|id| known_grant(actor, &authority, id).ok());
        let rows = known.map(|grant| row(actor, &authority, &names, now, &grant));
        Ok(rows.filter(|row| row.may_change).take(AT_ONCE).collect())
    }

    /// What reviews decided between two days, the newest first: of grants that held where this actor may see who may do what.
    pub async fn past_reviews(&self, actor: &Actor, from: &str, to: &str) -> Result<PastReviews> {
        reviews(actor)?;
        let day = |field: &str, text: &str| match text.trim() {
            "" => Ok(None),
            text => match Timestamp::parse(&format!("{text}T00:00:00Z")) {
                Some(at) => Ok(Some(at)),
                None => Err(Error::field(field, "A day looks like 2026-11-21.")),
            },
        };
        let from = day("from", from)?.unwrap_or(Timestamp(0));
        let to = day("to", to)?.map_or(Timestamp(i64::MAX), |to| to.plus_seconds(DAY));
        let (mut rows, mut below) = (Vec::new(), None);
        for _ in 0..READINGS {
            let page = self.0.store.access_reviews().list(from, to, below, REPORT).await?;
            let is_last = page.len() < REPORT as usize;
            below = page.last().map(|review| review.id);
            rows.extend(page.into_iter().filter(|review| may_see(actor, &review.scope)));
            if rows.len() > REPORT as usize {
                break;
            }
            if is_last {
                return Ok(PastReviews { rows, is_cut: false });
            }
        }
        rows.truncate(REPORT as usize);
        Ok(PastReviews { rows, is_cut: true })
    }
}

impl Decided {
    /// Notes what became of one: it goes with the others, or it stays, and why.
    fn take<C>(&mut self, id: Id, may: Result<C>, changes: &mut Vec<C>) -> Result<()> {
        match may {
            Ok(change) => {
                self.done.push(id);
                changes.push(change);
            }
            Err(error) if error.is_internal() => return Err(error),
            Err(error) => self.refused.push((id, error.message)),
        }
        Ok(())
    }
}

/// Numbers as they came, each once.
fn each_once(ids: &[Id]) -> impl Iterator<Item = Id> {
    let mut seen = HashSet::new();
    ids.iter().copied().filter(move |id| seen.insert(*id))
}

/// What a grant is, as reports say it.
fn in_words(authority: &Authority, names: &Names, grant: &Grant) -> String {
    let (role, to) = (role_name(authority, grant.role), name_of(authority, grant.subject));
    format!("{role} for {to} on {}", scope_text(names, &grant.scope))
}

/// Reviews are for those who may see who may do what somewhere.
fn reviews(actor: &Actor) -> Result<()> {
    may_look(actor)?;
    if Visible::by(actor, Permission::GrantView).repositories_at_all() {
        return Ok(());
    }
    let (permission, place) = (Permission::GrantView, Place::System);
    Err(Refusal { permission, place, actor: actor.name.clone(), may_know: true }.into())
}

fn day(at: Timestamp) -> String {
    at.rfc3339().chars().take(10).collect()
}

/// A reason in words.
fn said(reason: &Reason, seen: Option<&Seen>, names: &Names) -> String {
    match reason {
        Reason::Disabled => "Whoever has it is disabled, expired or gone.".to_owned(),
        Reason::Ended(at) => format!("It ended on {}.", day(*at)),
        Reason::EndsSoon(at) => format!("It ends on {}.", day(*at)),
        Reason::Unused(since) => format!("No use of it was seen since {}.", day(*since)),
        Reason::TooMuch(used, enough) => {
            let used = used.iter().map(Permission::as_str).filter(|name| *name != "registry.view");
            let used = used.collect::<Vec<_>>().join(", ");
            let enough = enough.map(|role| format!(" {} would do.", role.name())).unwrap_or_default();
            format!("Only {used} was used.{enough}")
        }
        Reason::TooWide(scope) => {
            let count = seen.map_or(0, |seen| seen.repositories.len());
            let repositories = if count == 1 { "one repository".to_owned() } else { format!("{count} repositories") };
            format!("Used in {repositories} only: {} would do.", scope_text(names, scope))
        }
        Reason::Unreviewed(since) => format!("Nobody looked at it since {}.", day(*since)),
        Reason::Old(since) => format!("It was given on {}.", day(*since)),
    }
}
