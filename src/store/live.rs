//! A session that outlives reloads: it is bound to the policies of the store at hand, and bound again when these are
//! others.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::compile::CompiledPolicy;
use crate::request::derive::PrincipalKey;
use crate::request::{Principal, SessionFacts};
use crate::text::fold::{fold_text, folded_hash};

use super::error::StoreError;
use super::governing::{Governing, KnownValue};
use super::revision::Revision;
use super::snapshot::Snapshot;

/// A session over a store: what it fixes, until when it holds, and its policies, bound.
///
/// ```no_run
/// use verdikt::Principal;
/// use verdikt::store::{LiveSession, LoadOptions, Store};
/// let now = 1_790_000_000;
/// let store = Store::open("policies/photo-app".as_ref(), &LoadOptions::default(), now)?;
/// let current = store.current();
/// let user = Principal::parse("arn:aws:sts::111122223333:assumed-role/photo-user/CognitoIdentityCredentials")?;
/// let facts = current
///     .session_facts(&user, &[])?
///     .present("cognito-identity.amazonaws.com:sub", "us-east-1:alice")
///     .build()?;
/// let session = LiveSession::new(facts, now + 3600);
///
/// let resource = "arn:aws:s3:::photo-app/private/us-east-1:alice/cat.jpg";
/// let current = store.current();
/// let governing = session.governing(&current, resource, now)?;
/// let request = session.facts().request("s3:GetObject", resource, governing.owner()).build()?;
/// assert!(governing.policies("s3:GetObject")?.decide(&request).is_allowed());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LiveSession {
    facts: SessionFacts,
    /// Seconds since 1970.
    begins_at: i64,
    expires_at: i64,
    session: Option<Arc<CompiledPolicy>>,
    bound: ArcSwapOption<Bound>,
}

/// A session's policies, bound to it.
#[derive(Debug)]
pub(super) struct Bound {
    revision: Revision,
    facts: SessionFacts,
    /// The keys of the principal that the session does not fix: the others need not be worked out for each request.
    pub(super) open: Vec<PrincipalKey>,
    /// Whether the session fixes every tag of its principal.
    pub(super) closes_tags: bool,
    pub(super) identity: Option<Arc<CompiledPolicy>>,
    pub(super) boundary: Option<Arc<CompiledPolicy>>,
    pub(super) session: Option<Arc<CompiledPolicy>>,
}

impl Bound {
    /// What a session fixes, with no policy yet.
    fn new(facts: &SessionFacts, revision: Revision) -> Self {
        let is_open = |name: &str| facts.sealed(folded_hash(name), name).is_none();
        Self {
            revision,
            facts: facts.clone(),
            open: PrincipalKey::ALL.into_iter().filter(|key| is_open(key.name())).collect(),
            closes_tags: facts.closes("aws:PrincipalTag/"),
            identity: None,
            boundary: None,
            session: None,
        }
    }

    /// Whether the session fixes a key, by the hash of its folded name and the name.
    pub(super) fn fixes(&self, hash: u64, name: &str) -> bool {
        self.facts.sealed(hash, name).is_some()
    }
}

impl LiveSession {
    /// A session that ends at a time, in seconds since 1970.
    pub fn new(facts: SessionFacts, expires_at: i64) -> Self {
        Self { facts, begins_at: i64::MIN, expires_at, session: None, bound: ArcSwapOption::empty() }
    }

    /// The same, of which no request is decided before a time.
    #[must_use]
    pub fn not_before(mut self, begins_at: i64) -> Self {
        self.begins_at = begins_at;
        self
    }

    /// The session policies that it was made with.
    #[must_use]
    pub fn with_session_policies(mut self, policies: Arc<CompiledPolicy>) -> Self {
        self.session = Some(policies);
        self
    }

    /// What it fixes; requests are built on it.
    pub fn facts(&self) -> &SessionFacts {
        &self.facts
    }

    /// When it ends.
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// The revision that its policies were bound of last.
    pub fn revision(&self) -> Option<Revision> {
        self.bound.load().as_ref().map(|bound| bound.revision)
    }

    /// Which policies govern the session and a resource, those of the session bound to it: of the store at hand, never
    /// of an earlier one.
    ///
    /// # Errors
    /// The session has expired or has not begun; its principal is not in the store any more.
    pub fn governing<'s>(
        &self,
        store: &'s Snapshot,
        resource: &'s str,
        now: i64,
    ) -> Result<Governing<'s>, StoreError> {
        if now >= self.expires_at {
            return Err(StoreError::Expired);
        }
        if now < self.begins_at {
            return Err(StoreError::NotBegun);
        }
        let governing = store.governing(self.facts.principal(), resource)?;
        Ok(governing.with_bound(self.bound_to(store)?))
    }

    fn bound_to(&self, store: &Snapshot) -> Result<Arc<Bound>, StoreError> {
        if let Some(bound) = &*self.bound.load()
            && bound.revision == store.revision()
        {
            return Ok(Arc::clone(bound));
        }
        let own = store.caller(self.facts.principal())?.identity;
        let bind = |number: Option<u32>| store.attachment(number?).map(|policy| policy.bind(&self.facts));
        let bound = Arc::new(Bound {
            identity: bind(own.map(|own| own.policies)),
            boundary: bind(own.and_then(|own| own.boundary)),
            session: self.session.as_ref().map(|policy| policy.bind(&self.facts)),
            ..Bound::new(&self.facts, store.revision())
        });
        self.bound.store(Some(Arc::clone(&bound)));
        Ok(bound)
    }
}

impl Snapshot {
    /// Starts the facts of a principal's session with all that the store knows of the principal, sealed: the keys that
    /// follow from it, its organization, and its tags, of which the session's own stand above the role's.
    ///
    /// # Errors
    /// The principal is not in the store.
    pub fn session_facts(
        &self,
        principal: &Principal,
        tags: &[(String, String)],
    ) -> Result<crate::request::session::SessionFactsBuilder, StoreError> {
        let principal = self.principal(principal)?;
        let known = self.governing(&principal, "*")?.known_of_principal(&principal);
        let mut facts = SessionFacts::builder(principal).closed("aws:PrincipalTag/");
        let own = |(key, value): &(String, String)| (format!("aws:PrincipalTag/{key}"), value.clone());
        let own: Vec<_> = tags.iter().map(own).collect();
        for key in known {
            let name = key.name.into_owned();
            if own.iter().any(|(other, _)| fold_text(other) == fold_text(&name)) {
                continue;
            }
            facts = match key.value {
                KnownValue::One(value) => facts.present(name, value),
                KnownValue::Many(value) => facts.present_many(name, [value]),
                KnownValue::Absent => facts.absent(&name),
            };
        }
        Ok(own.into_iter().fold(facts, |facts, (name, value)| facts.present(name, value)))
    }
}
