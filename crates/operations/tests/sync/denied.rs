//! A 404 for a list of tags: whoever gave it, nobody is asked again and again.

use crate::world::{World, fill, image, name, noon};
use operations::Clock;
use registry::fake::{Fake, FakeOptions, Fault};

/// As many questions for one list are enough for some minutes.
const FEW: usize = 8;

async fn lab() -> (tempfile::TempDir, Fake) {
    let fake = Fake::start(FakeOptions::default()).await.expect("a registry");
    fill(&fake, 2, 3);
    (tempfile::tempdir().expect("a directory"), fake)
}

#[tokio::test]
async fn a_proxys_404_for_a_list_is_told_and_asked_for_again_later() {
    let (directory, fake) = lab().await;
    image(&fake, "team9/behind", "v1", 1);
    // No code of the registry's in its body: some proxy's own page.
    fake.fault(Fault::status("/v2/team9/behind/tags/list", 404));
    let world = World::reading(directory.path(), &fake).await;
    let sync = world.rested().await;
    assert!(sync.in_trouble.iter().any(|one| one.name == name("team9/behind")), "{sync:?}");
    let asked = fake.count("GET", "/team9/behind/tags/list");
    assert!((1..=FEW).contains(&asked), "asked {asked} times");
    assert_eq!(world.tags("team0/app00").await.len(), 3, "the others are read");

    fake.heal();
    world.later(3_700).await;
    assert_eq!(world.tags("team9/behind").await, ["v1"], "it recovers by itself");
    world.stop().await;
}

#[tokio::test]
async fn a_repository_that_was_entered_and_is_not_there_is_asked_for_again_later() {
    let (directory, fake) = lab().await;
    let world = World::open(directory.path(), Clock::standing(noon())).await;
    world.connect("lab", fake.connection()).await;
    world.operations.add_repository(&world.ada, "lab", "not/there").await.expect("entered");
    fake.forget_requests();
    world.operations.start_sync();
    world.rested().await;
    let asked = fake.count("GET", "/not/there/tags/list");
    assert!((1..=FEW).contains(&asked), "asked {asked} times");
    world.stop().await;
}
