//! Looking at grants again: which should be, what is decided of them, and what was.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Json, Query},
    grants::Grant,
    problem::Problem,
    values::{Time, bounded, cursor, read_cursor},
};
use domain::Id;
use operations::{
    Error, Kind,
    reviews::{AT_ONCE, Decided, Decision, ReviewQuery, ReviewRow},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(list_to_review, review_grants)).routes(routes!(list_reviews))
}

/// The list, for cursors.
const LIST: &str = "review";

/// Why a grant should be looked at.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReviewReason {
    /// Whoever has it can't act.
    Disabled,
    /// It ended.
    Ended,
    /// It ends soon.
    Ending,
    /// Nobody was seen using it.
    Unused,
    /// It gives more than was used of it.
    Broad,
    /// Nobody looked at it for long.
    Unreviewed,
    /// It was given long ago.
    Old,
}

impl ReviewReason {
    fn word(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Ended => "ended",
            Self::Ending => "ending",
            Self::Unused => "unused",
            Self::Broad => "broad",
            Self::Unreviewed => "unreviewed",
            Self::Old => "old",
        }
    }
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct WantedReview {
    /// Only grants with this reason.
    #[param(inline)]
    why: Option<ReviewReason>,
    /// Days after which a grant is old.
    #[param(minimum = 1, maximum = 3650, default = 365)]
    days: Option<u16>,
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 2000)]
    cursor: String,
}

/// Grants that should be looked at.
#[derive(Serialize, ToSchema)]
struct ToReview {
    /// What matters most first.
    grants: Vec<GrantToReview>,
    /// How many there are in all pages.
    total: usize,
    /// How many have each reason, whichever was asked for.
    counts: BTreeMap<&'static str, usize>,
    /// Since when uses are noted; without, none was yet.
    watched_since: Option<Time>,
    /// Days after which a grant is old.
    old_days: i64,
}

/// A grant that should be looked at.
#[derive(Serialize, ToSchema)]
struct GrantToReview {
    /// The grant.
    grant: Grant,
    /// Where it holds.
    r#where: String,
    /// Why it should be.
    reasons: Vec<ReasonInWords>,
    /// When it was seen to be used last.
    last_used: Option<Time>,
}

/// Why a grant should be looked at.
#[derive(Serialize, ToSchema)]
struct ReasonInWords {
    /// The reason.
    #[schema(value_type = String, example = "unused")]
    why: &'static str,
    /// In a sentence.
    words: String,
}

impl From<ReviewRow> for GrantToReview {
    fn from(row: ReviewRow) -> Self {
        let reasons = row.reasons.into_iter().map(|(why, words)| ReasonInWords { why, words });
        Self {
            grant: row.grant.into(),
            r#where: row.place,
            reasons: reasons.collect(),
            last_used: row.last_used.map(Time),
        }
    }
}

/// What is decided of a grant.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// It is right.
    Confirm,
    /// It goes.
    Revoke,
}

/// What is decided of grants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "decision": "confirm", "grants": [1], "note": "Asked the team: still needed." }))]
struct GrantReview {
    /// Are they right, or do they go?
    decision: Verdict,
    /// Their numbers.
    #[schema(value_type = Vec<i64>, min_items = 1, max_items = 100)]
    grants: Vec<Id>,
    /// What is to be said to it.
    #[serde(default)]
    #[schema(max_length = 300)]
    note: String,
}

/// What became of decisions.
#[derive(Serialize, ToSchema)]
struct Reviewed {
    /// Grants that were confirmed or revoked.
    #[schema(value_type = Vec<i64>)]
    done: Vec<Id>,
    /// Those that were not.
    refused: Vec<NotReviewed>,
}

/// A grant of which nothing was decided.
#[derive(Serialize, ToSchema)]
struct NotReviewed {
    /// Its number.
    #[schema(value_type = i64)]
    grant: Id,
    /// What stood before it.
    why: String,
}

