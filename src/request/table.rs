//! What finds a context key: open addressing from the hash of its folded name. Whoever finds compares the name.
//!
//! Names are chosen by callers, tag keys for one, and the hash is not keyed. So a search is bounded: what found no place
//! is kept in the order of the folded names.

use std::cmp::Ordering;

use crate::text::probe::{PROBES, steps};
use crate::text::span::to_u32;

/// Open addressing over entry numbers from 1; 0 is free.
#[derive(Debug)]
pub(super) enum Table {
    /// So small that a search may look at every place.
    Small([u8; SMALL]),
    Large {
        slots: Vec<u32>,
        /// Numbers of entries that found no place, by their folded names.
        crowded: Vec<u32>,
    },
}

const SMALL: usize = PROBES;
/// How many keys the small table holds.
pub(super) const SMALL_KEYS: usize = 48;

impl Default for Table {
    fn default() -> Self {
        Self::Small([0; SMALL])
    }
}

impl Clone for Table {
    fn clone(&self) -> Self {
        match self {
            Self::Small(slots) => Self::Small(*slots),
            Self::Large { slots, crowded } => Self::Large { slots: slots.clone(), crowded: crowded.clone() },
        }
    }

    /// In place: every request of a session begins with its table.
    #[inline]
    fn clone_from(&mut self, other: &Self) {
        match (self, other) {
            (Self::Small(own), Self::Small(slots)) => own.copy_from_slice(slots),
            (Self::Large { slots: own, crowded: owns }, Self::Large { slots, crowded }) => {
                own.clone_from(slots);
                owns.clone_from(crowded);
            }
            (own, other) => *own = other.clone(),
        }
    }
}

impl Table {
    /// A table with so many places, a power of two.
    pub(super) fn large(size: usize) -> Self {
        Self::Large { slots: vec![0; size], crowded: Vec::new() }
    }

    /// Empties it.
    pub(super) fn clear(&mut self) {
        match self {
            Self::Small(slots) => slots.fill(0),
            Self::Large { .. } => *self = Self::default(),
        }
    }

    #[inline]
    pub(super) fn number(&self, slot: usize) -> usize {
        match self {
            Self::Small(slots) => slots.get(slot % SMALL).copied().unwrap_or_default().into(),
            Self::Large { slots, .. } => {
                slots.get(slot & slots.len().wrapping_sub(1)).copied().unwrap_or_default() as usize
            }
        }
    }

    /// Files a number under a hash, in the first free slot; among the crowded ones if there is none near. `order`
    /// compares the folded name of another entry with that of this one.
    pub(super) fn place(&mut self, hash: u64, number: usize, order: impl Fn(usize) -> Ordering) {
        match steps(slot_of(hash)).find(|slot| self.number(*slot) == 0) {
            Some(slot) => self.set(slot, number),
            None => self.crowd(number, order),
        }
    }

    /// Files a number in a slot.
    #[inline]
    pub(super) fn set(&mut self, slot: usize, number: usize) {
        match self {
            Self::Small(slots) => {
                if let Some(place) = slots.get_mut(slot % SMALL) {
                    *place = u8::try_from(number).unwrap_or_default();
                }
            }
            Self::Large { slots, .. } => {
                let mask = slots.len().wrapping_sub(1);
                if let Some(place) = slots.get_mut(slot & mask) {
                    *place = to_u32(number);
                }
            }
        }
    }

    /// Files a number that finds no slot.
    #[cold]
    pub(super) fn crowd(&mut self, number: usize, order: impl Fn(usize) -> Ordering) {
        if let Self::Large { crowded, .. } = self {
            let at = crowded.partition_point(|other| order(*other as usize).is_lt());
            crowded.insert(at, to_u32(number));
        }
    }

    /// The number of an entry that found no slot; `order` compares the folded name of an entry with that asked for.
    #[cold]
    pub(super) fn crowded(&self, order: impl Fn(usize) -> Ordering) -> Option<usize> {
        let Self::Large { crowded, .. } = self else { return None };
        let at = crowded.binary_search_by(|number| order(*number as usize)).ok()?;
        crowded.get(at).map(|number| *number as usize)
    }
}

/// Where the search for a hash begins.
pub(super) fn slot_of(hash: u64) -> usize {
    usize::try_from(hash >> 40).unwrap_or_default()
}
