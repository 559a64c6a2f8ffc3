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

use std::net::IpAddr;

use ipnet::IpNet;

use crate::compile::{CompiledCondition, Form, Lookup, Slice};
use crate::operator::arn;
use crate::operator::boolean;
use crate::operator::date::Instant;
use crate::operator::ip::read_address;
use crate::operator::numeric::Decimal;
use crate::operator::operand::{Operand, Value};
use crate::operator::string;
use crate::operator::table::{Comparison, Family, Qualifier};
use crate::request::context::ContextValue;
use crate::text::arn_pattern::ResourceText;
use crate::text::truth::{Reason, Truth};

use super::clause::Scope;

/// Whether all of a statement's conditions hold; only False ends it early.
///
/// PERF: one function for all of them, so that entering and leaving it is paid once.
#[inline(never)]
pub(super) fn all(form: &Form, conditions: &[CompiledCondition], scope: Scope<'_, '_>) -> Truth {
    let mut truth = Truth::True;
    for condition in conditions {
        match holds(form, condition, scope) {
            Truth::True => {}
            Truth::False => return Truth::False,
            unsure @ Truth::Indeterminate(_) => truth = truth.and(unsure),
        }
    }
    truth
}

/// Whether a condition holds in a context.
pub(super) fn evaluate(form: &Form, condition: &CompiledCondition, scope: Scope<'_, '_>) -> Truth {
    holds(form, condition, scope)
}

#[allow(
    clippy::inline_always,
    reason = "a statement's conditions are asked in one function: what is asked of each costs as little as calls do"
)]
#[inline(always)]
fn holds(form: &Form, condition: &CompiledCondition, scope: Scope<'_, '_>) -> Truth {
    match scope.context.get_bytes(condition.key.hash, form.pool.bytes(condition.key.name)) {
        // PERF: what nearly every condition is.
        Some(ContextValue::One(text)) if condition.operation.qualifier.is_none() => {
            compare(form, condition, text, scope)
        }
        value => other(form, condition, value, scope),
    }
}

/// A condition other than a plain one of a key with one value.
#[inline(never)]
fn other(
    form: &Form,
    condition: &CompiledCondition,
    value: Option<ContextValue<'_>>,
    scope: Scope<'_, '_>,
) -> Truth {
    if condition.operation.operator.family == Family::Null {
        return presence(form, condition, value);
    }
    match value {
        Some(ContextValue::Many([])) | None => absent(condition),
        Some(value) => set(form, condition, value, scope),
    }
}

/// Several values, or one under a set qualifier.
fn set(form: &Form, condition: &CompiledCondition, value: ContextValue<'_>, scope: Scope<'_, '_>) -> Truth {
    let Some(qualifier) = condition.operation.qualifier else {
        return Truth::Indeterminate(Reason::MultivaluedKey);
    };
    let each = value.texts().map(|text| compare_one(form, condition, text, scope));
    let only_empty = value.texts().all(str::is_empty);
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
#[allow(
    clippy::inline_always,
    reason = "a condition is asked in one function: its parts cost as little as calls do"
)]
#[inline(always)]
fn compare(form: &Form, condition: &CompiledCondition, text: &str, scope: Scope<'_, '_>) -> Truth {
    let operator = condition.operation.operator;
    let compared = match operator.family {
        Family::String => is_text(form, condition, operator.comparison, text, scope).into(),
        Family::Arn => is_arn(form, condition, text, scope).into(),
        // PERF: a function a family, so that comparing knows the type.
        Family::Ip => is_address(form, condition, text, scope),
        Family::Date => is_instant(form, condition, operator.comparison, text, scope),
        Family::Bool => {
            meets(form, condition, operator.comparison, boolean::read(text).map(Value::Bool), scope)
        }
        Family::Numeric => is_decimal(form, condition, operator.comparison, text, scope),
        Family::Binary => is_bytes(form, condition, operator.comparison, text, scope),
        Family::Null => return presence(form, condition, Some(ContextValue::One(text))),
    };
    compared.negate_if(operator.negated)
}

/// The same, not inlined: for several values, and for those who ask of one value.
#[inline(never)]
pub(super) fn compare_one(
    form: &Form,
    condition: &CompiledCondition,
    text: &str,
    scope: Scope<'_, '_>,
) -> Truth {
    compare(form, condition, text, scope)
}

/// Whether a text is one of the operands.
#[allow(
    clippy::inline_always,
    reason = "a condition is asked in one function: its parts cost as little as calls do"
)]
#[inline(always)]
fn is_text(
    form: &Form,
    condition: &CompiledCondition,
    comparison: Comparison,
    text: &str,
    scope: Scope<'_, '_>,
) -> bool {
    if let Lookup::Heads(heads) = condition.lookup {
        return is_under_head(form, heads, comparison, text, scope);
    }
    for operand in condition.operands.of(&form.operands) {
        if let Some(pattern) = operand.text()
            && string::compare(comparison, &form.pool, pattern, text, &scope)
        {
            return true;
        }
    }
    false
}

