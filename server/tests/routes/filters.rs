//! Filters as a browser without scripts sends them: rows, chips, errors beside their fields, and nothing lost.

use crate::site::{Answer, Site};
use axum::http::StatusCode;
use domain::{Actor, ActorKind, manifest::OCI_MANIFEST};
use operations::connections::ConnectionForm;
use registry::fake::{Fake, FakeOptions};
use serde_json::json;
use std::time::Duration;

const TAGS: &str = "/registries/lab/team~app";

struct World {
    site: Site,
    cookie: String,
    _fake: Fake,
}

impl World {
    /// A registry with three tags that are read.
    async fn new() -> Self {
        let site = Site::new().await;
        let fake = Fake::start(FakeOptions::default()).await.expect("a registry");
        for (tag, layer) in [("v1.0.0", 10), ("v1.1.0", 2_000_000), ("nightly", 20)] {
            let config = json!({ "os": "linux", "architecture": "amd64", "created": "2025-01-01T00:00:00Z",
                "config": { "Labels": { "team": tag } }, "rootfs": { "type": "layers", "diff_ids": [] } });
            let size = config.to_string().len();
            let manifest = json!({
                "schemaVersion": 2, "mediaType": OCI_MANIFEST,
                "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "size": size,
                            "digest": fake.push_blob("team/app", config.to_string()) },
                "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar", "size": layer,
                             "digest": fake.push_blob("team/app", vec![b'x'; layer]) }],
            });
            let digest = fake.push_manifest("team/app", OCI_MANIFEST, manifest.to_string());
            fake.tag("team/app", tag, &digest);
        }
        let ada = Actor {
            kind: ActorKind::Person,
            id: 1,
            name: "ada".into(),
            rights: domain::access::Rights::administrator(),
            ..Actor::anonymous("192.0.2.1", "test", "r1")
        };
        let form =
            ConnectionForm { name: "lab".into(), address: fake.address().to_string(), ..ConnectionForm::empty() };
        site.operations.add_registry(&ada, &form).await.expect("added");
        let cookie = site.signed_in().await;
        let world = Self { site, cookie, _fake: fake };
        world.page("/registries/lab").await;
        world.page(TAGS).await;
        assert!(world.site.operations.reading_settled(Duration::from_secs(30)).await, "something is still being read");
        world
    }

    async fn page(&self, path: &str) -> Answer {
        self.site.get(path).html().cookie(&self.cookie).send().await
    }

    async fn good(&self, path: &str) -> String {
        let answer = self.page(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.body
    }
}

/// The tags whose rows link to them.
fn tags(body: &str) -> Vec<&str> {
    let link = format!("href=\"{TAGS}/tags/");
    let rest = body.split(&link).skip(1);
    rest.filter_map(|part| part.split('"').next()).collect()
}

#[tokio::test]
async fn an_address_with_filters_shows_their_rows_and_a_chip_for_each() {
    let world = World::new().await;
    for (query, expected) in [
        ("q=v1.*", &["v1.0.0", "v1.1.0"][..]),
        ("version=%3E%3D1.1", &["v1.1.0"]),
        ("larger=1MB", &["v1.1.0"]),
        ("q=v1.*&smaller=1MB", &["v1.0.0"]),
        ("label=team%3Dnightly", &["nightly"]),
        ("label=team&label=team%3Dnightly", &["nightly"]),
        ("older=1d&kind=image&platform=linux/amd64&sort=size", &["v1.1.0", "nightly", "v1.0.0"]),
        ("check=runs-as-root&q=n", &["nightly"]),
    ] {
        let body = world.good(&format!("{TAGS}?{query}")).await;
        assert_eq!(tags(&body), expected, "{query}");
    }
    let body = world.good(&format!("{TAGS}?q=v1.*&smaller=1MB&sort=size")).await;
    assert!(body.contains(&format!("href=\"{TAGS}?smaller=1MB&amp;sort=size\" class=\"chip\"")), "{body}");
    assert!(body.contains(&format!("href=\"{TAGS}?q=v1.*&amp;sort=size\" class=\"chip\"")), "{body}");
    assert!(body.contains("aria-sort=\"descending\""));
}

#[tokio::test]
async fn wrong_filters_are_told_beside_their_fields_and_nothing_typed_is_lost() {
    let world = World::new().await;
    let answer = world.page(&format!("{TAGS}?q=v1&version=newest&older=30&kind=picture&label=team")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = answer.body;
    for field in ["version", "older", "kind"] {
        assert!(body.contains(&format!("id=\"{field}-error\"")), "{field}: {body}");
        assert!(body.contains(&format!("aria-describedby=\"{field}-error\"")), "{field}");
    }
    for typed in ["value=\"newest\"", "value=\"30\"", "value=\"picture\" selected", "value=\"team\"", "value=\"v1\""] {
        assert!(body.contains(typed), "{typed}: {body}");
    }
    assert!(body.contains("<details open"), "what is wrong is in sight");
    assert_eq!(tags(&body), ["v1.0.0", "v1.1.0"], "what can be read holds");
    let answer = world.page("/registries/lab?version=1.x").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("can&#39;t be filtered") || answer.body.contains("can't be filtered"));
}

#[tokio::test]
async fn the_empty_fields_of_a_form_leave_the_address() {
    let world = World::new().await;
    let answer = world.page(&format!("{TAGS}?q=v1.*&sort=&version=&label=&kind=&order=")).await;
    assert!(answer.status.is_redirection(), "{}", answer.status);
    assert_eq!(answer.location(), format!("{TAGS}?q=v1.*"));
    let answer = world.page("/registries/lab?q=&view=&sort=bytes").await;
    assert_eq!(answer.location(), "/registries/lab?sort=bytes");
    let answer = world.page("/tags?q=&registry=").await;
    assert_eq!(answer.location(), "/tags");
}

#[tokio::test]
async fn an_empty_list_says_what_is_in_force_and_offers_to_drop_it() {
    let world = World::new().await;
    let body = world.good(&format!("{TAGS}?q=nothing&larger=1GB")).await;
    assert!(body.contains("In force:") && body.contains("larger than 1 GB"), "{body}");
    assert!(body.contains(&format!("<a href=\"{TAGS}\" class=\"button\">Clear all filters")), "{body}");
    let body = world.good("/registries/lab?newer=1d&sort=name").await;
    assert!(body.contains("In force:") && body.contains("Clear all filters"), "{body}");
    let body = world.good(&format!("{TAGS}?tagged=no")).await;
    assert!(body.contains("Nothing without a tag is known here"), "{body}");
}

#[tokio::test]
async fn all_registries_stand_in_one_list() {
    let world = World::new().await;
    let body = world.good("/tags?version=1.x&sort=name").await;
    assert_eq!(tags(&body), ["v1.0.0", "v1.1.0"]);
    let body = world.good("/repositories").await;
    assert!(body.contains(&format!("href=\"{TAGS}\"")), "{body}");
    assert_eq!(world.page("/tags?registry=nowhere").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.page("/repositories?label=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for path in ["/tags", "/repositories", TAGS] {
        let answer = world.site.get(path).html().send().await;
        assert!(answer.status.is_redirection() && answer.location().starts_with("/sign-in"), "{path}: {answer:?}");
    }
}
