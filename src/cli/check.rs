//! `verdikt check`: every problem of every policy, or documents that are to be accepted or refused.

use clap::Args;
use globset::Glob;
use serde::Serialize;

use crate::policy::{Kind, Limits};
use crate::suite::documents::{Checked, Located};
use crate::text::diagnostic::{Severity, codes, printable};
use crate::text::source::Positions;

use super::batch;
use super::decide::Format;
use super::discover::{Filter, glob};
use super::error::{CliError, Exit};
use super::input::{Input, once};
use super::kind::KindArg;
use super::render::{self, Terminal};

/// Check policies: every problem with its place and remedy
///
/// Writes each problem with file, line, column, the source line and what to do, then for each file whether it is valid
/// and as which kind. With --cases it answers documents that are to be accepted or refused, one JSON object a line.
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
}

/// What was found in one file, as JSON.
#[derive(Serialize)]
struct Report<'a> {
    name: &'a str,
    kind: &'static str,
    valid: bool,
    problems: Vec<Located<'a>>,
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
        if let Some(input) = &self.cases {
            return batch::check(input, terminal);
        }
        once("check", &self.paths)?;
        let filter = Filter::new(&self.include, &self.exclude)?;
        let mut totals = Totals::default();
        for found in self.paths.iter().flat_map(|path| filter.files(path)) {
            let read = found.and_then(|file| Ok((file.read(Limits::default().bytes)?, file.name())));
            match read {
                Ok((bytes, name)) => self.file(&name, bytes, &mut totals, terminal)?,
                Err(error) => {
                    // The other files are checked all the same.
                    terminal.fail(&error);
                    totals.failed = true;
                }
            }
        }
        if self.format == Format::Text && totals.files > 1 {
            terminal.print(&totals.summary())?;
        }
        Ok(totals.exit(self.deny_warnings))
    }

    fn file(
        &self,
        name: &str,
        bytes: Vec<u8>,
        totals: &mut Totals,
        terminal: Terminal,
    ) -> Result<(), CliError> {
        let (kind, checked) = self.kind.check(name, bytes);
        totals.add(&checked);
        match self.format {
            Format::Text => {
                let problems = render::problems(&checked.source, &checked.problems);
                terminal.print(&(problems + &self.verdict(name, kind, &checked)))?
            }
            Format::Json => {
                let positions = Positions::new(checked.source.text());
                let problems = checked.located(&positions);
                let report = Report { name, kind: kind.as_str(), valid: checked.is_valid(), problems };
                render::write(&batch::json_line(&report))?
            }
        };
        Ok(())
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
    fn add(&mut self, checked: &Checked) {
        self.files += 1;
        self.refused += usize::from(!checked.is_valid());
        self.warnings += count(checked, Severity::Warning);
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
