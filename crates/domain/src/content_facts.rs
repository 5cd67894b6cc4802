//! What the index keeps of a document: which content it names, what it says of itself, and what is wrong with it.
//! Everything is bounded and told once, whatever the document holds.

use crate::config::Config;
use crate::health::{CheckSet, checks_of_manifest};
use crate::manifest::{Document, Role};
use crate::{Digest, Timestamp, annotations};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The longest key of a label or annotation, in bytes; pairs with a longer one are left out.
pub const KEY_BYTES: usize = 256;
/// The longest value of a label or annotation, in bytes; longer ones are cut at a character.
pub const VALUE_BYTES: usize = 1_024;
/// As many blobs of one document are kept, and as many children: what a hostile one names beyond that counts nowhere.
pub const MOST_NAMED: usize = 2_000;
/// As many labels are kept, and as many annotations.
pub const MOST_PAIRS: usize = 256;
/// Media types, names and other short texts are cut to this many bytes.
pub const WORD_BYTES: usize = 255;

/// What the index keeps of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Configuration and layers, each digest once.
    pub blobs: Vec<BlobFact>,
    /// The manifests that an index names, each digest once, in its order.
    pub children: Vec<ChildFact>,
    /// The manifest this one refers to.
    pub subject: Option<Digest>,
    /// Labels of the configuration: for those with `repository.pull` only.
    pub labels: Vec<(String, String)>,
    /// Annotations of the manifest.
    pub annotations: Vec<(String, String)>,
    /// The image this one says it is built on.
    pub base: Option<BaseImage>,
    /// The operating system, as the configuration says.
    pub os: Option<String>,
    /// The architecture, as the configuration says.
    pub architecture: Option<String>,
    /// When it was built, as the configuration or an annotation says. An index has only the annotation's time here.
    pub created: Option<Timestamp>,
    /// The user it runs as, as the configuration says: for those with `repository.pull` only.
    pub user: Option<String>,
    /// What is wrong with it, by its own bytes.
    pub findings: CheckSet,
}

/// A blob that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobFact {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes, as told; 0 if not told, as in schema 1.
    pub size: u64,
    /// Its media type; empty if not told.
    pub media_type: String,
    /// What it is there for.
    pub role: BlobRole,
    /// Its place among the layers, from 0, base first; the first of several. Of a configuration 0.
    pub position: u32,
}

/// What a blob is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlobRole {
    /// The configuration. A blob that is a layer too, as OCI's empty one may be, counts as this.
    Config,
    /// A layer, or whatever an artifact holds.
    Layer,
}

impl BlobRole {
    /// The word in the index.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Layer => "layer",
        }
    }
}

/// A manifest that an index names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildFact {
    /// Its digest.
    pub digest: Digest,
    /// The size of the manifest in bytes, as told; 0 if not told.
    pub size: u64,
    /// `linux/amd64`, of an image; of an attestation the platform it is about, where the index tells.
    pub platform: Option<String>,
    /// What it is there for.
    pub role: ChildRole,
}

/// What an entry of an index is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChildRole {
    /// An image for a platform.
    Platform,
    /// An attestation about another entry.
    Attestation,
    /// Neither: an entry without platform.
    Other,
}

impl ChildRole {
    /// The word in the index.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Attestation => "attestation",
            Self::Other => "other",
        }
    }
}

/// The image that another says it is built on; a name, a digest, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseImage {
    /// Its name with registry and tag, such as `docker.io/library/debian:12`.
    pub name: Option<String>,
    /// The digest it had.
    pub digest: Option<Digest>,
    /// Do labels of the configuration say so, rather than annotations? Then it is for those with `repository.pull`.
    pub from_labels: bool,
}

impl Facts {
    /// Reads what the index keeps. `config` is the image's configuration, where it could be read (schema 1 carries its
    /// own); `read_at` is when the document was read from its registry.
    pub fn of(document: &Document, config: Option<&Config>, read_at: Timestamp) -> Self {
        let config = match document {
            Document::Schema1(schema1) => schema1.config.as_ref(),
            _ => config,
        };
        let labels = config.map(|config| bounded(&config.labels)).unwrap_or_default();
        let annotations = bounded(document.annotations());
        let word = |text: &str| (!text.is_empty()).then(|| cut(text, WORD_BYTES));
        Self {
            blobs: blobs(document),
            children: children(document),
            subject: document.subject().map(|subject| subject.digest.clone()),
            base: base(&annotations, false).or_else(|| base(&labels, true)),
            os: config.and_then(|config| word(&config.platform.os)),
            architecture: config.and_then(|config| word(&config.platform.architecture)),
            created: created(document, config),
            user: config.and_then(|config| config.user.as_deref()).and_then(word),
            findings: checks_of_manifest(document, config, read_at).iter().collect(),
            labels,
            annotations,
        }
    }
    /// The layers alone, base first.
    pub fn layers(&self) -> impl Iterator<Item = &BlobFact> {
        self.blobs.iter().filter(|blob| blob.role == BlobRole::Layer)
    }
}

