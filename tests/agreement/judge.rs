//! One case, asked of everyone: the oracle, `decide`, `explain`, the batch form, and `decide` in a session.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;
use verdikt::evaluate::Layer;
use verdikt::evaluate::explain::StatementExplanation;
use verdikt::policy::{Effect, Limits};
use verdikt::request::limits::RequestLimits;
use verdikt::suite::case::{Case, policy_set};
use verdikt::suite::{CaseError, Cases};
use verdikt::text::truth::{Reason, Truth};
use verdikt::{Decision, Explanation, Outcome, PolicySet, Request, RequestError};

use crate::bound::{self, Part};
use crate::cell::{Arity, Cell};
use crate::oracle;

/// What everyone says of a case.
#[derive(Debug)]
pub struct Answers {
    pub oracle: oracle::Answer,
    /// `decide` and `explain`; the message where a document or the request is refused.
    pub engine: Result<Engine, String>,
    /// The outcome of the batch form, and its line.
    pub batch: (Option<Outcome>, String),
}

/// What the engine says of an accepted case.
#[derive(Debug)]
pub struct Engine {
    pub decision: Decision,
    pub explained: Decision,
    /// What policies say that are bound to a session which seals a part of the context.
    pub bound: Result<Decision, RequestError>,
    /// What is wrong with the statement that the explanation says decided.
    pub misnamed: Option<&'static str>,
    /// The conditions of statements whose other clauses match, with what each of them says.
    pub reached: Vec<(Cell, Truth)>,
    /// Why clauses are Indeterminate.
    pub reasons: Vec<Reason>,
}

/// Asks everyone; keeps what the batch form keeps from line to line.
#[derive(Debug, Default)]
pub struct Judge {
    batch: Cases,
}

impl Judge {
    /// Everyone's answers; a panic is an answer too.
    pub fn ask(&mut self, case: &Value) -> Result<Answers, String> {
        let asked = catch_unwind(AssertUnwindSafe(|| {
            let line = case.to_string();
            let oracle = oracle::decide(case);
            let engine = engine(&line).map_err(|error| format!("[{}] {error}", error.code()));
            let mut out = Vec::new();
            let outcome = self.batch.answer(line.as_bytes(), 1, &mut out).outcome;
            Answers { oracle, engine, batch: (outcome, String::from_utf8_lossy(&out).into_owned()) }
        }));
        asked.map_err(|panic| {
            self.batch = Cases::default();
            let text = panic.downcast_ref::<String>().map(String::as_str);
            text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
        })
    }
}

fn engine(line: &str) -> Result<Engine, CaseError> {
    let limits = RequestLimits::default();
    let case = Case::parse(line)?;
    let document = case.request_document(&limits)?;
    let request = document.request(limits)?;
    let set = policy_set(case.policies, &request, &Limits::default())?;
    let decision = set.decide(&request);
    let explanation = set.explain_decision(&request);
    let reached = reached(&set, &explanation, &request);
    let reasons = reasons(&explanation);
    let part = if line.len().is_multiple_of(3) { Part::Whole } else { Part::Half(line.len() as u64) };
    let bound = bound::ask(&set, &request, part, PolicySet::decide);
    Ok(Engine {
        decision,
        explained: explanation.decision,
        bound,
        misnamed: misnamed(&explanation),
        reached,
        reasons,
    })
}

fn reasons(explanation: &Explanation) -> Vec<Reason> {
    let clauses = explanation.statements().flat_map(|statement| &statement.clauses);
    let reasons = clauses.filter_map(|clause| match clause.truth {
        Truth::Indeterminate(reason) => Some(reason),
        Truth::True | Truth::False => None,
    });
    reasons.collect()
}

