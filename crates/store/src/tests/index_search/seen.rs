//! Somebody with a few narrow grants among very much that is not theirs: finds all of theirs, and learns nothing of the rest.

use super::{ASKED, Made, NOW, all_said, digest, fresh, put};
use crate::index::{
    AcrossSort, Among, CatalogueList, Content, How, Index, Listing, RepositoryFilter, Seek, TagFilter, TagList,
};
use domain::{
    Actor, Id, Permission, RepositoryName, Tag, Timestamp, Visible,
    access::{Held, Rights, Scope},
    health::{Check, CheckSet, Finding},
};
use std::sync::Arc;

/// Sees what is granted here: a registry (or all) and a pattern (or everything there).
fn seeing(scopes: &[(Option<Id>, Option<&str>)]) -> Visible {
    let permissions = [Permission::RepositoryView].into_iter().collect();
    let held = scopes.iter().map(|(registry, pattern)| {
        let scope = Scope::new(*registry, pattern.map(|pattern| pattern.parse().expect("a pattern")));
        Arc::new(Held { grant: Some(1), permissions, scope })
    });
    Visible::to(&Actor { rights: Rights::new(held.collect()), ..super::ada() })
}

fn narrow() -> Visible {
    seeing(&[(Some(1), Some("team-a/**")), (Some(2), Some("shared/one"))])
}

fn few(visible: &Visible) -> Among {
    Among::new(visible, &ASKED, 10).quick()
}

fn names(beginning: &str, many: usize) -> Vec<RepositoryName> {
    (0..many).map(|n| format!("{beginning}{n}").parse().expect("a name")).collect()
}

/// Theirs, and after it much that fits as well and is somebody else's: whoever looks at the newest first sees only that.
async fn crowded(index: &Index) -> Content {
    let own = Made {
        name: "own",
        created: 5,
        layers: &["base", "own layer"],
        labels: &[("vendor", "acme harbour")],
        ..Made::default()
    };
    let mut own = own.content();
    own.findings = vec![Finding { check: Check::HugeLayer, detail: Some("2 GB".to_owned()) }];
    put(index, 1, "team-a/api", &[("v1-own", &own), ("latest", &own)]).await;
    put(index, 2, "shared/one", &[("v1-shared", &own)]).await;
    let other = Made {
        name: "other",
        created: 9,
        layers: &["base", "other layer"],
        labels: &[("vendor", "acme hidden")],
        ..Made::default()
    };
    let mut other = other.content();
    other.findings = own.findings.clone();
    put(index, 1, "team-b/secret", &[("v1-hidden", &other)]).await;
    // The same image as theirs, in a place they don't see.
    put(index, 1, "team-b/copy", &[("v1-copy", &own)]).await;
    let all = names("team-b/api-", 3_000);
    let list = CatalogueList { names: &all, complete: false, doubt: None };
    index.save_catalogue(1, list, NOW).await.expect("saved");
    let many = index.ensure_repository(1, &"team-b/many".parse().expect("a name"), NOW).await.expect("made");
    let tags: Vec<Tag> = (0..3_000).map(|n| format!("v1-{n}").parse().expect("a tag")).collect();
    index.save_tag_list(many, TagList { tags: &tags, complete: true, doubt: None }, NOW).await.expect("listed");
    for (registry, name) in [(1, "team-a/api"), (2, "shared/one")] {
        let row = index.ensure_repository(registry, &name.parse().expect("a name"), NOW).await.expect("known");
        let tags: &[&str] = if registry == 1 { &["v1-own", "latest"] } else { &["v1-shared"] };
        let tags: Vec<Tag> = tags.iter().map(|tag| tag.parse().expect("a tag")).collect();
        index.save_tag_list(row, TagList { tags: &tags, complete: true, doubt: None }, NOW).await.expect("listed");
    }
    own
}

#[tokio::test]
async fn everything_of_theirs_is_found_however_much_is_not() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let own = crowded(index).await;
    let visible = narrow();
    let among = few(&visible);
    let found = index.find_repositories(&among, "api").await.expect("found");
    let found: Vec<_> = found.rows.iter().map(|hit| hit.name.as_str()).collect();
    assert_eq!(found, ["team-a/api"]);
    let none = index.find_repositories(&among, "team-b").await.expect("found");
    assert_eq!((none.rows.len(), none.found, none.cut), (0, 0, false), "not even that there may be more");
    for (text, tags) in [
        ("v1-own", vec!["1 team-a/api:v1-own"]),
        ("v1", vec!["1 team-a/api:v1-own", "2 shared/one:v1-shared"]),
        ("-own", vec!["1 team-a/api:v1-own"]),
    ] {
        let hits = index.find_tags(&among, text).await.expect("found");
        assert_eq!((all_said(&hits.rows), hits.cut), (tags.into_iter().map(str::to_owned).collect(), false), "{text}");
    }
    for text in ["acme", "vendor", "vendor=acme h", "HARBOUR"] {
        let hits = index.find_labels(&among, text).await.expect("found");
        let told: Vec<_> = hits.rows.iter().map(|hit| (hit.value.as_str(), hit.images)).collect();
        assert_eq!((told, hits.cut), (vec![("acme harbour", 3)], false), "{text}");
    }
    let layered = index.images_with_layer(&among, &digest("base")).await.expect("found");
    assert_eq!(layered.found, 3, "{layered:?}");
    assert_eq!(index.images_with_layer(&among, &digest("other layer")).await.expect("found").found, 0);
    let places = index.where_is(&among, &own.digest).await.expect("found").places;
    let mut told = all_said(places.rows.iter().filter(|held| held.how == How::Itself).map(|held| &held.image));
    told.sort();
    assert_eq!(told, ["1 team-a/api:latest", "1 team-a/api:v1-own", "2 shared/one:v1-shared"]);
    let digits = own.digest.as_str().trim_start_matches("sha256:")[..12].to_owned();
    let hit = index.find_digests(&among, &digits).await.expect("found").rows.remove(0);
    assert_eq!((hit.place.0.as_str(), hit.others), ("team-a/api", 1), "the copy is not counted");
}

