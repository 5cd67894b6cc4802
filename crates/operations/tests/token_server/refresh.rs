//! Refresh tokens: given where they are asked for, good for one registry and one subject, and no longer than what they
//! were made with.

use crate::world::{PASSWORD, World, pair, request};
use domain::{
    Actor, ActorKind, Restriction,
    access::{BuiltIn, Subject},
};
use operations::token_server::{Credentials, TokenRefusal, TokenRequest};
use store::{RevokeGrant, RevokeRobotSecret, RevokeToken, SetDisabled, SetPassword};

const PULLS: &str = "repository:team-a/app:pull";

async fn offline(world: &World, credentials: Credentials) -> String {
    let asked = TokenRequest { offline: true, client: "docker".into(), ..request(credentials, &[]) };
    let refresh = world.issue(asked).await.expect("a token").refresh_token.expect("a refresh token");
    assert!(refresh.starts_with("wharfinger_refresh_"), "{refresh}");
    refresh
}

async fn refreshed(world: &World, text: &str) -> String {
    world.given(Credentials::Refresh(text.to_owned()), &[PULLS]).await
}

async fn person(world: &World, name: &str) -> Actor {
    let person = world.operations.store().people().by_name(name).await.expect("asked").expect("there");
    let actor = Actor { kind: ActorKind::Person, id: person.id, name: person.name, ..Actor::anonymous("", "", "") };
    world.operations.with_rights(actor).await.expect("rights")
}

#[tokio::test]
async fn each_ends_with_what_it_was_made_with() {
    let world = World::new().await;
    let grace = world.person("grace", BuiltIn::Reader).await;
    let (prefix, token) = world.token(grace, Restriction::default(), None).await;
    let (robot, secret) = world.robot("ci", BuiltIn::Reader, None).await;
    let by_password = offline(&world, pair("grace", PASSWORD)).await;
    let by_token = offline(&world, pair("grace", &token)).await;
    let by_secret = offline(&world, pair("robot+ci", &secret)).await;
    for text in [&by_password, &by_token, &by_secret] {
        assert_eq!(refreshed(&world, text).await, PULLS);
    }
    world.write(RevokeToken { person: grace, prefix }).await;
    assert_eq!(
        (refreshed(&world, &by_token).await.as_str(), refreshed(&world, &by_password).await.as_str()),
        ("refused", PULLS)
    );

    let prefix = secret.trim_start_matches("wharfinger_robot_")[..12].to_owned();
    world.write(RevokeRobotSecret { robot, prefix }).await;
    assert_eq!(refreshed(&world, &by_secret).await, "refused");

    world.write(SetDisabled { person: grace, disabled: true }).await;
    assert_eq!(refreshed(&world, &by_password).await, "refused");
    world.write(SetDisabled { person: grace, disabled: false }).await;
    assert_eq!(refreshed(&world, &by_password).await, "refused", "it ended for good");

    let by_password = offline(&world, pair("grace", PASSWORD)).await;
    assert_eq!(refreshed(&world, &by_password).await, PULLS);
    world.write(SetPassword { person: grace, password_hash: "another".into() }).await;
    assert_eq!(refreshed(&world, &by_password).await, "refused");
}

#[tokio::test]
async fn one_is_good_for_its_registry_and_ends_unused_and_makes_no_other() {
    let world = World::new().await;
    world.person("grace", BuiltIn::Reader).await;
    let text = offline(&world, pair("grace", PASSWORD)).await;
    let asked = TokenRequest { offline: true, ..request(Credentials::Refresh(text.clone()), &[PULLS]) };
    let issued = world.issue(asked.clone()).await.expect("a token");
    assert_eq!((issued.scope.as_str(), issued.refresh_token), (PULLS, None));
    let elsewhere = TokenRequest { service: "registry-2".into(), ..asked };
    assert!(matches!(world.issue(elsewhere).await, Err(TokenRefusal::Wrong { .. })));
    assert_eq!(world.given(pair("grace", &text), &[PULLS]).await, "refused", "it is no password");
    for wrong in ["", "wharfinger_refresh_", &text[..text.len() - 1], &text.replace("_refresh_", "_")] {
        assert_eq!(refreshed(&world, wrong).await, "refused", "{wrong}");
    }

    world.clock.advance(80 * 86_400);
    assert_eq!(refreshed(&world, &text).await, PULLS);
    world.operations.write_token_events().await;
    world.clock.advance(89 * 86_400);
    assert_eq!(refreshed(&world, &text).await, PULLS, "use keeps it");
    world.operations.write_token_events().await;
    world.clock.advance(90 * 86_400);
    assert_eq!(refreshed(&world, &text).await, "refused", "three months of nothing end it");
    assert_eq!(world.operations.remove_idle_refresh_tokens().await.expect("removed"), 1);
}

#[tokio::test]
async fn people_see_and_end_their_own_and_nobody_else_s() {
    let world = World::new().await;
    let id = world.person("grace", BuiltIn::Reader).await;
    world.person("eve", BuiltIn::Reader).await;
    let text = offline(&world, pair("grace", PASSWORD)).await;
    let (grace, eve, ada) = (person(&world, "grace").await, person(&world, "eve").await, world.ada().await);
    let subject = Subject::Person(id);
    let rows = world.operations.refresh_tokens(&grace, subject).await.expect("her own");
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.registry.as_str(), row.client.as_str(), &row.made_with), ("harbour", "docker", &None));
    assert_eq!(world.operations.refresh_tokens(&ada, subject).await.expect("who manages people").len(), 1);

    assert!(world.operations.refresh_tokens(&eve, subject).await.is_err());
    assert!(world.operations.revoke_refresh_token(&eve, subject, row.id).await.is_err());
    let missing = world.operations.revoke_refresh_token(&eve, Subject::Person(eve.id), row.id).await;
    assert!(missing.is_err(), "by another name it is not there");
    assert_eq!(refreshed(&world, &text).await, PULLS);

    world.operations.revoke_refresh_token(&grace, subject, row.id).await.expect("ended");
    assert_eq!(refreshed(&world, &text).await, "refused");
    assert!(world.operations.revoke_refresh_token(&grace, subject, row.id).await.is_err(), "once");
    let log = world.operations.audit(&ada, &operations::audit::AuditQuery::default()).await.expect("the log");
    let acts: Vec<_> = log.entries.iter().filter(|entry| entry.entry.act == "refresh-token.revoke").collect();
    assert!(acts.iter().any(|entry| entry.outcome.as_str() == "done"), "{acts:?}");
    assert!(acts.iter().any(|entry| entry.outcome.as_str() == "refused"), "{acts:?}");
}

