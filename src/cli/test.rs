//! `verdikt test`: the case files beside policies, run.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Args, ValueEnum};
use globset::Glob;

use crate::suite::test::report::{self, Matrix, Refused};
use crate::suite::test::run::Options;
use crate::suite::test::{Coverage, FileResult, TestFile, Unreadable, mutate, run};
use crate::text::diagnostic::printable;

use super::discover::{Filter, glob};
use super::error::{CliError, Exit};
use super::input::{Input, name_of};
use super::progress::{Progress, Unit};
use super::render::{self, Terminal};
use super::threads::{Threads, each};
use super::usage;
use super::watch;

/// Fewer files than this are run one after the other.
const FEW: usize = 8;

/// Files that are run before the progress is told.
const AT_A_TIME: usize = 256;

/// The most bytes of a case file.
const FILE_BYTES: usize = 16 * 1024 * 1024;

/// Test policies: run the case files beside them
///
/// A case file, `NAME.test.yaml`, `.yml` or `.json`, names policies and says what they must decide; `docs/authors.md` of
/// the project leads from an empty folder to a tested policy. Every case that fails is told with why the policies decided
/// otherwise.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct TestArgs {
    /// Case files, and folders with case files
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Run the files below folders that match this glob instead; repeatable
    #[arg(long, value_name = "GLOB", value_parser = glob, default_values = ["*.test.yaml", "*.test.yml", "*.test.json"])]
    include: Vec<Glob>,
    /// Pass over the files and folders below folders that match this glob; repeatable
    #[arg(long, value_name = "GLOB", value_parser = glob)]
    exclude: Vec<Glob>,
    /// Run only the cases of which `FILE: NAME` holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How the results are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Run again whenever a case file or a policy that it names changes
    #[arg(long, conflicts_with_all = ["html", "lcov"])]
    watch: bool,
    /// How many threads work; all cores without it
    #[arg(long, value_name = "N", value_parser = Threads::parser())]
    threads: Option<Threads>,
    /// Tell which parts of the policies no case has met, at their lines
    #[arg(long, help_heading = "Coverage")]
    coverage: bool,
    /// End with 4 if less than so many of a hundred parts were met
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100), help_heading = "Coverage")]
    coverage_min: Option<u8>,
    /// Write the coverage in the format of lcov
    #[arg(long, value_name = "FILE", help_heading = "Coverage")]
    lcov: Option<PathBuf>,
    /// Try the cases on broken copies of the policies; end with 4 if one goes unnoticed, and show a request that would
    /// tell, where one is found
    #[arg(long, help_heading = "Mutation")]
    mutate: bool,
    /// Show who may do what: principals and actions as a table, a cell of which a case fails marked
    #[arg(long, help_heading = "Matrix")]
    matrix: bool,
    /// Write the tables as one page of HTML, each cell with its reasons
    #[arg(long, value_name = "FILE", help_heading = "Matrix")]
    html: Option<PathBuf>,
}

/// For people, for programs, for CI systems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for people: what fails, and the counts
    #[default]
    Human,
    /// One JSON object with every case
    Json,
    /// The XML of `JUnit`
    Junit,
}

/// What came of the files.
#[derive(Default)]
struct Seen {
    results: Vec<FileResult>,
    coverage: Coverage,
    refused: Vec<Refused>,
}

