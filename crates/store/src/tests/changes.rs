//! Changes and their outcome entries are one.

use super::{NOW, fresh, make, meddle, permit, readable};
use crate::{AuditFilter, Change, Context, CreatePerson, Error, Generations, NewPerson, RevokeSessions};
use domain::{
    Permission,
    audit::{Act, Outcome},
};

fn bob() -> CreatePerson {
    CreatePerson(
        NewPerson {
            name: "bob".to_owned(),
            display_name: String::new(),
            password_hash: String::new(),
            time_zone: String::new(),
            theme: String::new(),
        },
        None,
    )
}

/// A change that fails after others in its pair were made.
struct Fails;
impl Change for Fails {
    type Output = ();
    async fn apply(self, _: &mut Context<'_>) -> Result<(), Error> {
        Err(Error::Conflict("it can't be"))
    }
}

#[tokio::test]
async fn a_change_that_fails_changes_nothing_and_says_so() {
    let fresh = fresh().await;
    let failed = make(&fresh.store, "person.add", (bob(), Fails)).await;
    assert!(matches!(failed, Err(Error::Conflict("it can't be"))), "{failed:?}");
    assert_eq!(fresh.store.people().count().await.expect("counted"), 0);
    assert_eq!(fresh.store.generations().all().await.expect("read"), []);
    assert_eq!(fresh.store.outbox().last().await.expect("read"), 0);
    let lines = fresh.store.audit().entries(&readable(), &AuditFilter::default(), None, 9).await;
    let lines = lines.expect("listed").entries;
    assert_eq!((lines[0].outcome, lines[0].detail.as_deref()), (Outcome::Failed, Some("it can't be")));
}

#[tokio::test]
async fn a_change_whose_outcome_can_not_be_written_does_not_happen() {
    let fresh = fresh().await;
    let opened = fresh.store.open_act(permit(Permission::PeopleManage), &Act::new("person.add", "bob"), NOW).await;
    let jam = "CREATE TRIGGER jam BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'jammed'); END";
    meddle(&fresh.store, jam).await.expect("jammed");
    fresh.store.write(opened.expect("opened"), bob(), NOW).await.expect_err("it fails");
    assert_eq!(fresh.store.people().count().await.expect("counted"), 0);
}

/// As SQLite does where the disk is full: it ends the whole change by itself.
#[tokio::test]
async fn after_a_change_that_the_database_ended_by_itself_others_are_made() {
    let fresh = fresh().await;
    let full = "CREATE TRIGGER full BEFORE INSERT ON people BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END";
    meddle(&fresh.store, full).await.expect("filled");
    make(&fresh.store, "person.add", bob()).await.expect_err("it fails");
    meddle(&fresh.store, "DROP TRIGGER full").await.expect("room again");
    make(&fresh.store, "person.add", bob()).await.expect("made");
    let lines = fresh.store.audit().entries(&readable(), &AuditFilter::default(), None, 9).await;
    let outcomes: Vec<Outcome> = lines.expect("listed").entries.iter().map(|line| line.outcome).collect();
    assert_eq!(outcomes, [Outcome::Done, Outcome::Failed], "and the log says how both ended");

    let index = fresh.store.index();
    let repository = index.ensure_repository(1, &"team/api".parse().expect("a name"), NOW).await.expect("made");
    let full = "CREATE TRIGGER full BEFORE INSERT ON tags BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END";
    super::meddle_index(&fresh.store, full).await.expect("filled");
    let tags = ["v1".parse().expect("a tag")];
    let list = || crate::index::TagList { tags: &tags, complete: true, doubt: None };
    index.save_tag_list(repository, list(), NOW).await.expect_err("it fails");
    super::meddle_index(&fresh.store, "DROP TRIGGER full").await.expect("room again");
    index.save_tag_list(repository, list(), NOW).await.expect("saved");
}

#[tokio::test]
async fn a_change_leaves_news_and_new_generations() {
    let fresh = fresh().await;
    let (id, ended) = make(&fresh.store, "person.add", (bob(), RevokeSessions { person: 5 })).await.expect("made");
    assert_eq!((id, ended), (1, 0));
    assert_eq!(fresh.store.generations().read(Generations::PEOPLE).await.expect("read"), 1);
    let news = fresh.store.outbox().after(0, 10).await.expect("read");
    assert_eq!(news.len(), 1);
    assert_eq!((news[0].topic.as_str(), news[0].at), ("person.add", NOW));
    assert_eq!(news[0].body, serde_json::json!({"entry": 1, "registry": null}));
    let line = fresh.store.audit().entry(&readable(), 1).await.expect("asked").expect("there");
    assert_eq!((line.outcome, line.ended_after.as_deref()), (Outcome::Done, Some(r#"{"id":1}"#)));

    let next =
        fresh.store.outbox().append("sync.done", &serde_json::json!(1), NOW.plus_seconds(9)).await.expect("added");
    assert_eq!(fresh.store.outbox().prune(NOW.plus_seconds(9)).await.expect("pruned"), 1);
    let left = fresh.store.outbox().after(0, 10).await.expect("read");
    assert_eq!(left.iter().map(|news| news.id).collect::<Vec<_>>(), [next]);
}

/// A change that waits until it is told, so that its caller can leave meanwhile.
struct Waits(tokio::sync::oneshot::Sender<()>, tokio::sync::oneshot::Receiver<()>);
impl Change for Waits {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        self.0.send(()).ok();
        self.1.await.ok();
        bob().apply(context).await.map(|_| ())
    }
}

#[tokio::test]
async fn a_change_is_finished_although_its_caller_left() {
    let fresh = fresh().await;
    let opened = fresh.store.open_act(permit(Permission::PeopleManage), &Act::new("person.add", "bob"), NOW).await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go, may_go) = tokio::sync::oneshot::channel();
    let store = fresh.store.clone();
    let opened = opened.expect("opened");
    let caller = tokio::spawn(async move { store.write(opened, Waits(begun, may_go), NOW).await });
    has_begun.await.expect("begun");
    caller.abort();
    assert!(caller.await.expect_err("gone").is_cancelled());
    go.send(()).expect("still there");
    // The writer is free again only when the change is finished.
    fresh.store.generations().bump("after").await.expect("bumped");
    assert_eq!(fresh.store.people().count().await.expect("counted"), 1);
}
