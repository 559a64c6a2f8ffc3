//! Lists found by the literals that their items begin with: what a trie over prefixes would find, in two flat arrays.
//!
//! Heads are sorted, each linked to the longest other head that it begins with. The heads that a text begins with are
//! then the last head not after the text, if the text begins with it, and those that its links lead to.

use crate::text::pool::{Literal, Pool, held};
use crate::text::span::to_u32;

use super::Slice;

/// No other head.
const NONE: u32 = u32::MAX;

/// Any number of such lists.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    heads: Vec<Head>,
    items: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    text: Literal,
    /// The longest other head that this one begins with: its place in the list.
    shorter: u32,
    items: Slice,
}

impl Heads {
    /// Adds a list of items with their heads.
    pub(super) fn add(&mut self, pool: &Pool, mut entries: Vec<(Literal, u32)>) -> Slice {
        entries.sort_unstable_by(|a, b| pool.bytes(a.0).cmp(pool.bytes(b.0)).then(a.1.cmp(&b.1)));
        entries.dedup_by(|a, b| a.1 == b.1 && pool.bytes(a.0) == pool.bytes(b.0));
        let start = self.heads.len();
        let mut shorter: Vec<(u32, Literal)> = Vec::new();
        let groups = entries.chunk_by(|a, b| pool.bytes(a.0) == pool.bytes(b.0));
        for (place, group) in (0u32..).zip(groups) {
            let Some((text, _)) = group.first().copied() else { continue };
            while shorter.pop_if(|(_, last)| !pool.bytes(text).starts_with(pool.bytes(*last))).is_some() {}
            let first = self.items.len();
            self.items.extend(group.iter().map(|(_, item)| *item));
            let items = Slice::new(first, self.items.len());
            self.heads.push(Head { text, shorter: shorter.last().map_or(NONE, |(place, _)| *place), items });
            shorter.push((place, text));
        }
        Slice::new(start, self.heads.len())
    }

    /// The lists of the heads that a text begins with, the longest head first.
    pub(crate) fn of<'a>(
        &'a self,
        list: Slice,
        pool: &'a Pool,
        text: &'a [u8],
    ) -> impl Iterator<Item = &'a [u32]> {
        let heads = list.of(&self.heads);
        let after = heads.partition_point(|head| pool.bytes(head.text) <= text);
        let mut next = to_u32(after.wrapping_sub(1));
        std::iter::from_fn(move || {
            loop {
                let head = heads.get(next as usize)?;
                next = head.shorter;
                if text.starts_with(pool.bytes(head.text)) {
                    return Some(head.items.of(&self.items));
                }
            }
        })
    }

    pub(super) fn shrink(&mut self) {
        self.heads.shrink_to_fit();
        self.items.shrink_to_fit();
    }

    pub(super) fn memory(&self) -> usize {
        held(&self.heads).saturating_add(held(&self.items))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_head_that_a_text_begins_with_is_found() {
        let texts = ["", "a", "ab", "abc", "abd", "b", "ba/", "ba/c", "é", "ab"];
        let mut pool = Pool::new();
        let entries: Vec<_> = (0u32..).zip(texts).map(|(item, text)| (pool.add(text), item)).collect();
        let mut heads = Heads::default();
        let list = heads.add(&pool, entries);
        for text in ["", "a", "abcd", "abe", "ac", "ba/cd", "ba", "z", "ée", "A"] {
            let mut found: Vec<u32> = heads.of(list, &pool, text.as_bytes()).flatten().copied().collect();
            found.sort_unstable();
            let expected: Vec<u32> = (0u32..)
                .zip(texts)
                .filter(|(_, head)| text.starts_with(head))
                .map(|(item, _)| item)
                .collect();
            assert_eq!(found, expected, "{text}");
        }
        // An item may have several heads; the same twice counts once.
        let entries = ["k", "m", "k"].map(|text| (pool.add(text), 7));
        let list = heads.add(&pool, entries.to_vec());
        for text in ["kx", "mx"] {
            assert_eq!(heads.of(list, &pool, text.as_bytes()).flatten().collect::<Vec<_>>(), [&7], "{text}");
        }
        let none = heads.add(&pool, Vec::new());
        assert_eq!(heads.of(none, &pool, b"a").count(), 0);
    }

    /// What it tells is what its two lists hold, and after shrinking that is what is in them.
    #[test]
    fn memory_is_what_the_lists_hold() {
        let mut pool = Pool::new();
        let mut heads = Heads::default();
        assert_eq!(heads.memory(), 0);
        for list in ["abc", "de"] {
            let entries = list.chars().map(|c| (pool.add(&c.to_string()), 7)).collect();
            heads.add(&pool, entries);
        }
        heads.shrink();
        assert_eq!(heads.memory(), 5 * size_of::<Head>() + 5 * size_of::<u32>());
    }
}
