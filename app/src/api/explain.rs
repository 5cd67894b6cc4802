//! Why somebody may or may not do something.

use crate::{
    context::{actor, answer, operations},
    error::AppError,
};
use operations::explain::{Answer, Question};

/// Yes or no, and why.
pub async fn explain(question: &Question) -> Result<Answer, AppError> {
    answer(operations().explain(&actor(), question).await)
}
