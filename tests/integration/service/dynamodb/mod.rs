//! Calls of DynamoDB against the checks that the specification asks for, compared whole: `dynamodb.toml` holds what is
//! translated, `dynamodb_refused.toml` what is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use verdikt::service::dynamodb::{
    CallError, DynamoDb, IndexSchema, KeyAttribute, KeySchema, KeyType, OPERATIONS, Projection, Schemas,
    TableRef, TableSchema,
};
use verdikt::service::{ApiCall, Check, Combination, HttpRequest, Value};

mod expressions;
mod policies;
mod properties;
pub(crate) mod requests;
mod typed;

pub(crate) const HOME: &str = "arn:aws:dynamodb:eu-west-1:111122223333:";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
    #[serde(default)]
    simple: Vec<Simple>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Else the first word of the name.
    operation: Option<String>,
    target: Option<String>,
    body: String,
    #[serde(default)]
    each: bool,
    checks: Option<Vec<Expected>>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Expected {
    action: String,
    on: String,
    part: Option<u32>,
    #[serde(flatten)]
    keys: BTreeMap<String, Held>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Held {
    One(String),
    Many(Vec<String>),
}

/// Operations whose one check has no condition keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Simple {
    on: String,
    body: String,
    operations: Vec<String>,
}

fn file(text: &str) -> File {
    toml::from_str(text).unwrap()
}

fn accepted() -> File {
    file(include_str!("../dynamodb.toml"))
}

fn refused() -> File {
    file(include_str!("../dynamodb_refused.toml"))
}

impl Case {
    fn operation(&self) -> &str {
        self.operation.as_deref().unwrap_or_else(|| self.name.split([' ', ':']).next().unwrap())
    }

    fn target(&self) -> String {
        self.target.clone().unwrap_or_else(|| target(self.operation()))
    }

    fn expected(&self) -> Option<Vec<Check>> {
        self.checks.as_ref().map(|checks| checks.iter().map(Expected::check).collect())
    }
}

impl Expected {
    fn check(&self) -> Check {
        let mut context = Vec::new();
        for (name, held) in &self.keys {
            let value = match held {
                Held::One(text) => Value::One(text.clone()),
                Held::Many(texts) => Value::Many(texts.clone()),
            };
            let full = if name.contains(':') { name.clone() } else { format!("dynamodb:{name}") };
            if name == "LeadingKeys" {
                context.push(("dynamodb:FirstPartitionKeyValues".into(), value.clone()));
            }
            context.push((full.into(), value));
        }
        let action = format!("dynamodb:{}", self.action).into();
        sorted(Check { action, resource: resource(&self.on), context, part: self.part })
    }
}

fn resource(on: &str) -> String {
    if on.starts_with("arn:") || on == "*" { on.to_owned() } else { format!("{HOME}{on}") }
}

/// The order of keys means nothing.
fn sorted(mut check: Check) -> Check {
    check.context.sort_by(|(a, _), (b, _)| a.cmp(b));
    check
}

pub(crate) fn target(operation: &str) -> String {
    let streams = OPERATIONS.iter().any(|known| known.name == operation && known.streams);
    format!("DynamoDB{}_20120810.{operation}", if streams { "Streams" } else { "" })
}

/// Attributes of a key, written `u:S s:N`.
fn attributes(text: &str) -> Vec<KeyAttribute> {
    let one = |word: &str| {
        let (name, kind) = word.split_once(':').unwrap();
        KeyAttribute::new(
            name,
            match kind {
                "S" => KeyType::S,
                "N" => KeyType::N,
                _ => KeyType::B,
            },
        )
    };
    text.split_whitespace().map(one).collect()
}

pub(crate) fn key(partition: &str, sort: &str) -> KeySchema {
    KeySchema::new(attributes(partition), attributes(sort)).unwrap()
}

