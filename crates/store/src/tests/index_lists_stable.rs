//! Pages keep their places while a sync adds, removes and changes rows.

use super::{
    NOW, fresh,
    index_lists::{image, tag, visible},
};
use crate::index::{Content, Index, Listing, Page, Seek, TagFilter, TagList, TagRow, TagSort};
use domain::{Id, Tag, Timestamp};

async fn thirty(index: &Index) -> Id {
    let repository = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    let tags: Vec<Tag> = (0..30).map(|n| tag(&format!("1.{n:02}"))).collect();
    index.save_tag_list(repository, TagList { tags: &tags, complete: true, doubt: None }, NOW).await.expect("listed");
    let read: Vec<(Tag, i64)> = tags.into_iter().zip(0..30).collect();
    point(index, repository, &read).await;
    repository
}

/// Points tags to images that were built at this time, and are as large.
async fn point(index: &Index, repository: Id, tags: &[(Tag, i64)]) {
    let contents = tags.iter().map(|(tag, at)| {
        let mut content = image(*at);
        content.bytes = format!("{tag} {at}").into_bytes();
        content.digest = domain::Digest::of(&content.bytes);
        content.summary.created = Some(Timestamp(*at));
        content.summary.size = at.unsigned_abs();
        content
    });
    let contents: Vec<Content> = contents.collect();
    let digests: Vec<_> =
        tags.iter().map(|(tag, _)| tag.clone()).zip(contents.iter().map(|c| c.digest.clone())).collect();
    index.set_tag_digests(repository, &digests, NOW).await.expect("set");
    index.save_content(repository, &contents, NOW).await.expect("saved");
}

async fn page(index: &Index, repository: Id, sort: TagSort, seek: Seek) -> Page<TagRow> {
    let listing = Listing { sort, descending: false, seek, limit: 10 };
    index.tags(&visible(), repository, &TagFilter::default(), &listing).await.expect("a page")
}

fn names(page: &Page<TagRow>) -> Vec<&str> {
    page.rows.iter().map(|row| row.tag.as_str()).collect()
}

const SORTS: [TagSort; 4] = [TagSort::Name, TagSort::Version, TagSort::Created, TagSort::Size];

#[tokio::test]
async fn what_comes_before_at_and_after_a_place_shifts_nothing() {
    for sort in SORTS {
        let fresh = fresh().await;
        let index = fresh.store.index();
        let repository = thirty(index).await;
        let first = page(index, repository, sort, Seek::First).await;
        let next = first.next.clone().expect("more");
        // One at the place itself: the same time, size and (nearly) name as the last row, and right after it.
        let fresh = [("1.00-0", -1), ("1.09-x", 9), ("1.10-0", 10), ("1.99", 99)].map(|(name, at)| (tag(name), at));
        point(index, repository, &fresh).await;
        let second = page(index, repository, sort, Seek::After(next)).await;
        // A pre-release comes before its release: `1.09-x` before the place, `1.10-0` after it.
        let (expected, last) =
            if sort == TagSort::Version { (["1.10-0", "1.10"], "1.18") } else { (["1.09-x", "1.10"], "1.17") };
        let all = names(&second);
        assert_eq!(all[..2], expected, "{sort:?}");
        assert_eq!((all.len(), all[9]), (10, last), "{sort:?}");
        let back = page(index, repository, sort, Seek::Before(second.previous.expect("a way back"))).await;
        let expected = if sort == TagSort::Version { ["1.09-x", "1.09"] } else { ["1.08", "1.09"] };
        assert_eq!(names(&back)[8..], expected, "{sort:?}");
    }
}

#[tokio::test]
async fn a_place_stays_where_its_row_was_after_that_row_has_gone() {
    for sort in SORTS {
        let fresh = fresh().await;
        let index = fresh.store.index();
        let repository = thirty(index).await;
        let next = page(index, repository, sort, Seek::First).await.next.expect("more");
        index.forget_tags(repository, &[tag("1.09"), tag("1.10"), tag("1.03")], NOW).await.expect("forgotten");
        let second = page(index, repository, sort, Seek::After(next)).await;
        assert_eq!(names(&second)[..2], ["1.11", "1.12"], "{sort:?}");
        index.forget_tags(repository, &[tag("1.11")], NOW).await.expect("forgotten");
        let back = page(index, repository, sort, Seek::Before(second.previous.expect("a way back"))).await;
        assert_eq!(names(&back), ["1.00", "1.01", "1.02", "1.04", "1.05", "1.06", "1.07", "1.08"], "{sort:?}");
        assert_eq!(back.previous, None);
        let again = page(index, repository, sort, Seek::After(back.next.expect("a way on"))).await;
        assert_eq!(names(&again)[..2], ["1.12", "1.13"], "{sort:?}");
    }
}

#[tokio::test]
async fn a_row_whose_value_changes_moves_and_takes_no_other_with_it() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let repository = thirty(index).await;
    let first = page(index, repository, TagSort::Created, Seek::First).await;
    let next = first.next.clone().expect("more");
    // The row of the place goes to the end, one that was not shown yet to the beginning.
    point(index, repository, &[(tag("1.09"), 500), (tag("1.15"), -5)]).await;
    let mut shown: Vec<String> = names(&first).into_iter().map(str::to_owned).collect();
    let mut seek = Seek::After(next);
    loop {
        let page = page(index, repository, TagSort::Created, seek).await;
        shown.extend(names(&page).into_iter().map(str::to_owned));
        let Some(next) = page.next else { break };
        seek = Seek::After(next);
    }
    let expected: Vec<String> = (0..30).filter(|n| *n != 15).chain([9]).map(|n| format!("1.{n:02}")).collect();
    assert_eq!(shown, expected, "what moved is where it went; every other row stands once, in its place");
}

#[tokio::test]
async fn a_row_that_loses_its_value_stands_at_the_end() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let repository = thirty(index).await;
    let next = page(index, repository, TagSort::Created, Seek::First).await.next.expect("more");
    // It points to what was not read yet.
    let unread = domain::Digest::of(b"not read");
    index.set_tag_digests(repository, &[(tag("1.12"), unread)], NOW).await.expect("set");
    let second = page(index, repository, TagSort::Created, Seek::After(next)).await;
    assert_eq!(names(&second)[..3], ["1.10", "1.11", "1.13"]);
    let third = page(index, repository, TagSort::Created, Seek::After(second.next.clone().expect("more"))).await;
    assert_eq!((names(&third).last(), &third.next), (Some(&"1.12"), &None));
    let back = page(index, repository, TagSort::Created, Seek::Before(third.previous.expect("a way back"))).await;
    assert_eq!(names(&back), names(&second));
}
