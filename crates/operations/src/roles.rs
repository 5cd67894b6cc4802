//! Roles: the built-in ones, and those that administrators make.

mod changing;

pub use changing::RoleForm;

use crate::{
    Error, Operations, Result,
    grants::{GrantQuery, GrantRow, may_look, sees},
};
use domain::{
    Actor, Id, Timestamp,
    access::{Authority, Role, RoleId, Scope, delegation::missing_to_give},
};
use std::collections::HashMap;

/// A role in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRow {
    /// The role.
    pub role: Role,
    /// Is it one of those that are always there?
    pub built_in: bool,
    /// How many grants of it whoever asks may know of.
    pub grants: usize,
    /// May whoever asks change it?
    pub may_change: bool,
}

/// A role with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleDetails {
    /// The role.
    pub row: RoleRow,
    /// Grows with each change; 0 for built-in ones.
    pub version: i64,
    /// Since when, for one that was made here.
    pub created: Option<Timestamp>,
    /// When it was changed last.
    pub updated: Option<Timestamp>,
    /// The newest grants of it that whoever asks may know of.
    pub grants: Vec<GrantRow>,
}

/// May `actor` change this role, which can be granted anywhere?
fn may_change(actor: &Actor, role: &Role) -> bool {
    matches!(role.id, RoleId::Custom(_)) && missing_to_give(actor, role.permissions, Scope::EVERYTHING).is_empty()
}

fn counted(actor: &Actor, authority: &Authority) -> HashMap<RoleId, usize> {
    let mut counts = HashMap::new();
    for grant in authority.grants().filter(|grant| sees(actor, authority, grant)) {
        *counts.entry(grant.role).or_default() += 1;
    }
    counts
}

impl Operations {
    /// Every role, with how often it is granted.
    pub async fn roles(&self, actor: &Actor) -> Result<Vec<RoleRow>> {
        may_look(actor)?;
        let (authority, asks) = (self.authority().await?, actor.clone());
        let work = tokio::task::spawn_blocking(move || {
            let counts = counted(&asks, &authority);
            let row = |role: Role| RoleRow {
                built_in: matches!(role.id, RoleId::BuiltIn(_)),
                grants: counts.get(&role.id).copied().unwrap_or(0),
                may_change: may_change(&asks, &role),
                role,
            };
            authority.roles().into_iter().map(row).collect()
        });
        work.await.map_err(Error::internal)
    }

    /// One role with its grants.
    pub async fn role(&self, actor: &Actor, id: &str) -> Result<RoleDetails> {
        may_look(actor)?;
        let missing = || Error::not_found(format!("role {}", domain::text::visible(id, 40)));
        let id: RoleId = id.parse().map_err(|_| missing())?;
        let role = self.authority().await?.role(id).ok_or_else(missing)?;
        let record = match id {
            RoleId::Custom(id) => Some(self.0.store.roles().by_id(id).await?.ok_or_else(missing)?),
            RoleId::BuiltIn(_) => None,
        };
        let query = GrantQuery { role: id.to_string(), ..GrantQuery::default() };
        let grants = self.grants(actor, &query).await?;
        // The record is newer, if anything: what is shown is what a change is compared with.
        let role = record.as_ref().map_or(role, |record| record.role.clone());
        Ok(RoleDetails {
            row: RoleRow {
                built_in: record.is_none(),
                grants: grants.total,
                may_change: may_change(actor, &role),
                role,
            },
            version: record.as_ref().map_or(0, |record| record.version),
            created: record.as_ref().map(|record| record.created),
            updated: record.map(|record| record.updated),
            grants: grants.rows,
        })
    }

    /// The number of a role that was made here.
    pub(crate) fn custom(id: &str) -> Result<Id> {
        match id.parse() {
            Ok(RoleId::Custom(id)) => Ok(id),
            Ok(RoleId::BuiltIn(_)) => Err(Error::new(
                crate::Kind::Forbidden,
                "This role is built in: it can’t be changed. Make one of your own.",
            )),
            Err(_) => Err(Error::not_found(format!("role {}", domain::text::visible(id, 40)))),
        }
    }
}
