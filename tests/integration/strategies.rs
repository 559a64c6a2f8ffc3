//! Strategies of the property tests: whole cases in parts that a property can rearrange.
//!
//! The parts are chosen from short lists whose first entries are the plainest, so that a failing case shrinks to one
//! that can be read. The letter `ø` stands only in values: a property renames it.

use std::fmt;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// A case. Its statements stand by layer; a layer of SCPs or RCPs is one level of them.
#[derive(Clone)]
pub(crate) struct Scenario {
    pub(crate) principal: &'static str,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) owner: Option<&'static str>,
    pub(crate) context: Vec<(String, Value)>,
    pub(crate) layers: Vec<Layer>,
}

/// One attachment: its documents, each a list of statements.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) name: &'static str,
    pub(crate) documents: Vec<Vec<Value>>,
}

/// The members of `policies`; the last two hold levels.
pub(crate) const LAYERS: [&str; 7] =
    ["identity", "resource", "permissions_boundary", "session", "vpc_endpoint", "scps", "rcps"];

const PRINCIPALS: [&str; 9] = [
    "arn:aws:iam::111122223333:user/søn",
    "arn:aws:sts::111122223333:assumed-role/øR/s",
    "arn:aws:iam::111122223333:role/team/øR",
    "arn:aws:sts::111122223333:federated-user/søn",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::999988887777:user/søn",
    "lambda.amazonaws.com",
    "cognito-identity.amazonaws.com",
    "anonymous",
];

const NAMED: [&str; 10] = [
    r#""*""#,
    r#"{"AWS": "111122223333"}"#,
    r#"{"AWS": "arn:aws:iam::111122223333:user/søn"}"#,
    r#"{"AWS": ["arn:aws:iam::111122223333:role/team/øR", "999988887777"]}"#,
    r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/øR/s", "Service": "lambda.amazonaws.com"}"#,
    r#"{"AWS": "arn:aws:sts::111122223333:federated-user/søn"}"#,
    r#"{"AWS": "arn:aws:iam::999988887777:root"}"#,
    r#"{"Service": "lambda.amazonaws.com"}"#,
    r#"{"AWS": "*"}"#,
    r#"{"AWS": ["arn:aws:iam::111122223333:user/søn", "arn:aws:iam::111122223333:root"]}"#,
];

pub(crate) const TARGETS: [(&str, &str); 9] = [
    ("s3:GetObject", "arn:aws:s3:::bucket/søn/file"),
    ("s3:GetObject", "arn:aws:s3:::bucket/ø*e"),
    ("s3:PutObject", "arn:aws:s3:::bucket/ø:e:x"),
    ("s3:ListAllMyBuckets", "*"),
    ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/søn"),
    ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:999988887777:table/søn"),
    ("sts:AssumeRole", "arn:aws:iam::111122223333:role/team/øR"),
    ("sts:AssumeRoleWithWebIdentity", "arn:aws:iam::111122223333:role/team/øR"),
    ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/ø"),
];

const ACTIONS: [&str; 7] =
    ["*:*", "s3:GetObject", "S3:get*", "s3:*", "dynamodb:?etItem", "sts:*", "kms:Decrypt"];

