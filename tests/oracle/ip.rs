//! Addresses and ranges, compared as numbers.

use std::net::IpAddr;

use super::values::is_digits;

/// A network: the addresses of one family whose first `prefix` bits are those of `base`.
#[derive(Debug)]
pub struct Range {
    base: IpAddr,
    prefix: u32,
}

impl Range {
    /// Whether the address lies in the network. The families never match each other.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(other)) => {
                same_start(u128::from(base.to_bits()), u128::from(other.to_bits()), 32, self.prefix)
            }
            (IpAddr::V6(base), IpAddr::V6(other)) => {
                same_start(base.to_bits(), other.to_bits(), 128, self.prefix)
            }
            _ => false,
        }
    }
}

/// Whether two numbers of `width` bits agree in their first `prefix` bits; the bits behind them are ignored.
fn same_start(left: u128, right: u128, width: u32, prefix: u32) -> bool {
    prefix == 0 || (left >> (width - prefix)) == (right >> (width - prefix))
}

/// An address; one of IPv6 that maps an address of IPv4 is that address.
pub fn address(text: &str) -> Option<IpAddr> {
    // The standard parser refuses leading zeros, octal, hexadecimal and zone identifiers.
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// An address (a network of one) or `address/prefix`.
pub fn range(text: &str) -> Option<Range> {
    let Some((base, prefix)) = text.split_once('/') else {
        let base = address(text)?;
        return Some(Range { base, prefix: width(base) });
    };
    let base: IpAddr = base.parse().ok()?;
    let prefix = prefix_length(prefix, width(base))?;
    if base.is_ipv6() && base.to_canonical().is_ipv4() && prefix >= 96 {
        return Some(Range { base: base.to_canonical(), prefix: prefix - 96 });
    }
    Some(Range { base, prefix })
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn prefix_length(text: &str, width: u32) -> Option<u32> {
    let leading_zero = text.len() > 1 && text.starts_with('0');
    if !is_digits(text) || leading_zero {
        return None;
    }
    text.parse().ok().filter(|prefix| *prefix <= width)
}
