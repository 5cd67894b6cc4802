use super::*;
use crate::{
    ActorKind, Place, Restriction, Via,
    access::{Facts, Grant, PersonFacts, RoleId},
    permission::allows,
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_000_000_000);

fn scope(pattern: Option<&str>) -> Scope {
    Scope::new(None, pattern.map(|pattern| pattern.parse().expect("a pattern")))
}
fn grant(id: Id, person: Id, role: BuiltIn, scope: Scope, until: Option<Timestamp>) -> Grant {
    Grant {
        id,
        subject: Subject::Person(person),
        role: RoleId::BuiltIn(role),
        scope,
        until,
        because: String::new(),
        by: String::new(),
        created: Timestamp(0),
        reviewed: None,
    }
}
fn authority(grants: Vec<Grant>) -> Authority {
    let person = |id| PersonFacts { id, name: format!("p{id}"), display_name: String::new(), disabled: false };
    Authority::new(Facts { people: (1..=3).map(person).collect(), grants, ..Facts::default() })
}
fn actor(authority: &Authority, id: Id) -> Actor {
    let rights = authority.rights_of(Subject::Person(id), NOW);
    Actor { kind: ActorKind::Person, id, via: Via::Session(1), rights, ..Actor::anonymous("", "", "") }
}

#[test]
fn who_may_grant_gives_what_they_have_where_they_have_it() {
    let all = authority(vec![grant(1, 1, BuiltIn::Maintainer, scope(Some("team-a/**")), None)]);
    let ada = actor(&all, 1);
    let missing =
        |role: BuiltIn, pattern| missing_to_give(&ada, role.permissions(), &scope(pattern)).iter().collect::<Vec<_>>();
    assert_eq!(missing(BuiltIn::Writer, Some("team-a/api")), []);
    assert_eq!(missing(BuiltIn::Maintainer, Some("team-a/**")), []);
    assert_eq!(missing(BuiltIn::Auditor, Some("team-a/**")), [Permission::AuditView]);
    assert!(missing(BuiltIn::Viewer, Some("team-*")).contains(&Permission::GrantManage));
    assert!(missing(BuiltIn::Viewer, None).contains(&Permission::RepositoryView));
    assert!(may_see(&ada, &scope(Some("team-a/web"))) && !may_see(&ada, &scope(None)));
}

#[test]
fn a_token_gives_no_more_than_it_lets_through() {
    let all = authority(vec![grant(1, 1, BuiltIn::Administrator, Scope::default(), None)]);
    let restriction = Restriction::new(
        [Permission::GrantManage, Permission::RepositoryPull],
        None,
        Some("team-a/**".parse().expect("a pattern")),
    );
    let ada = Actor { via: Via::Token { id: 1, restriction }, ..actor(&all, 1) };
    let may = |role: BuiltIn, pattern| missing_to_give(&ada, role.permissions(), &scope(pattern)).is_empty();
    assert!(may(BuiltIn::Reader, Some("team-a/api")));
    assert!(!may(BuiltIn::Writer, Some("team-a/api")) && !may(BuiltIn::Reader, Some("team-b/api")));
}

#[test]
fn what_is_given_ends_with_what_it_comes_from() {
    let friday = Some(NOW.plus_seconds(100));
    let all = authority(vec![
        grant(1, 1, BuiltIn::Maintainer, scope(Some("team-a/**")), friday),
        grant(2, 1, BuiltIn::Reader, Scope::default(), None),
        grant(3, 2, BuiltIn::Maintainer, Scope::default(), None),
    ]);
    let end = |id, pattern| all.given_until(&actor(&all, id), BuiltIn::Reader.permissions(), &scope(pattern));
    assert_eq!(end(1, Some("team-a/api")), friday, "the right to grant ends then");
    assert_eq!(end(2, Some("team-a/api")), None);
    assert_eq!(all.given_until(&Actor::cli(), PermissionSet::grantable(), &Scope::default()), None);
}

#[test]
fn nobody_known_is_given_no_more_than_looking_and_pulling() {
    for role in BuiltIn::ALL {
        let fits = matches!(role, BuiltIn::Viewer | BuiltIn::Reader);
        assert_eq!(suits(Subject::Anonymous, &Role::from(*role)), fits, "{role:?}");
        assert!(suits(Subject::Everyone, &Role::from(*role)));
    }
}

/// Somebody tries to grant something to somebody, or to edit or revoke the grant with a number.
#[derive(Clone, Debug)]
enum Try {
    Add(Id, Id, BuiltIn, Scope, Option<i64>),
    Edit(Id, usize, BuiltIn, Scope, Option<i64>),
    Revoke(Id, usize),
}

