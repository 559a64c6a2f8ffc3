//! Walking one attachment: its first Deny, its first Allow, its strongest Allow.
//!
//! "First" is the smallest statement number, whatever the order of visiting, so that a decision depends neither on the
//! index nor on the mode of the walk.

use crate::compile::CompiledPolicy;
use crate::policy::Effect;
use crate::text::truth::Truth;

use super::clause::{self, Asked, StatementMatch};
use super::principal::Grade;

/// Which statements are visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Those that the index finds.
    Indexed,
    /// All of them.
    Exhaustive,
}

/// What an attachment allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    /// The strongest grade met.
    pub(super) grade: Grade,
    /// The first statement of that grade.
    pub(super) statement: Option<u32>,
    /// The strongest grade if every clause that cannot be told held.
    pub(super) possible: Grade,
}

/// Every statement is to be visited.
const ALL: u32 = u32::MAX;

/// The first Deny that applies, and whether for a clause that cannot be told.
pub(super) fn first_deny(policy: &CompiledPolicy, asked: Asked<'_, '_>, mode: Mode) -> Option<(u32, bool)> {
    let mut first: Option<(u32, bool)> = None;
    visit(policy, Effect::Deny, asked, mode, |number, matched| {
        match matched.truth {
            Truth::False => {}
            Truth::Indeterminate(_) => first = Some((number, true)),
            Truth::True => first = Some((number, false)),
        }
        first.map_or(ALL, |(number, _)| number)
    });
    first
}

/// The first Allow; grades do not matter.
pub(super) fn first_allow(policy: &CompiledPolicy, asked: Asked<'_, '_>, mode: Mode) -> Allowed {
    strongest(policy, asked, mode, |_| Grade::Direct)
}

/// The Allow with the strongest grade.
pub(super) fn strongest_allow(policy: &CompiledPolicy, asked: Asked<'_, '_>, mode: Mode) -> Allowed {
    strongest(policy, asked, mode, |matched| matched.grade)
}

fn strongest(
    policy: &CompiledPolicy,
    asked: Asked<'_, '_>,
    mode: Mode,
    grade: impl Fn(StatementMatch) -> Grade,
) -> Allowed {
    let mut allowed = Allowed { grade: Grade::None, statement: None, possible: Grade::None };
    visit(policy, Effect::Allow, asked, mode, |number, matched| {
        match matched.truth {
            Truth::False => {}
            Truth::Indeterminate(_) => allowed.possible = allowed.possible.max(grade(matched)),
            Truth::True => allowed.take(grade(matched), number),
        }
        // Nothing is stronger than a direct grant: only an earlier statement could still take its place.
        allowed.statement.filter(|_| allowed.grade == Grade::Direct).unwrap_or(ALL)
    });
    allowed
}

impl Allowed {
    fn take(&mut self, grade: Grade, number: u32) {
        self.possible = self.possible.max(grade);
        let earlier = self.statement.is_none_or(|known| number < known);
        if grade > self.grade || (grade == self.grade && earlier) {
            self.grade = grade;
            self.statement = Some(number);
        }
    }
}

/// Visits the statements of an effect. `see` says from which number on the others do not matter any more; statements
/// of one list come in ascending order.
fn visit(
    policy: &CompiledPolicy,
    effect: Effect,
    asked: Asked<'_, '_>,
    mode: Mode,
    see: impl FnMut(u32, StatementMatch) -> u32,
) {
    let mut visitor = Visitor { policy, asked, bound: ALL, see };
    if mode == Mode::Exhaustive {
        let of_effect = (0u32..).zip(&policy.statements).filter(|(_, statement)| statement.effect == effect);
        let _ = of_effect.map(|(number, _)| number).all(|number| visitor.visit::<false>(number));
        return;
    }
    let index = &policy.index;
    let action = asked.request.action();
    let named = index.named(policy, effect, action);
    if let Some(bucket) = named {
        index.visit(bucket, asked.request, |number| visitor.visit::<true>(number));
    }
    if named.is_none() || !index.is_closed() {
        for bucket in index.asked(policy, effect, action).into_iter().flatten() {
            index.visit(bucket, asked.request, |number| visitor.visit::<false>(number));
        }
    }
}

struct Visitor<'p, 'r, 'a, See> {
    policy: &'p CompiledPolicy,
    asked: Asked<'r, 'a>,
    bound: u32,
    see: See,
}

impl<See: FnMut(u32, StatementMatch) -> u32> Visitor<'_, '_, '_, See> {
    /// Asks a statement; whether those after it still matter.
    fn visit<const ACTION_HOLDS: bool>(&mut self, number: u32) -> bool {
        if number >= self.bound {
            return false;
        }
        if let Some(statement) = self.policy.statements.get(number as usize) {
            let matched = if ACTION_HOLDS {
                clause::after_action(self.policy, statement, self.asked)
            } else {
                clause::statement(self.policy, statement, self.asked)
            };
            if matched.truth != Truth::False {
                self.bound = (self.see)(number, matched);
            }
        }
        number < self.bound
    }
}
