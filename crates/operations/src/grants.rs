//! Grants: which subject has which role where, until when, because of what, by whom.

mod changing;
mod holders;
mod wanted;

pub use holders::{HeldBy, Holder, Holders, Through};
pub use wanted::GrantForm;
pub(crate) use wanted::subject as subject_called;

use crate::{Error, Operations, Result};
use domain::{
    Actor, Id, Permission, Place, Refusal, RegistryName, Timestamp, Visible,
    access::{
        Authority, Grant, PermissionSet, RoleId, Scope, Subject,
        delegation::{may_see, missing_to_give},
    },
    patterns::Pattern,
    permission::allows,
};
use std::{collections::HashMap, sync::Arc};

/// As many grants stand on a page that asks for no number.
const PAGE: usize = 50;
/// Grants of a page at most.
const MOST: usize = 500;

/// A grant in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// Its number.
    pub id: Id,
    /// Who has it.
    pub subject: Subject,
    /// What people call the subject.
    pub subject_name: String,
    /// What it gives.
    pub role: RoleId,
    /// What people call the role.
    pub role_name: String,
    /// What that is.
    pub permissions: PermissionSet,
    /// Where.
    pub scope: Scope,
    /// How the registry it is in is called, if whoever asks may see it: `lab`, or `lab, removed`.
    pub registry: Option<String>,
    /// The first moment at which it no longer holds.
    pub until: Option<Timestamp>,
    /// Has it come?
    pub ended: bool,
    /// Why.
    pub because: String,
    /// By whom.
    pub by: String,
    /// Since when.
    pub created: Timestamp,
    /// When somebody last said that it is right.
    pub reviewed: Option<Timestamp>,
    /// May whoever asks change and revoke it?
    pub may_change: bool,
}

impl GrantRow {
    /// The registry for [`GrantForm::registry`] as it is: by number, so that neither a name that is another's by now nor one
    /// that may not be seen moves the grant.
    pub fn same_registry(&self) -> Option<String> {
        self.scope.registry().map(wanted::by_number)
    }
}

/// What is asked of the list; empty texts ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantQuery {
    /// A subject (`person-3`), or part of a name.
    pub subject: String,
    /// A role, as `writer` or `custom-4`.
    pub role: String,
    /// A registry, by name.
    pub registry: String,
    /// A repository or a pattern: grants that hold for any of it.
    pub repositories: String,
    /// `yes` for those that have ended, `no` for those that hold.
    pub ended: String,
    /// Grants older than this one: the next page.
    pub after: Option<Id>,
    /// Grants newer than this one: the page before.
    pub before: Option<Id>,
    /// Grants of a page, up to 500; without, as many as a page shows.
    pub limit: Option<u32>,
}

/// A page of grants, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantPage {
    /// The grants.
    pub rows: Vec<GrantRow>,
    /// How many there are in all.
    pub total: usize,
    /// The grant after which the next page begins, if there is one.
    pub after: Option<Id>,
    /// The grant before which the page before ends, if there is one.
    pub before: Option<Id>,
}

/// What a query means.
struct Asked {
    subject: Option<Subject>,
    name: String,
    role: Option<RoleId>,
    scope: Scope,
    ended: Option<bool>,
}

/// How registries are called, by id: `lab`, or `lab, removed`.
pub(crate) type Names = HashMap<Id, String>;

/// The registry of this name that is there: the names of removed ones are others' by now.
pub(crate) fn registry_called(names: &Names, name: &str) -> Option<Id> {
    let name = name.trim();
    // What a removed registry is called is no registry's name.
    name.parse::<RegistryName>().ok()?;
    names.iter().find(|(_, own)| *own == name).map(|(id, _)| *id)
}

/// Does this actor see its own grants? By a narrow token nobody looks at what is their own.
fn sees_own(actor: &Actor) -> bool {
    allows(actor, Permission::ProfileEdit, Place::System).is_ok()
}

/// May this actor know of this grant: where it holds all of `grant.view`, or because it has it itself?
pub(crate) fn sees(actor: &Actor, authority: &Authority, grant: &Grant) -> bool {
    let own = || crate::access::subject(actor).is_some_and(|own| authority.through(own).contains(&grant.subject));
    may_see(actor, &grant.scope) || sees_own(actor) && own()
}

/// May this actor look at grants and roles at all?
pub(crate) fn may_look(actor: &Actor) -> Result<()> {
    if Visible::by(actor, Permission::GrantView).repositories_at_all() || sees_own(actor) {
        return Ok(());
    }
    let (permission, place) = (Permission::GrantView, Place::System);
    Err(Refusal { permission, place, actor: actor.name.clone(), may_know: actor.is_known() }.into())
}

/// May this actor look at every grant there is?
fn may_see_all(actor: &Actor) -> bool {
    may_see(actor, Scope::EVERYTHING)
}

/// What people call a subject.
pub(crate) fn name_of(authority: &Authority, subject: Subject) -> String {
    authority.name(subject).map_or_else(|| format!("{subject}, which is gone"), str::to_owned)
}

/// What people call a role.
pub(crate) fn role_name(authority: &Authority, role: RoleId) -> String {
    authority.role(role).map_or_else(|| format!("{role}, which is gone"), |role| role.name)
}

/// One grant, if this actor may know of it.
pub(crate) fn known_grant(actor: &Actor, authority: &Authority, id: Id) -> Result<Arc<Grant>> {
    may_look(actor)?;
    let found = authority.grants().find(|grant| grant.id == id).filter(|grant| sees(actor, authority, grant));
    found.cloned().ok_or_else(|| Error::not_found(format!("grant {id}")))
}

