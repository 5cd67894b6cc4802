use crate::world::{CONFIG, World, descriptor, entry, image, index, manifest, name, shown, stranger};
use domain::{Kind as What, Permission, Reference};
use operations::{
    Kind, WayOut,
    images::{EntryState, Part, View},
    sync::DeparturesQuery,
};
use registry::fake::{Fake, Fault, Trouble};
use serde_json::json;

#[tokio::test]
async fn an_image_shows_what_it_is_made_of_and_what_it_runs() {
    let world = World::new().await;
    let run = json!({ "Entrypoint": ["/app", "--now"], "Env": ["A=1", "B=x=y"], "Labels": { "org.opencontainers.image.version": "1" } });
    let digest = image(&world.fake, "team/app", "one", &run);
    world.fake.tag("team/app", "v1", &digest);
    world.fake.tag("team/app", "latest", &digest);
    world.look("team/app", "v1", View::Image).await.expect("an image");
    let seen = world.look("team/app", "v1", View::Image).await.expect("an image");
    assert_eq!((seen.summary.kind, &seen.digest), (What::Image, &digest));
    assert_eq!(seen.siblings.iter().map(domain::Tag::as_str).collect::<Vec<_>>(), ["latest"]);
    let manifest = shown(&seen);
    let lines: Vec<_> = manifest.steps.steps.iter().map(|step| (step.line.as_str(), step.layer.is_some())).collect();
    assert_eq!(lines, [("ADD file:base in /", true), ("ENV A=1", false), ("RUN make one", true)]);
    let config = manifest.config.here().expect("a configuration");
    assert_eq!(config.env, [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "x=y".to_owned())]);
    assert!(seen.raw.here().expect("the document").text.contains("schemaVersion"));
    assert!(seen.freshness.trouble.is_none() && seen.freshness.checked == Some(world.clock.now()));
}

#[tokio::test]
async fn the_second_look_asks_for_nothing_that_a_digest_names() {
    let world = World::new().await;
    let child = image(&world.fake, "team/app", "one", &json!({}));
    let top = index(&world.fake, "team/app", vec![entry(&child, "amd64")]);
    world.fake.tag("team/app", "v1", &top);
    world.look("team/app", "v1", View::Image).await.expect("an image");
    assert!(world.gets() > 0);

    world.fake.forget_requests();
    world.clock.advance(10);
    let again = world.look("team/app", "v1", View::Image).await.expect("an image");
    assert_eq!(world.gets(), 0, "{:?}", world.fake.requests());
    let heads: Vec<_> = world.fake.requests().iter().map(|seen| (seen.method.clone(), seen.status)).collect();
    assert_eq!(heads, [("HEAD".to_owned(), 304)], "one question that costs nothing");
    assert!(shown(&again).config.here().is_some());

    world.fake.forget_requests();
    world.look("team/app", top.as_str(), View::Image).await.expect("by digest");
    assert!(world.fake.requests().is_empty(), "{:?}", world.fake.requests());
}

#[tokio::test]
async fn a_tag_that_moved_is_followed() {
    let world = World::new().await;
    let (one, two) = (image(&world.fake, "a", "one", &json!({})), image(&world.fake, "a", "two", &json!({})));
    world.fake.tag("a", "latest", &one);
    assert_eq!(world.look("a", "latest", View::Image).await.expect("an image").digest, one);
    world.fake.tag("a", "latest", &two);
    world.clock.advance(10);
    assert_eq!(world.look_twice("a", "latest").await.expect("an image").digest, two);
}

#[tokio::test]
async fn a_tag_that_was_asked_for_a_moment_ago_is_not_asked_for_again() {
    let world = World::new().await;
    world.fake.tag("a", "latest", &image(&world.fake, "a", "one", &json!({})));
    world.look("a", "latest", View::Image).await.expect("an image");
    let asked_at = world.clock.now();
    world.fake.forget_requests();
    for _ in 0..3 {
        world.clock.advance(3);
        let seen = world.look("a", "latest", View::Image).await.expect("an image");
        assert_eq!((seen.freshness.checked, seen.freshness.trouble), (Some(asked_at), None));
    }
    assert!(world.fake.requests().is_empty(), "{:?}", world.fake.requests());
    world.clock.advance(1);
    let seen = world.look("a", "latest", View::Image).await.expect("an image");
    assert_eq!((seen.freshness.checked, seen.freshness.asking), (Some(asked_at), true));
    let seen = world.look("a", "latest", View::Image).await.expect("an image");
    assert_eq!((seen.freshness.checked, world.fake.requests().len()), (Some(world.clock.now()), 1));
}

