use super::*;
use crate::{Actor, ActorKind, Permission as P, Place, RepositoryName, Restriction, Via, permission::allows};
use proptest::prelude::*;

pub(super) const NOW: Timestamp = Timestamp(1_000_000_000);

pub(super) fn name(text: &str) -> RepositoryName {
    text.parse().expect("a name")
}
pub(super) fn scope(registry: Option<Id>, pattern: Option<&str>) -> Scope {
    Scope::new(registry, pattern.map(|pattern| pattern.parse().expect("a pattern")))
}
pub(super) fn grant(id: Id, subject: Subject, role: BuiltIn, scope: Scope) -> Grant {
    Grant {
        id,
        subject,
        role: RoleId::BuiltIn(role),
        scope,
        until: None,
        because: String::new(),
        by: "root".into(),
        created: Timestamp(0),
        reviewed: None,
    }
}
pub(super) fn person(id: Id, disabled: bool) -> PersonFacts {
    PersonFacts { id, name: format!("p{id}"), display_name: String::new(), disabled }
}
pub(super) fn facts(grants: Vec<Grant>) -> Facts {
    Facts {
        people: vec![person(1, false), person(2, false), person(3, true)],
        teams: vec![TeamFacts { id: 1, name: "a".into() }],
        members: vec![Member { team: 1, person: 2, lead: false }],
        robots: vec![RobotFacts {
            id: 1,
            name: "ci".into(),
            team: 1,
            disabled: false,
            expires: Some(NOW.plus_seconds(10)),
        }],
        roles: Vec::new(),
        grants,
    }
}
fn actor(authority: &Authority, subject: Subject, now: Timestamp) -> Actor {
    let (kind, id) = match subject {
        Subject::Person(id) => (ActorKind::Person, id),
        Subject::Robot(id) => (ActorKind::Robot, id),
        _ => (ActorKind::Anonymous, 0),
    };
    Actor { kind, id, rights: authority.rights_of(subject, now), ..Actor::anonymous("", "", "") }
}

/// What each built-in role holds, written out by hand: a change of the roles has to be made here too.
#[test]
fn the_roles_hold_what_is_written_here() {
    let look = [P::RegistryView, P::RepositoryView];
    for (role, beyond) in [
        (BuiltIn::Viewer, &[][..]),
        (BuiltIn::Reader, &[P::RepositoryPull]),
        (BuiltIn::Writer, &[P::RepositoryPull, P::RepositoryPush]),
        (
            BuiltIn::Maintainer,
            &[P::RepositoryPull, P::RepositoryPush, P::TagDelete, P::PolicyRun, P::GrantView, P::GrantManage],
        ),
        (BuiltIn::Auditor, &[P::GrantView, P::AuditView]),
    ] {
        let expected: Vec<P> = P::ALL.iter().copied().filter(|p| look.contains(p) || beyond.contains(p)).collect();
        assert_eq!(role.permissions().iter().collect::<Vec<_>>(), expected, "{role:?}");
    }
    let all: Vec<P> = P::ALL.iter().copied().filter(|p| p.is_grantable()).collect();
    assert_eq!(BuiltIn::Administrator.permissions().iter().collect::<Vec<_>>(), all);
}

#[test]
fn the_right_to_run_what_deletes_is_a_right_to_delete() {
    let set: PermissionSet = [P::PolicyRun].into_iter().collect();
    assert!(set.contains(P::TagDelete) && set.contains(P::RepositoryView) && set.contains(P::RegistryView));
    assert!(!set.contains(P::RepositoryPull));
}

