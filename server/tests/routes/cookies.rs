//! The session's cookie at every kind of address.

use crate::site::{NAME, PASSWORD, Site};
use axum::http::StatusCode;

const FIELDS: [(&str, &str); 3] = [("name", NAME), ("password", PASSWORD), ("next", "/audit")];

async fn attributes(public_url: &str, path: &str, name: &str) -> (Vec<String>, String) {
    let flags = [("public-url", public_url)];
    let site = Site::with(if public_url.is_empty() { &[] } else { &flags }).await;
    let answer = site.post(path).html().on_our_page().form(&FIELDS).send().await;
    let line = answer.cookie(name).unwrap_or_else(|| panic!("{answer:?}"));
    let attributes = line.split("; ").skip(1).map(str::to_owned).collect();
    (attributes, answer.location().to_owned())
}

#[tokio::test]
async fn over_plain_http_it_has_no_prefix() {
    let (all, to) = attributes("", "/do/session-create", "wharfinger").await;
    for wanted in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(all.iter().any(|found| found == wanted), "{wanted} in {all:?}");
    }
    assert!(!all.iter().any(|found| found == "Secure" || found.starts_with("Domain")), "{all:?}");
    assert_eq!(to, "/audit");
}

#[tokio::test]
async fn over_https_at_a_root_it_is_bound_to_the_host() {
    let (all, _) = attributes("https://w.example", "/do/session-create", "__Host-wharfinger").await;
    for wanted in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
        assert!(all.iter().any(|found| found == wanted), "{wanted} in {all:?}");
    }
    assert!(!all.iter().any(|found| found.starts_with("Domain")), "{all:?}");
}

#[tokio::test]
async fn over_https_below_a_path_it_is_bound_to_the_path() {
    let (all, to) =
        attributes("https://w.example/registry", "/registry/do/session-create", "__Secure-wharfinger").await;
    for wanted in ["HttpOnly", "SameSite=Lax", "Path=/registry", "Secure"] {
        assert!(all.iter().any(|found| found == wanted), "{wanted} in {all:?}");
    }
    assert_eq!(to, "/registry/audit");
}

#[tokio::test]
async fn a_cookie_that_ends_is_one_that_browsers_take() {
    let site = Site::with(&[("public-url", "https://w.example")]).await;
    let cookie = site.signed_in().await;
    let answer = site.post("/do/session-end").html().on_our_page().cookie(&cookie).form(&[]).send().await;
    assert!(answer.status.is_redirection(), "{answer:?}");
    assert_eq!(answer.location(), "/sign-in?ended");
    assert!(answer.header("clear-site-data").contains("\"cookies\""), "{answer:?}");
    let line = answer.cookie("__Host-wharfinger").expect("it is taken back");
    assert!(line.contains("Max-Age=0") && line.contains("Secure") && line.contains("Path=/"), "{line}");
    let page = site.get("/").html().cookie(&cookie).send().await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/sign-in"));
}
