//! Long policies: the index leaves out only statements that cannot apply. Paths of few segments, so that many statements
//! share a place, or values of one key; every request is decided with and without the index, some by the oracle and in a session too.

use serde_json::{Value, json};
use verdikt::request::document::RequestDocument;
use verdikt::request::limits::RequestLimits;

use crate::dice::Dice;
use crate::{ask, oracle};

const ACTIONS: [&str; 6] =
    ["s3:GetObject", "s3:PutObject", "S3:getobject", "s3:ListBucket", "s3:Get", "dynamodb:GetItem"];
const ACTION_PATTERNS: [&str; 14] = [
    "s3:GetObject",
    "s3:GetObject",
    "s3:PutObject",
    "s3:*",
    "s3:Get*",
    "*",
    "*:*",
    "s3:*Object",
    "s3:?etObject",
    "s*:GetObject",
    "dynamodb:*",
    "S3:GETOBJECT",
    "s3:Get",
    "*:Get*",
];
const SEGMENTS: [&str; 8] = ["a", "b", "ab", "é", "", "*", "u", "a:b"];
const PATTERN_SEGMENTS: [&str; 14] = [
    "a",
    "b",
    "ab",
    "é",
    "",
    "u",
    "*",
    "a*",
    "*b",
    "?",
    "${aws:username}",
    "${aws:username, 'a'}",
    "${*}",
    "${k:none}",
];
const HEADS: [&str; 8] = [
    "arn:aws:s3:::",
    "arn:aws:s3:::",
    "arn:aws:s3:::",
    "arn:*:s3:::",
    "arn:aws:s3:*:*:",
    "arn:aws:*:*:*:",
    "arn:aws:s3::*:",
    "arn:aws:s?:::",
];
const VALUES: [&str; 6] = ["red", "blue", "Red", "", "green", "${aws:username}"];

/// A policy of nine statements to a hundred, and requests.
pub fn run(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    let layer = dice.pick(&["identity", "identity", "resource"]);
    let count = 9 + dice.upto(3) * dice.upto(31);
    let by_value = dice.chance(3);
    let statements: Vec<Value> = (0..count).map(|_| statement(&mut dice, layer, by_value)).collect();
    let policies = policies(layer, &statements);
    let requests: Vec<Value> = (0..6).map(|_| request(&mut dice)).collect();
    let case = |request: &Value| json!({"id": "fuzz", "request": request, "policies": policies});
    let half = dice.number();
    let decided = ask::with(&case(&requests[0]).to_string(), |set, _| {
        for (number, asked) in requests.iter().enumerate() {
            let text = asked.to_string();
            let limits = RequestLimits::default();
            let document = RequestDocument::parse(&text, &limits).expect("a request");
            let request = document.request(limits).expect("a request");
            let decision = set.decide(&request);
            let exhaustive = set.decide_exhaustively(&request);
            assert_eq!(decision, exhaustive, "the index leaves something out: {}", case(asked));
            if number == 0 {
                ask::every_way(set, &request, decision, half, &text);
                let told = oracle::decide(&case(asked));
                assert_eq!(Some(decision.outcome), ask::expected(&told), "{told:?}: {}", case(asked));
            }
        }
    });
    if decided.is_err() {
        let told = oracle::decide(&case(&requests[0]));
        assert!(matches!(told.outcome, oracle::Outcome::Error(_)), "{decided:?}: {}", case(&requests[0]));
    }
    decided.is_ok()
}

fn policies(layer: &str, statements: &[Value]) -> Value {
    let document = |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements});
    let named = |statements: &[Value]| json!({"name": "p", "policy": document(statements)});
    if layer == "resource" {
        return json!({"identity": [], "resource": document(statements)});
    }
    let (first, second) = statements.split_at(statements.len() / 2);
    json!({"identity": [named(first), named(second)]})
}

/// A statement; most of those `by_value` are on everything and ask for a value of one key, by which they are filed.
fn statement(dice: &mut Dice<'_>, layer: &str, by_value: bool) -> Value {
    let mut statement = json!({"Effect": if dice.chance(4) { "Deny" } else { "Allow" }});
    let actions: Value = (0..=dice.upto(1)).map(|_| dice.pick(&ACTION_PATTERNS)).collect();
    statement[if dice.chance(16) { "NotAction" } else { "Action" }] = actions;
    let resources: Value = match dice.upto(7) {
        0 => "*".into(),
        1..=6 if by_value => "*".into(),
        most => (0..=most / 4).map(|_| pattern(dice)).collect(),
    };
    statement[if dice.chance(12) { "NotResource" } else { "Resource" }] = resources;
    if layer == "resource" {
        statement["Principal"] = "*".into();
    }
    if by_value || dice.chance(3) {
        let operator = dice.pick(&[
            "StringEquals",
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIfExists",
            "StringLike",
        ]);
        let values: Value = (0..=dice.upto(2)).map(|_| dice.pick(&VALUES)).collect();
        let key = dice.pick(&["aws:ResourceTag/t", "aws:resourcetag/T", "s3:prefix"]);
        statement["Condition"] = json!({ operator: { key: values } });
    }
    statement
}

fn pattern(dice: &mut Dice<'_>) -> String {
    let head = dice.pick(&HEADS);
    format!("{head}{}", path(dice, &PATTERN_SEGMENTS))
}

fn path(dice: &mut Dice<'_>, segments: &[&str]) -> String {
    let parts: Vec<&str> = (0..=dice.upto(3)).map(|_| dice.pick(segments)).collect();
    parts.join("/")
}

fn request(dice: &mut Dice<'_>) -> Value {
    let mut context = json!({});
    if !dice.chance(4) {
        context["aws:username"] = dice.pick(&["u", "a", "*", "a/b", ""]).into();
    }
    match dice.upto(4) {
        0 => context["aws:ResourceTag/t"] = json!([dice.pick(&VALUES)]),
        1..=3 => context["aws:ResourceTag/t"] = dice.pick(&VALUES).into(),
        _ => {}
    }
    let head = dice.pick(&["arn:aws:s3:::", "arn:aws:s3:::", "arn:aws:s3::111122223333:", "arn:aws:sx:::"]);
    let resource = if dice.chance(12) { "*".to_owned() } else { format!("{head}{}", path(dice, &SEGMENTS)) };
    json!({"principal": "arn:aws:iam::111122223333:user/u", "action": dice.pick(&ACTIONS), "resource": resource,
        "resource_account": "111122223333", "context": context})
}
