//! Cases, one JSON object a line in and out: order kept, memory bounded, one bad line never stops the rest.

use clap::Args;
use serde::Serialize;

use crate::policy::Limits;
use crate::suite::{Cases, documents};

use super::error::{CliError, Exit};
use super::input::Input;
use super::pipeline::{Answerer, Finding, answer_lines};
use super::render::Terminal;
use super::threads::Threads;

/// The batch form of `decide` and `explain`.
#[derive(Debug, Args)]
pub(super) struct BatchArgs {
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
const SINGLE: [&str; 8] =
    ["PolicyArgs", "WrittenRequest", "AsSession", "now", "request", "call", "no_derive", "format"];

impl BatchArgs {
    /// Answers the cases, with why where that is asked for; none if no cases are given.
    pub(super) fn decide(&self, explain: bool, terminal: Terminal) -> Option<Result<Exit, CliError>> {
        let input = self.cases.as_ref()?;
        Some(decide(input, explain, Threads::asked(self.threads), terminal))
    }
}

fn decide(input: &Input, explain: bool, threads: Threads, terminal: Terminal) -> Result<Exit, CliError> {
    let cases = if explain { Cases::default().explaining() } else { Cases::default() };
    let limit = cases.line_limit();
    let tally = answer_lines(input, limit, Decider { cases }, threads, terminal)?;
    tell(terminal, tally.unexpected, tally.lines, "not as expected");
    tell(terminal, tally.undecided, tally.lines, "not decidable");
    Ok(Exit::findings(tally.unexpected > 0 || tally.undecided > 0))
}

/// Answers documents that are to be accepted or refused.
pub(super) fn check(input: &Input, threads: Threads, terminal: Terminal) -> Result<Exit, CliError> {
    let limits = Limits::default();
    let tally = answer_lines(input, documents::line_limit(&limits), Checker { limits }, threads, terminal)?;
    tell(terminal, tally.unexpected, tally.lines, "not as expected, or not readable");
    Ok(Exit::findings(tally.unexpected > 0))
}

/// Answers a decision case.
struct Decider {
    cases: Cases,
}

impl Answerer for Decider {
    fn another(&self) -> Self {
        Self { cases: self.cases.another() }
    }

    fn answer(&mut self, line: &[u8], number: usize, out: &mut Vec<u8>) -> Finding {
        let answer = self.cases.answer(line, number, out);
        match answer.expect {
            _ if answer.is_met() => Finding::Good,
            None if answer.outcome.is_none() => Finding::Undecided,
            _ => Finding::Unexpected,
        }
    }
}

/// Answers a document.
struct Checker {
    limits: Limits,
}

impl Answerer for Checker {
    fn another(&self) -> Self {
        Self { limits: self.limits }
    }

    fn answer(&mut self, line: &[u8], number: usize, out: &mut Vec<u8>) -> Finding {
        let is_met = documents::answer(line, number, &self.limits, out);
        if is_met { Finding::Good } else { Finding::Unexpected }
    }
}

/// Tells how many of all lines are not as they should be, if any.
fn tell(terminal: Terminal, count: usize, total: usize, what: &str) {
    if count > 0 {
        terminal.note(&format!("{count} of {total} {}: {what}", if total == 1 { "line" } else { "lines" }));
    }
}

/// A value as one line of JSON.
pub(super) fn json_line(value: &impl Serialize) -> Vec<u8> {
    // Writing to memory does not fail.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}
