//! `verdikt man`: the manual, from the definitions of the options.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::error::{CliError, Exit};
use super::input::name_of;
use super::render;

/// Write the manual page to standard output
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write the page and one for each subcommand into this folder instead, which is made if it is missing
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl ManArgs {
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        // `verdikt help` is told by `--help`; there is no page of it.
        let mut command = super::Cli::command().disable_help_subcommand(true);
        command.build();
        let written = match &self.dir {
            Some(dir) => {
                write_all(&command, dir).map_err(|source| CliError::Write { name: name_of(dir), source })
            }
            // Writing to memory does not fail.
            None => render::write(&page(&command).1.unwrap_or_default()).map(|_| ()),
        };
        written.map(|()| Exit::Clean)
    }
}

fn write_all(command: &Command, dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    for command in std::iter::once(command).chain(command.get_subcommands()) {
        let (name, text) = page(command);
        fs::write(dir.join(name), text?)?;
    }
    Ok(())
}

/// A page and the name of its file. What follows the options in the help has sections of its own.
fn page(command: &Command) -> (String, io::Result<Vec<u8>>) {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let source = concat!("verdikt ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone().after_help(None::<&str>)).source(source);
    let mut text = Vec::new();
    let written = man.render(&mut text);
    text.extend_from_slice(sections(&after).to_roff().as_bytes());
    (man.get_filename(), written.map(|()| text))
}

/// A line at the margin begins a section; the others are kept as they stand.
fn sections(text: &str) -> Roff {
    let mut roff = Roff::new();
    for line in text.lines() {
        match line.strip_suffix(':').filter(|line| !line.starts_with(' ')) {
            Some("Exit codes") => roff.control("SH", ["EXIT STATUS"]).control("nf", []),
            Some(title) => roff.control("SH", [title.to_uppercase().as_str()]).control("nf", []),
            None => roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]),
        };
    }
    roff.control("fi", []);
    roff
}
