//! Tokens that are made in this process ([`SignIn::TokenServer`]), at the fake and at the real `docker-registry`: the
//! realm is never asked, and each token allows exactly what its request needs.

use crate::support::{Scripted, answer, name, permit, push_image};
use domain::{Connection, Permission, Secret, Secrets, SignIn};
use futures_util::future::BoxFuture;
use registry::{
    Deleted, Error, Minted, Minter, Registry,
    facts::{self, Asking, Opened},
    fake::{
        Access, Fake, FakeOptions,
        real::{Real, RealOptions, signing_server},
        token_server::{TokenOptions, TokenServer},
    },
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// Makes tokens by the server's key without asking it over the network, and remembers for what.
struct Mint {
    server: Option<Arc<TokenServer>>,
    life: Duration,
    made: Mutex<Vec<(String, Vec<String>)>>,
}

impl Mint {
    fn of(server: Option<Arc<TokenServer>>) -> Arc<Self> {
        Arc::new(Self { server, life: Duration::from_mins(5), made: Mutex::default() })
    }
    fn scopes(&self) -> Vec<String> {
        let mut made = self.made.lock().expect("the list");
        std::mem::take(&mut *made).into_iter().map(|(_, scopes)| scopes.join(" ")).collect()
    }
}

impl Minter for Mint {
    fn mint<'m>(&'m self, service: &'m str, scopes: &'m [String]) -> BoxFuture<'m, Result<Minted, Error>> {
        Box::pin(async move {
            self.made.lock().expect("the list").push((service.to_owned(), scopes.to_vec()));
            let Some(server) = &self.server else {
                return Ok(Minted { token: Secret::new("made-up"), life: self.life });
            };
            if service != server.service() {
                return Err(Error::Settings { why: format!("it wants tokens for {service}") });
            }
            Ok(Minted { token: Secret::new(server.mint("wharfinger", scopes)), life: self.life })
        })
    }
}

fn connect(connection: &Connection, minter: Option<Arc<Mint>>) -> Registry {
    let connection = Connection { sign_in: SignIn::TokenServer, realm_host: None, ..connection.clone() };
    let minter = minter.map(|minter| minter as Arc<dyn Minter>);
    Registry::connect_minting("own", &connection, &Secrets::default(), minter).expect("good settings")
}

async fn tell(connection: &Connection, server: Arc<TokenServer>) {
    let mint = Mint::of(Some(Arc::clone(&server)));
    let registry = connect(connection, Some(Arc::clone(&mint)));
    registry.ping().await.expect("let in");
    assert_eq!(mint.scopes(), [""], "for nothing");

    let push = permit("team/app", Permission::RepositoryPush);
    let digest = push_image(&registry.writer(&push).expect("a permit for pushing"), "v1", "one").await;
    let pushed = mint.scopes();
    assert!(pushed.iter().all(|scope| scope.starts_with("repository:team/app:pull")), "{pushed:?}");
    assert!(pushed.iter().all(|scope| !scope.contains("delete")), "{pushed:?}");

    let team = name("team/app");
    assert_eq!(registry.catalog().await.expect("listed").items, ["team/app"]);
    assert_eq!(mint.scopes(), ["registry:catalog:*"]);
    assert_eq!(registry.tags(&team).await.expect("listed").items, ["v1"]);
    assert_eq!(registry.catalog().await.expect("listed again").items, ["team/app"]);
    assert_eq!(mint.scopes(), Vec::<String>::new(), "tokens are kept as long as they live");

    let delete = permit("team/app", Permission::TagDelete);
    let writer = registry.writer(&delete).expect("a permit for deleting");
    assert_eq!(writer.delete_manifest(&digest).await, Ok(Deleted::Now));
    assert_eq!(mint.scopes(), ["repository:team/app:delete"]);
    assert_eq!(server.requests(), [], "the realm was never asked");
}

async fn closed_to_others(connection: &Connection) {
    let error = connect(connection, None).catalog().await.expect_err("nobody makes tokens");
    assert!(matches!(&error, Error::Settings { why } if why.contains("once the registry is added")), "{error:?}");
    let stranger = Registry::connect("stranger", connection, &Secrets::default()).expect("good settings");
    assert_eq!(facts::opened(&stranger, Asking::Api, None).await, Ok(Opened::No));
    assert_eq!(facts::opened(&stranger, Asking::Catalogue, None).await, Ok(Opened::No));
    let bad = Secret::new("no-token");
    assert_eq!(facts::opened(&stranger, Asking::Api, Some(&bad)).await, Ok(Opened::No));
}

