//! Manifests, configurations and the children of indexes: fetched once by digest, summed up, kept for ever.

use domain::{Digest, Id, Reference, RepositoryName, Summary, config::Config, manifest::Document, summary::summarize};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use std::collections::HashMap;

/// As many children of one index are read; a page of a larger one still shows what it names.
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
    /// How many requests we send it at the same time.
    pub at_once: usize,
}

/// A document and what belongs to it, as they came.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// The document's digest.
    pub digest: Digest,
    /// Its bytes.
    pub bytes: Bytes,
    /// What lists show of it.
    pub summary: Summary,
    /// Its configuration.
    pub config: Option<(Digest, Bytes)>,
}

/// Reads a manifest, its configuration, and of an index its children; `known` are those that need not be fetched.
/// The document itself comes last, so that whoever keeps them in order keeps children before their index.
pub(crate) async fn read(source: &Source, digest: &Digest, known: &HashMap<Digest, Summary>) -> registry::Result<Vec<Read>> {
    let fetched = source.client.manifest(&source.repository, &Reference::Digest(digest.clone())).await?;
    let document = Document::parse(&fetched.bytes, &fetched.media_type);
    let (children, mut all) = match &document {
        Document::Index(index) => {
            let entries = index.children().into_iter().filter(|child| !matches!(child.role, domain::manifest::Role::Attestation { .. }));
            let wanted: Vec<Digest> = entries.map(|child| child.descriptor.digest).filter(|child| child != digest).take(CHILDREN).collect();
            children(source, wanted, known).await?
        }
        _ => (Vec::new(), Vec::new()),
    };
    all.push(one(source, digest, fetched.bytes, &document, &children).await?);
    Ok(all)
}

/// The summaries of an index's children, and those of them that had to be fetched.
async fn children(source: &Source, wanted: Vec<Digest>, known: &HashMap<Digest, Summary>) -> registry::Result<(Vec<Summary>, Vec<Read>)> {
    let mut summaries: Vec<Summary> = wanted.iter().filter_map(|digest| known.get(digest).cloned()).collect();
    let missing = wanted.into_iter().filter(|digest| !known.contains_key(digest));
    let asked = stream::iter(missing).map(|digest| child(source, digest)).buffer_unordered(AT_ONCE);
    let answers: Vec<registry::Result<Option<Read>>> = asked.collect().await;
    let mut fetched = Vec::new();
    for answer in answers {
        fetched.extend(answer?);
    }
    summaries.extend(fetched.iter().map(|read| read.summary.clone()));
    Ok((summaries, fetched))
}

/// One child. One that can't be had for good counts as unknown; the index still shows what it says about it.
async fn child(source: &Source, digest: Digest) -> registry::Result<Option<Read>> {
    let fetched = match source.client.manifest(&source.repository, &Reference::Digest(digest.clone())).await {
        Ok(fetched) => fetched,
        Err(error) if error.is_temporary() => return Err(error),
        Err(_) => return Ok(None),
    };
    let document = Document::parse(&fetched.bytes, &fetched.media_type);
    one(source, &digest, fetched.bytes, &document, &[]).await.map(Some)
}

async fn one(source: &Source, digest: &Digest, bytes: Bytes, document: &Document, children: &[Summary]) -> registry::Result<Read> {
    let config = match document.image_config() {
        Some(descriptor) => blob(source, &descriptor.digest).await?.map(|bytes| (descriptor.digest.clone(), bytes)),
        None => None,
    };
    let read = config.as_ref().and_then(|(_, bytes)| Config::parse(bytes).ok());
    let summary = summarize(document, read.as_ref(), children);
    Ok(Read { digest: digest.clone(), bytes, summary, config })
}

/// A configuration; one that can't be had for good (gone, too large, not what its digest says) is left out.
async fn blob(source: &Source, digest: &Digest) -> registry::Result<Option<Bytes>> {
    match source.client.blob(&source.repository, digest, registry::CONFIG_CAP).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_temporary() => Err(error),
        Err(_) => Ok(None),
    }
}
