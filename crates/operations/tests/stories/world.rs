//! A fresh installation with a clock that stands, and people to act in it.

use domain::{Actor, ActorKind, Id, Timestamp, Via};
use operations::{Clock, Operations, Settings, audit::AuditQuery, grants::GrantQuery};
use store::{NewSession, Store, StoreOptions};

/// A Saturday in November 2026.
pub const NOW: Timestamp = Timestamp(1_795_262_400_000_000);
pub const PASSWORD: &str = "a harbour at low tide";

pub struct World {
    pub operations: Operations,
    pub clock: Clock,
    _directory: tempfile::TempDir,
}

impl World {
    /// Nobody is there yet.
    pub async fn empty() -> Self {
        Self::open(Clock::standing(NOW), Settings::default()).await
    }

    /// Nobody is there yet, by this clock and these settings.
    pub async fn open(clock: Clock, settings: Settings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let options = StoreOptions { data_dir: directory.path().to_owned(), now: NOW };
        let store = Store::open(&options).await.expect("a store");
        let operations = Operations::new(store, clock.clone(), settings).expect("operations");
        Self { operations, clock, _directory: directory }
    }

    /// With Ada, who may do everything.
    pub async fn with_ada() -> (Self, Actor) {
        Self::empty().await.and_ada().await
    }

    /// And Ada, who may do everything.
    pub async fn and_ada(self) -> (Self, Actor) {
        let world = self;
        let id = world.operations.first_person("ada", PASSWORD.into()).await.expect("made").expect("the first");
        let ada = person(id, "ada");
        (world, ada)
    }

    /// A session of this person; the actor that comes by it.
    pub async fn session(&self, actor: &Actor, secret: &str) -> Actor {
        let new = NewSession {
            secret,
            person: Some(actor.id),
            data: "{}",
            at: NOW,
            idle_expires: NOW.plus_seconds(3_600),
            absolute_expires: NOW.plus_seconds(86_400),
            address: "192.0.2.1",
            agent: "a test",
        };
        let id = self.operations.store().sessions().create(&new).await.expect("a session");
        Actor { via: Via::Session(id), ..actor.clone() }
    }

    /// The newest lines of the log: act, actor and outcome.
    pub async fn log(&self, ada: &Actor) -> Vec<(String, String, &'static str)> {
        let page = self.operations.audit(ada, &AuditQuery::default()).await.expect("the log");
        page.entries.into_iter().map(|e| (e.entry.act, e.actor_name, e.outcome.as_str())).collect()
    }

    /// All that the log says, as one text: to look for what must not be in it.
    pub async fn whole_log(&self, ada: &Actor) -> String {
        let page = self.operations.audit(ada, &AuditQuery::default()).await.expect("the log");
        format!("{page:?}")
    }
}

pub fn person(id: Id, name: &str) -> Actor {
    Actor {
        kind: ActorKind::Person,
        id,
        name: name.into(),
        rights: domain::access::Rights::administrator(),
        ..stranger()
    }
}

pub fn stranger() -> Actor {
    Actor::anonymous("192.0.2.1", "a test", "r-1")
}

pub fn line(act: &str, actor: &str, outcome: &'static str) -> (String, String, &'static str) {
    (act.into(), actor.into(), outcome)
}

/// Somebody as they come through the door: with what they hold now.
pub async fn as_person(world: &World, name: &str) -> Actor {
    let person = world.operations.store().people().by_name(name).await.expect("asked").expect("there");
    let actor = Actor { kind: ActorKind::Person, id: person.id, name: name.into(), via: Via::Session(1), ..stranger() };
    world.operations.with_rights(actor).await.expect("rights")
}

/// Adds somebody who holds nothing.
pub async fn add(world: &World, name: &str) {
    let made = world.operations.add_person(&Actor::cli(), name, Some(PASSWORD.into())).await.expect("added");
    let grants = GrantQuery { subject: format!("person-{}", made.0), ..GrantQuery::default() };
    for row in world.operations.grants(&Actor::cli(), &grants).await.expect("grants").rows {
        world.operations.revoke_grant(&Actor::cli(), row.id, None).await.expect("begins with nothing");
    }
}
