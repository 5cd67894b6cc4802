//! Who may come in, and where others are sent.

use crate::site::{PASSWORD, Site};
use axum::http::{Method, StatusCode};

/// Every page, with names that are well formed and not there where a name is needed.
const PAGES: &[(&str, StatusCode)] = &[
    ("/", StatusCode::OK),
    ("/search", StatusCode::OK),
    ("/compare", StatusCode::OK),
    ("/registries/gone", StatusCode::NOT_FOUND),
    ("/registries/gone/team~api", StatusCode::NOT_FOUND),
    ("/registries/gone/team~api/tags/latest", StatusCode::NOT_FOUND),
    (
        "/registries/gone/team~api/manifests/sha256:0000000000000000000000000000000000000000000000000000000000000000",
        StatusCode::NOT_FOUND,
    ),
    ("/settings/registries", StatusCode::OK),
    ("/settings/registries/new", StatusCode::OK),
    ("/settings/registries/gone", StatusCode::NOT_FOUND),
    ("/settings/registries/gone/use", StatusCode::NOT_FOUND),
    ("/settings/registries/gone/remove", StatusCode::NOT_FOUND),
    ("/access/people", StatusCode::OK),
    ("/access/people/gone", StatusCode::NOT_FOUND),
    ("/access/teams", StatusCode::OK),
    ("/access/teams/gone", StatusCode::NOT_FOUND),
    ("/access/robots", StatusCode::OK),
    ("/access/robots/gone", StatusCode::NOT_FOUND),
    ("/audit", StatusCode::OK),
    ("/audit/999999", StatusCode::NOT_FOUND),
    ("/profile", StatusCode::OK),
    ("/no/such/page", StatusCode::NOT_FOUND),
];

/// Every address that changes something, but for those at the door.
fn changes() -> Vec<&'static str> {
    let all = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path);
    // Three that begin a session, and one that only reads.
    let others = ["/do/session-create", "/do/setup-complete", "/do/person-join", "/do/search-suggest"];
    let inside: Vec<_> = all.filter(|path| !others.contains(path)).collect();
    assert!(inside.len() > 5 && inside.iter().all(|path| path.starts_with("/do/")), "{inside:?}");
    inside
}

#[tokio::test]
async fn somebody_signed_in_reads_every_page() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    for (path, status) in PAGES {
        let answer = site.get(path).html().cookie(&cookie).send().await;
        assert_eq!(answer.status, *status, "{path}: {}", answer.body);
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        assert!(answer.body.contains("<main"), "{path} is a whole page");
    }
}

#[tokio::test]
async fn a_stranger_is_sent_to_the_door_and_back_to_the_page() {
    let site = Site::new().await;
    for (path, _) in PAGES {
        let answer = site.get(path).html().send().await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let next = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", path).finish();
        let expected = if *path == "/" { "/sign-in".to_owned() } else { format!("/sign-in?{next}") };
        assert_eq!(answer.location(), expected);
        assert!(answer.cookie("wharfinger").is_none(), "reading begins no session");
    }
    let answer = site.get("/registries/a?q=b&page=2").html().send().await;
    assert_eq!(answer.location(), "/sign-in?next=%2Fregistries%2Fa%3Fq%3Db%26page%3D2");
}

#[tokio::test]
async fn a_program_without_a_session_gets_401_and_no_page() {
    let site = Site::new().await;
    for path in PAGES.iter().map(|(path, _)| *path).chain(["/events"]) {
        let answer = site.get(path).send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.body.contains("sign-in-needed"), "{path}: {}", answer.body);
    }
    for path in changes() {
        let answer = site.post(path).on_our_page().form(&[]).send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn every_change_is_a_form_of_our_own_pages() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    for path in changes() {
        let foreign = site.post(path).cookie(&cookie).with("origin", "http://evil.example").form(&[]).send().await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{path}");
        let linked = site.get(path).cookie(&cookie).send().await;
        assert_eq!(linked.status, StatusCode::METHOD_NOT_ALLOWED, "{path}: {}", linked.body);
    }
}

#[tokio::test]
async fn a_form_of_an_ended_session_leads_back_to_its_page() {
    let site = Site::new().await;
    let form = site.post("/do/profile-edit").html().on_our_page().form(&[("display_name", "Ada")]);
    let answer = form.with("referer", "http://localhost:3000/profile?a=b").send().await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/sign-in?next=%2Fprofile%3Fa%3Db");
}

#[tokio::test]
async fn what_machines_ask_is_open_to_all() {
    for site in [Site::new().await, Site::empty(&[]).await] {
        for path in ["/healthz", "/readyz", "/robots.txt"] {
            assert_eq!(site.get(path).send().await.status, StatusCode::OK, "{path}");
        }
        assert_eq!(site.get("/assets/gone-0123456789abcdef.css").send().await.status, StatusCode::NOT_FOUND);
        assert!(site.get("/favicon.ico").send().await.status.is_redirection());
        assert_eq!(site.ask(Method::HEAD, "/healthz").send().await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn the_sign_in_page_reads_without_a_session() {
    let site = Site::new().await;
    let answer = site.get("/sign-in?next=%2Faudit").html().send().await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains(r#"name="password""#), "{}", answer.body);
    assert!(answer.body.contains(r#"value="/audit""#), "{}", answer.body);
}

#[tokio::test]
async fn after_signing_in_one_is_where_one_wanted_to_be() {
    let site = Site::new().await;
    for (next, to) in [
        ("/registries/a?q=b", "/registries/a?q=b"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let answer = site.try_sign_in(PASSWORD, next).await;
        assert!(answer.status.is_redirection(), "{answer:?}");
        assert_eq!(answer.location(), to, "{next}");
    }
}

#[tokio::test]
async fn a_wrong_password_begins_no_session_and_is_said_on_the_page() {
    let site = Site::new().await;
    let answer = site.try_sign_in("not the password", "").await;
    assert!(answer.status.is_redirection(), "{answer:?}");
    assert!(answer.cookie("wharfinger").is_none(), "{answer:?}");
    let back = answer.location();
    let path = back.strip_prefix("http://localhost:3000").unwrap_or(back);
    let page = site.get(path).html().send().await;
    assert!(page.body.contains("do not match"), "{}", page.body);
}

#[tokio::test]
async fn a_script_that_signs_in_wrongly_gets_the_status() {
    let site = Site::new().await;
    let fields = [("name", "ada"), ("password", "wrong"), ("next", "")];
    let answer =
        site.post("/do/session-create").with("accept", "application/json").on_our_page().form(&fields).send().await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert!(answer.cookie("wharfinger").is_none());
}

#[tokio::test]
async fn a_made_up_cookie_is_no_session() {
    let site = Site::new().await;
    for cookie in ["wharfinger=AAAAAAAAAAAAAAAAAAAAAA", "wharfinger=%00", "wharfinger=", "wharfinger=x; wharfinger=y"] {
        let answer = site.get("/").html().cookie(cookie).send().await;
        assert_eq!(answer.location(), "/sign-in", "{cookie}");
    }
}
