//! Addresses and networks: every prefix length, every bit; and every short text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use verdikt::operator::ip::{read_address, read_network};

use super::all;
use crate::oracle::ip;

/// Whether the network holds the address, by the engine; the oracle agrees.
fn holds(network: &str, address: &str) -> bool {
    let found = read_network(network).unwrap().contains(&read_address(address).unwrap());
    let oracle = ip::range(network).unwrap().contains(ip::address(address).unwrap());
    assert_eq!(found, oracle, "{network} {address}");
    found
}

/// An address lies in a network of `prefix` bits if it differs from its base only behind them.
#[test]
fn every_prefix_and_every_bit_of_ipv4() {
    for base in [0, u32::MAX, 0x0a00_0001, 0xcb00_714d] {
        for prefix in 0..=32 {
            let network = format!("{}/{prefix}", Ipv4Addr::from_bits(base));
            assert!(holds(&network, &Ipv4Addr::from_bits(base).to_string()));
            for bit in 0..32 {
                let address = Ipv4Addr::from_bits(base ^ (1 << (31 - bit)));
                assert_eq!(holds(&network, &address.to_string()), bit >= prefix, "{network} {address}");
                let mapped = address.to_ipv6_mapped();
                assert_eq!(holds(&network, &mapped.to_string()), bit >= prefix, "{network} {mapped}");
                assert!(!holds(&network, &format!("2001:db8::{address}")), "{network} {address}");
            }
        }
    }
}

#[test]
fn every_prefix_and_every_bit_of_ipv6() {
    // Not within ::ffff:0:0/96, whose addresses are those of IPv4.
    for base in [0x2001_0db8_u128 << 96, u128::MAX, 1 << 127] {
        for prefix in 0..=128 {
            let network = format!("{}/{prefix}", Ipv6Addr::from_bits(base));
            for bit in 0..128 {
                let address = Ipv6Addr::from_bits(base ^ (1 << (127 - bit)));
                assert_eq!(holds(&network, &address.to_string()), bit >= prefix, "{network} {address}");
            }
            assert!(!holds(&network, "10.0.0.1"), "{network}");
        }
    }
}

/// An IPv4-mapped network of 96 bits or more is one of IPv4; a shorter one stays one of IPv6, in which no IPv4 address
/// lies, written either way.
#[test]
fn every_mapped_prefix() {
    for prefix in 0..=128_u32 {
        let network = format!("::ffff:10.0.0.0/{prefix}");
        for bit in 0..32 {
            let address = Ipv4Addr::from_bits(0x0a00_0000 ^ (1 << (31 - bit)));
            let expected = prefix >= 96 && bit + 96 >= prefix;
            assert_eq!(holds(&network, &address.to_string()), expected, "{network} {address}");
            assert_eq!(
                holds(&network, &address.to_ipv6_mapped().to_string()),
                expected,
                "{network} {address}"
            );
        }
    }
}

/// A single address is itself alone.
#[test]
fn single_addresses() {
    let addresses = [
        "0.0.0.0",
        "10.0.0.0",
        "10.0.0.1",
        "10.0.0.2",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "2001:DB8::1",
    ];
    for network in addresses {
        for address in addresses {
            let same = network.parse::<IpAddr>().unwrap().to_canonical()
                == address.parse::<IpAddr>().unwrap().to_canonical();
            assert_eq!(holds(network, address), same, "{network} {address}");
        }
    }
}

#[test]
fn every_short_text_is_read_by_both_or_by_neither() {
    let mut texts = all(&["1", "0", ".", ":", "/", "f"], 6);
    let prefixes = all(&["0", "1", "3", "9", "+", " ", "/"], 4);
    texts.extend(prefixes.iter().map(|prefix| format!("10.0.0.0/{prefix}")));
    texts.extend(prefixes.iter().map(|prefix| format!("::/{prefix}")));
    texts.extend(all(&["0", "1", "25", "6", ".", "x"], 5).iter().map(|text| format!("{text}.0.1")));
    let mut read = [0; 2];
    for text in &texts {
        let (network, address) = (read_network(text), read_address(text));
        assert_eq!(network.is_some(), ip::range(text).is_some(), "network `{text}`");
        assert_eq!(address, ip::address(text), "address `{text}`");
        read[0] += usize::from(network.is_some());
        read[1] += usize::from(address.is_some());
    }
    assert!(read[0] > 100 && read[1] > 50, "networks and addresses: {read:?}");
}
