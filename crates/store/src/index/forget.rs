//! Forgetting what the index knows of a repository or a registry, in steps that hold the lock for some milliseconds.

use super::Index;
use crate::{Error, sql::statements};
use domain::{Id, RepositoryName};

statements! {
    FIND = "SELECT id FROM repositories WHERE registry_id = $1 AND name = $2";
    SOME_TAGS = "DELETE FROM tags WHERE repository_id = $1
                 AND name IN (SELECT name FROM tags WHERE repository_id = $1 LIMIT 400)";
    SOME_HOLDS = "DELETE FROM holds WHERE repository_id = $1
                  AND digest IN (SELECT digest FROM holds WHERE repository_id = $1 LIMIT 400)";
    REPOSITORY = "DELETE FROM repositories WHERE id = $1";
    CATALOGUE = "DELETE FROM catalogues WHERE registry_id = $1";
    SOME_MANIFESTS = "DELETE FROM manifests WHERE registry_id = $1
                      AND digest IN (SELECT digest FROM manifests WHERE registry_id = $1 LIMIT 400)";
    SOME_DOCUMENTS = "DELETE FROM documents WHERE registry_id = $1
                      AND digest IN (SELECT digest FROM documents WHERE registry_id = $1 LIMIT 100)";
    NEXT_OF_REGISTRY = "SELECT id FROM repositories WHERE registry_id = $1 LIMIT 1";
}

impl Index {
    /// Forgets a repository: the registry said itself that it is not there.
    pub async fn forget_repository(&self, registry: Id, name: &RepositoryName) -> Result<(), Error> {
        let _recount = self.counted.changing();
        let found = sqlx::query_scalar(FIND).bind(registry).bind(name.as_str()).fetch_optional(&self.pools.readers);
        match found.await? {
            Some(id) => self.erase(id).await,
            None => Ok(()),
        }
    }

    /// Forgets all that is known of a registry, and what it served.
    pub async fn forget_registry(&self, registry: Id) -> Result<(), Error> {
        let _recount = self.counted.changing();
        sqlx::query(CATALOGUE).bind(registry).execute(&self.pools.writer).await?;
        let next = || sqlx::query_scalar(NEXT_OF_REGISTRY).bind(registry).fetch_optional(&self.pools.writer);
        while let Some(id) = next().await? {
            self.erase(id).await?;
        }
        for some in [SOME_MANIFESTS, SOME_DOCUMENTS] {
            while sqlx::query(some).bind(registry).execute(&self.pools.writer).await?.rows_affected() > 0 {}
        }
        Ok(())
    }

    pub(super) async fn erase(&self, repository: Id) -> Result<(), Error> {
        for some in [SOME_TAGS, SOME_HOLDS] {
            while sqlx::query(some).bind(repository).execute(&self.pools.writer).await?.rows_affected() > 0 {}
        }
        sqlx::query(REPOSITORY).bind(repository).execute(&self.pools.writer).await?;
        Ok(())
    }
}