fn reached(set: &PolicySet, explanation: &Explanation, request: &Request<'_>) -> Vec<(Cell, Truth)> {
    let mut reached = Vec::new();
    for explained in explanation.statements() {
        let (conditions, others): (Vec<_>, Vec<_>) =
            explained.clauses.iter().partition(|clause| clause.element == "Condition");
        if others.iter().any(|clause| clause.truth == Truth::False) {
            continue;
        }
        for (written, clause) in written(set, explained).iter().zip(conditions) {
            let arity = Arity::of(request.context(), &written.key.value);
            reached.push((Cell { operation: written.operation, arity }, clause.truth));
        }
    }
    reached
}

/// The conditions of a statement as its document has them.
fn written<'a>(set: &'a PolicySet, explained: &StatementExplanation) -> &'a [verdikt::policy::Condition] {
    let id = explained.id;
    let attachment = set.layer(id.layer).and_then(|levels| levels.get(id.level as usize));
    let document = attachment.and_then(|attachment| attachment.policy.documents().get(id.policy as usize));
    let statement = document.and_then(|document| document.statements().get(id.statement as usize));
    statement.map_or(&[], |statement| &statement.conditions)
}

/// The statement that decided must be there, have the effect of the outcome, and apply.
fn misnamed(explanation: &Explanation) -> Option<&'static str> {
    let decision = explanation.decision;
    let effect = match decision.outcome {
        Outcome::Allowed => Effect::Allow,
        Outcome::ExplicitDeny => Effect::Deny,
        Outcome::ImplicitDeny if decision.missing.is_none() => {
            return Some("an implicit deny names no layer");
        }
        Outcome::ImplicitDeny => return None,
    };
    match (decision.statement, explanation.deciding()) {
        (None, _) if effect == Effect::Deny => Some("an explicit deny names no statement"),
        (None, _) => None,
        (Some(_), None) => Some("the deciding statement is not explained"),
        (Some(_), Some(deciding)) if deciding.effect != effect => {
            Some("the deciding statement has the other effect")
        }
        (Some(_), Some(deciding)) if !deciding.applies() => Some("the deciding statement does not apply"),
        _ => None,
    }
}

impl Answers {
    /// Whether and how they differ.
    pub fn disagreement(&self) -> Option<String> {
        let expected = outcome(&self.oracle.outcome);
        let engine = self.engine.as_ref().ok();
        let decided = engine.map(|engine| engine.decision.outcome);
        if decided != expected {
            return Some(format!("decide says {decided:?}, the oracle {expected:?}"));
        }
        if self.batch.0 != expected {
            return Some(format!("the batch form says {:?}, the oracle {expected:?}", self.batch.0));
        }
        let engine = engine?;
        if engine.decision != engine.explained {
            return Some("explain has another decision than decide".to_owned());
        }
        if engine.bound != Ok(engine.decision) {
            return Some(format!(
                "bound to a session, the policies have another decision: {:?}",
                engine.bound
            ));
        }
        if engine.decision.indeterminate && !self.oracle.indeterminate {
            return Some("decide says that an Indeterminate decided; the oracle met none".to_owned());
        }
        if !self.batch_says(engine.decision) {
            return Some("the line of the batch form is not the decision".to_owned());
        }
        engine.misnamed.map(str::to_owned)
    }

    fn batch_says(&self, decision: Decision) -> bool {
        let Ok(decision) = serde_json::to_string(&decision) else { return false };
        decision.strip_prefix('{').is_some_and(|members| self.batch.1.trim_end().ends_with(members))
    }

    /// The layer that decided.
    pub fn layer(&self) -> Option<Layer> {
        let decision = self.engine.as_ref().ok()?.decision;
        decision.statement.map(|id| id.layer).or(decision.missing.map(|missing| missing.layer))
    }
}

/// The oracle's outcome in the engine's words; none for a refusal.
pub fn outcome(outcome: &oracle::Outcome) -> Option<Outcome> {
    match outcome {
        oracle::Outcome::Allowed => Some(Outcome::Allowed),
        oracle::Outcome::ExplicitDeny => Some(Outcome::ExplicitDeny),
        oracle::Outcome::ImplicitDeny => Some(Outcome::ImplicitDeny),
        oracle::Outcome::Error(_) => None,
    }
}
