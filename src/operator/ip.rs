//! Addresses and ranges. An IPv4-mapped IPv6 address is the IPv4 address on both sides, so that no Deny is dodged by
//! writing an address the other way; otherwise families never match each other.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Reads an address: no range, no leading zeros, no zone.
pub fn read_address(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// Reads an address or a CIDR range; a bare address is itself alone, and bits beyond the prefix do not count.
///
/// ```
/// use verdikt::operator::ip::{read_address, read_network};
/// let network = read_network("203.0.113.77/24").unwrap();
/// assert!(network.contains(&read_address("::ffff:203.0.113.5").unwrap()));
/// assert!(!read_network("::/0").unwrap().contains(&read_address("203.0.113.5").unwrap()));
/// ```
pub fn read_network(text: &str) -> Option<IpNet> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(read_prefix(prefix)?)),
        None => (text, None),
    };
    match address.parse().ok()? {
        IpAddr::V4(address) => Ipv4Net::new(address, prefix.unwrap_or(32)).ok().map(IpNet::V4),
        IpAddr::V6(address) => {
            let prefix = prefix.unwrap_or(128);
            match (address.to_ipv4_mapped(), prefix.checked_sub(96)) {
                (Some(mapped), Some(prefix)) => Ipv4Net::new(mapped, prefix).ok().map(IpNet::V4),
                _ => Ipv6Net::new(address, prefix).ok().map(IpNet::V6),
            }
        }
    }
}

/// One to three digits without leading zeros.
fn read_prefix(text: &str) -> Option<u8> {
    let digits = text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    (digits && canonical).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        read_network(network).unwrap().contains(&read_address(address).unwrap())
    }

    #[test]
    fn ranges() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("0.0.0.0/0", "::1", false),
            ("2001:db8::1", "2001:db8::1", true),
            ("2001:db8::1", "2001:db8:ffff::1", false),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("::ffff:0:0/90", "10.0.0.1", false),
            ("::/0", "::ffff:10.0.0.1", false),
            ("2001:0DB8::/32", "2001:db8:0:0::5", true),
        ] {
            assert_eq!(contains(network, address), expected, "{network} {address}");
        }
    }

    #[test]
    fn what_cannot_be_read() {
        for text in [
            "10.0.0.0/33",
            "::/129",
            "010.0.0.1",
            "10.0.0",
            "0x0a.0.0.1",
            "fe80::1%eth0",
            "10.0.0.0/08",
            "10.0.0.0/",
            "",
            "10.0.0.0/+8",
        ] {
            assert_eq!(read_network(text), None, "{text}");
        }
        assert_eq!(read_address("10.0.0.0/8"), None);
    }
}
