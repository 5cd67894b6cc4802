//! Refusals: one shape for all of them.

use super::{World, problem};
use axum::http::{Method, StatusCode};

#[tokio::test]
async fn what_does_not_fit_is_refused_in_words() {
    let world = World::new().await;
    let token = world.any().await;
    let tags = "/registries/lab/repositories/team~app/tags";
    for (path, status, word) in [
        ("/nothing".to_owned(), 404, "not-found"),
        ("/registries/nowhere".to_owned(), 404, "not-found"),
        ("/registries/lab/repositories/team~app/tags/v99".to_owned(), 404, "not-found"),
        ("/registries/lab/repositories/TEAM".to_owned(), 404, "not-found"),
        ("/registries/%FF".to_owned(), 400, "malformed"),
        ("/search".to_owned(), 400, "malformed"),
        (format!("/search?q={}", "x".repeat(257)), 400, "malformed"),
        (format!("{tags}?limit=0"), 400, "malformed"),
        (format!("{tags}?limit=501"), 400, "malformed"),
        (format!("{tags}?limit=many"), 400, "malformed"),
        (format!("{tags}?sort=colour"), 400, "malformed"),
        (format!("{tags}?filer=v1"), 400, "malformed"),
        (format!("{tags}?q=*a*b*c*d*e*f*g*h*i"), 422, "invalid"),
        (format!("{tags}?registry=lab"), 400, "malformed"),
        ("/tags?registry=".to_owned(), 400, "malformed"),
        ("/tags?registry=nowhere".to_owned(), 404, "not-found"),
        ("/tags?sort=size".to_owned(), 400, "malformed"),
        ("/repositories?version=1".to_owned(), 400, "malformed"),
        ("/repositories?cursor=nonsense".to_owned(), 400, "malformed"),
        ("/registries/lab/repositories/team~app/untagged?kind=image".to_owned(), 400, "malformed"),
        ("/registries/lab/repositories/team~app/untagged?referrers=only".to_owned(), 400, "malformed"),
        ("/registries/lab/departures?limit=0".to_owned(), 400, "malformed"),
        ("/registries/lab/departures?cursor=ZW50cnkgMQ".to_owned(), 400, "malformed"),
        ("/audit?from=".to_owned(), 400, "malformed"),
        ("/audit?from=yesterday1".to_owned(), 422, "invalid"),
        ("/audit/many".to_owned(), 400, "malformed"),
        ("/audit/999999".to_owned(), 404, "not-found"),
        ("/compare?a=x&b=lab/team/app:v1".to_owned(), 422, "invalid"),
        ("/compare?a=lab/team/app:v99&b=lab/team/app:v1".to_owned(), 404, "not-found"),
    ] {
        let answer = world.get(&path, &token).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {answer:?}");
        assert_eq!(problem(&answer)["type"], format!("urn:wharfinger:problem:{word}"), "{path}");
    }
}

#[tokio::test]
async fn a_body_is_json_of_a_known_shape_and_a_bearable_size() {
    let world = World::new().await;
    let token = world.any().await;
    let large = format!(r#"{{"display_name":"{}"}}"#, "x".repeat(256 * 1024));
    for (body, kind, status) in [
        (r#"{"theme":"dark"}"#, "text/plain", 415),
        (r#"{"theme":"dark""#, "application/json", 400),
        (r#"{"theme":"pink"}"#, "application/json", 400),
        (r#"{"colour":"pink"}"#, "application/json", 400),
        ("[]", "application/json", 400),
        (large.as_str(), "application/json", 413),
        (r#"{"time_zone":"<script>"}"#, "application/json", 422),
    ] {
        let ask = world.ask(Method::PATCH, "/me", &token).with("content-type", kind).body(body.to_owned());
        let answer = ask.send().await;
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        problem(&answer);
    }
}

#[tokio::test]
async fn another_method_is_told_which_ones_there_are() {
    let world = World::new().await;
    let token = world.any().await;
    for (method, path, allowed) in [
        (Method::DELETE, "/me", "PATCH"),
        (Method::POST, "/overview", "GET"),
        (Method::OPTIONS, "/me/tokens", "POST"),
        (Method::TRACE, "/search", "GET"),
    ] {
        let answer = world.ask(method.clone(), path, &token).send().await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(answer.header("allow").contains(allowed), "{method} {path}: {answer:?}");
        problem(&answer);
    }
}

#[tokio::test]
async fn a_registry_that_is_down_is_named_with_what_was_tried() {
    let world = World::new().await;
    let token = world.any().await;
    let lost = r#"{"settings":{"name":"lost","address":"http://127.0.0.1:9"}}"#;
    let ask = world.ask(Method::POST, "/registries", &token).with("content-type", "application/json").body(lost);
    assert_eq!(ask.send().await.status, StatusCode::CREATED);
    let answer = world.get("/registries/lost/repositories/a/tags/v1", &token).await;
    assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT, "{answer:?}");
    assert!(problem(&answer)["tried"].as_array().is_some_and(|lines| !lines.is_empty()), "{answer:?}");
}

#[tokio::test]
async fn head_answers_as_get_does_without_a_body() {
    let world = World::new().await;
    let token = world.any().await;
    let answer = world.ask(Method::HEAD, "/registries/lab/connection", &token).send().await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    assert!(!answer.header("etag").is_empty());
}
