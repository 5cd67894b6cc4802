//! Digests by their beginning.

use super::{Made, OFF, digest, everywhere, fresh, image, only, put};
use crate::index::Thing;
use domain::Kind;

#[tokio::test]
async fn manifests_and_blobs_are_found_by_the_beginning_of_their_digest() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let content = Made { name: "a", created: 5, layers: &["layer"], ..Made::default() }.content();
    put(index, 1, "team/api", &[("v1", &content), ("v2", &content)]).await;
    put(index, 2, "copy", &[("", &content)]).await;
    put(index, OFF, "off", &[("v1", &content)]).await;
    for length in [6, 7, 64] {
        let hits = index.find_digests(&everywhere(10), &content.digest.encoded()[..length]).await.expect("found");
        assert_eq!((hits.found, hits.cut), (2, false), "{length}");
        let [tagged, held] = hits.rows.as_slice() else { panic!("two") };
        assert_eq!((tagged.registry, tagged.thing, tagged.others), (1, Thing::Manifest(Some(Kind::Image)), 1));
        assert_eq!(tagged.place.1.as_ref().map(domain::Tag::as_str), Some("v1"));
        assert_eq!((tagged.size, tagged.created.map(|at| at.0)), (Some(7), Some(5)));
        assert_eq!((held.registry, held.place.0.as_str(), held.place.1.as_ref()), (2, "copy", None));
    }
    let layer = digest("layer").encoded()[..8].to_uppercase();
    let hits = index.find_digests(&everywhere(10), &layer).await.expect("found");
    assert_eq!(
        hits.rows.iter().map(|hit| (hit.registry, hit.thing)).collect::<Vec<_>>(),
        [(1, Thing::Blob), (2, Thing::Blob)]
    );
    assert_eq!(hits.rows[0].size, Some(1_000));
    for text in ["zzzzzz", "", &"0".repeat(200)] {
        assert_eq!(index.find_digests(&everywhere(10), text).await.expect("nothing").found, 0, "{text}");
    }
}

#[tokio::test]
async fn a_digest_is_not_told_to_who_may_see_no_repository_that_holds_it() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let content = Made { name: "a", layers: &["layer"], ..Made::default() }.content();
    put(index, 1, "secret/api", &[("v1", &content)]).await;
    let other = image("b", 1);
    put(index, 1, "open/api", &[("v1", &other)]).await;
    let open = only("open/*", 10);
    for hidden in [&content.digest, &digest("layer")] {
        assert_eq!(index.find_digests(&open, &hidden.encoded()[..8]).await.expect("asked").rows, []);
        assert_eq!(index.find_digests(&everywhere(10), &hidden.encoded()[..8]).await.expect("asked").found, 1);
    }
    assert_eq!(index.find_digests(&open, &other.digest.encoded()[..8]).await.expect("asked").found, 1);
}
