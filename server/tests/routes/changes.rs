//! A change comes from a page of ours, and brings along no more than it may.

use crate::site::{PASSWORD, Site};
use axum::http::{Method, StatusCode};

const FIELDS: [(&str, &str); 3] = [("name", "ada"), ("password", PASSWORD), ("next", "")];

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    for headers in [
        &[][..],
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://localhost:3001")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://localhost:3000")],
    ] {
        for cookie in ["", cookie.as_str()] {
            let form = site.post("/do/session-create").html().cookie(cookie).form(&FIELDS);
            let answer = headers.iter().fold(form, |form, (name, value)| form.with(*name, value)).send().await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
            assert!(answer.body.contains("not come from one of our own pages"), "{}", answer.body);
            assert!(answer.cookie("wharfinger").is_none());
        }
    }
}

#[tokio::test]
async fn a_form_from_our_own_page_passes() {
    let site = Site::new().await;
    for (name, value) in [("origin", "http://localhost:3000"), ("sec-fetch-site", "same-origin")] {
        let answer = site.post("/do/session-create").html().with(name, value).form(&FIELDS).send().await;
        assert!(answer.status.is_redirection(), "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn with_a_public_url_only_its_origin_may_post() {
    let site = Site::with(&[("public-url", "https://w.example/registry")]).await;
    for (origin, passes) in [("https://w.example", true), ("http://w.example", false), ("http://localhost:3000", false)]
    {
        let answer = site.post("/registry/do/session-create").html().with("origin", origin).form(&FIELDS).send().await;
        assert_eq!(answer.status.is_redirection(), passes, "{origin}: {answer:?}");
        assert_eq!(answer.status == StatusCode::FORBIDDEN, !passes, "{origin}");
    }
}

#[tokio::test]
async fn every_unsafe_method_with_a_session_is_checked_wherever_it_goes() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = site.ask(method.clone(), "/audit").cookie(&cookie).send().await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method}");
    }
}

#[tokio::test]
async fn a_change_can_not_be_asked_for_by_a_link() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    for path in ["/do/session-end", "/do/profile-theme?theme=dark&next=/", "/do/session-revoke-others"] {
        let answer = site.get(path).html().cookie(&cookie).send().await;
        assert!(!answer.status.is_success() && !answer.status.is_redirection(), "{path}: {}", answer.status);
    }
    assert_eq!(site.get("/profile").html().cookie(&cookie).send().await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn a_body_has_a_largest_size() {
    let site = Site::new().await;
    let large = "x".repeat(256 * 1024 + 1);
    let form = site.post("/do/session-create").on_our_page().form(&[]).body(large.clone());
    let answer = form.send().await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.body.contains("256 KiB"), "{}", answer.body);
    // Without a length in front it is found out while reading.
    let chunks = tokio_stream::iter((0..40).map(|_| Ok::<_, std::io::Error>("x".repeat(8 * 1024))));
    let form = site.post("/do/session-create").on_our_page().form(&[]).body(axum::body::Body::from_stream(chunks));
    assert_eq!(form.send().await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_form_with_a_missing_field_is_told_so_with_the_number_of_the_request() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    let form = || site.post("/do/registry-switch").on_our_page().cookie(&cookie).form(&[("name", "lab")]);
    let answer = form().send().await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    let error: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(error["reference"], answer.header("x-request-id"));
    assert!(error["message"].as_str().expect("a text").contains("Reload the page"), "{error}");
}

#[tokio::test]
async fn a_refusal_at_a_door_looks_like_our_pages_and_leads_on() {
    let site = Site::with(&[("public-url", "https://w.example/registry")]).await;
    let form = site.post("/registry/do/session-create").html().with("origin", "https://evil.example").form(&FIELDS);
    let answer = form.send().await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains(r#"<link rel="stylesheet" href="/registry/assets/"#), "{}", answer.body);
    assert!(answer.body.contains(r#"href="/registry/">Go to the overview"#), "{}", answer.body);
    assert!(answer.body.contains(answer.header("x-request-id")), "{}", answer.body);
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("style-src 'self'") && policy.contains("default-src 'none'"), "{policy}");
}
