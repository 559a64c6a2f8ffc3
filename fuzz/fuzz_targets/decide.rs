//! Deciding: a case, as bytes or as text that begins with a brace, is answered alike by the indexed walk, by the
//! explanation, by the batch form and by the oracle, whatever the order of its statements; so are more requests to the
//! same policies, for which the batch form compiles nothing anew.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;
use verdikt::Decision;
use verdikt::evaluate::Outcome;
use verdikt::policy::Limits;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::case::{Case, CaseError, policy_set};
use verdikt::suite::cases::Cases;
use verdikt_fuzz::case;
use verdikt_fuzz::oracle;

fuzz_target!(|data: &[u8]| -> Corpus {
    match std::str::from_utf8(data) {
        Ok(text) if text.starts_with('{') => raw(text),
        _ => structured(data),
    }
});

fn structured(data: &[u8]) -> Corpus {
    let Ok(cases) = case::cases(&mut Unstructured::new(data)) else { return Corpus::Reject };
    let mut batch = Cases::default();
    for (number, case) in cases.iter().enumerate() {
        let line = case.to_string();
        let told = oracle::decide(case);
        let expected = expected(&told);
        answer(&mut batch, &line, expected);
        if number == 0 {
            check(&line, &told);
            let reversed = decide(&case::reversed(case).to_string()).ok().map(|decision| decision.outcome);
            assert_eq!(reversed, expected, "the order of statements decides: {line}");
        }
    }
    Corpus::Keep
}

/// A text that is a case to the engine and JSON without duplicate keys to the oracle; any other must be refused.
fn raw(line: &str) -> Corpus {
    let mut batch = Cases::default();
    let is_case = Case::parse(line).is_ok();
    match oracle::text::read(line) {
        Ok(case) if is_case && !line.contains("$serde_json") => {
            let told = oracle::decide(&case);
            check(line, &told);
            answer(&mut batch, line, expected(&told));
            answer(&mut batch, line, expected(&told));
            Corpus::Keep
        }
        Ok(_) => Corpus::Reject,
        Err(_) => {
            answer(&mut batch, line, None);
            Corpus::Reject
        }
    }
}

/// The outcome that the oracle tells, none for an error.
fn expected(told: &oracle::Answer) -> Option<Outcome> {
    match told.outcome {
        oracle::Outcome::Allowed => Some(Outcome::Allowed),
        oracle::Outcome::ExplicitDeny => Some(Outcome::ExplicitDeny),
        oracle::Outcome::ImplicitDeny => Some(Outcome::ImplicitDeny),
        oracle::Outcome::Error(_) => None,
    }
}

/// The batch form's answer to a line is the expected one, and is JSON.
fn answer(batch: &mut Cases, line: &str, expected: Option<Outcome>) {
    let mut out = Vec::new();
    assert_eq!(batch.answer(line.as_bytes(), 1, &mut out).outcome, expected, "batch: {line}");
    serde_json::from_slice::<Value>(&out).expect("an answer is JSON");
}

/// The decision is the oracle's; a clause that cannot be told decides only where the oracle met one.
fn check(line: &str, told: &oracle::Answer) {
    let decided = decide(line);
    let outcome = decided.as_ref().ok().map(|decision| decision.outcome);
    assert_eq!(outcome, expected(told), "{decided:?}, the oracle: {told:?}: {line}");
    let indeterminate = decided.is_ok_and(|decision| decision.indeterminate);
    assert!(told.indeterminate || !indeterminate, "the oracle could tell: {line}");
}

fn decide(line: &str) -> Result<Decision, CaseError> {
    let limits = RequestLimits::default();
    let case = Case::parse(line)?;
    let document = case.request_document(&limits)?;
    let request = document.request(limits)?;
    let set = policy_set(case.policies, &request, &Limits::default())?;
    let decision = set.decide(&request);
    let explanation = set.explain(&request);
    assert_eq!(explanation.decision, decision, "{line}");
    assert_eq!(explanation.deciding().map(|statement| statement.id), decision.statement, "{line}");
    assert!(!explanation.to_string().is_empty());
    serde_json::to_string(&explanation).expect("an explanation is JSON");
    Ok(decision)
}
