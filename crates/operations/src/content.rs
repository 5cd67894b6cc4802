//! Content by digest: asked for once per registry, ever. What the index keeps is given out only through a visible
//! repository that holds it; the rest is fetched from that repository, verified, and kept.

use crate::{Error, Kind, Operations, Result, Target, WayOut, images::Remembered, reading::gate::Pass};
use bytes::Bytes;
use domain::{
    Actor, Digest, Id, Reference, RepositoryName, Summary, Visible,
    config::Config,
    content_facts::Facts,
    health::checks_of_manifest,
    manifest::{Document, Role},
    summary::summarize,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use store::index::{Content, Manifest};

/// A repository that somebody may see, and the registry that holds it.
#[derive(Clone)]
pub(crate) struct Holder {
    /// What who asks may see.
    pub visible: Visible,
    /// The registry.
    pub target: Target,
    /// The repository.
    pub repository: RepositoryName,
}

/// A document as it came, read.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its digest.
    pub digest: Digest,
    /// Byte by byte.
    pub bytes: Bytes,
    /// The media type it came with.
    pub media_type: String,
    /// What it says.
    pub document: Document,
}

/// A document with what lists show of it.
#[derive(Clone, Debug)]
pub(crate) struct Learned {
    /// The document.
    pub found: Found,
    /// What lists show of it. Of an index it is as true as its entries are known.
    pub summary: Summary,
}

/// Whoever holds it fetches; it is gone when nobody does.
type Turn = Weak<tokio::sync::Mutex<()>>;

/// What is under way, and what is remembered for a short time.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) referrers: Remembered,
    turns: Mutex<HashMap<(Id, Digest), Turn>>,
}

impl Memory {
    /// The turn to fetch a digest from a registry: who comes second waits, and then finds it kept.
    async fn turn(&self, registry: Id, digest: &Digest) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let key = (registry, digest.clone());
            match turns.get(&key).and_then(Weak::upgrade) {
                Some(turn) => turn,
                None => {
                    let turn = Arc::new(tokio::sync::Mutex::new(()));
                    turns.insert(key, Arc::downgrade(&turn));
                    turn
                }
            }
        };
        turn.lock_owned().await
    }
}

impl Holder {
    /// A repository as `actor` sees it.
    pub(crate) fn of(actor: &Actor, target: &Target, repository: &RepositoryName) -> Self {
        Self {
            visible: Visible::to(actor).in_repository(target.record.id, repository),
            target: target.clone(),
            repository: repository.clone(),
        }
    }
    /// What a request for a manifest or blob looks like, for people.
    pub(crate) fn request(&self, method: &str, what: &str, reference: impl std::fmt::Display) -> String {
        let base = self.target.record.connection.address.url();
        format!("{method} {}/v2/{}/{what}/{reference}", base.as_str().trim_end_matches('/'), self.repository)
    }
    /// An error of the registry, with the request that met it and the way on.
    pub(crate) fn trouble(&self, error: registry::Error, request: String) -> Error {
        let mut error = Error::from(error);
        error.tried.insert(0, request);
        let name = self.target.record.name.to_string();
        let way = match error.kind {
            Kind::NotFound | Kind::RegistryOdd => WayOut::Repository(name, self.repository.to_string()),
            _ => WayOut::Connection(name),
        };
        error.way_out(way)
    }
    fn registry(&self) -> Id {
        self.target.record.id
    }
}

impl Operations {
    /// The index's row for the repository, if it knows it.
    pub(crate) async fn row(&self, holder: &Holder) -> Result<Option<Id>> {
        let found = self.0.store.index().repository(&holder.visible, holder.registry(), &holder.repository).await?;
        Ok(found.map(|repository| repository.id))
    }

    /// The document behind a digest: kept, or fetched, verified and kept.
    pub(crate) async fn learn(&self, holder: &Holder, digest: &Digest) -> Result<Learned> {
        if let Some(kept) = self.kept_manifest(holder, digest).await? {
            return Ok(kept);
        }
        let _turn = self.0.content.turn(holder.registry(), digest).await;
        if let Some(kept) = self.kept_manifest(holder, digest).await? {
            return Ok(kept);
        }
        let asked = holder.target.client.manifest(&holder.repository, &Reference::Digest(digest.clone())).await;
        let fetched = asked.map_err(|error| holder.trouble(error, holder.request("GET", "manifests", digest)))?;
        self.take_in(holder, fetched).await
    }

    /// The document behind a digest, if the index keeps it and this repository holds it.
    pub(crate) async fn kept_manifest(&self, holder: &Holder, digest: &Digest) -> Result<Option<Learned>> {
        let Some(row) = self.row(holder).await? else { return Ok(None) };
        let kept = self.0.store.index().manifest(&holder.visible, row, digest).await?;
        Ok(kept.map(|kept: Manifest| {
            let document = Document::parse(&kept.bytes, &kept.media_type);
            let bytes = Bytes::from(kept.bytes);
            let found = Found { digest: kept.digest, bytes, media_type: kept.media_type, document };
            Learned { found, summary: kept.summary }
        }))
    }

