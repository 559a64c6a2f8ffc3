//! The declarative suite, run by every evaluator: the oracle, the compiled evaluator alone, in a batch and bound to a
//! session, the explanation, and the command line. Each case is a named test: `cargo test --test suite layer/scp`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::match_same_arms,
    reason = "a panic here fails a test, which is what it should do; a test may print"
)]

#[path = "../bound/mod.rs"]
mod bound;
#[path = "../oracle/mod.rs"]
mod oracle;

mod model;

use std::collections::{BTreeSet, HashSet};
use std::io::Write;
use std::process::{Command, ExitCode, Stdio};

use bound::Part;
use libtest_mimic::{Arguments, Failed, Trial};
use model::{Ask, Entry};
use verdikt::request::limits::RequestLimits;
use verdikt::suite::case::{Case, policy_set};
use verdikt::suite::{CaseError, Cases, documents};
use verdikt::{Document, Kind, Limits, PolicySet, Request};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let files = model::load();
    let entries: Vec<Entry> = files.iter().flat_map(|(name, file)| file.entries(name)).collect();
    let mut trials = registry(&entries);
    trials.push(command_line(&entries));
    let cases = entries.into_iter().map(|entry| {
        let name = entry.name.clone();
        Trial::test(name, move || run(&entry.ask))
    });
    trials.extend(cases);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(ask: &Ask) -> Result<(), Failed> {
    match ask {
        Ask::Decision { line, expect } => {
            check("oracle", &oracle_decision(line), expect, line)?;
            check("decide", &decision(&mut Cases::default(), line), expect, line)?;
            // The second line of a batch with the same policies takes the short way.
            let mut batch = Cases::default();
            decision(&mut batch, line);
            check("batch", &decision(&mut batch, line), expect, line)?;
            check("bound", bound_decision(line, Part::Whole), expect, line)?;
            for half in 0..2 {
                check("bound by half", bound_decision(line, Part::Half(half)), expect, line)?;
            }
            let explained = Cases::default().explain(line);
            let outcome = explained.map_or("error", |explanation| explanation.decision.outcome.as_str());
            check("explain", outcome, expect, line)
        }
        Ask::Document { kind, text, valid } => {
            let word = |valid| if valid { "valid" } else { "invalid" };
            let by_oracle = oracle::text::read(text).and_then(|value| oracle::accepts(&value, kind));
            let by_oracle = by_oracle.is_ok() && !text.starts_with('\u{feff}');
            check("oracle", word(by_oracle), word(*valid), text)?;
            check("parse", word(accepted(kind, text)), word(*valid), text)
        }
    }
}

fn check(engine: &str, found: &str, expected: &str, text: &str) -> Result<(), Failed> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{engine} says {found}, expected {expected}\n{text}").into())
    }
}

fn oracle_decision(line: &str) -> String {
    let answer = oracle::text::read(line).map(|case| oracle::decide(&case).outcome);
    match answer {
        Ok(oracle::Outcome::Allowed) => "allowed",
        Ok(oracle::Outcome::ExplicitDeny) => "explicitDeny",
        Ok(oracle::Outcome::ImplicitDeny) => "implicitDeny",
        Ok(oracle::Outcome::Error(_)) | Err(_) => "error",
    }
    .to_owned()
}

fn decision(cases: &mut Cases, line: &str) -> String {
    let answer = cases.answer(line.as_bytes(), 1, &mut Vec::new());
    answer.outcome.map_or("error", |outcome| outcome.as_str()).to_owned()
}

/// The decision in a session that seals a part of the context, every policy bound to it. The walk of all statements
/// must decide alike.
fn bound_decision(line: &str, part: Part) -> &'static str {
    let answer = || -> Result<_, CaseError> {
        let limits = RequestLimits::default();
        let case = Case::parse(line)?;
        let document = case.request_document(&limits)?;
        let request = document.request(limits)?;
        let set = policy_set(case.policies, &request, &Limits::default())?;
        let both =
            |set: &PolicySet, request: &Request<'_>| (set.decide(request), set.decide_exhaustively(request));
        Ok((set.decide(&request), bound::ask(&set, &request, part, both)?))
    };
    match answer() {
        Ok((plain, (bound, exhaustive))) if plain == bound && bound == exhaustive => bound.outcome.as_str(),
        Ok(_) => "another decision",
        Err(_) => "error",
    }
}

