//! What every written entry says to a request: each action, resource, principal, condition and value by itself, for
//! coverage and for the search of requests. Nothing is compared here: each entry is asked alone, by the functions that
//! decide.

use crate::compile::{Clause, CompiledCondition, CompiledStatement, Form, Lookup, ResourceClause, Slice};
use crate::operator::table::{Operation, Qualifier};
use crate::policy::{Document, Effect};
use crate::request::Request;
use crate::request::context::ContextValue;
use crate::text::truth::Truth;

use super::clause::{self, Asked};
use super::decision::StatementId;
use super::layer::Concern;
use super::set::{Attachment, PolicySet};
use super::{condition, principal};

/// What a statement says, entry by entry.
#[derive(Clone, Debug)]
pub struct StatementTrace<'s> {
    /// Which statement.
    pub id: StatementId,
    /// The document that it is in.
    pub document: &'s Document,
    /// Allow or Deny.
    pub effect: Effect,
    /// Whether it matches.
    pub truth: Truth,
    /// Whether the action clause holds.
    pub action: bool,
    /// Whether the resource clause holds.
    pub resource: Truth,
    /// Whether the principal clause holds.
    pub principal: bool,
    /// Whether each value of `Action` or `NotAction` matches.
    pub actions: Vec<bool>,
    /// Whether each value of `Resource` or `NotResource` matches.
    pub resources: Vec<bool>,
    /// Whether each value of `Principal` or `NotPrincipal` names the caller, in the order written; `"*"` is one.
    pub principals: Vec<bool>,
    /// The conditions, in the order written.
    pub conditions: Vec<ConditionTrace>,
}

/// What a condition says.
#[derive(Clone, Debug)]
pub struct ConditionTrace {
    /// Whether it holds.
    pub truth: Truth,
    /// Whether the request has the key, with at least one value.
    pub is_present: bool,
    /// Whether the request has a value that is equal to, like, less than … each operand, before negation.
    pub values: Vec<bool>,
}

impl StatementTrace<'_> {
    /// Whether it does what it says: a Deny also where it cannot be told.
    pub fn applies(&self) -> bool {
        match self.truth {
            Truth::True => true,
            Truth::Indeterminate(_) => self.effect == Effect::Deny,
            Truth::False => false,
        }
    }

    /// Whether its conditions are what matters: every other clause holds.
    pub fn is_reached(&self) -> bool {
        self.action && self.resource != Truth::False && self.principal
    }
}

impl PolicySet {
    /// Asks every entry of every statement that concerns the caller; slow, for tests of policies.
    pub fn trace<'s>(&'s self, request: &Request<'_>) -> Vec<StatementTrace<'s>> {
        let asked = self.asked(request);
        let concerned =
            self.attachments().iter().filter(|one| one.layer.concern(request) == Concern::Applies);
        concerned.flat_map(|place| traces(place, &asked)).collect()
    }
}

fn traces<'s>(place: &'s Attachment, asked: &Asked<'_, '_>) -> Vec<StatementTrace<'s>> {
    let form: &'s Form = &place.policy.form;
    form.statements.iter().filter_map(|statement| trace(place, form, statement, asked)).collect()
}

fn trace<'s>(
    place: &Attachment,
    form: &'s Form,
    statement: &CompiledStatement,
    asked: &Asked<'_, '_>,
) -> Option<StatementTrace<'s>> {
    let Attachment { layer, level, .. } = *place;
    let (policy, number) = (statement.document, statement.position);
    let mut conditions: Vec<_> = statement.conditions.of(&form.conditions).iter().collect();
    conditions.sort_unstable_by_key(|condition| condition.written);
    Some(StatementTrace {
        id: StatementId { layer, level, policy, statement: number },
        document: form.documents.get(policy as usize)?,
        effect: statement.effect,
        truth: clause::statement(form, statement, asked).truth,
        action: form.action_holds(statement, asked.request.action()),
        resource: clause::resource(form, statement, asked),
        principal: principal::clause(form, statement, asked).matches,
        actions: each(statement.actions().entries, |entries| {
            form.action_holds(&statement.with_actions(listed(entries)), asked.request.action())
        }),
        resources: statement.resources().map_or_else(Vec::new, |clause| {
            let alone = |entries| statement.with_resources(ResourceClause { negated: false, entries });
            let entries = clause.entries.each(form);
            entries.map(|entry| clause::resource(form, &alone(entry), asked) == Truth::True).collect()
        }),
        principals: statement.principals().map_or_else(Vec::new, |clause| {
            let alone = |entries| statement.with_principals(listed(entries));
            each(clause.entries, |entries| principal::clause(form, &alone(entries), asked).matches)
        }),
        conditions: conditions.into_iter().map(|condition| condition_trace(form, condition, asked)).collect(),
    })
}

fn listed(entries: Slice) -> Clause {
    Clause { negated: false, entries }
}

fn each(entries: Slice, ask: impl Fn(Slice) -> bool) -> Vec<bool> {
    let count = u32::try_from(entries.range().len()).unwrap_or(u32::MAX);
    (0..count).map(|place| ask(entries.one(place))).collect()
}

fn condition_trace(form: &Form, condition: &CompiledCondition, asked: &Asked<'_, '_>) -> ConditionTrace {
    let scope = asked.scope();
    let value = scope.context.get_bytes(condition.key.hash, form.pool.bytes(condition.key.name));
    let is_present = !matches!(value, None | Some(ContextValue::Many([])));
    let negated = condition.operation.operator.negated;
    let met = |operands| {
        let operation =
            Operation { qualifier: some_value(condition.operation), if_exists: false, ..condition.operation };
        let alone = CompiledCondition { operation, operands, lookup: Lookup::Each, ..*condition };
        let truth = condition::evaluate(form, &alone, scope);
        if negated { is_present && truth == Truth::False } else { truth == Truth::True }
    };
    ConditionTrace {
        truth: condition::evaluate(form, condition, scope),
        is_present,
        values: each(condition.operands, met),
    }
}

/// The qualifier under which one value that meets an operand shows: of a negated operator "all do not" is then false.
fn some_value(operation: Operation) -> Option<Qualifier> {
    let shows = if operation.operator.negated { Qualifier::ForAllValues } else { Qualifier::ForAnyValue };
    operation.qualifier.map(|_| shows)
}
