//! `wharfinger healthcheck`: asks a running server whether it is ready. For containers that have no other program.

use crate::{settings::Settings, stopped::Stopped};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::{net::IpAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use url::Url;

const PATIENCE: Duration = Duration::from_secs(5);

/// Succeeds if the server at `url` says that it is ready.
pub async fn ask(settings: &Settings, url: Option<&str>) -> Result<(), Stopped> {
    let url = match url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => here(settings),
    };
    let url = Url::parse(&format!("{url}/readyz"))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
        .ok_or_else(|| Stopped::new("--url is not an address such as http://127.0.0.1:3000"))?;
    let status = tokio::time::timeout(PATIENCE, status(&url))
        .await
        .map_err(|_| Stopped::new(format!("{url} did not answer within 5 seconds")))?
        .map_err(|error| Stopped::new(format!("{url} can't be reached ({error})")))?;
    if status == 200 {
        println!("ready");
        Ok(())
    } else {
        Err(Stopped::new(format!("{url} answered {status}")))
    }
}

/// Where the settings say that the server listens; an address that means "all" is asked at loopback.
fn here(settings: &Settings) -> String {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let mut address = settings.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        });
    }
    format!("{scheme}://{address}")
}

async fn status(url: &Url) -> std::io::Result<u16> {
    let wrong = |why: &'static str| std::io::Error::new(std::io::ErrorKind::InvalidInput, why);
    // A URL keeps an IPv6 address in brackets; sockets and certificates want it bare.
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(80);
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    if url.scheme() == "http" {
        return converse(stream, url).await;
    }
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|_| wrong("TLS can't be set up"))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth();
    let name = ServerName::try_from(host).map_err(|_| wrong("the host is no name"))?;
    converse(TlsConnector::from(Arc::new(config)).connect(name, stream).await?, url).await
}

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, url: &Url) -> std::io::Result<u16> {
    let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let ask = format!(
        "GET {} HTTP/1.1\r\nhost: {authority}\r\nuser-agent: wharfinger-healthcheck\r\nconnection: close\r\n\r\n",
        url.path()
    );
    stream.write_all(ask.as_bytes()).await?;
    let mut answer = Vec::new();
    // "HTTP/1.1 200" is all that matters.
    (&mut stream).take(12).read_to_end(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer);
    text.split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidData, "the answer is no HTTP"))
}

/// Believes every certificate: the check sends no secret, and asks by an address that no certificate names.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
