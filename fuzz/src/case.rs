//! Cases from bytes: a request and its policies in the JSON of the batch form, over a vocabulary so small that
//! statements often match and layers often disagree. The first choice of each list is the plain one, which is what an
//! input that is used up chooses.

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

const PRINCIPALS: [&str; 14] = [
    "arn:aws:sts::111122223333:assumed-role/Auth/alice",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:user/team/alice",
    "arn:aws:iam::111122223333:role/Auth",
    "arn:aws:iam::111122223333:role/team/Auth",
    "arn:aws:iam::111122223333:role/aws-service-role/x/Auth",
    "arn:aws:sts::111122223333:federated-user/alice",
    "arn:aws:iam::111122223333:root",
    "arn:aws:sts::444455556666:assumed-role/Auth/alice",
    "arn:aws:iam::444455556666:user/alice",
    "arn:aws-cn:iam::111122223333:user/alice",
    "lambda.amazonaws.com",
    "anonymous",
    "arn:aws:iam::1:user/alice",
];

/// Values of the `AWS` key beside the principals above.
const NAMED: [&str; 6] =
    ["*", "111122223333", "444455556666", "AIDAALICE", "AROAAUTH", "arn:aws:iam::111122223333:*"];

const PROVIDERS: [&str; 4] = [
    "cognito-identity.amazonaws.com",
    "accounts.google.com",
    "arn:aws:iam::111122223333:oidc-provider/idp",
    "arn:aws:iam::111122223333:saml-provider/idp",
];

const ACTIONS: [&str; 12] = [
    "s3:GetObject",
    "S3:getobject",
    "s3:PutObject",
    "dynamodb:Query",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:GetCallerIdentity",
    "kms:Decrypt",
    "kms:RetireGrant",
    "s3:Get*",
];

const ACTION_PATTERNS: [&str; 14] = [
    "s3:*",
    "*",
    "s3:GetObject",
    "S3:get*",
    "s3:?etObject",
    "*:*Object",
    "s?:*",
    "dynamodb:*",
    "sts:*",
    "kms:*",
    "sts:AssumeRole*",
    "*:*",
    "s3:Get",
    "s3:",
];

const RESOURCES: [&str; 12] = [
    "arn:aws:s3:::b/alice/x",
    "arn:aws:s3:::b/bob/é",
    "arn:aws:s3:::b//x",
    "arn:aws:s3:::b",
    "*",
    "arn:aws:dynamodb:us-east-1:111122223333:table/alice",
    "arn:aws:iam::111122223333:role/Auth",
    "arn:aws:iam::444455556666:role/Auth",
    "arn:aws:kms:us-east-1:111122223333:key/k",
    "arn:aws:s3:::b/x:111122223333:accesspoint/alice",
    "arn:aws:s3:::b/*",
    "arn:aws:s3",
];

const RESOURCE_PATTERNS: [&str; 20] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'alice'}/?",
    "arn:aws:s3:::*/${aws:TagKeys}/x",
    "arn:aws:s3:::b/alice/x",
    "arn:aws:s3:::?/*",
    "arn:*:s3:::b*",
    "arn:aws:*:*:*:*",
    "arn:aws:s3:*:111122223333:accesspoint/*",
    "arn:aws:dynamodb:*:table/alice",
    "arn:aws:dynamodb:*:${aws:PrincipalAccount}:table/${aws:username}",
    "arn:aws:iam::*:role/*",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:s3",
    "arn:aws:s3:::b/${*}",
    "arn:aws:s3:::b/${*, 'x'}",
    "arn:aws:s3:${aws:username}::b/*",
    "arn:aws:${aws:username}:::b/*",
    "b/*",
];

const KEYS: [&str; 14] = [
    "aws:username",
    "aws:PrincipalTag/team",
    "aws:TagKeys",
    "aws:SourceIp",
    "aws:CurrentTime",
    "s3:max-keys",
    "aws:SecureTransport",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "kms:Blob",
    "AWS:UserName",
    "aws:principaltag/TEAM",
    "aws:RequestTag",
    "nokey",
];

const FAMILIES: [&str; 8] = ["String", "Numeric", "Date", "Bool", "Binary", "Ip", "Arn", "Null"];

const OPERATORS: [&[&str]; 8] = [
    &[
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ],
    &[
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ],
    &[
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ],
    &["Bool"],
    &["BinaryEquals"],
    &["IpAddress", "NotIpAddress"],
    &["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"],
    &["Null", "stringequals"],
];

