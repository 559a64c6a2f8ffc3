//! `verdikt check`: every problem of every policy, or documents that are to be accepted or refused.

use clap::Args;
use globset::Glob;
use serde::Serialize;

use crate::policy::{Kind, Limits};
use crate::suite::documents::{Checked, Located};
use crate::text::diagnostic::{Severity, codes, printable};
use crate::text::source::Positions;

use super::batch;
use super::discover::{Filter, glob};
use super::error::{CliError, Exit};
use super::input::{Input, once};
use super::kind::KindArg;
use super::progress::{Progress, Unit};
use super::render::{self, Terminal};
use super::single::Format;
use super::threads::{Threads, each};

/// Fewer files than this are checked one after the other.
const FEW: usize = 8;

/// Files that are checked before what was found in them is told.
const AT_A_TIME: usize = 256;

/// Check policies: every problem with its place and remedy
///
/// Writes each problem with file, line, column, the source line and what to do, then for each file whether it is valid
/// and as which kind. With --cases it answers documents that are to be accepted or refused, one JSON object a line;
/// besides one longest line, no more than 64 MiB of lines are held at a time.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Policy files, and folders with policy files; `-` reads standard input
    #[arg(value_name = "PATH", required_unless_present = "cases")]
    paths: Vec<Input>,
    /// Which kind of policy they are
    #[arg(long, value_name = "KIND", value_parser = KindArg::parser(), default_value = "any")]
    kind: KindArg,
    /// Check the files below folders that match this glob, such as `*.json` or `roles/**/policy.json`; repeatable
    ///
    /// A glob without a slash is for names at any depth; one with a slash is for the path below the folder, and its `*`
    /// does not pass a slash. Files that are named are checked whatever their name.
    #[arg(long, value_name = "GLOB", value_parser = glob, default_value = "**/*.json")]
    include: Vec<Glob>,
    /// Pass over the files and folders below folders that match this glob; repeatable; hidden folders are passed over
    /// anyway
    #[arg(long, value_name = "GLOB", value_parser = glob)]
    exclude: Vec<Glob>,
    /// End with 4 for warnings too
    #[arg(long)]
    deny_warnings: bool,
    /// How problems are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Answer the documents of this file, one JSON object a line with `id`, `policy` or `policy_text`, `kind` and,
    /// optionally, `valid`; `-` reads standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["paths", "kind", "include", "exclude", "deny_warnings", "format"]
    )]
    cases: Option<Input>,
    /// How many threads check; all cores without it
    #[arg(long, value_name = "N", value_parser = Threads::parser())]
    threads: Option<Threads>,
}

/// What was found in one file, as JSON.
#[derive(Serialize)]
struct Report<'a> {
    name: &'a str,
    kind: &'static str,
    valid: bool,
    problems: Vec<Located<'a>>,
}

/// What is told of one file.
struct Seen {
    text: String,
    is_valid: bool,
    warnings: usize,
}

/// What was found in all files.
#[derive(Default)]
struct Totals {
    files: usize,
    refused: usize,
    warnings: usize,
    failed: bool,
}

