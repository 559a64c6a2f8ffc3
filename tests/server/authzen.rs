//! `AuthZEN`: the certification scenario of its Authorization API 1.0 (basic, batch, discovery), the specification's error
//! rules, and the table that says what may be asked.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use verdikt::server::Config;

use super::client::{Answer, Client};
use super::world::{Folder, TOKEN, World, tokens};

const MANIFEST: &str = r#"
[[account]]
id = "111122223333"

[[user]]
arn = "arn:aws:iam::111122223333:user/alice"
policies = ["alice.json"]

[[user]]
arn = "arn:aws:iam::111122223333:user/bob"
policies = ["bob.json"]

[[bucket]]
name = "records"
account = "111122223333"

[[resource]]
arn = "arn:aws:records:us-east-1:111122223333:record/record-1"

[[resource]]
arn = "arn:aws:records:us-east-1:111122223333:record/record-2"

[authzen]
context = { reason = "app:Reason" }

[[authzen.subject]]
type = "user"
principal = "arn:aws:iam::111122223333:user/{id}"
properties = { role = "app:Role" }

[[authzen.resource]]
type = "record"
arn = "arn:aws:records:us-east-1:111122223333:record/{id}"
id_key = "app:Record"
properties = { status = "app:Status" }

[[authzen.resource.action]]
name = "read"
action = "records:Read"

[[authzen.resource.action]]
name = "write"
action = "records:Write"

[[authzen.resource.action]]
name = "delete"
action = "records:Delete"
properties = { soft = "app:Soft" }

[[authzen.resource]]
type = "file"
arn = "arn:aws:s3:::records/{path}"

[[authzen.resource.action]]
name = "read"
action = "s3:GetObject"
"#;

