//! Which files are policies: those that are named, and those below a named folder that match.

use std::io;
use std::path::Path;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use walkdir::{DirEntry, WalkDir};

use super::error::CliError;
use super::input::{Input, name_of};

/// Which files below folders are policies.
#[derive(Debug)]
pub(super) struct Filter {
    include: GlobSet,
    exclude: GlobSet,
}

/// Reads a glob; one without a slash is for names at any depth.
pub(super) fn glob(text: &str) -> Result<Glob, String> {
    let anywhere = if text.contains('/') { text.to_owned() } else { format!("**/{text}") };
    let glob = GlobBuilder::new(&anywhere).literal_separator(true).build();
    glob.map_err(|error| error.kind().to_string())
}

impl Filter {
    /// From the globs of the files to check, and of the files and folders to pass over.
    pub(super) fn new(include: &[Glob], exclude: &[Glob]) -> Result<Self, CliError> {
        Ok(Self { include: set(include)?, exclude: set(exclude)? })
    }

    /// The files that an argument names, in the order of their names. An unreadable folder is an error in its place.
    pub(super) fn files(&self, input: &Input) -> Vec<Result<Input, CliError>> {
        match input {
            Input::Path(folder) if folder.is_dir() => self.below(folder),
            _ => vec![Ok(input.clone())],
        }
    }

    fn below(&self, folder: &Path) -> Vec<Result<Input, CliError>> {
        let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
        let entries = walk.filter_entry(|entry| entry.depth() == 0 || self.is_entered(folder, entry));
        let found: Vec<_> = entries
            .filter(|entry| entry.as_ref().map_or(true, |entry| self.is_policy(folder, entry)))
            .map(|entry| entry.map(|entry| Input::Path(entry.into_path())).map_err(unreadable))
            .collect();
        // A check that finds nothing to check must not pass.
        if found.is_empty() { vec![Err(CliError::NothingFound(name_of(folder)))] } else { found }
    }

    /// Whether a file is looked at, or a folder entered: hidden folders are not.
    fn is_entered(&self, folder: &Path, entry: &DirEntry) -> bool {
        let is_hidden = entry.file_type().is_dir() && entry.file_name().as_encoded_bytes().starts_with(b".");
        !is_hidden && !self.exclude.is_match(inside(folder, entry))
    }

    /// Whether a file is a policy. A link to a file counts, a link to a folder is not followed.
    fn is_policy(&self, folder: &Path, entry: &DirEntry) -> bool {
        entry.path().is_file() && self.include.is_match(inside(folder, entry))
    }
}

fn inside<'a>(folder: &Path, entry: &'a DirEntry) -> &'a Path {
    entry.path().strip_prefix(folder).unwrap_or(entry.path())
}

fn set(globs: &[Glob]) -> Result<GlobSet, CliError> {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(glob.clone());
    }
    builder
        .build()
        .map_err(|error| super::usage("check", &format!("the globs cannot be used together: {error}")))
}

fn unreadable(error: walkdir::Error) -> CliError {
    let name = error.path().map_or_else(|| "a folder".to_owned(), name_of);
    CliError::Read { name, source: error.into_io_error().unwrap_or_else(|| io::ErrorKind::Other.into()) }
}
