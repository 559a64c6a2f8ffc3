//! The one case fold: of condition-key names and of the IgnoreCase operators.
//!
//! Per character, no locale: upper case if that stays one character, then lower case if that stays one character.
//! So `ß` is not `SS` and `İ` is not `i̇`. Text that is all ASCII takes a path over eight bytes at a time.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::hash::{hash_lower, hash_lower_ascii};
use super::word::eq_ignore_case;

/// Folds one character.
pub fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let upper = single(c.to_uppercase()).unwrap_or(c);
    single(upper.to_lowercase()).unwrap_or(upper)
}

/// Folds a text; borrows where nothing changes.
pub fn fold_text(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| fold(c) == c) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(fold).collect())
    }
}

/// Whether two texts are equal under the fold.
#[inline]
pub fn eq_folded(a: &str, b: &str) -> bool {
    // Most names are written alike on both sides.
    a == b || differ_in_case(a, b)
}

#[inline(never)]
fn differ_in_case(a: &str, b: &str) -> bool {
    if let Some(are_equal) = eq_ignore_case(a.as_bytes(), b.as_bytes()) {
        return are_equal;
    }
    a.chars().map(fold).eq(b.chars().map(fold))
}

/// The order of two texts under the fold: equal where [`eq_folded`] says so.
pub fn cmp_folded(a: &str, b: &str) -> Ordering {
    a.chars().map(fold).cmp(b.chars().map(fold))
}

/// Whether a text begins with another under the fold.
#[inline]
pub fn starts_with_folded(text: &str, beginning: &str) -> bool {
    // PERF: the first characters of most texts tell.
    match (text.as_bytes(), beginning.as_bytes()) {
        ([own, ..], [other, ..])
            if own.is_ascii() && other.is_ascii() && !own.eq_ignore_ascii_case(other) =>
        {
            false
        }
        _ => goes_on_as(text, beginning),
    }
}

#[inline(never)]
fn goes_on_as(text: &str, beginning: &str) -> bool {
    if let Some(head) = text.as_bytes().get(..beginning.len())
        && let Some(is_equal) = eq_ignore_case(head, beginning.as_bytes())
    {
        return is_equal;
    }
    let mut text = text.chars().map(fold);
    beginning.chars().all(|c| text.next() == Some(fold(c)))
}

/// A fixed 64-bit hash of the folded text: equal texts under the fold have equal hashes, in every process.
///
/// It is not keyed, so an attacker can make two names collide: whoever looks a name up by it must compare the name.
#[inline]
pub fn folded_hash(text: &str) -> u64 {
    match hash_lower_ascii(text.as_bytes()) {
        Some(hash) => hash,
        None => hash_beyond_ascii(text),
    }
}

/// PERF: a call, which nearly no name makes.
#[cold]
fn hash_beyond_ascii(text: &str) -> u64 {
    let folded: String = text.chars().map(fold).collect();
    hash_lower(folded.as_bytes())
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_one_character_at_a_time() {
        assert_eq!(fold('A'), 'a');
        assert_eq!(fold('É'), 'é');
        assert_eq!(fold('ß'), 'ß');
        assert_eq!(fold('İ'), 'İ');
        assert_eq!(fold('ſ'), 's');
        assert!(eq_folded("STRASSE", "strasse") && !eq_folded("straße", "strasse"));
    }

    #[test]
    fn beginnings_under_the_fold() {
        for (text, beginning, expected) in [
            ("aws:PrincipalTag/x", "AWS:principaltag/", true),
            ("aws:PrincipalTa", "aws:PrincipalTag/", false),
            ("\u{212a}ey", "KE", true),
            ("key", "\u{212a}E", true),
            ("aws:RequestTag/É", "aws:requesttag/é", true),
            ("aws:RequestTag/e", "aws:requesttag/é", false),
            ("", "a", false),
            ("a", "", true),
            ("\u{17f}ts", "STS", true),
            ("sts", "\u{17f}", true),
            ("é", "", true),
        ] {
            assert_eq!(starts_with_folded(text, beginning), expected, "{text} {beginning}");
        }
    }

    #[test]
    fn equal_under_the_fold_hash_alike() {
        for (a, b) in [
            ("aws:PrincipalTag/Team", "AWS:principaltag/tEAM"),
            ("\u{212a}ey", "KEY"),
            ("aws:PrincipalTag/É", "aws:principaltag/é"),
            ("", ""),
        ] {
            assert!(eq_folded(a, b), "{a} {b}");
            assert_eq!(folded_hash(a), folded_hash(b), "{a} {b}");
        }
        assert_ne!(folded_hash("a"), folded_hash("a\0"));
    }
}
