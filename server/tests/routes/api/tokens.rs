//! Who gets in: with which token, and until when.

use super::{World, ada, form, problem, read};
use axum::http::{Method, StatusCode};
use domain::{Actor, Permission, Place, audit::Act, permission::allows};
use operations::{audit::AuditQuery, tokens::TokenForm};
use serde_json::json;
use store::SetDisabled;

/// So much later all wrong tries are forgotten: the next answer is about the token, not about the tries.
const LATER: i64 = 3_601;

async fn disable(world: &World, disabled: bool) {
    let store = world.site.operations.store();
    if disabled {
        // The last who may do everything can't be disabled.
        let another = world.site.operations.add_administrator(&Actor::cli(), "grace", None).await;
        another.expect("added");
    }
    let permit = allows(&Actor::cli(), Permission::PeopleManage, Place::System).expect("the command line may");
    let now = world.site.operations.now();
    let opened = store.open_act(permit, &Act::new("person.disable", "person ada"), now).await.expect("opened");
    store.write(opened, SetDisabled { person: 1, disabled }, now).await.expect("written");
}

/// Every operation, asked with this header, answers 401 and says how to do better.
async fn nobody_gets_in(world: &World, authorization: &str, what: &str) {
    for (name, method, path) in world.operations() {
        world.site.clock.advance(LATER);
        let ask = world.site.ask(method, &format!("/api/v1{path}"));
        let ask = if authorization.is_empty() { ask } else { ask.with("authorization", authorization) };
        let answer = ask.send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name} with {what}: {answer:?}");
        assert!(answer.header("www-authenticate").starts_with("Bearer "), "{name} with {what}");
        assert!(answer.header("set-cookie").is_empty(), "{name} with {what}");
        problem(&answer);
    }
}

#[tokio::test]
async fn no_operation_answers_without_a_good_token() {
    let world = World::new().await;
    let good = world.any().await;
    nobody_gets_in(&world, "", "no token").await;
    let last = if good.ends_with('0') { '1' } else { '0' };
    nobody_gets_in(&world, &format!("Bearer {}{last}", &good[..good.len() - 1]), "a wrong secret").await;
    nobody_gets_in(&world, "Bearer something", "what is no token").await;
    nobody_gets_in(&world, &format!("Token {good}"), "another scheme").await;
}

#[tokio::test]
async fn no_operation_answers_to_a_token_that_has_expired_or_was_revoked() {
    let world = World::new().await;
    let expired = world.token(TokenForm { days: "1".into(), ..form() }).await;
    assert_eq!(world.get("/me", &expired).await.status, StatusCode::OK);
    world.site.clock.advance(86_400);
    nobody_gets_in(&world, &format!("Bearer {expired}"), "an expired token").await;
    let revoked = world.token(TokenForm { days: "never".into(), ..form() }).await;
    assert_eq!(world.get("/me", &revoked).await.status, StatusCode::OK);
    let prefix = revoked.split('_').nth(1).expect("a prefix");
    world.site.operations.revoke_token(&ada(), prefix).await.expect("revoked");
    nobody_gets_in(&world, &format!("Bearer {revoked}"), "a revoked token").await;
}

