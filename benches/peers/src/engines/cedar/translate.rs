//! Statements as Cedar policies.
//!
//! Cedar's `like` takes a literal only. A pattern with a variable therefore becomes: the text begins with what stands
//! before the variable, and the segment at the variable's place equals the variable's value; the host splits the
//! texts into segments, which is not timed. Cedar's equality heeds case; where IAM ignores it, the host has folded
//! the request's value. These are favourable forms, made for the patterns that the workloads hold.

use crate::engines::statement::{Condition, Statement, quoted, variable};

/// A text of the request that patterns are matched against.
#[derive(Clone, Copy)]
enum Place<'a> {
    Resource,
    Key(&'a str),
}

/// The policy for one statement.
pub(super) fn policy(statement: &Statement) -> Result<String, String> {
    let effect = if statement.allows() { "permit" } else { "forbid" };
    let principal = match statement.principal() {
        Some(role) => format!("principal in Role::{}", quoted(role)),
        None => "principal".to_owned(),
    };
    let actions: Vec<_> =
        statement.actions().iter().map(|action| format!("Action::{}", quoted(action))).collect();
    let mut tests = Vec::new();
    if !statement.resources().iter().any(|resource| resource == "*") {
        tests.push(any(statement.resources(), |resource| pattern(Place::Resource, resource))?);
    }
    for condition in statement.conditions() {
        tests.push(self::condition(&condition)?);
    }
    let when = if tests.is_empty() { String::new() } else { format!(" when {{ {} }}", tests.join(" && ")) };
    Ok(format!("{effect}({principal}, action in [{}], resource){when};\n", actions.join(",")))
}

fn condition(condition: &Condition<'_>) -> Result<String, String> {
    let place = Place::Key(condition.key);
    let present = place.present();
    let holds = |operator: &str| {
        let test = any(condition.values, |value| test(operator, place, value))?;
        Ok(format!("({present} && {test})"))
    };
    match condition.operator {
        "Null" => Ok(format!("!({present})")),
        "StringNotEquals" => Ok(format!("!{}", holds("StringEquals")?)),
        "NotIpAddress" => Ok(format!("!{}", holds("IpAddress")?)),
        "ForAllValues:StringEquals" => {
            let allowed: Vec<_> = condition.values.iter().map(|value| operand(value)).collect();
            Ok(format!("(!({present}) || [{}].containsAll({}))", allowed.join(","), place.text()))
        }
        operator => holds(operator),
    }
}

/// One value of a condition against the request's.
fn test(operator: &str, place: Place<'_>, value: &str) -> Result<String, String> {
    let text = place.text();
    Ok(match operator {
        "StringLike" | "ArnLike" => return pattern(place, value),
        "StringEquals" => format!("{text} == {}", operand(value)),
        "StringEqualsIgnoreCase" => format!("{text} == {}", quoted(&value.to_lowercase())),
        "Bool" => format!("{text} == {value}"),
        "IpAddress" => format!("{text}.isInRange(ip({}))", quoted(value)),
        "DateGreaterThan" => format!("{text} > datetime({})", quoted(value)),
        "DateLessThan" => format!("{text} < datetime({})", quoted(value)),
        "NumericLessThanEquals" => format!("{text} <= {value}"),
        other => return Err(format!("`{other}` is not translated")),
    })
}

fn pattern(place: Place<'_>, pattern: &str) -> Result<String, String> {
    let text = place.text();
    if pattern.contains('?') {
        return Err("Cedar's `like` has no wildcard for one character".to_owned());
    }
    let Some((before, name, after)) = variable(pattern) else {
        let operator = if pattern.contains('*') { "like" } else { "==" };
        return Ok(format!("{text} {operator} {}", quoted(pattern)));
    };
    if !["", "/*"].contains(&after) {
        return Err(format!("`{pattern}` is not translated"));
    }
    let (segments, number) = (place.segments(), before.matches('/').count());
    let (head, name) = (quoted(&format!("{before}*")), quoted(name));
    Ok(format!(
        "({text} like {head} && context has {name} && {segments} has s{number} && \
         {segments}.s{number} == context[{name}])"
    ))
}

fn any(values: &[String], test: impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let tests = values.iter().map(|value| test(value)).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("({})", tests.join(" || ")))
}

/// A value that may be a variable as a whole.
fn operand(value: &str) -> String {
    match variable(value) {
        Some(("", name, "")) => format!("context[{}]", quoted(name)),
        _ => quoted(value),
    }
}

impl Place<'_> {
    fn text(self) -> String {
        match self {
            Self::Resource => "resource.arn".to_owned(),
            Self::Key(name) => format!("context[{}]", quoted(name)),
        }
    }

    /// The record of its segments, by number.
    fn segments(self) -> String {
        match self {
            Self::Resource => "resource.segments".to_owned(),
            Self::Key(name) => format!("context[{}]", quoted(&segments_of(name))),
        }
    }

    fn present(self) -> String {
        match self {
            Self::Resource => "true".to_owned(),
            Self::Key(name) => format!("context has {}", quoted(name)),
        }
    }
}

/// The context key that holds the segments of another.
pub(super) fn segments_of(name: &str) -> String {
    format!("{name} segments")
}
