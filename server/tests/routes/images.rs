//! Images as a browser without scripts gets them: status, escaping, and documents byte by byte.

use crate::site::Site;
use axum::http::StatusCode;
use domain::{
    Actor, ActorKind, Digest,
    manifest::{OCI_INDEX, OCI_MANIFEST},
};
use operations::connections::ConnectionForm;
use registry::fake::{Fake, FakeOptions};
use serde_json::json;

const HOSTILE: &str = "</script><script>alert(1)</script>\u{202e}";

/// A registry with one image that says hostile things, under `v1`, and an index of it under `all`.
async fn lab(site: &Site) -> (Fake, Digest) {
    let fake = Fake::start(FakeOptions::default()).await.expect("a registry");
    let config = json!({
        "os": "linux", "architecture": "amd64",
        "config": { "Labels": { "note": HOSTILE, "org.opencontainers.image.url": "javascript:alert(1)" }, "Env": [format!("A={HOSTILE}")] },
        "history": [{ "created_by": HOSTILE, "empty_layer": true }],
    });
    let kind = "application/vnd.oci.image.config.v1+json";
    let (size, digest) = (config.to_string().len(), fake.push_blob("team/app", config.to_string()));
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [], "annotations": { "note": HOSTILE },
        "config": { "mediaType": kind, "digest": digest, "size": size },
    });
    let manifest = fake.push_manifest("team/app", OCI_MANIFEST, manifest.to_string());
    let entry = json!({ "mediaType": OCI_MANIFEST, "digest": manifest, "size": 1, "platform": { "os": "linux", "architecture": HOSTILE } });
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry] });
    let index = fake.push_manifest("team/app", OCI_INDEX, index.to_string());
    fake.tag("team/app", "v1", &manifest);
    fake.tag("team/app", "all", &index);
    let ada = Actor {
        kind: ActorKind::Person,
        id: 1,
        name: "ada".into(),
        rights: domain::access::Rights::administrator(),
        ..Actor::anonymous("192.0.2.1", "test", "r1")
    };
    let form = ConnectionForm { name: "lab".into(), address: fake.address().to_string(), ..ConnectionForm::empty() };
    site.operations.add_registry(&ada, &form).await.expect("added");
    (fake, manifest)
}

#[tokio::test]
async fn what_an_image_says_stays_text_in_every_view() {
    let site = Site::new().await;
    let (_fake, digest) = lab(&site).await;
    let cookie = site.signed_in().await;
    let image = "/registries/lab/team~app";
    for path in [
        format!("{image}/tags/v1"),
        format!("{image}/tags/all"),
        format!("{image}/tags/all?show=raw"),
        format!("{image}/manifests/{digest}"),
        "/compare?a=lab/team/app:v1&b=lab/team/app:all".to_owned(),
    ] {
        let answer = site.get(&path).html().cookie(&cookie).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!answer.body.contains("<script>alert"), "{path}");
        assert!(!answer.body.contains('\u{202e}'), "{path}");
        assert!(!answer.body.contains("href=\"javascript:"), "{path}");
        assert!(!answer.body.contains(" style="), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_does_not_fit_have_their_status() {
    let site = Site::new().await;
    let (_fake, _) = lab(&site).await;
    let cookie = site.signed_in().await;
    for (path, status) in [
        ("/registries/lab/team~app/tags/v9", StatusCode::NOT_FOUND),
        ("/registries/lab/team~app/tags/-", StatusCode::NOT_FOUND),
        ("/registries/lab/TEAM/tags/v1", StatusCode::NOT_FOUND),
        ("/registries/nowhere/team~app/tags/v1", StatusCode::NOT_FOUND),
        ("/compare", StatusCode::OK),
        ("/compare?a=nonsense", StatusCode::UNPROCESSABLE_ENTITY),
        ("/compare?a=lab/team/app:v9&b=lab/team/app:v1", StatusCode::NOT_FOUND),
    ] {
        let answer = site.get(path).html().cookie(&cookie).send().await;
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_document_comes_byte_by_byte_and_may_run_nothing() {
    let site = Site::new().await;
    let (_fake, digest) = lab(&site).await;
    let path = format!("/raw/lab/team~app/{digest}");
    let stranger = site.get(&path).send().await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    let cookie = site.signed_in().await;
    let answer = site.get(&path).cookie(&cookie).send().await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(digest.matches(answer.body.as_bytes()), Some(true));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-security-policy").ends_with("; sandbox"), "{answer:?}");
    let absent = site.get(&format!("/raw/lab/team~app/{}", Digest::of(b"x"))).cookie(&cookie).send().await;
    assert_eq!((absent.status, absent.header("content-type")), (StatusCode::NOT_FOUND, "text/plain; charset=utf-8"));
}

#[tokio::test]
async fn an_open_page_goes_on_showing_what_it_showed_and_says_what_became_of_the_tag() {
    let site = Site::new().await;
    let (fake, before) = lab(&site).await;
    let cookie = site.signed_in().await;
    let path = "/registries/lab/team~app/tags/v1";
    let open = site.get(path).html().cookie(&cookie).send().await;
    assert!(open.body.contains(&format!("data-shows=\"{before}\"")), "{}", open.body);
    let after = fake.push_manifest("team/app", OCI_MANIFEST, json!({ "schemaVersion": 2, "layers": [] }).to_string());
    fake.tag("team/app", "v1", &after);
    site.clock.advance(60);
    let next = site.get(path).html().cookie(&cookie).send().await;
    assert!(next.body.contains(before.as_str()) && next.body.contains("asking lab again"), "{}", next.body);
    assert!(site.operations.reading_settled(std::time::Duration::from_secs(30)).await, "it is asked");

    let follow = |shows: &str| site.get(path).html().cookie(&cookie).with("x-refresh", shows).send();
    let followed = follow(before.as_str()).await;
    assert!(followed.body.contains("v1 moved.") && followed.body.contains(after.as_str()), "{}", followed.body);
    assert!(followed.body.contains(&format!("data-shows=\"{before}\"")), "it shows what it showed");
    let stranger = site.get(path).html().with("x-refresh", before.as_str()).send().await;
    assert!(stranger.location().contains("/sign-in") && !stranger.body.contains(before.as_str()));
    // What is no digest, or none that is kept here, shows nothing that is not there.
    assert!(follow("1").await.body.contains(&format!("data-shows=\"{after}\"")));
    let forged = follow("sha256:0000000000000000000000000000000000000000000000000000000000000000").await;
    assert_eq!(forged.status, StatusCode::NOT_FOUND);
    let next = site.get(path).html().cookie(&cookie).send().await;
    assert!(next.body.contains(&format!("data-shows=\"{after}\"")) && !next.body.contains("moved."));
}
