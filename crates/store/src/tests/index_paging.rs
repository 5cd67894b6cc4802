//! Pages of the index: no row is lost or doubled, whatever comes in between.

use super::{NOW, ada, fresh};
use crate::index::{
    CatalogueList, Content, Index, Listing, Namespace, Page, RepositoryFilter, RepositorySort, Seek, TagFilter,
    TagList, TagRow, TagSort,
};
use domain::{Digest, Id, Kind, Summary, Tag, Timestamp, Visible, content_facts::Facts};
use std::collections::HashSet;

fn visible() -> Visible {
    Visible::to(&ada())
}

fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}

fn content(n: i64, created: Option<i64>, size: u64, platforms: &[&str]) -> Content {
    let bytes = format!("manifest {n}").into_bytes();
    Content {
        digest: Digest::of(&bytes),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        bytes,
        summary: Summary {
            kind: if n % 3 == 0 { Kind::HelmChart } else { Kind::Image },
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            artifact_type: None,
            platforms: platforms.iter().map(|&p| p.to_owned()).collect(),
            size,
            created: created.map(Timestamp),
            subject: None,
        },
        config: None,
        config_bytes: None,
        made_from: 1,
        facts: Facts::default(),
        findings: Vec::new(),
    }
}

fn list(tags: &[Tag]) -> TagList<'_> {
    TagList { tags, complete: true, doubt: None }
}

/// A repository of 60 tags: versions and others, read and unread, with equal sizes and times, some without a time.
async fn sixty(index: &Index) -> Id {
    let repository = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    let mut contents = Vec::new();
    let mut digests = Vec::new();
    let mut tags = Vec::new();
    for n in 0..60_i64 {
        let name = if n % 4 == 0 { format!("build-{n:02}") } else { format!("v1.{n}") };
        tags.push(tag(&name));
        if n % 5 != 0 {
            let content = content(n, (n % 7 != 0).then_some(n / 3), (n % 6).unsigned_abs(), &["linux/amd64"]);
            digests.push((tag(&name), content.digest.clone()));
            contents.push(content);
        }
    }
    index.save_tag_list(repository, list(&tags), NOW).await.expect("listed");
    index.set_tag_digests(repository, &digests, NOW).await.expect("set");
    index.save_content(repository, &contents, NOW).await.expect("saved");
    repository
}

async fn page(index: &Index, repository: Id, sort: TagSort, descending: bool, seek: Seek) -> Page<TagRow> {
    let listing = Listing { sort, descending, seek, limit: 7 };
    index.tags(&visible(), repository, &TagFilter::default(), &listing).await.expect("a page")
}

const SORTS: [TagSort; 5] = [TagSort::Name, TagSort::Version, TagSort::Created, TagSort::Size, TagSort::Moved];

#[tokio::test]
async fn every_sort_shows_every_row_once_in_both_directions() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let repository = sixty(index).await;
    for (sort, descending) in SORTS.into_iter().flat_map(|sort| [(sort, false), (sort, true)]) {
        let mut forwards = Vec::new();
        let mut last = page(index, repository, sort, descending, Seek::First).await;
        assert_eq!(last.previous, None);
        loop {
            assert!(last.rows.len() == 7 || last.next.is_none());
            forwards.extend(last.rows.clone());
            let Some(next) = last.next.clone() else { break };
            last = page(index, repository, sort, descending, Seek::After(next)).await;
        }
        let names: HashSet<&Tag> = forwards.iter().map(|row| &row.tag).collect();
        assert_eq!((forwards.len(), names.len()), (60, 60), "{sort:?} {descending}");
        check_order(&forwards, sort, descending);

        let mut backwards = last.rows.clone();
        while let Some(previous) = last.previous.clone() {
            last = page(index, repository, sort, descending, Seek::Before(previous)).await;
            let mut rows = last.rows.clone();
            rows.append(&mut backwards);
            backwards = rows;
        }
        assert_eq!(backwards, forwards, "{sort:?} {descending}: the way back is the way there");
    }
}

