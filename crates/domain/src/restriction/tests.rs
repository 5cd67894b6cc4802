use super::*;
use crate::RepositoryName;
use crate::{Actor, ActorKind, Via, Visible, permission::allows};
use Permission as P;
use proptest::prelude::*;

fn pattern(text: &str) -> Pattern {
    text.parse().expect("a pattern")
}

fn name(text: &str) -> RepositoryName {
    text.parse().expect("a name")
}

fn to(permissions: &[P], registry: Option<Id>, repositories: Option<&str>) -> Restriction {
    Restriction::new(permissions.iter().copied(), registry, repositories.map(pattern))
}

#[test]
fn the_empty_one_lets_everything_through() {
    let none = Restriction::default();
    assert!(none.is_none());
    for permission in P::ALL {
        for place in [Place::System, Place::Registry(1), Place::Repository(1, name("a"))] {
            assert!(none.lets_through(*permission, &place), "{permission} at {place:?}");
        }
    }
}

#[test]
fn it_holds_where_it_says() {
    let ours = to(&[P::RepositoryPull], Some(1), Some("team/*"));
    let cases = [
        (P::RepositoryPull, Place::Repository(1, name("team/api")), true),
        (P::RepositoryPull, Place::Repository(1, name("other")), false),
        (P::RepositoryPull, Place::Repository(2, name("team/api")), false),
        (P::TagDelete, Place::Repository(1, name("team/api")), false),
        (P::RepositoryView, Place::Registry(1), true),
        (P::RepositoryPull, Place::Registry(1), false),
        (P::RegistryView, Place::Registry(2), false),
        (P::RegistryView, Place::System, true),
        (P::AuditView, Place::System, false),
    ];
    for (permission, place, expected) in cases {
        assert_eq!(ours.lets_through(permission, &place), expected, "{permission} at {place:?}");
    }
    let managing = to(&[], Some(1), None);
    assert!(managing.lets_through(P::RegistryManage, &Place::Registry(1)));
    assert!(!managing.lets_through(P::RegistryManage, &Place::System), "another registry is not added with it");
    assert!(!managing.lets_through(P::ProfileEdit, &Place::System), "nor is the person's own account changed");
}

#[test]
fn who_may_do_something_to_content_may_see_it() {
    assert_eq!(
        to(&[P::RepositoryPush], None, None).permissions(),
        [P::RegistryView, P::RepositoryView, P::RepositoryPull, P::RepositoryPush]
    );
    assert_eq!(to(&[P::AuditView], None, None).permissions(), [P::AuditView]);
}

