use crate::world::{CONFIG, World, image, manifest, name, shown};
use domain::{
    Kind as What,
    manifest::{Document, OCI_MANIFEST, SCHEMA1_SIGNED},
};
use operations::{
    Kind,
    images::{Part, View},
};
use registry::fake::{Fake, FakeOptions, Fault, Trouble};
use serde_json::json;

#[tokio::test]
async fn bytes_that_are_not_those_of_their_digest_are_neither_shown_nor_kept() {
    let world = World::new().await;
    let digest = image(&world.fake, "a", "one", &json!({}));
    world.fake.fault(Fault::at("/manifests/", Trouble::WrongBytes));
    let error = world.look("a", digest.as_str(), View::Image).await.expect_err("not what was asked for");
    assert_eq!(error.kind, Kind::RegistryOdd);
    assert!(error.message.contains("Do not use this content"), "{error}");
    assert!(error.tried.iter().any(|line| line.contains("was asked for")), "{:?}", error.tried);
    world.fake.heal();
    world.look("a", digest.as_str(), View::Image).await.expect("the right bytes");
}

#[tokio::test]
async fn a_document_too_deep_to_read_is_shown_as_it_came() {
    let world = World::new().await;
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let digest = world.fake.push_manifest("a", OCI_MANIFEST, deep.clone());
    let seen = world.look("a", digest.as_str(), View::Image).await.expect("a page");
    assert!(matches!(&seen.document, Document::Unknown { why, .. } if why.contains("JSON")));
    assert_eq!(seen.raw.here().expect("the document").text, deep);
    let raw = world.operations.raw_document(&world.ada, "lab", &name("a"), &digest).await.expect("the bytes");
    assert_eq!(raw, deep.as_bytes());
}

#[tokio::test]
async fn a_page_of_somebody_else_is_no_image() {
    let world = World::new().await;
    let digest = world.fake.push_manifest("a", "text/html", "<html><script>alert(1)</script></html>");
    let seen = world.look("a", digest.as_str(), View::Image).await.expect("a page");
    assert!(matches!(seen.document, Document::Unknown { .. }));
}

#[tokio::test]
async fn labels_come_through_as_they_are_written() {
    // Escaping is the pages' work; nothing on the way may change or drop what was said.
    let world = World::new().await;
    let hostile =
        json!({ "Labels": { "a": "</script><script>alert(1)</script>", "b": "safe\u{202e}txt.exe", "c": 7 } });
    let digest = image(&world.fake, "a", "one", &hostile);
    let seen = world.look("a", digest.as_str(), View::Image).await.expect("an image");
    let config = shown(&seen).config.here().expect("a configuration");
    assert_eq!(config.label("a"), Some("</script><script>alert(1)</script>"));
    assert_eq!(config.label("b"), Some("safe\u{202e}txt.exe"));
}

#[tokio::test]
async fn a_configuration_that_can_not_be_read_leaves_the_rest_of_the_page() {
    let world = World::new().await;
    let digest = manifest(&world.fake, "a", (CONFIG, "not JSON"), &[], &json!({}));
    let seen = world.look("a", digest.as_str(), View::Image).await.expect("an image");
    let Part::Failed(trouble) = &shown(&seen).config else { panic!("{:?}", shown(&seen).config) };
    assert!(trouble.message.contains("not readable JSON"), "{}", trouble.message);

    let digest = image(&world.fake, "b", "one", &json!({}));
    world.fake.fault(Fault::at("/v2/b/blobs/", Trouble::WrongBytes));
    let seen = world.look("b", digest.as_str(), View::Image).await.expect("an image");
    let Part::Failed(trouble) = &shown(&seen).config else { panic!("{:?}", shown(&seen).config) };
    assert!(trouble.message.contains("does not match its digest"), "{}", trouble.message);
    assert_eq!(shown(&seen).steps.steps.len(), 2, "the layers are known without it");
}

#[tokio::test]
async fn a_registry_that_names_another_digest_is_not_believed() {
    let world = World::new().await;
    let (one, two) = (image(&world.fake, "a", "one", &json!({})), image(&world.fake, "a", "two", &json!({})));
    world.fake.tag("a", "v1", &one);
    world.fake.fault(Fault::at("/manifests/v1", Trouble::Header("docker-content-digest", two.to_string())));
    let error = world.look("a", "v1", View::Image).await.expect_err("one of the two is a lie");
    assert_eq!(error.kind, Kind::RegistryOdd);
}

/// A document that says itself which part of it is to be hashed, as signed schema 1 does: nothing of what is shown.
fn forged(real: &str) -> String {
    let encode = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
    let protected = format!(r#"{{"formatLength":0,"formatTail":"{}"}}"#, encode(real));
    format!(r#"{{"schemaVersion":1,"name":"evil","signatures":[{{"protected":"{}"}}]}}"#, encode(&protected))
}

#[tokio::test]
async fn a_forged_document_is_neither_shown_nor_kept_for_anybody() {
    let world = World::new().await;
    let digest = image(&world.fake, "a", "one", &json!({}));
    let seen = world.look("a", digest.as_str(), View::Image).await.expect("an image");
    let Part::Here(real) = &seen.raw else { panic!("ada may see it") };
    let real = real.text.clone();

    let hostile = Fake::start(FakeOptions::default()).await.expect("a registry");
    world.connect("hostile", hostile.connection()).await;
    hostile.fault(Fault::at(
        "/manifests/",
        Trouble::Answer {
            status: 200,
            headers: vec![("content-type", SCHEMA1_SIGNED.to_owned()), ("docker-content-digest", digest.to_string())],
            body: forged(&real),
        },
    ));
    for _ in 0..2 {
        let seen = world.look_in("hostile", "b", digest.as_str(), View::Image).await.expect("what was hashed");
        let Part::Here(raw) = &seen.raw else { panic!("ada may see it") };
        assert_eq!(raw.text, real, "only what was hashed is shown");
    }
    let seen = world.look("a", digest.as_str(), View::Image).await.expect("an image");
    assert_eq!(seen.summary.kind, What::Image, "the other registry says nothing about ours");
    let Part::Here(raw) = &seen.raw else { panic!("ada may see it") };
    assert_eq!((raw.text.as_str(), raw.media_type.as_str()), (real.as_str(), OCI_MANIFEST));
}

#[tokio::test]
async fn what_can_not_be_verified_is_asked_for_each_time() {
    let world = World::new().await;
    let answer = |body: &str| Trouble::Answer {
        status: 200,
        headers: vec![("content-type", OCI_MANIFEST.to_owned()), ("docker-content-digest", "blake3:abcdef".to_owned())],
        body: body.to_owned(),
    };
    for body in [r#"{"schemaVersion":2,"layers":[]}"#, r#"{"schemaVersion":2,"layers":[],"other":1}"#] {
        world.fake.heal();
        world.fake.fault(Fault::at("/manifests/", answer(body)));
        let seen = world.look("a", "blake3:abcdef", View::Image).await.expect("it can be looked at");
        let Part::Here(raw) = &seen.raw else { panic!("ada may see it") };
        assert_eq!(raw.text, body, "nothing is kept under a digest that proves nothing");
    }
}
