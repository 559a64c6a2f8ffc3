//! Building a request is preparing it; every error of a request is raised here.

use std::borrow::Cow;

use crate::text::arn::is_account_id;
use crate::text::arn_pattern::ResourceText;

use super::action::ActionText;
use super::context::Context;
use super::error::RequestError;
use super::limits::RequestLimits;
use super::owner::{Owner, ResourcePolicyMode};
use super::principal::Principal;
use super::session::SessionFacts;
use super::{Request, RequestBuffers};

/// Collects a request; the first error waits for [`build`](Self::build).
#[derive(Debug)]
pub struct RequestBuilder<'a> {
    pub(super) principal: &'a Principal,
    action: &'a str,
    resource: &'a str,
    owner: Owner<'a>,
    mode: Option<ResourcePolicyMode>,
    context: Context<'a>,
    session: Option<&'a SessionFacts>,
    folded: String,
    bytes: usize,
}

impl<'a> RequestBuilder<'a> {
    pub(super) fn new(
        buffers: RequestBuffers,
        principal: &'a Principal,
        action: &'a str,
        resource: &'a str,
        owner: Owner<'a>,
    ) -> Self {
        let mut scratch = buffers.0.unwrap_or_default();
        let folded = std::mem::take(&mut scratch.action);
        Self {
            principal,
            action,
            resource,
            owner,
            mode: None,
            context: Context::on(None, scratch),
            session: None,
            folded,
            bytes: action.len().saturating_add(resource.len()),
        }
    }

    pub(super) fn of_session(
        session: &'a SessionFacts,
        buffers: RequestBuffers,
        action: &'a str,
        resource: &'a str,
        owner: Owner<'a>,
    ) -> Self {
        let mut scratch = buffers.0.unwrap_or_default();
        let folded = std::mem::take(&mut scratch.action);
        Self {
            principal: session.principal(),
            action,
            resource,
            owner,
            mode: None,
            context: Context::on(Some(session.keys()), scratch),
            session: Some(session),
            folded,
            bytes: session.size().bytes.saturating_add(action.len()).saturating_add(resource.len()),
        }
    }

    /// Other limits than the default ones.
    #[must_use]
    pub fn limits(mut self, limits: RequestLimits) -> Self {
        self.context.scratch_mut().limits = limits;
        self
    }