#[test]
fn rights_come_by_oneself_by_teams_and_by_those_that_are_always_there() {
    let team_a = || scope(None, Some("team-a/**"));
    let authority = Authority::new(facts(vec![
        grant(1, Subject::Team(1), BuiltIn::Writer, team_a()),
        grant(2, Subject::Everyone, BuiltIn::Viewer, scope(Some(7), None)),
        grant(3, Subject::Anonymous, BuiltIn::Reader, scope(Some(7), Some("public/**"))),
        grant(4, Subject::Robot(1), BuiltIn::Writer, scope(Some(7), Some("team-a/api"))),
        grant(5, Subject::Person(3), BuiltIn::Administrator, Scope::default()),
    ]));
    let may = |subject, permission, registry, repository: &str| {
        allows(&actor(&authority, subject, NOW), permission, Place::Repository(registry, name(repository))).is_ok()
    };
    assert!(may(Subject::Person(2), P::RepositoryPush, 9, "team-a/api"), "by the team");
    assert!(!may(Subject::Person(1), P::RepositoryPush, 9, "team-a/api"), "not in the team");
    assert!(may(Subject::Person(1), P::RepositoryView, 7, "x/y"), "as everyone");
    assert!(!may(Subject::Robot(1), P::RepositoryView, 7, "x/y"), "robots are not everyone");
    assert!(may(Subject::Robot(1), P::RepositoryPush, 7, "team-a/api"));
    assert!(!may(Subject::Robot(1), P::RepositoryPush, 8, "team-a/api"), "another registry");
    assert!(may(Subject::Robot(1), P::RepositoryPull, 7, "public/a"), "what anonymous may, all may");
    assert!(may(Subject::Anonymous, P::RepositoryPull, 7, "public/a"));
    assert!(!may(Subject::Anonymous, P::RepositoryView, 7, "x/y"));
    assert!(!may(Subject::Person(3), P::RepositoryView, 7, "x/y"), "disabled");
}

#[test]
fn grants_and_robots_end_at_their_moment() {
    let mut ending = grant(1, Subject::Robot(1), BuiltIn::Reader, Scope::default());
    ending.until = Some(NOW.plus_seconds(5));
    let authority = Authority::new(facts(vec![ending]));
    let holds = |now| authority.rights_of(Subject::Robot(1), now).anywhere(P::RepositoryPull);
    assert!(holds(NOW) && holds(Timestamp(NOW.plus_seconds(5).0 - 1)));
    assert!(!holds(NOW.plus_seconds(5)), "the first moment at which it no longer holds");
    assert_eq!(authority.changes_at(Subject::Robot(1), NOW), Some(NOW.plus_seconds(5)));
    let lasting = Authority::new(facts(vec![grant(1, Subject::Robot(1), BuiltIn::Reader, Scope::default())]));
    assert!(!lasting.rights_of(Subject::Robot(1), NOW.plus_seconds(10)).anywhere(P::RepositoryPull));
}

#[test]
fn what_is_asked_of_the_whole_takes_a_grant_for_everything() {
    let authority = Authority::new(facts(vec![
        grant(1, Subject::Person(1), BuiltIn::Administrator, scope(Some(7), None)),
        grant(2, Subject::Person(2), BuiltIn::Administrator, Scope::default()),
    ]));
    let may = |id, permission, place: &Place| {
        allows(&actor(&authority, Subject::Person(id), NOW), permission, place.clone()).is_ok()
    };
    assert!(!may(1, P::PeopleManage, &Place::System) && may(2, P::PeopleManage, &Place::System));
    assert!(may(1, P::RegistryManage, &Place::Registry(7)) && !may(1, P::RegistryManage, &Place::Registry(8)));
    assert!(may(1, P::RegistryView, &Place::System), "what is shown is narrowed");
}

