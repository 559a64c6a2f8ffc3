//! Statements as Rego rules, one rule each, made for the patterns that the workloads hold: a text without wildcards is
//! compared, a final star becomes `startswith`, a variable is put in with `concat`, anything else is a `glob.match`.
//! A list of alternatives becomes a helper rule with a definition for each.

use std::fmt::Write;

use verdikt::Kind;

use crate::engines::statement::{Condition, Statement, quoted, statements, variable};
use crate::workload::Workload;

/// The rules of one statement while they are written.
struct Rule {
    number: usize,
    body: Vec<String>,
    helpers: String,
}

/// The program that decides all layers.
pub(super) fn program(workload: &Workload) -> Result<String, String> {
    let mut text = String::from("package iam\nimport rego.v1\ndefault deny := false\ndeny if { false }\n");
    let (mut number, mut limits) = (0, String::new());
    for (kind, policies) in workload.layers() {
        let layer = format!("{}_allow", kind.as_str());
        let _ = writeln!(text, "default {layer} := false");
        for statement in policies.into_iter().map(statements).collect::<Result<Vec<_>, _>>()?.iter().flatten()
        {
            number += 1;
            let rule = Rule::of(statement, number)?;
            let head = if statement.allows() { &layer } else { "deny" };
            let _ = write!(text, "{head} if {{ {} }}\n{}", rule.body.join("\n"), rule.helpers);
        }
        let _ = match kind {
            Kind::Identity | Kind::Resource => writeln!(text, "grant if {layer}"),
            _ => write!(limits, "; {layer}"),
        };
    }
    let _ = write!(
        text,
        "decision := \"explicit_deny\" if deny\n\
         else := \"allow\" if {{ grant{limits} }}\n\
         else := \"implicit_deny\"\n"
    );
    Ok(text)
}

impl Rule {
    fn of(statement: &Statement, number: usize) -> Result<Self, String> {
        let mut rule = Self { number, body: Vec::new(), helpers: String::new() };
        rule.actions(statement.actions());
        let resources = statement.resources().iter().map(|resource| pattern("input.resource", resource));
        rule.any_of("resource", &resources.collect::<Vec<_>>());
        if let Some(role) = statement.principal() {
            rule.body.push(format!("input.principal == {}", quoted(role)));
        }
        for condition in statement.conditions() {
            rule.condition(&condition)?;
        }
        Ok(rule)
    }

    fn actions(&mut self, actions: &[String]) {
        if actions.len() > 1 && actions.iter().all(|action| !action.contains('*')) {
            self.body.push(format!("input.action in {{{}}}", list(actions)));
        } else {
            let tests: Vec<_> = actions.iter().map(|action| pattern("input.action", action)).collect();
            self.any_of("action", &tests);
        }
    }

    /// One of the tests must hold; `true` among them says that none is needed.
    fn any_of(&mut self, name: &str, tests: &[String]) {
        match tests {
            tests if tests.iter().any(|test| test == "true") => {}
            [only] => self.body.push(only.clone()),
            tests => {
                let helper = format!("{name}_{}", self.number);
                for test in tests {
                    let _ = writeln!(self.helpers, "{helper} if {{ {test} }}");
                }
                self.body.push(helper);
            }
        }
    }

    fn condition(&mut self, condition: &Condition<'_>) -> Result<(), String> {
        let key = format!("input.context[{}]", quoted(condition.key));
        let values = format!("[{}]", list(condition.values));
        let first = condition.values.first().map_or("", String::as_str);
        let date = format!("time.parse_rfc3339_ns({})", quoted(first));
        self.body.push(match condition.operator {
            "StringLike" | "ArnLike" => {
                let tests: Vec<_> = condition.values.iter().map(|value| pattern(&key, value)).collect();
                self.any_of(&format!("condition{}", self.body.len()), &tests);
                return Ok(());
            }
            "StringEquals" | "Bool" => format!("{key} in {values}"),
            "StringNotEquals" => format!("not {key} in {values}"),
            "StringEqualsIgnoreCase" => format!("lower({key}) == {}", quoted(&first.to_lowercase())),
            "IpAddress" => format!("some range in {values}; net.cidr_contains(range, {key})"),
            "NotIpAddress" => format!("not net.cidr_contains({}, {key})", quoted(first)),
            "DateGreaterThan" => format!("time.parse_rfc3339_ns({key}) > {date}"),
            "DateLessThan" => format!("time.parse_rfc3339_ns({key}) < {date}"),
            "NumericLessThanEquals" => format!("to_number({key}) <= {first}"),
            "Null" => format!("not {key}"),
            "ForAllValues:StringEquals" => {
                let name = quoted(condition.key);
                format!("every value in object.get(input.context, {name}, []) {{ value in {values} }}")
            }
            other => return Err(format!("`{other}` is not translated")),
        });
        Ok(())
    }
}

fn pattern(text: &str, pattern: &str) -> String {
    if pattern == "*" {
        return "true".to_owned();
    }
    if let Some((before, name, after)) = variable(pattern) {
        let parts = format!("{}, input.context[{}]", quoted(before), quoted(name));
        return match after.strip_suffix('*') {
            None => format!("{text} == concat(\"\", [{parts}, {}])", quoted(after)),
            Some(after) => format!("startswith({text}, concat(\"\", [{parts}, {}]))", quoted(after)),
        };
    }
    match pattern.strip_suffix('*') {
        Some(head) if !head.contains(['*', '?']) => format!("startswith({text}, {})", quoted(head)),
        None if !pattern.contains(['*', '?']) => format!("{text} == {}", quoted(pattern)),
        _ => format!("glob.match({}, null, {text})", quoted(pattern)),
    }
}

/// Values, each of which may be a variable as a whole, separated by commas and line breaks.
fn list(values: &[String]) -> String {
    let operand = |value: &String| match variable(value) {
        Some(("", name, "")) => format!("input.context[{}]", quoted(name)),
        _ => quoted(value),
    };
    values.iter().map(operand).collect::<Vec<_>>().join(",\n")
}
