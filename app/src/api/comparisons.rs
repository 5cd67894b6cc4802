//! Two images beside each other.

use crate::{
    context::{actor, answer, operations},
    error::AppError,
};
use operations::comparisons::{Comparing, Wanted};

/// How two images differ.
pub async fn compare(wanted: &Wanted) -> Result<Comparing, AppError> {
    answer(operations().compare(&actor(), wanted).await)
}
