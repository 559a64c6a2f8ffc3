//! Limits on requests, which come from callers that are not trusted.

/// Limits of a request. Over one of them the request is refused, never cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// Bytes of the JSON form, or of all texts together.
    pub bytes: usize,
    /// Context keys.
    pub keys: usize,
    /// Values of one key.
    pub values: usize,
    /// Bytes of the resource, of a key's name, of a value.
    pub string: usize,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self { bytes: 256 * 1024, keys: 512, values: 1_000, string: 8 * 1024 }
    }
}
