//! The policies that an index helps least.

use crate::workload::Workload;

/// The workload of that name with so many statements.
pub(crate) fn workload(name: &str, statements: usize) -> Workload {
    Workload { name: name.to_owned(), ..Workload::load(&format!("{name}_{statements}")) }
}
