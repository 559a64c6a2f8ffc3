//! One case as written, and the policy set that it describes.
//!
//! ```json
//! {"id": "own-prefix", "request": {"principal": "…", "action": "…", "resource": "…", "context": {}},
//!  "policies": {"identity": [{"name": "p", "policy": {…}}], "resource": null, "permissions_boundary": null,
//!               "session": null, "scps": null, "rcps": null, "vpc_endpoint": null},
//!  "expect": "allowed"}
//! ```
//! In the place of `request` may stand `call`, the checks of one API call. `null` is a layer that is not in use, `[]` one that allows nothing. Other members are for people and are ignored,
//! but a key that stands twice is refused wherever it stands.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::compile::{CompileError, CompiledPolicy};
use crate::evaluate::{Outcome, PolicySet, PolicySetError};
use crate::policy::{Document, Kind, Limits, Rejected};
use crate::request::document::RequestDocument;
use crate::request::limits::RequestLimits;
use crate::request::owner::is_role_assumption;
use crate::request::{Request, RequestError};
use crate::text::diagnostic::bounded;
use crate::text::json::{self, JsonLimits};

/// A case as written; its parts are texts that are read on demand.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// Its name, echoed in the answer.
    pub id: Cow<'a, str>,
    /// The JSON form of the request, or of the call.
    pub request: &'a str,
    /// Whether it asks about a call, by all of its checks.
    pub is_call: bool,
    /// The JSON form of the policies.
    pub policies: &'a str,
    /// The expected decision.
    pub expect: Option<Expectation>,
}

/// The decision that a case expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expectation {
    /// Allowed.
    Allowed,
    /// A Deny applies.
    ExplicitDeny,
    /// An Allow is missing.
    ImplicitDeny,
    /// Either deny.
    Denied,
    /// A document or the request is refused.
    Error,
}

/// Why a case cannot be decided.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// The line is not a case.
    #[error("not a case: {0}")]
    Line(String),
    /// The request is refused.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The member `call` is not of its form, or cannot be decided by the policies of a case.
    #[error("not the call of a case: {0}")]
    Call(String),
    /// The member `policies` is not of its form.
    #[error("not the policies of a case: {0}")]
    Policies(String),
    /// A document is refused.
    #[error(transparent)]
    Rejected(#[from] Box<Rejected>),
    /// Documents cannot be compiled together.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Policies cannot make a set.
    #[error(transparent)]
    Set(#[from] PolicySetError),
}

impl CaseError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Line(_) => "INVALID_CASE",
            Self::Request(error) => error.code(),
            Self::Call(_) => "INVALID_CASE_CALL",
            Self::Policies(_) => "INVALID_CASE_POLICIES",
            Self::Rejected(_) => "POLICY_REJECTED",
            Self::Compile(_) | Self::Set(_) => "POLICIES_REJECTED",
        }
    }
}

impl Expectation {
    /// Whether an outcome, or an error where there is none, is what was expected.
    pub fn is_met(self, outcome: Option<Outcome>) -> bool {
        match self {
            Self::Allowed => outcome == Some(Outcome::Allowed),
            Self::ExplicitDeny => outcome == Some(Outcome::ExplicitDeny),
            Self::ImplicitDeny => outcome == Some(Outcome::ImplicitDeny),
            Self::Denied => matches!(outcome, Some(Outcome::ExplicitDeny | Outcome::ImplicitDeny)),
            Self::Error => outcome.is_none(),
        }
    }
}

impl<'a> Case<'a> {
    /// Reads a line.
    pub fn parse(line: &'a str) -> Result<Self, CaseError> {
        serde_json::from_str(line).map_err(|error| CaseError::Line(bounded(&error.to_string())))
    }

    /// The request's document.
    pub fn request_document(&self, limits: &RequestLimits) -> Result<RequestDocument<'a>, RequestError> {
        if self.is_call {
            return Err(RequestError::Json("the case asks about a call, not about one request".to_owned()));
        }
        RequestDocument::parse(self.request, limits)
    }
}

