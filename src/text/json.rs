//! JSON with spans: every value knows where it stands, no key is dropped.
//!
//! `serde_json` says what is JSON. It keeps the last of two equal keys and tells no positions, so a text that it has
//! accepted is walked once more for its structure, which then takes no more than finding quotes and brackets. Depth,
//! string length, lone surrogates and duplicate keys are checked on that walk: `serde_json` passes all four there.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::value::RawValue;

use super::diagnostic::{Diagnostic, codes, excerpt};
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
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => {
            let node = reader.root();
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

/// Keys of an object that are compared each with each; more are hashed.
const FEW: usize = 12;

/// Walks a text that is known to be JSON.
struct Reader<'a> {
    text: &'a str,
    /// The offset of the next byte.
    at: usize,
    limits: JsonLimits,
    problems: Vec<Diagnostic>,
    /// Children of what is being read, the outermost first; each list then takes one allocation of its size.
    items: Vec<Node<'a>>,
    members: Vec<Member<'a>>,
    is_cut: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, limits: JsonLimits) -> Self {
        let (items, members) = (Vec::new(), Vec::new());
        Self { text, at: 0, limits, problems: Vec::new(), items, members, is_cut: false }
    }

    fn root(&mut self) -> Option<Node<'a>> {
        self.skip(|byte| byte.is_ascii_whitespace());
        let node = self.node(1);
        if self.is_cut {
            // The whole text has been read before, so this should not be; if it is, no part is taken for empty.
            let message = "not JSON: the text ends inside a value";
            self.problems.push(Diagnostic::error(codes::JSON_SYNTAX_ERROR, self.span_from(self.at), message));
        }
        node
    }

    /// Reads the value that begins here; `None` if it is nested too deep.
    fn node(&mut self, depth: usize) -> Option<Node<'a>> {
        let start = self.at;
        let first = self.peek()?;
        let value = match first {
            b'{' | b'[' if depth > self.limits.depth => {
                self.pass_nested();
                let message = format!("nested deeper than {} levels", self.limits.depth);
                self.problems.push(over_limit(self.span_from(start), message));
                return None;
            }
            b'{' => Value::Object(self.object(depth)),
            b'[' => Value::Array(self.array(depth)),
            b'"' => Value::String(self.string()),
            _ => self.word(),
        };
        Some(Node { span: self.span_from(start), value })
    }

    fn object(&mut self, depth: usize) -> Vec<Member<'a>> {
        let first = self.members.len();
        self.step();
        while self.has_more() {
            let start = self.at;
            let key = self.string();
            let key_span = self.span_from(start);
            self.skip(is_between);
            if let Some(value) = self.node(depth.saturating_add(1)) {
                self.members.push(Member { key, key_span, value });
            }
        }
        let members: Vec<_> = self.members.drain(first.min(self.members.len())..).collect();
        self.duplicates(&members);
        members
    }

    fn array(&mut self, depth: usize) -> Vec<Node<'a>> {
        let first = self.items.len();
        self.step();
        while self.has_more() {
            let item = self.node(depth.saturating_add(1));
            self.items.extend(item);
        }
        self.items.drain(first.min(self.items.len())..).collect()
    }

    /// Goes to the next item of an array or object, or past its end.
    fn has_more(&mut self) -> bool {
        self.skip(is_between);
        match self.peek() {
            Some(b']' | b'}') => {
                self.step();
                false
            }
            Some(_) => true,
            None => {
                self.is_cut = true;
                false
            }
        }
    }

    /// Goes past an array or object without reading it, however deep.
    fn pass_nested(&mut self) {
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.pass_string();
                    continue;
                }
                b'[' | b'{' => open = open.saturating_add(1),
                b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            self.step();
            if open == 0 {
                return;
            }
        }
        self.is_cut = true;
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Value<'a> {
        let start = self.at;
        self.step();
        self.skip(|byte| !is_between(byte) && byte != b']' && byte != b'}');
        match self.text.get(start..self.at).unwrap_or_default() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            number => Value::Number(number),
        }
    }

    fn string(&mut self) -> Cow<'a, str> {
        let start = self.at;
        let has_escape = self.pass_string();
        let raw = self.text.get(start..self.at).unwrap_or_default();
        let plain = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        if plain.len() > self.limits.string {
            let message =
                format!("a string of {} bytes, over the limit of {}", plain.len(), self.limits.string);
            self.problems.push(over_limit(self.span_from(start), message));
            return Cow::Borrowed("");
        }
        if !has_escape {
            return Cow::Borrowed(plain);
        }
        match serde_json::from_str::<String>(raw) {
            Ok(text) => Cow::Owned(text),
            Err(_) => {
                let span = self.span_from(start);
                let problem = Diagnostic::error(codes::JSON_SYNTAX_ERROR, span, "a string with a bad escape");
                self.problems.push(problem.with_help("a `\\u` escape of a surrogate needs its other half"));
                Cow::Borrowed("")
            }
        }
    }

    /// Goes past a string, quotes included, and tells whether it holds an escape.
    fn pass_string(&mut self) -> bool {
        self.step();
        let mut has_escape = false;
        while let Some(length) = memchr::memchr2(b'"', b'\\', self.rest()) {
            self.at = self.at.saturating_add(length);
            let is_end = self.peek() == Some(b'"');
            self.step();
            if is_end {
                return has_escape;
            }
            has_escape = true;
            self.step();
        }
        self.at = self.text.len();
        self.is_cut = true;
        has_escape
    }

    fn skip(&mut self, is_passed: impl Fn(u8) -> bool) {
        let length = self.rest().iter().position(|byte| !is_passed(*byte));
        self.at = length.map_or(self.text.len(), |length| self.at.saturating_add(length));
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    fn duplicates(&mut self, members: &[Member<'_>]) {
        if members.len() <= FEW {
            for (index, member) in members.iter().enumerate() {
                let earlier = members.iter().take(index).find(|other| other.key == member.key);
                if let Some(earlier) = earlier {
                    self.duplicate(member, earlier.key_span);
                }
            }
            return;
        }
        let mut first: HashMap<&str, Span> = HashMap::with_capacity(members.len());
        for member in members {
            match first.entry(&*member.key) {
                Entry::Occupied(earlier) => self.duplicate(member, *earlier.get()),
                Entry::Vacant(place) => drop(place.insert(member.key_span)),
            }
        }
    }

    fn duplicate(&mut self, member: &Member<'_>, earlier: Span) {
        // One is enough to refuse the text; more than this nobody reads.
        if self.problems.len() >= TOLD {
            return;
        }
        let message = format!("the key {} stands twice in one object", excerpt(&member.key));
        let problem = Diagnostic::error(codes::DUPLICATE_KEY, member.key_span, message)
            .with_label(earlier, "first here")
            .with_help("readers disagree on which of the two counts; keep one");
        self.problems.push(problem);
    }
}

/// What stands between values: white space, commas and colons, whose places have been checked.
fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',' | b':')
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
