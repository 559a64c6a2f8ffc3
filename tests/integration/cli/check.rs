//! `verdikt check`: problems with their places, files and folders, documents that are to be refused.

use std::fs;
use std::path::{Path, PathBuf};

use snapbox::str;

use super::{Folder, PREFIX_POLICY, policy, same, verdikt, words};

#[test]
fn a_problem_in_a_long_line_is_shown_with_what_is_around_it() {
    let actions = "\"s3:GetObject\",".repeat(200);
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":[{actions}"s3:é"],"Resource":"*"}}}}"#
    );
    let out = words("check --kind identity -").input(&text).out(4);
    same(
        out,
        str![[r#"
error[INVALID_ACTION]: `s3:é` is no action
 --> <stdin>:1:3065
  |
  |
1 | ...","s3:GetObject","s3:GetObject","s3:GetObject","s3:GetObject","s3:é"],"Resource":"*"}}
  |                                                                  ^^^^^^
  = help: write `service:Name`, for example `s3:GetObject` or `s3:Get*`, or `*` alone

<stdin>: refused as identity-based policy: 1 error

"#]],
    );
}

#[test]
fn no_mark_is_longer_than_a_line() {
    let resource = format!("\"Resource\":\"{}\"", "x".repeat(8_000));
    let text = policy("Allow", "").replace("\"Resource\":\"*\"", &resource);
    let out = words("check --kind identity -").input(&text).out(4);
    assert!(out.contains(&format!(" {}\n", "^".repeat(100))), "{out}");
    assert!(out.lines().all(|line| line.len() < 160), "{out}");
}

#[test]
fn a_line_is_shown_without_its_line_end() {
    let check = |text: &str| words("check --kind identity -").input(text).out(4);
    let text = "{\n\t\"Statement\": 1\n}\n";
    assert_eq!(check(&text.replace('\n', "\r\n")), check(text));
}

/// Policies, something that is none, and files and folders that are passed over.
fn checked_folder() -> Folder {
    let good = policy("Allow", "");
    Folder::new()
        .with(
            "b/trust.json",
            &fs::read_to_string(root("policies/identity-pool-trust-guest/policy.json")).unwrap(),
        )
        .with("a.json", &good)
        .with("c.json", "[]")
        .with("d.json", &good.replace("\"Version\":\"2012-10-17\",", ""))
        .with("notes.txt", "no policy")
        .with(".hidden/x.json", "no policy")
}

fn root(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn check_of_a_folder() {
    let folder = checked_folder();
    let out = verdikt(["check", &folder.path("")]).out(4);
    same(
        folder.named(&out),
        str![[r#"
FOLDER/a.json: valid as identity-based policy
FOLDER/b/trust.json: valid as role trust policy
error[DATA_TYPE_MISMATCH]: a policy is an object, not an array
 --> FOLDER/c.json:1:1
  |
1 | []
  | ^
  |
  = help: write an object here

FOLDER/c.json: refused as every kind, nearest is identity-based policy: 1 error
warning[MISSING_VERSION]: no Version `2012-10-17`
 --> FOLDER/d.json:1:1
  |
1 | {"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}
  | ^
  |
  = help: add `"Version": "2012-10-17"`; without it policy variables are plain text

FOLDER/d.json: valid as identity-based policy, 1 warning
4 policy files: 3 valid, 1 refused

"#]],
    );
    let out = verdikt(["check", "--format", "json", "--kind", "trust", &folder.path("")]).out(4);
    same(
        folder.named(&out),
        str![[r#"
{"name":"FOLDER/a.json","kind":"trust","valid":false,"problems":[{"code":"MISSING_PRINCIPAL","severity":"error","message":"role trust policies name their principals; this statement has none","line":1,"column":37,"end_line":1,"end_column":38,"help":"add `\"Principal\": {\"AWS\": \"…\"}`, or `\"*\"` for everyone"},{"code":"ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE","severity":"error","message":"role trust policies cannot have `Resource`","line":1,"column":68,"end_line":1,"end_column":78,"help":"a trust policy is about its own role; leave the element out"}]}
{"name":"FOLDER/b/trust.json","kind":"trust","valid":true,"problems":[]}
{"name":"FOLDER/c.json","kind":"trust","valid":false,"problems":[{"code":"DATA_TYPE_MISMATCH","severity":"error","message":"a policy is an object, not an array","line":1,"column":1,"end_line":1,"end_column":2,"help":"write an object here"}]}
{"name":"FOLDER/d.json","kind":"trust","valid":false,"problems":[{"code":"MISSING_VERSION","severity":"warning","message":"no Version `2012-10-17`","line":1,"column":1,"end_line":1,"end_column":2,"help":"add `\"Version\": \"2012-10-17\"`; without it policy variables are plain text"},{"code":"MISSING_PRINCIPAL","severity":"error","message":"role trust policies name their principals; this statement has none","line":1,"column":14,"end_line":1,"end_column":15,"help":"add `\"Principal\": {\"AWS\": \"…\"}`, or `\"*\"` for everyone"},{"code":"ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE","severity":"error","message":"role trust policies cannot have `Resource`","line":1,"column":45,"end_line":1,"end_column":55,"help":"a trust policy is about its own role; leave the element out"}]}

"#]],
    );
}

#[test]
fn check_of_some_files_of_a_folder() {
    let folder = checked_folder();
    let check = |more: &[&str]| {
        let ended = verdikt(["check", &folder.path("")].into_iter().chain(more.iter().copied())).run();
        (ended.code, folder.named(&ended.out) + &folder.named(&ended.err))
    };
    let all_valid = "FOLDER/a.json: valid as identity-based policy\nFOLDER/b/trust.json: valid as role trust policy\n\
                     2 policy files: 2 valid, 0 refused\n";
    assert_eq!(check(&["--exclude", "[cd].json"]), (0, all_valid.to_owned()));
    assert_eq!(check(&["--include", "*/*.json", "--include", "a.*"]), (0, all_valid.to_owned()));
    assert_eq!(check(&["--exclude", "b", "--include", "trust.json"]).0, 1);
    let (code, text) = check(&["--include", "*.yaml"]);
    assert_eq!(code, 1);
    same(
        text,
        str![[r#"
error: no policy file is below `FOLDER/`: name another folder, or the files with `--include`

"#]],
    );
    // Warnings alone are no finding unless asked for.
    assert_eq!(check(&["--include", "d.json"]).0, 0);
    assert_eq!(check(&["--include", "d.json", "--deny-warnings"]).0, 4);
}

#[test]
fn check_goes_on_after_a_file_that_cannot_be_read() {
    let ended = verdikt(["check", "nowhere.json", PREFIX_POLICY, "-"]).input("{").run();
    assert_eq!(ended.code, 1);
    same(
        ended.out,
        str![[r#"
policies/s3-per-identity-prefix/policy.json: valid as identity-based policy
error[JSON_SYNTAX_ERROR]: not JSON: EOF while parsing an object
 --> <stdin>:1:1
  |
1 | {
  | ^
  |
  = help: a policy is one JSON object; check commas, quotes and brackets near here

<stdin>: refused: 1 error
2 policy files: 1 valid, 1 refused

"#]],
    );
    same(
        ended.err,
        str![[r#"
error: cannot read `nowhere.json`: it does not exist; check the path

"#]],
    );
}

#[test]
fn check_of_cases() {
    let good = policy("Allow", "");
    let lines = [
        format!(r#"{{"id":"good","kind":"identity","policy":{good},"valid":true}}"#),
        r#"{"id":"bad, as expected","kind":"any","policy_text":"{","valid":false}"#.to_owned(),
        format!(r#"{{"id":"surprising","kind":"trust","policy":{good},"valid":true}}"#),
        "{}".to_owned(),
    ];
    let ended = words("check --cases -").input(&lines.join("\n")).run();
    assert_eq!(ended.code, 4);
    same(
        ended.out,
        str![[r#"
{"id":"good","problems":[],"valid":true}
{"id":"bad, as expected","problems":[{"code":"JSON_SYNTAX_ERROR","column":1,"end_column":1,"end_line":1,"help":"a policy is one JSON object; check commas, quotes and brackets near here","line":1,"message":"not JSON: EOF while parsing an object","severity":"error"}],"valid":false}
{"id":"surprising","problems":[{"code":"MISSING_PRINCIPAL","column":37,"end_column":38,"end_line":1,"help":"add `\"Principal\": {\"AWS\": \"…\"}`, or `\"*\"` for everyone","line":1,"message":"role trust policies name their principals; this statement has none","severity":"error"},{"code":"ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE","column":68,"end_column":78,"end_line":1,"help":"a trust policy is about its own role; leave the element out","line":1,"message":"role trust policies cannot have `Resource`","severity":"error"}],"valid":false}
{"error":{"code":"INVALID_CASE","message":"not a case: missing field `id` at line 1 column 2"},"line":4}

"#]],
    );
    same(
        ended.err,
        str![[r#"
note: 2 of 4 lines: not as expected, or not readable

"#]],
    );
    words("check --cases -").input(&lines[..2].join("\n")).out(0);
}
