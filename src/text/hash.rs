//! A fixed, unkeyed 64-bit hash, eight bytes at a time. Whoever finds something by it compares the text on a hit.

use super::word::{is_ascii, lower, short_word};

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hash of some bytes.
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    hash_words(bytes, |word| word)
}

/// The hash of some bytes, ASCII upper case taken for lower case.
pub fn hash_lower(bytes: &[u8]) -> u64 {
    hash_words(bytes, lower)
}

/// The same, of ASCII alone; `None` if a byte is not.
#[inline]
pub fn hash_lower_ascii(bytes: &[u8]) -> Option<u64> {
    let mut met = 0;
    let hash = hash_words(bytes, |word| {
        met |= word;
        lower(word)
    });
    is_ascii(met).then_some(hash)
}

/// Mixes a word into a hash: both halves of a product, so that every bit of the word reaches every part of the hash.
/// What numbers at the end of a name change are the highest bits of a word, which the lower half alone would leave high.
#[inline]
pub fn mix(hash: u64, word: u64) -> u64 {
    let (low, high) = (hash ^ word).carrying_mul(MULTIPLIER, 0);
    low ^ high
}

#[inline]
fn hash_words(bytes: &[u8], mut map: impl FnMut(u64) -> u64) -> u64 {
    let mut hash = (bytes.len() as u64).wrapping_mul(MULTIPLIER);
    // The number of bytes is hashed too, so that what overlaps is harmless.
    // PERF: the last word overlaps the one before it, rather than a loop over single bytes.
    let Some(last) = bytes.last_chunk::<8>() else { return mix(hash, map(short_word(bytes))) };
    for word in bytes.as_chunks::<8>().0 {
        hash = mix(hash, map(u64::from_le_bytes(*word)));
    }
    mix(hash, map(u64::from_le_bytes(*last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_counts() {
        for len in 1..40 {
            let text = vec![b'a'; len];
            for place in 0..len {
                let mut other = text.clone();
                if let Some(byte) = other.get_mut(place) {
                    *byte = b'b';
                }
                assert_ne!(hash_bytes(&text), hash_bytes(&other), "{len} {place}");
                assert_eq!(hash_lower(&text.to_ascii_uppercase()), hash_lower(&text));
            }
            assert_ne!(hash_bytes(&text), hash_bytes(text.get(1..).unwrap_or_default()), "{len}");
        }
    }

    /// Names that differ in a number at their end, as tags, tenants and folders do.
    #[test]
    fn numbered_names_do_not_crowd() {
        let forms: [fn(usize) -> String; 5] = [
            |number| format!("s3:getobject{number}"),
            |number| format!("tenant-{number:06}"),
            |number| format!("aws:principaltag/k{number}"),
            |number| format!("us-east-1:{number:08x}-0000-0000"),
            |number| format!("{number:06}-some-longer-name"),
        ];
        for form in forms {
            for shift in [32, 40] {
                let mut places = [false; 512];
                let mut passed = 0;
                for number in 0..384 {
                    let start = usize::try_from(hash_bytes(form(number).as_bytes()) >> shift).unwrap();
                    let free = (0..512).find(|step| !places[start.wrapping_add(*step) % 512]).unwrap();
                    places[start.wrapping_add(free) % 512] = true;
                    passed += free;
                }
                assert!(passed < 384 * 4, "{}: {passed} places passed", form(1));
            }
        }
    }
}
