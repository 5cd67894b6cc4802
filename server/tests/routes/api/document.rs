//! The document and its page: open to everybody, and nothing runs in them.

use super::World;
use crate::site::Site;
use axum::http::StatusCode;

#[tokio::test]
async fn the_document_and_its_page_may_be_read_by_everybody() {
    for (flags, base) in [(&[][..], ""), (&[("public-url", "https://w.example/registry")][..], "/registry")] {
        let site = Site::with(flags).await;
        let answer = site.get(&format!("{base}/api/v1/openapi.json")).send().await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
        let document: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(document["servers"][0]["url"], format!("{base}/api/v1"));
        let page = site.get(&format!("{base}/api/v1")).html().send().await;
        assert_eq!(page.status, StatusCode::OK);
        let slash = site.get(&format!("{base}/api/v1/")).html().send().await;
        assert_eq!(
            (slash.status, slash.header("location")),
            (StatusCode::TEMPORARY_REDIRECT, &*format!("{base}/api/v1"))
        );
        assert!(page.body.contains(&format!("href=\"{base}/api/v1/openapi.json\"")), "links know the base");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
        for bad in ["<script", " style=", "javascript:", "http-equiv"] {
            assert!(!page.body.contains(bad), "{bad}");
        }
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_with_a_line_to_copy() {
    let world = World::new().await;
    let page = world.site.get("/api/v1").html().send().await.body;
    let document = server::api::generated(app::base::Base(""));
    let paths = document["paths"].as_object().expect("paths");
    let operations: Vec<_> = paths.values().flat_map(|item| item.as_object().expect("an item").values()).collect();
    for operation in &operations {
        let id = operation["operationId"].as_str().expect("a name");
        assert!(page.contains(&format!("<h3 id=\"{id}\">")) && page.contains(&format!("href=\"#{id}\"")), "{id}");
    }
    assert_eq!(page.matches("curl -H").count(), operations.len());
    for name in document["components"]["schemas"].as_object().expect("schemas").keys() {
        assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    // Every link within the page leads somewhere.
    for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{link}\"")), "#{link}");
    }
}

#[tokio::test]
async fn the_profile_leads_to_the_page() {
    let world = World::new().await;
    let cookie = world.site.signed_in().await;
    let profile = world.site.get("/profile").html().cookie(&cookie).send().await.body;
    assert!(profile.contains("href=\"/api/v1\""), "{profile}");
}
