//! Robots and their secrets, and the teams they belong to.

use super::{Fresh, NOW, fresh, make, meddle};
use crate::{
    AddRobot, AddRobotSecret, AddTeam, EditRobot, Error, Generations, Part, RemoveRobot, RemoveTeam, RevokeRobotSecret,
    SetRobotDisabled,
};
use domain::Id;

async fn team(fresh: &Fresh, name: &str) -> Id {
    make(&fresh.store, "team.create", AddTeam { name: name.into(), description: String::new() }).await.expect("made")
}

fn new(name: &str, team: Id) -> AddRobot {
    AddRobot { name: name.into(), team, purpose: String::new(), expires: None, made_by: "ada".into() }
}

fn secret(robot: Id, prefix: &str) -> AddRobotSecret {
    let (prefix, name) = (prefix.to_owned(), "a place".to_owned());
    AddRobotSecret { robot, prefix, secret_hash: "a hash".into(), name, expires: Some(NOW.plus_seconds(60)), most: 2 }
}

#[tokio::test]
async fn a_secret_is_found_with_its_robot_and_ends_alone() {
    let fresh = fresh().await;
    let crew = team(&fresh, "crew").await;
    let ci = make(&fresh.store, "robot.create", new("ci", crew)).await.expect("made");
    for prefix in ["aaa", "bbb"] {
        make(&fresh.store, "robot.secret.create", secret(ci, prefix)).await.expect("made");
    }
    let full = make(&fresh.store, "robot.secret.create", secret(ci, "ccc")).await;
    assert!(matches!(full, Err(Error::Conflict(_))), "{full:?}");
    let robots = fresh.store.robots();
    let held = robots.secret_by_prefix("aaa").await.expect("asked").expect("found");
    assert_eq!((held.robot.name.as_str(), held.robot.team_name.as_str(), held.robot.acts(NOW)), ("ci", "crew", true));
    assert_eq!((held.secret.robot, held.secret.expires), (ci, Some(NOW.plus_seconds(60))));
    for (seconds, noted) in [(0, 0), (59, 0), (60, 60)] {
        robots.used(held.secret.id, NOW.plus_seconds(seconds), &format!("192.0.2.{seconds}")).await.expect("noted");
        let found = robots.secret_by_prefix("aaa").await.expect("asked").expect("found").secret;
        assert_eq!((found.last_used, found.last_address), (Some(NOW.plus_seconds(noted)), format!("192.0.2.{noted}")));
    }
    assert_eq!(robots.last_uses().await.expect("asked"), [(ci, NOW.plus_seconds(60))]);
    make(&fresh.store, "robot.disable", SetRobotDisabled { robot: ci, disabled: true }).await.expect("disabled");
    assert!(!robots.secret_by_prefix("aaa").await.expect("asked").expect("found").robot.acts(NOW));
    make(&fresh.store, "robot.secret.revoke", RevokeRobotSecret { robot: ci, prefix: "aaa".into() })
        .await
        .expect("revoked");
    assert_eq!(robots.secret_by_prefix("aaa").await.expect("asked"), None);
    let left = robots.secrets(ci).await.expect("listed");
    assert_eq!(left.iter().map(|one| one.prefix.as_str()).collect::<Vec<_>>(), ["bbb"]);
}

