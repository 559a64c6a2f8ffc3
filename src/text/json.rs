//! JSON with spans: every value knows where it stands, no key is dropped.
//!
//! One walk (`reader`) reads, checks and places everything; `serde_json` would keep the last of two equal keys and
//! tell no positions. Depth, string length, lone surrogates and duplicate keys are checked on the way. `serde_json`
//! still unescapes strings, and says what is wrong with a text that is not JSON; a test holds the walk to its idea of
//! what is JSON, on every short text.

mod reader;

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::diagnostic::{Diagnostic, codes};
use super::span::Span;
use reader::{NotJson, Reader};

/// A JSON value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    /// From the first to the last character, quotes and brackets included.
    pub span: Span,
    /// The value.
    pub value: Value<'a>,
}

/// A JSON value; numbers keep their text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as it was written.
    Number(&'a str),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object, its members in order, duplicates included (each is also a problem).
    Object(Vec<Member<'a>>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// The key, unescaped.
    pub key: Cow<'a, str>,
    /// Where the key stands, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node<'a>,
}

/// Limits of a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonLimits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Nesting of arrays and objects.
    pub depth: usize,
    /// Bytes of one string, unescaped.
    pub string: usize,
}

impl Value<'_> {
    /// What the value is, for messages: `a string`, `an object`, …
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// Reads a JSON text. The node is `None` only if the text is not JSON at all or is over a limit; problems that leave
/// the structure readable (a duplicate key, a lone surrogate) come beside it.
pub fn parse<'a>(text: &'a str, limits: &JsonLimits) -> (Option<Node<'a>>, Vec<Diagnostic>) {
    let mut reader = Reader::new(text, *limits);
    if text.len() > limits.bytes {
        let message = format!("the text is over the limit of {} bytes", limits.bytes);
        reader.problems.push(over_limit(Span::default(), message));
        return (None, reader.problems);
    }
    if text.starts_with('\u{feff}') {
        let problem = Diagnostic::error(
            codes::JSON_SYNTAX_ERROR,
            Span::new(0, 3),
            "the text begins with a byte order mark",
        );
        reader.problems.push(problem.with_help("save the file without one (`UTF-8`, not `UTF-8 with BOM`)"));
        return (None, reader.problems);
    }
    match reader.root() {
        Ok(node) => (node, reader.problems),
        Err(NotJson) => (None, vec![syntax_error(text)]),
    }
}

fn over_limit(span: Span, message: String) -> Diagnostic {
    Diagnostic::error(codes::LIMIT_EXCEEDED, span, message)
        .with_help("shorten it, or raise the limit where the text is trusted")
}

/// What is wrong with a text that is not JSON.
fn syntax_error(text: &str) -> Diagnostic {
    let Err(error) = serde_json::from_str::<&RawValue>(text) else {
        return Diagnostic::error(codes::JSON_SYNTAX_ERROR, Span::default(), "not JSON");
    };
    let line_start: usize =
        text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = line_start.saturating_add(error.column().saturating_sub(1)).min(text.len());
    // Columns count bytes, and may stand inside a character.
    let at = text.floor_char_boundary(at);
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or_default();
    Diagnostic::error(codes::JSON_SYNTAX_ERROR, Span::new(at, at), format!("not JSON: {message}"))
        .with_help("a policy is one JSON object; check commas, quotes and brackets near here")
}

/// Where a part of a decoded string stands in the source: `part` are byte offsets in the decoded text of the string
/// literal at `string` (quotes included). Escapes are walked one by one.
pub fn span_within(source: &str, string: Span, part: std::ops::Range<usize>) -> Span {
    let raw = source.get(string.range()).unwrap_or_default();
    let start = string.start as usize;
    Span::new(
        start.saturating_add(raw_offset(raw, part.start)),
        start.saturating_add(raw_offset(raw, part.end)),
    )
}

