//! How many repositories, tags and manifests there are, how they are spread, and what they are called.

use crate::chance::Chance;
use domain::{RepositoryName, Tag};
use std::collections::HashSet;

/// How much is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Repositories.
    pub repositories: u64,
    /// Tags in all of them.
    pub tags: u64,
    /// Tags of the largest repository.
    pub largest: u64,
    /// How many repositories follow it with 10,000 tags each.
    pub large: u64,
}

/// 1,000 repositories, 100,000 tags, one repository with 10,000 of them.
pub const S: Size = Size { repositories: 1_000, tags: 100_000, largest: 10_000, large: 0 };
/// As many as Harbor's published "medium" set: 40,000 repositories, 8,000,000 tags, 800,000 manifests; one repository with
/// 100,000 tags, and some with 10,000.
pub const L: Size = Size { repositories: 40_000, tags: 8_000_000, largest: 100_000, large: 20 };

/// As many tags point to one manifest, on average.
pub const TAGS_A_MANIFEST: u64 = 10;

impl Size {
    /// The size of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "S" => Some(S),
            "L" => Some(L),
            _ => None,
        }
    }

    /// How many tags each repository has: a few have very many, most have some.
    pub fn spread(self) -> Vec<u64> {
        let mut counts = vec![self.largest];
        counts.extend((0..self.large).map(|_| 10_000));
        let rest = self.repositories - counts.len() as u64;
        let left = self.tags - counts.iter().sum::<u64>();
        // A weight that falls with the square root of the rank, in whole numbers.
        let weight = |rank: u64| 1_000_000 / (rank + 10).isqrt();
        let weights: u64 = (0..rest).map(weight).sum();
        counts.extend((0..rest).map(|rank| (left * weight(rank) / weights).max(1)));
        let short = self.tags.saturating_sub(counts.iter().sum::<u64>());
        let last = counts.len() - 1;
        counts[last] += short;
        counts
    }
}

const TEAMS: [&str; 24] = [
    "payments",
    "search",
    "platform",
    "data",
    "checkout",
    "identity",
    "mobile",
    "infra",
    "ml",
    "billing",
    "catalog",
    "shipping",
    "risk",
    "growth",
    "media",
    "support",
    "partners",
    "pricing",
    "inventory",
    "edge",
    "research",
    "web",
    "security",
    "release",
];
const PARTS: [&str; 20] = [
    "api",
    "worker",
    "frontend",
    "gateway",
    "indexer",
    "scheduler",
    "proxy",
    "exporter",
    "migrate",
    "cron",
    "consumer",
    "producer",
    "cache",
    "admin",
    "sync",
    "auth",
    "render",
    "batch",
    "stream",
    "cli",
];

/// The name of a repository.
pub fn repository(number: u64) -> RepositoryName {
    let mut chance = Chance::of(&[1, number]);
    let team = chance.one_popular(&TEAMS);
    let group = chance.popular(90);
    let part = chance.one(&PARTS);
    let name = match number {
        0 => "bench/largest".to_owned(),
        1 => "bench/large".to_owned(),
        _ => format!("{team}-{group}/{part}-{number}"),
    };
    name.parse().expect("these names follow the grammar")
}

/// The names of a repository's tags, each once: versions with and without a variant, builds, commits, branches, `latest`.
pub fn tags(repository: u64, count: u64) -> Vec<Tag> {
    let mut names = HashSet::new();
    let mut all = Vec::new();
    let mut chance = Chance::of(&[2, repository]);
    let mut number = 0;
    while (all.len() as u64) < count {
        let name = match (number, chance.below(100)) {
            (0, _) => "latest".to_owned(),
            (1, _) => "main".to_owned(),
            (_, 0..=39) => version(number),
            (_, 40..=54) => format!("{}-{}", version(number), chance.one(&["alpine", "slim", "debug"])),
            (_, 55..=74) => format!("build-{number}"),
            (_, 75..=94) => format!("sha-{:07x}", chance.next() & 0x0fff_ffff),
            _ => format!("feature-{}", chance.below(number)),
        };
        number += 1;
        if names.insert(name.clone()) {
            all.push(name.parse().expect("these names follow the grammar"));
        }
    }
    all
}

/// Twenty patches to a minor version, fifty of these to a major one.
fn version(number: u64) -> String {
    format!("v{}.{}.{}", number / 1_000 + 1, number / 20 % 50, number % 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sizes_have_what_they_say() {
        for size in [S, L] {
            let counts = size.spread();
            assert_eq!(counts.len() as u64, size.repositories);
            assert_eq!(counts.iter().sum::<u64>(), size.tags);
            assert_eq!(counts.iter().max(), Some(&size.largest));
            assert!(counts.iter().all(|count| *count > 0));
        }
    }

    #[test]
    fn every_tag_of_a_repository_has_its_own_name() {
        let tags = tags(7, 5_000);
        assert_eq!(tags.iter().collect::<HashSet<_>>().len(), 5_000);
        assert_eq!(tags, super::tags(7, 5_000), "and the same at each run");
    }

    #[test]
    fn repositories_have_names_of_their_own() {
        let names: HashSet<_> = (0..5_000).map(repository).collect();
        assert_eq!(names.len(), 5_000);
    }
}
