//! Reading all tags of a repository: where each points, by HEAD, and what stands behind digests that are not known yet.

use super::{
    pipe::{Pipe, Work},
    rows::{Pointing, head, short},
};
use crate::{Operations, Result};
use domain::{Digest, Tag};
use futures_util::{StreamExt as _, future::BoxFuture, stream};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;

/// Tags that are asked for between two looks at the list.
const PAGE: u32 = 1_000;
/// Answers, or digests, that are looked at together.
const TOGETHER: usize = 64;

/// Which tags are asked for.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    /// Those whose image was never read: what is left of a first reading.
    Unread,
    /// All of them.
    All,
}

/// Tags to be asked for, with where each points as far as that is known, and those of these digests that are kept.
struct Page {
    rows: Vec<(Tag, Option<Digest>)>,
    kept: HashSet<Digest>,
}

/// A digest to be fetched, and the tags that wait for it.
struct Wanted {
    digest: Digest,
    tags: Vec<Tag>,
}

impl Operations {
    /// Reads the tags of a repository into the pipe. `told`: where tags point, as far as the registry told that already.
    /// Errors are kept per tag; what makes it useless to go on is given back.
    pub(crate) async fn read_tags(
        &self,
        pipe: &Pipe,
        work: &Arc<Work>,
        which: &Which,
        told: &HashMap<Tag, Digest>,
    ) -> Result<()> {
        let mut page = self.page(work, which, told, None).await?;
        while let Some(last) = page.rows.last().map(|(tag, _)| tag.clone()) {
            if let Some(error) = pipe.stop(work) {
                return Err(error.into());
            }
            // Rows that somebody looks at are theirs.
            let asked = page.rows.len() as u64;
            let names = page.rows.iter().map(|(tag, _)| tag.to_string()).collect();
            let taken = self.0.reading.rows.take(&work.key(), names);
            let mine: HashSet<&str> = taken.tags().iter().map(String::as_str).collect();
            page.rows.retain(|(tag, _)| mine.contains(tag.as_str()));
            pipe.count(work, asked - page.rows.len() as u64, 0);
            // The registry is not left idle while the next page is looked up.
            let next = self.page(work, which, told, Some(&last));
            let (came, next) = futures_util::join!(self.read_page(pipe, work, page, told), next);
            came?;
            page = next?;
        }
        Ok(())
    }

    /// The tags after this one, with what the index knows of the images that they are expected to point to. It is asked once for
    /// all of them: most point where they did, or where the list said.
    async fn page(&self, work: &Work, which: &Which, told: &HashMap<Tag, Digest>, after: Option<&Tag>) -> Result<Page> {
        let index = self.0.store.index();
        let rows = match which {
            Which::Unread => index.unread(work.id, after, PAGE).await?,
            Which::All => index.known_tags(work.id, after, PAGE).await?,
        };
        let expected: Vec<Digest> =
            rows.iter().filter_map(|(tag, known)| told.get(tag).or(known.as_ref())).cloned().collect();
        let kept = index.known(work.source.registry, &expected).await?.into_iter().collect();
        Ok(Page { rows, kept })
    }

