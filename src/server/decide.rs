//! The one path of all contracts from a question to its decision: the store of the request's moment says what governs,
//! the engine decides, metrics count it.

use crate::evaluate::{Decision, PolicySet};
use crate::request::context::{Context, ContextValue};
use crate::request::{Owner, Request, RequestBuilder};
use crate::store::StoreError;

use super::call::Call;
use super::refusal::Refusal;

/// The keys that the clock tells.
const TIME_KEYS: [&str; 2] = ["aws:CurrentTime", "aws:EpochTime"];

impl Call {
    /// Decides a request as somebody states it: its principal, action, resource and context; the rest is the store's.
    pub(super) fn decide(&self, given: &Request<'_>) -> Result<Decision, Refusal> {
        self.ask(given, |set, request| {
            let decision = set.decide(request);
            self.app.metrics.decided(self.route.contract, decision.outcome, decision.indeterminate);
            decision
        })
    }

    /// The request with what the store knows, and the policies that govern it.
    fn ask<T>(
        &self,
        given: &Request<'_>,
        answer: impl FnOnce(&PolicySet, &Request<'_>) -> T,
    ) -> Result<T, Refusal> {
        let snapshot = &self.moment.snapshot;
        let principal = snapshot.principal(given.principal())?;
        let (action, resource) = (given.action().text(), given.resource().text());
        let mut governing = snapshot.governing(&principal, resource)?;
        if let Some(ContextValue::One(endpoint)) = given.context().get("aws:SourceVpce") {
            governing = governing.through(endpoint)?;
        }
        let owner = governing.owner();
        if let (Owner::Account(stated), Owner::Account(known)) = (given.owner(), owner)
            && stated != known
        {
            return Err(StoreError::Contradiction("resource account".to_owned()).into());
        }
        let builder = Request::builder(&principal, action, resource, owner)
            .resource_policy_mode(given.resource_policy_mode());
        let builder = governing.supply(&principal, given.context(), copied(builder, given.context()))?;
        let request = timed(builder, given.context(), self.now).build()?;
        Ok(answer(&governing.policies(action)?, &request))
    }
}

/// A request with the keys of another.
fn copied<'a>(mut builder: RequestBuilder<'a>, given: &'a Context<'_>) -> RequestBuilder<'a> {
    for (name, value) in given.entries() {
        match value {
            ContextValue::One(text) => builder.add_one(name, text),
            ContextValue::Many(texts) => builder.add_many(name, texts.iter().map(|text| &**text)),
        }
    }
    builder
}

/// The time, unless the request states one.
fn timed<'a>(builder: RequestBuilder<'a>, given: &Context<'_>, now: i64) -> RequestBuilder<'a> {
    if TIME_KEYS.into_iter().any(|key| given.get(key).is_some()) { builder } else { builder.derive_time(now) }
}