/// A grant as lists show it.
pub(crate) fn row(actor: &Actor, authority: &Authority, names: &Names, now: Timestamp, grant: &Grant) -> GrantRow {
    let permissions = authority.permissions(grant.role);
    GrantRow {
        id: grant.id,
        subject: grant.subject,
        subject_name: name_of(authority, grant.subject),
        role: grant.role,
        role_name: role_name(authority, grant.role),
        permissions,
        registry: grant.scope.registry().and_then(|id| names.get(&id).cloned()),
        may_change: missing_to_give(actor, permissions, &grant.scope).is_empty(),
        scope: grant.scope.clone(),
        until: grant.until,
        ended: !grant.holds(now),
        because: grant.because.clone(),
        by: grant.by.clone(),
        created: grant.created,
        reviewed: grant.reviewed,
    }
}

impl Asked {
    fn lets_through(&self, authority: &Authority, grant: &Grant, now: Timestamp) -> bool {
        let named = || {
            let name = authority.name(grant.subject).unwrap_or_default();
            self.name.is_empty() || name.to_lowercase().contains(&self.name)
        };
        self.subject.map_or_else(named, |subject| grant.subject == subject)
            && self.role.is_none_or(|role| grant.role == role)
            && self.ended.is_none_or(|ended| ended != grant.holds(now))
            && self.scope.meets(&grant.scope)
    }
}

impl Operations {
    /// A page of the grants that this actor may know of.
    pub async fn grants(&self, actor: &Actor, query: &GrantQuery) -> Result<GrantPage> {
        let limit = query.limit.map_or(PAGE, |limit| (limit as usize).clamp(1, MOST));
        let (mut found, authority) = self.found(actor, query).await?;
        let total = found.len();
        let (older, newer) = (found.last().map(|grant| grant.id), found.first().map(|grant| grant.id));
        if let Some(before) = query.before {
            found.retain(|grant| grant.id > before);
            found.drain(..found.len().saturating_sub(limit));
        } else if let Some(after) = query.after {
            found.retain(|grant| grant.id < after);
        }
        found.truncate(limit);
        let names = self.registry_names_for(actor).await?;
        let now = self.now();
        let rows: Vec<GrantRow> = found.iter().map(|grant| row(actor, &authority, &names, now, grant)).collect();
        let after = rows.last().map(|last| last.id).filter(|last| Some(*last) != older);
        let before = rows.first().map(|first| first.id).filter(|first| Some(*first) != newer);
        Ok(GrantPage { rows, total, after, before })
    }

    /// All grants that this actor may know of and the query lets through, for an export.
    pub async fn all_grants(
        &self,
        actor: &Actor,
        query: &GrantQuery,
    ) -> Result<impl Iterator<Item = GrantRow> + Send + use<>> {
        let (found, authority) = self.found(actor, query).await?;
        let names = self.registry_names_for(actor).await?;
        let (now, actor) = (self.now(), actor.clone());
        Ok(found.into_iter().map(move |grant| row(&actor, &authority, &names, now, &grant)))
    }

    /// One grant.
    pub async fn grant(&self, actor: &Actor, id: Id) -> Result<GrantRow> {
        let authority = self.authority().await?;
        let grant = known_grant(actor, &authority, id)?;
        Ok(row(actor, &authority, &self.registry_names_for(actor).await?, self.now(), &grant))
    }

    /// What the query lets through, the newest first.
    async fn found(&self, actor: &Actor, query: &GrantQuery) -> Result<(Vec<Arc<Grant>>, Arc<Authority>)> {
        may_look(actor)?;
        let Some(asked) = self.asked(actor, query).await? else { return Ok((Vec::new(), self.authority().await?)) };
        let (authority, actor, now) = (self.authority().await?, actor.clone(), self.now());
        let looked = Arc::clone(&authority);
        let work = tokio::task::spawn_blocking(move || {
            let fits = |grant: &&Arc<Grant>| asked.lets_through(&looked, grant, now) && sees(&actor, &looked, grant);
            let mut found: Vec<Arc<Grant>> = looked.grants().filter(fits).cloned().collect();
            found.sort_unstable_by_key(|grant| std::cmp::Reverse(grant.id));
            found
        });
        Ok((work.await.map_err(Error::internal)?, authority))
    }

    /// Reads a query; nothing, where nothing can fit it.
    async fn asked(&self, actor: &Actor, query: &GrantQuery) -> Result<Option<Asked>> {
        let role = query.role.trim();
        let role = if role.is_empty() { None } else { Some(role.parse().map_err(|_| Error::not_found("such role"))?) };
        let registry = match query.registry.trim() {
            "" => None,
            name => {
                let names = self.registry_names_for(actor).await?;
                let Some(id) = registry_called(&names, name) else { return Ok(None) };
                Some(id)
            }
        };
        let repositories = match query.repositories.trim() {
            "" => None,
            text => Some(text.parse::<Pattern>().map_err(|wrong| Error::field("repositories", wrong.0))?),
        };
        let subject = query.subject.trim();
        Ok(Some(Asked {
            subject: subject.parse().ok(),
            name: subject.to_lowercase(),
            role,
            scope: Scope::new(registry, repositories),
            ended: match query.ended.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
        }))
    }

    /// How the registries are called that this actor may know of, by id.
    pub(crate) async fn registry_names_for(&self, actor: &Actor) -> Result<Names> {
        Ok(self.0.store.registries().called(&Visible::to(actor)).await?.into_iter().collect())
    }
}
