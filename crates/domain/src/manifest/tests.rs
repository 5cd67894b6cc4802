//! Documents as real builders write them, and as hostile ones might.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn digest(n: u8) -> String {
    format!("sha256:{}", hex::encode([n; 32]))
}

fn read(value: &Value, media_type: &str) -> Document {
    Document::parse(value.to_string().as_bytes(), media_type)
}

fn layer(n: u8, media_type: &str, size: u64) -> Value {
    json!({"mediaType": media_type, "digest": digest(n), "size": size})
}

fn manifest(config: &str, layers: &[Value]) -> Value {
    json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": layer(1, config, 100), "layers": layers})
}

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

fn multi_arch() -> Value {
    let entry = |n: u8, os: &str, architecture: &str, variant: Option<&str>| {
        json!({"mediaType": OCI_MANIFEST, "digest": digest(n), "size": 500,
            "platform": {"os": os, "architecture": architecture, "variant": variant}})
    };
    let mut attestation = entry(9, "unknown", "unknown", None);
    attestation["annotations"] =
        json!({"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest(2)});
    json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
        entry(2, "linux", "amd64", None), entry(3, "linux", "arm64", Some("v8")), entry(4, "linux", "arm", Some("v7")), attestation,
    ]})
}

#[test]
fn an_image_is_read_with_config_layers_and_sums() {
    let document =
        read(&manifest(CONFIG, &[layer(2, LAYER, 10), layer(3, LAYER, 20), layer(2, LAYER, 10)]), OCI_MANIFEST);
    let Document::Image(image) = &document else { panic!("an image, not {document:?}") };
    assert_eq!(image.layers.len(), 3);
    assert_eq!(image.layers_size(), 30, "a layer that occurs twice is moved once");
    assert_eq!(image.size(), 130);
    assert_eq!(image.layers[0].packing(), Some("gzip"));
    assert!(document.image_config().is_some());
    assert!(document.notes().is_empty());
}

#[test]
fn without_media_type_the_content_decides() {
    let mut image = manifest(CONFIG, &[layer(2, LAYER, 10)]);
    image.as_object_mut().expect("an object").remove("mediaType");
    assert_eq!(read(&image, "application/json").media_type(), OCI_MANIFEST);
    assert_eq!(read(&image, &format!("{DOCKER_MANIFEST}; charset=utf-8")).media_type(), DOCKER_MANIFEST);
    let mut index = multi_arch();
    index.as_object_mut().expect("an object").remove("mediaType");
    assert_eq!(read(&index, "").kind(), Kind::Index);
}

#[test]
fn a_header_that_contradicts_the_content_is_noted_and_not_believed() {
    let document = read(&multi_arch(), OCI_MANIFEST);
    assert_eq!(document.kind(), Kind::Index);
    assert!(document.notes()[0].contains("served as"), "{:?}", document.notes());
}

#[test]
fn entries_of_an_index_are_named_and_attestations_are_never_unknown() {
    let document = read(&multi_arch(), OCI_INDEX);
    let index = document.index().expect("an index");
    let names: Vec<_> = index.children().into_iter().map(|child| child.name).collect();
    assert_eq!(names, ["linux/amd64", "linux/arm64", "linux/arm/v7", "attestation for linux/amd64"]);
    assert_eq!(index.images().count(), 3);
    assert!(index.is_attestation(&digest(9).parse().expect("a digest")));
    assert!(!index.is_attestation(&digest(2).parse().expect("a digest")));
}

#[test]
fn windows_versions_are_told_apart() {
    let entry = |n: u8, version: &str| {
        json!({"mediaType": OCI_MANIFEST, "digest": digest(n), "size": 5,
            "platform": {"os": "windows", "architecture": "amd64", "os.version": version}})
    };
    let document = read(&json!({"manifests": [entry(2, "10.0.17763.1"), entry(3, "10.0.20348.2")]}), OCI_INDEX);
    let index = document.index().expect("an index");
    let names: Vec<_> = index.children().into_iter().map(|child| child.name).collect();
    assert_eq!(names, ["windows/amd64 10.0.17763.1", "windows/amd64 10.0.20348.2"]);
}

#[test]
fn an_unnamed_entry_without_annotation_is_not_shown_as_unknown_either() {
    let entry = json!({"mediaType": OCI_MANIFEST, "digest": digest(2), "size": 5,
        "platform": {"os": "unknown", "architecture": "unknown"}});
    let document = read(&json!({"manifests": [entry]}), OCI_INDEX);
    assert_eq!(document.index().expect("an index").children()[0].name, "no platform named");
}