#[tokio::test]
async fn no_operation_answers_for_somebody_who_was_disabled() {
    let world = World::new().await;
    let token = world.token(TokenForm { days: "never".into(), ..form() }).await;
    disable(&world, true).await;
    nobody_gets_in(&world, &format!("Bearer {token}"), "the token of a disabled person").await;
    disable(&world, false).await;
    assert_eq!(world.get("/me", &token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_operation_of_the_document_is_served() {
    let world = World::new().await;
    let token = world.token(TokenForm { days: "never".into(), ..form() }).await;
    for (name, method, path) in world.operations() {
        if matches!(name.as_str(), "removeRegistry" | "switchRegistry") {
            continue;
        }
        let answer = world.ask(method, &path, &token).send().await;
        let served = !matches!(answer.status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::UNAUTHORIZED);
        assert!(served && !answer.body.contains("nothing at this address"), "{name}: {answer:?}");
        assert!(!answer.status.is_server_error(), "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn a_token_is_also_the_password_of_basic() {
    let world = World::new().await;
    let token = world.any().await;
    let pair = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("whoever:{token}"));
    let answer = world.site.get("/api/v1/me").with("authorization", &format!("Basic {pair}")).send().await;
    assert_eq!((answer.status, read(&answer)["name"].clone()), (StatusCode::OK, json!("ada")));
}

#[tokio::test]
async fn a_cookie_opens_nothing_and_closes_nothing() {
    let world = World::new().await;
    let (token, cookie) = (world.any().await, world.site.signed_in().await);
    let answer = world.site.get("/api/v1/me").cookie(&cookie).send().await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "a session is no token");
    let edit = |cookie: &str| {
        let ask = world.ask(Method::PATCH, "/me", &token).cookie(cookie).with("content-type", "application/json");
        ask.with("origin", "https://elsewhere.example").body(r#"{"theme":"dark"}"#)
    };
    let answer = edit(&cookie).send().await;
    assert_eq!(answer.status, StatusCode::OK, "who has the token needs no page of ours: {answer:?}");
    assert!(answer.header("set-cookie").is_empty() && answer.header("access-control-allow-origin").is_empty());
}

#[tokio::test]
async fn guessing_is_slowed_down_and_a_good_token_is_not() {
    let world = World::new().await;
    let good = world.any().await;
    let wrong = format!("wharfinger_0123456789ab_{}", "0".repeat(64));
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(world.get("/me", &wrong).await);
    }
    let last = answers.pop().expect("answers");
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0), "{last:?}");
    problem(&last);
    assert_eq!(world.get("/me", &good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_makes_lists_and_revokes_tokens_and_each_is_in_the_log() {
    let world = World::new().await;
    let token = world.any().await;
    let make = |body: serde_json::Value| {
        world
            .ask(Method::POST, "/me/tokens", &token)
            .with("content-type", "application/json")
            .body(body.to_string())
            .send()
    };
    let made = make(json!({ "name": "report", "days": 7, "restriction": { "permissions": ["repository.pull"], "registry": "lab" } })).await;
    assert_eq!((made.status, made.header("cache-control")), (StatusCode::CREATED, "no-store"), "{made:?}");
    let new = read(&made);
    let (secret, prefix) =
        (new["secret"].as_str().expect("a secret"), new["token"]["prefix"].as_str().expect("a prefix"));
    assert_eq!(made.header("location"), format!("/api/v1/me/tokens/{prefix}"));
    assert_eq!(new["token"]["restriction"]["registry"], "lab");
    assert_eq!(
        new["token"]["restriction"]["permissions"],
        json!(["registry.view", "repository.view", "repository.pull"])
    );
    assert_eq!(read(&world.get("/me", secret).await)["token"]["prefix"], prefix);

    let list = world.get("/me/tokens", &token).await;
    let rows = read(&list)["tokens"].as_array().expect("tokens").clone();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (rows[0]["last_used"].clone(), rows[0]["current"].clone(), rows[1]["current"].clone()),
        (json!("2026-09-21T14:13:20Z"), json!(false), json!(true))
    );
    assert!(!list.body.contains(secret.rsplit('_').next().expect("a secret part")));

    for wider in [json!({ "name": "for ever" }), json!({ "name": "longer", "days": 31 })] {
        assert_eq!(make(wider).await.status, StatusCode::FORBIDDEN, "it would live longer than the one that makes it");
    }
    let wrong = make(json!({ "name": " ", "days": 7, "restriction": { "registry": "nowhere", "repositories": "********a*b*c*d*e*f*g*h*i" } })).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<_> =
        problem(&wrong)["errors"].as_array().expect("errors").iter().map(|e| e["field"].clone()).collect();
    assert_eq!(fields, ["name", "registry", "repositories"]);

    let revoke = |prefix: String| world.ask(Method::DELETE, &format!("/me/tokens/{prefix}"), &token).send();
    let gone = revoke(prefix.to_owned()).await;
    assert_eq!((gone.status, gone.body.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(revoke(prefix.to_owned()).await.status, StatusCode::NOT_FOUND, "once is enough");
    assert_eq!(world.get("/me", secret).await.status, StatusCode::UNAUTHORIZED);

    let query = AuditQuery { act: "token.".into(), ..AuditQuery::default() };
    let log = world.site.operations.audit(&ada(), &query).await.expect("the log").entries;
    let told: Vec<_> = log
        .iter()
        .map(|line| {
            (
                line.entry.act.as_str(),
                line.outcome.as_str(),
                line.entry.via.split(' ').next().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("token.use", "refused", "nothing".to_owned()),
            ("token.revoke", "done", "token".to_owned()),
            ("token.create", "done", "token".to_owned()),
            ("token.create", "done", "session".to_owned()),
        ]
    );
    assert!(!format!("{log:?}").contains(secret.rsplit('_').next().expect("a secret part")));
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
    let world = World::new().await;
    let token = world.any().await;
    let used = async || read(&world.get("/me", &token).await)["token"]["last_used"].as_str().map(str::to_owned);
    let first = used().await.expect("used");
    world.site.clock.advance(59);
    assert_eq!(used().await, Some(first.clone()));
    world.site.clock.advance(1);
    assert_ne!(used().await, Some(first));
}

#[tokio::test]
async fn in_the_profile_a_token_is_shown_once_and_revoked_for_good() {
    let world = World::new().await;
    let cookie = world.site.signed_in().await;
    let fields = [("name", "nightly"), ("days", "30"), ("registry", "lab"), ("repositories", "team/*")];
    let ticked = [("permissions[]", "repository.view"), ("permissions[]", "repository.pull")];
    let all = [&fields[..], &ticked[..]].concat();
    let made = world.site.post("/do/token-create").html().on_our_page().cookie(&cookie).form(&all).send().await;
    assert!(made.status.is_redirection(), "{made:?}");
    let next = made.location().split('#').next().expect("an address").to_owned();
    assert!(next.starts_with("/profile?made=") && !next.contains("wharfinger_"), "{next}");
    let other = world.site.signed_in().await;
    let profile = async |cookie: &str| world.site.get(&next).html().cookie(cookie).send().await.body;
    assert!(!profile(&other).await.contains("wharfinger_"), "another session does not see it");
    let page = profile(&cookie).await;
    let start = page.find("wharfinger_").expect("the token");
    let token = page[start..start + 88].to_owned();
    assert!(!profile(&cookie).await.contains("wharfinger_"), "once");

    let me = read(&world.get("/me", &token).await);
    let restriction = json!({ "permissions": ["registry.view", "repository.view", "repository.pull"], "registry": "lab", "repositories": "team/*" });
    assert_eq!(me["token"]["restriction"], restriction);
    let page = profile(&cookie).await;
    assert!(page.contains("registry.view, repository.view, repository.pull, in lab, on team/*"), "{page}");
    let prefix = token.split('_').nth(1).expect("a prefix");
    let revoked = world
        .site
        .post("/do/token-revoke")
        .html()
        .on_our_page()
        .cookie(&cookie)
        .form(&[("prefix", prefix)])
        .send()
        .await;
    assert!(revoked.location().starts_with("/profile?saved=token"), "{revoked:?}");
    assert_eq!(world.get("/me", &token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_form_says_what_is_wrong_and_forgets_nothing() {
    let world = World::new().await;
    let cookie = world.site.signed_in().await;
    let fields = [
        ("name", ""),
        ("days", "0"),
        ("registry", ""),
        ("repositories", "team/*"),
        ("permissions[]", "repository.pull"),
    ];
    let form = world
        .site
        .post("/do/token-create")
        .with("accept", "application/json")
        .on_our_page()
        .cookie(&cookie)
        .form(&fields);
    let answer = form.send().await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let error = read(&answer);
    let fields: Vec<_> =
        error["fields"].as_array().expect("fields").iter().map(|field| field["field"].clone()).collect();
    assert_eq!(fields, ["name", "days"]);
    assert!(error["typed"].to_string().contains("repository.pull") && error["typed"].to_string().contains("team/*"));
}
