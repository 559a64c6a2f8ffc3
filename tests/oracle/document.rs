//! Which policy documents are accepted.
//!
//! A document arrives as a `serde_json::Value`, so a key written twice in one object cannot be seen here: the last one is
//! kept. Whoever reads the text must refuse it.

use serde_json::{Map, Value, json};

use super::{action, condition, principal, resource};

/// What a document is attached as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Identity,
    Boundary,
    Session,
    Resource,
    Trust,
    /// A trust policy at decision time: it may hold a `Resource`, which is matched like any other.
    TrustInUse,
    Scp,
    Rcp,
    VpcEndpoint,
}

impl Kind {
    /// Every kind that has a name.
    pub const NAMED: [(&'static str, Self); 8] = [
        ("identity", Self::Identity),
        ("boundary", Self::Boundary),
        ("session", Self::Session),
        ("resource", Self::Resource),
        ("trust", Self::Trust),
        ("scp", Self::Scp),
        ("rcp", Self::Rcp),
        ("vpc_endpoint", Self::VpcEndpoint),
    ];

    fn names_principals(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::TrustInUse | Self::Rcp | Self::VpcEndpoint)
    }

    fn is_trust(self) -> bool {
        matches!(self, Self::Trust | Self::TrustInUse)
    }

    /// Whether an empty `Action` or `Resource` is a statement that matches nothing, instead of an error.
    fn takes_empty_lists(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::TrustInUse | Self::VpcEndpoint)
    }

    /// Whether a Sid is of letters and digits, and unique.
    fn has_strict_sids(self) -> bool {
        matches!(self, Self::Identity | Self::Boundary | Self::Session | Self::Trust | Self::TrustInUse)
    }

    /// Whether an ARN may leave out its last fields.
    fn pads(self) -> bool {
        matches!(self, Self::Identity | Self::Boundary)
    }
}

/// Refuses a document that this kind of attachment does not take.
pub fn check(policy: &Value, kind: Kind) -> Result<(), String> {
    let document = policy.as_object().ok_or("a policy is an object")?;
    only_keys(document, &["Version", "Id", "Statement"])?;
    check_version(document.get("Version"), kind)?;
    if document.get("Id").is_some_and(|id| !id.is_string()) {
        return Err("Id is a string".to_owned());
    }
    let statements = statements(policy);
    if document.get("Statement").is_none() || (statements.is_empty() && !kind.takes_empty_lists()) {
        return Err("a policy has a statement".to_owned());
    }
    if kind == Kind::Rcp && allows_everything(statements) {
        return Ok(());
    }
    for statement in statements {
        let statement = statement.as_object().ok_or("a statement is an object")?;
        check_statement(statement, kind, has_variables(policy))?;
    }
    if kind.has_strict_sids() { unique_sids(statements) } else { Ok(()) }
}

/// The statements of a document: `Statement` holds one or a list of them.
pub fn statements(policy: &Value) -> &[Value] {
    match policy.get("Statement") {
        None => &[],
        Some(Value::Array(statements)) => statements,
        Some(single) => std::slice::from_ref(single),
    }
}

/// Whether `${...}` is a variable in this document.
pub fn has_variables(policy: &Value) -> bool {
    policy.get("Version").is_some_and(|version| version == "2012-10-17")
}

/// The strings of an element that is one string or a list of them.
pub fn strings(element: &Value) -> Result<Vec<&str>, String> {
    let values = match element {
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    values.iter().map(|value| value.as_str().ok_or_else(|| "a string is missing".to_owned())).collect()
}

fn only_keys(object: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("`{key}` is no policy element")),
        None => Ok(()),
    }
}

fn check_version(version: Option<&Value>, kind: Kind) -> Result<(), String> {
    match version {
        Some(version) if version == "2012-10-17" => Ok(()),
        Some(version) if version == "2008-10-17" && kind != Kind::Rcp => Ok(()),
        None if kind != Kind::Rcp => Ok(()),
        _ => Err("this Version is not accepted".to_owned()),
    }
}

/// The one resource control policy that allows: everything, to everyone. A Sid, a condition that holds nothing, and
/// brackets around one value do not make it another.
fn allows_everything(statements: &[Value]) -> bool {
    let [Value::Object(statement)] = statements else {
        return false;
    };
    let is_only = |name: &str| [json!("*"), json!(["*"])].contains(&statement[name]);
    let known = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
    only_keys(statement, &known).is_ok()
        && ["Effect", "Principal", "Action", "Resource"].iter().all(|name| statement.contains_key(*name))
        && statement["Effect"] == "Allow"
        && statement["Principal"] == "*"
        && is_only("Action")
        && is_only("Resource")
        && statement.get("Sid").is_none_or(Value::is_string)
        && statement.get("Condition").is_none_or(holds_nothing)
}

