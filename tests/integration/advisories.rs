//! Everything that the first table of `docs/advisories.md` names as a test exists, and no row is without one, nor was one
//! not broken by hand.

use std::collections::BTreeSet;
use std::path::Path;

use crate::suite;

const COLUMNS: usize = 6;

fn file(name: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).ok()
}

/// The cells of each row of the first table, its head left out.
fn rows() -> Vec<Vec<String>> {
    rows_of(file("docs/advisories.md").unwrap().split("\n## ").next().unwrap())
}

fn rows_of(table: &str) -> Vec<Vec<String>> {
    let lines = table.lines().filter(|line| line.starts_with('|')).skip(2);
    let cells =
        lines.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect());
    cells.collect()
}

/// What stands in backticks.
fn named(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Whether a file of the tests or of the sources has a test of this name.
fn has_test(path: &str, name: &str) -> bool {
    let text = file(path).unwrap_or_default();
    let after_marks = text.split("#[test]").skip(1).filter_map(|after| after.split("fn ").nth(1));
    let mut names = after_marks.filter_map(|rest| rest.split('(').next());
    (path.starts_with("tests/") || path.starts_with("src/")) && names.any(|other| other == name)
}

#[test]
fn every_test_that_a_row_names_exists() {
    let files = suite::load();
    let entries = files.iter().flat_map(|(name, file)| file.entries(name));
    let cases: BTreeSet<String> = entries.map(|entry| entry.name).collect();
    let is_case = |id: &str| {
        let begins = format!("{id}: ");
        cases.contains(id)
            || cases.range(begins.clone()..).next().is_some_and(|case| case.starts_with(&begins))
    };
    let mut missing = Vec::new();
    for row in rows() {
        assert_eq!(row.len(), COLUMNS, "{row:?}");
        for id in named(&row[COLUMNS - 1]) {
            let exists = match id.split_once(".rs: ") {
                Some((path, name)) => has_test(&format!("{path}.rs"), name),
                None => id.contains(": ") && is_case(id),
            };
            if !exists {
                missing.push(format!("{}: {id}", row[0]));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(!has_test("src/text/fold.rs", "fold") && !is_case("resource/case: no such case"));
}

#[test]
fn every_row_says_all() {
    let rows = rows();
    assert!(rows.len() >= 25, "{} rows", rows.len());
    for row in &rows {
        assert!(!named(&row[COLUMNS - 1]).is_empty(), "{}: no test", row[0]);
        // Not every class has an advisory.
        for cell in [0, 2, 3, 4] {
            assert!(!row[cell].is_empty(), "{}: cell {cell} is empty", row[0]);
        }
    }
    let classes: BTreeSet<_> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!(classes.len(), rows.len(), "a class stands twice");
}

/// Every class was broken by hand, and what failed is one of its tests.
#[test]
fn every_row_was_broken_by_hand() {
    let text = file("docs/advisories.md").unwrap();
    let broken = text.split("\n## ").find_map(|part| part.strip_prefix("Broken by hand\n")).unwrap();
    let (classes, broken) = (rows(), rows_of(broken));
    for class in &classes {
        assert!(broken.iter().any(|row| row[0] == class[0]), "{} was not broken", class[0]);
    }
    for row in &broken {
        let class = classes.iter().find(|class| class[0] == row[0]);
        let class = class.unwrap_or_else(|| panic!("{} is no class", row[0]));
        let (failed, seconds) = (named(&row[2]), row[3].parse::<f64>().unwrap());
        let is_own =
            !failed.is_empty() && failed.iter().all(|test| named(&class[COLUMNS - 1]).contains(test));
        assert!(is_own && seconds < 60.0, "{row:?}");
    }
}
