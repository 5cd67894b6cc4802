//! Where a registry may lead us, and the proxies between.

use crate::support::{Scripted, answer, connect, name, tag};
use domain::{Connection, Secret, Secrets};
use registry::{Error, Registry};

async fn led_to(target: String) -> Result<(), Error> {
    let home = Scripted::start(move |_, _| answer(307, &[("location", &target)], "")).await;
    home.registry().manifest(&name("a/b"), &tag("latest")).await.map(|_| ())
}

#[tokio::test]
async fn a_redirect_to_another_port_of_this_machine_is_not_followed() {
    let victim = Scripted::start(|_, _| answer(200, &[], "secret")).await;
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let error =
            led_to(format!("http://{host}:{}/admin", victim.addr.port())).await.expect_err("this is not the registry");
        assert!(matches!(error, Error::ForbiddenAddress { .. }), "{host}: {error:?}");
    }
    assert!(victim.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_to_the_clouds_metadata_is_not_followed() {
    for target in [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://2852039166/",
    ] {
        let error = led_to(target.to_owned()).await.expect_err("it is forbidden");
        assert!(matches!(error, Error::ForbiddenAddress { .. }), "{target}: {error:?}");
    }
}

#[tokio::test]
async fn a_stranger_asks_no_token_server_on_another_port_of_this_machine() {
    let victim = Scripted::start(|_, _| answer(200, &[], r#"{"token":"t"}"#)).await;
    let challenge = format!("Bearer realm=\"http://{}/token\",service=\"s\"", victim.addr);
    let home = Scripted::start(move |_, _| answer(401, &[("www-authenticate", &challenge)], "")).await;
    let error = home.registry().ping().await.expect_err("nobody confirmed it");
    assert_eq!(error, Error::RealmNotConfirmed { host: victim.addr.to_string() });
    assert!(victim.requests().is_empty());
}

#[tokio::test]
async fn a_proxy_is_used_when_it_is_set_and_signed_in_to() {
    let proxy = Scripted::start(|_, _| answer(200, &[("docker-distribution-api-version", "registry/2.0")], "{}")).await;
    let mut connection = Connection::new("http://registry.invalid:5000".parse().expect("an address"));
    connection.proxy = Some(format!("http://{}", proxy.addr));
    let secrets = Secrets { proxy_credentials: Some(Secret::new("proxy:pa:ss")), ..Secrets::default() };
    let registry = Registry::connect("test", &connection, &secrets).expect("good settings");
    registry.ping().await.expect("the proxy answers");
    let requests = proxy.requests();
    assert_eq!(requests[0].target, "http://registry.invalid:5000/v2/");
    assert_eq!(requests[0].header("proxy-authorization"), Some("Basic cHJveHk6cGE6c3M="));
}

#[tokio::test]
async fn a_registry_behind_a_proxy_can_not_lead_to_forbidden_addresses_either() {
    for target in [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://LOCALHOST.:1/",
        "http://a.localhost/",
        "http://2130706433/",
    ] {
        // The proxy's own name opens nothing either.
        for host in ["127.0.0.1", "localhost"] {
            let proxy = Scripted::start(move |_, _| answer(302, &[("location", target)], "")).await;
            let mut connection = Connection::new("http://registry.invalid".parse().expect("an address"));
            connection.proxy = Some(format!("http://{host}:{}", proxy.addr.port()));
            let error = connect(&connection).ping().await.expect_err("it is forbidden");
            assert!(matches!(error, Error::ForbiddenAddress { .. }), "{target} by {host}: {error:?}");
            assert_eq!(proxy.requests().len(), 1, "{target} by {host}");
        }
    }
}

#[tokio::test]
async fn a_name_that_only_the_proxy_knows_is_left_to_it() {
    let proxy = Scripted::start(|got, _| {
        if got.target.contains("storage.invalid") {
            answer(200, &[("docker-distribution-api-version", "registry/2.0")], "{}")
        } else {
            answer(307, &[("location", "http://storage.invalid/v2/")], "")
        }
    })
    .await;
    let mut connection = Connection::new("http://registry.invalid".parse().expect("an address"));
    connection.proxy = Some(format!("http://{}", proxy.addr));
    connect(&connection).ping().await.expect("the proxy finds it");
    assert_eq!(proxy.requests().len(), 2);
}

#[tokio::test]
async fn a_proxy_that_is_no_address_is_said_before_anything_is_sent() {
    for proxy in ["not an address", "ftp://proxy.example.com"] {
        let mut connection = Connection::new("http://registry.invalid".parse().expect("an address"));
        connection.proxy = Some(proxy.to_owned());
        let refused = Registry::connect("test", &connection, &Secrets::default());
        assert!(matches!(refused, Err(Error::Settings { .. })), "{proxy}: {refused:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_told_apart_from_no_such_name() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    drop(listener);
    let error = connect(&crate::support::at(addr)).ping().await.expect_err("nobody listens");
    assert_eq!(error, Error::Refused { host: addr.to_string() });
    let error = connect(&Connection::new("http://registry.invalid".parse().expect("an address"))).ping().await;
    assert!(matches!(error, Err(Error::Dns { .. })), "{error:?}");
}