/// Reads and compiles the `policies` of a case. For which request matters in one point: the resource-based policy of
/// a role assumption is a trust policy.
pub fn policy_set(policies: &str, request: &Request<'_>, limits: &Limits) -> Result<PolicySet, CaseError> {
    policy_set_for(policies, resource_kind(request), limits)
}

/// The set, its resource-based policy being of a kind.
pub(super) fn policy_set_for(
    policies: &str,
    resource_kind: Kind,
    limits: &Limits,
) -> Result<PolicySet, CaseError> {
    let Object(read): Object<Policies<'_>> =
        serde_json::from_str(policies).map_err(|error| CaseError::Policies(bounded(&error.to_string())))?;
    let mut set = PolicySet::builder();
    if let Some(list) = &read.identity {
        set = set.identity(attachment(Kind::Identity, list, limits)?);
    }
    if let Some(list) = &read.permissions_boundary {
        set = set.permissions_boundary(attachment(Kind::PermissionsBoundary, list, limits)?);
    }
    if let Some(list) = &read.session {
        set = set.session(attachment(Kind::Session, list, limits)?);
    }
    if let Some(policy) = read.resource {
        let document = parse(resource_kind, "resource", policy.get(), limits)?;
        set = set.resource(CompiledPolicy::compile(&[document])?);
    }
    if let Some(list) = &read.vpc_endpoint {
        set = set.vpc_endpoint(attachment(Kind::VpcEndpoint, list, limits)?);
    }
    if let Some(levels) = &read.scps {
        set = set.scps(attachments(Kind::Scp, levels, limits)?);
    }
    if let Some(levels) = &read.rcps {
        set = set.rcps(attachments(Kind::Rcp, levels, limits)?);
    }
    Ok(set.build()?)
}

/// The kind of document that a request meets as its resource-based policy.
pub fn resource_kind(request: &Request<'_>) -> Kind {
    if is_role_assumption(request.action(), request.resource()) { Kind::TrustInUse } else { Kind::Resource }
}

/// The levels of an SCP or RCP. An empty one is two characters long and a compiled policy all the same.
fn attachments(
    kind: Kind,
    levels: &[Vec<Object<Named<'_>>>],
    limits: &Limits,
) -> Result<Vec<Arc<CompiledPolicy>>, CaseError> {
    few(levels, limits)?;
    levels.iter().map(|level| attachment(kind, level, limits)).collect()
}

/// Refuses a list with more values than one may have.
fn few<T>(list: &[T], limits: &Limits) -> Result<(), CaseError> {
    if list.len() > limits.values {
        return Err(CaseError::Policies(format!("a list of more than {} policies or levels", limits.values)));
    }
    Ok(())
}

fn attachment(
    kind: Kind,
    list: &[Object<Named<'_>>],
    limits: &Limits,
) -> Result<Arc<CompiledPolicy>, CaseError> {
    few(list, limits)?;
    let documents: Vec<_> = list
        .iter()
        .map(|Object(one)| parse(kind, &one.name, one.policy.get(), limits))
        .collect::<Result<_, _>>()?;
    Ok(CompiledPolicy::compile(&documents)?)
}

fn parse(kind: Kind, name: &str, json: &str, limits: &Limits) -> Result<Document, CaseError> {
    match Document::parse(kind, name, json, limits) {
        Ok(parsed) => Ok(parsed.document),
        Err(rejected) => Err(CaseError::Rejected(Box::new(rejected))),
    }
}

/// A struct written as an object: serde also takes an array of its fields in order, which nobody means.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        if !raw.starts_with('{') {
            return Err(D::Error::custom("expected an object"));
        }
        serde_json::from_str(raw).map(Self).map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policies<'a> {
    #[serde(borrow, default)]
    identity: Option<Vec<Object<Named<'a>>>>,
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(borrow, default)]
    permissions_boundary: Option<Vec<Object<Named<'a>>>>,
    #[serde(borrow, default)]
    session: Option<Vec<Object<Named<'a>>>>,
    #[serde(borrow, default)]
    scps: Option<Vec<Vec<Object<Named<'a>>>>>,
    #[serde(borrow, default)]
    rcps: Option<Vec<Vec<Object<Named<'a>>>>>,
    #[serde(borrow, default)]
    vpc_endpoint: Option<Vec<Object<Named<'a>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    policy: &'a RawValue,
}

