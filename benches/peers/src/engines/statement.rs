//! A policy's statements for the engines that do not read IAM's JSON: what their translations start from. An element
//! that the translations do not know is an error, never left out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::workload::Policy;

/// One statement.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Statement {
    #[serde(rename = "Sid")]
    _sid: Option<String>,
    effect: Effect,
    action: Texts,
    resource: Texts,
    principal: Option<BTreeMap<String, Texts>>,
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, Texts>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

/// One key under one operator.
pub(super) struct Condition<'a> {
    pub(super) operator: &'a str,
    pub(super) key: &'a str,
    pub(super) values: &'a [String],
}

/// The statements of a policy.
pub(super) fn statements(policy: &Policy) -> Result<Vec<Statement>, String> {
    let mut document: Value = serde_json::from_str(&policy.text).map_err(|error| error.to_string())?;
    let statements = document.get_mut("Statement").map(Value::take).unwrap_or_default();
    serde_json::from_value(statements).map_err(|error| format!("not translated: {error}"))
}

impl Statement {
    pub(super) fn allows(&self) -> bool {
        self.effect == Effect::Allow
    }

    pub(super) fn actions(&self) -> &[String] {
        self.action.as_slice()
    }

    pub(super) fn resources(&self) -> &[String] {
        self.resource.as_slice()
    }

    /// The one principal that the statement names; nothing if it is for all.
    pub(super) fn principal(&self) -> Option<&str> {
        let named = self.principal.as_ref()?.get("AWS")?.as_slice().first()?;
        (named != "*").then_some(named)
    }

    pub(super) fn conditions(&self) -> impl Iterator<Item = Condition<'_>> {
        self.condition.iter().flat_map(|(operator, keys)| {
            keys.iter().map(|(key, values)| Condition { operator, key, values: values.as_slice() })
        })
    }
}

impl Texts {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

/// A pattern that holds one variable: what stands before it, its name, what stands after it.
pub(super) fn variable(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = pattern.split_once("${")?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// A text as a literal of JSON, which is one of Rego and of Cedar too for what the workloads hold.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
