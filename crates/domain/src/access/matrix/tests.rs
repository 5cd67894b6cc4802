use super::super::tests::{NOW, facts, grant, grants, name, person, scope, scopes, subjects};
use super::*;
use crate::{Place, access::BuiltIn};
use proptest::prelude::*;

fn cell<'a>(authority: &'a Authority, column: &'a [Scope], subject: Subject) -> Cell<'a> {
    let mut rows = Rows::new(authority, column, NOW);
    rows.row(subject).pop().map(|(_, cell)| cell).unwrap_or_default()
}

#[test]
fn a_cell_tells_all_some_and_none_and_where_it_comes_from() {
    let authority = Authority::new(facts(vec![
        grant(1, Subject::Team(1), BuiltIn::Writer, scope(Some(7), Some("team-a/**"))),
        grant(2, Subject::Everyone, BuiltIn::Viewer, scope(Some(7), None)),
        grant(3, Subject::Person(2), BuiltIn::Maintainer, scope(None, Some("team-a/api"))),
    ]));
    let extents = |column: Scope| {
        let columns = [column];
        let cell = cell(&authority, &columns, Subject::Person(2));
        let by: BTreeSet<Id> = cell.by.iter().map(|grant| grant.id).collect();
        let of = |permission| cell.extent(permission);
        (of(Permission::RepositoryView), of(Permission::RepositoryPush), of(Permission::TagDelete), by)
    };
    let team = extents(scope(Some(7), Some("team-a/**")));
    assert_eq!(team, (Extent::All, Extent::All, Extent::Some, [1, 2, 3].into()));
    let one = extents(scope(Some(7), Some("team-a/api")));
    assert_eq!(one, (Extent::All, Extent::All, Extent::All, [1, 2, 3].into()));
    let whole = extents(scope(Some(7), None));
    assert_eq!(whole, (Extent::All, Extent::Some, Extent::Some, [1, 2, 3].into()));
    let elsewhere = extents(scope(Some(8), Some("team-b/**")));
    assert_eq!(elsewhere, (Extent::None, Extent::None, Extent::None, [].into()));
}

#[test]
fn who_may_not_act_has_an_empty_row() {
    let authority = Authority::new(facts(vec![grant(1, Subject::Person(3), BuiltIn::Administrator, Scope::default())]));
    let columns = [Scope::default()];
    assert!(Rows::new(&authority, &columns, NOW).row(Subject::Person(3)).is_empty());
}

#[test]
fn columns_are_the_scopes_of_grants_that_hold() {
    let mut ended = grant(2, Subject::Person(1), BuiltIn::Reader, scope(None, Some("old/**")));
    ended.until = Some(NOW);
    let again = grant(3, Subject::Person(2), BuiltIn::Writer, scope(Some(7), Some("a/**")));
    let authority =
        Authority::new(facts(vec![grant(1, Subject::Person(1), BuiltIn::Reader, again.scope.clone()), ended, again]));
    assert_eq!(authority.columns(NOW, |_| true), [scope(Some(7), Some("a/**"))].into());
    assert!(authority.columns(NOW, |_| false).is_empty());
    assert!(authority.rows().iter().all(|subject| !matches!(subject, Subject::Team(_))));
}

fn registries() -> impl Strategy<Value = Vec<Scope>> {
    proptest::collection::vec(scopes(), 1..8)
}

proptest! {
    #[test]
    fn the_table_says_what_the_rule_says(
        some in proptest::collection::vec(grants(), 0..30), columns in registries(), subject in subjects(),
        registry in 1..3_i64, repository in "[ab]{1,2}(/[ab]{1,2})?",
    ) {
        let authority = Authority::new(facts(some));
        let rights = authority.rights_of(subject, NOW);
        let place = Place::Repository(registry, name(&repository));
        let mut rows = Rows::new(&authority, &columns, NOW);
        // The second time it is remembered.
        for _ in 0..2 {
            let row: HashMap<usize, Cell<'_>> = rows.row(subject).into_iter().collect();
            for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.covers(&place)) {
                for permission in PermissionSet::grantable().iter() {
                    let extent = row.get(&at).map_or(Extent::None, |cell| cell.extent(permission));
                    let may = rights.allow(permission, &place);
                    match extent {
                        Extent::All => prop_assert!(may, "{column}: all"),
                        Extent::None => prop_assert!(!may, "{column}: none"),
                        Extent::Some => {}
                    }
                }
            }
        }
    }

    #[test]
    fn who_has_something_in_the_columns_is_known_without_the_row(
        some in proptest::collection::vec(grants(), 0..30), columns in registries(), subject in subjects(),
    ) {
        let authority = Authority::new(facts(some));
        let mut rows = Rows::new(&authority, &columns, NOW);
        let row = rows.row(subject);
        let is_row = authority.rows().contains(&subject);
        let anything = rows.holders(None).contains(&subject);
        prop_assert_eq!(anything, is_row && row.iter().any(|(_, cell)| !cell.some.is_empty()));
        let rights = authority.rights_of(subject, NOW);
        for permission in PermissionSet::grantable().iter() {
            let shown = is_row && row.iter().any(|(_, cell)| cell.some.contains(permission));
            prop_assert_eq!(rows.holders(Some(permission)).contains(&subject), shown, "{}", permission);
            let anywhere = authority.holders_anywhere(Some(permission), NOW).contains(&subject);
            prop_assert_eq!(anywhere, is_row && rights.anywhere(permission));
        }
    }

    #[test]
    fn of_one_repository_there_is_no_some(
        some in proptest::collection::vec(grants(), 0..30), subject in subjects(), repository in "[ab]{1,2}(/[ab]{1,2})?",
    ) {
        let authority = Authority::new(facts(some));
        let place = Place::Repository(1, name(&repository));
        let columns = [Scope::of(&place)];
        let cell = cell(&authority, &columns, subject);
        prop_assert_eq!(cell.all, cell.some);
        for permission in PermissionSet::grantable().iter() {
            let may = authority.rights_of(subject, NOW).allow(permission, &place);
            prop_assert_eq!(cell.all.contains(permission), may);
        }
    }
}

#[test]
fn people_in_the_rows_are_those_that_exist() {
    let mut own = facts(Vec::new());
    own.people.push(person(9, true));
    assert!(Authority::new(own).rows().contains(&Subject::Person(9)), "disabled ones too");
}
