//! Signing in: challenges, tokens fetched once, realms that were confirmed, secrets that stay secret.

use crate::support::{Scripted, answer, basic, connect, name, token, with_password};
use axum::response::Response;
use domain::{Connection, Secret, Secrets, SignIn};
use futures_util::future::join_all;
use registry::{
    Error, Registry,
    fake::{
        Access, Fake, FakeOptions, User,
        token_server::{TokenOptions, TokenServer},
    },
};
use std::sync::Arc;

fn users() -> Vec<User> {
    vec![
        User { identity_token: Some("identity".into()), ..User::new("alice", "secret") },
        User { writes: false, ..User::new("reader", "secret") },
    ]
}

async fn with_tokens(options: TokenOptions) -> (Fake, Arc<TokenServer>) {
    let server = Arc::new(TokenServer::start(options).await.expect("a token server"));
    let fake = Fake::start(FakeOptions { access: Access::Token(server.clone()), ..FakeOptions::default() })
        .await
        .expect("the fake starts");
    for repository in ["a/b", "c/d"] {
        fake.push_manifest(repository, "x", "{}");
    }
    (fake, server)
}

fn bearer(realm: &str) -> Response {
    answer(401, &[("www-authenticate", &format!("Bearer realm=\"{realm}\",service=\"s\""))], "")
}

