//! Who asks, for what, and what they get.

use crate::world::{NOW, SERVICE, World, claims, pair, request};
use domain::{
    Actor, Permission, Restriction,
    access::{BuiltIn, Subject},
};
use operations::{
    Settings,
    token_server::{Credentials, TokenRefusal, TokenRequest},
};
use store::{RevokeGrant, RevokeRobotSecret, RevokeToken, SetDisabled, SetRobotDisabled};

const ALL: &[&str] = &["repository:team-a/app:pull,push,delete", "repository:team-b/app:pull", "registry:catalog:*"];
const WRITES: &str = "repository:team-a/app:pull,push";

#[tokio::test]
async fn each_role_gives_what_it_gives_by_every_kind_of_secret() {
    let world = World::new().await;
    for (role, expected) in [
        (BuiltIn::Viewer, ""),
        (BuiltIn::Reader, "repository:team-a/app:pull"),
        (BuiltIn::Writer, WRITES),
        (BuiltIn::Maintainer, "repository:team-a/app:pull,push,delete"),
    ] {
        let name = domain::access::RoleId::BuiltIn(role).to_string();
        let person = world.person(&name, role).await;
        let (_, token) = world.token(person, Restriction::default(), None).await;
        let (_, secret) = world.robot(&name, role, None).await;
        assert_eq!(world.given(pair(&name, &token), ALL).await, expected, "{name} by a token");
        assert_eq!(world.given(pair(&format!("robot+{name}"), &secret), ALL).await, expected, "{name} as a robot");
    }
    assert_eq!(
        world.given(pair("maintainer", crate::world::PASSWORD), ALL).await,
        "repository:team-a/app:pull,push,delete"
    );
    assert_eq!(world.given(Credentials::Nobody, ALL).await, "");
    world.grant(Subject::Anonymous, BuiltIn::Reader, Some("team-b/*"), None).await;
    assert_eq!(world.given(Credentials::Nobody, ALL).await, "repository:team-b/app:pull");
}

#[tokio::test]
async fn a_token_says_whom_it_is_for_and_what_and_how_long() {
    let world = World::new().await;
    let (_, secret) = world.robot("ci", BuiltIn::Writer, None).await;
    let issued = world.issue(request(pair("robot+ci", &secret), &[WRITES])).await.expect("a token");
    let said = claims(&issued.token);
    let access = serde_json::json!([{ "type": "repository", "name": "team-a/app", "actions": ["pull", "push"] }]);
    assert_eq!(said["sub"], "robot+ci");
    assert_eq!((&said["iss"], &said["aud"], &said["access"]), (&"wharfinger".into(), &SERVICE.into(), &access));
    assert_eq!(said["exp"].as_i64(), Some(NOW.seconds() + 300));
    assert_eq!((issued.life, issued.issued), (300, NOW));

    let stranger = world.issue(request(Credentials::Nobody, &[])).await.expect("a token");
    assert_eq!(claims(&stranger.token)["sub"], "");
    let other = world.issue(request(Credentials::Nobody, &[])).await.expect("a token");
    assert_ne!(claims(&stranger.token)["jti"], claims(&other.token)["jti"]);

    let settings = Settings { public_url: Some("https://wharf.example/x".into()), ..Settings::default() };
    let public = World::with(settings).await;
    let issued = public.issue(request(Credentials::Nobody, &[])).await.expect("a token");
    assert_eq!(claims(&issued.token)["iss"], "https://wharf.example/x");
}

#[tokio::test]
async fn a_service_that_is_none_of_ours_grants_nothing() {
    let world = World::new().await;
    let (_, secret) = world.robot("ci", BuiltIn::Maintainer, None).await;
    for service in ["", "registry-2", "registry-01", "harbour", "registry-1\u{0}", "REGISTRY-1"] {
        let asked = TokenRequest { service: service.into(), offline: true, ..request(pair("robot+ci", &secret), ALL) };
        let issued = world.issue(asked).await.expect("never an error");
        assert_eq!((issued.scope.as_str(), &issued.refresh_token), ("", &None), "{service}");
        assert_eq!(claims(&issued.token)["aud"], "", "{service} is not repeated");
    }
    world.write(store::RemoveRegistry { id: 1, version: 1, by: "ada".into() }).await;
    assert_eq!(world.given(pair("robot+ci", &secret), ALL).await, "", "a registry that is removed is none");
}

