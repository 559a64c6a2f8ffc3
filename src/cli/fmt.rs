//! `verdikt fmt`: policies in their canonical form.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use globset::Glob;

use crate::policy::quota::Size;
use crate::policy::{Document, Kind, Limits, Rejected};
use crate::text::diagnostic::printable;

use super::discover::{Filter, glob};
use super::error::{CliError, Exit};
use super::input::{Input, name_of, once};
use super::kind::KindArg;
use super::render::{self, Terminal};

/// Write policies in their canonical form
///
/// Two spaces of indent, elements in the order of the language's grammar, a list of one value without brackets, numbers
/// and booleans of conditions as strings. The meaning stays.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct FmtArgs {
    /// Policy files, and folders with policy files for `--check`, `--write` and `--size`; `-` reads standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<Input>,
    /// Format the files below folders that match this glob; repeatable
    #[arg(long, value_name = "GLOB", value_parser = glob, default_value = "**/*.json")]
    include: Vec<Glob>,
    /// Pass over the files and folders below folders that match this glob; repeatable
    #[arg(long, value_name = "GLOB", value_parser = glob)]
    exclude: Vec<Glob>,
    /// Which kind of policy they are
    #[arg(long, value_name = "KIND", value_parser = KindArg::parser(), default_value = "any")]
    kind: KindArg,
    /// Write nothing but the names of the files that differ from their canonical form, and end with 4 if there are any
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Rewrite the files that differ, each in one step
    #[arg(long)]
    write: bool,
    /// Leave all white space between elements out, for policies that are over AWS's quota with it
    #[arg(long)]
    minify: bool,
    /// Write how large each policy is instead, formatted as asked for, against AWS's quota for its kind; end with 4 if one
    /// is over it
    #[arg(long, conflicts_with_all = ["check", "write"])]
    size: bool,
}

/// A policy formatted.
struct Formatted {
    kind: Kind,
    text: String,
}

impl FmtArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        if self.write && self.paths.contains(&Input::Stdin) {
            return Err(super::usage("fmt", "the argument '--write' cannot be used with standard input"));
        }
        let prints = !(self.check || self.write || self.size);
        if prints && self.paths.iter().any(|path| matches!(path, Input::Path(path) if path.is_dir())) {
            return Err(super::usage("fmt", "a folder needs `--check`, `--write` or `--size`"));
        }
        once("fmt", &self.paths)?;
        let filter = Filter::new(&self.include, &self.exclude)?;
        let (mut differ, mut failed) = (false, false);
        for file in self.paths.iter().flat_map(|path| filter.files(path)) {
            match file.and_then(|file| self.file(&file)) {
                Ok(same) => differ |= !same,
                Err(error) => {
                    // The other files are formatted all the same.
                    terminal.fail(&error);
                    failed = true;
                }
            }
        }
        Ok(if failed { Exit::Failed } else { Exit::findings((self.check || self.size) && differ) })
    }

    /// Formats one file; tells whether it was in its canonical form, or where sizes are asked for, is within its quota.
    fn file(&self, file: &Input) -> Result<bool, CliError> {
        let bytes = file.read(Limits::default().bytes)?;
        let Formatted { kind, text: canonical } = self.formatted(&file.name(), &bytes)?;
        if self.size {
            return size(&file.name(), kind, &canonical);
        }
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

    fn formatted(&self, name: &str, bytes: &[u8]) -> Result<Formatted, CliError> {
        let limits = Limits::default();
        let parse = |kind: Kind| Document::parse_bytes(kind, name, bytes.to_vec(), &limits);
        let (kind, checked) = self.kind.check(name, bytes.to_vec());
        let Ok(parsed) = parse(kind) else {
            return Err(CliError::Rejected(vec![Rejected {
                source: checked.source,
                problems: checked.problems,
            }]));
        };
        let printed = if self.minify { parsed.document.minified() } else { parsed.document.print() };
        let text = printed + "\n";
        // SECURITY: a policy is never replaced by one that says something else.
        match Document::parse(kind, name, &text, &limits) {
            Ok(again) if again.document == parsed.document => Ok(Formatted { kind, text }),
            _ => Err(CliError::NotFaithful(name.to_owned())),
        }
    }
}

/// Tells the size of a text without its last line end; whether it is within the quota.
fn size(name: &str, kind: Kind, text: &str) -> Result<bool, CliError> {
    let size = Size::of(kind, text.trim_end());
    let Size { characters, quota, white_space } = size;
    let (name, title) = (printable(name), kind.title());
    let line = format!("{name}: {characters} of {quota} characters as {title}, {}\n", white_space.text());
    render::write(line.as_bytes())?;
    Ok(!size.is_over())
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
