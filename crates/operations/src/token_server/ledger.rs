//! What happened at the token server, counted in memory and written some seconds later: a pull waits for no write, and a
//! write that fails stops no token.

use super::lines::{self, Line, Times};
use crate::{Operations, Result, issuing::Algorithm};
use domain::{Id, Timestamp};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How often what happened is written.
const EVERY: Duration = Duration::from_secs(10);
/// As many different grants are told between two writings; the rest is one line.
const GRANTS: usize = 10_000;
/// As many different refusals: anybody can make some up, and they must not fill the disk.
const REFUSALS: usize = 200;
/// A last use is noted at most this often, in seconds.
const NOTED_EVERY: i64 = 60;
/// As many secrets' last uses are known; beyond, all are noted anew.
const SECRETS: usize = 100_000;
/// As many rounds of writing lie between two clearings of what has run out: an hour.
const ROUNDS: u32 = 360;

/// What was used to prove who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum UsedKind {
    /// A person's token.
    Token,
    /// A robot's secret.
    RobotSecret,
    /// A refresh token.
    Refresh,
}

type Used = (UsedKind, Id);

#[derive(Default)]
struct Book {
    grants: HashMap<Line, Times>,
    refusals: HashMap<Line, Times>,
    more_grants: u64,
    more_refusals: u64,
}

impl Book {
    fn note(&mut self, line: Line, at: Timestamp) {
        let (all, most, more) = match line.refused {
            None => (&mut self.grants, GRANTS, &mut self.more_grants),
            Some(_) => (&mut self.refusals, REFUSALS, &mut self.more_refusals),
        };
        if let Some(times) = all.get_mut(&line) {
            times.again(at);
        } else if all.len() < most {
            all.insert(line, Times::once(at));
        } else {
            *more += 1;
        }
    }
}

#[derive(Default)]
struct Uses {
    /// Not written yet: when, and from where.
    new: HashMap<Used, (Timestamp, String)>,
    /// When each was noted last.
    noted: HashMap<Used, Timestamp>,
}

/// Keeps it until it is written.
#[derive(Default)]
pub(crate) struct Ledger {
    book: Mutex<Book>,
    uses: Mutex<Uses>,
    /// One writing at a time, so that who waits for it knows that all before is written.
    writing: tokio::sync::Mutex<()>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger {
    pub(super) fn note(&self, line: Line, at: Timestamp) {
        locked(&self.book).note(line, at);
    }

    /// Something was used to prove who asks, from this address.
    pub(super) fn used(&self, kind: UsedKind, id: Id, at: Timestamp, address: &str) {
        let uses = &mut *locked(&self.uses);
        let long_ago = |noted: &Timestamp| (at.0 - noted.0).abs() >= NOTED_EVERY * 1_000_000;
        if uses.noted.get(&(kind, id)).is_none_or(long_ago) {
            if uses.noted.len() >= SECRETS {
                uses.noted.clear();
            }
            uses.noted.insert((kind, id), at);
            uses.new.insert((kind, id), (at, address.to_owned()));
        }
    }
}

impl Operations {
    /// Writes what happened at the token server so far: the audit entries, and when secrets were used last.
    pub async fn write_token_events(&self) {
        let ledger = &self.0.ledger;
        let _one = ledger.writing.lock().await;
        let book = std::mem::take(&mut *locked(&ledger.book));
        let counted = [(book.more_grants, false), (book.more_refusals, true)];
        let more =
            counted.into_iter().filter(|(count, _)| *count > 0).map(|(count, refused)| lines::more(count, refused));
        let all = book.grants.into_iter().chain(book.refusals).map(|(line, times)| line.told(times)).chain(more);
        self.0.store.record_all(all.collect(), self.now()).await;
        let uses = std::mem::take(&mut locked(&ledger.uses).new);
        for ((kind, id), (at, address)) in uses {
            if let Err(error) = self.write_use(kind, id, at, &address).await {
                tracing::warn!(cause = ?error, "a secret's last use could not be noted");
            }
        }
    }

    async fn write_use(&self, kind: UsedKind, id: Id, at: Timestamp, address: &str) -> Result<(), store::Error> {
        let store = &self.0.store;
        match kind {
            UsedKind::Token => store.tokens().used(id, at, address).await,
            UsedKind::RobotSecret => store.robots().used(id, at, address).await,
            UsedKind::Refresh => store.refresh_tokens().used(id, at, address).await,
        }
    }

    /// Gets the token server ready: its usual keys, and the writing of what happens, until [`Self::stop_token_server`].
    pub async fn start_token_server(&self) -> Result<()> {
        self.prepare_signing_keys(Algorithm::default()).await?;
        let operations = self.clone();
        self.0.ledger.tasks.spawn(async move { operations.keep_writing_token_events().await });
        Ok(())
    }

    /// Writes what is left, and ends; was that so in time?
    pub async fn stop_token_server(&self, longest: Duration) -> bool {
        self.0.ledger.stop.cancel();
        self.0.ledger.tasks.close();
        let ended = async {
            self.0.ledger.tasks.wait().await;
            self.write_token_events().await;
        };
        tokio::time::timeout(longest, ended).await.is_ok()
    }

    async fn keep_writing_token_events(&self) {
        for round in 0_u32.. {
            if round.is_multiple_of(ROUNDS)
                && let Err(error) = self.remove_idle_refresh_tokens().await
            {
                tracing::warn!(cause = ?error.cause, "refresh tokens that were not used for long could not be removed");
            }
            tokio::select! {
                () = self.0.ledger.stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => self.write_token_events().await,
            }
        }
    }
}
