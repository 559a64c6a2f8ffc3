//! One question: the policies that govern it, and the request with all that the store knows.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::evaluate::{Decision, Explanation, Layer, PolicySet, StatementId};
use crate::request::context::ContextValue;
use crate::request::derive::PrincipalKey;
use crate::request::{
    Owner, Principal, Request, RequestBuffers, RequestBuilder, RequestError, ResourcePolicyMode,
};
use crate::service::Value;
use crate::store::{Governing, LiveSession, Revision, StoreError};
use crate::text::fold::eq_folded;

use super::InForce;
use super::error::AskError;

/// The keys that the clock tells.
const TIME_KEYS: [&str; 2] = ["aws:CurrentTime", "aws:EpochTime"];

/// Context keys with their values.
pub type Entries<'a> = &'a [(Cow<'a, str>, Value)];

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub enum Caller<'a> {
    /// A session: what it fixes no question may state otherwise.
    Session(&'a LiveSession),
    /// A principal of the store, for whom the caller vouches.
    Principal {
        /// Who.
        principal: &'a Principal,
        /// The session policies that its session was made with.
        session_policies: Option<&'a Arc<CompiledPolicy>>,
    },
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// `service:Name`
    pub action: &'a str,
    /// An ARN, or `*`.
    pub resource: &'a str,
    /// The context keys that the caller states; the store adds what it knows and refuses what it knows otherwise.
    pub context: Entries<'a>,
    /// The owner of the resource, if the caller states it: it must be the one that the store knows.
    pub resource_account: Option<&'a str>,
    /// Whether the resource-based policy must allow; if not said, the action decides.
    pub resource_policy_mode: Option<ResourcePolicyMode>,
}

/// What is asked of every check of an API call, beside what the call says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// Context keys, such as `aws:SourceIp`.
    pub context: Entries<'a>,
    /// The owner of the resources, if the caller states it: it must be the one that the store knows.
    pub resource_account: Option<&'a str>,
    /// Whether the resource-based policy must allow; if not said, the action decides.
    pub resource_policy_mode: Option<ResourcePolicyMode>,
}

/// A question with its policies and its request, ready to be decided.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The policies that govern it.
    pub set: PolicySet,
    /// The request, with what the store and the clock tell.
    pub request: Request<'a>,
    /// The revision of the store.
    pub revision: Revision,
    /// Whether the store has the resource; without it nothing allows.
    pub has_resource: bool,
    given: [Entries<'a>; 2],
}

/// A decision, with what is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// The statement that decided it, if one did.
    pub statement: Option<Attribution>,
    /// The revision of the store that it was decided by.
    pub revision: Revision,
}

/// A statement by the names that people know it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Which statement of the set.
    pub id: StatementId,
    /// The policy's name: its file in the store.
    pub policy: String,
    /// The statement's Sid.
    pub sid: Option<String>,
    /// The line at which it begins, from 1.
    pub line: usize,
}

/// A key that the principal has but whose value nobody stated, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Underived {
    /// The key.
    pub key: &'static str,
    /// Why.
    pub reason: &'static str,
}

impl<'a> Caller<'a> {
    /// A principal of the store, without session policies.
    pub fn principal(principal: &'a Principal) -> Self {
        Self::Principal { principal, session_policies: None }
    }
}

impl<'a> Question<'a> {
    /// A question without context keys of its own.
    pub fn new(action: &'a str, resource: &'a str) -> Self {
        Self { action, resource, context: &[], resource_account: None, resource_policy_mode: None }
    }

    /// The same with context keys.
    #[must_use]
    pub fn with_context(mut self, context: Entries<'a>) -> Self {
        self.context = context;
        self
    }
}

