//! What stands behind a digest: manifests, indexes and artifacts, read from their raw bytes without trusting them.

mod classify;
mod descriptor;
mod index;
mod read;
mod schema1;

pub use classify::{artifact_name, is_empty_type};
pub use descriptor::{Descriptor, Platform};
pub use index::{Child, IndexManifest, Role};
pub use schema1::Schema1;

use crate::Kind;
use serde::{Deserialize, Serialize};

/// OCI image manifest.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// OCI image index.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The artifact manifest of OCI 1.1's release candidates; some registries still hold it.
pub const OCI_ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";
/// Docker manifest, schema 2.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker manifest list.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Docker manifest, schema 1, without signature.
pub const SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+json";
/// Docker manifest, schema 1, signed.
pub const SCHEMA1_SIGNED: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";

/// A document that a registry serves under `/manifests/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "document")]
pub enum Document {
    /// A container image for one platform.
    Image(ImageManifest),
    /// An index of several manifests.
    Index(IndexManifest),
    /// Anything else in the form of a manifest: chart, signature, SBOM, cache, module.
    Artifact(ImageManifest),
    /// Docker's schema 1.
    Schema1(Schema1),
    /// A document that can't be read.
    Unknown {
        /// The media type it came with.
        media_type: String,
        /// Why it can't be read, in a sentence.
        why: String,
    },
}

/// A manifest: one config, several layers (OCI image specification 1.1, "Image Manifest"; Docker schema 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageManifest {
    /// Its own media type.
    pub media_type: String,
    /// What it is, as far as it tells.
    pub kind: Kind,
    /// Its artifact type, where it has one.
    pub artifact_type: Option<String>,
    /// The configuration; artifact manifests of old have none.
    pub config: Option<Descriptor>,
    /// The layers (or blobs), base first.
    pub layers: Vec<Descriptor>,
    /// The manifest this one refers to.
    pub subject: Option<Descriptor>,
    /// Annotations in the order in which they are written.
    pub annotations: Vec<(String, String)>,
    /// What was odd about it, in sentences.
    pub notes: Vec<String>,
}

impl ImageManifest {
    /// Bytes of the layers, each digest counted once: a pull moves it once.
    pub fn layers_size(&self) -> u64 {
        let mut seen = std::collections::HashSet::new();
        let fresh = self.layers.iter().filter(|layer| seen.insert(&layer.digest));
        fresh.fold(0, |sum, layer| sum.saturating_add(layer.size))
    }
    /// Bytes that a pull moves: config and layers.
    pub fn size(&self) -> u64 {
        self.layers_size().saturating_add(self.config.as_ref().map_or(0, |config| config.size))
    }
    /// An annotation's value.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
    /// Is the config a container image's configuration, to be read by [`crate::config::Config::parse`]?
    pub fn has_image_config(&self) -> bool {
        self.config.as_ref().is_some_and(|config| classify::is_image_config(&config.media_type))
    }
}

impl Document {
    /// Reads `bytes`, which came with `media_type` (a `Content-Type`; its parameters are ignored). Never fails: what
    /// can't be read is [`Document::Unknown`] with the reason. Where header and content disagree, the content decides.
    pub fn parse(bytes: &[u8], media_type: &str) -> Self {
        read::document(bytes, media_type)
    }
    /// What it is, as lists name it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Image(manifest) | Self::Artifact(manifest) => manifest.kind,
            Self::Index(index) => index.kind,
            Self::Schema1(_) => Kind::Schema1,
            Self::Unknown { .. } => Kind::Unknown,
        }
    }
    /// Its media type.
    pub fn media_type(&self) -> &str {
        match self {
            Self::Image(manifest) | Self::Artifact(manifest) => &manifest.media_type,
            Self::Index(index) => &index.media_type,
            Self::Schema1(schema1) => &schema1.media_type,
            Self::Unknown { media_type, .. } => media_type,
        }
    }
    /// The manifest with config and layers, of an image or an artifact.
    pub fn manifest(&self) -> Option<&ImageManifest> {
        match self {
            Self::Image(manifest) | Self::Artifact(manifest) => Some(manifest),
            _ => None,
        }
    }
    /// The index, if it is one.
    pub fn index(&self) -> Option<&IndexManifest> {
        match self {
            Self::Index(index) => Some(index),
            _ => None,
        }
    }
    /// The configuration's descriptor.
    pub fn config(&self) -> Option<&Descriptor> {
        self.manifest().and_then(|manifest| manifest.config.as_ref())
    }
    /// The configuration's descriptor, if it is a container image's and worth fetching to be read.
    pub fn image_config(&self) -> Option<&Descriptor> {
        self.manifest().filter(|manifest| manifest.has_image_config()).and_then(|manifest| manifest.config.as_ref())
    }
    /// The layers, base first; none of an index.
    pub fn layers(&self) -> &[Descriptor] {
        self.manifest().map_or(&[], |manifest| &manifest.layers)
    }
    /// The manifests an index holds; none of anything else.
    pub fn children(&self) -> &[Descriptor] {
        self.index().map_or(&[], |index| &index.manifests)
    }
    /// Its artifact type, where it has one.
    pub fn artifact_type(&self) -> Option<&str> {
        match self {
            Self::Image(manifest) | Self::Artifact(manifest) => manifest.artifact_type.as_deref(),
            Self::Index(index) => index.artifact_type.as_deref(),
            _ => None,
        }
    }
    /// The manifest this one refers to.
    pub fn subject(&self) -> Option<&Descriptor> {
        match self {
            Self::Image(manifest) | Self::Artifact(manifest) => manifest.subject.as_ref(),
            Self::Index(index) => index.subject.as_ref(),
            _ => None,
        }
    }
    /// Annotations in the order in which they are written.
    pub fn annotations(&self) -> &[(String, String)] {
        match self {
            Self::Image(manifest) | Self::Artifact(manifest) => &manifest.annotations,
            Self::Index(index) => &index.annotations,
            _ => &[],
        }
    }
    /// What was odd about it, in sentences.
    pub fn notes(&self) -> &[String] {
        match self {
            Self::Image(manifest) | Self::Artifact(manifest) => &manifest.notes,
            Self::Index(index) => &index.notes,
            Self::Schema1(schema1) => &schema1.notes,
            Self::Unknown { why, .. } => std::slice::from_ref(why),
        }
    }
}

#[cfg(test)]
mod tests;
