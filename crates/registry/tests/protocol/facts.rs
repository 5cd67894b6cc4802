//! What the probe sees.

use crate::support::{Scripted, answer, basic, connect, name, token, with_password};
use domain::{Connection, manifest::OCI_MANIFEST};
use registry::{
    Error,
    facts::{self, Catalogue, Credentials, Deleting, NotAsked, TagPaging},
    fake::{Access, Fake, FakeOptions, User},
};

fn connection(address: &str) -> Connection {
    Connection::new(address.parse().expect("an address"))
}

#[tokio::test]
async fn names_and_connections_are_seen() {
    let fake = Fake::start(FakeOptions::default()).await.expect("the fake starts");
    let at = connection(&format!("http://localhost:{}", fake.addr.port()));
    assert!(facts::dns(&at).await.expect("everybody knows it").iter().all(std::net::IpAddr::is_loopback));
    assert_eq!(facts::connect(&at).await.expect("it listens").address, fake.addr);
    assert_eq!(facts::tls(&at, &domain::Secrets::default()).await, Ok(None));
    let nowhere = connection("http://registry.invalid");
    assert!(matches!(facts::dns(&nowhere).await, Err(Error::Dns { .. })));
    let mut proxied = nowhere;
    proxied.proxy = Some(format!("http://{}", fake.addr));
    let target = facts::target(&proxied);
    assert_eq!((target.host.as_str(), target.port, target.is_proxy), ("127.0.0.1", fake.addr.port(), true));
}

