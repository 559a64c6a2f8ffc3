//! Dates: the W3C profile of ISO 8601, or Unix seconds; both are instants on one scale.
//!
//! Missing parts are the start of the period, in UTC. What can be read in two ways is not read: `2024` (a year, or a
//! second), and a time of day without a zone. See <https://www.w3.org/TR/NOTE-datetime>.

use jiff::Timestamp;
use jiff::civil::Date;

/// An instant: seconds since 1970-01-01T00:00:00Z, exact to 10⁻¹⁸.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    seconds: i128,
    attoseconds: u64,
}

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// No accepted form.
    #[error("neither a W3C date nor Unix seconds")]
    Malformed,
    /// Four digits: a year or a second.
    #[error("four digits, which can be a year or a number of seconds")]
    Ambiguous,
    /// A time of day without a zone.
    #[error("a time of day without a zone")]
    NoZone,
}

const ATTOSECONDS: u64 = 1_000_000_000_000_000_000;
const FRACTION_DIGITS: usize = 18;

impl Instant {
    /// The instant so many seconds after 1970-01-01T00:00:00Z, and so many units of 10⁻¹⁸ s after that.
    pub fn from_parts((seconds, attoseconds): (i128, u64)) -> Self {
        Self { seconds, attoseconds }
    }

    /// Seconds, and units of 10⁻¹⁸ s after them.
    pub fn parts(self) -> (i128, u64) {
        (self.seconds, self.attoseconds)
    }

    /// Reads a date or a number of seconds.
    ///
    /// ```
    /// use verdikt::operator::date::Instant;
    /// let instant = Instant::read("2020-01-01T00:00:00Z");
    /// assert_eq!(instant, Instant::read("2019-12-31T19:00:00-05:00"));
    /// assert_eq!(instant, Instant::read("1577836800"));
    /// ```
    pub fn read(text: &str) -> Result<Self, DateError> {
        if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DateError::Ambiguous);
        }
        match epoch(text) {
            Some(instant) => Ok(instant),
            None => calendar(text),
        }
    }

    /// A text that reads as its whole second: a date and time in UTC, or a number of seconds where no calendar goes.
    pub fn written(self) -> String {
        let second = i64::try_from(self.seconds).ok().and_then(|second| Timestamp::from_second(second).ok());
        // A year of other than four digits is no W3C date.
        let second = second.filter(|second| (-62_167_219_200..253_402_300_800).contains(&second.as_second()));
        second.map_or_else(|| self.seconds.to_string(), |second| second.to_string())
    }
}

/// `-?digits[.digits]`
fn epoch(text: &str) -> Option<Instant> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (digits, ""),
    };
    let seconds = number(whole)?;
    let attoseconds = attoseconds(fraction)?;
    match (negative, attoseconds) {
        (false, _) => Some(Instant { seconds, attoseconds }),
        (true, 0) => Some(Instant { seconds: seconds.checked_neg()?, attoseconds: 0 }),
        (true, part) => Some(Instant {
            seconds: seconds.checked_neg()?.checked_sub(1)?,
            attoseconds: ATTOSECONDS.checked_sub(part)?,
        }),
    }
}

/// A run of digits as a number; none, or a number past 128 bits, is none.
fn number(digits: &str) -> Option<i128> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The digits after a point in units of 10⁻¹⁸; finer ones must be zero.
fn attoseconds(digits: &str) -> Option<u64> {
    let digits = digits.trim_end_matches('0');
    if digits.len() > FRACTION_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let missing = u32::try_from(FRACTION_DIGITS.saturating_sub(digits.len())).ok()?;
    let value: u64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    value.checked_mul(10u64.checked_pow(missing)?)
}

/// `YYYY-MM`, `YYYY-MM-DD`, and with `Thh:mm[:ss[.s…]]` and a zone.
fn calendar(text: &str) -> Result<Instant, DateError> {
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let date = civil(day).ok_or(DateError::Malformed)?;
    let epoch = Date::new(1970, 1, 1).map_err(|_| DateError::Malformed)?;
    let midnight = i128::from(date.duration_since(epoch).as_secs());
    let Some(time) = time else {
        return Ok(Instant { seconds: midnight, attoseconds: 0 });
    };
    // A time of day needs a whole date before it.
    if day.len() != 10 {
        return Err(DateError::Malformed);
    }
    let (seconds, attoseconds, zone) = time_of_day(time).ok_or(DateError::Malformed)?;
    let offset = match zone {
        "" => return Err(DateError::NoZone),
        "Z" => 0,
        zone => offset_seconds(zone).ok_or(DateError::Malformed)?,
    };
    Ok(Instant { seconds: midnight.saturating_add(seconds).saturating_sub(offset), attoseconds })
}

