//! Principals: who a request may name as its caller, what a principal element may name, and whom it then names. ARNs are
//! put together of pieces, so that many are nearly right, and caller and element often name the same.

use serde_json::{Map, Value, json};

use crate::dice::Dice;
use crate::{ask, oracle};

const PARTITIONS: [&str; 5] = ["aws", "aws", "aws-cn", "", "*"];
const ACCOUNTS: [&str; 6] =
    ["111122223333", "111122223333", "444455556666", "cloudfront", "1", "11112222333\u{663}"];
const KINDS: [&str; 8] =
    ["user", "role", "assumed-role", "federated-user", "root", "group", "oidc-provider", "saml-provider"];
const SEGMENTS: [&str; 10] = ["a", "ba", "b", "team", "aws-service-role", "", "*", "a?", "${k}", "é:x"];
const OTHERS: [&str; 14] = [
    "*",
    "anonymous",
    "lambda.amazonaws.com",
    "a.b",
    "a..b",
    "a",
    ".",
    "111122223333",
    "AIDAALICE",
    "AROAAUTH",
    "AROA",
    "cognito-identity.amazonaws.com",
    "accounts.google.com",
    "",
];

/// A caller, and a resource-based policy whose statement names somebody.
pub fn run(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    let caller = caller(&mut dice);
    let is_trust = dice.chance(4);
    let (action, resource) = if is_trust {
        (dice.pick(&["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"]), "role/R")
    } else {
        (dice.pick(&["s3:GetObject", "sts:TagSession"]), "x")
    };
    let resource = format!("arn:aws:iam::111122223333:{resource}");
    let request = json!({"principal": caller, "action": action, "resource": resource});
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let identity = if dice.flip() { json!([named(&json!([allow]))]) } else { json!([]) };
    let boundary = if dice.chance(4) { json!([named(&json!([allow]))]) } else { Value::Null };
    let statements: Vec<Value> = (0..=dice.upto(1)).map(|_| statement(&mut dice, &caller)).collect();
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let policies = json!({"identity": identity, "permissions_boundary": boundary, "resource": policy});
    let case = json!({"id": "fuzz", "request": request, "policies": policies});
    let told = oracle::decide(&case);
    ask::everyone(&case.to_string(), &told, dice.number());
    !matches!(told.outcome, oracle::Outcome::Error(_)) || dice.chance(4)
}

fn named(statements: &Value) -> Value {
    json!({"name": "p", "policy": {"Version": "2012-10-17", "Statement": statements}})
}

/// An ARN of pieces, or a text that is none.
fn text(dice: &mut Dice<'_>) -> String {
    if dice.chance(4) {
        return dice.pick(&OTHERS).to_owned();
    }
    // Faults are few: the first pieces of a list are right.
    let well = !dice.chance(4);
    let mut pick = |list: &[&'static str], right: usize| {
        if well { dice.pick(&list[..right]) } else { dice.pick(list) }
    };
    let (partition, account, kind) = (pick(&PARTITIONS, 3), pick(&ACCOUNTS, 3), pick(&KINDS, 5));
    let service = match kind {
        "assumed-role" | "federated-user" => "sts",
        _ => "iam",
    };
    let service = if well { service } else { pick(&["iam", "sts", "s3"], 3) };
    let region = if well { "" } else { pick(&["", "", "us-east-1"], 3) };
    let mut arn = format!("arn:{partition}:{service}:{region}:{account}:{kind}");
    let segments = match kind {
        "root" if well => 0,
        "assumed-role" if well => 2,
        _ => 1 + usize::from(pick(&["", "x"], 2) == "x"),
    };
    for _ in 0..segments {
        arn.push('/');
        arn.push_str(pick(&SEGMENTS, 5));
    }
    arn
}

fn caller(dice: &mut Dice<'_>) -> Value {
    let text = text(dice);
    match dice.upto(5) {
        0 => json!({"kind": "webIdentity", "provider": text}),
        1 | 2 => {
            let mut facts = Map::new();
            let mut put = |name: &str, value| drop(facts.insert(name.to_owned(), value));
            put("arn", text.into());
            if dice.flip() {
                put(
                    "role_path",
                    dice.pick(&["/", "/team/", "/aws-service-role/a/", "/a//", "team", "//"]).into(),
                );
            }
            if dice.chance(3) {
                put("unique_id", dice.pick(&["AROAAUTH", "AIDAALICE", "AIDA", "AROAx"]).into());
            }
            if dice.chance(3) {
                put("federating_user", self::text(dice).into());
            }
            if dice.chance(4) {
                put("service_linked", dice.flip().into());
            }
            facts.into()
        }
        _ => text.into(),
    }
}

fn statement(dice: &mut Dice<'_>, caller: &Value) -> Value {
    let is_deny = dice.chance(3);
    let element = match dice.upto(7) {
        0 => json!("*"),
        _ => {
            let mut map = Map::new();
            for _ in 0..=dice.upto(1) {
                let key = dice.pick(&["AWS", "AWS", "AWS", "Federated", "Service", "CanonicalUser"]);
                let values: Value = (0..dice.upto(3)).map(|_| Value::from(value(dice, caller))).collect();
                map.insert(key.to_owned(), values);
            }
            map.into()
        }
    };
    let name = if is_deny && dice.flip() { "NotPrincipal" } else { "Principal" };
    let mut statement = json!({"Effect": if is_deny { "Deny" } else { "Allow" }, "Action": "*"});
    statement[name] = element;
    statement
}

/// Often the caller, its account, or a name near to it.
fn value(dice: &mut Dice<'_>, caller: &Value) -> String {
    let own =
        ["arn", "provider", "federating_user"].iter().find_map(|name| caller.get(name)).unwrap_or(caller);
    let own = own.as_str().unwrap_or_default();
    match dice.upto(7) {
        0 | 1 => own.to_owned(),
        2 => own.split(':').nth(4).unwrap_or(own).to_owned(),
        3 => {
            let fields: Vec<&str> = own.splitn(6, ':').collect();
            let (head, role) = (fields.get(1).unwrap_or(&"aws"), own.split('/').nth(1).unwrap_or("a"));
            format!("arn:{head}:iam::{}:role/{role}", fields.get(4).unwrap_or(&"111122223333"))
        }
        4 => format!("{}/b", own.rsplit_once('/').map_or(own, |(head, _)| head)),
        5 => "arn:aws:iam::111122223333:root".to_owned(),
        _ => text(dice),
    }
}
