//! Tests of the store, on fresh files with the real migrations.

mod access;
mod audit;
mod backup;
mod changes;
mod files;
mod held_back;
mod index_content;
mod index_forgeries;
mod index_forget;
mod index_health;
mod index_lists;
mod index_lists_across;
mod index_lists_plans;
mod index_lists_seen;
mod index_lists_stable;
mod index_paging;
mod index_search;
mod index_storage;
mod index_storage_plans;
mod index_sweep;
mod index_untagged;
mod leases;
mod links;
mod people;
mod refresh_tokens;
mod registries;
mod robots;
mod schema;
mod sealing;
mod seen_once;
mod sessions;
mod signing_keys;
mod statements;
mod tokens;

use crate::{Change, Error, Store, StoreOptions};
use domain::{Actor, ActorKind, Permission, Permit, Place, Timestamp, Via, audit::Act};
use std::path::Path;
use tempfile::TempDir;

/// A moment to count from.
const NOW: Timestamp = Timestamp(1_790_000_000_000_000);

/// A store in a directory of its own, which goes with it.
struct Fresh {
    store: Store,
    directory: TempDir,
}

async fn fresh() -> Fresh {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(&options(directory.path())).await.expect("a fresh store opens");
    Fresh { store, directory }
}

fn options(path: &Path) -> StoreOptions {
    StoreOptions { data_dir: path.join("data"), now: NOW }
}

fn ada() -> Actor {
    Actor {
        kind: ActorKind::Person,
        id: 1,
        name: "Ada".to_owned(),
        via: Via::Session(7),
        rights: domain::access::Rights::administrator(),
        request_id: "request-1".to_owned(),
        ..Actor::anonymous("192.0.2.1", "Browser/1", "")
    }
}

/// All of the log.
fn readable() -> crate::AuditReadable {
    crate::AuditReadable::by(&ada())
}

fn permit(permission: Permission) -> Permit {
    domain::permission::allows(&ada(), permission, Place::System).expect("a person may")
}

/// Makes a change the way operations do.
async fn make<C: Change>(store: &Store, act: &str, change: C) -> Result<C::Output, Error> {
    let opened = store.open_act(permit(Permission::RegistryManage), &Act::new(act, "something"), NOW).await?;
    store.write(opened, change, NOW).await
}

/// Runs SQL that the program itself never would.
async fn meddle(store: &Store, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sql).execute(&store.inner.records.writer).await.map(|_| ())
}

/// The same with the index.
async fn meddle_index(store: &Store, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sql).execute(&store.inner.index.pools.writer).await.map(|_| ())
}
