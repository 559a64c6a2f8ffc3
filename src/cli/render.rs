//! What people see: problems with their source lines, explanations, errors. The only place that knows colours.
//!
//! Everything is written with colours; the streams drop them where the terminal, `NO_COLOR` or `--color` say so.

mod matrix;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Origin, Renderer, Snippet};
use anstream::AutoStream;
use clap::ColorChoice;
use clap::builder::styling::{AnsiColor, Style};

use crate::evaluate::explain::{Detail, Line, Piece, Tone};
use crate::evaluate::{CallExplanation, Explanation};
use crate::suite::test::FileResult;
use crate::suite::test::mutate::Mutation;
use crate::text::diagnostic::{Diagnostic, Severity, printable};
use crate::text::source::{Positions, Source};
use crate::text::span::Span;

use super::error::{CliError, Exit};

pub(super) use matrix::matrix;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// A source line that begins or ends more than this many bytes from a place is shown in part.
const LONG: usize = 1_000;
/// Bytes shown on each side of a place in a long line.
const AROUND: usize = 200;
/// Most bytes of a place that are marked: a mark is not longer than what fits into a line of a terminal.
const MARKED: usize = 100;

/// Standard output and standard error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    color: ColorChoice,
    quiet: bool,
}

/// Whether somebody still reads what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Somebody does.
    Reads,
    /// The reader has left; nothing is wrong with that.
    Left,
}

impl Terminal {
    /// With the user's choice of colours, and whether nothing but errors is to be told.
    pub(super) fn new(color: ColorChoice, quiet: bool) -> Self {
        Self { color, quiet }
    }

    /// Whether nothing but errors is told.
    pub(super) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Writes text for people to standard output.
    pub(super) fn print(self, text: &str) -> Result<Audience, CliError> {
        let mut stream = AutoStream::new(io::stdout().lock(), self.choice());
        audience(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()))
    }

    /// Writes text for people to standard error; there is nobody to tell where that fails.
    pub(super) fn tell(self, text: &str) {
        let _ = AutoStream::new(io::stderr().lock(), self.choice()).write_all(text.as_bytes());
    }

    /// The same, unless nothing but errors is to be told.
    pub(super) fn aside(self, text: &str) {
        if !self.quiet {
            self.tell(text);
        }
    }

    /// Tells why a command failed, and how it ends.
    pub(super) fn fail(self, error: &CliError) -> Exit {
        match error {
            CliError::Usage(error) => {
                let _ = error.print();
            }
            CliError::Rejected(policies) => {
                for policy in policies {
                    self.tell(&problems(&policy.source, &policy.problems));
                }
                self.tell(&heading("error", ERROR, error));
            }
            CliError::StoreRejected(rejected) => {
                for file in &rejected.files {
                    self.tell(&problems(&file.source, &file.problems));
                }
                self.tell(&heading("error", ERROR, error));
            }
            CliError::CaseFile(refused) => {
                let (source, problem) = &**refused;
                self.tell(&problems(source, std::slice::from_ref(problem)));
                self.tell(&heading("error", ERROR, error));
            }
            CliError::Call(call) => {
                self.tell(&heading("error", ERROR, error));
                if let Some(remedy) = call.remedy() {
                    self.tell(&heading("help", NOTE, remedy));
                }
            }
            _ => self.tell(&heading("error", ERROR, error)),
        }
        error.exit()
    }

    /// Tells something that the reader should know.
    pub(super) fn note(self, text: &str) {
        if !self.quiet {
            self.tell(&heading("note", NOTE, text));
        }
    }

    fn choice(self) -> anstream::ColorChoice {
        match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
    }
}

/// Writes bytes for programs to standard output.
pub(super) fn write(bytes: &[u8]) -> Result<Audience, CliError> {
    let mut stream = io::stdout().lock();
    audience(stream.write_all(bytes).and_then(|()| stream.flush()))
}

fn audience(written: io::Result<()>) -> Result<Audience, CliError> {
    match written {
        Ok(()) => Ok(Audience::Reads),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Audience::Left),
        Err(error) => Err(CliError::Output(error)),
    }
}

