//! How an image looks in an answer: its manifest, platforms, layers, configuration, history, referrers.

use crate::api::{
    tags::Kind,
    values::{Time, Trouble, pairs},
};
use domain::{Summary, config, history, manifest};
use operations::images::{self, EntryState, FoundBy, Part};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An image, chart or other artifact.
#[derive(Serialize, ToSchema)]
pub(super) struct Image {
    /// The registry.
    registry: String,
    /// The repository.
    repository: String,
    /// What was asked for: a tag or a digest.
    reference: String,
    /// What it points to.
    digest: String,
    /// What it is.
    kind: Kind,
    /// Its media type.
    media_type: String,
    /// Its artifact type, where it has one.
    artifact_type: Option<String>,
    /// Bytes that a pull of all of it moves.
    size: u64,
    /// When it was built.
    created: Option<Time>,
    /// The manifest this one refers to.
    subject: Option<String>,
    /// The annotations of its manifest.
    annotations: BTreeMap<String, String>,
    /// What was odd about it, in sentences.
    notes: Vec<String>,
    /// When the registry last said that the tag points there; a digest needs no asking.
    checked: Option<Time>,
    /// What stopped us from asking again.
    trouble: Option<Trouble>,
    /// When that was.
    tried: Option<Time>,
    /// Is the registry being asked again just now? What it says stands in an answer a moment later.
    asking: bool,
    /// Other tags known to be on the same digest.
    same: Vec<String>,
    /// The tag to compare with first: the version before.
    previous: Option<String>,
    /// What an index holds.
    entries: Vec<IndexEntry>,
    /// The name of the platform that is shown in full.
    platform: Option<String>,
    /// The manifest in full: the image itself, or one of an index.
    shown: Option<Manifest>,
    /// Why it is not shown in full.
    unseen: Option<Unseen>,
    /// What refers to it: signatures, SBOMs, attestations.
    referrers: Vec<Referrer>,
    /// When the registry was asked for them; without, these are those that are known from elsewhere.
    referrers_checked: Option<Time>,
    /// What stopped us from finding all that refers to it.
    referrers_trouble: Option<Trouble>,
    /// Is the registry being asked for them just now?
    referrers_asking: bool,
}

/// Why a part is missing.
#[derive(Serialize, ToSchema)]
struct Unseen {
    /// The permission that it needs, where that is missing.
    needs: Option<String>,
    /// Why it could not be read.
    trouble: Option<Trouble>,
}

/// An entry of an index.
#[derive(Serialize, ToSchema)]
struct IndexEntry {
    /// `linux/amd64`, `attestation for linux/amd64`, or what else can be said.
    name: String,
    /// Its digest.
    digest: String,
    /// Is it an attestation?
    attestation: bool,
    /// Is it the one shown in full?
    chosen: bool,
    /// Does the registry no longer have it?
    gone: bool,
    /// What it is, once it was read.
    kind: Option<Kind>,
    /// Bytes that a pull of it moves, once it was read.
    size: Option<u64>,
    /// When it was built, once it was read.
    created: Option<Time>,
    /// Why it was not read.
    problem: Option<String>,
}

/// Something that refers to an image.
#[derive(Serialize, ToSchema)]
struct Referrer {
    /// Its digest.
    digest: String,
    /// Its artifact type.
    artifact_type: String,
    /// A word for it: `cosign signature`.
    name: String,
    /// How it was found.
    found_by: FoundHow,
    /// The tag it was found by, where it was one.
    tag: Option<String>,
    /// Does the registry no longer have it?
    gone: bool,
    /// Bytes that a pull of it moves, once it was read.
    size: Option<u64>,
    /// When it was made, once it was read.
    created: Option<Time>,
}

/// How a referrer was found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum FoundHow {
    /// By the referrers API.
    Api,
    /// By a tag.
    Tag,
    /// Among what was read before: the registry could not be asked.
    Kept,
}

