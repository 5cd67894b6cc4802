//! What would be freed if a tag went: its manifest, if nothing else here names it, and with it what only that names.

use super::{Bytes, number};
use crate::{
    Error,
    index::{Index, array},
    sql::statements,
};
use domain::{Id, Tag, Visible};
use sqlx::Row as _;
use std::collections::HashMap;

statements! {
    // `pointed`: the manifests of the tags. `alone`: those that no other tag here and no index here names. `members`: each with
    // what it names as an index; `freed` says which of them would go with it. Then blobs: one is freed if all manifests here
    // that name it go, and no other repository holds it.
    TAGS = "WITH pointed AS MATERIALIZED (
              SELECT DISTINCT manifest_id AS id FROM tags
              WHERE repository_id = $1 AND name IN (SELECT value FROM json_each($2)) AND manifest_id IS NOT NULL),
            alone AS MATERIALIZED (
              SELECT p.id, (SELECT COUNT(*) FROM (SELECT 1 FROM tags t WHERE t.manifest_id = p.id AND t.repository_id = $1 LIMIT 2)) = 1
              AND NOT EXISTS (SELECT 1 FROM children c CROSS JOIN holds h ON h.repository_id = $1 AND h.manifest_id = c.parent_id
                              WHERE c.child_id = p.id) AS goes FROM pointed p),
            members AS MATERIALIZED (
              SELECT id AS root, id AS member, goes AS freed FROM alone
              UNION ALL
              SELECT a.id, c.child_id, a.goes
              AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = c.child_id AND t.repository_id = $1)
              AND NOT EXISTS (SELECT 1 FROM children o CROSS JOIN holds h ON h.repository_id = $1 AND h.manifest_id = o.parent_id
                              WHERE o.child_id = c.child_id AND o.parent_id <> a.id)
              FROM alone a CROSS JOIN children c ON c.parent_id = a.id WHERE c.child_id <> a.id),
            named AS (
              SELECT m.root, b.blob_id, SUM(m.freed) AS freed FROM members m CROSS JOIN manifest_blobs b ON b.manifest_id = m.member
              GROUP BY m.root, b.blob_id)
            SELECT n.root, SUM(b.size) AS total, SUM(iif(b.repositories = 1 AND n.freed = x.manifests, b.size, 0)) AS exclusive
            FROM named n CROSS JOIN blobs b ON b.id = n.blob_id
            LEFT JOIN repository_blobs x ON x.repository_id = $1 AND x.blob_id = n.blob_id
            GROUP BY n.root";
    POINTS = "SELECT name, manifest_id FROM tags WHERE repository_id = $1 AND name IN (SELECT value FROM json_each($2)) AND kind IS NOT NULL";
}

/// As many tags are looked at in one call.
pub const TAGS_MOST: usize = 100;

impl Index {
    /// What these tags of a repository hold, as far as they are read, if it may be seen: all bytes of a tag's image, and those
    /// that would be freed if the tag went. Of more than [`TAGS_MOST`], the first are told.
    pub async fn tag_bytes(
        &self,
        visible: &Visible,
        repository: Id,
        tags: &[Tag],
    ) -> Result<HashMap<Tag, Bytes>, Error> {
        if tags.is_empty() || !self.may_see(visible, repository).await? {
            return Ok(HashMap::new());
        }
        let names = array(tags.iter().take(TAGS_MOST));
        let query = sqlx::query(TAGS).bind(repository).bind(&names);
        let mut by_manifest = HashMap::new();
        for row in query.fetch_all(&self.pools.readers).await? {
            let bytes = Bytes { total: number(&row, "total")?, exclusive: number(&row, "exclusive")? };
            by_manifest.insert(row.try_get::<Id, _>("root")?, bytes);
        }
        let query = sqlx::query_as(POINTS).bind(repository).bind(&names);
        let points: Vec<(String, Id)> = query.fetch_all(&self.pools.readers).await?;
        // An image without blobs holds nothing; that is known, too.
        let bytes = |(name, id): (String, Id)| Ok((name.parse()?, by_manifest.get(&id).copied().unwrap_or_default()));
        points.into_iter().map(bytes).collect()
    }
}
