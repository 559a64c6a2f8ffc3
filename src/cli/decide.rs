//! `verdikt decide`: one request and why, or a file of cases.

use clap::Args;

use crate::evaluate::explain::Detail;

use super::attached::PolicyArgs;
use super::batch::BatchArgs;
use super::error::{CliError, Exit};
use super::question::RequestArgs;
use super::render::Terminal;
use super::single::{Format, Single};

/// Decide a request, or a file of cases
///
/// The single form takes the policies, one option a layer, and a request, as options or as JSON; one of its files may be
/// `-`, standard input. It writes the decision and why: every layer in use with its statements. `verdikt explain` tells
/// more.
///
/// The batch form takes a file of cases, one JSON object a line with request, policies and the decision expected, and
/// writes one JSON object a line, in the same order. It works on all cores; the answers are the same on one. Lines that
/// trickle in are answered as they come. Besides one longest line, no more than 64 MiB of lines are held at a time.
#[derive(Debug, Args)]
#[command(override_usage = "\
verdikt decide [POLICIES] --principal <ARN> --action <ACTION> --resource <ARN> [OPTIONS]
       verdikt decide [POLICIES] --request <FILE> [OPTIONS]
       verdikt decide [POLICIES] --principal <ARN> --call <FILE> [OPTIONS]
       verdikt decide --cases <FILE> [--explain]")]
pub(super) struct DecideArgs {
    #[command(flatten)]
    policies: PolicyArgs,
    #[command(flatten)]
    request: RequestArgs,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    format: Format,
    #[command(flatten)]
    batch: BatchArgs,
    /// Tell all that `verdikt explain` tells; in a batch, add it to each answer as `explanation`
    #[arg(long, help_heading = "Output")]
    explain: bool,
}

impl DecideArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        if let Some(ended) = self.batch.decide(self.explain, terminal) {
            return ended;
        }
        let detail = if self.explain { Detail::Whole } else { Detail::Brief };
        let (policies, request, format) = (&self.policies, &self.request, self.format);
        Single { subcommand: "decide", policies, request, detail, format }.run(terminal)
    }
}
