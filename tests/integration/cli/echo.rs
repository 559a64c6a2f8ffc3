//! What the program says of hostile input is short and on lines of its own: a log that keeps it cannot be filled or
//! forged.

use super::{ALICE, Folder, PREFIX_POLICY, verdikt, words};

/// Bytes of all that is told of one problem: the message, the place, what is around it and the remedy.
const BOUND: usize = 2_500;

fn long() -> String {
    "x".repeat(60_000)
}

#[track_caller]
fn is_short(what: &str, told: &str) {
    assert!(
        !told.is_empty() && told.len() < BOUND,
        "{what}: {} bytes: {}",
        told.len(),
        &told[..told.len().min(600)]
    );
    assert!(told.lines().all(|line| line.len() < 600), "{what}: {told}");
    assert!(!told.contains('\u{1b}') && !told.contains("\nforged"), "{what}: {told}");
}

#[test]
fn a_policy_that_is_refused() {
    let long = long();
    for (what, json) in [
        ("no JSON", long.clone()),
        ("a string", format!("\"{long}\"")),
        ("a version", format!(r#"{{"Version": "\u001b[31m\nforged {long}", "Statement": []}}"#)),
        ("an element", format!(r#"{{"{long}": 1}}"#)),
        (
            "an action",
            format!(
                r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{long}\nforged", "Resource": "*"}}}}"#
            ),
        ),
    ] {
        let ended =
            words(&format!("decide --principal {ALICE} --action s3:GetObject --resource * --identity -"))
                .input(&json)
                .run();
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{what}");
        is_short(what, &ended.err);
        let ended = words("check --kind identity -").input(&json).run();
        assert_eq!(ended.code, 4, "{what}: {}", ended.err);
        is_short(what, &ended.out);
    }
}

#[test]
fn a_request_that_is_refused() {
    let long = long();
    for json in [
        long.clone(),
        format!(r#"{{"principal": "{long}", "action": "s3:GetObject", "resource": "*"}}"#),
        format!(r#"{{"principal": "anonymous", "action": "\u001b[31m\nforged{long}", "resource": "*"}}"#),
        format!(r#"{{"principal": "anonymous", "action": "s3:GetObject", "resource": "{long}"}}"#),
        format!(
            r#"{{"principal": "anonymous", "action": "s3:GetObject", "resource": "*", "context": {{"a:{long}": null}}}}"#
        ),
        format!(r#"{{"{long}": 1}}"#),
    ] {
        let ended = verdikt(["decide", "--identity", PREFIX_POLICY, "--request", "-"]).input(&json).run();
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{}", &json[..100.min(json.len())]);
        is_short(&json[..100], &ended.err);
    }
}

#[test]
fn lines_that_are_refused() {
    let long = long();
    let request = r#"{"principal": "anonymous", "action": "s3:GetObject", "resource": "*"}"#;
    let policies = format!(r#"{{"identity": [{{"name": "{long}", "policy": {{"{long}": "{long}"}}}}]}}"#);
    let lines = [
        long.clone(),
        format!(r#"{{"{long}": 1}}"#),
        format!(r#"{{"id": "x", "request": {{"{long}": 1}}, "policies": {{}}}}"#),
        format!(r#"{{"id": "x", "request": {request}, "policies": {policies}}}"#),
    ];
    let folder = Folder::new().with("cases.jsonl", &lines.join("\n"));
    for command in ["decide", "check"] {
        let ended = words(&format!("{command} --cases {}", folder.path("cases.jsonl"))).run();
        assert_eq!((ended.code, ended.out.lines().count()), (4, lines.len()), "{command}: {}", ended.err);
        assert!(ended.out.lines().all(|line| line.len() < 1_000), "{command}");
        assert!(ended.err.len() < BOUND, "{command}: {}", ended.err);
    }
}
