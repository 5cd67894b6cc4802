//! What if: shown to those who may look, of what they may look at, and what is shown is what happens.

use crate::world::{World, add, as_person};
use domain::{
    Actor, Connection, Permission, Place,
    access::{BuiltIn, RoleId, Scope, Subject, what_if::Change},
    audit::Act,
    permission::allows,
};
use operations::{grants::GrantForm, roles::RoleForm, what_if::Preview};
use store::{AddGrant, AddRegistry, EditGrant, Error, Granted, SecretsEdit};

fn form(subject: &str, role: &str, repositories: &str) -> GrantForm {
    GrantForm { subject: subject.into(), role: role.into(), repositories: repositories.into(), ..GrantForm::default() }
}

/// Ada, who may do everything; Max, who looks after `team-a/**`; Hedy, who looks after people; Eve, who reads in both teams.
async fn world() -> (World, Actor, Actor, Actor, Subject) {
    let (world, ada) = World::with_ada().await;
    for name in ["max", "eve", "hedy"] {
        add(&world, name).await;
    }
    let host = RoleForm { name: "Host".into(), description: String::new(), permissions: vec!["people.manage".into()] };
    let host = world.operations.add_role(&ada, &host).await.expect("made").row.role.id.to_string();
    for (who, role, pattern) in [
        ("max", "maintainer", "team-a/**"),
        ("eve", "reader", "team-a/api"),
        ("eve", "reader", "team-b/api"),
        ("hedy", host.as_str(), ""),
    ] {
        world.operations.add_grant(&ada, &form(who, role, pattern), None).await.expect("granted");
    }
    let (ada, max) = (as_person(&world, "ada").await, as_person(&world, "max").await);
    let hedy = as_person(&world, "hedy").await;
    let eve = Subject::Person(as_person(&world, "eve").await.id);
    (world, ada, max, hedy, eve)
}

/// Where something is lost.
fn lost(preview: &Preview) -> Vec<String> {
    let parts = preview.rows.iter().flat_map(|row| &row.lost);
    parts.map(|part| part.scope.repositories().map(ToString::to_string).unwrap_or_default()).collect()
}

#[tokio::test]
async fn disabling_shows_each_what_they_may_look_at_and_says_that_there_is_more() {
    let (world, ada, max, hedy, eve) = world().await;
    let look = async |actor: &Actor| world.operations.what_if(actor, Change::Acts(eve, false)).await.expect("shown");
    let whole = look(&ada).await;
    assert_eq!(
        (lost(&whole), whole.elsewhere, whole.you_lose),
        (vec!["team-a/api".into(), "team-b/api".into()], false, false)
    );
    let some = look(&max).await;
    assert_eq!((lost(&some), some.elsewhere), (vec!["team-a/api".to_owned()], true));
    let people = look(&hedy).await;
    assert_eq!((lost(&people), people.elsewhere), (Vec::new(), true), "who looks after people sees no grants by it");
    let own = as_person(&world, "eve").await;
    let own = look(&own).await;
    assert!(own.you_lose && lost(&own).len() == 2 && !own.elsewhere);
}

#[tokio::test]
async fn what_was_shown_of_disabling_is_what_happens() {
    let (world, ada, _, _, eve) = world().await;
    let held = async || world.operations.rights_of(eve).await.expect("rights").held().count();
    let before = held().await;
    let shown = world.operations.what_if(&ada, Change::Acts(eve, false)).await.expect("shown");
    assert_eq!(held().await, before, "a look changes nothing");
    world.operations.disable_person(&ada, "eve", true).await.expect("disabled");
    assert_eq!((lost(&shown).len(), held().await), (before, 0));
    let again = world.operations.what_if(&ada, Change::Acts(eve, false)).await.expect("shown");
    assert!(again.rows.is_empty() && again.generation > shown.generation);
    let back = world.operations.what_if(&ada, Change::Acts(eve, true)).await.expect("shown");
    assert_eq!(back.rows.iter().flat_map(|row| &row.gained).count(), before);
    assert!(lost(&back).is_empty());
}

/// The registry of a grant is looked for in the very transaction that makes it: one that was removed meanwhile gets none.
#[tokio::test]
async fn a_registry_that_went_meanwhile_is_granted_nothing_in() {
    let (world, ada, _, _, eve) = world().await;
    let (store, now) = (world.operations.store(), world.operations.now());
    let opened = async |permission, act: &'static str| {
        let permit = allows(&Actor::cli(), permission, Place::System).expect("the command line may");
        store.open_act(permit, &Act::new(act, "a test"), now).await.expect("opened")
    };
    let add = AddRegistry {
        name: "shortly".parse().expect("a name"),
        description: String::new(),
        connection: Connection::new("http://registry.test:5000".parse().expect("an address")),
        secrets: SecretsEdit::default(),
    };
    let registry =
        store.write(opened(Permission::RegistryManage, "registry.add").await, add, now).await.expect("added");
    let granted = |registry| Granted {
        role: RoleId::BuiltIn(BuiltIn::Reader),
        scope: Scope::new(Some(registry), None),
        until: None,
        because: String::new(),
        by: "ada".into(),
    };
    let give = |registry| AddGrant { subject: eve, granted: granted(registry), seen: None };
    store.write(opened(Permission::GrantManage, "grant.create").await, give(registry), now).await.expect("it is there");
    world.operations.remove_registry(&ada, "shortly", "shortly").await.expect("removed");
    for gone in [registry, 4711] {
        let refused = store.write(opened(Permission::GrantManage, "grant.create").await, give(gone), now).await;
        assert!(matches!(refused, Err(Error::NotFound("registry"))), "{refused:?}");
    }
    let was = world.operations.authority().await.expect("the grants").grants_of(eve)[0].as_ref().clone();
    let moved = EditGrant { was, granted: granted(registry), seen: None };
    let refused = store.write(opened(Permission::GrantManage, "grant.edit").await, moved, now).await;
    assert!(matches!(refused, Err(Error::NotFound("registry"))), "nor is one moved there: {refused:?}");
    let failed =
        world.log(&ada).await.into_iter().filter(|(act, _, how)| act.starts_with("grant.") && *how == "failed");
    assert_eq!(failed.count(), 3, "each try is on record");
    let held = world.operations.held_by(&ada, "eve").await.expect("told").grants;
    assert!(held.iter().all(|(grant, _)| grant.registry.as_deref() != Some("shortly")), "{held:?}");
    // As an operation the same is a registry that is not there.
    let form = GrantForm { registry: "shortly".into(), ..form("eve", "reader", "") };
    world.operations.add_grant(&ada, &form, None).await.expect_err("it is gone");
}
