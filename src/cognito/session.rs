//! A session: a role that was assumed for an identity, and what that fixes.
//!
//! Its requests are made through [`Session::facts`], which asks for the time and refuses once the session is over: the
//! only way from a session to a request. What the session fixes is sealed; no request may state it otherwise.
//!
//! See the IAM User Guide, "AWS global condition context keys" and "Available keys for AWS web identity federation".

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::compile::{CompileError, CompiledPolicy};
use crate::policy::Document;
use crate::request::{Principal, RequestError, SessionFacts, SessionFactsBuilder};
use crate::text::arn::Arn;
use crate::text::diagnostic::excerpt;

use super::assume::TrustAnswer;
use super::role::DURATIONS;
use super::tags::{self, TagError, Tags};
use super::web_identity::is_identity_id;
use super::{COGNITO, written};

/// Families of keys of which a session has those of its pool alone.
const CLOSED: [&str; 8] = [
    "aws:PrincipalTag/",
    "cognito-identity.amazonaws.com:",
    "cognito-idp.",
    "accounts.google.com:",
    "appleid.apple.com:",
    "graph.facebook.com:",
    "www.amazon.com:",
    "saml:",
];

/// Keys that such a session never has.
const ABSENT: [&str; 3] = ["aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:SourceIdentity"];

/// How the role was assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// By the pool: it chose the role, and guests are scoped down.
    Enhanced,
    /// By the caller, with the pool's token.
    Classic,
}

/// A session; cheap to clone.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    parts: SessionParts,
    facts: SessionFacts,
    policies: Option<SessionPolicies>,
}

struct SessionPolicies {
    documents: Vec<Document>,
    compiled: Arc<CompiledPolicy>,
}

/// What a session is made of, as its file tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SessionParts {
    /// How the role was assumed.
    pub flow: Flow,
    /// The pool's id: `cognito-identity.amazonaws.com:aud`.
    pub pool: String,
    /// The identity's id: `cognito-identity.amazonaws.com:sub`.
    pub identity: String,
    /// How it signed in: `cognito-identity.amazonaws.com:amr`.
    pub amr: Vec<String>,
    /// The role, with its path.
    pub role_arn: String,
    /// The role's unique id.
    pub role_id: String,
    /// Why it is this role.
    pub role_reason: String,
    /// What the role's trust policy said.
    pub trust: Vec<TrustAnswer>,
    /// The session's name.
    pub session_name: String,
    /// Session tags.
    pub tags: Tags,
    /// The role's own tags.
    pub role_tags: Tags,
    /// Whether requests have the keys of the pool.
    pub identity_keys: bool,
    /// When the role was assumed: `aws:TokenIssueTime`.
    pub issued_at: i64,
    /// When the session is over.
    pub expires_at: i64,
}

