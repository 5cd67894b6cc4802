//! Manifests and what belongs to them alone: their names for blobs and children, labels, bases and findings. All of it
//! goes with them, whoever lets them go.

use crate::{Error, sql::statements};
use sqlx::SqliteConnection;

statements! {
    BLOBS = "DELETE FROM manifest_blobs WHERE manifest_id IN (SELECT value FROM json_each($1))";
    CHILDREN = "DELETE FROM children WHERE parent_id IN (SELECT value FROM json_each($1))";
    LABELS = "DELETE FROM manifest_labels WHERE (label_id, manifest_id) IN
              (SELECT label_id, manifest_id FROM manifest_labels WHERE manifest_id IN (SELECT value FROM json_each($1)))";
    BASES = "DELETE FROM bases WHERE manifest_id IN (SELECT value FROM json_each($1))";
    FINDINGS = "DELETE FROM findings WHERE (registry_id, check_bit, manifest_id) IN
                (SELECT registry_id, check_bit, manifest_id FROM findings WHERE manifest_id IN (SELECT value FROM json_each($1)))";
    THEMSELVES = "DELETE FROM manifests WHERE id IN (SELECT value FROM json_each($1))";
}

/// Deletes manifests, given as a JSON array of their ids, with all that belongs to them; says how many there were.
pub(super) async fn delete(change: &mut SqliteConnection, manifests: &str) -> Result<u64, Error> {
    for theirs in [BLOBS, CHILDREN, LABELS, BASES, FINDINGS] {
        sqlx::query(theirs).bind(manifests).execute(&mut *change).await?;
    }
    Ok(sqlx::query(THEMSELVES).bind(manifests).execute(change).await?.rows_affected())
}
