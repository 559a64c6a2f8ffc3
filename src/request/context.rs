//! The request's context: keys with one value, with many, or absent.
//!
//! A key is found by the fixed hash of its folded name, and its name is compared on a hit, since names such as tag
//! keys are chosen by callers. Up to 48 keys the table is 64 bytes. The keys that a session fixes stand in a list of
//! their own, which many requests share; the table finds both.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

use crate::text::arn_pattern::ResourceText;
use crate::text::fold::{cmp_folded, eq_folded, folded_hash};
use crate::text::pool::{Resolved, Variables};
use crate::text::probe::steps;
use crate::text::span::to_u32;

use super::error::RequestError;
use super::path::PathHashes;
use super::scratch::Scratch;
use super::session::Sealed;
use super::table::{SMALL_KEYS, Table, slot_of};

/// The value of a context key. `One` and `Many` of one differ: a plain operator does not read a multivalued key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextValue<'c> {
    /// A single-valued key.
    One(&'c str),
    /// A multivalued key; an empty one counts as absent.
    Many(&'c [Cow<'c, str>]),
}

/// A context key; its values are in the list that holds it.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    hash: u64,
    name: Cow<'a, str>,
    start: u32,
    len: u32,
    is_many: bool,
}

/// Keys and their values, flat, so that the next request can use the memory again.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys<'a> {
    entries: Vec<Entry<'a>>,
    texts: Vec<Cow<'a, str>>,
}

/// The keys of one request.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    /// What the session fixes; numbered before the request's own.
    fixed: Option<&'a Keys<'static>>,
    own: Keys<'a>,
    scratch: Box<Scratch>,
}

impl Entry<'_> {
    /// Whether a name is this one's under the case fold.
    #[inline]
    fn has_name(&self, name: &[u8]) -> bool {
        // Nearly every name is written alike on both sides.
        self.name.as_bytes() == name
            || std::str::from_utf8(name).is_ok_and(|name| eq_folded(&self.name, name))
    }

    /// What a session that has it seals.
    pub(super) fn sealed(&self) -> Sealed {
        match (self.is_many, self.len) {
            (false, _) => Sealed::One(self.start),
            (true, 0) => Sealed::Absent,
            (true, _) => Sealed::Many,
        }
    }
}

impl<'a> Keys<'a> {
    fn value(&self, entry: &Entry<'_>) -> ContextValue<'_> {
        let start = entry.start as usize;
        if entry.is_many {
            let end = start.saturating_add(entry.len as usize);
            return ContextValue::Many(self.texts.get(start..end).unwrap_or_default());
        }
        ContextValue::One(self.texts.get(start).map_or("", |text| text))
    }

    /// A key that a table over these keys alone finds.
    pub(super) fn find(&self, table: &Table, hash: u64, name: &str) -> Option<&Entry<'a>> {
        let entry = |number: usize| self.entries.get(number.checked_sub(1)?);
        for slot in steps(slot_of(hash)) {
            let entry = entry(table.number(slot))?;
            if entry.hash == hash && entry.has_name(name.as_bytes()) {
                return Some(entry);
            }
        }
        entry(
            table.crowded(|number| {
                entry(number).map_or(Ordering::Less, |entry| cmp_folded(&entry.name, name))
            })?,
        )
    }

    /// The text with a number, counted over all keys.
    #[inline]
    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    /// Empties the lists and keeps their memory.
    #[inline]
    pub(super) fn emptied(self) -> Keys<'static> {
        Keys { entries: emptied(self.entries), texts: emptied(self.texts) }
    }
}

/// The memory of a list for a list of another lifetime: what is collected in place keeps it.
#[inline]
fn emptied<T, U>(list: Vec<T>) -> Vec<U> {
    list.into_iter().filter_map(|_| None).collect()
}

impl<'a> Context<'a> {
    /// A context in memory used before, on top of the keys that a session fixes.
    pub(super) fn on(fixed: Option<(&'a Keys<'static>, &Table)>, mut scratch: Box<Scratch>) -> Self {
        match fixed {
            Some((_, table)) => scratch.table.clone_from(table),
            None => scratch.table.clear(),
        }
        scratch.forget();
        let own = std::mem::take(&mut scratch.keys);
        Self { fixed: fixed.map(|(keys, _)| keys), own, scratch }
    }

