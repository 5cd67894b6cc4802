//! The first reading of everything, and the refreshes after it.

use crate::world::{World, fill, image, is, name};
use domain::Visible;
use registry::fake::{Fake, FakeOptions};
use store::Since;

#[tokio::test]
async fn everything_is_read_once_and_then_only_what_can_move() {
    let (directory, fake) = (tempfile::tempdir().expect("a directory"), Fake::start(FakeOptions::default()).await);
    let fake = fake.expect("a registry");
    fill(&fake, 5, 12);
    let world = World::reading(directory.path(), &fake).await;
    let sync = world.filled().await;
    assert_eq!((sync.totals.repositories, sync.totals.tags, sync.totals.unread), (5, 60, 0));
    assert!(sync.next.is_some_and(|next| next > world.clock.now()), "the next look is due later");
    let manifests =
        fake.requests().iter().filter(|seen| seen.method == "GET" && seen.target.contains("/manifests/")).count();
    assert_eq!(manifests, 5 * 8, "each image once, however many tags lead to it");

    fake.forget_requests();
    world.later(7 * 3_600).await;
    assert_eq!(fake.count("HEAD", "/manifests/"), 60, "every tag is asked for");
    assert_eq!(fake.count("GET", "/manifests/") + fake.count("GET", "/blobs/"), 0, "and nothing is fetched again");
    world.stop().await;
}

#[tokio::test]
async fn a_tag_that_moves_or_comes_is_seen_and_on_record() {
    let (directory, fake) = (tempfile::tempdir().expect("a directory"), Fake::start(FakeOptions::default()).await);
    let fake = fake.expect("a registry");
    let old = image(&fake, "team/api", "latest", 1);
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    let new = image(&fake, "team/api", "latest", 2);
    fake.tag("team/api", "v2", &new);
    world.later(7 * 3_600).await;
    let all = Visible::to(&world.ada);
    let moves = world.operations.store().tag_moves();
    let page = moves.of_repository(&all, 1, &name("team/api"), Since::Newest, 10).await.expect("moves");
    let mut told: Vec<_> = page
        .rows
        .iter()
        .map(|row| (row.movement.tag.as_str(), row.movement.from.clone(), row.movement.to.clone()))
        .collect();
    told.sort_by_key(|row| row.0);
    assert_eq!(told, [("latest", Some(old), Some(new.clone())), ("v2", None, Some(new))]);
    world.stop().await;
}

#[tokio::test]
async fn a_visit_makes_the_next_look_come_soon() {
    let (directory, fake) = (tempfile::tempdir().expect("a directory"), Fake::start(FakeOptions::default()).await);
    let fake = fake.expect("a registry");
    fill(&fake, 2, 3);
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    let query = operations::tags::TagsQuery::default();
    world.operations.tags(&world.ada, "lab", &name("team0/app00"), &query, false).await.expect("a page");
    world.rested().await;
    fake.forget_requests();
    world.later(90).await;
    assert!(fake.count("GET", "team0/app00/tags/list") > 0, "it was looked at");
    assert_eq!(fake.count("GET", "team1/app01/tags/list"), 0, "this one was not");
    world.stop().await;
}

#[tokio::test]
async fn what_is_paused_is_not_read_until_it_goes_on() {
    let (directory, fake) = (tempfile::tempdir().expect("a directory"), Fake::start(FakeOptions::default()).await);
    let fake = fake.expect("a registry");
    fill(&fake, 2, 3);
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    world.probed().await;
    world.operations.pause_sync(&world.ada, "lab", true).await.expect("paused");
    assert!(is(&world.sync().await, "paused"));
    fake.forget_requests();
    world.clock.advance(24 * 3_600);
    world.operations.look_again();
    world.until("the pause", |sync| is(sync, "paused")).await;
    assert_eq!(fake.requests().len(), 0);
    world.operations.pause_sync(&world.ada, "lab", false).await.expect("it goes on");
    world.rested().await;
    assert!(fake.count("HEAD", "/manifests/") >= 6);
    world.stop().await;
}