#[tokio::test]
async fn a_registry_that_failed_a_moment_ago_is_left_alone_by_all_its_pages() {
    let world = World::new().await;
    for tag in ["v1", "v2"] {
        world.fake.tag("a", tag, &image(&world.fake, "a", tag, &json!({})));
        world.look("a", tag, View::Image).await.expect("an image");
    }
    world.clock.advance(3_600);
    // It answers with faults to one tag only: the other is asked for as ever.
    world.fake.fault(Fault::status("/manifests/v1", 503));
    world.look("a", "v1", View::Image).await.expect("what is kept");
    world.fake.forget_requests();
    assert!(world.look("a", "v1", View::Image).await.expect("what is kept").freshness.trouble.is_some());
    assert_eq!(world.fake.count("HEAD", "/manifests/v1"), 0);
    assert!(world.look("a", "v2", View::Image).await.expect("an image").freshness.trouble.is_none());
    assert_eq!(world.fake.count("HEAD", "/manifests/v2"), 1);

    // It does not answer at all.
    world.clock.advance(3_600);
    world.fake.heal();
    world.fake.fault(Fault::at("/v2/a/", Trouble::Hang));
    world.look("a", "v1", View::Image).await.expect("what is kept");
    world.fake.forget_requests();
    for tag in ["v1", "v2", "v1"] {
        let seen = world.look("a", tag, View::Image).await.expect("what is kept");
        assert!(seen.freshness.trouble.is_some() && seen.referrers.trouble.is_some(), "{tag}");
    }
    assert!(world.fake.requests().is_empty(), "{:?}", world.fake.requests());
    world.fake.heal();
    world.clock.advance(10);
    let seen = world.look_twice("a", "v1").await.expect("an image");
    assert!(seen.freshness.trouble.is_none() && seen.referrers.trouble.is_none());
    let seen = world.look("a", "v2", View::Image).await.expect("an image");
    assert!(seen.freshness.trouble.is_none(), "it recovers for all at once");
}

#[tokio::test]
async fn strangers_see_nothing_and_nothing_is_asked_for_them() {
    let world = World::new().await;
    let digest = image(&world.fake, "a", "one", &json!({}));
    world.look("a", digest.as_str(), View::Image).await.expect("an image");
    world.fake.forget_requests();
    let (reference, stranger) = (Reference::Digest(digest.clone()), stranger());
    let refused = world.operations.image(&stranger, "lab", &name("a"), &reference, &View::Image).await;
    assert!(matches!(refused.expect_err("refused").kind, Kind::SignInNeeded | Kind::NotFound));
    let refused = world.operations.raw_document(&stranger, "lab", &name("a"), &digest).await;
    assert!(matches!(refused.expect_err("refused").kind, Kind::SignInNeeded | Kind::NotFound));
    assert!(world.fake.requests().is_empty());
}

#[tokio::test]
async fn the_program_itself_reads_no_more_than_it_may() {
    // The background's role may pull: both halves of the page are decided by the same rule as for people.
    let world = World::new().await;
    let digest = image(&world.fake, "a", "one", &json!({}));
    let program = domain::Actor::program();
    let seen = world.operations.image(&program, "lab", &name("a"), &Reference::Digest(digest), &View::Image).await;
    assert!(!matches!(shown(&seen.expect("an image")).config, Part::Needs(Permission::RepositoryPull)));
}

