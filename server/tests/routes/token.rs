//! The token server through the router: what clients send, what hostile ones send, and that no page's door is in the way.

use crate::site::{Answer, BEGIN, NAME, PASSWORD, Site};
use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Actor, Connection, Permission, Place, access::Subject, audit::Act, permission::allows, token_check::Bundle,
};
use operations::{audit::AuditQuery, token_keys::KeyState};
use serde_json::Value;
use store::{AddRegistry, BundleCheck, SecretsEdit};

const ALL: &str = "scope=repository:team/app:pull,push";

/// With a registry, whose service is `registry-1`.
pub async fn site() -> Site {
    site_with(&[]).await
}

async fn site_with(settings: &[(&'static str, &str)]) -> Site {
    let site = Site::with(settings).await;
    let permit = allows(&Actor::cli(), Permission::RegistryManage, Place::System).expect("the command line may");
    let add = AddRegistry {
        name: "harbour".parse().expect("a name"),
        description: String::new(),
        connection: Connection::new("http://registry.test:5000".parse().expect("an address")),
        secrets: SecretsEdit::default(),
    };
    let store = site.operations.store();
    let opened = store.open_act(permit, &Act::new("registry.create", "registry harbour"), BEGIN).await.expect("opened");
    assert_eq!(store.write(opened, add, BEGIN).await.expect("written"), 1);
    site
}

pub fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

pub async fn get(site: &Site, query: &str, authorization: &str) -> Answer {
    let ask = site.get(&format!("/token?{query}"));
    let ask = if authorization.is_empty() { ask } else { ask.with("authorization", authorization) };
    ask.send().await
}

pub fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

/// The `access` of the token in an answer.
fn access(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let body = json(answer);
    assert_eq!(body["token"], body["access_token"]);
    let token = body["token"].as_str().expect("a token");
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("three parts")).expect("base64");
    serde_json::from_slice::<Value>(&claims).expect("JSON")["access"].to_string()
}

const WRITES: &str = r#"[{"type":"repository","name":"team/app","actions":["pull","push"]}]"#;

#[tokio::test]
async fn docker_s_way_from_login_to_push() {
    let site = site().await;
    let ada = basic(NAME, PASSWORD);
    let query = "account=ada&client_id=docker&offline_token=true&service=registry-1";
    let login = get(&site, query, &ada).await;
    assert_eq!(access(&login), "[]");
    let body = json(&login);
    assert_eq!((&body["expires_in"], body["issued_at"].as_str()), (&300.into(), Some(BEGIN.rfc3339().as_str())));
    assert_eq!((login.header("cache-control"), login.header("set-cookie")), ("no-store", ""));
    let push = get(&site, "account=ada&service=registry-1&scope=repository%3Ateam%2Fapp%3Apush%2Cpull", &ada).await;
    assert_eq!(access(&push), WRITES);
    assert_eq!(json(&push).get("refresh_token"), None, "only where it is asked for");

    let refresh = body["refresh_token"].as_str().expect("a refresh token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("service", "registry-1"),
        ("client_id", "docker"),
        ("scope", "repository:team/app:pull,push repository:team/base:pull"),
    ];
    let refreshed = site.post("/token").form(&fields).send().await;
    assert!(access(&refreshed).contains("team/base"), "{refreshed:?}");
    assert_eq!(json(&refreshed)["scope"], "repository:team/app:pull,push repository:team/base:pull");

    let fields = [
        ("grant_type", "password"),
        ("username", NAME),
        ("password", PASSWORD),
        ("service", "registry-1"),
        ("client_id", "c"),
        ("access_type", "offline"),
        ("scope", "repository:team/app:pull,push"),
    ];
    let by_password = site.post("/token").form(&fields).send().await;
    assert_eq!(access(&by_password), WRITES);
    assert!(json(&by_password)["refresh_token"].is_string());
}

#[tokio::test]
async fn strangers_get_a_token_for_what_strangers_may() {
    let site = site().await;
    assert_eq!(access(&get(&site, &format!("service=registry-1&{ALL}"), "").await), "[]");
    assert_eq!(access(&get(&site, "", "").await), "[]");
    assert_eq!(access(&get(&site, "service=registry-9", &basic(NAME, PASSWORD)).await), "[]");
}

#[tokio::test]
async fn a_cookie_is_nothing_here_and_no_other_site_s_page_can_use_it() {
    let site = site().await;
    let cookie = site.signed_in().await;
    let asked = site.get(&format!("/token?service=registry-1&{ALL}")).cookie(&cookie).send().await;
    assert_eq!((access(&asked).as_str(), asked.header("set-cookie")), ("[]", ""));
    let fields = [("grant_type", "password"), ("username", NAME), ("password", "wrong"), ("service", "registry-1")];
    let posted = site.post("/token").cookie(&cookie).with("origin", "https://evil.example").form(&fields).send().await;
    assert_eq!(posted.status, StatusCode::UNAUTHORIZED, "judged by what it brings alone: {posted:?}");
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_the_words_of_the_form() {
    let site = site().await;
    for authorization in [
        basic(NAME, "wrong"),
        basic("nobody", "wrong"),
        basic("ada\u{0}", PASSWORD),
        basic("", "x"),
        "Basic".to_owned(),
        "Basic !!!".to_owned(),
        format!("Bearer {}", STANDARD.encode("x")),
    ] {
        let answer = get(&site, &format!("service=registry-1&{ALL}"), &authorization).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{authorization}: {answer:?}");
        assert!(answer.header("www-authenticate").starts_with("Basic realm="), "{answer:?}");
        assert_eq!(json(&answer)["errors"][0]["code"], "UNAUTHORIZED");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let contradicts = get(&site, "service=registry-1&account=eve", &basic(NAME, PASSWORD)).await;
    assert_eq!(contradicts.status, StatusCode::UNAUTHORIZED);

    for (fields, status, error) in [
        (&[][..], 400, "invalid_request"),
        (&[("grant_type", "password"), ("username", "ada")], 400, "invalid_request"),
        (&[("grant_type", "client_credentials")], 400, "unsupported_grant_type"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "x")], 401, "invalid_grant"),
        (&[("grant_type", "password"), ("username", "eve"), ("password", "x")], 401, "invalid_grant"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "x"), ("refresh_token", "y")], 400, "invalid_request"),
    ] {
        let answer = site.post("/token").form(fields).send().await;
        assert_eq!((answer.status.as_u16(), &json(&answer)["error"]), (status, &error.into()), "{fields:?}");
        assert!(json(&answer)["error_description"].is_string());
    }
    let other = site.post("/token").with("content-type", "application/json").body("{}").send().await;
    assert_eq!((other.status.as_u16(), &json(&other)["error"]), (400, &"invalid_request".into()));
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        assert_eq!(site.ask(method, "/token").send().await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn enormous_and_hostile_requests_are_survived() {
    let site = site().await;
    let ada = basic(NAME, PASSWORD);
    let big = format!("scope={}", "a".repeat(60_000));
    let many = "scope=repository:team/app:pull&".repeat(2_000);
    for query in [
        big.as_str(),
        many.as_str(),
        "scope=%00&service=%00&account=&client_id=%ff%fe",
        "scope=repository%3Ateam%2Fapp%00%3Apull",
        "scope=repository:../../etc/passwd:pull&scope=repository:*:*&scope=registry:catalog:pull",
        "scope=repository:%E2%80%AEteam/app:pull",
        "service=registry-1&service=registry-2&scope",
        "&&&===&scope=&scope=%20%20%20",
    ] {
        let answer = get(&site, &format!("service=registry-1&{query}"), &ada).await;
        let access = access(&answer);
        assert!(access == "[]" || access.matches("repository").count() == 1, "{access}");
        assert!(answer.body.len() < 16 * 1024);
    }
    let body = format!("grant_type=password&username=ada&password=x&scope={}", "a".repeat(1 << 20));
    let form = "application/x-www-form-urlencoded";
    let answer = site.post("/token").with("content-type", form).body(body).send().await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let scopes: Vec<String> = (0..10_000).map(|n| format!("&scope=repository:r{n}:pull")).collect();
    let scopes = scopes.concat();
    let body =
        format!("grant_type=password&username=ada&password={}{}", PASSWORD.replace(' ', "+"), &scopes[..200_000]);
    let body = format!("{body}&service=registry-1");
    let answer = site.post("/token").with("content-type", form).body(body).send().await;
    assert_eq!(access(&answer).matches("repository").count(), 64);
}

#[tokio::test]
async fn a_look_makes_no_token_and_tells_nothing_of_a_password() {
    let site = site().await;
    let query = "/token?account=ada&offline_token=true&service=registry-1&scope=repository:team/app:pull";
    let mut answers = Vec::new();
    for authorization in [basic(NAME, PASSWORD), basic(NAME, "wrong"), "Basic !!!".to_owned()] {
        let answer = site.ask(Method::HEAD, query).with("authorization", &authorization).send().await;
        assert_eq!(answer.body, "");
        answers.push((
            answer.status,
            answer.header("www-authenticate").to_owned(),
            answer.header("cache-control").to_owned(),
        ));
    }
    assert_eq!(answers, vec![(StatusCode::OK, String::new(), "no-store".to_owned()); 3]);
    let ada = site.operations.store().people().by_name(NAME).await.expect("asked").expect("there");
    let refresh =
        site.operations.store().refresh_tokens().of_subject(Subject::Person(ada.id), 10).await.expect("listed");
    assert!(refresh.is_empty(), "{refresh:?}");
    site.operations.write_token_events().await;
    let log = site.operations.audit(&Actor::cli(), &AuditQuery { act: "token.".into(), ..AuditQuery::default() }).await;
    assert!(log.expect("the log").entries.is_empty(), "nothing was asked");
}

#[tokio::test]
async fn a_form_is_judged_by_itself_whatever_stands_in_the_header() {
    let site = site().await;
    let form =
        |password| [("grant_type", "password"), ("username", NAME), ("password", password), ("service", "registry-1")];
    for (header, password, status) in [
        (basic(NAME, "wrong"), PASSWORD, StatusCode::OK),
        ("Bearer x".to_owned(), PASSWORD, StatusCode::OK),
        (basic(NAME, PASSWORD), "wrong", StatusCode::UNAUTHORIZED),
    ] {
        let answer = site.post("/token").with("authorization", &header).form(&form(password)).send().await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    // And a GET by its header: what stands in the address proves nothing.
    let query = format!("service=registry-1&{ALL}&grant_type=password&username={NAME}&password=x&refresh_token=y");
    assert_eq!(access(&get(&site, &query, "").await), "[]");
}

#[tokio::test]
async fn no_cache_keeps_an_answer_and_no_page_of_others_reads_one() {
    let site = site().await;
    let origin = ("origin", "https://evil.example");
    let answers = [
        get(&site, "service=registry-1", "").await,
        get(&site, "service=registry-1", &basic("eve", "x")).await,
        site.get("/token?service=registry-1").with(origin.0, origin.1).send().await,
        site.post("/token").with(origin.0, origin.1).form(&[]).send().await,
        site.ask(Method::OPTIONS, "/token")
            .with(origin.0, origin.1)
            .with("access-control-request-method", "POST")
            .send()
            .await,
        site.ask(Method::DELETE, "/token").send().await,
    ];
    for answer in answers {
        assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{answer:?}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer:?}");
    }
}

#[tokio::test]
async fn very_long_and_strange_names_cost_nothing_and_are_cut_where_they_are_told() {
    let site = site().await;
    let long = "a".repeat(30_000);
    for (name, secret) in
        [(long.as_str(), "x"), ("ada\u{0}", PASSWORD), ("ada\u{202e}", PASSWORD), ("ada", long.as_str())]
    {
        let answer = get(&site, "service=registry-1", &basic(name, secret)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
        assert!(answer.body.len() < 1_000);
    }
    // An address can be 64 KiB long.
    let long = &long[..15_000];
    let query = format!("service={long}&client_id={long}&account={long}");
    assert_eq!(get(&site, &query, &basic(NAME, PASSWORD)).await.status, StatusCode::UNAUTHORIZED);
    site.operations.write_token_events().await;
    let log = site.operations.audit(&Actor::cli(), &AuditQuery { act: "token.".into(), ..AuditQuery::default() }).await;
    let entries = log.expect("the log").entries;
    assert!(!entries.is_empty() && entries.iter().all(|entry| entry.entry.target.len() < 400), "{entries:?}");
    assert!(entries.iter().all(|entry| !entry.entry.target.contains('\u{0}')));
}

#[tokio::test]
async fn where_the_program_takes_no_passwords_a_right_one_is_refused_and_the_page_says_so() {
    let site = site_with(&[("token-passwords", "off")]).await;
    let asked = format!("service=registry-1&{ALL}");
    let (right, wrong) =
        (get(&site, &asked, &basic(NAME, PASSWORD)).await, get(&site, &asked, &basic(NAME, "x")).await);
    assert_eq!((right.status, wrong.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert_eq!(right.body, wrong.body, "nobody learns which it was");
    assert!(right.body.contains("No passwords are taken here"), "{}", right.body);
    let fields = [("grant_type", "password"), ("username", NAME), ("password", PASSWORD), ("service", "registry-1")];
    assert_eq!(site.post("/token").form(&fields).send().await.status, StatusCode::UNAUTHORIZED);

    let cookie = site.signed_in().await;
    let page = site.get("/settings/registries/harbour/tokens").html().cookie(&cookie).send().await;
    assert!(page.status == StatusCode::OK && page.body.contains("--token-passwords off"), "{}", page.body);
    let on = self::site().await;
    let cookie = on.signed_in().await;
    let page = on.get("/settings/registries/harbour/tokens").html().cookie(&cookie).send().await;
    assert!(page.status == StatusCode::OK && !page.body.contains("--token-passwords off"), "{}", page.body);
}

#[tokio::test]
async fn before_a_rotation_the_page_names_the_registries_it_may_cut_off() {
    let site = site().await;
    assert_eq!(access(&get(&site, "", "").await), "[]", "now there are keys");
    let cookie = site.signed_in().await;
    let keys = async || site.get("/access/keys").html().cookie(&cookie).send().await.body;
    let page = keys().await;
    assert!(
        page.contains("not asked about this key yet") && page.contains("it is not known whether they have"),
        "{page}"
    );
    assert!(page.contains("/settings/registries/harbour/tokens#check"), "{page}");

    let ada = site.operations.signing_keys(&Actor::cli()).await.expect("the keys");
    let next = ada[0].keys.iter().find(|key| key.state == KeyState::Next).expect("a next one").kid.clone();
    let seen = async |found| {
        let check = BundleCheck { registry: 1, at: BEGIN, kid: next.clone(), found };
        site.operations.store().keep_bundle_check(&check).await.expect("kept");
        keys().await
    };
    let page = seen(Bundle::Old).await;
    assert!(page.contains("has the old bundle: copy the new one before you rotate"), "{page}");
    assert!(page.contains("These have an old bundle, and refuse every token"), "{page}");
    let page = seen(Bundle::Current).await;
    assert!(page.contains("ready for the next key") && !page.contains("These have an old bundle"), "{page}");
    assert!(!page.contains("it is not known whether they have"), "{page}");
    let tokens = site.get("/settings/registries/harbour/tokens").html().cookie(&cookie).send().await.body;
    assert!(tokens.contains("ready for the next key"), "{tokens}");
}

#[tokio::test]
async fn too_many_wrong_tries_are_told_to_wait() {
    let site = site().await;
    let mut last = get(&site, "service=registry-1", &basic("eve", "x")).await;
    for n in 0..8 {
        last = get(&site, "service=registry-1", &basic("eve", &format!("guess {n}"))).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    assert_eq!(json(&last)["errors"][0]["code"], "TOOMANYREQUESTS");
    assert_eq!(access(&get(&site, &format!("service=registry-1&{ALL}"), &basic(NAME, PASSWORD)).await), WRITES);
}

#[tokio::test]
async fn everybody_may_have_the_certificates_and_nobody_the_keys() {
    let site = site().await;
    let bundle = site.get("/token/certificates.pem").send().await;
    assert_eq!((bundle.status, bundle.header("content-type")), (StatusCode::OK, "application/x-pem-file"));
    assert_eq!(bundle.body.matches("BEGIN CERTIFICATE").count(), 2);
    assert!(!bundle.body.contains("PRIVATE"));
    let same = site.get("/token/certificates.pem?algorithm=ES256").send().await;
    assert_eq!(same.body, bundle.body);
    for query in ["algorithm=EdDSA", "algorithm=RS256", "algorithm=none", "algorithm="] {
        let answer = site.get(&format!("/token/certificates.pem?{query}")).send().await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{query}: {answer:?}");
    }
    let keys = site.get("/token/jwks.json").send().await;
    let keys = json(&keys);
    assert!(
        keys["keys"].as_array().is_some_and(|keys| keys.len() == 4 && keys.iter().all(|key| key.get("d").is_none()))
    );
}

#[tokio::test]
async fn the_page_of_keys_is_for_who_manages_registries_and_rotates() {
    let site = site().await;
    assert!(site.get("/access/keys").html().send().await.status.is_redirection());
    let cookie = site.signed_in().await;
    assert_eq!(access(&get(&site, "", "").await), "[]");
    let page = site.get("/access/keys").html().cookie(&cookie).send().await;
    assert!(page.status == StatusCode::OK && page.body.contains("Rotate the ES256 keys"), "{}", page.body);
    let before = site.get("/token/certificates.pem").send().await.body;
    let rotate = site.post("/do/signing-key-rotate").html().cookie(&cookie).form(&[("algorithm", "ES256")]);
    assert_eq!(rotate.send().await.status, StatusCode::FORBIDDEN, "not from elsewhere");
    assert_eq!(site.get("/token/certificates.pem").send().await.body, before);
    let rotate =
        site.post("/do/signing-key-rotate").html().cookie(&cookie).on_our_page().form(&[("algorithm", "ES256")]);
    assert!(rotate.send().await.status.is_redirection());
    assert_eq!(site.get("/token/certificates.pem").send().await.body.matches("BEGIN CERTIFICATE").count(), 3);
}
