//! Giving, changing and taking grants. Whoever does it holds the right to grant in all of the place, and all that is given;
//! what is taken they could have given.

use super::{
    GrantForm, GrantRow, Names, row,
    wanted::{target, told},
};
use crate::{Error, Kind, Operations, Result, what_if::Preview};
use domain::{
    Actor, Id, Permit,
    access::{Authority, Grant, PermissionSet, Scope, what_if::Change},
    audit::Act,
};
use store::{AddGrant, EditGrant, Granted, RevokeGrant};

/// What the records say of a grant that is there already.
fn twice(error: Error) -> Error {
    let cause = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
    if matches!(cause, Some(store::Error::Taken("grant"))) {
        let message = "There is such a grant already: the same role for the same subject at the same place. Change its end instead.";
        return Error { cause: error.cause, ..Error::new(Kind::Conflict, message) };
    }
    error
}

fn granted(grant: &Grant) -> Granted {
    Granted {
        role: grant.role,
        scope: grant.scope.clone(),
        until: grant.until,
        because: grant.because.clone(),
        by: grant.by.clone(),
    }
}

/// What the log says of a grant that is refused before it is known whom and what it names: that as it is typed.
fn asked(form: &GrantForm) -> Act {
    let typed = |text: &str| domain::text::visible(text.trim(), 80);
    Act::new("grant.create", format!("grant of {} for {}", typed(&form.role), typed(&form.subject)))
}

/// Is it the same in all that a form can change?
fn is_same(a: &Grant, b: &Grant) -> bool {
    (a.role, &a.scope, a.until, &a.because) == (b.role, &b.scope, b.until, &b.because)
}

impl Operations {
    /// What giving this, or changing the grant `id` to this, would do. Nothing is changed.
    pub async fn preview_grant(&self, actor: &Actor, id: Option<Id>, form: &GrantForm) -> Result<(GrantRow, Preview)> {
        // First: what is read later is no older.
        let generation = self.access_generation().await?;
        let authority = self.authority().await?;
        let was = id.map(|id| crate::grants::known_grant(actor, &authority, id)).transpose()?;
        self.grants_at_all(actor, None).await?;
        let (grant, role) = self.wanted_grant(actor, &authority, was.as_deref(), form, None).await?;
        if let Some(was) = &was {
            self.may_give(actor, authority.permissions(was.role), &was.scope, None).await?;
        }
        self.may_give(actor, role.permissions, &grant.scope, None).await?;
        Self::ends_in_time(actor, &authority, &grant, was.as_deref())?;
        let names = self.registry_names_for(actor).await?;
        let shown = row(actor, &authority, &names, self.now(), &grant);
        Ok((shown, self.preview(actor, generation, Change::Grant(grant)).await?))
    }

    /// What revoking a grant would take from whom. Nothing is changed.
    pub async fn preview_revoke(&self, actor: &Actor, id: Id) -> Result<(GrantRow, Preview)> {
        let generation = self.access_generation().await?;
        let authority = self.authority().await?;
        let was = crate::grants::known_grant(actor, &authority, id)?;
        self.may_give(actor, authority.permissions(was.role), &was.scope, None).await?;
        let names = self.registry_names_for(actor).await?;
        let shown = row(actor, &authority, &names, self.now(), &was);
        Ok((shown, self.preview(actor, generation, Change::Revoke(id)).await?))
    }

    /// Gives a role. `seen` is the generation of the preview that was looked at: if anything changed since, it is refused.
    pub async fn add_grant(&self, actor: &Actor, form: &GrantForm, seen: Option<i64>) -> Result<GrantRow> {
        let asked = asked(form);
        self.grants_at_all(actor, Some(&asked)).await?;
        let authority = self.authority().await?;
        let (grant, role) = self.wanted_grant(actor, &authority, None, form, Some(&asked)).await?;
        let names = self.registry_names_for(actor).await?;
        let act = Act::new("grant.create", target(&authority, &names, &grant)).after(told(&authority, &names, &grant));
        let permit = self.may_give(actor, role.permissions, &grant.scope, Some(&act)).await?;
        Self::ends_in_time(actor, &authority, &grant, None)?;
        let change = AddGrant { subject: grant.subject, granted: granted(&grant), seen };
        let id = self.change(permit, &act, change).await.map_err(twice)?;
        self.answer_fulfilled(actor).await;
        Ok(row(actor, &authority, &names, self.now(), &Grant { id, ..grant }))
    }

