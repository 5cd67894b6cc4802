//! Where a digest is, and what lags behind.

use super::{Made, OFF, digest, everywhere, fresh, image, only, put, said};
use crate::index::{How, Standing, Whereabouts};

fn places(found: &Whereabouts) -> Vec<(String, How)> {
    found.places.rows.iter().map(|held| (said(&held.image), held.how)).collect()
}

fn lags(found: &Whereabouts) -> Vec<(i64, String, Standing)> {
    found.lags.iter().map(|lag| (lag.registry, said(&lag.image), lag.standing)).collect()
}

#[tokio::test]
async fn every_place_that_holds_a_digest_is_named_and_how() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let content = Made { name: "a", created: 5, layers: &["layer"], ..Made::default() }.content();
    let multi = Made { name: "multi", created: 6, children: &[&content], ..Made::default() }.content();
    put(index, 1, "api", &[("v1", &content), ("latest", &content)]).await;
    put(index, 2, "mirror/api", &[("", &content), ("all", &multi)]).await;
    put(index, 2, "kept", &[("v9", &content)]).await;
    put(index, 2, "kept", &[("v9", &image("b", 7))]).await;
    put(index, OFF, "off", &[("v1", &content)]).await;
    let found = index.where_is(&everywhere(20), &content.digest).await.expect("found");
    let (itself, through) = (How::Itself, How::Index);
    let mut expected = vec![
        ("1 api:latest".to_owned(), itself),
        ("1 api:v1".to_owned(), itself),
        ("2 mirror/api:all".to_owned(), through),
    ];
    assert_eq!(places(&found)[..3], expected);
    assert_eq!((found.lags.len(), found.blob, found.places.cut), (0, None, false));
    // Held still, although its tag went elsewhere. The index that names it stands in another repository.
    expected.push((format!("2 kept@{}", content.digest.short().0), itself));
    assert_eq!(places(&found), expected);

    let layer = index.where_is(&everywhere(20), &digest("layer")).await.expect("found");
    assert_eq!(layer.blob, Some(1_000));
    assert!(places(&layer).contains(&("2 mirror/api:all".to_owned(), How::Blob)), "{layer:?}");
    assert!(places(&layer).contains(&("1 api:v1".to_owned(), How::Blob)));
    let nowhere = index.where_is(&everywhere(20), &digest("nowhere")).await.expect("asked");
    assert_eq!((nowhere.places.found, nowhere.blob), (0, None));
}

#[tokio::test]
async fn tags_of_the_same_name_elsewhere_are_older_newer_or_another() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (old, here, new) = (image("old", 1), image("here", 5), image("new", 9));
    put(index, 1, "api", &[("v1", &here), ("v2", &here), ("v3", &here), ("only", &here)]).await;
    put(index, 2, "api", &[("v1", &old), ("v2", &new), ("v3", &here), ("others", &old)]).await;
    put(index, OFF, "api", &[("v1", &old)]).await;
    let found = index.where_is(&everywhere(20), &here.digest).await.expect("found");
    assert_eq!(
        lags(&found),
        [(1, "2 api:v1".to_owned(), Standing::Older), (1, "2 api:v2".to_owned(), Standing::Newer)]
    );
    let old = index.where_is(&everywhere(20), &old.digest).await.expect("found");
    assert_eq!(lags(&old), [(2, "1 api:v1".to_owned(), Standing::Newer)]);
}

#[tokio::test]
async fn what_may_not_be_seen_is_no_place_and_does_not_lag() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (old, here) = (image("old", 1), image("here", 5));
    put(index, 1, "open/api", &[("v1", &here)]).await;
    put(index, 1, "secret/api", &[("v1", &here)]).await;
    put(index, 2, "secret/api", &[("v1", &old)]).await;
    let found = index.where_is(&only("open/*", 20), &here.digest).await.expect("found");
    assert_eq!(places(&found), [("1 open/api:v1".to_owned(), How::Itself)]);
    assert_eq!(found.places.found, 1);
    assert_eq!(lags(&found), []);
    assert_eq!(index.where_is(&only("nothing", 20), &here.digest).await.expect("asked").places.found, 0);
}
