//! Lists page by page, and answers that a client has already.

use super::{World, problem, read};
use crate::site::Answer;
use axum::http::{Method, StatusCode};
use std::collections::BTreeSet;

/// The path of the next page, below the interface.
pub fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link");
    let path = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
    Some(path.strip_prefix("/api/v1").expect("an address of the interface").to_owned())
}

#[tokio::test]
async fn every_list_is_read_to_its_end_each_row_once() {
    let world = World::new().await;
    let token = world.any().await;
    for (path, rows, key, least) in [
        ("/registries/lab/repositories/team~app/tags?limit=2&sort=version", "tags", "name", 9),
        ("/registries/lab/repositories/team~app/tags?limit=4&q=v*&order=desc", "tags", "name", 9),
        ("/registries/lab/repositories?limit=2", "repositories", "name", 9),
        ("/audit?limit=1", "entries", "sequence", 3),
    ] {
        let (mut at, mut seen, mut pages) = (path.to_owned(), Vec::new(), 0);
        loop {
            let answer = world.get(&at, &token).await;
            assert_eq!(answer.status, StatusCode::OK, "{at}: {answer:?}");
            let page = read(&answer);
            seen.extend(page[rows].as_array().expect("rows").iter().map(|row| row[key].to_string()));
            pages += 1;
            assert!(pages < 100, "{path} never ends");
            let Some(next) = next(&answer) else { break };
            assert!(next.contains("limit="), "a link keeps what was asked for: {next}");
            at = next;
        }
        let unique: BTreeSet<_> = seen.iter().collect();
        assert!(seen.len() >= least && unique.len() == seen.len() && pages > 1, "{path}: {seen:?}");
    }
}

#[tokio::test]
async fn a_page_that_fits_has_no_next_one_and_says_how_many_there_are() {
    let world = World::new().await;
    let token = world.any().await;
    let answer = world.get("/registries/lab/repositories/team~app/tags?limit=9", &token).await;
    assert_eq!(answer.header("link"), "");
    assert_eq!(read(&answer)["matching"], serde_json::json!({ "number": 9, "exact": true }));
    let filtered =
        world.get("/registries/lab/repositories/team~app/tags?q=v?&kind=image&platform=linux/amd64", &token).await;
    assert_eq!(filtered.status, StatusCode::OK, "{filtered:?}");
}

#[tokio::test]
async fn an_answer_that_the_client_has_is_not_sent_again() {
    let world = World::new().await;
    let token = world.any().await;
    let bytes = format!("/registries/lab/repositories/team~app/documents/{}", world.digest);
    for path in ["/registries/lab/connection", "/audit/1", bytes.as_str()] {
        let first = world.get(path, &token).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.ends_with('"') && first.header("cache-control") == "private, no-cache", "{path}: {first:?}");
        for tags in [tag.clone(), format!("\"other\", {tag}"), tag.trim_start_matches("W/").to_owned()] {
            let again = world.ask(Method::GET, path, &token).with("if-none-match", &tags).send().await;
            assert_eq!(
                (again.status, again.body.as_str(), again.header("etag")),
                (StatusCode::NOT_MODIFIED, "", tag.as_str()),
                "{path}"
            );
        }
        let other = world.ask(Method::GET, path, &token).with("if-none-match", "\"other\"").send().await;
        assert_eq!((other.status, &other.body), (StatusCode::OK, &first.body), "{path}");
    }
}

#[tokio::test]
async fn what_changed_has_another_tag() {
    let world = World::new().await;
    let token = world.any().await;
    let tag = world.get("/me/sessions", &token).await.header("etag").to_owned();
    world.site.signed_in().await;
    let again = world.ask(Method::GET, "/me/sessions", &token).with("if-none-match", &tag).send().await;
    assert_eq!(again.status, StatusCode::OK);
    assert_ne!(again.header("etag"), tag);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let world = World::new().await;
    let token = world.any().await;
    let audit = next(&world.get("/audit?limit=1", &token).await).expect("more entries");
    let cursor = audit.split("cursor=").nth(1).expect("a cursor");
    for path in [
        format!("/registries/lab/repositories?cursor={cursor}"),
        "/registries/lab/repositories/team~app/tags?cursor=%00".to_owned(),
        "/registries/lab/repositories/team~app/untagged?cursor=nonsense".to_owned(),
        "/registries/lab/repositories/team~app/storage?cursor=nonsense".to_owned(),
        "/registries/lab/repositories/team~app/moves?cursor=nonsense".to_owned(),
        "/registries/lab/storage?cursor=nonsense".to_owned(),
        "/registries/lab/health/empty-repository?cursor=nonsense".to_owned(),
        "/registries/lab/departures?cursor=nonsense".to_owned(),
        "/repositories?cursor=nonsense".to_owned(),
        "/tags?cursor=nonsense".to_owned(),
        "/audit?cursor=nonsense".to_owned(),
    ] {
        let answer = world.get(&path, &token).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {answer:?}");
        assert_eq!(problem(&answer)["errors"][0]["field"], "cursor", "{path}");
    }
}

#[tokio::test]
async fn what_is_counted_is_said_with_the_count() {
    let world = World::new().await;
    let token = world.any().await;
    let health = read(&world.get("/registries/lab/health", &token).await);
    let unit = |name: &str| {
        let checks = health["checks"].as_array().expect("checks");
        checks.iter().find(|check| check["name"] == name).expect("such a check")["unit"].clone()
    };
    assert_eq!(unit("missing-children"), "manifests");
    assert_eq!(unit("empty-repository"), "repositories");
    assert!(health["checks"].as_array().expect("checks").iter().any(|check| check["unit"] == "tags"));
}

#[tokio::test]
async fn an_image_that_is_kept_is_answered_at_once_and_says_how_fresh_it_is() {
    let world = World::new().await;
    let token = world.any().await;
    let path = "/registries/lab/repositories/team~app/tags/v1";
    let first = read(&world.get(path, &token).await);
    assert_eq!((&first["asking"], &first["tried"]), (&false.into(), &serde_json::Value::Null));
    assert!(first["checked"].is_string() && first["referrers_checked"].is_string());
    world.site.clock.advance(60);
    let kept = read(&world.get(path, &token).await);
    assert_eq!((&kept["asking"], &kept["checked"]), (&true.into(), &first["checked"]));
    assert!(world.site.operations.reading_settled(std::time::Duration::from_secs(30)).await, "it is asked");
    let fresh = read(&world.get(path, &token).await);
    assert_eq!(fresh["asking"], false);
    assert_ne!(fresh["checked"], first["checked"]);
}