    /// Reads what a document names (an image's configuration, what is known of an index's entries) and keeps it.
    pub(crate) async fn take_in(&self, holder: &Holder, fetched: registry::Fetched) -> Result<Learned> {
        let document = Document::parse(&fetched.bytes, &fetched.media_type);
        let found = Found { digest: fetched.digest, bytes: fetched.bytes, media_type: fetched.media_type, document };
        let (mut config, mut whole) = (None, true);
        if let Some(descriptor) = found.document.image_config() {
            match self.config(holder, &descriptor.digest).await {
                Ok(bytes) => config = Some((descriptor.digest.clone(), bytes)),
                // What is gone or odd will stay so; what could not be reached may be there next time.
                Err(error) => whole = !matches!(error.kind, Kind::RegistryDown | Kind::TooMany | Kind::RegistryRefused),
            }
        }
        let children = self.known_children(holder, &found.document).await?;
        whole &= children.len() == images_in(&found.document).count();
        let read = config.as_ref().and_then(|(_, bytes)| Config::parse(bytes).ok());
        let summary = summarize(&found.document, read.as_ref(), &children);
        let made_from = made_from(read.is_some(), children.len());
        let learned = Learned { found, summary };
        if whole {
            self.keep(holder, &learned, config, made_from).await?;
        }
        Ok(learned)
    }

    async fn known_children(&self, holder: &Holder, document: &Document) -> Result<Vec<Summary>> {
        let digests: Vec<Digest> = images_in(document).collect();
        if digests.is_empty() {
            return Ok(Vec::new());
        }
        let Some(row) = self.row(holder).await? else { return Ok(Vec::new()) };
        let known = self.0.store.index().summaries(&holder.visible, row, &digests).await?;
        Ok(known.into_values().collect())
    }

    /// Keeps a document, and the configuration that came with it. What can't be verified is not kept.
    pub(crate) async fn keep(
        &self,
        holder: &Holder,
        learned: &Learned,
        config: Option<(Digest, Bytes)>,
        made_from: u32,
    ) -> Result<()> {
        let found = &learned.found;
        if found.digest.matches(&found.bytes) != Some(true) {
            return Ok(());
        }
        let (index, now) = (self.0.store.index(), self.now());
        let read = config.as_ref().and_then(|(_, bytes)| Config::parse(bytes).ok());
        let facts = Facts::of(&found.document, read.as_ref(), now);
        let findings = checks_of_manifest(&found.document, read.as_ref(), now);
        let (config, config_bytes) = config.unzip();
        let content = Content {
            digest: found.digest.clone(),
            media_type: found.media_type.clone(),
            bytes: found.bytes.to_vec(),
            summary: learned.summary.clone(),
            config: config.or_else(|| found.document.config().map(|config| config.digest.clone())),
            config_bytes: config_bytes.map(|bytes| bytes.to_vec()),
            made_from,
            facts,
            findings,
        };
        let _entered = self.pass_of(holder).enter().await?;
        let row = index.ensure_repository(holder.registry(), &holder.repository, now).await?;
        Ok(index.save_content(row, &[content], now).await?)
    }

    /// The right to write what was read for this holder.
    pub(crate) fn pass_of(&self, holder: &Holder) -> Pass {
        let record = &holder.target.record;
        self.0.reading.gates.pass(record.id, record.version)
    }

    /// The bytes behind a digest, of a manifest or a configuration, if they are kept and this repository holds them.
    pub(crate) async fn kept_document(&self, holder: &Holder, digest: &Digest) -> Result<Option<Bytes>> {
        let Some(row) = self.row(holder).await? else { return Ok(None) };
        let kept = self.0.store.index().document(&holder.visible, row, digest).await?;
        Ok(kept.map(Bytes::from))
    }

    /// The bytes of a configuration: kept, or fetched and verified. They are kept with the manifest that names them.
    pub(crate) async fn config(&self, holder: &Holder, digest: &Digest) -> Result<Bytes> {
        if let Some(kept) = self.kept_document(holder, digest).await? {
            return Ok(kept);
        }
        let asked = holder.target.client.blob(&holder.repository, digest, registry::CONFIG_CAP).await;
        asked.map_err(|error| holder.trouble(error, holder.request("GET", "blobs", digest)))
    }
}

/// How many documents a summary was made from: the manifest, its configuration, an index's entries.
pub(crate) fn made_from(config: bool, children: usize) -> u32 {
    u32::try_from(1 + usize::from(config) + children).unwrap_or(u32::MAX)
}

/// The entries of an index whose sizes count: all but attestations.
fn images_in(document: &Document) -> impl Iterator<Item = Digest> {
    let children = document.index().map(domain::manifest::IndexManifest::children).unwrap_or_default();
    let mut seen = std::collections::HashSet::new();
    let counted = children.into_iter().filter(|child| !matches!(child.role, Role::Attestation { .. }));
    counted.map(|child| child.descriptor.digest).filter(move |digest| seen.insert(digest.clone()))
}