/// Whether a condition has operators without keys, or none.
fn holds_nothing(condition: &Value) -> bool {
    let empty = Value::Object(Map::new());
    let holds_none =
        condition.as_object().is_some_and(|operators| operators.values().all(|keys| *keys == empty));
    holds_none && condition::check(condition, true).is_ok()
}

fn check_statement(statement: &Map<String, Value>, kind: Kind, variables: bool) -> Result<(), String> {
    only_keys(
        statement,
        &[
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ],
    )?;
    let effect = statement.get("Effect").and_then(Value::as_str);
    if effect != Some("Deny") && (effect != Some("Allow") || kind == Kind::Rcp) {
        return Err("this Effect is not accepted".to_owned());
    }
    check_sid(statement.get("Sid"), kind)?;
    check_principals(statement, kind)?;
    check_actions(statement, kind)?;
    check_resources(statement, kind, variables)?;
    statement.get("Condition").map_or(Ok(()), |condition| condition::check(condition, variables))
}

fn check_sid(sid: Option<&Value>, kind: Kind) -> Result<(), String> {
    match sid {
        None => Ok(()),
        Some(Value::String(sid))
            if !kind.has_strict_sids() || sid.chars().all(|c| c.is_ascii_alphanumeric()) =>
        {
            Ok(())
        }
        Some(_) => Err("this Sid is not accepted".to_owned()),
    }
}

/// No two statements share a Sid; an empty one is none.
fn unique_sids(statements: &[Value]) -> Result<(), String> {
    let mut sids: Vec<&str> =
        statements.iter().filter_map(|statement| statement.get("Sid")?.as_str()).collect();
    sids.retain(|sid| !sid.is_empty());
    sids.sort_unstable();
    let count = sids.len();
    sids.dedup();
    if sids.len() == count { Ok(()) } else { Err("two statements share a Sid".to_owned()) }
}

fn check_principals(statement: &Map<String, Value>, kind: Kind) -> Result<(), String> {
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (None, None) if !kind.names_principals() => Ok(()),
        (Some(element), None) if kind.names_principals() => check_principal(element, statement, kind),
        (None, Some(element)) if matches!(kind, Kind::Resource | Kind::VpcEndpoint) => {
            check_not_principal(element, statement)
        }
        _ => Err("this Principal or NotPrincipal is not accepted, or one is missing".to_owned()),
    }
}

fn check_principal(element: &Value, statement: &Map<String, Value>, kind: Kind) -> Result<(), String> {
    if kind == Kind::Rcp && element != "*" {
        return Err("the Principal of a resource control policy is `*`".to_owned());
    }
    principal::parse(element)?;
    // The key itself is out of place, whatever it holds.
    if !kind.is_trust() && element.get("Federated").is_some() {
        return Err("Federated stands in a trust policy only".to_owned());
    }
    if statement["Effect"] == "Deny" && principal::has_empty_part(element) {
        return Err("a Deny for nobody".to_owned());
    }
    Ok(())
}

fn check_not_principal(element: &Value, statement: &Map<String, Value>) -> Result<(), String> {
    let named = principal::parse(element)?;
    let refused = |named: &principal::Named| {
        matches!(named, principal::Named::Everyone | principal::Named::Provider(_))
    };
    if statement["Effect"] == "Allow" || named.iter().any(refused) || principal::has_empty_part(element) {
        return Err("this NotPrincipal is not accepted".to_owned());
    }
    Ok(())
}

fn check_actions(statement: &Map<String, Value>, kind: Kind) -> Result<(), String> {
    let (element, negated) = match (statement.get("Action"), statement.get("NotAction")) {
        (Some(element), None) => (element, false),
        (None, Some(element)) if kind != Kind::Rcp => (element, true),
        _ => return Err("one of Action and NotAction is needed".to_owned()),
    };
    let patterns = strings(element)?;
    refuse_empty(&patterns, negated, kind)?;
    if kind == Kind::Rcp && patterns.contains(&"*") {
        return Err("a resource control policy names the service of an action".to_owned());
    }
    patterns.into_iter().try_for_each(action::check)
}

fn check_resources(statement: &Map<String, Value>, kind: Kind, variables: bool) -> Result<(), String> {
    let (element, negated) = match (statement.get("Resource"), statement.get("NotResource")) {
        (None, None) if matches!(kind, Kind::Resource | Kind::Trust | Kind::TrustInUse) => return Ok(()),
        (Some(element), None) if kind != Kind::Trust => (element, false),
        (None, Some(element)) if kind != Kind::Trust => (element, true),
        _ => return Err("this Resource or NotResource is not accepted, or one is missing".to_owned()),
    };
    let patterns = strings(element)?;
    refuse_empty(&patterns, negated, kind)?;
    patterns.into_iter().try_for_each(|pattern| resource::check(pattern, variables, kind.pads()))
}

fn refuse_empty(patterns: &[&str], negated: bool, kind: Kind) -> Result<(), String> {
    if patterns.is_empty() && (negated || !kind.takes_empty_lists()) {
        return Err("an empty list".to_owned());
    }
    Ok(())
}
