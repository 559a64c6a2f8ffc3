//! `verdikt explain`: why a request is allowed or denied, and what would allow it.

use clap::Args;

use crate::evaluate::explain::Detail;

use super::attached::PolicyArgs;
use super::batch::BatchArgs;
use super::error::{CliError, Exit};
use super::question::RequestArgs;
use super::render::Terminal;
use super::single::{Format, Single};
use super::usage;

/// Explain why a request is allowed or denied, and what would allow it
///
/// The single form takes policies and a request as `verdikt decide` does. It tells what every layer and statement says,
/// with the place in the policy that decided or that stands in the way; which context keys were asked for and are
/// absent, which were given and never read; and for a deny the smallest change to the request that would allow it, which
/// it has decided before it tells it. It never proposes to widen a policy.
///
/// The batch form answers cases as `verdikt decide --cases` does, with the explanation added to each answer.
#[derive(Debug, Args)]
#[command(override_usage = "\
verdikt explain [POLICIES] --principal <ARN> --action <ACTION> --resource <ARN> [OPTIONS]
       verdikt explain [POLICIES] --request <FILE> [OPTIONS]
       verdikt explain [POLICIES] --principal <ARN> --call <FILE> [OPTIONS]
       verdikt explain --cases <FILE>")]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    policies: PolicyArgs,
    #[command(flatten)]
    request: RequestArgs,
    /// How the explanation is written; `docs/explain.schema.json` describes the JSON
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    format: Format,
    /// Tell every clause of every statement, entry by entry; JSON has them anyway
    #[arg(long, conflicts_with_all = ["cases", "threads"], help_heading = "Output")]
    all: bool,
    #[command(flatten)]
    batch: BatchArgs,
}

impl ExplainArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        if let Some(ended) = self.batch.decide(true, terminal) {
            return ended;
        }
        if self.all && self.format == Format::Json {
            return Err(usage("explain", "`--all` is for text: JSON has every clause anyway"));
        }
        let detail = if self.all { Detail::Clauses } else { Detail::Whole };
        let (policies, request, format) = (&self.policies, &self.request, self.format);
        Single { subcommand: "explain", policies, request, detail, format }.run(terminal)
    }
}
