//! `POST /v1/decide` and `/v1/explain`.

use serde_json::json;

use super::world::{USER, World, allowed, denied, request};

#[test]
fn requests_are_decided() {
    let world = World::start();
    let mut client = world.client();
    let answer = client.post("/v1/decide", &allowed());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = json!({"allowed": true, "decision": "allowed", "layer": "identity", "level": 0, "policy": 0, "statement": 0});
    assert_eq!(answer.json(), told);
    let answer = client.post("/v1/decide", &denied());
    assert_eq!(answer.json()["allowed"], false);
    assert_eq!(answer.json()["decision"], "implicitDeny");
    assert_eq!(answer.json()["missing_layer"], "identity");
}

/// The bucket's policy denies what does not come encrypted.
#[test]
fn an_explicit_deny_is_told() {
    let world = World::start();
    let plain = allowed().replace("true", "false");
    let answer = world.client().post("/v1/decide", &plain);
    assert_eq!(answer.json()["decision"], "explicitDeny", "{}", answer.text());
    assert_eq!(answer.json()["layer"], "resource");
}

#[test]
fn calls_are_decided_by_all_their_checks() {
    let world = World::start();
    let mut client = world.client();
    let mut ask = |call: serde_json::Value| {
        let question = json!({"principal": USER, "call": call, "context":
            {"cognito-identity.amazonaws.com:sub": "us-east-1:alice"}});
        client.post("/v1/decide", &question.to_string())
    };
    let own = "/photo-app/private/us-east-1%3Aalice/cat.jpg";
    let get =
        ask(json!({"method": "GET", "host": "s3.us-east-1.amazonaws.com", "target": own, "secure": true}));
    assert_eq!(get.status, 200, "{}", get.text());
    assert_eq!(
        (get.json()["allowed"].clone(), get.json()["operation"].clone()),
        (json!(true), json!("GetObject"))
    );
    let copy =
        ask(json!({"method": "PUT", "host": "s3.us-east-1.amazonaws.com", "target": own, "secure": true,
        "headers": {"x-amz-copy-source": "/photo-app/private/us-east-1%3Abob/cat.jpg"}}));
    assert_eq!(copy.json()["allowed"], false, "{}", copy.text());
    // The source, its tags, the target.
    assert_eq!(copy.json()["checks"].as_array().unwrap().len(), 3, "{}", copy.text());
    let item = ask(json!({"method": "POST", "host": "dynamodb.us-east-1.amazonaws.com", "target": "/",
        "headers": {"X-Amz-Target": "DynamoDB_20120810.GetItem"}, "secure": true,
        "body": r#"{"TableName": "photo-notes", "Key": {"owner": {"S": "us-east-1:alice"}, "taken_at": {"S": "x"}}}"#}));
    assert_eq!((item.status, item.json()["allowed"].clone()), (200, json!(true)), "{}", item.text());
    let other = ask(json!({"method": "POST", "host": "dynamodb.us-east-1.amazonaws.com", "target": "/",
        "headers": {"X-Amz-Target": "DynamoDB_20120810.GetItem"}, "secure": true,
        "body": r#"{"TableName": "photo-notes", "Key": {"owner": {"S": "us-east-1:bob"}, "taken_at": {"S": "x"}}}"#}));
    assert_eq!(other.json()["allowed"], false, "{}", other.text());
    let unknown = ask(json!({"method": "GET", "host": "storage.example.com", "target": own}));
    assert_eq!((unknown.status, unknown.json()["error"]["code"].as_str()), (400, Some("UNKNOWN_CALL")));
}

#[test]
fn explanations_are_of_the_same_decision() {
    let world = World::start();
    let mut client = world.client();
    for question in [allowed(), denied()] {
        let decided = client.post("/v1/decide", &question).json();
        let explained = client.post("/v1/explain", &question);
        assert_eq!((explained.status, &explained.json()["decision"]), (200, &decided["decision"]));
        assert!(explained.json()["layers"].is_array(), "{}", explained.text());
    }
}

#[test]
fn what_cannot_be_asked_is_refused_and_never_an_allow() {
    let world = World::start();
    let mut client = world.client();
    let stranger = request("s3:GetObject", "arn:aws:s3:::photo-app/x").replace("photo-user", "nobody");
    let contradicted =
        allowed().replace("aws:SecureTransport\": true", "aws:PrincipalAccount\": \"999988887777\"");
    for (question, code) in [
        ("", "INVALID_JSON"),
        ("[]", "INVALID_JSON"),
        ("nonsense", "INVALID_JSON"),
        ("{}", "INVALID_QUESTION"),
        (&allowed()[..40], "INVALID_JSON"),
        (&allowed().replace("context", "contxt"), "INVALID_JSON"),
        (&allowed().replace("s3:GetObject", "s3"), "INVALID_REQUEST_ACTION"),
        (&allowed().replace("arn:aws:s3:::photo-app", "photo-app"), "INVALID_REQUEST_RESOURCE"),
        (&allowed().replace("{\"principal\"", "{\"session\": \"x\", \"principal\""), "INVALID_QUESTION"),
        (&stranger, "UNKNOWN_PRINCIPAL"),
        (&contradicted, "CONTRADICTED_CONTEXT_KEY"),
    ] {
        let answer = client.post("/v1/decide", question);
        assert_eq!(answer.status, 400, "{question}: {}", answer.text());
        assert_eq!(answer.json()["error"]["code"], code, "{question}: {}", answer.text());
        assert!(!answer.text().contains("\"allowed\""), "{question}");
    }
    let answer = client.ask("POST", "/v1/decide", &[("Content-Type", "text/plain")], allowed().as_bytes());
    assert_eq!(answer.status, 415);
    let answer = client.ask(
        "POST",
        "/v1/decide",
        &[("Content-Type", "application/json")],
        b"{\"principal\": \"\xff\"}",
    );
    assert_eq!(answer.status, 400);
}

/// Each member of a question counts.
#[test]
fn what_a_question_says_beside_is_heeded() {
    let world = World::start();
    let mut client = world.client();
    let with = |member: &str| allowed().replacen('{', &format!("{{{member}, "), 1);
    let own = client.post("/v1/decide", &with(r#""resource_account": "111122223333""#));
    assert_eq!(own.json()["allowed"], true, "{}", own.text());
    // The store knows whose the bucket is.
    let foreign = client.post("/v1/decide", &with(r#""resource_account": "444455556666""#));
    assert_eq!(foreign.status, 400, "{}", foreign.text());
    let must = client.post("/v1/decide", &with(r#""resource_policy_mode": "mustAllow""#));
    assert_eq!((&must.json()["allowed"], &must.json()["missing_layer"]), (&json!(false), &json!("resource")));
}

/// Each member of an API call too.
#[test]
fn what_a_call_says_beside_is_heeded() {
    let world = World::start();
    let mut client = world.client();
    let mut ask = |more: serde_json::Value| {
        let mut call = json!({"method": "PUT", "host": "s3.us-east-1.amazonaws.com", "secure": true,
            "target": "/photo-app/private/us-east-1%3Aalice/cat.jpg"});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let question = json!({"principal": USER, "call": call, "context": {"cognito-identity.amazonaws.com:sub": "us-east-1:alice"}});
        client.post("/v1/decide", &question.to_string())
    };
    assert_eq!(ask(json!({})).json()["allowed"], true);
    let clear = ask(json!({"secure": false}));
    assert_eq!(
        (&clear.json()["allowed"], &clear.json()["checks"][0]["decision"]["decision"]),
        (&json!(false), &json!("explicitDeny"))
    );
    // One check is allowed, another not: the call is not.
    let copied = ask(json!({"headers": {"x-amz-copy-source": "/photo-app/private/us-east-1%3Aalice/a.jpg"}}));
    let checks = copied.json()["checks"].as_array().unwrap().clone();
    let allows: Vec<_> = checks.iter().map(|check| check["decision"]["allowed"] == true).collect();
    assert!(allows.contains(&true) && allows.contains(&false), "{checks:?}");
    assert_eq!(copied.json()["allowed"], false);
    // A header that stands twice is not the first of both.
    let one = ask(json!({"headers": {"content-type": ["image/jpeg"]}}));
    assert_eq!(one.json()["allowed"], true, "{}", one.text());
    let twice = ask(json!({"headers": {"x-amz-tagging": ["", "a=b"]}}));
    assert_eq!(
        (twice.status, twice.json()["error"]["code"].as_str()),
        (400, Some("UNKNOWN_CALL")),
        "{}",
        twice.text()
    );
}
