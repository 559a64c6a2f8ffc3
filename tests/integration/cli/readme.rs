//! The calls that the documents for users show: each works, with the output shown under it.

use std::fs;
use std::path::Path;

use super::{Folder, same, words};

/// A call after `$ verdikt`, and the output shown, if any.
struct Shown {
    line: String,
    output: String,
}

/// A document's blocks of a language, in order.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
    let fence = format!("\n```{language}\n");
    text.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The calls of a block; one goes on after a backslash at the end of its line.
fn calls(block: &str) -> Vec<Shown> {
    let mut calls: Vec<Shown> = Vec::new();
    for line in block.replace("\\\n", " ").lines() {
        match (line.strip_prefix("$ verdikt "), calls.last_mut()) {
            (Some(line), _) => calls.push(Shown { line: line.to_owned(), output: String::new() }),
            (None, Some(call)) => call.output.extend([line, "\n"]),
            (None, None) => panic!("output before a call: {line}"),
        }
    }
    calls
}

#[test]
fn the_calls_of_the_documents_work() {
    let calls =
        |document| -> Vec<_> { blocks(document, "console").iter().flat_map(|block| calls(block)).collect() };
    let (readme, explain) = (calls("README.md"), calls("docs/explain.md"));
    assert!(readme.len() >= 4 && explain.len() >= 2);
    assert!(readme.iter().any(|call| !call.output.is_empty()) && !explain[0].output.is_empty());
    let store = calls("docs/store.md");
    assert!(store.len() >= 4);
    let calls = readme.into_iter().chain(explain).chain(store);
    for Shown { line, output } in calls {
        let ended = words(&line).run();
        assert!([0, 3].contains(&ended.code) && ended.err.is_empty(), "{line}\n{}", ended.err);
        if !output.is_empty() {
            same(ended.out, output);
        }
    }
}

/// The guide for authors: its files are written and its calls made in their order, in an empty folder.
#[test]
fn the_guide_for_authors_works() {
    let folder = Folder::new();
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/authors.md")).unwrap();
    let (mut before, mut made, mut written) = (String::new(), 0, 0);
    for (number, part) in text.split("```").enumerate() {
        if number % 2 == 0 {
            part.clone_into(&mut before);
            continue;
        }
        let (language, body) = part.split_once('\n').unwrap();
        let named = before.trim_end().rsplit('`').nth(1).filter(|name| name.starts_with("notes/"));
        if let (Some(name), "json" | "yaml") = (named, language) {
            fs::create_dir_all(folder.0.join("notes")).unwrap();
            fs::write(folder.0.join(name), body).unwrap();
            written += 1;
        }
        if language == "console" {
            for Shown { line, output } in calls(body) {
                let mut call = words(&line);
                call.command.current_dir(&folder.0);
                let ended = call.run();
                assert!([0, 4].contains(&ended.code) && ended.err.is_empty(), "{line}\n{}", ended.err);
                same(ended.out, output);
                made += 1;
            }
        }
        before.clear();
    }
    assert_eq!((made, written), (12, 4));
}

/// The sample hook passes what is right, where case files are JSON and policies have names of their own, and stops what is
/// not laid out.
#[cfg(unix)]
#[test]
fn the_sample_hook_works() {
    const POLICY: &str =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
    const CASES: &str = r#"{"policies": {"identity": "reader.json"},
        "request": {"principal": "arn:aws:iam::111122223333:user/a", "resource_account": "111122223333", "resource": "arn:aws:s3:::b/k"},
        "cases": [{"name": "a", "action": "s3:GetObject", "expect": "allowed"}, {"name": "b", "action": "sqs:SendMessage", "expect": "denied"}]}"#;
    let hook =
        blocks("docs/authors.md", "sh").into_iter().find(|block| block.starts_with("#!/bin/sh")).unwrap();
    let folder = Folder::new();
    fs::create_dir_all(folder.0.join("policies")).unwrap();
    fs::write(folder.0.join("policies/reader.test.json"), CASES).unwrap();
    fs::write(folder.0.join("hook"), hook).unwrap();
    let laid_out = words("fmt -").input(POLICY).out(0);
    fs::write(folder.0.join("policies/reader.json"), laid_out).unwrap();
    let call = |program: &str, arguments: &[&str]| {
        let programs = Path::new(env!("CARGO_BIN_EXE_verdikt")).parent().unwrap().display().to_string();
        let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
        let mut command = std::process::Command::new(program);
        command.args(arguments).current_dir(&folder.0).env("PATH", path).output().unwrap()
    };
    assert!(call("git", &["init", "-q"]).status.success() && call("git", &["add", "."]).status.success());
    let ended = call("sh", &["hook"]);
    assert!(ended.status.success(), "{ended:?}");
    fs::write(folder.0.join("policies/reader.json"), POLICY).unwrap();
    assert!(!call("sh", &["hook"]).status.success());
}

/// The decision cases and answers of the format's description are what the program reads and writes.
#[test]
fn the_description_of_the_case_format_holds() {
    let blocks = blocks("docs/case-format.md", "json");
    let [case, call, answers, document] = blocks.as_slice() else { panic!("{} blocks", blocks.len()) };
    let case = case.replace('\n', " ");
    let other = case
        .replace("get-own-object", "get-object-of-another-user")
        .replace("data/us-east-1:alice", "data/x")
        .replace("\"expect\": \"allowed\"", "\"expect\": null");
    let ended = words("decide --cases -").input(&format!("{case}\n{other}\n{{}}\n")).run();
    assert_eq!((&ended.out, ended.code), (answers, 4));
    // The call that is shown, by policies under which its second check alone is as it expects.
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}"#;
    let policies = format!(r#"{{"identity": [{{"name": "p", "policy": {policy}}}]}}"#);
    let line = format!(r#"{{"id": "a", "call": {call}, "policies": {policies}, "expect": "implicitDeny"}}"#);
    let out = words("decide --cases -").input(&line.replace('\n', " ")).out(0);
    assert!(
        out.starts_with(r#"{"id":"a","decision":"implicitDeny","allowed":false,"combination":"allOf""#),
        "{out}"
    );
    words("check --cases -").input(document).out(0);
}
