//! What is held back in memory: a process that ends without writing it is told of by the next, once.

use super::{Fresh, NOW, ada, fresh, meddle, options, readable};
use crate::{AuditFilter, Entry, HeldBack, Store, Verified};
use domain::{
    Place,
    audit::{Act, Outcome, Stage},
};

/// The entries about something missing, the newest first.
async fn gaps(store: &Store) -> Vec<Entry> {
    let filter = AuditFilter { act: Some("audit.gap".into()), ..AuditFilter::default() };
    store.audit().entries(&readable(), &filter, None, 100).await.expect("listed").entries
}

/// The same records, opened by the next process.
async fn next(fresh: Fresh) -> Fresh {
    let Fresh { store, directory } = fresh;
    store.close().await;
    drop(store);
    let store = Store::open(&options(directory.path())).await.expect("opened again");
    Fresh { store, directory }
}

#[tokio::test]
async fn a_process_that_was_killed_leaves_a_gap_and_one_that_ended_does_not() {
    let fresh = fresh().await;
    assert_eq!(fresh.store.begin_holding_back(NOW).await.expect("begun"), None, "nobody was there before");
    fresh.store.written_until(HeldBack::TokenEvents, NOW.plus_seconds(600)).await.expect("noted");
    fresh.store.written_until(HeldBack::OwnTokens, NOW.plus_seconds(300)).await.expect("noted");

    let fresh = next(fresh).await;
    let start = NOW.plus_seconds(900);
    assert_eq!(fresh.store.begin_holding_back(start).await.expect("begun"), Some(NOW.plus_seconds(300)));
    let told = gaps(&fresh.store).await;
    let [gap] = told.as_slice() else { panic!("{told:?}") };
    let (from, to) = (NOW.plus_seconds(300).rfc3339(), start.rfc3339());
    let expected =
        format!("token events from {from} to {to} may be missing: the program ended before it could write them");
    assert_eq!((gap.entry.stage, gap.detail.as_deref()), (Stage::Gap, Some(expected.as_str())));
    let after: serde_json::Value = serde_json::from_str(gap.after.as_deref().expect("each")).expect("JSON");
    let others = NOW.plus_seconds(600).rfc3339();
    assert_eq!(
        (&after["own tokens"], &after["token events"], &after["until"]),
        (&from.into(), &others.into(), &to.into())
    );

    fresh.store.end_holding_back(start).await.expect("ended");
    let fresh = next(fresh).await;
    assert_eq!(fresh.store.begin_holding_back(start).await.expect("begun"), None, "it ended in good order");
    assert_eq!(gaps(&fresh.store).await.len(), 1, "told once");
    assert!(matches!(fresh.store.audit().verify().await.expect("verified"), Verified::Whole { .. }));
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_no_gap_that_ends_before_it_begins() {
    let fresh = fresh().await;
    fresh.store.begin_holding_back(NOW).await.expect("begun");
    let earlier = NOW.plus_seconds(-3_600);
    assert_eq!(fresh.store.begin_holding_back(earlier).await.expect("begun"), Some(earlier));
}

#[tokio::test]
async fn what_can_t_be_written_is_neither_forgotten_nor_called_written() {
    let fresh = fresh().await;
    fresh.store.begin_holding_back(NOW).await.expect("begun");
    let jam = "CREATE TRIGGER jam BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'jammed'); END";
    meddle(&fresh.store, jam).await.expect("jammed");
    let event = async |store: &Store| {
        store.record(&ada(), &Act::new("token.issue", "x"), Outcome::Done, None, &Place::System, NOW).await
    };
    assert_eq!(event(&fresh.store).await, None, "lost, and counted in memory");
    let later = NOW.plus_seconds(60);
    fresh.store.written_until(HeldBack::TokenEvents, later).await.expect("asked");
    fresh.store.written_until(HeldBack::OwnTokens, later).await.expect("asked");
    assert!(fresh.store.begin_holding_back(later).await.is_err(), "the gap can't be written either");

    let fresh = next(fresh).await;
    assert!(fresh.store.begin_holding_back(later).await.is_err());
    meddle(&fresh.store, "DROP TRIGGER jam").await.expect("freed");
    assert_eq!(fresh.store.begin_holding_back(later).await.expect("begun"), Some(NOW), "since before what was lost");

    meddle(&fresh.store, jam).await.expect("jammed");
    assert_eq!(event(&fresh.store).await, None);
    assert!(fresh.store.end_holding_back(later).await.is_err(), "no end in good order while something is lost");
    meddle(&fresh.store, "DROP TRIGGER jam").await.expect("freed");
    fresh.store.end_holding_back(later).await.expect("ended");
    assert_eq!(gaps(&fresh.store).await[0].detail.as_deref(), Some("1 entries could not be written"));
    assert_eq!(fresh.store.begin_holding_back(later).await.expect("begun"), None);
}

#[tokio::test]
async fn a_backup_of_a_running_program_misses_nothing_when_it_is_restored() {
    let fresh = fresh().await;
    fresh.store.begin_holding_back(NOW).await.expect("begun");
    let copy = fresh.directory.path().join("copy");
    fresh.store.backup(&copy).await.expect("copied");
    let Fresh { store, directory } = fresh;
    store.end_holding_back(NOW).await.expect("ended");
    store.close().await;
    drop(store);
    crate::restore(&options(directory.path()), &copy, &ada(), &Act::new("records.restore", "all")).await.expect("back");
    let store = Store::open(&options(directory.path())).await.expect("opened");
    assert_eq!(store.begin_holding_back(NOW).await.expect("begun"), None);
}
