//! `Action` and `NotAction`: `*`, or `prefix:Name` with wildcards in both halves.

use super::glob;
use super::truth::Truth;

/// Refuses a pattern that is neither `*` nor well formed.
pub fn check(pattern: &str) -> Result<(), String> {
    let well_formed = match pattern.split_once(':') {
        Some((prefix, name)) => only(prefix, "-*?") && only(name, "-_*?"),
        None => pattern == "*",
    };
    if well_formed { Ok(()) } else { Err(format!("`{pattern}` is not an action")) }
}

/// Refuses a request's action that is not one concrete `prefix:Name`.
pub fn check_request(action: &str) -> Result<(), String> {
    match action.split_once(':') {
        Some((prefix, name)) if only(prefix, "-") && only(name, "-_") => Ok(()),
        _ => Err(format!("`{action}` is not one concrete action")),
    }
}

/// One character or more, all letters, digits or of `extra`.
fn only(text: &str, extra: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
}

/// Whether any of the patterns matches the action; case does not count.
pub fn matches_any<'a>(patterns: impl IntoIterator<Item = &'a str>, action: &str) -> Truth {
    Truth::any(patterns.into_iter().map(|pattern| Truth::of(matches(pattern, action))))
}

fn matches(pattern: &str, action: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    match (pattern.split_once(':'), action.split_once(':')) {
        (Some((prefix, name)), Some((service, operation))) => {
            glob::matches(&glob::tokens(prefix), service) && glob::matches(&glob::tokens(name), operation)
        }
        _ => false,
    }
}
