//! The slow parts of the token server: passwords, and keeping refresh tokens. The former has few turns and a short queue of its own, so that whoever comes with
//! a secret never waits for somebody's password, and the sign-in page does not wait for the token server.

use crate::{
    Result,
    passwords::{Remembered, Turns},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// As many passwords wait for their turn: at some 20 ms each, the last one waits a bit more than a second.
const WAITING: usize = 64;
/// After so many seconds there is room again.
pub(super) const BUSY_FOR: u64 = 2;

/// Turns at passwords, and those that were right a short time ago.
pub(crate) struct PasswordWork {
    pub(super) turns: Turns,
    pub(super) remembered: Remembered,
}

impl PasswordWork {
    /// With `cores` to work on: half of them at most are for passwords, so that the rest signs.
    pub(crate) fn new(cores: usize) -> Result<Self> {
        Ok(Self { turns: Turns::new((cores / 2).clamp(1, 4), WAITING), remembered: Remembered::new()? })
    }
}

/// Turns at keeping refresh tokens. Keeping one waits for the one writer of the records, and whoever signs in can do without.
pub(crate) struct RefreshWork(pub(super) Arc<Semaphore>);

impl RefreshWork {
    /// As many are on their way into the records at once.
    pub(super) const AT_ONCE: usize = 4;
    /// Nobody waits longer than this.
    pub(super) const LONGEST: Duration = Duration::from_millis(500);
}

impl Default for RefreshWork {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(Self::AT_ONCE)))
    }
}
