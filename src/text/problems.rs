//! The problems of one text, however many: the first of them by place are kept and the others are counted, so that a
//! text in which everything is wrong takes no more memory than its reading.

use std::collections::HashSet;

use super::diagnostic::{Diagnostic, Severity, codes};
use super::span::Span;

/// How many problems are told.
pub const TOLD: usize = 1_000;

/// Collects problems in any order.
#[derive(Debug, Default)]
pub struct Problems {
    kept: Vec<Diagnostic>,
    dropped: usize,
    has_error: bool,
    /// Places of which no more is to be told.
    told: HashSet<Span>,
}

impl Problems {
    /// Collects beside problems after which no other of the same place is told.
    pub fn beside(problems: Vec<Diagnostic>) -> Self {
        let told: HashSet<Span> = problems.iter().map(|problem| problem.span).collect();
        let mut all = Self::default();
        all.extend(problems);
        Self { told, ..all }
    }

    /// Adds a problem.
    pub fn push(&mut self, problem: Diagnostic) {
        if !self.told.is_empty() && self.told.contains(&problem.span) {
            return;
        }
        self.has_error |= problem.severity == Severity::Error;
        self.kept.push(problem);
        if self.kept.len() >= TOLD.saturating_mul(2) {
            self.keep_first();
        }
    }

    /// Whether one of them is an error, told or not.
    pub fn has_error(&self) -> bool {
        self.has_error
    }

    /// Whether there are more than are told: what is found now is hardly worth more than being counted.
    pub fn are_many(&self) -> bool {
        self.dropped > 0
    }

    /// The first by place; of more than are told the last says how many others there are, as bad as the worst of all.
    pub fn into_told(mut self) -> Vec<Diagnostic> {
        self.keep_first();
        if self.dropped > 0 {
            let span = self.kept.last().map(|problem| problem.span).unwrap_or_default();
            let message = format!("{} more problems are not told", self.dropped);
            let severity = if self.has_error { Severity::Error } else { Severity::Warning };
            let problem = Diagnostic { severity, ..Diagnostic::error(codes::LIMIT_EXCEEDED, span, message) };
            self.kept.push(problem.with_help("mend these first"));
        }
        self.kept
    }

    fn keep_first(&mut self) {
        // Of one place, in the order found.
        self.kept.sort_by_key(|problem| problem.span.start);
        self.dropped = self.dropped.saturating_add(self.kept.len().saturating_sub(TOLD));
        self.kept.truncate(TOLD);
    }
}

impl Extend<Diagnostic> for Problems {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, problems: I) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_kept_whatever_the_order() {
        for backwards in [false, true] {
            let mut problems = Problems::default();
            for number in 0..10_000 {
                let at = if backwards { 9_999 - number } else { number };
                problems.push(Diagnostic::warning(codes::INVALID_ACTION, Span::new(at, at), "x"));
                assert!(problems.kept.len() < 2 * TOLD);
            }
            assert!(!problems.has_error());
            let told = problems.into_told();
            assert!(told.iter().take(TOLD).zip(0u32..).all(|(problem, at)| problem.span.start == at));
            assert_eq!(told[TOLD].message, "9000 more problems are not told");
        }
    }
}
