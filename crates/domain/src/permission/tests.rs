use super::*;
use crate::Visible;
use Permission as P;

fn actor(kind: ActorKind) -> Actor {
    let rights = match kind {
        ActorKind::Person | ActorKind::Cli => crate::access::Rights::administrator(),
        ActorKind::Schedule => crate::access::Rights::program(),
        ActorKind::Robot | ActorKind::Registry | ActorKind::Anonymous => crate::access::Rights::default(),
    };
    Actor { kind, rights, ..Actor::anonymous("", "", "") }
}

/// Who holds what, written out by hand: a change of the rules has to be made here too.
const MATRIX: &[(ActorKind, &[Permission])] = &[
    (ActorKind::Person, Permission::ALL),
    (ActorKind::Cli, Permission::ALL),
    (ActorKind::Schedule, &[P::RegistryView, P::RepositoryView, P::RepositoryPull]),
    (ActorKind::Robot, &[]),
    (ActorKind::Registry, &[]),
    (ActorKind::Anonymous, &[P::SignIn, P::SetUp]),
];

#[test]
fn the_matrix_is_as_written() {
    let place = Place::Repository(7, "team/api".parse().expect("a name"));
    for (kind, granted) in MATRIX {
        for permission in Permission::ALL {
            let answer = allows(&actor(*kind), *permission, place.clone());
            assert_eq!(answer.is_ok(), granted.contains(permission), "{kind:?} {permission}");
        }
    }
}

#[test]
fn a_permit_says_what_was_granted_where_and_to_whom() {
    let place = Place::Registry(3);
    let permit = allows(&Actor::cli(), P::RegistryManage, place.clone()).expect("a permit");
    assert_eq!((permit.permission(), permit.place(), permit.actor()), (P::RegistryManage, &place, &Actor::cli()));
    #[expect(clippy::disallowed_methods, reason = "the store's part is played here")]
    let opened = permit.opened(42);
    assert_eq!((opened.entry(), opened.permit().permission()), (42, P::RegistryManage));
}

#[test]
fn a_refusal_names_what_is_missing_and_hides_what_one_may_not_know() {
    let stranger = Actor::anonymous("192.0.2.1", "", "");
    let refusal = allows(&stranger, P::RepositoryView, Place::Registry(3)).expect_err("a refusal");
    assert_eq!(refusal.to_string(), "anonymous has no repository.view");
    assert!(!refusal.may_know);
    let program = allows(&Actor::program(), P::AuditView, Place::System).expect_err("a refusal");
    assert!(program.may_know);
    let restriction = crate::Restriction::new([P::RepositoryView], Some(3), None);
    let ada = Actor { via: crate::Via::Token { id: 1, restriction }, ..actor(ActorKind::Person) };
    let seen = |id| allows(&ada, P::RepositoryPull, Place::Registry(id)).expect_err("a refusal").may_know;
    assert!(seen(3), "what may be seen and not done is no secret");
    assert!(!seen(4), "what may not be seen is");
}

#[test]
fn nothing_is_visible_to_strangers() {
    let name: RepositoryName = "a".parse().expect("a name");
    for (kind, granted) in MATRIX {
        let visible = Visible::to(&actor(*kind));
        let expected = granted.contains(&P::RepositoryView);
        assert_eq!(
            (visible.everything(), visible.registry(1), visible.repository(1, &name)),
            (expected, expected, expected),
            "{kind:?}"
        );
    }
}

#[test]
fn names_are_namespaced_unique_and_explained() {
    for (at, permission) in Permission::ALL.iter().enumerate() {
        let name = permission.as_str();
        assert!(name.split_once('.').is_some_and(|(noun, verb)| !noun.is_empty() && !verb.is_empty()), "{name}");
        assert!(Permission::ALL[..at].iter().all(|other| other.as_str() != name), "{name} twice");
        assert!(permission.purpose().ends_with('.') && !permission.purpose().starts_with(' '));
        assert_eq!(serde_json::to_string(permission).expect("JSON"), format!("\"{name}\""));
    }
}

#[test]
fn looking_inside_takes_the_permission_to_pull() {
    let by_token = |permissions: &[Permission]| {
        let restriction = crate::Restriction::new(permissions.iter().copied(), None, None);
        Actor { via: crate::Via::Token { id: 1, restriction }, ..actor(ActorKind::Person) }
    };
    let name = "team/api".parse().expect("a name");
    for (permissions, names, inside) in [
        (&[][..], true, true),
        (&[P::RepositoryView], true, false),
        (&[P::RepositoryPull], true, true),
        (&[P::TagDelete], true, false),
        (&[P::RepositoryPush], true, true),
        (&[P::AuditView], false, false),
    ] {
        let actor = by_token(permissions);
        assert_eq!(Visible::to(&actor).repository(1, &name), names, "{permissions:?}");
        assert_eq!(Visible::inside(&actor).repository(1, &name), inside, "{permissions:?}");
    }
    assert!(!Visible::inside(&actor(ActorKind::Anonymous)).repository(1, &name));
}
