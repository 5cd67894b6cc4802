//! Notes what rights are used for. Noting takes no waiting: it is counted in memory and written every few seconds.

use crate::{Operations, access};
use domain::{Actor, Id, Permission, RepositoryName, Timestamp, access::Subject};
use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use store::Use;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How often what was noted is written.
const EVERY: Duration = Duration::from_secs(5);
/// From so many on it is written at once.
const EARLY: usize = 25_000;
/// As many are kept in memory. While the records take nothing, what is new beyond is not noted.
const MOST: usize = 50_000;
/// As many repositories of one subject are noted on a day: names cost whoever may pull everything nothing.
const NAMES: usize = 2_000;
/// As many of all who don't say who they are.
const NAMES_OF_STRANGERS: usize = 500;
/// Days for which uses are kept: a year, and a month to look at it.
const KEPT_DAYS: i64 = 400;
/// As many characters of an address are kept.
const ADDRESS: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    subject: Subject,
    registry: Id,
    repository: RepositoryName,
    permission: Permission,
    day: i64,
}

#[derive(Clone, Debug)]
struct Count {
    times: u64,
    last_at: Timestamp,
    last_address: String,
}

#[derive(Default)]
struct Noted {
    counts: HashMap<Key, Count>,
    /// Uses that were not noted for want of room.
    lost: u64,
    /// Uses that were not noted because their subject had used too many repositories that day.
    beyond: u64,
    names: Names,
}

/// What repositories each subject has used on one day, by the hash of registry and name: many names stay small.
#[derive(Default)]
struct Names {
    day: i64,
    used: HashMap<Subject, HashSet<u64>>,
    hasher: RandomState,
}

impl Names {
    /// Is this one of those that are noted of its subject?
    fn take(&mut self, key: &Key) -> bool {
        if key.day < self.day {
            // Left from yesterday: it was taken then.
            return true;
        }
        if key.day > self.day {
            self.day = key.day;
            self.used.clear();
        }
        let most = if key.subject == Subject::Anonymous { NAMES_OF_STRANGERS } else { NAMES };
        let (used, hash) =
            (self.used.entry(key.subject).or_default(), self.hasher.hash_one((key.registry, &key.repository)));
        used.contains(&hash) || (used.len() < most && used.insert(hash))
    }
}

