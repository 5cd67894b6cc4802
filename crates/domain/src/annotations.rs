//! Labels and annotations: what the well-known keys mean, and which values may become links.

use serde::{Deserialize, Serialize};
use url::Url;

/// When it was built (RFC 3339).
pub const CREATED: &str = "org.opencontainers.image.created";
/// The image it is built on, by name.
pub const BASE_NAME: &str = "org.opencontainers.image.base.name";
/// The image it is built on, by digest.
pub const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

/// A label or annotation, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The key as it is written.
    pub key: String,
    /// What it means, if it is known: `Revision`.
    pub label: Option<String>,
    /// The value as it is written.
    pub value: String,
    /// The value as a link, if it is a safe one.
    pub link: Option<String>,
}

/// Explains pairs, those whose keys are known first, otherwise in their order.
pub fn explain(pairs: &[(String, String)]) -> Vec<Explained> {
    let mut rows: Vec<Explained> = pairs
        .iter()
        .map(|(key, value)| Explained {
            key: key.clone(),
            label: label(key).map(str::to_owned),
            value: value.clone(),
            link: safe_link(value),
        })
        .collect();
    rows.sort_by_key(|row| row.label.is_none());
    rows
}

/// What a well-known key means, in a word or two.
pub fn label(key: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| *known == key).map(|(_, label)| *label)
}

/// The text as a link, if it is an `http` or `https` address without user, password and characters that hide what it is.
pub fn safe_link(text: &str) -> Option<String> {
    let text = text.trim();
    let hides = |c: char| c.is_whitespace() || c == '\\' || crate::text::is_hidden(c);
    if text.len() > 2_048 || text.chars().any(hides) {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") || rest.starts_with('/') {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.host_str().is_some_and(|h| !h.is_empty());
    plain.then(|| url.into())
}

const KNOWN: &[(&str, &str)] = &[
    ("org.opencontainers.image.title", "Title"),
    ("org.opencontainers.image.description", "Description"),
    ("org.opencontainers.image.version", "Version"),
    ("org.opencontainers.image.revision", "Revision"),
    ("org.opencontainers.image.source", "Source"),
    ("org.opencontainers.image.url", "Home page"),
    ("org.opencontainers.image.documentation", "Documentation"),
    (CREATED, "Created"),
    ("org.opencontainers.image.authors", "Authors"),
    ("org.opencontainers.image.vendor", "Vendor"),
    ("org.opencontainers.image.licenses", "Licences"),
    ("org.opencontainers.image.ref.name", "Reference"),
    (BASE_NAME, "Base image"),
    (BASE_DIGEST, "Base digest"),
    ("org.opencontainers.artifact.created", "Created"),
    ("org.opencontainers.artifact.description", "Description"),
    ("org.opencontainers.referrers.filtersApplied", "Filters applied"),
    ("org.label-schema.name", "Title"),
    ("org.label-schema.description", "Description"),
    ("org.label-schema.version", "Version"),
    ("org.label-schema.vcs-ref", "Revision"),
    ("org.label-schema.vcs-url", "Source"),
    ("org.label-schema.url", "Home page"),
    ("org.label-schema.usage", "Documentation"),
    ("org.label-schema.build-date", "Created"),
    ("org.label-schema.vendor", "Vendor"),
    ("org.label-schema.license", "Licences"),
    ("maintainer", "Maintainer"),
    ("io.artifacthub.package.readme-url", "Read me"),
    ("io.artifacthub.package.logo-url", "Logo"),
    ("io.artifacthub.package.license", "Licences"),
    ("io.artifacthub.package.keywords", "Keywords"),
    ("io.artifacthub.package.category", "Category"),
    ("io.artifacthub.package.maintainers", "Maintainers"),
    ("io.artifacthub.package.deprecated", "Deprecated"),
    ("io.artifacthub.package.prerelease", "Prerelease"),
    ("io.artifacthub.package.contains-security-updates", "Security updates"),
    ("vnd.docker.reference.type", "Entry is"),
    ("vnd.docker.reference.digest", "Entry is about"),
    ("in-toto.io/predicate-type", "Predicate"),
    ("predicateType", "Predicate"),
    ("dev.cosignproject.cosign/signature", "Signature"),
    ("dev.sigstore.cosign/bundle", "Transparency log entry"),
    ("dev.sigstore.cosign/certificate", "Certificate"),
    ("dev.sigstore.cosign/chain", "Certificate chain"),
    ("dev.sigstore.bundle.content", "Bundle holds"),
    ("dev.sigstore.bundle.predicateType", "Predicate"),
    ("io.cncf.notary.x509chain.thumbprint#S256", "Certificate thumbprints"),
    ("com.docker.official-images.bashbrew.arch", "Official image for"),
    ("com.docker.compose.project", "Compose project"),
    ("io.buildah.version", "Built by buildah"),
    ("io.k8s.display-name", "Title"),
    ("io.k8s.description", "Description"),
    ("io.openshift.tags", "Keywords"),
    ("io.openshift.expose-services", "Services"),
    ("containerd.io/uncompressed", "Digest unpacked"),
    ("com.github.package.type", "GitHub package"),
];

#[cfg(test)]
mod tests;
