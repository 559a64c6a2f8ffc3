//! Sets of all layers, each of a few small statements: what the layers come to together is what the oracle says. Neither
//! the order of levels nor a statement that stands twice changes the outcome; a Deny added anywhere never allows; the
//! calls for many requests say what the call for one says.

use serde_json::{Value, json};
use verdikt::evaluate::Outcome;

use crate::dice::Dice;
use crate::{ask, case, oracle};

/// Layers by name, and whether they are lists of levels.
const LAYERS: [(&str, bool); 6] = [
    ("identity", false),
    ("permissions_boundary", false),
    ("session", false),
    ("vpc_endpoint", false),
    ("scps", true),
    ("rcps", true),
];

/// A case of small statements, and what is done to it.
pub fn run(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    let request = request(&mut dice);
    let case = json!({"id": "fuzz", "request": request, "policies": policies(&mut dice)});
    let told = oracle::decide(&case);
    let line = case.to_string();
    let Some(decision) = ask::everyone(&line, &told, dice.number()) else { return false };
    together(&line);
    let outcome = Some(decision.outcome);
    assert_eq!(ask::outcome(&mixed(&case)), outcome, "the order of levels and statements: {line}");
    let denied = with_deny(&case, &mut dice);
    let after = ask::outcome(&denied);
    assert_eq!(after, ask::expected(&oracle::decide(&denied)), "{denied}");
    assert!(after != Some(Outcome::Allowed) || outcome == after, "a Deny allows: {denied}");
    assert!(outcome != Some(Outcome::ExplicitDeny) || outcome == after, "a Deny takes a deny away: {denied}");
    true
}

/// Any kind of caller, of this account or another, and the actions and resources that the rules tell apart.
fn request(dice: &mut Dice<'_>) -> Value {
    const ACTIONS: [&str; 8] = [
        "s3:GetObject",
        "s3:GetObject",
        "s3:GetObject",
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
        "kms:Decrypt",
        "kms:RetireGrant",
        "sts:GetCallerIdentity",
    ];
    const RESOURCES: [&str; 6] = [
        "arn:aws:s3:::b/k",
        "arn:aws:s3:::b/k",
        "arn:aws:s3:::b/x:111122223333:y",
        "arn:aws:iam::111122223333:role/Auth",
        "arn:aws:kms:us-east-1:111122223333:key/k",
        "*",
    ];
    let account = dice.pick(&[Some("111122223333"), Some("444455556666"), None]);
    let principal = match dice.upto(11) {
        0 => json!({"kind": "webIdentity", "provider": dice.pick(&crate::vocabulary::PROVIDERS)}),
        1 => json!({"arn": "arn:aws:iam::111122223333:role/Auth", "service_linked": true}),
        2 => json!({"arn": dice.pick(&crate::vocabulary::PRINCIPALS), "management_account": true}),
        3 => json!({"arn": "arn:aws:sts::111122223333:federated-user/alice",
            "federating_user": "arn:aws:iam::111122223333:user/alice"}),
        4..=7 => dice.pick(&crate::vocabulary::PRINCIPALS[..3]).into(),
        _ => dice.pick(&crate::vocabulary::PRINCIPALS).into(),
    };
    let mode = if dice.chance(8) { json!("mustAllow") } else { Value::Null };
    json!({"principal": principal, "action": dice.pick(&ACTIONS), "resource": dice.pick(&RESOURCES),
        "resource_account": account, "resource_policy_mode": mode,
        "context": {"k:n": dice.pick(&["1", "x", "2"]), "k:b": dice.pick(&["true", "false"])}})
}

/// One request many times: all, each and many say what one says.
fn together(line: &str) {
    ask::with(line, |set, request| {
        let decision = set.decide(request);
        let requests = vec![request.clone(); 3];
        assert_eq!(set.decide_each(&requests), [decision; 3], "{line}");
        assert_eq!(set.decide_many(&requests), [decision; 3], "{line}");
        let all = set.decide_all(&requests);
        assert_eq!(all.allowed, decision.is_allowed(), "{line}");
        assert_eq!(all.denied, (!decision.is_allowed()).then_some((0, decision)), "{line}");
        assert!(!set.decide_all(&[]).allowed, "no check allows nothing");
    })
    .expect("it was decided before");
}

