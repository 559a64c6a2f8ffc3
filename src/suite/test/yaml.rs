//! A YAML text as a tree that keeps what was written: every scalar its text, every node its place.
//!
//! YAML's own idea of types is left aside: `1.50` stays `1.50`, and only a plain `null`, `true`, `false` or number is
//! something else than a string. JSON is YAML, so JSON files are read here too. Refused: a key that stands twice, merge
//! keys (`<<`), tags, several documents, and aliases that would blow a small file up.

use std::borrow::Cow;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span as Place, SpannedEventReceiver};

use crate::text::diagnostic::{Diagnostic, codes};
use crate::text::span::Span;

/// Nodes of one file, those that aliases repeat included.
const NODES: usize = 1_000_000;
/// Nesting of one file.
const DEPTH: usize = 64;

/// A value and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Line, from 1.
    pub(super) line: usize,
    /// In characters, from 0.
    start: usize,
    end: usize,
    pub(super) value: Value,
}

/// What stands there.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Nothing, or a plain `null` or `~`.
    Null,
    /// A scalar's text, and whether it stands without quotes.
    Scalar { text: String, plain: bool },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in their order; no key twice.
    Mapping(Vec<(Node, Node)>),
}

/// A problem at a node, which becomes a diagnostic with the text at hand.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    start: usize,
    end: usize,
    message: String,
    help: Option<String>,
}

impl Problem {
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn diagnostic(self, text: &str) -> Diagnostic {
        let byte = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
        let span = Span::new(byte(self.start), byte(self.end));
        let problem = Diagnostic::error(codes::INVALID_TEST_FILE, span, self.message);
        match self.help {
            Some(help) => problem.with_help(help),
            None => problem,
        }
    }
}

/// Reads a file's one document; an empty text is `Null`.
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    let mut loader = Loader::default();
    let parsed = Parser::new_from_str(text.trim_start_matches('\u{feff}')).load(&mut loader, true);
    if let Some(problem) = loader.problem {
        return Err(problem);
    }
    if let Err(error) = parsed {
        let at = error.marker().index();
        let message = format!("not YAML: {}", error.info());
        return Err(Problem { start: at, end: at.saturating_add(1), message, help: None });
    }
    Ok(loader.root.unwrap_or(Node { line: 1, start: 0, end: 0, value: Value::Null }))
}

impl Node {
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem { start: self.start, end: self.end, message: message.into(), help: None }
    }

    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Scalar { .. } => "a text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// A scalar's text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The items of a list, or the node as its only item.
    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            Value::Null | Value::Scalar { .. } | Value::Mapping(_) => std::slice::from_ref(self),
        }
    }

    pub(super) fn mapping(&self) -> Option<&[(Node, Node)]> {
        match &self.value {
            Value::Mapping(members) => Some(members),
            Value::Null | Value::Scalar { .. } | Value::Sequence(_) => None,
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let member = self.mapping()?.iter().find(|(name, _)| name.text() == Some(key));
        member.map(|(_, value)| value)
    }

    /// As JSON, each value in the line in which it stands in the file.
    pub(super) fn lined_json(&self) -> String {
        let (mut out, mut line) = (String::new(), 1);
        self.write(&mut out, &mut line);
        out
    }

    fn write(&self, out: &mut String, line: &mut usize) {
        while *line < self.line {
            out.push('\n');
            *line = line.saturating_add(1);
        }
        match &self.value {
            Value::Null => out.push_str("null"),
            Value::Scalar { text, plain } if *plain && is_json_word(text) => out.push_str(text),
            Value::Scalar { text, .. } => out.push_str(&quoted(text)),
            Value::Sequence(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    item.write(out, line);
                }
                out.push(']');
            }
            Value::Mapping(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    let key = Node { value: as_key(&key.value), ..*key };
                    key.write(out, line);
                    out.push(':');
                    value.write(out, line);
                }
                out.push('}');
            }
        }
    }
}