#[tokio::test]
async fn a_digest_is_served_only_through_a_repository_that_holds_it() {
    let world = World::new().await;
    let digest = image(&world.fake, "secret", "one", &json!({}));
    image(&world.fake, "open", "two", &json!({}));
    world.look("secret", digest.as_str(), View::Image).await.expect("an image");
    let elsewhere = world.look("open", digest.as_str(), View::Image).await.expect_err("not held there");
    assert_eq!(elsewhere.kind, Kind::NotFound);
    let raw = world.operations.raw_document(&world.ada, "lab", &name("open"), &digest).await;
    assert_eq!(raw.expect_err("not held there").kind, Kind::NotFound);
    let held = world.operations.raw_document(&world.ada, "lab", &name("secret"), &digest).await.expect("held");
    assert_eq!(digest.matches(&held), Some(true));
}

#[tokio::test]
async fn what_is_not_there_says_what_was_tried_and_where_to_look() {
    let world = World::new().await;
    let digest = image(&world.fake, "team/app", "one", &json!({}));
    world.fake.tag("team/app", "v1", &digest);
    let error = world.look("team/app", "v9", View::Image).await.expect_err("no such tag");
    assert_eq!(error.kind, Kind::NotFound);
    assert!(error.message.contains("team/app:v9 is not there"), "{error}");
    assert!(
        error.tried[0].starts_with("GET http://127.0.0.1:") && error.tried[0].ends_with("/v2/team/app/manifests/v9"),
        "{:?}",
        error.tried
    );
    assert!(error.tried[1].contains("404 MANIFEST_UNKNOWN"), "{:?}", error.tried);
    assert_eq!(error.way_out, Some(WayOut::Repository("lab".into(), "team/app".into())));

    // One that was there and went is forgotten, and the answer says when it was seen.
    world.look("team/app", "v1", View::Image).await.expect("an image");
    world.clock.advance(3 * 60);
    world.fake.lose_manifest("team/app", &digest);
    world.look("team/app", "v1", View::Image).await.expect("what is kept");
    world.clock.advance(60);
    let error = world.look("team/app", "v1", View::Image).await.expect_err("gone");
    let (start, end) = digest.short();
    assert!(error.message.contains("first seen 1 min ago"), "{error}");
    assert!(error.message.contains(&format!("before, it was {start}…{end}.")), "{error}");
}

#[tokio::test]
async fn looking_at_tags_one_by_one_takes_no_more_than_a_few_along() {
    let world = World::new().await;
    let tags: Vec<String> = (0..15).map(|n| format!("v{n:02}")).collect();
    for tag in &tags {
        world.fake.tag("a", tag, &image(&world.fake, "a", tag, &json!({})));
        world.look("a", tag, View::Image).await.expect("an image");
    }
    world.clock.advance(60);
    let unknown = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
    let headers = vec![("content-type", "application/json".to_owned())];
    world.fake.fault(Fault::at("/manifests/v", Trouble::Answer { status: 404, headers, body: unknown.to_owned() }));
    for tag in &tags {
        world.look("a", tag, View::Image).await.expect("what is kept");
    }
    let error = world.look("a", "v00", View::Image).await.expect_err("the registry says that it is not there");
    assert!(error.message.contains("before, it was"), "{error}");
    let doubted = world.look("a", "v14", View::Image).await.expect("so many are not believed to be gone");
    let trouble = doubted.freshness.trouble.expect("and the page says what the registry says");
    assert!(trouble.kind == Kind::NotFound && trouble.message.contains("a:v14 is not there"), "{trouble:?}");
    world.look("a", "never-there", View::Image).await.expect_err("no such tag");
    world.fake.heal();
    world.clock.advance(10);
    let again = world.look_twice("a", "v14").await.expect("it came back");
    assert_eq!((again.siblings.len(), again.freshness.trouble), (0, None));
    let departures = world.operations.departures(&world.ada, "lab", DeparturesQuery::default()).await.expect("a page");
    let left: Vec<_> = departures.rows.iter().filter_map(|row| row.departure.tag.as_ref()).collect();
    assert_eq!(left.len(), 10, "the others are in doubt, and what never was here can't leave");
    assert!(left.iter().all(|tag| tag.as_str().starts_with('v')), "{left:?}");
}

