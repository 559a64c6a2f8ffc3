//! Names made to collide under the unkeyed hash, as whoever writes a hostile policy or request would make them: for
//! tests of what bounds a search.

#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use super::hash::{hash_bytes, mix};

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
/// Characters that may stand in every name: of an action, a path, a context key.
const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-_";

/// At least so many different names of one hash, which begin with the eight bytes given. Each block of sixteen bytes
/// has two forms that lead from one state of the hash to the same next one, so that every block doubles the names.
pub(crate) fn of_one_hash(head: [u8; 8], least: usize) -> Vec<String> {
    let blocks = least.next_power_of_two().trailing_zeros() as usize;
    let length = 16 + blocks * 16;
    let mut state = mix((length as u64).wrapping_mul(MULTIPLIER), u64::from_le_bytes(head));
    let mut names = vec![head.to_vec()];
    for _ in 0..blocks {
        let (one, other) = block(state);
        state = mix(mix(state, word(&one, 0)), word(&one, 8));
        names =
            names.iter().flat_map(|name| [[name, &one[..]].concat(), [name, &other[..]].concat()]).collect();
    }
    names.into_iter().map(|name| String::from_utf8([&name, &b"the-same"[..]].concat()).unwrap()).collect()
}

/// So many different names, each made by `name` from a number, whose searches begin within one part of 256 of every
/// table of as many; `slot_of` tells where a search for a text begins.
pub(crate) fn of_few_slots(
    count: usize,
    name: impl Fn(u64) -> String,
    slot_of: impl Fn(&str) -> usize,
) -> Vec<String> {
    let places = (count * 2).next_power_of_two();
    let near = |name: &String| slot_of(name) % places < places.div_ceil(256);
    (0..).map(name).filter(near).take(count).collect()
}

/// Two blocks after which a state is the same.
fn block(state: u64) -> ([u8; 16], [u8; 16]) {
    (1..).find_map(|number| other_block(state, number)).unwrap()
}

/// A block that begins with a fixed word, and one that begins with a word of this number, if their second words can be
/// spelt.
fn other_block(state: u64, number: u64) -> Option<([u8; 16], [u8; 16])> {
    let (first, other) = (spelt(state), spelt(mix(state, number)));
    let after = |word| mix(state, u64::from_le_bytes(word));
    let difference = (after(first) ^ after(other)).to_le_bytes();
    let (mut second, mut third) = ([0; 8], [0; 8]);
    for ((one, two), bits) in second.iter_mut().zip(&mut third).zip(difference) {
        *one = *ALPHABET.iter().find(|byte| ALPHABET.contains(&(*byte ^ bits)))?;
        *two = *one ^ bits;
    }
    let join = |first: [u8; 8], second: [u8; 8]| [first, second].concat().try_into().ok();
    (first != other).then_some((join(first, second)?, join(other, third)?))
}

fn spelt(number: u64) -> [u8; 8] {
    number.to_le_bytes().map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()])
}

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

#[test]
fn they_collide() {
    let names = of_one_hash(*b"service:", 64);
    let different: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!((names.len(), different.len()), (64, 64));
    assert!(names.iter().all(|name| hash_bytes(name.as_bytes()) == hash_bytes(names[0].as_bytes())));
}
