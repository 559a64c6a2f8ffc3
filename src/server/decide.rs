//! The one path of all contracts from a question to its decision: what is in force at the request's moment decides,
//! metrics count it, the log tells it, and the candidate store, if there is one, is asked beside it.

use std::sync::PoisonError;

use crate::decision_point::{AskError, Asked, AskedCall, Caller, Entries, InForce, Question};
use crate::evaluate::{CallDecision, CallExplanation, Decision, Explanation};
use crate::service::ApiCall;

use super::call::Call;
use super::log::Told;
use super::refusal::Refusal;

/// A decision, and what it was asked about.
struct Counted<'a> {
    action: &'a str,
    resource: &'a str,
    context: [Entries<'a>; 2],
    decision: Decision,
}

#[allow(
    clippy::redundant_closure_for_method_calls,
    reason = "a method's path is of one lifetime, and a question's is shorter than any that could be named"
)]
impl Call {
    /// Decides a question.
    ///
    /// # Errors
    /// It cannot be asked: the caller must not go on.
    pub(super) fn decide(&self, caller: &Caller<'_>, question: &Question<'_>) -> Result<Decision, Refusal> {
        let decision = self.ask(caller, question, |asked| asked.decide())?;
        self.tell(caller, question, decision);
        Ok(decision)
    }

    /// Explains a question; the decision counts like any other.
    pub(super) fn explain(
        &self,
        caller: &Caller<'_>,
        question: &Question<'_>,
    ) -> Result<Explanation, Refusal> {
        let explanation = self.ask(caller, question, |asked| asked.explain())?;
        self.tell(caller, question, explanation.decision);
        Ok(explanation)
    }

    /// Decides an API call by all the checks that it makes; `beside` are context keys of all of them, such as
    /// `aws:SourceIp`.
    pub(super) fn decide_call(
        &self,
        caller: &Caller<'_>,
        call: &ApiCall,
        beside: Entries<'_>,
    ) -> Result<CallDecision, Refusal> {
        let decision = self.ask_call(caller, call, beside, |asked| asked.decide())?;
        self.tell_call(caller, call, beside, &decision);
        Ok(decision)
    }

    /// Explains an API call.
    pub(super) fn explain_call(
        &self,
        caller: &Caller<'_>,
        call: &ApiCall,
        beside: Entries<'_>,
    ) -> Result<CallExplanation, Refusal> {
        let explanation = self.ask_call(caller, call, beside, |asked| asked.explain())?;
        self.tell_call(caller, call, beside, &explanation.decision());
        Ok(explanation)
    }

    /// Counts and logs what was decided by policies that a caller brings and not by the store; `principal` is told in
    /// the log.
    pub(super) fn simulated(&self, principal: &str, action: &str, resource: &str, decision: Decision) {
        self.count(principal, &Counted { action, resource, context: [&[], &[]], decision }, None);
    }

    fn ask<R>(
        &self,
        caller: &Caller<'_>,
        question: &Question<'_>,
        answer: impl FnOnce(&Asked<'_>) -> R,
    ) -> Result<R, Refusal> {
        let asked = self.moment.in_force.ask(caller, question, self.now, answer);
        asked.map_err(|error| self.failed(error))
    }

    fn ask_call<R>(
        &self,
        caller: &Caller<'_>,
        call: &ApiCall,
        beside: Entries<'_>,
        answer: impl FnOnce(&AskedCall<'_>) -> R,
    ) -> Result<R, Refusal> {
        let asked = self.moment.in_force.ask_call(caller, call, beside, self.now, answer);
        asked.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: AskError) -> Refusal {
        self.app.metrics.refused(self.route.contract);
        error.into()
    }

    fn tell(&self, caller: &Caller<'_>, question: &Question<'_>, decision: Decision) {
        let shadow = self.app.candidate().map(|candidate| {
            let decided = candidate.ask(caller, question, self.now, |asked| asked.decide());
            (candidate, decided)
        });
        let Question { action, resource, context, .. } = *question;
        let counted = Counted { action, resource, context: [context, &[]], decision };
        self.count(name(caller), &counted, shadow.as_ref().map(|(by, decided)| (&**by, decided)));
    }

    fn tell_call(&self, caller: &Caller<'_>, call: &ApiCall, beside: Entries<'_>, decision: &CallDecision) {
        let candidate = self.app.candidate();
        for (check, (_, decision)) in call.checks.iter().zip(&decision.checks) {
            let question = Question::new(&check.action, &check.resource).with_context(&check.context);
            let shadow = candidate.as_deref().map(|candidate| {
                let one = ApiCall {
                    service: call.service,
                    operation: call.operation,
                    combination: call.combination,
                    checks: vec![check.clone()],
                };
                let decided = candidate.decide_call(caller, &one, beside, self.now);
                let first = |decided: CallDecision| decided.checks.first().map(|(_, decision)| *decision);
                (candidate, decided.map(|decided| first(decided).unwrap_or(*decision)))
            });
            let Question { action, resource, context, .. } = question;
            let counted = Counted { action, resource, context: [context, beside], decision: *decision };
            self.count(name(caller), &counted, shadow.as_ref().map(|(by, decided)| (*by, decided)));
        }
    }

    /// Counts and logs a decision, and how the candidate's differs.
    fn count(
        &self,
        principal: &str,
        counted: &Counted<'_>,
        shadow: Option<(&InForce, &Result<Decision, AskError>)>,
    ) {
        let Counted { action, resource, context, decision } = *counted;
        let metrics = &self.app.metrics;
        metrics.decided(self.route.contract, decision.outcome, decision.indeterminate);
        let shadow =
            shadow.filter(|(_, other)| !matches!(other, Ok(other) if other.outcome == decision.outcome));
        if shadow.is_some() {
            metrics.differed();
        }
        if let Some(log) = self.app.log.as_ref().filter(|log| log.wants(decision.outcome, shadow.is_some())) {
            let told = Told { call: self, principal, action, resource, context, decision, shadow };
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            log.write(metrics, &mut lines, &told);
        }
    }
}

/// Who asks, by ARN.
fn name<'a>(caller: &Caller<'a>) -> &'a str {
    match caller {
        Caller::Session(session) => session.facts().principal().text(),
        Caller::Principal { principal, .. } => principal.text(),
    }
}
