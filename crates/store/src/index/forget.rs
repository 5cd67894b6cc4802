//! Forgetting what the index knows of a repository or a registry, in steps that hold the lock for some milliseconds.

use super::{Index, belongings};
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
    // A registry that begins to go, one that is gone, and those that did not come to their end.
    BEGIN = "INSERT INTO forgotten (registry_id) VALUES ($1) ON CONFLICT (registry_id) DO NOTHING";
    END = "DELETE FROM forgotten WHERE registry_id = $1";
    UNFINISHED = "SELECT registry_id FROM forgotten
                  UNION SELECT registry_id FROM catalogues WHERE registry_id NOT IN (SELECT value FROM json_each($1))";
    CATALOGUE = "DELETE FROM catalogues WHERE registry_id = $1";
    NAMESPACES = "DELETE FROM namespaces WHERE registry_id = $1";
    // What a registry served, a few at a time and each table once from its beginning to its end; with each goes what it names.
    MANIFESTS = "SELECT id FROM manifests WHERE id > $2 AND registry_id = $1 ORDER BY id LIMIT 100";
    BLOBS = "SELECT id FROM blobs WHERE id > $2 AND registry_id = $1 ORDER BY id LIMIT 400";
    DOCUMENTS = "SELECT rowid FROM documents WHERE rowid > $2 AND registry_id = $1 ORDER BY rowid LIMIT 100";
    THESE_BLOBS = "DELETE FROM blobs WHERE id IN (SELECT value FROM json_each($1))";
    THESE_DOCUMENTS = "DELETE FROM documents WHERE rowid IN (SELECT value FROM json_each($1))";
    NEXT_OF_REGISTRY = "SELECT id FROM repositories WHERE registry_id = $1 LIMIT 1";
}

/// What a registry served, of which nothing else is needed to say whose it is.
#[derive(Clone, Copy)]
enum Served {
    Manifests,
    Blobs,
    Documents,
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

    /// Registries that are known to be on their way out, and those of which something is kept although they are none of
    /// `known`: a crash came in between. [`Self::forget_registry`] finishes it.
    pub async fn half_forgotten(&self, known: &[Id]) -> Result<Vec<Id>, Error> {
        let query = sqlx::query_scalar(UNFINISHED).bind(serde_json::to_string(known)?);
        Ok(query.fetch_all(&self.pools.readers).await?)
    }

    /// Forgets all that is known of a registry, and what it served. It can be taken up again after a crash.
    pub async fn forget_registry(&self, registry: Id) -> Result<(), Error> {
        self.together(registry, &[BEGIN, CATALOGUE]).await?;
        let next = || sqlx::query_scalar(NEXT_OF_REGISTRY).bind(registry).fetch_optional(&self.pools.writer);
        while let Some(id) = next().await? {
            self.erase(id).await?;
        }
        for kind in [Served::Manifests, Served::Blobs, Served::Documents] {
            self.walk(registry, kind).await?;
        }
        self.together(registry, &[NAMESPACES, CATALOGUE, END]).await
    }

    /// Runs statements on a registry or repository under one lock.
    async fn together(&self, id: Id, statements: &[&'static str]) -> Result<(), Error> {
        let mut change = self.pools.begin().await?;
        for statement in statements {
            sqlx::query(*statement).bind(id).execute(&mut *change).await?;
        }
        change.commit().await?;
        Ok(())
    }

    /// Deletes all of a kind that a registry served, piece by piece, so that none holds the lock for long.
    async fn walk(&self, registry: Id, kind: Served) -> Result<(), Error> {
        let some = match kind {
            Served::Manifests => MANIFESTS,
            Served::Blobs => BLOBS,
            Served::Documents => DOCUMENTS,
        };
        let mut after = 0_i64;
        loop {
            let query = sqlx::query_scalar(some).bind(registry).bind(after);
            let found: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
            let Some(last) = found.last() else { return Ok(()) };
            after = *last;
            let found = serde_json::to_string(&found)?;
            let mut change = self.pools.begin().await?;
            match kind {
                Served::Manifests => _ = belongings::delete(&mut change, &found).await?,
                Served::Blobs => _ = sqlx::query(THESE_BLOBS).bind(&found).execute(&mut *change).await?,
                Served::Documents => _ = sqlx::query(THESE_DOCUMENTS).bind(&found).execute(&mut *change).await?,
            }
            change.commit().await?;
        }
    }

    pub(super) async fn erase(&self, repository: Id) -> Result<(), Error> {
        for some in [SOME_TAGS, SOME_HOLDS] {
            while sqlx::query(some).bind(repository).execute(&self.pools.writer).await?.rows_affected() > 0 {}
        }
        self.together(repository, &[MISSING, FINDINGS, REPOSITORY]).await
    }
}
