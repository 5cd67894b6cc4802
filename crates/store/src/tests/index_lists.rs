//! Filters of lists of tags: each alone and several together, under every sort, against the same rule in Rust.

use super::{NOW, ada, fresh};
use crate::index::{Content, Index, Listing, Seek, TagFilter, TagList, TagRow, TagSort};
use domain::{
    Digest, Id, Kind, Summary, Tag, Timestamp, Visible,
    content_facts::Facts,
    filters::LabelFilter,
    health::{Check, Finding},
};

pub(super) fn visible() -> Visible {
    Visible::to(&ada())
}

pub(super) fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}

/// An image without blobs; `n` makes it another one.
pub(super) fn image(n: i64) -> Content {
    let bytes = format!("manifest {n}").into_bytes();
    Content {
        digest: Digest::of(&bytes),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        bytes,
        summary: Summary {
            kind: Kind::Image,
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            artifact_type: None,
            platforms: Vec::new(),
            size: 0,
            created: None,
            subject: None,
        },
        config: None,
        config_bytes: None,
        made_from: 1,
        facts: Facts::default(),
        findings: Vec::new(),
    }
}

/// A tag as it was made, to compare with.
struct Made {
    name: String,
    /// None: not read.
    content: Option<Content>,
}

impl Made {
    fn summary(&self) -> Option<&Summary> {
        self.content.as_ref().map(|content| &content.summary)
    }
    fn has(&self, key: &str, value: Option<&str>) -> bool {
        let labels = self.content.as_ref().map(|content| &content.facts.labels[..]).unwrap_or_default();
        labels.iter().any(|(k, v)| k == key && value.is_none_or(|value| v == value))
    }
}

fn pair(key: &str, value: impl Into<String>) -> (String, String) {
    (key.to_owned(), value.into())
}

fn name(n: i64) -> String {
    match n % 6 {
        0 => format!("v1.{n}.0"),
        1 => format!("1.{n}.0-rc.{n}"),
        2 => format!("build-{n:03}"),
        3 => format!("sha256-{}.sig", format!("{n:02x}").repeat(32)),
        4 => format!("2.{n}"),
        _ => format!("Main-{n:03}"),
    }
}

/// 90 tags of all sorts.
async fn ninety(index: &Index) -> (Id, Vec<Made>) {
    let repository = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    let platforms: [&[&str]; 4] = [&["linux/amd64"], &["linux/arm64", "linux/amd64"], &["linux/arm/v7"], &[]];
    let mut all = Vec::new();
    for n in 0..90_i64 {
        let content = (n % 8 != 7).then(|| {
            let mut content = image(n);
            let at = |n: i64| usize::try_from(n).expect("small");
            content.summary.platforms = platforms[at(n % 4)].iter().map(|&platform| platform.to_owned()).collect();
            content.summary.kind = if n % 5 == 0 { Kind::HelmChart } else { Kind::Image };
            content.summary.size = (n % 13).unsigned_abs() * 100;
            content.summary.created = (n % 7 != 0).then_some(Timestamp(1_000 + n % 11));
            content.facts.labels = vec![pair("team", format!("t{}", n % 3)), pair("revision", format!("r{n}"))];
            if n % 9 == 0 {
                content.facts.labels.push(pair("tier", "gold"));
            }
            if n % 10 == 4 {
                content.findings.push(Finding { check: Check::ALL[0], detail: None });
            }
            content
        });
        all.push(Made { name: name(n), content });
    }
    let names: Vec<Tag> = all.iter().map(|made| tag(&made.name)).collect();
    // The first third was there from the beginning, the others came at two moments.
    for (n, known) in [30, 60, 90].into_iter().enumerate() {
        let at = Timestamp(NOW.0 + i64::try_from(n).expect("small"));
        let list = TagList { tags: &names[..known], complete: true, doubt: None };
        index.save_tag_list(repository, list, at).await.expect("listed");
    }
    let read = || all.iter().filter_map(|made| Some((tag(&made.name), made.content.clone()?)));
    let digests: Vec<(Tag, Digest)> = read().map(|(tag, content)| (tag, content.digest)).collect();
    index.set_tag_digests(repository, &digests, NOW).await.expect("set");
    let contents: Vec<Content> = read().map(|(_, content)| content).collect();
    index.save_content(repository, &contents, NOW).await.expect("saved");
    (repository, all)
}

