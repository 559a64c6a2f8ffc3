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
