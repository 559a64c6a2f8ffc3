//! The bodies, as the specification describes them, for the `OpenAPI` document.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

fn parts() -> Value {
    let entity = json!({"type": "object", "required": ["type", "id"], "properties": {
        "type": {"type": "string"}, "id": {"type": "string"}, "properties": {"type": "object"}}});
    json!({
        "subject": entity,
        "action": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"}, "properties": {"type": "object"}}},
        "resource": entity,
        "context": {"type": "object"},
    })
}

pub(super) fn evaluation(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "required": ["subject", "action", "resource"], "properties": parts()})
}

pub(super) fn evaluations(_: &mut SchemaGenerator) -> Schema {
    let semantic = ["execute_all", "deny_on_first_deny", "permit_on_first_permit"];
    let mut properties = parts();
    if let Some(members) = properties.as_object_mut() {
        // What is no evaluation is answered in its place.
        let item = json!({"anyOf": [{"type": "object", "properties": parts()}, {}]});
        members.insert("evaluations".to_owned(), json!({"type": "array", "items": item}));
        members.insert(
            "options".to_owned(),
            json!({"type": "object", "properties": {"evaluations_semantic": {"enum": semantic}}}),
        );
    }
    json_schema!({"type": "object", "properties": properties})
}

fn one_decision() -> Value {
    json!({"type": "object", "required": ["decision"], "properties": {
        "decision": {"type": "boolean"}, "context": {"type": "object"}}})
}

pub(super) fn decision(_: &mut SchemaGenerator) -> Schema {
    Schema::try_from(one_decision()).unwrap_or_default()
}

pub(super) fn decisions(_: &mut SchemaGenerator) -> Schema {
    let several = json!({"type": "object", "required": ["evaluations"], "properties": {
        "evaluations": {"type": "array", "items": one_decision()}}});
    json_schema!({"anyOf": [several, one_decision()]})
}

pub(super) fn metadata(_: &mut SchemaGenerator) -> Schema {
    let url = json!({"type": "string", "format": "uri"});
    json_schema!({"type": "object", "required": ["policy_decision_point", "access_evaluation_endpoint"],
        "properties": {"policy_decision_point": url, "access_evaluation_endpoint": url, "access_evaluations_endpoint": url}})
}
