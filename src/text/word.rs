//! Texts eight bytes at a time, for what every request does to its texts.

use std::ops::ControlFlow;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * ONES;

/// The high bit of each byte of a word that lies between two ASCII bytes, both included.
#[inline]
pub(crate) fn between(word: u64, first: u8, last: u8) -> u64 {
    let seven = word & !HIGH;
    // A byte has at most 0x7f here and 0x80 is added to it: nothing carries.
    let reaches = seven.wrapping_add(u64::from(0x80_u8.wrapping_sub(first)).wrapping_mul(ONES));
    let passes = seven.wrapping_add(u64::from(0x7f_u8.wrapping_sub(last)).wrapping_mul(ONES));
    reaches & !passes & !word & HIGH
}

/// The first byte that a mask of [`between`] names, by its place in the word; 8 if there is none.
#[inline]
pub(crate) fn first(mask: u64) -> usize {
    (mask.trailing_zeros() / 8) as usize
}

/// ASCII lower case; bytes from 0x80 up stay as they are.
#[inline]
pub(crate) fn lower(word: u64) -> u64 {
    word | (between(word, b'A', b'Z') >> 2)
}

/// Whether every byte is ASCII.
#[inline]
pub(crate) fn is_ascii(word: u64) -> bool {
    word & HIGH == 0
}

/// Fewer than eight bytes in one word, some of them twice: a word for each text of one length.
#[inline]
pub(crate) fn short_word(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
    }
    let at = |index: usize| u64::from(bytes.get(index).copied().unwrap_or_default());
    at(0) | at(1) << 8 | at(2) << 16
}

/// Whether two texts are equal, case ignored, if both are ASCII.
#[inline]
pub(crate) fn eq_ignore_case(a: &[u8], b: &[u8]) -> Option<bool> {
    if a.len() != b.len() {
        return (a.is_ascii() && b.is_ascii()).then_some(false);
    }
    let last = |bytes: &[u8]| {
        bytes.last_chunk::<8>().map_or_else(|| short_word(bytes), |last| u64::from_le_bytes(*last))
    };
    let (own, other) = (last(a), last(b));
    let (mut met, mut differ) = (own | other, lower(own) ^ lower(other));
    for (own, other) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        let (own, other) = (u64::from_le_bytes(*own), u64::from_le_bytes(*other));
        met |= own | other;
        differ |= lower(own) ^ lower(other);
    }
    is_ascii(met).then_some(differ == 0)
}

/// Visits the words of a text with the places where they begin, until a visit breaks; the last word is filled up with
/// zeros.
#[allow(clippy::inline_always, reason = "a loop around a few instructions")]
#[inline(always)]
pub(crate) fn each_word<B>(
    bytes: &[u8],
    mut visit: impl FnMut(usize, u64) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let (whole, rest) = bytes.as_chunks::<8>();
    let mut start = 0_usize;
    for word in whole {
        visit(start, u64::from_le_bytes(*word))?;
        start = start.wrapping_add(8);
    }
    if rest.is_empty() { ControlFlow::Continue(()) } else { visit(start, tail(bytes, rest)) }
}

/// The bytes past the last whole word.
#[inline]
fn tail(bytes: &[u8], rest: &[u8]) -> u64 {
    match bytes.last_chunk::<8>() {
        // PERF: the last eight bytes without those that stand in the word before.
        Some(last) => u64::from_le_bytes(*last) >> (64_usize.wrapping_sub(rest.len().wrapping_mul(8)) & 63),
        None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_agree_with_bytes() {
        for byte in 0..=255_u8 {
            let bytes = [byte, b'@', b'[', 0xc1, b'Z', b'A', b'`', b'{'];
            let word = u64::from_le_bytes(bytes);
            assert_eq!(lower(word).to_le_bytes(), bytes.map(|b| b.to_ascii_lowercase()));
            assert!(!is_ascii(word) && is_ascii(word & !HIGH));
            for (first, last) in [(b'A', b'Z'), (b':', b':'), (0, 0x7f), (b'0', b':'), (0, 0)] {
                let expected = bytes.map(|b| if (first..=last).contains(&b) { 0x80 } else { 0 });
                let mask = between(word, first, last);
                assert_eq!(mask.to_le_bytes(), expected, "{byte} {first} {last}");
                assert_eq!(super::first(mask), expected.iter().position(|b| *b != 0).unwrap_or(8));
            }
        }
    }

    #[test]
    fn equality_ignores_case_of_ascii_alone() {
        for len in 0..20 {
            let text: Vec<u8> = (0..len).map(|place| b"aZ@[`{0.z"[place % 9]).collect();
            assert_eq!(eq_ignore_case(&text, &text.to_ascii_uppercase()), Some(true), "{len}");
            assert_eq!(eq_ignore_case(&text, &[&text[..], b"a"].concat()), Some(false), "{len}");
            for place in 0..len {
                let mut other = text.clone();
                other[place] ^= 0x20;
                let expected = text.eq_ignore_ascii_case(&other);
                assert_eq!(eq_ignore_case(&text, &other), Some(expected), "{len} {place}");
                other[place] = 0xc3;
                assert_eq!(eq_ignore_case(&text, &other), None, "{len} {place}");
                assert_eq!(eq_ignore_case(&other, &text), None, "{len} {place}");
            }
        }
    }

    #[test]
    fn words_hold_every_byte_once() {
        let bytes: Vec<u8> = (1..=40).collect();
        for len in 0..=bytes.len() {
            let text = bytes.get(..len).unwrap();
            let mut met = Vec::new();
            let _: ControlFlow<()> = each_word(text, |start, word| {
                assert_eq!(start, met.len());
                met.extend(word.to_le_bytes());
                ControlFlow::Continue(())
            });
            let (own, padding) = met.split_at(len);
            assert_eq!(own, text);
            assert!(padding.len() < 8 && padding.iter().all(|byte| *byte == 0));
        }
    }
}
