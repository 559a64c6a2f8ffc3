//! Files and standard input, read within the limits.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::CliError;
use super::pieces::Pieces;

/// A file, or standard input where `-` was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Standard input.
    Stdin,
    /// A file, or a folder where one may stand.
    Path(PathBuf),
}

/// Kept past a limit: enough to see that the text is over it, once a character that is cut in two is dropped.
pub(super) const PAST: usize = 8;

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
        let most = limit.saturating_add(PAST);
        // PERF: room for all of it, and for seeing that it ends, is one call to the system instead of many.
        let size = self.size().and_then(|size| usize::try_from(size).ok()).unwrap_or_default();
        let mut bytes = Vec::with_capacity(size.saturating_add(1).min(most));
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

    /// Its lines, in pieces.
    pub(super) fn pieces(&self, limit: usize) -> Result<Pieces, CliError> {
        let reader = self.open().map_err(|source| self.error(source))?;
        Ok(Pieces::new(self.clone(), reader, limit))
    }

    /// How many bytes it has, where that is known before it is read.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::Path(path) => fs::metadata(path).ok().filter(Metadata::is_file).map(|file| file.len()),
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Stdin => Box::new(io::stdin()),
            Self::Path(path) => Box::new(File::open(path)?),
        })
    }

    pub(super) fn error(&self, source: io::Error) -> CliError {
        CliError::Read { name: self.name(), source }
    }
}

/// The name that messages give a path.
pub(super) fn name_of(path: &Path) -> String {
    path.display().to_string()
}

/// Drops the beginning of a character whose rest was not read.
pub(super) fn drop_cut_character(bytes: &mut Vec<u8>) {
    if let Err(error) = std::str::from_utf8(bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
}
