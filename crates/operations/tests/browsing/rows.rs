//! What a visit to a repository costs, and what it shows.

use crate::world::{World, image, index, name, query, tags_of};
use domain::Kind as Content;
use operations::{Kind, tags::TagsQuery};
use registry::fake::{Fake, FakeOptions, Fault, Trouble};

#[tokio::test]
async fn the_first_visit_waits_for_the_list_and_its_rows() {
    let world = World::new().await;
    for n in 0..3 {
        image(&world.fake, "team/api", &format!("v1.{n}"), n, 100);
    }
    let shown = world.tags("team/api", &TagsQuery::default()).await.expect("a page");
    assert_eq!(tags_of(&shown), ["v1.0", "v1.1", "v1.2"]);
    assert_eq!((shown.total, shown.read), (3, 3));
    let row = &shown.rows[0];
    assert_eq!((row.kind, row.platforms.as_slice()), (Some(Content::Image), ["linux/amd64".to_owned()].as_slice()));
    assert!(row.size.is_some_and(|size| size > 100) && row.created.is_some());
    assert!(shown.listed_at.is_some() && shown.trouble.is_none());
}

#[tokio::test]
async fn a_second_visit_asks_for_the_list_and_where_each_tag_points_and_for_nothing_else() {
    let world = World::new().await;
    for n in 0..300 {
        image(&world.fake, "team/api", &format!("t{n:03}"), n % 300, 100);
    }
    world.settled("team/api", &TagsQuery::default()).await;
    world.later();
    world.fake.forget_requests();
    let shown = world.tags("team/api", &TagsQuery::default()).await.expect("a page");
    assert_eq!(shown.rows.len(), 50, "what is kept is shown at once");
    assert!(shown.rows.iter().all(|row| row.kind.is_some()));
    world.quiet().await;
    assert_eq!(world.asked("GET", "/tags/list"), 1);
    assert_eq!(world.asked("HEAD", "/manifests/"), 50);
    assert_eq!(world.asked("GET", "/manifests/") + world.asked("GET", "/blobs/"), 0);
    assert!(
        world.fake.requests().iter().filter(|seen| seen.method == "HEAD").all(|seen| seen.status == 304),
        "conditional"
    );
    assert_eq!(world.fake.requests().len(), 51);
}

#[tokio::test]
async fn a_visit_right_after_another_asks_for_nothing() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    world.settled("team/api", &TagsQuery::default()).await;
    world.fake.forget_requests();
    for _ in 0..5 {
        world.settled("team/api", &TagsQuery::default()).await;
    }
    assert!(world.fake.requests().is_empty(), "{:?}", world.fake.requests());
}

#[tokio::test]
async fn content_is_fetched_once_however_many_tags_name_it() {
    let world = World::new().await;
    let digest = image(&world.fake, "team/api", "v1", 1, 100);
    for tag in ["v1.0", "v1.0.0", "latest"] {
        world.fake.tag("team/api", tag, &digest);
    }
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(world.asked("GET", "/manifests/"), 1);
    assert_eq!(world.asked("GET", "/blobs/"), 1);
    let latest = shown.rows.iter().find(|row| row.tag.as_str() == "latest").expect("latest");
    let siblings: Vec<_> = latest.siblings.iter().map(domain::Tag::as_str).collect();
    assert_eq!(siblings, ["v1", "v1.0", "v1.0.0"]);
}

#[tokio::test]
async fn a_tag_that_moved_shows_where_it_points_now() {
    let world = World::new().await;
    let before = image(&world.fake, "team/api", "latest", 1, 100);
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(shown.rows[0].digest.as_ref(), Some(&before));
    let after = image(&world.fake, "team/api", "latest", 2, 200);
    world.later();
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(shown.rows[0].digest.as_ref(), Some(&after));
}

#[tokio::test]
async fn an_index_is_as_large_as_its_images_and_names_their_platforms() {
    let world = World::new().await;
    let (one, two) = (image(&world.fake, "team/api", "a", 1, 1_000), image(&world.fake, "team/api", "b", 5, 2_000));
    index(&world.fake, "team/api", "multi", &[(&one, "amd64"), (&two, "arm64")]);
    let shown = world
        .settled("team/api", &TagsQuery { filters: operations::lists::pairs([("q", "multi")]), ..TagsQuery::default() })
        .await;
    let row = &shown.rows[0];
    assert_eq!((row.kind, row.platforms.len()), (Some(Content::Index), 2));
    assert!(row.size.is_some_and(|size| size > 3_000), "{:?}", row.size);
}

#[tokio::test]
async fn an_index_whose_image_is_gone_still_has_a_row() {
    let world = World::new().await;
    let (one, two) = (image(&world.fake, "team/api", "a", 1, 1_000), image(&world.fake, "team/api", "b", 5, 2_000));
    index(&world.fake, "team/api", "multi", &[(&one, "amd64"), (&two, "arm64")]);
    world.fake.lose_manifest("team/api", &two);
    let shown = world
        .settled("team/api", &TagsQuery { filters: operations::lists::pairs([("q", "multi")]), ..TagsQuery::default() })
        .await;
    assert_eq!((shown.rows[0].kind, shown.rows[0].platforms.len()), (Some(Content::Index), 2));
    assert_eq!(shown.rows[0].problem, None);
}

