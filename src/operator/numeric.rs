//! Numbers: `[+-]?digits[.digits]`, compared as exact decimals of any length. No exponent, no binary floating point.

use std::cmp::Ordering;

/// A decimal, borrowed from its text: digits without leading zeros, fraction without trailing ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    /// Reads a decimal.
    ///
    /// ```
    /// use verdikt::operator::numeric::Decimal;
    /// assert!(Decimal::read("1.0") == Decimal::read("+1"));
    /// assert!(Decimal::read("9007199254740993") > Decimal::read("9007199254740992"));
    /// assert!(Decimal::read("1e3").is_none() && Decimal::read("10abc").is_none() && Decimal::read("1.").is_none());
    /// ```
    pub fn read(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let is_other = |byte: u8| !byte.is_ascii_digit();
        let end = digits.bytes().position(is_other).unwrap_or(digits.len());
        let (whole, rest) = digits.split_at_checked(end)?;
        let fraction = match rest {
            "" => "",
            rest => rest.strip_prefix('.').filter(|fraction| !fraction.is_empty())?,
        };
        if whole.is_empty() || fraction.bytes().any(is_other) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }

    /// A decimal that was read before, from its parts.
    pub(crate) fn from_parts(negative: bool, whole: &'a str, fraction: &'a str) -> Self {
        Self { negative, whole, fraction }
    }

    /// Whether it is below zero, its digits without leading zeros, its fraction without trailing ones.
    pub(crate) fn parts(self) -> (bool, &'a str, &'a str) {
        (self.negative, self.whole, self.fraction)
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        let by_length = self.whole.len().cmp(&other.whole.len());
        by_length.then_with(|| self.whole.cmp(other.whole)).then_with(|| self.fraction.cmp(other.fraction))
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_exact() {
        let ordered = [
            "-100",
            "-10.5",
            "-10.05",
            "-1",
            "-0.1",
            "0",
            "0.09",
            "0.1",
            "0.11",
            "1",
            "9",
            "10",
            "9007199254740992.1",
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(Decimal::read(a).unwrap().cmp(&Decimal::read(b).unwrap()), i.cmp(&j), "{a} {b}");
                assert_eq!(Decimal::read(a).partial_cmp(&Decimal::read(b)), Some(i.cmp(&j)), "{a} {b}");
            }
        }
    }

    #[test]
    fn zeros_and_signs() {
        for (a, b) in [("0", "-0"), ("00", "0.000"), ("007.50", "+7.5"), ("-1.0", "-1")] {
            assert_eq!(Decimal::read(a), Decimal::read(b), "{a} {b}");
        }
    }

    #[test]
    fn anything_else_is_no_number() {
        for text in [
            "", "+", "-", ".", ".5", "5.", "1e3", "0x10", " 1", "1 ", "1,0", "NaN", "--1", "1.2.3", "٣",
            "1_0",
        ] {
            assert_eq!(Decimal::read(text), None, "{text}");
        }
    }
}
