//! Which kind of thing a manifest is, by its artifact type, its config's and its layers' media types.

use super::{Descriptor, ImageManifest, IndexManifest};
use crate::Kind;

const BUILDKIT_CACHE: &str = "application/vnd.buildkit.cacheconfig.v0";

/// Is it OCI's placeholder for "no content", which says nothing about an artifact's type?
pub fn is_empty_type(media_type: &str) -> bool {
    matches!(media_type, "" | "application/vnd.oci.empty.v1+json")
}

pub(super) fn is_image_config(media_type: &str) -> bool {
    matches!(media_type, "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json")
}

fn is_image_layer(layer: &Descriptor) -> bool {
    let kind = layer.media_type.as_str();
    kind.starts_with("application/vnd.oci.image.layer.") || kind.starts_with("application/vnd.docker.image.rootfs.")
}

/// What a media or artifact type alone says. The order matters: an attestation may carry an SBOM.
fn by_type(kind: &str) -> Option<Kind> {
    let has = |part: &str| kind.contains(part);
    match kind {
        BUILDKIT_CACHE => Some(Kind::BuildCache),
        _ if has("vnd.cncf.helm.") => Some(Kind::HelmChart),
        _ if has("vnd.cncf.notary.signature") || has("cosign.artifact.sig") || has("simplesigning") => {
            Some(Kind::Signature)
        }
        _ if has("cosign.artifact.sbom") || has("spdx") || has("cyclonedx") || has("vnd.syft") => Some(Kind::Sbom),
        _ if has("in-toto") || has("dsse.envelope") || has("cosign.artifact.att") => Some(Kind::Attestation),
        _ => None,
    }
}

/// Sigstore's bundle tells in annotations what is in it.
fn bundle(annotations: &[(String, String)]) -> Kind {
    let value = |key: &str| annotations.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value.as_str());
    let predicate = value("dev.sigstore.bundle.predicateType");
    match value("dev.sigstore.bundle.content") {
        "dsse-envelope" if predicate.contains("/cosign/sign/") => Kind::Signature,
        "dsse-envelope" if predicate.contains("spdx") || predicate.contains("cyclonedx") => Kind::Sbom,
        "dsse-envelope" => Kind::Attestation,
        _ => Kind::Signature,
    }
}

pub(super) fn manifest(manifest: &ImageManifest) -> Kind {
    let artifact = manifest.artifact_type.as_deref().unwrap_or_default();
    let config = manifest.config.as_ref().map_or("", |config| config.media_type.as_str());
    if artifact.contains("vnd.dev.sigstore.bundle") {
        return bundle(&manifest.annotations);
    }
    if let Some(kind) = by_type(artifact).or_else(|| by_type(config)) {
        return kind;
    }
    // Cosign and BuildKit wrap what they make in an image's clothes; only the layers tell.
    let layers = &manifest.layers;
    if let Some(kind) = layers.first().and_then(|first| by_type(&first.media_type))
        && layers.iter().all(|layer| !is_image_layer(layer))
    {
        return kind;
    }
    if layers.first().is_some_and(|first| first.media_type.contains("vnd.dev.sigstore.bundle")) {
        return bundle(&manifest.annotations);
    }
    let dressed = layers.iter().all(is_image_layer);
    match (is_image_config(config), artifact.is_empty()) {
        (true, true) => Kind::Image,
        (true, false) if dressed && !layers.is_empty() => Kind::Image,
        // Some builders leave the config's media type out.
        (false, true) if config.is_empty() && dressed && manifest.config.is_some() => Kind::Image,
        _ => Kind::Artifact,
    }
}

pub(super) fn index(index: &IndexManifest) -> Kind {
    if index.manifests.iter().any(|entry| entry.media_type == BUILDKIT_CACHE) {
        return Kind::BuildCache;
    }
    index.artifact_type.as_deref().and_then(by_type).unwrap_or(Kind::Index)
}

/// A short name for an artifact's type (`artifactType` or the config's media type), where it is known.
pub fn artifact_name(media_type: &str) -> Option<&'static str> {
    let has = |part: &str| media_type.contains(part);
    Some(match media_type {
        BUILDKIT_CACHE => "BuildKit cache",
        _ if has("vnd.cncf.helm.") => "helm chart",
        _ if has("vnd.cncf.notary.signature") => "notation signature",
        _ if has("vnd.dev.sigstore.bundle") => "sigstore bundle",
        _ if has("cosign.artifact.sig") || has("simplesigning") => "cosign signature",
        _ if has("cyclonedx") => "CycloneDX SBOM",
        _ if has("spdx") => "SPDX SBOM",
        _ if has("vnd.syft") => "Syft SBOM",
        _ if has("cosign.artifact.sbom") => "SBOM",
        _ if has("in-toto") => "in-toto attestation",
        _ if has("dsse.envelope") => "DSSE attestation",
        _ if has("vnd.wasm.") || has("wasm.content") || has("application/wasm") => "WebAssembly module",
        _ if has("vnd.docker.plugin") => "Docker plugin",
        _ if has("vnd.ollama.") || has("vnd.docker.ai.") || has("vnd.cncf.model.") => "model",
        _ if has("vnd.cncf.flux.") => "Flux configuration",
        _ if has("vnd.sylabs.sif") => "Singularity image",
        _ if has("vnd.cncf.openpolicyagent.") => "Open Policy Agent bundle",
        _ if has("vnd.cncf.falco.") => "Falco rules",
        _ if has("devcontainers") => "development container feature",
        _ if has("vnd.aquasec.trivy.") => "Trivy database",
        _ if has("vnd.homebrew.") => "Homebrew bottle",
        _ if has("vnd.cnab.") => "CNAB bundle",
        _ if has("vnd.docker.compose") || has("compose.project") => "Compose project",
        _ if has("sarif") => "SARIF report",
        _ if is_image_config(media_type) => "image",
        _ => return None,
    })
}
