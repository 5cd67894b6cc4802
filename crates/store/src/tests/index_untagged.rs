//! What a repository holds and no tag of it names.

use super::{
    NOW, fresh,
    index_lists::{image, tag, visible},
    index_lists_plans::plan,
    index_paging::there_and_back,
};
use crate::index::{Content, Index, Listing, Seek, Untagged, UntaggedSort};
use domain::{
    Digest, Id, Timestamp, Visible,
    content_facts::{ChildFact, ChildRole},
};

async fn hold(index: &Index, repository: Id, contents: &[Content]) {
    let digests: Vec<Digest> = contents.iter().map(|content| content.digest.clone()).collect();
    index.hold(repository, &digests).await.expect("held");
    index.save_content(repository, contents, NOW).await.expect("saved");
}

fn built(n: i64, created: Option<i64>) -> Content {
    let mut content = image(n);
    content.summary.created = created.map(Timestamp);
    content.summary.size = n.unsigned_abs();
    content
}

async fn pages(index: &Index, repository: Id, referrers: bool, sort: UntaggedSort, descending: bool) -> Vec<Untagged> {
    let page = async |seek| {
        let listing = Listing { sort, descending, seek, limit: 3 };
        index.untagged_manifests(&visible(), repository, referrers, &listing).await.expect("a page")
    };
    there_and_back(page).await
}

#[tokio::test]
async fn untagged_is_what_no_tag_and_no_index_here_names() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let repository = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    let other = index.ensure_repository(1, &"team/web".parse().expect("a name"), NOW).await.expect("made");
    let (tagged, child, alone) = (built(1, Some(1)), built(2, Some(2)), built(3, Some(3)));
    let mut parent = built(4, Some(4));
    parent.facts.children =
        vec![ChildFact { digest: child.digest.clone(), platform: None, size: 9, role: ChildRole::Platform }];
    let mut signature = built(5, Some(5));
    signature.summary.subject = Some(tagged.digest.clone());
    signature.facts.subject = Some(tagged.digest.clone());
    let all = [tagged.clone(), child.clone(), alone.clone(), parent.clone(), signature.clone()];
    hold(index, repository, &all).await;
    hold(index, other, std::slice::from_ref(&alone)).await;
    let point = async |id, name: &str, to: &Content, at| {
        index.set_tag_digests(id, &[(tag(name), to.digest.clone())], at).await.expect("set");
    };
    point(repository, "1.0", &tagged, NOW).await;
    point(repository, "multi", &parent, NOW).await;
    // A tag of another repository is no name here.
    point(other, "1.0", &alone, NOW).await;
    let names = |rows: &[Untagged]| rows.iter().map(|row| row.digest.clone()).collect::<Vec<_>>();
    let found = async |referrers| pages(index, repository, referrers, UntaggedSort::Created, false).await;
    assert_eq!(names(&found(false).await), std::slice::from_ref(&alone.digest));
    assert_eq!(names(&found(true).await), [alone.digest.clone(), signature.digest.clone()]);
    assert_eq!(pages(index, other, true, UntaggedSort::Created, false).await, []);

    // The tag moves on: what it pointed to has lost its name, and so have the images of the index.
    let later = Timestamp(NOW.0 + 7);
    point(repository, "multi", &tagged, later).await;
    let rows = found(false).await;
    assert_eq!(names(&rows), [alone.digest.clone(), parent.digest.clone()], "the index still names its image");
    assert_eq!(rows.iter().map(|row| row.since).collect::<Vec<_>>(), [None, Some(later)]);
    assert_eq!(rows[1].summary.as_ref().map(|summary| summary.size), Some(4));
    let count = index.count_untagged(&visible(), repository, true, 2).await.expect("counted");
    assert_eq!((count.number, count.exact), (2, false));
    let nobody = Visible::to(&domain::Actor::anonymous("", "", ""));
    assert_eq!(index.count_untagged(&nobody, repository, true, 2).await.expect("counted").number, 0);
    let listing = Listing { limit: 9, ..Listing::default() };
    let page = index.untagged_manifests(&nobody, repository, true, &listing).await.expect("asked");
    assert_eq!(page.rows, [], "who may not look sees nothing");
}

