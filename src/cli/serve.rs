//! `verdikt serve`: the decide service.

use std::path::PathBuf;

use clap::Args;

use crate::server::{Config, Listen, Running, StartError};

use super::error::{CliError, Exit};
use super::render::Terminal;

/// Decide over HTTP, by the policies of a store
///
/// Answers until it is told to stop (SIGTERM, SIGINT), and finishes what it accepted. SIGHUP loads the store again.
/// docs/serve.md tells what may be asked.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The folder of the store
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Where to listen: an IP address and a port, or `unix:PATH`; repeatable
    #[arg(long, value_name = "ADDRESS", default_value_t)]
    listen: Listen,
    /// The file of the tokens that callers must bear, in TOML [default: none, every caller may ask everything]
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// Listen on a network without asking who calls: whoever reaches the address may ask everything
    #[arg(long, conflicts_with = "tokens")]
    allow_unauthenticated_network: bool,
}

impl ServeArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        let running = Running::start(&self.config()).map_err(refused)?;
        for address in running.addresses() {
            terminal.note(&format!("listening on {address}"));
        }
        let signals =
            |source| CliError::Serve(StartError::System { what: "wait for signals".to_owned(), source });
        running.wait().map_err(signals)?;
        terminal.note("stopping");
        Ok(if running.stop() { Exit::Clean } else { Exit::Failed })
    }

    fn config(&self) -> Config {
        let mut config = Config::new(self.store.clone());
        config.listen = vec![self.listen.clone()];
        config.tokens.clone_from(&self.tokens);
        config.unauthenticated_network = self.allow_unauthenticated_network;
        config
    }
}

fn refused(error: StartError) -> CliError {
    match error {
        StartError::Store(rejected) => CliError::StoreRejected(rejected),
        other => CliError::Serve(other),
    }
}
