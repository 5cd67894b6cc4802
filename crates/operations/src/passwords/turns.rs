//! Turns at work that is dear: so many at once, so many that wait, and nobody beyond.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Too many wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// Gives turns.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    at_once: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most: usize,
}

/// Somebody who waits; no longer, once this is dropped.
struct Waits<'t>(&'t AtomicUsize);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Turns {
    /// `at_once` work, `most` wait.
    pub(crate) fn new(at_once: usize, most: usize) -> Self {
        Self { at_once: Arc::new(Semaphore::new(at_once)), waiting: Arc::default(), most }
    }

    /// Waits for a turn, which ends when it is dropped: it goes along with work that nobody can stop.
    pub(crate) async fn take(&self) -> Result<OwnedSemaphorePermit, TooMany> {
        if let Ok(turn) = Arc::clone(&self.at_once).try_acquire_owned() {
            return Ok(turn);
        }
        let before = self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waits = Waits(&self.waiting);
        if before >= self.most {
            return Err(TooMany);
        }
        Arc::clone(&self.at_once).acquire_owned().await.map_err(|_| TooMany)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn so_many_work_so_many_wait_and_the_next_is_sent_away() {
        let turns = Turns::new(1, 2);
        let works = turns.take().await.expect("the first works");
        let (mut second, mut third) = (Box::pin(turns.take()), Box::pin(turns.take()));
        assert!(second.as_mut().now_or_never().is_none() && third.as_mut().now_or_never().is_none(), "both wait");
        assert_eq!(turns.take().await.err(), Some(TooMany));
        assert_eq!(turns.take().await.err(), Some(TooMany), "who was sent away does not count as waiting");
        drop(works);
        let works = second.await.expect("its turn");
        drop(works);
        drop(third);
        let works = turns.take().await.expect("who stopped waiting is in nobody's way");
        let mut waits = Box::pin(turns.take());
        assert!(waits.as_mut().now_or_never().is_none());
        drop(works);
        drop(waits.await.expect("its turn"));
    }
}
