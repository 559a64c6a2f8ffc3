//! `verdikt man`: the manual, from the definitions of the options.

use std::fs;
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_mangen::Man;

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
        let written = match &self.dir {
            Some(dir) => fs::create_dir_all(dir)
                .and_then(|()| clap_mangen::generate_to(super::Cli::command(), dir))
                .map_err(|source| CliError::Write { name: name_of(dir), source }),
            None => {
                let mut page = Vec::new();
                // Writing to memory does not fail.
                let _ = Man::new(super::Cli::command()).render(&mut page);
                render::write(&page).map(|_| ())
            }
        };
        written.map(|()| Exit::Clean)
    }
}
