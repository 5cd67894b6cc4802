//! Absence is never invented: what leaves the index leaves on evidence, and that is on record.

use crate::world::{World, fill, image};
use operations::sync::DeparturesQuery;
use registry::fake::{Fake, FakeOptions, Fault, Trouble};
use store::Evidence;

/// Six hours and more: everything is due again.
const LATER: i64 = 7 * 3_600;

async fn lab() -> (tempfile::TempDir, Fake) {
    let fake = Fake::start(FakeOptions::default()).await.expect("a registry");
    (tempfile::tempdir().expect("a directory"), fake)
}

fn answer(path: &str, status: u16, body: &str) -> Fault {
    let headers = vec![("content-type", "application/json".to_owned())];
    Fault::at(path, Trouble::Answer { status, headers, body: body.to_owned() })
}

async fn departures(world: &World) -> Vec<(String, Option<String>, Evidence)> {
    let page = world.operations.departures(&world.ada, "lab", DeparturesQuery::default()).await.expect("a page");
    let row = |row: store::Departed| {
        let one = row.departure;
        (one.repository.to_string(), one.tag.map(|tag| tag.to_string()), one.evidence)
    };
    page.rows.into_iter().map(row).collect()
}

#[tokio::test]
async fn a_tag_goes_by_a_404_with_a_code_and_that_is_on_record() {
    let (directory, fake) = lab().await;
    for n in 0..3 {
        image(&fake, "team/api", &format!("v{n}"), n);
    }
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    fake.fault(answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v0","v1"]}"#));
    world.later(LATER).await;
    assert_eq!(world.tags("team/api").await.len(), 3, "it answers when it is asked for");
    let gone = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
    fake.heal();
    fake.fault(answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v0","v1"]}"#));
    fake.fault(answer("/v2/team/api/manifests/v2", 404, "<html>a proxy</html>"));
    // The list lacked it long ago for the first time, but something else is listed by then.
    fake.heal();
    fake.fault(answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v0","v1","v2"]}"#));
    world.later(LATER).await;
    fake.heal();
    fake.fault(answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v0","v1"]}"#));
    fake.fault(answer("/v2/team/api/manifests/v2", 404, gone));
    world.later(LATER).await;
    assert_eq!(world.tags("team/api").await, ["v0", "v1"]);
    assert_eq!(departures(&world).await, [("team/api".to_owned(), Some("v2".to_owned()), Evidence::NotFound)]);
    world.stop().await;
}

#[tokio::test]
async fn a_404_without_a_code_removes_nothing_and_two_complete_lists_do() {
    let (directory, fake) = lab().await;
    for n in 0..3 {
        image(&fake, "team/api", &format!("v{n}"), n);
    }
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    fake.fault(answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v0","v1"]}"#));
    fake.fault(answer("/v2/team/api/manifests/v2", 404, "<html>a proxy</html>"));
    world.later(LATER).await;
    assert_eq!(world.tags("team/api").await.len(), 3);
    assert_eq!(departures(&world).await, []);
    world.later(LATER).await;
    assert_eq!(world.tags("team/api").await, ["v0", "v1"]);
    assert_eq!(departures(&world).await, [("team/api".to_owned(), Some("v2".to_owned()), Evidence::TwoLists)]);
    world.stop().await;
}

#[tokio::test]
async fn an_empty_a_shrunken_and_a_broken_list_change_nothing_and_are_told() {
    let (directory, fake) = lab().await;
    for n in 0..40 {
        image(&fake, "team/api", &format!("v{n:02}"), n);
    }
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    let lists = [
        (answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":null}"#), "empty"),
        (answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v00","v01"]}"#), "lacks 38 of the 40"),
        (answer("/v2/team/api/tags/list", 500, ""), "500"),
        (Fault::at("/v2/team/api/tags/list", Trouble::Truncate(40)), ""),
    ];
    for (list, told) in lists {
        fake.heal();
        fake.fault(list);
        for _ in 0..3 {
            world.later(25 * 3_600).await;
        }
        assert_eq!(world.tags("team/api").await.len(), 40, "{told}");
        let sync = world.sync().await;
        let of = sync.in_trouble.first().expect("it is told");
        let said = of.doubt.clone().unwrap_or_default() + of.trouble.as_deref().unwrap_or_default();
        assert!(said.contains(told), "{said}");
    }
    fake.heal();
    let sync = world.later(25 * 3_600).await;
    assert_eq!(sync.in_trouble, [], "it recovers by itself");
    assert_eq!(departures(&world).await, []);
    world.stop().await;
}

#[tokio::test]
async fn a_catalogue_that_shrank_takes_no_repository_along() {
    let (directory, fake) = lab().await;
    fill(&fake, 30, 1);
    let world = World::reading(directory.path(), &fake).await;
    assert_eq!(world.filled().await.totals.repositories, 30);
    for body in [r#"{"repositories":[]}"#, r#"{"repositories":["team0/app00"]}"#] {
        fake.heal();
        fake.fault(answer("/v2/_catalog", 200, body));
        for _ in 0..3 {
            world.later(LATER).await;
        }
        let sync = world.sync().await;
        assert_eq!(sync.totals.repositories, 30, "{body}");
        assert!(sync.catalogue.and_then(|catalogue| catalogue.doubt).is_some(), "{body}");
    }
    fake.heal();
    let sync = world.later(LATER).await;
    assert_eq!((sync.totals.repositories, sync.catalogue.and_then(|catalogue| catalogue.doubt)), (30, None));
    assert_eq!(departures(&world).await, []);
    world.stop().await;
}

#[tokio::test]
async fn a_repository_goes_when_the_registry_does_not_know_it() {
    let (directory, fake) = lab().await;
    fill(&fake, 3, 2);
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    let unknown = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}"#;
    fake.fault(answer("/v2/team1/app01/tags/list", 404, unknown));
    for _ in 0..3 {
        world.later(LATER).await;
    }
    let left = [("team1/app01".to_owned(), None, Evidence::NotFound)];
    assert_eq!(departures(&world).await, left, "once, although the catalogue names it again and again");
    assert_eq!(world.tags("team1/app01").await, Vec::<String>::new());
    world.stop().await;
}
