//! What people ask for, what a change would do, reviews, keys and tokens for registries, as programs mind them.

use super::{World, lists::next, problem, read};
use crate::site::{NAME, PASSWORD};
use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{Actor, ActorKind, Via};
use operations::{grants::GrantForm, tokens::TokenForm};
use serde_json::{Value, json};

/// Sends JSON; gives the status and what came back.
async fn send(world: &World, method: Method, path: &str, token: &str, body: &Value) -> (StatusCode, Value) {
    let ask = world.ask(method, path, token);
    let ask = if body.is_null() { ask } else { ask.with("content-type", "application/json").body(body.to_string()) };
    let answer = ask.send().await;
    if answer.status.is_client_error() || answer.status.is_server_error() {
        problem(&answer);
    }
    let value = if answer.body.is_empty() { Value::Null } else { read(&answer) };
    (answer.status, value)
}

async fn post(world: &World, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
    send(world, Method::POST, path, token, &body).await
}

/// Somebody who reads `team/app` of the registry, and a token of theirs.
async fn reader(world: &World, name: &str) -> String {
    let operations = &world.site.operations;
    let (id, _) = operations.add_person(&Actor::cli(), name, Some(PASSWORD.into())).await.expect("added");
    let grant = GrantForm {
        subject: name.into(),
        role: "reader".into(),
        registry: "lab".into(),
        repositories: "team/app".into(),
        ..GrantForm::default()
    };
    operations.add_grant(&Actor::cli(), &grant, None).await.expect("granted");
    let stranger = Actor::anonymous("192.0.2.1", "a test", "r-1");
    let actor = Actor { kind: ActorKind::Person, id, name: name.into(), via: Via::Session(1), ..stranger };
    let actor = operations.with_rights(actor).await.expect("rights");
    let form = TokenForm { name: "t".into(), days: "30".into(), ..TokenForm::default() };
    operations.make_token(&actor, &form).await.expect("a token").secret
}

