//! The two engines, each a program of its own: `verdikt decide --cases`, and node with `authorize.mjs`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What an engine says of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `allowed`, `explicitDeny`, `implicitDeny`.
    Decided(String),
    /// The case cannot be put to this engine, and why.
    Unasked(String),
    /// The engine refuses the case, or fails over it.
    Refused(String),
}

/// The answers of both engines to a case.
#[derive(Clone, Debug)]
pub struct Answers {
    pub verdikt: Answer,
    pub peer: Answer,
}

/// Asks both engines of every case.
pub fn ask(cases: &[Value]) -> Vec<Answers> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("differential.jsonl");
    let lines: String = cases.iter().map(|case| format!("{case}\n")).collect();
    std::fs::write(&path, lines).unwrap();
    let mut verdikt = Command::new(env!("CARGO_BIN_EXE_verdikt"));
    verdikt.args(["decide", "--quiet", "--cases", "-"]);
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/iam-simulate/authorize.mjs"));
    node.arg(std::env::var_os("VERDIKT_IAM_SIMULATE").expect("set by tests/e2e/iam-simulate/run"));
    let (verdikt, peer) = (run(verdikt, &path, cases.len()), run(node, &path, cases.len()));
    verdikt.into_iter().zip(peer).map(|(verdikt, peer)| Answers { verdikt, peer }).collect()
}

fn run(mut command: Command, input: &Path, count: usize) -> Vec<Answer> {
    let output = command
        .stdin(File::open(input).unwrap())
        .stderr(Stdio::inherit())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Answer> = text.lines().map(answer).collect();
    assert_eq!(answers.len(), count, "{command:?} answered {} of {count} lines", answers.len());
    answers
}

fn answer(line: &str) -> Answer {
    let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    match (&line["decision"], &line["unasked"]) {
        (Value::String(word), _) => Answer::Decided(word.clone()),
        (_, Value::String(why)) => Answer::Unasked(why.clone()),
        _ => Answer::Refused(line["error"].to_string()),
    }
}
