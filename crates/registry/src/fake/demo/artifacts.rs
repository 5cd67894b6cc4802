//! What is no image: attestations, charts, signatures, SBOMs, a module, a build cache.

use super::{Filler, SIGNED, Stored, image::Platform};
use domain::{
    Digest,
    manifest::{OCI_INDEX, OCI_MANIFEST},
};
use serde_json::{Value, json};

/// The digest and bytes of OCI's empty configuration.
const EMPTY_CONFIG: &str = "{}";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";

impl Filler<'_> {
    /// BuildKit's attestation about an image of an index: provenance, as an image for `unknown/unknown`.
    pub(super) fn attestation(&self, repository: &str, platform: Platform, about: &Stored) -> Value {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2",
            "subject": [{"name": format!("pkg:docker/{repository}?platform={}", platform.architecture), "digest": {"sha256": about.digest.encoded()}}],
            "predicate": {"builder": {"id": "https://ci.example.com/runners/7"}, "buildType": "https://mobyproject.org/buildkit@v1"},
        });
        let mut layer = self.blob(repository, "application/vnd.in-toto+json", statement.to_string());
        layer["annotations"] = json!({"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"});
        let diff_id = layer["digest"].clone();
        let config = json!({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers", "diff_ids": [diff_id]}});
        let config = self.blob(repository, "application/vnd.oci.image.config.v1+json", config.to_string());
        let manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer]});
        let stored = self.store(repository, OCI_MANIFEST, &manifest);
        json!({
            "mediaType": stored.media_type, "digest": stored.digest, "size": stored.size,
            "annotations": {"vnd.docker.reference.digest": about.digest, "vnd.docker.reference.type": "attestation-manifest"},
            "platform": {"architecture": "unknown", "os": "unknown"},
        })
    }

    /// An artifact with OCI's empty configuration; with a subject it is a referrer.
    fn artifact(
        &self,
        repository: &str,
        kind: &str,
        layers: &[Value],
        subject: Option<&Value>,
        annotations: &Value,
    ) -> Stored {
        let config = self.blob(repository, EMPTY_TYPE, EMPTY_CONFIG);
        let mut manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": kind, "config": config, "layers": layers, "annotations": annotations});
        if let Some(subject) = subject {
            manifest["subject"] = subject.clone();
        }
        self.store(repository, OCI_MANIFEST, &manifest)
    }
}

pub(super) fn fill(filler: &mut Filler<'_>) {
    chart(
        filler,
        "charts/storefront",
        "storefront",
        &[("4.16.1", "4.16.1", 40), ("4.18.0", "4.18.0", 11), ("4.18.2", "4.18.2", 3)],
    );
    chart(filler, "charts/gateway", "gateway", &[("0.7.0", "1.9.1", 20), ("0.8.0", "1.9.2", 1)]);
    signature_and_sbom(filler);
    let created = filler.ago(14, 0).rfc3339();
    let module = filler.layer("header-filter.wasm", 18_000);
    let layer = filler.blob(
        "artifacts/envoy/header-filter",
        "application/vnd.module.wasm.content.layer.v1+wasm",
        module.bytes.clone(),
    );
    let stored = filler.artifact(
        "artifacts/envoy/header-filter",
        "application/vnd.module.wasm.config.v1+json",
        &[layer],
        None,
        &json!({"org.opencontainers.image.created": created}),
    );
    filler.tag("artifacts/envoy/header-filter", &["v0.3.0"], &stored);
    build_cache(filler);
}

/// A helm chart as `helm push` writes it.
fn chart(filler: &mut Filler<'_>, repository: &str, name: &str, versions: &[(&str, &str, i64)]) {
    for (version, app, days) in versions {
        let meta = json!({
            "name": name, "version": version, "appVersion": app, "apiVersion": "v2", "type": "application",
            "description": format!("Deploys {name} to Kubernetes"), "home": format!("https://{name}.example.com/"), "kubeVersion": ">=1.28.0-0",
            "keywords": ["shop", name], "maintainers": [{"name": "Platform team", "email": "platform@example.com"}],
            "sources": [format!("https://git.example.com/charts/{name}")],
        });
        let config = filler.blob(repository, "application/vnd.cncf.helm.config.v1+json", meta.to_string());
        let content = filler.layer(&format!("{name}-{version}.tgz"), 7_000);
        let layer = filler.blob(repository, "application/vnd.cncf.helm.chart.content.v1.tar+gzip", content.bytes);
        let annotations = json!({
            "org.opencontainers.image.title": name, "org.opencontainers.image.version": version,
            "org.opencontainers.image.description": format!("Deploys {name} to Kubernetes"),
            "org.opencontainers.image.created": filler.ago(*days, 1).rfc3339(),
        });
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": [layer], "annotations": annotations});
        let stored = filler.store(repository, OCI_MANIFEST, &manifest);
        filler.tag(repository, &[version], &stored);
    }
}