    /// The hashes of the path of the request's resource.
    pub(super) fn paths(&self, resource: &ResourceText<'_>) -> &PathHashes {
        let hashes = || PathHashes::new(resource.field(5));
        self.scratch.paths.get_or_init(|| if resource.is_arn() { hashes() } else { PathHashes::default() })
    }

    /// What stands beside the keys.
    pub(super) fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// The same, to be filled.
    pub(super) fn scratch_mut(&mut self) -> &mut Scratch {
        &mut self.scratch
    }

    /// The keys, and what stands beside them.
    #[inline]
    pub(super) fn into_parts(self) -> (Keys<'a>, Box<Scratch>) {
        (self.own, self.scratch)
    }

    /// Adds a single-valued key; one that is already there, under the case fold, is refused.
    pub(super) fn one(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) -> Result<(), RequestError> {
        let start = self.own.texts.len();
        self.own.texts.push(value);
        self.add(name, start, false)
    }

    /// Adds a multivalued key.
    pub(super) fn many(
        &mut self,
        name: Cow<'a, str>,
        values: impl Iterator<Item = Cow<'a, str>>,
    ) -> Result<(), RequestError> {
        let start = self.own.texts.len();
        self.own.texts.extend(values);
        self.add(name, start, true)
    }

    /// The texts of the key added last.
    pub(super) fn last_texts(&self) -> &[Cow<'a, str>] {
        let start = self.own.entries.last().map_or(0, |entry| entry.start as usize);
        self.own.texts.get(start..).unwrap_or_default()
    }

    /// Adds a key whose values are the texts from `start` on.
    fn add(&mut self, name: Cow<'a, str>, start: usize, is_many: bool) -> Result<(), RequestError> {
        if name.is_empty() {
            return Err(RequestError::EmptyKey);
        }
        let entry = Entry { hash: folded_hash(&name), name, start: to_u32(start), len: 0, is_many };
        let (slot, number) = (slot_of(entry.hash), self.len().saturating_add(1));
        // PERF: the first place is free for nearly every key; what else there may be is a call of its own.
        if number <= SMALL_KEYS && self.scratch.table.number(slot) == 0 {
            self.scratch.table.set(slot, number);
            self.push(entry);
            return Ok(());
        }
        self.add_after_search(entry, number)
    }

    #[inline(never)]
    fn add_after_search(&mut self, entry: Entry<'a>, number: usize) -> Result<(), RequestError> {
        if number > SMALL_KEYS {
            self.grow(number);
        }
        let Entry { hash, name, .. } = &entry;
        // One search finds the same name, or the place for it.
        for slot in steps(slot_of(*hash)) {
            let Some(index) = self.scratch.table.number(slot).checked_sub(1) else {
                self.scratch.table.set(slot, number);
                self.push(entry);
                return Ok(());
            };
            if let Some((keys, known)) = self.entry(index)
                && known.hash == *hash
                && known.has_name(name.as_bytes())
            {
                let is_fixed = !std::ptr::eq(keys, &raw const self.own);
                return Err(refused(known, is_fixed, entry.name));
            }
        }
        self.add_crowded(entry, number)
    }

    /// Adds a key that finds no place in the table.
    #[cold]
    fn add_crowded(&mut self, entry: Entry<'a>, number: usize) -> Result<(), RequestError> {
        if let Some((keys, known)) = self.find_crowded(entry.name.as_bytes()) {
            let is_fixed = !std::ptr::eq(keys, &raw const self.own);
            return Err(refused(known, is_fixed, entry.name));
        }
        self.push(entry);
        let Self { fixed, own, scratch } = self;
        let added = own.entries.last().map_or("", |entry| &entry.name);
        scratch.table.crowd(number, order(*fixed, own, added));
        Ok(())
    }

