//! Backing up while in use, restoring while stopped and while in use.

use super::{NOW, fresh, make, options};
use crate::{
    AddRegistry, AuditFilter, CreatePerson, Error, Generations, NewPerson, NewSession, Restored, SecretEdit,
    SecretsEdit, Store, StoreOptions, Verified,
};
use domain::{Actor, audit::Act};
use std::{os::unix::fs::PermissionsExt as _, path::Path};

fn person(name: &str) -> NewPerson {
    NewPerson {
        name: name.to_owned(),
        display_name: String::new(),
        password_hash: String::new(),
        time_zone: String::new(),
        theme: String::new(),
    }
}

async fn add(store: &Store, name: &str) {
    make(store, "person.add", CreatePerson(person(name), None)).await.expect("added");
}

async fn restore(options: &StoreOptions, from: &Path) -> Result<Restored, Error> {
    crate::restore(options, from, &Actor::cli(), &Act::new("backup.restore", "file")).await
}

/// Begins a session of the first person.
async fn sign_in(store: &Store, secret: &str) {
    let session = NewSession {
        secret,
        person: Some(1),
        data: "{}",
        at: NOW,
        idle_expires: NOW.plus_seconds(60),
        absolute_expires: NOW.plus_seconds(60),
        address: "",
        agent: "",
    };
    store.sessions().create(&session).await.expect("begun");
}

#[tokio::test]
async fn a_backup_made_while_in_use_is_restored() {
    let fresh = fresh().await;
    add(&fresh.store, "ada").await;
    sign_in(&fresh.store, "cookie").await;
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
    let generation = fresh.store.generations().read(Generations::PEOPLE).await.expect("read");
    fresh.store.close().await;
    drop(fresh.store);

    let restored = restore(&options, &file).await.expect("restored");
    assert_eq!((restored.entries, restored.while_serving), (2, false));
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
    assert!(matches!(store.audit().verify().await.expect("verified"), Verified::Whole { entries: 3, .. }));
    assert_eq!(acts(&store).await, ["backup.restore", "person.add"]);
}