impl From<Decided> for Reviewed {
    fn from(decided: Decided) -> Self {
        let refused = decided.refused.into_iter().map(|(grant, why)| NotReviewed { grant, why });
        Self { done: decided.done, refused: refused.collect() }
    }
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct WantedReviews {
    /// From this day on, in UTC.
    #[param(format = Date, example = "2026-01-01")]
    from: Option<String>,
    /// Until this day, in UTC, which counts.
    #[param(format = Date, example = "2099-12-31")]
    to: Option<String>,
}

/// What reviews decided.
#[derive(Serialize, ToSchema)]
struct PastReviews {
    /// The newest first, and no more than 500.
    reviews: Vec<PastReview>,
    /// May there be older ones that are not among them? Then ask for fewer days.
    cut: bool,
}

/// What somebody decided of a grant.
#[derive(Serialize, ToSchema)]
struct PastReview {
    /// The number of the grant, which may be gone.
    #[schema(value_type = i64)]
    grant: Id,
    /// What it was then, in words.
    what: String,
    /// `confirmed` or `revoked`.
    decision: String,
    /// What was said to it; may be empty.
    note: String,
    /// By whom.
    by: String,
    /// When.
    at: Time,
}

/// List grants that should be looked at
///
/// Of disabled people, ended or ending soon, never used, broader than their use, old: of those at places where whoever asks
/// holds `grant.view`.
#[utoipa::path(get, path = "/access/review", tag = "Access", operation_id = "listToReview", params(WantedReview),
    responses((status = 200, description = "A page of grants.", body = ToReview)))]
async fn list_to_review(asked: Asked, Query(wanted): Query<WantedReview>) -> Answer {
    bounded("cursor", &wanted.cursor, 2_000)?;
    if wanted.days.is_some_and(|days| !(1..=3_650).contains(&days)) {
        return Err(Problem::malformed("days", "A grant is old after 1 to 3650 days."));
    }
    let from = if wanted.cursor.is_empty() { 0 } else { read_cursor(LIST, &wanted.cursor)? };
    let from = usize::try_from(from).map_err(|_| Problem::malformed("cursor", "Begin without a cursor."))?;
    let query = ReviewQuery {
        why: wanted.why.map_or("", ReviewReason::word).to_owned(),
        days: wanted.days.map(|days| days.to_string()).unwrap_or_default(),
        from,
    };
    let page = asked.operations.review(&asked.actor, &query).await?;
    let end = from.saturating_add(page.rows.len());
    let more = !page.rows.is_empty() && end < page.total;
    let next = Id::try_from(end).ok().filter(|_| more).map(|end| cursor(LIST, end));
    let grants = ToReview {
        grants: page.rows.into_iter().map(GrantToReview::from).collect(),
        total: page.total,
        counts: page.counts,
        watched_since: page.watched.map(Time),
        old_days: page.old_days,
    };
    asked.page(&grants, next.as_deref())
}

/// Confirm or revoke grants
///
/// Those that whoever asks could give; what is decided of each is on record. If nothing can be decided of any, the answer is 403.
#[utoipa::path(post, path = "/access/review", tag = "Access", operation_id = "reviewGrants", request_body = GrantReview,
    responses((status = 200, description = "What became of each.", body = Reviewed)))]
async fn review_grants(asked: Asked, Json(review): Json<GrantReview>) -> Answer {
    if review.grants.len() > AT_ONCE {
        return Err(Problem::malformed("grants", format!("Up to {AT_ONCE} grants are decided of at once.")));
    }
    let decision = match review.decision {
        Verdict::Confirm => Decision::Confirm,
        Verdict::Revoke => Decision::Revoke,
    };
    let decided = asked.operations.decide_grants(&asked.actor, &review.grants, decision, &review.note).await?;
    if let (true, Some((id, why))) = (decided.done.is_empty(), decided.refused.first()) {
        return Err(Error::new(Kind::Forbidden, format!("Grant {id}: {why}")).into());
    }
    Ok(axum::response::IntoResponse::into_response(axum::Json(Reviewed::from(decided))))
}

/// A day that is named is one; without, it bounds nothing.
fn day(field: &str, text: Option<String>) -> Result<String, Problem> {
    match text {
        Some(text) if text.trim().is_empty() => Err(Problem::malformed(field, "A day looks like 2026-11-21.")),
        text => {
            let text = text.unwrap_or_default();
            bounded(field, &text, 10)?;
            Ok(text)
        }
    }
}

/// List what reviews decided
///
/// Of grants that held at places where whoever asks holds `grant.view`.
#[utoipa::path(get, path = "/access/review/report", tag = "Access", operation_id = "listReviews", params(WantedReviews),
    responses((status = 200, description = "What was decided.", body = PastReviews)))]
async fn list_reviews(asked: Asked, Query(wanted): Query<WantedReviews>) -> Answer {
    let (from, to) = (day("from", wanted.from)?, day("to", wanted.to)?);
    let past = asked.operations.past_reviews(&asked.actor, &from, &to).await?;
    let review = |own: operations::reviews::Review| PastReview {
        grant: own.grant,
        what: own.what,
        decision: own.decision,
        note: own.note,
        by: own.by,
        at: own.at.into(),
    };
    asked.answer(&PastReviews { reviews: past.rows.into_iter().map(review).collect(), cut: past.is_cut })
}