    /// Appends an entry whose values are the texts from its start on.
    #[inline]
    fn push(&mut self, entry: Entry<'a>) {
        let len = to_u32(self.own.texts.len()).saturating_sub(entry.start);
        self.own.entries.push(Entry { len, ..entry });
    }

    /// The value of a key, by name.
    pub fn get(&self, name: &str) -> Option<ContextValue<'_>> {
        self.get_hashed(folded_hash(name), name)
    }

    /// The value of a key, by the hash of its folded name and the name itself.
    pub fn get_hashed(&self, hash: u64, name: &str) -> Option<ContextValue<'_>> {
        self.get_bytes(hash, name.as_bytes())
    }

    /// The same, the name being a text whose bytes need not be checked to be one again.
    #[allow(clippy::inline_always, reason = "the first step of every condition")]
    #[inline(always)]
    pub(crate) fn get_bytes(&self, hash: u64, name: &[u8]) -> Option<ContextValue<'_>> {
        let (keys, entry) = self.find(hash, name)?;
        Some(keys.value(entry))
    }

    /// All keys with their values: those that the session fixes, then the others in the order given.
    pub fn entries(&self) -> impl Iterator<Item = (&str, ContextValue<'_>)> {
        let lists = self.fixed.map(|fixed| -> &Keys<'_> { fixed }).into_iter().chain([&self.own]);
        lists.flat_map(|keys| keys.entries.iter().map(|entry| (&*entry.name, keys.value(entry))))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.fixed_len().saturating_add(self.own.entries.len())
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An address that a text of this context writes, read once.
    pub(crate) fn address(&self, text: &str, read: impl Fn(&str) -> Option<IpAddr>) -> Option<IpAddr> {
        self.scratch.address.of(text, read)
    }

    /// An instant that a text of this context writes, in its parts, read once.
    pub(crate) fn instant(
        &self,
        text: &str,
        read: impl Fn(&str) -> Option<(i128, u64)>,
    ) -> Option<(i128, u64)> {
        self.scratch.instant.of(text, read)
    }

    fn fixed_len(&self) -> usize {
        self.fixed.map_or(0, |fixed| fixed.entries.len())
    }

    #[allow(clippy::inline_always, reason = "the first step of every condition")]
    #[inline(always)]
    fn find(&self, hash: u64, name: &[u8]) -> Option<(&Keys<'_>, &Entry<'_>)> {
        let index = self.scratch.table.number(slot_of(hash)).checked_sub(1)?;
        let (keys, entry) = self.entry(index)?;
        // PERF: nearly every search ends at its first place; nothing is kept in registers for the others.
        if entry.hash == hash && entry.name.as_bytes() == name {
            return Some((keys, entry));
        }
        self.search(hash, name)
    }

    #[inline(never)]
    fn search(&self, hash: u64, name: &[u8]) -> Option<(&Keys<'_>, &Entry<'_>)> {
        let table = &self.scratch.table;
        for slot in steps(slot_of(hash)) {
            let index = table.number(slot).checked_sub(1)?;
            let (keys, entry) = self.entry(index)?;
            if entry.hash == hash && entry.has_name(name) {
                return Some((keys, entry));
            }
        }
        self.find_crowded(name)
    }

    #[cold]
    fn find_crowded(&self, name: &[u8]) -> Option<(&Keys<'_>, &Entry<'_>)> {
        let name = std::str::from_utf8(name).ok()?;
        let number = self.scratch.table.crowded(order(self.fixed, &self.own, name))?;
        self.entry(number.checked_sub(1)?)
    }

    #[inline]
    fn entry(&self, index: usize) -> Option<(&Keys<'_>, &Entry<'_>)> {
        entry(self.fixed, &self.own, index)
    }

    /// Makes room for the key with this number: at most half of the places are taken.
    fn grow(&mut self, number: usize) {
        let size = number.saturating_mul(2).next_power_of_two();
        if matches!(&self.scratch.table, Table::Large { slots, .. } if slots.len() >= size) {
            return;
        }
        let mut table = Table::large(size);
        for index in 0..number.saturating_sub(1) {
            if let Some((_, entry)) = self.entry(index) {
                let order = order(self.fixed, &self.own, &entry.name);
                table.place(entry.hash, index.saturating_add(1), order);
            }
        }
        self.scratch.table = table;
    }
}

/// An entry and the list that it is in, by its number from 0: those that a session fixes come first.
#[inline]
fn entry<'k, 'a>(
    fixed: Option<&'k Keys<'static>>,
    own: &'k Keys<'a>,
    index: usize,
) -> Option<(&'k Keys<'a>, &'k Entry<'a>)> {
    let entries = fixed.map_or(&[][..], |fixed| &fixed.entries);
    match entries.get(index) {
        Some(entry) => Some((fixed?, entry)),
        None => Some((own, own.entries.get(index.wrapping_sub(entries.len()))?)),
    }
}

/// Compares the folded name of an entry, by its number from 1, with a name.
fn order<'k>(
    fixed: Option<&'k Keys<'static>>,
    own: &'k Keys<'_>,
    name: &'k str,
) -> impl Fn(usize) -> Ordering + 'k {
    move |number| {
        let found = entry(fixed, own, number.wrapping_sub(1));
        found.map_or(Ordering::Less, |(_, entry)| cmp_folded(&entry.name, name))
    }
}