#[tokio::test]
async fn a_request_is_made_seen_granted_and_answered() {
    let world = World::new().await;
    let (ada, eve) = (world.any().await, reader(&world, "eve").await);
    let new = json!({ "act": "repository.push", "where": "lab/team~app", "because": "the release" });
    let made = world.ask(Method::POST, "/access/requests", &eve).with("content-type", "application/json");
    let made = made.body(new.to_string()).send().await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let id = read(&made)["id"].as_i64().expect("a number");
    assert_eq!(made.location(), format!("/api/v1/access/requests/{id}"));
    assert_eq!(post(&world, "/access/requests", &eve, new.clone()).await.0, StatusCode::CONFLICT);

    let path = format!("/access/requests/{id}");
    let (own, waiting) =
        (read(&world.get("/me/requests", &eve).await), read(&world.get("/access/requests", &ada).await));
    assert_eq!((own["requests"][0]["id"].as_i64(), &own["requests"][0]["answer"]), (Some(id), &Value::Null));
    assert_eq!((waiting["total"].as_i64(), waiting["requests"][0]["name"].as_str()), (Some(1), Some("eve")));
    assert_eq!(waiting["requests"][0]["role"], "writer");
    let own = read(&world.get("/access/requests", &eve).await);
    assert_eq!(own["total"], 0, "she can grant nothing");
    for act in ["grant", "close", "decline"] {
        let body = if act == "decline" {
            json!({ "reason": "no" })
        } else if act == "grant" {
            json!({})
        } else {
            Value::Null
        };
        assert_eq!(post(&world, &format!("{path}/{act}"), &eve, body).await.0, StatusCode::NOT_FOUND, "{act}");
    }
    assert_eq!(
        post(&world, &format!("{path}/close"), &ada, Value::Null).await.0,
        StatusCode::CONFLICT,
        "nothing was granted"
    );
    let (wrong, why) = post(&world, &format!("{path}/grant"), &ada, json!({ "role": "viewer" })).await;
    assert_eq!((wrong, why["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("role")));
    let (granted, grant) = post(&world, &format!("{path}/grant"), &ada, json!({ "until": "2099-12-31" })).await;
    assert_eq!((granted, grant["role"].as_str()), (StatusCode::CREATED, Some("writer")), "{grant}");
    assert_eq!((grant["registry"].as_str(), grant["repositories"].as_str()), (Some("lab"), Some("team/app")));
    assert_eq!(post(&world, &format!("{path}/grant"), &ada, json!({})).await.0, StatusCode::CONFLICT, "once");
    let answered = read(&world.get(&path, &eve).await);
    assert_eq!(
        (answered["answer"]["answer"].as_str(), answered["answer"]["by"].as_str()),
        (Some("granted"), Some("ada"))
    );

    let again = json!({ "act": "tag.delete", "where": "lab/team~app", "because": "old ones" });
    let id = post(&world, "/access/requests", &eve, again).await.1["id"].as_i64().expect("a number");
    let path = format!("/access/requests/{id}");
    assert_eq!(post(&world, &format!("{path}/withdraw"), &ada, Value::Null).await.0, StatusCode::NOT_FOUND, "not hers");
    assert_eq!(
        post(&world, &format!("{path}/decline"), &ada, json!({ "reason": "" })).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(post(&world, &format!("{path}/withdraw"), &eve, Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(post(&world, &format!("{path}/decline"), &ada, json!({ "reason": "no" })).await.0, StatusCode::CONFLICT);
    assert_eq!(read(&world.get(&path, &eve).await)["answer"]["answer"], "withdrawn");
}

#[tokio::test]
async fn requests_come_page_by_page_each_once() {
    let world = World::new().await;
    let (ada, eve) = (world.any().await, reader(&world, "eve").await);
    for n in 1..=5 {
        let new = json!({ "act": "repository.push", "where": format!("lab/many~r{n}"), "because": "x" });
        assert_eq!(post(&world, "/access/requests", &eve, new).await.0, StatusCode::CREATED);
    }
    let (mut at, mut seen, mut pages) = ("/access/requests?limit=2".to_owned(), Vec::new(), 0);
    loop {
        let answer = world.get(&at, &ada).await;
        let page = read(&answer);
        assert_eq!(page["total"], 5, "of all pages");
        seen.extend(page["requests"].as_array().expect("rows").iter().map(|row| row["where"].to_string()));
        pages += 1;
        let Some(next) = next(&answer) else { break };
        at = next;
    }
    assert_eq!((pages, seen.len()), (3, 5));
    seen.dedup();
    assert_eq!(seen.len(), 5, "{seen:?}");
    let bad = world.get("/access/requests?cursor=ZW50cnkgMQ", &ada).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let (first, again) = (world.get("/access/requests", &ada).await, world.ask(Method::GET, "/access/requests", &ada));
    let again = again.with("if-none-match", first.header("etag")).send().await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn what_if_is_what_happens_and_its_generation_guards_the_change() {
    let world = World::new().await;
    let (ada, eve) = (world.any().await, reader(&world, "eve").await);
    let look = async |change: Value| post(&world, "/access/what-if", &ada, change).await;
    let (seen, disabling) = look(json!({ "disable-person": { "person": "eve" } })).await;
    assert_eq!((seen, disabling["concerned"].as_i64()), (StatusCode::OK, Some(1)), "{disabling}");
    assert_eq!(disabling["differences"][0]["subjects"][0]["name"], "eve");
    assert_eq!(disabling["differences"][0]["lost"][0]["where"], "lab/team/app");
    assert_eq!(
        world.get("/registries/lab/repositories/team~app/tags", &eve).await.status,
        StatusCode::OK,
        "only looked at"
    );

    let new = json!({ "subject": "eve", "role": "writer", "registry": "lab", "repositories": "many/**" });
    let (_, adding) = look(json!({ "add-grant": new })).await;
    let acts = adding["differences"][0]["gained"][0]["acts"].to_string();
    assert!(acts.contains("repository.push") && adding["differences"][0]["lost"] == json!([]), "{adding}");
    let generation = adding["generation"].as_i64().expect("a number");
    let with = |generation: i64| {
        let mut new = new.clone();
        new["generation"] = generation.into();
        new
    };
    assert_eq!(post(&world, "/grants", &ada, with(generation - 1)).await.0, StatusCode::CONFLICT, "seen too long ago");
    let (made, grant) = post(&world, "/grants", &ada, with(generation)).await;
    assert_eq!(made, StatusCode::CREATED, "{grant}");
    let id = grant["id"].as_i64().expect("a number");
    let (_, narrowing) = look(json!({ "edit-grant": { "grant": id, "edit": { "role": "reader" } } })).await;
    assert!(narrowing["differences"][0]["lost"][0]["acts"].to_string().contains("repository.push"), "{narrowing}");
    let edit = |generation: i64| json!({ "role": "reader", "generation": generation });
    let path = format!("/grants/{id}");
    assert_eq!(send(&world, Method::PATCH, &path, &ada, &edit(generation)).await.0, StatusCode::CONFLICT);
    let (_, revoking) = look(json!({ "revoke-grant": { "grant": id } })).await;
    let stale = format!("{path}?generation={generation}");
    assert_eq!(send(&world, Method::DELETE, &stale, &ada, &Value::Null).await.0, StatusCode::CONFLICT);
    let fresh = format!("{path}?generation={}", revoking["generation"]);
    assert_eq!(send(&world, Method::DELETE, &fresh, &ada, &Value::Null).await.0, StatusCode::NO_CONTENT);

    let (made, role) = post(&world, "/roles", &ada, json!({ "name": "Host", "permissions": ["people.manage"] })).await;
    assert_eq!(made, StatusCode::CREATED, "{role}");
    let id = role["role"]["id"].as_str().expect("an id");
    post(&world, "/grants", &ada, json!({ "subject": "eve", "role": id })).await;
    let edit = json!({ "version": 1, "permissions": ["audit.view"] });
    let (_, role) = look(json!({ "edit-role": { "role": id, "edit": edit } })).await;
    let row = &role["differences"][0];
    assert!(
        row["lost"].to_string().contains("people.manage") && row["gained"].to_string().contains("audit.view"),
        "{role}"
    );
    let stale = json!({ "edit-role": { "role": id, "edit": { "version": 7, "permissions": ["audit.view"] } } });
    assert_eq!(look(stale).await.0, StatusCode::CONFLICT);

    post(&world, "/teams", &ada, json!({ "name": "crew" })).await;
    post(&world, "/grants", &ada, json!({ "subject": "team crew", "role": "auditor" })).await;
    let member = json!({ "team": "crew", "person": "eve" });
    let (_, joining) = look(json!({ "join-team": member })).await;
    assert_eq!(joining["differences"][0]["gained"][0]["where"], "everything", "{joining}");
    assert_eq!(look(json!({ "leave-team": member })).await.0, StatusCode::NOT_FOUND, "she is not in it");
    send(&world, Method::PUT, "/teams/crew/members/eve", &ada, &json!({ "lead": false })).await;
    for change in [json!({ "leave-team": member }), json!({ "remove-team": { "team": "crew" } })] {
        let (_, leaving) = look(change).await;
        assert_eq!(leaving["differences"][0]["lost"][0]["where"], "everything", "{leaving}");
    }
    post(&world, "/robots", &ada, json!({ "name": "ci", "team": "crew" })).await;
    post(&world, "/grants", &ada, json!({ "subject": "robot ci", "role": "writer" })).await;
    for change in ["disable-robot", "remove-robot"] {
        let (_, robot) = look(json!({ change: { "robot": "ci" } })).await;
        assert_eq!(robot["differences"][0]["subjects"][0]["name"], "ci", "{robot}");
    }
    let (_, removing) = look(json!({ "remove-person": { "person": "ada" } })).await;
    assert_eq!(removing["you_lose"], true, "{removing}");
    for malformed in [json!({}), json!({ "nothing": {} }), json!({ "remove-team": { "team": "crew", "x": 1 } })] {
        assert_eq!(look(malformed).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn grants_are_reviewed_and_what_was_decided_is_on_record() {
    let world = World::new().await;
    let (ada, eve) = (world.any().await, reader(&world, "eve").await);
    world.site.operations.disable_person(&super::ada(), "eve", true).await.expect("disabled");
    let found = read(&world.get("/access/review?why=disabled", &ada).await);
    assert_eq!((found["total"].as_i64(), found["counts"]["disabled"].as_i64()), (Some(1), Some(1)), "{found}");
    let row = &found["grants"][0];
    assert_eq!((row["where"].as_str(), row["reasons"][0]["why"].as_str()), (Some("lab/team/app"), Some("disabled")));
    let id = row["grant"]["id"].as_i64().expect("a number");
    assert_eq!(read(&world.get("/access/review?why=old", &ada).await)["total"], 0);
    assert_eq!(world.get("/access/review?why=ugly", &ada).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.get("/access/review?days=0", &ada).await.status, StatusCode::BAD_REQUEST);

    let decide = |decision: &str, grants: Value| json!({ "decision": decision, "grants": grants, "note": "they left" });
    let (gone, _) = post(&world, "/access/review", &ada, decide("revoke", json!([4711]))).await;
    assert_eq!(gone, StatusCode::FORBIDDEN, "nothing could be decided");
    assert_eq!(
        post(&world, "/access/review", &ada, decide("revoke", json!([]))).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let many: Vec<i64> = (1..=101).collect();
    assert_eq!(post(&world, "/access/review", &ada, decide("confirm", json!(many))).await.0, StatusCode::BAD_REQUEST);
    let (confirmed, done) = post(&world, "/access/review", &ada, decide("confirm", json!([id, 4711]))).await;
    assert_eq!((confirmed, &done["done"]), (StatusCode::OK, &json!([id])));
    assert_eq!(done["refused"][0]["grant"], 4711);
    assert!(read(&world.get(&format!("/grants/{id}"), &ada).await)["reviewed"].is_string());
    assert_eq!(post(&world, "/access/review", &ada, decide("revoke", json!([id]))).await.0, StatusCode::OK);
    assert_eq!(world.get(&format!("/grants/{id}"), &ada).await.status, StatusCode::NOT_FOUND);
    let report = read(&world.get("/access/review/report", &ada).await);
    let told: Vec<_> = report["reviews"].as_array().expect("rows").iter().map(|row| row["decision"].as_str()).collect();
    assert_eq!((told, report["cut"].as_bool()), (vec![Some("revoked"), Some("confirmed")], Some(false)));
    assert_eq!(report["reviews"][0]["note"], "they left");
    let before = read(&world.get("/access/review/report?to=2001-01-01", &ada).await);
    assert_eq!(before["reviews"], json!([]));
    assert_eq!(world.get("/access/review/report?from=yesterday", &ada).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.get("/access/review/report?to=", &ada).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.get("/access/review", &eve).await.status, StatusCode::UNAUTHORIZED, "she is disabled");
}

#[tokio::test]
async fn keys_are_rotated_once_and_a_registry_s_tokens_are_set_up() {
    let world = World::with(&[("public-url", "https://w.example")]).await;
    let (ada, eve) = (world.any().await, reader(&world, "eve").await);
    let tokens = read(&world.get("/registries/lab/tokens", &ada).await);
    assert_eq!(tokens["settings"], json!({ "algorithm": "ES256", "passwords": true, "seconds": 300 }));
    assert_eq!(tokens["realm"], "https://w.example/token");
    let pasted = tokens["configuration"].as_array().expect("texts");
    assert!(pasted.iter().any(|one| one["text"].as_str().is_some_and(|text| text.contains("https://w.example/token"))));
    let path = "/registries/lab/tokens";
    let (set, now) = send(&world, Method::PATCH, path, &ada, &json!({ "passwords": false, "seconds": 120 })).await;
    assert_eq!(
        (set, &now["settings"]),
        (StatusCode::OK, &json!({ "algorithm": "ES256", "passwords": false, "seconds": 120 }))
    );
    assert_eq!(
        send(&world, Method::PATCH, path, &ada, &json!({ "seconds": 9_999 })).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        send(&world, Method::PATCH, path, &ada, &json!({ "algorithm": "none" })).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(send(&world, Method::PATCH, path, &eve, &json!({ "seconds": 60 })).await.0, StatusCode::FORBIDDEN);
    let (checked, check) = post(&world, "/registries/lab/tokens/check", &ada, Value::Null).await;
    assert_eq!((checked, check["tone"].as_str()), (StatusCode::OK, Some("danger")), "it is open: {check}");
    assert!(check["lines"].as_array().is_some_and(|lines| !lines.is_empty()));
    assert_eq!(read(&world.get(path, &ada).await)["check"]["verdict"], check["verdict"]);

    let keys = async || read(&world.get("/access/keys", &ada).await)["algorithms"][0].clone();
    let before = keys().await;
    assert_eq!((before["algorithm"].as_str(), before["registries"].as_i64()), (Some("ES256"), Some(1)));
    let kid = |keys: &Value, n: usize| keys["keys"][n]["kid"].as_str().expect("a name").to_owned();
    let rotate = json!({ "current": kid(&before, 0) });
    assert_eq!(post(&world, "/access/keys/ES256/rotate", &ada, rotate.clone()).await.0, StatusCode::NO_CONTENT);
    assert_eq!(post(&world, "/access/keys/ES256/rotate", &ada, rotate).await.0, StatusCode::CONFLICT, "sent twice");
    let after = keys().await;
    assert_eq!((kid(&after, 0), after["keys"][0]["state"].as_str()), (kid(&before, 1), Some("current")));
    assert!(!after.to_string().contains("PRIVATE"));
    assert_eq!(post(&world, "/access/keys/none/rotate", &ada, json!({})).await.0, StatusCode::NOT_FOUND);
    assert_eq!(post(&world, "/access/keys/ES256/rotate", &eve, json!({})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(world.get("/access/keys", &eve).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn refresh_tokens_are_listed_and_revoked_by_those_they_belong_to_and_who_looks_after_them() {
    let world = World::new().await;
    let (ada, eve) = (world.any().await, reader(&world, "eve").await);
    let service = read(&world.get("/registries/lab/tokens", &ada).await)["service"].as_str().expect("one").to_owned();
    let login = async |name: &str| {
        let query = format!("/token?account={name}&client_id=docker&offline_token=true&service={service}");
        let basic = format!("Basic {}", STANDARD.encode(format!("{name}:{PASSWORD}")));
        let answer = world.site.get(&query).with("authorization", &basic).send().await;
        read(&answer)["refresh_token"].as_str().expect("a refresh token").to_owned()
    };
    let texts = [login(NAME).await, login("eve").await];
    let list = async |path: &str, token: &str| read(&world.get(path, token).await)["refresh_tokens"].clone();
    let own = list("/me/refresh-tokens", &eve).await;
    assert_eq!((own[0]["client"].as_str(), own[0]["registry"].as_str()), (Some("docker"), Some("lab")), "{own}");
    assert!(texts.iter().all(|text| !own.to_string().contains(text.as_str())));
    assert_eq!(list("/people/eve/refresh-tokens", &ada).await, own);
    assert_eq!(list("/people/eve/refresh-tokens", &eve).await, own, "her own by another address");
    assert_eq!(world.get("/people/ada/refresh-tokens", &eve).await.status, StatusCode::NOT_FOUND);
    let id = own[0]["id"].as_i64().expect("a number");
    let end = async |path: String, token: &str| send(&world, Method::DELETE, &path, token, &Value::Null).await.0;
    assert_eq!(end(format!("/me/refresh-tokens/{id}"), &ada).await, StatusCode::NOT_FOUND, "it is not hers");
    assert_eq!(end(format!("/people/eve/refresh-tokens/{id}"), &ada).await, StatusCode::NO_CONTENT);
    assert_eq!(end(format!("/me/refresh-tokens/{id}"), &eve).await, StatusCode::NOT_FOUND, "it is gone");
    assert_eq!(list("/me/refresh-tokens", &eve).await, json!([]));
    let hers = list("/me/refresh-tokens", &ada).await[0]["id"].as_i64().expect("a number");
    assert_eq!(end(format!("/me/refresh-tokens/{hers}"), &ada).await, StatusCode::NO_CONTENT);

    let person = read(&world.get("/people/eve", &ada).await);
    let prefix = person["tokens"][0]["prefix"].as_str().expect("a token");
    assert_eq!(end(format!("/people/eve/tokens/{prefix}"), &ada).await, StatusCode::NO_CONTENT);
    assert_eq!(world.get("/me", &eve).await.status, StatusCode::UNAUTHORIZED, "at once");
}

#[tokio::test]
async fn who_holds_what_is_told_to_those_who_may_look() {
    let world = World::new().await;
    let (ada, eve) = (world.any().await, reader(&world, "eve").await);
    let there = read(&world.get("/registries/lab/repositories/team~app/holders", &ada).await);
    let names: Vec<_> = there["holders"].as_array().expect("rows").iter().map(|one| one["name"].as_str()).collect();
    assert_eq!(names, [Some("ada"), Some("eve")]);
    assert_eq!(there["holders"][1]["through"][0]["role"], "Reader");
    let refused = world.get("/registries/lab/repositories/team~app/holders", &eve).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let own = read(&world.get("/access/held", &eve).await);
    assert_eq!((own["name"].as_str(), own["grants"][0]["grant"]["role"].as_str()), (Some("eve"), Some("reader")));
    assert_eq!(world.get("/access/held?subject=ada", &eve).await.status, StatusCode::NOT_FOUND);
    let hers = read(&world.get("/access/held?subject=eve", &ada).await);
    assert_eq!(hers["grants"][0]["grant"]["id"], own["grants"][0]["grant"]["id"]);
    assert_eq!(
        (&hers["grants"][0]["grant"]["may_change"], &own["grants"][0]["grant"]["may_change"]),
        (&true.into(), &false.into())
    );
    let subjects = read(&world.get("/access/subjects", &ada).await);
    assert!(
        subjects["subjects"]
            .as_array()
            .expect("rows")
            .contains(&json!({ "subject": "person-2", "name": "person eve" }))
    );
    assert_eq!(read(&world.get("/access/subjects", &eve).await)["subjects"], json!([]));
    let uses = read(&world.get("/registries/lab/templates?user=eve", &eve).await);
    assert!(uses["uses"][0]["texts"][0]["text"].as_str().is_some_and(|text| text.contains("login")), "{uses}");
    assert_eq!(world.get("/registries/gone/templates?user=eve", &eve).await.status, StatusCode::NOT_FOUND);
    let explained = read(&world.get("/access/explain?act=repository.push&where=lab/team~app", &eve).await);
    let beside = explained["beside"].as_array().expect("rows");
    assert!(beside.iter().any(|one| one["act"] == "repository.pull" && one["by"] == "Reader"), "{explained}");
    assert!(explained["holders"].is_null() && explained["allowed"] == false);
}
