//! Cases from bytes: a request and its policies in the JSON of the batch form. One case in eight may hold faults, so
//! that most of them are decided and some are refused.

use serde_json::{Map, Value, json};

use crate::dice::Dice;
use crate::vocabulary as words;

/// Cases of the same policies: one to four.
pub fn cases(dice: &mut Dice<'_>) -> Vec<Value> {
    let faulty = dice.chance(8);
    let mut maker = Maker { dice, faulty };
    let (first, is_trust) = maker.request();
    let policies = maker.policies(is_trust);
    let mut requests = vec![first];
    for _ in 0..maker.dice.upto(3) {
        requests.push(maker.request().0);
    }
    let case = |request| json!({"id": "fuzz", "request": request, "policies": policies});
    requests.into_iter().map(case).collect()
}

/// One request; one in eight may hold faults.
pub fn request(dice: &mut Dice<'_>) -> Value {
    let faulty = dice.chance(8);
    Maker { dice, faulty }.request().0
}

/// The same case with the statements of every document in the opposite order.
pub fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let reverse = |(key, value): (&String, &Value)| {
                let value = match (key.as_str(), value) {
                    ("Statement", Value::Array(items)) => items.iter().rev().cloned().collect(),
                    (_, other) => reversed(other),
                };
                (key.clone(), value)
            };
            members.iter().map(reverse).collect()
        }
        Value::Array(items) => items.iter().map(reversed).collect(),
        plain => plain.clone(),
    }
}

/// What decides the elements of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Identity,
    Boundary,
    Session,
    Resource,
    Trust,
    Endpoint,
    Scp,
    Rcp,
}

impl Kind {
    fn pads(self) -> bool {
        matches!(self, Self::Identity | Self::Boundary)
    }

    fn names_principals(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::Endpoint)
    }
}

/// A case in the making.
struct Maker<'d, 'a> {
    dice: &'d mut Dice<'a>,
    faulty: bool,
}

impl Maker<'_, '_> {
    fn chance(&mut self, n: usize) -> bool {
        self.dice.chance(n)
    }

    fn fault(&mut self) -> bool {
        self.faulty && self.chance(12)
    }

