//! One line of plain English for each clause.

use std::fmt::Write as _;

use crate::operator::table::{Comparison, Family, Operator, Qualifier};
use crate::policy::Condition;
use crate::text::truth::Truth;

use super::{EntryExplanation, Given, ValueExplanation};

/// Of `Action`, `Resource` and their Not- forms.
pub(super) fn listed(asked: &str, negated: bool, truth: Truth, entries: &[EntryExplanation]) -> String {
    let asked = quoted(asked);
    if let Truth::Indeterminate(reason) = truth {
        return format!("{asked}: {}", reason.text());
    }
    let why = match entries.iter().find(|entry| entry.truth == Truth::True) {
        Some(entry) if negated => format!("{asked} is excepted by {}", shown(entry)),
        Some(entry) => format!("{asked} matches {}", shown(entry)),
        None => match entries {
            [one] => format!("{asked} does not match {}", shown(one)),
            entries => format!("{asked} matches none of {}", list(entries)),
        },
    };
    why + plain_variables(entries)
}

/// Of a policy whose Version has no variables: whoever wrote one takes it for one.
fn plain_variables(entries: &[EntryExplanation]) -> &'static str {
    if entries.iter().any(|entry| entry.has_plain_variables) {
        ", where `${…}` is plain text: policy variables need Version `2012-10-17`"
    } else {
        ""
    }
}

/// Of `Principal` and `NotPrincipal`.
pub(super) fn principal(
    asked: &str,
    negated: bool,
    truth: Truth,
    bounded: bool,
    entries: &[EntryExplanation],
) -> String {
    let asked = quoted(asked);
    match (negated, truth) {
        (true, Truth::True) if bounded => {
            format!("{asked} has a permissions boundary, and NotPrincipal then spares nobody")
        }
        (true, Truth::True) => format!("{asked}, or a parent of it, is not listed, so it is not spared"),
        (true, _) => format!("{asked} and every parent of it are listed, so it is spared"),
        (false, Truth::True) => match entries.iter().find(|entry| entry.truth == Truth::True) {
            Some(entry) => format!("{asked} is named by {}", shown(entry)),
            None => format!("{asked} is named"),
        },
        (false, _) if entries.is_empty() => "nobody is named".to_owned(),
        (false, _) => format!("{asked} is not named by {}", list(entries)),
    }
}

/// Of a condition.
pub(super) fn condition(
    written: &Condition,
    truth: Truth,
    given: &Given,
    values: &[ValueExplanation],
    entries: &[EntryExplanation],
) -> String {
    let key = written.key.value.as_str();
    if let Truth::Indeterminate(reason) = truth {
        return format!("{key} is {}: {}", written_given(given), reason.text());
    }
    let operator = written.operation.operator;
    match given {
        Given::Absent => absent(written, truth),
        _ if operator.family == Family::Null => format!("the request has {key}"),
        Given::One(text) if text.is_empty() && written.operation.qualifier.is_some() => {
            format!("{key} is empty, which is no value to a set qualifier")
        }
        Given::One(text) => {
            let relation = relation(operator, entries);
            format!("{key} is {}, {relation}{}", quoted(text), plain_variables(entries))
        }
        Given::Many(_) => several(written, truth, values, entries) + plain_variables(entries),
    }
}

fn absent(written: &Condition, truth: Truth) -> String {
    let mut out = format!("the request has no {}", written.key.value);
    let operation = written.operation;
    if truth == Truth::True && operation.operator.family != Family::Null {
        out += match operation.qualifier {
            _ if operation.if_exists => ", which IfExists takes for a match",
            Some(Qualifier::ForAllValues) => ", which ForAllValues takes for a match",
            Some(Qualifier::ForAnyValue) | None => ", which a negated operator takes for a match",
        };
    }
    out
}

/// Of several values under a set qualifier.
fn several(
    written: &Condition,
    truth: Truth,
    values: &[ValueExplanation],
    entries: &[EntryExplanation],
) -> String {
    let key = written.key.value.as_str();
    let operator = written.operation.operator;
    if values.iter().all(|value| value.text.is_empty()) {
        return format!("all values of {key} are empty, which is no value to a set qualifier");
    }
    let verb = verb(operator);
    let relation = |met: bool| match (met, entries) {
        (true, [one]) => format!("{verb} {}", shown(one)),
        (false, [one]) => format!("not {verb} {}", shown(one)),
        (true, _) => format!("{verb} one of {}", list(entries)),
        (false, _) => format!("{verb} none of {}", list(entries)),
    };
    let is_all = written.operation.qualifier == Some(Qualifier::ForAllValues);
    // The value that settles it: of all one that fails, of any one that holds.
    let settling = values.iter().find(|value| (value.truth == Truth::True) != is_all);
    match settling {
        Some(value) if is_all => {
            format!("{} of {key} is {}", quoted(&value.text), relation(operator.negated))
        }
        Some(value) => format!("{} of {key} is {}", quoted(&value.text), relation(!operator.negated)),
        None if truth == Truth::True => format!("every value of {key} is {}", relation(!operator.negated)),
        None => format!("every value of {key} is {}", relation(operator.negated)),
    }
}

/// How a value relates to the operands: to the first that it meets, or to none of them.
fn relation(operator: &Operator, entries: &[EntryExplanation]) -> String {
    let verb = verb(operator);
    match entries.iter().find(|entry| entry.truth == Truth::True) {
        Some(entry) => format!("{verb} {}", shown(entry)),
        None => match entries {
            [one] => format!("not {verb} {}", shown(one)),
            entries => format!("{verb} none of {}", list(entries)),
        },
    }
}

fn verb(operator: &Operator) -> &'static str {
    let is_date = operator.family == Family::Date;
    match operator.comparison {
        Comparison::Equals if operator.family == Family::Ip => "in",
        Comparison::Equals | Comparison::Presence => "equal to",
        Comparison::EqualsIgnoreCase => "equal, case ignored, to",
        Comparison::Like => "like",
        Comparison::LessThan if is_date => "before",
        Comparison::LessThanEquals if is_date => "before or at",
        Comparison::GreaterThan if is_date => "after",
        Comparison::GreaterThanEquals if is_date => "after or at",
        Comparison::LessThan => "less than",
        Comparison::LessThanEquals => "at most",
        Comparison::GreaterThan => "more than",
        Comparison::GreaterThanEquals => "at least",
    }
}

/// What a request has, in a sentence.
pub(super) fn written_given(given: &Given) -> String {
    match given {
        Given::Absent => "absent".to_owned(),
        Given::One(text) => quoted(text),
        Given::Many(texts) => format!("[{}]", joined(texts.iter().map(|text| quoted(text)))),
    }
}

/// An entry after substitution.
fn shown(entry: &EntryExplanation) -> String {
    match &entry.substituted {
        Some(text) => quoted(text),
        None if entry.variables.iter().any(|variable| variable.value.is_none()) => {
            format!("{}, a variable of which has no value", quoted(&entry.written))
        }
        None => quoted(&entry.written),
    }
}

fn list(entries: &[EntryExplanation]) -> String {
    joined(entries.iter().map(shown))
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 6;
    let mut out = String::new();
    let mut left_out = 0_usize;
    for (index, text) in texts.enumerate() {
        if index >= SHOWN {
            left_out = left_out.saturating_add(1);
            continue;
        }
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(&text);
    }
    if left_out > 0 {
        // Writing to memory does not fail.
        let _ = write!(out, " and {left_out} more");
    }
    out
}

/// A text in backticks, shortened where it is long.
pub(super) fn quoted(text: &str) -> String {
    const LIMIT: usize = 200;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}
