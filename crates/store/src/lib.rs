//! Memory, in SQLite: the records (`wharfinger.db`) and the cache of what registries hold (`index.db`).
//! Every SQL statement of the program lives here; no sqlx type leaves.
//!
//! Reads are free functions of a part (`store.people().by_name(..)`). A change of the records goes one way: a
//! [`domain::Permit`] is opened ([`Store::open_act`]), which writes the *opened* entry, and [`Store::write`] makes the
//! [`Change`] and writes its *outcome* entry in one transaction.

mod access;
mod audit;
mod backup;
mod change;
mod checks_off;
mod departures;
mod error;
mod generations;
pub mod index;
mod leases;
mod open;
mod outbox;
mod people;
mod pools;
mod probes;
mod registries;
mod replace;
mod schema;
mod sealing;
mod sessions;
mod setup;
mod sql;
mod storage_samples;
mod sync_settings;
mod tag_moves;
mod tokens;

pub use audit::{Audit, Entry, Filter as AuditFilter, Verified};
pub use backup::{Restored, restore};
pub use change::{Change, Context};
pub use checks_off::{ChecksOff, SwitchCheck};
pub use departures::{Departed, Departure, Departures, Evidence};
pub use error::Error;
pub use generations::Generations;
pub use leases::{Lease, Leases, Under};
pub use open::{Store, StoreOptions};
pub use outbox::{News, Outbox};
pub use people::{CreateFirstPerson, CreatePerson, NewPerson, People, Person, SetDisabled, SetPassword, UpdateProfile};
pub use probes::{Probe, Probes};
pub use registries::{
    AddManualRepository, AddRegistry, EditRegistry, Held, Registries, Registry, RemoveManualRepository, RemoveRegistry,
    SecretEdit, SecretsEdit, SetEnabled,
};
pub use sessions::{NewSession, RevokeOtherSessions, RevokeSession, RevokeSessions, SessionRow, Sessions};
pub use setup::Setup;
pub use storage_samples::{Sample, Scope, StorageSamples};
pub use sync_settings::{PauseSync, SyncSettings};
pub use tag_moves::{Moved, Since, TagMove, TagMoves};
pub use tokens::{AddToken, HeldToken, RevokeToken, Token, Tokens};

#[cfg(test)]
mod tests;