    fn pick<'l>(&mut self, list: &[&'l str]) -> &'l str {
        self.dice.pick(list)
    }

    fn pick_or_fault<'l>(&mut self, list: &[&'l str], faults: &[&'l str]) -> &'l str {
        if self.fault() { self.pick(faults) } else { self.pick(list) }
    }

    /// One item without brackets, or a list of up to three; an empty one is a fault.
    fn one_or_list(&mut self, item: impl Fn(&mut Self) -> Value) -> Value {
        let count = match self.dice.upto(7) {
            0..=3 if !self.fault() => return item(self),
            0..=3 => 0,
            4 | 5 => 1,
            6 => 2,
            _ => 3,
        };
        (0..count).map(|_| item(self)).collect()
    }

    /// The request, and whether a role's trust policy governs it.
    fn request(&mut self) -> (Value, bool) {
        let action = self.pick_or_fault(&words::ACTIONS, &words::ACTION_FAULTS);
        let resource = self.pick_or_fault(&words::RESOURCES, &words::RESOURCE_FAULTS);
        let mut request = json!({"principal": self.principal(), "action": action, "resource": resource});
        match self.dice.upto(7) {
            0..=3 => request["resource_account"] = "111122223333".into(),
            4 => request["resource_account"] = "444455556666".into(),
            5 => request["resource_account"] = Value::Null,
            _ => {}
        }
        if self.fault() {
            request["resource_account"] = self.pick(&["1", "", "11112222333x"]).into();
        }
        if self.chance(12) {
            request["resource_policy_mode"] = self.pick_or_fault(&["mustAllow"], &["default"]).into();
        }
        let mut context = Map::new();
        for _ in 0..self.dice.upto(5) {
            context.insert(
                self.pick_or_fault(&words::KEYS, &words::KEY_VARIANTS).to_owned(),
                self.context_value(),
            );
        }
        request["context"] = context.into();
        let governed = action.starts_with("sts:AssumeRole") || action == "sts:TagSession";
        (request, governed && resource.contains(":role/"))
    }

    fn principal(&mut self) -> Value {
        if self.chance(12) {
            let provider = self.pick_or_fault(&words::PROVIDERS, &words::PROVIDER_FAULTS);
            return json!({"kind": "webIdentity", "provider": provider});
        }
        let text = self.pick_or_fault(&words::PRINCIPALS, &words::PRINCIPAL_FAULTS);
        if !self.chance(3) {
            return text.into();
        }
        let any = self.fault();
        let is = |part: &str| any || text.contains(part);
        let mut facts = json!({"arn": text});
        if is(":assumed-role/") && self.chance(2) {
            facts["role_path"] =
                self.pick_or_fault(&["/team/", "/", "/aws-service-role/x/"], &["team"]).into();
        }
        if is(":user/") && self.chance(2) {
            facts["unique_id"] = self.pick_or_fault(&["AIDAALICE"], &["AROAAUTH", ""]).into();
        } else if is("role/") && self.chance(2) {
            facts["unique_id"] = self.pick_or_fault(&["AROAAUTH"], &["x"]).into();
        }
        if is("role/") && self.chance(4) {
            facts["service_linked"] = self.dice.flip().into();
        }
        if is(":federated-user/") && self.chance(2) {
            let user = "arn:aws:iam::111122223333:user/alice";
            facts["federating_user"] = self.pick_or_fault(&[user], &words::PRINCIPALS).into();
        }
        if self.chance(4) {
            facts["management_account"] = self.dice.flip().into();
        }
        facts
    }

    /// A value of any type; a text that a policy may not hold is none for a request.
    fn context_value(&mut self) -> Value {
        let family = self.family();
        let is_list = self.chance(4);
        let scalar = |maker: &mut Self| {
            let faults = words::OPERAND_FAULTS[family];
            let text = if maker.chance(6) { maker.pick(faults) } else { maker.pick(words::OPERANDS[family]) };
            if maker.chance(8) { bare(text) } else { json!(text) }
        };
        if self.fault() {
            let none = [json!(null), json!({}), json!([null]), json!([["a"]]), json!({"a": "b"})];
            return none[self.dice.below(none.len())].clone();
        }
        if !is_list {
            return scalar(self);
        }
        let count = self.dice.upto(3);
        (0..count).map(|_| scalar(self)).collect()
    }

    /// A family of operators; half of the time that of text.
    fn family(&mut self) -> usize {
        let index = self.dice.below(2 * words::OPERATORS.len());
        if index < words::OPERATORS.len() { index } else { 0 }
    }

    fn policies(&mut self, is_trust: bool) -> Value {
        let mut policies = json!({ "identity": self.attachment(Kind::Identity) });
        let single = [
            ("permissions_boundary", Kind::Boundary),
            ("session", Kind::Session),
            ("vpc_endpoint", Kind::Endpoint),
        ];
        for (name, kind) in single {
            if self.chance(5) {
                policies[name] = self.attachment(kind);
            }
        }
        for (name, kind) in [("scps", Kind::Scp), ("rcps", Kind::Rcp)] {
            if self.chance(6) {
                let count = if self.fault() { 0 } else { 1 + self.dice.below(2) };
                policies[name] = (0..count).map(|_| self.attachment(kind)).collect::<Vec<_>>().into();
            }
        }
        if self.chance(2) {
            policies["resource"] = self.document(if is_trust { Kind::Trust } else { Kind::Resource });
        }
        policies
    }

    fn attachment(&mut self, kind: Kind) -> Value {
        let count = [1, 1, 1, 1, 2, 2, 2, 0][self.dice.below(8)];
        let named = |number| json!({"name": format!("p{number}"), "policy": self.document(kind)});
        (0..count).map(named).collect()
    }

    fn document(&mut self, kind: Kind) -> Value {
        if kind == Kind::Rcp && !self.chance(2) {
            let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
            return json!({"Version": "2012-10-17", "Statement": allow});
        }
        let mut document = Map::new();
        let version = match self.dice.upto(7) {
            6 if kind != Kind::Rcp => Some("2008-10-17"),
            7 if kind != Kind::Rcp => None,
            _ => Some("2012-10-17"),
        };
        if let Some(version) = version {
            document.insert("Version".to_owned(), version.into());
        }
        let statements = match self.dice.upto(3) {
            0 => self.statement(kind, 0),
            count => (0..count).map(|number| self.statement(kind, number)).collect::<Vec<_>>().into(),
        };
        document.insert("Statement".to_owned(), statements);
        document.into()
    }

    fn statement(&mut self, kind: Kind, number: usize) -> Value {
        let is_deny = if kind == Kind::Rcp { !self.fault() } else { self.chance(3) };
        let mut statement = Map::new();
        let mut put = |name: &str, value| drop(statement.insert(name.to_owned(), value));
        put("Effect", if is_deny { "Deny" } else { "Allow" }.into());
        if self.chance(8) {
            put("Sid", if self.fault() { "S 1".to_owned() } else { format!("S{number}") }.into());
        }
        if kind == Kind::Rcp {
            put("Principal", "*".into());
        } else if kind.names_principals() || self.fault() {
            let negated = is_deny && kind != Kind::Trust && self.chance(3) || self.fault();
            put(if negated { "NotPrincipal" } else { "Principal" }, self.principal_element(kind, negated));
        }
        let negated = kind != Kind::Rcp && self.chance(10) || self.fault();
        let actions = self.one_or_list(|maker| maker.action_pattern(kind).into());
        put(if negated { "NotAction" } else { "Action" }, actions);
        if kind != Kind::Trust && (kind != Kind::Resource || !self.chance(4)) {
            let negated = self.chance(8);
            let resources = self.one_or_list(|maker| maker.resource_pattern(kind).into());
            put(if negated { "NotResource" } else { "Resource" }, resources);
        }
        let mut condition = Map::new();
        for _ in 0..[0, 0, 0, 1, 1, 2][self.dice.below(6)] {
            let (operator, keys) = self.operator();
            condition.insert(operator, keys);
        }
        if !condition.is_empty() || self.chance(16) {
            put("Condition", condition.into());
        }
        statement.into()
    }

    fn action_pattern(&mut self, kind: Kind) -> &'static str {
        let pattern = self.pick_or_fault(&words::ACTION_PATTERNS, &words::ACTION_PATTERN_FAULTS);
        if kind == Kind::Rcp && pattern == "*" { "s3:*" } else { pattern }
    }

    fn resource_pattern(&mut self, kind: Kind) -> &'static str {
        if kind.pads() && self.chance(8) || self.fault() {
            return self.pick(&words::SHORT_PATTERNS);
        }
        self.pick_or_fault(&words::RESOURCE_PATTERNS, &words::RESOURCE_PATTERN_FAULTS)
    }

    fn principal_element(&mut self, kind: Kind, negated: bool) -> Value {
        let named = |maker: &mut Self| {
            let text = maker.pick_or_fault(&words::NAMED, &words::NAMED_FAULTS);
            Value::from(if negated && text == "*" { "111122223333" } else { text })
        };
        match self.dice.upto(7) {
            0 | 1 if !negated => json!("*"),
            2 if kind == Kind::Trust || self.fault() => {
                let provider = |maker: &mut Self| {
                    Value::from(maker.pick_or_fault(&words::PROVIDERS, &words::PROVIDER_FAULTS))
                };
                json!({ "Federated": self.one_or_list(provider) })
            }
            3 => json!({"Service": "lambda.amazonaws.com", "AWS": named(self)}),
            _ => json!({ "AWS": self.one_or_list(named) }),
        }
    }

    fn operator(&mut self) -> (String, Value) {
        let family = self.family();
        let plain = self.pick(words::OPERATORS[family]);
        let mut name = plain.to_owned();
        if plain != "Null" {
            name.insert_str(0, self.pick(&["", "", "", "ForAllValues:", "ForAnyValue:"]));
            name.push_str(self.pick(&["", "", "", "IfExists"]));
        }
        if self.fault() {
            self.pick(&words::OPERATOR_FAULTS).clone_into(&mut name);
        }
        let mut keys = Map::new();
        // Two spellings of one key may not stand together.
        let names = if self.chance(8) { &words::KEY_VARIANTS[..1] } else { &words::KEYS[..] };
        for _ in 0..1 + self.dice.below(2) {
            let key = self.pick_or_fault(names, &words::KEY_FAULTS);
            keys.insert(key.to_owned(), self.one_or_list(|maker| maker.operand(family)));
        }
        (name, keys.into())
    }

    /// Numbers and booleans may stand without quotes.
    fn operand(&mut self, family: usize) -> Value {
        let text = self.pick_or_fault(words::OPERANDS[family], words::OPERAND_FAULTS[family]);
        if self.chance(8) { bare(text) } else { json!(text) }
    }
}

/// A number or boolean without its quotes, any other text with them.
fn bare(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => json!(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{self, Outcome};

    /// Agreement on refusals alone, or on one outcome, would prove little.
    #[test]
    fn every_outcome_is_frequent() {
        let mut counts = [0; 4];
        let mut state = 1u64;
        for _ in 0..4_000 {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state.to_be_bytes()[0]
            };
            let bytes: Vec<u8> = (0..400).map(|_| next()).collect();
            let cases = cases(&mut Dice::new(&bytes));
            counts[match oracle::decide(&cases[0]).outcome {
                Outcome::Allowed => 0,
                Outcome::ExplicitDeny => 1,
                Outcome::ImplicitDeny => 2,
                Outcome::Error(_) => 3,
            }] += 1;
        }
        assert!(counts.iter().all(|count| *count >= 320), "{counts:?}");
    }
}
