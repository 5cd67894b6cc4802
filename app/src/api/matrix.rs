//! Who may do what where, as a table.

use crate::{
    context::{actor, answer, operations},
    error::AppError,
};
use operations::matrix::{Matrix, MatrixQuery};

/// A window of the table.
pub async fn window(query: &MatrixQuery) -> Result<Matrix, AppError> {
    answer(operations().matrix(&actor(), query).await)
}
