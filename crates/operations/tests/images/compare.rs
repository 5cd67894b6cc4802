use crate::world::{World, entry, image, index, stranger};
use domain::compare::{Change, Group};
use operations::{Kind, comparisons::Wanted};
use registry::fake::{Fake, FakeOptions};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn images_of_two_registries_are_compared() {
    let world = World::new().await;
    let other = Fake::start(FakeOptions::default()).await.expect("a registry");
    world.connect("other", other.connection()).await;
    let (a, b) =
        (json!({ "Env": ["A=1"], "User": "root" }), json!({ "Env": ["A=2"], "User": "root", "Labels": { "k": "v" } }));
    world.fake.tag("app", "v1", &image(&world.fake, "app", "one", &a));
    other.tag("app", "v2", &image(&other, "app", "three", &b));
    let seen = world.compare("lab/app:v1", "other/app:v2").await;
    let comparison = seen.comparison.expect("both are there");
    let layers: Vec<_> = comparison.layers.iter().map(|row| (row.change, row.line.as_str())).collect();
    assert_eq!(
        layers,
        [(Change::Same, "ADD file:base in /"), (Change::Removed, "RUN make one"), (Change::Added, "RUN make three")]
    );
    assert_eq!((comparison.removed.bytes, comparison.added.bytes), (3, 5));
    let fields: Vec<_> = comparison.fields.iter().map(|row| (row.group, row.name.as_str(), row.change)).collect();
    assert_eq!(fields, [(Group::Env, "A", Change::Changed), (Group::Label, "k", Change::Added)]);
    assert!(comparison.same.contains(&"user".to_owned()));
}

#[tokio::test]
async fn of_indexes_the_same_platform_is_compared() {
    let world = World::new().await;
    for (tag, amd, arm) in [("v1", "amd1", "arm1"), ("v2", "amd2", "arm2")] {
        let (amd, arm) = (image(&world.fake, "a", amd, &json!({})), image(&world.fake, "a", arm, &json!({})));
        world.fake.tag("a", tag, &index(&world.fake, "a", vec![entry(&amd, "amd64"), entry(&arm, "arm64")]));
    }
    let wanted = Wanted { a: "lab/a:v1".into(), b: "lab/a:v2".into(), platform: "linux/arm64".into(), ticked: false };
    let seen = world.operations.compare(&world.ada, &wanted).await.expect("a page");
    assert_eq!(seen.platforms, ["linux/amd64", "linux/arm64"]);
    assert_eq!(seen.a.side.and_then(|side| side.platform).as_deref(), Some("linux/arm64"));
    let lines: Vec<_> = seen.comparison.expect("both").layers.into_iter().map(|row| row.line).collect();
    assert_eq!(lines, ["ADD file:base in /", "RUN make arm1", "RUN make arm2"]);
}

#[tokio::test]
async fn beside_a_single_image_an_index_shows_the_same_platform() {
    let world = World::new().await;
    let (arm, amd) = (image(&world.fake, "a", "arm", &json!({})), image(&world.fake, "a", "amd", &json!({})));
    world.fake.tag("a", "all", &index(&world.fake, "a", vec![entry(&arm, "arm64"), entry(&amd, "amd64")]));
    // This image says of itself that it is for amd64.
    world.fake.tag("a", "one", &image(&world.fake, "a", "single", &json!({})));
    let seen = world.compare("lab/a:all", "lab/a:one").await;
    assert_eq!(seen.a.side.and_then(|side| side.platform).as_deref(), Some("linux/amd64"));
}

#[tokio::test]
async fn what_is_wrong_stands_beside_what_was_typed() {
    let world = World::new().await;
    world.fake.tag("a", "v1", &image(&world.fake, "a", "one", &json!({})));
    let seen = world.compare("lab/a:v1", "lab/a:v9").await;
    assert!(seen.a.side.is_some() && seen.comparison.is_none());
    assert_eq!(seen.b.trouble.as_ref().map(|(kind, _)| *kind), Some(Kind::NotFound));
    let seen = world.compare("nonsense", "nowhere/a:v1").await;
    assert_eq!(seen.a.trouble.map(|(kind, _)| kind), Some(Kind::Invalid));
    assert_eq!(seen.b.trouble.map(|(kind, _)| kind), Some(Kind::NotFound));
    let empty = world.compare("", "").await;
    assert!(empty.a.trouble.is_none() && empty.comparison.is_none() && empty.offers.is_empty());
}

#[tokio::test]
async fn strangers_compare_nothing() {
    let world = World::new().await;
    world.fake.tag("a", "v1", &image(&world.fake, "a", "one", &json!({})));
    let wanted = Wanted { a: "lab/a:v1".into(), b: "lab/a:v1".into(), ..Wanted::default() };
    assert_eq!(world.operations.compare(&stranger(), &wanted).await.expect_err("refused").kind, Kind::SignInNeeded);
    assert!(world.fake.requests().is_empty());
}

#[tokio::test]
async fn the_tag_before_is_offered_first() {
    let world = World::new().await;
    for version in ["1.0.0", "1.1.0", "2.0.0"] {
        world.fake.tag("a", version, &image(&world.fake, "a", version, &json!({})));
    }
    world.compare("", "lab/a:2.0.0").await;
    assert!(world.operations.reading_settled(Duration::from_secs(30)).await);
    let offers = world.compare("", "lab/a:2.0.0").await.offers;
    assert_eq!(offers.first().map(ToString::to_string).as_deref(), Some("lab/a:1.1.0"));
}

#[tokio::test]
async fn comparing_again_costs_two_questions() {
    let world = World::new().await;
    world.fake.tag("a", "v1", &image(&world.fake, "a", "one", &json!({})));
    world.fake.tag("a", "v2", &image(&world.fake, "a", "two", &json!({})));
    world.compare("lab/a:v1", "lab/a:v2").await;
    assert!(world.operations.reading_settled(Duration::from_secs(30)).await);
    world.fake.forget_requests();
    world.compare("lab/a:v1", "lab/a:v2").await;
    assert!(world.fake.requests().is_empty(), "a moment later nothing is asked");
    world.clock.advance(10);
    world.compare("lab/a:v1", "lab/a:v2").await;
    let asked: Vec<_> = world.fake.requests().iter().map(|seen| (seen.method.clone(), seen.status)).collect();
    assert_eq!(asked, [("HEAD".to_owned(), 304), ("HEAD".to_owned(), 304)]);
}

#[tokio::test]
async fn what_could_not_be_asked_for_is_compared_as_it_was_and_says_so() {
    let world = World::new().await;
    for tag in ["v1", "v2"] {
        world.fake.tag("a", tag, &image(&world.fake, "a", tag, &json!({})));
    }
    let fresh = world.compare("lab/a:v1", "lab/a:v2").await;
    let asked_at = world.clock.now();
    let freshness = fresh.a.side.expect("the first").freshness;
    assert_eq!((freshness.checked, freshness.trouble), (Some(asked_at), None));
    world.clock.advance(600);
    world.fake.fault(registry::fake::Fault::status("/manifests/v1", 503));
    let seen = world.compare("lab/a:v1", "lab/a:v2").await;
    let (a, b) = (seen.a.side.expect("what is kept").freshness, seen.b.side.expect("the second").freshness);
    assert!(a.checked == Some(asked_at) && a.trouble.is_some(), "{a:?}");
    assert!(b.checked == Some(world.clock.now()) && b.trouble.is_none(), "{b:?}");
}
