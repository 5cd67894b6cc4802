//! Reading many tags of many repositories: requests go on while what came is written into the index, in small batches, by
//! one writer for all of them.

use super::{
    content::{Read, Source},
    jobs::Job,
    rows::{Pointing, Stop, stops_all},
};
use crate::{Error, Kind, Operations, Result, sync::Holding};
use domain::{Digest, Id, RepositoryName};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

/// As many things wait to be written; who has more to write waits, so that memory stays bounded. A disk that takes a second
/// for a write must not stop the asking.
const WAITING: usize = 2_048;
/// Or as many KiB of documents.
const ROOM: u32 = 32 * 1024;
/// A batch is written when it has so many rows: the lock is held some milliseconds for each part of it.
const BATCH: usize = 2_000;
/// Or when its first row has waited this long. Several repositories are read at once, and each costs a few transactions a
/// batch, however small; and each writes the same pages of a dozen trees anew.
const SOON: Duration = Duration::from_secs(2);
/// Or when nothing came for this long: the last of it waits no longer than that.
const IDLE: Duration = Duration::from_millis(100);

/// A repository whose tags are being read.
pub(crate) struct Work {
    /// From where.
    pub source: Source,
    /// Its row in the index.
    pub id: Id,
    /// The place in the list of those that are being read; with it others see how far it is.
    pub job: Job,
    /// How many tags there are to ask for.
    pub of: u64,
    /// How many were read before.
    pub before: u64,
    done: AtomicU64,
    errors: AtomicU64,
    stop: Stop,
}

impl Work {
    /// Nothing of it is done yet.
    pub(crate) fn new(source: Source, id: Id, job: Job, before: u64, of: u64) -> Self {
        Self { source, id, job, of, before, done: AtomicU64::new(0), errors: AtomicU64::new(0), stop: Stop::default() }
    }
    /// Its name in the lists of what is being read.
    pub(crate) fn key(&self) -> (Id, RepositoryName) {
        (self.source.registry, self.source.repository.clone())
    }
    /// Tags that could not be read.
    pub(crate) fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }
    fn note(&self) {
        self.job.note(self.before + self.done.load(Ordering::Relaxed), self.of, self.errors());
    }
}

/// What was read, on its way into the index.
enum Item {
    Points(Arc<Work>, Pointing),
    Content(Arc<Work>, Digest, Vec<Read>, OwnedSemaphorePermit),
    /// Everything before it is written first.
    Then(Box<dyn FnOnce() -> Closing + Send>),
}

type Closing = std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// What those who read and the one who writes both know.
#[derive(Default)]
pub(crate) struct Shared {
    /// What makes it useless to go on: the registry is away, refuses us or wants to be left alone.
    pub stop: Stop,
    /// Tags that were asked for and written.
    pub tags: AtomicU64,
    /// Digests that somebody is fetching, or that wait to be written: each is fetched once.
    claimed: Mutex<HashSet<Digest>>,
}

impl Shared {
    /// These digests are written.
    fn release(&self, digests: &[Digest]) {
        let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        for digest in digests {
            claimed.remove(digest);
        }
    }
}

/// Where what was read goes in. Cheap to clone; the writer ends when the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Pipe {
    to: mpsc::Sender<Item>,
    room: Arc<Semaphore>,
    pub(crate) shared: Arc<Shared>,
}

/// The writer at the other end.
pub(crate) struct Writer(JoinHandle<Result<()>>);