/// The schemas of the tables of the tests, all of one account and Region.
pub(crate) fn schemas() -> impl Schemas {
    let index = |partition, sort| IndexSchema { key: key(partition, sort), projection: Projection::All };
    let tables = [
        ("notes", TableSchema::new(key("u:S", ""))),
        (
            "posts",
            TableSchema::new(key("u:S", "s:S"))
                .with_index("by-game", index("g:S", "u:S"))
                .with_index("by-day", index("u:S", "d:N")),
        ),
        ("counts", TableSchema::new(key("n:N", "s:S"))),
        ("blobs", TableSchema::new(key("b:B", ""))),
        ("cells", TableSchema::new(key("a:S b:N c:S d:B", "e:S"))),
    ];
    let here = tables.into_iter().map(|(name, schema)| (format!("{HOME}table/{name}"), Arc::new(schema)));
    let elsewhere = "arn:aws:dynamodb:us-east-1:999999999999:table/notes".to_owned();
    let other = (elsewhere, Arc::new(TableSchema::new(key("u:S", ""))));
    here.chain([other]).collect::<BTreeMap<_, _>>()
}

pub(crate) fn dynamodb() -> DynamoDb<impl Schemas> {
    DynamoDb::new("aws", "eu-west-1", "111122223333", schemas()).unwrap()
}

fn translated(case: &Case) -> Result<ApiCall, CallError> {
    let mut call = dynamodb().translate(&case.target(), case.body.as_bytes())?;
    call.checks = call.checks.into_iter().map(sorted).collect();
    Ok(call)
}

/// Every call of the tables that is translated.
pub(crate) fn calls() -> Vec<ApiCall> {
    let file = accepted();
    let simple = file.simple.iter().flat_map(|simple| {
        simple.operations.iter().map(|operation| (target(operation), simple.body.clone()))
    });
    let whole = file.case.iter().map(|case| (case.target(), case.body.clone()));
    let call = |(target, body): (String, String)| dynamodb().translate(&target, body.as_bytes()).unwrap();
    whole.chain(simple).map(call).collect()
}

