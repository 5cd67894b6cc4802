//! What people see of the reading of a registry, and what they can do about it.

use super::{Phase, live::Live};
use crate::{Error, Kind, Operations, Result, WayOut, reading::registry_topic};
use domain::{
    Actor, Permission, Place, RegistryName, RepositoryName, Timestamp, Visible, audit::Act, permission::allows,
};
use store::{PauseSync, index};

/// As many repositories in trouble or in doubt are named.
const NAMED: u32 = 20;

/// How the reading of a registry is, for its page and the API.
#[derive(Clone, Debug)]
pub struct Sync {
    /// The registry.
    pub registry: RegistryName,
    /// What it is doing.
    pub state: SyncState,
    /// Sums: what is known and what is read.
    pub totals: index::Totals,
    /// When the catalogue was read last, and what was not believed of it.
    pub catalogue: Option<index::Catalogue>,
    /// Tags asked for per second, lately.
    pub per_second: f64,
    /// Until when nothing is asked although it is at work, and why: the registry wants to be left alone for a while.
    pub pause: Option<(Timestamp, registry::PauseWhy)>,
    /// How the registry is being asked; only for those who may manage it.
    pub pace: Option<registry::PaceState>,
    /// Seconds until everything is read for the first time, as far as that can be told.
    pub left: Option<u64>,
    /// When the next look at anything is due.
    pub next: Option<Timestamp>,
    /// Repositories in trouble or in doubt, the first ones by name.
    pub in_trouble: Vec<index::InTrouble>,
    /// May who asks pause it and refresh it?
    pub manage: bool,
    /// Under which topic news come.
    pub topic: String,
}

/// What the reading of a registry is doing, in words for programs too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncState {
    /// The registry is switched off, or nothing reads in the background.
    Off,
    /// Paused by an administrator, since then.
    Paused(Timestamp),
    /// At work, resting or stopped.
    Running(Phase),
}

impl SyncState {
    /// The word for programs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Off | Self::Running(Phase::Off) => "off",
            Self::Paused(_) | Self::Running(Phase::Paused) => "paused",
            Self::Running(Phase::Filling) => "filling",
            Self::Running(Phase::Refreshing) => "refreshing",
            Self::Running(Phase::Resting) => "resting",
            Self::Running(Phase::Elsewhere) => "elsewhere",
            Self::Running(Phase::Waiting { .. }) => "waiting",
            Self::Running(Phase::Stopped { .. }) => "stopped",
            Self::Running(Phase::DiskFull { .. }) => "disk-full",
        }
    }
    /// Is it at work?
    pub fn is_at_work(&self) -> bool {
        matches!(self, Self::Running(Phase::Filling | Phase::Refreshing))
    }
}

impl Operations {
    /// How the reading of a registry is.
    pub async fn sync(&self, actor: &Actor, registry: &str) -> Result<Sync> {
        let record = self.record(actor, registry).await?;
        let visible = Visible::to(actor);
        let index = self.0.store.index();
        let live = self.0.syncs.live(record.id);
        let state = match self.0.store.sync_settings().paused_at(record.id).await? {
            Some(at) => SyncState::Paused(at),
            None if !record.enabled || !self.0.syncs.watches(record.id) => SyncState::Off,
            None => SyncState::Running(live.get().phase.clone()),
        };
        let totals = index.totals(&visible, record.id).await?;
        // The pace is that of the whole registry: with it, a part would tell of the rest.
        let whole = visible.in_registry(record.id).everything();
        let manage = allows(actor, Permission::RegistryManage, Place::Registry(record.id)).is_ok();
        let pace = self.0.clients.state(record.id);
        let pause = pace.as_ref().and_then(|pace| pace.paused).filter(|_| state.is_at_work());
        let pause = pause.map(|pause| (self.end_of(&pause), pause.why));
        let per_second = if whole && state.is_at_work() { live.rate() } else { 0.0 };
        Ok(Sync {
            left: left(&state, &totals, per_second),
            state,
            totals,
            catalogue: index.catalogue_seen(&visible, record.id).await?,
            per_second,
            next: self.next_look(&record, &live).await?.map(|next| pause.map_or(next, |(until, _)| next.max(until))),
            pause,
            pace: pace.filter(|_| manage),
            in_trouble: in_trouble(index.in_trouble(&visible, record.id, NAMED).await?, whole),
            manage,
            topic: registry_topic(record.id),
            registry: record.name,
        })
    }

