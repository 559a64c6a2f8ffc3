//! A named text: what a diagnostic points into.

use super::diagnostic::{Diagnostic, codes};
use super::span::Span;

/// A text with the name that messages give it (a file's path, `<stdin>`, a policy's name).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
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
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// A source from bytes, which must be UTF-8.
    ///
    /// # Errors
    /// A diagnostic at the first byte that is not UTF-8.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, Diagnostic> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                Err(Diagnostic::error(
                    codes::JSON_SYNTAX_ERROR,
                    Span::new(at, at),
                    "the text is not valid UTF-8",
                )
                .with_help(format!("byte {at} is the first that is not UTF-8; save the file as UTF-8")))
            }
        }
    }

    /// The name given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        position(&self.text, offset)
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
    fn bytes_that_are_not_utf8_are_refused_at_their_place() {
        let problem = Source::from_bytes("s", b"{\"a\": \"\xff\"}".to_vec()).unwrap_err();
        assert_eq!(problem.span.start, 7);
    }
}