#[tokio::test]
async fn what_hangs_on_a_robot_or_a_secret_goes_with_it() {
    let fresh = fresh().await;
    let crew = team(&fresh, "crew").await;
    let ci = make(&fresh.store, "robot.create", new("ci", crew)).await.expect("made");
    for prefix in ["aaa", "bbb"] {
        make(&fresh.store, "robot.secret.create", secret(ci, prefix)).await.expect("made");
    }
    meddle(
        &fresh.store,
        "INSERT INTO refresh_tokens (prefix, secret_hash, subject, robot_secret, service, client, created, last_used, last_address)
         SELECT 'r' || id, '', 'robot-1', id, '', '', 0, 0, '' FROM robot_secrets;
         INSERT INTO grants (subject, role, because, by_name, created) VALUES ('robot-1', 'writer', '', '', 0), ('robot-12', 'writer', '', '', 0)",
    )
    .await
    .expect("there");
    let count = async |sql: &'static str| {
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&fresh.store.inner.records.readers).await.expect("counted")
    };
    make(&fresh.store, "robot.secret.revoke", RevokeRobotSecret { robot: ci, prefix: "aaa".into() })
        .await
        .expect("revoked");
    assert_eq!(count("SELECT COUNT(*) FROM refresh_tokens").await, 1);
    let refused = make(&fresh.store, "team.remove", RemoveTeam { team: crew }).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    let before = fresh.store.generations().read(Generations::ACCESS).await.expect("read");
    assert_eq!(make(&fresh.store, "robot.remove", RemoveRobot { robot: ci }).await.expect("removed"), 1);
    assert_eq!(fresh.store.generations().read(Generations::ACCESS).await.expect("read"), before + 1);
    assert_eq!(
        count("SELECT COUNT(*) FROM refresh_tokens").await + count("SELECT COUNT(*) FROM robot_secrets").await,
        0
    );
    assert_eq!(count("SELECT COUNT(*) FROM grants WHERE subject LIKE 'robot-%'").await, 1, "another robot's stay");
    let gone = make(&fresh.store, "robot.remove", RemoveRobot { robot: ci }).await;
    assert!(matches!(gone, Err(Error::NotFound("robot"))), "{gone:?}");
}

#[tokio::test]
async fn robots_are_listed_by_name_in_parts_and_by_team() {
    let fresh = fresh().await;
    let (crew, dock) = (team(&fresh, "crew").await, team(&fresh, "dock").await);
    for (name, team) in [("a", crew), ("b_1", dock), ("b-2", crew), ("c", crew)] {
        make(&fresh.store, "robot.create", new(name, team)).await.expect("made");
    }
    let robots = fresh.store.robots();
    let names = async |teams: Option<&[Id]>, text: &str, part: Part| {
        let found = robots.list(teams, text, &part).await.expect("listed");
        found.into_iter().map(|robot| robot.name).collect::<Vec<_>>()
    };
    assert_eq!(names(None, "", Part::First(3)).await, ["a", "b-2", "b_1"]);
    assert_eq!(names(None, "", Part::After("b_1".into(), 9)).await, ["c"]);
    assert_eq!(names(None, "", Part::Before("c".into(), 2)).await, ["b-2", "b_1"]);
    assert_eq!(names(None, "b_", Part::First(9)).await, ["b_1"], "a sign stands for itself");
    assert_eq!(names(Some(&[crew]), "", Part::First(9)).await, ["a", "b-2", "c"]);
    assert_eq!(names(Some(&[]), "", Part::First(9)).await, Vec::<String>::new(), "of no team: none");
    assert_eq!(
        (robots.count(Some(&[dock]), "").await.expect("counted"), robots.count(None, "B").await.expect("counted")),
        (1, 2)
    );
    let taken = make(&fresh.store, "robot.create", new("a", dock)).await;
    assert!(matches!(taken, Err(Error::Taken("name"))), "{taken:?}");
    let nowhere = make(&fresh.store, "robot.create", new("d", dock + 1)).await;
    assert!(matches!(nowhere, Err(Error::NotFound("team"))), "{nowhere:?}");
    let edit = EditRobot { id: 1, version: 1, team: dock + 1, purpose: String::new(), expires: None };
    let nowhere = make(&fresh.store, "robot.edit", edit.clone()).await;
    assert!(matches!(nowhere, Err(Error::Conflict(_))), "{nowhere:?}");
    make(&fresh.store, "robot.edit", EditRobot { team: dock, ..edit.clone() }).await.expect("edited");
    let stale = make(&fresh.store, "robot.edit", EditRobot { team: crew, ..edit }).await;
    assert!(matches!(stale, Err(Error::Conflict(_))), "{stale:?}");
}