/// What was noted and is not written yet.
#[derive(Default)]
pub(crate) struct Noting {
    noted: Mutex<Noted>,
    full: Notify,
    /// One batch at a time, so that who waits for it knows that all before is written.
    writing: tokio::sync::Mutex<()>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Days since 1970, in UTC.
fn day_of(at: Timestamp) -> i64 {
    at.seconds().div_euclid(86_400)
}

impl Noted {
    fn add(&mut self, key: Key, more: Count) {
        if !self.names.take(&key) {
            self.beyond = self.beyond.saturating_add(more.times);
            return;
        }
        let room = self.counts.len() < MOST;
        match self.counts.get_mut(&key) {
            Some(count) => {
                count.times = count.times.saturating_add(more.times);
                if more.last_at >= count.last_at {
                    (count.last_at, count.last_address) = (more.last_at, more.last_address);
                }
            }
            None if room => {
                self.counts.insert(key, more);
            }
            None => self.lost = self.lost.saturating_add(more.times),
        }
    }
}

impl Noted {
    /// What is to be written: the counts, and how many found no room or were beyond what is noted of one.
    fn taken(&mut self) -> (HashMap<Key, Count>, u64, u64) {
        let Self { counts, lost, beyond, .. } = self;
        (std::mem::take(counts), std::mem::take(lost), std::mem::take(beyond))
    }
}

impl Noting {
    fn noted(&self) -> std::sync::MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operations {
    /// Notes that `subject` used `permission` on a repository, coming from `address`. It never waits and never fails.
    pub fn note_use(
        &self,
        subject: Subject,
        registry: Id,
        repository: &RepositoryName,
        permission: Permission,
        address: &str,
    ) {
        let now = self.now();
        let key = Key { subject, registry, repository: repository.clone(), permission, day: day_of(now) };
        let once = Count { times: 1, last_at: now, last_address: address.chars().take(ADDRESS).collect() };
        let mut noted = self.0.noting.noted();
        noted.add(key, once);
        if noted.counts.len() >= EARLY {
            self.0.noting.full.notify_one();
        }
    }

    /// The same for an actor; the program's own looks are nobody's use.
    pub(crate) fn note_use_of(&self, actor: &Actor, registry: Id, repository: &RepositoryName, permission: Permission) {
        if let Some(subject) = access::subject(actor) {
            self.note_use(subject, registry, repository, permission, &actor.address);
        }
    }

    /// Writes what was noted so far.
    pub async fn write_uses(&self) -> crate::Result<()> {
        let _one = self.0.noting.writing.lock().await;
        let (counts, lost, beyond) = self.0.noting.noted().taken();
        if lost > 0 {
            tracing::warn!(lost, "uses of rights were not noted: the records took too long");
        }
        if beyond > 0 {
            tracing::warn!(beyond, "uses of rights were not noted: somebody used very many repositories today");
        }
        if counts.is_empty() {
            return Ok(());
        }
        let uses: Vec<Use> = counts.into_iter().map(row).collect();
        let Err((written, error)) = self.0.store.access_use().add(&uses).await else { return Ok(()) };
        let mut noted = self.0.noting.noted();
        for one in uses.into_iter().skip(written) {
            let (key, count) = unwritten(one);
            noted.add(key, count);
        }
        Err(error.into())
    }

    /// Begins to write what is noted every few seconds, until [`Self::stop_noting`], and to forget what is too old.
    pub fn start_noting(&self) {
        let operations = self.clone();
        self.0.noting.tasks.spawn(async move { operations.keep_writing().await });
    }

    /// Writes what is left, and ends; was that so in time?
    pub async fn stop_noting(&self, longest: Duration) -> bool {
        self.0.noting.stop.cancel();
        self.0.noting.tasks.close();
        let ended = async {
            self.0.noting.tasks.wait().await;
            self.write_uses().await.is_ok()
        };
        tokio::time::timeout(longest, ended).await.unwrap_or(false)
    }

    /// Forgets uses that are too old. Gives the number of days' rows that went.
    pub async fn forget_old_uses(&self) -> crate::Result<u64> {
        Ok(self.0.store.access_use().forget_before(day_of(self.now()) - KEPT_DAYS).await?)
    }

    async fn keep_writing(&self) {
        let noting = &self.0.noting;
        let mut swept = None;
        loop {
            tokio::select! {
                () = noting.stop.cancelled() => return,
                () = noting.full.notified() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
            if let Err(error) = self.write_uses().await {
                // They are still in memory; the next round tries again.
                tracing::warn!(cause = ?error.cause, "uses of rights could not be written");
            }
            let today = day_of(self.now());
            if swept != Some(today) {
                match self.forget_old_uses().await {
                    Ok(_) => swept = Some(today),
                    Err(error) => tracing::warn!(cause = ?error.cause, "old uses of rights could not be forgotten"),
                }
            }
        }
    }
}

fn row((key, count): (Key, Count)) -> Use {
    let Key { subject, registry, repository, permission, day } = key;
    let Count { times, last_at, last_address } = count;
    Use { subject, registry, repository, permission, day, count: times, last_at, last_address }
}

fn unwritten(one: Use) -> (Key, Count) {
    let Use { subject, registry, repository, permission, day, count: times, last_at, last_address } = one;
    (Key { subject, registry, repository, permission, day }, Count { times, last_at, last_address })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: usize) -> Key {
        // Each robot uses a thousand.
        key_of(Subject::Robot(i64::try_from(n / 1_000).expect("few")), n, 1)
    }
    fn key_of(subject: Subject, n: usize, day: i64) -> Key {
        let repository = format!("r/{n}").parse().expect("a name");
        Key { subject, registry: 1, repository, permission: Permission::RepositoryPull, day }
    }
    fn once(at: i64) -> Count {
        Count { times: 1, last_at: Timestamp(at), last_address: format!("at {at}") }
    }

    #[test]
    fn memory_is_bounded_and_what_is_known_goes_on_counting() {
        let mut noted = Noted::default();
        for n in 0..MOST + 7 {
            noted.add(key(n), once(1));
        }
        noted.add(key(0), once(2));
        assert_eq!((noted.counts.len(), noted.lost), (MOST, 7));
        assert_eq!(noted.counts[&key(0)].times, 2);
    }

    #[test]
    fn who_makes_up_names_is_bounded_by_the_day_and_in_nobody_else_s_way() {
        let mut noted = Noted::default();
        for (subject, most) in [(Subject::Anonymous, 500), (Subject::Robot(1), 2_000)] {
            for n in 0..3_000 {
                noted.add(key_of(subject, n, 1), once(1));
            }
            let (counts, lost, beyond) = noted.taken();
            assert_eq!((counts.len(), lost, beyond), (most, 0, 3_000 - most as u64), "{subject}");
            noted.add(key_of(subject, 5_000, 1), once(2));
            assert_eq!(noted.taken().0.len(), 0, "writing makes no room for other names of the same day");
            noted.add(key_of(subject, 0, 1), once(2));
            assert_eq!(noted.taken().0.len(), 1, "what is known goes on counting");
        }
        noted.add(key_of(Subject::Person(1), 5_000, 1), once(3));
        assert_eq!(noted.taken().0.len(), 1, "others are noted");
        noted.add(key_of(Subject::Anonymous, 5_000, 2), once(4));
        noted.add(key_of(Subject::Anonymous, 6_000, 1), once(4));
        assert_eq!(noted.taken().0.len(), 2, "the next day begins anew, and what is left of the last is written");
    }

    #[test]
    fn whoever_was_last_is_the_last() {
        let mut noted = Noted::default();
        for at in [5, 9, 7] {
            noted.add(key(0), once(at));
        }
        let count = &noted.counts[&key(0)];
        assert_eq!((count.times, count.last_at, count.last_address.as_str()), (3, Timestamp(9), "at 9"));
    }
}
