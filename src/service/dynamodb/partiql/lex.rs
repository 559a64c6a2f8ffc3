//! Tokens of PartiQL. There are no comments: readers differ on where `--` begins one.

use std::borrow::Cow;

use nom::IResult;

use crate::service::dynamodb::expression::{SPACES, Stop};

pub(super) type Read<'a, T> = IResult<&'a str, T, Stop<'a>>;

/// Words that are names in quotes only.
const RESERVED: [&str; 29] = [
    "SELECT",
    "FROM",
    "WHERE",
    "ORDER",
    "BY",
    "ASC",
    "DESC",
    "INSERT",
    "INTO",
    "VALUE",
    "UPDATE",
    "SET",
    "REMOVE",
    "DELETE",
    "RETURNING",
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "IS",
    "MISSING",
    "NULL",
    "TRUE",
    "FALSE",
    "EXISTS",
    "AS",
    "LIMIT",
    "DISTINCT",
];

pub(super) fn spaces(input: &str) -> &str {
    input.trim_start_matches(SPACES)
}

pub(super) fn symbol<'a>(input: &'a str, text: &'static str) -> Read<'a, ()> {
    let start = spaces(input);
    start.strip_prefix(text).map(|rest| (rest, ())).ok_or_else(|| Stop::at(start, text))
}

/// A keyword, in any case.
pub(super) fn keyword<'a>(input: &'a str, keyword: &'static str) -> Read<'a, ()> {
    let start = spaces(input);
    match word(start) {
        Some((rest, found)) if found.eq_ignore_ascii_case(keyword) => Ok((rest, ())),
        _ => Err(Stop::at(start, keyword)),
    }
}

/// Several keywords, one after the other.
pub(super) fn keywords<'a>(mut input: &'a str, all: &[&'static str]) -> Read<'a, ()> {
    for one in all {
        input = keyword(input, one)?.0;
    }
    Ok((input, ()))
}

/// A name: `"in quotes"`, a quote in it doubled, or a word that is not reserved.
pub(super) fn name(input: &str) -> Read<'_, Cow<'_, str>> {
    let start = spaces(input);
    if start.starts_with('"') {
        return quoted(start, '"', "a closing `\"`").and_then(|(rest, text)| {
            if text.is_empty() { Err(Stop::at(start, "a name")) } else { Ok((rest, text)) }
        });
    }
    match word(start) {
        Some((rest, text)) if !RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(text)) => {
            Ok((rest, Cow::Borrowed(text)))
        }
        _ => Err(Stop::at(start, "a name")),
    }
}

/// `'text'`, a quote in it doubled.
pub(super) fn string(input: &str) -> Read<'_, Cow<'_, str>> {
    quoted(spaces(input), '\'', "a closing `'`")
}

fn quoted<'a>(start: &'a str, quote: char, expected: &'static str) -> Read<'a, Cow<'a, str>> {
    let body = start.strip_prefix(quote).ok_or_else(|| Stop::at(start, "a quote"))?;
    let mut rest = body;
    let mut doubled = false;
    loop {
        let Some((_, after)) = rest.split_once(quote) else { return Err(Stop::at(start, expected)) };
        if let Some(after) = after.strip_prefix(quote) {
            doubled = true;
            rest = after;
            continue;
        }
        let length = body.len().saturating_sub(after.len()).saturating_sub(quote.len_utf8());
        let text = body.get(..length).unwrap_or_default();
        let text = if doubled { Cow::Owned(undoubled(text, quote)) } else { Cow::Borrowed(text) };
        return Ok((after, text));
    }
}

fn undoubled(text: &str, quote: char) -> String {
    text.replace(&format!("{quote}{quote}"), &quote.to_string())
}

/// `-1.5e3`; what follows must not go on as a word.
pub(super) fn number(input: &str) -> Read<'_, &str> {
    let start = spaces(input);
    let refused = || Stop::at(start, "a number");
    let digits =
        |text: &str| text.len().saturating_sub(text.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    let mut end = usize::from(start.starts_with(['-', '+']));
    let whole = digits(start.get(end..).unwrap_or_default());
    end = end.saturating_add(whole);
    if whole == 0 {
        return Err(refused());
    }
    if let Some(fraction) = start.get(end..).and_then(|rest| rest.strip_prefix('.')) {
        end = end.saturating_add(1).saturating_add(digits(fraction));
    }
    if let Some(power) = start.get(end..).and_then(|rest| rest.strip_prefix(['e', 'E'])) {
        let sign = usize::from(power.starts_with(['-', '+']));
        end = end.saturating_add(1).saturating_add(sign);
        end = end.saturating_add(digits(power.get(sign..).unwrap_or_default()));
    }
    let (text, rest) = start.split_at_checked(end).ok_or_else(refused)?;
    if rest.starts_with(|c: char| c == '_' || c == '.' || c.is_alphanumeric()) {
        return Err(refused());
    }
    Ok((rest, text))
}

/// A letter or an underscore, then letters, digits, underscores, none of them beyond ASCII.
pub(super) fn word(start: &str) -> Option<(&str, &str)> {
    if !start.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let rest = start.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let text = start.get(..start.len().checked_sub(rest.len())?)?;
    if rest.starts_with(|c: char| !c.is_ascii() || c == '$') { None } else { Some((rest, text)) }
}

/// `a, b, c`, at least one.
pub(super) fn list<'a, T>(input: &'a str, mut one: impl FnMut(&'a str) -> Read<'a, T>) -> Read<'a, Vec<T>> {
    let (mut rest, first) = one(input)?;
    let mut all = vec![first];
    while let Ok((after, ())) = symbol(rest, ",") {
        let (end, next) = one(after)?;
        all.push(next);
        rest = end;
    }
    Ok((rest, all))
}
