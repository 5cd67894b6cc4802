//! Filters, orders and pages.

use crate::world::{World, image, query, tags_of};
use operations::{Kind, repositories::RepositoriesQuery, tags::TagsQuery};

async fn releases() -> World {
    let world = World::new().await;
    for (day, tag) in ["v1.9.0", "v1.10.0", "v1.10.0-rc.1", "latest", "pr-7", "pr-12"].into_iter().enumerate() {
        image(&world.fake, "team/api", tag, u32::try_from(day).expect("a day"), 1_000 - day * 100);
    }
    let hex = "a".repeat(64);
    for tag in [format!("sha256-{hex}.sig"), format!("sha256-{hex}")] {
        image(&world.fake, "team/api", &tag, 1, 10);
    }
    world
}

#[tokio::test]
async fn signatures_are_left_out_unless_they_are_asked_for() {
    let world = releases().await;
    let shown = world.settled("team/api", &TagsQuery::default()).await;
    assert_eq!((shown.total, shown.referrers, shown.rows.len()), (8, Some(2), 6));
    let all = world
        .settled(
            "team/api",
            &TagsQuery { filters: operations::lists::pairs([("referrers", "shown")]), ..TagsQuery::default() },
        )
        .await;
    assert_eq!((all.referrers, all.rows.len()), (Some(2), 8));
}

#[tokio::test]
async fn tags_sort_by_name_version_age_and_size_both_ways() {
    let world = releases().await;
    world.settled("team/api", &TagsQuery::default()).await;
    let first = |sort: &str, order: &str| TagsQuery { sort: sort.into(), order: order.into(), ..TagsQuery::default() };
    let shown = world.settled("team/api", &query("name")).await;
    assert_eq!(tags_of(&shown), ["latest", "pr-12", "pr-7", "v1.10.0", "v1.10.0-rc.1", "v1.9.0"]);
    let shown = world.settled("team/api", &query("version")).await;
    assert_eq!(tags_of(&shown)[..3], ["v1.10.0", "v1.10.0-rc.1", "v1.9.0"]);
    let shown = world.settled("team/api", &query("created")).await;
    assert_eq!(tags_of(&shown), ["pr-12", "pr-7", "latest", "v1.10.0-rc.1", "v1.10.0", "v1.9.0"]);
    let shown = world.settled("team/api", &first("created", "asc")).await;
    assert_eq!(tags_of(&shown)[0], "v1.9.0");
    let shown = world.settled("team/api", &query("size")).await;
    assert_eq!(tags_of(&shown)[0], "v1.9.0");
    assert_eq!((shown.sort, shown.descending), ("size", true));
}

#[tokio::test]
async fn filters_take_any_part_or_a_pattern_and_say_when_they_can_not_be_read() {
    let world = releases().await;
    world.settled("team/api", &TagsQuery::default()).await;
    let like = |q: &str| TagsQuery { filters: operations::lists::pairs([("q", q)]), ..TagsQuery::default() };
    let shown = world.settled("team/api", &like("PR-")).await;
    assert_eq!(tags_of(&shown), ["pr-12", "pr-7"]);
    let shown = world.settled("team/api", &like("v1.*0")).await;
    assert_eq!(tags_of(&shown), ["v1.10.0", "v1.9.0"]);
    let shown = world.settled("team/api", &like("pr-?")).await;
    assert_eq!(tags_of(&shown), ["pr-7"]);
    let shown = world.settled("team/api", &like("*[p]*")).await;
    assert!(shown.rows.is_empty(), "a bracket stands for itself");
    let shown = world.settled("team/api", &like("a*b*c*d*e*f*g*h*i*j")).await;
    assert!(shown.errors.get("q").is_some());
    assert_eq!(shown.rows.len(), 6, "all are shown");
    let arm = TagsQuery { filters: operations::lists::pairs([("platform", "linux/arm64")]), ..TagsQuery::default() };
    assert!(world.settled("team/api", &arm).await.rows.is_empty());
    let images = TagsQuery {
        filters: operations::lists::pairs([("kind", "image"), ("platform", "linux/amd64")]),
        ..TagsQuery::default()
    };
    assert_eq!(world.settled("team/api", &images).await.matching.number, 6);
}

#[tokio::test]
async fn pages_go_on_and_back_and_show_each_tag_once() {
    let world = World::new().await;
    for n in 0..130 {
        image(&world.fake, "team/api", &format!("t{n:03}"), n, 100);
    }
    let mut seen: Vec<String> = Vec::new();
    let mut at = TagsQuery::default();
    let mut pages = Vec::new();
    loop {
        let shown = world.settled("team/api", &at).await;
        let page: Vec<String> = tags_of(&shown).into_iter().map(str::to_owned).collect();
        seen.extend(page.clone());
        pages.push((page, shown.previous));
        let Some(next) = shown.next else { break };
        // Somebody pushes before what was seen: no row is shown twice for it.
        image(&world.fake, "team/api", &format!("a{}", pages.len()), 1, 100);
        world.later();
        at = TagsQuery { after: next, ..TagsQuery::default() };
    }
    assert_eq!(seen, (0..130).map(|n| format!("t{n:03}")).collect::<Vec<_>>());
    let back = pages[2].1.clone().expect("a page before");
    let shown = world.settled("team/api", &TagsQuery { before: back, ..TagsQuery::default() }).await;
    assert_eq!(tags_of(&shown), pages[1].0.iter().map(String::as_str).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_place_that_is_none_is_not_found() {
    let world = releases().await;
    world.settled("team/api", &TagsQuery::default()).await;
    for after in ["nonsense", "eyJzIjoic2l6ZS0iLCJ2IjoxLCJuIjoieCJ9"] {
        let error = world.tags("team/api", &TagsQuery { after: after.into(), ..TagsQuery::default() }).await;
        assert_eq!(error.expect_err("no such place").kind, Kind::NotFound);
    }
}

#[tokio::test]
async fn repositories_are_filtered_sorted_and_paged() {
    let world = World::new().await;
    for n in 0..60 {
        let repository = format!("team{}/r{n:02}", n % 3);
        for tag in 0..=(n % 4) {
            image(&world.fake, &repository, &format!("v{tag}"), n, 100);
        }
    }
    world.known_names().await;
    let ask = |q: &str, sort: &str, after: Option<String>| RepositoriesQuery {
        filters: operations::lists::pairs([("q", q)]),
        sort: sort.into(),
        after: after.unwrap_or_default(),
        ..RepositoriesQuery::default()
    };
    let first = world.repositories(&ask("", "", None)).await.expect("a page");
    let rows = |shown: &operations::repositories::Repositories| {
        shown.groups.iter().map(|group| group.rows.len()).sum::<usize>()
    };
    assert_eq!((rows(&first), first.matching.number), (50, 60));
    assert_eq!(first.groups[0].count, Some(20));
    let second = world.repositories(&ask("", "", first.next)).await.expect("a page");
    assert_eq!(rows(&second), 10);
    assert!(second.previous.is_some() && second.next.is_none());
    world.quiet().await;
    let filtered = world.repositories(&ask("TEAM1/", "tags", None)).await.expect("a page");
    assert_eq!((rows(&filtered), filtered.grouped), (20, false));
    let most = &filtered.groups[0].rows;
    assert!(most.windows(2).all(|pair| pair[0].tags >= pair[1].tags), "{most:?}");
}
