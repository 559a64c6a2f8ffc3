//! The index: from an action to the statements that it can concern.
//!
//! Three lists are asked: of the exact action, of its service (`s3:Get*`), and the always-visited list of what neither
//! names (`*`, a wildcard in the service, NotAction). A statement that stands in none of them has an action clause
//! that is False whatever the context, so leaving it out is sound. The index only shortlists: the clause is still
//! asked, which also settles collisions of the hash.

use crate::policy::Effect;
use crate::text::fold::folded_hash;
use crate::text::span::to_u32;

use super::{ActionPattern, CompiledPolicy, Slice};

/// Lists of statement numbers, ascending, by action.
#[derive(Debug, Default)]
pub(crate) struct Index {
    numbers: Vec<u32>,
    exact: Table,
    services: Table,
    always: Lists,
}

/// The numbers of Deny and of Allow statements.
#[derive(Clone, Copy, Debug)]
struct Lists {
    deny: Slice,
    allow: Slice,
}

impl Default for Lists {
    fn default() -> Self {
        Self { deny: Slice::new(0, 0), allow: Slice::new(0, 0) }
    }
}

/// The statements to ask for one action and effect: up to three ascending lists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidates<'a>(pub(crate) [&'a [u32]; 3]);

/// Open addressing from a hash to lists; a power of two places, at most half of them taken.
#[derive(Debug, Default)]
struct Table {
    places: Vec<Option<(u64, Lists)>>,
}

impl Index {
    pub(super) fn build(policy: &CompiledPolicy) -> Self {
        let mut exact = Vec::new();
        let mut services = Vec::new();
        let mut always = Vec::new();
        for (number, statement) in policy.statements.iter().enumerate() {
            let entry = |hash: u64| (hash, statement.effect == Effect::Allow, to_u32(number));
            if statement.actions.negated {
                always.push(entry(0));
                continue;
            }
            for action in statement.actions.entries.of(&policy.actions) {
                match action {
                    ActionPattern::Exact(text) => exact.push(entry(folded_hash(policy.pool.text(*text)))),
                    ActionPattern::Any => always.push(entry(0)),
                    ActionPattern::Glob(glob) => {
                        let service =
                            policy.globs.get(*glob as usize).and_then(|glob| policy.pool.exact(glob.service));
                        match service {
                            Some(service) => services.push(entry(folded_hash(service))),
                            None => always.push(entry(0)),
                        }
                    }
                }
            }
        }
        let mut index = Self::default();
        index.exact = index.table(exact);
        index.services = index.table(services);
        always.dedup();
        index.always = index.lists(always.into_iter());
        index.numbers.shrink_to_fit();
        index
    }

    /// The statements of one effect that an action can concern.
    pub(crate) fn candidates(&self, effect: Effect, action: u64, service: u64) -> Candidates<'_> {
        let pick = |lists: Lists| match effect {
            Effect::Deny => lists.deny.of(&self.numbers),
            Effect::Allow => lists.allow.of(&self.numbers),
        };
        Candidates([pick(self.exact.get(action)), pick(self.services.get(service)), pick(self.always)])
    }

    pub(crate) fn memory(&self) -> usize {
        let places = self.exact.places.capacity().saturating_add(self.services.places.capacity());
        self.numbers.capacity() * size_of::<u32>() + places * size_of::<Option<(u64, Lists)>>()
    }

    fn table(&mut self, mut entries: Vec<(u64, bool, u32)>) -> Table {
        entries.sort_unstable();
        entries.dedup();
        let groups = entries.chunk_by(|a, b| a.0 == b.0);
        let count = groups.clone().count();
        let mut table =
            Table { places: vec![None; if count == 0 { 0 } else { (count * 2).next_power_of_two() }] };
        for group in groups {
            let lists = self.lists(group.iter().copied());
            if let Some((hash, ..)) = group.first() {
                table.insert(*hash, lists);
            }
        }
        table
    }

    fn lists(&mut self, entries: impl Iterator<Item = (u64, bool, u32)>) -> Lists {
        let (allow, deny): (Vec<_>, Vec<_>) = entries.partition(|(_, is_allow, _)| *is_allow);
        Lists { deny: self.list(&deny), allow: self.list(&allow) }
    }

    fn list(&mut self, entries: &[(u64, bool, u32)]) -> Slice {
        let start = self.numbers.len();
        self.numbers.extend(entries.iter().map(|(.., number)| *number));
        Slice::new(start, self.numbers.len())
    }
}

impl Table {
    fn insert(&mut self, hash: u64, lists: Lists) {
        let mask = self.places.len().wrapping_sub(1);
        let mut at = slot_of(hash);
        while let Some(place) = self.places.get_mut(at & mask) {
            if place.is_none() {
                *place = Some((hash, lists));
                return;
            }
            at = at.wrapping_add(1);
        }
    }

    fn get(&self, hash: u64) -> Lists {
        let mask = self.places.len().wrapping_sub(1);
        let mut at = slot_of(hash);
        while let Some(Some((known, lists))) = self.places.get(at & mask) {
            if *known == hash {
                return *lists;
            }
            at = at.wrapping_add(1);
        }
        Lists::default()
    }
}

/// Where the search for a hash begins; the upper bits are the better mixed.
fn slot_of(hash: u64) -> usize {
    usize::try_from(hash >> 32).unwrap_or_default()
}