impl<'de: 'a, 'a> Deserialize<'de> for Case<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members { id, asked, policies, expect } = Members::<&'de RawValue>::deserialize(deserializer)?;
        let (request, is_call) = match asked {
            Asked::Request(request) => (request.get(), false),
            Asked::Call(call) => (call, true),
        };
        Ok(Self { id, request, is_call, policies, expect })
    }
}

/// The members of a case, the request in a form that can be chosen.
pub(super) struct Members<'a, R> {
    pub(super) id: Cow<'a, str>,
    pub(super) asked: Asked<'a, R>,
    pub(super) policies: &'a str,
    pub(super) expect: Option<Expectation>,
}

/// What a case asks about.
pub(super) enum Asked<'a, R> {
    Request(R),
    Call(&'a str),
}

/// A request that is read with the case around it. What it is refused for is told by [`Case::request_document`].
pub(super) struct Read<'a>(pub(super) RequestDocument<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Read<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadVisitor)
    }
}

/// Visits objects only: serde also takes an array of the fields in order, which nobody means.
struct ReadVisitor;

impl<'de> Visitor<'de> for ReadVisitor {
    type Value = Read<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a request object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Read<'de>, A::Error> {
        RequestDocument::deserialize(MapAccessDeserializer::new(map)).map(Read)
    }
}

impl<'de: 'a, 'a, R: Deserialize<'de>> Deserialize<'de> for Members<'a, R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(CaseVisitor(PhantomData))
    }
}

struct CaseVisitor<R>(PhantomData<R>);

/// A text that borrows where it can.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de, R: Deserialize<'de>> Visitor<'de> for CaseVisitor<R> {
    type Value = Members<'de, R>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a case object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut id, mut request, mut call, mut policies, mut expect) = (None, None, None, None, None);
        // PERF: most cases have no other member, and the set holds nothing.
        let mut others: HashSet<Cow<'de, str>> = HashSet::new();
        while let Some(Text(key)) = map.next_key::<Text<'de>>()? {
            let is_new = match &*key {
                "id" => id.is_none(),
                "request" => request.is_none(),
                "call" => call.is_none(),
                "policies" => policies.is_none(),
                "expect" => expect.is_none(),
                _ => others.insert(key.clone()),
            };
            if !is_new {
                return Err(A::Error::custom(format_args!("the key `{key}` stands twice")));
            }
            match &*key {
                "id" => id = Some(map.next_value::<Text<'de>>()?.0),
                "request" => request = Some(map.next_value::<R>()?),
                "call" => call = Some(map.next_value::<&'de RawValue>()?.get()),
                "policies" => policies = Some(map.next_value::<&'de RawValue>()?.get()),
                "expect" => expect = Some(map.next_value::<Option<Expectation>>()?),
                _ => unknown_member(map.next_value::<&'de RawValue>()?.get())?,
            }
        }
        Ok(Members {
            id: id.ok_or_else(|| A::Error::missing_field("id"))?,
            asked: match (request, call) {
                (Some(request), None) => Asked::Request(request),
                (None, Some(call)) => Asked::Call(call),
                (Some(_), Some(_)) => return Err(A::Error::custom("`call` beside `request`")),
                (None, None) => return Err(A::Error::missing_field("request")),
            },
            policies: policies.ok_or_else(|| A::Error::missing_field("policies"))?,
            expect: expect.flatten(),
        })
    }
}

/// A member for people: it is ignored, unless a key stands twice in it.
fn unknown_member<E: Error>(raw: &str) -> Result<(), E> {
    if !raw.starts_with(['{', '[']) {
        return Ok(());
    }
    let limits = JsonLimits { bytes: raw.len(), depth: 64, string: raw.len() };
    match json::parse(raw, &limits).1.first() {
        Some(problem) => Err(E::custom(&problem.message)),
        None => serde_json::from_str::<IgnoredAny>(raw).map(|_| ()).map_err(E::custom),
    }
}
