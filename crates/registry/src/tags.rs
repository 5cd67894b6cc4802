//! The tags of a repository (OCI distribution specification 1.1, "Listing Tags").

use crate::{
    NextPage, Page, Registry, Result,
    error::Missing,
    paging::{List, Listing},
    transport::Scope,
};
use domain::RepositoryName;

fn list(repository: &RepositoryName) -> List {
    List {
        path: format!("v2/{repository}/tags/list"),
        scope: Scope::Pull(repository.clone()),
        what: Missing::Repository,
        field: "tags",
    }
}

impl Registry {
    /// All tags, in the registry's order (distribution 2.8 gives none). An emptied repository has an empty list; one that
    /// is not there is [`crate::Error::NotFound`].
    pub async fn tags(&self, repository: &RepositoryName) -> Result<Listing<String>> {
        self.whole(&list(repository)).await
    }

    /// The same as far as it can be read: trouble after the first page cuts the list, and it says so
    /// ([`Listing::why_incomplete`], [`Listing::trouble`]).
    pub async fn tags_as_far(&self, repository: &RepositoryName) -> Result<Listing<String>> {
        self.as_far(&list(repository)).await
    }

    /// One page with at most `n` tags (or what the registry gives instead).
    pub async fn tags_page(
        &self,
        repository: &RepositoryName,
        n: u32,
        after: Option<&NextPage>,
    ) -> Result<Page<String>> {
        self.page(&list(repository), n, after).await
    }
}
