//! What is stored: sums, samples, and who may see them.

use crate::world::{World, image, name, query};
use domain::{Actor, Permission, Restriction, Via};
use operations::{
    Kind,
    storage::{RepositoryStorageQuery, StorageQuery},
};

async fn filled() -> World {
    let world = World::new().await;
    for (repository, tag, day, size) in [
        ("team/api", "v1", 1, 2_000_000),
        ("team/api", "v2", 2, 3_000_000),
        ("team/web", "v1", 3, 2_000_000),
        ("zoo", "v1", 4, 500),
    ] {
        image(&world.fake, repository, tag, day, size);
    }
    world.known_names().await;
    for repository in ["team/api", "team/web", "zoo"] {
        world.settled(repository, &query("name")).await;
        world.later();
    }
    world
}

fn narrow(world: &World, pattern: &str, permission: Permission) -> Actor {
    let restriction = Restriction::new([permission], None, Some(pattern.parse().expect("a pattern")));
    Actor { via: Via::Token { id: 1, restriction }, ..world.ada.clone() }
}

#[tokio::test]
async fn a_registrys_storage_has_its_sums_its_namespaces_and_its_layers() {
    let world = filled().await;
    let shown = world.operations.storage(&world.ada, "lab", &StorageQuery::default(), false).await.expect("storage");
    assert!(shown.sums.covered.is_complete() && shown.sums.repositories == 3);
    assert!(shown.sums.total > 5_000_500 && shown.sums.unshared < shown.sums.total);
    let rows: Vec<_> = shown.repositories.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(rows, ["team/api", "zoo", "team/web"], "what would free most comes first");
    assert_eq!(shown.repositories.rows[0].bytes.exclusive / 1_000_000, 3);
    let spaces: Vec<_> = shown.namespaces.rows.iter().map(|row| (row.name.as_str(), row.repositories)).collect();
    assert_eq!(spaces, [("team", 2), ("", 1)]);
    assert_eq!(
        shown.namespaces.rows[0].bytes.exclusive / 1_000_000,
        5,
        "its repositories share a layer among themselves"
    );
    let layers: Vec<_> = shown.layers.rows.iter().map(|layer| (layer.size, layer.repositories)).collect();
    assert_eq!(layers, [(3_000_000, 1), (2_000_000, 2)]);

    let of = StorageQuery { namespace: "team/".into(), ..StorageQuery::default() };
    let shown = world.operations.storage(&world.ada, "lab", &of, true).await.expect("storage");
    assert_eq!((shown.repositories.rows.len(), shown.of_namespace.expect("counted").name.as_str()), (2, "team"));
}

#[tokio::test]
async fn a_repositorys_tags_say_what_each_would_free() {
    let world = filled().await;
    let query = RepositoryStorageQuery::default();
    let shown =
        world.operations.repository_storage(&world.ada, "lab", &name("team/api"), &query).await.expect("storage");
    let tags: Vec<_> = shown.tags.rows.iter().map(|row| (row.tag.as_str(), row.bytes.expect("read"))).collect();
    assert_eq!((tags[0].0, tags[0].1.exclusive / 1_000_000), ("v2", 3));
    assert_eq!((tags[1].0, tags[1].1.shared()), ("v1", 2_000_000), "another repository holds its layer too");
    assert_eq!(shown.layers.layers.len(), 2, "layers alone, and no configuration: {:?}", shown.layers);
}

#[tokio::test]
async fn a_sample_is_kept_a_day_and_of_what_changed() {
    let world = filled().await;
    let store = world.operations.store();
    let registry = store.registries().list(&domain::Visible::to(&world.ada)).await.expect("listed")[0].id;
    let sample = async || world.operations.sample_storage(registry).await.expect("sampled");
    assert_eq!(sample().await, 5, "the registry, a namespace and three repositories");
    assert_eq!(sample().await, 1, "nothing changed but the time");
    world.clock.advance(86_400);
    assert_eq!(sample().await, 1);
    image(&world.fake, "zoo", "v2", 5, 900);
    world.settled("zoo", &query("name")).await;
    assert_eq!(sample().await, 2);
    world.clock.advance(86_400);
    let shown = world.operations.storage(&world.ada, "lab", &StorageQuery::default(), true).await.expect("storage");
    let bytes: Vec<u64> = shown.growth.iter().map(|sample| sample.bytes).collect();
    assert_eq!(bytes.len(), 3, "two days on record, and now");
    assert!(bytes[0] < bytes[1] && bytes[1] == bytes[2]);
}

#[tokio::test]
async fn who_sees_some_repositories_gets_sums_and_no_names_of_others() {
    let world = filled().await;
    let robot = narrow(&world, "*/web", Permission::RepositoryView);
    let shown = world.operations.storage(&robot, "lab", &StorageQuery::default(), false).await.expect("storage");
    let whole = world.operations.storage(&world.ada, "lab", &StorageQuery::default(), false).await.expect("storage");
    let web = whole.repositories.rows.iter().find(|row| row.name.as_str() == "team/web").expect("it is there");
    assert_eq!(shown.sums.total, web.bytes.total, "what others have is in no sum");
    assert!(shown.repositories.rows.iter().all(|row| row.name.as_str() == "team/web"), "{:?}", shown.repositories);
    assert!(shown.layers.rows.iter().all(|layer| layer.some.iter().all(|name| name.as_str() == "team/web")));
    assert!(shown.namespaces.rows.is_empty());
    let query = RepositoryStorageQuery::default();
    let other = world.operations.repository_storage(&robot, "lab", &name("team/api"), &query).await;
    assert_eq!(other.expect_err("hidden").kind, Kind::NotFound);
    let nobody = Actor::anonymous("198.51.100.7", "", "");
    let refused = world.operations.storage(&nobody, "lab", &StorageQuery::default(), false).await;
    assert!(matches!(refused.expect_err("refused").kind, Kind::NotFound | Kind::SignInNeeded));
}