/// Whether one of the operands whose heads a text begins with is it.
#[inline(never)]
fn is_under_head(
    form: &Form,
    heads: Slice,
    comparison: Comparison,
    text: &str,
    scope: Scope<'_, '_>,
) -> bool {
    let mut found = form.heads.of(heads, &form.pool, text.as_bytes()).flatten();
    found.any(|number| {
        let pattern = form.operands.get(*number as usize).and_then(Operand::text);
        pattern.is_some_and(|pattern| string::compare(comparison, &form.pool, pattern, text, &scope))
    })
}

/// Whether a text is an ARN that matches one of the operands.
fn is_arn(form: &Form, condition: &CompiledCondition, text: &str, scope: Scope<'_, '_>) -> bool {
    let value = ResourceText::new(text);
    let is = |pattern| arn::compare(&form.pool, pattern, &value, &scope);
    condition.operands.of(&form.operands).iter().any(|operand| operand.arn().is_some_and(is))
}

/// Whether a text is an address in one of the ranges; it is read once a request.
#[inline(never)]
fn is_address(form: &Form, condition: &CompiledCondition, text: &str, scope: Scope<'_, '_>) -> Truth {
    let value = scope.context.address(text, read_address).map(Value::Address);
    meets(form, condition, Comparison::Equals, value, scope)
}

/// Whether a text is an instant that meets one of the operands; it is read once a request.
#[inline(never)]
fn is_instant(
    form: &Form,
    condition: &CompiledCondition,
    comparison: Comparison,
    text: &str,
    scope: Scope<'_, '_>,
) -> Truth {
    let read = |text: &str| Instant::read(text).ok().map(Instant::parts);
    let parts = scope.context.instant(text, read);
    let value = parts.map(|parts| Value::Instant(Instant::from_parts(parts)));
    meets(form, condition, comparison, value, scope)
}

/// Whether a text is a decimal that meets one of the operands.
#[inline(never)]
fn is_decimal(
    form: &Form,
    condition: &CompiledCondition,
    comparison: Comparison,
    text: &str,
    scope: Scope<'_, '_>,
) -> Truth {
    meets(form, condition, comparison, Decimal::read(text).map(Value::Decimal), scope)
}

/// Whether a text is base64 of the same bytes as one of the operands.
#[inline(never)]
fn is_bytes(
    form: &Form,
    condition: &CompiledCondition,
    comparison: Comparison,
    text: &str,
    scope: Scope<'_, '_>,
) -> Truth {
    meets(form, condition, comparison, Value::read(Family::Binary, text), scope)
}

/// Whether a value meets one of the operands; none is a value that cannot be read.
#[allow(clippy::inline_always, reason = "the type of the value is then known")]
#[inline(always)]
fn meets(
    form: &Form,
    condition: &CompiledCondition,
    comparison: Comparison,
    value: Option<Value<'_>>,
    scope: Scope<'_, '_>,
) -> Truth {
    let Some(value) = value else { return Truth::Indeterminate(Reason::UnreadableValue) };
    if let Lookup::Networks(networks) = condition.lookup {
        return is_in(networks.of(&form.networks), &value).into();
    }
    let mut met = Truth::False;
    for operand in condition.operands.of(&form.operands) {
        match operand.compare(comparison, &value, &form.pool, &scope) {
            Truth::False => {}
            Truth::True => return Truth::True,
            unsure @ Truth::Indeterminate(_) => met = met.or(unsure),
        }
    }
    met
}

/// Whether an address is in one of several sorted, disjoint ranges.
fn is_in(networks: &[IpNet], value: &Value<'_>) -> bool {
    let Value::Address(address) = value else { return false };
    // PERF: a family each, so that a step of the search compares numbers; IPv4 stands before IPv6.
    let after = match address {
        IpAddr::V4(address) => {
            let bits = address.to_bits();
            networks.partition_point(|one| matches!(one, IpNet::V4(own) if own.addr().to_bits() <= bits))
        }
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            networks.partition_point(|one| !matches!(one, IpNet::V6(own) if own.addr().to_bits() > bits))
        }
    };
    networks.get(after.wrapping_sub(1)).is_some_and(|network| network.contains(address))
}

/// `Null`: `"true"` asks for absence. A key whose values are all the empty text is neither absent nor present.
fn presence(form: &Form, condition: &CompiledCondition, value: Option<ContextValue<'_>>) -> Truth {
    let is_absent = match value {
        None | Some(ContextValue::Many([])) => Truth::True,
        Some(value) if value.texts().all(str::is_empty) => Truth::Indeterminate(Reason::EmptyValue),
        Some(_) => Truth::False,
    };
    Truth::any(condition.operands.of(&form.operands).iter().map(|operand| {
        let Operand::Absence(wanted) = operand else { return Truth::False };
        is_absent.negate_if(!wanted)
    }))
}
