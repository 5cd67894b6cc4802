//! Absence is never invented: what leaves the index leaves on evidence, and that is on record.

use crate::world::{World, fill, image, name};
use operations::{
    history::{History, HistoryQuery},
    sync::DeparturesQuery,
};
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

const UNKNOWN_NAME: &str = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}"#;
const UNKNOWN_MANIFEST: &str = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;

#[tokio::test]
async fn a_registry_that_lost_sight_of_its_storage_takes_nothing_along() {
    let (directory, fake) = lab().await;
    fill(&fake, 30, 2);
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    let before = world.dump().await;
    // Its volume is not mounted: it answers in good form, and knows nothing.
    fake.fault(answer("/v2/_catalog", 200, r#"{"repositories":[]}"#));
    fake.fault(answer("/tags/list", 404, UNKNOWN_NAME));
    fake.fault(answer("/manifests/", 404, UNKNOWN_MANIFEST));
    for pass in 0..4 {
        let sync = world.later(LATER).await;
        assert_eq!((sync.totals.repositories, sync.totals.tags), (30, 60), "pass {pass}");
        let said = sync.in_trouble.iter().filter_map(|one| one.trouble.as_deref());
        assert!(said.clone().any(|said| said.contains("of the 30 repositories")), "{:?}", said.collect::<Vec<_>>());
    }
    assert_eq!(departures(&world).await, []);
    fake.heal();
    let sync = world.later(2 * 24 * 3_600).await;
    assert_eq!(sync.in_trouble, [], "it recovers by itself");
    assert_eq!(world.dump().await, before);
    world.stop().await;
}

#[tokio::test]
async fn repositories_that_many_lists_lack_leave_at_the_second_one() {
    let (directory, fake) = lab().await;
    fill(&fake, 40, 1);
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    // Somebody removed half of them: what is in team1 and team2 is left.
    fake.fault(answer("/v2/team0/", 404, UNKNOWN_NAME));
    let left: Vec<String> = (0..40).filter(|r| r % 3 != 0).map(|r| format!("team{}/app{r:02}", r % 3)).collect();
    fake.fault(answer("/v2/_catalog", 200, &serde_json::json!({ "repositories": left }).to_string()));
    let sync = world.later(LATER).await;
    assert_eq!(sync.totals.repositories, 40);
    assert!(sync.in_trouble.iter().all(|one| one.trouble.as_ref().is_some_and(|why| why.contains("14 of the 40"))));
    assert_eq!(departures(&world).await, []);
    let sync = world.later(LATER).await;
    assert_eq!((sync.totals.repositories, departures(&world).await.len()), (26, 14));
    let page = world.operations.departures(&world.ada, "lab", DeparturesQuery::default()).await.expect("a page");
    assert!(page.rows.iter().all(|row| row.departure.detail.contains("whole lists have lacked it since")));
    world.stop().await;
}

#[tokio::test]
async fn many_tags_that_answer_404_leave_only_at_a_second_whole_list() {
    let (directory, fake) = lab().await;
    for n in 0..40 {
        image(&fake, "team/api", &format!("v{n:02}"), n);
    }
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    let nothing = answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":null}"#);
    let two = answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v00","v01"]}"#);
    for (list, passes) in [(nothing, 3), (two.clone(), 1)] {
        fake.heal();
        fake.fault(list);
        fake.fault(answer("/v2/team/api/manifests/v", 404, UNKNOWN_MANIFEST));
        for _ in 0..passes {
            let sync = world.later(25 * 3_600).await;
            let doubt = sync.in_trouble.first().and_then(|one| one.doubt.clone()).unwrap_or_default();
            assert!(doubt.contains("404 for"), "{doubt}");
        }
        assert_eq!((world.tags("team/api").await.len(), departures(&world).await.len()), (40, 0));
    }
    world.later(25 * 3_600).await;
    assert_eq!((world.tags("team/api").await, departures(&world).await.len()), (vec!["v00".into(), "v01".into()], 38));
    world.stop().await;
}

#[tokio::test]
async fn a_few_tags_of_a_broken_list_still_leave_at_once() {
    let (directory, fake) = lab().await;
    for n in 0..12 {
        image(&fake, "team/api", &format!("v{n:02}"), n);
    }
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    fake.fault(answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v00","v01"]}"#));
    fake.fault(answer("/v2/team/api/manifests/v", 404, UNKNOWN_MANIFEST));
    world.later(LATER).await;
    assert_eq!((world.tags("team/api").await.len(), departures(&world).await.len()), (2, 10));
    world.stop().await;
}

async fn history(world: &World, tag: &str) -> History {
    let query = HistoryQuery { tag: tag.into(), ..HistoryQuery::default() };
    world.operations.history(&world.ada, "lab", &name("team/api"), &query).await.expect("a history")
}

#[tokio::test]
async fn the_history_says_on_what_evidence_a_tag_left_and_of_no_other_move() {
    let (directory, fake) = lab().await;
    for n in 0..3 {
        image(&fake, "team/api", &format!("v{n}"), n);
    }
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    let gone = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
    fake.fault(answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v0","v1"]}"#));
    fake.fault(answer("/v2/team/api/manifests/v2", 404, gone));
    image(&fake, "team/api", "v1", 7);
    world.later(LATER).await;
    assert_eq!(world.tags("team/api").await, ["v0", "v1"]);
    for tag in ["", "v2"] {
        let shown = history(&world, tag).await;
        let left: Vec<_> = shown.moves.iter().filter(|one| one.movement.to.is_none()).collect();
        assert_eq!(left.len(), 1, "{tag:?}");
        let evidence = shown.evidence(left[0]).expect("the evidence of the departure");
        assert_eq!((evidence.at, evidence.departure.evidence), (left[0].at, Evidence::NotFound));
        assert!(evidence.departure.detail.starts_with("GET /v2/team/api/manifests/v2 answered 404"), "{evidence:?}");
        assert_eq!(shown.left, None, "the repository is there");
    }
    let moved = history(&world, "v1").await;
    assert!(moved.moves.len() == 1 && moved.evidence(&moved.moves[0]).is_none(), "it moved");
    // It comes again, and leaves again by two lists: each departure has its own evidence.
    fake.heal();
    world.later(LATER).await;
    fake.fault(answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v0","v1"]}"#));
    fake.fault(answer("/v2/team/api/manifests/v2", 404, "<html>a proxy</html>"));
    world.later(LATER).await;
    world.later(LATER).await;
    let shown = history(&world, "v2").await;
    let why: Vec<_> = shown.moves.iter().map(|one| shown.evidence(one).map(|why| why.departure.evidence)).collect();
    assert_eq!(why, [Some(Evidence::TwoLists), None, Some(Evidence::NotFound)], "newest first");
    world.stop().await;
}

#[tokio::test]
async fn the_history_of_a_repository_that_left_says_why() {
    let (directory, fake) = lab().await;
    image(&fake, "team/api", "v0", 0);
    image(&fake, "team/other", "v0", 1);
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    assert_eq!(history(&world, "").await.left, None);
    let gone = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}"#;
    fake.fault(answer("/v2/_catalog", 200, r#"{"repositories":["team/other"]}"#));
    fake.fault(answer("/v2/team/api/tags/list", 404, gone));
    world.later(LATER).await;
    let left = history(&world, "").await.left.expect("why it left");
    assert_eq!((left.departure.tag, left.departure.evidence), (None, Evidence::NotFound));
    assert!(left.departure.detail.contains("/v2/team/api/tags/list"), "{}", left.departure.detail);
    world.stop().await;
}
