//! Assuming a role with what a pool vouches for: the role's trust policy is decided by the engine, as the resource-based
//! policy of `sts:AssumeRoleWithWebIdentity` on the role; and of `sts:TagSession` too where there are tags.

use serde::{Deserialize, Serialize};

use crate::evaluate::explain::{LayerState, StatementExplanation};
use crate::evaluate::{Explanation, PolicySet, PolicySetError};
use crate::policy::{Document, Rejected};
use crate::request::{Owner, Principal, Request, RequestError};
use crate::text::diagnostic::excerpt;

use super::COGNITO;
use super::role::{DURATIONS, Role};
use super::session::{Flow, Session, SessionError, SessionParts};
use super::web_identity::WebIdentity;
use super::written;

/// The session name of the enhanced flow.
pub const SESSION_NAME: &str = "CognitoIdentityCredentials";

/// Seconds of a session whose duration is not said.
pub const HOUR: i64 = 3_600;

/// How a caller assumes a role itself, in the classic flow.
#[derive(Clone, Debug, Default)]
pub struct AssumeRole {
    /// `RoleSessionName`: 2 to 64 letters, digits and `_+=,.@-`.
    pub session_name: String,
    /// `DurationSeconds`; an hour if not said.
    pub duration: Option<i64>,
    /// Session policies; `None`: the session may do all that the role may.
    pub session_policies: Option<Vec<Document>>,
}

/// What a role's trust policy said to one action.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrustAnswer {
    /// `sts:AssumeRoleWithWebIdentity` or `sts:TagSession`.
    pub action: String,
    /// The statement that allowed it: its Sid, the policy's name and the line.
    pub allowed_by: String,
}

/// Why a role is not assumed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssumeError {
    /// The trust policy does not allow it.
    #[error("not authorized to perform {action} on {}: the role's trust policy does not allow it", excerpt(.role))]
    Refused {
        /// The action.
        action: &'static str,
        /// The role.
        role: String,
        /// Why.
        explanation: Box<Explanation>,
    },
    /// The pool's voucher is over, or not begun.
    #[error("the identity was vouched for until {}; it is {}", written(*.until), written(*.now))]
    Expired {
        /// Until when.
        until: i64,
        /// The caller's clock.
        now: i64,
    },
    /// A duration that the role or STS does not allow.
    #[error("a session of {seconds} seconds: this role allows {} to {max}", DURATIONS.start())]
    Duration {
        /// What was asked for.
        seconds: i64,
        /// The role's longest.
        max: i64,
    },
    /// Session policies that are longer than STS takes.
    #[error("the session policies have more than 2,048 characters together")]
    PolicyTooLong,
    /// The request of the trust policy cannot be made.
    #[error("the trust policy cannot be asked: {0}")]
    Request(#[from] RequestError),
    /// The policies of the role cannot make a set.
    #[error("the trust policy cannot be asked: {0}")]
    Set(#[from] PolicySetError),
    /// The session cannot be made.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A session policy of the enhanced flow cannot be read.
    #[error(transparent)]
    ScopeDown(#[from] Box<Rejected>),
}

/// How and when a role is assumed.
pub(super) struct Terms<'a> {
    pub(super) flow: Flow,
    pub(super) session_name: &'a str,
    pub(super) role_reason: String,
    pub(super) duration: i64,
    pub(super) session_policies: Option<Vec<Document>>,
    /// Whether the session has the pool's context keys.
    pub(super) identity_keys: bool,
    pub(super) now: i64,
}

/// Assumes a role.
pub(super) fn assume(web: &WebIdentity, role: &Role, terms: Terms<'_>) -> Result<Session, AssumeError> {
    let Terms { flow, session_name, role_reason, duration, session_policies, identity_keys, now } = terms;
    if now >= web.expires_at {
        return Err(AssumeError::Expired { until: web.expires_at, now });
    }
    if !DURATIONS.contains(&duration) || duration > role.max_duration() {
        return Err(AssumeError::Duration { seconds: duration, max: role.max_duration() });
    }
    let parts = SessionParts {
        flow,
        pool: web.pool.clone(),
        identity: web.identity.clone(),
        amr: web.amr.clone(),
        role_arn: role.arn().to_owned(),
        role_id: role.unique_id().to_owned(),
        role_reason,
        trust: Vec::new(),
        session_name: session_name.to_owned(),
        tags: web.tags.clone(),
        role_tags: role.tags().clone(),
        identity_keys,
        issued_at: now,
        expires_at: now.saturating_add(duration),
    };
    parts.check()?;
    let trust = trusted(web, role, session_name)?;
    Ok(Session::new(SessionParts { trust, ..parts }, session_policies)?)
}

/// What the trust policy says, action by action.
fn trusted(web: &WebIdentity, role: &Role, session_name: &str) -> Result<Vec<TrustAnswer>, AssumeError> {
    let mut set = PolicySet::builder().resource(role.trust().clone());
    if !role.rcps().is_empty() {
        set = set.rcps(role.rcps().to_vec());
    }
    let set = set.build()?;
    let principal = Principal::web_identity(COGNITO)?;
    let tag_session = (!web.tags.is_empty()).then_some("sts:TagSession");
    let actions = std::iter::once("sts:AssumeRoleWithWebIdentity").chain(tag_session);
    actions.map(|action| answer(&set, &principal, web, role, session_name, action)).collect()
}

fn answer(
    set: &PolicySet,
    principal: &Principal,
    web: &WebIdentity,
    role: &Role,
    session_name: &str,
    action: &'static str,
) -> Result<TrustAnswer, AssumeError> {
    let mut request = Request::builder(principal, action, role.arn(), Owner::Account(role.account()))
        .one(format!("{COGNITO}:aud"), web.pool.as_str())
        .one(format!("{COGNITO}:sub"), web.identity.as_str())
        .many(format!("{COGNITO}:amr"), web.amr.iter().map(String::as_str))
        .one("sts:RoleSessionName", session_name);
    for (key, value) in &web.tags {
        request = request.one(format!("aws:RequestTag/{key}"), value.as_str());
    }
    if !web.tags.is_empty() {
        request = request.many("aws:TagKeys", web.tags.keys().map(String::as_str));
    }
    if !web.transitive.is_empty() {
        request = request.many("sts:TransitiveTagKeys", web.transitive.iter().map(String::as_str));
    }
    let explanation = set.explain(&request.build()?);
    if explanation.decision.is_allowed() {
        return Ok(TrustAnswer { action: action.to_owned(), allowed_by: deciding(&explanation) });
    }
    let role = role.arn().to_owned();
    Err(AssumeError::Refused { action, role, explanation: Box::new(explanation) })
}

/// The statement that decided, in words.
fn deciding(explanation: &Explanation) -> String {
    let evaluated = explanation.layers.iter().filter_map(|layer| match &layer.state {
        LayerState::Evaluated(statements) => Some(statements),
        LayerState::NotInUse | LayerState::Exempt(_) => None,
    });
    let id = explanation.decision.statement;
    let found = evaluated.flatten().find(|statement| Some(statement.id) == id);
    found.map_or_else(String::new, |StatementExplanation { policy, sid, line, .. }| {
        let sid = sid
            .as_ref()
            .map_or_else(|| "a statement".to_owned(), |sid| format!("statement {}", excerpt(sid)));
        format!("{sid} of {}, line {line}", excerpt(policy))
    })
}
