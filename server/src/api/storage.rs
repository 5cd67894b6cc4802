//! How many bytes registries, repositories and tags hold, what would be freed if they went, and how that grew.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Path, Query},
    values::{Count, InRegistry, InRepository, Time, bounded, repository},
};
use domain::Timestamp;
use operations::storage::{self, LayerRow, NamespaceRow, RepositoryStorageQuery, Sample, StorageQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(read_storage)).routes(routes!(read_repository_storage))
}

/// Bytes of blobs, each counted once.
#[derive(Serialize, ToSchema)]
struct Bytes {
    /// Of all of them.
    total: u64,
    /// Of those that nothing else in the registry holds: freed if it went.
    exclusive: u64,
}

impl From<storage::Bytes> for Bytes {
    fn from(bytes: storage::Bytes) -> Self {
        Self { total: bytes.total, exclusive: bytes.exclusive }
    }
}

/// What sums cover: what is not read yet, they say nothing about.
#[derive(Serialize, ToSchema)]
struct Covered {
    /// Tags known.
    tags: u64,
    /// Those whose image was read.
    read: u64,
}

impl From<storage::Covered> for Covered {
    fn from(covered: storage::Covered) -> Self {
        Self { tags: covered.tags, read: covered.read }
    }
}

/// How much it was on a day.
#[derive(Serialize, ToSchema)]
struct StorageSample {
    /// The beginning of the day in UTC.
    day: Time,
    /// How much.
    bytes: Bytes,
    /// How many repositories.
    repositories: u64,
    /// What that covers.
    covered: Covered,
}

impl From<Sample> for StorageSample {
    fn from(sample: Sample) -> Self {
        Self {
            day: Time(Timestamp(sample.day.saturating_mul(86_400_000_000))),
            bytes: Bytes { total: sample.bytes, exclusive: sample.exclusive },
            repositories: sample.repositories,
            covered: Covered { tags: sample.tags, read: sample.read },
        }
    }
}

/// A layer.
#[derive(Serialize, ToSchema)]
struct StoredLayer {
    /// Its digest.
    digest: String,
    /// Bytes.
    size: u64,
    /// How many repositories of the registry hold it.
    repositories: u64,
    /// Some of them.
    some: Vec<String>,
}