impl CheckArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        let threads = Threads::asked(self.threads);
        if let Some(input) = &self.cases {
            return batch::check(input, threads, terminal);
        }
        once("check", &self.paths)?;
        let filter = Filter::new(&self.include, &self.exclude)?;
        let mut found = self.paths.iter().flat_map(|path| filter.files(path)).collect::<Vec<_>>().into_iter();
        let pool = if found.len() < FEW { None } else { threads.pool() };
        let mut totals = Totals::default();
        let mut progress = Progress::new(terminal, Some(found.len() as u64), Unit::Files);
        // So many at a time, so that what is told of them waits in bounded memory.
        while found.len() > 0 {
            let seen = each(pool.as_ref(), found.by_ref().take(AT_A_TIME).collect(), |file| self.look(file));
            progress.advance(seen.len());
            progress.aside(|| self.tell(seen, &mut totals, terminal))?;
        }
        drop(progress);
        if self.format == Format::Text && totals.files > 1 {
            terminal.print(&totals.summary())?;
        }
        Ok(totals.exit(self.deny_warnings))
    }

    /// Checks one file.
    fn look(&self, found: Result<Input, CliError>) -> Result<Seen, CliError> {
        let file = found?;
        let bytes = file.read(Limits::default().bytes)?;
        let name = file.name();
        let (kind, checked) = self.kind.check(&name, bytes);
        let text = match self.format {
            Format::Text => {
                render::problems(&checked.source, &checked.problems) + &self.verdict(&name, kind, &checked)
            }
            Format::Json => report(&name, kind, &checked),
        };
        let warnings = count(&checked, Severity::Warning);
        Ok(Seen { text, is_valid: checked.is_valid(), warnings })
    }

    /// Tells what was seen, in order, in as few pieces as the two streams allow.
    fn tell(
        &self,
        seen: Vec<Result<Seen, CliError>>,
        totals: &mut Totals,
        terminal: Terminal,
    ) -> Result<(), CliError> {
        let mut text = String::new();
        for one in seen {
            match one {
                Ok(seen) => {
                    totals.add(&seen);
                    text += &seen.text;
                }
                Err(error) => {
                    self.print(&std::mem::take(&mut text), terminal)?;
                    // The other files are checked all the same.
                    terminal.fail(&error);
                    totals.failed = true;
                }
            }
        }
        self.print(&text, terminal)
    }

    fn print(&self, text: &str, terminal: Terminal) -> Result<(), CliError> {
        match self.format {
            _ if text.is_empty() => Ok(()),
            Format::Text => terminal.print(text).map(drop),
            Format::Json => render::write(text.as_bytes()).map(drop),
        }
    }

    /// One line: whether a file is valid, and as which kind.
    fn verdict(&self, name: &str, kind: Kind, checked: &Checked) -> String {
        let (name, kind) = (printable(name), kind.title());
        let warnings = match count(checked, Severity::Warning) {
            0 => String::new(),
            count => format!(", {}", plural(count, "warning")),
        };
        let errors = plural(count(checked, Severity::Error), "error");
        match self.kind {
            _ if checked.is_valid() => format!("{name}: valid as {kind}{warnings}\n"),
            KindArg::One(_) => format!("{name}: refused as {kind}: {errors}{warnings}\n"),
            KindArg::Any if is_no_json(checked) => format!("{name}: refused: {errors}{warnings}\n"),
            KindArg::Any => format!("{name}: refused as every kind, nearest is {kind}: {errors}{warnings}\n"),
        }
    }
}

impl Totals {
    fn add(&mut self, seen: &Seen) {
        self.files += 1;
        self.refused += usize::from(!seen.is_valid);
        self.warnings += seen.warnings;
    }

    fn summary(&self) -> String {
        let valid = self.files.saturating_sub(self.refused);
        format!("{}: {valid} valid, {} refused\n", plural(self.files, "policy file"), self.refused)
    }

    fn exit(&self, deny_warnings: bool) -> Exit {
        if self.failed {
            return Exit::Failed;
        }
        Exit::findings(self.refused > 0 || (deny_warnings && self.warnings > 0))
    }
}

/// What was found in one file, for programs.
fn report(name: &str, kind: Kind, checked: &Checked) -> String {
    let positions = Positions::new(checked.source.text());
    let problems = checked.located(&positions);
    let report = Report { name, kind: kind.as_str(), valid: checked.is_valid(), problems };
    // JSON is UTF-8.
    String::from_utf8(batch::json_line(&report)).unwrap_or_default()
}

/// Whether the text is no JSON, which is the same for every kind.
fn is_no_json(checked: &Checked) -> bool {
    checked.problems.iter().any(|problem| problem.code == codes::JSON_SYNTAX_ERROR)
}

fn count(checked: &Checked, severity: Severity) -> usize {
    checked.problems.iter().filter(|problem| problem.severity == severity).count()
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
