//! Translating a Query of 1 KB to its checks, beside reading its JSON with `serde_json` in the same run.

#![allow(clippy::unwrap_used, reason = "a call that is not translated voids the run")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use verdikt::service::dynamodb::{DynamoDb, KeyAttribute, KeySchema, KeyType, TableRef, TableSchema};

/// A Query as a client of a shop would send it.
fn body() -> Vec<u8> {
    let values: serde_json::Map<_, _> = (0..8)
        .map(|at| (format!(":v{at}"), json!({"S": format!("value {at} of some length")})))
        .chain([(":user".to_owned(), json!({"S": "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"}))])
        .collect();
    let filter: Vec<_> = (0..8).map(|at| format!("#a{at} = :v{at}")).collect();
    let names: serde_json::Map<_, _> = (0..8)
        .map(|at| (format!("#a{at}"), json!(format!("Attribute{at}"))))
        .chain([("#user".to_owned(), json!("UserId"))])
        .collect();
    serde_json::to_vec(&json!({
        "TableName": "orders",
        "KeyConditionExpression": "#user = :user",
        "FilterExpression": filter.join(" AND "),
        "ProjectionExpression": "UserId, OrderId, Total, Address.City",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
        "ReturnConsumedCapacity": "TOTAL",
        "Limit": 100,
    }))
    .unwrap()
}

fn query(criterion: &mut Criterion) {
    let key = KeySchema::new(
        vec![KeyAttribute::new("UserId", KeyType::S)],
        vec![KeyAttribute::new("OrderId", KeyType::S)],
    );
    let schema = Arc::new(TableSchema::new(key.unwrap()));
    let schemas = |_: &TableRef<'_>| Some(schema.clone());
    let dynamodb = DynamoDb::new("aws", "eu-west-1", "111122223333", schemas).unwrap();
    let body = body();
    assert_eq!(dynamodb.translate("DynamoDB_20120810.Query", &body).unwrap().checks.len(), 1);
    let mut group = criterion.benchmark_group(format!("query/{}B", body.len()));
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("checks", |bencher| {
        bencher.iter(|| dynamodb.translate(black_box("DynamoDB_20120810.Query"), black_box(&body)).unwrap());
    });
    group.bench_function("serde_json::Value", |bencher| {
        bencher.iter(|| serde_json::from_slice::<Value>(black_box(&body)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, query);
criterion_main!(benches);
