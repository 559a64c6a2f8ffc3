//! `verdikt completions`: a script for a shell, from the definitions of the options.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::error::{CliError, Exit};
use super::render;

/// Write the completion script of a shell to standard output
///
/// For example: verdikt completions bash > ~/.local/share/bash-completion/completions/verdikt
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Cli::command(), "verdikt", &mut script);
        render::write(&script)?;
        Ok(Exit::Clean)
    }
}
