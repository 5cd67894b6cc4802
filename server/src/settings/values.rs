//! How each kind of value is read. A refusal continues the sentence that begins with the setting's name.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use url::Url;

type Read<T> = Result<T, String>;

/// What a person typed, quoted, with control characters made visible.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// Control characters made visible; everything else as it is.
pub(crate) fn visible(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}

/// `a, b` → a and b.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

pub(super) fn switch(text: &str) -> Read<bool> {
    match text {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(format!("is {}, which is neither true nor false", quoted(text))),
    }
}

pub(super) fn on_or_off(text: &str) -> Read<bool> {
    switch(text).map_err(|_| format!("is {}, which is neither on nor off", quoted(text)))
}

pub(super) fn listen(text: &str) -> Read<SocketAddr> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric
        .as_deref()
        .unwrap_or(text)
        .parse()
        .map_err(|_| format!("is {}, which is not an address and port such as 127.0.0.1:3000", quoted(text)))
}

/// `90s`, `15m`, `12h`, `30d`.
pub(crate) fn duration(text: &str) -> Read<Duration> {
    let wrong = || format!("is {}, which is not a duration such as 15m, 12h or 30d", quoted(text));
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let count: u64 = text[..text.len() - 1].trim().parse().map_err(|_| wrong())?;
    match count.checked_mul(seconds) {
        // Ten years: longer is a slip of the hand, and stays clear of every overflow.
        Some(total @ 1..=315_360_000) => Ok(Duration::from_secs(total)),
        _ => Err(format!("is {}; it goes from 1s to 3650d", quoted(text))),
    }
}

pub(super) fn log_level(text: &str) -> Read<String> {
    tracing_subscriber::EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .ok()
        .filter(|_| levels_are_known(text))
        .ok_or_else(|| {
            format!(
                "is {}, which is not error, warn, info, debug, trace or a list such as info,sqlx=warn",
                quoted(text)
            )
        })
}

/// `EnvFilter` takes an unknown word for the name of a crate, so that `--log-level loud` would log nothing.
fn levels_are_known(text: &str) -> bool {
    text.split(',').map(str::trim).all(|part| {
        let level = part.rsplit_once('=').map_or(part, |(_, level)| level);
        ["off", "error", "warn", "info", "debug", "trace"].contains(&level.to_ascii_lowercase().as_str())
    })
}

/// For people or for machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// One readable line each.
    Human,
    /// One JSON object each.
    Json,
}

impl LogFormat {
    pub(super) fn parse(text: &str) -> Read<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err(format!("is {}, which is not auto, human or json", quoted(text))),
        }
    }
}

/// The headers in which proxies tell the client's address. Only one family is ever read: a proxy that sets one passes
/// the other on as the client sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
}

impl ProxyHeader {
    pub(super) fn parse(text: &str) -> Read<Self> {
        match text {
            "forwarded" => Ok(Self::Forwarded),
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            _ => Err(format!("is {}, which is not forwarded or x-forwarded-for", quoted(text))),
        }
    }
}

/// An address, or all that share its first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads `10.0.0.0/8`, `::1` and the like.
    pub fn parse(text: &str) -> Read<Self> {
        let wrong = || format!("is {}, which is not an address or network such as 10.0.0.0/8", quoted(text));
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
    /// Is `address` one of them? An IPv4 address in IPv6 clothes counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let rest = 32 - self.bits.min(32);
                (ours.to_bits() ^ theirs.to_bits()).checked_shr(rest).unwrap_or(0) == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// The address that people and registries know us by, `https://host[:port][/path]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// What a browser sends as `Origin`.
    pub origin: String,
    /// The path below which we are mounted: "" or "/registry".
    pub base: String,
    /// Over TLS?
    pub https: bool,
}

impl PublicUrl {
    /// Reads and checks it: it goes into headers, cookies and pages.
    pub fn parse(text: &str) -> Read<Self> {
        let wrong =
            || format!("is {}, which is not an address such as https://wharfinger.example.com/registry", quoted(text));
        let url = Url::parse(text)
            .map_err(|_| "is not an address such as https://wharfinger.example.com/registry".to_owned())?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("has a user or a password in it, which does not belong there".to_owned());
        }
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(wrong());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("is {}; it has no ? and no #", quoted(text)));
        }
        let base = url.path().trim_end_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        if base.contains("//") || !base.chars().all(plain) {
            return Err(format!("is {}; its path is made of letters, digits, - . _ ~ and /", quoted(text)));
        }
        let origin = url.origin().ascii_serialization();
        Ok(Self { origin, base: base.to_owned(), https: url.scheme() == "https" })
    }
    /// An address of ours, for what leaves the page.
    pub fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("192.168.4.0/22", "192.168.7.255", true),
            ("192.168.4.0/22", "192.168.8.0", false),
        ] {
            let found = Network::parse(network).expect(network).contains(address.parse().expect("an address"));
            assert_eq!(found, inside, "{address} in {network}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["10.0.0.0/33", "::/129", "example.com", "10.0.0.0/", "10.0.0.0/-1", ""] {
            assert!(Network::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_read_in_four_units() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("12h", 43_200), ("30d", 2_592_000)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "h", "12", "0s", "-1h", "1w", "4000d", "99999999999999999999d", "1é"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_public_url_gives_origin_and_base() {
        let url = PublicUrl::parse("https://Host.example:443/registry/").expect("a good address");
        assert_eq!((url.origin.as_str(), url.base.as_str(), url.https), ("https://host.example", "/registry", true));
        assert_eq!(url.url("/setup"), "https://host.example/registry/setup");
        let url = PublicUrl::parse("http://host:8080").expect("a good address");
        assert_eq!((url.origin.as_str(), url.base.as_str(), url.https), ("http://host:8080", "", false));
    }

    #[test]
    fn a_public_url_that_can_do_harm_is_refused() {
        for text in [
            "host.example",
            "ftp://host.example",
            "https://host.example/a\"b",
            "https://host.example//a",
            "https://host.example/a?b",
            "https://host.example/a#b",
            "https://host.example/a;b",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
        let secret = PublicUrl::parse("https://me:hunter2@host.example").expect_err("it has a password");
        assert!(!secret.contains("hunter2"), "{secret}");
    }
}