    async fn read_page(
        &self,
        pipe: &Pipe,
        work: &Arc<Work>,
        Page { rows, kept }: Page,
        told: &HashMap<Tag, Digest>,
    ) -> Result<()> {
        let failed = Mutex::new(None);
        let fail = |error| _ = failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        let source = &work.source;
        // Boxed: the compiler can't tell of borrowing futures within streams that they may change threads.
        let ask = |(tag, known): (Tag, Option<Digest>)| -> BoxFuture<'_, _> {
            Box::pin(async move {
                let answer = match (told.get(&tag), pipe.stop(work)) {
                    (Some(digest), _) => Ok(digest.clone()),
                    (None, Some(error)) => Err(error),
                    (None, None) => pipe.note(work, head(source, &tag, known.as_ref()).await),
                };
                (tag, answer.map(|digest| (known.as_ref() == Some(&digest), digest)))
            })
        };
        let sort = |answers| -> BoxFuture<'_, Vec<Wanted>> {
            Box::pin(async {
                let sorted = self.sort_out(pipe, work, answers, &kept).await;
                sorted.map_err(fail).unwrap_or_default()
            })
        };
        let unknown = |wanted| -> BoxFuture<'_, _> {
            Box::pin(async {
                let unknown = self.unknown(pipe, work, wanted).await;
                stream::iter(unknown.map_err(fail).unwrap_or_default())
            })
        };
        let fetch = |wanted| -> BoxFuture<'_, Result<()>> { Box::pin(self.fetch(pipe, work, wanted)) };
        // The two go on side by side. Neither waits for the other while it holds a place at the registry; the list between
        // them is no longer than a page.
        let (to, from) = mpsc::unbounded_channel();
        let heads = async {
            let heads = stream::iter(rows).map(ask).buffer_unordered(source.at_once);
            let mut wanted = heads.ready_chunks(TOGETHER).then(sort).boxed();
            while let Some(more) = wanted.next().await {
                for one in more {
                    // Nobody takes it only where the page was given up.
                    drop(to.send(one));
                }
            }
            drop(to);
        };
        let contents = async {
            let wanted = stream::unfold(from, |mut from| async { from.recv().await.map(|one| (one, from)) });
            // They wait here for their turn at the registry: by then there are many to look for together.
            let wanted = wanted.ready_chunks(TOGETHER).then(unknown).flatten();
            let mut fetched = wanted.map(fetch).buffer_unordered(source.at_once).boxed();
            let mut came = Ok(());
            while let Some(next) = fetched.next().await {
                came = came.and(next);
            }
            came
        };
        let ((), came) = futures_util::join!(heads, contents);
        came?;
        failed.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }

    /// Passes on where tags point, and gives the digests that may have to be fetched: those that are not among the `kept`.
    async fn sort_out(
        &self,
        pipe: &Pipe,
        work: &Arc<Work>,
        answers: Vec<(Tag, registry::Result<(bool, Digest)>)>,
        kept: &HashSet<Digest>,
    ) -> Result<Vec<Wanted>> {
        let mut behind: HashMap<Digest, Vec<Tag>> = HashMap::new();
        for (tag, answer) in answers {
            match answer {
                Ok((same, digest)) => {
                    if kept.contains(&digest) {
                        self.0.reading.rows.note(&work.key(), tag.as_str(), None);
                        pipe.count(work, 1, 0);
                    } else {
                        behind.entry(digest.clone()).or_default().push(tag.clone());
                    }
                    pipe.points(work, Pointing { tag, digest, same }).await?;
                }
                Err(error) => {
                    self.0.reading.rows.note(&work.key(), tag.as_str(), Some(short(&error)));
                    pipe.count(work, 0, 1);
                }
            }
        }
        let mut wanted = Vec::with_capacity(behind.len());
        for (digest, tags) in behind {
            if pipe.claim(&digest) {
                wanted.push(Wanted { digest, tags });
            } else {
                pipe.count(work, tags.len() as u64, 0);
            }
        }
        Ok(wanted)
    }

    /// Those that were not read meanwhile, through another tag or another repository.
    async fn unknown(&self, pipe: &Pipe, work: &Arc<Work>, mut wanted: Vec<Wanted>) -> Result<Vec<Wanted>> {
        let digests: Vec<Digest> = wanted.iter().map(|one| one.digest.clone()).collect();
        let known: HashSet<Digest> =
            self.0.store.index().known(work.source.registry, &digests).await?.into_iter().collect();
        for one in wanted.extract_if(.., |one| known.contains(&one.digest)) {
            pipe.unclaim(&one.digest);
            for tag in &one.tags {
                self.0.reading.rows.note(&work.key(), tag.as_str(), None);
            }
            pipe.count(work, one.tags.len() as u64, 0);
        }
        Ok(wanted)
    }

    /// Fetches what stands behind a digest. What can't be had is noted with the tags that lead there.
    async fn fetch(&self, pipe: &Pipe, work: &Arc<Work>, wanted: Wanted) -> Result<()> {
        let Wanted { digest, tags } = wanted;
        let answer = match pipe.stop(work) {
            Some(error) => Err(error),
            None => pipe.note(work, self.content(&work.source, work.id, &digest).await?),
        };
        let problem = answer.as_ref().err().map(short);
        for tag in &tags {
            self.0.reading.rows.note(&work.key(), tag.as_str(), problem.clone());
        }
        match answer {
            Ok(read) => {
                pipe.content(work, digest, read).await?;
                pipe.count(work, tags.len() as u64, 0);
            }
            Err(_) => {
                pipe.unclaim(&digest);
                pipe.count(work, 0, tags.len() as u64);
            }
        }
        Ok(())
    }
}
