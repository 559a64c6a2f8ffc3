//! The lines of an input, read in pieces of whole lines, in memory that the limit on a line bounds.
//!
//! A piece is what the system hands over at once: nothing is held back to fill it, so that lines that trickle in are
//! answered as they come.

use std::io::{self, Read};

use super::error::CliError;
use super::input::{Input, PAST, drop_cut_character};

/// Bytes asked of the system at a time.
pub(super) const READ: usize = 256 * 1024;

/// Most lines of a piece: short lines can have answers that are much longer than they are.
const LINES: usize = 4096;

/// Reads the pieces of an input. A line ends with U+000A; the last one may end with the input, and is no line if
/// nothing stands in it.
pub(super) struct Pieces {
    input: Input,
    reader: Box<dyn Read + Send>,
    limit: usize,
    /// What was read past the last piece.
    rest: Vec<u8>,
    /// Whether a whole line can stand in it.
    has_line: bool,
    /// Whether the input goes on in a line that was over the limit.
    in_long_line: bool,
    /// Lines of all pieces so far.
    lines: usize,
}

/// Whole lines.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// Memory, of which `filled` bytes are read.
    bytes: Vec<u8>,
    filled: usize,
    /// Lines before this piece.
    before: usize,
}

impl Pieces {
    /// With the most bytes that a line may have.
    pub(super) fn new(input: Input, reader: Box<dyn Read + Send>, limit: usize) -> Self {
        let rest = Vec::new();
        Self { input, reader, limit, rest, has_line: false, in_long_line: false, lines: 0 }
    }

    /// Reads the next piece into the memory of one that is done with; false at the end of the input.
    pub(super) fn next(&mut self, piece: &mut Piece) -> Result<bool, CliError> {
        piece.clear(&self.rest);
        self.rest.clear();
        let read = self.fill(piece).map_err(|source| self.input.error(source))?;
        piece.before = self.lines;
        self.lines = self.lines.saturating_add(memchr::memchr_iter(b'\n', piece.text()).count());
        Ok(read)
    }

    fn fill(&mut self, piece: &mut Piece) -> io::Result<bool> {
        if std::mem::take(&mut self.has_line) && self.cut(piece, 0) {
            return Ok(true);
        }
        loop {
            let start = piece.filled;
            if piece.read(&mut self.reader)? == 0 {
                return Ok(start > 0);
            }
            if self.in_long_line {
                self.in_long_line = !piece.drop_line();
            }
            if self.cut(piece, start) || self.cut_long_line(piece) {
                return Ok(true);
            }
        }
    }

    /// Leaves whole lines in the piece and keeps the rest; false if no line ends at `start` or after it.
    fn cut(&mut self, piece: &mut Piece, start: usize) -> bool {
        let fresh = piece.text().get(start..).unwrap_or_default();
        let Some(last) = memchr::memrchr(b'\n', fresh) else { return false };
        let most = memchr::memchr_iter(b'\n', fresh).nth(LINES - 1).unwrap_or(last);
        self.has_line = most < last;
        let end = start.saturating_add(most).saturating_add(1);
        self.rest.extend_from_slice(piece.text().get(end..).unwrap_or_default());
        piece.filled = end;
        true
    }

    /// Ends a line that is over the limit: as much of it is left as shows that.
    fn cut_long_line(&mut self, piece: &mut Piece) -> bool {
        let most = self.limit.saturating_add(PAST);
        if piece.filled < most {
            return false;
        }
        piece.bytes.truncate(most);
        drop_cut_character(&mut piece.bytes);
        piece.bytes.push(b'\n');
        piece.filled = piece.bytes.len();
        self.in_long_line = true;
        true
    }
}

