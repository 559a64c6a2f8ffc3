//! Dates as instants: the W3C profile of ISO 8601, or seconds since the epoch.

use std::str::FromStr;

use bigdecimal::BigDecimal;
use chrono::NaiveDate;

use super::values::{is_digits, number};

/// The instant, in seconds since the epoch. `None`: not a date, or one that can be read in two ways (four digits alone: a
/// year or a second; a time of day without its zone).
pub fn instant(text: &str) -> Option<BigDecimal> {
    if is_digits(text) && text.len() == 4 {
        return None;
    }
    if text.starts_with('+') {
        return None;
    }
    number(text).or_else(|| calendar(text))
}

/// `YYYY-MM`, `YYYY-MM-DD`, or a date, `T`, a time and its zone.
fn calendar(text: &str) -> Option<BigDecimal> {
    let mut cursor = Cursor { rest: text };
    let year = i32::try_from(cursor.digits(4)?).ok()?;
    cursor.eat('-')?;
    let month = cursor.digits(2)?;
    if cursor.at_end() {
        return midnight(year, month, 1);
    }
    cursor.eat('-')?;
    let day = cursor.digits(2)?;
    if cursor.at_end() {
        return midnight(year, month, day);
    }
    cursor.eat('T')?;
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    let (hour, minute, second, fraction) = time_of_day(&mut cursor)?;
    let offset = zone(&mut cursor)?;
    let whole = date.and_hms_opt(hour, minute, second)?.and_utc().timestamp() - offset;
    cursor.at_end().then(|| BigDecimal::from(whole) + fraction)
}

fn midnight(year: i32, month: u32, day: u32) -> Option<BigDecimal> {
    let start = NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(0, 0, 0)?;
    Some(BigDecimal::from(start.and_utc().timestamp()))
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s`.
fn time_of_day(cursor: &mut Cursor<'_>) -> Option<(u32, u32, u32, BigDecimal)> {
    let hour = cursor.digits(2)?;
    cursor.eat(':')?;
    let minute = cursor.digits(2)?;
    if cursor.eat(':').is_none() {
        return Some((hour, minute, 0, BigDecimal::from(0)));
    }
    let second = cursor.digits(2)?;
    if cursor.eat('.').is_none() {
        return Some((hour, minute, second, BigDecimal::from(0)));
    }
    let fraction = BigDecimal::from_str(&format!("0.{}", cursor.run_of_digits()?)).ok()?;
    Some((hour, minute, second, fraction))
}

/// `Z` or `±hh:mm` up to 23:59, as seconds east of UTC.
fn zone(cursor: &mut Cursor<'_>) -> Option<i64> {
    if cursor.eat('Z').is_some() {
        return Some(0);
    }
    let sign = if cursor.eat('+').is_some() { 1 } else { cursor.eat('-').map(|()| -1)? };
    let hours = i64::from(cursor.digits(2)?);
    cursor.eat(':')?;
    let minutes = i64::from(cursor.digits(2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn eat(&mut self, expected: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    /// Exactly this many digits.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let digits = self.rest.get(..count).filter(|text| is_digits(text))?;
        self.rest = &self.rest[count..];
        digits.parse().ok()
    }

    /// One digit or more.
    fn run_of_digits(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!digits.is_empty()).then_some(digits)
    }
}
