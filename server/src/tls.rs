//! Built-in TLS: the certificate comes from two files and is read again when they change.

use crate::{
    listen::stopped,
    settings::{TlsFiles, Wrong},
};
use rustls::{
    ServerConfig,
    crypto::ring,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use std::{
    fmt, fs,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at. Certificates change every few weeks; a few seconds more do not matter.
pub const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The certificate in use.
struct Current(RwLock<Arc<CertifiedKey>>);

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current certificate")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// What tells two states of the files apart, through symbolic links too (that is how Kubernetes swaps them).
type Seen = [Option<(SystemTime, u64)>; 2];

/// The acceptor, and the watch over its files.
pub struct Tls {
    /// Does the handshakes.
    pub acceptor: TlsAcceptor,
    files: TlsFiles,
    current: Arc<Current>,
    seen: Seen,
}

impl Tls {
    /// Reads the files for the first time; what is wrong with them stops the start.
    pub fn load(files: TlsFiles) -> Result<Self, Wrong> {
        let seen = state(&files);
        let current = Arc::new(Current(RwLock::new(Arc::new(read(&files)?))));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Wrong(format!("--tls-cert can't be used ({error}).")))?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), files, current, seen })
    }

    /// Takes up new files until `stop`; while they can't be read, the old certificate stays in use.
    pub async fn keep_fresh(mut self, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(LOOK_AGAIN);
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return,
                _ = ticks.tick() => self.look(),
            }
        }
    }

    fn look(&mut self) {
        let seen = state(&self.files);
        if seen == self.seen {
            return;
        }
        match read(&self.files) {
            Ok(key) => {
                *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                self.seen = seen;
                tracing::info!(file = %self.files.certificate.display(), "a new certificate is in use");
            }
            // The two files change one after the other; the next look sees both.
            Err(error) => tracing::warn!(cause = %error, "the new certificate can't be used, the old one stays"),
        }
    }
}

fn state(files: &TlsFiles) -> Seen {
    [&files.certificate, &files.key].map(|path| {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, Wrong> {
    let wrong = |flag: &str, path: &Path, why: &dyn fmt::Display| Wrong(format!("--{flag}: {} {why}.", path.display()));
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong("tls-cert", &files.certificate, &format!("can't be read ({error})")))?;
    if certificates.is_empty() {
        return Err(wrong("tls-cert", &files.certificate, &"has no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| wrong("tls-key", &files.key, &format!("can't be read ({error})")))?;
    let key = CertifiedKey::from_der(certificates, key, &ring::default_provider())
        .map_err(|error| wrong("tls-key", &files.key, &format!("does not fit the certificate ({error})")))?;
    Ok(key)
}
