//! Building a request is preparing it; every error of a request is raised here.

use std::borrow::Cow;

use crate::text::arn::is_account_id;
use crate::text::arn_pattern::ResourceText;

use super::Request;
use super::action::ActionText;
use super::context::{Context, ContextValue};
use super::error::RequestError;
use super::limits::RequestLimits;
use super::owner::{Owner, ResourcePolicyMode};
use super::path::PathHashes;
use super::principal::Principal;

/// Collects a request; the first error waits for [`build`](Self::build).
#[derive(Debug)]
pub struct RequestBuilder<'a> {
    pub(super) principal: &'a Principal,
    action: &'a str,
    resource: &'a str,
    owner: Owner<'a>,
    mode: Option<ResourcePolicyMode>,
    context: Context<'a>,
    limits: RequestLimits,
    bytes: usize,
    error: Option<RequestError>,
}

impl<'a> RequestBuilder<'a> {
    pub(super) fn new(
        principal: &'a Principal,
        action: &'a str,
        resource: &'a str,
        owner: Owner<'a>,
    ) -> Self {
        Self {
            principal,
            action,
            resource,
            owner,
            mode: None,
            context: Context::default(),
            limits: RequestLimits::default(),
            bytes: action.len().saturating_add(resource.len()),
            error: None,
        }
    }

    /// Other limits than the default ones.
    #[must_use]
    pub fn limits(mut self, limits: RequestLimits) -> Self {
        self.limits = limits;
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
        let value = value.into();
        self.measure(&value);
        self.insert(name.into(), ContextValue::One(value));
        self
    }

    /// A multivalued key; without values it counts as absent.
    #[must_use]
    pub fn many<I>(mut self, name: impl Into<Cow<'a, str>>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Cow<'a, str>>,
    {
        let values: Vec<_> = values.into_iter().map(Into::into).collect();
        for value in &values {
            self.measure(value);
        }
        if values.len() > self.limits.values {
            self.fail(RequestError::Limit { what: "values of one key", limit: self.limits.values });
        }
        self.insert(name.into(), ContextValue::Many(values));
        self
    }

    /// The request, or the first thing that is wrong with it.
    pub fn build(self) -> Result<Request<'a>, RequestError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.resource.len().max(self.action.len()) > self.limits.string {
            return Err(RequestError::Limit { what: "bytes in one text", limit: self.limits.string });
        }
        if self.bytes > self.limits.bytes {
            return Err(RequestError::Limit { what: "bytes", limit: self.limits.bytes });
        }
        let action =
            ActionText::parse(self.action).ok_or_else(|| RequestError::Action(self.action.to_owned()))?;
        let resource = ResourceText::new(self.resource);
        if self.resource != "*" && resource.fields().is_none() {
            return Err(RequestError::Resource(self.resource.to_owned()));
        }
        let owner = match self.owner {
            Owner::Account(account) if !is_account_id(account) => {
                return Err(RequestError::Account(account.to_owned()));
            }
            _ if self.resource == "*" => Owner::Nobody,
            // Only `*` is nobody's: a caller that says so of an ARN does not know the owner.
            Owner::Nobody => Owner::Unknown,
            owner => owner,
        };
        let mode = self.mode.unwrap_or_else(|| ResourcePolicyMode::of(&action, &resource));
        let paths = resource.fields().map(|fields| PathHashes::new(fields[5])).unwrap_or_default();
        Ok(Request { principal: self.principal, action, resource, paths, owner, mode, context: self.context })
    }

    pub(super) fn fail(&mut self, error: RequestError) {
        self.error.get_or_insert(error);
    }

    /// Counts a text against the limits.
    fn measure(&mut self, text: &str) {
        self.bytes = self.bytes.saturating_add(text.len());
        if text.len() > self.limits.string {
            self.fail(RequestError::Limit { what: "bytes in one text", limit: self.limits.string });
        }
    }

    fn insert(&mut self, name: Cow<'a, str>, value: ContextValue<'a>) {
        self.measure(&name);
        if self.context.len() >= self.limits.keys {
            self.fail(RequestError::Limit { what: "context keys", limit: self.limits.keys });
        } else if self.error.is_none()
            && let Err(error) = self.context.insert(name, value)
        {
            self.fail(error);
        }
    }
}
