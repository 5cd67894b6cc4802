//! Accepts connections, with or without TLS, and lets those that are under way finish.

mod impatient;

use crate::doors::address::Peer;
use axum::{body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use impatient::Impatient;
use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{Semaphore, watch},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;
use tower::{Layer, Service, util::MapRequestLayer};

/// What is borne from those who connect.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// As many connections are open at once; more wait until one of them ends.
    connections: usize,
    /// A client that opens a connection and says nothing is not waited for longer than this: for TLS,
    handshake: Duration,
    /// and for each request.
    headers: Duration,
}

const LIMITS: Limits =
    Limits { connections: 1024, handshake: Duration::from_secs(10), headers: Duration::from_secs(30) };
/// Connections still at work this long after the signal are cut.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Serves until `stop`, then waits for what is under way. Did everything end by itself?
pub async fn serve<S>(listener: TcpListener, tls: Option<TlsAcceptor>, service: S, stop: watch::Receiver<bool>) -> bool
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    serve_within(LIMITS, listener, tls, service, stop).await
}

async fn serve_within<S>(
    limits: Limits,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    service: S,
    mut stop: watch::Receiver<bool>,
) -> bool
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let connections = TaskTracker::new();
    let turns = Arc::new(Semaphore::new(limits.connections));
    loop {
        let turn = tokio::select! {
            () = stopped(&mut stop) => break,
            turn = turns.clone().acquire_owned() => turn,
        };
        let accepted = tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // A streamed answer is several writes; without this the second waits for the first to be acknowledged.
                _ = stream.set_nodelay(true);
                let (tls, service, stop) = (tls.clone(), service.clone(), stop.clone());
                connections.spawn(async move {
                    let _turn = turn;
                    let stream = Impatient::new(stream);
                    match tls {
                        None => converse(limits, stream, peer, service, stop).await,
                        // Not in the accept loop: a client that is slow here holds up nobody else.
                        Some(tls) => match tokio::time::timeout(limits.handshake, tls.accept(stream)).await {
                            Ok(Ok(stream)) => converse(limits, stream, peer, service, stop).await,
                            Ok(Err(error)) => tracing::debug!(%peer, cause = %error, "a TLS handshake failed"),
                            Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
                        },
                    }
                });
            }
            Err(error) => pause_after(&error).await,
        }
    }
    drop(listener);
    connections.close();
    tokio::time::timeout(PATIENCE, connections.wait()).await.is_ok()
}

/// A client that hangs up while it is accepted means nothing; without free file descriptors a short wait helps.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(cause = %error, "a connection could not be accepted");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn converse<I, S>(limits: Limits, stream: I, peer: SocketAddr, service: S, mut stop: watch::Receiver<bool>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let with_peer = MapRequestLayer::new(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request.map(Body::new)
    });
    let service = TowerToHyperService::new(with_peer.layer(service));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, cause = %error, "a connection broke off");
    }
}

/// Resolves when the program is to end; also when nobody is left who could say so.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    _ = stop.wait_for(|stop| *stop).await;
}

/// What resolves on SIGTERM or Ctrl-C, which are caught from now on. A second one ends the process at once.
pub fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut either = async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    Ok(async move {
        either().await;
        tokio::spawn(async move {
            either().await;
            std::process::exit(1);
        });
    })
}

#[cfg(test)]
mod tests;
