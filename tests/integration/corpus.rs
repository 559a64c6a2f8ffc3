//! Cases and policies from elsewhere, whose licences keep them out of this repository: run where they are given.
//!
//! `VERDIKT_CORPUS` names their folder; without it, `../shared/corpus` is tried. A clone without them skips these
//! tests and says so; where `VERDIKT_CORPUS` is set they must be there.

use std::io::Write;
use std::path::PathBuf;

use verdikt::suite::{Cases, documents};
use verdikt::{CompiledPolicy, Document, Kind, Limits};

use crate::oracle;

pub(crate) fn corpus(file: &str) -> Option<String> {
    let given = std::env::var_os("VERDIKT_CORPUS");
    let folder = given
        .clone()
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    let read = std::fs::read_to_string(folder.join(file));
    match read {
        Ok(text) => Some(text),
        Err(error) if given.is_some() => panic!("{}: {error}", folder.join(file).display()),
        Err(_) => {
            // Not `println!`, which the test harness keeps to itself.
            let _ = writeln!(std::io::stderr(), "skipped: no corpus here (set VERDIKT_CORPUS to its folder)");
            None
        }
    }
}

#[test]
fn decision_cases() {
    let Some(text) = corpus("public.jsonl") else { return };
    let mut cases = Cases::default();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (number, line) in text.split('\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        let mut out = Vec::new();
        let answer = cases.answer(line.as_bytes(), number + 1, &mut out);
        assert!(answer.expect.is_some(), "line {}: a case without an expectation", number + 1);
        if !answer.is_met() {
            wrong.push(String::from_utf8(out).unwrap());
        }
        let by_oracle = oracle::text::read(line).map(|case| oracle::decide(&case).outcome);
        let by_oracle = match by_oracle {
            Ok(oracle::Outcome::Allowed) => Some("allowed"),
            Ok(oracle::Outcome::ExplicitDeny) => Some("explicitDeny"),
            Ok(oracle::Outcome::ImplicitDeny) => Some("implicitDeny"),
            Ok(oracle::Outcome::Error(_)) | Err(_) => None,
        };
        assert_eq!(by_oracle, answer.outcome.map(verdikt::Outcome::as_str), "the oracle differs: {line}");
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count} differ: {wrong:#?}", wrong.len());
    println!("{count} decision cases");
}

#[test]
fn documents_to_accept_or_refuse() {
    let Some(text) = corpus("validate.jsonl") else { return };
    let limits = Limits::default();
    let mut wrong = Vec::new();
    for (number, line) in text.split('\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        let mut out = Vec::new();
        if !documents::answer(line.as_bytes(), number + 1, &limits, &mut out) {
            wrong.push(format!("{line}\n{}", String::from_utf8(out).unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
}

/// What a policy says to requests that its own actions and resources suggest.
fn decisions(document: &Document) -> Vec<verdikt::Decision> {
    let policy = CompiledPolicy::compile(std::slice::from_ref(document)).unwrap();
    let set = verdikt::PolicySet::builder().identity(policy).build().unwrap();
    let user = verdikt::Principal::parse("arn:aws:iam::111122223333:user/ana").unwrap();
    let mut found = Vec::new();
    for statement in document.statements() {
        let values = statement.resource.iter().flat_map(|list| &list.values).take(4);
        let resources: Vec<String> =
            values.map(|value| value.value.replace('*', "x").replace("${", "")).collect();
        for action in statement.action.values.iter().take(8) {
            let action = if action.value == *"*" {
                "s3:GetObject".to_owned()
            } else {
                action.value.replace(['*', '?'], "x")
            };
            for resource in resources.iter().map(String::as_str).chain(["*"]) {
                let owner = verdikt::Owner::Account("111122223333");
                let built = verdikt::Request::builder(&user, &action, resource, owner).build();
                found.extend(built.map(|request| set.decide(&request)));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn aws_managed_policies() {
    let Some(text) = corpus("managed_policies.json") else { return };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let policies = file["policies"].as_array().unwrap();
    assert!(policies.len() >= 1_582);
    for policy in policies {
        let name = policy["name"].as_str().unwrap();
        let json = policy["document"].to_string();
        let parsed = Document::parse(Kind::Identity, name, &json, &Limits::default());
        let document =
            parsed.unwrap_or_else(|rejected| panic!("{rejected}: {:#?}", rejected.problems)).document;
        CompiledPolicy::compile(std::slice::from_ref(&document)).unwrap();
        let printed = document.print();
        let again = Document::parse(Kind::Identity, name, &printed, &Limits::default()).unwrap().document;
        assert_eq!(again, document, "{name}");
        assert_eq!(again.print(), printed, "{name}");
        let minified = document.minified();
        assert!(minified.len() < printed.len());
        let small = Document::parse(Kind::Identity, name, &minified, &Limits::default()).unwrap().document;
        assert_eq!(small, document, "{name}");
        assert_eq!(small.minified(), minified, "{name}");
        for formatted in [again, small] {
            assert_eq!(decisions(&formatted), decisions(&document), "{name}");
        }
        oracle::accepts(&policy["document"], "identity")
            .unwrap_or_else(|reason| panic!("{name}: oracle: {reason}"));
    }
}
