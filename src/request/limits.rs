//! Limits on requests, which come from callers that are not trusted.

use super::error::RequestError;
use super::session::Size;

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

impl RequestLimits {
    /// Whether so many keys of such a size keep within the limits.
    pub(super) fn check(&self, keys: usize, size: Size) -> Result<(), RequestError> {
        let over = |what, limit| Err(RequestError::Limit { what, limit });
        match () {
            () if keys > self.keys => over("context keys", self.keys),
            () if size.longest > self.string => over("bytes in one text", self.string),
            () if size.values > self.values => over("values of one key", self.values),
            () if size.bytes > self.bytes => over("bytes", self.bytes),
            () => Ok(()),
        }
    }
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self { bytes: 256 * 1024, keys: 512, values: 1_000, string: 8 * 1024 }
    }
}