    /// When a pause is over for certain.
    pub(super) fn end_of(&self, pause: &registry::Pause) -> Timestamp {
        let seconds = i64::try_from(pause.remaining.as_secs()).unwrap_or(i64::MAX);
        self.now().plus_seconds(seconds.saturating_add(1))
    }

    async fn next_look(&self, record: &store::Registry, live: &Live) -> Result<Option<Timestamp>> {
        if !record.enabled {
            return Ok(None);
        }
        let until = live.get().until;
        let next = self.0.store.index().next_due(record.id).await?.map(|at| at.max(self.now()));
        Ok(next.map(|next| until.map_or(next, |until| next.max(until))))
    }

    /// Pauses the reading of a registry in the background, or lets it go on.
    pub async fn pause_sync(&self, actor: &Actor, registry: &str, paused: bool) -> Result<()> {
        let record = self.record(actor, registry).await?;
        let act = Act::new(if paused { "sync.pause" } else { "sync.resume" }, format!("registry {}", record.name));
        let permit = self.decide(actor, Permission::RegistryManage, Place::Registry(record.id), &act).await?;
        if self.0.store.sync_settings().paused_at(record.id).await?.is_some() == paused {
            return Ok(());
        }
        self.change(permit, &act, PauseSync { registry: record.id, paused }).await?;
        self.0.syncs.wake.notify_one();
        self.tell(&registry_topic(record.id)).await;
        Ok(())
    }

    /// Makes everything in a registry due now.
    pub async fn refresh_registry(&self, actor: &Actor, registry: &str) -> Result<()> {
        let record = self.record(actor, registry).await?;
        let act = Act::new("sync.refresh", format!("registry {}", record.name));
        let permit = self.decide(actor, Permission::RegistryManage, Place::Registry(record.id), &act).await?;
        self.may_refresh(&record).await?;
        let (operations, id) = (self.clone(), record.id);
        let due = async move {
            operations.0.store.index().make_all_due(id, operations.now()).await?;
            operations.0.syncs.live(id).want_catalogue();
            Ok(())
        };
        self.act(permit, &act, due).await
    }

    /// Makes a repository due now: all its tags are asked for at once, before what else is due.
    pub async fn refresh_repository_now(
        &self,
        actor: &Actor,
        registry: &str,
        repository: &RepositoryName,
    ) -> Result<()> {
        let record = self.record(actor, registry).await?;
        let act = Act::new("sync.refresh", format!("repository {repository} on {}", record.name));
        let place = Place::Repository(record.id, repository.clone());
        let permit = self.decide(actor, Permission::RepositoryView, place, &act).await?;
        self.may_refresh(&record).await?;
        let known = self.0.store.index().repository(&Visible::to(actor), record.id, repository).await?;
        let known = known.ok_or_else(|| Error::not_found(format!("repository {repository} on {}", record.name)))?;
        let (operations, name) = (self.clone(), repository.clone());
        let due = async move {
            operations.0.store.index().make_due(known.id, operations.now()).await?;
            operations.0.syncs.live(record.id).want(&name);
            Ok(())
        };
        self.act(permit, &act, due).await
    }

    async fn may_refresh(&self, record: &store::Registry) -> Result<()> {
        crate::clients::in_use(record)?;
        if self.0.store.sync_settings().paused_at(record.id).await?.is_none() {
            return Ok(());
        }
        let message = format!("Reading {} in the background is paused. Let it go on first.", record.name);
        Err(Error::new(Kind::Conflict, message).way_out(WayOut::Registry(record.name.to_string())))
    }
}

/// What is in trouble, for somebody who sees all of the registry or not: a count of it all is for the former.
fn in_trouble(mut rows: Vec<index::InTrouble>, whole: bool) -> Vec<index::InTrouble> {
    for row in rows.iter_mut().filter(|_| !whole) {
        row.trouble = row.trouble.take().map(|text| {
            if domain::absence::counts_repositories(&text) { domain::absence::MASS.to_owned() } else { text }
        });
    }
    rows
}

/// How long the first reading goes on, at the rate it had lately. Tags that were not listed yet are guessed from those that
/// were.
fn left(state: &SyncState, totals: &index::Totals, per_second: f64) -> Option<u64> {
    if *state != SyncState::Running(Phase::Filling) || per_second < 0.01 || totals.listed == 0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let number = |n: u64| n as f64;
    let guessed =
        number(totals.tags) / number(totals.listed) * number(totals.repositories.saturating_sub(totals.listed));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive estimate")]
    let seconds = ((number(totals.unread) + guessed) / per_second).ceil() as u64;
    Some(seconds)
}
