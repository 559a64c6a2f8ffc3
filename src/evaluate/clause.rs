//! A statement's clauses: action, resource, principal, conditions; and their conjunction.

use crate::compile::binding::Binding;
use crate::compile::{CompiledStatement, Form};
use crate::request::Request;
use crate::request::context::Context;
use crate::text::arn_pattern::ArnPattern;
use crate::text::pool::{Resolved, Variables};
use crate::text::truth::Truth;

use super::condition;
use super::principal::{self, Grade, PrincipalMatch};

/// Who asks, as statements of one policy set see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'r, 'a> {
    pub(super) request: &'r Request<'a>,
    /// What the asked policy is bound to.
    pub(super) binding: Option<&'r Binding>,
    /// Whether the caller has a permissions boundary: NotPrincipal then spares nobody.
    pub(super) bounded: bool,
}

impl<'r, 'a> Asked<'r, 'a> {
    #[inline]
    pub(super) fn scope(&self) -> Scope<'r, 'a> {
        Scope { context: self.request.context(), binding: self.binding }
    }
}

/// Where conditions and variables find values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'r, 'a> {
    pub(super) context: &'r Context<'a>,
    pub(super) binding: Option<&'r Binding>,
}

impl Variables for Scope<'_, '_> {
    #[inline]
    fn resolve(&self, hash: u64, name: &str) -> Resolved<'_> {
        self.context.resolve(hash, name)
    }

    #[inline]
    fn bound(&self, variable: u32) -> Option<Resolved<'_>> {
        self.binding?.variable(variable)
    }
}

/// Whether a statement applies, and how strongly an Allow grants.
#[derive(Clone, Copy, Debug)]
pub(super) struct StatementMatch {
    pub(super) truth: Truth,
    pub(super) grade: Grade,
}

impl StatementMatch {
    const FALSE: Self = Self { truth: Truth::False, grade: Grade::None };
}

/// The conjunction of a statement's clauses; only False ends it early.
pub(super) fn statement(form: &Form, statement: &CompiledStatement, asked: &Asked<'_, '_>) -> StatementMatch {
    if form.action_holds(statement, asked.request.action()) {
        after_action(form, statement, asked)
    } else {
        StatementMatch::FALSE
    }
}

/// The same, the action clause being known to hold.
#[allow(
    clippy::inline_always,
    reason = "one function asks a statement: a call each for its parts costs as much as they do"
)]
#[inline(always)]
pub(super) fn after_action(
    form: &Form,
    statement: &CompiledStatement,
    asked: &Asked<'_, '_>,
) -> StatementMatch {
    let resource = resource(form, statement, asked);
    if resource == Truth::False {
        return StatementMatch::FALSE;
    }
    let PrincipalMatch { matches, grade } = principal::clause(form, statement, asked);
    if !matches {
        return StatementMatch::FALSE;
    }
    let folded = asked.binding.filter(|binding| binding.has_conditions());
    let conditions = match (folded, statement.conditions.of(&form.conditions)) {
        (_, []) => return StatementMatch { truth: resource, grade },
        (None, [one]) => condition::evaluate(form, one, asked.scope()),
        (None, all) => condition::all(form, all, asked.scope()),
        (Some(binding), _) => bound(form, statement, binding, asked),
    };
    StatementMatch { truth: resource.and(conditions), grade }
}

/// The conditions of a bound policy's statement.
#[inline(never)]
fn bound(form: &Form, statement: &CompiledStatement, binding: &Binding, asked: &Asked<'_, '_>) -> Truth {
    let mut truth = Truth::True;
    for (number, condition) in statement.conditions.numbered(&form.conditions) {
        let known = binding.condition(number);
        match known.unwrap_or_else(|| condition::evaluate(form, condition, asked.scope())) {
            Truth::True => {}
            Truth::False => return Truth::False,
            unsure @ Truth::Indeterminate(_) => truth = truth.and(unsure),
        }
    }
    truth
}

/// Resource or NotResource; a statement with neither is about the attached resource.
#[allow(
    clippy::inline_always,
    reason = "one function asks a statement: a call each for its parts costs as much as they do"
)]
#[inline(always)]
pub(super) fn resource(form: &Form, statement: &CompiledStatement, asked: &Asked<'_, '_>) -> Truth {
    let Some((entries, negated)) = statement.resource_entries(form) else { return Truth::True };
    if negated {
        return not_resource(form, entries, asked);
    }
    let (resource, variables) = (asked.request.resource(), asked.scope());
    let mut met = Truth::False;
    // PERF: not `Truth::any`, whose closure is not inlined here.
    for entry in entries {
        match form.pool.matches_resource(entry, resource, &variables) {
            Truth::False => {}
            Truth::True => return Truth::True,
            unsure @ Truth::Indeterminate(_) => met = met.or(unsure),
        }
    }
    met
}

#[inline(never)]
fn not_resource(form: &Form, entries: &[ArnPattern], asked: &Asked<'_, '_>) -> Truth {
    let (resource, variables) = (asked.request.resource(), asked.scope());
    Truth::any(entries.iter().map(|entry| form.pool.matches_exclusion(entry, resource, &variables))).negate()
}