async fn listed(index: &Index, repository: Id, filter: &TagFilter, sort: TagSort, descending: bool) -> Vec<TagRow> {
    let mut rows = Vec::new();
    let mut seek = Seek::First;
    loop {
        let listing = Listing { sort, descending, seek, limit: 7 };
        let page = index.tags(&visible(), repository, filter, &listing).await.expect("a page");
        assert!(!page.cut);
        rows.extend(page.rows);
        let Some(next) = page.next else { return rows };
        seek = Seek::After(next);
    }
}

type Rule = Box<dyn Fn(&Made) -> bool>;

fn plain(made: &Made) -> bool {
    !made.name.starts_with("sha256-")
}

fn cases() -> Vec<(&'static str, TagFilter, Rule)> {
    let all = || TagFilter { referrers: true, ..TagFilter::default() };
    let label = |text: &str| vec![text.parse::<LabelFilter>().expect("a label")];
    let range = |text: &str| Some(text.parse().expect("a range"));
    let in_range = |text: &'static str| -> Rule {
        let range: domain::semver_range::Range = text.parse().expect("a range");
        Box::new(move |made| range.matches(&made.name))
    };
    let created = |made: &Made| made.summary().and_then(|summary| summary.created);
    let size = |made: &Made| made.summary().map(|summary| summary.size);
    let runs =
        |made: &Made, on: &str| made.summary().is_some_and(|s| s.platforms.iter().any(|platform| platform == on));
    vec![
        ("plain", TagFilter::default(), Box::new(plain)),
        ("all", all(), Box::new(|_| true)),
        ("referrers", TagFilter { only_referrers: true, ..TagFilter::default() }, Box::new(|made| !plain(made))),
        ("text", TagFilter { text: Some("MAIN".into()), ..all() }, Box::new(|made| made.name.starts_with("Main"))),
        ("glob", TagFilter { glob: Some("*.1".into()), ..all() }, Box::new(|made| made.name.ends_with(".1"))),
        (
            "glob with a beginning",
            TagFilter { glob: Some("build-*5?".into()), ..all() },
            Box::new(|made| made.name.starts_with("build-05")),
        ),
        ("range", TagFilter { versions: range(">=1.20 <1.70"), ..all() }, in_range(">=1.20 <1.70")),
        ("ranges", TagFilter { versions: range("^2.3 || 1.30 - 1.40"), ..all() }, in_range("^2.3 || 1.30 - 1.40")),
        (
            "pre-releases",
            TagFilter { versions: range(">=1.7.0-rc.1 <1.40.0"), ..all() },
            in_range(">=1.7.0-rc.1 <1.40.0"),
        ),
        ("an empty range", TagFilter { versions: range(">2 <1"), ..all() }, Box::new(|_| false)),
        ("created from", TagFilter { created_from: Some(Timestamp(1_006)), ..all() }, {
            Box::new(move |made| created(made) >= Some(Timestamp(1_006)))
        }),
        (
            "created between",
            { TagFilter { created_from: Some(Timestamp(1_003)), created_before: Some(Timestamp(1_005)), ..all() } },
            Box::new(move |made| created(made).is_some_and(|at| (1_003..1_005).contains(&at.0))),
        ),
        ("least", TagFilter { size_least: Some(700), ..all() }, Box::new(move |made| size(made) >= Some(700))),
        ("between", TagFilter { size_least: Some(100), size_most: Some(300), ..all() }, {
            Box::new(move |made| size(made).is_some_and(|size| (100..=300).contains(&size)))
        }),
        ("kind", TagFilter { kind: Some(Kind::HelmChart), ..all() }, {
            Box::new(|made| made.summary().is_some_and(|summary| summary.kind == Kind::HelmChart))
        }),
        ("platform", TagFilter { platform: Some("linux/amd64".into()), ..all() }, {
            Box::new(move |made| runs(made, "linux/amd64"))
        }),
        ("platform, whole", TagFilter { platform: Some("linux/arm".into()), ..all() }, Box::new(|_| false)),
        ("key", TagFilter { labels: label("tier"), ..all() }, Box::new(|made| made.has("tier", None))),
        ("label", TagFilter { labels: label("team=t2"), ..all() }, Box::new(|made| made.has("team", Some("t2")))),
        ("no such label", TagFilter { labels: label("team=t9"), ..all() }, Box::new(|_| false)),
        ("labels", TagFilter { labels: [label("team=t0"), label("tier=gold")].concat(), ..all() }, {
            Box::new(|made| made.has("team", Some("t0")) && made.has("tier", Some("gold")))
        }),
        ("unread", TagFilter { unread: true, ..all() }, Box::new(|made| made.content.is_none())),
        ("check", TagFilter { check: Some(Check::ALL[0]), ..all() }, {
            Box::new(|made| made.content.as_ref().is_some_and(|content| !content.findings.is_empty()))
        }),
        (
            "together",
            {
                TagFilter {
                    glob: Some("*1*".into()),
                    kind: Some(Kind::Image),
                    platform: Some("linux/amd64".into()),
                    size_least: Some(1),
                    created_from: Some(Timestamp(1_001)),
                    labels: label("team"),
                    ..TagFilter::default()
                }
            },
            Box::new(move |made| {
                let image = made.summary().is_some_and(|summary| summary.kind == Kind::Image);
                let right = made.name.contains('1') && size(made) >= Some(1) && created(made) >= Some(Timestamp(1_001));
                plain(made) && image && right && runs(made, "linux/amd64")
            }),
        ),
    ]
}