/// All rows of a list, page by page to its end; the way back must show the same.
pub(super) async fn there_and_back<T: Clone + PartialEq + std::fmt::Debug>(
    page: impl AsyncFn(Seek) -> Page<T>,
) -> Vec<T> {
    let mut last = page(Seek::First).await;
    let mut all = last.rows.clone();
    while let Some(next) = last.next.clone() {
        last = page(Seek::After(next)).await;
        all.extend(last.rows.clone());
    }
    let mut back = last.rows.clone();
    while let Some(previous) = last.previous.clone() {
        last = page(Seek::Before(previous)).await;
        back.splice(0..0, last.rows.clone());
    }
    assert_eq!(back, all, "the way back is the way there");
    all
}

fn check_order(rows: &[TagRow], sort: TagSort, descending: bool) {
    let number = |row: &TagRow| match sort {
        TagSort::Created => row.summary.as_ref().and_then(|s| s.created).map(|at| at.0),
        _ => row.summary.as_ref().map(|s| i64::try_from(s.size).expect("small")),
    };
    match sort {
        TagSort::Name => assert!(rows.is_sorted_by(|a, b| if descending { a.tag >= b.tag } else { a.tag <= b.tag })),
        TagSort::Version => {
            let minor = |row: &TagRow| row.tag.as_str().strip_prefix("v1.").and_then(|n| n.parse::<i64>().ok());
            check_numbers(&rows.iter().map(minor).collect::<Vec<_>>(), descending);
        }
        TagSort::Moved => {
            assert!(
                rows.iter().all(|row| row.moved_at.is_none()),
                "they were there when the repository was first seen"
            );
            assert!(rows.is_sorted_by(|a, b| a.tag <= b.tag), "what has no value stands by name");
        }
        TagSort::Created | TagSort::Size => check_numbers(&rows.iter().map(number).collect::<Vec<_>>(), descending),
    }
}

fn check_numbers(numbers: &[Option<i64>], descending: bool) {
    let known: Vec<i64> = numbers.iter().copied().flatten().collect();
    assert!(numbers[..known.len()].iter().all(Option::is_some), "what has no value stands at the end: {numbers:?}");
    assert!(known.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }), "{known:?}");
    assert!(known.len() > 20 && known.len() < 60);
}

#[tokio::test]
async fn rows_that_come_in_between_neither_lose_nor_double_others() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    for (round, (sort, descending)) in SORTS.into_iter().flat_map(|sort| [(sort, false), (sort, true)]).enumerate() {
        let repository = sixty(index).await;
        let before: HashSet<Tag> = index_tags(index, repository).await;
        let mut shown: Vec<Tag> = Vec::new();
        let mut seek = Seek::First;
        let mut n = 0;
        loop {
            let page = page(index, repository, sort, descending, seek).await;
            shown.extend(page.rows.into_iter().map(|row| row.tag));
            let Some(next) = page.next else { break };
            seek = Seek::After(next);
            // New rows at both ends and in the middle, read at once.
            let fresh: Vec<Tag> = ["a", "v1", "zz"].iter().map(|t| tag(&format!("{t}.{}", 100 * round + n))).collect();
            let contents: Vec<Content> =
                (0..3).map(|i| content(1000 + i, Some(i * 9), (i * 2).unsigned_abs(), &[])).collect();
            let digests: Vec<_> = fresh.into_iter().zip(contents.iter().map(|c| c.digest.clone())).collect();
            index.set_tag_digests(repository, &digests, NOW).await.expect("set");
            index.save_content(repository, &contents, NOW).await.expect("saved");
            n += 1;
        }
        let unique: HashSet<Tag> = shown.iter().cloned().collect();
        assert_eq!(unique.len(), shown.len(), "{sort:?} {descending}: no row is doubled");
        assert!(unique.is_superset(&before), "{sort:?} {descending}: no row is lost");
        assert!(n > 5);
        index.forget_registry(1).await.expect("forgotten");
    }
}

async fn index_tags(index: &Index, repository: Id) -> HashSet<Tag> {
    let listing = Listing { limit: 1000, ..Listing::default() };
    let page = index.tags(&visible(), repository, &TagFilter::default(), &listing).await.expect("a page");
    page.rows.into_iter().map(|row| row.tag).collect()
}

