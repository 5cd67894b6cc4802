//! `/api/v1`, asked as programs ask it.

mod access;
mod accounts;
mod across;
mod document;
mod lists;
mod problems;
mod restricted;
mod tokens;

use crate::site::{Answer, Ask, Site};
use axum::http::Method;
use domain::{Actor, ActorKind, Digest, Via, manifest::OCI_MANIFEST};
use operations::{connections::ConnectionForm, tokens::TokenForm};
use registry::fake::{Fake, FakeOptions};
use serde_json::{Value, json};

/// A site with a registry called `lab`, which holds `team/app` with nine tags and `other/thing` with one.
pub struct World {
    pub site: Site,
    pub digest: Digest,
    pub fake: Fake,
}

/// Ada, in a browser of hers.
pub fn ada() -> Actor {
    let stranger = Actor::anonymous("192.0.2.1", "a test", "r-1");
    let rights = domain::access::Rights::administrator();
    Actor { kind: ActorKind::Person, id: 1, name: "ada".into(), via: Via::Session(1), rights, ..stranger }
}

/// Pushes an image whose configuration has something to hide.
pub fn image(fake: &Fake, repository: &str, tags: &[String]) -> Digest {
    let config =
        json!({ "os": "linux", "architecture": "amd64", "created": "2024-05-06T07:08:09Z", "config": { "Env": ["SECRET=of-the-image"] } }).to_string();
    let (size, digest) = (config.len(), fake.push_blob(repository, config));
    let config = json!({ "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": size });
    let manifest = json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [], "config": config });
    let digest = fake.push_manifest(repository, OCI_MANIFEST, manifest.to_string());
    for tag in tags {
        fake.tag(repository, tag, &digest);
    }
    digest
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(flags: &[(&'static str, &str)]) -> Self {
        let site = Site::with(flags).await;
        let fake = Fake::start(FakeOptions::default()).await.expect("a registry");
        let tags: Vec<String> = (1..=9).map(|n| format!("v{n}")).collect();
        let digest = image(&fake, "team/app", &tags);
        image(&fake, "other/thing", &["v1".to_owned()]);
        for n in 1..=7 {
            image(&fake, &format!("many/r{n}"), &["v1".to_owned()]);
        }
        let form =
            ConnectionForm { name: "lab".into(), address: fake.address().to_string(), ..ConnectionForm::empty() };
        site.operations.add_registry(&ada(), &form).await.expect("added");
        Self { site, digest, fake }
    }

    /// A new token of Ada's.
    pub async fn token(&self, form: TokenForm) -> String {
        self.site.operations.make_token(&ada(), &form).await.expect("a token").secret
    }

    /// One that may do all that she may.
    pub async fn any(&self) -> String {
        self.token(form()).await
    }

    pub fn ask(&self, method: Method, path: &str, token: &str) -> Ask<'_> {
        self.site.ask(method, &format!("/api/v1{path}")).with("authorization", &format!("Bearer {token}"))
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.ask(Method::GET, path, token).send().await
    }

    /// Every operation of the document as a request: its name, method and path, with names that exist.
    pub fn operations(&self) -> Vec<(String, Method, String)> {
        let document = server::api::generated(app::base::Base(""));
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("an item") {
                let path = path
                    .replace("{registry}", "lab")
                    .replace("{repository}", "team~app")
                    .replace("{tag}", "v1")
                    .replace("{digest}", self.digest.as_str())
                    .replace("{sequence}", "1")
                    .replace("{grant}", "1")
                    .replace("{role}", "writer")
                    .replace("{person}", "grace")
                    .replace("{team}", "crew")
                    .replace("{robot}", "ci")
                    .replace("{session}", "4711")
                    .replace("{request}", "4711")
                    .replace("{refresh}", "4711")
                    .replace("{algorithm}", "ES256")
                    .replace("{check}", "missing-children")
                    .replace("{prefix}", "0123456789ab");
                let query = match operation["operationId"].as_str().expect("a name") {
                    "search" => "?q=app",
                    "compareImages" => "?a=lab/team/app:v1&b=lab/team/app:v2",
                    _ => "",
                };
                let method = method.to_uppercase().parse().expect("a method");
                all.push((
                    operation["operationId"].as_str().expect("a name").to_owned(),
                    method,
                    format!("{path}{query}"),
                ));
            }
        }
        all
    }
}

pub fn form() -> TokenForm {
    TokenForm { name: "nightly".into(), days: "30".into(), ..TokenForm::default() }
}

pub fn read(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

/// Looks at a refusal: its shape, its number, its status.
pub fn problem(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
    let problem = read(answer);
    assert_eq!(problem["status"], answer.status.as_u16(), "{answer:?}");
    assert_eq!(problem["request"], answer.header("x-request-id"), "{answer:?}");
    let kind = problem["type"].as_str().expect("a type");
    assert!(kind.starts_with("urn:wharfinger:problem:"), "{kind}");
    assert!(
        problem["title"].is_string() && problem["detail"].as_str().is_some_and(|words| !words.is_empty()),
        "{answer:?}"
    );
    problem
}