#[tokio::test]
async fn pages_of_untagged_manifests_show_each_once_in_their_order() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let repository = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    let contents: Vec<Content> = (0..20).map(|n| built(n, (n % 4 != 0).then_some(n / 3))).collect();
    hold(index, repository, &contents).await;
    for descending in [false, true] {
        let rows = pages(index, repository, false, UntaggedSort::Created, descending).await;
        let times: Vec<Option<Timestamp>> =
            rows.iter().map(|row| row.summary.as_ref().and_then(|summary| summary.created)).collect();
        let known: Vec<Timestamp> = times.iter().flatten().copied().collect();
        assert!(known.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }), "{known:?}");
        assert_eq!((rows.len(), known.len()), (20, 15));
        assert!(times[15..].iter().all(Option::is_none), "those without a time stand at the end");
        let rows = pages(index, repository, false, UntaggedSort::Size, descending).await;
        let sizes: Vec<u64> = rows.iter().map(|row| row.summary.as_ref().expect("read").size).collect();
        let expected: Vec<u64> = if descending { (0..20).rev().collect() } else { (0..20).collect() };
        assert_eq!(sizes, expected);
    }
}

/// As many pages as there are: the newest first, from a repository that holds so much that its registry is looked at instead.
#[tokio::test]
async fn a_repository_with_very_much_without_a_tag_has_the_same_pages() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let repository = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    index.ensure_repository(1, &"team/web".parse().expect("a name"), NOW).await.expect("made");
    // 20,000 manifests, a thousand of each moment; the repository holds 15,000 of them, and the newest hundred have a tag.
    let fill = "INSERT INTO manifests (id, registry_id, digest, kind, created, size)
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                SELECT i, 1, unhex('01' || printf('%064x', (i * 7919) % 20000)), 1, i / 1000, i / 3 FROM n;
                INSERT INTO holds (repository_id, manifest_id) SELECT iif(id % 4 = 0, 2, 1), id FROM manifests;
                INSERT INTO tags (repository_id, name, manifest_id, is_referrer)
                SELECT 1, 't' || id, id, 0 FROM manifests WHERE id > 19900";
    super::meddle_index(&fresh.store, fill).await.expect("filled");
    for (sort, descending) in [
        (UntaggedSort::Created, true),
        (UntaggedSort::Created, false),
        (UntaggedSort::Size, true),
        (UntaggedSort::Size, false),
    ] {
        let value = |id: i64| if sort == UntaggedSort::Created { id / 1000 } else { id / 3 };
        let mut expected: Vec<(i64, i64)> =
            (1..=19_900).filter(|id| id % 4 != 0).map(|id| (value(id), (id * 7919) % 20_000)).collect();
        expected.sort_unstable();
        if descending {
            expected.reverse();
        }
        let mut seen: Vec<(i64, i64)> = Vec::new();
        let mut seek = Seek::First;
        loop {
            let listing = Listing { sort, descending, seek, limit: 500 };
            let page = index.untagged_manifests(&visible(), repository, true, &listing).await.expect("a page");
            seen.extend(page.rows.iter().map(|row| {
                let digest = i64::from_str_radix(&row.digest.as_str()[63..], 16).expect("a number");
                let summary = row.summary.as_ref().expect("read");
                let size = i64::try_from(summary.size).expect("small");
                let created = summary.created.map_or(-1, |at| at.0);
                (if sort == UntaggedSort::Created { created } else { size }, digest)
            }));
            let Some(next) = page.next else { break };
            seek = Seek::After(next);
        }
        assert_eq!(seen.len(), expected.len());
        assert!(seen == expected, "in their order, {sort:?}, then in that of digests");
    }
}

#[tokio::test]
async fn the_newest_of_a_registry_are_found_along_the_index_of_their_order() {
    let fresh = fresh().await;
    let pool = &fresh.store.inner.index.pools.readers;
    let expected = [
        ("NEAR_CREATED", "m USING INDEX manifests_by_created (registry_id=? AND created>? AND created<?)"),
        ("NEAR_SIZE", "m USING INDEX manifests_by_size (registry_id=? AND size>? AND size<?)"),
        ("CREATED_AFTER", "manifests USING COVERING INDEX manifests_by_created (registry_id=? AND created"),
        ("SIZE_AFTER", "manifests USING COVERING INDEX manifests_by_size (registry_id=? AND size"),
        ("BY_", "h USING PRIMARY KEY (repository_id=?)"),
        ("COUNT", "h USING PRIMARY KEY (repository_id=?)"),
        ("HOLDS_MORE", "CONSTANT ROW"),
    ];
    for (name, sql) in crate::index::UNTAGGED {
        let (_, index) = expected.iter().find(|(start, _)| name.starts_with(start)).expect("it is expected");
        let (found, _) = plan(pool, sql).await;
        assert!(found.contains(index), "{name} walks {found}, not {index}");
    }
}
