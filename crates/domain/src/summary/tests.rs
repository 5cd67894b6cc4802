use super::*;
use serde_json::json;

fn child(kind: Kind, size: u64, created: Option<i64>, platform: &str) -> Summary {
    Summary {
        kind,
        media_type: crate::manifest::OCI_MANIFEST.to_owned(),
        artifact_type: None,
        platforms: if platform.is_empty() { vec![] } else { vec![platform.to_owned()] },
        size,
        created: created.map(Timestamp),
        subject: None,
    }
}

fn read(value: &serde_json::Value) -> Document {
    Document::parse(value.to_string().as_bytes(), "")
}

fn digest(n: u8) -> String {
    format!("sha256:{}", hex::encode([n; 32]))
}

#[test]
fn an_index_is_the_sum_of_its_images_without_attestations() {
    let entry = |n: u8, os: &str, architecture: &str| json!({"digest": digest(n), "size": 1, "platform": {"os": os, "architecture": architecture}});
    let mut attestation = entry(3, "unknown", "unknown");
    attestation["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let index = read(&json!({"manifests": [entry(1, "linux", "amd64"), entry(2, "linux", "arm64"), attestation]}));
    let children = [
        child(Kind::Image, 100, Some(5), "linux/amd64"),
        child(Kind::Image, 200, Some(9), "linux/arm64"),
        child(Kind::Attestation, 7, Some(50), ""),
    ];
    let summary = summarize(&index, None, &children);
    assert_eq!(summary.size, 300);
    assert_eq!(summary.created, Some(Timestamp(9)), "of the newest image, not of an attestation");
    assert_eq!(summary.platforms, ["linux/amd64", "linux/arm64"]);
}

#[test]
fn platforms_that_the_index_does_not_name_come_from_its_children() {
    let index = read(&json!({"manifests": [{"digest": digest(1), "size": 1}]}));
    assert_eq!(summarize(&index, None, &[child(Kind::Image, 1, None, "linux/s390x")]).platforms, ["linux/s390x"]);
}

#[test]
fn an_image_takes_platform_and_date_from_its_config() {
    let image = read(
        &json!({"config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(1), "size": 10},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(2), "size": 90}],
        "annotations": {"org.opencontainers.image.created": "2020-01-01T00:00:00Z"}, "subject": {"digest": digest(4), "size": 3}}),
    );
    let config =
        Config::parse(br#"{"os":"linux","architecture":"amd64","created":"2021-01-01T00:00:00Z"}"#).expect("a config");
    let summary = summarize(&image, Some(&config), &[]);
    assert_eq!((summary.kind, summary.size), (Kind::Image, 100));
    assert_eq!(summary.platforms, ["linux/amd64"]);
    assert_eq!(summary.created, config.created);
    assert_eq!(summary.subject.map(String::from), Some(digest(4)));
    let without = summarize(&image, None, &[]);
    assert_eq!(without.created.map(Timestamp::rfc3339).as_deref(), Some("2020-01-01T00:00:00Z"));
    assert!(without.platforms.is_empty());
}

#[test]
fn an_old_artifact_is_typed_by_its_config() {
    let helm = "application/vnd.cncf.helm.config.v1+json";
    let chart = read(&json!({"config": {"mediaType": helm, "digest": digest(1), "size": 10}, "layers": []}));
    assert_eq!(summarize(&chart, None, &[]).artifact_type.as_deref(), Some(helm));
}

#[test]
fn sums_stay_within_what_the_database_can_count() {
    let children = vec![child(Kind::Image, i64::MAX.unsigned_abs(), None, ""); 3];
    assert_eq!(summarize(&read(&json!({"manifests": []})), None, &children).size, i64::MAX.unsigned_abs());
}

#[test]
fn an_unreadable_document_is_summed_up_too() {
    assert_eq!(summarize(&Document::parse(b"?", "text/html"), None, &[]).media_type, "text/html");
}