/// A manifest in full.
#[derive(Serialize, ToSchema)]
struct Manifest {
    /// Its digest.
    digest: String,
    /// Its media type.
    media_type: String,
    /// Its configuration, where it has one.
    config_descriptor: Option<Descriptor>,
    /// Its layers, base first.
    layers: Vec<Descriptor>,
    /// The lines that made it, oldest first, each with the layer that it added.
    history: Vec<Step>,
    /// What was odd about history and layers.
    history_note: Option<String>,
    /// The configuration of a container image.
    config: Option<Config>,
    /// Why the configuration is missing.
    config_unseen: Option<Unseen>,
    /// What a helm chart says of itself.
    chart: Option<Chart>,
}

/// Points at content by digest.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Descriptor {
    /// The media type.
    media_type: String,
    /// The digest.
    digest: String,
    /// Bytes.
    size: u64,
}

/// A line that made an image.
#[derive(Serialize, ToSchema)]
struct Step {
    /// The line, as a Dockerfile would say it.
    line: String,
    /// The digest of the layer that it added; none if it added none.
    layer: Option<String>,
    /// The size of that layer in bytes.
    size: Option<u64>,
    /// When.
    created: Option<Time>,
    /// What the builder remarked.
    comment: Option<String>,
}

/// The configuration of a container image.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Config {
    /// What it runs on.
    platform: String,
    /// When it was built.
    created: Option<Time>,
    /// Who built it.
    author: Option<String>,
    /// The entrypoint, word by word.
    entrypoint: Option<Vec<String>>,
    /// The command, word by word.
    cmd: Option<Vec<String>>,
    /// Environment variables.
    env: BTreeMap<String, String>,
    /// The user it runs as; root if not told.
    user: Option<String>,
    /// Ports it listens on.
    ports: Vec<String>,
    /// Paths that are volumes.
    volumes: Vec<String>,
    /// The directory it starts in.
    workdir: Option<String>,
    /// The signal that stops it.
    stop_signal: Option<String>,
    /// How to ask whether it is well, word by word.
    healthcheck: Option<Vec<String>>,
    /// Labels.
    labels: BTreeMap<String, String>,
    /// Digests of the unpacked layers, base first.
    diff_ids: Vec<String>,
}

/// What a helm chart says of itself.
#[derive(Serialize, ToSchema)]
struct Chart {
    /// Its name.
    name: String,
    /// Its version.
    version: String,
    /// The version of what it installs.
    app_version: Option<String>,
    /// What it is, in a sentence.
    description: Option<String>,
    /// Should it no longer be used?
    deprecated: bool,
}

impl From<images::Image> for Image {
    fn from(image: images::Image) -> Self {
        let (shown, unseen) = part(image.shown);
        let freshness = image.freshness;
        Self {
            registry: image.registry.to_string(),
            repository: image.repository.to_string(),
            reference: image.reference.to_string(),
            digest: image.digest.to_string(),
            kind: image.summary.kind.into(),
            media_type: image.summary.media_type,
            artifact_type: image.summary.artifact_type,
            size: image.summary.size,
            created: image.summary.created.map(Time),
            subject: image.summary.subject.map(String::from),
            annotations: pairs(image.document.annotations()),
            notes: image.document.notes().to_vec(),
            checked: freshness.checked.map(Time),
            trouble: freshness.trouble.map(Trouble::from),
            tried: freshness.tried.map(Time),
            asking: freshness.asking,
            same: image.siblings.iter().map(ToString::to_string).collect(),
            previous: image.previous.map(String::from),
            entries: image.entries.into_iter().map(IndexEntry::from).collect(),
            platform: image.platform,
            shown: shown.map(|manifest| Manifest::from(*manifest)),
            unseen,
            referrers: image.referrers.rows.into_iter().map(Referrer::from).collect(),
            referrers_checked: image.referrers.at.map(Time),
            referrers_trouble: image.referrers.trouble.map(Trouble::from),
            referrers_asking: image.referrers.asking,
        }
    }
}