const ALICE: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["records:Read", "records:Write"], "Resource": "*"},
    {"Effect": "Allow", "Action": "records:Delete", "Resource": "*", "Condition": {"Bool": {"app:Soft": "true"}}},
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::records/alice/*"},
    {"Effect": "Deny", "Action": "records:Write", "Resource": "*", "Condition": {"StringEquals": {"app:Status": "archived"},
        "StringNotEquals": {"app:Role": "admin"}}}]}"#;

const BOB: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "records:Read", "Resource": "*"},
    {"Effect": "Allow", "Action": "records:Write", "Resource": "*", "Condition": {"StringEquals": {"app:Role": "admin"}}}]}"#;

fn store(folder: &Folder) -> PathBuf {
    let store = folder.path().join("store");
    fs::create_dir_all(&store).unwrap();
    for (name, text) in [("verdikt.toml", MANIFEST), ("alice.json", ALICE), ("bob.json", BOB)] {
        fs::write(store.join(name), text).unwrap();
    }
    store
}

pub(super) fn world(folder: &Folder) -> World {
    let store = store(folder);
    World::with(|config| config.store = store)
}

fn ask(client: &mut Client, body: &Value) -> Answer {
    client.post("/access/v1/evaluation", &body.to_string())
}

fn ask_all(client: &mut Client, body: &Value) -> Answer {
    client.post("/access/v1/evaluations", &body.to_string())
}

fn evaluation(subject: &str, action: &str, resource: &str) -> Value {
    json!({"subject": {"type": "user", "id": subject}, "action": {"name": action},
        "resource": {"type": "record", "id": resource}})
}

/// The rows of the certification scenario: subject, its properties; action, its properties; resource, its properties.
fn rows() -> Vec<(Value, bool)> {
    let row = |subject, role: Value, action, soft: Value, resource, status: Value, decision| {
        let mut body = evaluation(subject, action, resource);
        for (part, properties) in [("subject", role), ("action", soft), ("resource", status)] {
            if properties != Value::Null {
                body[part]["properties"] = properties;
            }
        }
        (body, decision)
    };
    let (none, archived) = (Value::Null, json!({"status": "archived"}));
    let (admin, soft) = (json!({"role": "admin"}), |soft: bool| json!({"soft": soft}));
    vec![
        row("alice", none.clone(), "read", none.clone(), "record-1", none.clone(), true),
        row("alice", none.clone(), "write", none.clone(), "record-1", none.clone(), true),
        row("bob", none.clone(), "read", none.clone(), "record-1", none.clone(), true),
        row("bob", none.clone(), "write", none.clone(), "record-1", none.clone(), false),
        row("alice", none.clone(), "write", none.clone(), "record-2", archived.clone(), false),
        row("bob", admin, "write", none.clone(), "record-2", archived, true),
        row("alice", none.clone(), "delete", soft(true), "record-1", none.clone(), true),
        row("alice", none.clone(), "delete", soft(false), "record-1", none, false),
    ]
}

#[test]
fn the_certification_scenario_is_decided() {
    let folder = Folder::new("authzen");
    let world = world(&folder);
    let mut client = world.client();
    for (number, (body, decision)) in rows().into_iter().enumerate() {
        let mut with_more = body.clone();
        with_more["context"] = json!({"time": "2026-01-01T00:00:00Z", "nested": {"a": [1, {"b": null}]}});
        with_more["unknown"] = json!({"x": []});
        for part in ["subject", "action", "resource"] {
            with_more[part]["unknown"] = json!(7);
            let extra = with_more[part]["properties"].as_object().cloned().unwrap_or_default();
            with_more[part]["properties"] = extra.into();
            with_more[part]["properties"]["department"] = json!({"name": "x"});
        }
        for body in [&body, &with_more, &body] {
            let answer = ask(&mut client, body);
            assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
            assert_eq!(answer.json(), json!({"decision": decision}), "row {}: {body}", number + 1);
        }
    }
}

#[test]
fn what_is_no_evaluation_is_a_bad_request_with_a_message() {
    let folder = Folder::new("authzen-bad");
    let world = world(&folder);
    let mut client = world.client();
    let good = evaluation("alice", "read", "record-1");
    let mut bodies = vec![String::new(), "nonsense".to_owned(), "[]".to_owned(), "{}".to_owned()];
    for (part, member) in
        [("subject", "type"), ("subject", "id"), ("action", "name"), ("resource", "type"), ("resource", "id")]
    {
        let mut without = good.clone();
        without[part].as_object_mut().unwrap().remove(member);
        let mut wrong = good.clone();
        wrong[part][member] = json!(1);
        let mut absent = good.clone();
        absent.as_object_mut().unwrap().remove(part);
        let (mut text, mut list, mut properties) = (good.clone(), good.clone(), good.clone());
        text[part] = json!("alice");
        list[part] = json!(["user", "alice"]);
        properties[part]["properties"] = json!("x");
        bodies.extend([without, wrong, absent, text, list, properties].map(|body| body.to_string()));
    }
    let mut context = good.clone();
    context["context"] = json!([]);
    bodies.push(context.to_string());
    // I-JSON: no name twice, no half of a surrogate pair.
    bodies.push(good.to_string().replacen('{', r#"{"action": {"name": "write"}, "#, 1));
    bodies.push(good.to_string().replace("alice", "\\ud800"));
    for body in &bodies {
        for path in ["/access/v1/evaluation", "/access/v1/evaluations"] {
            let answer = client.post(path, body);
            assert_eq!(answer.status, 400, "{path} {body}");
            assert!(answer.json().as_str().is_some_and(|message| !message.is_empty()), "{}", answer.text());
        }
    }
    for kind in ["text/plain", "application/xml"] {
        let answer = client.ask(
            "POST",
            "/access/v1/evaluation",
            &[("Content-Type", kind)],
            good.to_string().as_bytes(),
        );
        assert_eq!(answer.status, 400, "{kind}");
    }
    let kind = [("Content-Type", "application/json; charset=utf-8")];
    assert_eq!(client.ask("POST", "/access/v1/evaluation", &kind, good.to_string().as_bytes()).status, 200);
}

#[test]
fn request_ids_come_back_unchanged() {
    let folder = Folder::new("authzen-id");
    let world = world(&folder);
    let id = "bfe9eb29-ab87-4ca3-be83-a1d5d8305716";
    let headers = [("Content-Type", "application/json"), ("X-Request-ID", id)];
    for body in [evaluation("alice", "read", "record-1").to_string(), "{}".to_owned()] {
        let answer = world.client().ask("POST", "/access/v1/evaluation", &headers, body.as_bytes());
        assert_eq!(answer.header("x-request-id"), Some(id));
    }
    assert_eq!(
        ask(&mut world.client(), &evaluation("alice", "read", "record-1")).header("x-request-id"),
        None
    );
}

#[test]
fn what_the_table_does_not_name_is_denied_and_told() {
    let folder = Folder::new("authzen-unknown");
    let world = world(&folder);
    let mut client = world.client();
    let good = evaluation("alice", "read", "record-1");
    let with = |part: &str, member: &str, value: Value| {
        let mut body = good.clone();
        body[part][member] = value;
        body
    };
    for (body, status) in [
        (with("subject", "type", json!("group")), 404),
        (with("subject", "id", json!("carol")), 404),
        (with("subject", "id", json!("")), 400),
        // An id is no way to another ARN.
        (with("subject", "id", json!("*")), 400),
        (with("subject", "id", json!("x:role/y")), 400),
        (with("resource", "type", json!("bucket")), 404),
        (with("resource", "id", json!("a/b")), 400),
        (with("resource", "id", json!("a:b")), 400),
        (with("action", "name", json!("approve")), 404),
        // No raw action passes.
        (with("action", "name", json!("records:Read")), 404),
        (with("action", "name", json!("*")), 404),
        (with("subject", "properties", json!({"role": {"name": "admin"}})), 400),
        (with("subject", "properties", json!({"role": null})), 400),
    ] {
        let answer = ask(&mut client, &body);
        assert_eq!((answer.status, &answer.json()["decision"]), (200, &json!(false)), "{body}");
        let error = &answer.json()["context"]["error"];
        assert_eq!(error["status"], status, "{body}: {error}");
        assert!(error["message"].is_string());
    }
    // A property is a context key by the table alone.
    let mut forged = rows()[3].0.clone();
    forged["subject"]["properties"] = json!({"app:Role": "admin", "Role": "admin"});
    forged["context"] = json!({"app:Role": "admin", "role": "admin"});
    assert_eq!(ask(&mut client, &forged).json(), json!({"decision": false}));
    // An unknown resource has an unknown owner.
    assert_eq!(ask(&mut client, &evaluation("alice", "read", "record-9")).json()["decision"], false);
    assert!(world.metric("verdikt_refused_questions_total{contract=\"authzen\"}") >= 13.0);
}

#[test]
fn an_id_may_be_a_path_where_the_table_says_so() {
    let folder = Folder::new("authzen-path");
    let world = world(&folder);
    let mut client = world.client();
    for (id, decision) in [("alice/2026/a:b.jpg", true), ("bob/a.jpg", false), ("alice", false)] {
        let body = json!({"subject": {"type": "user", "id": "alice"}, "action": {"name": "read"},
            "resource": {"type": "file", "id": id}});
        assert_eq!(ask(&mut client, &body).json(), json!({"decision": decision}), "{id}");
    }
}

#[test]
fn a_store_without_a_table_allows_nothing() {
    let world = World::start();
    let answer = ask(&mut world.client(), &evaluation("alice", "read", "record-1"));
    assert_eq!((answer.status, &answer.json()["decision"]), (200, &json!(false)));
    assert_eq!(answer.json()["context"]["error"]["status"], 404);
}

#[test]
fn evaluations_are_answered_in_order_with_defaults() {
    let folder = Folder::new("authzen-batch");
    let world = world(&folder);
    let mut client = world.client();
    let decisions = |answer: &Answer| {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.json().get("decision").is_none());
        let all = answer.json()["evaluations"].as_array().unwrap().clone();
        all.iter().map(|one| one["decision"].as_bool().unwrap()).collect::<Vec<_>>()
    };
    // Bob on record-1: read, write.
    let mut body = evaluation("bob", "read", "record-1");
    body["evaluations"] = json!([{"action": {"name": "read"}}, {"action": {"name": "write"}}, {}]);
    assert_eq!(decisions(&ask_all(&mut client, &body)), [true, false, true]);
    // An item's own object replaces the default, its properties too.
    body["subject"]["properties"] = json!({"role": "admin"});
    body["evaluations"] = json!([{"action": {"name": "write"}},
        {"action": {"name": "write"}, "subject": {"type": "user", "id": "bob"}}]);
    assert_eq!(decisions(&ask_all(&mut client, &body)), [true, false]);
    // No defaults: what an item lacks is told in its place.
    let only = json!({"evaluations": [evaluation("alice", "read", "record-1"), {"action": {"name": "read"}}, 5,
        evaluation("alice", "approve", "record-1"), evaluation("alice", "write", "record-1")]});
    let answer = ask_all(&mut client, &only);
    assert_eq!(decisions(&answer), [true, false, false, false, true]);
    let status = |place: usize| answer.json()["evaluations"][place]["context"]["error"]["status"].clone();
    assert_eq!([status(1), status(2), status(3)], [json!(400), json!(400), json!(404)]);
    // Absent or empty: one evaluation.
    let mut single = evaluation("alice", "read", "record-1");
    assert_eq!(ask_all(&mut client, &single).json(), json!({"decision": true}));
    single["evaluations"] = json!([]);
    assert_eq!(ask_all(&mut client, &single).json(), json!({"decision": true}));
}

#[test]
fn a_semantic_ends_the_evaluations() {
    let folder = Folder::new("authzen-semantic");
    let world = world(&folder);
    let mut client = world.client();
    let mut body = evaluation("bob", "read", "record-1");
    let (read, write) = (json!({"action": {"name": "read"}}), json!({"action": {"name": "write"}}));
    body["evaluations"] = json!([read, write, 5, read]);
    for (semantic, expected) in [
        (None, &[true, false, false, true][..]),
        (Some("execute_all"), &[true, false, false, true]),
        (Some("deny_on_first_deny"), &[true, false]),
        (Some("permit_on_first_permit"), &[true]),
    ] {
        body["options"] =
            semantic.map_or(json!({}), |semantic| json!({"evaluations_semantic": semantic, "other": 1}));
        let answer = ask_all(&mut client, &body).json();
        let all = answer["evaluations"].as_array().unwrap();
        let decisions: Vec<_> = all.iter().map(|one| one["decision"].as_bool().unwrap()).collect();
        assert_eq!(decisions, expected, "{semantic:?}");
    }
    body["evaluations"] = json!([write, 5, read, read]);
    body["options"] = json!({"evaluations_semantic": "permit_on_first_permit"});
    assert_eq!(ask_all(&mut client, &body).json()["evaluations"].as_array().unwrap().len(), 3);
    for (name, bad) in [
        ("options", json!({"evaluations_semantic": "first"})),
        ("options", json!({"evaluations_semantic": 1})),
        ("options", json!([])),
        ("evaluations", json!({})),
        ("evaluations", json!(vec![json!({}); 10_001])),
        ("subject", json!("bob")),
    ] {
        let mut wrong = body.clone();
        wrong[name] = bad;
        assert_eq!(ask_all(&mut client, &wrong).status, 400, "{name}");
    }
}

#[test]
fn metadata_tells_where_to_ask() {
    let folder = Folder::new("authzen-metadata");
    let told = |base: &str| {
        json!({"policy_decision_point": base, "access_evaluation_endpoint": format!("{base}/access/v1/evaluation"),
            "access_evaluations_endpoint": format!("{base}/access/v1/evaluations")})
    };
    let (store, tokens) = (store(&folder), tokens(&folder));
    let world = World::with(|config| {
        config.store = store.clone();
        config.tokens = Some(tokens);
        config.public_url = Some("https://pdp.example.com/verdikt".to_owned());
    });
    let answer = world.client().get("/.well-known/authzen-configuration");
    assert_eq!((answer.status, answer.json()), (200, told("https://pdp.example.com/verdikt")));
    // Decisions need a token that is good for them, and say so as the specification has it.
    let body = evaluation("alice", "read", "record-1").to_string();
    let refused = world.client().post("/access/v1/evaluation", &body);
    assert_eq!((refused.status, refused.json().is_string()), (401, true));
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Content-Type", "application/json"), ("Authorization", &*bearer)];
    let allowed = world.client().ask("POST", "/access/v1/evaluation", &headers, body.as_bytes());
    assert_eq!(allowed.json(), json!({"decision": true}));

    let world = World::with(|config| config.store = store.clone());
    // Where nothing was configured: as it was asked.
    let answer = world.client().get("/.well-known/authzen-configuration");
    assert_eq!(answer.json(), told("http://localhost"));
    // Never as a stranger says.
    let host = b"GET /.well-known/authzen-configuration HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    let mut client = world.client();
    client.send(host).unwrap();
    let answer = client.answer();
    assert_eq!((answer.status, answer.text().contains("evil")), (404, false));
    let bad = |url: &str| {
        let mut config = Config::new(store.clone());
        config.public_url = Some(url.to_owned());
        config.check().is_err()
    };
    let refused = [
        "pdp.example.com",
        "ftp://a",
        "http://a",
        "https://a/?x",
        "https://a/",
        "https://a#b",
        "/x",
        "https://u@a",
    ];
    assert!(refused.into_iter().all(bad));
    assert!(!bad("https://pdp.example.com/tenant") && !bad("http://127.0.0.1:8180"));
}

/// I-JSON: what a double does not hold, another reader would read as another number.
#[test]
fn numbers_that_a_double_does_not_hold_are_refused() {
    let folder = Folder::new("authzen-numbers");
    let store = store(&folder);
    let world = World::with(|config| config.store = store);
    let ask = |number: &str| {
        let mut body = evaluation("alice", "read", "record-1");
        body["context"] = json!({"reason": "@"});
        let body = body.to_string().replace("\"@\"", number);
        world.client().post("/access/v1/evaluation", &body).json()
    };
    for good in ["1", "-9007199254740991", "0.1", "1e308"] {
        assert_eq!(ask(good), json!({"decision": true}), "{good}");
    }
    for bad in ["1e999", "-1e999", "9007199254740992", "-9007199254740993", "123456789012345678901234567890"]
    {
        let answer = ask(bad);
        assert_eq!(
            (&answer["decision"], &answer["context"]["error"]["status"]),
            (&json!(false), &json!(400))
        );
    }
}
