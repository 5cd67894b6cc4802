//! What is done once a day for each registry: a sample of its storage, and content that nothing names leaves the index.

use super::{Holding, Watched};
use crate::{Operations, Result};
use domain::{Digest, Id, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering,
};
use store::{
    Sample,
    index::{Nameless, Shared},
};

/// What no tag and no index names is kept for so many days: long enough to look back at what a tag was.
const NAMELESS_DAYS: i64 = 90;

impl Operations {
    /// Does what is due once a day, after a round that read everything.
    pub(super) async fn daily(&self, watched: &Watched, holding: &Holding) -> Result<()> {
        let (id, today) = (watched.record.id, Sample::day_of(self.now()));
        if self.0.store.storage_samples().last_day(id).await?.is_none_or(|last| last < today) {
            self.sample_storage(id).await?;
        }
        if watched.live.swept.load(Ordering::Relaxed) < today {
            self.sweep(watched, holding).await?;
            watched.live.swept.store(today, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Lets go what has had no name for long, and forgets what nobody holds; what a history names stays.
    async fn sweep(&self, watched: &Watched, holding: &Holding) -> Result<()> {
        let (index, id) = (self.0.store.index(), watched.record.id);
        let pass = self.0.reading.gates.pass(id, watched.record.version);
        let before = self.now().plus_seconds(-NAMELESS_DAYS * 86_400);
        let (mut last, mut gone): (Option<Nameless>, u64) = (None, 0);
        loop {
            let found = index.nameless(id, before, last.as_ref()).await?;
            let Some(end) = found.last().cloned() else { break };
            last = Some(end);
            let digests: Vec<Digest> = found.iter().map(|one| one.digest.clone()).collect();
            let kept = self.in_history(id, &digests).await?;
            let mut by_repository: HashMap<Id, Vec<Digest>> = HashMap::new();
            for one in found.into_iter().filter(|one| !kept.contains(&one.digest)) {
                by_repository.entry(one.repository).or_default().push(one.digest);
            }
            holding.check().await?;
            for (repository, digests) in by_repository {
                let _entered = pass.enter().await?;
                index.let_go(repository, &digests, before, self.now()).await?;
            }
        }
        self.note_never_named(watched, holding).await?;
        gone += self.sweep_unheld(watched, holding, before).await?;
        if gone > 0 {
            tracing::info!(registry = %watched.record.name, gone, "content that nothing names left the index");
        }
        self.sweep_shared(watched, holding).await
    }

    /// Forgets manifests that nobody holds, and says how many.
    async fn sweep_unheld(&self, watched: &Watched, holding: &Holding, before: Timestamp) -> Result<u64> {
        let (index, id) = (self.0.store.index(), watched.record.id);
        let pass = self.0.reading.gates.pass(id, watched.record.version);
        // A repository that left may come back: what it held is fetched once, ever, so it is kept as long as the rest.
        if self.0.store.departures().repository_left(id, before).await? {
            return Ok(0);
        }
        let (mut after, mut gone) = (0, 0);
        loop {
            let (found, next) = index.unheld(id, after).await?;
            let Some(next) = next else { break };
            after = next;
            let digests: Vec<Digest> = found.iter().map(|one| one.digest.clone()).collect();
            let kept = self.in_history(id, &digests).await?;
            let found: Vec<_> = found.into_iter().filter(|one| !kept.contains(&one.digest)).collect();
            if !found.is_empty() {
                holding.check().await?;
                let _entered = pass.enter().await?;
                gone += index.forget_unheld(&found).await?;
            }
        }
        Ok(gone)
    }

    /// Forgets what images of all registries share, once none uses it: once a day, whichever registry is first.
    async fn sweep_shared(&self, watched: &Watched, holding: &Holding) -> Result<()> {
        let (today, pass) =
            (Sample::day_of(self.now()), self.0.reading.gates.pass(watched.record.id, watched.record.version));
        if self.0.syncs.swept.swap(today, Ordering::Relaxed) >= today {
            return Ok(());
        }
        for shared in Shared::ALL {
            let mut after = Some(0);
            while let Some(from) = after {
                holding.check().await?;
                let _entered = pass.enter().await?;
                (_, after) = self.0.store.index().forget_unused(shared, from).await?;
            }
        }
        Ok(())
    }

    async fn note_never_named(&self, watched: &Watched, holding: &Holding) -> Result<()> {
        let (index, id) = (self.0.store.index(), watched.record.id);
        let pass = self.0.reading.gates.pass(id, watched.record.version);
        let mut after = 0;
        loop {
            let rows = index.rows_of(id, after).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = *last;
            holding.check().await?;
            for row in rows {
                let _entered = pass.enter().await?;
                index.note_never_named(row, self.now()).await?;
            }
        }
    }

    async fn in_history(&self, registry: Id, digests: &[Digest]) -> Result<HashSet<Digest>> {
        Ok(self.0.store.tag_moves().named(registry, digests).await?.into_iter().collect())
    }
}
