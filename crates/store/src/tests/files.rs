//! The data directory: modes and locks.

use super::{NOW, fresh, make, options};
use crate::{Error, Generations, Store};
use std::{os::unix::fs::PermissionsExt as _, time::Duration};

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[tokio::test]
async fn nobody_else_can_read_what_is_kept() {
    let fresh = fresh().await;
    fresh.store.generations().bump("something").await.expect("a write, so that the side files are there");
    fresh.store.index().ensure_repository(1, &"a".parse().expect("a name"), NOW).await.expect("a write");
    let directory = fresh.store.data_dir();
    assert_eq!(mode(directory), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).expect("listed") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().expect("a name").to_string_lossy().into_owned());
    }
    for name in
        ["wharfinger.db", "wharfinger.db-wal", "wharfinger.db-shm", "index.db", "index.db-wal", "wharfinger.key"]
    {
        assert!(names.iter().any(|n| n == name), "{name} is missing among {names:?}");
    }
}

#[tokio::test]
async fn a_second_serving_process_is_refused() {
    let fresh = fresh().await;
    let options = options(fresh.directory.path());
    let error = Store::open(&options).await.expect_err("refused");
    assert!(matches!(error, Error::Locked(ref path) if *path == options.data_dir), "{error:?}");
    fresh.store.close().await;
    drop(fresh.store);
    Store::open(&options).await.expect("free again");
}

#[tokio::test]
async fn a_command_works_beside_the_serving_process() {
    let fresh = fresh().await;
    let beside = Store::open_beside(&options(fresh.directory.path())).await.expect("opens beside");
    beside.generations().bump(Generations::PEOPLE).await.expect("writes");
    assert_eq!(fresh.store.generations().read(Generations::PEOPLE).await.expect("reads"), 1);
    let both = tokio::join!(
        make(&fresh.store, "test.one", crate::RevokeSessions { person: 1 }),
        make(&beside, "test.two", crate::RevokeSessions { person: 1 }),
    );
    assert!(matches!(both, (Ok(0), Ok(0))), "{both:?}");
    let whole = fresh.store.audit().verify().await.expect("verified");
    assert!(matches!(whole, crate::Verified::Whole { entries: 4, .. }), "two writers keep one chain: {whole:?}");
}

#[tokio::test]
async fn readers_do_not_wait_for_the_writer() {
    let fresh = fresh().await;
    let long = fresh.store.inner.records.begin().await.expect("the writer's lock");
    let long_index = fresh.store.inner.index.pools.begin().await.expect("the writer's lock");
    assert_eq!(fresh.store.people().count().await.expect("reads meanwhile"), 0);
    let visible = domain::Visible::to(&super::ada());
    let totals = fresh.store.index().totals(&visible, 1).await.expect("reads meanwhile");
    assert_eq!(totals.repositories, 0);
    fresh.store.ready().await.expect("ready meanwhile");
    drop((long, long_index));
}

#[tokio::test]
async fn who_keeps_a_connection_does_not_keep_the_program_from_ending() {
    let fresh = fresh().await;
    let reader = fresh.store.inner.index.pools.readers.acquire().await.expect("a connection");
    fresh.store.generations().bump("something").await.expect("a write");
    assert!(!fresh.store.close_within(Duration::from_millis(100)).await, "somebody still reads");
    assert!(fresh.store.generations().read("something").await.is_err(), "nobody else begins anything");
    drop(reader);
    assert!(fresh.store.close_within(Duration::from_secs(20)).await, "nobody is left");
    drop(fresh.store);
    let again = Store::open(&options(fresh.directory.path())).await.expect("opens");
    assert_eq!(again.generations().read("something").await.expect("reads"), 1, "what was written is kept");
}

#[tokio::test]
async fn a_directory_that_others_use_too_keeps_its_mode() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = options(directory.path());
    std::fs::create_dir(&options.data_dir).expect("made");
    std::fs::set_permissions(&options.data_dir, std::fs::Permissions::from_mode(0o755)).expect("set");
    std::fs::write(options.data_dir.join("somebody-elses"), "x").expect("written");
    let store = Store::open(&options).await.expect("opens");
    assert_eq!(mode(&options.data_dir), 0o755);
    assert_eq!(mode(&options.data_dir.join("wharfinger.db")), 0o600);
    store.close().await;
    drop(store);
    std::fs::remove_file(options.data_dir.join("somebody-elses")).expect("removed");
    Store::open(&options).await.expect("opens");
    assert_eq!(mode(&options.data_dir), 0o700, "one that is ours is narrowed");
}
