//! One manifest in full: layers with the commands that made them, configuration, chart, notes.

use super::{Chart, Entry, EntryState, Raw, Trouble, View, asking::slow, lookup::At};
use crate::{Error, Operations, Result, content::Found};
use bytes::Bytes;
use domain::{
    Digest, Permission,
    config::Config,
    history::{self, Steps},
    manifest::{Descriptor, Document},
};

/// Configurations of artifacts larger than this are named, and not shown.
const MOST_TEXT: u64 = 64 * 1024;

/// A part of a page that may be missing, and why.
#[derive(Clone, Debug)]
pub enum Part<T> {
    /// Here it is.
    Here(T),
    /// There is none.
    None,
    /// It needs this permission.
    Needs(Permission),
    /// It could not be read.
    Failed(Trouble),
}

impl<T> Part<T> {
    /// What is there.
    pub fn here(&self) -> Option<&T> {
        match self {
            Self::Here(part) => Some(part),
            _ => None,
        }
    }
}

/// A manifest in full.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Its digest.
    pub digest: Digest,
    /// What it says.
    pub document: Document,
    /// The document itself, for those who may pull it.
    pub raw: Part<Raw>,
    /// Its layers with the commands that made them, oldest first. Without the configuration, the layers alone.
    pub steps: Steps,
    /// The configuration of a container image.
    pub config: Part<Config>,
    /// What a helm chart says of itself.
    pub chart: Part<Chart>,
    /// The configuration of another artifact, where it is a short text.
    pub text: Part<Raw>,
}

impl Operations {
    /// The manifest that the page shows: the image itself, or the chosen one of an index.
    pub(super) async fn shown(&self, at: &At, entries: &[Entry], view: &View, pull: bool) -> Part<Box<Manifest>> {
        if matches!(view, View::Attestations | View::Raw) {
            return Part::None;
        }
        if at.found().document.index().is_none() {
            return Part::Here(Box::new(self.manifest_in_full(at, at.found().clone(), pull).await));
        }
        let Some(chosen) = entries.iter().find(|entry| entry.chosen) else { return Part::None };
        if let EntryState::Gone = chosen.state {
            return Part::None;
        }
        match self.learn_beside(&at.beside, &chosen.child.descriptor.digest).await {
            Ok(learned) => Part::Here(Box::new(self.manifest_in_full(at, learned.found, pull).await)),
            Err(error) => Part::Failed(error.into()),
        }
    }

    pub(crate) async fn manifest_in_full(&self, at: &At, found: Found, pull: bool) -> Manifest {
        let document = found.document.clone();
        let (mut config, mut chart, mut text) = (Part::None, Part::None, Part::None);
        if let Document::Schema1(schema1) = &document {
            config = schema1.config.clone().map_or(Part::None, Part::Here);
        }
        if let Some(descriptor) = document.config() {
            if document.image_config().is_some() {
                config = part(self.config_bytes(at, descriptor).await, Config::parse);
            } else if descriptor.media_type.contains("vnd.cncf.helm.config") {
                chart = part(self.config_bytes(at, descriptor).await, Chart::parse);
            } else if is_short_text(descriptor) {
                text =
                    part(self.config_bytes(at, descriptor).await, |bytes| Ok(Raw::new(bytes, &descriptor.media_type)));
            }
        }
        if !pull {
            config = needs(config);
            chart = needs(chart);
            text = needs(text);
        }
        let history = config.here().map_or(&[][..], |config| &config.history);
        let steps = match &document {
            Document::Schema1(schema1) => history::join(history, &without_sizes(&schema1.layers)),
            other => history::join(history, other.layers()),
        };
        let raw = if pull { Part::Here(Raw::of(&found)) } else { Part::Needs(Permission::RepositoryPull) };
        Manifest { digest: found.digest, document, raw, steps, config, chart, text }
    }

    async fn config_bytes(&self, at: &At, descriptor: &Descriptor) -> Result<Bytes> {
        let (holder, digest) = (at.holder(), &descriptor.digest);
        if let Some(kept) = self.kept_document(holder, digest).await? {
            return Ok(kept);
        }
        let asked = async {
            let asked = tokio::time::timeout_at(at.beside.until, self.config(holder, digest)).await;
            asked.unwrap_or_else(|_| Err(slow(holder, holder.request("GET", "blobs", digest))))
        };
        self.ask_beside(&at.beside, asked).await
    }
}

/// Whoever may not read it learns that it is there, and what reading it needs.
fn needs<T>(part: Part<T>) -> Part<T> {
    match part {
        Part::None => Part::None,
        _ => Part::Needs(Permission::RepositoryPull),
    }
}

fn part<T>(bytes: Result<Bytes>, read: impl FnOnce(&[u8]) -> Result<T, String>) -> Part<T> {
    match bytes.and_then(|bytes| read(&bytes).map_err(unreadable)) {
        Ok(read) => Part::Here(read),
        Err(error) => Part::Failed(error.into()),
    }
}

fn unreadable(why: String) -> Error {
    Error::new(crate::Kind::RegistryOdd, format!("The configuration can’t be read. {why}"))
}

fn is_short_text(descriptor: &Descriptor) -> bool {
    let textual = descriptor.media_type.ends_with("json") || descriptor.media_type.starts_with("text/");
    textual && descriptor.size > 2 && descriptor.size <= MOST_TEXT
}

/// Schema 1 names its layers, and tells no sizes.
fn without_sizes(layers: &[Digest]) -> Vec<Descriptor> {
    let plain = |digest: &Digest| Descriptor {
        media_type: String::new(),
        digest: digest.clone(),
        size: 0,
        platform: None,
        annotations: Vec::new(),
        artifact_type: None,
        urls: Vec::new(),
    };
    layers.iter().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_pull_learns_that_there_is_a_configuration_and_nothing_of_it() {
        assert!(matches!(needs(Part::Here("A=secret")), Part::Needs(Permission::RepositoryPull)));
        let failed = Trouble { kind: crate::Kind::RegistryOdd, message: "A=secret".into(), tried: Vec::new() };
        assert!(matches!(needs::<()>(Part::Failed(failed)), Part::Needs(Permission::RepositoryPull)));
        assert!(matches!(needs::<()>(Part::None), Part::None));
    }
}
