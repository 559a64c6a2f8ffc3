//! Conditions: which documents are accepted, and what a condition says of a request.

use serde_json::{Map, Value};

use super::context::{Context, Entry};
use super::operator::{Family, Operator, Set, compare};
use super::truth::Truth;
use super::values::{boolean, fold, scalar_text};

/// Keys that name a tag and are nothing without it.
const TAG_KEYS: [&str; 7] = [
    "aws:principaltag",
    "aws:requesttag",
    "aws:resourcetag",
    "s3:existingobjecttag",
    "s3:requestobjecttag",
    "s3:buckettag",
    "s3:accesspointtag",
];

/// Refuses a `Condition` element that the language does not have.
pub fn check(condition: &Value, variables: bool) -> Result<(), String> {
    let operators = condition.as_object().ok_or("Condition is an object")?;
    for (name, keys) in operators {
        let operator = Operator::parse(name)?;
        let keys = keys.as_object().ok_or_else(|| format!("`{name}` is an object of keys"))?;
        check_keys(operator, keys, variables)?;
    }
    Ok(())
}

fn check_keys(operator: Operator, keys: &Map<String, Value>, variables: bool) -> Result<(), String> {
    let mut seen: Vec<String> = Vec::new();
    for (key, values) in keys {
        let name = fold(key);
        if seen.contains(&name) {
            return Err(format!("the key `{key}` stands twice under one operator"));
        }
        if name.is_empty() {
            return Err("a condition key has a name".to_owned());
        }
        if TAG_KEYS.contains(&name.strip_suffix('/').unwrap_or(&name)) {
            return Err(format!("`{key}` names no tag"));
        }
        if key.contains("${") {
            return Err(format!("`{key}`: a key takes no variable"));
        }
        for operand in operands(values)? {
            operator.check_operand(&operand, variables)?;
        }
        seen.push(name);
    }
    Ok(())
}

/// The texts of a condition's values: one scalar, or an array of at least one.
fn operands(values: &Value) -> Result<Vec<String>, String> {
    let values = match values {
        Value::Array(values) if values.is_empty() => return Err("a condition key without values".to_owned()),
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    values.iter().map(operand).collect()
}

fn operand(value: &Value) -> Result<String, String> {
    let text = scalar_text(value).ok_or("a condition value is a string, a number or a boolean")?;
    if value.is_number() && text.contains(['e', 'E']) {
        return Err(format!("`{text}`: a number is written without an exponent"));
    }
    Ok(text)
}

/// What each operator and key of an accepted condition says; the condition is their AND.
pub fn tests(condition: Option<&Value>, variables: bool, context: &Context) -> Vec<Truth> {
    let mut truths = Vec::new();
    for (name, keys) in condition.and_then(Value::as_object).into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let truth = match (Operator::parse(name), operands(values)) {
                (Ok(operator), Ok(operands)) => {
                    test(operator, &operands, context.get(key), variables, context)
                }
                _ => Truth::Indeterminate,
            };
            truths.push(truth);
        }
    }
    truths
}

fn test(
    operator: Operator,
    operands: &[String],
    entry: Option<&Entry>,
    variables: bool,
    context: &Context,
) -> Truth {
    if operator.family == Family::Null {
        return null(operands, entry);
    }
    let Some(entry) = entry else {
        return absent(operator);
    };
    let matches = |value: &String| {
        let pairs =
            operands.iter().map(|operand| compare(operator.family, operand, value, variables, context));
        let any = Truth::any(pairs);
        if operator.negated { any.not() } else { any }
    };
    match (operator.set, entry) {
        (Set::Plain, Entry::One(value)) => matches(value),
        (Set::Plain, Entry::Many(_)) => Truth::Indeterminate,
        (set, Entry::One(value)) => over_set(set, std::slice::from_ref(value), matches),
        (set, Entry::Many(values)) => over_set(set, values, matches),
    }
}

/// A set of nothing but empty texts counts as empty.
fn over_set(set: Set, values: &[String], matches: impl Fn(&String) -> Truth) -> Truth {
    if values.iter().all(String::is_empty) {
        return Truth::of(set == Set::All);
    }
    let truths = values.iter().map(matches);
    if set == Set::All { Truth::all(truths) } else { Truth::any(truths) }
}

/// The only place that says what an absent key means.
fn absent(operator: Operator) -> Truth {
    let matches = match operator.set {
        _ if operator.if_exists => true,
        Set::All => true,
        Set::Any => false,
        Set::Plain => operator.negated,
    };
    Truth::of(matches)
}

/// `Null`: `true` asks that the key be absent, `false` that it be present. Nothing but empty texts is neither.
fn null(operands: &[String], entry: Option<&Entry>) -> Truth {
    let is_absent = match entry {
        None => Truth::True,
        Some(Entry::One(value)) if value.is_empty() => Truth::Indeterminate,
        Some(Entry::Many(values)) if values.iter().all(String::is_empty) => Truth::Indeterminate,
        Some(_) => Truth::False,
    };
    Truth::any(operands.iter().map(|operand| match boolean(operand) {
        Some(true) => is_absent,
        Some(false) => is_absent.not(),
        None => Truth::Indeterminate,
    }))
}
