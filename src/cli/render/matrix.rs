//! The matrix of principals and actions as text.

use std::fmt::Write as _;

use crate::suite::test::report::{Matrix, State};

use super::{NOTE, Tone, printable, style};

/// A matrix wider than this is turned if that makes it narrower: a terminal would break its lines.
const WIDE: usize = 100;

/// The matrix as a table of text: principals down and actions across, or turned where that is too wide.
pub(in crate::cli) fn matrix(matrix: &Matrix<'_>) -> String {
    let upright = Table::of(&matrix.rows, &matrix.columns, |row, column| matrix.state(row, column));
    if upright.width() <= WIDE {
        return upright.text();
    }
    let turned = Table::of(&matrix.columns, &matrix.rows, |row, column| matrix.state(column, row));
    if turned.width() < upright.width() { turned.text() } else { upright.text() }
}

/// States with their headings, as shown.
struct Table {
    columns: Vec<String>,
    rows: Vec<(String, Vec<State>)>,
    /// Of the headings of rows, then of each column.
    widths: Vec<usize>,
}

impl Table {
    fn of(rows: &[&str], columns: &[&str], state: impl Fn(usize, usize) -> State) -> Self {
        let shown = |texts: &[&str]| texts.iter().map(|text| printable(text).to_string()).collect::<Vec<_>>();
        let columns = shown(columns);
        let states = |row: usize| (0..columns.len()).map(|column| state(row, column)).collect::<Vec<_>>();
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
            for (state, width) in states.iter().zip(widths) {
                let style = match state {
                    State::Allowed => style(Tone::Good),
                    State::Denied => style(Tone::Bad),
                    State::Mixed(..) | State::Unasked => NOTE,
                };
                let _ = write!(out, "  {style}{:width$}{style:#}", state.text());
            }
        }
        out + "\n"
    }
}