#[tokio::test]
async fn every_filter_lets_through_what_its_rule_says_in_the_order_of_every_sort() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (repository, all) = ninety(index).await;
    let everything = TagFilter { referrers: true, ..TagFilter::default() };
    for sort in [TagSort::Name, TagSort::Version, TagSort::Created, TagSort::Size, TagSort::Moved] {
        for descending in [false, true] {
            let whole = listed(index, repository, &everything, sort, descending).await;
            assert_eq!(whole.len(), all.len());
            if sort == TagSort::Moved {
                let moved: Vec<_> = whole.iter().filter_map(|row| row.moved_at).collect();
                assert!(moved.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }), "{moved:?}");
                assert!(moved.len() == 60 && whole[60..].iter().all(|row| row.moved_at.is_none()));
            }
            for (case, filter, rule) in cases() {
                let expected = whole.iter().filter(|row| {
                    rule(all.iter().find(|made| made.name == row.tag.as_str()).expect("a tag that was made"))
                });
                let expected: Vec<TagRow> = expected.cloned().collect();
                let rows = listed(index, repository, &filter, sort, descending).await;
                let names = |rows: &[TagRow]| rows.iter().map(|row| row.tag.to_string()).collect::<Vec<_>>();
                assert_eq!(names(&rows), names(&expected), "{case}, {sort:?}, {descending}");
                assert_eq!(rows, expected, "{case}: the rows are the same");
                let count = index.count_tags(&visible(), repository, &filter, 1_000).await.expect("counted");
                assert_eq!((count.number, count.exact), (rows.len() as u64, true), "{case}");
            }
        }
    }
    let empty: Vec<_> = cases().into_iter().filter(|(_, _, rule)| !all.iter().any(rule)).map(|case| case.0).collect();
    assert_eq!(empty, ["an empty range", "platform, whole", "no such label"], "the others let something through");
}

/// The same rows, from the last page back to the first.
async fn listed_backwards(index: &Index, repository: Id, filter: &TagFilter, sort: TagSort) -> Vec<TagRow> {
    let page = async |seek, limit| {
        let listing = Listing { sort, descending: false, seek, limit };
        index.tags(&visible(), repository, filter, &listing).await.expect("a page")
    };
    let mut rows = page(Seek::First, 1_000).await.rows;
    let Some(last) = rows.pop() else { return rows };
    let next = page(Seek::First, u32::try_from(rows.len()).expect("few")).await.next;
    let end = page(next.map_or(Seek::First, Seek::After), 7).await;
    let mut back = vec![last];
    let mut seek = end.previous;
    while let Some(place) = seek {
        let page = page(Seek::Before(place), 7).await;
        back.splice(0..0, page.rows);
        seek = page.previous;
    }
    back
}

