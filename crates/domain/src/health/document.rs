//! Checks of a manifest by its own bytes and its configuration's: made once per digest, true as long as the bytes are.

use super::{Check, Finding, looks_secret};
use crate::config::Config;
use crate::manifest::{Document, ImageManifest};
use crate::{Kind, Timestamp, annotations, text};

/// A layer larger than this, in bytes, is huge.
pub const HUGE_LAYER_BYTES: u64 = 1_000_000_000;
/// More layers than this are very many.
pub const MANY_LAYERS: usize = 100;

/// What was built before the first release of Docker, on 20 March 2013, was not built then.
const FIRST_IMAGES: Timestamp = Timestamp(1_363_737_600_000_000);
/// Clocks and time zones may disagree this much, in seconds.
const CLOCKS_DISAGREE: i64 = 86_400;
/// As many names stand in a detail.
const NAMED: usize = 5;

/// What is wrong with a manifest. `config` is the image's configuration, where it was read: checks that need it find
/// nothing without it. `read_at` is when the document was read from its registry.
///
/// [`Check::UnknownBase`] is found by the annotations and labels alone: who knows an image with the same first layers
/// may take it out again. What needs to know what else the registry holds is in [`super::checks_of_presence`].
pub fn checks_of_manifest(document: &Document, config: Option<&Config>, read_at: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    match document {
        Document::Image(manifest) => {
            layers(manifest, &mut found);
            // A configuration that could not be read says nothing, and so does its absence.
            if let Some(config) = config {
                configured(config, &mut found);
                time(config.created.or_else(|| told(document)), read_at, &mut found);
                base(manifest, config, &mut found);
            }
        }
        Document::Schema1(schema1) => {
            found.push(Finding::plain(Check::Schema1));
            many(schema1.layers.len(), &mut found);
            if let Some(config) = &schema1.config {
                configured(config, &mut found);
                time(config.created, read_at, &mut found);
            }
        }
        Document::Unknown { why, .. } => found.push(Finding::with(Check::Unreadable, text::visible(why, 200))),
        Document::Index(_) | Document::Artifact(_) => {}
    }
    found
}

fn told(document: &Document) -> Option<Timestamp> {
    let told = document.annotations().iter().find(|(key, _)| key == annotations::CREATED);
    told.and_then(|(_, text)| Timestamp::parse(text))
}

fn layers(manifest: &ImageManifest, found: &mut Vec<Finding>) {
    let huge = manifest.layers.iter().filter(|layer| layer.size > HUGE_LAYER_BYTES);
    if let Some(largest) = huge.clone().map(|layer| layer.size).max() {
        let detail = match huge.count() {
            1 => text::bytes_text(largest),
            several => format!("{several} layers, the largest of {}", text::bytes_text(largest)),
        };
        found.push(Finding::with(Check::HugeLayer, detail));
    }
    many(manifest.layers.len(), found);
    let foreign = manifest.layers.iter().filter(|layer| layer.is_foreign()).count();
    if foreign > 0 {
        found.push(Finding::with(Check::ForeignLayers, text::counted(foreign as u64, "layer", "layers")));
    }
}

fn many(layers: usize, found: &mut Vec<Finding>) {
    if layers > MANY_LAYERS {
        found.push(Finding::with(Check::ManyLayers, text::counted(layers as u64, "layer", "layers")));
    }
}

fn configured(config: &Config, found: &mut Vec<Finding>) {
    // Windows knows no root; what runs there without a user has no special rights.
    if config.platform.os != "windows" && is_root(config.user.as_deref()) {
        let detail = if config.user.is_some() { "root is named" } else { "no user is named" };
        found.push(Finding::with(Check::RunsAsRoot, detail));
    }
    // An empty value is a place to be filled at the start, and no secret.
    let secret = |(name, value): &&(String, String)| !value.is_empty() && looks_secret(name);
    let mut names: Vec<String> = config.env.iter().filter(secret).map(|(name, _)| text::visible(name, 80)).collect();
    if !names.is_empty() {
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        if more > 0 {
            names.push(format!("{more} more"));
        }
        found.push(Finding::with(Check::SecretNames, text::listed(&names)));
    }
}

/// `USER` may be a name or a number, with a group after a colon; without one it is root.
fn is_root(user: Option<&str>) -> bool {
    let name = user.unwrap_or_default().split(':').next().unwrap_or_default().trim();
    name == "root" || name.bytes().all(|c| c == b'0')
}

fn time(created: Option<Timestamp>, read_at: Timestamp, found: &mut Vec<Finding>) {
    match created {
        None => found.push(Finding::plain(Check::NoCreated)),
        Some(at) if !is_real(at) => found.push(Finding::with(Check::FixedCreated, at.utc())),
        Some(at) if at > read_at.plus_seconds(CLOCKS_DISAGREE) => {
            found.push(Finding::with(Check::FutureCreated, at.utc()));
        }
        Some(_) => {}
    }
}

/// Could something have been built then?
pub(super) fn is_real(created: Timestamp) -> bool {
    created >= FIRST_IMAGES
}

/// An image of one layer is built on nothing: it is a base itself.
fn base(manifest: &ImageManifest, config: &Config, found: &mut Vec<Finding>) {
    let known = |pairs: &[(String, String)]| pairs.iter().any(|(key, value)| is_base(key) && !value.is_empty());
    let told = known(&manifest.annotations) || known(&config.labels);
    if manifest.kind == Kind::Image && manifest.layers.len() > 1 && !told {
        found.push(Finding::plain(Check::UnknownBase));
    }
}

fn is_base(key: &str) -> bool {
    matches!(key, annotations::BASE_NAME | annotations::BASE_DIGEST)
}
