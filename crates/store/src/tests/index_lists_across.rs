//! Lists over several registries: one order, every row once, nothing that may not be seen, and a bound.

use super::{
    NOW, ada, fresh,
    index_lists::{image, tag, visible},
    index_paging::there_and_back,
};
use crate::index::{
    AcrossSort, Content, Index, Listing, Repository, RepositoryFilter, Seek, TagAcross, TagFilter, TagList,
};
use domain::{Actor, Digest, Id, Permission, Restriction, Tag, Timestamp, Via, Visible};

/// Registry, repository, tags and when they were built.
type Held = (Id, &'static str, &'static [(&'static str, i64)]);

const HELD: &[Held] = &[
    (1, "team/api", &[("1.0", 10), ("1.1", 20), ("latest", 20), ("same", 30)]),
    (1, "team/web", &[("1.0", 15), ("2.0", 30)]),
    (2, "team/api", &[("1.0", 10), ("edge", 25), ("same", 30)]),
    (2, "other/x", &[("1.0", 5), ("latest", 40)]),
    (3, "hidden", &[("1.0", 50)]),
];

async fn fill(index: &Index) {
    for (registry, name, tags) in HELD {
        let id = index.ensure_repository(*registry, &name.parse().expect("a name"), NOW).await.expect("made");
        let content = |at: i64| {
            let mut content = image(at);
            // What is built at one moment is one image, wherever it is.
            content.summary.created = Some(Timestamp(at));
            content
        };
        let contents: Vec<Content> = tags.iter().map(|(_, at)| content(*at)).collect();
        let digests: Vec<(Tag, Digest)> =
            tags.iter().zip(&contents).map(|((name, _), content)| (tag(name), content.digest.clone())).collect();
        index.set_tag_digests(id, &digests, NOW).await.expect("set");
        index.save_content(id, &contents, NOW).await.expect("saved");
        let all: Vec<Tag> = tags.iter().map(|(name, _)| tag(name)).collect();
        index.save_tag_list(id, TagList { tags: &all, complete: true, doubt: None }, NOW).await.expect("listed");
    }
    index.ensure_repository(2, &"empty".parse().expect("a name"), NOW).await.expect("made");
}

fn only(pattern: Option<&str>, registry: Option<Id>) -> Visible {
    let pattern = pattern.map(|pattern| pattern.parse().expect("a pattern"));
    let restriction = Restriction::new([Permission::RepositoryView], registry, pattern);
    Visible::to(&Actor { via: Via::Token { id: 1, restriction }, ..ada() })
}

/// What may be seen.
type Seen = fn(Id, &str) -> bool;

type Told = (Id, String, String, i64);

fn told(row: &TagAcross) -> Told {
    let created = row.row.summary.as_ref().and_then(|summary| summary.created).expect("a time");
    (row.registry, row.repository.to_string(), row.row.tag.to_string(), created.0)
}

/// All pages forwards, then back again: both must show the same.
async fn tags(index: &Index, visible: &Visible, sort: AcrossSort, descending: bool, filter: &TagFilter) -> Vec<Told> {
    let page = async |seek| {
        let listing = Listing { sort, descending, seek, limit: 3 };
        index.tags_across(visible, &[1, 2], filter, &listing).await.expect("a page")
    };
    there_and_back(page).await.iter().map(told).collect()
}

fn expected(seen: impl Fn(Id, &str) -> bool) -> Vec<Told> {
    let rows = HELD.iter().filter(|(registry, name, _)| *registry != 3 && seen(*registry, name));
    let tags = |(registry, name, tags): &Held| {
        let told = |(tag, at): &(&str, i64)| (*registry, (*name).to_owned(), (*tag).to_owned(), *at);
        tags.iter().map(told).collect::<Vec<_>>()
    };
    rows.flat_map(tags).collect()
}

fn sorted(mut rows: Vec<Told>) -> Vec<Told> {
    rows.sort();
    rows
}

#[tokio::test]
async fn tags_of_all_registries_stand_in_one_order_by_name_and_by_time() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    fill(index).await;
    for descending in [false, true] {
        let by_name = tags(index, &visible(), AcrossSort::Name, descending, &TagFilter::default()).await;
        assert!(by_name.is_sorted_by(|a, b| if descending { a.2 >= b.2 } else { a.2 <= b.2 }), "{by_name:?}");
        assert_eq!(sorted(by_name), sorted(expected(|_, _| true)), "registry 3 was not asked for");
        let by_time = tags(index, &visible(), AcrossSort::Created, descending, &TagFilter::default()).await;
        assert!(by_time.is_sorted_by(|a, b| if descending { a.3 >= b.3 } else { a.3 <= b.3 }), "{by_time:?}");
        assert_eq!(sorted(by_time), sorted(expected(|_, _| true)));
    }
    let late =
        TagFilter { created_from: Some(Timestamp(20)), created_before: Some(Timestamp(40)), ..TagFilter::default() };
    for sort in [AcrossSort::Name, AcrossSort::Created] {
        let rows = tags(index, &visible(), sort, true, &late).await;
        let expected = expected(|_, _| true).into_iter().filter(|row| (20..40).contains(&row.3)).collect();
        assert_eq!(sorted(rows), sorted(expected));
        let named = TagFilter { glob: Some("1.*".into()), ..TagFilter::default() };
        assert_eq!(tags(index, &visible(), sort, false, &named).await.len(), 5);
    }
}

#[tokio::test]
async fn lists_over_registries_show_only_what_may_be_seen() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    fill(index).await;
    let team = |_: Id, name: &str| name.starts_with("team/");
    let cases: [(Visible, Seen); 3] = [
        (only(Some("team/*"), None), |_, name| name.starts_with("team/")),
        (only(None, Some(2)), |registry, _| registry == 2),
        (only(Some("*/api"), Some(1)), |registry, name| registry == 1 && name.ends_with("/api")),
    ];
    for (visible, seen) in &cases {
        for sort in [AcrossSort::Name, AcrossSort::Created] {
            let rows = tags(index, visible, sort, true, &TagFilter::default()).await;
            assert_eq!(sorted(rows), sorted(expected(seen)));
            let listing = Listing { sort, limit: 50, ..Listing::default() };
            let page = index.repositories_across(visible, &[1, 2], &RepositoryFilter::default(), &listing).await;
            assert!(page.expect("a page").rows.iter().all(|row| seen(row.registry, row.name.as_str())));
        }
        let listing = Listing { limit: 50, ..Listing::default() };
        for registry in [1, 2] {
            let all = RepositoryFilter::default();
            let rows = index.repositories(visible, registry, &all, &listing).await.expect("a page").rows;
            assert!(rows.iter().all(|row| seen(registry, row.name.as_str())));
            let count = index.count_repositories(visible, registry, &all, 9).await.expect("counted").number;
            assert_eq!(count, rows.len() as u64);
            let groups = index.namespaces(visible, registry, &all, None, 9).await.expect("grouped");
            assert_eq!(groups.iter().map(|group| group.repositories).sum::<u64>(), count);
            let below = index.count_below(visible, registry, None, &["team"]).await.expect("counted");
            let below = below.get("team").copied().unwrap_or_default();
            assert_eq!(below, rows.iter().filter(|row| team(registry, row.name.as_str())).count() as u64);
        }
    }
    let stranger = Visible::to(&Actor::anonymous("", "", ""));
    for sort in [AcrossSort::Name, AcrossSort::Created] {
        assert_eq!(tags(index, &stranger, sort, false, &TagFilter::default()).await, []);
    }
}

#[tokio::test]
async fn referrers_tags_are_left_out_or_alone_shown() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    fill(index).await;
    let id = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    let signature = format!("sha256-{}.sig", "0".repeat(64));
    let mut content = image(99);
    content.summary.created = Some(Timestamp(20));
    let pointing = [&signature, "sha256-no"].map(|name| (tag(name), content.digest.clone()));
    index.set_tag_digests(id, &pointing, NOW).await.expect("set");
    index.save_content(id, &[content], NOW).await.expect("saved");
    for sort in [AcrossSort::Name, AcrossSort::Created] {
        let count = async |filter| tags(index, &visible(), sort, false, &filter).await;
        let plain = count(TagFilter::default()).await;
        assert_eq!(plain.len(), expected(|_, _| true).len() + 1);
        assert!(plain.iter().any(|row| row.2 == "sha256-no"), "this one is an ordinary tag");
        assert_eq!(count(TagFilter { referrers: true, ..TagFilter::default() }).await.len(), plain.len() + 1);
        let alone = count(TagFilter { only_referrers: true, ..TagFilter::default() }).await;
        assert_eq!(alone.iter().map(|row| &row.2).collect::<Vec<_>>(), [&signature]);
    }
}

