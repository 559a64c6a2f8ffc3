//! Cases at the corners of conditions: one statement whose other clauses match, and a condition on a key that the request
//! holds in every possible way. Each case is small, so that what fails can be read as it is.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::strategies::{Layer, Scenario};

/// Values that policies and requests share in part: plain ones, and such as must not act as patterns.
const VALUES: [&str; 8] = ["a", "b", "ab", "A", "*", "a*", "${aws:username}", "é"];

/// Operands beside those: patterns, variables, specials.
const PATTERNS: [&str; 10] = [
    "a*",
    "?",
    "*",
    "${aws:username}",
    "${aws:username, 'b'}",
    "${aws:username, ''}",
    "${aws:PrincipalTag/team}*",
    "${aws:TagKeys}",
    "${*}",
    "${x:missing}",
];

/// Resources of the statement: mostly any, some that hang on what the variables hold.
const RESOURCES: [&str; 8] = [
    "*",
    "*",
    "*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket/${aws:username}",
    "arn:aws:s3:::*/${aws:PrincipalTag/team}*",
    "arn:aws:s3:::bucket/${aws:TagKeys}*",
    "arn:aws:s3:::bucket/${x:missing}*",
];

/// Operators with their negations, text by text.
pub(crate) const PAIRS: [(&str, &str); 4] = [
    ("StringEquals", "StringNotEquals"),
    ("StringLike", "StringNotLike"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("ArnLike", "ArnNotEquals"),
];

/// A condition that is all that its statement hangs on.
#[derive(Clone, Debug)]
pub(crate) struct Focus {
    pub(crate) pair: (&'static str, &'static str),
    pub(crate) negated: bool,
    pub(crate) qualifier: &'static str,
    pub(crate) if_exists: bool,
    pub(crate) operands: Vec<String>,
    pub(crate) deny: bool,
    pub(crate) resource: &'static str,
}

impl Focus {
    /// The name of the operator.
    pub(crate) fn operator(&self) -> String {
        self.named(self.qualifier, self.negated)
    }

    /// The operator with another qualifier, negated or not.
    pub(crate) fn named(&self, qualifier: &str, negated: bool) -> String {
        let name = if negated { self.pair.1 } else { self.pair.0 };
        let suffix = if self.if_exists { "IfExists" } else { "" };
        format!("{qualifier}{name}{suffix}")
    }

    /// A statement with these conditions on the key, one object each.
    pub(crate) fn statement(&self, operators: &[String]) -> Value {
        let effect = if self.deny { "Deny" } else { "Allow" };
        let mut statement = json!({"Effect": effect, "Action": "s3:GetObject", "Resource": [self.resource]});
        for operator in operators {
            statement["Condition"][operator.as_str()] = json!({KEY: self.operands});
        }
        statement
    }
}

/// The key that is asked.
pub(crate) const KEY: &str = "x:key";

/// A focus, and the case that it stands in: alone, or beside what else allows.
pub(crate) fn focused() -> impl Strategy<Value = (Focus, Scenario)> {
    (focus(), context()).prop_map(|(focus, context)| {
        let statement = focus.statement(&[focus.operator()]);
        let scenario = around(&focus, vec![statement], &focus.texts(context));
        (focus, scenario)
    })
}

/// The case of these statements, with an Allow beside them if the focus denies.
pub(crate) fn around(focus: &Focus, mut statements: Vec<Value>, context: &[(String, Value)]) -> Scenario {
    if focus.deny {
        statements.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    }
    Scenario {
        principal: "arn:aws:iam::111122223333:user/u",
        action: "s3:GetObject",
        resource: "arn:aws:s3:::bucket/ab",
        owner: Some("111122223333"),
        context: context.to_vec(),
        layers: vec![Layer { name: "identity", documents: vec![statements] }],
    }
}

impl Focus {
    fn is_of_arns(&self) -> bool {
        self.pair.0.starts_with("Arn")
    }

    /// Under an ARN operator the values of the key are ARNs.
    fn texts(&self, mut context: Vec<(String, Value)>) -> Vec<(String, Value)> {
        for (_, value) in context.iter_mut().filter(|(name, _)| name == KEY && self.is_of_arns()) {
            match value {
                Value::Array(values) => values.iter_mut().for_each(arn),
                single => arn(single),
            }
        }
        context
    }
}

/// A text as the last field of an ARN; the empty text stays one.
fn arn(value: &mut Value) {
    if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
        *value = json!(format!("arn:aws:s3:::{text}"));
    }
}

fn focus() -> impl Strategy<Value = Focus> {
    let shared = subsequence(&VALUES[..4], 0..3);
    let other = vec(prop_oneof![1 => select(&VALUES[..]), 2 => select(&PATTERNS[..])], 0..3);
    let operands = (shared, other).prop_map(|(shared, other)| [shared, other].concat());
    let qualifier = select(&["", "ForAllValues:", "ForAnyValue:"][..]);
    (
        select(&PAIRS[..]),
        any::<bool>(),
        qualifier,
        any::<bool>(),
        operands,
        (any::<bool>(), select(&RESOURCES[..])),
    )
        .prop_map(|(pair, negated, qualifier, if_exists, operands, (deny, resource))| {
            let mut focus =
                Focus { pair, negated, qualifier, if_exists, operands: Vec::new(), deny, resource };
            let texts = if operands.is_empty() { vec!["a"] } else { operands };
            let operand = |text: &str| {
                if focus.is_of_arns() { format!("arn:aws:s3:::{text}") } else { text.to_owned() }
            };
            focus.operands = texts.into_iter().map(operand).collect();
            focus
        })
}

/// What a request holds under a key: nothing, one value, several that the operands share in part, empty texts.
fn held() -> impl Strategy<Value = Option<Value>> {
    let one = select(&VALUES[..]).prop_map(|value| Some(json!(value)));
    let many = subsequence(&VALUES[..], 1..5).prop_map(|values| Some(json!(values)));
    let empty = select(vec![json!(""), json!([]), json!([""]), json!(["", "a"])]).prop_map(Some);
    prop_oneof![2 => Just(None), 4 => one, 4 => many, 1 => empty]
}

/// The key, and what variables name: each absent, plain, hostile or multivalued.
fn context() -> impl Strategy<Value = Vec<(String, Value)>> {
    let keys = [KEY, "aws:username", "aws:PrincipalTag/team", "aws:TagKeys"];
    keys.map(|key| held().prop_map(move |value| Some((key.to_owned(), value?))))
        .prop_map(|entries| entries.into_iter().flatten().collect())
}
