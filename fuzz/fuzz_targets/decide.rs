//! Deciding: a case, as bytes or as text that begins with a brace, is answered alike by the indexed walk, by the
//! explanation, by the batch form (twice, the second time with the policies of the first) and by the oracle, whatever
//! the order of its statements.

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
    let Ok(case) = case::case(&mut Unstructured::new(data)) else { return Corpus::Reject };
    let line = case.to_string();
    let outcome = check(&line, &case);
    let reversed = decide(&case::reversed(&case).to_string()).ok().map(|decision| decision.outcome);
    assert_eq!(reversed, outcome, "the order of statements decides: {line}");
    Corpus::Keep
}

/// A text that is a case to the oracle too. It cannot be one line where a string holds a line end.
fn raw(line: &str) -> Corpus {
    let is_case = Case::parse(line).is_ok();
    match oracle::text::read(line) {
        Ok(case) if is_case && !line.contains("$serde_json") => {
            check(line, &case);
            Corpus::Keep
        }
        _ => {
            assert!(
                Cases::default().answer(line.as_bytes(), 1, &mut Vec::new()).outcome.is_none() || !is_case
            );
            Corpus::Reject
        }
    }
}

/// Answers a case in every way; the outcome, none for an error.
fn check(line: &str, case: &Value) -> Option<Outcome> {
    let decided = decide(line);
    let outcome = decided.as_ref().ok().map(|decision| decision.outcome);
    let answer = oracle::decide(case);
    let expected = match &answer.outcome {
        oracle::Outcome::Allowed => Some(Outcome::Allowed),
        oracle::Outcome::ExplicitDeny => Some(Outcome::ExplicitDeny),
        oracle::Outcome::ImplicitDeny => Some(Outcome::ImplicitDeny),
        oracle::Outcome::Error(_) => None,
    };
    assert_eq!(outcome, expected, "{decided:?}, the oracle: {answer:?}: {line}");
    if decided.is_ok_and(|decision| decision.indeterminate) {
        assert!(answer.indeterminate, "the oracle could tell: {line}");
    }
    let mut cases = Cases::default();
    let [mut first, mut second] = [Vec::new(), Vec::new()];
    assert_eq!(cases.answer(line.as_bytes(), 1, &mut first).outcome, outcome, "batch: {line}");
    assert_eq!(cases.answer(line.as_bytes(), 1, &mut second).outcome, outcome, "batch again: {line}");
    assert_eq!(first, second, "batch: {line}");
    serde_json::from_slice::<Value>(&first).expect("an answer is JSON");
    outcome
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
