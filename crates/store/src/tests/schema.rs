//! Opening older, newer and present records.

use super::{NOW, fresh, options};
use crate::{Error, Store, pools::Care, schema};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::Path;

const OLD: &[&str] = &["CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"];
const NEW: &[&str] =
    &[OLD[0], "ALTER TABLE notes ADD COLUMN at INTEGER NOT NULL DEFAULT 0", "CREATE TABLE more (id INTEGER)"];
const BROKEN: &[&str] = &[OLD[0], NEW[1], "CREATE TABLE notes (id INTEGER)"];

async fn connect(file: &Path) -> SqliteConnection {
    crate::pools::options(file, Care::Records).connect().await.expect("the file opens")
}

async fn version(file: &Path) -> i64 {
    let mut connection = connect(file).await;
    let version = schema::version(&mut connection).await.expect("a version");
    connection.close().await.expect("closed");
    version
}

async fn old_file(directory: &Path) -> std::path::PathBuf {
    let file = directory.join("wharfinger.db");
    crate::open::make_file(&file).expect("made");
    schema::migrate(&file, true, OLD).await.expect("the old program's schema");
    let mut connection = connect(&file).await;
    sqlx::raw_sql("INSERT INTO notes (text) VALUES ('kept')").execute(&mut connection).await.expect("written");
    connection.close().await.expect("closed");
    file
}

#[tokio::test]
async fn an_older_schema_is_copied_beside_itself_and_migrated() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = old_file(directory.path()).await;
    schema::migrate(&file, true, NEW).await.expect("migrated");
    assert_eq!(version(&file).await, 3);
    let copy = directory.path().join("wharfinger.db.before-1");
    assert_eq!(version(&copy).await, 1, "the copy is what the old program wrote");
    for path in [&file, &copy] {
        let text: String =
            sqlx::query_scalar("SELECT text FROM notes").fetch_one(&mut connect(path).await).await.expect("a row");
        assert_eq!(text, "kept");
    }
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_old_schema() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = old_file(directory.path()).await;
    schema::migrate(&file, true, BROKEN).await.expect_err("the last step can't work");
    assert_eq!(version(&file).await, 1);
    sqlx::query("SELECT at FROM notes").fetch_all(&mut connect(&file).await).await.expect_err("no step was kept");
    schema::migrate(&file, true, NEW).await.expect("the next program's steps work, over the copy that was left");
}

#[tokio::test]
async fn an_older_schema_in_use_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = old_file(directory.path()).await;
    let refused = schema::migrate(&file, false, NEW).await;
    assert!(matches!(refused, Err(Error::OlderSchema { found: 1 })), "{refused:?}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_in_a_sentence() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = options(directory.path());
    Store::open(&options).await.expect("opens").close().await;
    let file = options.data_dir.join("wharfinger.db");
    let mut connection = connect(&file).await;
    sqlx::raw_sql("PRAGMA user_version = 99").execute(&mut connection).await.expect("set");
    connection.close().await.expect("closed");
    let error = Store::open(&options).await.expect_err("refused");
    assert!(matches!(error, Error::NewerSchema { found: 99, known } if known == schema::known()));
    let known = schema::known();
    let told = format!(
        "the records have schema 99, and this program knows schemas up to {known}: start the newer program again"
    );
    assert_eq!(error.to_string(), told);
    assert_eq!(version(&file).await, 99, "nothing was touched");
}

#[tokio::test]
async fn an_outdated_or_damaged_index_is_made_anew() {
    let fresh = fresh().await;
    let name = "team/api".parse().expect("a name");
    fresh.store.index().ensure_repository(1, &name, NOW).await.expect("known");
    let file = fresh.store.data_dir().join("index.db");
    let options = options(fresh.directory.path());
    sqlx::raw_sql("PRAGMA user_version = 5").execute(&fresh.store.inner.index.pools.writer).await.expect("set");
    fresh.store.close().await;
    drop(fresh.store);

    let store = Store::open(&options).await.expect("opens");
    let visible = domain::Visible::to(&super::ada());
    assert_eq!(store.index().repository(&visible, 1, &name).await.expect("asked"), None, "another schema: dropped");
    store.close().await;
    drop(store);

    std::fs::write(&file, "this is no database, and it is long enough to be taken for one").expect("written");
    let store = Store::open(&options).await.expect("opens");
    store.index().ensure_repository(1, &name, NOW).await.expect("usable again");
}

#[tokio::test]
async fn the_installation_keeps_its_chain() {
    let fresh = fresh().await;
    let chain = fresh.store.inner.chain_id.clone();
    assert_eq!(chain.len(), 32);
    let options = options(fresh.directory.path());
    fresh.store.close().await;
    drop(fresh.store);
    assert_eq!(Store::open(&options).await.expect("opens again").inner.chain_id, chain);
}

#[tokio::test]
async fn an_index_of_more_than_two_gigabytes_is_mapped_too() {
    let fresh = fresh().await;
    let readers = &fresh.store.index().pools.readers;
    let mapped: i64 = sqlx::query_scalar("PRAGMA mmap_size").fetch_one(readers).await.expect("a size");
    assert_eq!(mapped, 16 << 30, "SQLite is compiled for less; see .cargo/config.toml");
}

#[tokio::test]
async fn the_log_of_the_index_is_folded_in_every_16_megabytes() {
    let fresh = fresh().await;
    let writer = &fresh.store.index().pools.writer;
    let pages: i64 = sqlx::query_scalar("PRAGMA wal_autocheckpoint").fetch_one(writer).await.expect("a number");
    let size: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(writer).await.expect("a size");
    assert_eq!(pages * size, 16_384_000);
}
