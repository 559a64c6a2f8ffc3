//! `verdikt fmt`: policies in their canonical form.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::policy::{Document, Kind, Limits, Rejected};

use super::error::{CliError, Exit};
use super::input::{Input, name_of, once};
use super::kind::KindArg;
use super::render::{self, Terminal};

/// Write policies in their canonical form
///
/// Two spaces of indent, elements in the order of the language's grammar, a list of one value without brackets, numbers
/// and booleans of conditions as strings. The meaning stays.
#[derive(Debug, Args)]
pub(super) struct FmtArgs {
    /// Policy files; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<Input>,
    /// Which kind of policy they are
    #[arg(long, value_name = "KIND", value_parser = KindArg::parser(), default_value = "any")]
    kind: KindArg,
    /// Write nothing but the names of the files that differ from their canonical form, and end with 4 if there are any
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Rewrite the files that differ, each in one step
    #[arg(long)]
    write: bool,
}

impl FmtArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        if self.write && self.files.contains(&Input::Stdin) {
            return Err(super::usage("fmt", "the argument '--write' cannot be used with standard input"));
        }
        once("fmt", &self.files)?;
        let (mut differ, mut failed) = (false, false);
        for file in &self.files {
            match self.file(file) {
                Ok(same) => differ |= !same,
                Err(error) => {
                    // The other files are formatted all the same.
                    terminal.fail(&error);
                    failed = true;
                }
            }
        }
        Ok(if failed { Exit::Failed } else { Exit::findings(self.check && differ) })
    }

    /// Formats one file; tells whether it was in its canonical form.
    fn file(&self, file: &Input) -> Result<bool, CliError> {
        let bytes = file.read(Limits::default().bytes)?;
        let canonical = self.canonical(&file.name(), &bytes)?;
        let same = canonical.as_bytes() == bytes;
        match file {
            _ if self.check && same => {}
            _ if self.check => {
                render::write(format!("{}\n", file.name()).as_bytes())?;
            }
            Input::Path(path) if self.write => {
                if !same {
                    replace(path, &canonical)
                        .map_err(|source| CliError::Write { name: name_of(path), source })?;
                }
            }
            _ => {
                render::write(canonical.as_bytes())?;
            }
        }
        Ok(same)
    }

    fn canonical(&self, name: &str, bytes: &[u8]) -> Result<String, CliError> {
        let limits = Limits::default();
        let parse = |kind: Kind| Document::parse_bytes(kind, name, bytes.to_vec(), &limits);
        let (kind, checked) = self.kind.check(name, bytes.to_vec());
        let Ok(parsed) = parse(kind) else {
            return Err(CliError::Rejected(vec![Rejected {
                source: checked.source,
                problems: checked.problems,
            }]));
        };
        let canonical = parsed.document.print() + "\n";
        // SECURITY: a policy is never replaced by one that says something else.
        match Document::parse(kind, name, &canonical, &limits) {
            Ok(again) if again.document == parsed.document => Ok(canonical),
            _ => Err(CliError::NotFaithful(name.to_owned())),
        }
    }
}

/// Replaces a file in one step: whoever reads it meanwhile sees the old text or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link.
    let path = fs::canonicalize(path)?;
    let beside = beside(&path);
    let file = File::create_new(&beside)?;
    let written = write(file, &path, text).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Writes the text with the rights of the file that it will replace.
fn write(mut file: File, path: &Path, text: &str) -> io::Result<()> {
    file.set_permissions(fs::metadata(path)?.permissions())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A name in the same folder that no policy has.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}
