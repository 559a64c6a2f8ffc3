//! The clauses of a case, one by one, and what it means to say one plainly.

use serde_json::{Map, Value, json};

use crate::oracle::action;
use crate::oracle::caller::Caller;
use crate::oracle::condition;
use crate::oracle::context::{Context, Entry};
use crate::oracle::document::has_variables;
use crate::oracle::operator::Operator;
use crate::oracle::principal::{self, Grant, Named};
use crate::oracle::resource::{self, Subject};
use crate::oracle::truth::Truth;

/// What the statements of a case are held against.
pub struct Asked {
    pub principal: Caller,
    pub action: String,
    pub resource: String,
    pub context: Context,
    pub bounded: bool,
}

/// Where a statement stands.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub layer: &'a str,
    /// Whether `${…}` is a variable there.
    pub variables: bool,
}

/// One operator and key of a condition.
pub struct Condition<'a> {
    pub operator: Operator,
    pub operands: Vec<String>,
    pub entry: Option<&'a Entry>,
    pub variables: bool,
    pub context: &'a Context,
}

/// One entry of `Resource` or `NotResource`.
pub struct Pattern<'a> {
    pub text: &'a str,
    pub negated: bool,
    pub place: Place<'a>,
    pub asked: &'a Asked,
}

/// A `Principal` or `NotPrincipal` element.
pub struct Principals<'a> {
    pub named: Vec<Named>,
    pub negated: bool,
    pub denies: bool,
    pub place: Place<'a>,
    pub asked: &'a Asked,
}

impl Asked {
    /// The request of an accepted case.
    pub fn of(case: &Value) -> Option<Self> {
        let request = &case["request"];
        let text = |name: &str| request[name].as_str().map(str::to_owned);
        let context = request.get("context").and_then(Value::as_object).cloned().unwrap_or_default();
        let principal = Caller::read(&request["principal"]).ok()?;
        let bounded =
            !case["policies"]["permissions_boundary"].is_null() && principal.has_identity_policies();
        Some(Self {
            principal,
            action: text("action")?,
            resource: text("resource")?,
            context: Context::read(&context).ok()?,
            bounded,
        })
    }
}

/// Every document of the case with its layer.
pub fn documents(case: &mut Value, mut visit: impl FnMut(&str, &mut Value)) {
    let Some(policies) = case["policies"].as_object_mut() else { return };
    for (layer, value) in policies {
        below(value, &mut |document| visit(layer, document));
    }
}

fn below(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(map) if map.contains_key("Statement") => visit(value),
        Value::Object(map) => map.values_mut().for_each(|member| below(member, visit)),
        Value::Array(items) => items.iter_mut().for_each(|item| below(item, visit)),
        _ => {}
    }
}

