//! Walking one attachment: its first Deny, its first Allow, its strongest Allow.
//!
//! "First" is the smallest statement number, whatever the order of visiting, so that a decision depends neither on the
//! index nor on the mode of the walk.

use crate::compile::{CompiledPolicy, CompiledStatement};
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
    /// Whether some Allow would have applied but for a clause that cannot be told.
    pub(super) indeterminate: bool,
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
    let mut allowed = Allowed { grade: Grade::None, statement: None, indeterminate: false };
    visit(policy, Effect::Allow, asked, mode, |number, matched| {
        match matched.truth {
            Truth::False => {}
            Truth::Indeterminate(_) => allowed.indeterminate = true,
            Truth::True => allowed.take(grade(matched), number),
        }
        // Nothing is stronger than a direct grant: only an earlier statement could still take its place.
        allowed.statement.filter(|_| allowed.grade == Grade::Direct).unwrap_or(ALL)
    });
    allowed
}

impl Allowed {
    fn take(&mut self, grade: Grade, number: u32) {
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
    mut see: impl FnMut(u32, StatementMatch) -> u32,
) {
    let mut bound = ALL;
    let mut ask = |number: u32, statement: &CompiledStatement| {
        if number < bound && statement.effect == effect {
            bound = see(number, clause::statement(policy, statement, asked));
        }
        number < bound
    };
    match mode {
        Mode::Exhaustive => {
            for (number, statement) in (0u32..).zip(&policy.statements) {
                if !ask(number, statement) {
                    break;
                }
            }
        }
        Mode::Indexed => {
            let action = asked.request.action();
            for list in policy.index.candidates(effect, action.hash(), action.service_hash()).0 {
                for number in list {
                    let statement = policy.statements.get(*number as usize);
                    if !statement.is_some_and(|statement| ask(*number, statement)) {
                        break;
                    }
                }
            }
        }
    }
}
