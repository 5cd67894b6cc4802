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
use store::TagMove;

/// What came of reading rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Came {
    /// What makes it useless to go on: the registry is away, refuses us or wants to be left alone.
    pub stop: Option<Error>,
}

/// Where a tag points, as the registry said.
#[derive(Clone, Debug)]
pub(crate) struct Pointing {
    /// Which tag.
    pub tag: Tag,
    /// Where to.
    pub digest: Digest,
    /// Where it pointed before?
    pub same: bool,
}

/// Is it of no use to ask for the next row?
pub(super) fn stops(error: &Error) -> bool {
    let temporary = error.is_temporary() && !matches!(error, Error::ServerFault { .. } | Error::Interrupted { .. });
    temporary || matches!(error, Error::Unauthorized { .. } | Error::Tls { .. } | Error::RealmNotConfirmed { .. })
}

/// Is it of no use to ask for anything in this registry? That we are not let in may be so in one repository only.
pub(super) fn stops_all(error: &Error) -> bool {
    stops(error) && !matches!(error, Error::Unauthorized { .. })
}

/// Remembers the first error that makes going on useless.
#[derive(Default)]
pub(crate) struct Stop(Mutex<Option<Error>>);

impl Stop {
    pub(crate) fn get(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    pub(crate) fn note<T>(&self, answer: registry::Result<T>) -> registry::Result<T> {
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
        let heads = self.heads(source, rows, &stop).await;
        self.note_heads(source, repository, &heads).await?;
        let unreadable = self.contents(source, repository, heads.iter().map(|head| &head.digest), &stop).await?;
        for Pointing { tag, digest, .. } in &heads {
            let problem = unreadable.get(digest).map(short);
            self.0.reading.rows.note(&key, tag.as_str(), problem);
        }
        Ok(Came { stop: stop.get() })
    }

    /// Where the tags point now. Those that could not be asked for are noted.
    async fn heads(&self, source: &Source, rows: Vec<(Tag, Option<Digest>)>, stop: &Stop) -> Vec<Pointing> {
        let key = (source.registry, source.repository.clone());
        let asked = stream::iter(rows).map(|(tag, known)| async move {
            if let Some(error) = stop.get() {
                return (tag, Err(error));
            }
            let answer = stop.note(head(source, &tag, known.as_ref()).await);
            (tag, answer.map(|digest| (known.as_ref() == Some(&digest), digest)))
        });
        let answers: Vec<_> = asked.buffer_unordered(source.at_once).collect().await;
        let mut heads = Vec::with_capacity(answers.len());
        for (tag, answer) in answers {
            match answer {
                Ok((same, digest)) => heads.push(Pointing { tag, digest, same }),
                Err(error) => self.0.reading.rows.note(&key, tag.as_str(), Some(short(&error))),
            }
        }
        heads
    }

    /// Notes where tags point, and puts on record which of them moved or came.
    pub(crate) async fn note_heads(&self, source: &Source, repository: Id, heads: &[Pointing]) -> Result<()> {
        let (index, now) = (self.0.store.index(), self.now());
        let (same, other): (Vec<&Pointing>, Vec<&Pointing>) = heads.iter().partition(|head| head.same);
        let same: Vec<Tag> = same.into_iter().map(|head| head.tag.clone()).collect();
        let other: Vec<(Tag, Digest)> = other.into_iter().map(|head| (head.tag.clone(), head.digest.clone())).collect();
        let _entered = source.pass.enter().await?;
        if !other.is_empty() {
            let moved = index.moves(repository, &other).await?;
            let came = self.0.reading.rows.take_came(&(source.registry, source.repository.clone()), &other);
            let moved = moved.into_iter().map(|(tag, from, to)| TagMove { tag, from: Some(from), to: Some(to) });
            let came = came.into_iter().map(|(tag, to)| TagMove { tag, from: None, to: Some(to) });
            let moves: Vec<TagMove> = moved.chain(came).collect();
            self.0.store.tag_moves().append(source.registry, &source.repository, &moves, now).await?;
            index.set_tag_digests(repository, &other, now).await?;
        }
        if !same.is_empty() {
            index.tags_checked(repository, &same, now).await?;
        }
        Ok(())
    }

    /// Fetches what is not known yet, and gives the errors by digest.
    pub(crate) async fn contents(
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
                    Ok(read) => contents.extend(read.into_iter().map(Read::into_content)),
                    Err(error) => _ = errors.insert(digest, error),
                }
            }
            let _entered = source.pass.enter().await?;
            index.save_content(repository, &contents, self.now()).await?;
        }
        Ok(errors)
    }

    /// What stands behind a digest, and what of it is not known yet.
    pub(super) async fn content(
        &self,
        source: &Source,
        repository: Id,
        digest: &Digest,
    ) -> Result<registry::Result<Vec<Read>>> {
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
pub(crate) async fn head(source: &Source, tag: &Tag, known: Option<&Digest>) -> registry::Result<Digest> {
    let reference = Reference::Tag(tag.clone());
    match (source.client.head_manifest(&source.repository, &reference, known).await?, known) {
        (Head::Found { digest: Some(digest), .. }, _) => Ok(digest),
        (Head::NotModified, Some(digest)) => Ok(digest.clone()),
        _ => Ok(source.client.manifest(&source.repository, &reference).await?.digest),
    }
}

/// An error as it stands in a row.
pub(super) fn short(error: &Error) -> String {
    if error.is_absence() { "listed, but the registry answers 404 for it".to_owned() } else { error.to_string() }
}
