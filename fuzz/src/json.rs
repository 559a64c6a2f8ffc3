//! The JSON reader against `serde_json`: it accepts the same texts, and reads the same values from them.
//!
//! Three differences are wanted: limits, a byte order mark (which `serde_json` refuses too, in other words), and a key
//! that stands twice in an object, which `serde_json::Value` does not show.

use serde_json::Value as Reference;
use serde_json::value::RawValue;
use verdikt::text::diagnostic::{Diagnostic, codes};
use verdikt::text::json::{self, JsonLimits, Node, Value, span_within};
use verdikt::text::source::{Position, Positions, position};
use verdikt::text::span::Span;

use crate::dice::Dice;
use crate::oracle;

/// Depth below that at which `serde_json` itself refuses.
const LIMITS: JsonLimits = JsonLimits { bytes: 1 << 20, depth: 100, string: 1 << 20 };

/// Whether a text holds a key that `serde_json` gives a meaning of its own.
pub fn is_private(text: &str) -> bool {
    text.contains("$serde_json")
}

/// Reads a text both ways; false if a limit was met, or if the two readers cannot be compared.
pub fn check(text: &str) -> bool {
    if is_private(text) {
        return false;
    }
    let (node, problems) = json::parse(text, &LIMITS);
    check_spans(text, &problems);
    if problems.iter().any(|problem| problem.code == codes::LIMIT_EXCEEDED) {
        return false;
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
    true
}

/// Limits that small texts meet.
pub fn small_limits(dice: &mut Dice<'_>) -> JsonLimits {
    JsonLimits { bytes: 64 << dice.upto(6), depth: 1 + dice.upto(5), string: dice.upto(40) }
}

/// A limit is told if and only if the text meets it: its length, the depth of its brackets, and between quotes, at a
/// depth that is read, the bytes that stand there.
pub fn check_limits(text: &str, limits: &JsonLimits) {
    let (_, problems) = json::parse(text, limits);
    check_spans(text, &problems);
    if text.len() <= limits.bytes && serde_json::from_str::<&RawValue>(text).is_err() {
        return;
    }
    let is_told = problems.iter().any(|problem| problem.code == codes::LIMIT_EXCEEDED);
    let is_met = text.len() > limits.bytes || is_over(text, limits);
    assert_eq!(is_told, is_met, "{limits:?}: {problems:?}");
}

/// Whether a text that is JSON is nested too deep or has too long a string.
fn is_over(text: &str, limits: &JsonLimits) -> bool {
    let (mut depth, mut start, mut escaped) = (0, None, false);
    for (at, byte) in text.bytes().enumerate() {
        match (start, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(from), b'"') if at - from > limits.string => return true,
            (Some(_), b'"') => start = None,
            (Some(_), _) => {}
            (None, b'"') => start = Some(at + 1),
            (None, b'{' | b'[') if depth == limits.depth => return true,
            (None, b'{' | b'[') => depth += 1,
            (None, b'}' | b']') => depth -= 1,
            (None, _) => {}
        }
    }
    false
}

/// Every place that problems name lies in the text, at boundaries of characters.
pub fn check_spans(text: &str, problems: &[Diagnostic]) {
    for problem in problems {
        for span in problem.labels.iter().map(|label| label.span).chain([problem.span]) {
            assert!(text.get(span.range()).is_some(), "{} at {span:?} of {} bytes", problem.code, text.len());
        }
        assert!(!problem.message.contains('\n'), "a message of several lines: {}", problem.message);
    }
    let positions = Positions::new(text);
    for offset in problems.iter().flat_map(|problem| [problem.span.start, problem.span.end]) {
        let before = &text[..offset as usize];
        let (line, column) = (before.split('\n').count(), before.rsplit('\n').next());
        let counted = Position { line, column: column.unwrap_or_default().chars().count() + 1 };
        assert_eq!(position(text, offset), counted, "{offset} of {text:?}");
        assert_eq!(positions.at(offset), counted, "{offset} of {text:?}");
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
            check_parts(text, node.span, value);
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

/// Each character of a string stands where `span_within` says.
fn check_parts(text: &str, span: Span, value: &str) {
    for (at, c) in value.char_indices().take(40) {
        let part = span_within(text, span, at..at + c.len_utf8());
        let raw = text.get(part.range()).expect("a part lies in the text");
        let read = serde_json::from_str::<String>(&format!("\"{raw}\""));
        assert_eq!(read.ok().as_deref(), Some(&*c.to_string()), "{at} of {value:?} in {text:?}");
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
