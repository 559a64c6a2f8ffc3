//! What a session fixes, prepared once: who asks, and the keys that no call of the session may state otherwise.
//!
//! A request on top of it costs its action, its resource and its few own keys. A policy can be bound to it
//! ([`CompiledPolicy::bind`](crate::compile::CompiledPolicy::bind)).

use std::borrow::Cow;
use std::sync::Arc;

use crate::text::fold::{eq_folded, folded_hash, starts_with_folded};

use super::context::{Context, ContextValue, Keys};
use super::derive::PrincipalKey;
use super::error::RequestError;
use super::limits::RequestLimits;
use super::owner::Owner;
use super::principal::Principal;
use super::table::Table;
use super::{RequestBuffers, RequestBuilder};

/// What a session fixes; cheap to clone.
///
/// A sealed key is present with a value, absent, or belongs to a closed family of names of which only those stated are
/// present. A request of the session may not state a sealed key; every other key it may.
///
/// ```
/// use verdikt::request::{Owner, Principal, SessionFacts};
/// let role = Principal::parse("arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials")?;
/// let session = SessionFacts::builder(role)
///     .present("cognito-identity.amazonaws.com:sub", "us-east-1:alice")
///     .closed("aws:PrincipalTag/")
///     .build()?;
/// let owner = Owner::Account("111122223333");
/// let request = session.request("s3:GetObject", "arn:aws:s3:::app/us-east-1:alice/x", owner);
/// assert!(request.one("aws:SecureTransport", "true").build().is_ok());
///
/// let request = session.request("s3:GetObject", "arn:aws:s3:::app/us-east-1:alice/x", owner);
/// let forged = request.one("aws:PrincipalTag/team", "blue").build();
/// assert_eq!(forged.unwrap_err().code(), "SEALED_CONTEXT_KEY");
/// # Ok::<(), verdikt::request::RequestError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SessionFacts(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    principal: Principal,
    keys: Keys<'static>,
    table: Table,
    /// What its texts take of the limits of each request.
    size: Size,
    /// Names, with the hashes of them folded.
    absent: Vec<(u64, String)>,
    /// Beginnings of names.
    closed: Vec<String>,
}

/// How large the keys of a session are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    /// Bytes of all texts.
    pub(super) bytes: usize,
    /// Bytes of the longest text.
    pub(super) longest: usize,
    /// The most values of one key.
    pub(super) values: usize,
}

/// Collects [`SessionFacts`]; the first error waits for [`build`](Self::build).
#[derive(Debug)]
pub struct SessionFactsBuilder {
    principal: Principal,
    context: Context<'static>,
    absent: Vec<String>,
    closed: Vec<String>,
    error: Option<RequestError>,
}

/// What a session says of a key that it seals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sealed {
    /// It has the text with this number.
    One(u32),
    /// It is multivalued.
    Many,
    /// It is absent from every request of the session.
    Absent,
}

impl SessionFacts {
    /// Starts the facts of a principal's session.
    pub fn builder(principal: Principal) -> SessionFactsBuilder {
        SessionFactsBuilder {
            principal,
            context: Context::default(),
            absent: Vec::new(),
            closed: Vec::new(),
            error: None,
        }
    }

    /// Starts a request of the session.
    pub fn request<'a>(&'a self, action: &'a str, resource: &'a str, owner: Owner<'a>) -> RequestBuilder<'a> {
        self.request_in(RequestBuffers::default(), action, resource, owner)
    }