#[tokio::test]
async fn a_rare_tag_among_many_is_reached_in_several_cuts() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    let all: Vec<Tag> = (0..12_000).map(|n| tag(&format!("b-{n:05}"))).chain([tag("z-last")]).collect();
    index.save_tag_list(id, TagList { tags: &all, complete: true, doubt: None }, NOW).await.expect("listed");
    let filter = TagFilter { text: Some("last".into()), ..TagFilter::default() };
    let page = async |seek| {
        let listing = Listing { seek, limit: 5, ..Listing::default() };
        index.tags_across(&visible(), &[1], &filter, &listing).await.expect("a page")
    };
    let first = page(Seek::First).await;
    assert_eq!((first.rows.len(), first.cut, &first.previous), (0, true, &None));
    let second = page(Seek::After(first.next.expect("it goes on"))).await;
    assert_eq!((second.rows[0].row.tag.as_str(), second.cut, &second.next), ("z-last", false, &None));
    let back = page(Seek::Before(second.previous.expect("a way back"))).await;
    assert_eq!((back.rows.len(), back.cut, back.previous.is_some()), (0, true, true));
}

#[tokio::test]
async fn repositories_of_all_registries_stand_in_one_order() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    fill(index).await;
    let read = async |sort, descending| {
        let page = async |seek| {
            let listing = Listing { sort, descending, seek, limit: 2 };
            index
                .repositories_across(&visible(), &[1, 2], &RepositoryFilter::default(), &listing)
                .await
                .expect("a page")
        };
        let told = |row: &Repository| (row.name.to_string(), row.registry, row.newest.map(|at| at.0));
        there_and_back(page).await.iter().map(told).collect::<Vec<_>>()
    };
    let row = |name: &str, registry, newest| (name.to_owned(), registry, newest);
    let empty = row("empty", 2, None);
    let (other, api, api_2) = (row("other/x", 2, Some(40)), row("team/api", 1, Some(30)), row("team/api", 2, Some(30)));
    let web = row("team/web", 1, Some(30));
    let by_name = [&empty, &other, &api, &api_2, &web].map(Clone::clone);
    assert_eq!(read(AcrossSort::Name, false).await, by_name);
    let reversed: Vec<_> = by_name.iter().rev().cloned().collect();
    assert_eq!(read(AcrossSort::Name, true).await, reversed);
    assert_eq!(read(AcrossSort::Created, false).await, [&api, &api_2, &web, &other, &empty].map(Clone::clone));
    assert_eq!(read(AcrossSort::Created, true).await, [other, web, api_2, api, empty]);
}
