//! The built-in TLS.

use crate::program::{Served, folder, run, wait_for};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName},
};
use rustls_pki_types::pem::PemObject;
use std::{
    io::{Read, Write},
    path::Path,
    process::Command,
    sync::Arc,
};

/// A certificate for localhost that is its own authority.
fn certificate(folder: &Path, name: &str) -> (String, String) {
    let (certificate, key) = (folder.join(format!("{name}.crt")), folder.join(format!("{name}.key")));
    let output = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    assert!(output.as_ref().is_ok_and(|output| output.status.success()), "{output:?}");
    (certificate.display().to_string(), key.display().to_string())
}

/// Asks over TLS, trusting only `authority`; gives the answer if the server showed that certificate.
fn ask(served: &Served, authority: &str) -> Result<String, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).expect("a certificate")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("TLS");
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let mut stream = StreamOwned::new(connection, served.connect());
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(String::from_utf8_lossy(&answer).into_owned()),
    }
}

#[test]
fn a_certificate_is_taken_up_again_when_it_changes() {
    let folder = folder();
    let (first, first_key) = certificate(folder.path(), "first");
    let (second, second_key) = certificate(folder.path(), "second");
    let (used, used_key) = (folder.path().join("used.crt"), folder.path().join("used.key"));
    std::fs::copy(&first, &used).expect("a copy");
    std::fs::copy(&first_key, &used_key).expect("a copy");
    let (used_text, used_key_text) = (used.display().to_string(), used_key.display().to_string());
    let mut served = Served::start_in(folder, &["--tls-cert", &used_text, "--tls-key", &used_key_text], &[]);
    assert!(served.said.contains("https://127.0.0.1:"), "{}", served.said);
    let link = served.hear("/setup/");
    assert!(link.trim().starts_with("https://"), "{link}");

    let answer = ask(&served, &first).expect("the first certificate");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security"), "{answer}");
    assert!(ask(&served, &second).is_err());

    // Half of the change: the old pair stays in use.
    std::fs::copy(&second, &used).expect("a copy");
    served.logs("the old one stays");
    assert!(ask(&served, &first).is_ok());
    std::fs::copy(&second_key, &used_key).expect("a copy");
    wait_for(|| ask(&served, &second).is_ok(), "the second certificate");
    assert!(ask(&served, &first).is_err());

    let url = format!("https://127.0.0.1:{}", served.port);
    assert!(run(&["healthcheck", "--url", &url]).status.success());
    // Plain HTTP at a TLS door gets nothing, and closes nothing for others.
    let mut plain = served.connect();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("it reads");
    let mut nothing = Vec::new();
    _ = plain.read_to_end(&mut nothing);
    assert!(!String::from_utf8_lossy(&nothing).contains("HTTP/1.1 200"));
    assert!(ask(&served, &second).is_ok());
}

#[test]
fn a_client_that_says_nothing_holds_up_nobody() {
    let folder = folder();
    let (certificate, key) = certificate(folder.path(), "only");
    let served = Served::start_in(folder, &["--tls-cert", &certificate, "--tls-key", &key], &[]);
    let silent: Vec<_> = (0..20).map(|_| served.connect()).collect();
    assert!(ask(&served, &certificate).is_ok());
    drop(silent);
}

#[test]
fn a_key_that_does_not_fit_stops_the_start() {
    let folder = folder();
    let (certificate_file, _) = certificate(folder.path(), "one");
    let (_, key) = certificate(folder.path(), "other");
    let data_dir = folder.path().join("data").display().to_string();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data-dir", &data_dir];
    let output = run(&[&arguments[..], &["--tls-cert", &certificate_file, "--tls-key", &key]].concat());
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("--tls-key"), "{said}");
}