fn scopes() -> impl Strategy<Value = Scope> {
    let patterns = ["*", "a/*", "a/b", "b/*", "a*", "?/b"];
    (proptest::option::of(1..3_i64), proptest::sample::select(patterns.to_vec()))
        .prop_map(|(registry, pattern)| Scope::new(registry, pattern.parse().ok()))
}
fn roles() -> impl Strategy<Value = BuiltIn> {
    proptest::sample::select(BuiltIn::ALL.to_vec())
}
fn until() -> impl Strategy<Value = Option<i64>> {
    proptest::option::of(1..4_i64)
}
fn tries() -> impl Strategy<Value = Try> {
    prop_oneof![
        (1..3_i64, 1..4_i64, roles(), scopes(), until())
            .prop_map(|(by, to, role, scope, until)| Try::Add(by, to, role, scope, until)),
        (1..3_i64, 0..9_usize, roles(), scopes(), until())
            .prop_map(|(by, at, role, scope, until)| Try::Edit(by, at, role, scope, until)),
        (1..3_i64, 0..9_usize).prop_map(|(by, at)| Try::Revoke(by, at)),
    ]
}

/// May this grant be given by whom?
fn may(all: &Authority, by: Id, given: &Grant) -> bool {
    let (by, permissions) = (actor(all, by), all.permissions(given.role));
    let until = all.given_until(&by, permissions, &given.scope);
    missing_to_give(&by, permissions, &given.scope).is_empty()
        && until.is_none_or(|end| given.until.is_some_and(|own| own <= end))
}

fn follow(grants: &mut Vec<Grant>, one: &Try, number: Id) {
    let all = authority(grants.clone());
    let at = |seconds: Option<i64>| seconds.map(|seconds| NOW.plus_seconds(seconds));
    match one {
        Try::Add(by, to, role, scope, until) => {
            let new = grant(number, *to, *role, scope.clone(), at(*until));
            if may(&all, *by, &new) {
                grants.push(new);
            }
        }
        Try::Edit(by, place, role, scope, until) => {
            let Some(old) = grants.get(*place).cloned() else { return };
            let new = grant(old.id, 0, *role, scope.clone(), at(*until));
            let new = Grant { subject: old.subject, ..new };
            let takes = missing_to_give(&actor(&all, *by), all.permissions(old.role), &old.scope).is_empty();
            if takes && may(&all, *by, &new) {
                grants[*place] = new;
            }
        }
        Try::Revoke(by, place) => {
            let Some(old) = grants.get(*place) else { return };
            if missing_to_give(&actor(&all, *by), all.permissions(old.role), &old.scope).is_empty() {
                grants.remove(*place);
            }
        }
    }
}

proptest! {
    /// Persons 1 and 2 act, person 3 only receives: whatever anybody may do at any time in the end, one of those who acted
    /// could do at that time with what they had at the start.
    #[test]
    fn no_sequence_of_grants_makes_more_of_what_was_there(
        start in proptest::collection::vec((1..3_i64, roles(), scopes(), until()), 1..5),
        tries in proptest::collection::vec(tries(), 1..12),
        registry in 1..3_i64, name in "[ab]{1,2}(/[ab]{1,2})?", later in 0..5_i64,
    ) {
        let mut grants: Vec<Grant> = start.into_iter().zip(1..).map(|((person, role, scope, until), id)| {
            grant(id, person, role, scope, until.map(|seconds| NOW.plus_seconds(seconds)))
        }).collect();
        let before = authority(grants.clone());
        for (one, number) in tries.iter().zip(100..) {
            follow(&mut grants, one, number);
        }
        let after = authority(grants);
        let (then, place) = (NOW.plus_seconds(later), Place::Repository(registry, name.parse().expect("a name")));
        for permission in PermissionSet::grantable().iter() {
            let had = (1..=2).any(|id| {
                before.rights_of(Subject::Person(id), then).allow(permission, &place)
            });
            for id in 1..=3 {
                let has = after.rights_of(Subject::Person(id), then).allow(permission, &place);
                prop_assert!(!has || had, "{id} came to {permission}");
            }
        }
        // What is refused at the start to all who act is refused to them afterwards too.
        let admin = |all: &Authority, id| allows(&actor(all, id), Permission::PeopleManage, Place::System).is_ok();
        prop_assert!((1..=3).all(|id| !admin(&after, id)) || (1..=2).any(|id| admin(&before, id)));
    }
}
