//! Names and connections, below HTTP.

use crate::{Error, Result, said::clean};
use domain::Connection;
use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};
use tokio::net::{TcpStream, lookup_host};
use url::Url;

/// Where the first connection goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The host's name or address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Is it a proxy, which reaches the registry for us? Then the registry's own name and network are not seen from here.
    pub is_proxy: bool,
}

/// A connection that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The address that answered.
    pub address: SocketAddr,
    /// How long it took to connect.
    pub took: Duration,
}

/// The proxy, if one is set, else the registry.
pub fn target(connection: &Connection) -> Target {
    let proxy = connection.proxy.as_deref().and_then(|proxy| Url::parse(proxy).ok());
    let address = connection.address.url();
    let url = proxy.as_ref().unwrap_or(address);
    let port = url.port_or_known_default().unwrap_or(1080);
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    Target { host, port, is_proxy: proxy.is_some() }
}

/// The addresses of the target's name, in the resolver's order.
pub async fn dns(connection: &Connection) -> Result<Vec<IpAddr>> {
    let Target { host, port, .. } = target(connection);
    let mut addresses: Vec<IpAddr> = Vec::new();
    for found in resolve(&host, port, connection).await? {
        if !addresses.contains(&found.ip()) {
            addresses.push(found.ip());
        }
    }
    Ok(addresses)
}

async fn resolve(host: &str, port: u16, connection: &Connection) -> Result<Vec<SocketAddr>> {
    let after = Duration::from_secs(u64::from(connection.connect_timeout.max(1)));
    let found = tokio::time::timeout(after, lookup_host((host, port))).await;
    let no = |why: String| Error::Dns { host: host.to_owned(), why };
    match found {
        Ok(Ok(found)) => Ok(found.collect()),
        Ok(Err(error)) => Err(no(clean(&error.to_string(), 200))),
        Err(_) => Err(no(format!("no answer within {} s", after.as_secs()))),
    }
}

/// Connects to the first address that answers, and closes again.
pub async fn connect(connection: &Connection) -> Result<Connected> {
    open(connection).await.map(|(_, connected)| connected)
}

pub(super) async fn open(connection: &Connection) -> Result<(TcpStream, Connected)> {
    let Target { host, port, .. } = target(connection);
    let authority = format!("{host}:{port}");
    let after = Duration::from_secs(u64::from(connection.connect_timeout.max(1)));
    let mut last = Error::Unreachable { host: authority.clone(), why: "its name has no address".into() };
    for address in resolve(&host, port, connection).await? {
        let started = Instant::now();
        last = match tokio::time::timeout(after, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((stream, Connected { address, took: started.elapsed() })),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                Error::Refused { host: authority.clone() }
            }
            Ok(Err(error)) => Error::Unreachable { host: authority.clone(), why: clean(&error.to_string(), 200) },
            Err(_) => Error::ConnectTimeout { host: authority.clone(), after },
        };
    }
    Err(last)
}
