//! What a repository holds and no tag of it names: left behind when tags moved on.

use crate::{
    Operations, Result,
    lists::{self, Pairs},
    reading::{Basis, repository_topic, visit::ROWS},
    repositories::MOST_ROWS,
};
use domain::{
    Actor, FieldErrors, Permission, Place, RegistryName, RepositoryName, Timestamp, Visible,
    filters::{Filters, List, Referrers, field},
    permission::allows,
};
pub use store::index::Untagged;
use store::index::{self, Count, Listing, UntaggedSort};

/// What a person asked for, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UntaggedQuery {
    /// `tagged=no`, and whether referrers are in the list; by other fields it can't be filtered.
    pub filters: Pairs,
    /// `created` or `size`.
    pub sort: String,
    /// `asc` or `desc`; empty for the greatest first.
    pub order: String,
    /// A place from which to go on.
    pub after: String,
    /// A place before which to go back.
    pub before: String,
    /// Rows of a page, up to 500; without, as many as a page shows.
    pub limit: Option<u32>,
}

/// What is known of a repository's untagged manifests. Registries don't list them: these are the ones that were met.
#[derive(Clone, Debug)]
pub struct UntaggedList {
    /// The registry.
    pub registry: RegistryName,
    /// The repository.
    pub repository: RepositoryName,
    /// How many tags the repository has.
    pub tags: u64,
    /// How many of these are read: what the others hold is not known.
    pub read: u64,
    /// The rows.
    pub rows: Vec<Untagged>,
    /// How many there are.
    pub matching: Count,
    /// By what the rows are sorted: the value of `sort`.
    pub sort: &'static str,
    /// The greatest first?
    pub descending: bool,
    /// What it is filtered by.
    pub filters: Filters,
    /// What is wrong with the filters: these are left out.
    pub errors: FieldErrors,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// When the tags were listed.
    pub listed_at: Option<Timestamp>,
    /// Under which topic news of this page come.
    pub topic: String,
}

impl Operations {
    /// The manifests that a repository was seen to hold and that no tag of it names, nor an index in it. Nothing is asked
    /// of the registry for it.
    pub async fn untagged(
        &self,
        actor: &Actor,
        registry: &str,
        repository: &RepositoryName,
        query: &UntaggedQuery,
    ) -> Result<UntaggedList> {
        let record = self.record(actor, registry).await?;
        allows(actor, Permission::RepositoryView, Place::Repository(record.id, repository.clone()))?;
        let visible = Visible::to(actor).in_repository(record.id, repository);
        let (filters, mut errors) = lists::read(List::Manifests, &query.filters);
        for (name, _) in filters.pairs() {
            if !matches!(name, field::TAGGED | field::REFERRERS) {
                errors.push(name, "Untagged manifests can't be filtered by this.");
            }
        }
        let filters = Filters { tagged: Some(false), referrers: filters.referrers, ..Filters::default() };
        let (sort, sort_name) = match query.sort.as_str() {
            "size" => (UntaggedSort::Size, "size"),
            _ => (UntaggedSort::Created, "created"),
        };
        let descending = lists::descending(&query.order, true);
        let limit = query.limit.unwrap_or(ROWS).clamp(1, MOST_ROWS);
        let listing = Listing { sort, descending, seek: lists::seek(&query.after, &query.before), limit };
        let index = self.0.store.index();
        let known = index.repository(&visible, record.id, repository).await?;
        let topic = repository_topic(record.id, repository);
        let mut list = UntaggedList {
            registry: record.name,
            repository: repository.clone(),
            tags: 0,
            read: 0,
            rows: Vec::new(),
            matching: Count { number: 0, exact: true },
            sort: sort_name,
            descending,
            filters,
            errors,
            previous: None,
            next: None,
            listed_at: None,
            topic,
        };
        if let Some(known) = known {
            let referrers = list.filters.referrers != Referrers::Hidden;
            let page = index.untagged_manifests(&visible, known.id, referrers, &listing).await?;
            let progress = known.progress();
            (list.rows, list.previous, list.next) = (page.rows, page.previous, page.next);
            list.matching = index.count_untagged(&visible, known.id, referrers, lists::COUNTED).await?;
            (list.tags, list.read, list.listed_at) = (progress.tags, progress.read, known.tags_listed_at);
        }
        Ok(list)
    }

    /// How many there are without referrers, kept as long as nothing that it was made from has changed.
    pub(crate) async fn count_untagged(&self, visible: &Visible, basis: Basis) -> Result<index::Count> {
        if let Some(count) = self.0.reading.counted.get(&basis, &"untagged") {
            return Ok(count);
        }
        let index = self.0.store.index();
        let count = index.count_untagged(visible, basis.repository, false, lists::COUNTED).await?;
        self.0.reading.counted.keep(basis, &"untagged", count);
        Ok(count)
    }
}