#[test]
fn every_well_known_artifact_is_recognised() {
    let artifact = |kind: &str, layers: &[Value]| {
        let mut value = manifest(EMPTY, layers);
        value["artifactType"] = json!(kind);
        value
    };
    let bundle = |content: &str, predicate: &str| {
        let mut value = artifact("application/vnd.dev.sigstore.bundle.v0.3+json", &[]);
        value["annotations"] =
            json!({"dev.sigstore.bundle.content": content, "dev.sigstore.bundle.predicateType": predicate});
        value
    };
    let cosign = "application/vnd.dev.cosign.simplesigning.v1+json";
    let cache = "application/vnd.buildkit.cacheconfig.v0";
    let cases = [
        (
            manifest(
                "application/vnd.cncf.helm.config.v1+json",
                &[layer(2, "application/vnd.cncf.helm.chart.content.v1.tar+gzip", 9)],
            ),
            Kind::HelmChart,
        ),
        (manifest(CONFIG, &[layer(2, cosign, 9)]), Kind::Signature),
        (manifest(CONFIG, &[layer(2, "application/vnd.dsse.envelope.v1+json", 9)]), Kind::Attestation),
        (
            manifest(
                CONFIG,
                &[layer(2, "application/vnd.in-toto+json", 9), layer(3, "application/vnd.in-toto+json", 9)],
            ),
            Kind::Attestation,
        ),
        (manifest(CONFIG, &[layer(2, "text/spdx+json", 9)]), Kind::Sbom),
        (manifest(cache, &[layer(2, LAYER, 9)]), Kind::BuildCache),
        (json!({"manifests": [layer(2, LAYER, 9), layer(3, cache, 9)]}), Kind::BuildCache),
        (artifact("application/vnd.cncf.notary.signature", &[layer(2, "application/jose+json", 9)]), Kind::Signature),
        (artifact("application/vnd.cyclonedx+json", &[layer(2, "application/json", 9)]), Kind::Sbom),
        (bundle("message-signature", ""), Kind::Signature),
        (bundle("dsse-envelope", "https://sigstore.dev/cosign/sign/v1"), Kind::Signature),
        (bundle("dsse-envelope", "https://slsa.dev/provenance/v1"), Kind::Attestation),
        (bundle("dsse-envelope", "https://spdx.dev/Document"), Kind::Sbom),
        (manifest("application/vnd.wasm.config.v0+json", &[layer(2, "application/wasm", 9)]), Kind::Artifact),
        (artifact("application/vnd.example.thing", &[layer(2, "text/plain", 9)]), Kind::Artifact),
        (manifest(EMPTY, &[layer(2, "text/plain", 9)]), Kind::Artifact),
        (
            json!({"mediaType": OCI_ARTIFACT, "artifactType": "application/vnd.x", "blobs": [layer(2, "text/plain", 9)]}),
            Kind::Artifact,
        ),
        (manifest(CONFIG, &[]), Kind::Image),
        (
            manifest(
                "application/vnd.docker.container.image.v1+json",
                &[layer(2, "application/vnd.docker.image.rootfs.diff.tar.gzip", 9)],
            ),
            Kind::Image,
        ),
    ];
    for (value, kind) in cases {
        assert_eq!(read(&value, "").kind(), kind, "{value}");
    }
    assert_eq!(artifact_name("application/vnd.wasm.config.v0+json"), Some("WebAssembly module"));
}

#[test]
fn the_placeholder_type_says_nothing_about_an_artifact() {
    let mut value = manifest(EMPTY, &[]);
    value["artifactType"] = json!(EMPTY);
    assert_eq!(read(&value, "").artifact_type(), None);
}

