//! A SOCKS5 proxy (RFC 1928, and RFC 1929 for its sign-in) between us and a registry.

use crate::support::{Scripted, answer};
use domain::{Connection, Secret, Secrets};
use registry::{Error, Registry};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What clients asked of the proxy: `host:port`, with the user and password before it where they signed in.
type Asked = Arc<Mutex<Vec<String>>>;

/// A proxy that connects everybody to `upstream`, whatever they ask for.
async fn socks(upstream: SocketAddr, sign_in: bool) -> (SocketAddr, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let log = Arc::clone(&log);
            tokio::spawn(async move { serve(client, upstream, sign_in, &log).await });
        }
    });
    (addr, asked)
}

async fn serve(mut client: TcpStream, upstream: SocketAddr, sign_in: bool, log: &Asked) -> std::io::Result<()> {
    assert_eq!(client.read_u8().await?, 5, "the version");
    let methods = read(&mut client).await?;
    let method = if sign_in { 2 } else { 0 };
    if !methods.contains(&method) {
        return client.write_all(&[5, 0xff]).await;
    }
    client.write_all(&[5, method]).await?;
    let mut who = String::new();
    if sign_in {
        assert_eq!(client.read_u8().await?, 1, "the sign-in's version");
        let (user, password) = (read(&mut client).await?, read(&mut client).await?);
        who = format!("{}:{}@", String::from_utf8_lossy(&user), String::from_utf8_lossy(&password));
        client.write_all(&[1, 0]).await?;
    }
    let mut head = [0; 4];
    client.read_exact(&mut head).await?;
    assert_eq!(head[..3], [5, 1, 0], "connect");
    let host = match head[3] {
        1 => std::net::Ipv4Addr::from(client.read_u32().await?).to_string(),
        3 => String::from_utf8_lossy(&read(&mut client).await?).into_owned(),
        4 => std::net::Ipv6Addr::from(client.read_u128().await?).to_string(),
        other => panic!("no kind of address: {other}"),
    };
    let port = client.read_u16().await?;
    log.lock().expect("the log").push(format!("{who}{host}:{port}"));
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    let mut there = TcpStream::connect(upstream).await?;
    tokio::io::copy_bidirectional(&mut client, &mut there).await.map(|_| ())
}

/// Some bytes, after their number.
async fn read(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(client.read_u8().await?)];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn home() -> Scripted {
    Scripted::start(|_, _| answer(200, &[("docker-distribution-api-version", "registry/2.0")], "{}")).await
}

fn through(proxy: String, address: &str, credentials: Option<&str>) -> Registry {
    let mut connection = Connection::new(address.parse().expect("an address"));
    connection.proxy = Some(proxy);
    connection.request_timeout = 5;
    let secrets = Secrets { proxy_credentials: credentials.map(Secret::new), ..Secrets::default() };
    Registry::connect("test", &connection, &secrets).expect("good settings")
}

#[tokio::test]
async fn a_registry_is_reached_through_a_socks_proxy() {
    let home = home().await;
    let (proxy, asked) = socks(home.addr, false).await;
    through(format!("socks5://{proxy}"), &format!("http://{}", home.addr), None).ping().await.expect("it answers");
    assert_eq!(*asked.lock().expect("the log"), [home.addr.to_string()]);
    assert_eq!(home.requests()[0].target, "/v2/");
}

#[tokio::test]
async fn a_name_is_resolved_by_the_proxy_where_its_address_says_so() {
    let home = home().await;
    let (proxy, asked) = socks(home.addr, false).await;
    through(format!("socks5h://{proxy}"), "http://registry.invalid:5000", None).ping().await.expect("it answers");
    assert_eq!(*asked.lock().expect("the log"), ["registry.invalid:5000"]);
    assert_eq!(home.requests()[0].header("host"), Some("registry.invalid:5000"));
}

#[tokio::test]
async fn the_proxy_is_signed_in_to() {
    let home = home().await;
    let (proxy, asked) = socks(home.addr, true).await;
    let address = format!("http://{}", home.addr);
    through(format!("socks5://{proxy}"), &address, Some("ada:pa:ss")).ping().await.expect("it answers");
    assert_eq!(*asked.lock().expect("the log"), [format!("ada:pa:ss@{}", home.addr)]);
    let refused = through(format!("socks5://{proxy}"), &address, None).ping().await;
    assert!(matches!(refused, Err(Error::Unreachable { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_registry_behind_a_socks_proxy_leads_to_no_forbidden_address() {
    let home = Scripted::start(|_, _| answer(302, &[("location", "http://localhost:1/")], "")).await;
    for scheme in ["socks5", "socks5h"] {
        let (proxy, asked) = socks(home.addr, false).await;
        let error = through(format!("{scheme}://localhost:{}", proxy.port()), &format!("http://{}", home.addr), None);
        let error = error.ping().await.expect_err("it is forbidden");
        assert!(matches!(error, Error::ForbiddenAddress { .. }), "{scheme}: {error:?}");
        assert_eq!(asked.lock().expect("the log").len(), 1);
    }
}
