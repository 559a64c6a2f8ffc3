//! The one case fold: of condition-key names and of the IgnoreCase operators.
//!
//! Per character, no locale: upper case if that stays one character, then lower case if that stays one character.
//! So `ß` is not `SS` and `İ` is not `i̇`. Text that is all ASCII takes a path over eight bytes at a time.

use std::borrow::Cow;

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
pub fn eq_folded(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().map(fold).eq(b.chars().map(fold))
}

/// A fixed 64-bit hash of the folded text: equal texts under the fold have equal hashes, in every process.
///
/// It is not keyed, so an attacker can make two names collide: whoever looks a name up by it must compare the name.
pub fn folded_hash(text: &str) -> u64 {
    if text.is_ascii() {
        return hash_ascii(text.as_bytes());
    }
    let folded: String = text.chars().map(fold).collect();
    hash_ascii(folded.as_bytes())
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

fn hash_ascii(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = (bytes.len() as u64).wrapping_mul(MULTIPLIER);
    for word in words {
        hash = mix(hash ^ lower_word(u64::from_le_bytes(*word)));
    }
    if !rest.is_empty() {
        let last = rest.iter().rev().fold(0u64, |word, &byte| (word << 8) | u64::from(byte));
        hash = mix(hash ^ lower_word(last));
    }
    hash
}

fn mix(word: u64) -> u64 {
    let product = word.wrapping_mul(MULTIPLIER);
    product ^ (product >> 29)
}

/// ASCII lower case of eight bytes at once; bytes from 0x80 up stay as they are.
fn lower_word(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let seven = word & (0x7f * ONES);
    let from_a = seven + (0x80 - 0x41) * ONES;
    let past_z = seven + (0x80 - 0x5b) * ONES;
    let upper = (from_a & !past_z & !word) & (0x80 * ONES);
    word | (upper >> 2)
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

    #[test]
    fn word_fold_agrees_with_bytes() {
        for byte in 0..=255u8 {
            let word = u64::from_le_bytes([byte, b'@', b'[', 0xc1, b'Z', b'A', b'`', b'{']);
            let expected = word.to_le_bytes().map(|b| b.to_ascii_lowercase());
            assert_eq!(lower_word(word).to_le_bytes(), expected);
        }
    }
}
