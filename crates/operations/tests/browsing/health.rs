//! Health of the content: found in the background, shown to whom it concerns, switched by whom it may.

use crate::world::{World, image, index, name};
use domain::{
    Actor, Permission, Restriction, Via,
    health::{Check, Level},
};
use operations::{
    Kind,
    health::{Health, HealthQuery, Off},
};
use std::time::Duration;

async fn look(world: &World, actor: &Actor) -> Health {
    world.operations.health(actor, "lab", &HealthQuery::default()).await.expect("health")
}

fn found(health: &Health, check: Check) -> u64 {
    let row = health.checks.iter().find(|row| row.check == check).expect("a check");
    row.count.expect("counted").number
}

/// Reads in the background until this check has found so many.
async fn until(world: &World, check: Check, number: u64) {
    let settled = async {
        while found(&look(world, &world.ada).await, check) != number {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), settled).await.is_ok(), "{check:?} never found {number}");
}

#[tokio::test]
async fn what_is_read_in_the_background_is_checked_and_what_is_denied_is_gone() {
    let world = World::new().await;
    let amd = image(&world.fake, "prod/web", "latest", 1, 100);
    let arm = image(&world.fake, "team/api", "arm", 2, 100);
    let other = image(&world.fake, "team/api", "amd", 3, 100);
    index(&world.fake, "team/api", "both", &[(&arm, "arm64"), (&other, "amd64")]);
    world.fake.lose_manifest("team/api", &arm);
    drop(amd);
    world.operations.start_sync();
    until(&world, Check::LatestAlone, 1).await;
    until(&world, Check::LatestInProduction, 1).await;
    let before = look(&world, &world.ada).await;
    assert_eq!(found(&before, Check::MissingChildren), 0, "nobody asked for it yet: what is unread is not gone");
    assert!(before.checks.windows(2).all(|pair| pair[0].check.level() >= pair[1].check.level()));
    assert_eq!(before.checks[0].check.level(), Level::Danger);

    // At a later look the registry is asked for what nobody has seen.
    world.clock.advance(7 * 86_400);
    world.operations.look_again();
    until(&world, Check::MissingChildren, 1).await;
    let query = HealthQuery { check: "missing-children".into(), ..HealthQuery::default() };
    let shown = world.operations.health(&world.ada, "lab", &query).await.expect("health").shown.expect("a list");
    assert_eq!(shown.1.rows[0].repository, name("team/api"));
    assert_eq!(shown.1.rows[0].tags[0].as_str(), "both");
    assert!(world.operations.stop_sync(Duration::from_secs(20)).await);
}

#[tokio::test]
async fn a_check_is_switched_by_those_who_manage_and_the_log_has_every_try() {
    let world = World::new().await;
    let switch = async |actor: &Actor, check: &str, on, everywhere| {
        world.operations.switch_check(actor, "lab", check, on, everywhere).await
    };
    let off = async |check: Check| {
        let health = look(&world, &world.ada).await;
        health.checks.iter().find(|row| row.check == check).and_then(|row| row.off)
    };
    switch(&world.ada, "old-tag", false, false).await.expect("switched off");
    switch(&world.ada, "old-tag", false, false).await.expect("it is off already");
    switch(&world.ada, "no-created", false, true).await.expect("switched off");
    assert_eq!((off(Check::OldTag).await, off(Check::NoCreated).await), (Some(Off::Here), Some(Off::Everywhere)));
    switch(&world.ada, "old-tag", true, false).await.expect("switched on");
    assert_eq!(off(Check::OldTag).await, None);
    assert_eq!(switch(&world.ada, "nonsense", true, false).await.expect_err("no check").kind, Kind::NotFound);
    let restriction = Restriction::new([Permission::RepositoryView], None, None);
    let reader = Actor { via: Via::Token { id: 1, restriction }, ..world.ada.clone() };
    assert_eq!(switch(&reader, "old-tag", false, false).await.expect_err("refused").kind, Kind::Forbidden);
    let may = store::AuditReadable::by(&world.ada);
    let filter = store::AuditFilter { act: Some("check.".into()), ..store::AuditFilter::default() };
    let entries = world.operations.store().audit().entries(&may, &filter, None, 20).await.expect("read").entries;
    let outcomes: Vec<&str> = entries.iter().rev().map(|entry| entry.outcome.as_str()).collect();
    assert_eq!(outcomes, ["done", "done", "done", "done", "refused"]);
}

#[tokio::test]
async fn checks_that_tell_of_configurations_are_for_those_who_may_pull() {
    let world = World::new().await;
    let restriction = Restriction::new([Permission::RepositoryView], None, None);
    let viewer = Actor { via: Via::Token { id: 1, restriction }, ..world.ada.clone() };
    let health = look(&world, &viewer).await;
    assert!(health.hidden == 2 && !health.may_switch);
    assert!(health.checks.iter().all(|row| !row.check.needs_pull()));
    let query = HealthQuery { check: "secret-names".into(), ..HealthQuery::default() };
    let asked = world.operations.health(&viewer, "lab", &query).await;
    assert_eq!(asked.expect_err("refused").kind, Kind::Forbidden);
    let nobody = Actor::anonymous("198.51.100.7", "", "");
    let refused = world.operations.health(&nobody, "lab", &HealthQuery::default()).await;
    assert!(matches!(refused.expect_err("refused").kind, Kind::NotFound | Kind::SignInNeeded));
}
