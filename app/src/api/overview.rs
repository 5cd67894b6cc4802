//! What the overview and the rail show.

use crate::{
    context::{actor, answer, operations},
    error::AppError,
};
use operations::overview::{Overview, RailRow};

/// The registries as the rail shows them.
pub async fn rail() -> Result<Vec<RailRow>, AppError> {
    answer(operations().rail(&actor()).await)
}

/// Everything at a glance.
pub async fn overview() -> Result<Overview, AppError> {
    answer(operations().overview(&actor()).await)
}
