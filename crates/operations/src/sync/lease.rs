//! The lease under which a registry is read in the background: one holder at a time, in this process or any other.

use crate::{Error, Operations, Result};
use domain::Id;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::Lease;
use tokio::task::JoinHandle;

/// How long the lease is held without being renewed, in seconds: a holder that was killed is waited for no longer.
const LEASE: i64 = 45;
/// How often it is renewed.
const RENEW: Duration = Duration::from_secs(10);

/// A lease that is held, and kept alive until this is dropped.
pub(crate) struct Holding {
    operations: Operations,
    lease: Arc<Mutex<Lease>>,
    renewing: JoinHandle<()>,
}

impl Operations {
    /// Takes the lease of reading a registry; nothing while another holds it.
    pub(crate) async fn hold(&self, registry: Id) -> Result<Option<Arc<Holding>>> {
        let until = self.now().plus_seconds(LEASE);
        let taken = self.0.store.leases().acquire(&name(registry), &self.0.syncs.owner, self.now(), until).await?;
        Ok(taken.map(|lease| {
            let lease = Arc::new(Mutex::new(lease));
            let renewing = tokio::spawn(renew(self.clone(), lease.clone()));
            Arc::new(Holding { operations: self.clone(), lease, renewing })
        }))
    }
}

/// The name of the lease.
pub(crate) fn name(registry: Id) -> String {
    format!("sync:{registry}")
}

async fn renew(operations: Operations, lease: Arc<Mutex<Lease>>) {
    let mut ticks = tokio::time::interval(RENEW);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let held = lease.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let until = operations.now().plus_seconds(LEASE);
        match operations.0.store.leases().renew(&held, operations.now(), until).await {
            Ok(held) => *lease.lock().unwrap_or_else(PoisonError::into_inner) = held,
            // Whoever writes finds out at the next batch.
            Err(error @ store::Error::LeaseLost(_)) => {
                tracing::warn!(%error, "a registry is read by another now");
                return;
            }
            Err(error) => tracing::warn!(%error, "a lease could not be renewed yet"),
        }
    }
}

impl Holding {
    /// Is it still ours? Asked before each batch: the fencing number tells an old holder from a new one.
    pub(crate) async fn check(&self) -> Result<()> {
        let lease = self.lease.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let holds = self.operations.0.store.leases().holds(&lease, self.operations.now()).await?;
        if holds { Ok(()) } else { Err(Error::from(store::Error::LeaseLost(lease.name))) }
    }
    /// Gives it back.
    pub(crate) async fn release(&self) {
        self.renewing.abort();
        let lease = self.lease.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Err(error) = self.operations.0.store.leases().release(&lease).await {
            tracing::debug!(%error, "a lease could not be given back");
        }
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}
