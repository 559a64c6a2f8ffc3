//! A named text: what a diagnostic points into.

use std::sync::Arc;

use super::diagnostic::{Diagnostic, codes};
use super::span::Span;

/// A text with the name that messages give it (a file's path, `<stdin>`, a policy's name).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    /// Shared by whoever keeps parts of it.
    text: Arc<str>,
}

/// A place in a source as people count: from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: usize,
}

impl Source {
    /// A source from text.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// A source from bytes, which must be UTF-8.
    ///
    /// # Errors
    /// A diagnostic at the first byte that is not UTF-8, and the text with such bytes replaced, to show the place in.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, Box<(Self, Diagnostic)>> {
        let error = match String::from_utf8(bytes) {
            Ok(text) => return Ok(Self::new(name, text)),
            Err(error) => error,
        };
        let at = error.utf8_error().valid_up_to();
        let source = Self::new(name, String::from_utf8_lossy(error.as_bytes()));
        let span = Span::new(at, at.saturating_add('\u{fffd}'.len_utf8()));
        let problem = Diagnostic::error(codes::JSON_SYNTAX_ERROR, span, "the text is not valid UTF-8 here");
        Err(Box::new((source, problem.with_help("save the file as UTF-8"))))
    }

    /// The name given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole text, to be kept.
    pub(crate) fn shared(&self) -> &Arc<str> {
        &self.text
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        position(&self.text, offset)
    }
}

/// Finds many places of one text: the places at every block's begin are known, so each costs a block at most.
#[derive(Clone, Debug)]
pub struct Positions<'a> {
    text: &'a str,
    marks: Vec<Position>,
}

const BLOCK: usize = 1024;

impl<'a> Positions<'a> {
    /// Walks the text once.
    pub fn new(text: &'a str) -> Self {
        let mut at = Position { line: 1, column: 1 };
        let mut marks = Vec::with_capacity(text.len().div_ceil(BLOCK));
        for block in text.as_bytes().chunks(BLOCK) {
            marks.push(at);
            at = at.after(block);
        }
        Self { text, marks }
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    pub fn at(&self, offset: u32) -> Position {
        let end = self.text.floor_char_boundary(offset as usize);
        let block = (end / BLOCK).min(self.marks.len().saturating_sub(1));
        let mark = self.marks.get(block).copied().unwrap_or(Position { line: 1, column: 1 });
        mark.after(self.text.as_bytes().get(block.saturating_mul(BLOCK)..end).unwrap_or_default())
    }
}

impl Position {
    /// The place after some more bytes; a character counts where it begins.
    fn after(self, bytes: &[u8]) -> Self {
        let starts = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        match memchr::memrchr(b'\n', bytes) {
            None => Self { line: self.line, column: self.column.saturating_add(starts(bytes)) },
            Some(last) => {
                let lines = memchr::memchr_iter(b'\n', bytes).count();
                // From the line end itself, so that columns count from 1.
                let rest = bytes.get(last..).unwrap_or_default();
                Self { line: self.line.saturating_add(lines), column: starts(rest) }
            }
        }
    }
}

/// Line and column of a byte offset in `text`.
pub fn position(text: &str, offset: u32) -> Position {
    let mut end = (offset as usize).min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.bytes().filter(|&byte| byte == b'\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    Position { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("s", "a\né😀x");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(2), Position { line: 2, column: 1 });
        assert_eq!(source.position(8), Position { line: 2, column: 3 });
        assert_eq!(source.position(99), Position { line: 2, column: 4 });
    }

    #[test]
    fn many_positions_are_those_found_one_by_one() {
        let text = "{\"a\":\n\t\"é😀\"}\n".repeat(400);
        let positions = Positions::new(&text);
        for offset in 0..u32::try_from(text.len() + 3).unwrap() {
            assert_eq!(positions.at(offset), position(&text, offset), "{offset}");
        }
        assert_eq!(Positions::new("").at(7), Position { line: 1, column: 1 });
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_at_their_place() {
        let (source, problem) = *Source::from_bytes("s", b"{\n\"a\": \"\xff\"}".to_vec()).unwrap_err();
        assert_eq!(source.position(problem.span.start), Position { line: 2, column: 7 });
    }
}