#[test]
fn every_call_makes_the_checks_of_the_specification() {
    let mut wrong = Vec::new();
    for case in accepted().case {
        let expected = case.expected().expect("a case here has checks");
        match translated(&case) {
            Ok(call) if call.checks == expected => {
                let combination = match (case.each, case.checks.as_ref().is_some_and(Vec::is_empty)) {
                    (true, _) => Combination::Each,
                    (_, true) => Combination::NoneNeeded,
                    _ => Combination::AllOf,
                };
                let facts = (call.service, call.operation, call.combination);
                assert_eq!(facts, ("dynamodb", case.operation(), combination), "{}", case.name);
            }
            Ok(call) => wrong.push(format!("{}: {:#?}\nexpected {expected:#?}", case.name, call.checks)),
            Err(error) => wrong.push(format!("{}: {error}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn operations_without_condition_keys_make_one_check() {
    for simple in accepted().simple {
        for operation in &simple.operations {
            let call = dynamodb().translate(&target(operation), simple.body.as_bytes());
            let call = call.unwrap_or_else(|error| panic!("{operation}: {error}"));
            let action = format!("dynamodb:{operation}").into();
            let expected = Check { action, resource: resource(&simple.on), context: Vec::new(), part: None };
            assert_eq!(call.checks, [expected], "{operation}");
        }
    }
}

#[test]
fn what_could_be_a_weaker_check_is_refused() {
    let mut wrong = Vec::new();
    for case in refused().case {
        let expected = case.error.as_deref().expect("a case here has an error");
        match translated(&case) {
            Ok(call) => wrong.push(format!("{}: {call:?}", case.name)),
            Err(error) if !error.to_string().contains(expected) => {
                wrong.push(format!("{}: {error}\n  expected {expected}", case.name));
            }
            Err(error) => {
                assert!(!error.remedy().is_empty() && !error.code().is_empty());
                let text = error.to_string();
                assert!(!text.contains('\n') && !text.ends_with('.') && text.chars().count() < 400, "{text}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_operation_has_a_case() {
    let File { case, simple } = accepted();
    for operation in OPERATIONS.iter().filter(|operation| operation.description().is_some()) {
        let told = case.iter().any(|case| case.operation() == operation.name)
            || simple.iter().any(|simple| simple.operations.iter().any(|name| name == operation.name));
        assert!(told, "{} has no case", operation.name);
    }
}

#[test]
fn operations_that_are_not_modelled_are_refused_by_name() {
    for operation in OPERATIONS.iter().filter(|operation| operation.description().is_none()) {
        let error = dynamodb().translate(&target(operation.name), b"{}").unwrap_err();
        assert_eq!(error, CallError::NotModelled(operation.name));
    }
}

/// `ForAllValues` on a key that is absent holds: what normally carries the key must never lose it.
#[test]
fn leading_keys_are_lost_by_scans_alone() {
    const CARRY: [&str; 12] = [
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "ConditionCheckItem",
        "Query",
        "BatchGetItem",
        "BatchWriteItem",
        "PartiQLInsert",
        "PartiQLUpdate",
        "PartiQLDelete",
        "PartiQLSelect",
    ];
    for case in accepted().case {
        for check in translated(&case).unwrap().checks {
            let has = |name: &str| check.context.iter().find(|(key, _)| key == name).map(|(_, value)| value);
            let full_scan = has("dynamodb:FullTableScan") == Some(&Value::One("true".to_owned()));
            let action = check.action.strip_prefix("dynamodb:").unwrap();
            let carries = CARRY.contains(&action) && !full_scan;
            let leading = has("dynamodb:LeadingKeys");
            assert_eq!(leading.is_some(), carries, "{}: {action}", case.name);
            assert_eq!(leading, has("dynamodb:FirstPartitionKeyValues"), "{}", case.name);
            assert_ne!(leading, Some(&Value::Many(Vec::new())), "{}", case.name);
        }
    }
}

#[test]
fn the_form_on_the_wire_says_the_same() {
    for case in accepted().case {
        let target = case.target();
        let request = HttpRequest {
            method: "POST",
            target: "/",
            headers: vec![("Host", "dynamodb.eu-west-1.amazonaws.com"), ("x-amz-target", &target)],
            body: Some(case.body.as_bytes()),
            ..HttpRequest::default()
        };
        let call = dynamodb().translate_http(&request);
        assert_eq!(call, dynamodb().translate(&target, case.body.as_bytes()), "{}", case.name);
        for broken in [
            HttpRequest { method: "GET", ..request.clone() },
            HttpRequest { target: "/?x", ..request.clone() },
            HttpRequest { body: None, ..request.clone() },
            HttpRequest { headers: Vec::new(), ..request.clone() },
            HttpRequest {
                headers: vec![("x-amz-target", &target), ("X-Amz-Target", &target)],
                ..request.clone()
            },
        ] {
            assert!(dynamodb().translate_http(&broken).is_err(), "{broken:?}");
        }
    }
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let body = vec![b' '; verdikt::service::dynamodb::MOST_BODY + 1];
    let error = dynamodb().translate(&target("GetItem"), &body).unwrap_err();
    assert!(matches!(error, CallError::TooLarge { .. }), "{error}");
}

#[test]
fn a_body_that_is_not_utf_8_is_refused_even_in_a_member_that_is_not_read() {
    let body = b"{\"NotRead\":\"\xff\"}";
    let refused = dynamodb().translate(&target("ListGlobalTables"), body).expect_err("not UTF-8");
    assert!(refused.to_string().contains("not UTF-8 at byte 12"), "{refused}");
}

#[test]
fn the_members_of_batches_and_transactions_are_counted() {
    let many = |one: &str, count: usize| vec![one; count].join(",");
    let key = |at: usize| format!(r#"{{"u":{{"S":"{at}"}}}}"#);
    for (most, operation, body) in [
        (
            100,
            "BatchGetItem",
            &(|count| {
                let keys: Vec<_> = (0..count).map(key).collect();
                format!(r#"{{"RequestItems":{{"notes":{{"Keys":[{}]}}}}}}"#, keys.join(","))
            }) as &dyn Fn(usize) -> String,
        ),
        (25, "BatchWriteItem", &|count| {
            let write = r#"{"DeleteRequest":{"Key":{"u":{"S":"a"}}}}"#;
            format!(r#"{{"RequestItems":{{"notes":[{}]}}}}"#, many(write, count))
        }),
        (100, "TransactGetItems", &|count| {
            let get = r#"{"Get":{"TableName":"notes","Key":{"u":{"S":"a"}}}}"#;
            format!(r#"{{"TransactItems":[{}]}}"#, many(get, count))
        }),
        (100, "TransactWriteItems", &|count| {
            let delete = r#"{"Delete":{"TableName":"notes","Key":{"u":{"S":"a"}}}}"#;
            format!(r#"{{"TransactItems":[{}]}}"#, many(delete, count))
        }),
        (25, "BatchExecuteStatement", &|count| {
            format!(r#"{{"Statements":[{}]}}"#, many(r#"{"Statement":"SELECT * FROM notes"}"#, count))
        }),
        (100, "ExecuteTransaction", &|count| {
            format!(r#"{{"TransactStatements":[{}]}}"#, many(r#"{"Statement":"SELECT * FROM notes"}"#, count))
        }),
    ] {
        let ask = |count| dynamodb().translate(&target(operation), body(count).as_bytes());
        assert!(ask(0).is_err(), "{operation}: none");
        assert!(ask(most).is_ok(), "{operation}: {:?}", ask(most));
        let error = ask(most + 1).unwrap_err().to_string();
        assert!(error.contains(&format!("over the limit of {most}")), "{operation}: {error}");
    }
}

#[test]
fn schemas_are_read_as_they_are_written() {
    let written = r#"{"partition":[{"name":"u","type":"S"}],"sort":[{"name":"s","type":"N"}],
        "indexes":{"by-day":{"partition":[{"name":"d","type":"B"}],"projection":{"INCLUDE":["t"]}}}}"#;
    let schema: TableSchema = serde_json::from_str(written).unwrap();
    assert_eq!(
        serde_json::from_value::<TableSchema>(serde_json::to_value(&schema).unwrap()).unwrap(),
        schema
    );
    let described = r#"{"Table":{"TableName":"x","TableStatus":"ACTIVE",
        "AttributeDefinitions":[{"AttributeName":"u","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"},
            {"AttributeName":"d","AttributeType":"B"}],
        "KeySchema":[{"AttributeName":"s","KeyType":"RANGE"},{"AttributeName":"u","KeyType":"HASH"}],
        "GlobalSecondaryIndexes":[{"IndexName":"by-day","KeySchema":[{"AttributeName":"d","KeyType":"HASH"}],
            "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["t"]}}]}}"#;
    assert_eq!(TableSchema::from_describe_table(described).unwrap(), schema);
    for wrong in [
        r#"{"partition":[]}"#,
        r#"{"partition":[{"name":"u","type":"S"},{"name":"u","type":"S"}]}"#,
        r#"{"partition":[{"name":"u","type":"SS"}]}"#,
        r#"{"partition":[{"name":"u","type":"S"}],"range":[]}"#,
        r#"{"partition":[{"name":"a","type":"S"},{"name":"b","type":"S"},{"name":"c","type":"S"},{"name":"d","type":"S"},{"name":"e","type":"S"}]}"#,
    ] {
        assert!(serde_json::from_str::<TableSchema>(wrong).is_err(), "{wrong}");
    }
    let undefined = described.replace(
        r#"{"AttributeName":"d","AttributeType":"B"}"#,
        r#"{"AttributeName":"x","AttributeType":"B"}"#,
    );
    let error = TableSchema::from_describe_table(&undefined).unwrap_err();
    assert_eq!(error.to_string(), "the key attribute `d` has no definition");
}

#[test]
fn a_home_that_cannot_stand_in_an_arn_is_refused() {
    let none = |_: &TableRef<'_>| None;
    for (partition, region, account) in [
        ("", "eu-west-1", "111122223333"),
        ("aws", "eu-west-1:1", "111122223333"),
        ("aws", "*", "111122223333"),
        ("aws", "eu-west-1", "11112222333"),
        ("aws", "eu-west-1", "*"),
    ] {
        assert!(DynamoDb::new(partition, region, account, none).is_err(), "{partition} {region} {account}");
    }
}
