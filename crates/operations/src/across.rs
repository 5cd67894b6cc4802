//! Tags and repositories of all registries at once: by name, and the newest first. Nothing is asked of a registry for it.

use crate::{
    Error, Operations, Result,
    lists::{self, Pairs},
    repositories::{MOST_ROWS, ROWS},
    tags::TagRow,
};
use domain::{
    Actor, FieldErrors, Id, Permission, Place, RegistryName, RepositoryName, Visible,
    filters::{Filters, List},
    permission::allows,
};
use std::collections::HashMap;
pub use store::index::Repository;
use store::index::{AcrossSort, Listing, Page};

/// What a person asked for, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcrossQuery {
    /// What the list is filtered by.
    pub filters: Pairs,
    /// Only what this registry holds; empty for all.
    pub registry: String,
    /// `newest` or `name`; empty for the newest first.
    pub sort: String,
    /// `asc` or `desc`; empty for what suits the column.
    pub order: String,
    /// A place from which to go on.
    pub after: String,
    /// A place before which to go back.
    pub before: String,
    /// Rows of a page, up to 500; without, as many as a page shows.
    pub limit: Option<u32>,
}

/// A list over several registries.
#[derive(Clone, Debug)]
pub struct Across<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// All registries that one may choose, by name.
    pub registries: Vec<RegistryName>,
    /// The one that was chosen.
    pub only: Option<RegistryName>,
    /// By what the rows are sorted (the value of `sort`), and whether the greatest comes first.
    pub sorted: (&'static str, bool),
    /// What it is filtered by.
    pub filters: Filters,
    /// What is wrong with the filters: these are left out.
    pub errors: FieldErrors,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// Were so many looked at that the page was given up before it was full? There may be more behind it.
    pub cut: bool,
    /// Tags of these registries that are known, and of those the ones that are not read yet: they have no place in an
    /// order by age, and no filter finds them that asks for more than a name.
    pub tags: u64,
    /// See there.
    pub unread: u64,
}

/// A tag, and where it is.
#[derive(Clone, Debug)]
pub struct TagElsewhere {
    /// In which registry.
    pub registry: RegistryName,
    /// In which repository.
    pub repository: RepositoryName,
    /// The tag.
    pub row: TagRow,
}

/// A repository, and where it is.
#[derive(Clone, Debug)]
pub struct RepositoryElsewhere {
    /// In which registry.
    pub registry: RegistryName,
    /// What is known of it.
    pub row: Repository,
}

/// What both lists begin with.
struct Begun {
    visible: Visible,
    names: HashMap<Id, RegistryName>,
    /// Where is looked.
    among: Vec<Id>,
    listing: Listing<AcrossSort>,
    filters: Filters,
}

impl Operations {
    /// The tags of all registries: the newest builds first, or by name.
    pub async fn tags_across(&self, actor: &Actor, query: &AcrossQuery) -> Result<Across<TagElsewhere>> {
        let (begun, across) = self.begin_across(actor, query, List::Tags).await?;
        let filter = lists::of_tags(&begun.filters, self.now());
        let Begun { visible, names, among, listing, .. } = begun;
        let page = self.0.store.index().tags_across(&visible, &among, &filter, &listing).await?;
        Ok(across.with(page, |tag| {
            let registry = names.get(&tag.registry)?.clone();
            Some(TagElsewhere { registry, repository: tag.repository, row: TagRow::from(tag.row) })
        }))
    }

    /// The repositories of all registries: by their newest build, or by name.
    pub async fn repositories_across(&self, actor: &Actor, query: &AcrossQuery) -> Result<Across<RepositoryElsewhere>> {
        let (begun, across) = self.begin_across(actor, query, List::Repositories).await?;
        let filter = lists::of_repositories(&begun.filters, self.now());
        let Begun { visible, names, among, listing, .. } = begun;
        let page = self.0.store.index().repositories_across(&visible, &among, &filter, &listing).await?;
        Ok(across.with(page, |row| {
            let registry = names.get(&row.registry)?.clone();
            Some(RepositoryElsewhere { registry, row })
        }))
    }

    async fn begin_across<T>(&self, actor: &Actor, query: &AcrossQuery, list: List) -> Result<(Begun, Across<T>)> {
        allows(actor, Permission::RepositoryView, Place::System)?;
        let (filters, errors) = lists::read(list, &query.filters);
        lists::may_ask(actor, &filters, Place::System)?;
        let visible = lists::visible(actor, &filters);
        let all = Visible::to(actor);
        let records = self.0.store.registries().list(&all).await?;
        let only = match query.registry.as_str() {
            "" => None,
            name => {
                let found = records.iter().find(|record| record.name.as_str() == name);
                Some(found.ok_or_else(|| Error::not_found(format!("registry {}", domain::text::visible(name, 100))))?)
            }
        };
        let among: Vec<Id> =
            records.iter().filter(|one| only.is_none_or(|only| only.id == one.id)).map(|r| r.id).collect();
        let totals = self.0.store.index().all_totals(&visible).await?;
        let sum = |of: fn(&store::index::Totals) -> u64| among.iter().filter_map(|id| totals.get(id)).map(of).sum();
        let (sort, name) = match query.sort.as_str() {
            "name" => (AcrossSort::Name, "name"),
            _ => (AcrossSort::Created, "newest"),
        };
        let descending = lists::descending(&query.order, sort == AcrossSort::Created);
        let across = Across {
            rows: Vec::new(),
            registries: records.iter().map(|record| record.name.clone()).collect(),
            only: only.map(|record| record.name.clone()),
            sorted: (name, descending),
            filters: filters.clone(),
            errors,
            previous: None,
            next: None,
            cut: false,
            tags: sum(|totals| totals.tags),
            unread: sum(|totals| totals.unread),
        };
        let seek = lists::seek(&query.after, &query.before);
        let listing = Listing { sort, descending, seek, limit: query.limit.unwrap_or(ROWS).clamp(1, MOST_ROWS) };
        let names = records.into_iter().map(|record| (record.id, record.name)).collect();
        Ok((Begun { visible, names, among, listing, filters }, across))
    }
}

impl<T> Across<T> {
    fn with<S>(self, page: Page<S>, row: impl FnMut(S) -> Option<T>) -> Self {
        let rows = page.rows.into_iter().filter_map(row).collect();
        Self { rows, previous: page.previous, next: page.next, cut: page.cut, ..self }
    }
}
