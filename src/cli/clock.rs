//! The time: the clock's, or the one that an option states.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::operator::date::Instant;

/// A time as an option states it, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Now(i64);

impl Now {
    /// Reads a date with a time and a zone, or a number of seconds.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let instant =
            Instant::read(text).map_err(|error| format!("{error}; such as 2026-01-31T12:00:00Z"))?;
        i64::try_from(instant.parts().0).map(Self).map_err(|_| "no such time".to_owned())
    }

    /// The time stated, else the clock's.
    pub(super) fn or_clock(stated: Option<Self>) -> i64 {
        stated.map_or_else(unix_time, |Self(seconds)| seconds)
    }
}

fn unix_time() -> i64 {
    // A clock before 1970 is told as 1970.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
