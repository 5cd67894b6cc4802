//! Vendors' own listings: read where they are told, without our credentials going astray, and never relied on.

use crate::support::{Got, Scripted, answer, basic, name, tag, token, with_password};
use axum::response::Response;
use domain::{Digest, Timestamp};
use registry::{Error, Listing, Registry, TaggedDigest, Vendor};
use serde_json::{Value, json};
use std::time::Duration;

fn digest(n: usize) -> String {
    Digest::of(n.to_string().as_bytes()).to_string()
}

fn told(value: &Value) -> Response {
    answer(200, &[("content-type", "application/json")], value.to_string())
}

fn bearer(realm: &str, service: &str) -> Response {
    answer(401, &[("www-authenticate", &format!("Bearer realm=\"{realm}\",service=\"{service}\""))], "{}")
}

async fn listed(registry: &Registry) -> Listing<TaggedDigest> {
    registry.tags_with_digests(&name("lab/team/api")).await.expect("it answers").expect("a listing")
}

fn tags(listing: &Listing<TaggedDigest>) -> Vec<&str> {
    listing.items.iter().map(|item| item.tag.as_str()).collect()
}

fn known(registry: Registry, vendor: Vendor) -> Registry {
    registry.set_vendor(Some(vendor));
    registry
}

#[tokio::test]
async fn google_tells_everything_in_one_answer() {
    let body = json!({"child": [], "name": "lab/team/api", "tags": ["v1", "v2", "latest"], "manifest": {
        digest(1): {"imageSizeBytes": "7", "mediaType": "application/vnd.oci.image.manifest.v1+json", "tag": ["v1"],
            "timeCreatedMs": "0", "timeUploadedMs": "1600000000123"},
        digest(2): {"mediaType": "application/vnd.oci.image.index.v1+json", "tag": ["v2", "latest"], "timeUploadedMs": "0"},
        digest(3): {"tag": []},
    }});
    let home = Scripted::start(move |_, _| told(&body)).await;
    let listing = listed(&known(home.registry(), Vendor::Google)).await;
    assert_eq!(
        (tags(&listing), listing.complete, listing.why_incomplete.clone()),
        (vec!["v1", "v2", "latest"], true, None)
    );
    let first = &listing.items[0];
    assert_eq!((first.digest.to_string(), first.pushed), (digest(1), Some(Timestamp(1_600_000_000_123_000))));
    assert_eq!(first.media_type.as_deref(), Some("application/vnd.oci.image.manifest.v1+json"));
    assert_eq!((listing.items[2].digest.to_string(), listing.items[2].pushed), (digest(2), None));
    assert_eq!(home.requests().len(), 1);
    assert_eq!(home.requests()[0].target, "/v2/lab/team/api/tags/list");
}

#[tokio::test]
async fn a_list_that_lacks_something_is_incomplete_and_says_why() {
    let manifest = json!({digest(1): {"tag": ["v1"]}});
    let lacks = |body: Value, link: bool| async move {
        let home = Scripted::start(move |_, _| {
            let headers: &[(&str, &str)] = if link { &[("link", "</x>; rel=\"next\"")] } else { &[] };
            answer(200, headers, body.to_string())
        })
        .await;
        let listing = listed(&known(home.registry(), Vendor::Google)).await;
        assert!(!listing.complete && tags(&listing) == ["v1"], "{listing:?}");
        listing.why_incomplete.expect("a reason")
    };
    assert_eq!(
        lacks(json!({"tags": ["v1", "v2"], "manifest": manifest}), false).await,
        "1 of its tags have no manifest"
    );
    assert_eq!(lacks(json!({"tags": ["v1"], "manifest": manifest}), true).await, "it has more pages");
    let odd = json!({"tags": ["v1"], "manifest": {digest(1): {"tag": ["v1", "x".repeat(300)]}, "sha256:odd": {"tag": ["v2"]}}});
    assert_eq!(lacks(odd, false).await, "2 of its entries can't be read");
}

