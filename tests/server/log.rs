//! The decision log and the candidate store.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use verdikt::server::{LogMode, LogSettings, LogTarget};

use super::world::{Folder, TOKEN, USER, World, allowed, copied, denied, tokens, wait_until};

fn settings(path: &Path, mode: LogMode) -> LogSettings {
    let masked = vec!["AWS:SecureTransport".to_owned()];
    LogSettings { target: LogTarget::File(path.to_owned()), mode, masked }
}

/// The lines of a log, once there are so many.
fn lines(path: &Path, count: usize) -> Vec<Value> {
    let read = || fs::read_to_string(path).unwrap_or_default();
    wait_until("the lines of the log", || read().lines().count() >= count);
    read().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn decisions_are_logged_without_secrets() {
    let folder = Folder::new("log");
    let path = folder.path().join("decisions.jsonl");
    let world = World::with(|config| {
        config.log = Some(settings(&path, LogMode::Full));
        config.tokens = Some(tokens(&folder));
    });
    let token = format!("Bearer {TOKEN}");
    let headers =
        [("Authorization", &*token), ("Content-Type", "application/json"), ("X-Request-ID", "request-1")];
    let login = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";
    let question = allowed()
        .replace("\"aws:SecureTransport\"", &format!("\"app:login\": \"{login}\", \"aws:SecureTransport\""));
    let answer = world.client().ask("POST", "/v1/decide", &headers, question.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let line = &lines(&path, 1)[0];
    assert_eq!(line["decision"]["decision"], "allowed");
    assert_eq!(
        (&line["client"], &line["request_id"], &line["contract"]),
        (&json!("all"), &json!("request-1"), &json!("native"))
    );
    assert_eq!(line["revision"].as_str(), answer.header("verdikt-revision"));
    let told = json!({"cognito-identity.amazonaws.com:sub": "us-east-1:alice", "app:login": "***", "aws:SecureTransport": "***"});
    assert_eq!(line["context"], told);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(TOKEN) && !text.contains(login), "{text}");
}

/// A token is hidden wherever it stands in what a caller sends, and the query of `aws:Referer` too.
#[test]
fn tokens_are_not_logged_wherever_they_stand() {
    let folder = Folder::new("log-tokens");
    let path = folder.path().join("decisions.jsonl");
    let world = World::with(|config| config.log = Some(settings(&path, LogMode::Full)));
    let signed = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";
    let encrypted = "eyJhbGciOiJSU0EtT0FFUCJ9.a2V5.aXY.dGV4dA.dGFn";
    let question = json!({"principal": USER, "action": "s3:GetObject",
        "resource": format!("arn:aws:s3:::photo-app/{signed}"), "context": {
            "app:Header": format!("Bearer {signed}"), "app:List": [format!("a={encrypted};"), "plain"],
            format!("app:{signed}"): "x", "AWS:Referer": "https://app.example/a?code=s3cret"}});
    let id = format!("id-{encrypted}");
    let headers = [("Content-Type", "application/json"), ("X-Request-ID", &*id)];
    let answer = world.client().ask("POST", "/v1/decide", &headers, question.to_string().as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let line = &lines(&path, 1)[0];
    assert_eq!((&line["request_id"], &line["resource"]), (&json!("***"), &json!("***")));
    let told = json!({"app:Header": "***", "app:List": ["***", "plain"], "***": "x",
        "AWS:Referer": "https://app.example/a?***"});
    assert_eq!(line["context"], told);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("eyJ") && !text.contains("s3cret"), "{text}");
}

/// Of an API call there is a line a check, with what the call tells and what was stated beside it; what is masked is, with
/// several values too.
#[test]
fn the_checks_of_a_call_are_logged_with_their_context() {
    let folder = Folder::new("log-calls");
    let path = folder.path().join("decisions.jsonl");
    let masked = ["app:Secrets".to_owned(), "app:Secret".to_owned()];
    let world = World::with(|config| {
        let settings = settings(&path, LogMode::Full);
        config.log = Some(LogSettings { masked: masked.to_vec(), ..settings });
    });
    let question = json!({"principal": USER, "call": {"method": "PUT", "host": "s3.us-east-1.amazonaws.com", "secure": true,
            "target": "/photo-app/private/us-east-1%3Aalice/b", "headers": {"x-amz-copy-source": "/photo-app/public/a"}},
        "context": {"cognito-identity.amazonaws.com:sub": "us-east-1:alice", "aws:SourceIp": "192.0.2.7",
            "app:Secret": "s3cret", "APP:secrets": ["s3cret", "t"], "app:Logins": ["eyJh.b.c", "plain"]}});
    let answer = world.client().post("/v1/decide", &question.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let lines = lines(&path, answer.json()["checks"].as_array().unwrap().len());
    let actions: Vec<_> = lines.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"s3:GetObject") && actions.contains(&"s3:PutObject"), "{actions:?}");
    for line in &lines {
        let context = &line["context"];
        assert_eq!(
            (&context["aws:SourceIp"], &context["aws:SecureTransport"]),
            (&json!("192.0.2.7"), &json!("true"))
        );
        assert_eq!((&context["app:Secret"], &context["APP:secrets"]), (&json!("***"), &json!(["***"])));
        assert_eq!(context["app:Logins"], json!(["***", "plain"]));
    }
    assert!(!fs::read_to_string(&path).unwrap().contains("s3cret"));
}

