//! What goes wrong midway: a registry that fails, a disk that is full, a reader that should not be one.

use crate::world::{LONGEST, World, fill, is, noon, why};
use operations::Clock;
use registry::fake::{Fake, FakeOptions, Fault, Trouble};
use std::time::Duration;
use store::{Store, StoreOptions};

async fn lab(repositories: usize, tags: usize) -> (tempfile::TempDir, Fake) {
    let fake = Fake::start(FakeOptions::default()).await.expect("a registry");
    fill(&fake, repositories, tags);
    (tempfile::tempdir().expect("a directory"), fake)
}

/// Waits until the registry has seen so many requests.
async fn seen(fake: &Fake, requests: usize) {
    let seen = async {
        while fake.requests().len() < requests {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONGEST, seen).await.expect("the registry is read");
}

/// What an undisturbed reading ends with.
async fn whole(fake: &Fake) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a directory");
    let world = World::reading(directory.path(), fake).await;
    world.filled().await;
    let lines = world.dump().await;
    world.stop().await;
    lines
}

/// A first reading meets these faults midway, and the registry mends itself once they were met.
async fn met_midway(faults: Vec<Fault>) {
    let (directory, fake) = lab(6, 20).await;
    let whole = whole(&fake).await;
    let world = World::open(directory.path(), Clock::standing(noon())).await;
    world.connect("lab", fake.connection()).await;
    fake.forget_requests();
    world.operations.start_sync();
    seen(&fake, 60).await;
    let known = world.sync().await.totals.repositories;
    for fault in faults {
        fake.fault(fault);
    }
    let met = |sync: &operations::sync::Sync| {
        let errors = sync.pace.as_ref().is_some_and(|pace| pace.errors > 0);
        errors || !sync.in_trouble.is_empty() || !sync.state.is_at_work() || fake.requests().len() > 150
    };
    let during = world.until("the trouble", met).await;
    assert!(during.totals.repositories >= known, "{during:?}");
    fake.heal();
    let recovered = async {
        while world.dump_if_whole().await.as_ref() != Some(&whole) {
            // Longer than a lease lasts: the clock stands while something is being read and written.
            if !world.sync().await.state.is_at_work() {
                world.clock.advance(600);
                world.operations.look_again();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let recovered = tokio::time::timeout(LONGEST * 2, recovered).await;
    assert!(recovered.is_ok(), "it never recovers: {:?}", world.sync().await);
    world.stop().await;
}

#[tokio::test]
async fn a_registry_that_fails_midway_costs_only_time() {
    met_midway(vec![Fault::status("/manifests/", 500), Fault::status("/tags/list", 503)]).await;
}

#[tokio::test]
async fn a_registry_that_is_busy_midway_costs_only_time() {
    met_midway(vec![Fault::too_many("/v2/", "1").times(10)]).await;
}

#[tokio::test]
async fn answers_that_break_off_midway_cost_only_time() {
    met_midway(vec![Fault::at("/manifests/", Trouble::Truncate(30)).times(20)]).await;
}

#[tokio::test]
async fn content_that_is_not_what_it_claims_is_not_kept() {
    met_midway(vec![Fault::at("/blobs/", Trouble::WrongBytes).times(20)]).await;
}

#[tokio::test]
async fn a_registry_that_slows_down_midway_costs_only_time() {
    met_midway(vec![Fault::at("/v2/", Trouble::Delay(Duration::from_millis(40))).times(60)]).await;
}

#[tokio::test]
async fn a_registry_that_is_down_is_told_and_tried_again() {
    let (directory, fake) = lab(3, 3).await;
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    fake.fault(Fault::at("/v2/", Trouble::Answer { status: 401, headers: Vec::new(), body: String::new() }));
    world.clock.advance(7 * 3_600);
    world.operations.look_again();
    let sync = world.until("the stop", |sync| is(sync, "stopped")).await;
    assert!(!why(&sync).is_empty());
    assert_eq!(sync.totals.tags, 9, "what was read stays");
    fake.heal();
    world.clock.advance(3_600);
    world.operations.look_again();
    world.until("the recovery", |sync| is(sync, "resting")).await;
    world.stop().await;
}

#[tokio::test]
async fn a_registry_that_wants_to_be_left_alone_is_and_the_page_says_until_when() {
    let (directory, fake) = lab(3, 3).await;
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    fake.fault(Fault::too_many("/v2/", "3600"));
    world.clock.advance(7 * 3_600);
    world.operations.look_again();
    world.until("the wait", |sync| is(sync, "waiting")).await;
    fake.forget_requests();
    world.operations.look_again();
    world.until("the wait", |sync| is(sync, "waiting")).await;
    assert_eq!(fake.count("HEAD", "/v2/"), 0);
    world.stop().await;
}

#[tokio::test]
async fn no_two_read_the_same_registry() {
    let (directory, fake) = lab(3, 3).await;
    let world = World::open(directory.path(), Clock::standing(noon())).await;
    let id = world.connect("lab", fake.connection()).await;
    let now = world.clock.now();
    let leases = world.operations.store().leases();
    let other = leases.acquire(&format!("sync:{id}"), "another", now, now.plus_seconds(60)).await;
    let other = other.expect("a look").expect("it is free");
    let beside = StoreOptions { data_dir: directory.path().join("data"), now };
    let second = World::over(Store::open_beside(&beside).await.expect("beside"), world.clock.clone());
    second.operations.start_sync();
    second.until("the refusal", |sync| is(sync, "elsewhere")).await;
    assert_eq!(second.sync().await.totals.repositories, 0);
    assert_eq!(fake.count("HEAD", "/manifests/"), 0, "the other reads it");
    leases.release(&other).await.expect("given back");
    second.clock.advance(10);
    second.operations.look_again();
    second.filled().await;
    second.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn who_lost_the_lease_writes_no_more() {
    let (directory, fake) = lab(8, 30).await;
    let world = World::reading(directory.path(), &fake).await;
    seen(&fake, 100).await;
    let (now, leases) = (world.clock.now(), world.operations.store().leases());
    leases.free_all().await.expect("as a restart does");
    leases.acquire("sync:1", "another", now, now.plus_seconds(600)).await.expect("a look");
    world.until("the loss", |sync| is(sync, "elsewhere")).await;
    let before = world.sync().await.totals;
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.sync().await.totals, before);
    world.stop().await;
}

#[tokio::test]
async fn a_registry_that_is_removed_midway_leaves_nothing_behind() {
    let (directory, fake) = lab(8, 30).await;
    let world = World::reading(directory.path(), &fake).await;
    seen(&fake, 100).await;
    world.operations.remove_registry(&world.ada, "lab", "lab").await.expect("removed");
    assert!(world.operations.stop_sync(LONGEST).await);
    let all = domain::Visible::to(&world.ada);
    let totals = world.operations.store().index().totals(&all, 1).await.expect("sums");
    assert_eq!(totals, store::index::Totals::default());
}

#[tokio::test]
async fn a_full_disk_stops_the_reading_and_nothing_else() {
    let (directory, fake) = lab(8, 40).await;
    let world = World::open(directory.path(), Clock::standing(noon())).await;
    world.connect("lab", fake.connection()).await;
    let index = world.operations.store().index();
    index.bound_pages(Some(120)).await.expect("a bound");
    world.operations.start_sync();
    world.until("the full disk", |sync| is(sync, "disk-full")).await;
    let query = operations::repositories::RepositoriesQuery::default();
    world.operations.repositories(&world.ada, "lab", &query, true).await.expect("reads go on");
    index.bound_pages(None).await.expect("room again");
    world.clock.advance(3_600);
    world.operations.look_again();
    world.filled().await;
    let whole = whole(&fake).await;
    assert_eq!(world.dump().await, whole);
    world.stop().await;
}
