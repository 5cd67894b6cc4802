//! Pausing and refreshing: allowed, refused, repeated, audited.

use crate::world::{World, fill, is, name};
use domain::Actor;
use operations::Kind;
use registry::fake::{Fake, FakeOptions};
use store::AuditFilter;

async fn lab() -> (tempfile::TempDir, Fake, World) {
    let (directory, fake) = (tempfile::tempdir().expect("a directory"), Fake::start(FakeOptions::default()).await);
    let fake = fake.expect("a registry");
    fill(&fake, 2, 3);
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    (directory, fake, world)
}

async fn acts(world: &World) -> Vec<String> {
    let may = store::AuditReadable::by(&world.ada);
    let audit = world.operations.store().audit();
    let entries = audit.entries(&may, &AuditFilter::default(), None, 100).await.expect("entries").entries;
    entries.into_iter().map(|entry| entry.entry.act).filter(|act| act.starts_with("sync.")).collect()
}

#[tokio::test]
async fn pausing_is_kept_told_and_on_record() {
    let (_directory, _fake, world) = lab().await;
    for _ in 0..2 {
        world.operations.pause_sync(&world.ada, "lab", true).await.expect("paused, once");
    }
    assert!(is(&world.sync().await, "paused"));
    let refused = world.operations.refresh_registry(&world.ada, "lab").await.expect_err("it is paused");
    assert_eq!(refused.kind, Kind::Conflict);
    world.operations.pause_sync(&world.ada, "lab", false).await.expect("it goes on");
    world.rested().await;
    let acts = acts(&world).await;
    assert_eq!(acts.iter().filter(|act| *act == "sync.pause").count(), 1, "once: {acts:?}");
    assert_eq!(acts.iter().filter(|act| *act == "sync.resume").count(), 1, "{acts:?}");
    world.stop().await;
}

#[tokio::test]
async fn refreshing_asks_again_at_once() {
    let (_directory, fake, world) = lab().await;
    world.rested().await;
    fake.forget_requests();
    world.operations.refresh_repository_now(&world.ada, "lab", &name("team0/app00")).await.expect("wanted");
    world.until("the refresh", |_| fake.count("HEAD", "team0/app00/manifests/") >= 3).await;
    assert_eq!(fake.count("HEAD", "team1/app01/manifests/"), 0);
    world.operations.refresh_registry(&world.ada, "lab").await.expect("wanted");
    world.until("the refresh", |_| fake.count("HEAD", "team1/app01/manifests/") >= 3).await;
    world.rested().await;
    let missing = world.operations.refresh_repository_now(&world.ada, "lab", &name("team/none")).await;
    assert_eq!(missing.expect_err("not there").kind, Kind::NotFound);
    world.stop().await;
}

#[tokio::test]
async fn strangers_neither_see_nor_touch_it() {
    let (_directory, _fake, world) = lab().await;
    let stranger = Actor::anonymous("192.0.2.9", "test", "r2");
    world.operations.sync(&stranger, "lab").await.expect_err("not theirs to see");
    world.operations.pause_sync(&stranger, "lab", true).await.expect_err("not theirs to do");
    world.operations.refresh_registry(&stranger, "lab").await.expect_err("not theirs to do");
    world.operations.departures(&stranger, "lab", operations::sync::DeparturesQuery::default()).await.expect_err("no");
    assert!(!is(&world.sync().await, "paused"));
    world.stop().await;
}
