//! What every answer carries.

use crate::site::Site;
use axum::http::StatusCode;

#[tokio::test]
async fn a_page_lets_scripts_run_by_its_nonce_only() {
    let site = Site::new().await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let answer = site.get("/sign-in").html().send().await;
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'nonce-"), "{policy}");
        assert!(policy.contains("'wasm-unsafe-eval'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        assert!(answer.body.contains(&format!("nonce=\"{nonce}\"")), "the page uses it");
        assert!(!answer.body.contains(" style="), "no style attributes, which the policy refuses");
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn everything_else_gets_the_strictest_policy() {
    let site = Site::new().await;
    for path in
        ["/healthz", "/readyz", "/robots.txt", "/assets/gone-0123456789abcdef.css", "/events", "/audit", "/setup/x"]
    {
        let answer = site.get(path).send().await;
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'", "{path}");
    }
    let answer = site.get("/audit").html().send().await;
    assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'", "a redirect");
}

#[tokio::test]
async fn every_answer_carries_the_guarding_headers_and_a_number() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    for path in ["/", "/sign-in", "/healthz", "/no/such/page", "/assets/gone.css", "/do/session-create"] {
        for cookie in ["", cookie.as_str()] {
            let answer = site.get(path).html().cookie(cookie).send().await;
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cache-control", "no-store"),
                ("strict-transport-security", ""),
            ] {
                assert_eq!(answer.header(name), value, "{path} {name}");
            }
            assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
            assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
        }
    }
}

#[tokio::test]
async fn the_number_is_ours_and_stands_on_error_pages() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    let answer = site.get("/no/such/page").html().cookie(&cookie).with("x-request-id", "forged").send().await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let id = answer.header("x-request-id").to_owned();
    assert_ne!(id, "forged");
    assert!(answer.body.contains(&id), "{}", answer.body);
    let again = site.get("/no/such/page").html().cookie(&cookie).send().await;
    assert_ne!(again.header("x-request-id"), id);
}

#[tokio::test]
async fn over_https_browsers_are_told_to_stay_there() {
    for (public_url, value) in [("https://w.example", "max-age=15552000"), ("http://w.example", "")] {
        let site = Site::with(&[("public-url", public_url)]).await;
        assert_eq!(site.get("/sign-in").html().send().await.header("strict-transport-security"), value);
    }
}

#[tokio::test]
async fn pages_are_compressed_as_the_browser_asks_and_kept_by_nobody() {
    let site = Site::new().await;
    for (accepts, coding) in [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", "")]
    {
        let answer = site.get("/sign-in").html().with("accept-encoding", accepts).send().await;
        assert_eq!(answer.header("content-encoding"), coding, "{accepts}");
        assert!(answer.header("vary").to_ascii_lowercase().contains("accept-encoding"), "{accepts}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn below_a_path_every_address_of_ours_begins_with_it() {
    let site = Site::with(&[("public-url", "https://w.example/registry")]).await;
    for path in ["/registry/sign-in", "/sign-in"] {
        let answer = site.get(path).html().send().await;
        assert_eq!(answer.status, StatusCode::OK, "a proxy may keep the prefix or strip it: {path}");
        assert!(answer.body.contains(r#"action="/registry/do/session-create""#), "{}", answer.body);
        for attribute in ["href=\"/", "src=\"/", "action=\"/"] {
            for at in answer.body.match_indices(attribute).map(|(at, _)| at + attribute.len() - 1) {
                assert!(
                    answer.body[at..].starts_with("/registry"),
                    "{}",
                    &answer.body[at..(at + 60).min(answer.body.len())]
                );
            }
        }
    }
    let answer = site.get("/registry/audit?page=2").html().send().await;
    assert_eq!(answer.location(), "/registry/sign-in?next=%2Faudit%3Fpage%3D2");
    assert_eq!(site.get("/registryfoo").html().send().await.location(), "/registry/sign-in?next=%2Fregistryfoo");
    assert_eq!(site.get("/healthz").send().await.status, StatusCode::OK, "a check from inside needs no prefix");
}
