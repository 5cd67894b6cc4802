//! The keys that sign: made at first need, rotated without a gap, published to everybody.

use crate::world::{World, claims, kid, request};
use domain::{Actor, access::BuiltIn};
use operations::{
    Kind,
    audit::AuditQuery,
    token_keys::{Algorithm, KeyState},
    token_server::Credentials,
};
use store::{Store, StoreOptions};

fn certificates(bundle: &str) -> usize {
    bundle.matches("BEGIN CERTIFICATE").count()
}

async fn signed_by(world: &World) -> String {
    kid(&world.issue(request(Credentials::Nobody, &[])).await.expect("a token").token)
}

async fn bundle(world: &World, algorithm: Option<Algorithm>) -> Option<String> {
    world.operations.token_certificates(algorithm).await.expect("certificates")
}

#[tokio::test]
async fn the_next_key_is_published_before_it_signs_and_the_last_one_after() {
    let world = World::new().await;
    let ada = world.ada().await;
    let before = bundle(&world, None).await.expect("made at first need");
    assert_eq!(certificates(&before), 2, "the one that signs and the next one");
    let first = signed_by(&world).await;
    let keys = world.operations.signing_keys(&ada).await.expect("the keys");
    let [es256] = keys.as_slice() else { panic!("{keys:?}") };
    assert_eq!((es256.algorithm, es256.registries), (Algorithm::Es256, 1));
    assert_eq!(es256.keys[0].kid, first);
    assert!(es256.keys.iter().all(|key| key.published && key.readable && !key.ends_soon));
    let next = es256.keys.iter().find(|key| key.state == KeyState::Next).expect("a next one").kid.clone();

    world.operations.rotate_signing_key(&ada, "ES256", None).await.expect("rotated");
    assert_eq!(signed_by(&world).await, next, "at once");
    let after = bundle(&world, None).await.expect("certificates");
    assert_eq!(certificates(&after), 3);
    assert!(
        before.split_inclusive("-----END CERTIFICATE-----\n").all(|one| after.contains(one)),
        "nothing is missing yet"
    );

    world.clock.advance(86_400 + 300);
    let later = bundle(&world, None).await.expect("certificates");
    assert_eq!(certificates(&later), 2, "what the first one signed has ended everywhere");
    let jwks: serde_json::Value =
        serde_json::from_str(&world.operations.token_jwks().await.expect("a set")).expect("JSON");
    assert!(jwks["keys"].as_array().is_some_and(|keys| keys.iter().any(|key| key["kid"] == next.as_str())));
    assert!(!jwks.to_string().contains(&first));
    let shown = world.operations.signing_keys(&ada).await.expect("the keys");
    assert!(shown[0].keys.iter().any(|key| key.kid == first && key.state == KeyState::Retired && !key.published));
}

#[tokio::test]
async fn only_who_manages_registries_may_rotate_and_each_rotation_is_told() {
    let world = World::new().await;
    let ada = world.ada().await;
    let id = world.person("grace", BuiltIn::Maintainer).await;
    let grace = Actor { id, name: "grace".into(), ..ada.clone() };
    let grace = world.operations.with_rights(grace).await.expect("rights");
    let none = world.operations.rotate_signing_key(&ada, "ES256", None).await.expect_err("there are none yet");
    assert_eq!(none.kind, Kind::Conflict);
    let first = signed_by(&world).await;
    assert!(world.operations.rotate_signing_key(&grace, "ES256", None).await.is_err());
    assert!(world.operations.signing_keys(&grace).await.is_err());
    assert!(world.operations.rotate_signing_key(&ada, "HS256", None).await.is_err());
    assert_eq!(signed_by(&world).await, first);
    world.operations.rotate_signing_key(&ada, "ES256", None).await.expect("rotated");
    let keys = world.operations.signing_keys(&ada).await.expect("keys");
    let current = keys[0].keys[0].kid.clone();
    world.operations.rotate_signing_key(&ada, "ES256", Some(&current)).await.expect("and again");
    let twice = world.operations.rotate_signing_key(&ada, "ES256", Some(&current)).await.expect_err("sent twice");
    assert_eq!(twice.kind, Kind::Conflict, "a form that is sent twice rotates once");
    let log = world.operations.audit(&ada, &AuditQuery::default()).await.expect("the log");
    let of = |act: &str, outcome: &str| {
        log.entries.iter().filter(|entry| entry.entry.act == act && entry.outcome.as_str() == outcome).count()
    };
    assert!(of("key.rotate", "done") >= 2 && of("key.rotate", "refused") == 1 && of("key.create", "done") >= 1);
    assert!(!format!("{log:?}").contains("PRIVATE"));
}

