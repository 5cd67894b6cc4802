//! Forgetting what the index knows of a repository or a registry, in steps that hold the lock for some milliseconds.

use super::Index;
use crate::{Error, sql::statements};
use domain::{Id, RepositoryName};

statements! {
    FIND = "SELECT id FROM repositories WHERE registry_id = $1 AND name = $2";
    SOME_TAGS = "DELETE FROM tags WHERE repository_id = $1
                 AND name IN (SELECT name FROM tags WHERE repository_id = $1 LIMIT 400)";
    SOME_HOLDS = "DELETE FROM holds WHERE repository_id = $1
                  AND manifest_id IN (SELECT manifest_id FROM holds WHERE repository_id = $1 LIMIT 100)";
    MISSING = "DELETE FROM missing_tags WHERE repository_id = $1";
    FINDINGS = "DELETE FROM repository_findings WHERE repository_id = $1";
    REPOSITORY = "DELETE FROM repositories WHERE id = $1";
    CATALOGUE = "DELETE FROM catalogues WHERE registry_id = $1";
    NAMESPACES = "DELETE FROM namespaces WHERE registry_id = $1";
    // What a registry served, a few at a time and each table once from its beginning to its end; with each goes what it names.
    MANIFESTS = "SELECT id FROM manifests WHERE id > $2 AND registry_id = $1 ORDER BY id LIMIT 100";
    BLOBS = "SELECT id FROM blobs WHERE id > $2 AND registry_id = $1 ORDER BY id LIMIT 400";
    DOCUMENTS = "SELECT rowid FROM documents WHERE rowid > $2 AND registry_id = $1 ORDER BY rowid LIMIT 100";
    THEIR_BLOBS = "DELETE FROM manifest_blobs WHERE manifest_id IN (SELECT value FROM json_each($1))";
    THEIR_CHILDREN = "DELETE FROM children WHERE parent_id IN (SELECT value FROM json_each($1))";
    THEIR_LABELS = "DELETE FROM manifest_labels WHERE (label_id, manifest_id) IN
                    (SELECT label_id, manifest_id FROM manifest_labels WHERE manifest_id IN (SELECT value FROM json_each($1)))";
    THEIR_BASES = "DELETE FROM bases WHERE manifest_id IN (SELECT value FROM json_each($1))";
    THEIR_FINDINGS = "DELETE FROM findings WHERE (registry_id, check_bit, manifest_id) IN
                      (SELECT registry_id, check_bit, manifest_id FROM findings WHERE manifest_id IN (SELECT value FROM json_each($1)))";
    THEMSELVES = "DELETE FROM manifests WHERE id IN (SELECT value FROM json_each($1))";
    THESE_BLOBS = "DELETE FROM blobs WHERE id IN (SELECT value FROM json_each($1))";
    THESE_DOCUMENTS = "DELETE FROM documents WHERE rowid IN (SELECT value FROM json_each($1))";
    NEXT_OF_REGISTRY = "SELECT id FROM repositories WHERE registry_id = $1 LIMIT 1";
}

impl Index {
    /// Forgets a repository: the registry said itself that it is not there.
    pub async fn forget_repository(&self, registry: Id, name: &RepositoryName) -> Result<(), Error> {
        let found = sqlx::query_scalar(FIND).bind(registry).bind(name.as_str()).fetch_optional(&self.pools.readers);
        match found.await? {
            Some(id) => self.erase(id).await,
            None => Ok(()),
        }
    }

    /// Forgets all that is known of a registry, and what it served.
    pub async fn forget_registry(&self, registry: Id) -> Result<(), Error> {
        sqlx::query(CATALOGUE).bind(registry).execute(&self.pools.writer).await?;
        let next = || sqlx::query_scalar(NEXT_OF_REGISTRY).bind(registry).fetch_optional(&self.pools.writer);
        while let Some(id) = next().await? {
            self.erase(id).await?;
        }
        let theirs = [THEIR_BLOBS, THEIR_CHILDREN, THEIR_LABELS, THEIR_BASES, THEIR_FINDINGS, THEMSELVES];
        self.walk(registry, MANIFESTS, &theirs).await?;
        self.walk(registry, BLOBS, &[THESE_BLOBS]).await?;
        self.walk(registry, DOCUMENTS, &[THESE_DOCUMENTS]).await?;
        sqlx::query(NAMESPACES).bind(registry).execute(&self.pools.writer).await?;
        sqlx::query(CATALOGUE).bind(registry).execute(&self.pools.writer).await?;
        Ok(())
    }

    /// Runs `deletions` on what `some` finds, piece by piece, so that none holds the lock for long.
    async fn walk(&self, registry: Id, some: &'static str, deletions: &[&'static str]) -> Result<(), Error> {
        let mut after = 0_i64;
        loop {
            let query = sqlx::query_scalar(some).bind(registry).bind(after);
            let found: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
            let Some(last) = found.last() else { return Ok(()) };
            after = *last;
            let found = serde_json::to_string(&found)?;
            let mut change = self.pools.begin().await?;
            for deletion in deletions {
                sqlx::query(*deletion).bind(&found).execute(&mut *change).await?;
            }
            change.commit().await?;
        }
    }

    pub(super) async fn erase(&self, repository: Id) -> Result<(), Error> {
        for some in [SOME_TAGS, SOME_HOLDS] {
            while sqlx::query(some).bind(repository).execute(&self.pools.writer).await?.rows_affected() > 0 {}
        }
        let mut change = self.pools.begin().await?;
        for last in [MISSING, FINDINGS, REPOSITORY] {
            sqlx::query(last).bind(repository).execute(&mut *change).await?;
        }
        change.commit().await?;
        Ok(())
    }
}
