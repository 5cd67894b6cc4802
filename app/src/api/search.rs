//! Finding something by its name.

use crate::{
    context::{actor, answer, operations},
    error::AppError,
};
use operations::search::Found;

/// What is known under this text.
pub async fn search(q: &str) -> Result<Found, AppError> {
    answer(operations().search(&actor(), q).await)
}
