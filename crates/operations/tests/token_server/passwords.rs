//! Passwords at the token server: taken, remembered, refused, bounded.

use crate::world::{PASSWORD, World, pair, request};
use domain::{Actor, access::BuiltIn};
use operations::{
    Settings,
    token_server::{Credentials, TokenRefusal, TokenRequest},
};
use store::SetPassword;

const PULLS: &str = "repository:team-a/app:pull";

#[tokio::test]
async fn a_password_is_good_until_it_is_changed() {
    let world = World::new().await;
    let grace = world.person("grace", BuiltIn::Reader).await;
    let given = async |password: &str| world.given(pair("Grace", password), &[PULLS]).await;
    assert_eq!((given(PASSWORD).await.as_str(), given(PASSWORD).await.as_str()), (PULLS, PULLS));
    assert_eq!(given("a harbour at high tide").await, "refused");
    assert_eq!(given("").await, "refused");
    assert_eq!(given(&"x".repeat(2_000)).await, "refused");

    let other = world.operations.add_person(&Actor::cli(), "other", Some("another harbour".into())).await;
    let other = world.operations.store().people().by_id(other.expect("made").0).await.expect("asked").expect("there");
    world.write(SetPassword { person: grace, password_hash: other.password_hash }).await;
    assert_eq!(given(PASSWORD).await, "refused", "remembered or not");
    assert_eq!(given("another harbour").await, PULLS);
}

#[tokio::test]
async fn a_registry_can_take_no_passwords() {
    let world = World::new().await;
    let grace = world.person("grace", BuiltIn::Reader).await;
    let (_, token) = world.token(grace, domain::Restriction::default(), None).await;
    world.choose("ES256", false, 120).await;
    let refused = world.issue(request(pair("grace", PASSWORD), &[PULLS])).await;
    assert!(matches!(refused, Err(TokenRefusal::Wrong { message, .. }) if message.contains("no passwords")));
    let issued = world.issue(request(pair("grace", &token), &[PULLS])).await.expect("a token is taken");
    assert_eq!((issued.scope.as_str(), issued.life), (PULLS, 120));
}