    /// Whether the resource-based policy must allow; not said, the action decides.
    #[must_use]
    pub fn resource_policy_mode(mut self, mode: ResourcePolicyMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// A single-valued key. Booleans, numbers and dates are given as their text.
    #[must_use]
    pub fn one(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.add_one(name, value);
        self
    }

    /// The same in place: what a loop over many keys wants.
    pub fn add_one(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        let (name, value) = (name.into(), value.into());
        self.measure(&value);
        if self.admits(&name)
            && let Err(error) = self.context.one(name, value)
        {
            self.fail(error);
        }
    }

    /// A multivalued key; without values it counts as absent.
    #[must_use]
    pub fn many<I>(mut self, name: impl Into<Cow<'a, str>>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Cow<'a, str>>,
    {
        self.add_many(name, values);
        self
    }

    /// The same in place.
    pub fn add_many<I>(&mut self, name: impl Into<Cow<'a, str>>, values: I)
    where
        I: IntoIterator,
        I::Item: Into<Cow<'a, str>>,
    {
        let name = name.into();
        if !self.admits(&name) {
            return;
        }
        // One more than allowed tells that there are too many.
        let bound = self.context.scratch().limits.values.saturating_add(1);
        match self.context.many(name, values.into_iter().map(Into::into).take(bound)) {
            Ok(()) => self.measure_last(),
            Err(error) => self.fail(error),
        }
    }

    /// The request, or the first thing that is wrong with it.
    pub fn build(mut self) -> Result<Request<'a>, RequestError> {
        // PERF: what is moved is moved here, in the caller; the checks work in place.
        self.check()?;
        let resource = self.split()?;
        let (owner, is_same_account) = self.owned()?;
        let Self { principal, context, session, folded, .. } = self;
        let action = ActionText::parse_in(folded, self.action)
            .ok_or_else(|| RequestError::Action(self.action.to_owned()))?;
        let mode = self.mode.unwrap_or_else(|| ResourcePolicyMode::of(&action, &resource));
        Ok(Request { principal, action, resource, owner, is_same_account, mode, context, session })
    }

    /// The limits, and whatever went wrong before.
    fn check(&mut self) -> Result<(), RequestError> {
        let scratch = self.context.scratch();
        if scratch.error.is_some() {
            return Err(self.first_error());
        }
        let limits = &scratch.limits;
        if let Some(session) = self.session {
            limits.check(self.context.len(), session.size())?;
        }
        let texts = [self.resource.len(), self.action.len(), self.principal.text().len()];
        if texts.into_iter().any(|length| length > limits.string) {
            return Err(RequestError::Limit { what: "bytes in one text", limit: limits.string });
        }
        if self.bytes > limits.bytes {
            return Err(RequestError::Limit { what: "bytes", limit: limits.bytes });
        }
        Ok(())
    }

    /// The resource, split.
    fn split(&self) -> Result<ResourceText<'a>, RequestError> {
        let resource = ResourceText::new(self.resource);
        if resource.is_arn() || self.resource == "*" {
            Ok(resource)
        } else {
            Err(RequestError::Resource(self.resource.to_owned()))
        }
    }

    /// Whose the resource is, and whether its owner is the caller's account.
    fn owned(&self) -> Result<(Owner<'a>, bool), RequestError> {
        let own = self.principal.account();
        let is_own = matches!(self.owner, Owner::Account(account) if own == Some(account));
        match self.owner {
            Owner::Account(account) if !is_own && !is_account_id(account) => {
                Err(RequestError::Account(account.to_owned()))
            }
            _ if self.resource == "*" => Ok((Owner::Nobody, false)),
            // Only `*` is nobody's: a caller that says so of an ARN does not know the owner.
            Owner::Nobody => Ok((Owner::Unknown, false)),
            owner => Ok((owner, is_own)),
        }
    }

    #[cold]
    fn first_error(&mut self) -> RequestError {
        self.context.scratch_mut().error.take().unwrap_or(RequestError::EmptyKey)
    }

    #[cold]
    pub(super) fn fail(&mut self, error: RequestError) {
        self.context.scratch_mut().error.get_or_insert(error);
    }

    /// Counts a text against the limits.
    #[inline]
    fn measure(&mut self, text: &str) {
        self.bytes = self.bytes.saturating_add(text.len());
        if text.len() > self.context.scratch().limits.string {
            self.fail_long();
        }
    }

    #[cold]
    fn fail_long(&mut self) {
        let limit = self.context.scratch().limits.string;
        self.fail(RequestError::Limit { what: "bytes in one text", limit });
    }

    /// Counts the values of the key added last.
    fn measure_last(&mut self) {
        let texts = self.context.last_texts();
        let (count, bytes) =
            (texts.len(), texts.iter().fold(0_usize, |sum, text| sum.saturating_add(text.len())));
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        self.bytes = self.bytes.saturating_add(bytes);
        let limits = self.context.scratch().limits;
        if longest > limits.string {
            self.fail_long();
        }
        if count > limits.values {
            self.fail(RequestError::Limit { what: "values of one key", limit: limits.values });
        }
    }

    /// Whether one more key may be added, by this name.
    #[inline]
    fn admits(&mut self, name: &str) -> bool {
        self.measure(name);
        let is_sealed = self.session.is_some_and(|session| session.denies(name));
        let scratch = self.context.scratch();
        if self.context.len() < scratch.limits.keys && !is_sealed && scratch.error.is_none() {
            return true;
        }
        self.fail_key(name);
        false
    }

    #[cold]
    fn fail_key(&mut self, name: &str) {
        let limit = self.context.scratch().limits.keys;
        if self.context.len() >= limit {
            self.fail(RequestError::Limit { what: "context keys", limit });
        } else if self.session.is_some_and(|session| session.denies(name)) {
            self.fail(RequestError::SealedKey(name.to_owned()));
        }
    }
}
