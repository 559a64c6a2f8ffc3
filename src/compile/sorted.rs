//! The statements by what their action clauses name: what the index is built from.

use crate::request::action::ActionText;
use crate::text::hash::hash_bytes;
use crate::text::pool::{Literal, Pool};

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
    /// Of a service: every action of it is the statement's.
    pub(super) is_sure: bool,
}

impl Named {
    pub(super) fn has_name_of(&self, other: &Self, pool: &Pool) -> bool {
        self.hash == other.hash && pool.text(self.name) == pool.text(other.name)
    }
}

/// Sorts by name, then number, and drops what stands twice.
fn sort(list: &mut Vec<Named>, pool: &Pool) {
    list.sort_unstable_by(|a, b| {
        let by_name = || pool.text(a.name).cmp(pool.text(b.name));
        a.hash.cmp(&b.hash).then_with(by_name).then(a.number.cmp(&b.number))
    });
    list.dedup_by(|a, b| a.number == b.number && a.has_name_of(b, pool));
}

/// The statements by what their action clauses name.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) exact: Vec<Named>,
    pub(super) services: Vec<Named>,
    /// Statements of every action.
    pub(super) any: Vec<u32>,
    /// Statements with a wildcard in the service, or NotAction.
    pub(super) others: Vec<u32>,
    /// Statements with a wildcard or NotAction.
    wildcards: Vec<u32>,
}

impl Sorted {
    pub(super) fn of(policy: &Form) -> Self {
        let mut sorted = Self::default();
        for (number, statement) in (0u32..).zip(&policy.statements) {
            if statement.actions.negated {
                sorted.others.push(number);
                sorted.wildcards.push(number);
                continue;
            }
            for action in statement.actions.entries.of(&policy.actions) {
                sorted.add(policy, *action, number);
            }
        }
        sort(&mut sorted.exact, &policy.pool);
        sort(&mut sorted.services, &policy.pool);
        sorted.any.dedup();
        sorted.others.dedup();
        sorted.wildcards.dedup();
        sorted
    }

    fn add(&mut self, policy: &Form, action: ActionPattern, number: u32) {
        let named =
            |name, is_sure| Named { hash: hash_bytes(policy.pool.bytes(name)), name, number, is_sure };
        match action {
            ActionPattern::Exact(text) => return self.exact.push(named(text, false)),
            ActionPattern::Any => self.any.push(number),
            ActionPattern::Glob(glob) => {
                let Some(ActionGlob { service, name }) = policy.globs.get(glob as usize) else { return };
                match policy.pool.exact_literal(*service) {
                    Some(service) => self.services.push(named(service, name.is_any())),
                    None => self.others.push(number),
                }
            }
        }
        self.wildcards.push(number);
    }

    pub(super) fn may_close(&self, pool: &Pool) -> bool {
        let actions = self.exact.chunk_by(|a, b| a.has_name_of(b, pool)).count();
        let pairs = self.exact.len().saturating_add(self.wildcards.len()).saturating_add(FEW);
        actions.saturating_mul(self.wildcards.len()) <= pairs.saturating_mul(BLOW_UP)
    }

    /// Under each exact action, the wildcard statements that match it too.
    pub(super) fn closed(&self, policy: &Form) -> Vec<Named> {
        let mut closed = self.exact.clone();
        for group in self.exact.chunk_by(|a, b| a.has_name_of(b, &policy.pool)) {
            let Some(first) = group.first() else { continue };
            let Some(action) = ActionText::parse(policy.pool.text(first.name)) else { continue };
            let matching = self.wildcards.iter().filter(|number| {
                policy.statements.get(**number as usize).is_some_and(|one| policy.action_holds(one, &action))
            });
            closed.extend(matching.map(|number| Named { number: *number, ..*first }));
        }
        sort(&mut closed, &policy.pool);
        closed
    }
}