fn heading(word: &str, style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{word}{style:#}: {}\n", printable(&text.to_string()))
}

/// An explanation with colours, the places in policies with their source lines.
pub(super) fn explanation(explanation: &Explanation, detail: Detail) -> String {
    let mut out = String::new();
    for line in explanation.lines(detail) {
        match line {
            Line::Text(pieces) => {
                for Piece { text, tone } in pieces {
                    let style = style(tone);
                    // Writing to memory does not fail.
                    let _ = write!(out, "{style}{text}{style:#}");
                }
                out.push('\n');
            }
            Line::Excerpt { document, span, label, tone } => {
                let page = Page::new(document.source());
                let level = if tone == Tone::Bad { Level::ERROR } else { Level::NOTE };
                for line in Renderer::styled().render(&page.place(span, &label, level)).lines() {
                    // Below the statement that it is told of.
                    let _ = writeln!(out, "    {line}");
                }
            }
        }
    }
    out
}

fn style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Heading => Style::new().bold(),
        Tone::Good => AnsiColor::Green.on_default().bold(),
        Tone::Bad => AnsiColor::Red.on_default().bold(),
        Tone::Unsure => AnsiColor::Yellow.on_default().bold(),
        Tone::Faint => Style::new().dimmed(),
    }
}

/// A case that fails: in what, and why the decision is what it is.
pub(super) fn failed_case(place: &str, mismatches: &[String], why: Option<&Explanation>) -> String {
    let mut out = format!("{ERROR}FAIL{ERROR:#} {}\n", printable(place));
    for line in mismatches {
        // Writing to memory does not fail.
        let _ = writeln!(out, "  {}", printable(line));
    }
    let why = why.map(|why| explanation(why, Detail::Whole)).unwrap_or_default();
    for line in why.lines() {
        let _ = writeln!(out, "  {line}");
    }
    out + "\n"
}

/// A call and its checks, each explained.
pub(super) fn call(call: &CallExplanation, detail: Detail) -> String {
    let [(None, only)] = call.checks.as_slice() else {
        let style = style(if call.decision().is_allowed() { Tone::Good } else { Tone::Bad });
        let mut out = format!("{style}{}{style:#}\n", call.summary());
        for (number, (part, one)) in (1_usize..).zip(&call.checks) {
            let part = part.map(|part| format!(", part {part}")).unwrap_or_default();
            // Writing to memory does not fail.
            let _ = writeln!(out, "\ncheck {number} of {}{part}:", call.checks.len());
            out.push_str(&explanation(one, detail));
        }
        return out;
    };
    explanation(only, detail)
}

/// What became of broken copies, what went unnoticed in the colour of what fails.
pub(super) fn mutation(mutation: &Mutation) -> String {
    let text = mutation.to_string();
    let count = text.lines().count();
    let line = |(number, line): (usize, &str)| {
        let line = printable(line);
        let word = ["SURVIVED", "NOT TOLD APART"].into_iter().find(|word| line.starts_with(word));
        if let Some(rest) = word.and_then(|word| line.strip_prefix(word)) {
            return format!("{ERROR}{}{ERROR:#}{rest}\n", word.unwrap_or_default());
        }
        if number.saturating_add(1) < count {
            return format!("{line}\n");
        }
        let style = style(if mutation.is_whole() { Tone::Good } else { Tone::Bad });
        format!("{style}{line}{style:#}\n")
    };
    text.lines().enumerate().map(line).collect()
}

/// How many cases passed and failed.
pub(super) fn counts(results: &[FileResult]) -> String {
    let all: usize = results.iter().map(|result| result.results.len()).sum();
    let failed: usize = results.iter().map(FileResult::failed).sum();
    let style = if failed == 0 { style(Tone::Good) } else { style(Tone::Bad) };
    let files = if results.len() == 1 { "1 file".to_owned() } else { format!("{} files", results.len()) };
    format!("{style}{} passed, {failed} failed{style:#}, in {files}\n", all.saturating_sub(failed))
}

/// Problems of a document, each with its code, place, source line and remedy.
pub(super) fn problems(source: &Source, problems: &[Diagnostic]) -> String {
    let page = Page::new(source);
    let renderer = Renderer::styled();
    let mut out = String::new();
    for problem in problems {
        // Writing to memory does not fail.
        let _ = write!(out, "{}\n\n", renderer.render(&page.report(problem)));
    }
    out
}

/// A document as it is shown.
struct Page<'a> {
    name: String,
    text: &'a str,
    positions: Positions<'a>,
}

/// A line of a document, or a part of it.
struct Excerpt<'a> {
    /// Where in the document the part begins.
    start: usize,
    text: &'a str,
    /// Whether it begins where the line does.
    has_start: bool,
}

impl<'s> Page<'s> {
    fn new(source: &'s Source) -> Self {
        let name = printable(source.name()).into_owned();
        Self { name, text: source.text(), positions: Positions::new(source.text()) }
    }
}

