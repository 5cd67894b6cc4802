//! What happened at the token server, counted in memory and written some seconds later: a pull waits for no write, and a
//! write that fails stops no token.

use super::lines::{self, Line, Times, Whose};
use crate::{Operations, Result, issuing::Algorithm};
use domain::Timestamp;
use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::{Happened, HeldBack, LastUse, UsedSecret};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How often what happened is written.
const EVERY: Duration = Duration::from_secs(10);
/// As many different lines of one subject are told between two writings, granted or refused; the rest is one line.
const OF_ONE: usize = 1_000;
/// As many of all strangers together: anybody can make some up, and they must not fill the disk.
const OF_STRANGERS: usize = 200;
/// As many of the program's own.
const OWN: usize = 10_000;
/// As many of all subjects together.
const MOST: usize = 50_000;
/// A last use is noted at most this often, in seconds.
const NOTED_EVERY: i64 = 60;
/// As many secrets' last uses are known; beyond, all are noted anew.
const SECRETS: usize = 100_000;
/// As many rounds of writing lie between two tellings of the program's own tokens: five minutes.
const OWN_ROUNDS: u32 = 30;
/// As many between two clearings of what has run out: an hour.
const SWEEP_ROUNDS: u32 = 360;

/// What was noted of one subject.
#[derive(Default)]
struct Leaf {
    lines: HashMap<Line, Times>,
    /// Found no room: granted, and refused.
    more: [u64; 2],
}

/// What was noted, by whose it is.
#[derive(Default)]
struct Book {
    leaves: HashMap<Whose, Leaf>,
    count: usize,
}

impl Book {
    fn note(&mut self, line: Line, at: Timestamp) {
        let whose = line.whose();
        let most = match whose {
            Whose::Own => OWN,
            Whose::Strangers | Whose::Wrong => OF_STRANGERS,
            Whose::Of(..) => OF_ONE,
        };
        let leaf = self.leaves.entry(whose).or_default();
        if let Some(times) = leaf.lines.get_mut(&line) {
            times.again(at);
        } else if leaf.lines.len() < most && self.count < MOST {
            leaf.lines.insert(line, Times::once(at));
            self.count += 1;
        } else {
            leaf.more[usize::from(line.is_refused())] += 1;
        }
    }

    fn told(self) -> Vec<Happened> {
        let told = |(whose, leaf): (Whose, Leaf)| {
            let more = leaf.more.into_iter().zip([false, true]).filter(|(count, _)| *count > 0);
            let more: Vec<_> = more.map(|(count, refused)| lines::more(whose.clone(), count, refused)).collect();
            let lines = match whose {
                Whose::Own => lines::own_told(leaf.lines),
                _ => leaf.lines.into_iter().map(|(line, times)| line.told(times)).collect(),
            };
            lines.into_iter().chain(more)
        };
        self.leaves.into_iter().flat_map(told).collect()
    }
}

#[derive(Default)]
struct Uses {
    /// Not written yet: when, and from where.
    new: HashMap<UsedSecret, (Timestamp, String)>,
    /// When each was noted last.
    noted: HashMap<UsedSecret, Timestamp>,
}

/// Keeps it until it is written.
#[derive(Default)]
pub(crate) struct Ledger {
    book: Mutex<Book>,
    /// What the program made for itself. Its rounds are many: they are told together, every few minutes.
    own: Mutex<Book>,
    uses: Mutex<Uses>,
    /// One writing at a time, so that who waits for it knows that all before is written.
    writing: tokio::sync::Mutex<()>,
    /// Do the records say that this process holds back what happens? Should it be killed, the next one tells of it.
    holds: AtomicBool,
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

    /// A token that the program made for itself.
    pub(super) fn note_own(&self, line: Line, at: Timestamp) {
        locked(&self.own).note(line, at);
    }

    /// Something was used to prove who asks, from this address.
    pub(super) fn used(&self, secret: UsedSecret, at: Timestamp, address: &str) {
        let uses = &mut *locked(&self.uses);
        let long_ago = |noted: &Timestamp| (at.0 - noted.0).abs() >= NOTED_EVERY * 1_000_000;
        if uses.noted.get(&secret).is_none_or(long_ago) {
            if uses.noted.len() >= SECRETS {
                uses.noted.clear();
            }
            uses.noted.insert(secret, at);
            uses.new.insert(secret, (at, address.to_owned()));
        }
    }
}

