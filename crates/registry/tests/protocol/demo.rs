//! The demo's content: complete, honest, and the same every time.

use crate::support::{connect, name, tag};
use domain::{
    Digest, Kind, Reference, RepositoryName, Timestamp,
    manifest::Document,
};
use registry::{
    Error, FoundBy, Registry,
    fake::{Fake, FakeOptions, demo},
};
use std::collections::{BTreeMap, BTreeSet};

const NOW: Timestamp = Timestamp(1_795_255_200_000_000);

async fn filled() -> (Fake, Registry) {
    let fake = Fake::start(FakeOptions::default()).await.expect("the fake starts");
    let t = std::time::Instant::now();
    demo::fill(&fake, NOW);
    eprintln!("FILL {:?}", t.elapsed());
    let registry = connect(&fake.connection());
    (fake, registry)
}

/// Every tag of every repository with its digest.
async fn tags(registry: &Registry) -> BTreeMap<(RepositoryName, String), Digest> {
    let mut all = BTreeMap::new();
    for text in registry.catalog().await.expect("it is told").items {
        let Ok(repository) = text.parse::<RepositoryName>() else { continue };
        for tag in registry.tags(&repository).await.expect("it is there").items {
            let fetched = registry.manifest(&repository, &crate::support::tag(&tag)).await.expect("it is there");
            all.insert((repository.clone(), tag), fetched.digest);
        }
    }
    all
}

#[tokio::test]
async fn the_same_time_gives_the_same_content() {
    let (one, two) = (filled().await, filled().await);
    let (one, two) = (tags(&one.1).await, tags(&two.1).await);
    assert!(one.len() > 380, "{}", one.len());
    assert_eq!(one, two);
}

#[tokio::test]
async fn there_are_three_hundred_tags_of_many_kinds_on_fewer_digests() {
    let (_fake, registry) = filled().await;
    let many = name(demo::MANY_TAGS);
    let tags = registry.tags(&many).await.expect("it is there").items;
    assert_eq!(tags.len(), demo::MANY);
    for start in ["v1.", "v4.18", "pr-", "nightly-2026", "main-", "edge", "stable"] {
        assert!(tags.iter().any(|tag| tag.starts_with(start)), "{start}");
    }
    let digest = |text: &'static str| async { registry.manifest(&many, &tag(text)).await.expect("it is there").digest.clone() };
    let latest = digest("latest").await;
    assert!(latest == digest("v4").await && latest == digest("v4.18").await && latest == digest("v4.18.2").await);
    let repositories = registry.catalog().await.expect("it is told").items;
    assert!(repositories.len() >= 25, "{repositories:?}");
    assert!(repositories.iter().any(|name| name.matches('/').count() == 3));
    assert!(repositories.contains(&demo::LAX_NAME.to_owned()));
    assert!(registry.tags(&name(demo::EMPTY)).await.expect("it is there").items.is_empty());
}

#[tokio::test]
async fn everything_that_is_named_is_there_except_what_is_meant_to_be_missing() {
    let (_fake, registry) = filled().await;
    let mut kinds = BTreeSet::new();
    let mut missing = Vec::new();
    let mut seen: BTreeSet<(RepositoryName, Digest)> = BTreeSet::new();
    let mut left: Vec<(RepositoryName, Digest)> = tags(&registry).await.into_iter().map(|((repository, _), digest)| (repository, digest)).collect();
    while let Some((repository, digest)) = left.pop() {
        if !seen.insert((repository.clone(), digest.clone())) {
            continue;
        }
        let fetched = match registry.manifest(&repository, &Reference::Digest(digest.clone())).await {
            Ok(fetched) => fetched,
            Err(Error::NotFound { .. }) => {
                missing.push(repository);
                continue;
            }
            Err(error) => panic!("{repository}@{digest}: {error}"),
        };
        let document = Document::parse(&fetched.bytes, &fetched.media_type);
        kinds.insert(document.kind());
        if let Some(index) = document.index() {
            left.extend(index.manifests.iter().map(|child| (repository.clone(), child.digest.clone())));
        }
        let blobs = document.manifest().map(|m| m.layers.iter().chain(&m.config).collect::<Vec<_>>()).unwrap_or_default();
        for blob in blobs {
            let bytes = registry.blob(&repository, &blob.digest, 1 << 20).await.expect("it is there");
            assert_eq!(bytes.len() as u64, blob.size, "{repository} {}", blob.digest);
        }
    }
    assert_eq!(missing, [name(demo::BROKEN)]);
    for kind in [Kind::Image, Kind::Index, Kind::HelmChart, Kind::Signature, Kind::Sbom, Kind::Attestation, Kind::BuildCache, Kind::Artifact] {
        assert!(kinds.contains(&kind), "{kind:?} is missing in {kinds:?}");
    }
}

#[tokio::test]
async fn the_signed_image_has_its_referrers_in_tags() {
    let (_fake, registry) = filled().await;
    let signed = name(demo::SIGNED);
    let subject = registry.manifest(&signed, &tag("1.9.2")).await.expect("it is there").digest;
    let found = registry.referrers(&signed, &subject).await.expect("it answers");
    assert_eq!((found.by, found.descriptors.len()), (FoundBy::Tag, 1));
    assert_eq!(found.descriptors[0].artifact_type.as_deref(), Some("application/vnd.cyclonedx+json"));
    let tags = registry.tags(&signed).await.expect("it is there").items;
    assert_eq!(registry::referrer_tags(&subject, tags.iter().map(String::as_str)).len(), 3);
}
