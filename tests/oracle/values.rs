//! The texts of condition values: scalars of JSON, numbers, booleans, bytes, and the fold that ignores case.

use std::str::FromStr;

use bigdecimal::BigDecimal;
use data_encoding::BASE64;
use serde_json::Value;

/// The text of a JSON scalar: a string as it is, a number or a boolean as it is spelt.
///
/// The tests build `serde_json` with arbitrary precision, so that a number arrives as its author spelt it.
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// One digit or more, and nothing else.
pub fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this is an account's number.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && is_digits(text)
}

/// `[+-]?digits[.digits]`, exactly.
pub fn number(text: &str) -> Option<BigDecimal> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let well_formed = match unsigned.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(unsigned),
    };
    if !well_formed {
        return None;
    }
    BigDecimal::from_str(text.strip_prefix('+').unwrap_or(text)).ok()
}

/// `true` or `false` in any case.
pub fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// The bytes of a base64 text: standard alphabet, canonical padding.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    // The decoder also takes padded blocks one after the other.
    let padding_inside = text.trim_end_matches('=').contains('=');
    BASE64.decode(text.as_bytes()).ok().filter(|_| !padding_inside)
}

/// The fold of operators that ignore case and of context key names: a character at a time, to upper case where that stays
/// one character, then to lower case where that stays one character.
pub fn fold(text: &str) -> String {
    text.chars()
        .map(|c| single(single(c, c.to_uppercase()), single(c, c.to_uppercase()).to_lowercase()))
        .collect()
}

/// The only character of the mapping, or the original where it has several.
fn single(original: char, mut mapping: impl Iterator<Item = char>) -> char {
    match (mapping.next(), mapping.next()) {
        (Some(only), None) => only,
        _ => original,
    }
}
