use super::*;
use crate::health::Check;
use crate::manifest::{OCI_INDEX, OCI_MANIFEST};
use proptest::prelude::*;
use serde_json::{Value, json};

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn digest(n: usize) -> String {
    format!("sha256:{n:064x}")
}

fn named(n: usize) -> Digest {
    digest(n).parse().expect("a digest")
}

fn blob(n: usize, media_type: &str, size: u64) -> Value {
    json!({"mediaType": media_type, "digest": digest(n), "size": size})
}

fn facts(document: &Value, config: Option<&Value>) -> Facts {
    let document = Document::parse(document.to_string().as_bytes(), OCI_MANIFEST);
    let config = config.map(|config| Config::parse(config.to_string().as_bytes()).expect("a configuration"));
    Facts::of(&document, config.as_ref(), Timestamp::parse("2026-11-21T12:00:00Z").expect("a time"))
}

fn image(layers: &[Value]) -> Value {
    json!({"schemaVersion": 2, "config": blob(0xc, CONFIG, 100), "layers": layers,
        "subject": blob(0x5, OCI_MANIFEST, 5),
        "annotations": {"org.opencontainers.image.base.name": "docker.io/library/debian:12",
            "org.opencontainers.image.base.digest": digest(0xb), "team": "web"}})
}

fn config() -> Value {
    json!({"os": "linux", "architecture": "arm64", "variant": "v8", "created": "2026-11-01T00:00:00Z",
        "config": {"User": "app", "Env": ["DB_PASSWORD=hunter2"],
            "Labels": {"maintainer": "x", "org.opencontainers.image.base.name": "y"}}})
}

#[test]
fn an_image_is_kept_with_all_that_lists_and_searches_ask_for() {
    let facts = facts(&image(&[blob(1, LAYER, 10), blob(2, LAYER, 20)]), Some(&config()));
    let blobs: Vec<_> = facts.blobs.iter().map(|blob| (blob.role, blob.position, blob.size)).collect();
    assert_eq!(blobs, [(BlobRole::Config, 0, 100), (BlobRole::Layer, 0, 10), (BlobRole::Layer, 1, 20)]);
    assert_eq!(facts.layers().next().map(|layer| layer.media_type.as_str()), Some(LAYER));
    assert_eq!(facts.subject, Some(named(0x5)));
    assert_eq!(facts.labels.len(), 2);
    assert_eq!(facts.annotations.len(), 3);
    let base = facts.base.expect("a base");
    assert_eq!(base.name.as_deref(), Some("docker.io/library/debian:12"), "annotations come before labels");
    assert_eq!((base.digest, base.from_labels), (Some(named(0xb)), false));
    assert_eq!((facts.os.as_deref(), facts.architecture.as_deref()), (Some("linux"), Some("arm64")));
    assert_eq!(facts.created.map(Timestamp::rfc3339).as_deref(), Some("2026-11-01T00:00:00Z"));
    assert_eq!(facts.user.as_deref(), Some("app"));
    assert_eq!(facts.findings, CheckSet::of(&[Check::SecretNames]));
}

#[test]
fn values_of_variables_are_nowhere() {
    let facts = facts(&image(&[blob(1, LAYER, 10)]), Some(&config()));
    let json = serde_json::to_string(&facts).expect("json");
    assert!(!json.contains("hunter2") && !json.contains("DB_PASSWORD"), "{json}");
}

#[test]
fn a_blob_that_is_named_twice_counts_once_at_its_first_place() {
    let layers =
        [blob(1, LAYER, 10), blob(2, LAYER, 20), blob(1, LAYER, 10), blob(0xc, LAYER, 100), blob(3, LAYER, 30)];
    let facts = facts(&image(&layers), None);
    let kept: Vec<_> = facts.layers().map(|layer| (layer.digest.clone(), layer.position)).collect();
    assert_eq!(kept, [(named(1), 0), (named(2), 1), (named(3), 4)]);
    assert_eq!(facts.blobs.len(), 4);
    assert_eq!(facts.findings, CheckSet::NONE, "without the configuration nothing is said about it");
}

#[test]
fn a_base_may_be_told_by_labels_and_is_then_the_configurations() {
    let plain = json!({"schemaVersion": 2, "config": blob(0xc, CONFIG, 100), "layers": []});
    let base = facts(&plain, Some(&config())).base.expect("a base");
    assert_eq!((base.name.as_deref(), base.digest, base.from_labels), (Some("y"), None, true));
    assert_eq!(facts(&plain, None).base, None);
}

#[test]
fn an_index_is_kept_with_the_platforms_of_its_children() {
    let entry = |n: usize, os: &str, architecture: &str| {
        let mut entry = blob(n, OCI_MANIFEST, 500);
        entry["platform"] = json!({"os": os, "architecture": architecture});
        entry
    };
    let mut attestation = entry(9, "unknown", "unknown");
    attestation["annotations"] =
        json!({"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest(2)});
    let entries = [
        entry(1, "linux", "amd64"),
        entry(2, "linux", "arm64"),
        attestation,
        entry(1, "linux", "386"),
        blob(7, "x/y", 1),
    ];
    let facts = facts(&json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}), None);
    let children: Vec<_> =
        facts.children.iter().map(|child| (child.role, child.platform.as_deref(), child.size)).collect();
    let expected = [
        (ChildRole::Platform, Some("linux/amd64"), 500),
        (ChildRole::Platform, Some("linux/arm64"), 500),
        (ChildRole::Attestation, Some("linux/arm64"), 500),
        (ChildRole::Other, None, 1),
    ];
    assert_eq!(children, expected);
    assert!(facts.blobs.is_empty());
}

