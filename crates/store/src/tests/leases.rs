//! Leases, their takeover, and fencing.

use super::{NOW, fresh, make};
use crate::{Error, RevokeSessions, Under};

#[tokio::test]
async fn a_lease_has_one_holder_until_it_runs_out() {
    let fresh = fresh().await;
    let leases = fresh.store.leases();
    let until = NOW.plus_seconds(30);
    let first = leases.acquire("sync 1", "a", NOW, until).await.expect("asked").expect("free");
    assert_eq!(leases.acquire("sync 1", "b", NOW, until).await.expect("asked"), None);
    assert!(leases.acquire("sync 2", "b", NOW, until).await.expect("asked").is_some(), "another work");
    let longer = leases.renew(&first, NOW.plus_seconds(20), NOW.plus_seconds(60)).await.expect("renewed");
    assert_eq!(leases.acquire("sync 1", "b", until, NOW.plus_seconds(90)).await.expect("asked"), None);

    let later = NOW.plus_seconds(60);
    let second = leases.acquire("sync 1", "b", later, later.plus_seconds(30)).await.expect("asked").expect("run out");
    assert!(second.fencing > longer.fencing);
    let lost = leases.renew(&longer, later, later.plus_seconds(30)).await;
    assert!(matches!(lost, Err(Error::LeaseLost(ref name)) if name == "sync 1"), "{lost:?}");
    leases.release(&longer).await.expect("asked");
    assert_eq!(
        leases.acquire("sync 1", "c", later, until).await.expect("asked"),
        None,
        "the former holder frees nothing"
    );
    leases.release(&second).await.expect("released");
    let third = leases.acquire("sync 1", "c", later, later.plus_seconds(1)).await.expect("asked").expect("free");
    assert!(third.fencing > second.fencing, "a number is never used again");
}

#[tokio::test]
async fn a_holder_that_was_overtaken_can_not_commit() {
    let fresh = fresh().await;
    let leases = fresh.store.leases();
    let slow = leases.acquire("run", "slow", NOW.plus_seconds(-60), NOW).await.expect("asked").expect("free");
    let until = NOW.plus_seconds(60);
    let quick = leases.acquire("run", "quick", NOW, until).await.expect("asked").expect("run out");
    let change = RevokeSessions { person: 1 };
    let refused = make(&fresh.store, "test.run", Under { lease: slow, change: change.clone() }).await;
    assert!(matches!(refused, Err(Error::LeaseLost(_))), "{refused:?}");
    make(&fresh.store, "test.run", Under { lease: quick, change }).await.expect("the holder may");
}

#[tokio::test]
async fn a_start_after_a_crash_frees_what_the_crashed_one_held() {
    let fresh = fresh().await;
    let leases = fresh.store.leases();
    let held = leases.acquire("run", "a", NOW, NOW.plus_seconds(60)).await.expect("asked").expect("free");
    leases.free_all().await.expect("freed");
    let next = leases.acquire("run", "b", NOW, NOW.plus_seconds(60)).await.expect("asked").expect("free");
    assert!(next.fencing > held.fencing);
}
