//! What the log says of tokens, and when secrets were used.

use crate::world::{NOW, World, pair, request};
use domain::{Restriction, access::BuiltIn, audit::Stage};
use operations::{
    Operations, Settings,
    audit::AuditQuery,
    token_server::{Credentials, TokenRequest},
};
use std::time::Duration;

#[tokio::test]
async fn every_grant_and_refusal_is_told_and_the_same_ones_are_counted() {
    let world = World::new().await;
    let (_, secret) = world.robot("ci", BuiltIn::Reader, None).await;
    let wanted = ["repository:team-a/app:pull,push", "repository:team-b/app:pull", "registry:catalog:*"];
    for _ in 0..3 {
        world.issue(request(pair("robot+ci", &secret), &wanted)).await.expect("a token");
    }
    world.issue(request(pair("robot+ci", &secret), &[])).await.expect("a sign-in");
    world.given(pair("robot+ci", &secret.replace("robot_", "robot_0")), &[]).await;
    world.given(pair("eve", "a guess"), &wanted).await;
    let told = world.told().await;
    let find = |act: &str, target: &str| {
        told.iter()
            .find(|one| one.act == act && one.target == target)
            .unwrap_or_else(|| panic!("{act} {target}: {told:?}"))
    };
    let partly = find("token.issue", "repository team-a/app");
    assert_eq!((partly.by.as_str(), &partly.place), ("ci", &(Some(1), Some("team-a/app".into()))));
    assert_eq!((&partly.after["times"], &partly.after["by"]), (&3.into(), &"robot secret".into()));
    assert_eq!((&partly.after["asked"], &partly.after["granted"]), (&"pull,push".into(), &"pull".into()));
    assert_eq!(find("token.refuse", "repository team-b/app").after["times"], 3);
    assert_eq!(find("token.refuse", "list of repositories").why, "no registry.catalog there");
    assert_eq!(find("token.issue", "sign-in at a registry").after["times"], 1);
    let wrong = find("token.refuse", "account eve");
    assert_eq!((wrong.by.as_str(), wrong.why.as_str()), ("anonymous", "name and password do not match"));
    find("token.refuse", "account robot+ci");
    assert!(!format!("{told:?}").contains(&secret[30..]), "no secret is told");
    assert_eq!(world.told().await.len(), told.len(), "nothing is told twice");
}