/// A key is a text, whatever it looks like.
fn as_key(value: &Value) -> Value {
    let text = match value {
        Value::Scalar { text, .. } => text.clone(),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => String::new(),
    };
    Value::Scalar { text, plain: false }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether JSON writes it without quotes too.
fn is_json_word(text: &str) -> bool {
    let is_number = || {
        text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
            && serde_json::from_str::<serde_json::Number>(text).is_ok()
    };
    matches!(text, "true" | "false") || is_number()
}

/// Builds the tree from the parser's events.
#[derive(Default)]
struct Loader {
    /// Open lists and mappings, with their anchors.
    open: Vec<(Open, usize)>,
    anchors: Vec<(usize, Node)>,
    nodes: usize,
    root: Option<Node>,
    documents: usize,
    problem: Option<Problem>,
}

enum Open {
    Sequence(Node, Vec<Node>),
    Mapping(Node, Vec<(Node, Node)>, Option<Node>),
}

impl<'i> SpannedEventReceiver<'i> for Loader {
    fn on_event(&mut self, event: Event<'i>, place: Place) {
        if self.problem.is_some() {
            return;
        }
        let node = |value| node(place.start, place.end, value);
        let tagged = match &event {
            Event::Scalar(.., tag) | Event::SequenceStart(_, tag) | Event::MappingStart(_, tag) => {
                tag.is_some()
            }
            _ => false,
        };
        if tagged {
            return self.refuse(node(Value::Null).problem("a tag, which case files do not have"));
        }
        match event {
            Event::DocumentStart(_) => self.document(&node(Value::Null)),
            Event::Alias(anchor) => self.alias(anchor, &node(Value::Null)),
            Event::Scalar(text, style, anchor, _) => self.add(node(scalar(text, style)), anchor),
            Event::SequenceStart(anchor, _) => {
                self.enter(Open::Sequence(node(Value::Null), Vec::new()), anchor, &node(Value::Null));
            }
            Event::MappingStart(anchor, _) => {
                self.enter(Open::Mapping(node(Value::Null), Vec::new(), None), anchor, &node(Value::Null));
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Value {
    let plain = style == ScalarStyle::Plain;
    if plain && matches!(&*text, "" | "~" | "null") {
        return Value::Null;
    }
    Value::Scalar { text: text.into_owned(), plain }
}

fn node(start: Marker, end: Marker, value: Value) -> Node {
    Node { line: start.line(), start: start.index(), end: end.index().max(start.index()), value }
}

impl Loader {
    fn refuse(&mut self, problem: Problem) {
        self.problem.get_or_insert(problem);
    }

    fn document(&mut self, place: &Node) {
        self.documents = self.documents.saturating_add(1);
        if self.documents > 1 {
            self.refuse(place.problem("a second document").help("write one file for each"));
        }
    }

    fn enter(&mut self, open: Open, anchor: usize, place: &Node) {
        if self.open.len() >= DEPTH {
            return self.refuse(place.problem(format!("nested more than {DEPTH} deep")));
        }
        self.open.push((open, anchor));
    }

    fn leave(&mut self) {
        let Some((open, anchor)) = self.open.pop() else { return };
        let node = match open {
            Open::Sequence(node, items) => Node { value: Value::Sequence(items), ..node },
            Open::Mapping(node, members, _) => Node { value: Value::Mapping(members), ..node },
        };
        self.add(node, anchor);
    }

    fn alias(&mut self, anchor: usize, place: &Node) {
        let found = self.anchors.iter().find(|(id, _)| *id == anchor).map(|(_, node)| node.clone());
        match found {
            Some(copy) => {
                self.nodes = self.nodes.saturating_add(size(&copy));
                self.add(copy, 0);
            }
            None => self.refuse(place.problem("an alias of what has not ended yet")),
        }
    }

    fn add(&mut self, node: Node, anchor: usize) {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > NODES {
            return self.refuse(node.problem(format!("more than {NODES} values, those of aliases included")));
        }
        if anchor > 0 {
            self.anchors.push((anchor, node.clone()));
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((Open::Sequence(_, items), _)) => items.push(node),
            Some((Open::Mapping(_, members, key), _)) => match key.take() {
                Some(name) => members.push((name, node)),
                None => match key_problem(&node, members) {
                    Some(problem) => self.refuse(problem),
                    None => *key = Some(node),
                },
            },
        }
    }
}

fn key_problem(key: &Node, members: &[(Node, Node)]) -> Option<Problem> {
    let Some(text) = key.text() else { return Some(key.problem("a key is a text")) };
    if text == "<<" {
        return Some(
            key.problem("a merge key, which YAML 1.2 does not have")
                .help("use an alias, or repeat the members"),
        );
    }
    let is_known = members.iter().any(|(other, _)| other.text() == Some(text));
    is_known.then(|| key.problem(format!("the key `{text}` stands twice")))
}

fn size(node: &Node) -> usize {
    let inner: usize = match &node.value {
        Value::Null | Value::Scalar { .. } => 0,
        Value::Sequence(items) => items.iter().map(size).sum(),
        Value::Mapping(members) => members.iter().map(|(_, value)| size(value).saturating_add(1)).sum(),
    };
    inner.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_stays() {
        let node = parse("a: 1.50\nb: [yes, \"true\", true, ~]\n\nc: {d: arn:aws:s3:::b/*}\n").unwrap();
        assert_eq!(
            node.lined_json(),
            "{\"a\":1.50,\n\"b\":[\"yes\",\"true\",true,null],\n\n\"c\":{\"d\":\"arn:aws:s3:::b/*\"}}"
        );
    }

    #[test]
    fn json_is_read_too() {
        assert_eq!(parse("{\"a\": [\"x\\ny\", 1e3]}").unwrap().lined_json(), "{\"a\":[\"x\\ny\",1e3]}");
    }

    #[test]
    fn what_is_refused() {
        for text in ["a: 1\na: 2", "<<: {a: 1}", "a: !!int 1", "a\n---\nb", "a: [", "a: *b", "? [x]\n: y"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn aliases_repeat_within_a_limit() {
        assert_eq!(parse("a: &x [1]\nb: *x").unwrap().get("b").unwrap().items().len(), 1);
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let before = level - 1;
            let again = format!("*a{before}, ").repeat(10);
            text = format!("{text}a{level}: &a{level} [{again}]\n");
        }
        assert!(parse(&text).is_err());
    }

    #[test]
    fn problems_point_into_the_text() {
        let text = "é: 1\nb: 2\nb: 3\n";
        let problem = parse(text).unwrap_err().diagnostic(text);
        assert_eq!(text.get(problem.span.start as usize..problem.span.end as usize), Some("b"));
        assert_eq!(problem.span.start, 11);
    }
}
