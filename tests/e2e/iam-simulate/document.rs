//! `docs/differential.md` is made from the rules, so that it cannot go stale:
//! `UPDATE_DOCS=1 cargo test --test differential` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use crate::rules::RULES;

const HEAD: &str = "\
# Where verdikt and another engine differ

Made from `tests/e2e/iam-simulate/rules/` by `UPDATE_DOCS=1 cargo test --test differential`; do not edit.

`tests/e2e/iam-simulate/run` asks verdikt and [`@cloud-copilot/iam-simulate`](https://www.npmjs.com/package/@cloud-copilot/iam-simulate)
0.1.173, an engine that others wrote, of the same cases: random ones, those of `tests/suite/` and those of `policies/`.
The package runs as a program of its own, by its core entry `authorize`; it is installed for the test and no part of
verdikt.

Every disagreement must fall into one of the classes below, or the test fails. A class is more than a description: its
rule rewrites a case so that the clause in question says plainly what the law makes of it. A disagreement belongs to a
class if verdikt decides the rewritten case as the case itself, and iam-simulate then agrees. A class that no case needs
any more fails the test too.

*Documented*: the page says so. *Chosen*: AWS leaves it open, or its pages contradict each other; verdikt's choice fails
closed, and [fidelity.md](fidelity.md) has its rule and its cases. Nothing here was run against AWS.

| where | iam-simulate | verdikt | page | status |
|---|---|---|---|---|
";

fn rendered() -> String {
    let mut out = HEAD.to_owned();
    for rule in RULES {
        let status = if rule.documented { "documented" } else { "chosen" };
        let cells =
            [rule.name, rule.peer, rule.law, rule.source, status].map(|cell| cell.replace('|', "\\|"));
        writeln!(out, "| {} |", cells.join(" | ")).unwrap();
    }
    out
}

#[test]
fn the_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/differential.md");
    let rendered = rendered();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &rendered).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == rendered,
        "docs/differential.md is stale: UPDATE_DOCS=1 cargo test --test differential"
    );
}

#[test]
fn every_class_has_a_name_of_its_own_and_a_page() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    for rule in RULES {
        assert!(!rule.peer.is_empty() && !rule.law.is_empty() && !rule.source.is_empty(), "{}", rule.name);
    }
}
