//! Filters: each alone, several at once, wrong ones, and those that not everybody may ask for.

use crate::world::{World, image, name, tags_of};
use domain::{Actor, Permission, Restriction, Via};
use operations::{
    Kind,
    across::AcrossQuery,
    lists::{Pairs, pairs},
    repositories::RepositoriesQuery,
    tags::TagsQuery,
    untagged::UntaggedQuery,
};

/// Built on the first days of January 2026, the oldest the smallest; it is November.
async fn releases() -> World {
    let world = World::new().await;
    for (day, tag) in ["v1.9.0", "v1.10.0", "v2.0.0-rc.1", "v2.0.0", "latest"].into_iter().enumerate() {
        image(&world.fake, "team/api", tag, u32::try_from(day).expect("a day"), 100_000 * (day + 1));
    }
    image(&world.fake, "team/api", "fresh", 290, 5_000_000);
    image(&world.fake, "team/api", &format!("sha256-{}.sig", "a".repeat(64)), 1, 10);
    world.settled("team/api", &TagsQuery::default()).await;
    world
}

fn by(filters: Pairs) -> TagsQuery {
    TagsQuery { filters, ..TagsQuery::default() }
}

/// The same person, by a token that may do only this.
fn only(world: &World, permission: Permission, repositories: Option<&str>) -> Actor {
    let pattern = repositories.map(|text| text.parse().expect("a pattern"));
    let restriction = Restriction::new([permission], None, pattern);
    Actor { via: Via::Token { id: 1, restriction }, ..world.ada.clone() }
}

#[tokio::test]
async fn each_filter_lets_through_what_it_names() {
    let world = releases().await;
    for (field, value, expected) in [
        ("q", "V1.", &["v1.10.0", "v1.9.0"][..]),
        ("q", "v?.?.0", &["v1.9.0", "v2.0.0"]),
        ("version", ">=1.10 <3", &["v1.10.0", "v2.0.0"]),
        ("version", "2.0.0-rc.1 || 1.9", &["v1.9.0", "v2.0.0-rc.1"]),
        ("kind", "image", &["fresh", "latest", "v1.10.0", "v1.9.0", "v2.0.0", "v2.0.0-rc.1"]),
        ("kind", "index", &[]),
        ("platform", "linux/x86_64", &["fresh", "latest", "v1.10.0", "v1.9.0", "v2.0.0", "v2.0.0-rc.1"]),
        ("platform", "linux/arm64", &[]),
        ("newer", "60d", &["fresh"]),
        ("older", "60d", &["latest", "v1.10.0", "v1.9.0", "v2.0.0", "v2.0.0-rc.1"]),
        ("larger", "1MB", &["fresh"]),
        ("smaller", "150 kB", &["v1.9.0"]),
        ("label", "tag=v2.0.0", &["v2.0.0"]),
        ("label", "nothing", &[]),
        ("check", "runs-as-root", &["fresh", "latest", "v1.10.0", "v1.9.0", "v2.0.0", "v2.0.0-rc.1"]),
        ("check", "huge-layer", &[]),
    ] {
        let shown = world.settled("team/api", &by(pairs([(field, value)]))).await;
        assert_eq!(tags_of(&shown), expected, "{field}={value}: {:?}", shown.errors);
        assert!(shown.errors.is_empty(), "{:?}", shown.errors);
        assert_eq!(shown.matching.number, expected.len() as u64, "{field}={value}");
    }
    let only = world.settled("team/api", &by(pairs([("referrers", "only")]))).await;
    assert_eq!((only.rows.len(), only.referrers), (1, Some(1)));
}

#[tokio::test]
async fn filters_hold_together_with_an_order_and_from_page_to_page() {
    let world = releases().await;
    let both = pairs([("q", "v*"), ("older", "60d"), ("label", "tag"), ("version", ">=1.10")]);
    let shown = world.settled("team/api", &by(both.clone())).await;
    assert_eq!(tags_of(&shown), ["v1.10.0", "v2.0.0"]);
    let mut query = TagsQuery { filters: pairs([("q", "v*")]), sort: "size".into(), limit: Some(2), ..by(both) };
    let mut seen = Vec::new();
    loop {
        let shown = world.settled("team/api", &query).await;
        assert_eq!((shown.matching.number, shown.sort), (4, "size"));
        seen.extend(tags_of(&shown).into_iter().map(str::to_owned));
        let Some(next) = shown.next else { break };
        query.after = next;
    }
    assert_eq!(seen, ["v2.0.0", "v2.0.0-rc.1", "v1.10.0", "v1.9.0"]);
}

