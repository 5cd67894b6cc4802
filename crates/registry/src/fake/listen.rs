//! Sockets, with TLS where it is asked for.

use super::FakeTls;
use crate::tls::provider;
use axum::{Router, serve::Listener};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// Serves until the task is aborted.
pub(super) async fn serve(
    at: SocketAddr,
    tls: Option<&FakeTls>,
    router: Router,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind(at).await?;
    let addr = listener.local_addr()?;
    let task = match tls {
        None => tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        }),
        Some(tls) => {
            let acceptor = TlsAcceptor::from(Arc::new(config(tls)?));
            tokio::spawn(async move {
                let _ = axum::serve(Shaken::new(listener, acceptor, addr), router).await;
            })
        }
    };
    Ok((addr, task))
}

fn config(tls: &FakeTls) -> io::Result<ServerConfig> {
    let certificates = |pem: &str| {
        CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>().map_err(io::Error::other)
    };
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    let builder = match &tls.client_authority {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(certificates(pem)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
                .build()
                .map_err(io::Error::other)?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::from_pem_slice(tls.key.as_bytes()).map_err(io::Error::other)?;
    builder.with_single_cert(certificates(&tls.certificate)?, key).map_err(io::Error::other)
}

/// Connections whose handshake is over. Each shakes hands in its own task, so that a slow one holds up no other.
struct Shaken {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    addr: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Shaken {
    fn new(listener: TcpListener, acceptor: TlsAcceptor, addr: SocketAddr) -> Self {
        let (sender, ready) = mpsc::channel(16);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let _ = sender.send((stream, peer)).await;
                    }
                });
            }
        });
        Self { ready, addr, accepting }
    }
}

impl Drop for Shaken {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener for Shaken {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(next) => next,
            None => std::future::pending().await,
        }
    }
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.addr)
    }
}
