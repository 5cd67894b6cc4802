//! What lists show of a document, made once from the document, its config and its children.

use crate::config::Config;
use crate::content::{Kind, Summary};
use crate::manifest::{Document, ImageManifest, IndexManifest};
use crate::{Timestamp, annotations};

/// Sums a document up. `config` is the image's configuration, where it could be read; `children` are the summaries of
/// an index's entries, as far as they are known (in any order).
///
/// Of an index, `size` is the sum of the children's sizes without attestations: nobody who pulls a platform moves them,
/// and the sum then agrees with the platforms shown beside it. `created` is that of the newest child.
pub fn summarize(document: &Document, config: Option<&Config>, children: &[Summary]) -> Summary {
    let mut summary = Summary {
        kind: document.kind(),
        media_type: document.media_type().to_owned(),
        artifact_type: artifact_type(document),
        platforms: Vec::new(),
        size: 0,
        created: annotated(document),
        subject: document.subject().map(|subject| subject.digest.clone()),
    };
    match document {
        Document::Image(manifest) => image(&mut summary, manifest, config),
        Document::Artifact(manifest) => {
            summary.size = kept(manifest.size());
            summary.created = summary.created.or_else(|| config.and_then(|config| config.created));
        }
        Document::Index(index) => self::index(&mut summary, index, children),
        Document::Schema1(schema1) => {
            summary.created = schema1.created();
            let platform =
                schema1.config.as_ref().map(|config| &config.platform).filter(|platform| platform.is_known());
            summary.platforms = platform.map(ToString::to_string).into_iter().collect();
        }
        Document::Unknown { .. } => {}
    }
    summary
}

/// No image has as many platforms; an index that names more is made to be a burden.
const MOST_PLATFORMS: usize = 100;

/// The database counts in signed 64 bits.
fn kept(size: u64) -> u64 {
    size.min(i64::MAX.unsigned_abs())
}

fn annotated(document: &Document) -> Option<Timestamp> {
    let created = document.annotations().iter().find(|(key, _)| key == annotations::CREATED);
    created.and_then(|(_, text)| Timestamp::parse(text))
}

/// Artifacts of before OCI 1.1 name their type by their config's media type.
fn artifact_type(document: &Document) -> Option<String> {
    let told = document.artifact_type().map(str::to_owned);
    told.or_else(|| match document {
        Document::Artifact(manifest) if !manifest.has_image_config() => {
            let config = manifest.config.as_ref().map(|config| config.media_type.clone());
            config.filter(|kind| !crate::manifest::is_empty_type(kind))
        }
        _ => None,
    })
}

fn image(summary: &mut Summary, manifest: &ImageManifest, config: Option<&Config>) {
    summary.size = kept(manifest.size());
    if let Some(config) = config {
        summary.created = config.created.or(summary.created);
        if config.platform.is_known() {
            summary.platforms = vec![config.platform.to_string()];
        }
    }
}

fn index(summary: &mut Summary, index: &IndexManifest, children: &[Summary]) {
    let counted = || children.iter().filter(|child| child.kind != Kind::Attestation);
    summary.size = kept(counted().fold(0, |sum: u64, child| sum.saturating_add(child.size)));
    if summary.kind == Kind::BuildCache {
        summary.size = kept(index.manifests.iter().fold(0, |sum: u64, entry| sum.saturating_add(entry.size)));
    }
    summary.created = counted().filter_map(|child| child.created).max().or(summary.created);
    let told = index.images().map(|(_, platform)| platform.to_string());
    for platform in told.chain(counted().flat_map(|child| child.platforms.iter().cloned())) {
        if summary.platforms.len() == MOST_PLATFORMS {
            break;
        }
        if !summary.platforms.contains(&platform) {
            summary.platforms.push(platform);
        }
    }
}

#[cfg(test)]
mod tests;
