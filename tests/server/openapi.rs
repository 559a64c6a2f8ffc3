//! `/openapi.json`: made of the table of routes and the types, and true of what is answered.

use serde_json::{Value, json};

use verdikt::server::Methods;

use super::world::{Folder, TOKEN, World, allowed, denied, tokens};

fn document(world: &World) -> Value {
    let answer = world.client().get("/openapi.json");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    answer.json()
}

#[test]
fn every_route_is_described() {
    let world = World::start();
    let document = document(&world);
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = std::collections::BTreeSet::new();
    for route in world.running.routes() {
        let example = route.methods.example().as_str().to_lowercase();
        let any = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
        let methods = if route.methods == Methods::Any { &any[..] } else { &[&*example] };
        for method in methods {
            let operation = &document["paths"][route.path.replace("{*", "{")][method];
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{}", route.path);
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{}", route.path);
            assert!(operation.get("security").is_none(), "{}", route.path);
        }
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

/// Where tokens are demanded it says of which routes, and where they may stand.
#[test]
fn a_service_that_demands_tokens_says_so() {
    let folder = Folder::new("openapi-tokens");
    let world = World::with(|config| config.tokens = Some(tokens(&folder)));
    let document = document(&world);
    for route in world.running.routes() {
        let method = route.methods.example().as_str().to_lowercase();
        let operation = &document["paths"][route.path.replace("{*", "{")][&method];
        let ways = operation["security"].as_array().cloned().unwrap_or_default();
        assert_eq!(!ways.is_empty(), route.scope.is_some(), "{}", route.path);
        for way in ways {
            let name = way.as_object().unwrap().keys().next().unwrap();
            let scheme = &document["components"]["securitySchemes"][name];
            let header = match scheme["type"].as_str().unwrap() {
                "http" => ("Authorization", format!("Bearer {TOKEN}")),
                _ => (scheme["name"].as_str().unwrap(), TOKEN.to_owned()),
            };
            let path = route.path.replace("{*rest}", "rest");
            let ask =
                |headers: &[(&str, &str)]| world.client().ask(&method.to_uppercase(), &path, headers, b"");
            assert_ne!(ask(&[(header.0, &header.1)]).status, 401, "{path} {name}");
            assert_eq!(ask(&[(header.0, "Bearer another-token-of-nobody")]).status, 401, "{path} {name}");
        }
    }
}

/// The schema at a pointer, with what it refers to.
fn schema(document: &Value, pointer: &str) -> jsonschema::Validator {
    let mut schema = document.pointer(pointer).unwrap_or_else(|| panic!("{pointer}")).clone();
    schema["components"] = document["components"].clone();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn questions_and_answers_are_as_it_says() {
    let world = World::start();
    let document = document(&world);
    let path = |path: &str, rest: &str| format!("/paths/{}/post/{rest}", path.replace('/', "~1"));
    let question = schema(&document, &path("/v1/decide", "requestBody/content/application~1json/schema"));
    let answer = schema(&document, &path("/v1/decide", "responses/200/content/application~1json/schema"));
    let error = schema(&document, &path("/v1/decide", "responses/4XX/content/application~1json/schema"));
    let batch =
        schema(&document, &path("/v1/decide/batch", "responses/200/content/application~1json/schema"));
    let mut client = world.client();
    let call =
        json!({"principal": "arn:aws:sts::111122223333:assumed-role/photo-user/CognitoIdentityCredentials",
        "call": {"method": "GET", "host": "s3.amazonaws.com", "target": "/photo-app/public/a"}})
        .to_string();
    for text in [allowed(), denied(), call] {
        question.validate(&serde_json::from_str(&text).unwrap()).unwrap();
        let told = client.post("/v1/decide", &text);
        assert_eq!(told.status, 200, "{}", told.text());
        answer.validate(&told.json()).unwrap();
        assert!(error.validate(&told.json()).is_err());
    }
    error.validate(&client.post("/v1/decide", "{}").json()).unwrap();
    batch.validate(&client.post("/v1/decide/batch", &format!("[{}, {{}}]", allowed())).json()).unwrap();
    assert!(question.validate(&json!({"nonsense": 1})).is_err());
    assert!(question.validate(&json!([])).is_err());
}

/// Answers of `AuthZEN`, with and without a table of the store, are as the document says.
#[test]
fn evaluations_are_as_it_says() {
    let folder = Folder::new("openapi-authzen");
    let world = super::authzen::world(&folder);
    let document = document(&world);
    let mut client = world.client();
    let evaluation = json!({"subject": {"type": "user", "id": "alice"}, "action": {"name": "read"},
        "resource": {"type": "record", "id": "record-1"}});
    let unknown = json!({"subject": {"type": "group", "id": "alice"}, "action": {"name": "read"},
        "resource": {"type": "record", "id": "record-1"}});
    let several = json!({"evaluations": [evaluation, unknown, 5]});
    for (path, body) in [
        ("evaluation", &evaluation),
        ("evaluation", &unknown),
        ("evaluations", &several),
        ("evaluations", &evaluation),
    ] {
        let at =
            |rest: &str| format!("/paths/~1access~1v1~1{path}/post/{rest}/content/application~1json/schema");
        schema(&document, &at("requestBody")).validate(body).unwrap();
        let answer = client.post(&format!("/access/v1/{path}"), &body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.text());
        let told = schema(&document, &at("responses/200"));
        told.validate(&answer.json()).unwrap();
        assert!(told.validate(&json!({"decision": "true"})).is_err());
    }
    let metadata =
        "/paths/~1.well-known~1authzen-configuration/get/responses/200/content/application~1json/schema";
    schema(&document, metadata).validate(&client.get("/.well-known/authzen-configuration").json()).unwrap();
}
