//! The policies of the library: each is accepted without a warning, decides as its cases say, and its cases meet every
//! part of it and notice every broken copy.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use verdikt::policy::{Document, Limits};
use verdikt::suite::library::EXAMPLES;
use verdikt::suite::test::mutate::{Fate, mutants, mutate};
use verdikt::suite::test::run::{Options, run};
use verdikt::suite::test::{Coverage, FileResult, TestFile};
use verdikt::suite::{Cases, documents};

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")
}

fn ran(folder: &Path) -> FileResult {
    ran_file(&folder.join("policy.test.yaml"))
}

fn ran_file(path: &Path) -> FileResult {
    let text = std::fs::read_to_string(path).unwrap();
    run(TestFile::parse_with_calls(path, text, verdikt::cli::translate).unwrap(), &Options::default())
}

/// Whether a folder is an application with many policies, a store, and no policy to start from.
fn is_store(folder: &Path) -> bool {
    folder.join(verdikt::store::MANIFEST).exists()
}

#[test]
fn every_folder_is_in_the_library_and_listed() {
    let entries = std::fs::read_dir(policies()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<String> = entries
        .filter(|path| path.is_dir() && !is_store(path))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    folders.sort();
    let mut names: Vec<&str> = EXAMPLES.iter().map(|example| example.name).collect();
    names.sort_unstable();
    assert_eq!(folders, names);
    let index = std::fs::read_to_string(policies().join("README.md")).unwrap();
    for example in EXAMPLES {
        let line =
            format!("| [{0}]({0}) | {1} | {2} |", example.name, example.kind.as_str(), example.summary);
        assert!(index.contains(&line), "policies/README.md does not say: {line}");
    }
}

#[test]
fn every_policy_is_accepted_without_a_warning() {
    for example in EXAMPLES {
        let text = std::fs::read(policies().join(example.name).join("policy.json")).unwrap();
        let checked = documents::check(example.kind, example.name, text, &Limits::default());
        assert!(checked.problems.is_empty(), "{}: {:#?}", example.name, checked.problems);
    }
}

#[test]
fn every_case_decides_as_expected_and_both_ways() {
    for example in EXAMPLES {
        let result = ran(&policies().join(example.name));
        for (check, one) in result.checks() {
            assert!(one.passed(), "{}: {}: {:?}", example.name, check.name, one.mismatches);
        }
        let allowed = result.results.iter().filter(|one| one.word() == "allowed").count();
        assert!(result.results.len() >= 8, "{} has too few cases", example.name);
        assert!(
            allowed > 0 && allowed < result.results.len(),
            "{}: every case has the same outcome",
            example.name
        );
    }
}

#[test]
fn every_part_is_met() {
    for example in EXAMPLES {
        let coverage = Coverage::of(&ran(&policies().join(example.name)));
        assert_eq!(coverage.percent(), 100, "{coverage}");
        let counted: Vec<&str> = coverage.documents().map(|(name, _)| name).collect();
        assert!(counted.iter().any(|name| name.ends_with("policy.json")), "{}: {counted:?}", example.name);
    }
}

#[test]
fn every_broken_copy_is_noticed_or_explained() {
    for example in EXAMPLES {
        let mutation = mutate(&[ran(&policies().join(example.name))]);
        let all_known =
            mutation.copies.iter().all(|one| matches!(one.fate, Fate::Noticed(_) | Fate::Accepted(_)));
        assert!(all_known && mutation.unused.is_empty(), "{mutation}");
    }
}

/// A store among the policies: it loads without a warning, its policies decide as their cases say, and these meet every
/// part and notice every broken copy.
#[test]
fn every_store_is_accepted_and_its_cases_are_whole() {
    let entries = std::fs::read_dir(policies()).unwrap().map(|entry| entry.unwrap().path());
    let stores: Vec<PathBuf> = entries.filter(|path| is_store(path)).collect();
    assert!(!stores.is_empty());
    let index = std::fs::read_to_string(policies().join("README.md")).unwrap();
    for folder in stores {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(index.contains(&format!("| [{name}]({name}) | store |")), "policies/README.md has no {name}");
        let options = verdikt::store::LoadOptions::default();
        let store =
            verdikt::store::Store::open(&folder, &options, 0).unwrap_or_else(|error| panic!("{error}"));
        assert!(store.current().warnings().is_empty(), "{:#?}", store.current().warnings());
        let mut cases: Vec<PathBuf> = [folder.clone(), folder.join("cases")]
            .iter()
            .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
            .filter(|path| path.to_str().unwrap().ends_with(".test.yaml"))
            .collect();
        cases.sort();
        let mut documents = BTreeSet::new();
        for path in &cases {
            let result = ran_file(path);
            for (check, one) in result.checks() {
                assert!(one.passed(), "{}: {}: {:?}", path.display(), check.name, one.mismatches);
            }
            let coverage = Coverage::of(&result);
            // Of the file about the layers together every policy is a prop, and nothing is counted.
            let (met, all) = coverage.sides();
            assert_eq!(met, all, "{coverage}");
            let names = coverage.documents().map(|(name, _)| std::fs::canonicalize(name).unwrap());
            documents.extend(names);
            let mutation = mutate(&[result]);
            let all_known =
                mutation.copies.iter().all(|one| matches!(one.fate, Fate::Noticed(_) | Fate::Accepted(_)));
            assert!(all_known && mutation.unused.is_empty(), "{mutation}");
        }
        let policies = walkdir(&folder);
        assert!(!policies.is_empty());
        for policy in policies {
            assert!(documents.contains(&policy), "{} has no cases", policy.display());
        }
    }
}

/// The policies below a folder.
fn walkdir(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { walkdir(&path) } else { vec![path] });
    let json = found.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    json.map(|path| std::fs::canonicalize(path).unwrap()).collect()
}