fn civil(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let year = fixed(parts.next()?, 4)?;
    let month = fixed(parts.next()?, 2)?;
    let day = parts.next().map_or(Some(1), |day| fixed(day, 2))?;
    if parts.next().is_some() {
        return None;
    }
    // Checked beforehand: jiff's own error allocates, and a decision must not.
    let month = i8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
    let first = Date::new(i16::try_from(year).ok()?, month, 1).ok()?;
    let day = i8::try_from(day).ok().filter(|day| (1..=first.days_in_month()).contains(day))?;
    first.with().day(day).build().ok()
}

/// Exactly so many digits.
fn fixed(text: &str, digits: usize) -> Option<i128> {
    (text.len() == digits).then(|| number(text)).flatten()
}

/// Seconds since midnight, the fraction, and what is left: the zone.
fn time_of_day(text: &str) -> Option<(i128, u64, &str)> {
    let clock_end = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at_checked(clock_end)?;
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) if clock.len() == 8 && !fraction.is_empty() => {
            (clock, attoseconds(fraction)?)
        }
        Some(_) => return None,
        None => (clock, 0),
    };
    let mut parts = clock.split(':');
    let hour = fixed(parts.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = fixed(parts.next()?, 2).filter(|minute| *minute < 60)?;
    let second = parts.next().map_or(Some(0), |second| fixed(second, 2)).filter(|second| *second < 60)?;
    if parts.next().is_some() {
        return None;
    }
    let seconds = hour.checked_mul(3600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    Some((seconds, fraction, zone))
}

/// `+hh:mm` or `-hh:mm`, up to 23:59, in seconds east of UTC.
fn offset_seconds(zone: &str) -> Option<i128> {
    let (sign, rest) = match zone.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, zone.strip_prefix('+')?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let hours = fixed(hours, 2).filter(|hours| *hours < 24)?;
    let minutes = fixed(minutes, 2).filter(|minutes| *minutes < 60)?;
    hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_scale() {
        for (a, b) in [
            ("2020-01", "2020-01-01"),
            ("2020-01-01", "1577836800"),
            ("2020-01-01T00:00Z", "1577836800.0"),
            ("2020-01-01T00:00:00.50Z", "1577836800.5"),
            ("1969-12-31T23:59:59.5Z", "-0.5"),
            ("2019-12-31T19:00:00-05:00", "2020-01-01T05:30:00+05:30"),
            ("0000-01-01", "-62167219200"),
            ("9999-12-31T23:59:59-23:59", "253402387139"),
        ] {
            assert_eq!(Instant::read(a).unwrap(), Instant::read(b).unwrap(), "{a} {b}");
        }
        assert!(Instant::read("-1.5").unwrap() < Instant::read("-1.25").unwrap());
    }

    #[test]
    fn what_cannot_be_read() {
        for (text, error) in [
            ("2024", DateError::Ambiguous),
            ("2024-01-01T00:00:00", DateError::NoZone),
            ("2024-01-01T24:00Z", DateError::Malformed),
            ("2024-01-01T00:00:60Z", DateError::Malformed),
            ("2024-02-30", DateError::Malformed),
            ("2024-1-1", DateError::Malformed),
            ("2024-01T00:00Z", DateError::Malformed),
            ("2024-01-01t00:00z", DateError::Malformed),
            ("2024-01-01T00Z", DateError::Malformed),
            ("2024-01-01T00:00:00.Z", DateError::Malformed),
            ("2024-01-01T00:00:00+24:00", DateError::Malformed),
            ("2024-01-01T00:00:00+0100", DateError::Malformed),
            ("2024-01-01 00:00:00Z", DateError::Malformed),
            ("+5", DateError::Malformed),
            ("1e5", DateError::Malformed),
            ("1.", DateError::Malformed),
            ("", DateError::Malformed),
            ("tomorrow", DateError::Malformed),
        ] {
            assert_eq!(Instant::read(text), Err(error), "{text}");
        }
    }

    /// Parts of a second are read to 10⁻¹⁸; a finer one is refused, never cut.
    #[test]
    fn fractions_are_exact_or_refused() {
        let finest = "0.000000000000000001";
        assert!(Instant::read(finest).unwrap() > Instant::read("0").unwrap());
        assert_eq!(Instant::read(&format!("{finest}000")), Instant::read(finest));
        for text in
            ["0.1234567890123456789", "0.0000000000000000001", "0.12345678901234567890123", "0.1a", "0.a"]
        {
            assert_eq!(Instant::read(text), Err(DateError::Malformed), "{text}");
        }
    }

    /// What is written reads as the same second: by the calendar where its years have four digits, else by number.
    #[test]
    fn a_second_is_written_as_it_is_read() {
        for (text, written) in [
            ("1577836800.5", "2020-01-01T00:00:00Z"),
            ("0", "1970-01-01T00:00:00Z"),
            ("-62167219200", "0000-01-01T00:00:00Z"),
            ("-62167219201", "-62167219201"),
            ("253402207200", "9999-12-30T22:00:00Z"),
            ("253402300800", "253402300800"),
            ("99999999999999999999", "99999999999999999999"),
        ] {
            assert_eq!(Instant::read(text).unwrap().written(), written, "{text}");
        }
    }
}