/// The offset in the raw literal (opening quote included) of a byte offset in its decoded text.
fn raw_offset(raw: &str, decoded: usize) -> usize {
    let mut seen = 0usize;
    let mut chars = raw.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if seen >= decoded {
            return at;
        }
        if c != '\\' {
            seen = seen.saturating_add(c.len_utf8());
            continue;
        }
        let unit = if let Some((_, 'u')) = chars.next() {
            let digits: String = chars.by_ref().take(4).map(|(_, digit)| digit).collect();
            u32::from_str_radix(&digits, 16).unwrap_or_default()
        } else {
            0
        };
        // Each half of a surrogate pair stands for two of the four bytes.
        seen = seen.saturating_add(match unit {
            0..0x80 => 1,
            0x80..0x800 | 0xd800..0xe000 => 2,
            _ => 3,
        });
    }
    raw.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: JsonLimits = JsonLimits { bytes: 1_000, depth: 4, string: 50 };

    fn problems(text: &str) -> Vec<(&'static str, Span)> {
        parse(text, &LIMITS).1.into_iter().map(|problem| (problem.code, problem.span)).collect()
    }

    #[test]
    fn spans_are_byte_offsets() {
        let text = r#" {"a": [1, "x\n"], "é": true}"#;
        let (node, found) = parse(text, &LIMITS);
        assert!(found.is_empty());
        let Value::Object(members) = node.unwrap().value else { panic!() };
        assert_eq!(text.get(members[0].key_span.range()), Some(r#""a""#));
        assert_eq!(text.get(members[1].value.span.range()), Some("true"));
        let Value::Array(items) = &members[0].value.value else { panic!() };
        assert_eq!(items[0].value, Value::Number("1"));
        assert_eq!(items[1].value, Value::String("x\n".into()));
    }

    #[test]
    fn duplicate_keys_are_found_after_unescaping() {
        assert_eq!(problems(r#"{"a": {"b": 1, "\u0062": 2}}"#), [(codes::DUPLICATE_KEY, Span::new(15, 23))]);
        let many: Vec<_> = (0..20).map(|i| format!("\"k{i}\":1")).collect();
        assert_eq!(problems(&format!("{{{},\"k3\":2}}", many.join(","))).len(), 1);
    }

    #[test]
    fn limits_and_malformed_texts() {
        assert!(problems("[[[[1]]]]").is_empty());
        assert_eq!(problems("[[[[[1]]]]]")[0].0, codes::LIMIT_EXCEEDED);
        assert_eq!(problems(&format!("\"{}\"", "x".repeat(51)))[0].0, codes::LIMIT_EXCEEDED);
        assert_eq!(problems(&" ".repeat(1_001))[0].0, codes::LIMIT_EXCEEDED);
        assert_eq!(problems("\u{feff}{}")[0].0, codes::JSON_SYNTAX_ERROR);
        assert_eq!(problems(r#""\ud800""#)[0].0, codes::JSON_SYNTAX_ERROR);
        assert_eq!(problems("{\"a\": 1,\n}"), [(codes::JSON_SYNTAX_ERROR, Span::new(9, 9))]);
        assert_eq!(problems("{} x")[0].0, codes::JSON_SYNTAX_ERROR);
        for text in ["\"é", "{\"é😀", "[1, é"] {
            let span = problems(text)[0].1;
            assert!(text.get(span.range()).is_some(), "{text} {span:?}");
        }
    }

    /// Every text of a few characters, alone and inside others: JSON here if and only if it is to `serde_json`.
    #[test]
    fn json_is_what_serde_json_takes_for_json() {
        const PIECES: [&str; 22] = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "0", "1", "-", "+", ".", "e", "E", "u", "00e9", "true",
            "null", " ", "\u{c}", "é",
        ];
        let mut texts = vec![String::new()];
        let mut level = texts.clone();
        for _ in 0..3 {
            let longer =
                level.iter().flat_map(|text| PIECES.iter().map(move |piece| format!("{text}{piece}")));
            level = longer.collect();
            texts.extend_from_slice(&level);
        }
        for (before, after) in
            [("", ""), ("[", "]"), ("\"", "\""), ("{\"a\":", "}"), ("[[[[[", "]]]]]"), ("-1", "")]
        {
            for text in &texts {
                let text = format!("{before}{text}{after}");
                let node = parse(&text, &LIMITS);
                let is_json = serde_json::from_str::<&RawValue>(&text).is_ok();
                let is_refused = node.1.iter().any(|one| one.message.starts_with("not JSON"));
                assert_eq!(is_json, !is_refused, "{text}");
                assert!(is_json || node.0.is_none(), "{text}");
            }
        }
    }

    #[test]
    fn parts_of_escaped_strings_map_back() {
        let text = r#"  "a\u00e9\n\ud83d\ude00${""#;
        let span = Span::new(2, text.len());
        let decoded = serde_json::from_str::<String>(text).unwrap();
        let at = decoded.find("${").unwrap();
        let part = span_within(text, span, at..at + 2);
        assert_eq!(text.get(part.range()), Some("${"));
    }
}
