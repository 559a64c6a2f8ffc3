//! Names to the numbers of what they name, laid out so that finding one of a hundred thousand touches little memory: the
//! slot with the number, and the text that is compared, one after the other in one piece.
//!
//! The hash is not keyed: names come from manifests, and whoever asks adds none.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Names, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    slots: HashTable<Slot>,
    texts: String,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Where the name stands in the texts.
    start: usize,
    length: u32,
    number: u32,
}

impl Slot {
    /// Whether it is a name's.
    fn is_of(self, name: &str, texts: &str) -> bool {
        self.length as usize == name.len()
            && texts.as_bytes().get(self.start..self.start.saturating_add(name.len()))
                == Some(name.as_bytes())
    }
}

impl Names {
    /// Adds a name; one that is there already keeps its number.
    pub(super) fn insert(&mut self, name: &str, number: u32) {
        if self.get(name).is_some() {
            return;
        }
        let slot = Slot { start: self.texts.len(), length: crate::text::span::to_u32(name.len()), number };
        self.texts.push_str(name);
        let texts = &self.texts;
        let rehash = |slot: &Slot| {
            let end = slot.start.saturating_add(slot.length as usize);
            hash(texts.as_bytes().get(slot.start..end).unwrap_or_default())
        };
        self.slots.insert_unique(hash(name.as_bytes()), slot, rehash);
    }

    /// The number of a name.
    #[inline]
    pub(super) fn get(&self, name: &str) -> Option<u32> {
        let found = self.slots.find(hash(name.as_bytes()), |slot| slot.is_of(name, &self.texts));
        found.map(|slot| slot.number)
    }

    /// Gives back the memory that was kept for more names.
    pub(super) fn shrink(&mut self) {
        self.texts.shrink_to_fit();
    }
}

fn hash(name: &[u8]) -> u64 {
    FixedState::with_seed(0).hash_one(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_its_number() {
        let mut names = Names::default();
        for number in 0..10_000 {
            names.insert(&format!("name-{number}"), number);
        }
        names.insert("name-7", 8);
        names.insert("", 1);
        for number in 0..10_000 {
            assert_eq!(names.get(&format!("name-{number}")), Some(number));
        }
        assert_eq!([names.get(""), names.get("name-"), names.get("name-77777")], [Some(1), None, None]);
    }
}
