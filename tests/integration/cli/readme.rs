//! The calls that the documents for users show: each works, with the output shown under it.

use std::fs;
use std::path::Path;

use super::{same, words};

/// A call after `$ verdikt`, and the output shown, if any.
struct Shown {
    line: String,
    output: String,
}

/// The calls of a document's blocks of a language, in order.
fn shown(document: &str, fence: &str) -> Vec<Shown> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
    let blocks = text.split(&format!("\n```{fence}\n")).skip(1);
    blocks.flat_map(|rest| calls(rest.split("\n```").next().unwrap())).collect()
}

/// The calls of a block; one goes on after a backslash at the end of its line.
fn calls(block: &str) -> Vec<Shown> {
    let mut calls: Vec<Shown> = Vec::new();
    for line in block.replace("\\\n", " ").lines() {
        match (line.strip_prefix("$ verdikt "), calls.last_mut()) {
            (Some(line), _) => calls.push(Shown { line: line.to_owned(), output: String::new() }),
            (None, Some(call)) => call.output += &format!("{line}\n"),
            (None, None) => panic!("output before a call: {line}"),
        }
    }
    calls
}

#[test]
fn the_calls_of_the_readme_work() {
    let calls = shown("README.md", "console");
    assert!(calls.len() >= 4 && calls.iter().any(|call| !call.output.is_empty()));
    for Shown { line, output } in calls {
        let ended = words(&line).run();
        assert!([0, 3].contains(&ended.code) && ended.err.is_empty(), "{line}\n{}", ended.err);
        if !output.is_empty() {
            same(ended.out, output);
        }
    }
}

/// The decision cases and answers of the format's description are what the program reads and writes.
#[test]
fn the_description_of_the_case_format_holds() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/case-format.md")).unwrap();
    let blocks: Vec<&str> =
        text.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let [case, answers, document] = blocks.as_slice() else { panic!("{} blocks", blocks.len()) };
    let case = case.replace('\n', " ");
    let other = case
        .replace("get-own-object", "get-object-of-another-user")
        .replace("data/us-east-1:alice", "data/x");
    let other =
        other.replace(", \"expect\"", ", \"note\"").replace("\"expect\": \"allowed\"", "\"expect\": null");
    let ended = words("decide --cases -").input(&format!("{case}\n{other}\n{{}}\n")).run();
    assert_eq!((ended.out.as_str(), ended.code), (*answers, 4));
    words("check --cases -").input(document).out(0);
}
