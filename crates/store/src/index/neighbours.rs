//! The tags beside a tag: what one would compare it with.

use super::{Index, digests::packed};
use crate::{Error, sql::statements};
use domain::{Digest, Id, Tag, Visible};

statements! {
    // So many versions are looked at: where more tags than that are on one image, none is worth comparing.
    OLDER_VERSION = "SELECT o.name FROM (
                       SELECT name, version, manifest_id FROM tags WHERE $1 AND repository_id = $2 AND version IS NOT NULL
                       AND version < (SELECT t.version FROM tags t WHERE t.repository_id = $2 AND t.name = $3) AND is_referrer = 0
                       ORDER BY version DESC, name DESC LIMIT 1000) o
                     WHERE o.manifest_id IS NULL OR o.manifest_id <> COALESCE((SELECT m.id FROM manifests m WHERE m.digest = $4
                       AND m.registry_id = (SELECT registry_id FROM repositories WHERE id = $2)), 0)
                     ORDER BY o.version DESC, o.name DESC LIMIT 1";
    // What was built before is another image.
    OLDER_BUILD = "SELECT name FROM tags WHERE $1 AND repository_id = $2 AND is_referrer = 0 AND created < (
                     SELECT m.created FROM manifests m WHERE m.digest = $4
                     AND m.registry_id = (SELECT registry_id FROM repositories WHERE id = $2))
                   ORDER BY created DESC, name LIMIT 1";
}

impl Index {
    /// The tag before this one on another digest: the next lower version, else (where `tag` is no version) the build before.
    pub async fn tag_before(
        &self,
        visible: &Visible,
        repository: Id,
        tag: &Tag,
        digest: &Digest,
    ) -> Result<Option<Tag>, Error> {
        let may = self.may_see(visible, repository).await?;
        for sql in [OLDER_VERSION, OLDER_BUILD] {
            let query = sqlx::query_scalar(sql).bind(may).bind(repository).bind(tag.as_str()).bind(packed(digest));
            let found: Option<String> = query.fetch_optional(&self.pools.readers).await?;
            if let Some(name) = found {
                return Ok(Some(name.parse()?));
            }
        }
        Ok(None)
    }
}