/// What a token opens is asked with that token alone.
async fn opening(connection: &Connection, server: &TokenServer) {
    let mint = Mint::of(None);
    let registry = connect(connection, Some(Arc::clone(&mint)));
    let token = |scopes: &[&str]| {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Secret::new(server.mint("somebody", &scopes))
    };
    let (mine, other) = (name("not/there"), name("not/mine"));
    let pull = token(&["repository:not/there:pull"]);
    assert_eq!(facts::opened(&registry, Asking::Api, Some(&token(&[]))).await, Ok(Opened::Yes(None)));
    assert_eq!(facts::opened(&registry, Asking::Tags(&mine), Some(&pull)).await, Ok(Opened::Yes(None)));
    assert_eq!(facts::opened(&registry, Asking::Tags(&other), Some(&pull)).await, Ok(Opened::No));
    assert_eq!(facts::opened(&registry, Asking::Catalogue, Some(&pull)).await, Ok(Opened::No));
    let list = token(&["registry:catalog:*"]);
    let first = facts::opened(&registry, Asking::Catalogue, Some(&list)).await;
    assert_eq!(first, Ok(Opened::Yes(Some(name("team/app")))));
    assert_eq!(mint.scopes(), Vec::<String>::new(), "the connection's own way of signing in was not used");
}

#[tokio::test]
async fn the_fake_takes_tokens_made_here() {
    let server = Arc::new(TokenServer::start(TokenOptions::new(Vec::new())).await.expect("a token server"));
    let options = FakeOptions { access: Access::Token(Arc::clone(&server)), ..FakeOptions::default() };
    let fake = Fake::start(options).await.expect("a registry");
    tell(&fake.connection(), Arc::clone(&server)).await;
    closed_to_others(&fake.connection()).await;
}

#[tokio::test]
async fn the_real_one_takes_tokens_made_here() {
    let server = Arc::new(signing_server(Vec::new()).await.expect("a token server"));
    let options = RealOptions { access: Access::Token(Arc::clone(&server)), ..RealOptions::default() };
    let real = Real::start(options).await.expect("docker-registry");
    tell(&real.connection(), Arc::clone(&server)).await;
    closed_to_others(&real.connection()).await;
    opening(&real.connection(), &server).await;
}

/// Asks for a token for everything, whatever the request was.
fn greedy(service: &str) -> String {
    format!(
        "Bearer realm=\"http://192.0.2.1/token\",service=\"{service}\",scope=\"repository:team/secret:pull,push,delete\""
    )
}

#[tokio::test]
async fn a_registry_can_not_ask_for_more_than_the_call_needs() {
    let hostile = Scripted::start(|got, _| match got.header("authorization") {
        Some(_) => answer(200, &[], r#"{"repositories":[]}"#),
        None => answer(401, &[("www-authenticate", &greedy("ours"))], ""),
    })
    .await;
    let mint = Mint::of(None);
    connect(&hostile.connection(), Some(Arc::clone(&mint))).catalog().await.expect("listed");
    assert_eq!(mint.scopes(), ["registry:catalog:*"]);
    assert!(hostile.requests().iter().all(|got| got.target.starts_with("/v2/_catalog")), "{:?}", hostile.requests());
}

#[tokio::test]
async fn a_registry_that_wants_tokens_for_something_else_gets_none() {
    let hostile = Scripted::start(|_, _| answer(401, &[("www-authenticate", &greedy("another"))], "")).await;
    let server = Arc::new(TokenServer::start(TokenOptions::new(Vec::new())).await.expect("a token server"));
    let error = connect(&hostile.connection(), Some(Mint::of(Some(server)))).catalog().await.expect_err("refused");
    assert!(matches!(error, Error::Settings { .. }), "{error:?}");
    assert!(hostile.requests().iter().all(|got| got.header("authorization").is_none()));
}

#[tokio::test]
async fn a_token_that_is_refused_is_made_anew_once_at_most() {
    let moody = Scripted::start(|_, _| answer(401, &[("www-authenticate", &greedy("ours"))], "")).await;
    let mint = Mint::of(None);
    let registry = connect(&moody.connection(), Some(Arc::clone(&mint)));
    let refused = registry.catalog().await.expect_err("refused");
    assert!(matches!(refused, Error::Unauthorized { .. }), "{refused:?}");
    assert_eq!(mint.scopes(), ["registry:catalog:*"]);
    assert_eq!(moody.requests().len(), 2, "once as a stranger, once with the token");
    registry.catalog().await.expect_err("refused again");
    assert_eq!(mint.scopes(), ["registry:catalog:*"], "one that was kept is made anew once");
}

#[tokio::test]
async fn what_is_no_answer_of_a_registry_opens_nothing() {
    let odd = Scripted::start(|got, _| match got.target.as_str() {
        "/v2/" => answer(200, &[("content-type", "text/html")], "<html>"),
        "/v2/_catalog?n=1" => answer(502, &[], "bad gateway"),
        _ => answer(404, &[("content-type", "text/plain")], "nothing here"),
    })
    .await;
    let team = name("team/app");
    for asking in [Asking::Api, Asking::Catalogue, Asking::Tags(&team)] {
        let opened = facts::opened(&odd.registry(), asking, None).await.expect("answered");
        assert!(matches!(opened, Opened::Unclear(_)), "{asking:?}: {opened:?}");
    }
}