#[tokio::test]
async fn a_place_of_another_list_is_refused() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let repository = sixty(index).await;
    let next = page(index, repository, TagSort::Size, true, Seek::First).await.next.expect("there is more");
    for (sort, descending, text) in [
        (TagSort::Size, false, next.clone()),
        (TagSort::Name, true, next.clone()),
        (TagSort::Name, false, "nonsense".to_owned()),
        (TagSort::Name, false, "ünsinn".to_owned()),
    ] {
        let listing = Listing { sort, descending, seek: Seek::After(text), limit: 7 };
        let refused = index.tags(&visible(), repository, &TagFilter::default(), &listing).await;
        assert!(matches!(refused, Err(crate::Error::Cursor)), "{refused:?}");
    }
    assert!(next.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'), "it fits into a URL: {next}");
}

#[tokio::test]
async fn tags_are_filtered_by_text_pattern_kind_platform_and_referrers() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let repository = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    let signature = format!("sha256-{}.sig", "0".repeat(64));
    let names = ["Latest", "1.0", "1.1", "1.1-alpine", signature.as_str()];
    let platforms: [&[&str]; 5] = [&["linux/amd64", "linux/arm/v7"], &["linux/arm64"], &[], &["linux/arm"], &[]];
    let contents: Vec<Content> =
        (0..5).map(|n| content(n, None, 1, platforms[usize::try_from(n).expect("small")])).collect();
    let digests: Vec<_> = names.iter().map(|n| tag(n)).zip(contents.iter().map(|c| c.digest.clone())).collect();
    index.set_tag_digests(repository, &digests, NOW).await.expect("set");
    index.save_content(repository, &contents, NOW).await.expect("saved");
    let found = async |filter: TagFilter| -> Vec<String> {
        let listing = Listing { limit: 50, ..Listing::default() };
        let page = index.tags(&visible(), repository, &filter, &listing).await.expect("a page");
        let count = index.count_tags(&visible(), repository, &filter, 1000).await.expect("counted");
        assert_eq!((count.number, count.exact), (page.rows.len() as u64, true));
        page.rows.into_iter().map(|row| row.tag.to_string()).collect()
    };
    let all = TagFilter::default;
    assert_eq!(found(all()).await, ["1.0", "1.1", "1.1-alpine", "Latest"], "referrers are not shown unless asked for");
    assert_eq!(found(TagFilter { referrers: true, text: Some("SHA256".into()), ..all() }).await, [signature.as_str()]);
    assert_eq!(found(TagFilter { text: Some("LAT".into()), ..all() }).await, ["Latest"]);
    assert_eq!(found(TagFilter { text: Some("1.1".into()), ..all() }).await, ["1.1", "1.1-alpine"]);
    assert_eq!(found(TagFilter { glob: Some("1.?".into()), ..all() }).await, ["1.0", "1.1"]);
    assert_eq!(found(TagFilter { glob: Some("*[a-e]".into()), ..all() }).await, ["1.1-alpine"]);
    assert_eq!(found(TagFilter { kind: Some(Kind::HelmChart), ..all() }).await, ["1.1-alpine", "Latest"]);
    assert_eq!(found(TagFilter { platform: Some("linux/arm".into()), ..all() }).await, ["1.1-alpine"], "whole words");
    assert_eq!(found(TagFilter { platform: Some("linux/amd64".into()), ..all() }).await, ["Latest"]);
    let wild = TagFilter { glob: Some("*a*a*a*a*a*a*a*a*a".into()), ..all() };
    let refused = index.count_tags(&visible(), repository, &wild, 10).await;
    assert!(matches!(refused, Err(crate::Error::Filter(_))), "{refused:?}");
    let count = index.count_tags(&visible(), repository, &all(), 3).await.expect("counted");
    assert_eq!((count.number, count.exact), (3, false), "counted to the bound");
}

