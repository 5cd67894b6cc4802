//! The cache of what registries hold (`index.db`): repositories, tags, and content by digest. It may be dropped at any
//! moment; only time is lost. Writes come in small batches, so that none of them holds the lock for long.

mod across_repositories;
mod across_tags;
mod belongings;
mod catalogues;
mod compare;
mod contents;
mod digests;
mod documents;
mod few_names;
mod forget;
mod health;
mod neighbours;
mod newest;
mod paging;
mod progress;
mod repositories;
mod repository_filter;
mod repository_pages;
mod save;
mod schedule;
pub(crate) mod search;
mod seen;
mod storage;
mod sweep;
mod tag_filter;
mod tag_pages;
mod tags;
mod untagged;
mod unused;
mod version_key;

#[cfg(test)]
pub(crate) use {
    across_repositories::ALL as ACROSS_REPOSITORIES,
    across_tags::ALL as ACROSS_TAGS,
    belongings::ALL as BELONGINGS,
    catalogues::ALL as CATALOGUES,
    compare::ALL as COMPARE,
    contents::ALL as CONTENTS,
    few_names::ALL as FEW_NAMES,
    forget::ALL as FORGET,
    health::{
        LISTS as HEALTH, PRESENCE as HEALTH_PRESENCE, REPOSITORY as HEALTH_REPOSITORY, STRUCK_TAGS as HEALTH_TAGS,
    },
    neighbours::ALL as NEIGHBOURS,
    newest::ALL as NEWEST,
    progress::ALL as PROGRESS,
    repositories::ALL as REPOSITORIES,
    repository_pages::ALL as REPOSITORY_PAGES,
    save::ALL as SAVE,
    schedule::ALL as SCHEDULE,
    seen::ALL as SEEN,
    storage::{LAYERS as STORAGE_LAYERS, NAMESPACES as STORAGE_NAMESPACES, SUMS as STORAGE, TAGS as STORAGE_TAGS},
    sweep::ALL as SWEEP,
    tag_filter::ALL as TAG_FILTER,
    tag_pages::ALL as TAG_PAGES,
    tags::ALL as TAGS,
    untagged::ALL as UNTAGGED,
    unused::ALL as UNUSED,
};

pub use across_tags::{AcrossSort, TagAcross};
pub use catalogues::{Catalogue, CatalogueList, Catalogued};
pub use compare::InTrouble;
pub use contents::{Content, Manifest};
pub use health::{Doubtful, Expected, Strike, StrikesListing};
pub use newest::Newest;
pub use paging::{Count, Listing, Page, Seek};
pub use progress::Progress;
pub use repositories::{Repository, Totals};
pub use repository_filter::RepositoryFilter;
pub(crate) use repository_filter::common_beginning;
pub use repository_pages::{Namespace, RepositorySort};
pub use schedule::{Due, Refreshed};
pub use search::{
    Among, BaseHit, BuiltOn, DigestHit, Held, Hits, How, ImageHit, LabelHit, Lag, Rank, RepositoryHit, SHORTEST,
    Standing, Thing, Whereabouts, Why,
};
pub use storage::{
    Bytes, Covered, LARGE, LargestLayers, LayerBytes, NamespaceBytes, RegistryBytes, RepositoryBytes, TAGS_MOST,
};
pub use sweep::{Nameless, Unheld};
pub use tag_filter::TagFilter;
pub use tag_pages::TagSort;
pub use tags::{Listed, TagList, TagRow};
pub use untagged::{Untagged, UntaggedSort};
pub use unused::Shared;

use crate::{
    Error,
    backup::remove,
    open::make_file,
    pools::{Care, Pools, options},
};
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use std::path::Path;

pub(crate) const SCHEMA: &str = include_str!("../../../../migrations/index.sql");

/// Rows that one statement writes: some milliseconds of holding the lock.
const CHUNK: usize = 250;

/// The cache of what registries hold.
#[derive(Clone, Debug)]
pub struct Index {
    pub(crate) pools: Pools,
    seen: seen::Seen,
}

impl Index {
    /// Opens the file. One with another schema, or a damaged one, is dropped and made anew, unless another process uses it.
    pub(crate) async fn open(file: &Path, alone: bool) -> Result<Self, Error> {
        make_file(file)?;
        if !is_current(file).await {
            if !alone {
                return Err(Error::Broken("the index belongs to another version of the program".to_owned()));
            }
            remove(file)?;
            make_file(file)?;
            create(file).await?;
        }
        Ok(Self { pools: Pools::open(file, Care::Cache).await?, seen: seen::Seen::default() })
    }
    pub(crate) async fn ready(&self) -> Result<(), Error> {
        self.catalogue(0).await.map(|_| ())
    }
    pub(crate) async fn close(&self) {
        self.pools.close().await;
    }
}

/// The schema's version is a number made of its text: whoever edits it can't forget to count.
fn version() -> i32 {
    let sum = Sha256::digest(SCHEMA.as_bytes());
    i32::from_be_bytes([sum[0] & 0x7f, sum[1], sum[2], sum[3]]).max(1)
}

async fn is_current(file: &Path) -> bool {
    let Ok(mut connection) = options(file, Care::Cache).connect().await else { return false };
    let found = sqlx::query_scalar::<_, i32>("PRAGMA user_version").fetch_one(&mut connection).await;
    let closed = connection.close().await;
    closed.is_ok() && found.is_ok_and(|found| found == version())
}

async fn create(file: &Path) -> Result<(), Error> {
    let mut connection = options(file, Care::Cache).connect().await?;
    let mut change = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::raw_sql(SCHEMA).execute(&mut *change).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA user_version = {}", version()))).execute(&mut *change).await?;
    change.commit().await?;
    Ok(connection.close().await?)
}

/// Texts as one JSON array: how a statement takes a list.
fn array<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let all: Vec<serde_json::Value> = texts.into_iter().map(|text| text.as_ref().into()).collect();
    serde_json::Value::Array(all).to_string()
}