#[tokio::test]
async fn what_is_no_listing_is_none_with_a_reason() {
    let deep = format!(r#"{{"manifest":{}"#, "[".repeat(1_000_000));
    let bodies =
        ["", "[]", "{}", "<html>", r#"{"manifest":[]}"#, r#"{"manifest":{"sha256:x":7}}"#, r#"{"tags":["v1"]}"#, &deep];
    for vendor in [Vendor::Google, Vendor::Harbor, Vendor::Quay, Vendor::Zot] {
        for body in bodies {
            if vendor == Vendor::Harbor && body == "[]" {
                continue;
            }
            let body = body.to_owned();
            let shown = body.chars().take(40).collect::<String>();
            let home = Scripted::start(move |_, _| answer(200, &[], body.clone())).await;
            let registry = known(home.registry(), vendor);
            let outcome = registry.tags_with_digests(&name("lab/api")).await;
            assert_eq!(outcome, Ok(None), "{vendor} {shown}");
            assert!(registry.vendor_trouble().is_some_and(|why| why.contains("can't be used")), "{vendor} {shown}");
        }
        for status in [301, 400, 401, 403, 404, 405, 500] {
            let home = Scripted::start(move |_, _| answer(status, &[], "")).await;
            let registry = known(home.registry(), vendor);
            assert_eq!(registry.tags_with_digests(&name("lab/api")).await, Ok(None), "{vendor} {status}");
        }
    }
}

#[tokio::test]
async fn trouble_with_the_registry_itself_is_an_error() {
    let home = Scripted::start(|_, _| answer(429, &[("retry-after", "3600")], "")).await;
    let outcome = known(home.registry(), Vendor::Harbor).tags_with_digests(&name("lab/api")).await;
    assert_eq!(outcome, Err(Error::RateLimited { retry_after: Some(Duration::from_hours(1)) }));
}

#[tokio::test]
async fn a_listing_that_fails_three_times_is_left_alone() {
    let home = Scripted::start(|_, _| answer(403, &[], "")).await;
    let registry = known(home.registry(), Vendor::Quay);
    for _ in 0..10 {
        assert_eq!(registry.tags_with_digests(&name("lab/api")).await, Ok(None));
    }
    assert_eq!(home.requests().len(), 3);
}

#[tokio::test]
async fn a_registry_of_no_known_vendor_is_asked_once_and_never_again() {
    let home =
        Scripted::start(|got, _| if got.target == "/v2/" { told(&json!({})) } else { answer(404, &[], "") }).await;
    let registry = home.registry();
    for _ in 0..5 {
        assert_eq!(registry.tags_with_digests(&name("lab/api")).await, Ok(None));
    }
    assert_eq!((home.requests().len(), registry.vendor(), registry.vendor_trouble()), (2, None, None));
}

fn harbor(got: &Got, realm: &str) -> Response {
    let artifact = |n: usize, tags: Value| {
        json!({"digest": digest(n), "manifest_media_type": "application/vnd.oci.image.manifest.v1+json",
            "push_time": "2026-01-02T03:04:05.678Z", "tags": tags})
    };
    if got.target.starts_with("/v2/") {
        return bearer(realm, "harbor-registry");
    }
    if got.target.starts_with("/service/token") {
        return told(&json!({"token": "t"}));
    }
    let page: Vec<Value> = if got.target.contains("page=1&") {
        (0..100).map(|n| artifact(n, json!([{"name": format!("v{n}"), "push_time": "2026-02-02T00:00:00Z"}]))).collect()
    } else {
        vec![artifact(7, json!([{"name": "old"}, {"name": "older"}])), artifact(8, Value::Null)]
    };
    told(&Value::Array(page))
}

#[tokio::test]
async fn harbor_is_recognised_and_read_page_by_page_with_its_own_password() {
    let home = Scripted::start_knowing(|addr| move |got, _| harbor(got, &format!("http://{addr}/service/token"))).await;
    let registry = with_password(&home.connection(), token("robot$lab"), "secret");
    let listing = listed(&registry).await;
    assert_eq!(registry.vendor(), Some(Vendor::Harbor));
    assert_eq!((listing.items.len(), listing.pages, listing.complete), (102, 2, false));
    assert!(listing.why_incomplete.expect("a reason").contains("signatures"));
    assert_eq!((listing.items[101].tag.as_str(), listing.items[101].digest.to_string()), ("older", digest(7)));
    assert_eq!(listing.items[0].pushed, Timestamp::parse("2026-02-02T00:00:00Z"));
    assert_eq!(listing.items[100].pushed, Timestamp::parse("2026-01-02T03:04:05.678Z"));
    let asked: Vec<Got> = home.requests().into_iter().filter(|got| got.target.starts_with("/api/")).collect();
    assert!(
        asked[0].target.starts_with("/api/v2.0/projects/lab/repositories/team%252Fapi/artifacts?page=1&"),
        "{asked:?}"
    );
    assert!(asked.iter().all(|got| got.header("authorization").is_some_and(|sign| sign.starts_with("Basic "))));
}

#[tokio::test]
async fn a_password_for_a_token_server_elsewhere_is_not_shown_to_the_registry() {
    let tokens = Scripted::start(|_, _| told(&json!({"token": "t"}))).await;
    let realm = format!("http://{}/service/token", tokens.addr);
    let home = Scripted::start(move |got, _| harbor(got, &realm)).await;
    let mut connection = home.connection();
    connection.realm_host = Some(tokens.addr.to_string());
    let registry = with_password(&connection, token("robot$lab"), "secret");
    registry.set_vendor(Some(Vendor::Harbor));
    listed(&registry).await;
    assert!(
        home.requests().iter().all(|got| got.header("authorization").is_none_or(|sign| !sign.starts_with("Basic ")))
    );
}

#[tokio::test]
async fn credentials_do_not_follow_a_listing_to_another_host() {
    let elsewhere = Scripted::start(|_, _| told(&json!([]))).await;
    let to = format!("http://{}/", elsewhere.addr);
    let home = Scripted::start(move |_, _| answer(302, &[("location", &to)], "")).await;
    let mut connection = home.connection();
    connection.realm_host = Some(elsewhere.addr.to_string());
    let registry = known(with_password(&connection, basic("ada"), "secret"), Vendor::Harbor);
    registry.tags_with_digests(&name("lab/api")).await.expect("it answers");
    assert!(home.requests().iter().all(|got| got.header("authorization").is_some()));
    assert_eq!(elsewhere.requests().len(), 1);
    assert!(elsewhere.requests().iter().all(|got| got.header("authorization").is_none()));
    // A host that nobody registered or confirmed is not even asked, when it is this machine.
    let registry = known(with_password(&home.connection(), basic("ada"), "secret"), Vendor::Harbor);
    assert_eq!(registry.tags_with_digests(&name("lab/api")).await, Ok(None));
    assert_eq!(elsewhere.requests().len(), 1);
}

#[tokio::test]
async fn quay_is_recognised_and_asked_without_credentials() {
    let home = Scripted::start_knowing(|addr| {
        move |got, _| {
            let page = |tags: Value, more: bool| told(&json!({"tags": tags, "page": 1, "has_additional": more}));
            match got.target.as_str() {
                "/v2/" => bearer(&format!("http://{addr}/v2/auth"), &addr.to_string()),
                target if target.starts_with("/v2/auth") => told(&json!({"token": "t"})),
                target if target.ends_with("page=1") => {
                    page(json!([{"name": "v1", "manifest_digest": digest(1), "start_ts": 1_600_000_000}]), true)
                }
                _ => page(json!([{"name": "v2", "manifest_digest": digest(2)}]), false),
            }
        }
    })
    .await;
    let registry = with_password(&home.connection(), token("lab+robot"), "secret");
    // The realm is the registry's own, so the password would be its own too; Quay's API does not take it.
    let listing = listed(&registry).await;
    assert_eq!((registry.vendor(), tags(&listing), listing.complete), (Some(Vendor::Quay), vec!["v1", "v2"], true));
    assert_eq!(listing.items[0].pushed, Some(Timestamp(1_600_000_000_000_000)));
    let asked: Vec<Got> = home.requests().into_iter().filter(|got| got.target.starts_with("/api/")).collect();
    assert_eq!(asked[0].target, "/api/v1/repository/lab/team/api/tag/?onlyActiveTags=true&limit=100&page=1");
    assert!(asked.iter().all(|got| got.header("authorization").is_none()), "{asked:?}");
}

#[tokio::test]
async fn pages_that_never_end_end() {
    let body = json!({"tags": [{"name": "v1", "manifest_digest": digest(1)}], "has_additional": true});
    let home = Scripted::start(move |_, _| told(&body)).await;
    let listing = listed(&known(home.registry(), Vendor::Quay)).await;
    assert_eq!((tags(&listing), listing.complete), (vec!["v1"], false));
    assert!(home.requests().len() < 50);
    let home = Scripted::start(|_, n| match n {
        0 => told(&json!({"tags": [{"name": "v1", "manifest_digest": digest(1)}], "has_additional": true})),
        _ => answer(500, &[], ""),
    })
    .await;
    let listing = listed(&known(home.registry(), Vendor::Quay)).await;
    assert_eq!((tags(&listing), listing.complete), (vec!["v1"], false));
    assert!(listing.trouble.is_some() && listing.why_incomplete.is_some_and(|why| why.starts_with("page 2")));
}

#[tokio::test]
async fn zot_is_found_by_its_extensions_and_searched_page_by_page() {
    let home = Scripted::start(|got, _| {
        let images = |from: usize, to: usize| {
            let all: Vec<Value> = (from..to).map(|n| json!({"Tag": format!("v{n}"), "Digest": digest(n), "MediaType": "application/vnd.oci.image.manifest.v1+json"})).collect();
            told(&json!({"data": {"ImageList": {"Page": {"TotalCount": 700}, "Results": all}}}))
        };
        match got.target.as_str() {
            "/v2/" => told(&json!({})),
            "/v2/_oci/ext/discover" => {
                told(&json!({"extensions": [{"name": "_zot", "endpoints": ["/v2/_zot/ext/search", "/v2/_zot/ext/mgmt"]}]}))
            }
            target if target.contains("offset%3A0") => images(0, 500),
            _ => images(500, 700),
        }
    })
    .await;
    let registry = home.registry();
    let listing = listed(&registry).await;
    assert_eq!((registry.vendor(), listing.items.len(), listing.complete), (Some(Vendor::Zot), 700, false));
    assert_eq!((listing.items[699].tag.as_str(), listing.items[699].digest.to_string()), ("v699", digest(699)));
    assert_eq!(home.requests().len(), 4);
    assert!(home.requests()[2].target.contains("repo%3A%22lab%2Fteam%2Fapi%22"), "{:?}", home.requests()[2].target);
    let home = Scripted::start(|_, _| told(&json!({"errors": [{"message": "no such field"}], "data": null}))).await;
    assert_eq!(known(home.registry(), Vendor::Zot).tags_with_digests(&name("lab/api")).await, Ok(None));
}

#[tokio::test]
async fn what_a_listing_names_is_what_a_look_finds() {
    let home = Scripted::start(|got, _| match got.method.as_str() {
        "HEAD" => answer(200, &[("docker-content-digest", &digest(1))], ""),
        _ => told(&json!({"tags": ["v1"], "manifest": {digest(1): {"tag": ["v1"]}}})),
    })
    .await;
    let registry = known(home.registry(), Vendor::Google);
    let listing = listed(&registry).await;
    let head = registry.head_manifest(&name("lab/team/api"), &tag("v1"), Some(&listing.items[0].digest)).await;
    assert_eq!(head, Ok(registry::Head::NotModified));
}