/// Values by family; a request may hold any of them under any key.
const VALUES: [&[&str]; 8] = [
    &[
        "alice",
        "bob",
        "ALICE",
        "a*",
        "?lice",
        "*",
        "",
        "ß",
        "SS",
        "İ",
        "${aws:username}",
        "${AWS:PRINCIPALTAG/team, ''}",
        "${*}lice",
        "x${aws:TagKeys}",
        "${ }",
        "a\nb",
    ],
    &[
        "1",
        "1.0",
        "01",
        "-0",
        "+1.50",
        "9007199254740993",
        "9007199254740992",
        "10",
        "abc",
        "1e1",
        "",
        ".5",
        "${aws:username}",
    ],
    &[
        "2026-01-01T00:00:00Z",
        "2025-12-31T19:00:00-05:00",
        "2026-01-01",
        "2026-01",
        "1767225600",
        "1767225600.5",
        "2026",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00Z",
        "2026-02-30",
        "-1",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00.25Z",
    ],
    &["true", "false", "TRUE", "yes", "", "${aws:SecureTransport}"],
    &["YQ==", "YQ", "YR==", "", "YWI=", "====", "_w=="],
    &[
        "203.0.113.7",
        "203.0.113.0/24",
        "::ffff:203.0.113.7",
        "::ffff:203.0.113.0/120",
        "2001:db8::1",
        "2001:db8::/32",
        "0.0.0.0/0",
        "::/0",
        "203.0.113.07",
        "203.0.113.7/33",
        "fe80::1%1",
    ],
    &[
        "arn:aws:iam::111122223333:role/Auth",
        "arn:aws:iam::*:role/*",
        "arn:aws:s3:::b:c",
        "arn:*:iam::${aws:PrincipalAccount}:*",
        "arn:aws:iam",
        "*",
        "",
        "arn:aws:iam::111122223333:${aws:username}",
        "arn:aws:sts:*",
    ],
    &["true", "false", "TRUE", "maybe"],
];

