//! The statements by what their action clauses name: what the index is built from.

use std::collections::BTreeMap;

use crate::request::action::ActionText;
use crate::text::hash::hash_bytes;
use crate::text::pool::{Literal, NoVariables, Pool};
use crate::text::probe::probes;
use crate::text::span::to_u32;

use super::index::{places_for, slot_of};
use super::{ActionGlob, ActionPattern, Form};

/// By how much closing the exact actions over the wildcard patterns may multiply the lists; past it the wildcards stay
/// apart, and both are visited.
const BLOW_UP: usize = 4;

/// How much closing may ask: bytes of exact actions, times patterns.
const ASKED: usize = 1 << 26;

/// Pairs that are never too many.
const FEW: usize = 8;

/// No entry, no group.
const NONE: u32 = u32::MAX;

/// A statement number under a name: an action, or a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) hash: u64,
    pub(super) name: Literal,
    pub(super) number: u32,
    /// Of a service: the pattern.
    glob: u32,
    /// The next entry of the name.
    next: u32,
}

/// Statement numbers by name, the names in the order they are met.
///
/// PERF: a table and links. Sorting would cost more than the rest of an index of plain actions.
#[derive(Default)]
pub(super) struct Groups {
    named: Vec<Named>,
    /// The first and last entry of each name.
    ends: Vec<(u32, u32)>,
    /// Open addressing from the hash of a name to the number of its group.
    slots: Vec<u32>,
    /// The groups of names that found no slot.
    crowded: BTreeMap<Box<[u8]>, u32>,
}

/// Where the group of a name that has none yet is noted.
enum Free {
    Slot(usize),
    Crowded,
}

impl Groups {
    /// Room for so many entries and no more.
    fn with_capacity(entries: usize) -> Self {
        let (named, ends) = (Vec::with_capacity(entries), Vec::with_capacity(entries));
        Self { named, ends, slots: vec![NONE; places_for(entries)], crowded: BTreeMap::new() }
    }

    /// Adds an entry; those of one name come in the order of their statements.
    fn add(&mut self, entry: Named, pool: &Pool) {
        let number = to_u32(self.named.len());
        self.named.push(entry);
        match self.find(entry.hash, pool.bytes(entry.name), pool) {
            Ok(group) => {
                let Some((_, last)) = self.ends.get_mut(group) else { return };
                if let Some(last) = self.named.get_mut(std::mem::replace(last, number) as usize) {
                    last.next = number;
                }
            }
            Err(free) => {
                let group = to_u32(self.ends.len());
                match free {
                    Free::Slot(place) => self.slots.get_mut(place).into_iter().for_each(|slot| *slot = group),
                    Free::Crowded => drop(self.crowded.insert(pool.bytes(entry.name).into(), group)),
                }
                self.ends.push((number, number));
            }
        }
    }

    /// The group of a name, or where to note it.
    fn find(&self, hash: u64, name: &[u8], pool: &Pool) -> Result<usize, Free> {
        for at in probes(slot_of(hash), self.slots.len()) {
            let group = self.slots.get(at).copied().unwrap_or(NONE);
            let Some(first) = self.first(group) else { return Err(Free::Slot(at)) };
            if first.hash == hash && pool.bytes(first.name) == name {
                return Ok(group as usize);
            }
        }
        self.crowded.get(name).map(|group| *group as usize).ok_or(Free::Crowded)
    }

    fn first(&self, group: u32) -> Option<&Named> {
        let (first, _) = self.ends.get(group as usize)?;
        self.named.get(*first as usize)
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The first entry of each name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Named> {
        self.ends.iter().filter_map(|(first, _)| self.named.get(*first as usize))
    }

    /// An entry and those of the same name after it.
    pub(super) fn from<'a>(&'a self, first: Option<&'a Named>) -> impl Iterator<Item = &'a Named> {
        std::iter::successors(first, |one| self.named.get(one.next as usize))
    }
}

/// The statements by what their action clauses name.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) exact: Groups,
    /// An entry for each pattern, so that a number may stand several times.
    pub(super) services: Groups,
    /// Statements of every action.
    pub(super) any: Vec<u32>,
    /// Statements with a wildcard in the service, or NotAction.
    pub(super) others: Vec<u32>,
    /// How many statements have a wildcard or NotAction.
    wildcards: usize,
    /// How many patterns an exact action is asked of at most.
    patterns: usize,
}

