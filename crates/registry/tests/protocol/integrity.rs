//! Bytes are believed only when they match their digest.

use crate::support::{Scripted, answer, connect, name, tag};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Digest, Reference,
    manifest::{DOCKER_LIST, OCI_INDEX, OCI_MANIFEST, SCHEMA1, SCHEMA1_SIGNED},
};
use registry::{
    Error, Head, Registry,
    fake::{Fake, FakeOptions, Fault, Trouble},
};

async fn with_manifest() -> (Fake, Registry, Digest) {
    let fake = Fake::start(FakeOptions::default()).await.expect("the fake starts");
    let digest = fake.push_manifest("a/b", OCI_MANIFEST, r#"{"schemaVersion":2}"#);
    fake.tag("a/b", "latest", &digest);
    let registry = connect(&fake.connection());
    (fake, registry, digest)
}

#[tokio::test]
async fn a_manifest_with_other_bytes_is_refused_by_tag_and_by_digest() {
    let (fake, registry, digest) = with_manifest().await;
    fake.fault(Fault::at("/manifests/", Trouble::WrongBytes));
    for reference in [tag("latest"), Reference::Digest(digest.clone())] {
        let error = registry.manifest(&name("a/b"), &reference).await.expect_err("other bytes");
        assert!(matches!(&error, Error::Integrity { expected, .. } if expected == digest.as_str()), "{error:?}");
    }
    // Without the header a tag's bytes are all there is; a digest's are still checked.
    fake.fault(Fault::at("/manifests/", Trouble::NoHeader("docker-content-digest")));
    assert_ne!(registry.manifest(&name("a/b"), &tag("latest")).await.expect("bytes").digest, digest);
    registry.manifest(&name("a/b"), &Reference::Digest(digest)).await.expect_err("other bytes");
}

#[tokio::test]
async fn a_header_that_lies_or_is_no_digest_is_noticed() {
    let (fake, registry, digest) = with_manifest().await;
    let set =
        |value: &str| Fault::at("/manifests/", Trouble::Header("docker-content-digest", value.to_owned())).times(2);
    fake.fault(set(Digest::of(b"other").as_str()));
    assert!(matches!(registry.manifest(&name("a/b"), &tag("latest")).await, Err(Error::Integrity { .. })));
    let head = registry.head_manifest(&name("a/b"), &Reference::Digest(digest), None).await;
    assert!(matches!(head, Err(Error::Integrity { .. })), "{head:?}");
    fake.fault(set("sha256:short"));
    assert!(matches!(registry.manifest(&name("a/b"), &tag("latest")).await, Err(Error::Malformed { .. })));
    assert!(matches!(registry.head_manifest(&name("a/b"), &tag("latest"), None).await, Err(Error::Malformed { .. })));
}

#[tokio::test]
async fn a_blob_with_other_bytes_or_half_of_them_is_refused() {
    let (fake, registry, _) = with_manifest().await;
    let digest = fake.push_blob("a/b", "some bytes of a blob");
    fake.fault(Fault::at("/blobs/", Trouble::WrongBytes).times(1));
    assert!(matches!(registry.blob(&name("a/b"), &digest, 100).await, Err(Error::Integrity { .. })));
    fake.fault(Fault::at("/blobs/", Trouble::Truncate(5)).times(1));
    assert!(matches!(registry.blob(&name("a/b"), &digest, 100).await, Err(Error::Interrupted { .. })));
    assert_eq!(registry.blob(&name("a/b"), &digest, 100).await.expect("healed"), "some bytes of a blob");
}

#[tokio::test]
async fn other_algorithms_are_verified_or_not_believed() {
    let sha512: Digest = format!("sha512:{}", "0".repeat(128)).parse().expect("a digest");
    let odd: Digest = "blake3:abcdef".parse().expect("a digest");
    let home = Scripted::start(|_, _| answer(200, &[("content-type", OCI_MANIFEST)], "{}")).await;
    let registry = home.registry();
    assert!(matches!(
        registry.manifest(&name("a/b"), &Reference::Digest(sha512.clone())).await,
        Err(Error::Integrity { .. })
    ));
    for digest in [sha512, odd] {
        assert!(matches!(registry.blob(&name("a/b"), &digest, 100).await, Err(Error::Integrity { .. })));
    }
}

#[tokio::test]
async fn the_media_type_is_read_from_the_document_where_the_header_says_nothing() {
    let table = [
        (OCI_MANIFEST, "{}", OCI_MANIFEST),
        (
            "application/json",
            r#"{"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json"}"#,
            DOCKER_LIST,
        ),
        ("text/plain; charset=utf-8", r#"{"schemaVersion":2,"manifests":[]}"#, OCI_INDEX),
        ("application/json", r#"{"schemaVersion":2,"config":{},"layers":[]}"#, OCI_MANIFEST),
        ("application/json", r#"{"schemaVersion":1,"name":"x"}"#, SCHEMA1),
        ("application/vnd.example.Custom+json; a=b", "{}", "application/vnd.example.custom+json"),
    ];
    for (header, body, expected) in table {
        let home = Scripted::start(move |_, _| answer(200, &[("content-type", header)], body)).await;
        let fetched = home.registry().manifest(&name("a/b"), &tag("latest")).await.expect("bytes");
        assert_eq!((fetched.media_type.as_str(), fetched.bytes.as_ref()), (expected, body.as_bytes()));
    }
}

#[tokio::test]
async fn schema_1_is_verified_without_its_signatures() {
    let original = "{\n   \"schemaVersion\": 1\n}";
    let protected =
        format!(r#"{{"formatLength":{},"formatTail":"{}"}}"#, original.len() - 2, URL_SAFE_NO_PAD.encode("\n}"));
    let head = &original[..original.len() - 2];
    let signed =
        format!("{head},\n   \"signatures\": [{{\"protected\":\"{}\"}}]\n}}", URL_SAFE_NO_PAD.encode(protected));
    let digest = Digest::of(original.as_bytes());
    let said = digest.to_string();
    let body = signed.clone();
    let home = Scripted::start(move |_, _| {
        answer(200, &[("content-type", SCHEMA1_SIGNED), ("docker-content-digest", &said)], body.clone())
    })
    .await;
    for reference in [tag("latest"), Reference::Digest(digest.clone())] {
        let fetched = home.registry().manifest(&name("a/b"), &reference).await.expect("it is what it says");
        assert_eq!((&fetched.digest, fetched.bytes.as_ref()), (&digest, original.as_bytes()));
        assert!(fetched.is_verified(), "what is given out is what was hashed");
    }
    let other = Reference::Digest(Digest::of(b"other"));
    assert!(matches!(home.registry().manifest(&name("a/b"), &other).await, Err(Error::Integrity { .. })));
}

#[tokio::test]
async fn a_document_that_says_itself_what_to_hash_does_not_get_the_rest_believed() {
    let real = r#"{"schemaVersion":2,"layers":[]}"#;
    let protected = format!(r#"{{"formatLength":0,"formatTail":"{}"}}"#, URL_SAFE_NO_PAD.encode(real));
    let forged =
        format!(r#"{{"evil":"anything","signatures":[{{"protected":"{}"}}]}}"#, URL_SAFE_NO_PAD.encode(protected));
    let digest = Digest::of(real.as_bytes());
    let home = Scripted::start(move |_, _| answer(200, &[("content-type", SCHEMA1_SIGNED)], forged.clone())).await;
    for reference in [tag("latest"), Reference::Digest(digest)] {
        let fetched = home.registry().manifest(&name("a/b"), &reference).await.expect("the right bytes are inside");
        assert_eq!(fetched.bytes, real);
        assert!(fetched.is_verified());
    }
}

#[tokio::test]
async fn a_manifest_under_a_digest_that_can_not_be_computed_is_not_called_verified() {
    let odd: Digest = "blake3:abcdef".parse().expect("a digest");
    let home = Scripted::start(|_, _| {
        answer(200, &[("content-type", OCI_MANIFEST), ("docker-content-digest", "blake3:abcdef")], "{}")
    })
    .await;
    for reference in [tag("latest"), Reference::Digest(odd.clone())] {
        let fetched = home.registry().manifest(&name("a/b"), &reference).await.expect("it can be looked at");
        assert_eq!((&fetched.digest, fetched.is_verified()), (&odd, false));
    }
}

#[tokio::test]
async fn every_manifest_type_is_accepted_in_every_request() {
    let (fake, registry, digest) = with_manifest().await;
    let home = Scripted::start(|_, _| answer(200, &[], "{}")).await;
    home.registry().manifest(&name("a/b"), &tag("x")).await.expect("bytes");
    home.registry().head_manifest(&name("a/b"), &tag("x"), Some(&digest)).await.expect("headers");
    for got in home.requests() {
        let accept = got.header("accept").expect("it is there").to_owned();
        let at = |kind: &str| accept.find(kind).unwrap_or_else(|| panic!("{kind} is missing in {accept}"));
        for kind in [OCI_MANIFEST, OCI_INDEX, DOCKER_LIST, "application/vnd.docker.distribution.manifest.v2+json"] {
            assert!(at(kind) < at(SCHEMA1_SIGNED), "schema 1 comes last");
        }
    }
    assert_eq!(home.requests()[1].header("if-none-match"), Some(format!("\"{digest}\"").as_str()));
    assert_eq!(registry.head_manifest(&name("a/b"), &tag("latest"), Some(&digest)).await, Ok(Head::NotModified));
    assert_eq!(fake.requests().last().map(|seen| seen.status), Some(304));
}

#[tokio::test]
async fn a_head_without_headers_is_still_an_answer() {
    let home = Scripted::start(|_, _| answer(200, &[], "")).await;
    let head = home.registry().head_manifest(&name("a/b"), &tag("x"), None).await;
    assert!(matches!(head, Ok(Head::Found { digest: None, .. })), "{head:?}");
}
