//! One condition: its truth by the function that a decision asks, and the same function asked of each operand and, under
//! a set qualifier, of each value alone.

use crate::compile::{CompiledCondition, Form, Lookup, Slice};
use crate::operator::operand::Operand;
use crate::operator::table::Family;
use crate::policy::{Condition, Document, Spanned};
use crate::request::context::ContextValue;
use crate::text::span::Span;
use crate::text::truth::{Reason, Truth};

use super::super::clause::Scope;
use super::super::condition;
use super::build::NOWHERE;
use super::{ClauseExplanation, ConditionTerms, EntryExplanation, Given, ValueExplanation, variable, why};

pub(super) fn explain(
    form: &Form,
    compiled: &CompiledCondition,
    written: &Condition,
    document: &Document,
    scope: Scope<'_, '_>,
) -> ClauseExplanation {
    let key = written.key.value.as_str();
    let asked = Asked { form, compiled, document, scope, value: scope.context.get(key) };
    let slots = compiled.operands.each().zip(&written.values);
    let entries: Vec<_> = slots.map(|(slot, written)| asked.entry(slot, written)).collect();
    let truth = condition::evaluate(form, compiled, scope);
    let (given, values) = (Given::of(asked.value), asked.values());
    let why = why::condition(written, truth, &given, &values, &entries);
    ClauseExplanation {
        element: "Condition",
        truth,
        at_fault: false,
        condition: Some(ConditionTerms { operator: written.operation.to_string(), key: key.to_owned() }),
        given,
        values,
        entries,
        why,
        span: span_of(written),
        position: NOWHERE,
    }
}

/// A condition and what the request has under its key.
struct Asked<'p, 'r, 'a> {
    form: &'p Form,
    compiled: &'p CompiledCondition,
    document: &'p Document,
    scope: Scope<'r, 'a>,
    value: Option<ContextValue<'r>>,
}

impl Asked<'_, '_, '_> {
    fn entry(&self, slot: Slice, written: &Spanned<String>) -> EntryExplanation {
        let variables = variable::explain(&written.value, self.document, self.scope.context);
        let operand = slot.of(&self.form.operands).first();
        let substitute = |operand: &Operand| operand.substituted(&self.form.pool, self.scope.context);
        let substituted = operand.and_then(substitute).filter(|_| !variables.is_empty());
        let truth = self.truth(slot);
        let has_variables = self.compiled.operation.operator.variables;
        EntryExplanation {
            written: written.value.clone(),
            substituted,
            truth,
            variables,
            has_plain_variables: has_variables && variable::are_plain(&written.value, self.document),
            span: written.span,
        }
    }

    /// Whether some value meets an operand.
    fn truth(&self, operands: Slice) -> Truth {
        let alone = CompiledCondition { operands, lookup: Lookup::Each, ..*self.compiled };
        let operation = self.compiled.operation;
        if operation.operator.family == Family::Null {
            return condition::evaluate(self.form, &alone, self.scope);
        }
        match self.value {
            Some(ContextValue::Many([])) | None => Truth::False,
            Some(ContextValue::Many(_)) if operation.qualifier.is_none() => {
                Truth::Indeterminate(Reason::MultivaluedKey)
            }
            Some(value) => Truth::any(value.texts().map(|text| {
                condition::compare_one(self.form, &alone, text, self.scope)
                    .negate_if(operation.operator.negated)
            })),
        }
    }

    /// What comes of each of several values.
    fn values(&self) -> Vec<ValueExplanation> {
        let (Some(ContextValue::Many(texts)), Some(_)) = (self.value, self.compiled.operation.qualifier)
        else {
            return Vec::new();
        };
        let each = texts.iter().map(|text| ValueExplanation {
            text: text.to_string(),
            truth: condition::compare_one(self.form, self.compiled, text, self.scope),
        });
        each.collect()
    }
}

impl Given {
    /// What a context has under a key; an empty list is absent.
    pub(super) fn of(value: Option<ContextValue<'_>>) -> Self {
        match value {
            None | Some(ContextValue::Many([])) => Self::Absent,
            Some(ContextValue::One(text)) => Self::One(text.to_owned()),
            Some(ContextValue::Many(texts)) => Self::Many(texts.iter().map(ToString::to_string).collect()),
        }
    }
}

/// From the key to the last value.
fn span_of(written: &Condition) -> Span {
    let end = written.values.last().map_or(written.key.span.end, |value| value.span.end);
    Span { start: written.key.span.start, end: end.max(written.key.span.end) }
}
