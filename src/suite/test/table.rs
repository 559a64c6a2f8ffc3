//! `table`: many requests in few lines. The first row names the columns; every further row is a case.
//!
//! ```yaml
//! - name: own folder only
//!   table:
//!     - [action, resource, expect]
//!     - [s3:GetObject, "arn:aws:s3:::app-data/us-east-1:alice/a", allowed]
//!     - [s3:GetObject, "arn:aws:s3:::app-data/us-east-1:bob/a", implicitDeny]
//! ```
//! A column is a member of a case or of its request; with a colon in its name it is a context key. `null`
//! leaves what the case says; a context key that is `null` is absent.

use super::file::Draft;
use super::request::{self, RequestParts, given};
use super::yaml::{Node, Problem, Value};

pub(super) fn rows(draft: &Draft, table: &Node) -> Result<Vec<Draft>, Problem> {
    let (header, rows) = match &table.value {
        Value::Sequence(rows) => rows.split_first().ok_or_else(|| table.problem("a table without a row"))?,
        _ => return Err(table.problem("a table is a list of rows, the first of which names the columns")),
    };
    if rows.is_empty() {
        return Err(table.problem("a table with nothing but the names of its columns"));
    }
    (1..).zip(rows).map(|(number, cells)| row(draft, header, cells, number)).collect()
}

fn row(draft: &Draft, header: &Node, row: &Node, number: usize) -> Result<Draft, Problem> {
    let (names, cells) = (header.items(), row.items());
    if names.len() != cells.len() {
        let message = format!("a row of {} cells under {} columns", cells.len(), names.len());
        return Err(row.problem(message).help("write `null` for what a row does not say"));
    }
    let mut own = Draft { name: String::new(), line: row.line, ..draft.clone() };
    let mut parts = RequestParts::default();
    for (name, cell) in names.iter().zip(cells) {
        let column = name.text().unwrap_or_default();
        if column.contains(':') {
            parts.add(column, given(cell)?);
        } else if cell.is_null() {
            // What the case says stays.
        } else if column == "context" || !(own.take(column, cell)? || parts.take(column, cell)?) {
            let members = super::file::list(&request::MEMBERS);
            let help = format!(
                "a column is `name`, `expect`, `statement`, `layer`, `missing_keys`, a context key, or one of {members}"
            );
            return Err(name.problem(format!("no column can be named `{column}`")).help(help));
        }
    }
    own.parts = draft.parts.overlaid(&parts);
    own.name = if own.name.is_empty() {
        format!("{}, row {number}", draft.name)
    } else {
        format!("{}: {}", draft.name, own.name)
    };
    Ok(own)
}
