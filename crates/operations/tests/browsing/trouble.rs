//! What goes wrong: a registry that is away, fails, breaks off, forgets or lies.

use crate::world::{World, image, name};
use domain::{Connection, probe::Tone};
use operations::{Kind, tags::TagsQuery};
use registry::fake::{Fault, Trouble};
use std::time::{Duration, Instant};

/// A port where nothing listens: it was ours a moment ago.
fn dead() -> Connection {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    Connection::new(format!("http://{free}").parse().expect("an address"))
}

#[tokio::test]
async fn a_registry_that_is_down_is_said_with_what_was_tried() {
    let world = World::new().await;
    world.connect("away", dead()).await;
    let away = world.operations.tags(&world.ada, "away", &name("team/api"), &TagsQuery::default(), false).await;
    let error = away.expect_err("nothing is there");
    assert_eq!(error.kind, Kind::RegistryDown);
    assert!(!error.tried.is_empty() && error.way_out.is_some(), "{error:?}");
    let rail = world.operations.rail(&world.ada).await.expect("a rail");
    let away = rail.iter().find(|row| row.name.as_str() == "away").expect("a row");
    assert_eq!(away.health.0, Tone::Danger);
    let overview = world.operations.overview(&world.ada).await.expect("an overview");
    assert_eq!(overview.attention[0].registry.as_str(), "away");
}

#[tokio::test]
async fn a_dead_registry_keeps_nobody_waiting_elsewhere() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    let hanging = World::new().await;
    hanging.fake.fault(Fault::at("/v2/", Trouble::Hang));
    world.connect("stuck", hanging.fake.connection()).await;
    let begun = Instant::now();
    let (repository, query) = (name("team/api"), TagsQuery::default());
    let stuck = world.operations.tags(&world.ada, "stuck", &repository, &query, false);
    let fine = async {
        let shown = world.tags("team/api", &TagsQuery::default()).await.expect("a page");
        (shown.rows.len(), begun.elapsed())
    };
    let (stuck, (rows, took)) = tokio::join!(stuck, fine);
    assert_eq!(rows, 1);
    assert!(took < Duration::from_secs(3), "{took:?}");
    let stuck = stuck.expect("a page that says that it reads");
    assert!(stuck.reading && stuck.rows.is_empty() && stuck.listed_at.is_none());
}

#[tokio::test]
async fn what_is_kept_is_still_shown_when_the_registry_fails() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    let before = world.settled("team/api", &TagsQuery::default()).await;
    world.later();
    world.fake.fault(Fault::status("/tags/list", 500));
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(shown.rows.len(), 1);
    assert_eq!(shown.listed_at, before.listed_at, "as of then");
    let trouble = shown.trouble.expect("the page says what stopped it");
    assert!(trouble.tried.iter().any(|line| line.contains("500")), "{trouble:?}");
    world.fake.heal();
    world.later();
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert!(shown.trouble.is_none() && shown.listed_at > before.listed_at);
}

#[tokio::test]
async fn what_failed_a_moment_ago_is_not_tried_again_at_once() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    world.settled("team/api", &TagsQuery::default()).await;
    world.later();
    world.fake.fault(Fault::status("/tags/list", 500));
    world.settled("team/api", &TagsQuery::default()).await;
    world.fake.forget_requests();
    world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(world.fake.requests().len(), 0);
}

#[tokio::test]
async fn a_list_that_breaks_off_removes_nothing() {
    let world = World::new().await;
    for tag in ["v1", "v2", "v3"] {
        image(&world.fake, "team/api", tag, 1, 100);
    }
    world.settled("team/api", &TagsQuery::default()).await;
    world.later();
    world.fake.fault(Fault::at("/tags/list", Trouble::Truncate(25)));
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(shown.rows.len(), 3);
    assert!(shown.trouble.is_some());
}

