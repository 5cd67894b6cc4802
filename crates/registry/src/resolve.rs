//! Where a registry may lead us: the guard against requests into places that only this machine can reach (SSRF).
//! Names are resolved here, and only addresses that passed are handed to the connection, so that what was checked is
//! what is connected to.

use crate::{
    Error,
    addresses::{Class, class},
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use url::{Host, Url};

/// Scheme, host and port of a URL, in the URL type's own normal form (lower case, addresses in decimal).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) https: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    pub(crate) fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
        Self { https: url.scheme() == "https", host, port: url.port_or_known_default().unwrap_or_default() }
    }
    /// Host, and the port unless the scheme implies it: what an administrator confirms.
    pub(crate) fn authority(&self) -> String {
        let default = if self.https { 443 } else { 80 };
        if self.port == default { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
    /// Does this text, with or without a default port, name this host and port?
    pub(crate) fn is_named(&self, authority: &str) -> bool {
        let authority = authority.trim().to_ascii_lowercase();
        authority == self.authority() || authority == format!("{}:{}", self.host, self.port)
    }
}

/// How much an address may be, for one host.
#[derive(Clone, Debug)]
pub(crate) enum Reach {
    /// Exactly this host and port was registered (or confirmed) by an administrator. Its name may stand for anything but
    /// special addresses, which have to be written out.
    Named,
    /// Wherever the registry leads: public addresses, and private ones if the registry itself is inside.
    Led {
        /// The registry's own host.
        home: String,
    },
}

/// The IP address that a URL names instead of a host.
pub(crate) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
        Host::Domain(_) => None,
    }
}

/// Is the registry's own host inside somebody's network (all its addresses private or this machine's)?
async fn is_inside(home: &str) -> bool {
    let inside = |ip: IpAddr| matches!(class(ip), Class::Private | Class::Loopback);
    if let Ok(ip) = home.trim_matches(['[', ']']).parse::<IpAddr>() {
        return inside(ip);
    }
    let Ok(found) = tokio::net::lookup_host((home, 0)).await else { return false };
    let found: Vec<_> = found.collect();
    !found.is_empty() && found.iter().all(|a| inside(a.ip()))
}

impl Reach {
    /// Checks a URL whose host is an IP address; a name is checked when it is resolved.
    pub(crate) async fn check_literal(&self, url: &Url) -> Result<(), Error> {
        match literal(url) {
            Some(ip) => self.check_all(url, vec![SocketAddr::new(ip, 0)]).await,
            None => Ok(()),
        }
    }

    /// Checks a URL that a proxy will connect to, also by its name. The proxy may take any of the addresses, so that each
    /// has to be allowed. A name that only the proxy knows can't be checked here.
    pub(crate) async fn check_for_proxy(&self, url: &Url) -> Result<(), Error> {
        let Some(Host::Domain(name)) = url.host() else { return self.check_literal(url).await };
        // With a dot at its end it is the same name, and often unknown to our resolver.
        let name = name.trim_end_matches('.');
        if name == "localhost" || name.ends_with(".localhost") {
            return self.check_all(url, vec![SocketAddr::from(([127, 0, 0, 1], 0))]).await;
        }
        match tokio::net::lookup_host((name, 0)).await {
            Ok(found) => self.check_all(url, found.collect()).await,
            Err(_) => Ok(()),
        }
    }

    async fn check_all(&self, url: &Url, found: Vec<SocketAddr>) -> Result<(), Error> {
        let kept = allowed(found.clone(), self).await;
        match found.into_iter().find(|address| !kept.contains(address)) {
            Some(bad) => Err(Error::ForbiddenAddress { host: Origin::of(url).authority(), address: Some(bad.ip()) }),
            None => Ok(()),
        }
    }
}

/// A name stands for an address that is not allowed. Travels inside reqwest's error to [`crate::wire`].
#[derive(Debug, thiserror::Error)]
#[error("the address {address} is not allowed")]
pub(crate) struct Blocked {
    pub(crate) address: IpAddr,
}

/// Resolves with the system's resolver and keeps only what its reach allows.
pub(crate) struct Resolver {
    pub(crate) reach: Reach,
    /// The proxy that an administrator set: it may be anywhere. A registry that leads to this name is stopped before
    /// ([`Reach::check_for_proxy`]).
    pub(crate) proxy: Option<String>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let is_proxy = self.proxy.as_deref().is_some_and(|proxy| proxy.eq_ignore_ascii_case(name.as_str()));
        let reach = self.reach.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let first = found.first().map(SocketAddr::ip);
            let kept = if is_proxy { found } else { allowed(found, &reach).await };
            match first {
                Some(address) if kept.is_empty() => Err(Blocked { address }.into()),
                _ => Ok(Box::new(kept.into_iter()) as Addrs),
            }
        })
    }
}

async fn allowed(found: Vec<SocketAddr>, reach: &Reach) -> Vec<SocketAddr> {
    let asks_private = found.iter().any(|address| class(address.ip()) == Class::Private);
    let (private, loopback) = match reach {
        Reach::Named => (true, true),
        Reach::Led { home } => (asks_private && is_inside(home).await, false),
    };
    let fits = |a: &SocketAddr| match class(a.ip()) {
        Class::Public => true,
        Class::Private => private,
        Class::Loopback => loopback,
        Class::Special => false,
    };
    found.into_iter().filter(fits).collect()
}

/// As reqwest wants it.
pub(crate) fn resolver(reach: Reach, proxy: Option<String>) -> Arc<Resolver> {
    Arc::new(Resolver { reach, proxy })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led(home: &str) -> Reach {
        Reach::Led { home: home.to_owned() }
    }

    async fn may(reach: Reach, url: &str) -> bool {
        reach.check_literal(&url.parse().expect("a URL")).await.is_ok()
    }

    #[tokio::test]
    async fn odd_spellings_of_an_address_are_the_address() {
        for url in [
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::1]:5000/",
            "http://0/",
            "http://169.254.169.254/latest/",
            "http://[fe80::1]/",
            "http://224.0.0.1/",
        ] {
            assert!(!may(led("203.0.113.9"), url).await, "{url} from outside");
            assert!(!may(led("10.0.0.1"), url).await, "{url} from inside");
        }
    }

    #[tokio::test]
    async fn private_addresses_are_for_registries_that_are_inside() {
        assert!(!may(led("203.0.113.9"), "http://10.0.0.7/").await);
        assert!(may(led("10.0.0.1"), "http://192.168.0.7/").await);
        assert!(may(led("localhost"), "http://192.168.0.7/").await);
        assert!(may(led("203.0.113.9"), "https://198.51.100.1/").await);
    }

    #[tokio::test]
    async fn a_name_for_this_machine_is_only_for_the_registry_that_was_registered_there() {
        let resolve = |reach| async move {
            resolver(reach, None).resolve("localhost".parse().expect("a name")).await.map(Iterator::count)
        };
        assert!(resolve(led("localhost")).await.is_err());
        assert!(resolve(led("203.0.113.9")).await.is_err());
        assert!(resolve(Reach::Named).await.is_ok_and(|n| n > 0));
    }

    #[test]
    fn an_authority_is_named_with_or_without_its_default_port() {
        let origin = Origin::of(&"https://Auth.Example.com/token".parse().expect("a URL"));
        assert_eq!(origin.authority(), "auth.example.com");
        assert!(origin.is_named("auth.example.com") && origin.is_named("AUTH.example.com:443"));
        assert!(!origin.is_named("auth.example.com:444") && !origin.is_named("example.com"));
    }
}
