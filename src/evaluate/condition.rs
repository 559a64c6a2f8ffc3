//! One condition: the only place that knows absent keys, `IfExists`, set qualifiers and negation.
//!
//! | request | plain | `ForAllValues` | `ForAnyValue` | with `IfExists` |
//! |---|---|---|---|---|
//! | key absent, or `[]` | false; true if negated | true | false | true |
//! | only empty texts | compared | true | false | as without |
//! | one value | compared | compared | compared | as without |
//! | many values | Indeterminate | all of them | some of them | as without |
//!
//! Several operands are an OR, of a negated operator a NOR. `Null` has its own rule: [`presence`].

use std::borrow::Cow;

use crate::compile::{CompiledCondition, CompiledPolicy};
use crate::operator::operand::{Operand, Value};
use crate::operator::table::{Family, Qualifier};
use crate::request::context::{Context, ContextValue};
use crate::text::truth::{Reason, Truth};

/// Whether a condition holds in a context.
pub(super) fn evaluate(
    policy: &CompiledPolicy,
    condition: &CompiledCondition,
    context: &Context<'_>,
) -> Truth {
    let value = context.get_hashed(condition.key.hash, policy.pool.text(condition.key.name));
    if condition.operation.operator.family == Family::Null {
        return presence(policy, condition, value);
    }
    match value {
        // PERF: what nearly every condition is.
        Some(ContextValue::One(text)) if condition.operation.qualifier.is_none() => {
            compare(policy, condition, text, context)
        }
        Some(value) if !value.texts().is_empty() => set(policy, condition, value.texts(), context),
        _ => absent(condition),
    }
}

/// Several values, or one under a set qualifier.
fn set(
    policy: &CompiledPolicy,
    condition: &CompiledCondition,
    texts: &[Cow<'_, str>],
    context: &Context<'_>,
) -> Truth {
    let Some(qualifier) = condition.operation.qualifier else {
        return Truth::Indeterminate(Reason::MultivaluedKey);
    };
    let each = texts.iter().map(|text| compare(policy, condition, text, context));
    let only_empty = texts.iter().all(|text| text.is_empty());
    match qualifier {
        Qualifier::ForAllValues if only_empty => Truth::True,
        Qualifier::ForAnyValue if only_empty => Truth::False,
        Qualifier::ForAllValues => Truth::all(each),
        Qualifier::ForAnyValue => Truth::any(each),
    }
}

/// The key is absent.
fn absent(condition: &CompiledCondition) -> Truth {
    let operation = condition.operation;
    if operation.if_exists {
        return Truth::True;
    }
    match operation.qualifier {
        Some(Qualifier::ForAllValues) => Truth::True,
        Some(Qualifier::ForAnyValue) => Truth::False,
        None => operation.operator.negated.into(),
    }
}

/// One value against all operands: an OR, negated afterwards.
fn compare(
    policy: &CompiledPolicy,
    condition: &CompiledCondition,
    text: &str,
    context: &Context<'_>,
) -> Truth {
    let operator = condition.operation.operator;
    let Some(value) = Value::read(operator.family, text) else {
        return Truth::Indeterminate(Reason::UnreadableValue);
    };
    let operands = condition.operands.of(&policy.operands).iter();
    let compared =
        operands.map(|operand| operand.compare(operator.comparison, &value, &policy.pool, context));
    Truth::any(compared).negate_if(operator.negated)
}

/// `Null`: `"true"` asks for absence. A key whose values are all the empty text is neither absent nor present.
fn presence(
    policy: &CompiledPolicy,
    condition: &CompiledCondition,
    value: Option<&ContextValue<'_>>,
) -> Truth {
    let texts = value.map(ContextValue::texts).unwrap_or_default();
    let is_absent = match texts {
        [] => Truth::True,
        texts if texts.iter().all(|text| text.is_empty()) => Truth::Indeterminate(Reason::EmptyValue),
        _ => Truth::False,
    };
    Truth::any(condition.operands.of(&policy.operands).iter().map(|operand| {
        let Operand::Absence(wanted) = operand else { return Truth::False };
        is_absent.negate_if(!wanted)
    }))
}