#[tokio::test]
async fn a_rotation_from_the_command_line_shows_within_a_second_and_a_restart_changes_nothing() {
    let world = World::new().await;
    let first = signed_by(&world).await;
    let data_dir = world.operations.store().data_dir().to_owned();
    let beside =
        Store::open_beside(&StoreOptions { data_dir, now: world.operations.now() }).await.expect("a second one");
    let clock = operations::Clock::standing(world.operations.now());
    let beside = operations::Operations::new(beside, clock, operations::Settings::default()).expect("operations");
    let again = beside.issue_token(&request(Credentials::Nobody, &[])).await.expect("a token");
    assert_eq!(kid(&again.token), first, "another process signs with the same key");
    beside.rotate_signing_key(&Actor::cli(), "ES256", None).await.expect("rotated");
    let rotated = std::time::Instant::now();
    while signed_by(&world).await == first {
        assert!(rotated.elapsed() < std::time::Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn each_registry_has_its_algorithm_and_the_usual_bundle_is_read_by_all() {
    let world = World::new().await;
    assert_eq!(bundle(&world, Some(Algorithm::EdDsa)).await, None, "no stranger makes keys");
    world.choose("EdDSA", true, 60).await;
    let issued = world.issue(request(Credentials::Nobody, &[])).await.expect("a token");
    let head = issued.token.split('.').next().expect("three parts");
    let head = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, head).expect("base64");
    assert!(String::from_utf8_lossy(&head).contains("EdDSA"));
    assert_eq!(claims(&issued.token)["exp"].as_i64().map(|at| at - world.operations.now().seconds()), Some(60));
    let own = bundle(&world, Some(Algorithm::EdDsa)).await.expect("its own");
    let usual = bundle(&world, None).await.expect("the usual one");
    assert_eq!((certificates(&own), certificates(&usual)), (2, 2));
    assert!(
        own.split_inclusive("-----END CERTIFICATE-----\n").all(|one| !usual.contains(one)),
        "2.8 would not start with it"
    );
}

#[tokio::test]
async fn keys_that_can_t_be_unsealed_are_replaced_by_a_rotation() {
    let world = World::new().await;
    let first = signed_by(&world).await;
    let (from, folder) = (world.operations.store().data_dir().to_owned(), tempfile::tempdir().expect("a folder"));
    // The records without their key file, as after a restore that forgot it.
    world.operations.backup(&Actor::cli(), &folder.path().join("copy")).await.expect("copied");
    let data_dir = folder.path().join("data");
    std::fs::create_dir(&data_dir).expect("a folder");
    std::fs::rename(folder.path().join("copy"), data_dir.join("wharfinger.db")).expect("moved");
    assert!(from.join("wharfinger.key").exists());
    let store = Store::open(&StoreOptions { data_dir, now: world.operations.now() }).await.expect("it starts");
    let clock = operations::Clock::standing(world.operations.now());
    let lost = operations::Operations::new(store, clock, operations::Settings::default()).expect("operations");
    lost.start_token_server().await.expect("it starts all the same");
    assert!(lost.issue_token(&request(Credentials::Nobody, &[])).await.is_err());
    let keys = lost.signing_keys(&Actor::cli()).await.expect("the keys");
    assert!(keys[0].keys.iter().all(|key| !key.readable));
    lost.rotate_signing_key(&Actor::cli(), "ES256", None).await.expect("replaced");
    let token = lost.issue_token(&request(Credentials::Nobody, &[])).await.expect("a token").token;
    assert_ne!(kid(&token), first);
    let keys = lost.signing_keys(&Actor::cli()).await.expect("the keys");
    assert_eq!(keys[0].keys.iter().filter(|key| key.state == KeyState::Retired).count(), 2);
    assert!(lost.stop_token_server(std::time::Duration::from_secs(5)).await);
}
