//! Descriptors and platforms, the building blocks of every manifest.

use crate::{Digest, json};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Points at content by digest (OCI image specification 1.1, "Descriptors").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// The media type of what it points at; empty if not told.
    pub media_type: String,
    /// The digest of what it points at.
    pub digest: Digest,
    /// Its size in bytes, as told; at most `i64::MAX`, 0 if not told.
    pub size: u64,
    /// For which platform, in an index.
    pub platform: Option<Platform>,
    /// Annotations in the order in which they are written.
    pub annotations: Vec<(String, String)>,
    /// The artifact type of what it points at.
    pub artifact_type: Option<String>,
    /// Where else it can be had; only foreign layers have any.
    pub urls: Vec<String>,
}

impl Descriptor {
    /// Reads a descriptor; without a valid digest there is none.
    pub(super) fn read(value: &serde_json::Value, notes: &mut Vec<String>) -> Option<Self> {
        let object = value.as_object()?;
        let digest = json::text(object, "digest")?.parse().ok()?;
        let size = object.get("size").and_then(serde_json::Value::as_u64).filter(|size| i64::try_from(*size).is_ok());
        if size.is_none() {
            notes.push(format!("The size of {digest} is not told, or makes no sense."));
        }
        Some(Self {
            media_type: json::text(object, "mediaType").unwrap_or_default(),
            digest,
            size: size.unwrap_or(0),
            platform: json::object(object, "platform").map(Platform::read),
            annotations: json::pairs(object, "annotations", notes),
            artifact_type: json::text(object, "artifactType").filter(|kind| !super::is_empty_type(kind)),
            urls: json::texts(object, "urls", notes).unwrap_or_default(),
        })
    }
    /// An annotation's value.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
    /// Is it content that a registry need not hold itself (a foreign or non-distributable layer)?
    pub fn is_foreign(&self) -> bool {
        self.media_type.contains("foreign") || self.media_type.contains("nondistributable")
    }
    /// How a layer is packed: `gzip`, `zstd`, `plain`, or nothing if its media type does not tell.
    pub fn packing(&self) -> Option<&'static str> {
        match self.media_type.rsplit(['.', '+']).next() {
            Some("gzip") => Some("gzip"),
            Some("zstd") => Some("zstd"),
            Some("tar") => Some("plain"),
            _ => None,
        }
    }
}

/// What an image runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Platform {
    /// `linux`, `windows`; empty if not told.
    pub os: String,
    /// `amd64`, `arm64`; empty if not told.
    pub architecture: String,
    /// `v7`; the implied `v8` of arm64 is left out, so that one platform has one name.
    pub variant: Option<String>,
    /// The version of Windows, say.
    pub os_version: Option<String>,
}

impl Platform {
    pub(super) fn read(object: &json::Object) -> Self {
        Self::new(
            &json::text(object, "os").unwrap_or_default(),
            &json::text(object, "architecture").unwrap_or_default(),
            json::text(object, "variant"),
            json::text(object, "os.version"),
        )
    }
    /// A platform from its parts.
    pub fn new(os: &str, architecture: &str, variant: Option<String>, os_version: Option<String>) -> Self {
        let implied = |variant: &String| architecture == "arm64" && matches!(variant.as_str(), "v8" | "8");
        let variant = variant.filter(|variant| !variant.is_empty() && !implied(variant));
        let os_version = os_version.filter(|version| !version.is_empty());
        Self { os: os.to_owned(), architecture: architecture.to_owned(), variant, os_version }
    }
    /// Does it name a real operating system and architecture? BuildKit's attestations say `unknown/unknown`.
    pub fn is_known(&self) -> bool {
        let known = |part: &str| !part.is_empty() && part != "unknown";
        known(&self.os) && known(&self.architecture)
    }
    /// The name with the system's version, where several differ by nothing else: `windows/amd64 10.0.20348.169`.
    pub fn label(&self) -> String {
        self.os_version.as_ref().map_or_else(|| self.to_string(), |version| format!("{self} {version}"))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_unknown = |part: &str| if part.is_empty() { "unknown".to_owned() } else { part.to_owned() };
        write!(f, "{}/{}", or_unknown(&self.os), or_unknown(&self.architecture))?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}
