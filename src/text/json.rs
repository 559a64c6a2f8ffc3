//! JSON with spans: every value knows where it stands, no key is dropped.
//!
//! `serde_json` does the reading. It keeps the last of two equal keys and tells no positions, so each level is read
//! as raw values whose addresses, less the address of the text, are their offsets. Each level is scanned again for
//! its children; policies are shallow. Depth, string length, lone surrogates and duplicate keys are checked here,
//! because raw values pass all four.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::diagnostic::{Diagnostic, bounded, codes, excerpt};
use super::span::Span;

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
    let mut reader = Reader { base: text.as_ptr() as usize, limits: *limits, problems: Vec::new() };
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
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => {
            let node = reader.node(raw.get(), 1);
            (node, reader.problems)
        }
        Err(error) => {
            reader.problems.push(syntax_error(text, &error));
            (None, reader.problems)
        }
    }
}

fn over_limit(span: Span, message: String) -> Diagnostic {
    Diagnostic::error(codes::LIMIT_EXCEEDED, span, message)
        .with_help("shorten it, or raise the limit where the text is trusted")
}

fn syntax_error(text: &str, error: &serde_json::Error) -> Diagnostic {
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

/// How many duplicate keys are told.
const TOLD: usize = 1_000;

struct Reader {
    base: usize,
    limits: JsonLimits,
    problems: Vec<Diagnostic>,
}

impl Reader {
    fn span(&self, raw: &str) -> Span {
        let start = (raw.as_ptr() as usize).saturating_sub(self.base);
        Span::new(start, start.saturating_add(raw.len()))
    }

    fn node<'a>(&mut self, raw: &'a str, depth: usize) -> Option<Node<'a>> {
        let span = self.span(raw);
        if depth > self.limits.depth && raw.starts_with(['{', '[']) {
            let message = format!("nested deeper than {} levels", self.limits.depth);
            self.problems.push(over_limit(span, message));
            return None;
        }
        let value = match raw.as_bytes().first()? {
            b'{' => Value::Object(self.object(raw, depth)),
            b'[' => Value::Array(self.array(raw, depth)),
            b'"' => Value::String(self.string(raw)),
            b't' => Value::Bool(true),
            b'f' => Value::Bool(false),
            b'n' => Value::Null,
            _ => Value::Number(raw),
        };
        Some(Node { span, value })
    }

    fn object<'a>(&mut self, raw: &'a str, depth: usize) -> Vec<Member<'a>> {
        let mut source = serde_json::Deserializer::from_str(raw);
        let pairs = source.deserialize_map(Pairs).unwrap_or_else(|error| self.unreadable(raw, &error));
        let mut members = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let key_span = self.span(key);
            let key = self.string(key);
            if let Some(value) = self.node(value, depth.saturating_add(1)) {
                members.push(Member { key, key_span, value });
            }
        }
        self.duplicates(&members);
        members
    }

    fn array<'a>(&mut self, raw: &'a str, depth: usize) -> Vec<Node<'a>> {
        let mut source = serde_json::Deserializer::from_str(raw);
        let items = source.deserialize_seq(Items).unwrap_or_else(|error| self.unreadable(raw, &error));
        items.into_iter().filter_map(|item| self.node(item, depth.saturating_add(1))).collect()
    }

    /// The whole text has been read before, so no part of it should fail; if one does, it is not taken for empty.
    fn unreadable<T: Default>(&mut self, raw: &str, error: &serde_json::Error) -> T {
        let span = self.span(raw);
        let message = format!("not JSON: {}", bounded(&error.to_string()));
        self.problems.push(Diagnostic::error(codes::JSON_SYNTAX_ERROR, span, message));
        T::default()
    }

    fn string<'a>(&mut self, raw: &'a str) -> Cow<'a, str> {
        let plain = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        if plain.len() > self.limits.string {
            let message =
                format!("a string of {} bytes, over the limit of {}", plain.len(), self.limits.string);
            let span = self.span(raw);
            self.problems.push(over_limit(span, message));
            return Cow::Borrowed("");
        }
        if memchr::memchr(b'\\', plain.as_bytes()).is_none() {
            return Cow::Borrowed(plain);
        }
        match serde_json::from_str::<String>(raw) {
            Ok(text) => Cow::Owned(text),
            Err(_) => {
                let span = self.span(raw);
                let problem = Diagnostic::error(codes::JSON_SYNTAX_ERROR, span, "a string with a bad escape");
                self.problems.push(problem.with_help("a `\\u` escape of a surrogate needs its other half"));
                Cow::Borrowed("")
            }
        }
    }

    fn duplicates(&mut self, members: &[Member<'_>]) {
        let mut first: HashMap<&str, Span> = HashMap::new();
        let few = members.len() <= 12;
        for (index, member) in members.iter().enumerate() {
            let earlier = if few {
                members.iter().take(index).find(|other| other.key == member.key).map(|other| other.key_span)
            } else {
                let earlier = first.get(&*member.key).copied();
                first.entry(&*member.key).or_insert(member.key_span);
                earlier
            };
            // One is enough to refuse the text; more than this nobody reads.
            if let Some(earlier) = earlier.filter(|_| self.problems.len() < TOLD) {
                let message = format!("the key {} stands twice in one object", excerpt(&member.key));
                let problem = Diagnostic::error(codes::DUPLICATE_KEY, member.key_span, message)
                    .with_label(earlier, "first here")
                    .with_help("readers disagree on which of the two counts; keep one");
                self.problems.push(problem);
            }
        }
    }
}

/// The key and value texts of an object.
struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(&'de str, &'de str)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((key, value)) = map.next_entry::<&'de RawValue, &'de RawValue>()? {
            pairs.push((key.get(), value.get()));
        }
        Ok(pairs)
    }
}

/// The texts of an array's items.
struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(item) = items.next_element::<&'de RawValue>()? {
            texts.push(item.get());
        }
        Ok(texts)
    }
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