/// Why a session cannot be made, or not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// It is over.
    #[error("the session expired at {}; it is {}: sign in again", written(*.at), written(*.now))]
    Expired {
        /// When.
        at: i64,
        /// The caller's clock.
        now: i64,
    },
    /// It has not begun.
    #[error("the session begins at {}; it is {}", written(*.at), written(*.now))]
    NotBegun {
        /// When.
        at: i64,
        /// The caller's clock.
        now: i64,
    },
    /// It is of another pool.
    #[error("the session is of the identity pool {}, not of {}", excerpt(.found), excerpt(.wanted))]
    OtherPool {
        /// Its pool.
        found: String,
        /// The pool that it was to be of.
        wanted: String,
    },
    /// A part that no session has.
    #[error("the session's `{part}` {problem}")]
    Part {
        /// Which.
        part: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// Its tags.
    #[error("the session's tags are refused: {0}")]
    Tags(#[from] TagError),
    /// Its context keys.
    #[error("the session's context is refused: {0}")]
    Context(#[from] RequestError),
    /// Its session policies.
    #[error("the session policies are refused: {0}")]
    Policies(#[from] CompileError),
    /// A session file.
    #[error("not a session file: {0}")]
    File(String),
}

impl Session {
    /// A session of these parts.
    ///
    /// # Errors
    /// They contradict themselves, or are not what a session has.
    pub(super) fn new(parts: SessionParts, policies: Option<Vec<Document>>) -> Result<Self, SessionError> {
        parts.check()?;
        let facts = facts(&parts)?;
        let policies = policies
            .map(|documents| {
                CompiledPolicy::compile(&documents).map(|compiled| SessionPolicies { documents, compiled })
            })
            .transpose()?;
        Ok(Self(Arc::new(Inner { parts, facts, policies })))
    }

    /// What the session fixes, while it lasts: requests and bound policies are made from it.
    ///
    /// ```no_run
    /// # fn ask(session: verdikt::cognito::Session, role: verdikt::PolicySet, now: i64) -> Result<(), Box<dyn std::error::Error>> {
    /// use verdikt::Owner;
    /// let facts = session.facts(now)?;
    /// let key = "arn:aws:s3:::photos/us-east-1:alice/cat.jpg";
    /// let request = facts.request("s3:GetObject", key, Owner::Account("111122223333")).build()?;
    /// println!("{}", role.explain(&request));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The session is over, or has not begun.
    pub fn facts(&self, now: i64) -> Result<&SessionFacts, SessionError> {
        let SessionParts { issued_at, expires_at, .. } = self.0.parts;
        if now >= expires_at {
            return Err(SessionError::Expired { at: expires_at, now });
        }
        // The clocks of two machines may differ by as much as tokens allow for by default.
        if now.saturating_add(60) < issued_at {
            return Err(SessionError::NotBegun { at: issued_at, now });
        }
        Ok(&self.0.facts)
    }

    /// The session, if it is of a pool.
    ///
    /// # Errors
    /// It is of another.
    pub fn of_pool(&self, pool: &str) -> Result<&Self, SessionError> {
        let found = &self.0.parts.pool;
        if found == pool {
            return Ok(self);
        }
        Err(SessionError::OtherPool { found: found.clone(), wanted: pool.to_owned() })
    }

    /// The session policies, compiled: the layer `session` of the policy sets that govern it. `None`: there are none.
    pub fn session_policies(&self) -> Option<&Arc<CompiledPolicy>> {
        self.0.policies.as_ref().map(|policies| &policies.compiled)
    }

    /// The session policies as documents.
    pub fn session_documents(&self) -> Option<&[Document]> {
        self.0.policies.as_ref().map(|policies| policies.documents.as_slice())
    }

    /// What it is made of.
    pub fn parts(&self) -> &SessionParts {
        &self.0.parts
    }

    /// Who asks: the assumed role.
    pub fn principal(&self) -> &Principal {
        self.0.facts.principal()
    }

    /// The tags that its requests have: the session's over the role's.
    pub fn principal_tags(&self) -> Tags {
        self.0.parts.principal_tags()
    }

    /// Whether it is a guest's.
    pub fn is_guest(&self) -> bool {
        self.0.parts.amr.first().is_none_or(|first| first != "authenticated")
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Session").field(&self.0.parts).finish()
    }
}

impl SessionParts {
    /// Whether a session can be made of these.
    ///
    /// # Errors
    /// The first part that cannot be.
    pub fn check(&self) -> Result<(), SessionError> {
        let bad = |part, problem| Err(SessionError::Part { part, problem });
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
        let lasts = self.expires_at.saturating_sub(self.issued_at);
        let is_guest = self.amr == ["unauthenticated"];
        let is_signed_in =
            self.amr.len() > 1 && self.amr.first().is_some_and(|first| first == "authenticated");
        match () {
            () if !is_identity_id(&self.pool) => bad("pool", "is not `REGION:GUID`"),
            () if !is_identity_id(&self.identity) => bad("identity", "is not `REGION:GUID`"),
            () if !is_guest && !is_signed_in => {
                bad("amr", "is neither `unauthenticated` alone nor `authenticated` and a provider")
            }
            () if !(2..=64).contains(&self.session_name.len()) || !self.session_name.bytes().all(is_name) => {
                bad("session_name", "has not 2 to 64 letters, digits and `_+=,.@-`")
            }
            () if !(1..=*DURATIONS.end()).contains(&lasts) => {
                bad("expires_at", "is not within twelve hours after `issued_at`")
            }
            () => {
                tags::check(&self.tags)?;
                tags::check(&self.role_tags)?;
                Ok(())
            }
        }
    }

    fn principal_tags(&self) -> Tags {
        tags::overlaid(&self.role_tags, &self.tags)
    }

    fn principal(&self) -> Result<Principal, SessionError> {
        let bad = SessionError::Part { part: "role_arn", problem: "is not the ARN of a role" };
        let Some(arn) = Arn::parse(&self.role_arn).filter(|arn| arn.service() == "iam") else {
            return Err(bad);
        };
        let Some(name) = arn.resource().strip_prefix("role") else { return Err(bad) };
        let Some((path, name)) = name.rsplit_once('/') else { return Err(bad) };
        let (partition, account, session) = (arn.partition(), arn.account(), &self.session_name);
        let text = format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}");
        Ok(Principal::parse(&text)?.with_role_path(&format!("{path}/"))?.with_unique_id(&self.role_id)?)
    }
}

/// Everything that the session fixes.
fn facts(parts: &SessionParts) -> Result<SessionFacts, SessionError> {
    let mut facts = SessionFacts::builder(parts.principal()?)
        .derive_principal_keys()
        .present("aws:FederatedProvider", COGNITO)
        .present("aws:TokenIssueTime", written(parts.issued_at));
    if parts.identity_keys {
        facts = facts
            .present(format!("{COGNITO}:sub"), &parts.identity)
            .present(format!("{COGNITO}:aud"), &parts.pool)
            .present_many(format!("{COGNITO}:amr"), &parts.amr);
    }
    for (key, value) in parts.principal_tags() {
        facts = facts.present(format!("aws:PrincipalTag/{key}"), value);
    }
    facts = CLOSED.into_iter().fold(facts, SessionFactsBuilder::closed);
    facts = ABSENT.into_iter().fold(facts, SessionFactsBuilder::absent);
    Ok(facts.build()?)
}
