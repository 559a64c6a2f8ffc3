//! A run as one JSON object; `docs/test-report.schema.json` is its schema.

use serde_json::{Map, Value, json};

use super::super::coverage::Coverage;
use super::super::file::Check;
use super::super::mutate::Mutation;
use super::super::run::{CheckResult, FileResult, decided_by, layer};
use super::Refused;

/// The report of a run, with its line end.
pub fn json(
    results: &[FileResult],
    refused: &[Refused],
    coverage: Option<&Coverage>,
    mutation: Option<&Mutation>,
) -> String {
    let failed: usize = results.iter().map(FileResult::failed).sum();
    let all: usize = results.iter().map(|result| result.results.len()).sum();
    let mut report = Map::new();
    report.insert("version".to_owned(), json!(1));
    report.insert("passed".to_owned(), json!(all.saturating_sub(failed)));
    report.insert("failed".to_owned(), json!(failed));
    report.insert("files".to_owned(), results.iter().map(file).collect());
    if !refused.is_empty() {
        let refused = refused.iter().map(|one| json!({"file": one.file, "error": one.error}));
        report.insert("refused".to_owned(), refused.collect());
    }
    if let Some(coverage) = coverage {
        report.insert("coverage".to_owned(), json!(coverage));
    }
    if let Some(mutation) = mutation {
        report.insert("mutation".to_owned(), json!(mutation));
    }
    Value::Object(report).to_string() + "\n"
}

fn file(result: &FileResult) -> Value {
    let cases: Vec<Value> = result.checks().map(|(check, one)| case(check, one)).collect();
    json!({"file": result.file.path.display().to_string(), "failed": result.failed(), "cases": cases})
}

fn case(check: &Check, one: &CheckResult) -> Value {
    let mut case = json!({
        "name": check.name,
        "line": check.line,
        "passed": one.passed(),
        "decision": one.word(),
        "mismatches": one.mismatches,
    });
    let Some(members) = case.as_object_mut() else { return case };
    match (&one.decision, &one.governing) {
        (Ok(decision), Some(governing)) => {
            members.insert("statement".to_owned(), json!(decided_by(decision, &governing.set)));
            members.insert("layer".to_owned(), json!(layer(decision).map(crate::evaluate::Layer::as_str)));
        }
        (Err(error), _) => {
            members.insert("error".to_owned(), json!(error));
        }
        (Ok(_), None) => {}
    }
    if let Some(explanation) = &one.explanation {
        members.insert("explanation".to_owned(), json!(explanation));
    }
    case
}
