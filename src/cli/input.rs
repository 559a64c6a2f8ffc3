//! Files and standard input, read within the limits.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::error::CliError;

/// A file, or standard input where `-` was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Standard input.
    Stdin,
    /// A file, or a folder where one may stand.
    Path(PathBuf),
}

/// Kept past a limit: enough to see that the text is over it, once a character that is cut in two is dropped.
const PAST: usize = 8;

/// Bytes asked of the system at a time.
const CHUNK: usize = 256 * 1024;

impl From<OsString> for Input {
    fn from(text: OsString) -> Self {
        if text == "-" { Self::Stdin } else { Self::Path(text.into()) }
    }
}

/// Refuses a call that reads standard input more than once: the second time nothing would be left.
pub(super) fn once<'a>(
    subcommand: &str,
    inputs: impl IntoIterator<Item = &'a Input>,
) -> Result<(), CliError> {
    if inputs.into_iter().filter(|input| **input == Input::Stdin).count() < 2 {
        return Ok(());
    }
    let message = "standard input, `-`, can be read once only: name a file for the others";
    Err(super::usage(subcommand, message))
}

impl Input {
    /// The name that messages give it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::Path(path) => name_of(path),
        }
    }

    /// All of it; of an input over the limit as much as shows that.
    pub(super) fn read(&self, limit: usize) -> Result<Vec<u8>, CliError> {
        let mut bytes = Vec::new();
        let most = limit.saturating_add(PAST);
        let read = self.open().and_then(|reader| reader.take(most as u64).read_to_end(&mut bytes));
        read.map_err(|source| self.error(source))?;
        if bytes.len() == most {
            drop_cut_character(&mut bytes);
        }
        Ok(bytes)
    }

    /// All of it as text.
    pub(super) fn read_text(&self, limit: usize) -> Result<String, CliError> {
        String::from_utf8(self.read(limit)?).map_err(|_| self.error(io::ErrorKind::InvalidData.into()))
    }

    /// Its lines, one after the other.
    pub(super) fn lines(&self, limit: usize) -> Result<Lines, CliError> {
        let reader = self.open().map_err(|source| self.error(source))?;
        let reader = BufReader::with_capacity(CHUNK, reader);
        Ok(Lines { input: self.clone(), reader, line: Vec::new(), limit, shown: 0 })
    }

    fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::Stdin => Box::new(io::stdin().lock()),
            Self::Path(path) => Box::new(File::open(path)?),
        })
    }

    fn error(&self, source: io::Error) -> CliError {
        CliError::Read { name: self.name(), source }
    }
}

/// The lines of an input, in memory that the limit bounds. A line ends with U+000A; the last one may end with the
/// input, and is no line if nothing stands in it.
pub(super) struct Lines {
    input: Input,
    reader: BufReader<Box<dyn Read>>,
    /// A line that was not whole in the reader's buffer.
    line: Vec<u8>,
    limit: usize,
    /// Bytes of the buffer that the line handed out last takes.
    shown: usize,
}

impl Lines {
    /// Whether the next line must be asked of the system, which can take as long as it likes.
    pub(super) fn may_wait(&mut self) -> bool {
        self.next_end().is_none()
    }

    /// The next line without its end; of a line over the limit as much as shows that.
    pub(super) fn next_line(&mut self) -> Result<Option<&[u8]>, CliError> {
        // PERF: most lines are whole in the buffer and are not copied.
        if let Some(end) = self.next_end() {
            self.shown = end.saturating_add(1);
            return Ok(self.reader.buffer().get(..end));
        }
        match self.copy() {
            Ok(true) => Ok(Some(&self.line)),
            Ok(false) => Ok(None),
            Err(source) => Err(self.input.error(source)),
        }
    }

    /// Where the next line ends, if it is whole in the buffer.
    fn next_end(&mut self) -> Option<usize> {
        self.reader.consume(std::mem::take(&mut self.shown));
        memchr::memchr(b'\n', self.reader.buffer())
    }

    /// Copies the next line; false at the end of the input.
    fn copy(&mut self) -> io::Result<bool> {
        self.line.clear();
        let most = self.limit.saturating_add(PAST);
        let read = (&mut self.reader).take(most as u64).read_until(b'\n', &mut self.line)?;
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        } else if read == most {
            self.reader.skip_until(b'\n')?;
            drop_cut_character(&mut self.line);
        }
        Ok(read > 0)
    }
}

/// The name that messages give a path.
pub(super) fn name_of(path: &Path) -> String {
    path.display().to_string()
}

/// Drops the beginning of a character whose rest was not read.
fn drop_cut_character(bytes: &mut Vec<u8>) {
    if let Err(error) = std::str::from_utf8(bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], limit: usize) -> Vec<String> {
        let small = lines_by(4, text, limit);
        let large: Vec<_> = lines_by(100, text, limit);
        // A line that is whole in the buffer need not be cut: it is over the limit all the same.
        assert_eq!(small.len(), large.len());
        assert!(small.iter().zip(&large).all(|(small, large)| large.starts_with(small.as_str())));
        small
    }

    fn lines_by(capacity: usize, text: &[u8], limit: usize) -> Vec<String> {
        let reader =
            BufReader::with_capacity(capacity, Box::new(io::Cursor::new(text.to_vec())) as Box<dyn Read>);
        let mut lines = Lines { input: Input::Stdin, reader, line: Vec::new(), limit, shown: 0 };
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push(String::from_utf8(line.to_vec()).unwrap());
        }
        all
    }

    #[test]
    fn a_line_ends_with_a_line_feed_or_the_input() {
        assert!(lines(b"", 9).is_empty());
        assert_eq!(lines(b"a\n", 9), ["a"]);
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
    }
}