#[test]
fn an_explanation_names_what_decided_what_ended_and_who_could_help() {
    let mut ended = grant(2, Subject::Person(1), BuiltIn::Writer, scope(None, Some("team-a/**")));
    ended.until = Some(NOW);
    let authority = Authority::new(facts(vec![
        grant(1, Subject::Person(1), BuiltIn::Reader, scope(None, Some("team-a/**"))),
        ended,
        grant(3, Subject::Person(2), BuiltIn::Maintainer, scope(None, Some("team-a/**"))),
    ]));
    let place = Place::Repository(7, name("team-a/api"));
    let ids = |grants: &[std::sync::Arc<Grant>]| grants.iter().map(|grant| grant.id).collect::<Vec<_>>();
    let explain = |permission, restriction: &Restriction| {
        authority.explain(Subject::Person(1), restriction, permission, &place, NOW, |_| true)
    };
    let push = explain(P::RepositoryPush, Restriction::NONE);
    assert!(!push.allowed && push.acts && !push.stopped_by_token);
    assert_eq!((ids(&push.by), ids(&push.ended), ids(&push.nearby)), (vec![], vec![2], vec![1]));
    assert_eq!(push.grantors, [Subject::Person(2)]);
    assert!(push.roles.iter().any(|role| role.name == "Writer") && push.roles.iter().all(|role| role.name != "Reader"));
    let pull = explain(P::RepositoryPull, Restriction::NONE);
    assert!(pull.allowed);
    assert_eq!(ids(&pull.by), [1]);
    let narrow = Restriction::new([P::RepositoryView], None, None);
    let stopped = explain(P::RepositoryPull, &narrow);
    assert!(!stopped.allowed && stopped.stopped_by_token);
}

#[test]
fn subjects_and_roles_have_one_name_each() {
    for subject in [Subject::Person(3), Subject::Team(2), Subject::Robot(5), Subject::Everyone, Subject::Anonymous] {
        assert_eq!(subject.to_string().parse(), Ok(subject));
    }
    for bad in ["", "person", "person-", "person-0", "person-+3", "person--3", "Person-3", "nobody", "team-x"] {
        assert!(bad.parse::<Subject>().is_err(), "{bad}");
    }
    for role in BuiltIn::ALL.iter().map(|role| RoleId::BuiltIn(*role)).chain([RoleId::Custom(4)]) {
        assert_eq!(role.to_string().parse(), Ok(role));
    }
    for bad in ["", "owner", "custom-", "custom-0", "custom-+1", "Viewer"] {
        assert!(bad.parse::<RoleId>().is_err(), "{bad}");
    }
}