impl Page<'_> {
    /// The source line of a place, without more.
    fn place<'p>(&'p self, span: Span, label: &'p str, level: Level<'p>) -> Vec<Group<'p>> {
        let at = self.positions.at(span.start);
        let excerpt = self.excerpt(span);
        let range = excerpt.range(span).unwrap_or_default();
        let mark = AnnotationKind::Primary.span(range).label(label);
        let snippet = Snippet::source(excerpt.text).line_start(at.line).annotation(mark);
        let group = Group::with_level(level);
        if excerpt.has_start {
            return vec![group.element(snippet.path(self.name.as_str()))];
        }
        // The column is the document's, not the part's.
        let origin = Origin::path(self.name.as_str()).line(at.line).char_column(at.column);
        vec![group.element(origin).element(snippet)]
    }

    fn report<'p>(&'p self, problem: &'p Diagnostic) -> Vec<Group<'p>> {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let at = self.positions.at(problem.span.start);
        let excerpt = self.excerpt(problem.span);
        let title = level.clone().primary_title(problem.message.as_str()).id(problem.code);
        let snippet =
            Snippet::source(excerpt.text).line_start(at.line).annotations(excerpt.annotations(problem));
        let remarks = self.remarks(problem, &excerpt);
        if excerpt.has_start {
            return vec![title.element(snippet.path(self.name.as_str())).elements(remarks)];
        }
        // The column is the document's, not the part's.
        let origin = Origin::path(self.name.as_str()).line(at.line).char_column(at.column);
        vec![title.element(origin), Group::with_level(level).element(snippet).elements(remarks)]
    }

    /// Second places that the excerpt does not show, and what to do.
    fn remarks<'p>(&self, problem: &'p Diagnostic, excerpt: &Excerpt<'_>) -> Vec<Message<'p>> {
        let far = problem.labels.iter().filter(|label| excerpt.range(label.span).is_none());
        let places = far.map(|label| {
            let at = self.positions.at(label.span.start);
            Level::NOTE.message(format!("{}: line {}, column {}", label.text, at.line, at.column))
        });
        let help = problem.help.as_deref().map(|help| Level::HELP.message(help));
        places.chain(help).collect()
    }

    /// The line in which a span begins; of a long one what is around the span. Looks no further than that, so that
    /// the many problems of a long line cost no more than those of short ones.
    fn excerpt(&self, span: Span) -> Excerpt<'_> {
        let at = self.text.floor_char_boundary(span.start as usize);
        let from = self.text.ceil_char_boundary(at.saturating_sub(LONG));
        let to = self.text.floor_char_boundary(at.saturating_add(LONG));
        let before = self.text.get(from..at).unwrap_or_default();
        let after = self.text.get(at..to).unwrap_or_default();
        let begins = before.rfind('\n').map(|end| from.saturating_add(end).saturating_add(1));
        let begins = begins.or((from == 0).then_some(0));
        let ends = after.find('\n').map(|length| at.saturating_add(length));
        let ends = ends.or((to == self.text.len()).then_some(to));
        let start = begins.unwrap_or_else(|| self.text.ceil_char_boundary(at.saturating_sub(AROUND)));
        let end = ends.unwrap_or_else(|| self.text.floor_char_boundary(at.saturating_add(AROUND)));
        let text = self.text.get(start..end).unwrap_or_default();
        let text = text.strip_suffix('\r').unwrap_or(text);
        Excerpt { start, text, has_start: begins.is_some() }
    }
}

impl Excerpt<'_> {
    /// A span of the document within the part; what runs past the part, or is too long to mark, is cut. `None` if it
    /// begins outside.
    fn range(&self, span: Span) -> Option<Range<usize>> {
        let start = (span.start as usize).checked_sub(self.start)?;
        let most = self.text.floor_char_boundary(start.saturating_add(MARKED));
        let end = (span.end as usize).saturating_sub(self.start).min(most);
        (start <= self.text.len()).then_some(start..end.max(start))
    }

    /// The problem, and the second places that are in the part.
    fn annotations<'p>(&self, problem: &'p Diagnostic) -> Vec<Annotation<'p>> {
        // A span past the end is shown at the end.
        let end = self.text.len();
        let primary = AnnotationKind::Primary.span(self.range(problem.span).unwrap_or(end..end));
        let labels = problem.labels.iter().filter_map(|label| {
            Some(AnnotationKind::Context.span(self.range(label.span)?).label(label.text.as_str()))
        });
        std::iter::once(primary).chain(labels).collect()
    }
}
