//! Floor 1: what is asked. A [`Request`] is prepared while it is built: the action folded and hashed, the ARN split,
//! the context keys hashed, so that it can be asked of many policy sets.
//!
//! Nothing is derived behind the caller's back: a key that was not given is absent, unless one of the builder's
//! `derive_…` steps was taken. The core never reads a clock.

pub mod action;
pub mod builder;
pub mod context;
pub mod derive;
pub mod document;
pub mod error;
pub mod keys;
pub mod limits;
pub mod owner;
pub mod path;
pub mod principal;
mod scratch;
pub mod session;
mod table;

pub use builder::RequestBuilder;
pub use error::RequestError;
pub use owner::{Owner, ResourcePolicyMode};
pub use principal::{Principal, PrincipalKind};
pub use session::{SessionFacts, SessionFactsBuilder};

use crate::text::arn_pattern::ResourceText;
use action::ActionText;
use context::Context;
use path::PathHashes;
use scratch::Scratch;

/// A request: may this principal do this action on this resource, in this context?
///
/// ```
/// use verdikt::request::{Owner, Principal, Request};
/// let alice = Principal::parse("arn:aws:iam::111122223333:user/alice")?;
/// let request = Request::builder(&alice, "s3:GetObject", "arn:aws:s3:::bucket/key", Owner::Account("111122223333"))
///     .one("aws:SecureTransport", "true")
///     .many("aws:TagKeys", ["team", "stage"])
///     .build()?;
/// assert_eq!(request.action().text(), "s3:GetObject");
/// # Ok::<(), verdikt::request::RequestError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request<'a> {
    principal: &'a Principal,
    action: ActionText<'a>,
    resource: ResourceText<'a>,
    owner: Owner<'a>,
    is_same_account: bool,
    mode: ResourcePolicyMode,
    context: Context<'a>,
    session: Option<&'a SessionFacts>,
}

/// The memory of a request, for the next one.
///
/// ```
/// use verdikt::request::{Owner, Principal, Request, RequestBuffers};
/// let alice = Principal::parse("arn:aws:iam::111122223333:user/alice")?;
/// let mut buffers = RequestBuffers::default();
/// for key in ["arn:aws:s3:::bucket/a", "arn:aws:s3:::bucket/b"] {
///     let builder = Request::builder_in(buffers, &alice, "s3:GetObject", key, Owner::Unknown);
///     let request = builder.one("aws:SecureTransport", "true").build()?;
///     assert_eq!(request.resource().text(), key);
///     buffers = request.into_buffers();
/// }
/// # Ok::<(), verdikt::request::RequestError>(())
/// ```
#[derive(Debug, Default)]
pub struct RequestBuffers(
    /// None before the first request, so that empty buffers cost nothing.
    Option<Box<Scratch>>,
);

impl<'a> Request<'a> {
    /// Starts a request. `action` is one concrete action, `service:Name`; `resource` one concrete ARN, or `*` for an
    /// action without resource-level support.
    pub fn builder(
        principal: &'a Principal,
        action: &'a str,
        resource: &'a str,
        owner: Owner<'a>,
    ) -> RequestBuilder<'a> {
        Self::builder_in(RequestBuffers::default(), principal, action, resource, owner)
    }

    /// Starts a request in memory that an earlier one used: it then does not allocate.
    pub fn builder_in(
        buffers: RequestBuffers,
        principal: &'a Principal,
        action: &'a str,
        resource: &'a str,
        owner: Owner<'a>,
    ) -> RequestBuilder<'a> {
        RequestBuilder::new(buffers, principal, action, resource, owner)
    }

    /// The memory, for the next request.
    #[inline]
    pub fn into_buffers(self) -> RequestBuffers {
        let (keys, mut scratch) = self.context.into_parts();
        scratch.keys = keys.emptied();
        scratch.action = self.action.into_buffer();
        RequestBuffers(Some(scratch))
    }

    /// Who asks.
    pub fn principal(&self) -> &'a Principal {
        self.principal
    }

    /// What for.
    pub fn action(&self) -> &ActionText<'a> {
        &self.action
    }

    /// On what.
    pub fn resource(&self) -> &ResourceText<'a> {
        &self.resource
    }

    /// The hashes of its path, by which the index finds patterns.
    pub(crate) fn paths(&self) -> &PathHashes {
        self.context.paths(&self.resource)
    }

    /// Whose the resource is; `*` is nobody's.
    pub fn owner(&self) -> Owner<'a> {
        self.owner
    }

    /// Whether the caller is of the account that owns the resource.
    pub fn is_same_account(&self) -> bool {
        self.is_same_account
    }

    /// Whether the resource-based policy itself must allow.
    pub fn resource_policy_mode(&self) -> ResourcePolicyMode {
        self.mode
    }

    /// The session that it is part of, if it was built on one.
    pub fn session(&self) -> Option<&'a SessionFacts> {
        self.session
    }

    /// The context keys.
    pub fn context(&self) -> &Context<'a> {
        &self.context
    }
}