#[tokio::test]
async fn concurrent_requests_share_one_fetch_of_a_token() {
    let (fake, server) = with_tokens(TokenOptions::new(users())).await;
    let registry = with_password(&fake.connection(), token("alice"), "secret");
    let (ab, cd) = (name("a/b"), name("c/d"));
    for answer in join_all((0..20).map(|_| registry.tags(&ab))).await {
        answer.expect("alice may");
    }
    assert_eq!(server.requests().len(), 1, "{:?}", server.requests());
    registry.tags(&cd).await.expect("alice may");
    registry.tags(&ab).await.expect("alice may");
    let asked = server.requests();
    assert_eq!(asked.len(), 2, "one for each set of scopes: {asked:?}");
    assert_eq!(asked[1].scopes, ["repository:c/d:pull"]);
    assert_eq!(asked[1].user.as_deref(), Some("alice"));
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_for_all_who_wait() {
    let (fake, server) = with_tokens(TokenOptions::new(users())).await;
    let registry = with_password(&fake.connection(), token("alice"), "wrong");
    let ab = name("a/b");
    for answer in join_all((0..20).map(|_| registry.tags(&ab))).await {
        assert!(matches!(answer, Err(Error::Unauthorized { .. })), "{answer:?}");
    }
    assert_eq!(server.requests().len(), 1, "{:?}", server.requests());
}

#[tokio::test]
async fn a_token_that_was_revoked_is_renewed_once() {
    let (fake, server) = with_tokens(TokenOptions::new(users())).await;
    let registry = with_password(&fake.connection(), token("alice"), "secret");
    registry.tags(&name("a/b")).await.expect("alice may");
    server.revoke_all();
    registry.tags(&name("a/b")).await.expect("alice may, with a new token");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_token_at_the_end_of_its_life_is_not_used() {
    let server = Scripted::start_knowing(|addr| {
        move |got, n| match got.target.as_str() {
            "/v2/" if got.header("authorization").is_none() => bearer(&format!("http://{addr}/token")),
            "/v2/" => answer(200, &[], "{}"),
            _ => answer(200, &[], format!(r#"{{"access_token":"t{n}","expires_in":0.000001}}"#)),
        }
    })
    .await;
    let registry = server.registry();
    registry.ping().await.expect("it lets us in");
    registry.ping().await.expect("it lets us in");
    let tokens = server.requests().iter().filter(|got| got.target.starts_with("/token")).count();
    assert_eq!(tokens, 2);
}

#[tokio::test]
async fn a_registry_that_refuses_every_token_is_not_asked_for_ever() {
    let server = Scripted::start_knowing(|addr| {
        move |got, n| {
            if got.target.starts_with("/token") {
                answer(200, &[], format!(r#"{{"token":"t{n}"}}"#))
            } else {
                bearer(&format!("http://{addr}/token"))
            }
        }
    })
    .await;
    let registry = with_password(&server.connection(), token("alice"), "secret");
    assert!(matches!(registry.ping().await, Err(Error::Unauthorized { .. })));
    let first = server.requests().len();
    assert!(first <= 4, "{first} requests");
    assert!(matches!(registry.ping().await, Err(Error::Unauthorized { .. })));
    assert!(server.requests().len() - first <= 4);
}

#[tokio::test]
async fn what_the_account_may_not_do_is_denied_and_not_unauthorized() {
    let (fake, _server) = with_tokens(TokenOptions::new(users())).await;
    let registry = with_password(&fake.connection(), token("reader"), "secret");
    registry.tags(&name("a/b")).await.expect("the reader may read");
    let delete = crate::support::permit("a/b", domain::Permission::TagDelete);
    let denied = registry.writer(&delete).expect("a permit").delete_manifest(&domain::Digest::of(b"{}")).await;
    assert!(matches!(denied, Err(Error::Denied { .. })), "{denied:?}");
}

#[tokio::test]
async fn credentials_go_to_no_realm_that_was_not_confirmed() {
    let realm = Scripted::start(|_, _| answer(200, &[], r#"{"token":"t"}"#)).await;
    let host = format!("localhost:{}", realm.addr.port());
    let url = format!("http://{host}/token");
    let home =
        Scripted::start(
            move |got, _| if got.header("authorization").is_some() { answer(200, &[], "{}") } else { bearer(&url) },
        )
        .await;

    let mut connection = home.connection();
    for confirmed in [None, Some("localhost".to_owned()), Some(format!("localhost:{}", home.addr.port()))] {
        connection.realm_host = confirmed;
        let refused = with_password(&connection, token("alice"), "secret").ping().await;
        assert_eq!(refused, Err(Error::RealmNotConfirmed { host: host.clone() }));
        let identity = Connection { sign_in: SignIn::IdentityToken, ..connection.clone() };
        let secrets = Secrets { identity_token: Some(Secret::new("identity")), ..Secrets::default() };
        let refused = Registry::connect("test", &identity, &secrets).expect("good settings").ping().await;
        assert_eq!(refused, Err(Error::RealmNotConfirmed { host: host.clone() }));
    }
    assert!(realm.requests().is_empty());

    connection.realm_host = Some(host);
    with_password(&connection, token("alice"), "secret").ping().await.expect("it is confirmed");
    assert_eq!(realm.requests()[0].header("authorization"), Some("Basic YWxpY2U6c2VjcmV0"));
}

#[tokio::test]
async fn a_realm_that_changes_stops() {
    let realm = Scripted::start(|_, n| answer(200, &[], format!(r#"{{"token":"t{n}"}}"#))).await;
    let good = format!("http://localhost:{}/token", realm.addr.port());
    let home = Scripted::start(move |got, n| match n {
        0 => bearer(&good),
        1 => answer(200, &[], "{}"),
        _ if got.header("authorization").is_some() => bearer("http://evil.example.com/token"),
        _ => answer(500, &[], ""),
    })
    .await;
    let mut connection = home.connection();
    connection.realm_host = Some(format!("localhost:{}", realm.addr.port()));
    let registry = with_password(&connection, token("alice"), "secret");
    registry.ping().await.expect("it is confirmed");
    assert_eq!(registry.ping().await, Err(Error::RealmNotConfirmed { host: "evil.example.com".into() }));
}

#[tokio::test]
async fn a_challenge_of_another_host_gets_nothing() {
    let storage = Scripted::start_knowing(|addr| move |_, _| bearer(&format!("http://{addr}/token"))).await;
    let target = format!("http://localhost:{}/blob", storage.addr.port());
    let home = Scripted::start(move |_, _| answer(307, &[("location", &target)], "")).await;
    let mut connection = home.connection();
    connection.realm_host = Some(format!("localhost:{}", storage.addr.port()));
    let refused =
        with_password(&connection, token("alice"), "secret").blob(&name("a/b"), &domain::Digest::of(b"x"), 10).await;
    assert!(matches!(refused, Err(Error::Unauthorized { .. })), "{refused:?}");
    assert_eq!(storage.requests().len(), 1);
}

#[tokio::test]
async fn an_identity_token_is_traded_by_post_or_else_by_get() {
    for (oauth, methods) in [(true, vec!["POST"]), (false, vec!["GET"])] {
        let (fake, server) = with_tokens(TokenOptions { oauth, ..TokenOptions::new(users()) }).await;
        let connection = Connection { sign_in: SignIn::IdentityToken, ..fake.connection() };
        let secrets = Secrets { identity_token: Some(Secret::new("identity")), ..Secrets::default() };
        Registry::connect("test", &connection, &secrets)
            .expect("good settings")
            .tags(&name("a/b"))
            .await
            .expect("alice may");
        let asked = server.requests();
        assert_eq!(asked.iter().map(|asked| asked.method.as_str()).collect::<Vec<_>>(), methods);
        assert_eq!(asked[0].user.as_deref(), Some("alice"));
        assert_eq!(asked[0].grant.as_deref(), oauth.then_some("refresh_token"));
    }
}

#[tokio::test]
async fn a_token_server_without_get_is_asked_by_post() {
    let server = Scripted::start_knowing(|addr| {
        move |got, _| match (got.method.as_str(), got.target.split('?').next()) {
            ("POST", Some("/token")) => answer(200, &[], r#"{"access_token":"t"}"#),
            (_, Some("/token")) => answer(405, &[], ""),
            _ if got.header("authorization") == Some("Bearer t") => answer(200, &[], "{}"),
            _ => bearer(&format!("http://{addr}/token")),
        }
    })
    .await;
    with_password(&server.connection(), token("alice"), "se&cret").ping().await.expect("it takes POST");
    let post = server.requests().into_iter().find(|got| got.method == "POST").expect("a POST");
    assert_eq!(post.body, "grant_type=password&username=alice&password=se%26cret&client_id=wharfinger&service=s");
}

#[tokio::test]
async fn answers_that_are_no_tokens_are_said_to_be_none() {
    for (status, body, kind) in [
        (200, "{}", "malformed"),
        (200, r#"{"token":""}"#, "malformed"),
        (200, r#"{"token":"a\nb"}"#, "malformed"),
        (200, "<html>", "malformed"),
        (400, r#"{"error":"invalid_grant"}"#, "unauthorized"),
        (403, "", "denied"),
        (404, "", "not-found"),
        (500, "", "server-fault"),
    ] {
        let server = Scripted::start_knowing(|addr| {
            move |got, _| {
                if got.target.starts_with("/token") {
                    answer(status, &[], body)
                } else {
                    bearer(&format!("http://{addr}/token"))
                }
            }
        })
        .await;
        let error = server.registry().ping().await.expect_err("no token");
        assert_eq!(error.kind(), kind, "{status} {body}: {error}");
    }
}

#[tokio::test]
async fn odd_realms_are_refused() {
    for realm in ["ftp://127.0.0.1/token", "http://user:pw@127.0.0.1/token", "file:///etc/passwd", "http://"] {
        let home = Scripted::start(move |_, _| bearer(realm)).await;
        let error = with_password(&home.connection(), token("alice"), "secret").ping().await.expect_err("it is odd");
        assert!(matches!(error, Error::Malformed { .. }), "{realm}: {error:?}");
    }
}

#[tokio::test]
async fn basic_goes_with_the_first_request_and_tokens_only_after_a_challenge() {
    let home = Scripted::start(|_, _| answer(200, &[], "{}")).await;
    with_password(&home.connection(), basic("alice"), "secret").ping().await.expect("it is open");
    with_password(&home.connection(), token("alice"), "secret").ping().await.expect("it is open");
    connect(&home.connection()).ping().await.expect("it is open");
    let sent: Vec<_> = home.requests().iter().map(|got| got.header("authorization").map(str::to_owned)).collect();
    assert_eq!(sent, [Some("Basic YWxpY2U6c2VjcmV0".to_owned()), None, None]);
}

#[tokio::test]
async fn secrets_are_in_no_error_and_no_debug_output() {
    let secret = "hunter2-very-secret";
    // A server that says back what it was told.
    let home = Scripted::start_knowing(|addr| {
        move |got, _| match got.target.split('?').next() {
            Some("/token") => answer(500, &[], ""),
            Some("/v2/a/b/tags/list") => {
                answer(302, &[("location", "http://127.0.0.1:1/?signature=hunter2-very-secret")], "")
            }
            _ => bearer(&format!("http://{addr}/token?leak=hunter2-very-secret")),
        }
    })
    .await;
    let mut connection = home.connection();
    connection.sign_in = token("alice");
    let hidden = || Some(Secret::new(secret));
    let secrets =
        Secrets { password: hidden(), identity_token: hidden(), client_key: hidden(), proxy_credentials: hidden() };
    let registry = Registry::connect("test", &connection, &secrets).expect("good settings");
    let mut texts = vec![format!("{registry:?} {secrets:?}")];
    for error in [registry.ping().await.expect_err("500"), registry.tags(&name("a/b")).await.expect_err("forbidden")] {
        texts.push(format!("{error} {error:?} {}", error.what_to_do()));
    }
    connection.client_certificate = Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".into());
    let error = Registry::connect("test", &connection, &secrets).expect_err("no key");
    texts.push(format!("{error} {error:?}"));
    for text in texts {
        assert!(!text.contains("hunter2"), "{text}");
    }
}
