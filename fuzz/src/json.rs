//! The JSON reader against `serde_json`: it accepts the same texts, and reads the same values from them.
//!
//! Three differences are wanted: limits, a byte order mark (which `serde_json` refuses too, in other words), and a key
//! that stands twice in an object, which `serde_json::Value` does not show.

use serde_json::Value as Reference;
use verdikt::text::diagnostic::{Diagnostic, codes};
use verdikt::text::json::{self, JsonLimits, Node, Value};
use verdikt::text::source::position;
use verdikt::text::span::Span;

use crate::oracle;

/// Depth below that at which `serde_json` itself refuses.
const LIMITS: JsonLimits = JsonLimits { bytes: 1 << 20, depth: 100, string: 1 << 20 };

/// Reads a text both ways. `None` if a limit was met, or if the text holds a key that `serde_json` gives a meaning of
/// its own.
pub fn check(text: &str) -> Option<()> {
    if text.contains("$serde_json") {
        return None;
    }
    let (node, problems) = json::parse(text, &LIMITS);
    check_spans(text, &problems);
    if problems.iter().any(|problem| problem.code == codes::LIMIT_EXCEEDED) {
        return None;
    }
    let reference = serde_json::from_str::<Reference>(text);
    let is_unique = oracle::text::read(text).is_ok();
    match reference {
        Err(error) => assert!(!problems.is_empty(), "accepted what serde_json refuses: {error}"),
        Ok(reference) if is_unique => {
            assert!(problems.is_empty(), "refused what serde_json accepts: {problems:?}");
            same(text, node.as_ref().expect("a text without problems has a node"), &reference);
        }
        Ok(_) => {
            let all = problems.iter().all(|problem| problem.code == codes::DUPLICATE_KEY);
            assert!(all && !problems.is_empty(), "a key stands twice: {problems:?}");
            // Every span is still that of a JSON value.
            check_nodes(text, node.as_ref().expect("duplicates leave the structure"));
        }
    }
    Some(())
}

/// Every place that problems name lies in the text, at boundaries of characters.
pub fn check_spans(text: &str, problems: &[Diagnostic]) {
    for problem in problems {
        for span in problem.labels.iter().map(|label| label.span).chain([problem.span]) {
            assert!(text.get(span.range()).is_some(), "{} at {span:?} of {} bytes", problem.code, text.len());
        }
        assert!(!problem.message.contains('\n'), "a message of several lines: {}", problem.message);
    }
    if let Some(last) = problems.last() {
        let at = position(text, last.span.start);
        assert!(at.line <= text.split('\n').count());
    }
}

/// A value and its parts: equal to the reference's, each standing where its span says.
fn same(text: &str, node: &Node<'_>, reference: &Reference) {
    match (&node.value, reference) {
        (Value::Null, Reference::Null) => assert_eq!(text.get(node.span.range()), Some("null")),
        (Value::Bool(value), Reference::Bool(other)) => {
            assert_eq!(value, other);
            assert_eq!(text.get(node.span.range()), Some(if *value { "true" } else { "false" }));
        }
        (Value::Number(number), Reference::Number(_)) => {
            assert_eq!(text.get(node.span.range()), Some(*number));
            assert_eq!(read(text, node.span), *reference);
        }
        (Value::String(value), Reference::String(other)) => {
            assert_eq!(value, other);
            assert_eq!(read(text, node.span), *reference);
        }
        (Value::Array(items), Reference::Array(others)) => {
            brackets(text, node.span, "[", "]");
            assert_eq!(items.len(), others.len());
            items.iter().zip(others).for_each(|(item, other)| same(text, item, other));
        }
        (Value::Object(members), Reference::Object(others)) => {
            brackets(text, node.span, "{", "}");
            assert_eq!(members.len(), others.len());
            for member in members {
                assert_eq!(read(text, member.key_span), Reference::from(&*member.key));
                same(text, &member.value, others.get(&*member.key).expect("the same keys"));
            }
        }
        (value, reference) => panic!("{} is not {reference}", value.kind()),
    }
}

fn brackets(text: &str, span: Span, open: &str, close: &str) {
    let part = text.get(span.range()).expect("a span lies in the text");
    assert!(part.starts_with(open) && part.ends_with(close), "{span:?} of {part}");
}

fn check_nodes(text: &str, node: &Node<'_>) {
    let _ = read(text, node.span);
    match &node.value {
        Value::Array(items) => items.iter().for_each(|item| check_nodes(text, item)),
        Value::Object(members) => members.iter().for_each(|member| check_nodes(text, &member.value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn read(text: &str, span: Span) -> Reference {
    let part = text.get(span.range()).expect("a span lies in the text");
    serde_json::from_str(part).expect("a span covers a JSON value")
}
