//! The server's certificate, also where it is not trusted.

use super::network::open;
use crate::{
    Error, Result, TlsWhy,
    causes::tls_why,
    said::clean,
    tls::{Peer, provider, verifier, with_verifier},
    trust::Anybody,
};
use domain::{Connection, Secrets, Timestamp};
use rustls::{
    DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::io::AsyncReadExt;
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// What was seen of a server's TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Who signed the certificate.
    pub issuer: String,
    /// Whom it is for.
    pub subject: String,
    /// The names and addresses it is valid for.
    pub names: Vec<String>,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// Why it is not trusted, if it is not; measured against what the connection trusts, except that "anybody" is
    /// measured against the system's authorities.
    pub distrust: Option<TlsWhy>,
    /// The protocol version (`TLSv1.3`), where the handshake came to its end.
    pub version: Option<String>,
    /// Why the handshake failed although the certificate was seen: a client certificate that is wanted, say.
    pub failed: Option<TlsWhy>,
}

/// Shakes hands once and looks at the certificate. `None` over plain HTTP and through a proxy, where it is not seen.
pub async fn tls(connection: &Connection, secrets: &Secrets) -> Result<Option<Tls>> {
    if connection.address.is_plain() || super::target(connection).is_proxy {
        return Ok(None);
    }
    let host = connection.address.authority();
    let trust =
        if connection.trust == domain::Trust::Anybody { domain::Trust::System } else { connection.trust.clone() };
    let seen = Arc::new(Seen {
        real: verifier(&trust, Peer::Named)?,
        anybody: Anybody(provider()),
        certificate: Mutex::default(),
    });
    let config = with_verifier(seen.clone(), connection, secrets, Peer::Named)?;
    let name = ServerName::try_from(connection.address.host().trim_matches(['[', ']']).to_owned())
        .map_err(|_| Error::Settings { why: "the host is no name TLS could check".into() })?;
    let (stream, _) = open(connection).await?;
    let after = Duration::from_secs(u64::from(connection.request_timeout.max(1)));
    let outcome = tokio::time::timeout(after, shake(config, name, stream)).await;
    let Ok(outcome) = outcome else { return Err(Error::Timeout { host, after }) };
    let certificate = seen.certificate.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (certificate, outcome) {
        (Some((der, distrust)), outcome) => {
            let (version, failed) = outcome.map_or_else(|why| (None, Some(why)), |version| (version, None));
            describe(&der, distrust, version, failed).map(Some)
        }
        (None, Err(why)) => Err(Error::Tls { host, why }),
        (None, Ok(_)) => Err(Error::Tls { host, why: TlsWhy::Other("it showed no certificate".into()) }),
    }
}

async fn shake(
    config: rustls::ClientConfig,
    name: ServerName<'static>,
    stream: tokio::net::TcpStream,
) -> std::result::Result<Option<String>, TlsWhy> {
    let why = |error: std::io::Error| {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        inner.map_or_else(|| TlsWhy::Other(clean(&error.to_string(), 200)), tls_why)
    };
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(why)?;
    let version = stream.get_ref().1.protocol_version().map(|v| format!("{v:?}").replace('_', "."));
    // In TLS 1.3 a server refuses a client only after the handshake is over here. A server that waits for our request
    // says nothing; that is as good as a yes.
    let mut byte = [0; 1];
    match tokio::time::timeout(Duration::from_millis(150), stream.read(&mut byte)).await {
        Ok(Err(error)) if error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some() => {
            Err(why(error))
        }
        _ => Ok(version),
    }
}

fn describe(
    der: &CertificateDer<'_>,
    distrust: Option<TlsWhy>,
    version: Option<String>,
    failed: Option<TlsWhy>,
) -> Result<Tls> {
    let (_, read) =
        X509Certificate::from_der(der).map_err(|_| Error::Malformed { what: "the certificate is none".into() })?;
    let alternatives = read.subject_alternative_name().ok().flatten();
    let names = alternatives.iter().flat_map(|san| &san.value.general_names).filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(clean(name, 255)),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    });
    let time = |t: &x509_parser::time::ASN1Time| Timestamp(t.timestamp().saturating_mul(1_000_000));
    Ok(Tls {
        issuer: clean(&read.issuer().to_string(), 300),
        subject: clean(&read.subject().to_string(), 300),
        names: names.take(100).collect(),
        not_before: time(&read.validity().not_before),
        not_after: time(&read.validity().not_after),
        distrust,
        version,
        failed,
    })
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|b| std::net::IpAddr::from(b).to_string());
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(|b| std::net::IpAddr::from(b).to_string())).ok()
}

/// Lets every certificate pass, and keeps it with what the real verifier said.
#[derive(Debug)]
struct Seen {
    real: Arc<dyn ServerCertVerifier>,
    anybody: Anybody,
    certificate: Mutex<Option<(CertificateDer<'static>, Option<TlsWhy>)>>,
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let distrust = self.real.verify_server_cert(certificate, chain, name, ocsp, now).err();
        let kept = (certificate.clone().into_owned(), distrust.as_ref().map(tls_why));
        *self.certificate.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.anybody.verify_tls12_signature(message, certificate, signed)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.anybody.verify_tls13_signature(message, certificate, signed)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.anybody.supported_verify_schemes()
    }
}