impl Operations {
    /// Writes what happened at the token server so far: the audit entries, and when secrets were used last.
    pub async fn write_token_events(&self) {
        self.write_events(true).await;
    }

    /// Writes what others did, and `own` too: what the program made for itself. Says whether all of it is written.
    async fn write_events(&self, own: bool) -> bool {
        let ledger = &self.0.ledger;
        let _one = ledger.writing.lock().await;
        let own_written = !own || self.write_book(&ledger.own, HeldBack::OwnTokens, own).await;
        let written = self.write_book(&ledger.book, HeldBack::TokenEvents, own).await;
        let uses = std::mem::take(&mut locked(&ledger.uses).new).into_iter();
        let uses: Vec<LastUse> = uses.map(|(secret, (at, address))| LastUse { secret, at, address }).collect();
        if let Err(error) = self.0.store.note_last_uses(&uses).await {
            tracing::warn!(cause = ?error, count = uses.len(), "last uses of secrets could not be noted");
        }
        own_written && written
    }

    /// Writes one of the books, and until when it is written: also of an empty one now and then (`empty_too`), so that what
    /// may be missing after a kill is said within minutes. Says whether all of it is written.
    async fn write_book(&self, book: &Mutex<Book>, what: HeldBack, empty_too: bool) -> bool {
        let now = self.now();
        let told = std::mem::take(&mut *locked(book)).told();
        let count = told.len();
        if self.0.store.record_all(told, now).await < count {
            return false;
        }
        if self.0.ledger.holds.load(Ordering::SeqCst)
            && (count > 0 || empty_too)
            && let Err(error) = self.0.store.written_until(what, now).await
        {
            // The mark is older than need be: after a kill, more is said to be missing than is.
            tracing::warn!(cause = ?error, "until when token events are written could not be noted");
        }
        true
    }

    /// Marks in the records that what happens from `since` on is held back for some seconds; where the last process was
    /// killed, an entry says from when to when events may be missing.
    async fn hold_back(&self, since: Timestamp) {
        if self.0.ledger.holds.load(Ordering::SeqCst) {
            return;
        }
        match self.0.store.begin_holding_back(since).await {
            Ok(missing) => {
                self.0.ledger.holds.store(true, Ordering::SeqCst);
                if let Some(from) = missing {
                    let (from, to) = (from.rfc3339(), since.rfc3339());
                    tracing::warn!(
                        from,
                        to,
                        "token events may be missing: the program ended before it could write them"
                    );
                }
            }
            // A full disk keeps nobody from pulling; the next round tries again.
            Err(error) => tracing::warn!(cause = ?error, "that token events are held back could not be noted"),
        }
    }

    /// Gets the token server ready: its usual keys, and the writing of what happens, until [`Self::stop_token_server`].
    pub async fn start_token_server(&self) -> Result<()> {
        self.prepare_signing_keys(Algorithm::default()).await?;
        let since = self.now();
        self.hold_back(since).await;
        let operations = self.clone();
        self.0.ledger.tasks.spawn(async move { operations.keep_writing_token_events(since).await });
        Ok(())
    }

    /// Writes what is left, and ends; was that so in time?
    pub async fn stop_token_server(&self, longest: Duration) -> bool {
        self.0.ledger.stop.cancel();
        self.0.ledger.tasks.close();
        let ended = async {
            self.0.ledger.tasks.wait().await;
            let written = self.write_events(true).await;
            if !written || !self.0.ledger.holds.swap(false, Ordering::SeqCst) {
                return written;
            }
            let ended = self.0.store.end_holding_back(self.now()).await;
            if let Err(error) = &ended {
                tracing::warn!(cause = ?error, "that all token events are written could not be noted");
            }
            ended.is_ok()
        };
        tokio::time::timeout(longest, ended).await.unwrap_or(false)
    }

    async fn keep_writing_token_events(&self, since: Timestamp) {
        for round in 0_u32.. {
            if round.is_multiple_of(SWEEP_ROUNDS)
                && let Err(error) = self.remove_idle_refresh_tokens().await
            {
                tracing::warn!(cause = ?error.cause, "refresh tokens that were not used for long could not be removed");
            }
            tokio::select! {
                () = self.0.ledger.stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            self.hold_back(since).await;
            self.write_events(round.is_multiple_of(OWN_ROUNDS)).await;
        }
    }
}