/// As [`crate::summary`] has it, as far as one document tells: an artifact's annotation comes before its configuration.
fn created(document: &Document, config: Option<&Config>) -> Option<Timestamp> {
    let annotated = document.annotations().iter().find(|(key, _)| key == annotations::CREATED);
    let annotated = annotated.and_then(|(_, text)| Timestamp::parse(text));
    let configured = config.and_then(|config| config.created);
    if matches!(document, Document::Artifact(_)) { annotated.or(configured) } else { configured.or(annotated) }
}

fn blobs(document: &Document) -> Vec<BlobFact> {
    let mut seen = HashSet::new();
    let mut blobs = Vec::new();
    let mut keep = |digest: &Digest, size: u64, media_type: &str, role: BlobRole, position: usize| {
        if blobs.len() < MOST_NAMED && seen.insert(digest.clone()) {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            let media_type = cut(media_type, WORD_BYTES);
            blobs.push(BlobFact { digest: digest.clone(), size, media_type, role, position });
        }
    };
    if let Some(config) = document.config() {
        keep(&config.digest, config.size, &config.media_type, BlobRole::Config, 0);
    }
    for (position, layer) in document.layers().iter().enumerate() {
        keep(&layer.digest, layer.size, &layer.media_type, BlobRole::Layer, position);
    }
    if let Document::Schema1(schema1) = document {
        for (position, layer) in schema1.layers.iter().enumerate() {
            keep(layer, 0, "", BlobRole::Layer, position);
        }
    }
    blobs
}

fn children(document: &Document) -> Vec<ChildFact> {
    let Some(index) = document.index() else { return Vec::new() };
    let platforms: std::collections::HashMap<&Digest, String> =
        index.images().map(|(entry, platform)| (&entry.digest, cut(&platform.to_string(), WORD_BYTES))).collect();
    let mut seen = HashSet::new();
    let entries = index.manifests.iter().filter(|entry| seen.insert(&entry.digest)).take(MOST_NAMED);
    entries
        .map(|entry| {
            let (role, platform) = match Role::of(entry) {
                Role::Platform(platform) => (ChildRole::Platform, Some(cut(&platform.to_string(), WORD_BYTES))),
                Role::Attestation { of } => (ChildRole::Attestation, of.and_then(|of| platforms.get(&of).cloned())),
                Role::Other => (ChildRole::Other, None),
            };
            ChildFact { digest: entry.digest.clone(), size: entry.size, platform, role }
        })
        .collect()
}

fn bounded(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let mut seen = HashSet::new();
    let fits = |key: &str| !key.is_empty() && key.len() <= KEY_BYTES && !key.contains('\0');
    let kept = pairs.iter().filter(|(key, _)| fits(key) && seen.insert(key.as_str())).take(MOST_PAIRS);
    kept.map(|(key, value)| (key.clone(), cut(value, VALUE_BYTES))).collect()
}

/// The text's beginning, at most `bytes` long. SQLite takes a NUL for the end of a text: it becomes another character.
fn cut(text: &str, bytes: usize) -> String {
    let kept = &text[..text.floor_char_boundary(bytes)];
    // The replacement is longer than what it replaces.
    if kept.contains('\0') { cut(&kept.replace('\0', "\u{fffd}"), bytes) } else { kept.to_owned() }
}

fn base(pairs: &[(String, String)], from_labels: bool) -> Option<BaseImage> {
    let value = |wanted: &str| pairs.iter().find(|(key, value)| key == wanted && !value.is_empty());
    let name = value(annotations::BASE_NAME).map(|(_, name)| cut(name, WORD_BYTES));
    let digest = value(annotations::BASE_DIGEST).and_then(|(_, digest)| digest.parse().ok());
    (name.is_some() || digest.is_some()).then_some(BaseImage { name, digest, from_labels })
}

#[cfg(test)]
mod tests;
