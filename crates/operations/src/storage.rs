//! How many bytes registries, namespaces, repositories and tags hold, what would be freed if they went, and how it grew.

mod sampling;

pub(crate) use sampling::Counting;
pub use store::{
    Sample,
    index::{Bytes, Covered, LayerBytes as LayerRow, NamespaceBytes as NamespaceRow},
};

use crate::{Operations, Result, lists::seek, overview::Risk, reading::registry_topic};
use domain::{
    Actor, Digest, Permission, Place, RegistryName, RepositoryName, Tag, Timestamp, Visible, permission::allows,
};
use store::{
    Scope,
    index::{Count, LargestLayers, Listing, Page, RegistryBytes, RepositoryFilter, RepositorySort, TagFilter, TagSort},
};

/// Repositories and tags of a page.
const ROWS: u32 = 50;
/// Namespaces and layers of a page.
const FEW: u32 = 12;
/// Filtered rows are counted no further than this.
const COUNTED: u32 = 1_000;
/// Growth is shown over so many days.
const DAYS: i64 = 365;

/// What a person asked for of a registry's storage, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorageQuery {
    /// Only of this namespace; `/` for repositories without one.
    pub namespace: String,
    /// `exclusive` or `total`.
    pub sort: String,
    /// `asc` or `desc`; empty for the largest first.
    pub order: String,
    /// A place in the list of repositories from which to go on.
    pub after: String,
    /// A place in it before which to go back.
    pub before: String,
    /// A place in the list of namespaces from which to go on.
    pub namespaces: String,
    /// A place in the list of layers from which to go on.
    pub layers: String,
}

/// What a registry holds.
#[derive(Clone, Debug)]
pub struct Storage {
    /// The registry.
    pub registry: RegistryName,
    /// What is risky about the way it is reached.
    pub risk: Option<Risk>,
    /// Sums over it.
    pub sums: RegistryBytes,
    /// How it grew, a point a day at most, the last one being now.
    pub growth: Vec<Sample>,
    /// Its namespaces, those that would free most first. Nothing for those who may not see all of it.
    pub namespaces: Page<NamespaceRow>,
    /// The namespace that was asked for.
    pub namespace: Option<String>,
    /// What that holds, as it was counted.
    pub of_namespace: Option<NamespaceRow>,
    /// Its repositories.
    pub repositories: Page<RepositoryRow>,
    /// How many there are.
    pub matching: Count,
    /// By what they are sorted (the value of `sort`), and whether the largest comes first.
    pub sorted: (&'static str, bool),
    /// Its largest layers.
    pub layers: Page<LayerRow>,
    /// Are namespaces being counted now?
    pub counting: bool,
    /// May who asks change the registry's connection?
    pub manage: bool,
    /// Under which topic news of this page come.
    pub topic: String,
}

/// What a repository holds, in its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryRow {
    /// Its name.
    pub name: RepositoryName,
    /// How much.
    pub bytes: Bytes,
    /// What that covers.
    pub covered: Covered,
    /// Were its tags listed at all?
    pub listed: bool,
}

/// What a person asked for of a repository's storage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepositoryStorageQuery {
    /// Part of a tag's name, or a pattern.
    pub q: String,
    /// `size`, `created` or `name`.
    pub sort: String,
    /// `asc` or `desc`; empty for what suits the column.
    pub order: String,
    /// A place from which to go on.
    pub after: String,
    /// A place before which to go back.
    pub before: String,
}

/// What a repository holds.
#[derive(Clone, Debug)]
pub struct RepositoryStorage {
    /// The registry.
    pub registry: RegistryName,
    /// The repository.
    pub repository: RepositoryName,
    /// How much.
    pub bytes: Bytes,
    /// What that covers.
    pub covered: Covered,
    /// When its tags were listed.
    pub as_of: Option<Timestamp>,
    /// How it grew.
    pub growth: Vec<Sample>,
    /// Its tags.
    pub tags: Page<TagRow>,
    /// How many there are.
    pub matching: Count,
    /// By what they are sorted (the value of `sort`), and whether the largest comes first.
    pub sorted: (&'static str, bool),
    /// Its largest layers.
    pub layers: LargestLayers,
    /// Under which topic news of this page come.
    pub topic: String,
}

/// What a tag holds, in its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRow {
    /// Which.
    pub tag: Tag,
    /// Where it points.
    pub digest: Option<Digest>,
    /// When its image was built.
    pub created: Option<Timestamp>,
    /// How much; unknown until it is read.
    pub bytes: Option<Bytes>,
    /// Other tags here on the same digest.
    pub others: u64,
}