/// A cosign signature and attestation under their tags, and an SBOM as a referrer in the fallback tag.
fn signature_and_sbom(filler: &mut Filler<'_>) {
    let state = filler.fake.inner.state();
    let Some((digest, manifest)) = state.repositories.get(SIGNED).and_then(|held| held.find("1.9.2")) else { return };
    drop(state);
    let subject = json!({"mediaType": manifest.media_type, "digest": digest, "size": manifest.bytes.len()});
    let tag = |suffix: &str| format!("sha256-{}{suffix}", digest.encoded());

    let payload = json!({
        "critical": {"identity": {"docker-reference": SIGNED}, "image": {"docker-manifest-digest": digest}, "type": "cosign container image signature"},
        "optional": null,
    });
    let mut layer = filler.blob(SIGNED, "application/vnd.dev.cosign.simplesigning.v1+json", payload.to_string());
    layer["annotations"] = json!({"dev.cosignproject.cosign/signature": "MEUCIQDexampleexampleexampleexampleexampleexampleexampleAiBexampleexample="});
    cosign(filler, &layer, &tag(".sig"));

    let envelope = json!({"payloadType": "application/vnd.in-toto+json", "payload": "e30=", "signatures": [{"keyid": "", "sig": "MEQCIExample=="}]});
    let mut layer = filler.blob(SIGNED, "application/vnd.dsse.envelope.v1+json", envelope.to_string());
    layer["annotations"] =
        json!({"dev.cosignproject.cosign/signature": "", "predicateType": "https://slsa.dev/provenance/v1"});
    cosign(filler, &layer, &tag(".att"));

    let sbom = sbom(&digest);
    let created = filler.ago(1, 3).rfc3339();
    let annotations = json!({"org.opencontainers.image.created": created});
    let layer = filler.blob(SIGNED, "application/vnd.cyclonedx+json", sbom.to_string());
    let stored = filler.artifact(SIGNED, "application/vnd.cyclonedx+json", &[layer], Some(&subject), &annotations);
    let entry = json!({
        "mediaType": stored.media_type, "digest": stored.digest, "size": stored.size, "artifactType": "application/vnd.cyclonedx+json", "annotations": annotations,
    });
    let index =
        filler.store(SIGNED, OCI_INDEX, &json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}));
    filler.tag(SIGNED, &[&tag("")], &index);
}

/// A manifest as cosign 2 writes it.
fn cosign(filler: &Filler<'_>, layer: &Value, tag: &str) {
    let config = json!({"architecture": "", "created": "0001-01-01T00:00:00Z", "history": [{"created": "0001-01-01T00:00:00Z"}], "os": "", "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}, "config": {}});
    let config = filler.blob(SIGNED, "application/vnd.oci.image.config.v1+json", config.to_string());
    let stored = filler.store(
        SIGNED,
        OCI_MANIFEST,
        &json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer]}),
    );
    filler.tag(SIGNED, &[tag], &stored);
}

fn sbom(digest: &Digest) -> Value {
    let package = |name: &str, version: &str| json!({"type": "library", "name": name, "version": version, "purl": format!("pkg:deb/debian/{name}@{version}?arch=amd64&distro=debian-12.12")});
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "container", "name": SIGNED, "version": digest}},
        "components": [package("libssl3", "3.0.17-1~deb12u2"), package("zlib1g", "1:1.2.13.dfsg-1"), package("tzdata", "2025b-0+deb12u2")],
    })
}

/// A cache as BuildKit exports it (`type=registry,mode=max`).
fn build_cache(filler: &mut Filler<'_>) {
    let repository = "buildcache/storefront-web";
    let config = filler.blob(
        repository,
        "application/vnd.buildkit.cacheconfig.v0",
        json!({"layers": [{"blob": "x", "parent": -1}], "records": []}).to_string(),
    );
    let mut layers = Vec::new();
    for part in 0..4 {
        let layer = filler.layer(&format!("cache {part}"), 9_000 + part * 4_000);
        layers.push(filler.blob(repository, "application/vnd.oci.image.layer.v1.tar+gzip", layer.bytes));
    }
    let manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers});
    let stored = filler.store(repository, OCI_MANIFEST, &manifest);
    filler.tag(repository, &["main"], &stored);
}
