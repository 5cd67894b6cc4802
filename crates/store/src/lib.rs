//! Memory, in SQLite: the records (`wharfinger.db`) and the cache of what registries hold (`index.db`).
//! Every SQL statement of the program lives here; no sqlx type leaves.
//!
//! Reads are free functions of a part (`store.people().by_name(..)`). A change of the records goes one way: a
//! [`domain::Permit`] is opened ([`Store::open_act`]), which writes the *opened* entry, and [`Store::write`] makes the
//! [`Change`] and writes its *outcome* entry in one transaction.

mod access;
mod access_requests;
mod access_reviews;
mod access_use;
mod audit;
mod backup;
mod bundle_checks;
mod change;
mod checks_off;
mod departures;
mod error;
mod generations;
mod grants;
pub mod index;
mod last_uses;
mod leases;
mod links;
mod names;
mod open;
mod outbox;
mod people;
mod places;
mod pools;
mod probes;
mod refresh_tokens;
mod registries;
mod replace;
mod robots;
mod roles;
mod schema;
mod sealing;
mod services;
mod sessions;
mod setup;
mod signing_keys;
mod sql;
mod storage_samples;
mod sync_settings;
mod tag_moves;
mod teams;
mod token_settings;
mod tokens;

pub use access_requests::{
    AccessRequest, AccessRequests, AddRequest, AnswerRequest, Answered, RequestAnswer, WantedAccess,
};
pub use access_reviews::{AccessReviews, ConfirmGrant, KeepReview, Review};
pub use access_use::{AccessUse, Use};
pub use audit::{
    Audit, Entry, Filter as AuditFilter, Happened, HeldBack, LOOKED as AUDIT_LOOKED, Lines as AuditLines,
    Readable as AuditReadable, Verified,
};
pub use backup::{Restored, restore};
pub use bundle_checks::BundleCheck;
pub use change::{Change, Context};
pub use checks_off::{ChecksOff, SwitchCheck};
pub use departures::{Departed, Departure, Departures, Evidence};
pub use error::Error;
pub use generations::Generations;
pub use grants::{ACCESS_MOVED, AddGrant, EditGrant, Granted, RevokeGrant};
pub use last_uses::{LastUse, UsedSecret};
pub use leases::{Lease, Leases, Under};
pub use links::{AddLink, InvitePerson, Link, LinkKind, Links, NewLink, RevokeLink, UseLink};
pub use names::Part;
pub use open::{Store, StoreOptions};
pub use outbox::{News, Outbox};
pub use people::{
    CreateFirstPerson, CreatePerson, ListedPerson, NewPerson, People, Person, PersonState, RemovePerson, SetDisabled,
    SetPassword, UpdateProfile,
};
pub use probes::{Probe, Probes};
pub use refresh_tokens::{
    Behind, HeldRefreshToken, MadeWith, NewRefreshToken, RefreshRoom, RefreshToken, RefreshTokens, RevokeRefreshToken,
};
pub use registries::{
    AddManualRepository, AddRegistry, EditRegistry, Held, Registries, Registry, RemoveManualRepository, RemoveRegistry,
    SecretEdit, SecretsEdit, SetEnabled, WentAlong,
};
pub use robots::{
    AddRobot, AddRobotSecret, EditRobot, HeldRobotSecret, RemoveRobot, RevokeRobotSecret, Robot, RobotSecret, Robots,
    SetRobotDisabled,
};
pub use roles::{AddRole, EditRole, RemoveRole, RoleRecord, RoleText, Roles};
pub use services::Service;
pub use sessions::{NewSession, RevokeOtherSessions, RevokeSession, RevokeSessions, SessionRow, Sessions};
pub use setup::Setup;
pub use signing_keys::{
    AddSigningKeys, KeyState, NewSigningKey, PrivateKey, RotateSigningKeys, SigningKey, SigningKeys, Successor,
};
pub use storage_samples::{Sample, Scope, StorageSamples};
pub use sync_settings::{PauseSync, SyncSettings};
pub use tag_moves::{Moved, Since, TagMove, TagMoves};
pub use teams::{AddTeam, EditTeam, RemoveTeam, RemoveTeamMember, SetTeamMember, Team, TeamMember, Teams};
pub use token_settings::{SetTokenSetting, TokenSetting};
pub use tokens::{AddToken, HeldToken, RevokeToken, Token, Tokens};

#[cfg(test)]
mod tests;