#[tokio::test]
async fn tags_sort_by_when_they_moved() {
    let world = releases().await;
    image(&world.fake, "team/api", "latest", 300, 10);
    world.later();
    world.settled("team/api", &TagsQuery::default()).await;
    let shown = world.settled("team/api", &TagsQuery { sort: "moved".into(), ..TagsQuery::default() }).await;
    assert_eq!((tags_of(&shown)[0], shown.sort, shown.descending), ("latest", "moved", true));
    assert!(shown.rows[0].moved_at.is_some() && shown.rows[1].moved_at.is_none());
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once_and_the_rest_holds() {
    let world = releases().await;
    let wrong = pairs([
        ("q", "v1"),
        ("version", "newest"),
        ("older", "30"),
        ("larger", "big"),
        ("tagged", "no"),
        ("check", "latest-alone"),
    ]);
    let shown = world.settled("team/api", &by(wrong)).await;
    let fields: Vec<_> = shown.errors.0.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["version", "older", "larger", "tagged", "check"]);
    assert_eq!(tags_of(&shown), ["v1.10.0", "v1.9.0"], "what can be read holds");
    let four = Pairs::from(["a", "b", "c", "d"].map(|key| ("label".to_owned(), key.to_owned())));
    assert!(world.settled("team/api", &by(four)).await.errors.get("label").is_some());
    let nothing = world.settled("team/api", &by(pairs([("smaller", "0 B")]))).await;
    assert!(nothing.errors.get("smaller").is_some());
}

#[tokio::test]
async fn labels_and_configurations_answer_only_those_who_may_pull() {
    let world = releases().await;
    let (looks, pulls) =
        (only(&world, Permission::RepositoryView, None), only(&world, Permission::RepositoryPull, None));
    let elsewhere = only(&world, Permission::RepositoryPull, Some("other/*"));
    let tags = |actor: Actor, filters: Pairs| {
        let operations = world.operations.clone();
        async move { operations.tags(&actor, "lab", &name("team/api"), &by(filters), false).await }
    };
    for (field, value) in [("label", "tag"), ("check", "runs-as-root")] {
        let refused = tags(looks.clone(), pairs([(field, value)])).await.expect_err("may not ask");
        assert_eq!(refused.kind, Kind::Forbidden);
        assert!(refused.message.contains("repository.pull"), "{refused}");
        let shown = tags(pulls.clone(), pairs([(field, value)])).await.expect("may ask");
        assert_eq!(shown.rows.len(), 6);
        assert_eq!(tags(elsewhere.clone(), pairs([(field, value)])).await.expect_err("not seen").kind, Kind::NotFound);
    }
    assert_eq!(tags(looks.clone(), pairs([("q", "v1")])).await.expect("names may be seen").rows.len(), 2);
    let query = AcrossQuery { filters: pairs([("label", "tag")]), ..AcrossQuery::default() };
    assert_eq!(world.operations.tags_across(&looks, &query).await.expect_err("may not ask").kind, Kind::Forbidden);
    assert_eq!(world.operations.tags_across(&pulls, &query).await.expect("may ask").rows.len(), 6);
    assert!(world.operations.tags_across(&elsewhere, &query).await.expect("may ask there").rows.is_empty());
}

#[tokio::test]
async fn repositories_are_filtered_by_age_bytes_tags_and_what_was_found() {
    let world = World::new().await;
    image(&world.fake, "team/old", "v1", 1, 2_000_000);
    image(&world.fake, "team/new", "v1", 290, 100);
    image(&world.fake, "other/new", "v1", 289, 100);
    world.fake.empty_repository("team/empty");
    world.known_names().await;
    for repository in ["team/old", "team/new", "other/new", "team/empty"] {
        world.settled(repository, &TagsQuery::default()).await;
    }
    let ask = |filters: Pairs, sort: &str| RepositoriesQuery {
        filters,
        sort: sort.into(),
        view: "flat".into(),
        ..RepositoriesQuery::default()
    };
    for (filters, expected) in [
        (pairs([("newer", "60d")]), &["other/new", "team/new"][..]),
        (pairs([("older", "60d")]), &["team/old"]),
        (pairs([("larger", "1MB")]), &["team/old"]),
        (pairs([("tagged", "no")]), &["team/empty"]),
        (pairs([("q", "team/*"), ("tagged", "yes")]), &["team/new", "team/old"]),
        (pairs([("q", "TEAM"), ("newer", "60d")]), &["team/new"]),
    ] {
        let shown = world.repositories(&ask(filters.clone(), "")).await.expect("a page");
        let names: Vec<_> = shown.groups.iter().flat_map(|g| &g.rows).map(|row| row.name.as_str()).collect();
        assert_eq!(names, expected, "{filters:?} {:?}", shown.errors);
        assert_eq!(shown.matching.number, expected.len() as u64, "{filters:?}");
    }
    for sort in ["bytes", "exclusive"] {
        let shown = world.repositories(&ask(Pairs::new(), sort)).await.expect("a page");
        let first = &shown.groups[0].rows[0];
        assert_eq!((first.name.as_str(), shown.sorted), ("team/old", (sort, true)));
        assert!(first.whole && first.bytes > 2_000_000 && first.exclusive > 2_000_000, "{first:?}");
    }
    let wrong = world.repositories(&ask(pairs([("label", "a"), ("older", "soon")]), "")).await.expect("a page");
    assert!(wrong.errors.get("label").is_some() && wrong.errors.get("older").is_some());
}

