//! The demo's content: complete, honest, and the same every time.

use crate::support::{connect, name, tag};
use domain::Timestamp;
use registry::{
    FoundBy, Registry,
    fake::{Fake, FakeOptions, demo},
};

const NOW: Timestamp = Timestamp(1_795_255_200_000_000);

async fn filled() -> (Fake, Registry) {
    let fake = Fake::start(FakeOptions::default()).await.expect("the fake starts");
    demo::fill(&fake, NOW);
    let registry = connect(&fake.connection());
    (fake, registry)
}

#[tokio::test]
async fn the_same_time_gives_the_same_content() {
    let (one, two) = (filled().await, filled().await);
    for repository in [demo::SIGNED, "mirror/library/postgres", "charts/storefront", "storefront/web"] {
        for tag in ["1.9.2", "17.2", "4.18.2", "latest", "nightly-20261121", "pr-2931"] {
            let (repository, reference) = (name(repository), crate::support::tag(tag));
            let (a, b) = (one.1.manifest(&repository, &reference).await, two.1.manifest(&repository, &reference).await);
            assert_eq!(a, b);
        }
    }
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
    let digest =
        |text: &'static str| async { registry.manifest(&many, &tag(text)).await.expect("it is there").digest.clone() };
    let latest = digest("latest").await;
    assert!(latest == digest("v4").await && latest == digest("v4.18").await && latest == digest("v4.18.2").await);
    let repositories = registry.catalog().await.expect("it is told").items;
    assert!(repositories.len() >= 25, "{repositories:?}");
    assert!(repositories.iter().any(|name| name.matches('/').count() == 3));
    assert!(repositories.contains(&demo::LAX_NAME.to_owned()));
    assert!(registry.tags(&name(demo::EMPTY)).await.expect("it is there").items.is_empty());
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

#[tokio::test]
async fn skopeo_copies_what_the_demo_holds() {
    let (fake, _registry) = filled().await;
    for image in ["storefront/web:latest", "storefront/web:pr-2928", "tools/build-agent:latest", "charts/gateway:0.8.0"]
    {
        let directory = tempfile::tempdir().expect("a directory");
        let to = format!("dir:{}", directory.path().display());
        let from = format!("docker://{}/{image}", fake.addr);
        let run = tokio::process::Command::new("skopeo")
            .args(["copy", "--quiet", "--all", "--src-tls-verify=false", &from, &to])
            .output()
            .await
            .expect("skopeo is installed (apt-get install skopeo)");
        assert!(run.status.success(), "{image}: {}", String::from_utf8_lossy(&run.stderr));
    }
}
