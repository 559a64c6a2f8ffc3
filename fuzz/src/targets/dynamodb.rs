//! Calls of DynamoDB: a line that names the operation, then its body. What is accepted is asked about the table that a
//! slow reading of the JSON finds, with the leading keys that it finds; written again with other spaces it makes the
//! same checks; those of a batch or a transaction are about all of its tables, parts and keys; and no check loses its leading
//! keys but that of a scan.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;
use verdikt::service::dynamodb::{DynamoDb, KeyAttribute, KeySchema, KeyType, TableRef, TableSchema};
use verdikt::service::{ApiCall, Check, Value};

const HOME: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/";

/// A call.
pub fn run(data: &[u8]) -> bool {
    let Some(line) = data.iter().position(|byte| *byte == b'\n') else { return false };
    let (operation, body) = (&data[..line], &data[line + 1..]);
    let Ok(operation) = std::str::from_utf8(operation) else { return false };
    let key = KeySchema::new(vec![KeyAttribute::new("u", KeyType::S)], Vec::new()).expect("a key");
    let schema = Arc::new(TableSchema::new(key));
    let dynamodb = DynamoDb::new("aws", "eu-west-1", "111122223333", |_: &TableRef<'_>| Some(schema.clone()))
        .expect("a Region and an account");
    let target = format!("DynamoDB_20120810.{operation}");
    let Ok(call) = dynamodb.translate(&target, body) else { return true };
    assert_eq!(call.operation, operation);
    let text = std::str::from_utf8(body).expect("what is accepted is UTF-8");
    // A member that is not read may hold half a surrogate pair, a number beyond f64, or arrays without end.
    let Ok(json) = serde_json::from_str::<Json>(text) else { return true };
    let spaced = serde_json::to_vec_pretty(&json).expect("JSON is written");
    assert_eq!(dynamodb.translate(&target, &spaced).as_ref(), Ok(&call), "with other spaces");
    call.checks.iter().for_each(never_lost);
    if let Some((key, of)) = [("Key", "GetItem UpdateItem DeleteItem"), ("Item", "PutItem")]
        .into_iter()
        .find(|(_, of)| of.split(' ').any(|one| one == operation))
    {
        by_key(&call, &json, key, of);
    }
    if let Some(expected) = of_many(operation, &json) {
        let told = call.checks.iter().map(|check| {
            let Some(Value::Many(leading)) = held(check, "dynamodb:LeadingKeys") else {
                panic!("{check:?} has no leading keys")
            };
            (check.part, check.resource.clone(), leading.iter().cloned().collect())
        });
        assert_eq!(told.collect::<BTreeSet<_>>(), expected, "{json}");
    }
    true
}

/// What a check is about: the part of the call, the table, the leading keys.
type About = (Option<u32>, String, BTreeSet<String>);

/// What the checks of a batch or a transaction must be about; none for another call.
fn of_many(operation: &str, json: &Json) -> Option<BTreeSet<About>> {
    let user = |item: &Json| item["u"]["S"].as_str().expect("the key is a string").to_owned();
    let of_batch = |keys: fn(&Json) -> Vec<&Json>| {
        let tables = json["RequestItems"].as_object().expect("an object").iter();
        tables.map(|(table, asked)| (None, arn(table), keys(asked).into_iter().map(user).collect())).collect()
    };
    match operation {
        "BatchGetItem" => Some(of_batch(|asked| asked["Keys"].as_array().into_iter().flatten().collect())),
        "BatchWriteItem" => Some(of_batch(|writes| {
            let writes = writes.as_array().into_iter().flatten();
            writes.map(|write| write.get("PutRequest").map_or(&write["DeleteRequest"]["Key"], item)).collect()
        })),
        "TransactGetItems" | "TransactWriteItems" => {
            let members = json["TransactItems"].as_array().expect("a list").iter();
            let about = |(part, member): (u32, &Json)| {
                let (_, asked) =
                    member.as_object().expect("an object").iter().find(|(_, one)| !one.is_null())?;
                let item = asked.get("Item").unwrap_or(&asked["Key"]);
                let table = asked["TableName"].as_str().expect("a table is named");
                Some((Some(part), arn(table), BTreeSet::from([user(item)])))
            };
            Some((0..).zip(members).filter_map(about).collect())
        }
        _ => None,
    }
}

fn item(put: &Json) -> &Json {
    &put["Item"]
}

/// The ARN of a table by its name or ARN.
fn arn(table: &str) -> String {
    if table.starts_with("arn:") { table.to_owned() } else { format!("{HOME}{table}") }
}

/// The table and the leading key of a call on one item.
fn by_key(call: &ApiCall, json: &Json, key: &str, of: &str) {
    let table = json["TableName"].as_str().expect("a table is named");
    let arn = arn(table);
    let user = json[key]["u"]["S"].as_str().expect("the key is a string");
    for check in &call.checks {
        assert_eq!(check.resource, arn, "{of}");
        assert_eq!(held(check, "dynamodb:LeadingKeys"), Some(&Value::Many(vec![user.to_owned()])));
        let Some(Value::Many(attributes)) = held(check, "dynamodb:Attributes") else {
            panic!("the key is named")
        };
        let names = json[key].as_object().expect("an object").keys();
        names.for_each(|name| assert!(attributes.contains(name), "{name} is not among {attributes:?}"));
    }
}

fn never_lost(check: &Check) {
    const WITHOUT: [&str; 2] = ["dynamodb:Scan", "dynamodb:SearchVectors"];
    // Reads and writes of items, and nothing else, tell one of these.
    let is_data = ["dynamodb:Select", "dynamodb:ReturnValues", "dynamodb:ReturnConsumedCapacity"]
        .iter()
        .any(|key| held(check, key).is_some());
    let full_scan = held(check, "dynamodb:FullTableScan") == Some(&Value::One("true".to_owned()));
    let leading = held(check, "dynamodb:LeadingKeys");
    assert_eq!(leading, held(check, "dynamodb:FirstPartitionKeyValues"));
    assert_ne!(leading, Some(&Value::Many(Vec::new())));
    if is_data && !full_scan && !WITHOUT.contains(&&*check.action) {
        assert!(leading.is_some(), "{check:?}");
    }
}

fn held<'c>(check: &'c Check, key: &str) -> Option<&'c Value> {
    check.context.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}
