//! Roles: named sets of permissions. Some are built in, others are made by administrators.

use super::PermissionSet;
use crate::{Id, InvalidName, Permission as P};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The roles that are always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BuiltIn {
    /// Sees that things are there.
    Viewer,
    /// Pulls.
    Reader,
    /// Pulls and pushes.
    Writer,
    /// Writes, deletes, cleans up, and says who else may.
    Maintainer,
    /// Sees who may do what, and who did.
    Auditor,
    /// May do everything that can be granted.
    Administrator,
}

impl BuiltIn {
    /// All of them, in the order of the documentation.
    pub const ALL: &[BuiltIn] =
        &[Self::Viewer, Self::Reader, Self::Writer, Self::Maintainer, Self::Auditor, Self::Administrator];

    /// The word the records use.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Maintainer => "maintainer",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }
    /// The word the pages use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Reader => "Reader",
            Self::Writer => "Writer",
            Self::Maintainer => "Maintainer",
            Self::Auditor => "Auditor",
            Self::Administrator => "Administrator",
        }
    }
    /// What it is for, in one sentence.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Viewer => "Sees names, sizes and dates.",
            Self::Reader => "Pulls, and sees what is inside images.",
            Self::Writer => "Pulls and pushes.",
            Self::Maintainer => "Writes, deletes, runs cleanup policies, and grants others what they have themselves.",
            Self::Auditor => "Sees who may do what, and reads the audit log; pulls nothing.",
            Self::Administrator => "May do everything.",
        }
    }
    /// What it gives.
    pub fn permissions(self) -> PermissionSet {
        match self {
            Self::Viewer => [P::RepositoryView].into_iter().collect(),
            Self::Reader => [P::RepositoryPull].into_iter().collect(),
            Self::Writer => [P::RepositoryPush].into_iter().collect(),
            Self::Maintainer => {
                [P::RepositoryPush, P::TagDelete, P::PolicyRun, P::GrantView, P::GrantManage].into_iter().collect()
            }
            Self::Auditor => [P::RepositoryView, P::GrantView, P::AuditView].into_iter().collect(),
            Self::Administrator => PermissionSet::grantable(),
        }
    }
}

/// Which role: written as its key (`reader`), or `custom-4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RoleId {
    /// One of those that are always there.
    BuiltIn(BuiltIn),
    /// One that was made here.
    Custom(Id),
}

impl RoleId {
    /// The role that may do everything.
    pub const ADMINISTRATOR: Self = Self::BuiltIn(BuiltIn::Administrator);
}

impl fmt::Display for RoleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(role) => f.write_str(role.key()),
            Self::Custom(id) => write!(f, "custom-{id}"),
        }
    }
}

impl FromStr for RoleId {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if let Some(role) = BuiltIn::ALL.iter().find(|role| role.key() == text) {
            return Ok(Self::BuiltIn(*role));
        }
        let id = text.strip_prefix("custom-").filter(|id| id.bytes().all(|c| c.is_ascii_digit()));
        let id = id.and_then(|id| id.parse().ok()).filter(|id| *id > 0);
        id.map(Self::Custom).ok_or_else(|| InvalidName("There is no such role.".to_owned()))
    }
}
impl TryFrom<String> for RoleId {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}
impl From<RoleId> for String {
    fn from(role: RoleId) -> String {
        role.to_string()
    }
}

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Which.
    pub id: RoleId,
    /// What people call it.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// What it gives.
    pub permissions: PermissionSet,
}

impl From<BuiltIn> for Role {
    fn from(role: BuiltIn) -> Self {
        Self {
            id: RoleId::BuiltIn(role),
            name: role.name().to_owned(),
            description: role.purpose().to_owned(),
            permissions: role.permissions(),
        }
    }
}
