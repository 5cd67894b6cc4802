//! Coming in by a link: one link, one password, and an account without rights.

use crate::site::Site;
use axum::http::StatusCode;
use domain::{Actor, access::Rights};

const NEW: &str = "the gulls know better";
const FIELDS: [(&str, &str); 2] = [("password", NEW), ("again", NEW)];

/// The path of a link for somebody new.
async fn invited(site: &Site, name: &str) -> String {
    let somebody = Actor { rights: Rights::administrator(), ..Actor::cli() };
    site.operations.invite(&somebody, name, "").await.expect("invited").path
}

#[tokio::test]
async fn the_link_becomes_a_cookie_and_the_cookie_a_session() {
    let site = Site::new().await;
    let path = invited(&site, "grace").await;
    let opened = site.get(&path).html().send().await;
    assert_eq!((opened.status, opened.location()), (StatusCode::SEE_OTHER, "/join"));
    let line = opened.cookie("wharfinger-join").expect("a cookie");
    for wanted in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=900"] {
        assert!(line.split("; ").any(|found| found == wanted), "{wanted} in {line}");
    }
    let cookie = opened.carried();
    let page = site.get("/join").html().cookie(&cookie).send().await;
    assert!(page.body.contains(r#"action="/do/person-join""#) && page.body.contains("grace"), "{}", page.body);
    assert!(!page.body.contains(path.trim_start_matches("/join/")), "the token stands in no page");

    let joined = site.post("/do/person-join").html().on_our_page().cookie(&cookie).form(&FIELDS).send().await;
    assert_eq!(joined.location(), "/profile?saved=joined", "{joined:?}");
    assert!(joined.cookie("wharfinger-join").is_some_and(|line| line.contains("Max-Age=0")), "{joined:?}");
    let session = joined.cookie("wharfinger").expect("signed in at once");
    let session = session.split(';').next().expect("a cookie").to_owned();
    let profile = site.get("/profile").html().cookie(&session).send().await;
    assert_eq!(profile.status, StatusCode::OK, "who has no rights yet comes in");
    assert!(profile.body.contains("No access yet"), "{}", profile.body);

    let again = site.get(&path).html().send().await;
    assert!(again.cookie("wharfinger-join").is_some_and(|line| line.contains("Max-Age=0")), "used up: {again:?}");
    let second = site.post("/do/person-join").html().on_our_page().cookie(&cookie).form(&FIELDS).send().await;
    assert!(second.cookie("wharfinger").is_none(), "{second:?}");
}

#[tokio::test]
async fn without_a_good_link_nobody_comes_in() {
    let site = Site::new().await;
    let path = invited(&site, "grace").await;
    for guess in ["/join/x", "/join/aaaa%0d%0aset-cookie:x=y", &path[..path.len() - 1]] {
        let opened = site.get(guess).html().send().await;
        assert_eq!((opened.status, opened.location()), (StatusCode::SEE_OTHER, "/join"), "{guess}");
        assert!(opened.cookie("wharfinger-join").is_some_and(|line| line.contains("Max-Age=0")), "{guess}");
    }
    let page = site.get("/join").html().send().await;
    assert!(page.status == StatusCode::OK && !page.body.contains("/do/person-join"), "{}", page.body);
    for cookie in ["", "wharfinger-join=aaaa"] {
        let refused = site.post("/do/person-join").html().on_our_page().cookie(cookie).form(&FIELDS).send().await;
        assert!(refused.cookie("wharfinger").is_none(), "{refused:?}");
    }
    let foreign = site
        .post("/do/person-join")
        .html()
        .cookie(&format!("wharfinger-join={}", &path[6..]))
        .form(&FIELDS)
        .send()
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN, "from a page that is not ours");
}

#[tokio::test]
async fn disabling_somebody_ends_their_session_with_the_next_request() {
    let site = Site::new().await;
    let opened = site.get(&invited(&site, "grace").await).html().send().await;
    let joined = site.post("/do/person-join").html().on_our_page().cookie(&opened.carried()).form(&FIELDS).send().await;
    let session = joined.cookie("wharfinger").expect("signed in").split(';').next().expect("a cookie").to_owned();
    assert_eq!(site.get("/profile").html().cookie(&session).send().await.status, StatusCode::OK);
    let ada = site.signed_in().await;
    let form = [("name", "grace")];
    let own = [("name", "ada")];
    let by_grace = site.post("/do/person-disable").on_our_page().cookie(&session).form(&own).send().await;
    assert_eq!(by_grace.status, StatusCode::NOT_FOUND, "whom she may not know: {by_grace:?}");
    let disabled = site.post("/do/person-disable").html().on_our_page().cookie(&ada).form(&form).send().await;
    assert_eq!(disabled.location(), "/access/people/grace?saved=disabled");
    let answer = site.get("/profile").html().cookie(&session).send().await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/sign-in?next=%2Fprofile"));
    let enabled = site.post("/do/person-enable").html().on_our_page().cookie(&ada).form(&form).send().await;
    assert_eq!(enabled.location(), "/access/people/grace?saved=enabled");
    let answer = site.get("/profile").html().cookie(&session).send().await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "the session stays ended");
}
