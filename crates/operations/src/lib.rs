//! What people and schedules can do. The one room where the rules, the registries and the memory meet.
//!
//! Every operation takes an [`domain::Actor`], asks [`domain::permission::allows`] for one permission, and only then acts.
//! A change goes one way: [`Operations::decide`] gives a permit, [`Operations::change`] opens its audit entry, makes
//! the change and writes the outcome.

pub mod access;
pub mod access_requests;
mod access_use;
pub mod across;
pub mod audit;
mod backups;
mod causes;
mod clients;
pub mod clock;
pub mod comparisons;
pub mod connections;
mod content;
pub mod error;
pub mod explain;
mod fresh;
pub mod grants;
pub mod health;
pub mod history;
pub mod images;
pub mod invitations;
mod issuing;
pub mod lists;
pub mod matrix;
pub mod overview;
mod passwords;
pub mod people;
pub mod probes;
mod reach;
mod reading;
pub mod repositories;
pub mod reviews;
pub mod robots;
pub mod roles;
pub mod search;
mod secrets;
pub mod sessions;
pub mod setup;
pub mod storage;
pub mod subjects;
pub mod sync;
pub mod tags;
pub mod teams;
mod throttle;
pub mod token_check;
pub mod token_keys;
pub mod token_server;
pub mod token_settings;
pub mod tokens;
pub mod untagged;
pub mod what_if;
pub mod whereabouts;

pub use backups::restore;
pub use clients::Target;
pub use clock::Clock;
pub use error::{Error, Kind, Result, WayOut};

use clients::Clients;
use connections::Drafts;
use domain::{Actor, Permission, Permit, Place, Timestamp, audit::Act, audit::Outcome, permission::allows};
use passwords::Passwords;
use reading::Reading;
use std::sync::Arc;
use store::{Change, Store};
use throttle::Throttle;
use tracing::Instrument as _;

/// As many characters of an act's target stand in the log.
const TARGET: usize = 300;

/// What operations need to know of the program's settings.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Our own address as people reach it, if it was set (`--public-url`).
    pub public_url: Option<String>,
    /// Sessions end this many seconds after they were last seen.
    pub session_idle: i64,
    /// Sessions end this many seconds after they began.
    pub session_absolute: i64,
    /// Does the token server take no passwords at all (`--token-passwords off`)?
    pub no_token_passwords: bool,
}

/// What people can do. A cheap clone of one handle.
#[derive(Clone)]
pub struct Operations(Arc<Inner>);

struct Inner {
    store: Store,
    authority: access::Keeper,
    token_memory: token_server::Keeper,
    /// Passwords at the token server.
    token_throttle: Throttle,
    /// Secrets and refresh tokens there.
    secret_throttle: Throttle,
    refresh_work: token_server::work::RefreshWork,
    password_work: token_server::work::PasswordWork,
    ledger: token_server::Ledger,
    noting: access_use::Noting,
    boards: matrix::Boards,
    clock: Clock,
    settings: Settings,
    passwords: Passwords,
    throttle: Throttle,
    clients: Clients,
    content: content::Memory,
    drafts: Drafts,
    probing: probes::Probing,
    reading: Reading,
    waiting: tokens::Waiting,
    counting: storage::Counting,
    asked: health::Asked,
    drift: overview::KeptDrift,
    syncs: sync::Syncs,
    token_checks: token_check::TokenChecks,
}

