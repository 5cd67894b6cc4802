//! Manifests, configurations and the children of indexes: fetched once by digest, summed up, kept for ever.

use super::gate::Pass;
use crate::Clock;
use bytes::Bytes;
use domain::{
    Digest, Id, Reference, RepositoryName, Summary, Timestamp,
    config::Config,
    content_facts::Facts,
    health::{Finding, checks_of_manifest},
    manifest::{Document, Role},
    summary::summarize,
};
use futures_util::{StreamExt as _, stream};
use std::collections::HashMap;
use store::index::Content;

/// As many children of one index are read; of a larger one the rest is known by name only.
const CHILDREN: usize = 40;
/// Children of one index that are asked for at the same time.
const AT_ONCE: usize = 4;

/// Where content is read from.
#[derive(Clone)]
pub(crate) struct Source {
    /// The registry.
    pub registry: Id,
    /// The repository in it.
    pub repository: RepositoryName,
    /// Who asks it.
    pub client: registry::Registry,
    /// How many requests are sent to it at the same time.
    pub at_once: usize,
    /// The right to write what is read.
    pub pass: Pass,
    /// What the time is.
    pub clock: Clock,
}

impl Source {
    /// The same for work that nobody waits for: people come first.
    pub(crate) fn background(self) -> Self {
        Self { client: self.client.background(), ..self }
    }
}

/// A document as it came, and as it reads.
pub(crate) struct Found {
    bytes: Bytes,
    media_type: String,
    document: Document,
}

/// A document and what belongs to it, to be kept.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// The document's digest.
    pub digest: Digest,
    /// The media type it came with.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// What lists show of it.
    pub summary: Summary,
    /// Its configuration.
    pub config: Option<(Digest, Bytes)>,
    /// How many documents the summary was made from.
    pub made_from: u32,
    /// What else the index keeps of it.
    pub facts: Facts,
    /// What is to be said about its health.
    pub findings: Vec<Finding>,
}

impl Read {
    /// As the index takes it.
    pub(crate) fn into_content(self) -> Content {
        let (config, config_bytes) = self.config.map(|(digest, bytes)| (digest, bytes.to_vec())).unzip();
        Content {
            digest: self.digest,
            media_type: self.media_type,
            bytes: self.bytes.to_vec(),
            summary: self.summary,
            config,
            config_bytes,
            made_from: self.made_from,
            facts: self.facts,
            findings: self.findings,
        }
    }
}

/// Fetches a manifest; with it come the children whose summaries it needs.
pub(crate) async fn document(source: &Source, digest: &Digest) -> registry::Result<(Found, Vec<Digest>)> {
    let found = fetch(source, digest).await?;
    let children = found.document.index().map(|index| {
        let wanted = index.children().into_iter().filter(|child| !matches!(child.role, Role::Attestation { .. }));
        wanted.map(|child| child.descriptor.digest).filter(|child| child != digest).take(CHILDREN).collect()
    });
    Ok((found, children.unwrap_or_default()))
}

/// Reads what belongs to a manifest: its configuration, and its `children` except those that are `known`. The manifest
/// itself comes last, so that whoever keeps them in order keeps children before their index.
pub(crate) async fn read(
    source: &Source,
    digest: &Digest,
    found: Found,
    children: Vec<Digest>,
    known: HashMap<Digest, Summary>,
) -> registry::Result<Vec<Read>> {
    let missing = children.into_iter().filter(|digest| !known.contains_key(digest));
    let asked = stream::iter(missing).map(|digest| child(source, digest)).buffer_unordered(AT_ONCE);
    let mut all = Vec::new();
    for answer in asked.collect::<Vec<_>>().await {
        all.extend(answer?);
    }
    let summaries: Vec<Summary> = known.into_values().chain(all.iter().map(|read| read.summary.clone())).collect();
    all.push(one(source, digest, found, &summaries).await?);
    Ok(all)
}

async fn fetch(source: &Source, digest: &Digest) -> registry::Result<Found> {
    let fetched = source.client.manifest(&source.repository, &Reference::Digest(digest.clone())).await?;
    if !fetched.is_verified() {
        let found = "content that can't be verified here".to_owned();
        return Err(registry::Error::Integrity { expected: digest.to_string(), found });
    }
    let document = Document::parse(&fetched.bytes, &fetched.media_type);
    Ok(Found { bytes: fetched.bytes, media_type: fetched.media_type, document })
}

/// One child. One that can't be had for good counts as unknown; the index still shows what it says about it.
async fn child(source: &Source, digest: Digest) -> registry::Result<Option<Read>> {
    match fetch(source, &digest).await {
        Ok(found) => one(source, &digest, found, &[]).await.map(Some),
        Err(error) if error.is_temporary() => Err(error),
        Err(_) => Ok(None),
    }
}

async fn one(source: &Source, digest: &Digest, found: Found, children: &[Summary]) -> registry::Result<Read> {
    let Found { bytes, media_type, document } = found;
    let config = match document.image_config() {
        Some(descriptor) => blob(source, &descriptor.digest).await?.map(|bytes| (descriptor.digest.clone(), bytes)),
        None => None,
    };
    let read = config.as_ref().and_then(|(_, bytes)| Config::parse(bytes).ok());
    let summary = summarize(&document, read.as_ref(), children);
    let made_from = crate::content::made_from(read.is_some(), children.len());
    let facts = Facts::of(&document, read.as_ref(), now(source));
    let findings = checks_of_manifest(&document, read.as_ref(), now(source));
    Ok(Read { digest: digest.clone(), media_type, bytes, summary, config, made_from, facts, findings })
}

/// Dates in documents are compared with when they were read.
fn now(source: &Source) -> Timestamp {
    source.clock.now()
}

/// A configuration; one that can't be had for good (gone, too large) is left out. One that is not what its digest says may
/// have been damaged on the way: what is kept is kept for ever, so that nothing is kept of it.
async fn blob(source: &Source, digest: &Digest) -> registry::Result<Option<Bytes>> {
    match source.client.blob(&source.repository, digest, registry::CONFIG_CAP).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_temporary() || matches!(error, registry::Error::Integrity { .. }) => Err(error),
        Err(_) => Ok(None),
    }
}
