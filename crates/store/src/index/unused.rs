//! What images share (labels, sets of platforms, the words of tags), once nothing uses it any more: found along its table,
//! and deleted a few at a time.

use super::Index;
use crate::{Error, sql::statements};

statements! {
    // A stretch of each table, and of it what nothing uses. The triggers take the words along.
    LABELS_TO = "SELECT MAX(id) FROM (SELECT id FROM labels WHERE id > $1 ORDER BY id LIMIT 2000)";
    LABELS = "SELECT l.id FROM labels l WHERE l.id > $1 AND l.id <= $2
              AND NOT EXISTS (SELECT 1 FROM manifest_labels x WHERE x.label_id = l.id)";
    NO_LABELS = "DELETE FROM labels WHERE id IN (SELECT value FROM json_each($1))
                 AND NOT EXISTS (SELECT 1 FROM manifest_labels x WHERE x.label_id = labels.id)";
    // Tags name only what their manifests name.
    PLATFORMS_TO = "SELECT MAX(id) FROM (SELECT id FROM platforms WHERE id > $1 ORDER BY id LIMIT 2000)";
    PLATFORMS = "SELECT p.id FROM platforms p WHERE p.id > $1 AND p.id <= $2
                 AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.platforms = p.id)";
    NO_PLATFORMS = "DELETE FROM platforms WHERE id IN (SELECT value FROM json_each($1))
                    AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.platforms = platforms.id)";
    TAG_NAMES_TO = "SELECT MAX(id) FROM (SELECT id FROM tag_names WHERE id > $1 ORDER BY id LIMIT 2000)";
    TAG_NAMES = "SELECT n.id FROM tag_names n WHERE n.id > $1 AND n.id <= $2
                 AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.name = n.name)";
    NO_TAG_NAMES = "DELETE FROM tag_names WHERE id IN (SELECT value FROM json_each($1))
                    AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.name = tag_names.name)";
}

/// Rows that one transaction deletes: each takes its words along.
const BATCH: usize = 50;

/// Something that images and tags share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// Labels and annotations.
    Labels,
    /// Sets of platforms.
    Platforms,
    /// Names of tags, as they are searched in.
    TagNames,
}

impl Shared {
    /// All of it.
    pub const ALL: [Self; 3] = [Self::Labels, Self::Platforms, Self::TagNames];

    /// How far a stretch goes, what of it nothing uses, and how that is deleted.
    fn statements(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Labels => (LABELS_TO, LABELS, NO_LABELS),
            Self::Platforms => (PLATFORMS_TO, PLATFORMS, NO_PLATFORMS),
            Self::TagNames => (TAG_NAMES_TO, TAG_NAMES, NO_TAG_NAMES),
        }
    }
}

impl Index {
    /// Deletes what nothing uses in a stretch of the table after `after`; says how many rows went, and where the next
    /// stretch begins.
    pub async fn forget_unused(&self, shared: Shared, after: i64) -> Result<(u64, Option<i64>), Error> {
        let (to, unused, delete) = shared.statements();
        let to: Option<i64> = sqlx::query_scalar(to).bind(after).fetch_one(&self.pools.readers).await?;
        let Some(to) = to else { return Ok((0, None)) };
        let query = sqlx::query_scalar(unused).bind(after).bind(to);
        let unused: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
        let mut gone = 0;
        for chunk in unused.chunks(BATCH) {
            // Something may use it again by now.
            let deletion = sqlx::query(delete).bind(serde_json::to_string(chunk)?);
            gone += deletion.execute(&self.pools.writer).await?.rows_affected();
        }
        Ok((gone, Some(to)))
    }
}