impl Operations {
    /// Over this memory, by this clock.
    pub fn new(store: Store, clock: Clock, settings: Settings) -> Result<Self> {
        let at_once = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 4);
        Ok(Self(Arc::new(Inner {
            store,
            authority: access::Keeper::default(),
            token_memory: token_server::Keeper::default(),
            token_throttle: Throttle::default(),
            secret_throttle: Throttle::default(),
            refresh_work: token_server::work::RefreshWork::default(),
            password_work: token_server::work::PasswordWork::new(at_once)?,
            ledger: token_server::Ledger::default(),
            noting: access_use::Noting::default(),
            boards: matrix::Boards::default(),
            clock,
            settings,
            passwords: Passwords::new(at_once)?,
            throttle: Throttle::default(),
            clients: Clients::default(),
            content: content::Memory::default(),
            drafts: Drafts::default(),
            probing: probes::Probing::default(),
            reading: Reading::default(),
            waiting: tokens::Waiting::default(),
            counting: storage::Counting::default(),
            asked: health::Asked::default(),
            drift: overview::KeptDrift::default(),
            syncs: sync::Syncs::default(),
            token_checks: token_check::TokenChecks::default(),
        })))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The memory, for the server's own needs: sessions, events, readiness.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// May `actor` do `permission` at `place`? A refusal of a change is written into the audit log.
    pub(crate) async fn decide(
        &self,
        actor: &Actor,
        permission: Permission,
        place: Place,
        act: &Act,
    ) -> Result<Permit> {
        match allows(actor, permission, place) {
            Ok(permit) => Ok(permit),
            Err(refusal) => {
                let detail = refusal.to_string();
                self.event(actor, act, Outcome::Refused, Some(&detail), &refusal.place).await;
                Err(refusal.into())
            }
        }
    }

    /// Opens the audit entry of `act`, makes `change`, and writes the outcome, as one thing.
    pub(crate) async fn change<C: Change>(&self, permit: Permit, act: &Act, change: C) -> Result<C::Output> {
        let (operations, act) = (self.clone(), fitting(act));
        to_the_end(async move {
            let opened = operations.0.store.open_act(permit, &act, operations.now()).await?;
            let done = operations.0.store.write(opened, change, operations.now()).await;
            // Whoever asks from now on sees it: what is in memory is asked for anew.
            operations.0.authority.doubt();
            operations.0.token_memory.doubt();
            Ok(done?)
        })
        .await
    }

    /// Opens an audit entry for each of some acts, and makes their changes as one: all of them, or none.
    pub(crate) async fn change_each<C: Change>(&self, changes: Vec<(Permit, Act, C)>) -> Result<Vec<C::Output>> {
        let operations = self.clone();
        to_the_end(async move {
            let mut opened = Vec::with_capacity(changes.len());
            for (permit, act, change) in changes {
                opened.push((operations.0.store.open_act(permit, &fitting(&act), operations.now()).await?, change));
            }
            let done = operations.0.store.write_each(opened, operations.now()).await;
            operations.0.authority.doubt();
            operations.0.token_memory.doubt();
            Ok(done?)
        })
        .await
    }

    /// Opens the audit entry of `act`, does `work` outside of our records, and writes how that ended, as one thing.
    pub(crate) async fn act<T: Send + 'static>(
        &self,
        permit: Permit,
        act: &Act,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (operations, act) = (self.clone(), fitting(act));
        to_the_end(async move {
            let opened = operations.0.store.open_act(permit, &act, operations.now()).await?;
            let done = work.await;
            let (outcome, detail) = match &done {
                Ok(_) => (Outcome::Done, None),
                Err(error) => (Outcome::Failed, Some(why(error))),
            };
            operations.0.store.close_act(&opened, outcome, detail.as_deref(), None, operations.now()).await?;
            done
        })
        .await
    }

    /// Writes an entry about something that happened or was refused. It never stops what it tells of.
    pub(crate) async fn event(&self, actor: &Actor, act: &Act, outcome: Outcome, detail: Option<&str>, place: &Place) {
        self.0.store.record(actor, &fitting(act), outcome, detail, place, self.now()).await;
    }
}

/// The act as the log keeps it: who acts must not choose how much is written.
pub(crate) fn fitting(act: &Act) -> Act {
    Act { target: act.target.chars().take(TARGET).collect(), ..act.clone() }
}

/// Why something failed, for the log: what happened where the page only says that something did.
fn why(error: &Error) -> String {
    error.cause.as_ref().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Runs what has begun to its end, whoever stops waiting for it: a client that hangs up leaves nothing half done.
pub(crate) async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work.in_current_span()).await.map_err(Error::internal)?
}
