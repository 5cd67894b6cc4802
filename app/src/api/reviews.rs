//! Looking at grants again.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
};
use domain::Id;
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::reviews::{Decision, Review, ReviewPage, ReviewQuery};

/// The grants that should be looked at.
pub async fn list(query: &ReviewQuery) -> Result<ReviewPage, AppError> {
    answer(operations().review(&actor(), query).await)
}

/// What reviews decided.
pub async fn past(from: &str, to: &str) -> Result<Vec<Review>, AppError> {
    answer(operations().past_reviews(&actor(), from, to).await)
}

/// Confirms or revokes the grants that were ticked. The button says which.
#[server(prefix = "/do", endpoint = "review-decide", input = PostUrl)]
pub async fn review_decide(
    #[server(default)] grants: Vec<Id>,
    note: String,
    #[server(default)] decision: String,
) -> Result<(), AppError> {
    let decided = match decision.as_str() {
        "confirm" => Decision::Confirm,
        "revoke" => Decision::Revoke,
        _ => return answer(Err(operations::Error::field("decision", "Confirm or revoke."))),
    };
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
