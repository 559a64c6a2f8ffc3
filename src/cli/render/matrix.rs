//! The matrix of principals and actions as text.

use std::fmt::Write as _;

use clap::builder::styling::Style;

use crate::suite::test::report::{Matrix, State};

use super::{ERROR, NOTE, Tone, printable, style};

/// A matrix wider than this is turned if that makes it narrower: a terminal would break its lines.
const WIDE: usize = 100;

/// What stands in a cell of which a case fails.
const FAILS: &str = "FAIL";
const FAILED: Style = ERROR.invert();

/// The matrix as a table of text: principals down and actions across, or turned where that is too wide.
pub(in crate::cli) fn matrix(matrix: &Matrix<'_>) -> String {
    let cell = |row, column| Shown { state: matrix.state(row, column), fails: matrix.fails(row, column) };
    let upright = Table::of(&matrix.rows, &matrix.columns, cell);
    if upright.width() <= WIDE {
        return upright.text();
    }
    let turned = Table::of(&matrix.columns, &matrix.rows, |row, column| cell(column, row));
    if turned.width() < upright.width() { turned.text() } else { upright.text() }
}

/// What a cell shows: what its cases say, and whether one of them fails.
struct Shown {
    state: State,
    fails: bool,
}

impl Shown {
    /// In words, so that a failure is told without colours too.
    fn text(&self) -> String {
        if self.fails { format!("{} {FAILS}", self.state.text()) } else { self.state.text() }
    }

    /// The same in colours.
    fn painted(&self) -> String {
        let style = match self.state {
            State::Allowed => style(Tone::Good),
            State::Denied => style(Tone::Bad),
            State::Mixed(..) | State::Unasked | State::Error => NOTE,
        };
        let fails = if self.fails { format!(" {FAILED}{FAILS}{FAILED:#}") } else { String::new() };
        format!("{style}{}{style:#}{fails}", self.state.text())
    }
}

/// States with their headings, as shown.
struct Table {
    columns: Vec<String>,
    rows: Vec<(String, Vec<Shown>)>,
    /// Of the headings of rows, then of each column.
    widths: Vec<usize>,
}

impl Table {
    fn of(rows: &[&str], columns: &[&str], shown_at: impl Fn(usize, usize) -> Shown) -> Self {
        let shown = |texts: &[&str]| texts.iter().map(|text| printable(text).to_string()).collect::<Vec<_>>();
        let columns = shown(columns);
        let states = |row: usize| (0..columns.len()).map(|column| shown_at(row, column)).collect::<Vec<_>>();
        let rows: Vec<_> =
            shown(rows).into_iter().enumerate().map(|(row, text)| (text, states(row))).collect();
        let headings = rows.iter().map(|(text, _)| text.chars().count()).max().unwrap_or_default();
        let width = |(column, text): (usize, &String)| {
            let cells = rows.iter().filter_map(|(_, states)| Some(states.get(column)?.text().len()));
            cells.max().unwrap_or_default().max(text.chars().count())
        };
        let widths =
            std::iter::once(headings).chain(columns.iter().enumerate().map(width)).collect::<Vec<_>>();
        Self { columns, rows, widths }
    }

    fn width(&self) -> usize {
        self.widths.iter().sum::<usize>().saturating_add(self.columns.len().saturating_mul(2))
    }

    fn text(mut self) -> String {
        // Nothing follows the last column.
        if let Some(last) = self.widths.last_mut() {
            *last = 0;
        }
        let [first, widths @ ..] = self.widths.as_slice() else { return String::new() };
        let mut out = format!("{:first$}", "");
        for (text, width) in self.columns.iter().zip(widths) {
            let _ = write!(out, "  {text:width$}");
        }
        for (heading, states) in &self.rows {
            let _ = write!(out, "\n{heading:first$}");
            for (shown, width) in states.iter().zip(widths) {
                let gap = width.saturating_sub(shown.text().len());
                let _ = write!(out, "  {}{:gap$}", shown.painted(), "");
            }
        }
        out + "\n"
    }
}
