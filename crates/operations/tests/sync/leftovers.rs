//! What nothing uses any more goes: content of registries that are gone, and what images shared.

use crate::world::{LONGEST, World, ada, fill, image, noon};
use domain::{Digest, Permission, Place, Visible, audit::Act, permission::allows};
use operations::Clock;
use registry::fake::{Fake, FakeOptions, Fault, Trouble};
use std::time::Duration;
use store::{RemoveRegistry, index::Shared};

async fn lab() -> (tempfile::TempDir, Fake) {
    let fake = Fake::start(FakeOptions::default()).await.expect("a registry");
    (tempfile::tempdir().expect("a directory"), fake)
}

#[tokio::test]
async fn what_a_crash_left_of_a_removed_registry_goes_at_the_next_start() {
    let (directory, fake) = lab().await;
    fill(&fake, 3, 4);
    let digest = image(&fake, "team9/last", "v1", 1);
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    let all = Visible::to(&ada());
    let store = world.operations.store();
    let record = store.registries().by_name(&all, &"lab".parse().expect("a name")).await;
    let record = record.expect("a look").expect("a registry");
    assert_eq!(store.index().half_forgotten(&[record.id]).await.expect("asked"), Vec::<i64>::new());
    // The record goes, and the program dies before it forgets the rest.
    let act = Act::new("registry.remove", "registry lab");
    let permit = allows(&world.ada, Permission::RegistryManage, Place::Registry(record.id)).expect("ada may");
    let opened = store.open_act(permit, &act, world.clock.now()).await.expect("an opened entry");
    let remove = RemoveRegistry { id: record.id, version: record.version, by: "ada".into() };
    store.write(opened, remove, world.clock.now()).await.expect("removed");
    world.stop().await;

    let world = World::open(directory.path(), Clock::standing(noon())).await;
    let index = world.operations.store().index().clone();
    let known = |digest: Digest| {
        let index = index.clone();
        async move { index.known(record.id, &[digest]).await.expect("asked").len() }
    };
    assert_eq!(known(digest.clone()).await, 1);
    world.operations.start_sync();
    let gone = async {
        while !index.half_forgotten(&[]).await.expect("asked").is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONGEST, gone).await.expect("it goes");
    assert_eq!(known(digest).await, 0);
    world.stop().await;
}

#[tokio::test]
async fn once_a_day_what_images_shared_and_none_uses_goes() {
    let (directory, fake) = lab().await;
    for n in 0..3 {
        image(&fake, "team/api", &format!("v{n}"), n);
    }
    let world = World::reading(directory.path(), &fake).await;
    world.filled().await;
    let answer = |path: &str, status, body: &str| {
        let headers = vec![("content-type", "application/json".to_owned())];
        Fault::at(path, Trouble::Answer { status, headers, body: body.to_owned() })
    };
    fake.fault(answer("/v2/team/api/tags/list", 200, r#"{"name":"team/api","tags":["v0","v1"]}"#));
    fake.fault(answer("/manifests/v2", 404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}"#));
    world.later(2 * 24 * 3_600).await;
    assert_eq!(world.tags("team/api").await, ["v0", "v1"]);
    // The tag may have left after that day's look.
    world.later(2 * 24 * 3_600).await;
    let index = world.operations.store().index();
    let (gone, next) = index.forget_unused(Shared::TagNames, 0).await.expect("asked");
    assert!(gone == 0 && next.is_some(), "{gone} names were left");
    let (gone, _) = index.forget_unused(Shared::Labels, 0).await.expect("asked");
    assert_eq!(gone, 0, "the image is kept for its time, and its labels with it");
    world.later(100 * 24 * 3_600).await;
    world.later(2 * 24 * 3_600).await;
    let (gone, next) = index.forget_unused(Shared::Labels, 0).await.expect("asked");
    assert!(gone == 0 && next.is_some(), "{gone} labels were left");
    world.stop().await;
}