impl Pipe {
    /// A tag points there. Counted as done unless its content is still to come.
    pub(super) async fn points(&self, work: &Arc<Work>, pointing: Pointing) -> Result<()> {
        self.send(Item::Points(work.clone(), pointing)).await
    }
    /// What stands behind a digest that was claimed.
    pub(super) async fn content(&self, work: &Arc<Work>, digest: Digest, read: Vec<Read>) -> Result<()> {
        let bytes = |one: &Read| one.bytes.len() + one.config.as_ref().map_or(0, |(_, bytes)| bytes.len());
        let size = u32::try_from(read.iter().map(bytes).sum::<usize>() / 1024 + 1).unwrap_or(ROOM).min(ROOM);
        let room = self.room.clone().acquire_many_owned(size).await.map_err(Error::internal)?;
        self.send(Item::Content(work.clone(), digest, read, room)).await
    }
    /// Does this once everything before it is written.
    pub(crate) async fn then(&self, close: impl FnOnce() -> Closing + Send + 'static) -> Result<()> {
        self.send(Item::Then(Box::new(close))).await
    }
    async fn send(&self, item: Item) -> Result<()> {
        // The writer is gone: it failed, and says why itself.
        self.to.send(item).await.map_err(|_| Error::new(Kind::Conflict, "What was read could not be kept."))
    }
    /// What makes it useless to go on with this repository, if something does.
    pub(crate) fn stop(&self, work: &Work) -> Option<registry::Error> {
        self.shared.stop.get().or_else(|| work.stop.get())
    }
    /// Remembers what makes it useless to go on: with this repository, or with all of them.
    pub(super) fn note<T>(&self, work: &Work, answer: registry::Result<T>) -> registry::Result<T> {
        match answer {
            Err(error) if stops_all(&error) => self.shared.stop.note(Err(error)),
            other => work.stop.note(other),
        }
    }
    /// Claims a digest: may this one fetch it?
    pub(super) fn claim(&self, digest: &Digest) -> bool {
        self.claimed().insert(digest.clone())
    }
    /// It could not be fetched, or need not be.
    pub(super) fn unclaim(&self, digest: &Digest) {
        self.claimed().remove(digest);
    }
    /// Tags that nobody has to ask for any more.
    pub(super) fn count(&self, work: &Work, tags: u64, errors: u64) {
        work.done.fetch_add(tags, Ordering::Relaxed);
        work.errors.fetch_add(errors, Ordering::Relaxed);
        self.shared.tags.fetch_add(tags + errors, Ordering::Relaxed);
        work.note();
    }
    fn claimed(&self) -> std::sync::MutexGuard<'_, HashSet<Digest>> {
        self.shared.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// Waits until all is written, and says what stopped that. Every clone of the pipe must be gone.
    pub(crate) async fn end(self) -> Result<()> {
        self.0.await.map_err(Error::internal)?
    }
}

/// What is written of one repository at a time.
struct Batch {
    work: Arc<Work>,
    heads: Vec<Pointing>,
    reads: Vec<Read>,
}

/// What came within a moment, by repository.
#[derive(Default)]
struct Gathered {
    batches: BTreeMap<Id, Batch>,
    rows: usize,
    claims: Vec<Digest>,
    room: Vec<OwnedSemaphorePermit>,
    then: Vec<Box<dyn FnOnce() -> Closing + Send>>,
}

impl Gathered {
    fn take(&mut self, item: Item) {
        match item {
            Item::Points(work, pointing) => {
                self.rows += 1;
                self.of(&work).heads.push(pointing);
            }
            Item::Content(work, digest, read, room) => {
                self.rows += read.len();
                self.claims.push(digest);
                self.room.push(room);
                self.of(&work).reads.extend(read);
            }
            Item::Then(close) => self.then.push(close),
        }
    }
    fn of(&mut self, work: &Arc<Work>) -> &mut Batch {
        let empty = || Batch { work: work.clone(), heads: Vec::new(), reads: Vec::new() };
        self.batches.entry(work.id).or_insert_with(empty)
    }
    /// Is there enough for a batch, or no room for more?
    fn is_enough(&self, room: &Semaphore) -> bool {
        self.rows >= BATCH || room.available_permits() < ROOM as usize / 2
    }
}

impl Operations {
    /// Opens a pipe into the index. `holding`: the lease under which is written, if it is under one.
    pub(crate) fn pipe(&self, holding: Option<Arc<Holding>>) -> (Pipe, Writer) {
        let (to, from) = mpsc::channel(WAITING);
        let shared = Arc::<Shared>::default();
        let room = Arc::new(Semaphore::new(ROOM as usize));
        let pipe = Pipe { to, room: room.clone(), shared: shared.clone() };
        let operations = self.clone();
        let writer = async move { operations.write_all(from, &shared, &room, holding.as_deref()).await };
        let writer = self.0.syncs.tasks.spawn(writer);
        (pipe, Writer(writer))
    }

    async fn write_all(
        &self,
        mut from: mpsc::Receiver<Item>,
        shared: &Shared,
        room: &Semaphore,
        holding: Option<&Holding>,
    ) -> Result<()> {
        while let Some(first) = from.recv().await {
            let (until, mut gathered) = (Instant::now() + SOON, Gathered::default());
            gathered.take(first);
            while !gathered.is_enough(room)
                && let Ok(Some(next)) = timeout_at(until.min(Instant::now() + IDLE), from.recv()).await
            {
                gathered.take(next);
            }
            if let Some(holding) = holding {
                holding.check().await?;
            }
            for (_, batch) in gathered.batches {
                self.write_batch(batch).await?;
            }
            shared.release(&gathered.claims);
            drop(gathered.room);
            for close in gathered.then {
                close().await?;
            }
        }
        Ok(())
    }

    async fn write_batch(&self, batch: Batch) -> Result<()> {
        let Batch { work, heads, reads } = batch;
        if !reads.is_empty() {
            let contents: Vec<_> = reads.into_iter().map(Read::into_content).collect();
            let _entered = work.source.pass.enter().await?;
            self.0.store.index().save_content(work.id, &contents, self.now()).await?;
        }
        if !heads.is_empty() {
            self.note_heads(&work.source, work.id, &heads).await?;
        }
        Ok(())
    }
}