    /// Changes what a grant gives, where, until when and why. Its subject stays.
    pub async fn edit_grant(&self, actor: &Actor, id: Id, form: &GrantForm, seen: Option<i64>) -> Result<GrantRow> {
        let authority = self.authority().await?;
        let was = crate::grants::known_grant(actor, &authority, id)?;
        let (grant, role) = self.wanted_grant(actor, &authority, Some(&was), form, None).await?;
        let names = self.registry_names_for(actor).await?;
        if is_same(&was, &grant) {
            return Ok(row(actor, &authority, &names, self.now(), &was));
        }
        let act = Act::new("grant.edit", target(&authority, &names, &was))
            .before(told(&authority, &names, &was))
            .after(told(&authority, &names, &grant));
        self.may_give(actor, authority.permissions(was.role), &was.scope, Some(&act)).await?;
        let permit = self.may_give(actor, role.permissions, &grant.scope, Some(&act)).await?;
        Self::ends_in_time(actor, &authority, &grant, Some(&was))?;
        let change = EditGrant { was: Grant::clone(&was), granted: granted(&grant), seen };
        self.change(permit, &act, change).await.map_err(twice)?;
        self.answer_fulfilled(actor).await;
        Ok(row(actor, &authority, &names, self.now(), &grant))
    }

    /// Takes a grant away.
    pub async fn revoke_grant(&self, actor: &Actor, id: Id, seen: Option<i64>) -> Result<()> {
        let authority = self.authority().await?;
        let names = self.registry_names_for(actor).await?;
        let (permit, act, was) = self.may_revoke(actor, &authority, &names, id).await?;
        self.change(permit, &act, RevokeGrant { was, seen }).await
    }

    /// May this actor take the grant `id` away? The grant as it is, and what the log says of it.
    pub(crate) async fn may_revoke(
        &self,
        actor: &Actor,
        authority: &Authority,
        names: &Names,
        id: Id,
    ) -> Result<(Permit, Act, Grant)> {
        let was = crate::grants::known_grant(actor, authority, id)?;
        let act = Act::new("grant.revoke", target(authority, names, &was)).before(told(authority, names, &was));
        let permit = self.may_give(actor, authority.permissions(was.role), &was.scope, Some(&act)).await?;
        Ok((permit, act, Grant::clone(&was)))
    }

    /// Refuses whoever can grant nothing anywhere, before anything they name is looked up: no answer tells them who is there.
    async fn grants_at_all(&self, actor: &Actor, act: Option<&Act>) -> Result<()> {
        super::may_look(actor)?;
        if Self::may_grant_something(actor) {
            return Ok(());
        }
        self.may_give(actor, PermissionSet::EMPTY, Scope::EVERYTHING, act).await.map(drop)
    }

    /// Could this actor grant something somewhere? To offer it only then.
    pub fn may_grant_something(actor: &Actor) -> bool {
        domain::Visible::by(actor, domain::Permission::GrantManage).repositories_at_all()
    }

    /// Names of those that can be granted something, for whoever grants: `ada`, `team payments`, `robot ci`.
    pub async fn grantable_subjects(&self, actor: &Actor) -> Result<Vec<(String, String)>> {
        if !Self::may_grant_something(actor) {
            return Ok(Vec::new());
        }
        let authority: std::sync::Arc<Authority> = self.authority().await?;
        let named = authority.subjects().into_iter().filter_map(|subject| {
            use domain::access::Subject as S;
            let name = authority.name(subject)?;
            let called = match subject {
                S::Person(_) => format!("person {name}"),
                S::Team(_) => format!("team {name}"),
                S::Robot(_) => format!("robot {name}"),
                S::Everyone | S::Anonymous => name.to_owned(),
            };
            Some((subject.to_string(), called))
        });
        Ok(named.collect())
    }
}
