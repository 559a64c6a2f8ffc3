//! A fixed, unkeyed 64-bit hash, eight bytes at a time. Whoever finds something by it compares the text on a hit.

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hash of some bytes.
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    hash_words(bytes, |word| word)
}

/// The hash of some bytes, ASCII upper case taken for lower case.
pub fn hash_lower(bytes: &[u8]) -> u64 {
    hash_words(bytes, lower_word)
}

/// Mixes a word into a hash.
pub fn mix(hash: u64, word: u64) -> u64 {
    let product = (hash ^ word).wrapping_mul(MULTIPLIER);
    product ^ (product >> 29)
}

fn hash_words(bytes: &[u8], map: impl Fn(u64) -> u64) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = (bytes.len() as u64).wrapping_mul(MULTIPLIER);
    for word in words {
        hash = mix(hash, map(u64::from_le_bytes(*word)));
    }
    if !rest.is_empty() {
        let last = rest.iter().rev().fold(0u64, |word, &byte| (word << 8) | u64::from(byte));
        hash = mix(hash, map(last));
    }
    hash
}

/// ASCII lower case of eight bytes at once; bytes from 0x80 up stay as they are.
fn lower_word(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let seven = word & (0x7f * ONES);
    // At most 0x7f and 0x3f a byte: nothing carries.
    let from_a = seven.wrapping_add((0x80 - 0x41) * ONES);
    let past_z = seven.wrapping_add((0x80 - 0x5b) * ONES);
    let upper = (from_a & !past_z & !word) & (0x80 * ONES);
    word | (upper >> 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_fold_agrees_with_bytes() {
        for byte in 0..=255u8 {
            let word = u64::from_le_bytes([byte, b'@', b'[', 0xc1, b'Z', b'A', b'`', b'{']);
            let expected = word.to_le_bytes().map(|b| b.to_ascii_lowercase());
            assert_eq!(lower_word(word).to_le_bytes(), expected);
        }
    }
}