#[tokio::test]
async fn the_whole_program_can_take_no_passwords() {
    let world = World::new().await;
    let grace = world.person("grace", BuiltIn::Reader).await;
    let (_, token) = world.token(grace, domain::Restriction::default(), None).await;
    let asked = TokenRequest { offline: true, ..request(pair("grace", PASSWORD), &[]) };
    let refresh = world.issue(asked).await.expect("a token").refresh_token.expect("a refresh token");

    let off = world.beside(Settings { no_token_passwords: true, ..Settings::default() }).await;
    let mut said = Vec::new();
    for service in ["registry-1", "registry-9", ""] {
        for credentials in [
            pair("grace", PASSWORD),
            pair("grace", "a guess"),
            pair("nobody", PASSWORD),
            Credentials::Refresh(refresh.clone()),
        ] {
            let asked = TokenRequest { service: service.into(), ..request(credentials, &[PULLS]) };
            let Err(TokenRefusal::Wrong { message, .. }) = off.issue_token(&asked).await else { panic!("{service}") };
            said.push((service, message));
        }
    }
    let (of_refresh, of_passwords): (Vec<_>, Vec<_>) = said.into_iter().enumerate().partition(|(n, _)| n % 4 == 3);
    assert!(of_passwords.iter().all(|(_, (_, message))| message.contains("No passwords")), "{of_passwords:?}");
    assert!(of_refresh[0].1.1.contains("No passwords"), "nor what was made with one: {of_refresh:?}");
    let issued = off.issue_token(&request(pair("grace", &token), &[PULLS])).await.expect("a token is taken");
    assert_eq!(issued.scope, PULLS);
    assert_eq!(world.given(Credentials::Refresh(refresh), &[PULLS]).await, PULLS, "where it is on, it goes on");
    off.write_token_events().await;
    let told = world.told().await;
    let refused = told.iter().find(|one| one.target == "account grace").expect("told");
    assert_eq!(refused.why, "no passwords are taken for tokens");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_passwords_are_taken_none_costs_a_slow_hash() {
    let world = World::with(Settings { no_token_passwords: true, ..Settings::default() }).await;
    world.person("grace", BuiltIn::Reader).await;
    let mut asked = tokio::task::JoinSet::new();
    for n in 0..200 {
        let (operations, password) = (world.operations.clone(), if n % 2 == 0 { PASSWORD } else { "a guess" });
        let asks = request(pair("grace", password), &[PULLS]);
        asked.spawn(async move { operations.issue_token(&asks).await });
    }
    // With hashes most would be sent away by the queue, and the rest by the throttle.
    let wrong = |answer: &Result<_, _>| matches!(answer, Err(TokenRefusal::Wrong { .. }));
    assert!(asked.join_all().await.iter().all(wrong));
}

#[tokio::test]
async fn guessing_is_slowed_down_and_good_secrets_are_not() {
    let world = World::new().await;
    let grace = world.person("grace", BuiltIn::Reader).await;
    let (_, token) = world.token(grace, domain::Restriction::default(), None).await;
    assert_eq!(world.given(pair("grace", PASSWORD), &[PULLS]).await, PULLS);
    let mut slowed = 0;
    for n in 0..12 {
        match world.issue(request(pair("grace", &format!("guess {n}")), &[PULLS])).await {
            Err(TokenRefusal::Wrong { .. }) => {}
            Err(TokenRefusal::TooOften(seconds)) => slowed = slowed.max(seconds),
            other => panic!("{other:?}"),
        }
    }
    assert!(slowed > 0);
    assert_eq!(world.given(pair("grace", PASSWORD), &[PULLS]).await, PULLS, "it was right a short time ago");
    assert_eq!(world.given(pair("grace", &token), &[PULLS]).await, PULLS, "a secret never waits");
    let mut elsewhere = request(pair("grace", PASSWORD), &[PULLS]);
    elsewhere.stranger.address = "198.51.100.7".into();
    assert!(world.issue(elsewhere).await.is_ok(), "nobody is locked out elsewhere");

    let wrong = format!("wharfinger_{}_{}", "0".repeat(12), "0".repeat(64));
    let mut answers = Vec::new();
    for _ in 0..40 {
        answers.push(world.issue(request(pair("robot+ci", &wrong), &[])).await);
    }
    assert!(matches!(answers.first(), Some(Err(TokenRefusal::Wrong { .. }))));
    assert!(matches!(answers.last(), Some(Err(TokenRefusal::TooOften(_)))));
    assert_eq!(world.given(pair("grace", &token), &[PULLS]).await, PULLS, "however many wrong ones come from there");
    assert!(world.issue(request(Credentials::Nobody, &[])).await.is_ok());
}

#[tokio::test]
async fn wrong_secrets_slow_down_no_password() {
    let world = World::new().await;
    world.person("grace", BuiltIn::Reader).await;
    let wrong = format!("wharfinger_{}_{}", "0".repeat(12), "0".repeat(64));
    let refresh = wrong.replace("wharfinger_", "wharfinger_refresh_");
    for credentials in [pair("grace", &wrong), Credentials::Refresh(refresh)] {
        let mut last = None;
        for _ in 0..40 {
            last = Some(world.issue(request(credentials.clone(), &[])).await);
        }
        assert!(matches!(last, Some(Err(TokenRefusal::TooOften(_)))), "{last:?}");
    }
    assert_eq!(world.given(pair("grace", PASSWORD), &[PULLS]).await, PULLS, "an old secret in some script");
}

#[tokio::test]
async fn whoever_hangs_up_has_tried_all_the_same() {
    let world = World::new().await;
    world.person("grace", BuiltIn::Reader).await;
    let asked = request(pair("grace", "a guess"), &[PULLS]);
    // Each is dropped while the hash is made, which takes some times longer than this.
    let hung_up = async || tokio::time::timeout(std::time::Duration::from_millis(5), world.issue(asked.clone())).await;
    let mut slowed = false;
    for _ in 0..2_000 {
        slowed = matches!(hung_up().await, Ok(Err(TokenRefusal::TooOften(_))));
        if slowed {
            break;
        }
    }
    assert!(slowed, "tries that nobody waited for were counted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_passwords_at_once_are_sent_away_and_secrets_go_on() {
    let world = World::new().await;
    let grace = world.person("grace", BuiltIn::Reader).await;
    let (_, token) = world.token(grace, domain::Restriction::default(), None).await;
    let mut guesses = tokio::task::JoinSet::new();
    for n in 0..120 {
        let operations = world.operations.clone();
        // Each from its own address, so that only the queue bounds them.
        let mut asked = request(pair(&format!("person{n}"), "a guess"), &[PULLS]);
        asked.stranger.address = format!("198.51.100.{n}");
        guesses.spawn(async move { operations.issue_token(&asked).await });
    }
    assert_eq!(world.given(pair("grace", &token), &[PULLS]).await, PULLS);
    let answers = guesses.join_all().await;
    let busy = answers.iter().filter(|answer| matches!(answer, Err(TokenRefusal::Busy(_)))).count();
    let wrong = answers.iter().filter(|answer| matches!(answer, Err(TokenRefusal::Wrong { .. }))).count();
    assert!(busy > 0 && wrong > 0 && busy + wrong == 120, "{busy} were sent away, {wrong} were wrong");
}
