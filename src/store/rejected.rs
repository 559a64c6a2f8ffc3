//! Why a store cannot be loaded: every problem of every file.

use std::fmt;

use crate::text::diagnostic::{Diagnostic, Severity, bounded};
use crate::text::source::Source;

/// A file with problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The file.
    pub source: Source,
    /// All its problems, in the order of the text.
    pub problems: Vec<Diagnostic>,
}

/// A store that cannot be loaded: nothing of it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The files with problems, at least one of them an error: manifests first, then policies, by their names.
    pub files: Vec<Refused>,
}

impl Refused {
    pub(super) fn has_error(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

impl std::error::Error for Rejected {}
impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    /// The first error with its place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.problems.iter().find(|problem| problem.severity == Severity::Error);
        let Some(first) = first.or(self.problems.first()) else { return f.write_str(self.source.name()) };
        let at = self.source.position(first.span.start);
        write!(f, "{}:{}:{}: {}", bounded(self.source.name()), at.line, at.column, first.message)
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.files.iter().flat_map(|file| &file.problems);
        let errors = errors.filter(|problem| problem.severity == Severity::Error).count();
        write!(f, "the store is refused for {errors} error{}", if errors == 1 { "" } else { "s" })?;
        self.files
            .iter()
            .find(|file| file.has_error())
            .map_or(Ok(()), |first| write!(f, "; the first: {first}"))
    }
}