/// Who asks, as the store knows them.
#[allow(
    clippy::large_enum_variant,
    reason = "it stands on the stack for one question; a box would cost each"
)]
pub(super) enum Known<'a> {
    Session(&'a LiveSession),
    Principal(Principal, Option<&'a Arc<CompiledPolicy>>),
}

impl InForce {
    /// Decides one question.
    ///
    /// # Errors
    /// It cannot be asked: refuse.
    #[allow(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is not general enough in its lifetimes"
    )]
    pub fn decide(
        &self,
        caller: &Caller<'_>,
        question: &Question<'_>,
        now: i64,
    ) -> Result<Decided, AskError> {
        self.ask(caller, question, now, |asked| asked.decided())
    }

    /// Explains one question: the decision of [`decide`](Self::decide), and why.
    ///
    /// # Errors
    /// As [`decide`](Self::decide).
    pub fn explain(
        &self,
        caller: &Caller<'_>,
        question: &Question<'_>,
        now: i64,
    ) -> Result<(Explanation, Revision), AskError> {
        self.ask(caller, question, now, |asked| (asked.explain(), asked.revision))
    }

    /// Makes a question ready and hands it to `answer`.
    ///
    /// # Errors
    /// The principal or endpoint is not in the store, something stated is otherwise there, the session is over or the
    /// request is none.
    pub fn ask<R>(
        &self,
        caller: &Caller<'_>,
        question: &Question<'_>,
        now: i64,
        answer: impl FnOnce(&Asked<'_>) -> R,
    ) -> Result<R, AskError> {
        let known = self.known(caller)?;
        Ok(answer(&self.asked(&known, question, &[], now)?))
    }

    pub(super) fn known<'a>(&self, caller: &Caller<'a>) -> Result<Known<'a>, AskError> {
        Ok(match caller {
            Caller::Session(session) => Known::Session(session),
            Caller::Principal { principal, session_policies } => {
                Known::Principal(self.store.principal(principal)?, *session_policies)
            }
        })
    }

    /// A question ready to be decided; `beside` are further context keys.
    pub(super) fn asked<'a>(
        &'a self,
        known: &'a Known<'a>,
        question: &Question<'a>,
        beside: Entries<'a>,
        now: i64,
    ) -> Result<Asked<'a>, AskError> {
        let given = [question.context, beside];
        let endpoint = given.into_iter().flatten().find(|(name, _)| eq_folded(name, "aws:SourceVpce"));
        let endpoint = match endpoint {
            Some((_, Value::One(endpoint))) => Some(endpoint.as_str()),
            _ => None,
        };
        let governing = self.governing(known, question.resource, endpoint, now)?;
        let owner = governing.owner();
        if let (Some(stated), Owner::Account(own)) = (question.resource_account, owner)
            && stated != own
        {
            return Err(StoreError::Contradiction("aws:ResourceAccount".to_owned()).into());
        }
        let (mut builder, principal) = match known {
            Known::Session(session) => {
                let facts = session.facts();
                (facts.request(question.action, question.resource, owner), facts.principal())
            }
            Known::Principal(principal, _) => {
                let buffers = RequestBuffers::default();
                let (action, resource) = (question.action, question.resource);
                (Request::builder_in(buffers, principal, action, resource, owner), principal)
            }
        };
        if let Some(mode) = question.resource_policy_mode {
            builder = builder.resource_policy_mode(mode);
        }
        for (name, value) in given.into_iter().flatten() {
            match value {
                Value::One(text) => builder.add_one(&**name, text.as_str()),
                Value::Many(texts) => builder.add_many(&**name, texts.iter().map(String::as_str)),
            }
        }
        let builder = timed(governing.supply(principal, builder)?, now);
        let request = builder.build()?;
        let set = governing.policies(question.action)?;
        Ok(Asked { set, request, revision: self.revision(), has_resource: governing.has_resource(), given })
    }

    fn governing<'a>(
        &'a self,
        known: &Known<'a>,
        resource: &'a str,
        endpoint: Option<&str>,
        now: i64,
    ) -> Result<Governing<'a>, StoreError> {
        let mut governing = match known {
            Known::Session(session) => session.governing(&self.store, resource, now)?,
            Known::Principal(principal, _) => self.store.governing(principal, resource)?,
        };
        if let Some(endpoint) = endpoint {
            governing = governing.through(endpoint)?;
        }
        Ok(match known {
            Known::Principal(_, Some(policies)) => governing.with_session_policies(Arc::clone(policies)),
            _ => governing,
        })
    }
}

