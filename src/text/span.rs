//! Where a piece of text stands: byte offsets, nothing else. The renderer computes lines and columns.

/// A half-open range of byte offsets in one [`Source`](crate::text::source::Source).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// A span from `start` up to, not including, `end`; offsets past 4 GiB saturate (sources are limited far below).
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: to_u32(start), end: to_u32(end) }
    }

    /// The span as a range of `usize`, for `str::get`.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A length or index as `u32`. Every text is bounded below 4 GiB before it is indexed, so nothing is cut.
pub(crate) fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
