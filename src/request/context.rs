//! The request's context: keys with one value, with many, or absent.
//!
//! A key is found by the fixed hash of its folded name, and its name is compared on a hit, since names such as tag
//! keys are chosen by callers. Up to 48 keys the table is 64 bytes.

use std::borrow::Cow;

use crate::text::fold::{eq_folded, folded_hash};
use crate::text::pool::{Resolved, Variables};
use crate::text::span::to_u32;

use super::error::RequestError;

/// The value of a context key. `One` and `Many` of one differ: a plain operator does not read a multivalued key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue<'a> {
    /// A single-valued key.
    One(Cow<'a, str>),
    /// A multivalued key; an empty one counts as absent.
    Many(Vec<Cow<'a, str>>),
}

/// A context key and its value.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    hash: u64,
    name: Cow<'a, str>,
    value: ContextValue<'a>,
}

/// The keys of one request.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    entries: Vec<Entry<'a>>,
    table: Table,
}

/// Open addressing over entry numbers from 1; 0 is free.
#[derive(Clone, Debug)]
enum Table {
    Small([u8; SMALL]),
    Large(Vec<u32>),
}

const SMALL: usize = 64;
const SMALL_KEYS: usize = 48;

impl Default for Table {
    fn default() -> Self {
        Self::Small([0; SMALL])
    }
}

impl<'a> Entry<'a> {
    /// The key's name as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value.
    pub fn value(&self) -> &ContextValue<'a> {
        &self.value
    }
}

impl<'a> Context<'a> {
    /// Adds a key; one that is already there, under the case fold, is refused.
    pub fn insert(&mut self, name: Cow<'a, str>, value: ContextValue<'a>) -> Result<(), RequestError> {
        if name.is_empty() {
            return Err(RequestError::EmptyKey);
        }
        let hash = folded_hash(&name);
        if let Some(known) = self.find(hash, &name) {
            return Err(if known.name == name {
                RequestError::RepeatedKey(name.into_owned())
            } else {
                RequestError::AmbiguousKey(known.name.to_string(), name.into_owned())
            });
        }
        self.entries.push(Entry { hash, name, value });
        if self.entries.len() > SMALL_KEYS {
            self.grow();
        }
        let number = self.entries.len();
        self.place(hash, number);
        Ok(())
    }

    /// The value of a key, by name.
    pub fn get(&self, name: &str) -> Option<&ContextValue<'a>> {
        self.find(folded_hash(name), name).map(|entry| &entry.value)
    }

    /// The value of a key, by the hash of its folded name and the name itself.
    pub fn get_hashed(&self, hash: u64, name: &str) -> Option<&ContextValue<'a>> {
        self.find(hash, name).map(|entry| &entry.value)
    }

    /// All keys, in the order given.
    pub fn entries(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn find(&self, hash: u64, name: &str) -> Option<&Entry<'a>> {
        let mut slot = slot_of(hash);
        loop {
            let number = self.table.number(slot);
            let entry = self.entries.get(number.checked_sub(1)?)?;
            if entry.hash == hash && eq_folded(&entry.name, name) {
                return Some(entry);
            }
            slot = slot.wrapping_add(1);
        }
    }

    fn place(&mut self, hash: u64, number: usize) {
        let mut slot = slot_of(hash);
        while self.table.number(slot) != 0 {
            slot = slot.wrapping_add(1);
        }
        self.table.set(slot, number);
    }

    /// Makes room for the next key: at most half of the places are taken.
    fn grow(&mut self) {
        let size = self.entries.len().saturating_mul(2).next_power_of_two();
        if matches!(&self.table, Table::Large(slots) if slots.len() >= size) {
            return;
        }
        self.table = Table::Large(vec![0; size]);
        let placed: Vec<u64> = self.entries.iter().map(|entry| entry.hash).collect();
        for (index, hash) in placed.iter().enumerate().take(placed.len().saturating_sub(1)) {
            self.place(*hash, index.saturating_add(1));
        }
    }
}

impl Table {
    fn number(&self, slot: usize) -> usize {
        match self {
            Self::Small(slots) => slots.get(slot % SMALL).copied().unwrap_or_default().into(),
            Self::Large(slots) => {
                slots.get(slot & slots.len().wrapping_sub(1)).copied().unwrap_or_default() as usize
            }
        }
    }

    fn set(&mut self, slot: usize, number: usize) {
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
fn slot_of(hash: u64) -> usize {
    usize::try_from(hash >> 40).unwrap_or_default()
}

impl ContextValue<'_> {
    /// The values; none if the key counts as absent.
    pub fn texts(&self) -> &[Cow<'_, str>] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

impl Variables for Context<'_> {
    fn resolve(&self, hash: u64, name: &str) -> Resolved<'_> {
        match self.get_hashed(hash, name) {
            Some(ContextValue::One(text)) => Resolved::Text(text),
            Some(ContextValue::Many(texts)) if !texts.is_empty() => Resolved::Multivalued,
            Some(ContextValue::Many(_)) | None => Resolved::Absent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_whatever_their_case_and_number() {
        let mut context = Context::default();
        for i in 0..500 {
            context
                .insert(format!("aws:PrincipalTag/K{i}").into(), ContextValue::One(i.to_string().into()))
                .unwrap();
            for j in 0..=i {
                let name = format!("AWS:principaltag/k{j}");
                assert_eq!(context.get(&name), Some(&ContextValue::One(j.to_string().into())), "{i} {j}");
            }
            assert_eq!(context.get("aws:absent"), None);
        }
    }

    #[test]
    fn keys_that_fold_alike_are_refused() {
        let mut context = Context::default();
        context.insert("aws:RequestTag/EC2".into(), ContextValue::One("a".into())).unwrap();
        let error = context.insert("aws:requesttag/ec2".into(), ContextValue::One("b".into())).unwrap_err();
        assert_eq!(error.code(), "AMBIGUOUS_CONTEXT_KEY");
    }
}
