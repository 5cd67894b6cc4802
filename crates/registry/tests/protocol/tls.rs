//! TLS: whom we believe, and why not.

use crate::support::{Scripted, answer, at, connect, raw};
use domain::{Connection, Secret, Secrets, Trust};
use registry::{
    Error, Registry, TlsWhy, facts,
    fake::{Fake, FakeOptions, FakeTls, certificates::Certificates},
};
use std::process::Command;

fn made() -> Certificates {
    let directory = tempfile::tempdir().expect("a directory");
    Certificates::make(directory.path()).expect("openssl makes certificates")
}

/// A self-signed certificate with its key.
fn self_signed(name: &str, days: &str) -> (String, String) {
    let directory = tempfile::tempdir().expect("a directory");
    let openssl = |arguments: &str| {
        let done = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(directory.path())
            .output()
            .expect("openssl runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    std::fs::write(directory.path().join("e"), format!("subjectAltName={name}\n")).expect("a file");
    openssl("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout k -out r -subj /CN=self");
    openssl(&format!("x509 -req -in r -signkey k -days {days} -extfile e -out c"));
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).expect("openssl wrote it");
    (read("c"), read("k"))
}

async fn showing(certificate: &str, key: &str) -> Fake {
    let tls = FakeTls { certificate: certificate.into(), key: key.into(), client_authority: None };
    Fake::start(FakeOptions { tls: Some(tls), ..FakeOptions::default() }).await.expect("the fake starts")
}

async fn ping_trusting(fake: &Fake, pem: &str) -> Result<(), TlsWhy> {
    let mut connection = fake.connection();
    connection.trust = Trust::Authority { pem: pem.into() };
    match connect(&connection).ping().await {
        Ok(_) => Ok(()),
        Err(Error::Tls { why, .. }) => Err(why),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_pasted_certificate_is_believed_when_the_server_shows_it_itself() {
    let (certificate, key) = self_signed("IP:127.0.0.1", "30");
    let fake = showing(&certificate, &key).await;
    assert_eq!(ping_trusting(&fake, &certificate).await, Ok(()));
    let (other, _) = self_signed("IP:127.0.0.1", "30");
    assert_eq!(ping_trusting(&fake, &other).await, Err(TlsWhy::UnknownIssuer));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_believed() {
    let (certificate, key) = self_signed("DNS:other.example.com", "30");
    let fake = showing(&certificate, &key).await;
    assert_eq!(ping_trusting(&fake, &certificate).await, Err(TlsWhy::WrongName));
    let mut connection = fake.connection();
    connection.trust = Trust::Authority { pem: certificate };
    let seen = facts::tls(&connection, &Secrets::default()).await.expect("a handshake").expect("a certificate");
    assert_eq!((seen.distrust, seen.names), (Some(TlsWhy::WrongName), vec!["other.example.com".to_owned()]));
}

#[tokio::test]
async fn a_certificate_that_is_over_is_not_believed_and_its_dates_are_seen() {
    let (certificate, key) = self_signed("IP:127.0.0.1", "-1");
    let fake = showing(&certificate, &key).await;
    assert_eq!(ping_trusting(&fake, &certificate).await, Err(TlsWhy::Expired));
    let mut connection = fake.connection();
    connection.trust = Trust::Authority { pem: certificate };
    let seen = facts::tls(&connection, &Secrets::default()).await.expect("a handshake").expect("a certificate");
    assert_eq!(seen.distrust, Some(TlsWhy::Expired));
    assert!(seen.not_after < seen.not_before);
}

#[tokio::test]
async fn the_wrong_scheme_is_named_in_both_directions() {
    let plain = Scripted::start(|_, _| answer(200, &[], "{}")).await;
    let connection = Connection::new(format!("https://{}", plain.addr).parse().expect("an address"));
    let error = connect(&connection).ping().await.expect_err("no TLS there");
    assert!(matches!(error, Error::Tls { why: TlsWhy::NotTls, .. }), "{error:?}");
    let error = facts::tls(&connection, &Secrets::default()).await.expect_err("no TLS there");
    assert!(matches!(error, Error::Tls { why: TlsWhy::NotTls, .. }), "{error:?}");

    let addr = raw(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n").await;
    let error = connect(&at(addr)).ping().await.expect_err("TLS there");
    assert!(matches!(error, Error::Tls { why: TlsWhy::PlainToTls, .. }), "{error:?}");
}

#[tokio::test]
async fn settings_that_can_not_be_used_are_said_when_connecting() {
    let certificates = made();
    let plain = Connection::new("https://registry.example.com".parse().expect("an address"));
    let key = |pem: &str| Secrets { client_key: Some(Secret::new(pem)), ..Secrets::default() };
    let with_ca = |pem: &str| Connection { trust: Trust::Authority { pem: pem.into() }, ..plain.clone() };
    let with_client = |pem: &str| Connection { client_certificate: Some(pem.into()), ..plain.clone() };
    let broken = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
    let cases = [
        (with_ca(""), Secrets::default()),
        (with_ca("no certificate"), Secrets::default()),
        (with_ca(broken), Secrets::default()),
        (with_ca(&certificates.client_key), Secrets::default()),
        (with_client(&certificates.client), Secrets::default()),
        (with_client(&certificates.client), key("no key")),
        (with_client(&certificates.client), key(&certificates.server_key)),
        (with_client(broken), key(&certificates.client_key)),
    ];
    for (connection, secrets) in cases {
        let refused = Registry::connect("test", &connection, &secrets);
        assert!(matches!(refused, Err(Error::Settings { .. })), "{refused:?}");
    }
    Registry::connect("test", &with_client(&certificates.client), &key(&certificates.client_key)).expect("they fit");
}

#[tokio::test]
async fn our_certificate_is_shown_to_the_registry_that_asks_for_it() {
    let certificates = made();
    let home = Fake::start(FakeOptions { tls: Some(certificates.for_fake(true)), ..FakeOptions::default() })
        .await
        .expect("the fake starts");
    let mut connection = home.connection();
    connection.trust = Trust::Authority { pem: certificates.authority.clone() };
    connection.client_certificate = Some(certificates.client.clone());
    let secrets = Secrets { client_key: Some(Secret::new(certificates.client_key.clone())), ..Secrets::default() };
    let registry = Registry::connect("test", &connection, &secrets).expect("good settings");
    registry.ping().await.expect("it knows us");
    let seen = facts::tls(&connection, &secrets).await.expect("a handshake").expect("a certificate");
    assert_eq!((seen.failed, seen.version.as_deref()), (None, Some("TLSv1.3")));
}
