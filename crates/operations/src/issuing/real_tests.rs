//! The tokens before the judge: a real `docker-registry` with two certificates in its bundle.

use super::*;
use data_encoding::BASE64URL_NOPAD;
use domain::{Timestamp, token_scope::AccessEntry};
use registry::fake::{
    Access,
    real::{Real, RealOptions},
    token_server::{ISSUER, Signing, TokenOptions, TokenServer},
};
use std::{io, net::SocketAddr};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

fn now() -> Timestamp {
    crate::Clock::system().now()
}

fn signer(algorithm: Algorithm) -> Signer {
    let key = generate(algorithm, now()).expect("a key");
    Signer::from_parts(&key.private, &key.certificate).expect("its signer")
}

/// A registry that trusts these keys, and the service that it expects tokens for.
async fn registry(trusted: &[&Signer]) -> io::Result<(Real, &'static str)> {
    let certificate = bundle_pem(trusted.iter().map(|signer| signer.certificate()));
    let mut options = TokenOptions::new(Vec::new());
    // Nobody asks this server for tokens: only its certificate and names go into the registry's configuration.
    options.signing = Some(Signing { certificate, key: String::new() });
    let server = TokenServer::start(options).await?;
    let service = server.service();
    let options = RealOptions { access: Access::Token(server.into()), ..RealOptions::default() };
    Ok((Real::start(options).await?, service))
}

/// The status of the answer to a GET, and what the challenge says was wrong.
async fn get(at: SocketAddr, path: &str, token: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(at).await.expect("the registry listens");
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let error = answer.split("error=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    (status, error.to_owned())
}

fn pulls(name: &str) -> AccessEntry {
    AccessEntry::repository(&name.parse().expect("a name"), true, false, false).expect("an entry")
}

const TAGS: &str = "/v2/team/app/tags/list";
const REFUSED: (u16, &str) = (401, "invalid_token");

#[tokio::test]
async fn a_real_registry_takes_tokens_of_every_key_in_its_bundle_and_of_no_other() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let (current, next, foreign) = (signer(algorithm), signer(algorithm), signer(algorithm));
        let (real, service) = registry(&[&current, &next]).await.expect("a registry");
        let access = [pulls("team/app"), AccessEntry::catalog()];
        let good =
            Claims { issuer: ISSUER, subject: "person-3", service, id: "1", issued: now(), life: 300, access: &access };
        let sign = |signer: &Signer, claims: Claims<'_>| signer.sign(&claims).expect("a token");
        for signer in [&current, &next] {
            let token = sign(signer, good);
            for (path, status) in [("/v2/", 200), (TAGS, 404), ("/v2/_catalog", 200)] {
                assert_eq!(get(real.addr, path, &token).await.0, status, "{algorithm:?} {path}");
            }
            let other = get(real.addr, "/v2/team/other/tags/list", &token).await;
            assert_eq!((other.0, other.1.as_str()), (401, "insufficient_scope"), "{algorithm:?}");
            // `docker login` asks for nothing and gets a token for nothing.
            assert_eq!(get(real.addr, "/v2/", &sign(signer, Claims { access: &[], ..good })).await.0, 200);
        }
        for (why, token) in [
            ("foreign key", sign(&foreign, good)),
            ("wrong audience", sign(&current, Claims { service: "another-registry", ..good })),
            ("wrong issuer", sign(&current, Claims { issuer: "somebody", ..good })),
            // Registries give a minute to clocks that differ.
            ("expired", sign(&current, Claims { issued: now().plus_seconds(-400), ..good })),
            ("not yet good", sign(&current, Claims { issued: now().plus_seconds(200), ..good })),
        ] {
            for path in ["/v2/", TAGS] {
                let (status, error) = get(real.addr, path, &token).await;
                assert_eq!((status, error.as_str()), REFUSED, "{algorithm:?} {why} {path}");
            }
        }
        let mut changed = sign(&current, good);
        let last = changed.pop();
        changed.push(if last == Some('A') { 'Q' } else { 'A' });
        assert_eq!(get(real.addr, "/v2/", &changed).await.0, 401, "{algorithm:?} changed");
    }
}

#[tokio::test]
async fn a_real_registry_knows_a_key_by_its_kid_alone() {
    let (current, foreign) = (signer(Algorithm::Es256), signer(Algorithm::Es256));
    let (real, service) = registry(&[&current]).await.expect("a registry");
    let claims = serde_json::json!({"iss": ISSUER, "aud": service, "exp": now().seconds() + 60, "access": []});
    for (signer, kid, status) in [
        (&current, current.certificate().kid(), 200),
        (&current, foreign.certificate().kid(), 401),
        (&foreign, current.certificate().kid(), 401),
    ] {
        let head = serde_json::json!({"alg": "ES256", "kid": kid}).to_string();
        let head = BASE64URL_NOPAD.encode(head.as_bytes()) + ".";
        let token = signer.seal(&head, claims.to_string().as_bytes()).expect("a token");
        assert_eq!(get(real.addr, "/v2/", &token).await.0, status);
    }
}

#[tokio::test]
async fn distribution_2_does_not_start_with_the_certificate_of_a_key_it_does_not_know() {
    for algorithm in Algorithm::ALL {
        let (usual, other) = (signer(Algorithm::Es256), signer(algorithm));
        match registry(&[&usual, &other]).await {
            Ok(_) => assert!(algorithm.known_to_distribution_2(), "{algorithm:?}"),
            Err(error) => {
                assert!(!algorithm.known_to_distribution_2(), "{algorithm:?}: {error}");
                assert!(error.to_string().contains("public key type ed25519.PublicKey is not supported"), "{error}");
            }
        }
    }
}
