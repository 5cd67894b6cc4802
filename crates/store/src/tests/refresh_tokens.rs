//! Room for refresh tokens, and the last uses of all kinds of secrets.

use super::{Fresh, NOW, fresh, make};
use crate::{
    AddRobot, AddRobotSecret, AddTeam, LastUse, MadeWith, NewRefreshToken, RefreshRoom, RevokeRobotSecret, UsedSecret,
};
use domain::{Id, Timestamp, access::Subject};

/// A robot with two secrets; gives their numbers.
async fn robot(fresh: &Fresh) -> (Id, [Id; 2]) {
    let team = AddTeam { name: "crew".into(), description: String::new() };
    let team = make(&fresh.store, "team.create", team).await.expect("made");
    let new = AddRobot { name: "ci".into(), team, purpose: String::new(), expires: None, made_by: "ada".into() };
    let robot = make(&fresh.store, "robot.create", new).await.expect("made");
    for prefix in ["aaa", "bbb"] {
        let (prefix, name) = (prefix.to_owned(), prefix.to_owned());
        let new = AddRobotSecret { robot, prefix, secret_hash: "a hash".into(), name, expires: None, most: 2 };
        make(&fresh.store, "robot.secret.create", new).await.expect("made");
    }
    let id =
        async |prefix| fresh.store.robots().secret_by_prefix(prefix).await.expect("asked").expect("there").secret.id;
    (robot, [id("aaa").await, id("bbb").await])
}

async fn add(fresh: &Fresh, prefix: &str, (subject, secret): (Subject, Id), at: Timestamp) -> bool {
    let with = MadeWith::RobotSecret(secret);
    let (service, client, address) = ("registry-1", "docker", "192.0.2.1");
    let new = NewRefreshToken { prefix, secret_hash: "x", subject, with: &with, service, client, at, address };
    let room = RefreshRoom { usual: 2, unused_since: at.plus_seconds(-60), most: 4 };
    fresh.store.refresh_tokens().add(&new, room).await.expect("asked")
}

#[tokio::test]
async fn only_what_is_not_used_for_long_makes_room_and_beyond_the_most_there_is_none() {
    let fresh = fresh().await;
    let (robot, [secret, _]) = robot(&fresh).await;
    let own = (Subject::Robot(robot), secret);
    for prefix in ["a", "b", "c", "d"] {
        assert!(add(&fresh, prefix, own, NOW).await, "{prefix}");
    }
    assert!(!add(&fresh, "e", own, NOW.plus_seconds(59)).await, "all are used, and there are as many as can be");
    assert!(add(&fresh, "other", (Subject::Robot(robot + 1), secret), NOW).await, "others have room of their own");
    let prefixes = async || {
        let rows = fresh.store.refresh_tokens().of_subject(own.0, 9).await.expect("listed");
        rows.into_iter().map(|row| row.prefix).collect::<Vec<_>>()
    };
    assert_eq!(prefixes().await, ["d", "c", "b", "a"]);
    assert!(add(&fresh, "f", own, NOW.plus_seconds(60)).await);
    assert_eq!(prefixes().await, ["f", "d"], "back to the usual number");
}

#[tokio::test]
async fn last_uses_are_noted_together_and_what_is_gone_is_passed_over() {
    let fresh = fresh().await;
    let (robot, [first, second]) = robot(&fresh).await;
    let subject = Subject::Robot(robot);
    assert!(add(&fresh, "a", (subject, first), NOW).await);
    let refresh = fresh.store.refresh_tokens().of_subject(subject, 9).await.expect("listed")[0].id;
    let gone = RevokeRobotSecret { robot, prefix: "bbb".into() };
    make(&fresh.store, "robot.secret.revoke", gone).await.expect("revoked");
    let noted = async |seconds| {
        let secrets = [UsedSecret::RobotSecret(second), UsedSecret::Token(9), UsedSecret::Refresh(refresh)];
        let all = secrets.into_iter().chain([UsedSecret::RobotSecret(first)]);
        let at = NOW.plus_seconds(seconds);
        let uses: Vec<_> = all.map(|secret| LastUse { secret, at, address: format!("192.0.2.{seconds}") }).collect();
        fresh.store.note_last_uses(&uses).await.expect("noted");
        let secret = fresh.store.robots().secrets(robot).await.expect("listed").remove(0);
        let refresh = fresh.store.refresh_tokens().of_subject(subject, 9).await.expect("listed").remove(0);
        ((secret.last_used, secret.last_address), (refresh.last_used, refresh.last_address))
    };
    let at = |seconds| (NOW.plus_seconds(seconds), format!("192.0.2.{seconds}"));
    let both = |seconds: i64| ((Some(at(seconds).0), at(seconds).1), at(seconds));
    assert_eq!(noted(60).await, both(60));
    assert_eq!(noted(119).await, both(60), "at most once a minute");
    assert_eq!(noted(120).await, both(120));
}