#[tokio::test]
async fn what_lost_its_tag_is_listed_with_the_time() {
    let world = releases().await;
    let old = world.settled("team/api", &by(pairs([("q", "latest")]))).await.rows[0].digest.clone();
    assert_eq!(world.settled("team/api", &TagsQuery::default()).await.untagged.number, 0);
    image(&world.fake, "team/api", "latest", 300, 10);
    world.later();
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!(shown.untagged.number, 1);
    let query = UntaggedQuery { filters: pairs([("tagged", "no")]), ..UntaggedQuery::default() };
    let list = world.operations.untagged(&world.ada, "lab", &name("team/api"), &query).await.expect("a list");
    assert_eq!((list.rows.len(), list.matching.number, list.errors.is_empty()), (1, 1, true));
    assert_eq!(Some(&list.rows[0].digest), old.as_ref());
    assert!(list.rows[0].since.is_some() && list.rows[0].summary.is_some());
    let query = UntaggedQuery { filters: pairs([("tagged", "no"), ("q", "v1")]), ..UntaggedQuery::default() };
    let list = world.operations.untagged(&world.ada, "lab", &name("team/api"), &query).await.expect("a list");
    assert!(list.errors.get("q").is_some(), "a filter that is not held is told");
    let nobody = Actor::anonymous("192.0.2.9", "test", "r9");
    let refused = world.operations.untagged(&nobody, "lab", &name("team/api"), &query).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn tags_and_repositories_of_all_registries_stand_in_one_list() {
    let world = releases().await;
    let other = registry::fake::Fake::start(registry::fake::FakeOptions::default()).await.expect("a registry");
    image(&other, "far/away", "v3.0.0", 310, 10);
    world.connect("second", other.connection()).await;
    world.operations.tags(&world.ada, "second", &name("far/away"), &TagsQuery::default(), false).await.expect("a page");
    world.quiet().await;
    let ask = |filters: Pairs, registry: &str, sort: &str| AcrossQuery {
        filters,
        registry: registry.into(),
        sort: sort.into(),
        ..AcrossQuery::default()
    };
    let all = world.operations.tags_across(&world.ada, &ask(Pairs::new(), "", "")).await.expect("a page");
    let first: Vec<_> = all.rows.iter().map(|row| (row.registry.as_str(), row.row.tag.as_str())).take(2).collect();
    assert_eq!((first, all.rows.len()), (vec![("second", "v3.0.0"), ("lab", "fresh")], 7));
    assert_eq!((all.sorted, all.tags, all.unread, all.cut), (("newest", true), 8, 0, false));
    let versions = ask(pairs([("version", ">=2")]), "", "name");
    let named = world.operations.tags_across(&world.ada, &versions).await.expect("a page");
    let names: Vec<_> = named.rows.iter().map(|row| row.row.tag.as_str()).collect();
    assert_eq!(names, ["v2.0.0", "v3.0.0"]);
    let one = world.operations.tags_across(&world.ada, &ask(Pairs::new(), "second", "")).await.expect("a page");
    assert_eq!(one.rows.len(), 1);
    let none = world.operations.tags_across(&world.ada, &ask(Pairs::new(), "third", "")).await;
    assert_eq!(none.expect_err("no such registry").kind, Kind::NotFound);
    let all = world.operations.repositories_across(&world.ada, &ask(Pairs::new(), "", "")).await.expect("a page");
    let names: Vec<_> = all.rows.iter().map(|row| row.row.name.as_str()).collect();
    assert_eq!(names, ["far/away", "team/api"]);
    let restricted = only(&world, Permission::RepositoryView, Some("team/*"));
    let seen = world.operations.repositories_across(&restricted, &ask(Pairs::new(), "", "")).await.expect("a page");
    assert_eq!(seen.rows.len(), 1);
    assert!(world.operations.tags_across(&Actor::anonymous("192.0.2.9", "t", "r"), &versions).await.is_err());
}