#[tokio::test]
async fn a_registry_that_is_down_shows_what_it_said_before_and_how_old_that_is() {
    let world = World::new().await;
    let dying = Fake::start(registry::fake::FakeOptions::default()).await.expect("a registry");
    world.connect("dying", dying.connection()).await;
    let digest = image(&dying, "a", "one", &json!({}));
    dying.tag("a", "v1", &digest);
    let before = world.look_in("dying", "a", "v1", View::Image).await.expect("an image");
    let asked_at = world.clock.now();
    drop(dying);
    world.clock.advance(10 * 60);
    let at_once = world.look_in("dying", "a", "v1", View::Image).await.expect("what was known");
    assert_eq!((&at_once.digest, at_once.freshness.checked), (&before.digest, Some(asked_at)));
    assert!(at_once.freshness.asking && at_once.freshness.trouble.is_none(), "nobody knows yet");
    let after = world.look_in("dying", "a", "v1", View::Image).await.expect("what was known");
    assert_eq!((&after.digest, after.freshness.checked), (&before.digest, Some(asked_at)));
    let trouble = after.freshness.trouble.clone().expect("the page says so");
    assert!(trouble.kind == Kind::RegistryDown && trouble.message.contains("refuse"), "{trouble:?}");
    assert_eq!((after.freshness.tried, after.freshness.asking), (Some(world.clock.now()), false));
    assert!(shown(&after).config.here().is_some(), "all of it is still there");

    let unknown = world.look_in("dying", "a", "v2", View::Image).await.expect_err("never seen");
    assert_eq!(unknown.kind, Kind::RegistryDown);
    assert!(unknown.message.contains("Check"), "it says what to do: {unknown}");
    assert_eq!(unknown.way_out, Some(WayOut::Connection("dying".into())));
}

#[tokio::test]
async fn a_registry_that_hangs_keeps_nobody_waiting_for_what_is_known() {
    let world = World::new().await;
    let digest = image(&world.fake, "a", "one", &json!({}));
    world.fake.tag("a", "v1", &digest);
    world.look("a", "v1", View::Image).await.expect("an image");
    world.fake.fault(Fault::at("/v2/a/", Trouble::Hang));
    world.clock.advance(10 * 60);
    let seen = world.look_twice("a", "v1").await.expect("what was known");
    assert_eq!(seen.digest, digest);
    assert!(seen.freshness.trouble.expect("the page says so").message.contains("did not answer within"));
    assert!(seen.referrers.trouble.is_some(), "referrers are not asked for either");
}

#[tokio::test]
async fn platforms_and_attestations_of_an_index_are_told_apart() {
    let world = World::new().await;
    let fake = &world.fake;
    let (amd, arm) = (image(fake, "a", "amd", &json!({})), image(fake, "a", "arm", &json!({})));
    let predicate = json!({ "in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2" });
    let statement = fake.push_blob("a", "{}");
    let mut layer = descriptor("application/vnd.in-toto+json", &statement, 2);
    layer["annotations"] = predicate;
    let attestation = manifest(
        fake,
        "a",
        (CONFIG, r#"{"os":"unknown","architecture":"unknown"}"#),
        &[],
        &json!({ "layers": [layer] }),
    );
    let mut about = entry(&attestation, "unknown");
    about["platform"]["os"] = "unknown".into();
    about["annotations"] =
        json!({ "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": amd });
    let top = index(fake, "a", vec![entry(&amd, "amd64"), entry(&arm, "arm64"), about]);

    let seen = world.look("a", top.as_str(), View::Platform("linux/arm64".into())).await.expect("an index");
    let names: Vec<_> = seen.entries.iter().map(|entry| entry.child.name.as_str()).collect();
    assert_eq!(names, ["linux/amd64", "linux/arm64", "attestation for linux/amd64"]);
    assert_eq!((&shown(&seen).digest, seen.platform.as_deref()), (&arm, Some("linux/arm64")));
    let sum = seen.entries.iter().filter(|entry| entry.is_platform()).filter_map(|entry| match &entry.state {
        EntryState::Read(summary) => Some(summary.size),
        _ => None,
    });
    assert_eq!(seen.summary.size, sum.sum::<u64>(), "the sum agrees with its parts");

    let attestations = world.look("a", top.as_str(), View::Attestations).await.expect("an index");
    assert_eq!(attestations.entries[2].predicates, ["https://slsa.dev/provenance/v0.2"]);
    assert!(attestations.shown.here().is_none());
}

#[tokio::test]
async fn an_entry_that_an_index_names_and_nobody_has_is_called_gone() {
    let world = World::new().await;
    let (here, lost) = (image(&world.fake, "a", "one", &json!({})), image(&world.fake, "a", "two", &json!({})));
    let top = index(&world.fake, "a", vec![entry(&here, "amd64"), entry(&lost, "arm64")]);
    world.fake.lose_manifest("a", &lost);
    let seen = world.look("a", top.as_str(), View::Image).await.expect("an index");
    assert!(!seen.entries[0].is_gone() && seen.entries[1].is_gone());
    assert_eq!(shown(&seen).digest, here);
    let gone = world.look("a", top.as_str(), View::Platform("linux/arm64".into())).await.expect("an index");
    assert!(gone.shown.here().is_none() && gone.entries[1].chosen);
}

#[tokio::test]
async fn a_helm_chart_tells_what_it_installs() {
    let world = World::new().await;
    let chart = r#"{"name":"web","version":"1.2.3","appVersion":"4.18.2","description":"The storefront."}"#;
    let content = ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "a chart");
    let digest = manifest(
        &world.fake,
        "charts/web",
        ("application/vnd.cncf.helm.config.v1+json", chart),
        &[content],
        &json!({}),
    );
    let seen = world.look("charts/web", digest.as_str(), View::Image).await.expect("a chart");
    assert_eq!(seen.summary.kind, What::HelmChart);
    let chart = shown(&seen).chart.here().expect("a chart");
    assert_eq!((chart.name.as_str(), chart.app_version.as_deref()), ("web", Some("4.18.2")));
    assert!(matches!(shown(&seen).config, Part::None));
}