/// Every statement of the case.
pub fn statements(case: &mut Value, mut visit: impl FnMut(Place<'_>, &mut Value)) {
    documents(case, |layer, document| {
        let place = Place { layer, variables: has_variables(document) };
        match &mut document["Statement"] {
            Value::Array(statements) => statements.iter_mut().for_each(|one| visit(place, one)),
            single => visit(place, single),
        }
    });
}

/// Says plainly the conditions that are chosen: one that is true is left out, one that is false asks for a key that no
/// request has, and one that cannot be told becomes what it amounts to, true in a Deny and false in an Allow.
pub fn say_conditions(case: &mut Value, chosen: impl Fn(&Condition<'_>) -> bool) {
    let Some(asked) = Asked::of(case) else { return };
    statements(case, |place, statement| {
        let denies = statement["Effect"] == "Deny";
        let Some(condition) = statement.get("Condition").and_then(Value::as_object).cloned() else { return };
        let mut left = Map::new();
        let mut never = false;
        for (name, keys) in condition {
            let Some(keys) = keys.as_object() else { return };
            for (key, values) in keys {
                match told(&name, key, values, place, &asked).filter(|one| chosen(one)) {
                    None => left.entry(name.clone()).or_insert_with(|| json!({}))[key] = values.clone(),
                    Some(_) => never |= !holds(&name, key, values, place, &asked, denies),
                }
            }
        }
        if never {
            left.entry("StringEquals").or_insert_with(|| json!({}))["verdikt:NoRequestHasThis"] = json!("x");
        }
        statement["Condition"] = Value::Object(left);
    });
}

fn told<'a>(
    name: &str,
    key: &str,
    values: &Value,
    place: Place<'_>,
    asked: &'a Asked,
) -> Option<Condition<'a>> {
    let operands = match values {
        Value::Array(values) => values.iter().map(text).collect(),
        single => vec![text(single)],
    };
    Some(Condition {
        operator: Operator::parse(name).ok()?,
        operands,
        entry: asked.context.get(key),
        variables: place.variables,
        context: &asked.context,
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn holds(name: &str, key: &str, values: &Value, place: Place<'_>, asked: &Asked, denies: bool) -> bool {
    let alone = json!({name: {key: values}});
    let truths = condition::tests(Some(&alone), place.variables, &asked.context);
    amounts_to(truths[0], denies)
}

fn amounts_to(truth: Truth, denies: bool) -> bool {
    truth == Truth::True || (truth == Truth::Indeterminate && denies)
}

/// Says plainly the entries of `Resource` and `NotResource` that are chosen: `*`, or a resource that no request is on.
pub fn say_resources(case: &mut Value, chosen: impl Fn(&Pattern<'_>) -> bool) {
    let Some(asked) = Asked::of(case) else { return };
    statements(case, |place, statement| {
        let denies = statement["Effect"] == "Deny";
        for (name, negated) in [("Resource", false), ("NotResource", true)] {
            let Some(element) = statement.get_mut(name) else { continue };
            let entries = match element {
                Value::Array(entries) => entries.iter_mut().collect(),
                single => vec![single],
            };
            for entry in entries {
                let Some(text) = entry.as_str() else { continue };
                let pattern = Pattern { text, negated, place, asked: &asked };
                if chosen(&pattern) {
                    // An entry of NotResource that cannot be told excludes the resource from an Allow, not from a Deny.
                    let matches = amounts_to(pattern.truth(), denies != negated);
                    *entry = json!(if matches { "*" } else { "arn:none:none:::none" });
                }
            }
        }
    });
}

impl Pattern<'_> {
    /// What the law says of the entry.
    pub fn truth(&self) -> Truth {
        self.truth_of(self.text, &self.asked.resource)
    }

    /// What it would say of another pattern, or of another resource.
    pub fn truth_of(&self, text: &str, resource: &str) -> Truth {
        let subject = Subject { resource, context: &self.asked.context, variables: self.place.variables };
        let unresolved = if self.negated { Truth::Indeterminate } else { Truth::False };
        resource::entry(text, subject, unresolved)
    }
}

/// Says plainly the entries of `Action` and `NotAction` that are chosen: the action of the request, or another.
pub fn say_actions(case: &mut Value, chosen: impl Fn(&str) -> bool) {
    let Some(asked) = Asked::of(case) else { return };
    statements(case, |_, statement| {
        for name in ["Action", "NotAction"] {
            let Some(element) = statement.get_mut(name) else { continue };
            let entries = match element {
                Value::Array(entries) => entries.iter_mut().collect(),
                single => vec![single],
            };
            for entry in entries {
                let Some(text) = entry.as_str().filter(|text| chosen(text)) else { continue };
                let matches = action::matches_any([text], &asked.action) == Truth::True;
                *entry = json!(if matches { &asked.action } else { "none:None" });
            }
        }
    });
}

/// Says plainly the principals that are chosen: whom an element does not name, its statement is not about; otherwise it
/// names everyone, the caller's role, or its account.
pub fn say_principals(case: &mut Value, chosen: impl Fn(&Principals<'_>) -> bool) {
    let Some(asked) = Asked::of(case) else { return };
    statements(case, |place, statement| {
        let denies = statement["Effect"] == "Deny";
        for (name, negated) in [("Principal", false), ("NotPrincipal", true)] {
            let Some(Ok(named)) = statement.get(name).map(principal::parse) else { continue };
            let element = Principals { named, negated, denies, place, asked: &asked };
            if !chosen(&element) {
                continue;
            }
            let plain = element.plainly();
            let Some(members) = statement.as_object_mut() else { continue };
            members.remove(name);
            members.insert("Principal".to_owned(), plain.clone().unwrap_or(json!("*")));
            if plain.is_none() {
                members.remove("NotAction");
                members.insert("Action".to_owned(), json!("none:None"));
            }
        }
    });
}

impl Principals<'_> {
    /// How strongly the element names the caller of an Allow.
    pub fn grant(&self) -> Option<Grant> {
        self.named.iter().filter_map(|named| principal::grant(named, &self.asked.principal)).max()
    }

    fn plainly(&self) -> Option<Value> {
        let caller = &self.asked.principal;
        let everyone = json!("*");
        if self.negated {
            return (!principal::exempts(&self.named, caller, self.asked.bounded)).then_some(everyone);
        }
        if self.denies {
            return self.named.iter().any(|named| principal::denies(named, caller)).then_some(everyone);
        }
        // The package takes an endpoint's policy to be about everyone.
        if self.place.layer == "vpc_endpoint" {
            return self.grant().map(|_| everyone);
        }
        match (self.grant()?, caller.arn()) {
            (Grant::Role, Some(arn)) => {
                let role = format!("arn:{}:iam::{}:role/{}", arn.partition, arn.account, arn.session_role());
                Some(json!({"AWS": role}))
            }
            (Grant::Account, Some(arn)) => Some(json!({"AWS": arn.account})),
            _ => Some(everyone),
        }
    }
}
