//! What finds a context key: open addressing from the hash of its folded name. Whoever finds compares the name.

use crate::text::span::to_u32;

/// Open addressing over entry numbers from 1; 0 is free.
#[derive(Debug)]
pub(super) enum Table {
    Small([u8; SMALL]),
    Large(Vec<u32>),
}

const SMALL: usize = 64;
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
            Self::Large(slots) => Self::Large(slots.clone()),
        }
    }

    /// In place: every request of a session begins with its table.
    #[inline]
    fn clone_from(&mut self, other: &Self) {
        match (self, other) {
            (Self::Small(own), Self::Small(slots)) => own.copy_from_slice(slots),
            (Self::Large(own), Self::Large(slots)) => own.clone_from(slots),
            (own, other) => *own = other.clone(),
        }
    }
}

impl Table {
    /// Empties it.
    pub(super) fn clear(&mut self) {
        match self {
            Self::Small(slots) => slots.fill(0),
            Self::Large(_) => *self = Self::default(),
        }
    }

    #[inline]
    pub(super) fn number(&self, slot: usize) -> usize {
        match self {
            Self::Small(slots) => slots.get(slot % SMALL).copied().unwrap_or_default().into(),
            Self::Large(slots) => {
                slots.get(slot & slots.len().wrapping_sub(1)).copied().unwrap_or_default() as usize
            }
        }
    }

    /// Files a number under a hash, in the first free slot.
    pub(super) fn place(&mut self, hash: u64, number: usize) {
        let mut slot = slot_of(hash);
        while self.number(slot) != 0 {
            slot = slot.wrapping_add(1);
        }
        self.set(slot, number);
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
            Self::Large(slots) => {
                let mask = slots.len().wrapping_sub(1);
                if let Some(place) = slots.get_mut(slot & mask) {
                    *place = to_u32(number);
                }
            }
        }
    }
}

/// Where the search for a hash begins; the upper bits are the better mixed.
pub(super) fn slot_of(hash: u64) -> usize {
    usize::try_from(hash >> 40).unwrap_or_default()
}
