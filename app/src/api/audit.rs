//! The audit log.

use crate::{
    context::{actor, answer, operations},
    error::AppError,
};
use domain::Id;
use operations::audit::{AuditPage, AuditQuery};

/// A page of the log.
pub async fn list(query: AuditQuery) -> Result<AuditPage, AppError> {
    answer(operations().audit(&actor(), &query).await)
}

/// One entry.
pub async fn entry(sequence: Id) -> Result<operations::audit::AuditEntry, AppError> {
    answer(operations().audit_entry(&actor(), sequence).await)
}

/// The registries that entries may concern, by id: those removed too.
pub async fn registries() -> Result<Vec<(Id, String)>, AppError> {
    answer(operations().registry_names(&actor()).await)
}
