//! The session that a workload's requests are asked in: its principal, and the keys that say who asks.

use verdikt::request::{RequestBuffers, RequestBuilder, SessionFacts};
use verdikt::{Owner, PolicySet};

use super::workload::{ACCOUNT, Asked, Values, Workload, attach, compile};

/// How the names of keys begin that say who asks.
const WHO: [&str; 5] = [
    "aws:PrincipalArn",
    "aws:PrincipalTag/",
    "aws:userid",
    "aws:username",
    "cognito-identity.amazonaws.com:",
];

/// A session, and the workload's requests with the keys alone that each call states by itself.
pub(crate) struct Session {
    pub(crate) facts: SessionFacts,
    pub(crate) calls: Vec<Asked>,
}

impl Session {
    /// The session that all requests of the workload can be asked in.
    pub(crate) fn of(workload: &Workload) -> Self {
        let base = workload.asked.first().unwrap();
        let is_fixed = |key: &(String, Values)| {
            WHO.iter().any(|who| key.0.starts_with(who))
                && workload.asked.iter().all(|asked| asked.context.contains(key))
        };
        let builder = SessionFacts::builder(base.principal.clone());
        let fixed = base.context.iter().filter(|key| is_fixed(key));
        let facts = fixed.fold(builder, |builder, (name, value)| match value {
            Values::One(text) => builder.present(name, text),
            Values::Many(texts) => builder.present_many(name, texts),
        });
        let call = |asked: &Asked| {
            let own = asked.context.iter().filter(|key| !is_fixed(key)).cloned();
            Asked { context: own.collect(), ..asked.clone() }
        };
        Self { facts: facts.build().unwrap(), calls: workload.asked.iter().map(call).collect() }
    }

    /// Starts the request of a call.
    pub(crate) fn builder<'a>(&'a self, call: &'a Asked, buffers: RequestBuffers) -> RequestBuilder<'a> {
        let owner = Owner::Account(ACCOUNT);
        let mut builder = self.facts.request_in(buffers, &call.action, &call.resource, owner);
        call.add_keys(&mut builder);
        builder
    }

    /// The workload's policies, bound.
    pub(crate) fn bound(&self, workload: &Workload) -> PolicySet {
        attach(compile(&workload.documents()).into_iter().map(|policy| policy.bind(&self.facts)))
    }
}
