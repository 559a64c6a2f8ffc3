//! The statements by what their action clauses name: what the index is built from.

use crate::request::action::ActionText;
use crate::text::hash::hash_bytes;
use crate::text::pool::{Literal, NoVariables, Pool};

use super::{ActionGlob, ActionPattern, Form};

/// By how much closing the exact actions over the wildcard patterns may multiply the lists; past it the wildcards stay
/// apart, and both are visited.
const BLOW_UP: usize = 4;

/// Pairs that are never too many.
const FEW: usize = 8;

/// A statement number under a name: an action, or a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) hash: u64,
    pub(super) name: Literal,
    pub(super) number: u32,
    /// Of a service: the pattern.
    glob: u32,
    /// Of a service: every action of it is the statement's.
    pub(super) is_sure: bool,
}

impl Named {
    fn has_text_of(&self, other: &Self, pool: &Pool) -> bool {
        self.name == other.name || pool.bytes(self.name) == pool.bytes(other.name)
    }
}

/// Statement numbers by name, those of one name side by side.
#[derive(Default)]
pub(super) struct Groups {
    named: Vec<Named>,
    /// Where each group ends.
    ends: Vec<usize>,
}

impl Groups {
    /// Sorts by name, then number, what is sure before what is not.
    fn of(mut named: Vec<Named>, pool: &Pool) -> Self {
        // PERF: by numbers alone; names are compared once each, with the one before.
        named.sort_unstable_by_key(|one| (one.hash, one.number, !one.is_sure));
        for alike in named.chunk_by_mut(|a, b| a.hash == b.hash) {
            let Some((first, rest)) = alike.split_first() else { continue };
            if rest.iter().any(|one| !one.has_text_of(first, pool)) {
                alike.sort_by(|a, b| pool.bytes(a.name).cmp(pool.bytes(b.name)));
            }
        }
        let mut ends = Vec::new();
        let mut end = 0_usize;
        for group in named.chunk_by(|a, b| a.hash == b.hash && a.has_text_of(b, pool)) {
            end = end.saturating_add(group.len());
            ends.push(end);
        }
        Self { named, ends }
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The entries of each name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[Named]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.named.get(start..*end).unwrap_or_default())
    }

    /// The entries of one name.
    fn get(&self, pool: &Pool, hash: u64, name: &str) -> &[Named] {
        let start = self.named.partition_point(|one| one.hash < hash);
        let alike = self.named.get(start..).unwrap_or_default();
        let alike = alike.get(..alike.partition_point(|one| one.hash == hash)).unwrap_or_default();
        let is_own = |one: &Named| pool.text(one.name) == name;
        let start = alike.iter().position(is_own).unwrap_or(alike.len());
        let own = alike.get(start..).unwrap_or_default();
        own.chunk_by(|a, b| a.has_text_of(b, pool)).next().unwrap_or_default()
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
}

/// The entries by name, before they are sorted.
#[derive(Default)]
struct Unsorted {
    exact: Vec<Named>,
    services: Vec<Named>,
}

impl Sorted {
    pub(super) fn of(policy: &Form) -> Self {
        let mut sorted = Self::default();
        let mut unsorted = Unsorted { exact: Vec::with_capacity(policy.actions.len()), services: Vec::new() };
        for (number, statement) in (0u32..).zip(&policy.statements) {
            let mut is_wild = statement.actions.negated;
            if statement.actions.negated {
                sorted.others.push(number);
            } else {
                for action in statement.actions.entries.of(&policy.actions) {
                    is_wild |= sorted.add(policy, *action, number, &mut unsorted);
                }
            }
            sorted.wildcards = sorted.wildcards.saturating_add(usize::from(is_wild));
        }
        sorted.exact = Groups::of(unsorted.exact, &policy.pool);
        sorted.services = Groups::of(unsorted.services, &policy.pool);
        sorted.any.dedup();
        sorted.others.dedup();
        sorted
    }

    /// Adds an entry of a statement; tells whether it holds a wildcard.
    fn add(&mut self, policy: &Form, action: ActionPattern, number: u32, unsorted: &mut Unsorted) -> bool {
        let named = |name, glob, is_sure| {
            let hash = hash_bytes(policy.pool.bytes(name));
            Named { hash, name, number, glob, is_sure }
        };
        match action {
            ActionPattern::Exact(text) => {
                unsorted.exact.push(named(text, 0, false));
                return false;
            }
            ActionPattern::Any => self.any.push(number),
            ActionPattern::Glob(glob) => {
                let Some(ActionGlob { service, name }) = policy.globs.get(glob as usize) else { return true };
                match policy.pool.exact_literal(*service) {
                    Some(service) => unsorted.services.push(named(service, glob, name.is_any())),
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

    pub(super) fn may_close(&self) -> bool {
        let pairs = self.exact.named.len().saturating_add(self.wildcards).saturating_add(FEW);
        self.exact.len().saturating_mul(self.wildcards) <= pairs.saturating_mul(BLOW_UP)
    }

    /// Adds to the statements that name an action exactly those with a wildcard that matches it.
    pub(super) fn close(&self, policy: &Form, group: &[Named], numbers: &mut Vec<u32>) {
        let Some(text) = group.first().map(|first| policy.pool.text(first.name)) else { return };
        numbers.extend(&self.any);
        if !self.others.is_empty()
            && let Some(action) = ActionText::parse(text)
        {
            let holds = |number: &u32| {
                policy.statements.get(*number as usize).is_some_and(|one| policy.action_holds(one, &action))
            };
            numbers.extend(self.others.iter().copied().filter(holds));
        }
        let Some((service, name)) = text.split_once(':') else { return };
        let services = self.services.get(&policy.pool, hash_bytes(service.as_bytes()), service);
        for patterns in services.chunk_by(|a, b| a.number == b.number) {
            let Some(Named { number, .. }) = patterns.first() else { continue };
            // PERF: a statement often lists beside a wildcard what the wildcard matches too.
            let is_there = || group.binary_search_by_key(number, |one| one.number).is_ok();
            let matches = |one: &Named| {
                let glob = policy.globs.get(one.glob as usize);
                glob.is_some_and(|glob| policy.pool.matches(glob.name, name, &NoVariables))
            };
            if !is_there() && patterns.iter().any(matches) {
                numbers.push(*number);
            }
        }
        numbers.sort_unstable();
    }
}