impl Piece {
    /// Its lines without their ends, each with its number from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let mut rest = self.text();
        let lines = std::iter::from_fn(move || {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let (line, after) = rest.split_at_checked(end)?;
            rest = after.get(1..).unwrap_or_default();
            (!line.is_empty() || !after.is_empty()).then_some(line)
        });
        (self.before.saturating_add(1)..).zip(lines)
    }

    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        self.filled
    }

    fn text(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    /// Begins anew; memory that long lines needed is given back.
    pub(super) fn clear(&mut self, text: &[u8]) {
        if self.bytes.capacity() > 4 * READ {
            self.bytes = Vec::new();
        }
        self.filled = 0;
        self.reserve(text.len());
        if let Some(start) = self.bytes.get_mut(..text.len()) {
            start.copy_from_slice(text);
            self.filled = text.len();
        }
    }

    /// Adds what the system hands over at once.
    fn read(&mut self, reader: &mut impl Read) -> io::Result<usize> {
        self.reserve(READ);
        let free = self.bytes.get_mut(self.filled..).unwrap_or_default();
        let read = loop {
            match reader.read(free) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.filled = self.filled.saturating_add(read);
        Ok(read)
    }

    fn reserve(&mut self, more: usize) {
        let needed = self.filled.saturating_add(more);
        if self.bytes.len() < needed {
            self.bytes.resize(needed, 0);
        }
    }

    /// Drops the line that it begins with; false if the line does not end in it.
    fn drop_line(&mut self) -> bool {
        let end = memchr::memchr(b'\n', self.text());
        let dropped = end.map_or(self.filled, |end| end.saturating_add(1));
        self.bytes.copy_within(dropped.min(self.filled)..self.filled, 0);
        self.filled = self.filled.saturating_sub(dropped);
        end.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands over at most so many bytes at a time.
    struct Trickle(io::Cursor<Vec<u8>>, usize);

    impl Read for Trickle {
        fn read(&mut self, free: &mut [u8]) -> io::Result<usize> {
            let most = free.len().min(self.1);
            self.0.read(&mut free[..most])
        }
    }

    fn pieces(text: &[u8], limit: usize, at_once: usize) -> Vec<Vec<(usize, Vec<u8>)>> {
        let reader = Box::new(Trickle(io::Cursor::new(text.to_vec()), at_once));
        let mut pieces = Pieces::new(Input::Stdin, reader, limit);
        let (mut piece, mut all) = (Piece::default(), Vec::new());
        while pieces.next(&mut piece).unwrap() {
            all.push(piece.lines().map(|(number, line)| (number, line.to_vec())).collect());
        }
        all
    }

    fn lines(text: &[u8], limit: usize) -> Vec<String> {
        let texts = |at_once| {
            let numbered: Vec<_> = pieces(text, limit, at_once).into_iter().flatten().collect();
            assert!(numbered.iter().zip(1..).all(|((number, _), place)| *number == place));
            numbered.into_iter().map(|(_, line)| String::from_utf8(line).unwrap()).collect::<Vec<_>>()
        };
        let small = texts(1);
        for at_once in [2, 3, 7, 1_000] {
            let large = texts(at_once);
            // A line that was read whole need not be cut: it is over the limit all the same.
            assert_eq!(small.len(), large.len());
            assert!(small.iter().zip(&large).all(|(small, large)| large.starts_with(small.as_str())));
        }
        small
    }

    #[test]
    fn a_line_ends_with_a_line_feed_or_the_input() {
        assert!(lines(b"", 9).is_empty());
        assert_eq!(lines(b"a\n", 9), ["a"]);
        assert_eq!(lines(b"\n", 9), [""]);
        assert_eq!(lines(b"a\n\nb", 9), ["a", "", "b"]);
        assert_eq!(lines(b"a\n\n", 9), ["a", ""]);
        assert_eq!(lines("a\r\nb\u{85}c".as_bytes(), 9), ["a\r", "b\u{85}c"]);
    }

    #[test]
    fn a_long_line_is_cut_past_the_limit_and_the_next_one_is_whole() {
        assert_eq!(lines(b"123456789012345678901234567890\nb\n", 4), ["123456789012", "b"]);
        assert_eq!(lines("1234567890\u{e9}\u{e9}\nb".as_bytes(), 3), ["1234567890", "b"]);
        assert_eq!(lines(b"123456789012", 4), ["123456789012"]);
        assert_eq!(lines(b"123456789012\nb", 4), ["123456789012", "b"]);
        assert_eq!(lines(b"a\n123456789012345\n\n12345678901234567\nb", 4)[2..], ["", "123456789012", "b"]);
    }

    #[test]
    fn what_the_system_hands_over_at_once_is_a_piece() {
        let sizes = |text: &[u8], at_once| pieces(text, 99, at_once).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(b"a\nb\nc\nd\ne", 4), [2, 2, 1]);
        assert_eq!(sizes(b"a\nb\nc\nd\ne", 3), [1, 2, 1, 1]);
        assert_eq!(sizes(&b"\n".repeat(2 * LINES + 3), usize::MAX), [LINES, LINES, 3]);
    }
}
