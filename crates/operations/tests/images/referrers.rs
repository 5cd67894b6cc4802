use crate::world::{CONFIG, World, descriptor, image, index, manifest};
use domain::{Digest, Kind as What, manifest::OCI_MANIFEST};
use operations::images::{EntryState, FoundBy, Image, View};
use registry::fake::{Fake, FakeOptions, Fault};
use serde_json::json;

fn signature(fake: &Fake, repository: &str) -> Digest {
    let layer = ("application/vnd.dev.cosign.simplesigning.v1+json", "{\"critical\":{}}");
    manifest(fake, repository, (CONFIG, "{\"architecture\":\"\"}"), &[layer], &json!({}))
}

fn sbom(fake: &Fake, repository: &str, subject: &Digest) -> Digest {
    let more =
        json!({ "artifactType": "application/vnd.cyclonedx+json", "subject": descriptor(OCI_MANIFEST, subject, 500) });
    manifest(
        fake,
        repository,
        ("application/vnd.oci.empty.v1+json", "{}"),
        &[("application/vnd.cyclonedx+json", "{ }")],
        &more,
    )
}

fn kinds(image: &Image) -> Vec<(What, bool)> {
    let kind = |state: &EntryState| match state {
        EntryState::Read(summary) => summary.kind,
        _ => What::Unknown,
    };
    image.referrers.rows.iter().map(|row| (kind(&row.state), row.found_by == FoundBy::Api)).collect()
}

#[tokio::test]
async fn signatures_and_sboms_are_found_by_their_tags() {
    let world = World::new().await;
    let subject = image(&world.fake, "a", "one", &json!({}));
    let base = format!("sha256-{}", subject.encoded());
    let signed = signature(&world.fake, "a");
    world.fake.tag("a", &format!("{base}.sig"), &signed);
    // The list says that it is nothing in particular, as cosign 3 leaves it: its own manifest says what it is.
    let sbom = sbom(&world.fake, "a", &subject);
    let mut listed = descriptor(OCI_MANIFEST, &sbom, 500);
    listed["artifactType"] = "application/vnd.oci.empty.v1+json".into();
    world.fake.tag("a", &base, &index(&world.fake, "a", vec![listed]));

    let seen = world.look("a", subject.as_str(), View::Image).await.expect("an image");
    assert_eq!(kinds(&seen), [(What::Sbom, false), (What::Signature, false)]);
    let names: Vec<_> = seen.referrers.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["CycloneDX SBOM", "cosign signature"]);
    assert_eq!(seen.referrers.rows[0].artifact_type, "application/vnd.cyclonedx+json");
    assert!(seen.referrers.trouble.is_none());
}

#[tokio::test]
async fn referrers_are_found_by_the_api_where_there_is_one() {
    let world = World::with(FakeOptions { referrers_api: true, ..FakeOptions::default() }).await;
    let subject = image(&world.fake, "a", "one", &json!({}));
    sbom(&world.fake, "a", &subject);
    let seen = world.look("a", subject.as_str(), View::Image).await.expect("an image");
    assert_eq!(kinds(&seen), [(What::Sbom, true)]);
}

#[tokio::test]
async fn a_referrer_that_is_listed_and_not_there_is_called_gone() {
    let world = World::new().await;
    let subject = image(&world.fake, "a", "one", &json!({}));
    let lost = sbom(&world.fake, "a", &subject);
    let base = format!("sha256-{}", subject.encoded());
    world.fake.tag("a", &base, &index(&world.fake, "a", vec![descriptor(OCI_MANIFEST, &lost, 500)]));
    world.fake.lose_manifest("a", &lost);
    let seen = world.look("a", subject.as_str(), View::Image).await.expect("an image");
    assert!(matches!(seen.referrers.rows[0].state, EntryState::Gone));
}

#[tokio::test]
async fn referrers_read_before_are_named_when_the_registry_is_down() {
    let world = World::new().await;
    let dying = Fake::start(FakeOptions { referrers_api: true, ..FakeOptions::default() }).await.expect("a registry");
    world.connect("dying", dying.connection()).await;
    let subject = image(&dying, "a", "one", &json!({}));
    sbom(&dying, "a", &subject);
    world.look_in("dying", "a", subject.as_str(), View::Image).await.expect("an image");
    drop(dying);
    world.clock.advance(10 * 60);
    let at_once = world.look_in("dying", "a", subject.as_str(), View::Image).await.expect("what is kept");
    assert_eq!((at_once.referrers.rows.len(), at_once.referrers.asking), (1, true));
    let seen = world.look_in("dying", "a", subject.as_str(), View::Image).await.expect("what is kept");
    assert_eq!(seen.referrers.rows.iter().map(|row| &row.found_by).collect::<Vec<_>>(), [&FoundBy::Kept]);
    assert!(seen.referrers.trouble.is_some() && !seen.referrers.asking);
}

#[tokio::test]
async fn an_image_is_shown_when_its_referrers_can_not_be_asked_for() {
    let world = World::new().await;
    let subject = image(&world.fake, "a", "one", &json!({}));
    world.fake.fault(Fault::status(".sig", 403));
    let seen = world.look("a", subject.as_str(), View::Image).await.expect("an image");
    assert!(seen.referrers.trouble.is_some());
    // What failed is tried again after a moment; what was found is remembered for a minute.
    world.fake.heal();
    world.fake.forget_requests();
    let seen = world.look("a", subject.as_str(), View::Image).await.expect("an image");
    assert!(seen.referrers.trouble.is_some() && world.fake.requests().is_empty(), "{:?}", world.fake.requests());
    world.clock.advance(10);
    let seen = world.look_twice("a", subject.as_str()).await.expect("an image");
    assert!(seen.referrers.trouble.is_none());
    world.fake.forget_requests();
    world.look("a", subject.as_str(), View::Image).await.expect("an image");
    assert!(world.fake.requests().is_empty());
    let signed = signature(&world.fake, "a");
    world.fake.tag("a", &format!("sha256-{}.sig", subject.encoded()), &signed);
    world.clock.advance(61);
    let seen = world.look("a", subject.as_str(), View::Image).await.expect("an image");
    assert_eq!((seen.referrers.rows.len(), seen.referrers.asking), (0, true), "what was found last, at once");
    let seen = world.look("a", subject.as_str(), View::Image).await.expect("an image");
    assert_eq!((seen.referrers.rows.len(), seen.referrers.asking), (1, false));
}
