//! Which addresses requests may reach: those of the public internet, and what the operator allows beside them. It is told
//! addresses and knows no names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The addresses that requests may reach.
#[derive(Clone, Debug)]
pub(super) struct Reachable {
    allowed: Vec<IpNet>,
}

impl Reachable {
    /// The public internet and `allowed`.
    pub(super) fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let address = destination(address);
        self.allowed.iter().any(|net| net.contains(&address)) || is_public(address)
    }
}

/// Where packets to an address arrive: some IPv6 addresses only wrap one of IPv4.
fn destination(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().or_else(|| behind_nat64(v6)).map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// The address that a translator (RFC 6052) makes of this one. Networks without IPv4 reach all of it this way.
fn behind_nat64(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., a, b, c, d] = address.octets();
    NAT64.contains(&address).then(|| Ipv4Addr::new(a, b, c, d))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !SPECIAL_V4.iter().any(|net| net.contains(&v4)),
        IpAddr::V6(v6) => GLOBAL_V6.contains(&v6) && !SPECIAL_V6.iter().any(|net| net.contains(&v6)),
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix_bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix_bits)
}

const fn v6(first: [u16; 3], prefix_bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first[0], first[1], first[2], 0, 0, 0, 0, 0), prefix_bits)
}

/// What IANA's registry of special addresses keeps out of the public internet, and one more.
const SPECIAL_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 0, 8),        // this network
    v4(10, 0, 0, 0, 8),       // private
    v4(100, 64, 0, 0, 10),    // carriers' translators
    v4(127, 0, 0, 0, 8),      // loopback
    v4(168, 63, 129, 16, 32), // looks public; inside Azure it is the host of the virtual machine
    v4(169, 254, 0, 0, 16),   // link-local, with the metadata of clouds
    v4(172, 16, 0, 0, 12),    // private
    v4(192, 0, 0, 0, 24),     // protocols
    v4(192, 0, 2, 0, 24),     // documentation
    v4(192, 88, 99, 0, 24),   // relays of 6to4
    v4(192, 168, 0, 0, 16),   // private
    v4(198, 18, 0, 0, 15),    // benchmarks
    v4(198, 51, 100, 0, 24),  // documentation
    v4(203, 0, 113, 0, 24),   // documentation
    v4(224, 0, 0, 0, 4),      // multicast
    v4(240, 0, 0, 0, 4),      // reserved, and broadcast
];

/// Where all public addresses are. Loopback, link-local, unique local, multicast and what merely wraps IPv4 are elsewhere.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0], 3);

/// What is special within it.
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0], 23),      // protocols, with Teredo and benchmarks
    v6([0x2001, 0x0db8, 0], 32), // documentation
    v6([0x2002, 0, 0], 16),      // 6to4, which wraps IPv4 and has been given up
    v6([0x3fff, 0, 0], 20),      // documentation
];

const NAT64: Ipv6Net = v6([0x0064, 0xff9b, 0], 96);

#[cfg(test)]
mod tests {
    use super::*;

    fn reachable(allowed: &[&str]) -> impl Fn(&str) -> bool {
        let allowed = allowed.iter().map(|net| net.parse().unwrap()).collect();
        let reachable = Reachable::new(allowed);
        move |address| reachable.contains(address.parse().unwrap())
    }

    #[test]
    fn the_public_internet_is_reachable_and_nothing_else() {
        let reaches = reachable(&[]);
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "168.63.129.15",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "2001:4860:4860::8888",
            "3ffe::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(reaches(public), "{public}");
        }
        for special in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:101:101::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!reaches(special), "{special}");
        }
    }

    #[test]
    fn what_the_operator_allows_is_reachable_however_it_is_written() {
        let reaches = reachable(&["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]);
        for allowed in ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "10.1.2.3", "fd00::1", "1.1.1.1"]
        {
            assert!(reaches(allowed), "{allowed}");
        }
        for special in ["127.0.0.2", "::1", "11::1", "fc00::1", "192.168.0.1"] {
            assert!(!reaches(special), "{special}");
        }
    }
}
