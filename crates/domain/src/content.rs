//! What stands behind a digest, as lists show it. The whole of a document is read in [`crate::manifest`].

use crate::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

/// What kind of thing a manifest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A container image for one platform.
    Image,
    /// An index of images for several platforms (OCI index, Docker manifest list).
    Index,
    /// A helm chart.
    HelmChart,
    /// A signature (cosign, notation).
    Signature,
    /// A software bill of materials.
    Sbom,
    /// An attestation (in-toto, provenance).
    Attestation,
    /// A build cache (BuildKit).
    BuildCache,
    /// Any other OCI artifact.
    Artifact,
    /// Docker's schema 1, which nothing makes any more.
    Schema1,
    /// A media type we do not know, or a document we can't read.
    Unknown,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Kind] = &[
        Kind::Image,
        Kind::Index,
        Kind::HelmChart,
        Kind::Signature,
        Kind::Sbom,
        Kind::Attestation,
        Kind::BuildCache,
        Kind::Artifact,
        Kind::Schema1,
        Kind::Unknown,
    ];
    /// The word in lists, in the index and in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Index => "index",
            Self::HelmChart => "helm chart",
            Self::Signature => "signature",
            Self::Sbom => "SBOM",
            Self::Attestation => "attestation",
            Self::BuildCache => "build cache",
            Self::Artifact => "artifact",
            Self::Schema1 => "schema 1",
            Self::Unknown => "unknown",
        }
    }
    /// Reads what [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// What lists show of a manifest. Made once per digest, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What it is.
    pub kind: Kind,
    /// Its media type.
    pub media_type: String,
    /// Its artifact type, where it has one.
    pub artifact_type: Option<String>,
    /// `linux/amd64`, `linux/arm/v7`; of an index those of its images, attestations left out.
    pub platforms: Vec<String>,
    /// Bytes that a pull of all of it moves: configs and layers, compressed; of an index, those of its children.
    pub size: u64,
    /// When the image was built, as its configuration says.
    pub created: Option<Timestamp>,
    /// The manifest this one refers to (`subject`), if any.
    pub subject: Option<Digest>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(*kind));
        }
        assert_eq!(Kind::parse("Image"), None);
    }
}
