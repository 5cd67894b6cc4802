//! The tags beside a tag: what one would compare it with.

use super::Index;
use crate::{Error, sql::statements};
use domain::{Digest, Id, Tag, Visible};

statements! {
    OLDER_VERSION = "SELECT o.name, o.digest FROM tags t JOIN tags o ON o.repository_id = t.repository_id AND o.version < t.version
                     WHERE $1 AND t.repository_id = $2 AND t.name = $3 AND o.is_referrer = 0
                     AND (o.digest IS NULL OR o.digest <> $4) ORDER BY o.version DESC, o.name DESC LIMIT 1";
    // Few tags share a day: the walk back along the newest builds is short, and bounded besides.
    OLDER_BUILD = "SELECT t.name, t.digest FROM tags t JOIN manifests m ON m.digest = t.digest
                   AND m.registry_id = (SELECT registry_id FROM repositories WHERE id = $2)
                   WHERE $1 AND t.repository_id = $2 AND t.name <> $3 AND t.digest <> $4 AND t.is_referrer = 0
                   AND m.created < (SELECT n.created FROM manifests n WHERE n.digest = $4 AND n.registry_id =
                   (SELECT registry_id FROM repositories WHERE id = $2)) ORDER BY m.created DESC, t.name LIMIT 1";
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
            let query = sqlx::query_as(sql).bind(may).bind(repository).bind(tag.as_str()).bind(digest.as_str());
            let found: Option<(String, Option<String>)> = query.fetch_optional(&self.pools.readers).await?;
            if let Some((name, _)) = found {
                return Ok(Some(name.parse()?));
            }
        }
        Ok(None)
    }
}