#[tokio::test]
async fn wrong_secrets_and_names_are_refused() {
    let world = World::new().await;
    let person = world.person("grace", BuiltIn::Writer).await;
    let (_, token) = world.token(person, Restriction::default(), None).await;
    let (_, secret) = world.robot("ci", BuiltIn::Writer, None).await;
    let other = |text: &str| format!("{}{}", &text[..text.len() - 1], if text.ends_with('0') { '1' } else { '0' });
    for credentials in [
        pair("grace", &other(&token)),
        pair("robot+ci", &other(&secret)),
        pair("ada", &token),
        pair("robot+ci", &token),
        pair("grace", &secret),
        pair("ci", &secret),
        pair("robot+ci", "a password"),
        pair("grace", &token.replace("wharfinger_", "wharfinger_robot_")),
        pair("grace", &token.replace("wharfinger_", "wharfinger_refresh_")),
        pair("grace\0", "x"),
        Credentials::Unreadable,
    ] {
        assert_eq!(world.given(credentials.clone(), &[WRITES]).await, "refused", "{credentials:?}");
    }
    assert_eq!(world.given(pair("GRACE", &token), &[WRITES]).await, WRITES, "people's names are of any case");
    assert_eq!(world.given(pair("", &token), &[WRITES]).await, WRITES, "the secret alone says who it is");
    let mut asked = request(pair("grace", &token), &[WRITES]);
    asked.account = Some("grace".into());
    assert!(world.issue(asked.clone()).await.is_ok());
    let mut robot = request(pair("robot+ci", &secret), &[WRITES]);
    robot.account = Some("robot ci".into());
    assert!(world.issue(robot).await.is_ok(), "a plus that was not encoded");
    asked.account = Some("ada".into());
    assert!(matches!(world.issue(asked).await, Err(TokenRefusal::Wrong { .. })), "an account that contradicts");
}

#[tokio::test]
async fn what_ends_is_seen_by_the_very_next_request() {
    let world = World::new().await;
    let grace = world.person("grace", BuiltIn::Writer).await;
    let (prefix, token) = world.token(grace, Restriction::default(), None).await;
    let (_, kept) = world.token(grace, Restriction::new([Permission::RepositoryPull], None, None), None).await;
    let (robot, first) = world.robot("ci", BuiltIn::Writer, None).await;
    let second = world.robot_secret(robot, "second", None).await;
    let by_token = async || world.given(pair("grace", &token), &[WRITES]).await;
    let by_kept = async || world.given(pair("grace", &kept), &[WRITES]).await;
    let by_first = async || world.given(pair("robot+ci", &first), &[WRITES]).await;
    let by_second = async || world.given(pair("robot+ci", &second), &[WRITES]).await;
    assert_eq!(
        (by_token().await.as_str(), by_first().await.as_str(), by_second().await.as_str()),
        (WRITES, WRITES, WRITES)
    );

    world.write(RevokeToken { person: grace, prefix }).await;
    assert_eq!(by_token().await, "refused");
    assert_eq!(by_kept().await, "repository:team-a/app:pull", "the other one goes on");

    let gone = first.trim_start_matches("wharfinger_robot_")[..12].to_owned();
    world.write(RevokeRobotSecret { robot, prefix: gone }).await;
    assert_eq!((by_first().await.as_str(), by_second().await.as_str()), ("refused", WRITES), "rotated without a pause");

    world.write(SetRobotDisabled { robot, disabled: true }).await;
    assert_eq!(by_second().await, "refused");
    world.write(SetRobotDisabled { robot, disabled: false }).await;
    assert_eq!(by_second().await, WRITES);

    let authority = world.operations.authority().await.expect("authority");
    let grant = authority.grants_of(Subject::Robot(robot)).first().expect("its grant").as_ref().clone();
    world.write(RevokeGrant { was: grant, seen: None }).await;
    assert_eq!(by_second().await, "", "known, with nothing granted");

    world.write(SetDisabled { person: grace, disabled: true }).await;
    assert_eq!(by_kept().await, "refused");
    assert_eq!(world.given(pair("grace", crate::world::PASSWORD), &[WRITES]).await, "refused");
}