impl From<LayerRow> for StoredLayer {
    fn from(layer: LayerRow) -> Self {
        Self {
            digest: layer.digest.to_string(),
            size: layer.size,
            repositories: layer.repositories,
            some: layer.some.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What repositories with a common beginning hold.
#[derive(Serialize, ToSchema)]
struct StoredNamespace {
    /// Their beginning, without `/`; empty for those without one.
    name: String,
    /// How many there are.
    repositories: u64,
    /// How much they hold together.
    bytes: Bytes,
    /// What that covers.
    covered: Covered,
    /// When it was counted.
    as_of: Time,
}

impl From<NamespaceRow> for StoredNamespace {
    fn from(row: NamespaceRow) -> Self {
        Self {
            name: row.name,
            repositories: row.repositories,
            bytes: row.bytes.into(),
            covered: row.covered.into(),
            as_of: row.counted_at.into(),
        }
    }
}

/// What a registry holds.
#[derive(Serialize, ToSchema)]
struct RegistryStorage {
    /// Bytes of all blobs, each once.
    total: u64,
    /// Bytes of those that one repository alone holds.
    unshared: u64,
    /// Repositories known.
    repositories: u64,
    /// What the sums cover.
    covered: Covered,
    /// A point a day at most, over a year; the last one is now.
    growth: Vec<StorageSample>,
    /// The namespaces that would free most.
    namespaces: Vec<StoredNamespace>,
    /// The largest layers.
    layers: Vec<StoredLayer>,
    /// A page of its repositories.
    largest: Vec<StoredRepository>,
    /// How many there are.
    matching: Count,
}

/// What a repository holds, in a list.
#[derive(Serialize, ToSchema)]
struct StoredRepository {
    /// Its name.
    name: String,
    /// How much.
    bytes: Bytes,
    /// What that covers.
    covered: Covered,
}

/// What a repository holds.
#[derive(Serialize, ToSchema)]
struct RepositoryStorage {
    /// How much.
    bytes: Bytes,
    /// What that covers.
    covered: Covered,
    /// When its tags were listed.
    as_of: Option<Time>,
    /// A point a day at most, over a year; the last one is now.
    growth: Vec<StorageSample>,
    /// Its largest layers.
    layers: Vec<StoredLayer>,
    /// A page of its tags.
    tags: Vec<StoredTag>,
    /// How many there are.
    matching: Count,
}

/// What a tag holds.
#[derive(Serialize, ToSchema)]
struct StoredTag {
    /// Its name.
    name: String,
    /// Where it points.
    digest: Option<String>,
    /// How much; unknown until it is read.
    bytes: Option<Bytes>,
    /// Other tags of the repository on the same digest.
    others: u64,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
#[derive(Default)]
struct StorageWanted {
    /// Only repositories of this namespace; `/` for those without one.
    #[param(max_length = 255, example = "storefront")]
    namespace: String,
    /// Where to go on in the list of repositories: take the whole link of the page before.
    #[param(max_length = 2000)]
    cursor: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
#[derive(Default)]
struct RepositoryStorageWanted {
    /// Part of a tag's name.
    #[param(max_length = 256)]
    q: String,
    /// Where to go on in the list of tags: take the whole link of the page before.
    #[param(max_length = 2000)]
    cursor: String,
}

/// Read what a registry holds
///
/// From sums that are kept; no registry is asked. Its repositories come 50 a page, those that would free most first.
#[utoipa::path(get, path = "/registries/{registry}/storage", tag = "Storage", operation_id = "readStorage",
    params(InRegistry, StorageWanted), responses((status = 200, description = "What it holds.", body = RegistryStorage)))]
async fn read_storage(asked: Asked, Path(at): Path<InRegistry>, Query(wanted): Query<StorageWanted>) -> Answer {
    bounded("namespace", &wanted.namespace, 255)?;
    bounded("cursor", &wanted.cursor, 2000)?;
    let query = StorageQuery { namespace: wanted.namespace, after: wanted.cursor, ..StorageQuery::default() };
    let shown = asked.operations.storage(&asked.actor, &at.registry, &query, false).await?;
    let row = |row: storage::RepositoryRow| StoredRepository {
        name: row.name.to_string(),
        bytes: row.bytes.into(),
        covered: row.covered.into(),
    };
    let page = RegistryStorage {
        total: shown.sums.total,
        unshared: shown.sums.unshared,
        repositories: shown.sums.repositories,
        covered: shown.sums.covered.into(),
        growth: shown.growth.into_iter().map(StorageSample::from).collect(),
        namespaces: shown.namespaces.rows.into_iter().map(StoredNamespace::from).collect(),
        layers: shown.layers.rows.into_iter().map(StoredLayer::from).collect(),
        largest: shown.repositories.rows.into_iter().map(row).collect(),
        matching: shown.matching.into(),
    };
    asked.page(&page, shown.repositories.next.as_deref())
}

/// Read what a repository holds
///
/// From sums that are kept; no registry is asked. Its tags come 50 a page, the largest first.
#[utoipa::path(get, path = "/registries/{registry}/repositories/{repository}/storage", tag = "Storage",
    operation_id = "readRepositoryStorage", params(InRepository, RepositoryStorageWanted),
    responses((status = 200, description = "What it holds.", body = RepositoryStorage)))]
async fn read_repository_storage(
    asked: Asked,
    Path(at): Path<InRepository>,
    Query(wanted): Query<RepositoryStorageWanted>,
) -> Answer {
    bounded("q", &wanted.q, 256)?;
    bounded("cursor", &wanted.cursor, 2000)?;
    let query = RepositoryStorageQuery { q: wanted.q, after: wanted.cursor, ..RepositoryStorageQuery::default() };
    let name = repository(&at.repository)?;
    let shown = asked.operations.repository_storage(&asked.actor, &at.registry, &name, &query).await?;
    let tag = |row: storage::TagRow| StoredTag {
        name: row.tag.to_string(),
        digest: row.digest.map(String::from),
        bytes: row.bytes.map(Bytes::from),
        others: row.others,
    };
    let page = RepositoryStorage {
        bytes: shown.bytes.into(),
        covered: shown.covered.into(),
        as_of: shown.as_of.map(Time),
        growth: shown.growth.into_iter().map(StorageSample::from).collect(),
        layers: shown.layers.layers.into_iter().map(StoredLayer::from).collect(),
        tags: shown.tags.rows.into_iter().map(tag).collect(),
        matching: shown.matching.into(),
    };
    asked.page(&page, shown.tags.next.as_deref())
}
