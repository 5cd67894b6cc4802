use super::super::tests::{NOW, facts, grant, name, scope};
use super::*;

const LONG_AGO: Timestamp = Timestamp(NOW.0 - 200 * DAY * 1_000_000);

fn old(id: Id, subject: Subject, role: BuiltIn, scope: Scope) -> Grant {
    Grant { created: LONG_AGO, reviewed: Some(NOW), ..grant(id, subject, role, scope) }
}
fn used(subject: Subject, repository: &str, permission: Permission) -> Used {
    let repository = name(repository);
    Used { subject, registry: 7, repository, permission, count: 3, last_at: NOW.plus_seconds(-60) }
}
fn watch() -> Watch {
    Watch { now: NOW, since: Some(LONG_AGO), old_days: 365 }
}
fn reasons(authority: &Authority, uses: &[Used], id: Id) -> Vec<Reason> {
    let seen = authority.seen(uses);
    let grant = authority.grants().find(|grant| grant.id == id).expect("a grant");
    authority.reasons(grant, seen.get(&id), &watch())
}

#[test]
fn a_use_counts_for_every_grant_that_gives_it_and_was_there() {
    let team = || scope(Some(7), Some("team-a/**"));
    let late = Grant { created: NOW, ..old(4, Subject::Person(2), BuiltIn::Reader, Scope::default()) };
    let authority = Authority::new(facts(vec![
        old(1, Subject::Team(1), BuiltIn::Writer, team()),
        old(2, Subject::Person(1), BuiltIn::Writer, team()),
        old(3, Subject::Anonymous, BuiltIn::Reader, Scope::default()),
        late,
    ]));
    let seen = authority.seen(&[
        used(Subject::Person(2), "team-a/api", Permission::RepositoryPull),
        used(Subject::Person(2), "team-b/api", Permission::RepositoryPush),
    ]);
    assert_eq!(seen.keys().copied().collect::<BTreeSet<_>>(), [1, 3].into(), "not another's, not one that came later");
    assert_eq!((seen[&1].count, seen[&1].last_at), (3, Some(NOW.plus_seconds(-60))));
    assert_eq!(seen[&1].repositories, [(7, name("team-a/api"))].into());
}

#[test]
fn what_nobody_uses_is_told_once_it_was_watched_long_enough() {
    let authority = Authority::new(facts(vec![
        old(1, Subject::Person(1), BuiltIn::Reader, Scope::default()),
        Grant {
            created: NOW.plus_seconds(-29 * DAY),
            ..old(2, Subject::Person(1), BuiltIn::Reader, scope(None, Some("a/*")))
        },
    ]));
    assert_eq!(reasons(&authority, &[], 1), [Reason::Unused(LONG_AGO)]);
    assert_eq!(reasons(&authority, &[], 2), [], "too young to say");
    let grant = authority.grants().find(|grant| grant.id == 1).expect("a grant");
    let unwatched = Watch { since: None, ..watch() };
    assert_eq!(authority.reasons(grant, None, &unwatched), [], "nothing was noted yet");
    let short = Watch { since: Some(NOW.plus_seconds(-DAY)), ..watch() };
    assert_eq!(authority.reasons(grant, None, &short), [], "noted since yesterday only");
}

#[test]
fn what_gives_more_than_is_used_names_what_would_do() {
    let authority = Authority::new(facts(vec![
        old(1, Subject::Person(1), BuiltIn::Writer, scope(Some(7), Some("team-a/**"))),
        old(2, Subject::Person(2), BuiltIn::Reader, scope(None, Some("team-b/*"))),
        old(3, Subject::Robot(1), BuiltIn::Writer, scope(Some(7), Some("x/y"))),
        old(4, Subject::Everyone, BuiltIn::Administrator, Scope::default()),
    ]));
    let pull = used(Subject::Person(1), "team-a/api", Permission::RepositoryPull);
    let used = [
        pull.clone(),
        used(Subject::Person(2), "team-b/x/one", Permission::RepositoryPull),
        used(Subject::Person(2), "team-b/x/y/two", Permission::RepositoryView),
        used(Subject::Robot(1), "x/y", Permission::RepositoryPush),
    ];
    let much = Reason::TooMuch([Permission::RepositoryPull].into_iter().collect(), Some(BuiltIn::Reader));
    assert_eq!(reasons(&authority, &used, 1), [much, Reason::TooWide(scope(Some(7), Some("team-a/api")))]);
    assert_eq!(reasons(&authority, &used, 2), [Reason::TooWide(scope(Some(7), Some("team-b/x/**")))]);
    assert_eq!(reasons(&authority, &used, 3), [], "all that it gives was used, where it holds");
    assert_eq!(reasons(&authority, &used, 4), [], "rights over the program leave no trace here");
}

#[test]
fn who_may_not_act_what_ends_and_what_is_old_is_told_in_this_order() {
    let ending = Grant {
        until: Some(NOW.plus_seconds(29 * DAY)),
        reviewed: None,
        ..old(1, Subject::Person(3), BuiltIn::Reader, Scope::default())
    };
    let ended = Grant { until: Some(NOW), ..old(2, Subject::Person(1), BuiltIn::Reader, Scope::default()) };
    let authority = Authority::new(facts(vec![ending, ended]));
    let until = NOW.plus_seconds(29 * DAY);
    assert_eq!(
        reasons(&authority, &[], 1),
        [Reason::Disabled, Reason::EndsSoon(until), Reason::Unreviewed(LONG_AGO)],
        "of who may not act it is not said that they don't"
    );
    assert_eq!(reasons(&authority, &[], 2), [Reason::Ended(NOW)]);
    let all = authority.reasons(
        authority.grants().find(|grant| grant.id == 1).expect("a grant"),
        None,
        &Watch { old_days: 100, ..watch() },
    );
    assert!(all.is_sorted_by_key(Reason::rank) && all.last() == Some(&Reason::Old(LONG_AGO)));
}

#[test]
fn names_share_whole_segments_only() {
    assert_eq!(shared("a/b", "a/bc/d"), "a");
    assert_eq!(shared("a/b", "a/b/c"), "a/b");
    assert_eq!(shared("a", "b/a"), "");
}