#[tokio::test]
async fn everything_ends_at_its_time() {
    let world = World::new().await;
    let at = Some(NOW.plus_seconds(60));
    let grace = world.person("grace", BuiltIn::Reader).await;
    let (_, token) = world.token(grace, Restriction::default(), at).await;
    let (_, lasting) = world.token(grace, Restriction::default(), None).await;
    world.grant(Subject::Person(grace), BuiltIn::Writer, Some("team-a/*"), at).await;
    let (_, of_robot) = world.robot("short", BuiltIn::Writer, at).await;
    let (robot, _) = world.robot("long", BuiltIn::Writer, None).await;
    let secret = world.robot_secret(robot, "short", at).await;
    let given = async || {
        let all = [("grace", &token), ("grace", &lasting), ("robot+short", &of_robot), ("robot+long", &secret)];
        let mut given = Vec::new();
        for (name, secret) in all {
            given.push(world.given(pair(name, secret), &[WRITES]).await);
        }
        given
    };
    world.clock.advance(59);
    assert_eq!(given().await, [WRITES; 4]);
    world.clock.advance(1);
    assert_eq!(given().await, ["refused", "repository:team-a/app:pull", "refused", "refused"]);
}

#[tokio::test]
async fn a_restriction_is_intersected_with_what_is_granted_now() {
    let world = World::new().await;
    let grace = world.person("grace", BuiltIn::Maintainer).await;
    world.grant(Subject::Person(grace), BuiltIn::Reader, Some("team-b/*"), None).await;
    let everywhere = ["repository:team-a/app:pull,push,delete", "repository:team-b/app:pull,push"];
    let pattern = || Some("team-b/*".parse().expect("a pattern"));
    for (restriction, expected) in [
        (Restriction::default(), "repository:team-a/app:pull,push,delete repository:team-b/app:pull"),
        (Restriction::new([], None, pattern()), "repository:team-b/app:pull"),
        (
            // Who may push may pull.
            Restriction::new([Permission::RepositoryPush], None, None),
            "repository:team-a/app:pull,push repository:team-b/app:pull",
        ),
        (Restriction::new([], Some(7), None), ""),
    ] {
        let (_, token) = world.token(grace, restriction.clone(), None).await;
        assert_eq!(world.given(pair("grace", &token), &everywhere).await, expected, "{restriction:?}");
    }
}

#[tokio::test]
async fn hostile_requests_get_a_token_for_nothing() {
    let world = World::new().await;
    let (_, secret) = world.robot("ci", BuiltIn::Maintainer, None).await;
    let long = "repository:team-a/app:pull ".repeat(40_000);
    let many: Vec<String> = (0..10_000).map(|n| format!("repository:team-a/r{n}:pull")).collect();
    for (scopes, most) in [
        (vec![long.as_str()], 1),
        (many.iter().map(String::as_str).collect(), 64),
        (vec!["repository:team-a/app\0:pull", "repository:../../etc:pull", "repository:team-a/*:pull", "\u{202e}"], 0),
        (vec!["repository:TEAM-A/APP:pull", "repository::pull", ":::", "repository:team-a/app:"], 0),
    ] {
        let issued = world.issue(request(pair("robot+ci", &secret), &scopes)).await.expect("a token");
        assert_eq!(claims(&issued.token)["access"].as_array().map(Vec::len), Some(most));
        assert!(issued.token.len() < 32 * 1024, "{}", issued.token.len());
    }
    let stranger = Actor::anonymous("192.0.2.1", &"x".repeat(1 << 20), "r-1");
    let asked = TokenRequest { stranger, account: Some("y".repeat(1 << 20)), ..request(Credentials::Nobody, &[]) };
    assert!(world.issue(asked).await.is_ok());
}
