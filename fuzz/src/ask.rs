//! A case asked in every way that the engine has; all must say the same, and what the oracle says.

use serde_json::Value;
use verdikt::evaluate::Outcome;
use verdikt::policy::Limits;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::case::{Case, CaseError, policy_set};
use verdikt::{Decision, PolicySet, Request};

use crate::bound::{self, Part};
use crate::oracle;

/// Reads the case of a line and asks something of it.
pub fn with<T>(line: &str, question: impl FnOnce(&PolicySet, &Request<'_>) -> T) -> Result<T, CaseError> {
    let limits = RequestLimits::default();
    let case = Case::parse(line)?;
    let document = case.request_document(&limits)?;
    let request = document.request(limits)?;
    let set = policy_set(case.policies, &request, &Limits::default())?;
    Ok(question(&set, &request))
}

/// The outcome that the oracle tells, none for an error.
pub fn expected(told: &oracle::Answer) -> Option<Outcome> {
    match told.outcome {
        oracle::Outcome::Allowed => Some(Outcome::Allowed),
        oracle::Outcome::ExplicitDeny => Some(Outcome::ExplicitDeny),
        oracle::Outcome::ImplicitDeny => Some(Outcome::ImplicitDeny),
        oracle::Outcome::Error(_) => None,
    }
}

/// The outcome of a case to the indexed walk alone; none for an error.
pub fn outcome(case: &Value) -> Option<Outcome> {
    with(&case.to_string(), |set, request| set.decide(request).outcome).ok()
}

/// Everyone's decision is the oracle's; a clause that cannot be told decides only where the oracle met one.
pub fn everyone(line: &str, told: &oracle::Answer, half: u64) -> Option<Decision> {
    let decided = with(line, |set, request| {
        let decision = set.decide(request);
        every_way(set, request, decision, half, line);
        decision
    });
    let outcome = decided.as_ref().ok().map(|decision| decision.outcome);
    assert_eq!(outcome, expected(told), "{decided:?}, the oracle: {told:?}: {line}");
    let decision = decided.ok()?;
    assert!(told.indeterminate || !decision.indeterminate, "the oracle could tell: {line}");
    Some(decision)
}

/// The decision is that of the walk of all statements, of the explanation, and of the policies bound to a session that
/// seals all of the context or a half of it.
pub fn every_way(set: &PolicySet, request: &Request<'_>, decision: Decision, half: u64, line: &str) {
    assert_eq!(set.decide_exhaustively(request), decision, "exhaustively: {line}");
    for part in [Part::Whole, Part::Half(half)] {
        let bound = bound::ask(set, request, part, |set, request| {
            (set.decide(request), set.decide_exhaustively(request), set.explain(request).decision)
        });
        assert_eq!(bound, Ok((decision, decision, decision)), "bound by {part:?}: {line}");
    }
    let explanation = set.explain(request);
    assert_eq!(explanation.decision, decision, "explained: {line}");
    assert_eq!(explanation.deciding().map(|one| one.id), decision.statement, "explained: {line}");
    assert!(explanation.deciding().is_none_or(|one| one.applies()), "explained: {line}");
    assert!(!explanation.to_string().is_empty());
    serde_json::to_string(&explanation).expect("an explanation is JSON");
}
