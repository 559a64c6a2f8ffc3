//! The worked tables of the specification, call by call, against the library's policies.

use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal};

use super::{DynamoDb, TableSchema, key, target};
use std::sync::Arc;
use verdikt::service::dynamodb::{IndexSchema, Projection, TableRef};

const SUB: &str = "us-east-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
const OTHER: &str = "us-east-1:7c6b5a49-3827-1605-f4e3-d2c1b0a99887";

fn set(policy: &str) -> PolicySet {
    let document = Document::parse(Kind::Identity, "policy", policy, &Limits::default()).unwrap().document;
    PolicySet::builder().identity(CompiledPolicy::compile(&[document]).unwrap()).build().unwrap()
}

fn library(name: &str) -> String {
    let path = format!("{}/policies/{name}/policy.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// Whether all checks of a call are allowed to the identity `SUB`. In a body `$S` is its id and `$X` another's.
fn allowed(policy: &str, operation: &str, body: &str) -> bool {
    let table = |name: &str| match name {
        "profiles" | "notes" | "accounts" => Some(TableSchema::new(key("UserId:S", ""))),
        "scores" => {
            let index =
                |partition, sort| IndexSchema { key: key(partition, sort), projection: Projection::All };
            let scores = TableSchema::new(key("UserId:S", "Game:S"));
            Some(
                scores
                    .with_index("by-game", index("UserId:S", "Score:N"))
                    .with_index("by-country", index("UserId:S", "")),
            )
        }
        _ => None,
    };
    let schemas = |asked: &TableRef<'_>| table(asked.name).map(Arc::new);
    let dynamodb = DynamoDb::new("aws", "us-east-1", "111122223333", schemas).unwrap();
    let body = body.replace("$S", SUB).replace("$X", OTHER);
    let call = dynamodb
        .translate(&target(operation), body.as_bytes())
        .unwrap_or_else(|error| panic!("{body}: {error}"));
    assert!(!call.checks.is_empty());
    let set = set(policy);
    let role = "arn:aws:sts::111122223333:assumed-role/app-authenticated/CognitoIdentityCredentials";
    let principal = Principal::parse(role).unwrap();
    call.checks.iter().all(|check| {
        let request = check.request(&principal, Owner::Account("111122223333"));
        let request = request.one("cognito-identity.amazonaws.com:sub", SUB).build().unwrap();
        set.decide(&request).is_allowed()
    })
}

fn hold(policy: &str, rows: &[(&str, &str, bool)]) {
    for (operation, body, expected) in rows {
        assert_eq!(allowed(policy, operation, body), *expected, "{operation} {body}");
    }
}

/// E.5 of the specification.
#[test]
fn own_items() {
    let rows: &[(&str, &str, bool)] = &[
        ("GetItem", r#"{"TableName":"notes","Key":{"UserId":{"S":"$S"}}}"#, true),
        ("GetItem", r#"{"TableName":"notes","Key":{"UserId":{"S":"$X"}}}"#, false),
        ("BatchGetItem", r#"{"RequestItems":{"notes":{"Keys":[{"UserId":{"S":"$S"}}]}}}"#, true),
        (
            "BatchGetItem",
            r#"{"RequestItems":{"notes":{"Keys":[{"UserId":{"S":"$S"}},{"UserId":{"S":"$X"}}]}}}"#,
            false,
        ),
        (
            "Query",
            r#"{"TableName":"notes","KeyConditionExpression":"UserId=:v","ExpressionAttributeValues":{":v":{"S":"$S"}}}"#,
            true,
        ),
        (
            "Query",
            r##"{"TableName":"notes","KeyConditionExpression":"#p = :v","ExpressionAttributeNames":{"#p":"UserId"},"ExpressionAttributeValues":{":v":{"S":"$S"}}}"##,
            true,
        ),
        (
            "Query",
            r##"{"TableName":"notes","KeyConditionExpression":"#p = :v","ExpressionAttributeNames":{"#p":"UserId"},"ExpressionAttributeValues":{":v":{"S":"$X"}}}"##,
            false,
        ),
        (
            "Query",
            r#"{"TableName":"notes","KeyConditionExpression":"UserId=:v","ExpressionAttributeValues":{":v":{"S":"$S"}},"ExclusiveStartKey":{"UserId":{"S":"$X"}}}"#,
            false,
        ),
        (
            "Query",
            r#"{"TableName":"scores","IndexName":"by-game","KeyConditionExpression":"UserId=:v","ExpressionAttributeValues":{":v":{"S":"$S"}}}"#,
            false,
        ),
        ("PutItem", r#"{"TableName":"notes","Item":{"UserId":{"S":"$S"},"t":{"S":"$X"}}}"#, true),
        ("PutItem", r#"{"TableName":"notes","Item":{"UserId":{"S":"$X"},"t":{"S":"$S"}}}"#, false),
        (
            "BatchWriteItem",
            r#"{"RequestItems":{"notes":[{"PutRequest":{"Item":{"UserId":{"S":"$S"}}}},{"DeleteRequest":{"Key":{"UserId":{"S":"$X"}}}}]}}"#,
            false,
        ),
        ("Scan", r#"{"TableName":"notes"}"#, false),
        (
            "Scan",
            r#"{"TableName":"notes","FilterExpression":"UserId = :v","ExpressionAttributeValues":{":v":{"S":"$S"}}}"#,
            false,
        ),
        (
            "TransactWriteItems",
            r#"{"TransactItems":[{"Put":{"TableName":"notes","Item":{"UserId":{"S":"$S"}}}}]}"#,
            true,
        ),
        (
            "TransactWriteItems",
            r#"{"TransactItems":[{"Put":{"TableName":"notes","Item":{"UserId":{"S":"$S"}}}},{"ConditionCheck":{"TableName":"notes","Key":{"UserId":{"S":"$X"}},"ConditionExpression":"attribute_exists(UserId)"}}]}"#,
            false,
        ),
        (
            "ExecuteStatement",
            r#"{"Statement":"SELECT * FROM notes WHERE UserId = ?","Parameters":[{"S":"$S"}]}"#,
            false,
        ),
        ("DescribeTable", r#"{"TableName":"notes"}"#, false),
    ];
    hold(&library("dynamodb-per-identity-items"), rows);
}

/// IAM's answer, and why no statement should list Scan beside a condition on leading keys.
#[test]
fn a_scan_granted_beside_leading_keys_is_a_scan_of_everything() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Scan"],
        "Resource":"arn:aws:dynamodb:us-east-1:111122223333:table/notes",
        "Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["${cognito-identity.amazonaws.com:sub}"]}}}}"#;
    hold(
        policy,
        &[
            ("Scan", r#"{"TableName":"notes"}"#, true),
            ("GetItem", r#"{"TableName":"notes","Key":{"UserId":{"S":"$X"}}}"#, false),
        ],
    );
}

/// C.2 of the specification: columns.
#[test]
fn own_columns() {
    let rows: &[(&str, &str, bool)] = &[
        (
            "GetItem",
            r#"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}},"ProjectionExpression":"DisplayName"}"#,
            true,
        ),
        ("GetItem", r#"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}}}"#, false),
        (
            "GetItem",
            r#"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}},"ProjectionExpression":"DisplayName, Secret.x"}"#,
            false,
        ),
        (
            "GetItem",
            r##"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}},"ProjectionExpression":"#Plan","ExpressionAttributeNames":{"#Plan":"Secret"}}"##,
            false,
        ),
        (
            "GetItem",
            r#"{"TableName":"profiles","Key":{"UserId":{"S":"$X"}},"ProjectionExpression":"DisplayName"}"#,
            false,
        ),
        (
            "Query",
            r#"{"TableName":"profiles","KeyConditionExpression":"UserId=:v","FilterExpression":"Secret = :v","ProjectionExpression":"Plan","ExpressionAttributeValues":{":v":{"S":"$S"}}}"#,
            false,
        ),
        (
            "Query",
            r#"{"TableName":"profiles","KeyConditionExpression":"UserId=:v","Select":"COUNT","ExpressionAttributeValues":{":v":{"S":"$S"}}}"#,
            false,
        ),
        (
            "UpdateItem",
            r#"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}},"UpdateExpression":"SET Language = :v","ExpressionAttributeValues":{":v":{"S":"x"}}}"#,
            true,
        ),
        (
            "UpdateItem",
            r#"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}},"UpdateExpression":"SET Language = :v","ExpressionAttributeValues":{":v":{"S":"x"}},"ReturnValues":"UPDATED_NEW"}"#,
            true,
        ),
        (
            "UpdateItem",
            r#"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}},"UpdateExpression":"SET Language = :v","ExpressionAttributeValues":{":v":{"S":"x"}},"ReturnValues":"ALL_NEW"}"#,
            false,
        ),
        (
            "UpdateItem",
            r#"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}},"UpdateExpression":"SET Language = :v","ExpressionAttributeValues":{":v":{"S":"x"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}"#,
            false,
        ),
        (
            "UpdateItem",
            r#"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}},"UpdateExpression":"SET Language = Secret"}"#,
            false,
        ),
        (
            "UpdateItem",
            r#"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}},"UpdateExpression":"SET Language = :v","ConditionExpression":"begins_with(Secret, :v)","ExpressionAttributeValues":{":v":{"S":"x"}}}"#,
            false,
        ),
        (
            "UpdateItem",
            r#"{"TableName":"profiles","Key":{"UserId":{"S":"$S"}},"AttributeUpdates":{"Plan":{"Action":"DELETE"}}}"#,
            false,
        ),
        ("PutItem", r#"{"TableName":"profiles","Item":{"UserId":{"S":"$S"}}}"#, false),
    ];
    hold(&library("dynamodb-columns"), rows);
}

/// C.2: an index of the own columns.
#[test]
fn own_columns_of_an_index() {
    let query = |index: &str, rest: &str| {
        format!(
            r#"{{"TableName":"scores",{index}"KeyConditionExpression":"UserId=:v","ExpressionAttributeValues":{{":v":{{"S":"$S"}}}}{rest}}}"#
        )
    };
    let game = r#""IndexName":"by-game","#;
    let projected = r#","ProjectionExpression":"Game, Score""#;
    let rows = [
        (query(game, projected), true),
        (query(game, ""), false),
        (query(game, r#","ProjectionExpression":"Game, Email""#), false),
        (query(r#""IndexName":"by-country","#, projected), false),
        (query("", projected), false),
        (query(game, projected).replace("$S", "$X"), false),
    ];
    for (body, expected) in rows {
        hold(&library("dynamodb-own-index-columns"), &[("Query", &body, expected)]);
    }
}

/// C.2: transactions.
#[test]
fn own_items_in_transactions_alone() {
    let rows: &[(&str, &str, bool)] = &[
        (
            "TransactWriteItems",
            r#"{"TransactItems":[{"Put":{"TableName":"accounts","Item":{"UserId":{"S":"$S"}}}},{"ConditionCheck":{"TableName":"accounts","Key":{"UserId":{"S":"$S"}},"ConditionExpression":"a > b"}}]}"#,
            true,
        ),
        (
            "TransactWriteItems",
            r#"{"TransactItems":[{"Put":{"TableName":"accounts","Item":{"UserId":{"S":"$S"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}]}"#,
            false,
        ),
        (
            "TransactWriteItems",
            r#"{"TransactItems":[{"Delete":{"TableName":"accounts","Key":{"UserId":{"S":"$X"}}}}]}"#,
            false,
        ),
        (
            "TransactGetItems",
            r#"{"TransactItems":[{"Get":{"TableName":"accounts","Key":{"UserId":{"S":"$S"}}}}]}"#,
            true,
        ),
        (
            "TransactGetItems",
            r#"{"TransactItems":[{"Get":{"TableName":"accounts","Key":{"UserId":{"S":"$S"}}}},{"Get":{"TableName":"accounts","Key":{"UserId":{"S":"$X"}}}}]}"#,
            false,
        ),
        ("PutItem", r#"{"TableName":"accounts","Item":{"UserId":{"S":"$S"}}}"#, false),
        ("GetItem", r#"{"TableName":"accounts","Key":{"UserId":{"S":"$S"}}}"#, false),
    ];
    hold(&library("dynamodb-transactions-only"), rows);
}

/// C.2: PartiQL without scans.
#[test]
fn statements_that_do_not_scan() {
    let rows: &[(&str, &str, bool)] = &[
        (
            "ExecuteStatement",
            r#"{"Statement":"SELECT * FROM notes WHERE UserId = ?","Parameters":[{"S":"$S"}]}"#,
            true,
        ),
        ("ExecuteStatement", r#"{"Statement":"SELECT * FROM notes WHERE UserId IN ['a', 'b']"}"#, true),
        ("ExecuteStatement", r#"{"Statement":"SELECT * FROM notes"}"#, false),
        ("ExecuteStatement", r#"{"Statement":"SELECT * FROM notes WHERE UserId > 'a'"}"#, false),
        ("ExecuteStatement", r#"{"Statement":"SELECT * FROM notes WHERE UserId = 'a' OR b = 1"}"#, false),
        ("ExecuteStatement", r#"{"Statement":"INSERT INTO notes VALUE {'UserId': 'a'}"}"#, true),
    ];
    hold(&library("dynamodb-partiql-without-scans"), rows);
}