#[tokio::test]
async fn what_came_after_one_looked_first_is_found() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let visible = narrow();
    let found = async || index.find_repositories(&few(&visible), "api").await.expect("found").found;
    assert_eq!(found().await, 0);
    put(index, 1, "team-a/api", &[]).await;
    assert_eq!(found().await, 1);
    put(index, 1, "team-a/api-two", &[]).await;
    assert_eq!(found().await, 2);
    index.forget_repository(1, &"team-a/api".parse().expect("a name")).await.expect("forgotten");
    assert_eq!(found().await, 1);
}

#[tokio::test]
async fn lists_and_sums_are_of_what_may_be_seen() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    crowded(index).await;
    let visible = narrow();
    let sums = index.all_totals(&visible).await.expect("summed");
    let told = |id: Id| (sums[&id].repositories, sums[&id].tags, sums[&id].listed, sums[&id].bytes);
    assert_eq!((told(1), told(2)), ((1, 2, 1, None), (1, 1, 1, None)));
    assert_eq!(sums[&1].newest, Some(Timestamp(5)), "the newest that may be seen");
    assert_eq!(index.totals(&visible, 1).await.expect("summed"), sums[&1]);
    let catalogue = index.catalogue_seen(&visible, 1).await.expect("asked").expect("read");
    assert_eq!(catalogue.names, None);
    let bytes = index.registry_bytes(&visible, 1).await.expect("summed");
    assert_eq!((bytes.total, bytes.repositories, bytes.covered.tags), (2_000, 1, 2));

    for sort in [AcrossSort::Name, AcrossSort::Created] {
        for descending in [false, true] {
            let (mut seek, mut all) = (Seek::First, Vec::new());
            loop {
                let listing = Listing { sort, descending, seek, limit: 2 };
                let page = index.tags_across(&visible, &ASKED, &TagFilter::default(), &listing).await.expect("a page");
                assert!(!page.cut, "{sort:?}");
                all.extend(page.rows.iter().map(|tag| tag.row.tag.to_string()));
                let Some(next) = page.next else { break };
                seek = Seek::After(next);
            }
            all.sort();
            assert_eq!(all, ["latest", "v1-own", "v1-shared"], "{sort:?}");
        }
    }
    let listing = Listing { limit: 9, ..Listing::default() };
    let page = index.repositories_across(&visible, &ASKED, &RepositoryFilter::default(), &listing).await;
    let page: Vec<String> = page.expect("a page").rows.into_iter().map(|row| row.name.to_string()).collect();
    assert_eq!(page, ["shared/one", "team-a/api"]);
    let count = index.count_repositories(&visible, 1, &RepositoryFilter::default(), 100).await.expect("counted");
    assert_eq!((count.number, count.exact), (1, true));
    let newest = index.newest(&visible, &ASKED, NOW, 12).await.expect("listed");
    assert_eq!(newest.len(), 3, "{newest:?}");
    assert!(newest.iter().all(|one| one.created == Timestamp(5)));
}

#[tokio::test]
async fn findings_and_holders_are_counted_where_they_may_be_seen() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    crowded(index).await;
    let visible = narrow();
    let counts = index.count_strikes(&visible, &ASKED, CheckSet::of(&[Check::HugeLayer]), 9).await.expect("counted");
    assert_eq!((counts[&(1, Check::HugeLayer)].number, counts[&(2, Check::HugeLayer)].number), (1, 1));
    let row =
        index.repository(&visible, 1, &"team-a/api".parse().expect("a name")).await.expect("asked").expect("seen");
    let layers = index.largest_layers_of(&visible, 1, row.id, 9).await.expect("listed").layers;
    for layer in layers {
        let some: Vec<_> = layer.some.iter().map(RepositoryName::as_str).collect();
        assert_eq!((layer.repositories, some), (1, vec!["team-a/api"]), "who else holds it is not told");
    }
}

#[tokio::test]
async fn a_registry_that_is_seen_whole_has_its_kept_sums_beside_a_part_of_another() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    crowded(index).await;
    let both = seeing(&[(Some(1), None), (Some(2), Some("nothing/*"))]);
    let sums = index.all_totals(&both).await.expect("summed");
    assert_eq!(sums[&1].repositories, 3_004);
    assert_eq!((sums[&1].bytes, sums.get(&2)), (Some(3_000), None));
    let nothing = seeing(&[]);
    assert!(index.all_totals(&nothing).await.expect("summed").is_empty());
    assert!(index.catalogues(&nothing).await.expect("read").is_empty());
    assert_eq!(index.find_tags(&few(&nothing), "v1").await.expect("found").found, 0);
}