/// The acts in the log, the newest first.
async fn acts(store: &Store) -> Vec<String> {
    let may = super::readable();
    let entries = store.audit().entries(&may, &AuditFilter::default(), None, 9).await.expect("listed").entries;
    entries.into_iter().map(|one| one.entry.act).collect()
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

fn production() -> AddRegistry {
    AddRegistry {
        name: "production".parse().expect("a name"),
        description: String::new(),
        connection: domain::Connection::new("https://registry.example.com".parse().expect("an address")),
        secrets: SecretsEdit { password: SecretEdit::Set(domain::Secret::new("one")), ..SecretsEdit::default() },
    }
}

#[tokio::test]
async fn a_backup_is_restored_under_whoever_serves() {
    let fresh = fresh().await;
    let (store, options) = (&fresh.store, options(fresh.directory.path()));
    let visible = domain::Visible::to(&super::ada());
    add(store, "ada").await;
    let registry = make(store, "registry.add", production()).await.expect("added");
    sign_in(store, "of before the backup").await;
    let file = fresh.directory.path().join("backup.db");
    store.backup(&file).await.expect("backed up");

    add(store, "bob").await;
    sign_in(store, "of after the backup").await;
    store.index().ensure_repository(registry, &"later".parse().expect("a name"), NOW).await.expect("known");
    let lease = store.leases().acquire("sync", "us", NOW, NOW.plus_seconds(60)).await.expect("asked").expect("free");
    let (people, news) = (generation(store, Generations::PEOPLE).await, store.outbox().last().await.expect("asked"));
    let registries = generation(store, Generations::REGISTRIES).await;
    let act = Act::new("person.add", "something");
    let under_way = store.open_act(super::permit(domain::Permission::RegistryManage), &act, NOW).await.expect("opened");

    let restored = restore(&options, &file).await.expect("restored");
    assert_eq!((restored.entries, restored.while_serving, restored.index_trouble), (4, true, None));
    let former = restored.former.expect("kept aside");
    assert_eq!(std::fs::metadata(&former).expect("there").permissions().mode() & 0o777, 0o600);
    let names = async || -> Vec<String> {
        store.people().list().await.expect("listed").into_iter().map(|person| person.name).collect()
    };
    assert_eq!(names().await, ["ada"], "the store that was open all the while sees it at once");
    for cookie in ["of before the backup", "of after the backup"] {
        assert_eq!(store.sessions().load(cookie, NOW).await.expect("asked"), None, "{cookie}");
    }
    assert!(generation(store, Generations::PEOPLE).await > people, "caches look again");
    assert!(generation(store, Generations::REGISTRIES).await > registries, "caches look again");
    assert_eq!(store.index().totals(&visible, registry).await.expect("asked").repositories, 0, "the index is empty");
    assert!(matches!(store.audit().verify().await.expect("verified"), Verified::Whole { entries: 5, .. }));
    assert_eq!(acts(store).await, ["backup.restore", "registry.add", "person.add"]);

    let again = store.registries().by_id(&visible, registry).await.expect("asked").expect("restored");
    assert!(again.version > 1, "no client is at hand for this version: {}", again.version);
    let secrets = store.registries().secrets(registry).await.expect("its secrets still open");
    assert_eq!(secrets.password.expect("restored").reveal(), "one");
    let lost = store.leases().renew(&lease, NOW, NOW.plus_seconds(60)).await;
    assert!(matches!(lost, Err(Error::LeaseLost(_))), "{lost:?}");
    let next = store.leases().acquire("sync", "us", NOW, NOW.plus_seconds(60)).await.expect("asked").expect("free");
    assert!(next.fencing > lease.fencing, "a number that was held is never given again");

    let late = store.write(under_way, CreatePerson(person("eve"), None), NOW).await;
    assert!(late.is_err(), "what was allowed by the former records does not happen in these: {late:?}");
    assert_eq!(names().await, ["ada"]);
    add(store, "carol").await;
    let carol = store.people().by_name("carol").await.expect("asked").expect("added");
    assert!(carol.id > 2, "bob's id is not given to another: {}", carol.id);
    assert!(store.outbox().last().await.expect("asked") > news, "who listens hears of it");
    let meddled = super::meddle(store, "DELETE FROM entries").await;
    assert!(meddled.is_err(), "the log is append-only again");
    assert!(matches!(store.audit().verify().await.expect("verified"), Verified::Whole { entries: 7, .. }));

    fresh.store.close().await;
    drop(fresh.store);
    let undone = restore(&options, &former).await.expect("the way back");
    assert!(!undone.while_serving);
    let store = Store::open(&options).await.expect("opens");
    assert!(store.people().by_name("bob").await.expect("asked").is_some());
}

async fn generation(store: &Store, name: &str) -> i64 {
    store.generations().read(name).await.expect("read")
}

/// An act that was opened before a restore must not be ended by whoever opened another under its number.
#[tokio::test]
async fn an_act_of_before_a_restore_does_not_end_another_one() {
    let fresh = fresh().await;
    let (store, options) = (&fresh.store, options(fresh.directory.path()));
    let file = fresh.directory.path().join("backup.db");
    store.backup(&file).await.expect("backed up");
    let act = Act::new("person.add", "something");
    let permit = || super::permit(domain::Permission::RegistryManage);
    let open = async |request: &str| {
        let actor = Actor { request_id: request.to_owned(), ..super::ada() };
        let permit = domain::permission::allows(&actor, domain::Permission::RegistryManage, domain::Place::System);
        store.open_act(permit.expect("a person may"), &act, NOW).await.expect("opened")
    };
    store.open_act(permit(), &act, NOW).await.expect("opened");
    let before = open("before").await;
    restore(&options, &file).await.expect("restored");
    let after = open("after").await;
    assert_eq!(before.entry(), after.entry(), "the numbers are the same");
    store.write(before, CreatePerson(person("eve"), None), NOW).await.expect_err("it is gone");
    store.write(after, CreatePerson(person("ada"), None), NOW).await.expect("this one is not");
    assert_eq!(store.people().count().await.expect("counted"), 1);
}

#[tokio::test]
async fn what_can_not_be_restored_under_whoever_serves_changes_nothing() {
    let (fresh, other) = (fresh().await, super::fresh().await);
    add(&fresh.store, "ada").await;
    add(&other.store, "bob").await;
    let options = options(fresh.directory.path());
    let foreign = other.directory.path().join("backup.db");
    other.store.backup(&foreign).await.expect("backed up");
    let refused = restore(&options, &foreign).await.expect_err("another installation's");
    assert!(matches!(refused, Error::Backup { ref why, .. } if why.contains("another installation")), "{refused:?}");

    let dangling = fresh.directory.path().join("dangling.db");
    fresh.store.backup(&dangling).await.expect("backed up");
    run(&dangling, "INSERT INTO probes (registry_id, at, report) VALUES (99, 1, '{}')").await;
    let refused = restore(&options, &dangling).await.expect_err("it refers to nothing");
    assert!(matches!(refused, Error::Broken(_)), "{refused:?}");

    assert_eq!(fresh.store.people().by_name("ada").await.expect("asked").map(|ada| ada.id), Some(1));
    assert_eq!(acts(&fresh.store).await, ["person.add"], "and nothing says that it was restored");
    let files = std::fs::read_dir(&options.data_dir).expect("listed");
    let files: Vec<_> = files.map(|file| file.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    assert!(!files.iter().any(|name| name.contains("restor")), "nothing is left lying about: {files:?}");
    add(&fresh.store, "bob").await;
}