/// A list that is only ever read onwards from the largest.
fn onwards(after: &str) -> Listing<()> {
    Listing { sort: (), descending: true, seek: seek(after, ""), limit: FEW }
}

impl StorageQuery {
    fn sort(&self) -> (RepositorySort, &'static str) {
        match self.sort.as_str() {
            "total" => (RepositorySort::Bytes, "total"),
            "name" => (RepositorySort::Name, "name"),
            _ => (RepositorySort::Exclusive, "exclusive"),
        }
    }
    fn descending(&self) -> bool {
        match self.order.as_str() {
            "asc" => false,
            "desc" => true,
            _ => self.sort().1 != "name",
        }
    }
}

impl RepositoryStorageQuery {
    fn sort(&self) -> (TagSort, &'static str) {
        match self.sort.as_str() {
            "name" => (TagSort::Name, "name"),
            "created" => (TagSort::Created, "created"),
            _ => (TagSort::Size, "size"),
        }
    }
    fn descending(&self) -> bool {
        match self.order.as_str() {
            "asc" => false,
            "desc" => true,
            _ => self.sort().1 != "name",
        }
    }
}

impl Operations {
    /// What a registry holds. All of it comes from sums that are kept; a visit has the namespaces counted anew in the
    /// background where that was long ago.
    pub async fn storage(&self, actor: &Actor, registry: &str, query: &StorageQuery, live: bool) -> Result<Storage> {
        let record = self.record(actor, registry).await?;
        allows(actor, Permission::RepositoryView, Place::Registry(record.id))?;
        let visible = Visible::to(actor);
        let index = self.0.store.index();
        if !live {
            self.count_namespaces_again(record.id).await?;
        }
        let namespace = match query.namespace.as_str() {
            "" => None,
            "/" => Some(String::new()),
            name => Some(name.trim_end_matches('/').to_owned()),
        };
        let filter = RepositoryFilter { namespace: namespace.clone(), ..RepositoryFilter::default() };
        let ((sort, sort_name), descending) = (query.sort(), query.descending());
        let listing = Listing { sort, descending, seek: seek(&query.after, &query.before), limit: ROWS };
        let found = index.repositories(&visible, record.id, &filter, &listing).await?;
        let rows = found.rows.into_iter().map(|row| RepositoryRow {
            bytes: Bytes { total: row.bytes, exclusive: row.exclusive },
            covered: covered(row.tag_count, row.unread),
            listed: row.tag_count.is_some(),
            name: row.name,
        });
        let repositories = Page { rows: rows.collect(), next: found.next, previous: found.previous, cut: found.cut };
        let sums = index.registry_bytes(&visible, record.id).await?;
        let now = Sample {
            day: Sample::day_of(self.now()),
            bytes: sums.total,
            exclusive: sums.total,
            repositories: sums.repositories,
            tags: sums.covered.tags,
            read: sums.covered.read,
        };
        let of_namespace = match &namespace {
            Some(name) => index.namespace_bytes(&visible, record.id, name).await?,
            None => None,
        };
        Ok(Storage {
            growth: self.growth(&visible, record.id, &Scope::Registry, now).await?,
            namespaces: index.namespaces_by_bytes(&visible, record.id, &onwards(&query.namespaces)).await?,
            matching: index.count_repositories(&visible, record.id, &filter, COUNTED).await?,
            layers: index.largest_layers(&visible, record.id, &onwards(&query.layers)).await?,
            counting: self.0.counting.is_at_work(record.id),
            manage: allows(actor, Permission::RegistryManage, Place::Registry(record.id)).is_ok(),
            topic: registry_topic(record.id),
            risk: Risk::of(&record.connection),
            registry: record.name,
            sorted: (sort_name, descending),
            sums,
            namespace,
            of_namespace,
            repositories,
        })
    }

