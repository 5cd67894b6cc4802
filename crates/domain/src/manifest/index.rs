//! Indexes: which of their entries are images, which are attestations, and what each is called.

use super::{Descriptor, Platform};
use crate::{Digest, Kind};
use serde::{Deserialize, Serialize};

/// An index of manifests (OCI image specification 1.1, "Image Index"; Docker manifest list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexManifest {
    /// Its own media type.
    pub media_type: String,
    /// What it is: mostly an index, sometimes a build cache.
    pub kind: Kind,
    /// Its artifact type, where it has one.
    pub artifact_type: Option<String>,
    /// The manifests it holds.
    pub manifests: Vec<Descriptor>,
    /// The manifest this one refers to.
    pub subject: Option<Descriptor>,
    /// Annotations in the order in which they are written.
    pub annotations: Vec<(String, String)>,
    /// What was odd about it, in sentences.
    pub notes: Vec<String>,
}

/// What an entry of an index is there for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// An image for a platform.
    Platform(Platform),
    /// BuildKit's attestation (provenance, SBOM) about another entry.
    Attestation {
        /// The entry it is about.
        of: Option<Digest>,
    },
    /// Neither: an entry without platform.
    Other,
}

/// An entry of an index with its role and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    /// The entry.
    pub descriptor: Descriptor,
    /// What it is there for.
    pub role: Role,
    /// `linux/amd64`, `attestation for linux/amd64`, or what else can be said.
    pub name: String,
}

impl Role {
    /// The role of an entry, by BuildKit's annotations and the platform.
    pub fn of(entry: &Descriptor) -> Self {
        if entry.annotation("vnd.docker.reference.type") == Some("attestation-manifest") {
            let of = entry.annotation("vnd.docker.reference.digest").and_then(|digest| digest.parse().ok());
            return Self::Attestation { of };
        }
        match &entry.platform {
            Some(platform) if platform.is_known() => Self::Platform(platform.clone()),
            _ => Self::Other,
        }
    }
}

impl IndexManifest {
    /// The entries with their roles and names, in the order of the index.
    pub fn children(&self) -> Vec<Child> {
        self.manifests.iter().map(|entry| self.child(entry)).collect()
    }
    /// The images with their platforms, attestations and other entries left out.
    pub fn images(&self) -> impl Iterator<Item = (&Descriptor, &Platform)> {
        let image = |entry: &Descriptor| matches!(Role::of(entry), Role::Platform(_));
        let images = self.manifests.iter().filter(move |entry| image(entry));
        images.filter_map(|entry| entry.platform.as_ref().map(|platform| (entry, platform)))
    }
    /// Is this entry an attestation about another?
    pub fn is_attestation(&self, digest: &Digest) -> bool {
        self.manifests
            .iter()
            .any(|entry| entry.digest == *digest && matches!(Role::of(entry), Role::Attestation { .. }))
    }

    fn child(&self, entry: &Descriptor) -> Child {
        let role = Role::of(entry);
        let name = match &role {
            Role::Platform(platform) => self.platform_name(platform),
            Role::Attestation { of } => match of.as_ref().and_then(|of| self.platform_of(of)) {
                Some(platform) => format!("attestation for {}", self.platform_name(platform)),
                None => "attestation".to_owned(),
            },
            Role::Other => match entry.artifact_type.as_deref() {
                Some(kind) => super::artifact_name(kind).map_or_else(|| kind.to_owned(), str::to_owned),
                None => "no platform named".to_owned(),
            },
        };
        Child { descriptor: entry.clone(), role, name }
    }

    fn platform_of(&self, digest: &Digest) -> Option<&Platform> {
        self.images().find(|(entry, _)| entry.digest == *digest).map(|(_, platform)| platform)
    }

    /// The plain name, unless another entry has it too and differs by the system's version.
    fn platform_name(&self, platform: &Platform) -> String {
        let plain = platform.to_string();
        let same = self.images().filter(|(_, other)| other.to_string() == plain).count();
        if same > 1 { platform.label() } else { plain }
    }
}