#[tokio::test]
async fn few_names_that_can_fit_are_looked_up_one_by_one_and_give_the_same_rows() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (repository, all) = ninety(index).await;
    let text = |text: &str| TagFilter { text: Some(text.to_owned()), ..TagFilter::default() };
    let range = |range: &str| Some(range.parse().expect("a range"));
    let cases = [
        text("MAIN"),
        text("0-rc"),
        text("nowhere"),
        TagFilter { glob: Some("build-*5?".to_owned()), ..TagFilter::default() },
        TagFilter { glob: Some("*.0-rc.*1".to_owned()), ..text("1.") },
        TagFilter { versions: range(">=1.30 <1.80"), ..text("V1.") },
        TagFilter { kind: Some(Kind::Image), size_least: Some(300), ..text("build") },
        TagFilter { created_from: Some(Timestamp(1_004)), ..text("build") },
    ];
    let sorts = [TagSort::Name, TagSort::Version, TagSort::Created, TagSort::Size, TagSort::Moved];
    let mut walked = Vec::new();
    for filter in &cases {
        for sort in sorts {
            for descending in [false, true] {
                walked.push(listed(index, repository, filter, sort, descending).await);
            }
        }
    }
    assert!(walked.iter().filter(|rows| !rows.is_empty()).count() >= 70, "most of them find something");
    // As if it had so many that looking at all of them were dear.
    super::meddle_index(&fresh.store, "UPDATE repositories SET tag_count = 5000").await.expect("changed");
    let mut walked = walked.into_iter();
    for filter in &cases {
        for sort in sorts {
            for descending in [false, true] {
                let expected = walked.next().expect("as many as before");
                let rows = listed(index, repository, filter, sort, descending).await;
                assert_eq!(rows, expected, "{filter:?}, {sort:?}, {descending}");
                let count = index.count_tags(&visible(), repository, filter, 1_000).await.expect("counted");
                assert_eq!((count.number, count.exact), (rows.len() as u64, true), "{filter:?}");
                if !descending {
                    let back = listed_backwards(index, repository, filter, sort).await;
                    assert_eq!(back, expected, "{filter:?}, {sort:?}, backwards");
                }
            }
        }
    }
    let nobody = Visible::to(&domain::Actor::anonymous("", "", ""));
    let listing = Listing { limit: 5, ..Listing::default() };
    let page = index.tags(&nobody, repository, &cases[0], &listing).await.expect("asked");
    assert_eq!((page.rows, page.next), (Vec::new(), None), "who may not look sees nothing");
    assert_eq!(all.len(), 90);
}

#[tokio::test]
async fn numbers_are_exact_where_they_are_kept_and_else_counted_to_the_bound() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (repository, all) = ninety(index).await;
    let count = async |filter: TagFilter| {
        let count = index.count_tags(&visible(), repository, &filter, 10).await.expect("counted");
        (count.number, count.exact)
    };
    let shown = all.iter().filter(|made| plain(made)).count() as u64;
    assert_eq!(count(TagFilter::default()).await, (shown, true));
    assert_eq!(count(TagFilter { referrers: true, ..TagFilter::default() }).await, (90, true));
    assert_eq!(count(TagFilter { kind: Some(Kind::Image), ..TagFilter::default() }).await, (10, false));
    assert_eq!(count(TagFilter { glob: Some("build-*".into()), ..TagFilter::default() }).await, (10, false));
    let versions = Some(">=0".parse().expect("a range"));
    assert_eq!(count(TagFilter { versions, ..TagFilter::default() }).await, (10, false));
    let nobody = Visible::to(&domain::Actor::anonymous("", "", ""));
    let none = index.count_tags(&nobody, repository, &TagFilter::default(), 10).await.expect("counted");
    assert_eq!((none.number, none.exact), (0, true), "who may not look learns no number");
}

#[tokio::test]
async fn a_filter_that_is_an_attack_is_refused() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let repository = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    let label: LabelFilter = "a=b".parse().expect("a label");
    for filter in [
        TagFilter { glob: Some("*a*a*a*a*a*a*a*a*a".into()), ..TagFilter::default() },
        TagFilter { glob: Some("a".repeat(257)), ..TagFilter::default() },
        TagFilter { labels: vec![label; 4], ..TagFilter::default() },
    ] {
        let listing = Listing { limit: 5, ..Listing::default() };
        let refused = index.tags(&visible(), repository, &filter, &listing).await;
        assert!(matches!(refused, Err(crate::Error::Filter(_))), "{refused:?}");
    }
}
