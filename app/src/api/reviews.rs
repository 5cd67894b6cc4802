//! Looking at grants again.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
    parts::list::escape,
};
use domain::Id;
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::{
    grants::GrantRow,
    reviews::{AT_ONCE, Decision, PastReviews, ReviewPage, ReviewQuery},
};

/// The grants that should be looked at.
pub async fn list(query: &ReviewQuery) -> Result<ReviewPage, AppError> {
    answer(operations().review(&actor(), query).await)
}

/// What reviews decided.
pub async fn past(from: &str, to: &str) -> Result<PastReviews, AppError> {
    answer(operations().past_reviews(&actor(), from, to).await)
}

/// The grants of these numbers, as far as whoever asks could take them away.
pub async fn chosen(ids: &[Id]) -> Result<Vec<GrantRow>, AppError> {
    answer(operations().chosen_grants(&actor(), ids).await)
}

/// The page that asks once more before several grants go.
fn asking(ids: &[Id], note: &str) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut address = format!("/access/review?ask=revoke&grants={}&note=", ids.join("-"));
    escape(&mut address, note);
    address
}

/// Confirms or revokes the grants that were ticked. The button says which. Of several to be revoked the page asks once more.
#[server(prefix = "/do", endpoint = "review-decide", input = PostUrl)]
pub async fn review_decide(
    #[server(default)] grants: Vec<Id>,
    note: String,
    #[server(default)] decision: String,
    #[server(default)] sure: String,
) -> Result<(), AppError> {
    let decided = match decision.as_str() {
        "confirm" => Decision::Confirm,
        "revoke" => Decision::Revoke,
        _ => return answer(Err(operations::Error::field("decision", "Confirm or revoke."))),
    };
    if decided == Decision::Revoke && sure != "yes" && (2..=AT_ONCE).contains(&grants.len()) {
        redirect(&asking(&grants, &note));
        return Ok(());
    }
    let typed = [("note", note.as_str())];
    let done = answer_form(operations().decide_grants(&actor(), &grants, decided, &note).await, &typed)?;
    if let (true, Some((id, why))) = (done.done.is_empty(), done.refused.first()) {
        let message = format!("Grant {id}: {why}");
        return answer(Err(operations::Error::new(operations::Kind::Forbidden, message)));
    }
    let (done, refused) = (done.done.len(), done.refused.len());
    redirect(&format!("/access/review?saved={decision}&done={done}&refused={refused}"));
    Ok(())
}