/// What is there, or why not.
fn part<T>(part: Part<T>) -> (Option<T>, Option<Unseen>) {
    match part {
        Part::Here(value) => (Some(value), None),
        Part::None => (None, None),
        Part::Needs(permission) => (None, Some(Unseen { needs: Some(permission.to_string()), trouble: None })),
        Part::Failed(trouble) => (None, Some(Unseen { needs: None, trouble: Some(trouble.into()) })),
    }
}

fn read(state: &EntryState) -> Option<&Summary> {
    match state {
        EntryState::Read(summary) => Some(summary),
        _ => None,
    }
}

impl From<images::Entry> for IndexEntry {
    fn from(entry: images::Entry) -> Self {
        let summary = read(&entry.state);
        Self {
            digest: entry.child.descriptor.digest.to_string(),
            attestation: entry.is_attestation(),
            chosen: entry.chosen,
            gone: entry.is_gone(),
            kind: summary.map(|summary| summary.kind.into()),
            size: summary.map(|summary| summary.size),
            created: summary.and_then(|summary| summary.created).map(Time),
            problem: match &entry.state {
                EntryState::Unread(why) => why.clone(),
                _ => None,
            },
            name: entry.child.name,
        }
    }
}

impl From<images::Referrer> for Referrer {
    fn from(referrer: images::Referrer) -> Self {
        let summary = read(&referrer.state);
        let (found_by, tag) = match &referrer.found_by {
            FoundBy::Api => (FoundHow::Api, None),
            FoundBy::Tag(tag) => (FoundHow::Tag, Some(tag.to_string())),
            FoundBy::Kept => (FoundHow::Kept, None),
        };
        Self {
            digest: referrer.digest.to_string(),
            size: summary.map(|summary| summary.size),
            created: summary.and_then(|summary| summary.created).map(Time),
            gone: matches!(referrer.state, EntryState::Gone),
            artifact_type: referrer.artifact_type,
            name: referrer.name,
            found_by,
            tag,
        }
    }
}

impl From<images::Manifest> for Manifest {
    fn from(own: images::Manifest) -> Self {
        let (config, config_unseen) = part(own.config);
        Self {
            digest: own.digest.to_string(),
            media_type: own.document.media_type().to_owned(),
            config_descriptor: own.document.config().map(Descriptor::from),
            layers: own.document.layers().iter().map(Descriptor::from).collect(),
            history: own.steps.steps.into_iter().map(Step::from).collect(),
            history_note: own.steps.note,
            config: config.as_ref().map(Config::from),
            config_unseen,
            chart: part(own.chart).0.map(Chart::from),
        }
    }
}

impl From<&manifest::Descriptor> for Descriptor {
    fn from(own: &manifest::Descriptor) -> Self {
        Self { media_type: own.media_type.clone(), digest: own.digest.to_string(), size: own.size }
    }
}

impl From<history::Step> for Step {
    fn from(step: history::Step) -> Self {
        Self {
            line: step.line,
            size: step.layer.as_ref().map(|layer| layer.size),
            layer: step.layer.map(|layer| layer.digest.to_string()),
            created: step.created.map(Time),
            comment: step.comment,
        }
    }
}

impl From<&config::Config> for Config {
    fn from(own: &config::Config) -> Self {
        Self {
            platform: own.platform.label(),
            created: own.created.map(Time),
            author: own.author.clone(),
            entrypoint: own.entrypoint.clone(),
            cmd: own.cmd.clone(),
            env: pairs(&own.env),
            user: own.user.clone(),
            ports: own.ports.clone(),
            volumes: own.volumes.clone(),
            workdir: own.workdir.clone(),
            stop_signal: own.stop_signal.clone(),
            healthcheck: own.healthcheck.as_ref().map(|check| check.test.clone()),
            labels: pairs(&own.labels),
            diff_ids: own.diff_ids.clone(),
        }
    }
}

impl From<images::Chart> for Chart {
    fn from(chart: images::Chart) -> Self {
        Self {
            name: chart.name,
            version: chart.version,
            app_version: chart.app_version,
            description: chart.description,
            deprecated: chart.deprecated,
        }
    }
}
