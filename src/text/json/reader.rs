//! The walk over a JSON text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::value::RawValue;

use super::super::diagnostic::{Diagnostic, codes, excerpt};
use super::super::problems::TOLD;
use super::super::span::Span;
use super::{JsonLimits, Member, Node, Value, over_limit};

/// Keys of an object that are compared each with each; more are hashed.
const FEW: usize = 12;

/// Reads one text from its begin to its end.
pub(super) struct Reader<'a> {
    text: &'a str,
    /// The offset of the next byte.
    at: usize,
    limits: JsonLimits,
    pub(super) problems: Vec<Diagnostic>,
    /// Children of what is being read, the outermost first; each list then takes one allocation of its size.
    items: Vec<Node<'a>>,
    members: Vec<Member<'a>>,
}

/// The text is not JSON: `serde_json` says where and why.
#[derive(Debug)]
pub(super) struct NotJson;

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, limits: JsonLimits) -> Self {
        Self { text, at: 0, limits, problems: Vec::new(), items: Vec::new(), members: Vec::new() }
    }

    pub(super) fn root(&mut self) -> Result<Option<Node<'a>>, NotJson> {
        self.space();
        let node = self.node(1)?;
        self.space();
        if self.at == self.text.len() { Ok(node) } else { Err(NotJson) }
    }

    /// Reads the value that begins here; `None` if it is nested too deep.
    fn node(&mut self, depth: usize) -> Result<Option<Node<'a>>, NotJson> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'"') => Value::String(self.string()?),
            Some(b'{' | b'[') if depth > self.limits.depth => {
                self.pass_value()?;
                self.tell(|reader| {
                    let message = format!("nested deeper than {} levels", reader.limits.depth);
                    over_limit(reader.span_from(start), message)
                });
                return Ok(None);
            }
            Some(b'{') => Value::Object(self.object(depth)?),
            Some(b'[') => Value::Array(self.array(depth)?),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => Value::Number(self.number()?),
        };
        Ok(Some(Node { span: self.span_from(start), value }))
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member<'a>>, NotJson> {
        let first = self.members.len();
        self.step();
        self.space();
        let mut is_open = !self.eat(b'}');
        while is_open {
            let start = self.at;
            let key = self.string()?;
            let key_span = self.span_from(start);
            self.space();
            self.expect(b':')?;
            if let Some(value) = self.node(depth.saturating_add(1))? {
                self.members.push(Member { key, key_span, value });
            }
            is_open = self.has_more(b'}')?;
        }
        let members: Vec<_> = self.members.drain(first.min(self.members.len())..).collect();
        self.duplicates(&members);
        Ok(members)
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Node<'a>>, NotJson> {
        let first = self.items.len();
        self.step();
        self.space();
        let mut is_open = !self.eat(b']');
        while is_open {
            // PERF: most items are strings, which are placed as they are read.
            if self.peek() == Some(b'"') {
                let start = self.at;
                let text = self.string()?;
                self.items.push(Node { span: self.span_from(start), value: Value::String(text) });
            } else if let Some(item) = self.node(depth.saturating_add(1))? {
                self.items.push(item);
            }
            is_open = self.has_more(b']')?;
        }
        Ok(self.items.drain(first.min(self.items.len())..).collect())
    }

    /// Goes past the end of an array or object, or past a comma.
    fn has_more(&mut self, close: u8) -> Result<bool, NotJson> {
        self.space();
        if self.eat(close) {
            return Ok(false);
        }
        self.expect(b',')?;
        Ok(true)
    }

    /// Goes past a value without reading it, however deep: `serde_json` does not recurse here.
    fn pass_value(&mut self) -> Result<(), NotJson> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let Some(Ok(raw)) = values.next() else { return Err(NotJson) };
        self.at = self.at.saturating_add(raw.get().len());
        Ok(())
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, NotJson> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(NotJson);
        }
        self.at = self.at.saturating_add(word.len());
        Ok(value)
    }

    fn number(&mut self) -> Result<&'a str, NotJson> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), NotJson> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at = self.at.saturating_add(count);
        if count == 0 { Err(NotJson) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, NotJson> {
        self.expect_here(b'"')?;
        let start = self.at;
        self.at = start.saturating_add(plain_length(self.rest()));
        let has_escape = self.peek() != Some(b'"');
        if has_escape {
            self.pass_escaped()?;
        }
        let plain = self.text.get(start..self.at).unwrap_or_default();
        self.step();
        if plain.len() <= self.limits.string && !has_escape {
            return Ok(Cow::Borrowed(plain));
        }
        Ok(self.unusual(plain, start.saturating_sub(1)))
    }

    /// A string with escapes, or over the limit, by what stands between its quotes.
    #[cold]
    fn unusual(&mut self, plain: &str, start: usize) -> Cow<'a, str> {
        let span = self.span_from(start);
        if plain.len() > self.limits.string {
            self.tell(|reader| {
                let (length, limit) = (plain.len(), reader.limits.string);
                over_limit(span, format!("a string of {length} bytes, over the limit of {limit}"))
            });
            return Cow::Borrowed("");
        }
        match serde_json::from_str::<String>(self.text.get(span.range()).unwrap_or_default()) {
            Ok(text) => Cow::Owned(text),
            Err(_) => {
                self.tell(|_| {
                    Diagnostic::error(codes::JSON_SYNTAX_ERROR, span, "a string with a bad escape")
                        .with_help("a `\\u` escape of a surrogate needs its other half")
                });
                Cow::Borrowed("")
            }
        }
    }

    /// Goes to the quote that ends a string, from an escape in it.
    fn pass_escaped(&mut self) -> Result<(), NotJson> {
        while self.peek() != Some(b'"') {
            self.expect_here(b'\\')?;
            match self.peek() {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.step(),
                Some(b'u') => self.pass_unit()?,
                _ => return Err(NotJson),
            }
            self.at = self.at.saturating_add(plain_length(self.rest()));
        }
        Ok(())
    }

    /// Goes past the `u` of an escape and four hexadecimal digits.
    fn pass_unit(&mut self) -> Result<(), NotJson> {
        let digits = self.rest().get(1..5).unwrap_or_default();
        if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(NotJson);
        }
        self.at = self.at.saturating_add(5);
        Ok(())
    }

    /// Goes past white space.
    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.step();
        }
    }

    /// Goes past a byte, and white space after it.
    fn expect(&mut self, byte: u8) -> Result<(), NotJson> {
        self.expect_here(byte)?;
        self.space();
        Ok(())
    }

    fn expect_here(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.eat(byte) { Ok(()) } else { Err(NotJson) }
    }

    #[inline]
    fn eat(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        if is_there {
            self.step();
        }
        is_there
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
        self.tell(|_| {
            let message = format!("the key {} stands twice in one object", excerpt(&member.key));
            Diagnostic::error(codes::DUPLICATE_KEY, member.key_span, message)
                .with_label(earlier, "first here")
                .with_help("readers disagree on which of the two counts; keep one")
        });
    }

    /// Notes a problem. One is enough to refuse the text; more than these nobody reads.
    fn tell(&mut self, problem: impl FnOnce(&Self) -> Diagnostic) {
        if self.problems.len() < TOLD {
            let problem = problem(self);
            self.problems.push(problem);
        }
    }
}

/// How many bytes of a string stand for themselves: up to a quote, a backslash, or a control character, which has no
/// place in one.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // PERF: eight bytes at once. The lowest byte found is right; what is found above it may be a borrow's doing.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut length = 0_usize;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word;
        let quote = zeros(word ^ ONES.wrapping_mul(0x22));
        let backslash = zeros(word ^ ONES.wrapping_mul(0x5c));
        let found = (control | quote | backslash) & ONES.wrapping_mul(0x80);
        if found != 0 {
            return length.saturating_add((found.trailing_zeros() / 8) as usize);
        }
        length = length.saturating_add(8);
    }
    let is_plain = |byte: &&u8| **byte >= 0x20 && !matches!(**byte, b'"' | b'\\');
    length.saturating_add(rest.iter().take_while(is_plain).count())
}
