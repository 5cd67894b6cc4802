//! What is kept is shown at once, and asked for behind the page.

use crate::world::{World, entry, image, index, name, stranger};
use domain::{Digest, Reference, Tag};
use operations::{
    Kind,
    images::{Became, EntryState, View},
    sync::DeparturesQuery,
};
use registry::fake::{Fault, Trouble};
use serde_json::json;
use std::time::Duration;

/// An image at `a:v1` that is kept, ten minutes ago.
async fn kept() -> (World, Digest) {
    let world = World::new().await;
    let digest = image(&world.fake, "a", "one", &json!({}));
    world.fake.tag("a", "v1", &digest);
    world.look("a", "v1", View::Image).await.expect("an image");
    world.clock.advance(600);
    world.fake.forget_requests();
    (world, digest)
}

async fn now(world: &World, reference: &str) -> operations::Result<operations::images::Image> {
    let reference: Reference = reference.parse().expect("a reference");
    world.operations.image(&world.ada, "lab", &name("a"), &reference, &View::Image).await
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_not_waited_for_and_then_said_to_be_silent() {
    let (world, digest) = kept().await;
    let asked_at = world.clock.now().plus_seconds(-600);
    world.fake.fault(Fault::at("/v2/a/", Trouble::Hang));
    let seen = now(&world, "v1").await.expect("what is kept");
    assert!(!world.is_quiet().await, "the registry was not waited for");
    assert_eq!((&seen.digest, seen.freshness.checked, seen.freshness.asking), (&digest, Some(asked_at), true));
    assert!(seen.freshness.trouble.is_none() && seen.referrers.asking, "nobody knows yet that it is silent");

    world.quiet().await;
    let open = world.follow("a", "v1", &digest).await.expect("the open page");
    let trouble = open.freshness.trouble.expect("it says that the registry is silent");
    assert!(trouble.message.contains("did not answer"), "{trouble:?}");
    assert_eq!((open.freshness.checked, open.became), (Some(asked_at), Became::Same));
    // Later, what is known of it is said at once, and it is asked again.
    world.clock.advance(60);
    let later = now(&world, "v1").await.expect("what is kept");
    assert!(later.freshness.trouble.is_some() && later.freshness.asking);
    assert_eq!(later.freshness.tried, Some(world.clock.now().plus_seconds(-60)));
}

#[tokio::test]
async fn a_registry_that_takes_its_time_is_believed_when_it_answers() {
    let (world, digest) = kept().await;
    world.fake.fault(Fault::at("/manifests/v1", Trouble::Delay(Duration::from_millis(4_300))).times(1));
    let seen = now(&world, "v1").await.expect("what is kept");
    assert!(seen.freshness.asking && !world.is_quiet().await);
    world.quiet().await;
    let open = world.follow("a", "v1", &digest).await.expect("the open page");
    assert_eq!((open.freshness.checked, open.freshness.trouble), (Some(world.clock.now()), None));
}

#[tokio::test]
async fn a_tag_that_moved_is_told_to_an_open_page_and_shown_by_the_next() {
    let (world, before) = kept().await;
    let child = image(&world.fake, "a", "two", &json!({}));
    let after = index(&world.fake, "a", vec![entry(&child, "amd64")]);
    world.fake.tag("a", "v1", &after);
    let seen = world.look("a", "v1", View::Image).await.expect("what is kept");
    assert_eq!((&seen.digest, seen.became, seen.freshness.asking), (&before, Became::Same, true));

    let open = world.follow("a", "v1", &before).await.expect("the open page");
    assert_eq!((&open.digest, &open.became), (&before, &Became::Moved(after.clone())), "it shows what it showed");
    assert_eq!(open.freshness.checked, Some(world.clock.now()));
    world.fake.fault(Fault::at("/manifests/", Trouble::Hang));
    let next = now(&world, "v1").await.expect("all of it was read behind the page");
    assert_eq!((&next.digest, next.became), (&after, Became::Same));
    assert!(matches!(next.entries[0].state, EntryState::Read(_)));
}

#[tokio::test]
async fn a_tag_that_is_gone_leaves_by_the_rule_and_the_open_page_says_so() {
    let (world, digest) = kept().await;
    world.fake.lose_manifest("a", &digest);
    let seen = world.look("a", "v1", View::Image).await.expect("what is kept");
    assert_eq!(seen.digest, digest);
    let open = world.follow("a", "v1", &digest).await.expect("the open page");
    assert_eq!((&open.digest, open.became), (&digest, Became::Gone));
    let left = world.operations.departures(&world.ada, "lab", DeparturesQuery::default()).await.expect("a page");
    let left: Vec<_> = left.rows.iter().filter_map(|row| row.departure.tag.as_ref()).map(Tag::as_str).collect();
    assert_eq!(left, ["v1"], "on record");
    assert_eq!(now(&world, "v1").await.expect_err("it is not there").kind, Kind::NotFound);
}

#[tokio::test]
async fn a_proxy_that_does_not_know_a_tag_removes_nothing() {
    let (world, digest) = kept().await;
    let headers = vec![("content-type", "text/html".to_owned())];
    world.fake.fault(Fault::at("/manifests/v1", Trouble::Answer { status: 404, headers, body: "no".to_owned() }));
    world.look("a", "v1", View::Image).await.expect("what is kept");
    let open = world.follow("a", "v1", &digest).await.expect("the open page");
    assert_eq!(open.became, Became::Same);
    assert_eq!(open.freshness.trouble.expect("it says what came back").kind, Kind::NotFound);
}

#[tokio::test]
async fn what_is_not_kept_is_waited_for_and_asked_for_once() {
    let world = World::new().await;
    let digest = image(&world.fake, "a", "one", &json!({}));
    world.fake.tag("a", "v1", &digest);
    let (one, two) = tokio::join!(now(&world, "v1"), now(&world, "v1"));
    assert_eq!((one.expect("an image").digest, two.expect("an image").digest), (digest.clone(), digest));
    assert_eq!(world.fake.count("GET", "/manifests/v1") + world.fake.count("HEAD", "/manifests/v1"), 1);
    assert_eq!(world.fake.count("GET", "/referrers/"), 1);

    world.fake.fault(Fault::at("/manifests/v2", Trouble::Hang));
    let (one, two) = tokio::join!(now(&world, "v2"), now(&world, "v2"));
    for refused in [one, two] {
        assert_eq!(refused.expect_err("there is nothing to show").kind, Kind::RegistryDown);
    }
    assert_eq!(world.fake.count("GET", "/manifests/v2"), 1);
}

#[tokio::test]
async fn many_who_look_at_what_is_kept_ask_once() {
    let (world, digest) = kept().await;
    let (one, two, three) = tokio::join!(now(&world, "v1"), now(&world, "v1"), now(&world, "v1"));
    for seen in [one, two, three] {
        assert_eq!(seen.expect("what is kept").digest, digest);
    }
    world.quiet().await;
    assert_eq!(world.fake.count("HEAD", "/manifests/v1"), 1, "{:?}", world.fake.requests());
    assert_eq!(world.fake.count("HEAD", ".sig"), 1, "{:?}", world.fake.requests());
}

#[tokio::test]
async fn a_page_that_follows_asks_for_nothing() {
    let (world, digest) = kept().await;
    for _ in 0..3 {
        let open = world.follow("a", "v1", &digest).await.expect("the open page");
        assert!(!open.freshness.asking && !open.referrers.asking);
        world.follow("a", digest.as_str(), &digest).await.expect("by digest");
    }
    world.quiet().await;
    assert!(world.fake.requests().is_empty(), "{:?}", world.fake.requests());
    let unknown = image(&world.fake, "a", "never read", &json!({}));
    assert_eq!(world.follow("a", "v1", &unknown).await.expect_err("it is not kept").kind, Kind::NotFound);
    assert!(world.fake.requests().is_empty(), "{:?}", world.fake.requests());
}

#[tokio::test]
async fn nothing_is_asked_for_who_may_not_see_it() {
    let (world, digest) = kept().await;
    let (reference, stranger): (Reference, _) = ("v1".parse().expect("a reference"), stranger());
    let (a, view) = (name("a"), View::Image);
    let visit = world.operations.image(&stranger, "lab", &a, &reference, &view).await;
    let follow = world.operations.follow_image(&stranger, "lab", &a, &reference, &view, Some(&digest)).await;
    for refused in [visit, follow] {
        assert!(matches!(refused.expect_err("refused").kind, Kind::SignInNeeded | Kind::NotFound));
    }
    assert!(world.is_quiet().await && world.fake.requests().is_empty(), "{:?}", world.fake.requests());
}

#[tokio::test]
async fn a_digest_that_is_kept_does_not_wait_for_what_refers_to_it() {
    let (world, digest) = kept().await;
    world.fake.fault(Fault::at("/v2/a/", Trouble::Hang));
    let seen = now(&world, digest.as_str()).await.expect("what is kept");
    assert!(seen.referrers.asking && !world.is_quiet().await);
    world.quiet().await;
    let open = world.follow("a", digest.as_str(), &digest).await.expect("the open page");
    assert!(open.referrers.trouble.is_some() && !open.referrers.asking);
}