/// Why a key is refused whose name is known already.
#[cold]
fn refused(known: &Entry<'_>, is_fixed: bool, name: Cow<'_, str>) -> RequestError {
    match known.name == name {
        _ if is_fixed => RequestError::SealedKey(name.into_owned()),
        true => RequestError::RepeatedKey(name.into_owned()),
        false => RequestError::AmbiguousKey(known.name.to_string(), name.into_owned()),
    }
}

impl<'c> ContextValue<'c> {
    /// The values of a multivalued key; none if the key counts as absent.
    pub fn texts(self) -> impl Iterator<Item = &'c str> + Clone {
        let (one, many) = match self {
            Self::One(text) => (Some(text), &[][..]),
            Self::Many(texts) => (None, texts),
        };
        one.into_iter().chain(many.iter().map(|text| &**text))
    }
}

impl Variables for Context<'_> {
    #[inline]
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
            context.one(format!("aws:PrincipalTag/K{i}").into(), i.to_string().into()).unwrap();
            for j in 0..=i {
                let name = format!("AWS:principaltag/k{j}");
                assert_eq!(context.get(&name), Some(ContextValue::One(&j.to_string())), "{i} {j}");
            }
            assert_eq!(context.get("aws:absent"), None);
        }
    }

    /// Names of keys are the caller's, and the hash is not keyed: 512 keys of one hash.
    #[test]
    fn colliding_keys_are_added_and_found_in_bounded_work() {
        use crate::text::collide::of_one_hash;
        use crate::text::count;
        use crate::text::probe::PROBES;
        let names = of_one_hash(*b"aws:tag/", 512);
        let mut context = Context::default();
        let ((), looks) = count::during(|| {
            for name in &names[1..] {
                context.one(name.to_uppercase().into(), name.as_str().into()).unwrap();
            }
        });
        // To look for a key, to place it, and to place it again whenever the table grows.
        assert!(looks <= names.len() * PROBES * 5, "{looks} places");
        for name in &names {
            let (found, looks) = count::during(|| context.get(name));
            assert_eq!(found, (*name != names[0]).then_some(ContextValue::One(name)));
            assert!(looks <= PROBES, "{name}: {looks} places");
        }
        let error = context.one(names[511].as_str().into(), "x".into()).unwrap_err();
        assert_eq!(error.code(), "AMBIGUOUS_CONTEXT_KEY");
    }

    #[test]
    fn keys_that_fold_alike_are_refused() {
        let mut context = Context::default();
        context.one("aws:RequestTag/EC2".into(), "a".into()).unwrap();
        let error = context.one("aws:requesttag/ec2".into(), "b".into()).unwrap_err();
        assert_eq!(error.code(), "AMBIGUOUS_CONTEXT_KEY");
    }
}