#[tokio::test]
async fn schema_1_is_recognised_for_what_it_is() {
    let world = World::new().await;
    let layer = world.fake.push_blob("old", "layer");
    let document = json!({
        "schemaVersion": 1, "name": "old", "tag": "1", "architecture": "amd64", "fsLayers": [{ "blobSum": layer }],
        "history": [{ "v1Compatibility": r#"{"created":"2014-01-01T00:00:00Z","config":{"Cmd":["sh"]},"container_config":{"Cmd":["/bin/sh -c #(nop) CMD [\"sh\"]"]}}"# }],
    });
    let digest = world.fake.push_manifest("old", domain::manifest::SCHEMA1, document.to_string());
    let seen = world.look("old", digest.as_str(), View::Image).await.expect("an image");
    assert_eq!(seen.summary.kind, What::Schema1);
    assert!(shown(&seen).document.notes().iter().any(|note| note.contains("schema 1")));
    assert_eq!(shown(&seen).config.here().and_then(|config| config.cmd.clone()), Some(vec!["sh".to_owned()]));
    assert_eq!(shown(&seen).steps.steps.len(), 1);
}

#[tokio::test]
async fn the_tag_before_is_the_one_to_compare_with() {
    let world = World::new().await;
    for version in ["v1.2.0", "v1.10.0", "v1.9.3"] {
        let digest = image(&world.fake, "a", version, &json!({}));
        world.fake.tag("a", version, &digest);
    }
    world.look("a", "v1.10.0", View::Image).await.expect("an image");
    let seen = world.look("a", "v1.10.0", View::Image).await.expect("an image");
    assert_eq!(seen.previous.as_ref().map(domain::Tag::as_str), Some("v1.9.3"));
    assert_eq!(world.look("a", "v1.2.0", View::Image).await.expect("an image").previous, None);
}

#[tokio::test]
async fn two_who_look_at_the_same_moment_cost_the_registry_one_answer() {
    let world = World::new().await;
    let digest = image(&world.fake, "a", "one", &json!({}));
    let reference = Reference::Digest(digest.clone());
    let repository = name("a");
    let look = || world.operations.image(&world.ada, "lab", &repository, &reference, &View::Image);
    let (one, two) = tokio::join!(look(), look());
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(world.fake.count("GET", &format!("/manifests/{digest}")), 1);
}
