//! Cases, one JSON object a line in and out: order kept, memory bounded, one bad line never stops the rest.

use serde::Serialize;

use crate::policy::Limits;
use crate::suite::{Cases, documents};

use super::error::{CliError, Exit};
use super::input::Input;
use super::render::{self, Audience, Terminal};

/// Answers are handed to the system in pieces of about this many bytes.
const PIECE: usize = 64 * 1024;

/// Answers decision cases.
pub(super) fn decide(input: &Input, explain: bool, terminal: Terminal) -> Result<Exit, CliError> {
    let mut cases = Cases::default();
    let (mut total, mut unexpected, mut undecided) = (0_usize, 0_usize, 0_usize);
    answer_lines(input, cases.line_limit(), |line, number, out| {
        let answer = cases.answer(line, number, out);
        total += 1;
        match answer.expect {
            Some(_) => unexpected += usize::from(!answer.is_met()),
            None => undecided += usize::from(!answer.is_met()),
        }
        if explain && answer.outcome.is_some() {
            add_explanation(&mut cases, line, out);
        }
    })?;
    tell(terminal, unexpected, total, "not as expected");
    tell(terminal, undecided, total, "not decidable");
    Ok(Exit::findings(unexpected + undecided > 0))
}

/// Answers documents that are to be accepted or refused.
pub(super) fn check(input: &Input, terminal: Terminal) -> Result<Exit, CliError> {
    let limits = Limits::default();
    let (mut total, mut unexpected) = (0, 0);
    answer_lines(input, documents::line_limit(&limits), |line, number, out| {
        let is_met = documents::answer(line, number, &limits, out);
        total += 1;
        unexpected += usize::from(!is_met);
    })?;
    tell(terminal, unexpected, total, "not as expected, or not readable");
    Ok(Exit::findings(unexpected > 0))
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

/// Hands out the answers whenever enough of them wait, or the next line may take long.
fn answer_lines(
    input: &Input,
    limit: usize,
    mut answer: impl FnMut(&[u8], usize, &mut Vec<u8>),
) -> Result<(), CliError> {
    let mut lines = input.lines(limit)?;
    let mut out = Vec::with_capacity(2 * PIECE);
    for number in 1.. {
        if out.len() >= PIECE || (lines.may_wait() && !out.is_empty()) {
            let audience = render::write(&out)?;
            out.clear();
            if audience == Audience::Left {
                break;
            }
        }
        // Nothing waits here if this fails: a line that needs the system is asked for after the answers are handed out.
        let Some(line) = lines.next_line()? else { break };
        answer(line, number, &mut out);
    }
    render::write(&out).map(|_| ())
}

/// Adds `explanation` to the answer that `out` ends with.
fn add_explanation(cases: &mut Cases, line: &[u8], out: &mut Vec<u8>) {
    let explained = std::str::from_utf8(line).ok().and_then(|line| cases.explain(line).ok());
    if let Some(explanation) = explained {
        // The closing brace and the line end.
        out.truncate(out.len().saturating_sub(2));
        out.extend_from_slice(b",\"explanation\":");
        out.extend_from_slice(json_line(&explanation).trim_ascii_end());
        out.extend_from_slice(b"}\n");
    }
}
