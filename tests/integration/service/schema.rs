//! What is written about calls keeps to `docs/requests.schema.json`, for every row of the tables of both services.

use std::sync::Arc;

use serde_json::{Value, json};
use verdikt::evaluate::{CallExplanation, Combination};
use verdikt::service::ApiCall;
use verdikt::suite::Cases;
use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, RequestError};

fn read(name: &str) -> Value {
    let path = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The validator of one form, the schema of explanations beside it.
fn validator(form: &str) -> jsonschema::Validator {
    let base = "https://verdikt.invalid/docs/";
    let registry = jsonschema::Registry::new()
        .add(format!("{base}explain.schema.json"), read("explain.schema.json"))
        .unwrap()
        .add(format!("{base}requests.schema.json"), read("requests.schema.json"))
        .unwrap()
        .prepare()
        .unwrap();
    let schema = json!({"$ref": format!("{base}requests.schema.json#/$defs/{form}")});
    jsonschema::options().with_registry(&registry).build(&schema).unwrap()
}

fn holds(validator: &jsonschema::Validator, json: &Value) {
    let errors: Vec<_> = validator.iter_errors(json).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{json:#}");
}

fn calls() -> Vec<ApiCall> {
    let calls: Vec<ApiCall> =
        super::s3::calls().into_iter().chain(crate::service_dynamodb::calls()).collect();
    assert!(calls.len() > 240, "{}", calls.len());
    calls
}

/// A policy under which some checks are allowed, some denied in either way.
fn set() -> PolicySet {
    let json = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:Get*", "dynamodb:*"], "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"s3:versionid": "false"}}}]}"#;
    let document = Document::parse(Kind::Identity, "role", json, &Limits::default()).unwrap().document;
    let policy: Arc<CompiledPolicy> = CompiledPolicy::compile(&[document]).unwrap();
    PolicySet::builder().identity(policy).build().unwrap()
}

#[test]
fn the_json_of_calls_keeps_to_its_schema() {
    let (request, decision, answer) = (validator("request"), validator("decision"), validator("answer"));
    let (set, user) = (set(), Principal::parse("arn:aws:iam::111122223333:user/ana").unwrap());
    let mut cases = Cases::default().explaining();
    let mut seen = std::collections::BTreeSet::new();
    for (number, call) in calls().iter().enumerate() {
        let mut json = serde_json::to_value(call).unwrap();
        holds(&request, &json);
        // Each tenth: explaining takes most of the time.
        if number % 10 != 0 && call.combination != Combination::Each {
            continue;
        }
        let checks = call.governed(|check| {
            Ok::<_, RequestError>((&set, check.request(&user, Owner::of_resource(&check.resource)).build()?))
        });
        let explained = CallExplanation::explain(call.combination, &checks.unwrap());
        holds(&decision, &serde_json::to_value(&explained).unwrap());
        json["principal"] = json!("arn:aws:iam::111122223333:user/ana");
        json["checks"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(|check| check["expect"] = json!("allowed"));
        let line = json!({"id": "a", "call": json, "policies": {"identity": []}, "expect": "allowed"});
        let mut out = Vec::new();
        cases.answer(line.to_string().as_bytes(), 1, &mut out);
        let told: Value = serde_json::from_slice(&out).unwrap();
        holds(&answer, &told);
        seen.insert(format!("{} {}", told["combination"], explained.decision().is_allowed()));
    }
    assert!(seen.len() >= 4, "{seen:?}");
}

/// It does not take what is never written.
#[test]
fn the_schema_refuses_what_is_no_call() {
    let (request, answer) = (validator("request"), validator("answer"));
    let check =
        json!({"action": "s3:GetObject", "resource": "arn:aws:s3:::app/x", "context": {"s3:prefix": "a"}});
    let good = json!({"service": "s3", "operation": "GetObject", "combination": "allOf", "checks": [check]});
    holds(&request, &good);
    for (pointer, value) in [
        ("/service", json!("sqs")),
        ("/combination", json!("some")),
        ("/combination", json!("noneNeeded")),
        ("/checks", json!([])),
        ("/checks/0/action", json!("s3:*")),
        ("/checks/0/resource", json!("app/x")),
        ("/checks/0/context", json!({"s3:prefix": null})),
        ("/checks/0/context", json!({"prefix": "a"})),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!request.is_valid(&bad), "{pointer}: {bad}");
    }
    let good =
        json!({"id": "a", "decision": "allowed", "allowed": true, "combination": "noneNeeded", "checks": []});
    holds(&answer, &good);
    for (name, value) in [("decision", json!("denied")), ("unexpected", json!(false)), ("more", json!(1))] {
        let mut bad = good.clone();
        bad[name] = value;
        assert!(!answer.is_valid(&bad), "{name}");
    }
}
