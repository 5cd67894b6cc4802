//! People, teams and robots, as programs mind them.

use super::{World, problem, read};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// Sends JSON; gives the status and what came back.
async fn send(world: &World, method: Method, path: &str, token: &str, body: &Value) -> (StatusCode, Value) {
    let answer =
        world.ask(method, path, token).with("content-type", "application/json").body(body.to_string()).send().await;
    let value = if answer.body.is_empty() { Value::Null } else { read(&answer) };
    (answer.status, value)
}

#[tokio::test]
async fn a_robot_is_made_for_a_team_and_its_secret_comes_once() {
    let world = World::new().await;
    let token = world.any().await;
    let (made, link) = send(&world, Method::POST, "/people", &token, &json!({ "name": "grace" })).await;
    assert_eq!(made, StatusCode::CREATED, "{link}");
    assert!(
        link["path"].as_str().is_some_and(|path| path.starts_with("/join/")) && link["address"].is_null(),
        "{link}"
    );
    let person = read(&world.get("/people/grace", &token).await);
    assert_eq!((person["state"].as_str(), person["subject"].as_str()), (Some("invited"), Some("person-2")));
    assert!(!person.to_string().contains(link["path"].as_str().expect("a path")));

    let (made, team) = send(&world, Method::POST, "/teams", &token, &json!({ "name": "crew" })).await;
    assert_eq!((made, team["version"].as_i64()), (StatusCode::CREATED, Some(1)));
    let (set, _) = send(&world, Method::PUT, "/teams/crew/members/grace", &token, &json!({ "lead": true })).await;
    assert_eq!(set, StatusCode::NO_CONTENT);
    let (stale, _) =
        send(&world, Method::PUT, "/teams/crew", &token, &json!({ "version": 7, "name": "crew", "description": "" }))
            .await;
    assert_eq!(stale, StatusCode::CONFLICT);

    let new = json!({ "name": "ci", "team": "crew", "expires": "2099-01-31" });
    let (made, robot) = send(&world, Method::POST, "/robots", &token, &new).await;
    assert_eq!((made, robot["user"].as_str()), (StatusCode::CREATED, Some("robot+ci")), "{robot}");
    let (made, secret) = send(&world, Method::POST, "/robots/ci/secrets", &token, &json!({ "name": "here" })).await;
    assert_eq!(made, StatusCode::CREATED, "{secret}");
    let text = secret["secret"].as_str().expect("a secret");
    assert!(text.starts_with("wharfinger_robot_"), "{text}");
    let listed = world.get("/robots/ci", &token).await;
    assert!(!listed.body.contains(text) && read(&listed)["secrets"][0]["name"] == "here", "{}", listed.body);
    let (again, wrong) = send(&world, Method::POST, "/robots", &token, &new).await;
    assert_eq!((again, wrong["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("name")));

    let kept = world.ask(Method::DELETE, "/teams/crew", &token).send().await;
    assert_eq!(kept.status, StatusCode::CONFLICT, "it has a robot");
    problem(&kept);
    let prefix = secret["shown"]["prefix"].as_str().expect("a prefix");
    for (path, status) in [
        (format!("/robots/ci/secrets/{prefix}"), StatusCode::NO_CONTENT),
        (format!("/robots/ci/secrets/{prefix}"), StatusCode::NOT_FOUND),
        ("/robots/ci".to_owned(), StatusCode::NO_CONTENT),
        ("/teams/crew".to_owned(), StatusCode::NO_CONTENT),
        ("/people/GRACE".to_owned(), StatusCode::NO_CONTENT),
        ("/people/ada".to_owned(), StatusCode::CONFLICT),
    ] {
        assert_eq!(world.ask(Method::DELETE, &path, &token).send().await.status, status, "{path}");
    }
}

#[tokio::test]
async fn lists_go_on_where_they_stopped() {
    let world = World::new().await;
    let token = world.any().await;
    for n in 0..51 {
        let name = json!({ "name": format!("crew{n:02}") });
        assert_eq!(send(&world, Method::POST, "/teams", &token, &name).await.0, StatusCode::CREATED);
    }
    let first = world.get("/teams?q=crew", &token).await;
    assert_eq!(read(&first)["count"], 51);
    let link = first.header("link");
    assert!(link.contains("cursor=crew49") && link.contains("q=crew"), "{link}");
    let second = read(&world.get("/teams?q=crew&cursor=crew49", &token).await);
    assert_eq!(second["teams"].as_array().map(Vec::len), Some(1), "{second}");
    assert_eq!(world.get("/people?state=gone", &token).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(read(&world.get("/people?state=active", &token).await)["count"], 1);
}
