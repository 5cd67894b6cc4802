//! Who holds what where: subjects, roles, grants, and the rights that come of them.
//!
//! Grants only ever give; there is none that takes away. What is not granted is not allowed.

pub mod authority;
pub mod delegation;
pub mod explain;
pub(crate) mod index;
pub mod matrix;
pub mod review;
mod rights;
mod role;
mod scope;
mod set;
mod subject;
pub mod table;
pub mod what_if;

pub use authority::{Authority, Facts, Member, PersonFacts, RobotFacts, TeamFacts};
pub use review::Used;
pub use rights::{Held, Rights};
pub use role::{BuiltIn, Role, RoleId};
pub use scope::Scope;
pub use set::{BRINGS, PermissionSet};
pub use subject::Subject;

use crate::{Id, Timestamp};
use serde::{Deserialize, Serialize};

/// A role for a subject somewhere: until when, because of what, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Never used again.
    pub id: Id,
    /// Who has it.
    pub subject: Subject,
    /// What it gives.
    pub role: RoleId,
    /// Where.
    pub scope: Scope,
    /// The first moment at which it no longer holds; without, until it is revoked.
    pub until: Option<Timestamp>,
    /// Why, in the words of who gave it; may be empty.
    pub because: String,
    /// Who gave it, by the name they had; for people to read.
    pub by: String,
    /// Since when.
    pub created: Timestamp,
    /// When somebody last looked at it and said that it is right.
    pub reviewed: Option<Timestamp>,
}

impl Grant {
    /// Does it hold at this moment?
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

#[cfg(test)]
mod tests;