#[test]
fn the_time_is_the_one_that_the_summary_shows() {
    let annotated = json!({"org.opencontainers.image.created": "2025-01-01T00:00:00Z"});
    let of = |media_type: &str, config: &Value| {
        let document = json!({"config": blob(0xc, media_type, 2), "layers": [], "annotations": annotated});
        let document = Document::parse(document.to_string().as_bytes(), OCI_MANIFEST);
        let config = Config::parse(config.to_string().as_bytes()).expect("a configuration");
        let summary = crate::summary::summarize(&document, Some(&config), &[]);
        (Facts::of(&document, Some(&config), Timestamp(0)).created, summary.created)
    };
    for media_type in [CONFIG, "application/vnd.cncf.helm.config.v1+json"] {
        for config in [config(), json!({})] {
            let (kept, shown) = of(media_type, &config);
            assert!(kept.is_some() && kept == shown, "{media_type}: {kept:?} and {shown:?}");
        }
    }
}

#[test]
fn schema_1_is_kept_with_its_layers_and_its_own_configuration() {
    let layers: Vec<_> = [2, 1, 2].iter().map(|n| json!({"blobSum": digest(*n)})).collect();
    let document =
        json!({"schemaVersion": 1, "fsLayers": layers, "history": [{"v1Compatibility": config().to_string()}]});
    let facts = facts(&document, None);
    let kept: Vec<_> = facts.blobs.iter().map(|blob| (blob.digest.clone(), blob.size, blob.position)).collect();
    assert_eq!(kept, [(named(2), 0, 0), (named(1), 0, 1)]);
    assert_eq!((facts.os.as_deref(), facts.labels.len()), (Some("linux"), 2));
    assert!(facts.findings.contains(Check::Schema1) && facts.findings.contains(Check::SecretNames));
}

#[test]
fn labels_and_annotations_are_bounded() {
    let mut labels = serde_json::Map::new();
    labels.insert("k".repeat(KEY_BYTES), json!("é".repeat(VALUE_BYTES)));
    labels.insert("k".repeat(KEY_BYTES + 1), json!("left out"));
    labels.insert(String::new(), json!("left out"));
    labels.insert("nul\0".to_owned(), json!("left out"));
    labels.insert("nul".to_owned(), json!("\0".repeat(VALUE_BYTES)));
    labels.extend((0..300).map(|n| (format!("n{n}"), json!("v"))));
    let facts = facts(&image(&[]), Some(&json!({"config": {"Labels": labels}})));
    assert_eq!(facts.labels.len(), MOST_PAIRS);
    assert_eq!(facts.labels[0].1, "é".repeat(VALUE_BYTES / 2));
    assert_eq!(facts.labels[1], ("nul".to_owned(), "\u{fffd}".repeat(VALUE_BYTES / 3)));
    assert_eq!(facts.labels[2].0, "n0");
}

proptest! {
    #[test]
    fn whatever_the_document_holds_the_facts_are_bounded_and_each_told_once(
        layers in proptest::collection::vec((0_usize..6, any::<u64>(), "\\PC{0,300}"), 0..30),
        labels in proptest::collection::hash_map(".{0,300}", ".{0,1200}", 0..5),
        os in ".{0,300}",
        index in any::<bool>(),
    ) {
        let entries: Vec<_> = layers.iter().map(|(n, size, kind)| {
            let mut entry = blob(*n, kind, *size);
            entry["platform"] = json!({"os": os, "architecture": kind});
            entry
        }).collect();
        let key = if index { "manifests" } else { "layers" };
        let document = json!({"config": blob(1, CONFIG, 1), key: entries, "annotations": labels});
        let facts = facts(&document, Some(&json!({"os": os, "config": {"Labels": labels, "User": os}})));
        let mut seen = std::collections::HashSet::new();
        prop_assert!(facts.blobs.iter().all(|blob| seen.insert(&blob.digest) && blob.media_type.len() <= WORD_BYTES));
        seen.clear();
        prop_assert!(facts.children.iter().all(|child| seen.insert(&child.digest)));
        let platforms = facts.children.iter().filter_map(|child| child.platform.as_ref());
        prop_assert!(platforms.chain(&facts.os).chain(&facts.user).all(|word| word.len() <= WORD_BYTES));
        for (key, value) in facts.labels.iter().chain(&facts.annotations) {
            prop_assert!((1..=KEY_BYTES).contains(&key.len()) && value.len() <= VALUE_BYTES);
            prop_assert!(!key.contains('\0') && !value.contains('\0'));
        }
    }
}