#[tokio::test]
async fn what_strangers_make_up_does_not_fill_the_log() {
    let world = World::new().await;
    for n in 0..20 {
        let names: Vec<String> = (0..50).map(|m| format!("repository:made-up/r{n}-{m}:pull")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(world.given(Credentials::Nobody, &names).await, "");
    }
    let told = world.told().await;
    let more = told.iter().find(|one| one.target.starts_with("and ")).expect("the rest in one line");
    let rest = more.after["times"].as_u64().expect("a number");
    assert_eq!(told.len() as u64 - 1 + rest, 1_000);
    assert!(told.len() <= 201, "{}", told.len());
}

#[tokio::test]
async fn what_some_make_up_hides_nothing_of_others() {
    let world = World::new().await;
    let (_, secret) = world.robot("ci", BuiltIn::Reader, None).await;
    let (_, other) = world.robot("other", BuiltIn::Reader, None).await;
    for n in 0..300 {
        let mut asked = request(Credentials::Nobody, &[]);
        asked.stranger.agent = format!("agent {n}");
        world.issue(asked).await.expect("a token for nothing");
    }
    for n in 0..40 {
        let names: Vec<String> = (0..60).map(|m| format!("repository:made-up/r{n}-{m}:pull")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        world.issue(request(Credentials::Nobody, &names)).await.expect("a token for nothing");
        world.issue(request(pair("robot+ci", &secret), &names)).await.expect("a token for nothing");
        if n < 10 {
            world.given(pair(&format!("guess{n}"), "a guess"), &[]).await;
        }
    }
    world.issue(request(pair("robot+other", &other), &["repository:team-a/app:pull"])).await.expect("a token");
    let told = world.told().await;
    let of = |by: &str| told.iter().filter(|one| one.by == by).collect::<Vec<_>>();
    let rest = |by: &str| {
        let rest = of(by).into_iter().find(|one| one.target.starts_with("and ")).expect("the rest in one line");
        rest.after["times"].as_u64().expect("a number")
    };
    assert_eq!((of("ci").len(), rest("ci")), (1_001, 1_400));
    assert_eq!((of("other").len(), of("other")[0].target.as_str()), (1, "repository team-a/app"));
    let strangers = of("anonymous");
    let guesses = strangers.iter().filter(|one| one.target.starts_with("account ")).count();
    assert_eq!((strangers.len() - guesses, rest("anonymous")), (201, 2_401 - 200));
    assert!(guesses > 5, "guesses are told whatever else strangers ask: {guesses}");
    let sign_in = strangers.iter().find(|one| one.target == "sign-in at a registry").expect("in one line");
    assert_eq!(sign_in.after["times"], 300, "whatever they call themselves");
}

#[tokio::test]
async fn a_secret_that_is_typed_as_a_name_is_not_told() {
    let world = World::new().await;
    let (_, secret) = world.robot("ci", BuiltIn::Reader, None).await;
    for name in [secret.clone(), secret.to_uppercase(), format!(" {}", &secret[..40])] {
        world.given(pair(&name, "x"), &[]).await;
    }
    let told = world.told().await;
    assert!(told.iter().any(|one| one.target == "account a secret typed as a name"), "{told:?}");
    assert!(!format!("{told:?}").to_lowercase().contains(&secret[17..30]), "{told:?}");
    assert!(!format!("{:?}", pair(&secret, "x")).contains(&secret[17..30]));
}

#[tokio::test]
async fn the_last_use_of_a_secret_is_noted_and_where() {
    let world = World::new().await;
    let grace = world.person("grace", BuiltIn::Reader).await;
    let (_, token) = world.token(grace, Restriction::default(), None).await;
    let (robot, secret) = world.robot("ci", BuiltIn::Reader, None).await;
    for credentials in [pair("grace", &token), pair("robot+ci", &secret)] {
        let asked = TokenRequest { offline: true, ..request(credentials, &["repository:team-a/app:pull"]) };
        world.issue(asked).await.expect("a token");
    }
    let store = world.operations.store();
    assert_eq!(store.tokens().of_person(grace).await.expect("asked")[0].last_used, None, "no pull waits for a write");
    world.operations.write_token_events().await;
    let token = &store.tokens().of_person(grace).await.expect("asked")[0];
    let secret = &store.robots().secrets(robot).await.expect("asked")[0];
    let now = Some(world.operations.now());
    assert_eq!((token.last_used, token.last_address.as_str()), (now, "192.0.2.1"));
    assert_eq!((secret.last_used, secret.last_address.as_str()), (now, "192.0.2.1"));
}

/// What the log says is missing, the oldest first.
async fn missing(world: &World, operations: &Operations) -> Vec<String> {
    let query = AuditQuery { act: "audit.gap".into(), ..AuditQuery::default() };
    let page = operations.audit(&world.ada().await, &query).await.expect("the log");
    assert!(page.entries.iter().all(|entry| entry.entry.stage == Stage::Gap));
    page.entries.into_iter().rev().map(|entry| entry.detail.unwrap_or_default()).collect()
}

fn gap(from: i64, to: i64) -> String {
    let (from, to) = (NOW.plus_seconds(from).rfc3339(), NOW.plus_seconds(to).rfc3339());
    format!("token events from {from} to {to} may be missing: the program ended before it could write them")
}

#[tokio::test]
async fn a_program_that_is_killed_is_told_of_by_the_next_with_what_may_be_missing() {
    const SETTLE: Duration = Duration::from_secs(20);
    let world = World::new().await;
    let asks = async |operations: &Operations| {
        operations.issue_token(&request(Credentials::Nobody, &[])).await.expect("a token for nothing");
    };
    world.operations.start_token_server().await.expect("started");
    assert!(missing(&world, &world.operations).await.is_empty(), "nobody was killed before");
    asks(&world.operations).await;
    world.clock.advance(60);
    world.operations.write_token_events().await;
    asks(&world.operations).await;
    world.clock.advance(30);

    // As good as killed: it writes nothing more, and the next one takes its place.
    let next = world.beside(Settings::default()).await;
    next.start_token_server().await.expect("started");
    assert_eq!(missing(&world, &next).await, [gap(60, 90)], "from the last writing on");
    world.clock.advance(30);
    asks(&next).await;
    assert!(next.stop_token_server(SETTLE).await, "in good order");

    let third = world.beside(Settings::default()).await;
    third.start_token_server().await.expect("started");
    assert_eq!(missing(&world, &third).await.len(), 1, "who ends in good order leaves nothing out");
    world.clock.advance(300);
    let fourth = world.beside(Settings::default()).await;
    fourth.start_token_server().await.expect("started");
    assert_eq!(missing(&world, &fourth).await, [gap(60, 90), gap(120, 420)], "each is told once");
    assert!(fourth.stop_token_server(SETTLE).await);
}

#[tokio::test]
async fn a_command_beside_the_program_holds_nothing_back() {
    let world = World::new().await;
    let command = world.beside(Settings::default()).await;
    command.issue_token(&request(Credentials::Nobody, &[])).await.expect("a token for nothing");
    command.write_token_events().await;
    world.operations.start_token_server().await.expect("started");
    assert!(missing(&world, &world.operations).await.is_empty());
}