const RESOURCES: [&str; 9] = [
    "*",
    "arn:aws:s3:::bucket/søn/file",
    "arn:aws:s3:::bucket/${aws:username}/*",
    "arn:aws:s3:::bucket/ø*",
    "arn:aws:s3:::bucket/s?n*",
    "arn:aws:s3:::bucket/ø${*}e",
    "arn:aws:dynamodb:*:${aws:PrincipalAccount}:table/*",
    "arn:aws:s3:*:e:x",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'søn'}/*",
];

/// Values under text keys, and operands of text operators.
pub(crate) const WORDS: [&str; 12] =
    ["søn", "SØn", "øo", "ø", "", "ø*e", "*", "?", "ø/e", "${aws:username}", "ø\u{e9}", "\u{1f600}ø"];

const OPERANDS: [&str; 12] = [
    "søn",
    "SØN",
    "ø*",
    "s?n",
    "*",
    "",
    "${aws:username}",
    "ø${aws:username}",
    "${aws:PrincipalTag/team, 'søn'}",
    "${aws:missing}",
    "ø${*}e",
    "${*}",
];

pub(crate) const TEXT_KEYS: [&str; 4] =
    ["aws:username", "aws:PrincipalTag/team", "aws:PrincipalAccount", "aws:TagKeys"];

const TEXT_OPERATORS: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];

/// A key, values of a request, operators, operands.
pub(crate) type Typed =
    (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// Keys of the other types with what a request may hold, and operators with their operands.
pub(crate) const TYPED: [Typed; 6] = [
    (
        "aws:MultiFactorAuthAge",
        &["1", "1.0", "10", "old"],
        &["NumericEquals", "NumericLessThan", "NumericNotEquals"],
        &["1", "10.00", "2"],
    ),
    (
        "aws:CurrentTime",
        &["2020-01-01", "1577836800", "2020"],
        &["DateEquals", "DateGreaterThan"],
        &["2020-01-01T00:00:00Z", "2019-01"],
    ),
    ("aws:SecureTransport", &["true", "FALSE", "yes"], &["Bool"], &["true", "false"]),
    (
        "aws:SourceIp",
        &["10.0.0.1", "::ffff:10.0.0.1", "::1", "x"],
        &["IpAddress", "NotIpAddress"],
        &["10.0.0.0/8", "::/0", "::1"],
    ),
    (
        "aws:SourceArn",
        &["arn:aws:s3:::bucket", "arn:aws:s3:::ø:e"],
        &["ArnLike", "ArnNotEquals"],
        &["arn:aws:s3:::*", "arn:aws:s3:::${aws:username}*"],
    ),
    ("aws:TokenIssueTime", &["1", ""], &["Null"], &["true", "false"]),
];

impl Scenario {
    /// The member `request` of the case.
    pub(crate) fn request(&self) -> Value {
        let context: Map<String, Value> = self.context.iter().cloned().collect();
        let principal = match self.principal {
            provider @ "cognito-identity.amazonaws.com" => {
                json!({"kind": "webIdentity", "provider": provider})
            }
            text => json!(text),
        };
        json!({"principal": principal, "action": self.action, "resource": self.resource,
               "resource_account": self.owner, "context": context})
    }

    /// The whole case.
    pub(crate) fn case(&self) -> Value {
        let mut policies: Map<String, Value> = Map::new();
        for layer in &self.layers {
            let documents = layer.json();
            match layer.name {
                "resource" => {
                    let all: Vec<Value> = layer.documents.concat();
                    policies.insert(layer.name.to_owned(), document(&all));
                }
                "scps" | "rcps" => {
                    if let Value::Array(levels) = policies.entry(layer.name).or_insert_with(|| json!([])) {
                        levels.push(documents);
                    }
                }
                name => drop(policies.insert(name.to_owned(), documents)),
            }
        }
        json!({"id": "scenario", "request": self.request(), "policies": policies})
    }

    /// The case with its statements changed, attachment by attachment.
    pub(crate) fn with_statements(&self, mut change: impl FnMut(&Layer) -> Vec<Vec<Value>>) -> Self {
        let mut changed = self.clone();
        for layer in &mut changed.layers {
            layer.documents = change(layer);
            // Not every attachment takes a document without statements.
            layer.documents.retain(|statements| !statements.is_empty());
        }
        changed
    }
}

impl Layer {
    pub(crate) fn statements(&self) -> Vec<Value> {
        self.documents.concat()
    }

    fn json(&self) -> Value {
        let named =
            self.documents.iter().map(|statements| json!({"name": "p", "policy": document(statements)}));
        let full = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        let full = json!({"name": "full", "policy": document(&[full])});
        named.chain((self.name == "rcps").then_some(full)).collect()
    }
}

pub(crate) fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

impl fmt::Debug for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#}", self.case())
    }
}

/// Whole cases, all of whose parts are accepted.
pub(crate) fn scenario() -> impl Strategy<Value = Scenario> {
    let owner = select(vec![Some("111122223333"), None, Some("999988887777")]);
    let layers = LAYERS.map(layers).to_vec();
    (select(&PRINCIPALS[..]), select(&TARGETS[..]), owner, context(), layers).prop_map(
        |(principal, (action, resource), owner, context, layers)| Scenario {
            principal,
            action,
            resource,
            owner,
            context,
            layers: layers.concat(),
        },
    )
}

/// The attachments of one layer: none, one, or a few levels.
fn layers(name: &'static str) -> BoxedStrategy<Vec<Layer>> {
    let likely = if matches!(name, "identity" | "resource") { 0.85 } else { 0.25 };
    let levels = if matches!(name, "scps" | "rcps") { 1..3 } else { 1..2 };
    option::weighted(likely, vec(layer(name), levels)).prop_map(Option::unwrap_or_default).boxed()
}

fn layer(name: &'static str) -> impl Strategy<Value = Layer> {
    let open = proptest::bool::weighted(0.8);
    (open, vec(statement(name), 0..4)).prop_map(move |(open, mut statements)| {
        let mut allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        if takes_principal(name) {
            allow["Principal"] = json!("*");
        }
        if name != "rcps" && (open || statements.is_empty()) {
            statements.push(allow);
        }
        let documents = if statements.is_empty() { Vec::new() } else { vec![statements] };
        Layer { name, documents }
    })
}

pub(crate) fn takes_principal(layer: &str) -> bool {
    matches!(layer, "resource" | "vpc_endpoint" | "rcps")
}

/// A statement that this layer takes.
pub(crate) fn statement(layer: &'static str) -> impl Strategy<Value = Value> {
    let pair = |list: &'static [&'static str]| (proptest::bool::weighted(0.15), vec(select(list), 1..3));
    (any::<bool>(), pair(&ACTIONS), pair(&RESOURCES), select(&NAMED[..]), vec(condition(), 0..3)).prop_map(
        move |(allow, (not_action, actions), (not_resource, resources), named, conditions)| {
            let rcp = layer == "rcps";
            let mut statement = json!({"Effect": if allow && !rcp { "Allow" } else { "Deny" }});
            statement[if not_action && !rcp { "NotAction" } else { "Action" }] = json!(actions);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
            if takes_principal(layer) {
                let named = if rcp { NAMED[0] } else { named };
                statement["Principal"] = serde_json::from_str(named).unwrap_or_default();
            }
            for (operator, key, operands) in conditions {
                statement["Condition"][operator][key] = json!(operands);
            }
            statement
        },
    )
}

fn condition() -> impl Strategy<Value = (String, &'static str, Vec<&'static str>)> {
    let text = (select(&TEXT_OPERATORS[..]), select(&TEXT_KEYS[..]), vec(select(&OPERANDS[..]), 1..3));
    let typed = select(&TYPED[..]).prop_flat_map(|(key, _, operators, operands)| {
        (select(operators), Just(key), vec(select(operands), 1..3))
    });
    let qualifier = select(&["", "ForAllValues:", "ForAnyValue:"][..]);
    (prop_oneof![2 => text, 1 => typed], qualifier, any::<bool>()).prop_map(
        |((operator, key, operands), qualifier, if_exists)| {
            let suffix = if if_exists { "IfExists" } else { "" };
            let name = match operator {
                "Null" => operator.to_owned(),
                _ => format!("{qualifier}{operator}{suffix}"),
            };
            (name, key, operands)
        },
    )
}

/// Each key absent, single-valued or multivalued.
pub(crate) fn context() -> impl Strategy<Value = Vec<(String, Value)>> {
    let text = TEXT_KEYS.map(|key| entry(key, &WORDS));
    let typed = TYPED.map(|(key, values, ..)| entry(key, values));
    [text.to_vec(), typed.to_vec()].concat().prop_map(|entries| entries.into_iter().flatten().collect())
}

fn entry(key: &'static str, values: &'static [&'static str]) -> BoxedStrategy<Option<(String, Value)>> {
    let one = select(values).prop_map(|value| json!(value));
    let many = vec(select(values), 0..3).prop_map(|values| json!(values));
    let value = if key == "aws:TagKeys" { many.boxed() } else { prop_oneof![6 => one, 1 => many].boxed() };
    option::weighted(0.7, value.prop_map(move |value| (key.to_owned(), value))).boxed()
}
