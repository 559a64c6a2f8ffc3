//! `verdikt decide`: one request and why, or a file of cases.

use clap::{Args, ValueEnum};

use crate::evaluate::{Layer, PolicySet};
use crate::suite::case::resource_kind;
use crate::text::fold::eq_folded;

use super::attached::PolicyArgs;
use super::batch;
use super::error::{CliError, Exit};
use super::input::{Input, once};
use super::question::{RequestArgs, Underived};
use super::render::{self, Terminal};
use super::threads::Threads;

/// Decide a request, or a file of cases
///
/// The single form takes the policies, one option a layer, and a request, as options or as JSON; one of its files may be
/// `-`, standard input. It writes the decision and why: every layer in use with its statements.
///
/// The batch form takes a file of cases, one JSON object a line with request, policies and the decision expected, and
/// writes one JSON object a line, in the same order. It works on all cores; the answers are the same on one. Lines that
/// trickle in are answered as they come. Besides one longest line, no more than 64 MiB of lines are held at a time.
#[derive(Debug, Args)]
#[command(override_usage = "\
verdikt decide [POLICIES] --principal <ARN> --action <ACTION> --resource <ARN> [OPTIONS]
       verdikt decide [POLICIES] --request <FILE> [OPTIONS]
       verdikt decide --cases <FILE> [--explain]")]
pub(super) struct DecideArgs {
    #[command(flatten)]
    policies: PolicyArgs,
    #[command(flatten)]
    request: RequestArgs,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    format: Format,
    /// Answer the cases of this file, one JSON object a line; `-` reads standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = SINGLE,
        help_heading = "Batch"
    )]
    cases: Option<Input>,
    /// Add to each answer why, as `explanation`
    #[arg(long, requires = "cases", conflicts_with_all = SINGLE, help_heading = "Batch")]
    explain: bool,
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
const SINGLE: [&str; 5] = ["PolicyArgs", "WrittenRequest", "request", "no_derive", "format"];

/// For people or for programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text for people
    #[default]
    Text,
    /// JSON for programs, one object a line
    Json,
}

impl DecideArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        match &self.cases {
            Some(input) => batch::decide(input, self.explain, Threads::asked(self.threads), terminal),
            None => self.single(terminal),
        }
    }

    fn single(&self, terminal: Terminal) -> Result<Exit, CliError> {
        let named = self.policies.inputs().chain(self.request.input());
        once("decide", named)?;
        let text = self.request.text()?;
        let question = self.request.question(text.as_deref())?;
        let (request, missing) = self.request.build(&question)?;
        let set = self.policies.set(resource_kind(&request))?;
        for key in missing.iter().filter(|missing| is_read(&set, missing.key)) {
            terminal.note(&note(key));
        }
        let explanation = set.explain(&request);
        match self.format {
            Format::Text => terminal.print(&render::explanation(&explanation))?,
            Format::Json => render::write(&batch::json_line(&explanation))?,
        };
        // Who left before reading the answer is still told it by the exit code.
        Ok(if explanation.decision.is_allowed() { Exit::Clean } else { Exit::Denied })
    }
}

fn note(missing: &Underived) -> String {
    format!("a policy reads `{}`, which cannot be derived: {}", missing.key, missing.reason)
}

/// Whether any policy reads a context key.
fn is_read(set: &PolicySet, key: &str) -> bool {
    let policies =
        Layer::ALL.into_iter().filter_map(|layer| set.layer(layer)).flatten().map(|one| &one.policy);
    policies.flat_map(|policy| policy.reads()).any(|read| eq_folded(read, key))
}