    /// Starts a request of the session in memory that an earlier one used: it then does not allocate.
    pub fn request_in<'a>(
        &'a self,
        buffers: RequestBuffers,
        action: &'a str,
        resource: &'a str,
        owner: Owner<'a>,
    ) -> RequestBuilder<'a> {
        RequestBuilder::of_session(self, buffers, action, resource, owner)
    }

    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// Whether both are the facts of one session.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The keys that are present, for the context of a request.
    pub(super) fn keys(&self) -> (&Keys<'static>, &Table) {
        (&self.0.keys, &self.0.table)
    }

    /// What its keys take of the limits.
    pub(super) fn size(&self) -> Size {
        self.0.size
    }

    /// Whether the session says that a key is absent, which then no request may state.
    #[inline]
    pub(crate) fn denies(&self, name: &str) -> bool {
        self.denies_some() && self.denies_by_name(name)
    }

    /// PERF: most sessions seal what they have and no more.
    #[inline]
    fn denies_some(&self) -> bool {
        !(self.0.absent.is_empty() && self.0.closed.is_empty())
    }

    #[inline(never)]
    fn denies_by_name(&self, name: &str) -> bool {
        self.denies_hashed(folded_hash(name), name)
    }

    fn denies_hashed(&self, hash: u64, name: &str) -> bool {
        self.0.absent.iter().any(|(own, absent)| *own == hash && eq_folded(absent, name))
            || self.0.closed.iter().any(|closed| starts_with_folded(name, closed))
    }

    /// Whether no request may state a key of a family, such as `aws:PrincipalTag/`.
    #[cfg(feature = "store")]
    pub(crate) fn closes(&self, family: &str) -> bool {
        self.0.closed.iter().any(|closed| starts_with_folded(family, closed))
    }

    /// What the session says of a key, by the hash of its folded name and the name; `None` if requests may state it.
    pub(crate) fn sealed(&self, hash: u64, name: &str) -> Option<Sealed> {
        match self.0.keys.find(&self.0.table, hash, name) {
            Some(entry) => Some(entry.sealed()),
            None => (self.denies_some() && self.denies_hashed(hash, name)).then_some(Sealed::Absent),
        }
    }

    /// The text with a number.
    #[inline]
    pub(crate) fn text(&self, number: u32) -> &str {
        self.0.keys.text(number)
    }

    /// The keys alone, as the context of a request that adds none.
    pub(crate) fn context(&self) -> Context<'_> {
        Context::on(Some(self.keys()), Box::default())
    }
}

impl Size {
    fn of(context: &Context<'_>) -> Self {
        context.entries().fold(Self::default(), |size, (name, value)| {
            let lengths = value.texts().chain([name]).map(str::len);
            Self {
                bytes: lengths.clone().fold(size.bytes, usize::saturating_add),
                longest: lengths.max().unwrap_or(0).max(size.longest),
                values: value_count(value).max(size.values),
            }
        })
    }
}

/// How many values a key has; a single-valued one has none that the limit counts.
fn value_count(value: ContextValue<'_>) -> usize {
    match value {
        ContextValue::One(_) => 0,
        ContextValue::Many(texts) => texts.len(),
    }
}

impl SessionFactsBuilder {
    /// A single-valued key that every request of the session has.
    #[must_use]
    pub fn present(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        let added = self.context.one(name.into(), value.into());
        self.note(added)
    }

    /// A multivalued key that every request of the session has.
    #[must_use]
    pub fn present_many<I>(mut self, name: impl Into<String>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let values = values.into_iter().map(|value| Cow::Owned(value.into()));
        let added = self.context.many(name.into().into(), values);
        self.note(added)
    }

    /// A key that no request of the session has.
    #[must_use]
    pub fn absent(mut self, name: &str) -> Self {
        if name.is_empty() {
            return self.note(Err(RequestError::EmptyKey));
        }
        self.absent.push(name.to_owned());
        self
    }

    /// A family of keys, by how their names begin (`aws:PrincipalTag/`): a request has those stated here and no other.
    #[must_use]
    pub fn closed(mut self, beginning: &str) -> Self {
        self.closed.push(beginning.to_owned());
        self
    }

    /// Every key that the principal determines, and no other value of them: a key that such a principal does not have
    /// is absent.
    #[must_use]
    pub fn derive_principal_keys(mut self) -> Self {
        for key in PrincipalKey::ALL {
            match key.value(&self.principal) {
                Ok(Some(value)) => self = self.present(key.name(), value),
                Ok(None) => self = self.absent(key.name()),
                Err(error) => self = self.note(Err(error)),
            }
        }
        self
    }

    /// The facts, or the first thing that is wrong with them.
    pub fn build(self) -> Result<SessionFacts, RequestError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let contradicted = self.absent.iter().find(|absent| self.context.get(absent).is_some());
        if let Some(name) = contradicted {
            return Err(RequestError::SealedKey(name.clone()));
        }
        let size = Size::of(&self.context);
        RequestLimits::default().check(self.context.len(), size)?;
        let (keys, scratch) = self.context.into_parts();
        let table = scratch.table;
        let Self { principal, absent, closed, .. } = self;
        let absent = absent.into_iter().map(|name| (folded_hash(&name), name)).collect();
        Ok(SessionFacts(Arc::new(Facts { principal, keys, table, size, absent, closed })))
    }

    fn note(mut self, result: Result<(), RequestError>) -> Self {
        if let (None, Err(error)) = (&self.error, result) {
            self.error = Some(error);
        }
        self
    }
}
