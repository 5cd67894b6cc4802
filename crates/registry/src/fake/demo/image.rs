//! One image: layers, configuration with history, manifest; in OCI's or in Docker's words.

use super::{Filler, Stored};
use domain::{
    Timestamp,
    manifest::{DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST},
};
use serde_json::{Value, json};

/// Whose media types are used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Oci,
    Docker,
}

impl Flavour {
    pub(super) fn index(self) -> &'static str {
        match self {
            Self::Oci => OCI_INDEX,
            Self::Docker => DOCKER_LIST,
        }
    }
    fn manifest(self) -> &'static str {
        match self {
            Self::Oci => OCI_MANIFEST,
            Self::Docker => DOCKER_MANIFEST,
        }
    }
    fn config(self) -> &'static str {
        match self {
            Self::Oci => "application/vnd.oci.image.config.v1+json",
            Self::Docker => "application/vnd.docker.container.image.v1+json",
        }
    }
    fn layer(self) -> &'static str {
        match self {
            Self::Oci => "application/vnd.oci.image.layer.v1.tar+gzip",
            Self::Docker => "application/vnd.docker.image.rootfs.diff.tar.gzip",
        }
    }
}

/// What an image runs on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Platform {
    pub(super) os: &'static str,
    pub(super) architecture: &'static str,
    pub(super) variant: &'static str,
    pub(super) os_version: &'static str,
}

pub(super) const AMD64: Platform = Platform { os: "linux", architecture: "amd64", variant: "", os_version: "" };
pub(super) const ARM64: Platform = Platform { os: "linux", architecture: "arm64", variant: "v8", os_version: "" };
pub(super) const ARMV7: Platform = Platform { os: "linux", architecture: "arm", variant: "v7", os_version: "" };
pub(super) const WINDOWS: Platform =
    Platform { os: "windows", architecture: "amd64", variant: "", os_version: "10.0.20348.2762" };

impl Platform {
    pub(super) fn json(self) -> Value {
        let mut value = json!({"architecture": self.architecture, "os": self.os});
        if !self.variant.is_empty() {
            value["variant"] = json!(self.variant);
        }
        if !self.os_version.is_empty() {
            value["os.version"] = json!(self.os_version);
        }
        value
    }
}

/// A step of a Dockerfile.
#[derive(Clone)]
pub(super) struct Step {
    /// As BuildKit writes it into the history.
    pub(super) command: String,
    /// The layer it made: its name and size; none for ENV, CMD and the like.
    pub(super) layer: Option<(String, usize)>,
}

pub(super) fn run(command: &str, layer: impl Into<String>, size: usize) -> Step {
    Step { command: format!("RUN /bin/sh -c {command} # buildkit"), layer: Some((layer.into(), size)) }
}

pub(super) fn copy(what: &str, layer: impl Into<String>, size: usize) -> Step {
    Step { command: format!("COPY {what} # buildkit"), layer: Some((layer.into(), size)) }
}

pub(super) fn note(command: impl Into<String>) -> Step {
    Step { command: command.into(), layer: None }
}

/// The base that most images stand on: two steps and a layer shared by all of its version.
pub(super) fn debian(version: &str, platform: Platform) -> Vec<Step> {
    let layer = format!("debian {version} {} {}", platform.architecture, platform.variant);
    vec![
        Step {
            command: format!("# debian.sh --arch '{}' out/ 'bookworm' '@{version}'", platform.architecture),
            layer: Some((layer, 90_000)),
        },
        note("ENV LANG=C.UTF-8"),
    ]
}

/// An image as it is described.
pub(super) struct Image {
    pub(super) flavour: Flavour,
    pub(super) platform: Platform,
    pub(super) created: Timestamp,
    pub(super) steps: Vec<Step>,
    /// The `config` object: Env, Cmd, Labels, …
    pub(super) config: Value,
    pub(super) annotations: Value,
}

impl Filler<'_> {
    /// Pushes an image.
    pub(super) fn image(&mut self, repository: &str, image: &Image) -> Stored {
        let (mut layers, mut diff_ids, mut history) = (Vec::new(), Vec::new(), Vec::new());
        let count = i64::try_from(image.steps.len()).unwrap_or_default();
        for (step, at) in image.steps.iter().zip(-count..) {
            // Steps of a build are seconds apart.
            let created = image.created.plus_seconds((at + 1) * 7).rfc3339();
            let mut entry =
                json!({"created": created, "created_by": step.command, "comment": "buildkit.dockerfile.v0"});
            if let Some((name, size)) = &step.layer {
                let layer = self.layer(name, *size);
                diff_ids.push(layer.diff_id.clone());
                layers.push(self.layer_blob(repository, image.flavour.layer(), &layer));
            } else {
                entry["empty_layer"] = json!(true);
            }
            history.push(entry);
        }
        let mut config = json!({
            "created": image.created.rfc3339(), "config": image.config, "rootfs": {"type": "layers", "diff_ids": diff_ids}, "history": history,
        });
        for (key, value) in image.platform.json().as_object().into_iter().flatten() {
            config[key] = value.clone();
        }
        let config = self.blob(repository, image.flavour.config(), config.to_string());
        let kind = image.flavour.manifest();
        let mut manifest = json!({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers});
        if image.flavour == Flavour::Oci && !image.annotations.is_null() {
            manifest["annotations"] = image.annotations.clone();
        }
        self.store(repository, kind, &manifest)
    }
}

/// The annotations that build systems set.
pub(super) fn oci_labels(title: &str, description: &str, version: &str, revision: &str, created: Timestamp) -> Value {
    json!({
        "org.opencontainers.image.title": title,
        "org.opencontainers.image.description": description,
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.revision": revision,
        "org.opencontainers.image.created": created.rfc3339(),
        "org.opencontainers.image.source": format!("https://git.example.com/{title}"),
        "org.opencontainers.image.url": format!("https://{title}.example.com/"),
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.vendor": "Example Shop Ltd.",
    })
}

/// A commit's name that follows from a text.
pub(super) fn revision(text: &str) -> String {
    domain::Digest::of(text.as_bytes()).encoded()[..40].to_owned()
}
