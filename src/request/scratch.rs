//! What a request keeps beside its texts; no lifetime binds it, so the next request uses its memory again.

use std::net::IpAddr;
use std::sync::OnceLock;

use super::context::Keys;
use super::error::RequestError;
use super::limits::RequestLimits;
use super::path::PathHashes;
use super::table::Table;

/// In one place, so that the request itself is moved cheaply.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    pub(super) table: Table,
    pub(super) address: Remembered<IpAddr>,
    pub(super) instant: Remembered<(i128, u64)>,
    /// The hashes of the resource's path, made when a policy has an index that asks for them.
    pub(super) paths: OnceLock<PathHashes>,
    pub(super) limits: RequestLimits,
    /// The first thing that is wrong.
    pub(super) error: Option<RequestError>,
    /// Between two requests, the memory of the lists of keys and of the folded action.
    pub(super) keys: Keys<'static>,
    pub(super) action: String,
}

/// What the first text of a type that a decision read was: read once, however many conditions ask.
#[derive(Debug)]
pub(super) struct Remembered<T>(OnceLock<(usize, usize, Option<T>)>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Clone for Remembered<T> {
    /// Forgets: a copy's texts stand elsewhere.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> Remembered<T> {
    fn forget(&mut self) {
        if self.0.get().is_some() {
            *self = Self::default();
        }
    }
}

impl<T: Copy> Remembered<T> {
    /// What `read` makes of a text of the context, which stays where it is as long as this.
    pub(super) fn of(&self, text: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let (start, len) = (text.as_ptr() as usize, text.len());
        let (known_start, known_len, value) = self.0.get_or_init(|| (start, len, read(text)));
        if (*known_start, *known_len) == (start, len) { *value } else { read(text) }
    }
}

impl Scratch {
    /// Makes it ready for the next request; the table is set by who has the keys.
    pub(super) fn forget(&mut self) {
        if self.paths.get().is_some() {
            self.paths = OnceLock::new();
        }
        self.address.forget();
        self.instant.forget();
        if self.error.is_some() {
            self.error = None;
        }
        self.limits = RequestLimits::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_once_and_another_is_not_taken_for_it() {
        let remembered = Remembered::default();
        let (a, b) = ("1".to_owned(), "2".to_owned());
        let read = |text: &str| text.parse::<u8>().ok();
        assert_eq!(remembered.of(&a, read), Some(1));
        assert_eq!(remembered.of(&b, read), Some(2));
        assert_eq!(remembered.of(&a, |_| None), Some(1));
        let texts = "12";
        let remembered = Remembered::default();
        assert_eq!(texts.get(..1).and_then(|text| remembered.of(text, read)), Some(1));
        assert_eq!(remembered.of(texts, read), Some(12));
    }
}
