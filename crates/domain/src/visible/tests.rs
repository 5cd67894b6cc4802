use super::*;
use crate::{
    ActorKind, Place, Restriction, Via,
    access::{Held, PermissionSet, Rights},
    permission::allows,
};
use proptest::prelude::*;
use std::sync::Arc;

fn scope(registry: Option<Id>, pattern: Option<&str>) -> Scope {
    Scope::new(registry, pattern.map(|pattern| pattern.parse().expect("a pattern")))
}
fn actor(scopes: &[Scope], restriction: Restriction) -> Actor {
    let permissions: PermissionSet = [Permission::RepositoryView].into_iter().collect();
    let held = scopes.iter().map(|scope| Arc::new(Held { grant: None, permissions, scope: scope.clone() })).collect();
    Actor {
        kind: ActorKind::Person,
        rights: Rights::new(held),
        via: Via::Token { id: 1, restriction },
        ..Actor::anonymous("", "", "")
    }
}
fn name(text: &str) -> RepositoryName {
    text.parse().expect("a name")
}

#[test]
fn what_is_in_another_part_anyway_is_left_out() {
    let some =
        [scope(None, Some("a/**")), scope(Some(1), Some("a/b/*")), scope(None, Some("a/b")), scope(Some(2), None)];
    let visible = Visible::to(&actor(&some, Restriction::default()));
    let parts: Vec<(Option<Id>, Vec<&str>)> = visible
        .parts()
        .iter()
        .map(|part| (part.registry(), part.matching().iter().map(Pattern::as_str).collect()))
        .collect();
    assert_eq!(parts, [(Some(2), vec![]), (None, vec!["a/*"])]);
    assert!(!visible.everything() && visible.every_registry());
    assert!(visible.in_registry(2).everything() && !visible.in_registry(1).everything());
    assert!(Visible::to(&actor(&[some[0].clone(), Scope::default()], Restriction::default())).everything());
}

#[test]
fn a_token_narrows_every_part() {
    let token = Restriction::new([], Some(1), Some("team-?/**".parse().expect("a pattern")));
    let some = [scope(None, Some("team-a/**")), scope(Some(2), None), scope(Some(1), Some("*/api"))];
    let visible = Visible::to(&actor(&some, token));
    for (registry, repository, seen) in [
        (1, "team-a/web", true),
        (1, "team-b/web", false),
        (1, "team-b/api", true),
        (1, "other/api", false),
        (2, "team-a/web", false),
    ] {
        assert_eq!(visible.repository(registry, &name(repository)), seen, "{registry} {repository}");
    }
    assert!(visible.registry(1) && !visible.registry(2) && !visible.every_registry());
}

#[test]
fn nothing_held_is_nothing_seen() {
    let nothing = Visible::to(&actor(&[], Restriction::default()));
    assert_eq!(nothing, Visible::nothing());
    assert!(!nothing.registries_at_all() && !nothing.repositories_at_all() && !nothing.registry(1));
}

fn scopes() -> impl Strategy<Value = Scope> {
    let pattern = proptest::option::of("[ab]{0,2}(/[ab*?]{1,2})?");
    (proptest::option::of(1..3_i64), pattern)
        .prop_map(|(registry, pattern)| scope(registry, pattern.as_deref().filter(|text| !text.is_empty())))
}

proptest! {
    #[test]
    fn what_is_seen_is_what_the_rule_allows(
        some in proptest::collection::vec(scopes(), 0..12), token in scopes(), id in 1..3_i64, text in "[ab]{1,2}(/[ab]{1,2})?",
    ) {
        let actor = actor(&some, Restriction::new([], token.registry(), token.repositories().cloned()));
        let (visible, repository) = (Visible::to(&actor), name(&text));
        let place = Place::Repository(id, repository.clone());
        let may = allows(&actor, Permission::RepositoryView, place).is_ok();
        prop_assert_eq!(visible.repository(id, &repository), may);
        prop_assert_eq!(visible.in_registry(id).repository(id, &repository), may);
        prop_assert_eq!(visible.in_repository(id, &repository).everything(), may);
        prop_assert!(!may || visible.registry(id));
    }

    #[test]
    fn looking_by_name_sees_what_looking_through_all_parts_sees(
        some in proptest::collection::vec(scopes(), 14..60), token in scopes(), id in 1..3_i64,
        text in "[ab]{1,2}(/[ab]{1,2})?",
    ) {
        let actor = actor(&some, Restriction::new([], token.registry(), token.repositories().cloned()));
        let (visible, name) = (Visible::to(&actor), name(&text));
        let slow = |name: Option<&str>| visible.parts().iter().any(|part| part.has(id, name));
        prop_assert_eq!(visible.recorded(id, Some(name.as_str())), slow(Some(name.as_str())));
        prop_assert_eq!(visible.recorded(id, None), slow(None));
        prop_assert_eq!(visible.repository(id, &name), visible.registry(id) && slow(Some(name.as_str())));
    }
}

#[test]
fn what_is_seen_is_made_once_for_those_who_hold_the_same() {
    let many: Vec<Scope> = (0..300).map(|n| scope(Some(n % 3), Some(&format!("team/app-{n}")))).collect();
    let who = actor(&many, Restriction::default());
    let visible = Visible::to(&who);
    assert!(Arc::ptr_eq(&visible.0, &Visible::to(&who.clone()).0));
    assert!(Arc::ptr_eq(&visible.in_registry(1).0, &visible.in_registry(1).0));
    assert_eq!(visible.in_registry(1).parts().len(), 100);
    assert_ne!(visible, Visible::inside(&who), "another permission");
    let by_token = Actor { via: Via::Token { id: 1, restriction: Restriction::new([], Some(1), None) }, ..who };
    assert_eq!(Visible::to(&by_token).parts().len(), 100, "a token narrows it all the same");
    assert!(visible.repository(1, &name("team/app-4")) && !visible.repository(1, &name("team/app-5")));
}