/// A case.
pub fn case(u: &mut Unstructured<'_>) -> Result<Value> {
    let request = request(u)?;
    let policies = policies(u)?;
    Ok(json!({"id": "fuzz", "request": request, "policies": policies}))
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

/// True one time in `n`; never once the input is used up.
fn chance(u: &mut Unstructured<'_>, n: u8) -> Result<bool> {
    Ok(u.int_in_range(1..=n)? == n)
}

fn pick<'a>(u: &mut Unstructured<'_>, list: &[&'a str]) -> Result<&'a str> {
    u.choose(list).copied()
}

/// One item without brackets, or a list of up to three.
fn one_or_list(
    u: &mut Unstructured<'_>,
    item: impl Fn(&mut Unstructured<'_>) -> Result<Value>,
) -> Result<Value> {
    let count = match u.int_in_range(0..=15)? {
        0..=8 => return item(u),
        9..=11 => 1,
        12 | 13 => 2,
        14 => 3,
        _ => 0,
    };
    (0..count).map(|_| item(u)).collect::<Result<Vec<_>>>().map(Value::Array)
}

fn request(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut request = Map::new();
    request.insert("principal".to_owned(), principal(u)?);
    request.insert("action".to_owned(), pick(u, &ACTIONS)?.into());
    request.insert("resource".to_owned(), pick(u, &RESOURCES)?.into());
    let account = match u.int_in_range(0..=7)? {
        0..=3 => json!("111122223333"),
        4 => json!("444455556666"),
        5 => json!(null),
        6 => json!("1"),
        _ => Value::Bool(false),
    };
    if account != Value::Bool(false) {
        request.insert("resource_account".to_owned(), account);
    }
    if chance(u, 8)? {
        request.insert("resource_policy_mode".to_owned(), pick(u, &["mustAllow", "default"])?.into());
    }
    let mut context = Map::new();
    for _ in 0..u.int_in_range(0..=5)? {
        context.insert(pick(u, &KEYS)?.to_owned(), context_value(u)?);
    }
    request.insert("context".to_owned(), context.into());
    Ok(request.into())
}

fn principal(u: &mut Unstructured<'_>) -> Result<Value> {
    let text = pick(u, &PRINCIPALS)?;
    if !chance(u, 3)? {
        return Ok(text.into());
    }
    if chance(u, 3)? {
        return Ok(json!({"kind": "webIdentity", "provider": pick(u, &PROVIDERS)?}));
    }
    let mut facts = json!({"arn": text});
    if chance(u, 3)? {
        facts["role_path"] = pick(u, &["/team/", "/", "/aws-service-role/x/", "team"])?.into();
    }
    if chance(u, 3)? {
        facts["unique_id"] = pick(u, &["AIDAALICE", "AROAAUTH", "x"])?.into();
    }
    if chance(u, 4)? {
        facts["service_linked"] = u.arbitrary::<bool>()?.into();
    }
    if chance(u, 4)? {
        facts["management_account"] = u.arbitrary::<bool>()?.into();
    }
    if chance(u, 4)? {
        facts["federating_user"] = pick(u, &PRINCIPALS)?.into();
    }
    Ok(facts)
}

fn context_value(u: &mut Unstructured<'_>) -> Result<Value> {
    one_or_list(u, |u| {
        let family = u.choose_index(FAMILIES.len())?;
        let text = pick(u, VALUES[family])?;
        Ok(match u.int_in_range(0..=15)? {
            14 => json!(true),
            15 => serde_json::from_str(text).unwrap_or(json!(1)),
            _ => json!(text),
        })
    })
}

fn policies(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut policies = json!({ "identity": attachment(u, Kind::Identity)? });
    let single = [
        ("permissions_boundary", Kind::Boundary),
        ("session", Kind::Session),
        ("vpc_endpoint", Kind::Endpoint),
    ];
    for (name, kind) in single {
        if chance(u, 4)? {
            policies[name] = attachment(u, kind)?;
        }
    }
    for (name, kind) in [("scps", Kind::Scp), ("rcps", Kind::Rcp)] {
        if chance(u, 5)? {
            let count = u.int_in_range(0..=2)?;
            policies[name] = (0..count).map(|_| attachment(u, kind)).collect::<Result<Vec<_>>>()?.into();
        }
    }
    if chance(u, 2)? {
        policies["resource"] = document(u, Kind::Resource)?;
    }
    Ok(policies)
}

/// What decides the elements of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Identity,
    Boundary,
    Session,
    Resource,
    Endpoint,
    Scp,
    Rcp,
}

fn attachment(u: &mut Unstructured<'_>, kind: Kind) -> Result<Value> {
    let count = [1, 1, 2, 0][u.choose_index(4)?];
    let named = |number| Ok(json!({"name": format!("p{number}"), "policy": document(u, kind)?}));
    (0..count).map(named).collect::<Result<Vec<_>>>().map(Value::Array)
}

fn document(u: &mut Unstructured<'_>, kind: Kind) -> Result<Value> {
    if kind == Kind::Rcp && !chance(u, 2)? {
        let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        return Ok(json!({"Version": "2012-10-17", "Statement": allow}));
    }
    let mut document = Map::new();
    match u.int_in_range(0..=7)? {
        6 => drop(document.insert("Version".to_owned(), json!("2008-10-17"))),
        7 => {}
        _ => drop(document.insert("Version".to_owned(), json!("2012-10-17"))),
    }
    let statements = match u.int_in_range(0..=3)? {
        0 => statement(u, kind)?,
        count => (0..count).map(|_| statement(u, kind)).collect::<Result<Vec<_>>>()?.into(),
    };
    document.insert("Statement".to_owned(), statements);
    Ok(document.into())
}

fn statement(u: &mut Unstructured<'_>, kind: Kind) -> Result<Value> {
    let mut statement = Map::new();
    let is_deny = chance(u, 3)? != (kind == Kind::Rcp);
    let mut put = |name: &str, value| drop(statement.insert(name.to_owned(), value));
    put("Effect", if is_deny { "Deny" } else { "Allow" }.into());
    if chance(u, 8)? {
        put("Sid", pick(u, &["S1", "S2", "", "S 1"])?.into());
    }
    match kind {
        Kind::Rcp => put("Principal", "*".into()),
        Kind::Resource | Kind::Endpoint => {
            let name = if chance(u, 5)? { "NotPrincipal" } else { "Principal" };
            put(name, principal_element(u)?);
        }
        Kind::Identity | Kind::Boundary | Kind::Session | Kind::Scp => {}
    }
    let name = if chance(u, 8)? { "NotAction" } else { "Action" };
    put(name, one_or_list(u, |u| pick(u, &ACTION_PATTERNS).map(Value::from))?);
    if kind != Kind::Resource || !chance(u, 4)? {
        let name = if chance(u, 8)? { "NotResource" } else { "Resource" };
        put(name, one_or_list(u, |u| pick(u, &RESOURCE_PATTERNS).map(Value::from))?);
    }
    let mut condition = Map::new();
    for _ in 0..u.int_in_range(0..=2)? {
        let (operator, keys) = operator(u)?;
        condition.insert(operator, keys);
    }
    if !condition.is_empty() || chance(u, 16)? {
        put("Condition", condition.into());
    }
    Ok(statement.into())
}

fn principal_element(u: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match u.int_in_range(0..=7)? {
        0 => json!("*"),
        1..=3 => json!({ "AWS": one_or_list(u, |u| pick(u, &PRINCIPALS).map(Value::from))? }),
        4 | 5 => json!({ "AWS": one_or_list(u, |u| pick(u, &NAMED).map(Value::from))? }),
        6 => json!({ "Federated": one_or_list(u, |u| pick(u, &PROVIDERS).map(Value::from))? }),
        _ => json!({"Service": "lambda.amazonaws.com", "AWS": pick(u, &PRINCIPALS)?}),
    })
}

fn operator(u: &mut Unstructured<'_>) -> Result<(String, Value)> {
    let family = u.choose_index(FAMILIES.len())?;
    let mut name = String::new();
    name.push_str(pick(u, &["", "", "", "ForAllValues:", "ForAnyValue:"])?);
    name.push_str(pick(u, OPERATORS[family])?);
    name.push_str(pick(u, &["", "", "", "IfExists"])?);
    let mut keys = Map::new();
    for _ in 0..u.int_in_range(1..=2)? {
        let values = one_or_list(u, |u| {
            let text = pick(u, VALUES[family])?;
            // Numbers and booleans may stand without quotes.
            let bare = chance(u, 8)?.then(|| serde_json::from_str(text).ok()).flatten();
            Ok(bare.unwrap_or(json!(text)))
        })?;
        keys.insert(pick(u, &KEYS)?.to_owned(), values);
    }
    Ok((name, keys.into()))
}
