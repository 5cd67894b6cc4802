//! Backing up while in use, restoring while stopped.

use super::{NOW, fresh, make, options};
use crate::{AuditFilter, CreatePerson, Error, Generations, NewPerson, NewSession, Store, Verified, restore};
use std::{os::unix::fs::PermissionsExt as _, path::Path};

async fn add(store: &Store, name: &str) {
    let person = NewPerson {
        name: name.to_owned(),
        display_name: String::new(),
        password_hash: String::new(),
        time_zone: String::new(),
        theme: String::new(),
    };
    make(store, "person.add", CreatePerson(person)).await.expect("added");
}

#[tokio::test]
async fn a_backup_made_while_in_use_is_restored() {
    let fresh = fresh().await;
    add(&fresh.store, "ada").await;
    let session = NewSession {
        secret: "cookie",
        person: Some(1),
        data: "{}",
        at: NOW,
        idle_expires: NOW.plus_seconds(60),
        absolute_expires: NOW.plus_seconds(60),
        address: "",
        agent: "",
    };
    fresh.store.sessions().create(&session).await.expect("begun");
    let file = fresh.directory.path().join("backup.db");
    let busy = fresh.store.inner.records.begin().await.expect("the writer is busy meanwhile");
    fresh.store.backup(&file).await.expect("backed up");
    drop(busy);
    assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    let again = fresh.store.backup(&file).await;
    assert!(matches!(again, Err(Error::File { .. })), "a backup is not overwritten: {again:?}");

    add(&fresh.store, "bob").await;
    fresh.store.index().ensure_repository(9, &"later".parse().expect("a name"), NOW).await.expect("known");
    let options = options(fresh.directory.path());
    let refused = restore(&options, &file).await;
    assert!(matches!(refused, Err(Error::Locked(_))), "not while it serves: {refused:?}");
    let generation = fresh.store.generations().read(Generations::PEOPLE).await.expect("read");
    fresh.store.close().await;
    drop(fresh.store);

    let restored = restore(&options, &file).await.expect("restored");
    assert_eq!(restored.entries, 2);
    let former = restored.former.expect("kept aside");
    assert_eq!(
        former.file_name().expect("a name").to_string_lossy(),
        format!("wharfinger.db.before-restore-{}", NOW.0)
    );
    assert!(former.exists());
    let store = Store::open(&options).await.expect("opens");
    let names: Vec<String> = store.people().list().await.expect("listed").into_iter().map(|p| p.name).collect();
    assert_eq!(names, ["ada"]);
    assert_eq!(store.sessions().load("cookie", NOW).await.expect("asked"), None, "sessions do not come back");
    assert_ne!(generation, 0);
    assert_eq!(store.generations().read(Generations::PEOPLE).await.expect("read"), 2, "caches look again");
    let visible = domain::Visible::to(&super::ada());
    assert_eq!(store.index().totals(&visible, 9).await.expect("asked").repositories, 0, "the index is empty");
    assert!(matches!(store.audit().verify().await.expect("verified"), Verified::Whole { entries: 2, .. }));
    let may = super::permit(domain::Permission::AuditView);
    assert_eq!(store.audit().entries(&may, &AuditFilter::default(), None, 9).await.expect("listed").len(), 1);
}

#[tokio::test]
async fn a_backup_is_restored_where_nothing_was() {
    let fresh = fresh().await;
    add(&fresh.store, "ada").await;
    let file = fresh.directory.path().join("backup.db");
    fresh.store.backup(&file).await.expect("backed up");
    let elsewhere = tempfile::tempdir().expect("a directory");
    let restored = restore(&options(elsewhere.path()), &file).await.expect("restored");
    assert_eq!(restored.former, None);
    let store = Store::open(&options(elsewhere.path())).await.expect("opens");
    assert_eq!(store.people().count().await.expect("counted"), 1);
}

/// Tries to restore what `spoil` made of a good backup; nothing may be touched.
async fn refused(spoil: impl AsyncFn(&Path)) -> Error {
    let fresh = fresh().await;
    add(&fresh.store, "ada").await;
    let file = fresh.directory.path().join("backup.db");
    fresh.store.backup(&file).await.expect("backed up");
    spoil(&file).await;
    let options = options(fresh.directory.path());
    fresh.store.close().await;
    drop(fresh.store);
    let error = restore(&options, &file).await.expect_err("refused");
    let names = std::fs::read_dir(&options.data_dir).expect("listed");
    let names: Vec<String> = names.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    assert!(!names.iter().any(|name| name.contains("restor")), "nothing is left lying about: {names:?}");
    let store = Store::open(&options).await.expect("the former records are untouched");
    assert_eq!(store.people().count().await.expect("counted"), 1);
    error
}

async fn run(file: &Path, sql: &'static str) {
    use sqlx::{ConnectOptions as _, Connection as _};
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).foreign_keys(false);
    let mut connection = options.connect().await.expect("opens");
    sqlx::raw_sql(sql).execute(&mut connection).await.expect("spoilt");
    connection.close().await.expect("closed");
}

#[tokio::test]
async fn what_is_no_sound_backup_is_refused() {
    let text =
        refused(async |file| std::fs::write(file, "not a database at all, but some text").expect("written")).await;
    assert!(matches!(text, Error::Backup { .. }), "{text:?}");
    let empty = refused(async |file| std::fs::write(file, "").expect("written")).await;
    assert!(matches!(empty, Error::Backup { ref why, .. } if why.contains("no records")), "{empty:?}");
    let newer = refused(async |file| run(file, "PRAGMA user_version = 99").await).await;
    assert!(matches!(newer, Error::NewerSchema { found: 99, .. }), "{newer:?}");
    let broken = "DROP TRIGGER entries_are_never_changed; UPDATE entries SET target = 'x' WHERE sequence = 2";
    let broken = refused(async |file| run(file, broken).await).await;
    assert!(matches!(broken, Error::Backup { ref why, .. } if why.contains("entry 2")), "{broken:?}");
    let torn = refused(async |file| {
        let mut bytes = std::fs::read(file).expect("read");
        let half = bytes.len() / 2;
        bytes[half..].fill(0xAA);
        std::fs::write(file, bytes).expect("written");
    });
    assert!(matches!(torn.await, Error::Backup { .. }));
    let missing = refused(async |file| std::fs::remove_file(file).expect("removed")).await;
    assert!(matches!(missing, Error::File { .. }), "{missing:?}");
}