fn short_list(tags: &str) -> Fault {
    let body = format!(r#"{{"name":"team/api","tags":{tags}}}"#);
    Fault::at(
        "/tags/list",
        Trouble::Answer { status: 200, headers: vec![("content-type", "application/json".into())], body },
    )
}

#[tokio::test]
async fn a_list_that_shrank_removes_nothing_that_is_still_there() {
    let world = World::new().await;
    for tag in ["v1", "v2", "v3"] {
        image(&world.fake, "team/api", tag, 1, 100);
    }
    world.settled("team/api", &TagsQuery::default()).await;
    world.later();
    world.fake.fault(short_list(r#"["v1"]"#));
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(shown.rows.len(), 3, "two were asked for, and are there");
}

#[tokio::test]
async fn a_tag_goes_when_the_registry_says_that_it_is_gone() {
    let world = World::new().await;
    for (n, tag) in ["v1", "v2", "v3"].into_iter().enumerate() {
        let digest = image(&world.fake, "team/api", tag, u32::try_from(n).expect("a day"), 100);
        if tag == "v2" {
            world.settled("team/api", &TagsQuery::default()).await;
            world.fake.lose_manifest("team/api", &digest);
        }
    }
    world.later();
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    let listed = shown.rows.iter().find(|row| row.tag.as_str() == "v2").expect("it is still listed");
    assert!(listed.kind.is_some(), "what was known of it stays");
    assert!(listed.problem.as_deref().is_some_and(|problem| problem.contains("404")), "{listed:?}");
    world.later();
    world.fake.fault(short_list(r#"["v1","v3"]"#));
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(shown.rows.len(), 2, "not listed, and 404 when asked for");
}

#[tokio::test]
async fn an_emptied_repository_is_empty_and_a_missing_one_is_not_there() {
    let world = World::new().await;
    world.fake.empty_repository("team/empty");
    let shown = world.settled("team/empty", &TagsQuery::default()).await;
    assert_eq!((shown.total, shown.rows.len()), (0, 0));
    assert!(shown.listed_at.is_some() && shown.trouble.is_none());
    let missing = world.tags("team/none", &TagsQuery::default()).await.expect_err("it is not there");
    assert_eq!(missing.kind, Kind::NotFound);
    assert!(
        missing.message.contains("team/none") && missing.tried.iter().any(|line| line.contains("NAME_UNKNOWN")),
        "{missing:?}"
    );
}

#[tokio::test]
async fn a_repository_that_the_registry_lost_is_forgotten() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    world.settled("team/api", &TagsQuery::default()).await;
    world.later();
    let body = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}"#.to_owned();
    world.fake.fault(Fault::at("/tags/list", Trouble::Answer { status: 404, headers: Vec::new(), body }));
    world.tags("team/api", &TagsQuery::default()).await.expect("what was kept is shown once more");
    world.quiet().await;
    assert_eq!(world.tags("team/api", &TagsQuery::default()).await.expect_err("gone").kind, Kind::NotFound);
}

#[tokio::test]
async fn a_404_that_is_not_the_registry_s_own_forgets_nothing() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    world.settled("team/api", &TagsQuery::default()).await;
    let page = "<html>no such page on this proxy</html>".to_owned();
    world.fake.fault(Fault::at(
        "/tags/list",
        Trouble::Answer { status: 404, headers: vec![("content-type", "text/html".into())], body: page },
    ));
    for _ in 0..3 {
        world.later();
        let shown = world.settled("team/api", &TagsQuery::default()).await;
        assert!(shown.rows.len() == 1 && shown.trouble.is_some());
    }
}

#[tokio::test]
async fn a_row_that_can_not_be_read_says_why_and_the_others_are_read() {
    let world = World::new().await;
    image(&world.fake, "team/api", "good", 1, 100);
    let bad = image(&world.fake, "team/api", "bad", 2, 100);
    world.fake.fault(Fault::at(&format!("/manifests/{bad}"), Trouble::WrongBytes));
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    let row = |tag: &str| shown.rows.iter().find(|row| row.tag.as_str() == tag).expect("a row");
    assert!(row("good").kind.is_some() && row("good").problem.is_none());
    assert!(row("bad").kind.is_none(), "what is not what it claims to be is not shown");
    assert!(
        row("bad").problem.as_deref().is_some_and(|problem| problem.contains("digest")),
        "{:?}",
        row("bad").problem
    );
    assert!(shown.trouble.is_none());
}

#[tokio::test]
async fn a_registry_that_asks_to_wait_is_left_alone() {
    let world = World::new().await;
    for n in 0..40 {
        image(&world.fake, "team/api", &format!("t{n:02}"), n, 100);
    }
    world.fake.fault(Fault::too_many("/manifests/", "3600"));
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(shown.rows.len(), 40, "the list is there");
    let trouble = shown.trouble.expect("the page says it");
    assert_eq!((trouble.kind, trouble.retry_after), (Kind::TooMany, Some(3600)));
    assert!(world.asked("HEAD", "/manifests/") < 40, "not every row is asked for in vain");
}
