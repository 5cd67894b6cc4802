//! How long a session lasts, and what ends it.

use crate::site::{PASSWORD, Site};
use axum::http::StatusCode;

const HOUR: i64 = 3_600;

async fn is_in(site: &Site, cookie: &str) -> bool {
    let answer = site.get("/profile").html().cookie(cookie).send().await;
    assert!(matches!(answer.status, StatusCode::OK | StatusCode::SEE_OTHER), "{answer:?}");
    answer.status == StatusCode::OK
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let site = Site::with(&[("session-idle", "12h"), ("session-absolute", "30d")]).await;
    let cookie = site.signed_in().await;
    for _ in 0..4 {
        site.clock.advance(11 * HOUR);
        assert!(is_in(&site, &cookie).await, "each use prolongs it");
    }
    site.clock.advance(12 * HOUR + 1);
    assert!(!is_in(&site, &cookie).await);
}

#[tokio::test]
async fn a_session_ends_however_much_it_is_used() {
    let site = Site::with(&[("session-idle", "12h"), ("session-absolute", "1d")]).await;
    let cookie = site.signed_in().await;
    for _ in 0..2 {
        site.clock.advance(11 * HOUR);
        assert!(is_in(&site, &cookie).await);
    }
    site.clock.advance(2 * HOUR + 1);
    assert!(!is_in(&site, &cookie).await);
}

#[tokio::test]
async fn signing_in_gives_a_new_session_id() {
    let site = Site::new().await;
    let first = site.signed_in().await;
    let fields = [("name", "ada"), ("password", PASSWORD), ("next", "")];
    let answer = site.post("/do/session-create").html().on_our_page().cookie(&first).form(&fields).send().await;
    let second = answer.carried();
    assert_ne!(first, second);
    assert!(is_in(&site, &second).await);
    assert!(!is_in(&site, &first).await, "the id from before the sign-in is void");
}

#[tokio::test]
async fn an_id_chosen_by_somebody_else_is_not_taken_over() {
    let site = Site::new().await;
    let planted = "wharfinger=AAAAAAAAAAAAAAAAAAAAAA";
    let fields = [("name", "ada"), ("password", PASSWORD), ("next", "")];
    let answer = site.post("/do/session-create").html().on_our_page().cookie(planted).form(&fields).send().await;
    assert!(answer.status.is_redirection(), "{answer:?}");
    assert_ne!(answer.carried(), planted);
    assert!(!is_in(&site, planted).await);
}

#[tokio::test]
async fn changing_the_password_ends_the_other_sessions_and_renews_this_one() {
    let site = Site::new().await;
    let (here, there) = (site.signed_in().await, site.signed_in().await);
    let new = "another long pass phrase";
    let fields = [("old", PASSWORD), ("password", new), ("again", new)];
    let answer = site.post("/do/profile-password").html().on_our_page().cookie(&here).form(&fields).send().await;
    assert_eq!(answer.location(), "/profile?saved=password", "{answer:?}");
    let renewed = answer.carried();
    assert_ne!(renewed, here);
    assert!(is_in(&site, &renewed).await);
    assert!(!is_in(&site, &here).await);
    assert!(!is_in(&site, &there).await);
}

#[tokio::test]
async fn a_session_can_be_ended_from_another_one() {
    let site = Site::new().await;
    let (here, there) = (site.signed_in().await, site.signed_in().await);
    let answer = site.post("/do/session-revoke-others").html().on_our_page().cookie(&here).form(&[]).send().await;
    assert!(answer.status.is_redirection(), "{answer:?}");
    assert!(is_in(&site, &here).await);
    assert!(!is_in(&site, &there).await);
}

#[tokio::test]
async fn the_list_of_sessions_says_where_each_was_used_from() {
    let site = Site::with(&[("trusted-proxy", "127.0.0.1")]).await;
    let fields = [("name", "ada"), ("password", PASSWORD), ("next", "")];
    let form = site.post("/do/session-create").html().on_our_page().form(&fields);
    let answer = form.with("x-forwarded-for", "203.0.113.7").with("user-agent", "Browser/1").send().await;
    let cookie = answer.carried();
    let page = site.get("/profile").html().cookie(&cookie).send().await;
    assert!(page.body.contains("203.0.113.7"), "{}", page.body);
    site.clock.advance(61);
    let elsewhere = site.get("/profile").html().cookie(&cookie).with("x-forwarded-for", "203.0.113.8").send().await;
    assert_eq!(elsewhere.status, StatusCode::OK);
    let page = site.get("/profile").html().cookie(&cookie).send().await;
    assert!(page.body.contains("203.0.113.8"), "{}", page.body);
}

#[tokio::test]
async fn the_cookie_is_kept_nowhere_but_in_the_browser() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    let secret = cookie.split_once('=').expect("a name and a value").1;
    assert_eq!(secret.len(), 22, "128 bits");
    let folder = site.operations.store().data_dir().to_owned();
    site.operations.store().close().await;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a file");
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
    }
}

#[tokio::test]
async fn when_the_records_do_not_answer_it_is_said_and_nobody_is_signed_out() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    site.operations.store().close().await;
    let answer = site.get("/profile").html().cookie(&cookie).send().await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains(answer.header("x-request-id")), "{}", answer.body);
    assert!(answer.cookie("wharfinger").is_none(), "{answer:?}");
    assert_eq!(site.get("/readyz").send().await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(site.get("/healthz").send().await.status, StatusCode::OK);
}
