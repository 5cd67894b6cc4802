//! The overview and the rail.

use crate::world::{World, image, query};
use domain::{
    Actor, Connection, Permission, Restriction, Trust, Via,
    probe::{Ability, Capabilities, Finding, ProbeReport, Tone, Topic},
};
use operations::{
    Kind, Operations,
    overview::{Attention, Risk, Way},
};

#[tokio::test]
async fn the_overview_counts_what_is_known_and_names_the_newest() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 3, 100);
    image(&world.fake, "team/web", "v2", 9, 100);
    let before = world.operations.overview(&world.ada).await.expect("an overview");
    assert_eq!((before.registries[0].repositories, before.registries[0].as_of), (None, None), "nothing is known yet");
    assert_eq!(before.registries[0].health.0, Tone::Idle);
    world.known_names().await;
    for repository in ["team/api", "team/web"] {
        world.settled(repository, &query("name")).await;
        world.later();
    }
    let overview = world.operations.overview(&world.ada).await.expect("an overview");
    let row = &overview.registries[0];
    assert_eq!((row.repositories, row.tags), (Some(2), Some(2)));
    assert_eq!(row.health, (Tone::Good, "Answers".to_owned()));
    assert!(row.as_of.is_some() && row.risk == Some(Risk::Plain));
    let newest: Vec<_> = overview.newest.iter().map(|one| one.repository.as_str()).collect();
    assert_eq!(newest, ["team/web", "team/api"]);
    assert_eq!(world.operations.rail(&world.ada).await.expect("a rail")[0].repositories, Some(2));
}

#[tokio::test]
async fn what_is_trusted_without_a_look_needs_attention() {
    let world = World::new().await;
    let connection = Connection::new("https://registry.example.com".parse().expect("an address"));
    world.connect("blind", Connection { trust: Trust::Anybody, ..connection }).await;
    let overview = world.operations.overview(&world.ada).await.expect("an overview");
    assert_eq!(overview.attention.len(), 1);
    assert_eq!((overview.attention[0].registry.as_str(), overview.attention[0].tone), ("blind", Tone::Warn));
    assert!(overview.registries.iter().any(|row| row.risk == Some(Risk::Unverified)));
}

#[tokio::test]
async fn strangers_have_no_overview_and_no_rail() {
    let world = World::new().await;
    image(&world.fake, "team/api", "v1", 1, 100);
    world.known_names().await;
    let nobody = Actor::anonymous("198.51.100.7", "", "");
    assert_eq!(world.operations.overview(&nobody).await.expect_err("refused").kind, Kind::SignInNeeded);
    assert!(world.operations.rail(&nobody).await.expect("nothing").is_empty());
}

/// What a probe found, as it is kept.
async fn probed(operations: &Operations, certificate: Option<&str>, deleting: Ability) {
    let seen = |(issuer, until)| format!("from {issuer}, for a.example.com, until {until}, 99 days");
    let findings = match certificate.and_then(|text| text.split_once(' ')) {
        Some(own) => vec![
            Finding::new(Topic::Tls, Tone::Good, seen(own)),
            Finding::new(Topic::Protocol, Tone::Good, "/v2/ answers 200"),
        ],
        None => vec![Finding::new(Topic::Connection, Tone::Danger, "refused")],
    };
    let at = operations.now();
    let report = ProbeReport { at, findings, capabilities: Capabilities { deleting, ..Capabilities::default() } };
    let report = serde_json::to_value(&report).expect("JSON");
    operations.store().probes().save(1, &report, at).await.expect("kept");
}

async fn changes(world: &World, actor: &Actor) -> Vec<Attention> {
    let overview = world.operations.overview(actor).await.expect("an overview");
    overview.attention.into_iter().filter(|note| note.way == Way::Drift).collect()
}

#[tokio::test]
async fn a_registry_that_is_not_what_it_was_needs_attention_for_a_week() {
    let world = World::new().await;
    let hours = |n: i64| world.clock.advance(n * 3_600);
    hours(1);
    probed(&world.operations, Some("CA 2027-01-01"), Ability::Yes).await;
    assert_eq!(changes(&world, &world.ada).await, [], "the first probe has nothing to compare with");
    hours(6);
    probed(&world.operations, Some("CA 2027-01-01"), Ability::Unknown).await;
    assert_eq!(changes(&world, &world.ada).await, [], "what was not seen is no change");
    hours(6);
    probed(&world.operations, None, Ability::Unknown).await;
    hours(6);
    probed(&world.operations, Some("Other 2028-01-01"), Ability::No).await;
    hours(2);
    let told = changes(&world, &world.ada).await;
    assert_eq!((told.len(), told[0].tone, told[0].registry.as_str()), (1, Tone::Warn, "lab"));
    let sentence = &told[0].sentence;
    assert!(sentence.starts_with("was found changed 2 h ago. It no longer allows deleting. The certificate changed"));
    assert!(sentence.contains("until 2027-01-01, and is from Other"), "{sentence}");
    let restriction = Restriction::new([Permission::RepositoryView], None, Some("team/*".parse().expect("a pattern")));
    let viewer = Actor { via: Via::Token { id: 1, restriction }, ..world.ada.clone() };
    assert_eq!(changes(&world, &viewer).await, told, "it is told like the registry's other troubles");
    hours(6);
    probed(&world.operations, Some("Other 2028-01-01"), Ability::Yes).await;
    let told = changes(&world, &world.ada).await;
    assert!(told.len() == 1 && !told[0].sentence.contains("deleting"), "what came back needs no attention: {told:?}");
    hours(7 * 24);
    assert_eq!(changes(&world, &world.ada).await, []);
}
