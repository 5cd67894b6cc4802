//! The process is killed at any point of a first reading; what comes of it is the same as if it had not been.

use crate::world::{World, fill, noon};
use operations::Clock;
use registry::fake::{Fake, FakeOptions};
use std::{path::Path, time::Duration};
use tokio::runtime::Runtime;

const REPOSITORIES: usize = 12;
const TAGS: usize = 25;

/// A number that follows from the one before; all there is to chance here.
fn next(seed: &mut u64) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    usize::try_from(*seed % 1_000_000).expect("it fits")
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Reads until the registry has seen so many requests, and then loses everything that is in memory.
fn killed_after(directory: &Path, fake: &Fake, requests: usize) {
    let process = runtime();
    let world = process.block_on(async {
        let world = World::open(directory, Clock::standing(noon())).await;
        world.operations.start_sync();
        let seen = async {
            while fake.requests().len() < requests && world.sync().await.state.as_str() != "resting" {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), seen).await.expect("the registry is read");
        world
    });
    // Nothing is ended in order: tasks stop where they are, and only then the lock on the directory goes.
    process.shutdown_timeout(Duration::from_secs(10));
    drop(world);
}

fn filled(directory: &Path) -> Vec<String> {
    let process = runtime();
    let lines = process.block_on(async {
        let world = World::open(directory, Clock::standing(noon())).await;
        world.operations.start_sync();
        world.filled().await;
        let lines = world.dump().await;
        world.stop().await;
        lines
    });
    process.shutdown_timeout(Duration::from_secs(10));
    lines
}

async fn connected(directory: &Path, fake: &Fake) {
    let world = World::open(directory, Clock::standing(noon())).await;
    world.connect("lab", fake.connection()).await;
    world.operations.store().close().await;
}

#[test]
fn a_first_reading_that_is_killed_again_and_again_ends_as_an_undisturbed_one() {
    let seeds: u64 = std::env::var("WHARFINGER_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let outside = runtime();
    let fake = outside.block_on(Fake::start(FakeOptions::default())).expect("a registry");
    fill(&fake, REPOSITORIES, TAGS);
    let undisturbed = tempfile::tempdir().expect("a directory");
    outside.block_on(connected(undisturbed.path(), &fake));
    let whole = filled(undisturbed.path());
    let requests = fake.requests().len();
    let first = std::env::var("WHARFINGER_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for seed in first..first + seeds {
        let mut chance = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let directory = tempfile::tempdir().expect("a directory");
        outside.block_on(connected(directory.path(), &fake));
        let kills = 1 + next(&mut chance) % 4;
        for _ in 0..kills {
            fake.forget_requests();
            let at = 1 + next(&mut chance) % requests;
            println!("seed {seed}: killed after {at} requests");
            killed_after(directory.path(), &fake, at);
        }
        fake.forget_requests();
        let lines = filled(directory.path());
        assert_eq!(lines, whole, "seed {seed}");
    }
}
