//! Which compiled policies govern a request: a handful of shared pointers.

use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::request::Request;

use super::layer::{Concern, Layer};

/// The policies that govern a request. `None`: the layer is not in use; an attachment without documents allows
/// nothing. Cheap to clone and to build: it owns pointers only.
///
/// ```
/// use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request};
/// let json = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
///     "Resource": "arn:aws:s3:::app/${cognito-identity.amazonaws.com:sub}/*"}}"#;
/// let role = Document::parse(Kind::Identity, "auth-role", json, &Limits::default())?.document;
/// let set = PolicySet::builder().identity(CompiledPolicy::compile(&[role])?).build()?;
///
/// let user = Principal::parse("arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials")?;
/// let ask = |key: &'static str| {
///     Request::builder(&user, "s3:GetObject", key, Owner::Account("111122223333"))
///         .one("cognito-identity.amazonaws.com:sub", "us-east-1:alice")
///         .build()
/// };
/// assert!(set.decide(&ask("arn:aws:s3:::app/us-east-1:alice/photo.jpg")?).is_allowed());
/// assert!(!set.decide(&ask("arn:aws:s3:::app/us-east-1:bob/photo.jpg")?).is_allowed());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    identity: Option<Arc<CompiledPolicy>>,
    permissions_boundary: Option<Arc<CompiledPolicy>>,
    session: Option<Arc<CompiledPolicy>>,
    resource: Option<Arc<CompiledPolicy>>,
    vpc_endpoint: Option<Arc<CompiledPolicy>>,
    scps: Option<Vec<Arc<CompiledPolicy>>>,
    rcps: Option<Vec<Arc<CompiledPolicy>>>,
}

/// Collects a [`PolicySet`].
#[derive(Clone, Debug, Default)]
pub struct PolicySetBuilder(PolicySet);

/// Why policies cannot make a set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicySetError {
    /// A policy of another kind than its layer's.
    #[error("a {found} cannot stand as {layer}")]
    WrongKind {
        /// The policy's kind.
        found: &'static str,
        /// The layer.
        layer: &'static str,
    },
    /// SCPs or RCPs in use without a level.
    #[error("the list of {0} levels is empty: leave the layer out if it is not in use")]
    NoLevels(&'static str),
}

impl PolicySet {
    /// Starts a set without any policy, which allows nothing.
    pub fn builder() -> PolicySetBuilder {
        PolicySetBuilder::default()
    }

    /// The attachments of a layer, one a level; `None` if it is not in use.
    pub fn layer(&self, layer: Layer) -> Option<&[Arc<CompiledPolicy>]> {
        let one = match layer {
            Layer::Scp => return self.scps.as_deref(),
            Layer::Rcp => return self.rcps.as_deref(),
            Layer::Resource => &self.resource,
            Layer::Identity => &self.identity,
            Layer::PermissionsBoundary => &self.permissions_boundary,
            Layer::Session => &self.session,
            Layer::VpcEndpoint => &self.vpc_endpoint,
        };
        one.as_ref().map(std::slice::from_ref)
    }

    /// The attachments of a layer that concern a request.
    pub(super) fn concerning(&self, layer: Layer, request: &Request<'_>) -> Option<&[Arc<CompiledPolicy>]> {
        let policies = self.layer(layer)?;
        (layer.concern(request) == Concern::Applies).then_some(policies)
    }
}

impl PolicySetBuilder {
    /// The identity-based policies, of the caller's groups too.
    #[must_use]
    pub fn identity(mut self, policy: Arc<CompiledPolicy>) -> Self {
        self.0.identity = Some(policy);
        self
    }

    /// The permissions boundary.
    #[must_use]
    pub fn permissions_boundary(mut self, policy: Arc<CompiledPolicy>) -> Self {
        self.0.permissions_boundary = Some(policy);
        self
    }

    /// The session policies.
    #[must_use]
    pub fn session(mut self, policy: Arc<CompiledPolicy>) -> Self {
        self.0.session = Some(policy);
        self
    }

    /// The resource-based policy.
    #[must_use]
    pub fn resource(mut self, policy: Arc<CompiledPolicy>) -> Self {
        self.0.resource = Some(policy);
        self
    }

    /// The VPC endpoint policy.
    #[must_use]
    pub fn vpc_endpoint(mut self, policy: Arc<CompiledPolicy>) -> Self {
        self.0.vpc_endpoint = Some(policy);
        self
    }

    /// The service control policies, level by level from the root.
    #[must_use]
    pub fn scps(mut self, levels: Vec<Arc<CompiledPolicy>>) -> Self {
        self.0.scps = Some(levels);
        self
    }

    /// The resource control policies, level by level from the root.
    #[must_use]
    pub fn rcps(mut self, levels: Vec<Arc<CompiledPolicy>>) -> Self {
        self.0.rcps = Some(levels);
        self
    }

    /// The set, if every policy is of its layer's kind.
    pub fn build(self) -> Result<PolicySet, PolicySetError> {
        for layer in Layer::ALL {
            let Some(policies) = self.0.layer(layer) else { continue };
            if policies.is_empty() {
                return Err(PolicySetError::NoLevels(layer.title()));
            }
            let wrong = policies.iter().filter_map(|policy| policy.kind()).find(|kind| !layer.accepts(*kind));
            if let Some(kind) = wrong {
                return Err(PolicySetError::WrongKind { found: kind.title(), layer: layer.title() });
            }
        }
        Ok(self.0)
    }
}
