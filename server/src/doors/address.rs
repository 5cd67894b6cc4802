//! The client's address: the peer's, or what proxies we trust say, read from the right of one header family.

use crate::settings::{Network, ProxyHeader};
use axum::http::{HeaderMap, HeaderName};
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::atomic::{AtomicBool, Ordering},
};

/// The other end of the connection, put into the request by the listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

const FORWARDED: HeaderName = HeaderName::from_static("forwarded");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Finds out who the client is.
pub struct Client {
    header: ProxyHeader,
    trusted: Vec<Network>,
    warned: AtomicBool,
}

impl Client {
    pub(super) fn new(header: ProxyHeader, trusted: Vec<Network>) -> Self {
        Self { header, trusted, warned: AtomicBool::new(false) }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// The client's address as far as it can be known.
    pub fn address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trusts(peer) {
            self.warn_once(peer, headers);
            return peer.to_canonical();
        }
        let hops = match self.header {
            ProxyHeader::XForwardedFor => each(headers, &X_FORWARDED_FOR).into_iter().map(plain).collect::<Vec<_>>(),
            ProxyHeader::Forwarded => each(headers, &FORWARDED).into_iter().map(forwarded_for).collect(),
        };
        let mut client = peer;
        for hop in hops.into_iter().rev() {
            // What can't be read ("unknown", "_hidden") ends the chain: nothing to its left is vouched for.
            let Some(address) = hop else { break };
            client = address;
            if !self.trusts(address) {
                break;
            }
        }
        client.to_canonical()
    }

    fn warn_once(&self, peer: IpAddr, headers: &HeaderMap) {
        let told = headers.contains_key(&FORWARDED) || headers.contains_key(&X_FORWARDED_FOR);
        if told && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                peer = %peer,
                "a proxy header came from an address that is no --trusted-proxy and was not believed; said once"
            );
        }
    }
}

/// The elements of all headers of this name, from left to right.
fn each<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    // A header that is no text hides what is to its left as well: an empty element stands for it.
    headers.get_all(name).iter().flat_map(|value| value.to_str().unwrap_or("").split(',')).map(str::trim).collect()
}

/// `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::1` or `[2001:db8::1]:4711`.
fn plain(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Some(inner) = text.strip_prefix('[') {
        let (address, port) = inner.split_once(']')?;
        let port_ok = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
        return address.parse::<Ipv6Addr>().ok().filter(|_| port_ok).map(IpAddr::V6);
    }
    text.parse::<SocketAddr>().ok().map(|address| address.ip())
}

/// The `for` of one element of `Forwarded` (RFC 7239, 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = element
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
        .map(|(_, value)| value.trim().trim_matches('"'));
    let first = found.next()?;
    // Two of them in one element can't be meant.
    if found.next().is_some() { None } else { plain(first) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(header: ProxyHeader) -> Client {
        let trusted = ["127.0.0.1", "10.0.0.0/8", "::1"].map(|text| Network::parse(text).expect("a network"));
        Client::new(header, trusted.to_vec())
    }

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        all.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value"))).collect()
    }

    fn asked(header: ProxyHeader, peer: &str, all: &[(&'static str, &str)]) -> String {
        client(header).address(peer.parse().expect("an address"), &headers(all)).to_string()
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_of_ours_counts() {
        let x = ProxyHeader::XForwardedFor;
        for (peer, value, found) in [
            ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
            ("127.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),
            ("127.0.0.1", "1.1.1.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
            ("127.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
            ("::1", "[2001:db8::7]:4711", "2001:db8::7"),
            ("127.0.0.1", "203.0.113.7, unknown", "127.0.0.1"),
            ("127.0.0.1", "203.0.113.7, unknown, 10.0.0.9", "10.0.0.9"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(asked(x, peer, &[("x-forwarded-for", value)]), found, "{peer} {value}");
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(
            asked(ProxyHeader::XForwardedFor, "198.51.100.1", &[("x-forwarded-for", "203.0.113.7")]),
            "198.51.100.1"
        );
        assert_eq!(asked(ProxyHeader::Forwarded, "198.51.100.1", &[("forwarded", "for=203.0.113.7")]), "198.51.100.1");
    }

    #[test]
    fn the_other_family_is_never_read() {
        assert_eq!(asked(ProxyHeader::XForwardedFor, "127.0.0.1", &[("forwarded", "for=203.0.113.7")]), "127.0.0.1");
        assert_eq!(asked(ProxyHeader::Forwarded, "127.0.0.1", &[("x-forwarded-for", "203.0.113.7")]), "127.0.0.1");
    }

    #[test]
    fn forwarded_is_read_as_its_rfc_says() {
        for (value, found) in [
            ("for=203.0.113.7;proto=https;by=10.0.0.1", "203.0.113.7"),
            ("For=\"[2001:db8::7]:80\"", "2001:db8::7"),
            ("for=1.1.1.1, for=203.0.113.7", "203.0.113.7"),
            ("for=203.0.113.7, for=_hidden", "127.0.0.1"),
            ("proto=https", "127.0.0.1"),
            ("for=1.1.1.1;for=2.2.2.2", "127.0.0.1"),
        ] {
            assert_eq!(asked(ProxyHeader::Forwarded, "127.0.0.1", &[("forwarded", value)]), found, "{value}");
        }
    }

    #[test]
    fn several_headers_are_one_list() {
        let all = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "10.0.0.2")];
        assert_eq!(asked(ProxyHeader::XForwardedFor, "127.0.0.1", &all), "203.0.113.7");
    }
}