/// Adds the time, unless the caller states it.
fn timed(builder: RequestBuilder<'_>, now: i64) -> RequestBuilder<'_> {
    let is_given = TIME_KEYS.into_iter().any(|key| builder.context().get(key).is_some());
    if is_given { builder } else { builder.derive_time(now) }
}

impl Asked<'_> {
    /// The decision alone.
    pub fn decide(&self) -> Decision {
        self.set.decide(&self.request)
    }

    /// The decision with the statement that it comes from.
    pub fn decided(&self) -> Decided {
        let decision = self.decide();
        let statement = decision.statement.and_then(|id| Attribution::of(&self.set, id));
        Decided { decision, statement, revision: self.revision }
    }

    /// The whole explanation.
    pub fn explain(&self) -> Explanation {
        let mut explanation = self.set.explain(&self.request);
        explanation.forget_unread(&self.supplied());
        explanation
    }

    /// The decision and the layers that it comes from, without what would change it.
    pub fn explain_decision(&self) -> Explanation {
        let mut explanation = self.set.explain_decision(&self.request);
        explanation.forget_unread(&self.supplied());
        explanation
    }

    /// The names of the keys that the caller did not state.
    pub fn supplied(&self) -> Vec<&str> {
        let is_given = |name: &str| self.given.iter().copied().flatten().any(|(own, _)| eq_folded(own, name));
        self.request.context().entries().map(|(name, _)| name).filter(|name| !is_given(name)).collect()
    }

    /// The keys of the principal and the time that are absent because nobody stated what they are made of, and that a
    /// policy reads.
    pub fn missing(&self) -> Vec<Underived> {
        let context = self.request.context();
        let is_absent = |name: &str| context.get(name).is_none();
        let mut missing = Vec::new();
        for key in PrincipalKey::ALL.into_iter().filter(|key| is_absent(key.name())) {
            if let Err(RequestError::Underivable { key, reason }) = key.value(self.request.principal()) {
                missing.push(Underived { key, reason });
            }
        }
        let reason = "the other key of the time is given, and the clock would contradict it; give both";
        let absent = TIME_KEYS.into_iter().filter(|key| is_absent(key));
        missing.extend(absent.map(|key| Underived { key, reason }));
        missing.retain(|missing| self.reads(missing.key));
        missing
    }

    /// Whether a policy reads a context key.
    fn reads(&self, key: &str) -> bool {
        let policies = Layer::ALL.into_iter().filter_map(|layer| self.set.layer(layer)).flatten();
        policies.flat_map(|one| one.policy.reads()).any(|read| eq_folded(read, key))
    }

    /// The value of a single-valued context key of the request.
    pub fn context_value(&self, name: &str) -> Option<&str> {
        match self.request.context().get(name) {
            Some(ContextValue::One(text)) => Some(text),
            _ => None,
        }
    }
}

impl Attribution {
    /// The statement with an id.
    pub fn of(set: &PolicySet, id: StatementId) -> Option<Self> {
        let attachment = set.layer(id.layer)?.get(id.level as usize)?;
        let document = attachment.policy.documents().get(id.policy as usize)?;
        let statement = document.statements().get(id.statement as usize)?;
        let line = document.source().position(statement.span.start).line;
        let sid = statement.sid.as_ref().map(|sid| sid.value.clone());
        Some(Self { id, policy: document.name().to_owned(), sid, line })
    }
}

impl fmt::Display for Attribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sid {
            Some(sid) => write!(f, "statement `{sid}` of {}:{}", self.policy, self.line),
            None => write!(f, "the statement at {}:{}", self.policy, self.line),
        }
    }
}