#[test]
fn it_reads_back_and_refuses_what_it_does_not_know() {
    for restriction in [Restriction::default(), to(&[P::RepositoryPull, P::AuditView], Some(7), Some("team/?*"))] {
        let text = serde_json::to_string(&restriction).expect("JSON");
        assert_eq!(serde_json::from_str::<Restriction>(&text).expect("a restriction"), restriction, "{text}");
    }
    assert_eq!(serde_json::to_string(&Restriction::default()).expect("JSON"), "{}");
    assert!(to(&[], None, Some("**")).is_none(), "a pattern that all names match");
    // A field that a later program wrote would restrict more than we know: such a token does nothing here.
    for text in [r#"{"permissions":["x.y"]}"#, r#"{"until":1}"#, r#"{"repositories":""}"#, "null"] {
        assert!(serde_json::from_str::<Restriction>(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_within_another_can_be_told_where_it_can() {
    let wide = to(&[P::RepositoryPull], Some(1), Some("team/*"));
    assert!(wide.is_within(&wide) && wide.is_within(&Restriction::default()));
    assert!(to(&[P::RepositoryView], Some(1), Some("team/api")).is_within(&wide));
    for other in [
        Restriction::default(),
        to(&[], Some(1), Some("team/*")),
        to(&[P::RepositoryPull], None, Some("team/*")),
        to(&[P::RepositoryPull], Some(2), Some("team/*")),
        to(&[P::RepositoryPull], Some(1), None),
        to(&[P::RepositoryPull], Some(1), Some("*")),
        to(&[P::TagDelete], Some(1), Some("team/api")),
    ] {
        assert!(!other.is_within(&wide), "{other:?}");
    }
}

fn restrictions() -> impl Strategy<Value = Restriction> {
    let permissions = proptest::sample::subsequence(P::ALL.to_vec(), 0..P::ALL.len());
    let patterns = proptest::option::of("[ab*?/]{1,6}");
    (permissions, proptest::option::of(1..4_i64), patterns)
        .prop_map(|(all, registry, text)| Restriction::new(all, registry, text.map(|text| pattern(&text))))
}

fn places() -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::System),
        (1..4_i64).prop_map(Place::Registry),
        (1..4_i64, "[ab]{1,2}(/[ab]{1,2})?").prop_map(|(id, text)| Place::Repository(id, name(&text))),
    ]
}

fn kinds() -> impl Strategy<Value = ActorKind> {
    use ActorKind as K;
    proptest::sample::select(vec![K::Person, K::Robot, K::Schedule, K::Cli, K::Registry, K::Anonymous])
}

fn by_token(kind: ActorKind, restriction: &Restriction) -> Actor {
    let rights = match kind {
        ActorKind::Person | ActorKind::Cli => crate::access::Rights::administrator(),
        ActorKind::Schedule => crate::access::Rights::program(),
        ActorKind::Robot | ActorKind::Registry | ActorKind::Anonymous => crate::access::Rights::default(),
    };
    Actor { kind, rights, via: Via::Token { id: 1, restriction: restriction.clone() }, ..Actor::anonymous("", "", "") }
}

proptest! {
    #[test]
    fn a_token_can_do_no_more_than_its_person_and_no_more_than_its_restriction(
        kind in kinds(), restriction in restrictions(), place in places(), n in 0..P::ALL.len(),
    ) {
        let permission = P::ALL[n];
        let token = by_token(kind, &restriction);
        let itself = Actor { via: Via::Session(1), ..token.clone() };
        let may = allows(&token, permission, place.clone()).is_ok();
        let person = allows(&itself, permission, place.clone()).is_ok();
        prop_assert_eq!(may, person && restriction.lets_through(permission, &place));
    }

    #[test]
    fn lists_show_what_looking_alone_would_allow(
        kind in kinds(), restriction in restrictions(), id in 1..4_i64, text in "[ab]{1,2}(/[ab]{1,2})?",
    ) {
        let token = by_token(kind, &restriction);
        let visible = Visible::to(&token);
        let repository = name(&text);
        let place = Place::Repository(id, repository.clone());
        let looks = |permission, place: &Place| allows(&token, permission, place.clone()).is_ok();
        prop_assert_eq!(visible.registry(id), looks(P::RegistryView, &Place::Registry(id)));
        let sees = looks(P::RepositoryView, &place) && looks(P::RegistryView, &place);
        prop_assert_eq!(visible.repository(id, &repository), sees);
        let whole = Visible::to(&Actor { via: Via::Session(1), ..token.clone() });
        prop_assert!(!visible.everything() || whole.everything());
        prop_assert_eq!(visible.in_repository(id, &repository).everything(), sees);
        prop_assert!(!visible.in_registry(id).everything() || sees);
    }

    #[test]
    fn what_a_query_is_told_is_what_the_rule_says(
        restriction in restrictions(), id in 1..4_i64, text in "[ab]{1,2}(/[ab]{1,2})?",
    ) {
        let visible = Visible::to(&by_token(ActorKind::Person, &restriction));
        let repository = name(&text);
        let by_query = visible.repositories_at_all()
            && visible.parts().iter().any(|part| {
                part.registry().is_none_or(|only| only == id)
                    && part.matching().iter().all(|pattern| pattern.matches(repository.as_str()))
            });
        prop_assert_eq!(by_query, visible.repository(id, &repository));
    }

    #[test]
    fn within_means_that_nothing_passes_which_the_other_stops(
        other in restrictions(), anything in restrictions(), text in "[ab]{1,2}(/[ab]{1,2})?", place in places(), n in 0..P::ALL.len(),
    ) {
        // Made to be narrower more often than chance would have it.
        let narrower = Restriction::new(
            other.permissions().iter().copied().take(n),
            other.registry().or(anything.registry()),
            Some(pattern(&text)),
        );
        for one in [narrower, anything] {
            let passes = one.lets_through(P::ALL[n], &place);
            prop_assert!(!one.is_within(&other) || !passes || other.lets_through(P::ALL[n], &place), "{:?}", one);
        }
    }
}
