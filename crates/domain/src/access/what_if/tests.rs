use super::*;
use crate::{
    Permission as P, Place,
    access::{BuiltIn, Facts, PersonFacts, RobotFacts, RoleId, TeamFacts},
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_000_000_000);

fn scope(pattern: &str) -> Scope {
    Scope::new(None, pattern.parse().ok())
}
fn grant(id: Id, subject: Subject, role: RoleId, scope: Scope) -> Grant {
    Grant {
        id,
        subject,
        role,
        scope,
        until: None,
        because: String::new(),
        by: String::new(),
        created: Timestamp(0),
        reviewed: None,
    }
}
fn built_in(id: Id, subject: Subject, role: BuiltIn, pattern: &str) -> Grant {
    grant(id, subject, RoleId::BuiltIn(role), scope(pattern))
}
fn facts(grants: Vec<Grant>) -> Facts {
    let person = |id, disabled| PersonFacts { id, name: format!("p{id}"), display_name: String::new(), disabled };
    Facts {
        people: vec![person(1, false), person(2, false), person(3, true)],
        teams: vec![TeamFacts { id: 1, name: "a".into() }],
        members: [1, 2, 3].map(|person| Member { team: 1, person, lead: false }).into(),
        robots: vec![RobotFacts { id: 1, name: "ci".into(), team: 1, disabled: false, expires: None }],
        roles: vec![releaser([P::RepositoryPush])],
        grants,
    }
}
fn releaser<const N: usize>(permissions: [P; N]) -> Role {
    let permissions = permissions.into_iter().collect();
    Role { id: RoleId::Custom(1), name: "Releaser".into(), description: String::new(), permissions }
}
fn words(parts: &[(Scope, PermissionSet)]) -> Vec<String> {
    let words = |set: &PermissionSet| set.iter().map(P::as_str).collect::<Vec<_>>().join("+");
    parts.iter().map(|(scope, set)| format!("{scope}: {}", words(set))).collect()
}

#[test]
fn a_grant_for_a_team_is_gained_by_those_of_it_who_had_it_not() {
    let all = Authority::new(facts(vec![built_in(1, Subject::Person(1), BuiltIn::Writer, "a/*")]));
    let change = Change::Grant(built_in(0, Subject::Team(1), BuiltIn::Reader, "a/b"));
    let found = all.what_if(&change, NOW);
    assert_eq!(found.concerned, 3);
    assert_eq!(found.differences.len(), 1, "{found:?}");
    assert_eq!(found.differences[0].subjects, [Subject::Person(2)], "one has it, one is disabled");
    let gained = words(&found.differences[0].gained);
    assert_eq!(gained, ["a/b in every registry: registry.view+repository.view+repository.pull"]);
    assert!(found.differences[0].lost.is_empty());
}

#[test]
fn what_is_revoked_is_lost_where_no_other_grant_gives_it() {
    let all = Authority::new(facts(vec![
        built_in(1, Subject::Team(1), BuiltIn::Writer, "a/*"),
        built_in(2, Subject::Person(1), BuiltIn::Reader, "*"),
        built_in(3, Subject::Person(2), BuiltIn::Maintainer, "*"),
    ]));
    let found = all.what_if(&Change::Revoke(1), NOW);
    let lost = found.of(Subject::Person(1)).expect("loses");
    assert_eq!(words(&lost.lost), ["a/* in every registry: repository.push"]);
    assert_eq!(found.of(Subject::Person(2)), None, "another grant gives it");
    assert!(all.what_if(&Change::Revoke(99), NOW).is_nothing());
}

#[test]
fn an_edited_grant_is_gained_here_and_lost_there() {
    let all = Authority::new(facts(vec![built_in(1, Subject::Robot(1), BuiltIn::Writer, "a/*")]));
    let found = all.what_if(&Change::Grant(built_in(1, Subject::Robot(1), BuiltIn::Reader, "b/*")), NOW);
    let one = found.of(Subject::Robot(1)).expect("differs");
    assert_eq!(words(&one.gained).len(), 1);
    let whole = "a/* in every registry: registry.view+repository.view+repository.pull+repository.push";
    assert_eq!(words(&one.lost), [whole]);
    let mut ended = built_in(1, Subject::Robot(1), BuiltIn::Writer, "a/*");
    ended.until = Some(NOW);
    assert!(all.what_if(&Change::Grant(ended), NOW).of(Subject::Robot(1)).is_some_and(|one| one.gained.is_empty()));
}

#[test]
fn a_role_that_changes_changes_all_who_have_it() {
    let all = Authority::new(facts(vec![
        grant(1, Subject::Person(1), RoleId::Custom(1), scope("a/*")),
        grant(2, Subject::Person(2), RoleId::Custom(1), scope("a/*")),
        grant(3, Subject::Robot(1), RoleId::Custom(1), scope("b/*")),
    ]));
    let found = all.what_if(&Change::Role(releaser([P::TagDelete])), NOW);
    assert_eq!(found.differences.len(), 2, "the two people are told together");
    assert_eq!(found.differences[0].subjects, [Subject::Person(1), Subject::Person(2)]);
    assert_eq!(words(&found.differences[0].gained), ["a/* in every registry: tag.delete"]);
    assert_eq!(words(&found.differences[0].lost), ["a/* in every registry: repository.pull+repository.push"]);
}