/// An accepted document also survives being printed and read again.
fn accepted(kind: &str, text: &str) -> bool {
    let limits = Limits::default();
    if kind == "any" {
        return documents::check_any("document", text.as_bytes(), &limits).1.is_valid();
    }
    let kind: Kind = kind.parse().unwrap();
    match Document::parse(kind, "document", text, &limits) {
        Ok(parsed) => {
            let printed = parsed.document.print();
            let again = Document::parse(kind, "printed", &printed, &limits).unwrap().document;
            assert_eq!(again, parsed.document, "{printed}");
            assert_eq!(again.print(), printed);
            true
        }
        Err(rejected) => {
            assert!(rejected.problems.iter().all(|problem| problem.span.end as usize <= text.len()));
            false
        }
    }
}

/// Tests of the suite itself.
fn registry(entries: &[Entry]) -> Vec<Trial> {
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let unique = names.iter().collect::<HashSet<_>>().len() == names.len();
    let twice: Vec<String> = {
        let mut seen = HashSet::new();
        names.iter().filter(|name| !seen.insert(**name)).map(|name| (*name).to_owned()).collect()
    };
    let traps: BTreeSet<u32> = entries.iter().filter_map(|entry| entry.trap).collect();
    let missing: Vec<u32> = (1..=58).filter(|row| !traps.contains(row)).collect();
    let operators = operators_without_cases();
    vec![
        Trial::test("registry: case names are unique", move || {
            if unique { Ok(()) } else { Err(format!("{twice:?}").into()) }
        }),
        Trial::test("registry: every trap has a case", move || {
            if missing.is_empty() { Ok(()) } else { Err(format!("no case names trap {missing:?}").into()) }
        }),
        Trial::test("registry: every operator has its cases", move || {
            if operators.is_empty() { Ok(()) } else { Err(format!("not shown: {operators:?}").into()) }
        }),
    ]
}

/// What each operator's file must show, beside matches: forms of its name, and for texts and ARNs a variable.
fn operators_without_cases() -> Vec<String> {
    use verdikt::operator::table::{Family, OPERATORS};
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/operator");
    let mut missing = Vec::new();
    for operator in &OPERATORS {
        let name = operator.name;
        let text = std::fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap_or_default();
        let mut wanted = vec![format!("\"{name}\""), "'{}'".to_owned()];
        if operator.family != Family::Null {
            let forms = ["", "ForAllValues:", "ForAnyValue:"];
            wanted.extend(forms.map(|form| format!("\"{form}{name}IfExists\"")));
            wanted.extend(["ForAllValues:", "ForAnyValue:"].map(|form| format!("\"{form}{name}\"")));
        }
        if matches!(operator.family, Family::String | Family::Arn) {
            wanted.push("${".to_owned());
        }
        missing.extend(
            wanted.into_iter().filter(|form| !text.contains(form)).map(|form| format!("{name}: {form}")),
        );
    }
    missing
}

/// All cases through `verdikt decide --cases -`, all documents through `verdikt check --cases -`.
fn command_line(entries: &[Entry]) -> Trial {
    let mut decisions = Vec::new();
    let mut checks = Vec::new();
    for entry in entries {
        match &entry.ask {
            Ask::Decision { line, expect } => {
                decisions.push((entry.name.clone(), line.clone(), expect.clone()));
            }
            Ask::Document { kind, text, valid } => {
                let line = serde_json::json!({"id": "case", "kind": kind, "policy_text": text}).to_string();
                checks.push((entry.name.clone(), line, valid.to_string()));
            }
        }
    }
    Trial::test("command line: the batch forms", move || {
        batch("decide", &decisions, |answer| match answer["decision"].as_str() {
            Some(decision) => decision.to_owned(),
            None if answer["error"].is_object() => "error".to_owned(),
            None => answer.to_string(),
        })?;
        batch("check", &checks, |answer| answer["valid"].to_string())
    })
    .with_ignored_flag(!cfg!(feature = "cli"))
}

fn batch(
    command: &str,
    lines: &[(String, String, String)],
    read: impl Fn(&serde_json::Value) -> String,
) -> Result<(), Failed> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_verdikt"))
        .args([command, "--cases", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let input: Vec<&str> = lines.iter().flat_map(|(_, line, _)| [line.as_str(), "\n"]).collect();
    let input = input.concat();
    let mut stdin = child.stdin.take().ok_or("no standard input")?;
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    writer.join().map_err(|_| "the writer failed")??;
    let answers = String::from_utf8(output.stdout)?;
    let answers: Vec<&str> = answers.lines().collect();
    if answers.len() != lines.len() {
        return Err(format!("{} answers to {} lines", answers.len(), lines.len()).into());
    }
    for ((name, line, expect), answer) in lines.iter().zip(answers) {
        check(name, &read(&serde_json::from_str(answer)?), expect, line)?;
    }
    Ok(())
}
