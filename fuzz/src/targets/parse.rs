//! Reading policies: every problem of a document names a place in its text; what is accepted as a kind of policy is what
//! the oracle accepts, prints to a text that reads back as the same document, and compiles.

use verdikt::text::diagnostic::{Severity, codes};
use verdikt::{CompiledPolicy, Document, Kind, Limits};

use crate::{json, oracle};

/// A text as every kind of policy.
pub fn run(data: &[u8]) -> bool {
    match std::str::from_utf8(data) {
        Ok(text) => {
            check(text);
            true
        }
        Err(error) => {
            not_utf8(data, error.valid_up_to());
            false
        }
    }
}

fn not_utf8(data: &[u8], valid_up_to: usize) {
    let rejected = Document::parse_bytes(Kind::Identity, "fuzz", data.to_vec(), &Limits::default());
    let rejected = rejected.expect_err("a policy is UTF-8");
    let [problem] = rejected.problems.as_slice() else { panic!("{rejected:?}") };
    assert_eq!(problem.span.start as usize, valid_up_to);
}

fn check(text: &str) {
    let value = oracle::text::read(text);
    // What is no JSON is refused before its kind matters.
    let kinds = if value.is_ok() { &Kind::ALL } else { &Kind::ALL[..1] };
    for kind in kinds {
        let parsed = Document::parse(*kind, "fuzz", text, &Limits::default());
        let problems = match &parsed {
            Ok(parsed) => &parsed.warnings,
            Err(rejected) => &rejected.problems,
        };
        json::check_spans(text, problems);
        let has_error = problems.iter().any(|problem| problem.severity == Severity::Error);
        assert_eq!(has_error, parsed.is_err(), "refused with an error, accepted without");
        let over_limit = problems.iter().any(|problem| problem.code == codes::LIMIT_EXCEEDED);
        // A date that the engine alone refuses: finer than an attosecond, or farther than 38 digits of seconds.
        let is_long = text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 18);
        let is_far = is_long && problems.iter().any(|problem| problem.code == codes::TYPE_MISMATCH_DATE);
        if !over_limit && !is_far && !json::is_private(text) {
            let accepted = value.as_ref().map_err(String::clone);
            let accepted = accepted.and_then(|value| oracle::accepts(value, kind.as_str()));
            assert_eq!(parsed.is_ok(), accepted.is_ok(), "{kind:?}: {problems:?}, the oracle: {accepted:?}");
        }
        if let Ok(parsed) = parsed {
            round_trip(&parsed.document);
        }
    }
}

/// Printing and reading gives the same document, and again the same print; both compile alike.
pub(super) fn round_trip(document: &Document) -> String {
    let printed = document.print();
    let again = Document::parse(document.kind(), "printed", &printed, &Limits::default());
    let again = again.unwrap_or_else(|rejected| panic!("{rejected}: {printed}")).document;
    assert_eq!(again, *document, "{printed}");
    assert_eq!(again.print(), printed, "printing is stable");
    let compiled =
        CompiledPolicy::compile(std::slice::from_ref(document)).expect("an accepted document compiles");
    let recompiled = CompiledPolicy::compile(&[again]).expect("so does the printed one");
    assert_eq!(compiled.reads(), recompiled.reads());
    printed
}
