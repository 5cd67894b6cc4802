//! Images by a layer they contain, and by what they are built on.

use super::{Made, OFF, all_said, digest, everywhere, fresh, only, put};
use crate::index::{BuiltOn, Hits, Index, Why};
use domain::{Digest, content_facts::BaseImage};

fn base(name: Option<&str>, digest: Option<&Digest>) -> BaseImage {
    BaseImage { name: name.map(str::to_owned), digest: digest.cloned(), from_labels: false }
}

#[tokio::test]
async fn a_layer_leads_to_the_images_that_contain_it_also_through_an_index() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let plain = Made { name: "plain", created: 1, layers: &["os", "app"], ..Made::default() }.content();
    let other = Made { name: "other", created: 2, layers: &["os"], ..Made::default() }.content();
    let multi = Made { name: "multi", created: 3, children: &[&plain], ..Made::default() }.content();
    put(index, 1, "plain", &[("v1", &plain)]).await;
    put(index, 2, "multi", &[("", &plain), ("v2", &multi)]).await;
    put(index, 2, "loose", &[("", &other)]).await;
    put(index, OFF, "off", &[("v1", &plain)]).await;
    let with = async |layer: &str| {
        let hits = index.images_with_layer(&everywhere(10), &digest(layer)).await.expect("images");
        assert!(!hits.cut);
        all_said(&hits.rows)
    };
    assert_eq!(with("app").await, ["2 multi:v2", "1 plain:v1"]);
    let loose = format!("2 loose@{}", other.digest.short().0);
    assert_eq!(with("os").await, ["2 multi:v2".to_owned(), loose, "1 plain:v1".to_owned()]);
    assert_eq!(with("nothing").await, [""; 0]);
    let seen = index.images_with_layer(&only("plain", 10), &digest("os")).await.expect("images");
    assert_eq!(all_said(&seen.rows), ["1 plain:v1"]);
    let few = index.images_with_layer(&everywhere(1), &digest("os")).await.expect("images");
    assert_eq!((few.rows.len(), few.found), (1, 3));
}

async fn above(index: &Index, image: &Digest) -> Vec<(String, Why)> {
    let hits: Hits<BuiltOn> = index.built_on(&everywhere(20), image).await.expect("images");
    assert!(!hits.cut);
    all_said(hits.rows.iter().map(|hit| &hit.image)).into_iter().zip(hits.rows.iter().map(|hit| hit.why)).collect()
}

#[tokio::test]
async fn what_is_built_on_an_image_begins_with_all_its_layers_or_says_so() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let debian = Made { name: "debian", created: 1, layers: &["root", "apt"], ..Made::default() }.content();
    let app = Made { name: "app", created: 9, layers: &["root", "apt", "app"], ..Made::default() }.content();
    let far = Made { name: "far", created: 8, layers: &["root", "apt", "far"], ..Made::default() }.content();
    let moved = Made { name: "moved", created: 7, layers: &["other", "apt", "app"], ..Made::default() }.content();
    let below = Made { name: "below", created: 6, layers: &["apt", "root"], ..Made::default() }.content();
    let said =
        Made { name: "said", created: 5, base: Some(base(None, Some(&debian.digest))), ..Made::default() }.content();
    let multi = Made { name: "multi", created: 10, children: &[&app], ..Made::default() }.content();
    put(index, 1, "debian", &[("12", &debian)]).await;
    put(index, 1, "app", &[("v1", &app), ("v1-multi", &multi), ("moved", &moved), ("below", &below)]).await;
    put(index, 2, "far", &[("v1", &far), ("debian", &debian)]).await;
    put(index, 2, "said", &[("v1", &said)]).await;
    put(index, OFF, "off", &[("v1", &app)]).await;
    let expected = [
        ("1 app:v1-multi".to_owned(), Why::Layers),
        ("1 app:v1".to_owned(), Why::Layers),
        ("2 far:v1".to_owned(), Why::Layers),
        ("2 said:v1".to_owned(), Why::Said),
    ];
    assert_eq!(above(index, &debian.digest).await, expected);
    assert_eq!(above(index, &app.digest).await, [("1 app:v1-multi".to_owned(), Why::Layers)][..0], "not its own index");
    assert_eq!(above(index, &said.digest).await, []);
}

#[tokio::test]
async fn what_is_built_on_an_index_is_built_on_one_of_its_platforms() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let amd = Made { name: "amd", layers: &["amd"], ..Made::default() }.content();
    let arm = Made { name: "arm", layers: &["arm"], ..Made::default() }.content();
    let both = Made { name: "both", children: &[&amd, &arm], ..Made::default() }.content();
    let app = Made { name: "app", layers: &["arm", "app"], ..Made::default() }.content();
    put(index, 1, "debian", &[("", &amd), ("", &arm), ("12", &both)]).await;
    put(index, 1, "app", &[("v1", &app)]).await;
    assert_eq!(above(index, &both.digest).await, [("1 app:v1".to_owned(), Why::Layers)]);
    assert_eq!(above(index, &amd.digest).await, []);
}

#[tokio::test]
async fn base_images_are_found_by_the_name_that_images_give_them() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    for (n, name) in ["docker.io/library/debian:12", "docker.io/library/debian:13", "ghcr.io/debian-slim", "alpine:3"]
        .into_iter()
        .enumerate()
    {
        let made = Made {
            name,
            annotations: &[("org.opencontainers.image.base.name", name)],
            base: Some(base(Some(name), None)),
            ..Made::default()
        };
        put(index, 1, &format!("r{n}"), &[("v1", &made.content()), ("v2", &made.content())]).await;
    }
    let hits = index.find_bases(&everywhere(10), "Debian").await.expect("bases");
    let names: Vec<_> = hits.rows.iter().map(|hit| (hit.name.as_str(), hit.images)).collect();
    let expected = [("docker.io/library/debian:12", 2), ("docker.io/library/debian:13", 2), ("ghcr.io/debian-slim", 2)];
    assert_eq!(names, expected);
    assert_eq!(index.find_bases(&everywhere(10), "%").await.expect("none").found, 0);
    let built = index.built_on_name(&everywhere(10), "alpine:3").await.expect("images");
    assert_eq!(all_said(built.rows.iter().map(|hit| &hit.image)), ["1 r3:v1", "1 r3:v2"]);
    assert_eq!(index.find_bases(&only("r0", 10), "debian").await.expect("bases").found, 1);
    assert_eq!(index.built_on_name(&only("r0", 10), "alpine:3").await.expect("none").found, 0);
}
