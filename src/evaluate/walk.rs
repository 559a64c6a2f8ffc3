//! Walking one attachment: its first Deny, and its first or strongest Allow.
//!
//! "First" is the smallest statement number, whatever the order of visiting, so that a decision depends neither on the
//! index nor on the mode of the walk.

use crate::compile::{Bucket, Candidates, CompiledStatement, Form, Wildcards};
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

/// What an attachment says to a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// The first Deny that applies, and whether for a clause that cannot be told.
    Denied(u32, bool),
    /// What is allowed.
    Allowed(Allowed),
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

/// What is looked for beside the denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Nothing.
    Denies,
    /// The first Allow.
    FirstAllow,
    /// The first of the Allows that name the caller most strongly.
    StrongestAllow,
}

/// Asks an attachment.
pub(super) fn ask(form: &Form, asked: &Asked<'_, '_>, wanted: Wanted, mode: Mode) -> Answer {
    let mut visitor = Visitor {
        form,
        asked,
        bound: ALL,
        denied: None,
        graded: wanted == Wanted::StrongestAllow,
        allowed: Allowed { grade: Grade::None, statement: None, possible: Grade::None },
    };
    let candidates = match mode {
        Mode::Indexed => Some(form.index.candidates(&form.pool, asked.request.action())),
        Mode::Exhaustive => None,
    };
    if form.has_denies {
        visitor.visit(Effect::Deny, candidates.as_ref());
    }
    if let Some((number, indeterminate)) = visitor.denied {
        return Answer::Denied(number, indeterminate);
    }
    if wanted != Wanted::Denies {
        visitor.visit(Effect::Allow, candidates.as_ref());
    }
    Answer::Allowed(visitor.allowed)
}

/// Every statement is to be visited.
const ALL: u32 = u32::MAX;

struct Visitor<'p, 'r, 'a> {
    form: &'p Form,
    asked: &'p Asked<'r, 'a>,
    /// The statements from this number on do not matter any more.
    bound: u32,
    denied: Option<(u32, bool)>,
    graded: bool,
    allowed: Allowed,
}

impl<'p> Visitor<'p, '_, '_> {
    /// Visits the statements of an effect: those that candidates lead to, or all.
    #[inline]
    fn visit(&mut self, effect: Effect, candidates: Option<&Candidates<'p>>) {
        let Some(Candidates { named, wildcards }) = candidates else { return self.all(effect) };
        if let Some(buckets) = named {
            self.bucket(buckets.of(effect), true);
        }
        if let Some((service, others)) = wildcards {
            if let Some(service) = service {
                self.wildcards(service, effect);
            }
            self.wildcards(others, effect);
        }
    }

    #[inline(never)]
    fn all(&mut self, effect: Effect) {
        let numbered = (0u32..).zip(&self.form.statements);
        let of_effect = numbered.filter(|(_, statement)| statement.effect == effect);
        of_effect.for_each(|(number, _)| self.list(&[number], false));
    }

    #[inline(never)]
    fn wildcards(&mut self, wildcards: &Wildcards, effect: Effect) {
        self.bucket(wildcards.sure.of(effect), true);
        self.bucket(wildcards.asked.of(effect), false);
    }

    #[inline]
    fn bucket(&mut self, bucket: Bucket, action_holds: bool) {
        if bucket.is_split() {
            self.split(bucket, action_holds);
        }
        if bucket.has_always() {
            self.list(self.form.index.always(bucket), action_holds);
        }
    }

    #[inline(never)]
    fn split(&mut self, bucket: Bucket, action_holds: bool) {
        let Form { index, pool, .. } = self.form;
        let request = self.asked.request;
        index.visit(pool, bucket, request, &mut |numbers| self.list(numbers, action_holds));
    }

    /// Asks the statements of an ascending list, as long as they matter.
    fn list(&mut self, numbers: &[u32], action_holds: bool) {
        for number in numbers.iter().copied() {
            if number >= self.bound {
                return;
            }
            #[cfg(test)]
            crate::text::count::ask();
            let Some(statement) = self.form.statements.get(number as usize) else { return };
            if action_holds || self.form.action_holds(statement, self.asked.request.action()) {
                let matched = clause::after_action(self.form, statement, self.asked);
                if matched.truth != Truth::False {
                    self.take(number, statement, matched);
                }
            }
        }
    }

    /// PERF: a call, so that visiting keeps nothing of what is found in registers.
    #[inline(never)]
    fn take(&mut self, number: u32, statement: &CompiledStatement, matched: StatementMatch) {
        let is_sure = matched.truth == Truth::True;
        if statement.effect == Effect::Deny {
            self.denied = Some((number, !is_sure));
            self.bound = number;
            return;
        }
        let grade = if self.graded { matched.grade } else { Grade::Direct };
        self.allowed.possible = self.allowed.possible.max(grade);
        if is_sure {
            self.allowed.take(grade, number);
        }
        // Nothing is stronger than a direct grant: only an earlier statement could still take its place.
        if self.allowed.grade == Grade::Direct {
            self.bound = self.allowed.statement.unwrap_or(ALL);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Statements come in any order: of the strongest the one that is first in the policy is told.
    #[test]
    fn the_first_of_the_strongest_is_kept() {
        let mut allowed = Allowed { grade: Grade::None, statement: None, possible: Grade::None };
        for (grade, number, kept) in [
            (Grade::Account, 8, 8),
            (Grade::Account, 5, 5),
            (Grade::Account, 7, 5),
            (Grade::Role, 6, 6),
            (Grade::Account, 2, 6),
            (Grade::Role, 9, 6),
            (Grade::Role, 3, 3),
        ] {
            allowed.take(grade, number);
            assert_eq!(allowed.statement, Some(kept), "{grade:?} {number}");
        }
        assert_eq!(allowed.grade, Grade::Role);
    }
}