impl Sorted {
    pub(super) fn of(policy: &Form) -> Self {
        let exact = Groups::with_capacity(policy.actions.len().saturating_sub(policy.globs.len()));
        let services = Groups::with_capacity(policy.globs.len());
        let mut sorted = Self { exact, services, ..Self::default() };
        for (number, statement) in (0u32..).zip(&policy.statements) {
            let actions = statement.actions();
            let mut is_wild = actions.negated;
            if actions.negated {
                sorted.others.push(number);
            } else {
                for action in actions.entries.of(&policy.actions) {
                    is_wild |= sorted.add(policy, *action, number);
                }
            }
            if is_wild {
                sorted.wildcards = sorted.wildcards.saturating_add(1);
                sorted.patterns = sorted.patterns.saturating_add(actions.entries.range().len());
            }
        }
        sorted.any.dedup();
        sorted.others.dedup();
        sorted
    }

    /// Adds an entry of a statement; tells whether it holds a wildcard.
    fn add(&mut self, policy: &Form, action: ActionPattern, number: u32) -> bool {
        let named = |name, glob| {
            let hash = hash_bytes(policy.pool.bytes(name));
            Named { hash, name, number, glob, next: NONE }
        };
        match action {
            ActionPattern::Exact(text) => {
                self.exact.add(named(text, NONE), &policy.pool);
                return false;
            }
            ActionPattern::Any => self.any.push(number),
            ActionPattern::Glob(glob) => {
                let Some(ActionGlob { service, .. }) = policy.globs.get(glob as usize) else { return true };
                match policy.pool.exact_literal(*service) {
                    Some(service) => self.services.add(named(service, glob), &policy.pool),
                    None => self.others.push(number),
                }
            }
        }
        true
    }

    /// Whether there is any pattern that exact actions may match.
    pub(super) fn has_wildcards(&self) -> bool {
        self.wildcards > 0
    }

    pub(super) fn may_close(&self, pool: &Pool) -> bool {
        let pairs = self.exact.named.len().saturating_add(self.wildcards).saturating_add(FEW);
        let bytes =
            || self.exact.iter().fold(0_usize, |sum, one| sum.saturating_add(pool.bytes(one.name).len()));
        self.exact.len().saturating_mul(self.wildcards) <= pairs.saturating_mul(BLOW_UP)
            && (self.patterns == 0 || bytes().saturating_mul(self.patterns) <= ASKED)
    }

    /// The statements of a service, ascending: those that have every action of it, and those to be asked.
    pub(super) fn split(&self, policy: &Form, first: &Named, sure: &mut Vec<u32>, asked: &mut Vec<u32>) {
        sure.clear();
        asked.clear();
        for one in self.services.from(Some(first)) {
            let is_sure = policy.globs.get(one.glob as usize).is_some_and(|glob| glob.name.is_any());
            let list = if is_sure { &mut *sure } else { &mut *asked };
            if list.last() != Some(&one.number) {
                list.push(one.number);
            }
        }
        asked.retain(|number| sure.binary_search(number).is_err());
    }

    /// Adds to the statements that name an action exactly those with a wildcard that matches it.
    pub(super) fn close(&self, policy: &Form, first: &Named, numbers: &mut Vec<u32>) {
        let text = policy.pool.text(first.name);
        let named = numbers.len();
        numbers.extend(&self.any);
        if !self.others.is_empty()
            && let Some(action) = ActionText::parse(text)
        {
            let holds = |number: &u32| {
                policy.statements.get(*number as usize).is_some_and(|one| policy.action_holds(one, &action))
            };
            numbers.extend(self.others.iter().copied().filter(holds));
        }
        self.close_service(policy, text, named, numbers);
        numbers.sort_unstable();
    }

    /// Those whose wildcards are within the service; the first of the numbers so many name the action.
    fn close_service(&self, policy: &Form, action: &str, named: usize, numbers: &mut Vec<u32>) {
        if self.services.len() == 0 {
            return;
        }
        let Some((service, name)) = action.split_once(':') else { return };
        let hash = hash_bytes(service.as_bytes());
        let Ok(group) = self.services.find(hash, service.as_bytes(), &policy.pool) else { return };
        for one in self.services.from(self.services.first(to_u32(group))) {
            // PERF: a statement often lists beside a wildcard what the wildcard matches too.
            let is_there = numbers.get(..named).is_some_and(|own| own.binary_search(&one.number).is_ok());
            if !is_there
                && numbers.last() != Some(&one.number)
                && let Some(glob) = policy.globs.get(one.glob as usize)
                && policy.pool.matches(glob.name, name, &NoVariables)
            {
                numbers.push(one.number);
            }
        }
    }
}
