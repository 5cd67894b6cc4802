//! Classes of network addresses: which of them a registry may lead us to is decided in [`crate::resolve`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of place an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// On the internet.
    Public,
    /// In somebody's own network.
    Private,
    /// This machine.
    Loopback,
    /// Everything else: link-local, cloud metadata, multicast, unspecified, reserved.
    Special,
}

/// Addresses at which clouds hand out the machine's own credentials.
const METADATA: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// The class of an address. IPv6 forms that carry an IPv4 address are what that address is.
pub(crate) fn class(address: IpAddr) -> Class {
    if METADATA.contains(&address) {
        return Class::Special;
    }
    match address {
        IpAddr::V4(v4) => class_v4(v4),
        IpAddr::V6(v6) => match v6 {
            Ipv6Addr::LOCALHOST => Class::Loopback,
            Ipv6Addr::UNSPECIFIED => Class::Special,
            _ => embedded_v4(v6).map_or_else(|| class_v6(v6), |v4| class(IpAddr::V4(v4))),
        },
    }
}

fn class_v4(v4: Ipv4Addr) -> Class {
    let [a, b, c, _] = v4.octets();
    match (a, b, c) {
        (127, ..) => Class::Loopback,
        // Unspecified, link-local, IETF protocol assignments, multicast, reserved and broadcast.
        (0 | 224..=255, ..) | (169, 254, _) | (192, 0, 0) => Class::Special,
        // RFC 1918, carrier-grade NAT and the benchmarking range.
        (10, ..) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) | (198, 18..=19, _) => Class::Private,
        _ => Class::Public,
    }
}

fn class_v6(v6: Ipv6Addr) -> Class {
    match v6.segments()[0] {
        0xfc00..=0xfdff | 0xfec0..=0xfeff => Class::Private,
        // Link-local, multicast; and all that is outside of global unicast.
        0x2000..=0x3fff => Class::Public,
        _ => Class::Special,
    }
}

/// The IPv4 address inside a mapped, compatible, NAT64 or 6to4 address.
fn embedded_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = v6.segments();
    let pair = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(pair(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_class() {
        let table = [
            ("8.8.8.8", Class::Public),
            ("10.1.2.3", Class::Private),
            ("172.31.0.1", Class::Private),
            ("172.32.0.1", Class::Public),
            ("192.168.1.1", Class::Private),
            ("100.64.0.1", Class::Private),
            ("127.0.0.1", Class::Loopback),
            ("127.9.9.9", Class::Loopback),
            ("0.0.0.0", Class::Special),
            ("169.254.1.1", Class::Special),
            ("169.254.169.254", Class::Special),
            ("100.100.100.200", Class::Special),
            ("224.0.0.1", Class::Special),
            ("255.255.255.255", Class::Special),
            ("::1", Class::Loopback),
            ("::", Class::Special),
            ("::ffff:127.0.0.1", Class::Loopback),
            ("::ffff:10.0.0.1", Class::Private),
            ("::ffff:169.254.169.254", Class::Special),
            ("::127.0.0.1", Class::Loopback),
            ("64:ff9b::a00:1", Class::Private),
            ("2002:7f00:1::", Class::Loopback),
            ("fd00:ec2::254", Class::Special),
            ("fd12::1", Class::Private),
            ("fe80::1", Class::Special),
            ("ff02::1", Class::Special),
            ("2606:4700::1111", Class::Public),
        ];
        for (text, expected) in table {
            assert_eq!(class(text.parse().expect("an address")), expected, "{text}");
        }
    }
}