impl TestArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        if self.matrix && self.format != Format::Human {
            return Err(usage("test", "`--matrix` is text for people: write the tables with `--html FILE`"));
        }
        if !self.watch {
            return self.once(terminal);
        }
        loop {
            let before = watch::Snapshot::of(&self.watched(terminal));
            if let Err(error) = self.once(terminal) {
                terminal.fail(&error);
            }
            terminal.note("waiting for a change; end with Ctrl-C");
            watch::wait(&before, || self.watched(terminal));
        }
    }

    fn once(&self, terminal: Terminal) -> Result<Exit, CliError> {
        let seen = self.seen(terminal)?;
        let mutation = self.mutate.then(|| self.pooled(|| mutate::mutate(&seen.results)));
        let coverage = self.counts().then_some(&seen.coverage);
        match self.format {
            Format::Human => {
                terminal.print(&self.told(&seen, coverage))?;
                if let Some(mutation) = &mutation {
                    terminal.print(&render::mutation(mutation))?;
                }
            }
            Format::Json => {
                render::write(
                    report::json(&seen.results, &seen.refused, coverage, mutation.as_ref()).as_bytes(),
                )?;
            }
            Format::Junit => {
                render::write(report::junit(&seen.results, &seen.refused).as_bytes())?;
                // The form has no place for them.
                terminal.aside(&self.covered(coverage));
                terminal.aside(&mutation.as_ref().map(render::mutation).unwrap_or_default());
            }
        }
        self.files(&seen)?;
        let unread = seen.results.iter().flat_map(|result| &result.results).any(|one| one.is_unread);
        if !seen.refused.is_empty() || unread {
            return Ok(Exit::Failed);
        }
        let too_little = self.coverage_min.filter(|least| seen.coverage.percent() < usize::from(*least));
        if let Some(least) = too_little {
            let percent = seen.coverage.percent();
            terminal.note(&format!("coverage is {percent} %, below the {least} % that were asked for"));
        }
        let unnoticed = mutation.as_ref().is_some_and(|one| !one.is_whole());
        let failures = seen.results.iter().any(|result| result.failed() > 0);
        if failures && mutation.is_some() && self.format == Format::Human {
            terminal.note("the cases that fail were not asked of the broken copies: mend them first");
        }
        Ok(Exit::findings(failures || unnoticed || too_little.is_some()))
    }

    /// Whether coverage is counted.
    fn counts(&self) -> bool {
        self.coverage || self.coverage_min.is_some() || self.lcov.is_some()
    }

    fn pooled<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match Threads::asked(self.threads).pool() {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// The case files, in the order of their names.
    fn found(&self) -> Result<Vec<Result<PathBuf, CliError>>, CliError> {
        let filter = Filter::new(&self.include, &self.exclude)?;
        let inputs = self.paths.iter().flat_map(|path| filter.files(&Input::Path(path.clone())));
        let paths = inputs.map(|found| match found {
            Ok(Input::Path(path)) => Ok(path),
            Ok(Input::Stdin) => Err(CliError::NoCaseFile("standard input".to_owned())),
            Err(CliError::NothingFound(folder)) => Err(CliError::NoCaseFile(folder)),
            Err(error) => Err(error),
        });
        Ok(paths.collect())
    }

    /// Runs every file; those that cannot be read are told, and the others run all the same.
    fn seen(&self, terminal: Terminal) -> Result<Seen, CliError> {
        let found = self.found()?;
        let mut progress = Progress::new(terminal, Some(found.len() as u64), Unit::Files);
        let pool = if found.len() < FEW { None } else { Threads::asked(self.threads).pool() };
        let mut seen = Seen::default();
        let (mut found, asked) = (found.into_iter(), AtomicUsize::new(0));
        while found.len() > 0 {
            let work = |path: Result<PathBuf, CliError>| {
                let name = path.as_ref().map(|path| name_of(path)).unwrap_or_default();
                self.file(path, &asked).map_err(|error| (name, error))
            };
            let ran = each(pool.as_ref(), found.by_ref().take(AT_A_TIME).collect(), work);
            progress.advance(ran.len());
            for one in ran {
                match one {
                    Ok((result, coverage)) => {
                        seen.coverage.merge(coverage);
                        seen.results.push(result);
                    }
                    Err((file, error)) => {
                        progress.aside(|| terminal.fail(&error));
                        seen.refused.push(Refused { file, error: told(&error) });
                    }
                }
            }
        }
        if asked.into_inner() == 0 && seen.refused.is_empty() {
            return Err(CliError::NoCase(self.filter.clone().unwrap_or_default()));
        }
        Ok(seen)
    }

    fn file(
        &self,
        path: Result<PathBuf, CliError>,
        asked: &AtomicUsize,
    ) -> Result<(FileResult, Coverage), CliError> {
        let file = read(&path?)?;
        // A page is for reading why.
        let options = Options { filter: self.filter.clone(), explain_all: self.html.is_some() };
        let result = run::run(file, &options);
        asked.fetch_add(result.results.len(), Ordering::Relaxed);
        let coverage = if self.counts() { Coverage::of(&result) } else { Coverage::default() };
        Ok((result, coverage))
    }

    /// The files that a run depends on: what cannot be read is told by the run.
    fn watched(&self, terminal: Terminal) -> Vec<PathBuf> {
        let found = self.found().unwrap_or_else(|error| {
            terminal.fail(&error);
            Vec::new()
        });
        let mut files: Vec<PathBuf> = Vec::new();
        for path in found.into_iter().flatten() {
            if let Ok(file) = read(&path) {
                files.extend(file.policies.iter().flat_map(|one| one.files().map(PathBuf::from)));
                files.extend(file.beside);
            }
            files.push(path);
        }
        files.sort();
        files.dedup();
        files
    }

    fn told(&self, seen: &Seen, coverage: Option<&Coverage>) -> String {
        let mut text = String::new();
        for result in &seen.results {
            for (check, one) in result.checks().filter(|(_, one)| !one.passed()) {
                let place = format!("{}:{}: {}", result.file.path.display(), check.line, check.name);
                text += &render::failed_case(&place, &one.mismatches, one.explanation.as_ref());
            }
        }
        if self.matrix {
            for result in &seen.results {
                let _ = write!(
                    text,
                    "{}\n{}\n",
                    printable(&result.file.path.display().to_string()),
                    render::matrix(&Matrix::of(result))
                );
            }
        }
        text += &self.covered(coverage);
        if seen.results.is_empty() { text } else { text + &render::counts(&seen.results) }
    }

    /// The coverage, if it is counted: all of it where that was asked for, else the sum.
    fn covered(&self, coverage: Option<&Coverage>) -> String {
        let shown = coverage.map(ToString::to_string).unwrap_or_default();
        let sum = shown.lines().last().unwrap_or_default();
        lines(if self.coverage { &shown } else { sum })
    }

    /// Writes the files that were asked for.
    fn files(&self, seen: &Seen) -> Result<(), CliError> {
        let write = |path: &PathBuf, text: String| {
            std::fs::write(path, text).map_err(|source| CliError::Write { name: name_of(path), source })
        };
        if let Some(path) = &self.lcov {
            write(path, seen.coverage.lcov())?;
        }
        if let Some(path) = &self.html {
            write(path, report::html(&seen.results))?;
        }
        Ok(())
    }
}

/// An error in a line: of a case file what is wrong with it, which people are shown above the error.
fn told(error: &CliError) -> String {
    match error {
        CliError::CaseFile(refused) => {
            let (source, problem) = (refused.0.clone(), Box::new(refused.1.clone()));
            Unreadable { source, problem }.to_string()
        }
        other => other.to_string(),
    }
}

fn read(path: &Path) -> Result<TestFile, CliError> {
    let text = Input::Path(path.to_owned()).read_text(FILE_BYTES)?;
    if text.len() > FILE_BYTES {
        return Err(CliError::TooLong { name: name_of(path), limit: FILE_BYTES });
    }
    TestFile::parse_with_calls(path, text, super::translate)
        .map_err(|Unreadable { source, problem }| CliError::CaseFile(Box::new((source, *problem))))
}

/// Text of policies and cases as it may reach a terminal.
fn lines(text: &str) -> String {
    text.lines().flat_map(|line| [printable(line), "\n".into()]).collect()
}
