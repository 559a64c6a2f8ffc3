//! A statement's clauses: action, resource, principal, conditions; and their conjunction.

use crate::compile::{ActionPattern, CompiledPolicy, CompiledStatement};
use crate::request::Request;
use crate::request::action::ActionText;
use crate::text::pool::NoVariables;
use crate::text::truth::Truth;

use super::condition;
use super::principal::{self, Grade, PrincipalMatch};

/// Who asks, as statements of one policy set see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'r, 'a> {
    pub(super) request: &'r Request<'a>,
    /// Whether the caller has a permissions boundary: NotPrincipal then spares nobody.
    pub(super) bounded: bool,
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
pub(super) fn statement(
    policy: &CompiledPolicy,
    statement: &CompiledStatement,
    asked: Asked<'_, '_>,
) -> StatementMatch {
    if !action(policy, statement, asked.request.action()) {
        return StatementMatch::FALSE;
    }
    let resource = resource(policy, statement, asked);
    if resource == Truth::False {
        return StatementMatch::FALSE;
    }
    let PrincipalMatch { matches, grade } = principal::clause(policy, statement, asked);
    if !matches {
        return StatementMatch::FALSE;
    }
    let conditions = statement.conditions.of(&policy.conditions).iter();
    let truth = Truth::all(
        conditions.map(|condition| condition::evaluate(policy, condition, asked.request.context())),
    );
    StatementMatch { truth: resource.and(truth), grade }
}

/// Action or NotAction: never Indeterminate.
pub(super) fn action(policy: &CompiledPolicy, statement: &CompiledStatement, asked: &ActionText<'_>) -> bool {
    let entries = statement.actions.entries.of(&policy.actions);
    let listed = entries.iter().any(|pattern| action_entry(policy, *pattern, asked));
    listed != statement.actions.negated
}

pub(super) fn action_entry(policy: &CompiledPolicy, pattern: ActionPattern, asked: &ActionText<'_>) -> bool {
    let pool = &policy.pool;
    match pattern {
        ActionPattern::Any => true,
        ActionPattern::Exact(text) => pool.text(text) == asked.folded(),
        ActionPattern::Glob(glob) => policy.globs.get(glob as usize).is_some_and(|glob| {
            pool.matches(glob.service, asked.service(), &NoVariables)
                && pool.matches(glob.name, asked.name(), &NoVariables)
        }),
    }
}

/// Resource or NotResource; a statement with neither is about the attached resource.
pub(super) fn resource(
    policy: &CompiledPolicy,
    statement: &CompiledStatement,
    asked: Asked<'_, '_>,
) -> Truth {
    let Some(clause) = statement.resources else { return Truth::True };
    let entries = clause.entries.of(&policy.resources).iter();
    let (resource, variables) = (asked.request.resource(), asked.request.context());
    if clause.negated {
        let listed = entries.map(|entry| policy.pool.matches_exclusion(*entry, resource, variables));
        Truth::any(listed).negate()
    } else {
        Truth::any(entries.map(|entry| policy.pool.matches_resource(*entry, resource, variables)))
    }
}