    /// What a repository holds, and its tags.
    pub async fn repository_storage(
        &self,
        actor: &Actor,
        registry: &str,
        repository: &RepositoryName,
        query: &RepositoryStorageQuery,
    ) -> Result<RepositoryStorage> {
        let record = self.record(actor, registry).await?;
        allows(actor, Permission::RepositoryView, Place::Repository(record.id, repository.clone()))?;
        let visible = Visible::to(actor);
        let index = self.0.store.index();
        let known = index.repository(&visible, record.id, repository).await?.ok_or_else(|| {
            crate::Error::not_found(format!("repository {repository} on {}", record.name))
                .way_out(crate::WayOut::Registry(record.name.to_string()))
        })?;
        let ((sort, sort_name), descending) = (query.sort(), query.descending());
        let text: String = query.q.trim().chars().take(256).collect();
        let filter =
            TagFilter { text: Some(text).filter(|text| !text.is_empty()), referrers: true, ..TagFilter::default() };
        let listing = Listing { sort, descending, seek: seek(&query.after, &query.before), limit: ROWS };
        let page = index.tags(&visible, known.id, &filter, &listing).await?;
        let names: Vec<Tag> = page.rows.iter().map(|row| row.tag.clone()).collect();
        let digests: Vec<Digest> = page.rows.iter().filter_map(|row| row.digest.clone()).collect();
        let mut bytes = index.tag_bytes(&visible, known.id, &names).await?;
        let siblings = index.siblings(&visible, known.id, &digests, crate::lists::COUNTED).await?;
        let rows = page.rows.into_iter().map(|row| TagRow {
            bytes: bytes.remove(&row.tag),
            created: row.summary.and_then(|summary| summary.created),
            others: row
                .digest
                .as_ref()
                .and_then(|digest| siblings.get(digest))
                .map_or(0, |on_it| (on_it.len() as u64).saturating_sub(1)),
            digest: row.digest,
            tag: row.tag,
        });
        let tags = Page { rows: rows.collect(), next: page.next, previous: page.previous, cut: page.cut };
        let sums = Bytes { total: known.bytes, exclusive: known.exclusive };
        let covered = covered(known.tag_count, known.unread);
        let now = Sample {
            day: Sample::day_of(self.now()),
            bytes: sums.total,
            exclusive: sums.exclusive,
            repositories: 1,
            tags: covered.tags,
            read: covered.read,
        };
        let scope = Scope::Repository(repository.to_string());
        Ok(RepositoryStorage {
            growth: self.growth(&visible, record.id, &scope, now).await?,
            matching: index.count_tags(&visible, known.id, &filter, COUNTED).await?,
            layers: index.largest_layers_of(&visible, record.id, known.id, FEW).await?,
            topic: crate::reading::repository_topic(record.id, repository),
            registry: record.name,
            repository: repository.clone(),
            bytes: sums,
            covered,
            as_of: known.tags_listed_at,
            tags,
            sorted: (sort_name, descending),
        })
    }

    /// The samples of a scope over the last year, with what it holds now as the last.
    async fn growth(&self, visible: &Visible, registry: domain::Id, scope: &Scope, now: Sample) -> Result<Vec<Sample>> {
        let from = now.day - DAYS;
        let mut series = self.0.store.storage_samples().series(visible, registry, scope, from, now.day - 1).await?;
        // Days on which much was unread yet would look like growth.
        series.retain(|sample| sample.read.saturating_mul(10) >= sample.tags.saturating_mul(9));
        series.push(now);
        Ok(series)
    }
}

fn covered(tags: Option<u64>, unread: u64) -> Covered {
    let tags = tags.unwrap_or_default();
    Covered { tags, read: tags.saturating_sub(unread) }
}
