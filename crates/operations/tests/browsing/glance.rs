//! The overview and the rail.

use crate::world::{World, image, query};
use domain::{Actor, Connection, Trust, probe::Tone};
use operations::{Kind, overview::Risk};

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