fn policies(dice: &mut Dice<'_>) -> Value {
    let mut policies = json!({});
    for (name, has_levels) in LAYERS {
        if name != "identity" && dice.flip() {
            continue;
        }
        policies[name] = match has_levels {
            true => (0..=dice.upto(2)).map(|_| attachment(dice, name)).collect(),
            false => attachment(dice, name),
        };
    }
    if !dice.chance(4) {
        policies["resource"] = document(dice, "resource");
    }
    policies
}

fn attachment(dice: &mut Dice<'_>, name: &str) -> Value {
    let count = dice.pick(&[1, 1, 1, 2, 0]);
    (0..count).map(|_| json!({"name": "p", "policy": document(dice, name)})).collect()
}

fn document(dice: &mut Dice<'_>, name: &str) -> Value {
    let statements: Vec<Value> = (0..=dice.upto(1)).map(|_| statement(dice, name)).collect();
    let everything = json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]);
    let statements = if name == "rcps" && dice.flip() { everything } else { statements.into() };
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement(dice: &mut Dice<'_>, name: &str) -> Value {
    let is_deny = name == "rcps" || dice.chance(4);
    let mut statement = json!({"Effect": if is_deny { "Deny" } else { "Allow" }});
    let anything = if name == "rcps" { "*:*" } else { "*" };
    statement["Action"] = dice.pick(&[anything, anything, "s3:*", "sts:*", "none:None"]).into();
    if name != "resource" || !dice.chance(4) {
        statement["Resource"] =
            dice.pick(&["*", "*", "*", "arn:aws:s3:::b/*", "arn:aws:s3:*:111122223333:*"]).into();
    }
    match name {
        "rcps" => statement["Principal"] = "*".into(),
        "resource" | "vpc_endpoint" => {
            let name = if is_deny && dice.chance(3) { "NotPrincipal" } else { "Principal" };
            statement[name] = match dice.upto(2) {
                0 if name == "Principal" => json!("*"),
                1 => json!({"AWS": dice.pick(&crate::vocabulary::NAMED), "Service": "lambda.amazonaws.com"}),
                _ => json!({ "AWS": dice.pick(&crate::vocabulary::NAMED) }),
            };
        }
        _ => {}
    }
    match dice.upto(5) {
        0 => statement["Condition"] = json!({"NumericEquals": {"k:n": "1"}}),
        1 => statement["Condition"] = json!({"Bool": {"k:b": "true"}, "NumericEqualsIfExists": {"k:n": "1"}}),
        _ => {}
    }
    statement
}

/// The levels in the opposite order, and every statement twice.
fn mixed(case: &Value) -> Value {
    let mut case = case::reversed(case);
    for name in ["scps", "rcps"] {
        if let Some(levels) = case["policies"][name].as_array_mut() {
            levels.reverse();
        }
    }
    for_each_document(&mut case["policies"], &mut |document| {
        if let Some(statements) = document["Statement"].as_array_mut()
            && !statements.iter().any(|one| one["Action"] == "*" && one["Principal"] == "*")
        {
            statements.extend_from_within(..);
        }
    });
    case
}

fn for_each_document(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(members) if members.contains_key("Statement") => change(value),
        Value::Object(members) => {
            members.iter_mut().for_each(|(_, member)| for_each_document(member, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| for_each_document(item, change)),
        _ => {}
    }
}

/// The case with a Deny of everything in one of its documents.
fn with_deny(case: &Value, dice: &mut Dice<'_>) -> Value {
    let mut denied = case.clone();
    let mut left = dice.upto(6);
    for_each_document(&mut denied["policies"], &mut |document| {
        if left == 0
            && let Some(statements) = document["Statement"].as_array_mut()
        {
            let mut deny = json!({"Effect": "Deny", "Action": "*:*", "Resource": "*"});
            if statements.iter().any(|one| one.get("Principal").or(one.get("NotPrincipal")).is_some()) {
                deny["Principal"] = "*".into();
            }
            // The one resource control policy that allows everything takes no other statement beside it.
            if !statements
                .iter()
                .any(|one| one["Effect"] == "Allow" && one["Action"] == "*" && one["Principal"] == "*")
            {
                statements.push(deny);
            }
        }
        left = left.wrapping_sub(1);
    });
    denied
}