fn patterns() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[ab]{0,2}(/[ab*?]{1,2})?".prop_map(|text| if text.is_empty() { "*".into() } else { text }))
}
pub(super) fn scopes() -> impl Strategy<Value = Scope> {
    (proptest::option::of(1..3_i64), patterns()).prop_map(|(registry, pattern)| scope(registry, pattern.as_deref()))
}
pub(super) fn subjects() -> impl Strategy<Value = Subject> {
    proptest::sample::select(vec![
        Subject::Person(1),
        Subject::Person(2),
        Subject::Person(3),
        Subject::Team(1),
        Subject::Robot(1),
        Subject::Everyone,
        Subject::Anonymous,
    ])
}
pub(super) fn grants() -> impl Strategy<Value = Grant> {
    let until = proptest::option::of(-2..3_i64);
    (1..100_i64, subjects(), proptest::sample::select(BuiltIn::ALL.to_vec()), scopes(), until).prop_map(
        |(id, subject, role, scope, until)| Grant {
            until: until.map(|seconds| NOW.plus_seconds(seconds)),
            ..grant(id, subject, role, scope)
        },
    )
}
fn places() -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::System),
        (1..3_i64).prop_map(Place::Registry),
        (1..3_i64, "[ab]{1,2}(/[ab]{1,2})?").prop_map(|(id, text)| Place::Repository(id, name(&text))),
    ]
}
fn permissions() -> impl Strategy<Value = P> {
    proptest::sample::select(PermissionSet::grantable().iter().collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn another_grant_never_takes_a_right_away(
        some in proptest::collection::vec(grants(), 0..20), more in grants(),
        subject in subjects(), permission in permissions(), place in places(),
    ) {
        let before = Authority::new(facts(some.clone())).rights_of(subject, NOW).allow(permission, &place);
        let after = Authority::new(facts([some, vec![more]].concat())).rights_of(subject, NOW).allow(permission, &place);
        prop_assert!(!before || after);
    }

    #[test]
    fn an_ended_grant_is_as_none(
        some in proptest::collection::vec(grants(), 0..20), subject in subjects(), permission in permissions(), place in places(),
    ) {
        let live: Vec<Grant> = some.iter().filter(|grant| grant.until.is_none_or(|until| until > NOW)).cloned().collect();
        let all = Authority::new(facts(some)).rights_of(subject, NOW).allow(permission, &place);
        prop_assert_eq!(all, Authority::new(facts(live)).rights_of(subject, NOW).allow(permission, &place));
    }

    #[test]
    fn the_explanation_says_what_the_rule_says(
        some in proptest::collection::vec(grants(), 0..30), subject in subjects(), permission in permissions(), place in places(),
        token in scopes(),
    ) {
        let authority = Authority::new(facts(some));
        let restriction = Restriction::new([], token.registry(), token.repositories().cloned());
        let actor = Actor {
            via: Via::Token { id: 1, restriction: restriction.clone() }, ..actor(&authority, subject, NOW)
        };
        let actor = Actor { rights: authority.rights_of(subject, NOW), ..actor };
        let explanation = authority.explain(subject, &restriction, permission, &place, NOW, |_| true);
        prop_assert_eq!(explanation.allowed, allows(&actor, permission, place).is_ok());
        prop_assert_eq!(explanation.allowed, !explanation.by.is_empty());
    }

    #[test]
    fn looking_by_name_finds_what_looking_through_all_finds(
        some in proptest::collection::vec(grants(), 14..60), permission in permissions(), place in places(),
    ) {
        let held = Authority::new(facts(some)).rights_of(Subject::Person(2), NOW);
        let slow = held.held().any(|one| one.permissions.contains(permission) && one.scope.reaches(permission, &place));
        prop_assert_eq!(held.allow(permission, &place), slow);
    }

    #[test]
    fn what_is_covered_is_found_by_name_too(
        some in proptest::collection::vec(grants(), 14..60), permission in permissions(), asked in scopes(),
    ) {
        let held = Authority::new(facts(some)).rights_of(Subject::Person(2), NOW);
        let slow = held.held().any(|one| one.permissions.contains(permission) && asked.is_within(&one.scope));
        prop_assert_eq!(held.cover(permission, &asked), slow);
    }

    #[test]
    fn who_holds_something_is_found_without_asking_each(
        some in proptest::collection::vec(grants(), 0..30), permission in permissions(), place in places(),
    ) {
        let authority = Authority::new(facts(some));
        let may = |subject: &Subject, permission| authority.rights_of(*subject, NOW).allow(permission, &place);
        let holders: Vec<Subject> = authority.rows().into_iter().filter(|one| may(one, permission)).collect();
        let grantors = holders.iter().filter(|one| matches!(one, Subject::Person(_)) && may(one, P::GrantManage));
        prop_assert_eq!(authority.grantors(permission, &place, NOW), grantors.copied().collect::<Vec<_>>());
        let explained = authority.explain(Subject::Person(1), Restriction::NONE, permission, &place, NOW, |_| true);
        prop_assert_eq!(&explained.grantors, &authority.grantors(permission, &place, NOW));
        prop_assert_eq!(&explained.holders, &holders);
        prop_assert_eq!(authority.holders_at(permission, &place, NOW), holders);
    }

    #[test]
    fn within_and_meeting_never_promise_too_much(a in scopes(), b in scopes(), place in places()) {
        prop_assert!(!a.is_within(&b) || !a.covers(&place) || b.covers(&place), "{} within {}", a, b);
        prop_assert!(a.meets(&b) || !(a.covers(&place) && b.covers(&place)), "{} meets {}", a, b);
    }
}
