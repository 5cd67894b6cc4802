//! What other registries do differently: referrers by the API, untagging, tags in pages.

use crate::support::{Scripted, answer, connect, name, permit, push_image};
use bytes::Bytes;
use domain::{
    Digest, Permission, Reference,
    manifest::{OCI_INDEX, OCI_MANIFEST},
};
use registry::{
    Deleted, FoundBy,
    fake::{Fake, FakeOptions},
};
use serde_json::json;

#[tokio::test]
async fn referrers_come_from_the_api_where_there_is_one() {
    let fake =
        Fake::start(FakeOptions { referrers_api: true, ..FakeOptions::default() }).await.expect("the fake starts");
    let registry = connect(&fake.connection());
    let push = permit("a/b", Permission::RepositoryPush);
    let writer = registry.writer(&push).expect("a permit");
    let subject = push_image(&writer, "v1", "one").await;
    let empty = registry.referrers(&name("a/b"), &subject).await.expect("it answers");
    assert_eq!((empty.by, empty.descriptors.len()), (FoundBy::Api, 0));
    let config = writer.put_blob(Bytes::from_static(b"{}")).await.expect("it is pushed").digest;
    let config = json!({"mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": 2});
    let sbom = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": "application/vnd.cyclonedx+json", "config": config, "layers": [config],
        "subject": {"mediaType": OCI_MANIFEST, "digest": subject, "size": 1},
    });
    let bytes = Bytes::from(sbom.to_string());
    let digest = Digest::of(&bytes);
    writer.put_manifest(&Reference::Digest(digest.clone()), OCI_MANIFEST, bytes).await.expect("it is pushed");
    let found = registry.referrers(&name("a/b"), &subject).await.expect("it answers");
    assert_eq!(found.by, FoundBy::Api);
    assert_eq!(
        (&found.descriptors[0].digest, found.descriptors[0].artifact_type.as_deref()),
        (&digest, Some("application/vnd.cyclonedx+json"))
    );
    assert_eq!(fake.count("GET", "/manifests/sha256-"), 0);
}

#[tokio::test]
async fn a_registry_without_the_api_is_asked_for_it_once() {
    let fake = Fake::start(FakeOptions::default()).await.expect("the fake starts");
    let registry = connect(&fake.connection());
    for text in ["a", "b", "c"] {
        let none = registry.referrers(&name("a/b"), &Digest::of(text.as_bytes())).await.expect("it answers");
        assert_eq!(none.by, FoundBy::None);
    }
    assert_eq!((fake.count("GET", "/referrers/"), fake.count("GET", "/manifests/sha256-")), (1, 3));
}

#[tokio::test]
async fn a_page_in_place_of_referrers_is_taken_for_no_api() {
    let home = Scripted::start(|got, _| {
        if got.target.contains("/referrers/") {
            answer(200, &[("content-type", "text/html")], "<html>Not here</html>")
        } else {
            answer(404, &[], "")
        }
    })
    .await;
    assert_eq!(home.registry().referrers(&name("a/b"), &Digest::of(b"x")).await.expect("it answers").by, FoundBy::None);
}

#[tokio::test]
async fn referrers_in_pages_are_read_to_their_end() {
    let entry = |text: &str| json!({"mediaType": OCI_MANIFEST, "digest": Digest::of(text.as_bytes()), "size": 1});
    let page = move |texts: &[&str]| {
        json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": texts.iter().map(|t| entry(t)).collect::<Vec<_>>()}).to_string()
    };
    let home = Scripted::start(move |got, n| {
        let path = got.target.split('?').next().unwrap_or_default().to_owned();
        match n {
            0 => answer(
                200,
                &[("content-type", OCI_INDEX), ("link", &format!("<{path}?page=2>; rel=\"next\""))],
                page(&["a", "b"]),
            ),
            _ => answer(200, &[("content-type", OCI_INDEX)], page(&["b", "c"])),
        }
    })
    .await;
    let found = home.registry().referrers(&name("a/b"), &Digest::of(b"x")).await.expect("it ends");
    assert_eq!(found.descriptors.len(), 3);
}

#[tokio::test]
async fn a_tag_alone_is_removed_where_the_registry_can() {
    let fake = Fake::start(FakeOptions { untag: true, ..FakeOptions::default() }).await.expect("the fake starts");
    let digest = fake.push_manifest("a/b", OCI_MANIFEST, "{}");
    fake.tag("a/b", "v1", &digest);
    fake.tag("a/b", "v2", &digest);
    let registry = connect(&fake.connection());
    let delete = permit("a/b", Permission::TagDelete);
    let writer = registry.writer(&delete).expect("a permit");
    let v1 = "v1".parse().expect("a tag");
    assert_eq!(writer.delete_tag(&v1).await, Ok(Deleted::Now));
    assert_eq!(writer.delete_tag(&v1).await, Ok(Deleted::WasGone));
    assert_eq!(registry.tags(&name("a/b")).await.expect("one is left").items, ["v2"]);
}

#[tokio::test]
async fn tags_in_pages_are_read_to_their_end() {
    let fake = Fake::start(FakeOptions { tag_pages: true, ..FakeOptions::default() }).await.expect("the fake starts");
    let digest = fake.push_manifest("a/b", OCI_MANIFEST, "{}");
    for number in 0..2_345 {
        fake.tag("a/b", &format!("t{number}"), &digest);
    }
    let list = connect(&fake.connection()).tags(&name("a/b")).await.expect("it ends");
    assert_eq!((list.items.len(), list.pages, list.complete), (2_345, 3, true));
}
