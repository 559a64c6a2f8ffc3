//! The checks of one API call, before who asks and what governs are known. Who makes them of a call stands above
//! (`service`); who decides them, or tests policies with them, needs no more than this.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::request::{Owner, Principal, Request, RequestBuilder, SessionFacts};

use super::call::{CallCheck, Combination};
use super::set::PolicySet;

/// What one API call asks of the policies: one or more checks and how they combine.
///
/// As JSON: `{"service", "operation", "combination": "allOf" | "each" | "noneNeeded", "checks": [{"action", "resource", "context",
/// "part"?}]}`, where a single-valued key is a string and a multivalued one an array, as in the JSON form of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiCall {
    /// The service's prefix in action names: `s3`, `dynamodb`.
    pub service: &'static str,
    /// The operation by the name of the service's API reference, such as `CopyObject`.
    pub operation: &'static str,
    /// What one denied check means for the rest.
    pub combination: Combination,
    /// In the order in which a refusal is reported; none only for an operation that needs no permission
    /// (`DescribeEndpoints` of DynamoDB), whose combination is [`Combination::NoneNeeded`].
    pub checks: Vec<Check>,
}

/// One authorization request: who asks, and who owns the resource, are the caller's to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `service:Name`, as the service authorization reference spells it.
    pub action: Cow<'static, str>,
    /// The ARN, or `*` for an action without resource-level support.
    pub resource: String,
    /// Condition keys of the call, by name. A key that is not here is absent.
    #[serde(serialize_with = "as_map")]
    pub context: Vec<(Cow<'static, str>, Value)>,
    /// The part of the call that this check stands for where there are several: the number, from 0, of the key of
    /// `DeleteObjects`, of the statement of a batch, of the member of a transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<u32>,
}

/// The value of a condition key; single-valued and multivalued keys differ, even with one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A single-valued key.
    One(String),
    /// A multivalued key.
    Many(Vec<String>),
}

impl ApiCall {
    /// The buckets and tables that the checks are on: what has a resource-based policy of its own.
    pub fn roots(&self) -> BTreeSet<&str> {
        self.checks.iter().map(|check| root(&check.resource)).collect()
    }

    /// The checks as `evaluate` takes them, each with the policies and the request that `govern` gives for it; decide them
    /// with [`CallDecision::decide`](crate::evaluate::CallDecision::decide).
    pub fn governed<'a, E>(
        &'a self,
        mut govern: impl FnMut(&'a Check) -> Result<(&'a PolicySet, Request<'a>), E>,
    ) -> Result<Vec<CallCheck<'a>>, E> {
        let govern = |check: &'a Check| {
            govern(check).map(|(set, request)| CallCheck { set, request, part: check.part })
        };
        self.checks.iter().map(govern).collect()
    }
}

impl Check {
    /// Starts the request of this check.
    pub fn request<'a>(&'a self, principal: &'a Principal, owner: Owner<'a>) -> RequestBuilder<'a> {
        self.fill(Request::builder(principal, &self.action, &self.resource, owner))
    }

    /// Starts the request of this check in a session. A key that the session seals is refused when it is built.
    pub fn request_of<'a>(&'a self, session: &'a SessionFacts, owner: Owner<'a>) -> RequestBuilder<'a> {
        self.fill(session.request(&self.action, &self.resource, owner))
    }

    fn fill<'a>(&'a self, mut builder: RequestBuilder<'a>) -> RequestBuilder<'a> {
        for (name, value) in &self.context {
            match value {
                Value::One(value) => builder.add_one(&**name, &**value),
                Value::Many(values) => builder.add_many(&**name, values.iter().map(String::as_str)),
            }
        }
        builder
    }
}

/// The bucket or table that a resource belongs to; any other resource is its own.
pub fn root(resource: &str) -> &str {
    let slash = match resource.split(':').nth(2) {
        Some("s3") => 0,
        Some("dynamodb") => 1,
        _ => return resource,
    };
    let end = resource.match_indices('/').nth(slash).map(|(at, _)| at);
    end.and_then(|end| resource.get(..end)).unwrap_or(resource)
}

fn as_map<S: Serializer>(context: &[(Cow<'static, str>, Value)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(context.len()))?;
    for (name, value) in context {
        map.serialize_entry(name, value)?;
    }
    map.end()
}
