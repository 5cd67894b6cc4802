//! The repositories of a registry: what comes in, what goes, and what people add.

use crate::world::{World, image, name};
use domain::Actor;
use operations::{Kind, repositories::RepositoriesQuery, tags::TagsQuery};
use registry::fake::{FakeOptions, Fault, Trouble};

fn catalogue(names: &str) -> Fault {
    let body = format!(r#"{{"repositories":{names}}}"#);
    Fault::at(
        "/_catalog",
        Trouble::Answer { status: 200, headers: vec![("content-type", "application/json".into())], body },
    )
}

#[tokio::test]
async fn the_first_visit_waits_for_the_catalogue_and_counts_the_tags_of_what_it_shows() {
    let world = World::new().await;
    for repository in ["alpine", "team/api", "team/web"] {
        image(&world.fake, repository, "v1", 1, 100);
    }
    let shown = world.repositories(&RepositoriesQuery::default()).await.expect("a page");
    assert_eq!(shown.totals.repositories, 3);
    let groups: Vec<_> =
        shown.groups.iter().map(|group| (group.name.as_deref(), group.count, group.rows.len())).collect();
    assert_eq!(groups, [(None, None, 1), (Some("team"), Some(2), 2)]);
    world.quiet().await;
    let shown =
        world.operations.repositories(&world.ada, "lab", &RepositoriesQuery::default(), true).await.expect("a page");
    assert!(shown.groups.iter().flat_map(|group| &group.rows).all(|row| row.tags == Some(1)));
}

#[tokio::test]
async fn a_name_goes_only_at_the_second_complete_catalogue_without_it() {
    let world = World::new().await;
    for repository in ["team/api", "team/web"] {
        image(&world.fake, repository, "v1", 1, 100);
    }
    assert_eq!(world.known_names().await, ["team/api", "team/web"]);
    world.fake.fault(catalogue(r#"["team/api"]"#));
    world.later();
    assert_eq!(world.known_names().await, ["team/api", "team/web"], "one list is no proof");
    world.later();
    assert_eq!(world.known_names().await, ["team/api"]);
    world.fake.heal();
    world.later();
    assert_eq!(world.known_names().await, ["team/api", "team/web"], "and it comes back");
}

#[tokio::test]
async fn a_catalogue_that_can_not_be_read_removes_nothing() {
    let world = World::new().await;
    for repository in ["team/api", "team/web"] {
        image(&world.fake, repository, "v1", 1, 100);
    }
    assert_eq!(world.known_names().await.len(), 2);
    for fault in [
        Fault::status("/_catalog", 500),
        Fault::at("/_catalog", Trouble::Truncate(10)),
        Fault::status("/_catalog", 401),
    ] {
        world.fake.heal();
        world.fake.fault(fault);
        for _ in 0..3 {
            world.later();
            assert_eq!(world.known_names().await, ["team/api", "team/web"]);
        }
    }
    let shown = world.repositories(&RepositoriesQuery::default()).await.expect("a page");
    assert!(shown.trouble.is_some());
}

#[tokio::test]
async fn a_registry_without_a_catalogue_is_browsed_by_name() {
    let world = World::with(FakeOptions { catalog: false, ..FakeOptions::default() }).await;
    image(&world.fake, "library/debian", "12", 1, 100);
    let shown = world.repositories(&RepositoriesQuery::default()).await.expect("a page");
    assert!(shown.by_name && shown.totals.repositories == 0, "{shown:?}");
    let host = world.fake.address().authority();
    let added =
        world.operations.add_repository(&world.ada, "lab", &format!("{host}/library/debian:12")).await.expect("added");
    assert_eq!(added.as_str(), "library/debian", "a pull reference does");
    let tags = world.settled("library/debian", &TagsQuery::default()).await;
    assert_eq!(tags.total, 1);
    world.later();
    assert_eq!(world.known_names().await, ["library/debian"]);
}

#[tokio::test]
async fn adding_and_forgetting_are_in_the_audit_log_and_need_the_right() {
    let world = World::with(FakeOptions { catalog: false, ..FakeOptions::default() }).await;
    let nobody = Actor::anonymous("198.51.100.7", "", "");
    assert_eq!(
        world.operations.add_repository(&nobody, "lab", "team/api").await.expect_err("refused").kind,
        Kind::NotFound
    );
    let wrong = world.operations.add_repository(&world.ada, "lab", "Team/API").await.expect_err("no name");
    assert_eq!((wrong.kind, wrong.fields[0].field.as_str()), (Kind::Invalid, "name"));
    world.operations.add_repository(&world.ada, "lab", "team/api").await.expect("added");
    world.operations.add_repository(&world.ada, "lab", "team/api").await.expect("the same once more");
    assert_eq!(world.known_names().await, ["team/api"]);
    world.operations.forget_repository_name(&world.ada, "lab", &name("team/api")).await.expect("forgotten");
    assert!(world.known_names().await.is_empty());
    let again = world.operations.forget_repository_name(&world.ada, "lab", &name("team/api")).await;
    assert_eq!(again.expect_err("it is not there").kind, Kind::NotFound);
    let news = world.operations.store().outbox().after(0, 1_000).await.expect("news");
    for act in ["repository.add", "repository.forget"] {
        assert!(news.iter().any(|one| one.topic == act), "{act} has no outcome");
    }
}

#[tokio::test]
async fn names_outside_the_grammar_are_shown_and_never_asked_for() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    world.fake.fault(catalogue(r#"["team/api","Team/../x","a\u202eb","team~x"]"#));
    let shown = world.repositories(&RepositoriesQuery::default()).await.expect("a page");
    assert_eq!(shown.odd, ["Team/../x", "a\u{202e}b", "team~x"]);
    assert_eq!(shown.totals.repositories, 1);
    world.quiet().await;
    assert!(world.fake.requests().iter().all(|seen| !seen.target.contains("..") && !seen.target.contains('~')));
}

#[tokio::test]
async fn odd_tags_are_shown_and_never_asked_for() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    let body = r#"{"name":"team/api","tags":["v1","a b","-x","../up"]}"#.to_owned();
    world.fake.fault(Fault::at("/tags/list", Trouble::Answer { status: 200, headers: Vec::new(), body }));
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!((shown.total, shown.odd.len()), (1, 3));
    assert!(world.fake.requests().iter().all(|seen| !seen.target.contains("up") && !seen.target.contains("%20")));
}

#[tokio::test]
async fn a_registry_that_is_switched_off_shows_what_is_kept_and_is_not_asked() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    assert_eq!(world.known_names().await.len(), 1);
    world.settled("team/api", &TagsQuery::default()).await;
    world.operations.switch_registry(&world.ada, "lab", false).await.expect("switched off");
    world.later();
    world.fake.forget_requests();
    assert_eq!(world.known_names().await.len(), 1);
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(shown.rows.len(), 1);
    assert!(shown.trouble.expect("it says so").message.contains("switched off"));
    assert!(world.fake.requests().is_empty());
}
