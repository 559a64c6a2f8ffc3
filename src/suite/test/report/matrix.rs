//! Who may do what: the cases of a file as a table of principals and actions.

use super::super::file::Check;
use super::super::run::{CheckResult, FileResult};

/// A table of principals and actions.
#[derive(Debug)]
pub struct Matrix<'r> {
    /// The principals, in the order of the file.
    pub rows: Vec<&'r str>,
    /// The actions, in the order of the file.
    pub columns: Vec<&'r str>,
    cells: Vec<(usize, usize, Cell<'r>)>,
}

/// The cases of one principal and one action.
pub type Cell<'r> = Vec<(&'r Check, &'r CheckResult)>;

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No case asks.
    Unasked,
    /// Every case is allowed.
    Allowed,
    /// No case is allowed, and one is denied.
    Denied,
    /// Every case is refused: nothing was decided.
    Error,
    /// So many of so many are allowed.
    Mixed(usize, usize),
}

impl<'r> Matrix<'r> {
    /// The matrix of a file's cases.
    pub fn of(result: &'r FileResult) -> Self {
        let mut matrix = Self { rows: Vec::new(), columns: Vec::new(), cells: Vec::new() };
        for (check, one) in result.checks() {
            let row = place(&mut matrix.rows, &check.who);
            let column = place(&mut matrix.columns, check.done());
            match matrix.cells.iter_mut().find(|(r, c, _)| (*r, *c) == (row, column)) {
                Some((_, _, cell)) => cell.push((check, one)),
                None => matrix.cells.push((row, column, vec![(check, one)])),
            }
        }
        matrix
    }

    /// The cases of a row and a column.
    pub fn cell(&self, row: usize, column: usize) -> &[(&'r Check, &'r CheckResult)] {
        let found = self.cells.iter().find(|(r, c, _)| (*r, *c) == (row, column));
        found.map(|(_, _, cell)| cell.as_slice()).unwrap_or_default()
    }

    /// Whether a case of a row and a column fails.
    pub fn fails(&self, row: usize, column: usize) -> bool {
        self.cell(row, column).iter().any(|(_, one)| !one.passed())
    }

    /// What a row and a column say.
    pub fn state(&self, row: usize, column: usize) -> State {
        let cell = self.cell(row, column);
        let allowed = cell.iter().filter(|(_, one)| one.word() == "allowed").count();
        match (allowed, cell.len()) {
            (_, 0) => State::Unasked,
            (0, _) if cell.iter().all(|(_, one)| one.decision.is_err()) => State::Error,
            (0, _) => State::Denied,
            (allowed, all) if allowed == all => State::Allowed,
            (allowed, all) => State::Mixed(allowed, all),
        }
    }
}

impl State {
    /// In a word.
    pub fn text(self) -> String {
        match self {
            Self::Unasked => "-".to_owned(),
            Self::Allowed => "allowed".to_owned(),
            Self::Denied => "denied".to_owned(),
            Self::Error => "error".to_owned(),
            Self::Mixed(allowed, all) => format!("{allowed} of {all} allowed"),
        }
    }

    /// As a name for programs.
    pub fn class(self) -> &'static str {
        match self {
            Self::Unasked => "unasked",
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Error => "error",
            Self::Mixed(..) => "mixed",
        }
    }
}

fn place<'r>(list: &mut Vec<&'r str>, text: &'r str) -> usize {
    list.iter().position(|known| *known == text).unwrap_or_else(|| {
        list.push(text);
        list.len().saturating_sub(1)
    })
}
