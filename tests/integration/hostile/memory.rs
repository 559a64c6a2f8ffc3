//! Memory, by a counting allocator: what reading and compiling take at most is a multiple of the text, whatever it is.

use verdikt::{CompiledPolicy, Document, Kind, Limits};

use super::{policy, statement};
use crate::allocation::peak;

/// Texts that nearly everything is wrong with, and texts of the smallest parts.
fn texts() -> Vec<(&'static str, String)> {
    let times = |count: usize, text: &str| vec![text; count].join(",");
    let wrong = statement("Action", &format!("[{}]", times(10_000, "1")));
    let keys: Vec<_> = (0..60_000).map(|number| format!(r#""k{number}": 1"#)).collect();
    vec![
        ("values of a wrong type", policy(&times(30, &wrong))),
        ("statements without anything", policy(&times(19_000, "{}"))),
        ("nested too deep", format!("{}{}{}", "[".repeat(32), times(200_000, "[]"), "]".repeat(32))),
        ("the same key", format!("{{{}}}", times(60_000, r#""a": 1"#))),
        ("unknown elements", format!("{{{}}}", keys.join(","))),
        ("bad escapes", format!("[{}]", times(60_000, r#""\ud800""#))),
        ("malformed actions", policy(&statement("Action", &format!("[{}]", times(10_000, r#""x""#))))),
        (
            "malformed variables",
            policy(&statement("Resource", &format!("[{}]", times(10_000, r#""arn:aws:s3:::${""#)))),
        ),
        (
            "small values",
            policy(&statement(
                "Condition",
                &format!(r#"{{"NumericEquals": {{"a:k": [{}]}}}}"#, times(10_000, "1")),
            )),
        ),
        (
            "wildcards",
            policy(&statement("Resource", &format!("[{}]", times(10_000, r#""arn:*:*:*:*:*?*""#)))),
        ),
    ]
}

#[test]
fn memory_is_a_multiple_of_the_text() {
    for (what, text) in texts() {
        let (parsed, bytes) = peak(|| Document::parse(Kind::Identity, "hostile", &text, &Limits::default()));
        assert!(bytes < 100 * text.len(), "{what}: reading {} bytes took {bytes}", text.len());
        let Ok(parsed) = parsed else { continue };
        let (compiled, bytes) = peak(|| CompiledPolicy::compile(&[parsed.document]));
        assert!(
            compiled.is_ok() && bytes < 100 * text.len(),
            "{what}: compiling {} bytes took {bytes}",
            text.len()
        );
    }
}

/// Every problem was kept until the reading ended: half a gigabyte for a policy of four megabytes.
#[test]
fn problems_that_are_not_told_take_no_memory() {
    let list = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    let read = |count: usize| {
        let text = policy(&vec![statement("Action", &list(10_000)); count].join(","));
        let accepted = policy(
            &vec![
                statement("Condition", &format!(r#"{{"NumericEquals": {{"a:k": {}}}}}"#, list(10_000)));
                count
            ]
            .join(","),
        );
        let wrong = peak(|| Document::parse(Kind::Identity, "p", &text, &Limits::default()).is_err());
        let right = peak(|| Document::parse(Kind::Identity, "p", &accepted, &Limits::default()).is_ok());
        assert!(wrong.0 && right.0);
        (wrong.1, right.1)
    };
    let (wrong, right) = read(20);
    assert!(wrong < 2 * right, "{wrong} bytes for what is refused, {right} for what is not");
}
