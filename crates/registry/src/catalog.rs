//! The repositories of a registry (Docker registry HTTP API V2, "Catalog"; not part of OCI, and refused by many).

use crate::{
    NextPage, Page, Registry, Result,
    error::Missing,
    paging::{List, Listing},
    transport::Scope,
};

fn list() -> List {
    List { path: "v2/_catalog".into(), scope: Scope::Catalog, what: Missing::Catalog, field: "repositories" }
}

impl Registry {
    /// The whole catalogue. Names outside the grammar are kept as the text they are: parse before using one in a path.
    pub async fn catalog(&self) -> Result<Listing<String>> {
        self.whole(&list()).await
    }

    /// The same as far as it can be read: trouble after the first page cuts the list, and it says so
    /// ([`Listing::why_incomplete`], [`Listing::trouble`]).
    pub async fn catalog_as_far(&self) -> Result<Listing<String>> {
        self.as_far(&list()).await
    }

    /// One page of the catalogue with at most `n` names (or what the registry gives instead).
    pub async fn catalog_page(&self, n: u32, after: Option<&NextPage>) -> Result<Page<String>> {
        self.page(&list(), n, after).await
    }
}
