//! Limits on policies that come from callers that are not trusted. AWS's own quotas are warnings, see `quota`.

use crate::text::json::JsonLimits;

/// Limits of one policy document. Over one of them the document is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document.
    pub bytes: usize,
    /// Nesting of JSON arrays and objects.
    pub depth: usize,
    /// Statements.
    pub statements: usize,
    /// Values of one list.
    pub values: usize,
    /// Bytes of one string.
    pub string: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 4 * 1024 * 1024, depth: 32, statements: 20_000, values: 10_000, string: 8 * 1024 }
    }
}

impl Limits {
    /// The part that the JSON reader enforces.
    pub(super) fn json(&self) -> JsonLimits {
        JsonLimits { bytes: self.bytes, depth: self.depth, string: self.string }
    }
}