#[tokio::test]
async fn repositories_are_sorted_filtered_and_grouped() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let names = ["team/api", "team/web", "zoo", "team/deep/er", "other/api"].map(|n| n.parse().expect("a name"));
    let catalogue = CatalogueList { names: &names, complete: true, doubt: None };
    index.save_catalogue(1, catalogue, NOW).await.expect("listed");
    let web = index.ensure_repository(1, &names[1], NOW).await.expect("known");
    index.save_tag_list(web, list(&[tag("1"), tag("2")]), NOW).await.expect("listed");
    let zoo = index.ensure_repository(1, &names[2], NOW).await.expect("known");
    index.set_tag_digests(zoo, &[(tag("1"), content(1, None, 0, &[]).digest)], NOW).await.expect("set");
    index.save_content(zoo, &[content(1, Some(77), 1, &[])], NOW).await.expect("saved");
    index.save_tag_list(zoo, list(&[tag("1")]), NOW).await.expect("listed");

    let found = async |filter: &RepositoryFilter, sort, descending| -> Vec<String> {
        let mut names = Vec::new();
        let mut seek = Seek::First;
        loop {
            let listing = Listing { sort, descending, seek, limit: 2 };
            let page = index.repositories(&visible(), 1, filter, &listing).await.expect("a page");
            names.extend(page.rows.into_iter().map(|r| r.name.to_string()));
            let Some(next) = page.next else { return names };
            seek = Seek::After(next);
        }
    };
    let all = RepositoryFilter::default();
    assert_eq!(
        found(&all, RepositorySort::Name, false).await,
        ["other/api", "team/api", "team/deep/er", "team/web", "zoo"]
    );
    assert_eq!(
        found(&all, RepositorySort::Name, true).await,
        ["zoo", "team/web", "team/deep/er", "team/api", "other/api"]
    );
    assert_eq!(
        found(&all, RepositorySort::Tags, true).await,
        ["team/web", "zoo", "other/api", "team/api", "team/deep/er"]
    );
    assert_eq!(
        found(&all, RepositorySort::Newest, true).await,
        ["zoo", "other/api", "team/api", "team/deep/er", "team/web"]
    );
    let api = RepositoryFilter { text: Some("API".into()), ..all.clone() };
    assert_eq!(found(&api, RepositorySort::Name, false).await, ["other/api", "team/api"]);
    let team = RepositoryFilter { namespace: Some("team".into()), ..all.clone() };
    assert_eq!(found(&team, RepositorySort::Name, false).await, ["team/api", "team/web"]);
    let groups = index.namespaces(&visible(), 1, &all, None, 9).await.expect("grouped");
    let namespace = |(name, repositories): (&str, u64)| Namespace { name: name.to_owned(), repositories };
    assert_eq!(groups, [("", 1), ("other", 1), ("team", 2), ("team/deep", 1)].map(namespace));
    let some = index.namespaces(&visible(), 1, &all, Some("other"), 1).await.expect("grouped");
    assert_eq!(some, [namespace(("team", 2))]);
    let below = index.count_below(&visible(), 1, None, &["team", "tea"]).await.expect("counted");
    assert_eq!(below, [("team".to_owned(), 3), ("tea".to_owned(), 0)].into());
    let below = index.count_below(&visible(), 1, Some("api"), &["team"]).await.expect("counted");
    assert_eq!(below, [("team".to_owned(), 1)].into());
    let count = index.count_repositories(&visible(), 1, &all, 3).await.expect("counted");
    assert_eq!((count.number, count.exact), (5, true), "this number is kept");
    let e = RepositoryFilter { text: Some("e".into()), ..all.clone() };
    let count = index.count_repositories(&visible(), 1, &e, 3).await.expect("counted");
    assert_eq!((count.number, count.exact), (3, false), "counted to the bound");
    let totals = index.totals(&visible(), 1).await.expect("summed");
    assert_eq!((totals.repositories, totals.tags, totals.listed, totals.newest), (5, 3, 2, Some(Timestamp(77))));

    let stranger = Visible::to(&domain::Actor::anonymous("", "", ""));
    assert_eq!(
        index.repositories(&stranger, 1, &all, &Listing { limit: 9, ..Listing::default() }).await.expect("asked").rows,
        []
    );
    assert_eq!(index.namespaces(&stranger, 1, &all, None, 9).await.expect("asked"), []);
    assert_eq!(index.totals(&stranger, 1).await.expect("asked").repositories, 0);
    assert_eq!(index.count_repositories(&stranger, 1, &all, 9).await.expect("asked").number, 0);
}
