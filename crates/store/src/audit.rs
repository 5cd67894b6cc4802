//! The audit log: opened and outcome entries around each change, events for what happened or was refused.

mod held_back;
mod read;
mod row;
mod verify;
mod write;

#[cfg(test)]
pub(crate) use {
    held_back::ALL as HELD_BACK, read::ALL as READ, row::ALL as ROW, verify::ALL as VERIFY, write::ALL as WRITE,
};

pub use held_back::HeldBack;
#[cfg(test)]
pub(crate) use read::Way;
pub(crate) use read::escape;
pub use read::{Entry, Filter, LOOKED, Lines, Readable};
pub use verify::Verified;
pub(crate) use verify::verify_connection;
pub use write::Happened;
pub(crate) use write::{Ending, Lost, Opened, close, end_unended, note};

use crate::{Store, pools::Pools};

/// The audit log, to read.
#[derive(Clone, Copy, Debug)]
pub struct Audit<'s> {
    records: &'s Pools,
    chain_id: &'s str,
}

impl Store {
    /// The audit log, to read.
    pub fn audit(&self) -> Audit<'_> {
        Audit { records: &self.inner.records, chain_id: &self.inner.chain_id }
    }
}
