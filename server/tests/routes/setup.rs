//! The first start: one link, one account.

use crate::site::{PASSWORD, Site};
use axum::http::StatusCode;

const FIELDS: [(&str, &str); 3] = [("name", "grace"), ("password", PASSWORD), ("again", PASSWORD)];

async fn token(site: &Site) -> String {
    site.operations.new_setup_token().await.expect("the records").expect("nobody is there")
}

#[tokio::test]
async fn while_nobody_is_there_every_page_leads_to_setup() {
    let site = Site::empty(&[]).await;
    for path in ["/", "/sign-in", "/audit", "/registries/a/b", "/no/such/page"] {
        let answer = site.get(path).html().send().await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/setup"), "{path}");
        let answer = site.get(path).send().await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    let page = site.get("/setup").html().send().await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("link") && !page.body.contains(r#"type="password""#), "{}", page.body);
}

#[tokio::test]
async fn the_link_becomes_a_cookie_and_the_cookie_an_account() {
    let site = Site::empty(&[]).await;
    let token = token(&site).await;
    let opened = site.get(&format!("/setup/{token}")).html().send().await;
    assert_eq!((opened.status, opened.location()), (StatusCode::SEE_OTHER, "/setup"));
    let line = opened.cookie("wharfinger-setup").expect("a cookie");
    for wanted in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=900"] {
        assert!(line.split("; ").any(|found| found == wanted), "{wanted} in {line}");
    }
    let cookie = opened.carried();
    let page = site.get("/setup").html().cookie(&cookie).send().await;
    assert!(page.body.contains(r#"action="/do/setup-complete""#), "{}", page.body);
    assert!(!page.body.contains(&token), "the token stands in no page");

    let made = site.post("/do/setup-complete").html().on_our_page().cookie(&cookie).form(&FIELDS).send().await;
    assert_eq!(made.location(), "/", "{made:?}");
    assert!(made.cookie("wharfinger-setup").is_some_and(|line| line.contains("Max-Age=0")), "{made:?}");
    let session = made.cookie("wharfinger").expect("signed in at once");
    let session = session.split(';').next().expect("a cookie").to_owned();
    assert_eq!(site.get("/profile").html().cookie(&session).send().await.status, StatusCode::OK);

    let again = site.get(&format!("/setup/{token}")).html().send().await;
    assert!(again.cookie("wharfinger-setup").is_some_and(|line| line.contains("Max-Age=0")), "used up: {again:?}");
    let second = site.post("/do/setup-complete").html().on_our_page().cookie(&cookie).form(&FIELDS).send().await;
    assert_eq!(second.location(), "/sign-in", "{second:?}");
    assert!(second.cookie("wharfinger").is_none());
    assert_eq!(site.get("/setup").html().send().await.location(), "/sign-in");
}

#[tokio::test]
async fn without_the_link_nobody_makes_the_first_account() {
    let site = Site::empty(&[]).await;
    token(&site).await;
    for cookie in
        ["", "wharfinger-setup=", "wharfinger-setup=0000000000000000000000000000000000000000000000000000000000000000"]
    {
        let answer = site.post("/do/setup-complete").on_our_page().cookie(cookie).form(&FIELDS).send().await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{cookie}: {}", answer.body);
    }
    assert!(site.operations.is_empty().await.expect("the records"));
}

#[tokio::test]
async fn a_wrong_or_old_link_gives_no_cookie() {
    let site = Site::empty(&[]).await;
    let token = token(&site).await;
    for path in ["/setup/wrong", "/setup/%0d%0aset-cookie:x", "/setup/a;b"] {
        let answer = site.get(path).html().send().await;
        assert_eq!(answer.location(), "/setup", "{path}");
        assert!(answer.cookie("wharfinger-setup").is_none_or(|line| line.contains("Max-Age=0")), "{answer:?}");
    }
    site.clock.advance(24 * 3_600 + 1);
    let late = site.get(&format!("/setup/{token}")).html().send().await;
    assert!(late.cookie("wharfinger-setup").is_none_or(|line| line.contains("Max-Age=0")), "{late:?}");
}

#[tokio::test]
async fn a_new_link_makes_the_one_before_void() {
    let site = Site::empty(&[]).await;
    let (first, second) = (token(&site).await, token(&site).await);
    for (token, good) in [(first, false), (second, true)] {
        let answer = site.get(&format!("/setup/{token}")).html().send().await;
        assert_eq!(answer.cookie("wharfinger-setup").is_some_and(|line| line.contains("Max-Age=900")), good);
    }
}

#[tokio::test]
async fn of_two_who_come_at_once_one_makes_the_account() {
    let site = Site::empty(&[]).await;
    let token = token(&site).await;
    let cookie = site.get(&format!("/setup/{token}")).html().send().await.carried();
    let form = || site.post("/do/setup-complete").html().on_our_page().cookie(&cookie).form(&FIELDS).send();
    let (one, two) = tokio::join!(form(), form());
    let signed_in = [&one, &two].iter().filter(|answer| answer.cookie("wharfinger").is_some()).count();
    assert_eq!(signed_in, 1, "{one:?} {two:?}");
    assert_eq!(site.operations.store().people().count().await.expect("the records"), 1);
}

#[tokio::test]
async fn below_a_path_the_cookie_stays_there() {
    let site = Site::empty(&[("public-url", "https://w.example/registry")]).await;
    let token = token(&site).await;
    let opened = site.get(&format!("/registry/setup/{token}")).html().send().await;
    assert_eq!(opened.location(), "/registry/setup");
    let line = opened.cookie("__Secure-wharfinger-setup").expect("a cookie");
    assert!(line.contains("; Secure") && line.contains("; Path=/registry;"), "{line}");
}
