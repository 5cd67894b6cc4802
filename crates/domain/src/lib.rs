//! Nouns and pure rules of Wharfinger: what a name, a digest, a permission or an image is.
//! No I/O, no clock, no async: the browser and the server both use it.

pub mod absence;
pub mod access;
pub mod actor;
pub mod annotations;
pub mod audit;
pub mod commands;
pub mod compare;
pub mod config;
pub mod connection;
pub mod content;
pub mod content_facts;
pub mod csv;
pub mod docker_config;
pub mod fields;
pub mod filters;
pub mod health;
pub mod heat;
pub mod history;
mod json;
pub mod manifest;
pub mod names;
pub mod passwords;
pub mod patterns;
pub mod permission;
pub mod probe;
pub mod quoting;
pub mod restriction;
pub mod robots;
pub mod semver_range;
pub mod summary;
pub mod templates;
pub mod text;
pub mod time;
pub mod token_check;
pub mod token_config;
pub mod token_scope;
pub mod versions;
pub mod visible;

pub use actor::{Actor, ActorKind, Via};
pub use connection::{Address, Connection, Secret, Secrets, SignIn, Trust};
pub use content::{Kind, Summary};
pub use fields::{FieldError, FieldErrors};
pub use names::{Digest, InvalidName, Reference, RegistryName, RepositoryName, Tag};
pub use permission::{OpenedPermit, Permission, Permit, Place, Refusal};
pub use restriction::Restriction;
pub use time::Timestamp;
pub use visible::Visible;

/// Identifies a record; ids are never used again.
pub type Id = i64;
