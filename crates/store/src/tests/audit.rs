//! The audit log: append-only, chained, complete.

use super::{NOW, ada, fresh, make, meddle, permit, readable};
use crate::{AuditFilter, AuditLines, Entry, Error, RevokeSession, RevokeSessions, Store, Verified, audit::Way};
use domain::{
    Actor, Permission, Place, RepositoryName,
    access::{Held, Rights},
    audit::{Act, Outcome, Stage},
};
use serde_json::json;
use std::sync::Arc;

async fn entries(store: &Store, filter: &AuditFilter) -> Vec<Entry> {
    store.audit().entries(&readable(), filter, None, 100).await.expect("listed").entries
}

async fn event(store: &Store, act: &str, target: &str) -> Option<i64> {
    store.record(&ada(), &Act::new(act, target), Outcome::Done, None, &Place::System, NOW).await
}

#[tokio::test]
async fn an_act_is_opened_and_ends_in_one_line() {
    let fresh = fresh().await;
    let act =
        Act::new("registry.edit", "registry production").before(json!({"name": "old"})).after(json!({"name": "new"}));
    let place = Place::Repository(4, "team/api".parse().expect("a name"));
    let permit = domain::permission::allows(&ada(), Permission::TagDelete, place).expect("a person may");
    let opened = fresh.store.open_act(permit, &act, NOW).await.expect("opened");

    let line = &entries(&fresh.store, &AuditFilter::default()).await[0];
    assert_eq!((line.outcome, line.ended, line.entry.stage), (Outcome::Unknown, None, Stage::Opened));
    let later = NOW.plus_seconds(2);
    let after = Some(json!({"freed": 12}));
    fresh.store.close_act(&opened, Outcome::Failed, Some("the registry is down"), after, later).await.expect("closed");

    let lines = entries(&fresh.store, &AuditFilter::default()).await;
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!((line.outcome, line.ended, line.ended_at), (Outcome::Failed, Some(2), Some(later)));
    assert_eq!(line.detail.as_deref(), Some("the registry is down"));
    assert_eq!((line.before.as_deref(), line.after.as_deref()), (Some(r#"{"name":"old"}"#), Some(r#"{"name":"new"}"#)));
    assert_eq!(line.ended_after.as_deref(), Some(r#"{"freed":12}"#));
    assert_eq!(
        (line.actor_name.as_str(), line.address.as_str(), line.agent.as_str()),
        ("Ada", "192.0.2.1", "Browser/1")
    );
    let entry = &line.entry;
    assert_eq!((entry.act.as_str(), entry.via.as_str(), entry.actor_id), ("registry.edit", "session 7", 1));
    assert_eq!((entry.registry_id, entry.repository.as_deref()), (Some(4), Some("team/api")));
    assert_eq!((entry.request_id.as_str(), entry.at), ("request-1", NOW));

    let again = fresh.store.close_act(&opened, Outcome::Done, None, None, later).await;
    assert!(again.is_err(), "an act ends once");
}

#[tokio::test]
async fn entries_can_be_neither_changed_nor_removed() {
    let fresh = fresh().await;
    event(&fresh.store, "session.create", "Ada").await.expect("written");
    for sql in ["UPDATE entries SET act = 'x'", "DELETE FROM entries", "UPDATE entries SET hash = hash"] {
        let error = meddle(&fresh.store, sql).await.expect_err("refused");
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    let replaced = "INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE sequence = 1";
    meddle(&fresh.store, "PRAGMA recursive_triggers = ON").await.expect("set");
    meddle(&fresh.store, replaced).await.expect_err("refused");
}

async fn tampered(sql: &'static str) -> Verified {
    let fresh = fresh().await;
    for n in 0..5 {
        event(&fresh.store, "session.create", &format!("person {n}")).await.expect("written");
    }
    let whole = fresh.store.audit().verify().await.expect("verified");
    assert!(matches!(whole, Verified::Whole { entries: 5, .. }), "{whole:?}");
    meddle(&fresh.store, "DROP TRIGGER entries_are_never_changed").await.expect("dropped");
    meddle(&fresh.store, "DROP TRIGGER entries_are_never_removed").await.expect("dropped");
    meddle(&fresh.store, "PRAGMA foreign_keys = OFF").await.expect("off");
    meddle(&fresh.store, sql).await.expect("tampered");
    fresh.store.audit().verify().await.expect("verified")
}

#[tokio::test]
async fn every_tampering_is_found_where_it_begins() {
    for (sql, at) in [
        ("UPDATE entries SET target = 'person 9' WHERE sequence = 3", 3),
        ("UPDATE entries SET at = at + 1 WHERE sequence = 1", 1),
        ("UPDATE entries SET outcome = 'failed' WHERE sequence = 5", 5),
        ("UPDATE entries SET detail = '' WHERE sequence = 2", 2),
        ("UPDATE entries SET outcome = 'nonsense' WHERE sequence = 4", 4),
        ("UPDATE entries SET hash = (SELECT hash FROM entries WHERE sequence = 1) WHERE sequence = 2", 2),
        ("UPDATE entries SET chain_id = 'other' WHERE sequence = 4", 4),
        ("DELETE FROM entries WHERE sequence = 3", 3),
        ("UPDATE entry_people SET name = 'Eve' WHERE sequence = 4", 4),
    ] {
        match tampered(sql).await {
            Verified::Broken { sequence, why } => assert_eq!(sequence, at, "{sql}: {why}"),
            whole @ Verified::Whole { .. } => panic!("{sql}: {whole:?}"),
        }
    }
}

#[tokio::test]
async fn erasing_a_person_leaves_the_chain_whole() {
    let fresh = fresh().await;
    let before = event(&fresh.store, "session.create", "account 1").await;
    meddle(&fresh.store, "DELETE FROM entry_people").await.expect("erased");
    event(&fresh.store, "session.create", "account 2").await.expect("written");
    assert!(matches!(fresh.store.audit().verify().await.expect("verified"), Verified::Whole { entries: 2, .. }));
    let entry = fresh.store.audit().entry(&readable(), before.expect("written")).await;
    assert_eq!(entry.expect("asked").expect("still there").actor_name, "");
}

#[tokio::test]
async fn what_the_end_of_the_program_cut_off_is_unknown_until_reconciled() {
    let fresh = fresh().await;
    let act = Act::new("registry.add", "registry production");
    let opened = fresh.store.open_act(permit(Permission::RegistryManage), &act, NOW).await.expect("opened");
    drop(opened);
    make(&fresh.store, "session.revoke", RevokeSessions { person: 1 }).await.expect("done");
    let unknown = AuditFilter { outcome: Some(Outcome::Unknown), ..AuditFilter::default() };
    assert_eq!(entries(&fresh.store, &unknown).await.len(), 1);

    let start = NOW.plus_seconds(10);
    let young = fresh.store.open_act(permit(Permission::RegistryManage), &act, start).await.expect("opened");
    assert_eq!(fresh.store.reconcile(start, start).await.expect("reconciled"), 1);
    assert_eq!(fresh.store.reconcile(start, start).await.expect("reconciled"), 0, "once");
    let lines = entries(&fresh.store, &unknown).await;
    assert_eq!(lines.len(), 2, "the one from before and the one that is under way");
    assert_eq!(lines[1].detail.as_deref(), Some("the program ended in between"));
    assert_eq!((lines[0].detail.as_deref(), lines[0].ended), (None, None));
    fresh.store.close_act(&young, Outcome::Done, None, None, start).await.expect("what is under way can end");
}

#[tokio::test]
async fn events_that_could_not_be_written_are_counted_in_a_gap() {
    let fresh = fresh().await;
    let jam = "CREATE TRIGGER jam BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'jammed'); END";
    meddle(&fresh.store, jam).await.expect("jammed");
    assert_eq!(event(&fresh.store, "session.create", "lost").await, None);
    assert_eq!(event(&fresh.store, "session.create", "lost").await, None);
    let change = fresh.store.open_act(permit(Permission::RegistryManage), &Act::new("registry.add", "x"), NOW).await;
    assert!(change.is_err(), "no change without its entry");
    meddle(&fresh.store, "DROP TRIGGER jam").await.expect("freed");
    assert_eq!(event(&fresh.store, "session.create", "kept").await, Some(2));
    assert_eq!(event(&fresh.store, "session.create", "kept").await, Some(3));
    let lines = entries(&fresh.store, &AuditFilter::default()).await;
    let stages: Vec<Stage> = lines.iter().map(|line| line.entry.stage).collect();
    assert_eq!(stages, [Stage::Event, Stage::Event, Stage::Gap]);
    assert_eq!(lines[2].detail.as_deref(), Some("2 entries could not be written"));
}

#[tokio::test]
async fn the_log_is_filtered_by_everything_it_shows() {
    let fresh = fresh().await;
    let record = async |actor: &Actor, act: &str, target: &str, place: Place, outcome, seconds| {
        let act = Act::new(act, target);
        fresh
            .store
            .record(actor, &act, outcome, Some("100% sure"), &place, NOW.plus_seconds(seconds))
            .await
            .expect("written");
    };
    let api = Place::Repository(2, "team/api".parse().expect("a name"));
    record(&ada(), "session.create", "Ada", Place::System, Outcome::Done, 0).await;
    record(&Actor::cli(), "person.add", "person bob", Place::System, Outcome::Done, 1).await;
    record(&ada(), "tag.delete", "tag 1.0", api, Outcome::Refused, 2).await;
    record(&ada(), "registry.edit", "registry two", Place::Registry(2), Outcome::Failed, 3).await;

    let found = async |filter: AuditFilter| -> Vec<i64> {
        entries(&fresh.store, &filter).await.iter().map(|line| line.entry.sequence).collect()
    };
    let all = AuditFilter::default;
    assert_eq!(found(all()).await, [4, 3, 2, 1]);
    assert_eq!(found(AuditFilter { text: Some("TWO".into()), ..all() }).await, [4]);
    assert_eq!(found(AuditFilter { text: Some("100%".into()), ..all() }).await, [4, 3, 2, 1]);
    assert_eq!(found(AuditFilter { text: Some("1%0".into()), ..all() }).await, [0; 0], "a % is a %");
    assert_eq!(found(AuditFilter { actor: Some("ADA".into()), ..all() }).await, [4, 3, 1]);
    assert_eq!(found(AuditFilter { act: Some("registry.".into()), ..all() }).await, [4]);
    assert_eq!(found(AuditFilter { registry: Some(2), ..all() }).await, [4, 3]);
    assert_eq!(found(AuditFilter { repository: Some("team/api".into()), ..all() }).await, [3]);
    assert_eq!(found(AuditFilter { outcome: Some(Outcome::Refused), ..all() }).await, [3]);
    let (from, to) = (Some(NOW.plus_seconds(1)), Some(NOW.plus_seconds(3)));
    assert_eq!(found(AuditFilter { from, to, ..all() }).await, [3, 2]);
}

#[tokio::test]
async fn the_log_is_paged_both_ways() {
    let fresh = fresh().await;
    for n in 0..7 {
        event(&fresh.store, "session.create", &n.to_string()).await.expect("written");
    }
    make(&fresh.store, "session.revoke", RevokeSession { person: 1, session: 1 }).await.expect_err("there is none");
    let (audit, may) = (fresh.store.audit(), readable());
    let numbers = |lines: AuditLines| -> Vec<i64> { lines.entries.iter().map(|line| line.entry.sequence).collect() };
    let all = AuditFilter::default();
    assert_eq!(numbers(audit.entries(&may, &all, None, 3).await.expect("listed")), [8, 7, 6]);
    assert_eq!(numbers(audit.entries(&may, &all, Some(6), 3).await.expect("listed")), [5, 4, 3]);
    assert_eq!(numbers(audit.entries_above(&may, &all, 5, 3).await.expect("listed")), [8, 7, 6]);
    assert_eq!(numbers(audit.entries_above(&may, &all, 1, 2).await.expect("listed")), [3, 2]);
}

#[tokio::test]
async fn an_outcome_needs_its_opened_entry() {
    let fresh = fresh().await;
    #[expect(clippy::disallowed_methods, reason = "the test plays the one who goes round the store")]
    let made_up = permit(Permission::RegistryManage).opened(99);
    let refused = fresh.store.write(made_up, RevokeSessions { person: 1 }, NOW).await;
    assert!(matches!(refused, Err(Error::NotFound("opened entry"))), "{refused:?}");
}

#[tokio::test]
async fn who_may_read_some_of_the_log_reads_what_happened_there_and_nothing_else() {
    let fresh = fresh().await;
    let name = |text: &str| text.parse::<RepositoryName>().expect("a name");
    let places = [
        Place::System,
        Place::Registry(1),
        Place::Registry(2),
        Place::Repository(1, name("team-a/api")),
        Place::Repository(1, name("team-b/api")),
        Place::Repository(2, name("team-a/api")),
    ];
    for place in places {
        let act = Act::new("registry.edit", "something");
        fresh.store.record(&ada(), &act, Outcome::Done, None, &place, NOW).await.expect("recorded");
    }
    let scope = |registry, pattern: Option<&str>| {
        domain::access::Scope::new(registry, pattern.map(|pattern| pattern.parse().expect("a pattern")))
    };
    let reader = |scopes: Vec<domain::access::Scope>| {
        let permissions = [Permission::AuditView].into_iter().collect();
        let held = scopes.into_iter().map(|scope| Arc::new(Held { grant: Some(1), permissions, scope }));
        crate::AuditReadable::by(&Actor { rights: Rights::new(held.collect()), ..ada() })
    };
    let audit = fresh.store.audit();
    let filter = AuditFilter::default();
    for (scopes, seen) in [
        (vec![scope(None, None)], 6),
        (vec![scope(Some(1), None)], 3),
        (vec![scope(Some(1), Some("team-a/**"))], 1),
        (vec![scope(None, Some("team-a/**"))], 2),
        (vec![scope(Some(1), Some("team-a/**")), scope(Some(2), None)], 3),
        (vec![scope(Some(3), Some("team-[a]/**"))], 0),
        (vec![], 0),
    ] {
        let may = reader(scopes.clone());
        let some = audit.entries(&may, &filter, None, 9).await.expect("listed");
        assert_eq!((some.entries.len(), some.stopped), (seen, None), "{scopes:?}");
        let back = audit.entries_above(&may, &filter, 0, 9).await.expect("listed");
        assert_eq!(back, some, "{scopes:?}");
        let mut one_by_one = 0;
        for sequence in 1..=6 {
            one_by_one += usize::from(audit.entry(&may, sequence).await.expect("asked").is_some());
        }
        assert_eq!(one_by_one, seen, "{scopes:?}");
        // A limit is one of what may be seen.
        let first = audit.entries(&may, &filter, None, 1).await.expect("listed");
        assert_eq!(first.entries.len(), seen.min(1), "{scopes:?}");
    }
}

#[tokio::test]
async fn many_events_are_written_together_and_those_that_could_not_be_are_counted() {
    let fresh = fresh().await;
    let many = |n: usize| {
        let one = |n| crate::Happened {
            actor: ada(),
            act: Act::new("token.issue", format!("repository r{n}")),
            outcome: Outcome::Done,
            detail: None,
            place: Place::System,
        };
        (0..n).map(one).collect::<Vec<_>>()
    };
    assert_eq!(fresh.store.record_all(many(120), NOW).await, 120);
    let jam = "CREATE TRIGGER jam BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'jammed'); END";
    meddle(&fresh.store, jam).await.expect("jammed");
    assert_eq!(fresh.store.record_all(many(70), NOW).await, 0);
    meddle(&fresh.store, "DROP TRIGGER jam").await.expect("freed");
    assert_eq!(fresh.store.record_all(many(1), NOW).await, 1);
    let lines = entries(&fresh.store, &AuditFilter::default()).await;
    assert_eq!(lines[0].entry.target, "repository r0");
    assert_eq!(lines[1].detail.as_deref(), Some("70 entries could not be written"));
    assert_eq!(fresh.store.record_all(Vec::new(), NOW).await, 0);
}

#[tokio::test]
async fn a_page_looks_through_a_bounded_number_of_entries_and_the_next_goes_on() {
    let fresh = fresh().await;
    for n in 1..=30 {
        let registry = if n % 10 == 0 { 7 } else { 1 };
        let act = Act::new("registry.edit", format!("number {n}"));
        fresh.store.record(&ada(), &act, Outcome::Done, None, &Place::Registry(registry), NOW).await.expect("recorded");
    }
    let permissions = [Permission::AuditView].into_iter().collect();
    let scopes = (1..40).map(|n| domain::access::Scope::new(Some(n * 7), None));
    let held = scopes.map(|scope| Arc::new(Held { grant: Some(1), permissions, scope })).collect();
    let some = crate::AuditReadable::by(&Actor { rights: Rights::new(held), ..ada() });
    let audit = fresh.store.audit();
    for (may, text, expected) in [(some, "number", [30, 20, 10]), (readable(), "0", [30, 20, 10])] {
        let filter = AuditFilter { text: Some(text.into()), ..AuditFilter::default() };
        let (mut way, mut found, mut pages) = (Way::Older(i64::MAX), Vec::new(), 0);
        loop {
            let lines = audit.list(&may, &filter, way, 2, 8).await.expect("listed");
            found.extend(lines.entries.iter().map(|line| line.entry.sequence));
            pages += 1;
            let Some(stopped) = lines.stopped else { break };
            way = Way::Older(stopped);
        }
        assert_eq!((&found[..], pages), (&expected[..], 4), "eight at a time");
        // The way back.
        let (mut way, mut found) = (Way::Newer(0), Vec::new());
        loop {
            let lines = audit.list(&may, &filter, way, 2, 8).await.expect("listed");
            found.extend(lines.entries.iter().map(|line| line.entry.sequence));
            let Some(stopped) = lines.stopped else { break };
            way = Way::Newer(stopped);
        }
        assert_eq!(found, [10, 20, 30]);
        // Whoever finds enough before does not stop for it.
        let full = audit.list(&may, &filter, Way::Older(31), 1, 8).await.expect("listed");
        assert_eq!((full.entries.len(), full.stopped), (1, None));
    }
}