#[test]
fn who_is_disabled_loses_all_and_who_joins_gains_what_the_team_has() {
    let all = Authority::new(facts(vec![
        built_in(1, Subject::Team(1), BuiltIn::Writer, "a/*"),
        built_in(2, Subject::Person(1), BuiltIn::Reader, "a/b"),
        built_in(3, Subject::Anonymous, BuiltIn::Viewer, "*"),
    ]));
    let of = |change, subject| all.what_if(&change, NOW).of(subject).cloned().expect("differs");
    let one = of(Change::Acts(Subject::Person(1), false), Subject::Person(1));
    assert_eq!(one.lost.len(), 2, "{one:?}");
    let one = of(Change::Acts(Subject::Person(3), true), Subject::Person(3));
    assert!(one.lost.is_empty() && !one.gained.is_empty());
    let one = of(Change::Leaves { team: 1, person: 1 }, Subject::Person(1));
    assert_eq!(words(&one.lost), ["a/* in every registry: repository.pull+repository.push"]);
    let mut facts = facts(vec![built_in(1, Subject::Team(1), BuiltIn::Writer, "a/*")]);
    facts.members.clear();
    let joined = Authority::new(facts).what_if(&Change::Joins(Member { team: 1, person: 2, lead: false }), NOW);
    assert!(joined.of(Subject::Person(2)).is_some_and(|one| one.gained.len() == 1));
    let gone = all.what_if(&Change::Removed(Subject::Team(1)), NOW);
    assert_eq!(gone.differences.len(), 1, "{gone:?}");
    assert_eq!(gone.differences[0].subjects, [Subject::Person(1), Subject::Person(2)]);
}

#[test]
fn what_everybody_gains_is_told_once() {
    let all = Authority::new(facts(Vec::new()));
    let found = all.what_if(&Change::Grant(built_in(0, Subject::Everyone, BuiltIn::Reader, "*")), NOW);
    assert_eq!(found.differences[0].subjects, [Subject::Person(1), Subject::Person(2), Subject::Everyone]);
    assert_eq!(found.differences.len(), 1);
    let found = all.what_if(&Change::Grant(built_in(0, Subject::Anonymous, BuiltIn::Reader, "*")), NOW);
    assert_eq!(found.differences[0].subjects.len(), 5);
}

fn roles() -> impl Strategy<Value = RoleId> {
    let built_in = BuiltIn::ALL.iter().map(|role| RoleId::BuiltIn(*role));
    proptest::sample::select(built_in.chain([RoleId::Custom(1)]).collect::<Vec<_>>())
}
fn grants() -> impl Strategy<Value = Grant> {
    let subjects = [1, 2, 3].map(Subject::Person).into_iter();
    let subjects: Vec<Subject> =
        subjects.chain([Subject::Team(1), Subject::Robot(1), Subject::Everyone, Subject::Anonymous]).collect();
    let patterns = ["*", "a/*", "a/b", "b*", "?/b"].to_vec();
    let until = proptest::option::of(-1..2_i64);
    (1..20_i64, proptest::sample::select(subjects), roles(), proptest::sample::select(patterns), until).prop_map(
        |(id, subject, role, pattern, until)| {
            let until = until.map(|seconds| NOW.plus_seconds(seconds));
            Grant { until, ..grant(id, subject, role, scope(pattern)) }
        },
    )
}

/// The grants after a change, as the records will have them.
fn made(mut grants: Vec<Grant>, change: &Change) -> Facts {
    match change {
        Change::Grant(new) => {
            grants.retain(|own| own.id != new.id);
            grants.push(new.clone());
        }
        Change::Revoke(id) => grants.retain(|own| own.id != *id),
        _ => {}
    }
    let mut facts = facts(grants);
    match change {
        Change::Role(role) => facts.roles = vec![role.clone()],
        Change::Acts(Subject::Person(id), acts) => {
            facts.people.iter_mut().filter(|own| own.id == *id).for_each(|own| own.disabled = !acts);
        }
        Change::Leaves { team, person } => facts.members.retain(|own| (own.team, own.person) != (*team, *person)),
        _ => {}
    }
    facts
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        grants().prop_map(Change::Grant),
        (1..20_i64).prop_map(Change::Revoke),
        Just(Change::Role(releaser([P::TagDelete, P::AuditView]))),
        (1..4_i64, any::<bool>()).prop_map(|(id, acts)| Change::Acts(Subject::Person(id), acts)),
        (1..4_i64).prop_map(|person| Change::Leaves { team: 1, person }),
    ]
}

proptest! {
    #[test]
    fn the_answer_is_what_comes_of_making_the_change(
        some in proptest::collection::vec(grants(), 0..15), change in changes(), name in "[ab]{1,2}(/[ab]{1,2})?",
    ) {
        let mut unique: Vec<Grant> = Vec::new();
        for one in some {
            if unique.iter().all(|own| own.id != one.id) {
                unique.push(one);
            }
        }
        let before = Authority::new(facts(unique.clone()));
        let after = Authority::new(made(unique, &change));
        let found = before.what_if(&change, NOW);
        let place = Place::Repository(1, name.parse().expect("a name"));
        for subject in before.subjects().into_iter().filter(|one| !matches!(one, Subject::Team(_))) {
            let (had, has) = (before.rights_of(subject, NOW), after.rights_of(subject, NOW));
            let told = |parts: fn(&Difference) -> &Listed, permission| {
                found.of(subject).is_some_and(|one| {
                    parts(one).iter().any(|(scope, set)| set.contains(permission) && scope.reaches(permission, &place))
                })
            };
            for permission in PermissionSet::grantable().iter() {
                let (had, has) = (had.allow(permission, &place), has.allow(permission, &place));
                prop_assert!(had || !has || told(|one| &one.gained, permission), "{subject} gains {permission} untold");
                prop_assert!(!had || has || told(|one| &one.lost, permission), "{subject} loses {permission} untold");
            }
        }
    }
}
