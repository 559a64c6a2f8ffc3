//! `verdikt explain`: why a request is allowed or denied, and what would allow it.

use clap::Args;

use crate::evaluate::explain::Detail;

use super::attached::PolicyArgs;
use super::batch;
use super::error::{CliError, Exit};
use super::input::Input;
use super::question::RequestArgs;
use super::render::Terminal;
use super::single::{Format, Single};
use super::threads::Threads;
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
       verdikt explain --store <DIR> --principal <ARN> s3 <METHOD> <ADDRESS> [OPTIONS]
       verdikt explain --store <DIR> --principal <ARN> dynamodb <OPERATION> --body <FILE> [OPTIONS]
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
    #[arg(long, help_heading = "Output")]
    all: bool,
    /// Answer the cases of this file, one JSON object a line; `-` reads standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = SINGLE,
        help_heading = "Batch"
    )]
    cases: Option<Input>,
    /// How many threads answer; all cores without it
    #[arg(
        long,
        value_name = "N",
        value_parser = Threads::parser(),
        requires = "cases",
        conflicts_with_all = SINGLE,
        help_heading = "Batch"
    )]
    threads: Option<Threads>,
}

/// What belongs to the single form alone.
const SINGLE: [&str; 10] = [
    "PolicyArgs",
    "WrittenRequest",
    "AsSession",
    "now",
    "request",
    "call",
    "SpokenCall",
    "no_derive",
    "format",
    "all",
];

impl ExplainArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        if let Some(input) = &self.cases {
            return batch::decide(input, true, Threads::asked(self.threads), terminal);
        }
        if self.all && self.format == Format::Json {
            return Err(usage("explain", "`--all` is for text: JSON has every clause anyway"));
        }
        let detail = if self.all { Detail::Clauses } else { Detail::Whole };
        let (policies, request, format) = (&self.policies, &self.request, self.format);
        Single { subcommand: "explain", policies, request, detail, format }.run(terminal)
    }
}
