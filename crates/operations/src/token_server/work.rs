//! The slow part of the token server: passwords. It has few turns and a short queue of its own, so that whoever comes with
//! a secret never waits for somebody's password, and the sign-in page does not wait for the token server.

use crate::{
    Result,
    passwords::{Remembered, Turns},
};

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
