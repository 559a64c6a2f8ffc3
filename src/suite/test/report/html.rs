//! The matrices of a run as one page that needs nothing else: no script, no file beside it. A cell opens to its cases,
//! each with why it is decided so.

use std::fmt::Write as _;

use super::super::run::FileResult;
use super::matrix::{Matrix, State};

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>verdikt test: who may do what</title>
<style>
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 2rem; }
table { border-collapse: collapse; margin: 0 0 2rem; }
th, td { border: 1px solid #8888; padding: .3rem .6rem; text-align: left; vertical-align: top; }
th { font-weight: 600; }
td.allowed { background: #2e9e4f33; }
td.denied { background: #c0392b33; }
td.mixed, td.error { background: #d4a01733; }
td.unasked { color: #8888; }
td.failed { outline: 2px solid #c0392b; }
td.failed b { color: #c0392b; }
summary { cursor: pointer; white-space: nowrap; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; max-width: 60rem; font-size: 12px; }
h2 { font-size: 1.1rem; }
</style>
</head>
<body>
<h1>Who may do what</h1>
"#;

/// The page.
pub fn html(results: &[FileResult]) -> String {
    let mut page = HEAD.to_owned();
    let failed: usize = results.iter().map(FileResult::failed).sum();
    let all: usize = results.iter().map(|result| result.results.len()).sum();
    // Writing to memory does not fail.
    let _ = writeln!(page, "<p>{} passed, {failed} failed</p>", all.saturating_sub(failed));
    for result in results {
        table(&mut page, result);
    }
    page + "</body>\n</html>\n"
}

fn table(page: &mut String, result: &FileResult) {
    let matrix = Matrix::of(result);
    // Writing to memory does not fail.
    let _ = writeln!(
        page,
        "<h2>{}</h2>\n<table>\n<thead><tr><th scope=\"col\">principal</th>",
        escaped(&result.file.path.display().to_string())
    );
    for column in &matrix.columns {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escaped(column));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for (row, who) in matrix.rows.iter().enumerate() {
        let _ = write!(page, "<tr><th scope=\"row\">{}</th>", escaped(who));
        for column in 0..matrix.columns.len() {
            cell(page, &matrix, row, column);
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n");
}

fn cell(page: &mut String, matrix: &Matrix<'_>, row: usize, column: usize) {
    let (state, cases) = (matrix.state(row, column), matrix.cell(row, column));
    let failed = if matrix.fails(row, column) { " failed" } else { "" };
    let why = cases
        .iter()
        .filter_map(|(_, one)| one.explanation.as_ref().map(crate::evaluate::Explanation::summary));
    let why: Vec<String> = why.collect();
    let _ = write!(page, "<td class=\"{}{failed}\" title=\"{}\">", state.class(), escaped(&why.join("\n")));
    if state == State::Unasked {
        page.push_str("-</td>");
        return;
    }
    let mark = if failed.is_empty() { "" } else { " <b>FAIL</b>" };
    let _ = write!(page, "<details><summary>{}{mark}</summary>", escaped(&state.text()));
    for (check, one) in cases {
        let resource = check.resources().collect::<Vec<_>>().join(", ");
        let told = match (&one.explanation, &one.decision) {
            (Some(explanation), _) => explanation.to_string(),
            (None, Err(error)) => error.clone(),
            (None, Ok(_)) => String::new(),
        };
        let _ = write!(
            page,
            "<p><b>{}</b>: {}, line {}<br>{}</p>",
            one.word(),
            escaped(&check.name),
            check.line,
            escaped(&resource)
        );
        if !one.passed() {
            let _ = write!(page, "<p><b>fails</b>: {}</p>", escaped(&one.mismatches.join("; ")));
        }
        let _ = write!(page, "<pre>{}</pre>", escaped(&told));
    }
    page.push_str("</details></td>");
}

/// Text in HTML, in attributes too; control characters have no place in either.
fn escaped(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    quick_xml::escape::escape(text.chars().map(shown).collect::<String>()).into_owned()
}
