//! `wharfinger serve`: opens the records, says how to get in, listens, and ends in good order.

use crate::{
    assets, demo,
    listen::{self, PATIENCE, stopped},
    routes::{self, Parts},
    settings::Settings,
    setup,
    stopped::Stopped,
    tls::Tls,
};
use domain::Timestamp;
use operations::{Clock, Operations};
use std::{io::Write, path::PathBuf, sync::Arc, time::Duration};
use store::{Store, StoreOptions};
use tokio::{net::TcpListener, sync::watch};

/// How often what has run out is cleared away.
const SWEEP: Duration = Duration::from_mins(10);
/// What is read in the background is waited for this long at the end, so that it can be kept.
const SETTLE: Duration = Duration::from_secs(5);
/// News that old interests no open page any more.
const NEWS_KEPT: i64 = 24 * 60 * 60;

/// Serves until a signal says otherwise.
pub async fn serve(mut settings: Settings) -> Result<(), Stopped> {
    let throwaway = demo::throwaway(&mut settings)?;
    let tls = settings.tls.clone().map(Tls::load).transpose()?;
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| Stopped::new(format!("--listen: {} can't be listened at ({error})", settings.listen)))?;
    let at = listener.local_addr().map_err(|error| Stopped::new(format!("--listen: {error}")))?;

    let operations = open(&settings, Opening::ToServe).await?;
    let now = operations.now();
    let reconciled = reconcile(&operations, now).await;
    // We are the one process that serves: whoever held a lease before is gone. A full disk keeps leases until they end by
    // themselves, and nobody from pulling.
    if let Err(error) = operations.store().leases().free_all().await {
        tracing::warn!(cause = ?error, "the leases of the last process could not be ended");
    }
    let (stop, stopping) = watch::channel(false);
    let link = setup::prepare(&settings, &operations, at).await?;
    let demo = if settings.demo { Some(demo::start(&operations).await?) } else { None };
    // Before any work on the index: registries' clients wait for tokens.
    operations.start_token_server().await?;
    let router = routes::build(Parts {
        settings: settings.clone(),
        operations: operations.clone(),
        assets: Arc::new(assets::names),
        stop: stopping.clone(),
    })?;

    let acceptor = tls.as_ref().map(|tls| tls.acceptor.clone());
    if let Some(tls) = tls {
        tokio::spawn(tls.keep_fresh(stopping.clone()));
    }
    tokio::spawn(sweep(operations.clone(), (!reconciled).then_some(now), stopping.clone()));
    operations.start_sync();
    operations.start_noting();
    let signal = listen::signal().map_err(|error| Stopped::new(format!("no signal can be waited for ({error})")))?;
    tokio::spawn(async move {
        signal.await;
        tracing::info!("stopping: what is under way is finished first");
        stop.send_replace(true);
    });

    announce(&settings, at, link.as_deref(), operations.store().data_dir());
    let all_ended = listen::serve(listener, acceptor, router, stopping).await;
    if !all_ended {
        tracing::warn!(seconds = PATIENCE.as_secs(), "some connections did not end in time and were cut");
    }
    let ended = operations.stop_sync(SETTLE).await;
    let settled = tokio::join!(operations.reading_settled(SETTLE), operations.probes_settled(SETTLE));
    if (ended, settled) != (true, (true, true)) {
        tracing::warn!(seconds = SETTLE.as_secs(), "some registries were still being read and were cut off");
    }
    if !operations.stop_token_server(SETTLE).await {
        tracing::warn!(seconds = SETTLE.as_secs(), "some of what happened at the token server was not written");
    }
    if !operations.stop_noting(SETTLE).await {
        tracing::warn!("the last uses of rights could not be noted");
    }
    drop(demo);
    if !operations.store().close_within(SETTLE).await {
        tracing::warn!(seconds = SETTLE.as_secs(), "the databases were still in use and were left as they are");
    }
    drop(throwaway);
    tracing::info!("stopped");
    Ok(())
}

/// How the records are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// As the one process that serves from them.
    ToServe,
    /// For a command that may run beside it.
    Beside,
}

/// Opens the records of the data directory.
pub async fn open(settings: &Settings, opening: Opening) -> Result<Operations, Stopped> {
    let clock = Clock::system();
    let data_dir = data_dir(settings)?;
    let options = StoreOptions { data_dir, now: clock.now() };
    let store = match opening {
        Opening::ToServe => Store::open(&options).await?,
        Opening::Beside => Store::open_beside(&options).await?,
    };
    Ok(Operations::new(store, clock, for_operations(settings))?)
}

/// The data directory; only a demo may go without.
pub fn data_dir(settings: &Settings) -> Result<PathBuf, Stopped> {
    settings.data_dir.clone().ok_or_else(|| Stopped::new("--data-dir is not set"))
}

/// What operations need to know of the settings.
pub fn for_operations(settings: &Settings) -> operations::Settings {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    operations::Settings {
        public_url: settings.public_url.as_ref().map(|url| url.url("")),
        session_idle: seconds(settings.session_idle),
        session_absolute: seconds(settings.session_absolute),
        no_token_passwords: !settings.token_passwords,
    }
}

/// Tells whoever started us where to go. This goes to standard output, for people; the log never has the link.
fn announce(settings: &Settings, at: std::net::SocketAddr, link: Option<&str>, data_dir: &std::path::Path) {
    let here = setup::address(settings, at);
    let mut out = std::io::stdout().lock();
    // With nobody at the other end of the pipe there is nobody to tell.
    _ = writeln!(out, "Wharfinger {} listens at {here}/", env!("CARGO_PKG_VERSION"));
    _ = writeln!(out, "Everything is kept in {}", data_dir.display());
    if settings.demo {
        _ = writeln!(out, "This is the demo: the registry `demo` and its images are made up.");
    }
    if let Some(link) = link {
        _ = writeln!(out, "\nNobody has an account yet. Make the first one here, within 24 hours:\n\n    {link}\n");
    }
    _ = out.flush();
    tracing::info!(address = %at, tls = settings.tls.is_some(), data_dir = %data_dir.display(), "listening");
    if !settings.https() && !at.ip().is_loopback() {
        tracing::warn!(
            "passwords travel in plain text: set --tls-cert and --tls-key, or put a proxy with TLS in front and set --public-url"
        );
    }
}

/// Says of acts that were begun before and never ended that their outcome is unknown. What can't be written now is tried
/// again with the next sweep: a full disk must not keep the program from starting.
async fn reconcile(operations: &Operations, before: Timestamp) -> bool {
    let unended = operations.store().reconcile(before, operations.now()).await;
    match &unended {
        Ok(0) => {}
        Ok(unended) => tracing::warn!(
            unended,
            "the program ended in the middle of some acts; the audit log calls their outcome unknown"
        ),
        Err(error) => tracing::warn!(cause = ?error, "acts that never ended could not be closed in the audit log"),
    }
    unended.is_ok()
}

/// Clears away what has run out.
async fn sweep(operations: Operations, mut unended_before: Option<Timestamp>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            _ = ticks.tick() => {}
        }
        if let Some(before) = unended_before
            && reconcile(&operations, before).await
        {
            unended_before = None;
        }
        let (store, now) = (operations.store(), operations.now());
        if let Err(error) = store.sessions().remove_expired(now).await {
            tracing::warn!(cause = ?error, "sessions that have run out could not be removed");
        }
        if let Err(error) = store.outbox().prune(now.plus_seconds(-NEWS_KEPT)).await {
            tracing::warn!(cause = ?error, "old news could not be removed");
        }
    }
}