#[test]
fn schema_1_is_read_with_its_layers_base_first() {
    let newest = json!({"os": "linux", "architecture": "amd64", "created": "2019-06-01T00:00:00Z",
        "config": {"Cmd": ["sh"]}, "container_config": {"Cmd": ["/bin/sh", "-c", "make"]}});
    let oldest = json!({"container_config": {"Cmd": ["/bin/sh", "-c", "#(nop) ADD file:x in /"]}});
    let value = json!({"schemaVersion": 1, "name": "old", "tag": "1", "architecture": "amd64",
        "fsLayers": [{"blobSum": digest(2)}, {"blobSum": digest(1)}],
        "history": [{"v1Compatibility": newest.to_string()}, {"v1Compatibility": oldest.to_string()}], "signatures": []});
    let document = read(&value, SCHEMA1_SIGNED);
    let Document::Schema1(schema1) = &document else { panic!("schema 1, not {document:?}") };
    assert_eq!(schema1.layers.iter().map(ToString::to_string).collect::<Vec<_>>(), [digest(1), digest(2)]);
    let config = schema1.config.as_ref().expect("a config");
    assert_eq!(config.cmd.as_deref(), Some(&["sh".to_owned()][..]));
    assert_eq!(config.history[1].created_by, "/bin/sh -c make");
    assert_eq!(schema1.created().map(crate::Timestamp::rfc3339).as_deref(), Some("2019-06-01T00:00:00Z"));
}

#[test]
fn entries_without_a_valid_digest_are_left_out_and_noted() {
    let value = manifest(CONFIG, &[json!({"digest": "sha256:short", "size": 1}), layer(2, LAYER, 5), json!(7)]);
    let document = read(&value, "");
    assert_eq!(document.layers().len(), 1);
    assert!(document.notes()[0].starts_with("2 of 3"), "{:?}", document.notes());
}

#[test]
fn sizes_that_make_no_sense_count_as_not_told() {
    for size in [json!(-1), json!(u64::MAX), json!("9"), json!(1.5), json!(null)] {
        let document = read(&manifest(CONFIG, &[json!({"mediaType": LAYER, "digest": digest(2), "size": size})]), "");
        assert_eq!(document.layers()[0].size, 0);
        assert_eq!(document.notes().len(), 1);
    }
}

#[test]
fn a_huge_list_is_cut_with_a_note() {
    let layers: Vec<_> = (0..6_000).map(|_| layer(2, LAYER, 1)).collect();
    let document = read(&manifest(CONFIG, &layers), "");
    assert_eq!(document.layers().len(), 5_000);
    assert!(document.notes()[0].contains("6000 entries"), "{:?}", document.notes());
}

#[test]
fn what_can_not_be_read_says_why() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (bytes, word) in
        [("", "JSON"), ("<html>", "JSON"), ("[]", "object"), ("{}", "neither"), (deep.as_str(), "JSON")]
    {
        let document = Document::parse(bytes.as_bytes(), "text/html");
        assert_eq!(document.kind(), Kind::Unknown);
        assert!(document.notes()[0].contains(word), "{:?}", document.notes());
    }
    assert_eq!(Document::parse(b"{}", OCI_INDEX).kind(), Kind::Index, "an empty index is still an index");
}

/// JSON that looks like a manifest here and there.
fn odd_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<u8>().prop_map(|n| Value::from(digest(n))),
        "\\PC{0,12}".prop_map(Value::from),
        proptest::sample::select(vec![
            OCI_MANIFEST,
            OCI_INDEX,
            OCI_ARTIFACT,
            SCHEMA1,
            DOCKER_LIST,
            CONFIG,
            LAYER,
            EMPTY
        ])
        .prop_map(Value::from),
    ];
    let keys = proptest::sample::select(vec![
        "mediaType",
        "digest",
        "size",
        "config",
        "layers",
        "manifests",
        "blobs",
        "fsLayers",
        "blobSum",
        "history",
        "v1Compatibility",
        "annotations",
        "platform",
        "os",
        "architecture",
        "variant",
        "subject",
        "artifactType",
        "urls",
        "vnd.docker.reference.type",
        "Labels",
        "Env",
        "Healthcheck",
        "rootfs",
        "diff_ids",
        "ExposedPorts",
        "created",
    ]);
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((keys.clone(), inner), 0..8).prop_map(|pairs| Value::Object(
                pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_reading_panic(value in odd_json(), header in "\\PC{0,20}") {
        let document = read(&value, &header);
        let config = crate::config::Config::parse(value.to_string().as_bytes()).ok();
        let summary = crate::summary::summarize(&document, config.as_ref(), &[]);
        prop_assert_eq!(summary.kind, document.kind());
        if let Some(index) = document.index() {
            prop_assert!(index.children().iter().all(|child| !child.name.contains("unknown/unknown")));
        }
        let again: Document = serde_json::from_str(&serde_json::to_string(&document)?)?;
        prop_assert_eq!(again, document);
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::parse(&bytes, OCI_MANIFEST).kind();
    }
}