#[tokio::test]
async fn many_visitors_at_once_cost_no_more_than_one() {
    let world = World::new().await;
    for n in 0..20 {
        image(&world.fake, "team/api", &format!("t{n:03}"), n, 100);
    }
    let visit = || async { world.tags("team/api", &TagsQuery::default()).await.expect("a page").total };
    let seen = tokio::join!(visit(), visit(), visit(), visit(), visit(), visit());
    assert_eq!(seen, (20, 20, 20, 20, 20, 20));
    world.quiet().await;
    assert_eq!(world.asked("GET", "/tags/list"), 1);
    assert_eq!(world.asked("HEAD", "/manifests/"), 20);
    assert_eq!(world.asked("GET", "/manifests/"), 20);
}

#[tokio::test]
async fn strangers_see_nothing_and_ask_for_nothing() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    world.settled("team/api", &TagsQuery::default()).await;
    world.fake.forget_requests();
    let nobody = domain::Actor::anonymous("198.51.100.7", "", "");
    let refused = world.operations.tags(&nobody, "lab", &name("team/api"), &TagsQuery::default(), false).await;
    assert_eq!(refused.expect_err("a refusal").kind, Kind::NotFound);
    let refused = world.operations.read_rest(&nobody, "lab", &name("team/api")).await;
    assert_eq!(refused.expect_err("a refusal").kind, Kind::NotFound);
    assert!(world.fake.requests().is_empty());
}

#[tokio::test]
async fn a_small_repository_is_read_to_its_end_by_itself() {
    let world = World::new().await;
    for n in 0..120 {
        image(&world.fake, "team/api", &format!("t{n:03}"), n, 100);
    }
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!((shown.total, shown.read), (120, 120));
}

#[tokio::test]
async fn a_large_repository_is_read_to_its_end_when_somebody_sorts_it_by_what_must_be_read() {
    let world = World::new().await;
    for n in 0..250 {
        image(&world.fake, "team/api", &format!("t{n:03}"), (n * 7) % 250, 100 + n as usize);
    }
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!((shown.total, shown.read), (250, 50), "names can be sorted without");
    let shown = world.settled("team/api", &query("size")).await;
    assert_eq!(shown.read, 250);
    assert_eq!(tags_of(&shown)[..3], ["t249", "t248", "t247"]);
    assert!(shown.progress.is_none());
}

#[tokio::test]
async fn the_rest_can_be_asked_for() {
    let world = World::new().await;
    for n in 0..250 {
        image(&world.fake, "team/api", &format!("t{n:03}"), n, 100);
    }
    world.settled("team/api", &TagsQuery::default()).await;
    world.operations.read_rest(&world.ada, "lab", &name("team/api")).await.expect("a start");
    world.quiet().await;
    let shown = world.tags("team/api", &TagsQuery::default()).await.expect("a page");
    assert_eq!(shown.read, 250);
    let missing = world.operations.read_rest(&world.ada, "lab", &name("team/none")).await;
    assert_eq!(missing.expect_err("no such repository").kind, Kind::NotFound);
}

#[tokio::test]
async fn open_pages_hear_that_something_was_read() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert!(shown.topic.starts_with("repository:") && shown.topic.ends_with(":team/api"));
    world.hears(&shown.topic).await;
}

#[tokio::test]
async fn a_registry_that_only_names_a_digest_shows_nothing_of_another_ones() {
    let world = World::new().await;
    let digest = image(&world.fake, "team/api", "v1", 1, 100);
    let ours = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(ours.rows[0].kind, Some(Content::Image));

    // It names the digest in its headers, and has nothing behind it.
    let hostile = Fake::start(FakeOptions::default()).await.expect("a registry");
    world.connect("hostile", hostile.connection()).await;
    image(&hostile, "b", "v1", 2, 100);
    let named = || Trouble::Header("docker-content-digest", digest.to_string());
    hostile.fault(Fault { method: Some("HEAD"), ..Fault::at("/manifests/v1", named()) });
    let look = async |registry: &str, repository: &str| {
        let (repository, query) = (name(repository), TagsQuery::default());
        world.operations.tags(&world.ada, registry, &repository, &query, false).await.map(drop).expect("a page");
        world.quiet().await;
        world.operations.tags(&world.ada, registry, &repository, &query, true).await.expect("a page")
    };
    let theirs = look("hostile", "b").await;
    let row = &theirs.rows[0];
    assert_eq!((row.digest.as_ref(), row.kind, row.size), (Some(&digest), None, None));
    assert!(row.platforms.is_empty() && row.created.is_none());
    assert!(hostile.count("GET", &format!("/manifests/{digest}")) > 0, "it was asked for the bytes");

    // One that has them shows them, and is asked for them once.
    let mirror = Fake::start(FakeOptions::default()).await.expect("a registry");
    world.connect("mirror", mirror.connection()).await;
    assert_eq!(image(&mirror, "c", "v1", 1, 100), image(&world.fake, "team/api", "v1", 1, 100));
    let mirrored = look("mirror", "c").await;
    assert_eq!(mirrored.rows[0].kind, Some(Content::Image));
    assert_eq!(mirror.count("GET", &format!("/manifests/{digest}")), 1);
}

#[tokio::test]
async fn a_row_whose_digest_can_not_be_computed_says_so() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    let body = r#"{"schemaVersion":2,"layers":[]}"#.to_owned();
    let headers = vec![("docker-content-digest", "blake3:abcdef".to_owned())];
    world.fake.fault(Fault::at("/manifests/", Trouble::Answer { status: 200, headers, body }));
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    let row = &shown.rows[0];
    assert_eq!(row.kind, None);
    assert!(row.problem.as_ref().is_some_and(|problem| problem.contains("can't be verified")), "{:?}", row.problem);
}
