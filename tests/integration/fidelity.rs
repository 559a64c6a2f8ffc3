//! `docs/fidelity.md` is made from the heads of the suite's files, so that it cannot go stale:
//! `UPDATE_DOCS=1 cargo test --test integration fidelity` writes it anew.

use std::fmt::Write;
use std::path::Path;

use crate::suite::{self, Status};

const HEAD: &str = "\
# Fidelity: every rule, where it comes from, and the cases that hold it

Made from the heads of `tests/suite/**` by `UPDATE_DOCS=1 cargo test --test integration fidelity`; do not edit.

The rules are those of AWS's IAM policy language as its documentation of 2026 and, where that is silent, of 2023 tells
them. Nothing here was run against AWS. *Documented*: an AWS page says so. *Chosen*: AWS leaves it open, or its pages
contradict each other; the choice fails closed. Every case runs through the compiled evaluator, a batch, the
explanation, the command line, and an independent evaluator that shares no code with it.

[differential.md](differential.md) tells where an engine that others wrote decides otherwise, and which page says who is
right.

";

const SECTIONS: [(&str, &str); 5] = [
    ("1", "The document"),
    ("2", "Wildcards and resources"),
    ("3", "Policy variables"),
    ("4", "Conditions"),
    ("5", "Evaluation"),
];

fn rendered() -> String {
    let files = suite::load();
    let mut out = HEAD.to_owned();
    for (number, title) in SECTIONS {
        let mut rows: Vec<_> =
            files.iter().filter(|(_, file)| file.spec.split('.').next() == Some(number)).collect();
        rows.sort_by(|(a, x), (b, y)| (key(&x.spec), a).cmp(&(key(&y.spec), b)));
        write!(out, "## {number}. {title}\n\n| rule | source | status | cases |\n|---|---|---|---|\n")
            .unwrap();
        for (name, file) in rows {
            let status = if file.status == Status::Documented { "documented" } else { "chosen" };
            let rule = file.rule.replace('|', "\\|").replace('\n', " ");
            let source = file.source.replace('|', "\\|");
            writeln!(out, "| {rule} | {source} | {status} | [{name}](../tests/suite/{name}.toml) |").unwrap();
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// `4.10` after `4.9`.
fn key(section: &str) -> Vec<u32> {
    section.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

#[test]
fn the_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fidelity.md");
    let rendered = rendered();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &rendered).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written == rendered,
        "docs/fidelity.md is stale: UPDATE_DOCS=1 cargo test --test integration fidelity"
    );
}

#[test]
fn every_file_stands_in_a_section_and_has_cases() {
    for (name, file) in suite::load() {
        let section = file.spec.split('.').next().unwrap().to_owned();
        assert!(SECTIONS.iter().any(|(number, _)| *number == section), "{name}: section {}", file.spec);
        assert!(!file.entries(&name).is_empty(), "{name} has no cases");
        assert!(!file.rule.is_empty() && !file.source.is_empty(), "{name} has no rule or source");
    }
}