#[tokio::test]
async fn a_busy_robot_logs_itself_out_nowhere_and_what_nobody_uses_makes_room() {
    let world = World::new().await;
    let (robot, secret) = world.robot("ci", BuiltIn::Reader, None).await;
    let mut all = Vec::new();
    for _ in 0..150 {
        world.clock.advance(1);
        all.push(offline(&world, pair("robot+ci", &secret)).await);
    }
    for text in &all {
        assert_eq!(refreshed(&world, text).await, PULLS);
    }
    let listed = async || {
        let rows = world.operations.refresh_tokens(&world.ada().await, Subject::Robot(robot)).await;
        rows.expect("the robot's").len()
    };
    assert_eq!(listed().await, 150);

    world.clock.advance(5 * 86_400);
    assert_eq!(refreshed(&world, &all[100]).await, PULLS);
    world.operations.write_token_events().await;
    world.clock.advance(3 * 86_400);
    let last = offline(&world, pair("robot+ci", &secret)).await;
    assert_eq!(listed().await, 100, "back to the usual number");
    assert_eq!(refreshed(&world, &all[100]).await, PULLS, "three days ago it was used");
    assert_eq!(refreshed(&world, &all[101]).await, "refused", "eight days ago it was made, and not used since");
    assert_eq!((refreshed(&world, &all[149]).await.as_str(), refreshed(&world, &last).await.as_str()), (PULLS, PULLS));
}

#[tokio::test]
async fn a_registry_that_takes_no_passwords_takes_nothing_made_with_one() {
    let world = World::new().await;
    let grace = world.person("grace", BuiltIn::Reader).await;
    let (_, token) = world.token(grace, Restriction::default(), None).await;
    let by_password = offline(&world, pair("grace", PASSWORD)).await;
    let by_token = offline(&world, pair("grace", &token)).await;
    world.choose("ES256", false, 120).await;
    let refused = world.issue(request(Credentials::Refresh(by_password.clone()), &[PULLS])).await;
    assert!(matches!(refused, Err(TokenRefusal::Wrong { message, .. }) if message.contains("no passwords")));
    assert_eq!(refreshed(&world, &by_token).await, PULLS);
    world.choose("ES256", true, 120).await;
    assert_eq!(refreshed(&world, &by_password).await, PULLS, "as the registry is set up now");
}

#[tokio::test]
async fn where_one_may_see_nothing_there_is_no_refresh_token_and_no_name() {
    let world = World::new().await;
    let (person, _) = world.operations.add_person(&Actor::cli(), "eve", Some(PASSWORD.into())).await.expect("made");
    let refresh = async |credentials| {
        let asked = TokenRequest { offline: true, ..request(credentials, &[PULLS]) };
        world.issue(asked).await.expect("a token").refresh_token
    };
    assert_eq!(refresh(pair("eve", PASSWORD)).await, None);
    let grace = world.person("grace", BuiltIn::Reader).await;
    assert!(refresh(pair("grace", PASSWORD)).await.is_some());
    let (_, elsewhere) = world.token(grace, Restriction::new([], Some(7), None), None).await;
    assert_eq!(refresh(pair("grace", &elsewhere)).await, None, "the token is for another registry");

    let id = world.grant(Subject::Person(person), BuiltIn::Reader, None, None).await;
    assert!(refresh(pair("eve", PASSWORD)).await.is_some());
    let registry = async || {
        let rows = world.operations.refresh_tokens(&self::person(&world, "eve").await, Subject::Person(person)).await;
        rows.expect("hers").first().expect("one").registry.clone()
    };
    assert_eq!(registry().await, "harbour");
    let authority = world.operations.authority().await.expect("authority");
    let held = authority.grants_of(Subject::Person(person));
    let was = held.iter().find(|grant| grant.id == id).expect("its grant").as_ref().clone();
    world.write(RevokeGrant { was, seen: None }).await;
    assert_eq!(registry().await, "registry-1");
}

#[tokio::test]
async fn a_rush_of_sign_ins_waits_for_no_refresh_token() {
    let world = World::new().await;
    let (_, secret) = world.robot("ci", BuiltIn::Reader, None).await;
    let asked = TokenRequest { offline: true, ..request(pair("robot+ci", &secret), &[PULLS]) };
    let rush = (0..12).map(|_| world.issue(asked.clone()));
    let given: Vec<_> =
        futures_util::future::join_all(rush).await.into_iter().map(|one| one.expect("a token")).collect();
    assert!(given.iter().all(|one| one.scope == PULLS), "everybody gets a token");
    let kept = given.iter().filter_map(|one| one.refresh_token.as_ref()).count();
    assert!((1..12).contains(&kept), "{kept} were kept, and the rest was not waited for");
    assert!(world.issue(asked).await.expect("a token").refresh_token.is_some(), "there are turns again");
}