/// Whoever breaks a policy is told which line the wrong decision comes from.
#[test]
fn breaking_a_policy_fails_with_the_line() {
    let scratch = std::env::temp_dir().join(format!("verdikt-examples-{}", std::process::id()));
    let mut verbs = BTreeSet::new();
    for example in EXAMPLES {
        let folder = scratch.join(example.name);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in example.files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let text = std::fs::read_to_string(folder.join("policy.json")).unwrap();
        let document =
            Document::parse(example.kind, "policy.json", &text, &Limits::default()).unwrap().document;
        let accepted = ran(&folder).file.accepted;
        let told = mutants(&document)
            .into_iter()
            .filter(|one| !accepted.iter().any(|known| one.name.starts_with(&known.mutant)));
        let broken = told.filter_map(|mutant| Some((mutant.document(&document)?, mutant)));
        for (copy, mutant) in broken {
            std::fs::write(folder.join("policy.json"), copy.print()).unwrap();
            let result = ran(&folder);
            let told = lines_told(&result);
            let lines = lines_of(&copy, mutant.statement());
            // A policy whose only statement is gone has no line left to name; of one among others the others are told.
            let is_told = match lines {
                _ if copy.statements().is_empty() => result.failed() > 0,
                Some(lines) if copy.statements().len() == document.statements().len() => {
                    told.iter().any(|line| lines.contains(line))
                }
                _ => !told.is_empty(),
            };
            assert!(is_told, "{}: {}: not noticed, or without its line: {told:?}", example.name, mutant.name);
            let what = mutant.name.split(": ").nth(1).unwrap_or_default();
            verbs.insert(what.split(' ').take(2).collect::<Vec<_>>().join(" ").replace(char::is_numeric, ""));
        }
    }
    std::fs::remove_dir_all(scratch).unwrap();
    // Every way of breaking was met.
    for verb in [
        "remove the",
        "remove `",
        "widen `",
        "widen Principal",
        "narrow `",
        "open the",
        "change `",
        "drop the",
        "negate ",
        "give IfExists",
        "take IfExists",
        "switch the",
        "write ",
        "move `",
    ] {
        assert!(
            verbs.iter().any(|known| known.starts_with(verb)),
            "no copy of the library is broken by: {verb}"
        );
    }
}

/// The lines of the policy that the explanations of failing cases name.
fn lines_told(result: &FileResult) -> BTreeSet<usize> {
    let failing = result.results.iter().filter(|one| !one.passed());
    let texts = failing.filter_map(|one| Some(one.explanation.as_ref()?.to_string()));
    let lines = texts.flat_map(|text| {
        let places = text
            .split("policy.json:")
            .skip(1)
            .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap());
        places.collect::<Vec<usize>>()
    });
    lines.collect()
}

/// The lines of a statement in a policy's layout.
fn lines_of(policy: &Document, statement: usize) -> Option<std::ops::RangeInclusive<usize>> {
    let printed =
        Document::parse(policy.kind(), "policy.json", &policy.print(), &Limits::default()).unwrap().document;
    let span = printed.statements().get(statement)?.span;
    let line = |offset: u32| printed.source().text()[..offset as usize].matches('\n').count() + 1;
    Some(line(span.start)..=line(span.end))
}

/// The sample of the exchange format decides as it says, by the policy beside it.
#[test]
fn the_sample_of_the_exchange_format_decides_as_expected() {
    let folder = policies().join("s3-per-identity-prefix");
    let policy = std::fs::read_to_string(folder.join("policy.json")).unwrap();
    let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    let text = std::fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    let mut cases = Cases::default();
    for (number, line) in text.lines().enumerate() {
        let mut out = Vec::new();
        let answer = cases.answer(line.as_bytes(), number + 1, &mut out);
        assert!(answer.expect.is_some() && answer.is_met(), "{}", String::from_utf8(out).unwrap());
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(case["policies"]["identity"][0]["policy"], policy);
    }
}