#[tokio::test]
async fn the_api_tells_how_to_sign_in_its_server_its_clock_and_its_limits() {
    let headers = [
        ("docker-distribution-api-version", "registry/2.0"),
        ("server", "nginx\u{7f}"),
        ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("ratelimit-limit", "100;w=21600"),
        ("x-ratelimit-remaining", "7"),
        ("www-authenticate", r#"Bearer realm="https://auth.example.com/token",service="reg", Basic realm="R""#),
    ];
    let home = Scripted::start(move |_, _| answer(401, &headers[..1], "")).await;
    assert!(facts::api(&home.registry()).await.expect("it answers").is_registry);
    let home = Scripted::start(move |_, _| answer(401, &headers[2..], "")).await;
    let api = facts::api(&with_password(&home.connection(), basic("alice"), "secret")).await.expect("it answers");
    assert_eq!(api.status, 401);
    let ways: Vec<_> =
        api.ways.iter().map(|way| (way.scheme.as_str(), way.realm.as_deref(), way.service.as_deref())).collect();
    assert_eq!(ways, [("bearer", Some("https://auth.example.com/token"), Some("reg")), ("basic", Some("R"), None)]);
    assert_eq!(api.date.map(domain::Timestamp::rfc3339).as_deref(), Some("2026-01-01T00:00:00Z"));
    assert!(api.clock_ahead.is_some_and(|seconds| seconds < -3600));
    let limits: Vec<_> = api.rate_limits.iter().map(|l| (l.name.as_str(), l.value.as_str())).collect();
    assert_eq!(limits, [("ratelimit-limit", "100;w=21600"), ("x-ratelimit-remaining", "7")]);
    assert_eq!(home.requests()[0].header("authorization"), None, "a stranger asks");
}

#[tokio::test]
async fn a_web_site_is_no_registry() {
    for (status, body) in [(200, "<html>Welcome</html>"), (404, "not found"), (302, "")] {
        let home = Scripted::start(move |_, _| answer(status, &[("content-type", "text/html")], body)).await;
        match facts::api(&home.registry()).await {
            Ok(api) => {
                assert!(!api.is_registry, "{api:?}");
                home.registry().ping().await.expect_err("it is no registry");
            }
            Err(error) => assert!(matches!(error, Error::BadRedirect { .. }), "{error:?}"),
        }
    }
}

#[tokio::test]
async fn credentials_are_tried() {
    let options = FakeOptions { access: Access::Basic(vec![User::new("alice", "secret")]), ..FakeOptions::default() };
    let fake = Fake::start(options).await.expect("the fake starts");
    let good = with_password(&fake.connection(), token("alice"), "secret");
    assert!(matches!(facts::credentials(&good).await, Credentials::Accepted(_)));
    let bad = with_password(&fake.connection(), token("alice"), "wrong");
    assert!(matches!(facts::credentials(&bad).await, Credentials::Refused(Error::Unauthorized { .. })));
}

#[tokio::test]
async fn the_catalogue_is_counted_or_its_refusal_is_told() {
    let fake = Fake::start(FakeOptions { largest_page: 5, ..FakeOptions::default() }).await.expect("the fake starts");
    for number in 0..150 {
        fake.empty_repository(&format!("r{number:03}"));
    }
    fake.empty_repository("Legacy");
    let seen = facts::catalogue(&connect(&fake.connection())).await;
    let Catalogue::Listed { first_page, goes_on, names } = seen else { panic!("{seen:?}") };
    assert_eq!((first_page, goes_on), (100, true));
    assert!(names.iter().all(|name| name.as_str() != "Legacy"));
    let closed = Fake::start(FakeOptions { catalog: false, ..FakeOptions::default() }).await.expect("the fake starts");
    let seen = facts::catalogue(&connect(&closed.connection())).await;
    assert!(matches!(seen, Catalogue::Refused(Error::Unsupported { .. })), "{seen:?}");
}

#[tokio::test]
async fn tag_paging_is_told_apart() {
    for (tag_pages, count, expected) in [
        (true, 3, TagPaging::Paged),
        (false, 3, TagPaging::AllAtOnce),
        (true, 1, TagPaging::TooFew),
        (true, 0, TagPaging::TooFew),
    ] {
        let fake = Fake::start(FakeOptions { tag_pages, ..FakeOptions::default() }).await.expect("the fake starts");
        let digest = fake.push_manifest("a/b", OCI_MANIFEST, "{}");
        for number in 0..count {
            fake.tag("a/b", &format!("t{number}"), &digest);
        }
        assert_eq!(facts::tag_paging(&connect(&fake.connection()), &name("a/b")).await, Ok(expected));
    }
    // go-containerregistry's registry obeys n and gives no link.
    let home = Scripted::start(|got, _| {
        answer(200, &[], if got.target.ends_with("n=1") { r#"{"tags":["a"]}"# } else { r#"{"tags":["a","b"]}"# })
    })
    .await;
    assert_eq!(facts::tag_paging(&home.registry(), &name("a/b")).await, Ok(TagPaging::WithoutLink));
}

#[tokio::test]
async fn deleting_is_judged_by_what_comes_back() {
    let unknown = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
    let unsupported = r#"{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}"#;
    for (status, body, expected) in [
        (202, "", "enabled"),
        (404, unknown, "enabled"),
        (405, unsupported, "disabled"),
        (400, unsupported, "disabled"),
        (405, "Method not allowed", "disabled"),
        (401, "", "not permitted"),
        (403, "", "not permitted"),
        (404, "404 page not found", "unclear"),
        (500, "", "unclear"),
    ] {
        let home = Scripted::start(move |_, _| answer(status, &[], body)).await;
        let verdict = match facts::deleting(&home.registry(), &home.connection()).await {
            Deleting::Enabled => "enabled",
            Deleting::Disabled(_) => "disabled",
            Deleting::NotPermitted(_) => "not permitted",
            Deleting::NotAsked(_) => "not asked",
            Deleting::Unclear(_) => "unclear",
        };
        assert_eq!(verdict, expected, "{status} {body}");
        let asked = &home.requests()[0];
        assert!(asked.method == "DELETE" && asked.target.starts_with("/v2/wharfinger-probe-"), "{asked:?}");
    }
}

#[tokio::test]
async fn deleting_is_not_asked_where_it_was_switched_off_nor_at_hosted_services() {
    let home = Scripted::start(|_, _| answer(202, &[], "")).await;
    let off = Connection { probe_delete: false, ..home.connection() };
    assert_eq!(facts::deleting(&home.registry(), &off).await, Deleting::NotAsked(NotAsked::SwitchedOff));
    for host in [
        "registry-1.docker.io",
        "ghcr.io",
        "quay.io",
        "1.dkr.ecr.eu-west-1.amazonaws.com",
        "x.azurecr.io",
        "europe-docker.pkg.dev",
        "eu.gcr.io",
        "registry.gitlab.com",
    ] {
        let at = connection(&format!("https://{host}"));
        assert_eq!(facts::deleting(&home.registry(), &at).await, Deleting::NotAsked(NotAsked::HostedService), "{host}");
    }
    assert!(home.requests().is_empty());
    for host in ["registry.example.com", "notquay.io", "gcr.io.example.com", "127.0.0.1"] {
        assert!(!facts::is_hosted_service(host), "{host}");
    }
}
