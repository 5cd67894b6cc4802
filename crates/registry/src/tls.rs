//! TLS as an administrator chose it: whom we trust, and who we say we are. Always over rustls with ring.

use crate::{Error, trust};
use domain::{Connection, Secrets, Trust};
use rustls::{
    ClientConfig, RootCertStore,
    client::WebPkiServerVerifier,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::sync::{Arc, OnceLock};

/// The only provider of cryptography in this program.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())).clone()
}

/// For whom a configuration is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The registry itself, or the token server that was confirmed: exactly as chosen, with our client certificate.
    Named,
    /// Another host that the registry leads to, such as its blob storage: the system's authorities count too, and it never
    /// sees our client certificate.
    Led,
}

fn settings(why: impl Into<String>) -> Error {
    Error::Settings { why: why.into() }
}

/// The certificates in a PEM text; at least one.
pub(crate) fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        Ok(_) => Err(settings("there is no certificate in this PEM text")),
        Err(why) => Err(settings(format!("the certificate is no readable PEM text ({why:?})"))),
    }
}

/// The system's authorities, read once.
fn system_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        let loaded = rustls_native_certs::load_native_certs();
        for error in &loaded.errors {
            tracing::warn!(%error, "Some of the system's certificate authorities can't be read");
        }
        roots.add_parsable_certificates(loaded.certs);
        roots
    })
}

/// The verifier for a trust; also used by the probe.
pub(crate) fn verifier(
    trust: &Trust,
    peer: Peer,
) -> Result<Arc<dyn rustls::client::danger::ServerCertVerifier>, Error> {
    let (own, mut roots) = match (trust, peer) {
        (Trust::Anybody, _) => return Ok(Arc::new(trust::Anybody(provider()))),
        (Trust::System, _) => (Vec::new(), system_roots().clone()),
        (Trust::Authority { pem }, Peer::Named) => (certificates(pem)?, RootCertStore::empty()),
        (Trust::Authority { pem }, Peer::Led) => (certificates(pem)?, system_roots().clone()),
    };
    for certificate in &own {
        roots
            .add(certificate.clone())
            .map_err(|why| settings(format!("a certificate can't be used as an authority ({why})")))?;
    }
    if roots.is_empty() {
        return Err(settings("this machine has no certificate authorities (install ca-certificates)"));
    }
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|why| settings(format!("the certificate authorities can't be used ({why})")))?;
    Ok(Arc::new(trust::Known { inner, own }))
}

/// Checks the certificate, key and authorities of a connection, and makes the configuration for one kind of peer.
pub(crate) fn config(connection: &Connection, secrets: &Secrets, peer: Peer) -> Result<ClientConfig, Error> {
    let mut config = with_verifier(verifier(&connection.trust, peer)?, connection, secrets, peer)?;
    // HTTP/2 would save connections, of which there are few; but it turns a TLS alert into a text, or loses it, and with it
    // the reason why a client certificate was refused (seen with hyper 1.12 against distribution 2.8.2).
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The same with a verifier given, and without protocol negotiation.
pub(crate) fn with_verifier(
    verifier: Arc<dyn rustls::client::danger::ServerCertVerifier>,
    connection: &Connection,
    secrets: &Secrets,
    peer: Peer,
) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|why| settings(why.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let Some(pem) = connection.client_certificate.as_deref().filter(|_| peer == Peer::Named) else {
        return Ok(builder.with_no_client_auth());
    };
    let key = secrets.client_key.as_ref().ok_or_else(|| settings("the client certificate has no key"))?;
    // The error of the key's reader is left out: nothing of a key belongs in a message.
    let key = PrivateKeyDer::from_pem_slice(key.reveal().as_bytes())
        .map_err(|_| settings("the client key is no readable, unencrypted PEM text"))?;
    builder
        .with_client_auth_cert(certificates(pem)?, key)
        .map_err(|_| settings("the client certificate and its key do not belong together"))
}
