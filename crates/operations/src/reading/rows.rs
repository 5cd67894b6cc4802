//! Rows of a list of tags: where each tag points now, and what stands behind it if that is not known yet.

use super::content::{self, Read, Source};
use crate::{Operations, Result};
use domain::{Actor, Digest, Id, Reference, Tag, Visible};
use futures_util::{StreamExt as _, stream};
use registry::{Error, Head};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};
use store::index::Content;

/// What came of reading rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Came {
    /// Rows that could not be read.
    pub errors: u64,
    /// What makes it useless to go on: the registry is away, refuses us or wants to be left alone.
    pub stop: Option<Error>,
}

/// Is it of no use to ask for the next row?
fn stops(error: &Error) -> bool {
    let temporary = error.is_temporary() && !matches!(error, Error::ServerFault { .. } | Error::Interrupted { .. });
    temporary || matches!(error, Error::Unauthorized { .. } | Error::Tls { .. } | Error::RealmNotConfirmed { .. })
}

/// Remembers the first error that makes going on useless.
#[derive(Default)]
struct Stop(Mutex<Option<Error>>);

impl Stop {
    fn get(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn note<T>(&self, answer: registry::Result<T>) -> registry::Result<T> {
        if let Err(error) = &answer
            && stops(error)
        {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.clone());
        }
        answer
    }
}

impl Operations {
    /// Reads rows: a conditional HEAD each, then what stands behind digests that are not known yet, each once. Errors
    /// are kept per row. Rows that somebody else is reading are left to them.
    pub(super) async fn read_rows(
        &self,
        source: &Source,
        repository: Id,
        rows: Vec<(Tag, Option<Digest>)>,
    ) -> Result<Came> {
        let key = (source.registry, source.repository.clone());
        let taken = self.0.reading.rows.take(&key, rows.iter().map(|(tag, _)| tag.to_string()).collect());
        let mine: HashSet<&str> = taken.tags().iter().map(String::as_str).collect();
        let rows: Vec<_> = rows.into_iter().filter(|(tag, _)| mine.contains(tag.as_str())).collect();
        let stop = Stop::default();
        let asked = rows.len() as u64;
        let heads = self.heads(source, rows, &stop).await;
        self.0.store.index().set_tag_digests(repository, &heads, self.now()).await?;
        let unreadable = self.contents(source, repository, heads.iter().map(|(_, digest)| digest), &stop).await?;
        let mut done = 0;
        for (tag, digest) in &heads {
            let problem = unreadable.get(digest).map(short);
            done += u64::from(problem.is_none());
            self.0.reading.rows.note(&key, tag.as_str(), problem);
        }
        Ok(Came { errors: asked - done, stop: stop.get() })
    }

    /// Where the tags point now. Those that could not be asked for are noted.
    async fn heads(&self, source: &Source, rows: Vec<(Tag, Option<Digest>)>, stop: &Stop) -> Vec<(Tag, Digest)> {
        let key = (source.registry, source.repository.clone());
        let asked = stream::iter(rows).map(|(tag, known)| async move {
            if let Some(error) = stop.get() {
                return (tag, Err(error));
            }
            let answer = stop.note(head(source, &tag, known).await);
            (tag, answer)
        });
        let answers: Vec<_> = asked.buffer_unordered(source.at_once).collect().await;
        let mut heads = Vec::with_capacity(answers.len());
        for (tag, answer) in answers {
            match answer {
                Ok(digest) => heads.push((tag, digest)),
                Err(error) => self.0.reading.rows.note(&key, tag.as_str(), Some(short(&error))),
            }
        }
        heads
    }

    /// Fetches what is not known yet, and gives the errors by digest.
    async fn contents(
        &self,
        source: &Source,
        repository: Id,
        digests: impl Iterator<Item = &Digest>,
        stop: &Stop,
    ) -> Result<HashMap<Digest, Error>> {
        let index = self.0.store.index();
        let digests: Vec<Digest> = digests.cloned().collect::<HashSet<_>>().into_iter().collect();
        let known: HashSet<Digest> = index.known(source.registry, &digests).await?.into_iter().collect();
        let unknown = digests.into_iter().filter(|digest| !known.contains(digest));
        let mut asked = stream::iter(unknown)
            .map(|digest| async move {
                if let Some(error) = stop.get() {
                    return (digest, Ok(Err(error)));
                }
                let answer = self.content(source, repository, &digest).await;
                (digest, answer.map(|answer| stop.note(answer)))
            })
            .buffer_unordered(source.at_once)
            .ready_chunks(16);
        let mut errors = HashMap::new();
        while let Some(chunk) = asked.next().await {
            let mut contents = Vec::new();
            for (digest, answer) in chunk {
                match answer? {
                    Ok(read) => contents.extend(read.into_iter().map(kept)),
                    Err(error) => _ = errors.insert(digest, error),
                }
            }
            index.save_content(repository, &contents, self.now()).await?;
        }
        Ok(errors)
    }

    async fn content(&self, source: &Source, repository: Id, digest: &Digest) -> Result<registry::Result<Vec<Read>>> {
        let (document, children) = match content::document(source, digest).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let program = Visible::to(&Actor::program());
        let known = if children.is_empty() {
            HashMap::new()
        } else {
            self.0.store.index().summaries(&program, repository, &children).await?
        };
        Ok(content::read(source, digest, document, children, known).await)
    }
}

/// Where a tag points now. A registry that does not tell is asked for the document, whose digest can be computed.
async fn head(source: &Source, tag: &Tag, known: Option<Digest>) -> registry::Result<Digest> {
    let reference = Reference::Tag(tag.clone());
    match (source.client.head_manifest(&source.repository, &reference, known.as_ref()).await?, known) {
        (Head::Found { digest: Some(digest), .. }, _) | (Head::NotModified, Some(digest)) => Ok(digest),
        _ => Ok(source.client.manifest(&source.repository, &reference).await?.digest),
    }
}

fn kept(read: Read) -> Content {
    let (config, config_bytes) = read.config.map(|(digest, bytes)| (digest, bytes.to_vec())).unzip();
    Content {
        digest: read.digest,
        media_type: read.media_type,
        bytes: read.bytes.to_vec(),
        summary: read.summary,
        config,
        config_bytes,
        made_from: read.made_from,
    }
}

/// An error as it stands in a row.
fn short(error: &Error) -> String {
    if error.is_absence() { "listed, but the registry answers 404 for it".to_owned() } else { error.to_string() }
}