#[test]
fn denies_alone_or_a_sample() {
    let folder = Folder::new("modes");
    for (name, mode, count) in [("denies", LogMode::Denies, 3), ("sampled", LogMode::Sampled(2), 3)] {
        let path = folder.path().join(name);
        let world = World::with(|config| config.log = Some(settings(&path, mode)));
        let mut client = world.client();
        for _ in 0..3 {
            client.post("/v1/decide", &allowed());
            client.post("/v1/decide", &denied());
        }
        drop(client);
        assert!(world.running.stop());
        let lines = lines(&path, 0);
        assert_eq!(lines.len(), count, "{name}");
        assert!(
            mode != LogMode::Denies
                || lines.iter().all(|line| line["decision"]["decision"] == "implicitDeny")
        );
    }
}

/// A full disk costs lines of the log, which are counted, and no decision.
#[test]
fn a_full_disk_under_the_log_costs_no_decision() {
    let world = World::with(|config| config.log = Some(settings(Path::new("/dev/full"), LogMode::Full)));
    let mut client = world.client();
    for _ in 0..10 {
        assert_eq!(client.post("/v1/decide", &allowed()).json()["allowed"], true);
    }
    wait_until("ten lines to be counted as lost", || world.metric("verdikt_log_drops_total") > 9.5);
}

#[test]
fn a_candidate_store_is_told_of_and_changes_nothing() {
    let folder = Folder::new("shadow");
    let (path, store) = (folder.path().join("decisions.jsonl"), copied(&folder));
    let denies = r#"{"Version": "2012-10-17", "Statement": {"Sid": "No", "Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    fs::write(store.join("roles/user.json"), denies).unwrap();
    let world = World::with(|config| {
        config.shadow = Some(store);
        config.log = Some(settings(&path, LogMode::Sampled(1_000_000)));
    });
    let mut client = world.client();
    // The first of a sample is logged whatever it is.
    client.post("/v1/decide", &allowed().replace("photo-user", "photo-guest"));
    assert_eq!(client.post("/v1/decide", &allowed()).json()["allowed"], true);
    assert_eq!(client.post("/v1/decide", &allowed()).json()["allowed"], true);
    let lines = lines(&path, 3);
    assert_eq!(
        (&lines[1]["decision"]["decision"], &lines[1]["candidate"]["decision"]["decision"]),
        (&json!("allowed"), &json!("explicitDeny"))
    );
    assert!(lines[0].get("candidate").is_none());
    assert!((world.metric("verdikt_candidate_differences_total") - 2.0).abs() < 0.5);
}

#[test]
fn metrics_count_decisions_by_contract_and_outcome() {
    let world = World::start();
    let mut client = world.client();
    for question in [allowed(), denied(), denied(), "{}".to_owned()] {
        client.post("/v1/decide", &question);
    }
    let text = client.get("/metrics").text().to_owned();
    for line in [
        "verdikt_decisions_total{contract=\"native\",outcome=\"allowed\"} 1",
        "verdikt_decisions_total{contract=\"native\",outcome=\"implicitDeny\"} 2",
        "verdikt_answers_total{contract=\"native\",status=\"2xx\"} 3",
        "verdikt_answers_total{contract=\"native\",status=\"4xx\"} 1",
        "verdikt_indeterminate_decisions_total 0",
        "verdikt_log_drops_total 0",
        "verdikt_answer_seconds_count 4",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\n{text}");
    }
}

/// A candidate that changes is loaded again, and one that is refused leaves the last good one.
#[test]
fn a_candidate_store_is_loaded_again() {
    let folder = Folder::new("candidate-again");
    let store = copied(&folder);
    let world = World::with(|config| config.shadow = Some(store.clone()));
    let mut client = world.client();
    client.post("/v1/decide", &allowed());
    assert!(world.metric("verdikt_candidate_differences_total") < 0.5);
    let denies =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    super::world::replace(&store.join("roles/user.json"), denies);
    wait_until("a difference", || {
        assert_eq!(client.post("/v1/decide", &allowed()).json()["allowed"], true);
        world.metric("verdikt_candidate_differences_total") > 0.5
    });
}

/// A value that is no boolean: the Deny cannot be told, and so denies.
#[test]
fn decisions_that_clauses_could_not_tell_are_counted() {
    let world = World::start();
    let answer = world.client().post("/v1/decide", &allowed().replace("true", "\"maybe\""));
    assert_eq!(answer.json()["decision"], "explicitDeny", "{}", answer.text());
    assert_eq!(answer.json()["indeterminate"], true);
    assert!((world.metric("verdikt_indeterminate_decisions_total") - 1.0).abs() < f64::EPSILON);
}
