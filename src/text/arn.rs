//! An ARN: `arn:partition:service:region:account:resource`, six fields, the last with its colons.

use std::num::NonZeroU64;
use std::ops::ControlFlow;

use super::word::{between, each_word, first};

/// Splits a text at its first five colons. `None` with fewer than six fields, or if the first five take 4 KiB.
pub fn split(text: &str) -> Option<[&str; 6]> {
    let colons = Colons::of(text)?;
    Some([0, 1, 2, 3, 4, 5].map(|index| colons.field(text, index)))
}

/// Where the first five colons of a text stand, twelve bits each; the first of an ARN is not at 0.
///
/// PERF: one word, so that preparing a request does not wait for what it has just written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colons(NonZeroU64);

const BITS: usize = 12;
const LIMIT: usize = 1 << BITS;

impl Colons {
    /// `None` with fewer than five, or if the fifth is not among the first 4,096 bytes.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (mut places, mut shift) = (0_u64, 0_usize);
        let head = text.as_bytes().get(..LIMIT).unwrap_or(text.as_bytes());
        let found = each_word(head, |start, word| {
            let mut met = between(word, b':', b':');
            while met != 0 {
                places |= (start.saturating_add(first(met)) as u64) << shift;
                shift = shift.wrapping_add(BITS) & 63;
                if shift == 5 * BITS {
                    return ControlFlow::Break(());
                }
                met &= met.wrapping_sub(1);
            }
            ControlFlow::Continue(())
        });
        if found.is_break() { NonZeroU64::new(places).map(Self) } else { None }
    }

    /// A field of the text by its number, from 0.
    #[inline]
    pub(super) fn field(self, text: &str, index: usize) -> &str {
        let colon = |number: usize| {
            let shifted = self.0.get() >> (number.saturating_mul(BITS) & 63);
            usize::try_from(shifted).unwrap_or_default() % LIMIT
        };
        let start = index.checked_sub(1).map_or(0, |before| colon(before).saturating_add(1));
        let end = if index < 5 { colon(index) } else { text.len() };
        text.get(start..end).unwrap_or_default()
    }
}

/// A concrete ARN, split once.
///
/// See the IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    text: &'a str,
    fields: [&'a str; 6],
}

impl<'a> Arn<'a> {
    /// Reads an ARN: six fields, the first `arn`.
    ///
    /// ```
    /// use verdikt::text::arn::Arn;
    /// let arn = Arn::parse("arn:aws:s3:::bucket/a:b").unwrap();
    /// assert_eq!((arn.service(), arn.resource()), ("s3", "bucket/a:b"));
    /// assert!(Arn::parse("arn:aws:s3").is_none());
    /// ```
    pub fn parse(text: &'a str) -> Option<Self> {
        let fields = split(text)?;
        (fields[0] == "arn").then_some(Self { text, fields })
    }

    /// The whole ARN.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The six fields.
    pub fn fields(&self) -> &[&'a str; 6] {
        &self.fields
    }

    /// `aws`, `aws-cn`, …
    pub fn partition(&self) -> &'a str {
        self.fields[1]
    }

    /// `s3`, `iam`, …
    pub fn service(&self) -> &'a str {
        self.fields[2]
    }

    /// The Region, often empty.
    pub fn region(&self) -> &'a str {
        self.fields[3]
    }

    /// The account id, often empty.
    pub fn account(&self) -> &'a str {
        self.fields[4]
    }

    /// Everything after the fifth colon, colons included.
    pub fn resource(&self) -> &'a str {
        self.fields[5]
    }
}

/// Whether a text is an account id: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
