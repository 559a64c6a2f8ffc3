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
    /// What is in use, layer by layer in their order, level by level.
    attachments: Vec<Attachment>,
    /// Whether a permissions boundary is in use.
    has_boundary: bool,
    /// Whether a policy is bound to a session.
    has_bound: bool,
}

/// What is attached in one place of a set.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The layer.
    pub layer: Layer,
    /// The level of an SCP or RCP, from 0 at the root; 0 elsewhere.
    pub level: u32,
    /// The policies.
    pub policy: Arc<CompiledPolicy>,
}

/// Collects a [`PolicySet`].
#[derive(Clone, Debug, Default)]
pub struct PolicySetBuilder {
    /// The attachments of each layer, in the order of [`Layer::ALL`]; `None` if it is not in use.
    layers: [Option<Vec<Arc<CompiledPolicy>>>; Layer::ALL.len()],
}

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

    /// A set of attachments in the order of layers and levels, each of a kind that its layer takes, as whoever hands
    /// them on has made sure; whether any is bound.
    #[cfg(feature = "store")]
    pub(crate) fn of_checked(attachments: Vec<Attachment>, has_bound: bool) -> Self {
        let has_boundary = attachments.iter().any(|one| one.layer == Layer::PermissionsBoundary);
        Self { attachments, has_boundary, has_bound }
    }

    /// The attachments of a layer, one a level; `None` if it is not in use.
    pub fn layer(&self, layer: Layer) -> Option<&[Attachment]> {
        let start = self.attachments.partition_point(|one| one.layer < layer);
        let end = self.attachments.partition_point(|one| one.layer <= layer);
        self.attachments.get(start..end).filter(|levels| !levels.is_empty())
    }

    /// Every attachment in use, in the order of layers and levels.
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// Whether a policy is bound to a session.
    #[inline]
    pub(super) fn has_bound(&self) -> bool {
        self.has_bound
    }

    /// Whether a permissions boundary is in use that concerns a request.
    #[inline]
    pub(super) fn is_bounded(&self, request: &Request<'_>) -> bool {
        self.has_boundary && Layer::PermissionsBoundary.concern(request) == Concern::Applies
    }
}

impl PolicySetBuilder {
    /// The identity-based policies, of the caller's groups too.
    #[must_use]
    pub fn identity(self, policy: Arc<CompiledPolicy>) -> Self {
        self.attach(Layer::Identity, vec![policy])
    }

    /// The permissions boundary.
    #[must_use]
    pub fn permissions_boundary(self, policy: Arc<CompiledPolicy>) -> Self {
        self.attach(Layer::PermissionsBoundary, vec![policy])
    }

    /// The session policies.
    #[must_use]
    pub fn session(self, policy: Arc<CompiledPolicy>) -> Self {
        self.attach(Layer::Session, vec![policy])
    }

    /// The resource-based policy.
    #[must_use]
    pub fn resource(self, policy: Arc<CompiledPolicy>) -> Self {
        self.attach(Layer::Resource, vec![policy])
    }

    /// The VPC endpoint policy.
    #[must_use]
    pub fn vpc_endpoint(self, policy: Arc<CompiledPolicy>) -> Self {
        self.attach(Layer::VpcEndpoint, vec![policy])
    }

    /// The service control policies, level by level from the root.
    #[must_use]
    pub fn scps(self, levels: Vec<Arc<CompiledPolicy>>) -> Self {
        self.attach(Layer::Scp, levels)
    }

    /// The resource control policies, level by level from the root.
    #[must_use]
    pub fn rcps(self, levels: Vec<Arc<CompiledPolicy>>) -> Self {
        self.attach(Layer::Rcp, levels)
    }

    /// The set, if every policy is of its layer's kind.
    pub fn build(self) -> Result<PolicySet, PolicySetError> {
        let mut set = PolicySet::default();
        for (layer, levels) in Layer::ALL.into_iter().zip(self.layers) {
            let Some(policies) = levels else { continue };
            if policies.is_empty() {
                return Err(PolicySetError::NoLevels(layer.title()));
            }
            let wrong = policies.iter().filter_map(|policy| policy.kind()).find(|kind| !layer.accepts(*kind));
            if let Some(kind) = wrong {
                return Err(PolicySetError::WrongKind { found: kind.title(), layer: layer.title() });
            }
            set.has_bound |= policies.iter().any(|policy| policy.session().is_some());
            set.has_boundary |= layer == Layer::PermissionsBoundary;
            let attachments = (0u32..).zip(policies);
            set.attachments.extend(attachments.map(|(level, policy)| Attachment { layer, level, policy }));
        }
        Ok(set)
    }

    fn attach(mut self, layer: Layer, policies: Vec<Arc<CompiledPolicy>>) -> Self {
        let layers = Layer::ALL.into_iter().zip(&mut self.layers);
        if let Some((_, own)) = layers.into_iter().find(|(other, _)| *other == layer) {
            *own = Some(policies);
        }
        self
    }
}

#[cfg(all(test, feature = "store"))]
mod tests {
    use super::*;
    use crate::policy::{Document, Kind, Limits};
    use crate::request::{Owner, Principal};

    /// However a set is made, it is bounded by a permissions boundary and by nothing else.
    #[test]
    fn a_boundary_bounds() {
        let json =
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        let policy = |kind| {
            let document = Document::parse(kind, "p", json, &Limits::default()).unwrap().document;
            CompiledPolicy::compile(&[document]).unwrap()
        };
        let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
        let request = Request::builder(&user, "s3:GetObject", "*", Owner::Unknown).build().unwrap();
        let unbounded = PolicySet::builder().identity(policy(Kind::Identity));
        let bounded = unbounded.clone().permissions_boundary(policy(Kind::PermissionsBoundary));
        let only = PolicySet::builder().permissions_boundary(policy(Kind::PermissionsBoundary));
        for (built, is_bounded) in [(unbounded, false), (bounded, true), (only, true)] {
            let built = built.build().unwrap();
            let checked = PolicySet::of_checked(built.attachments().to_vec(), false);
            assert_eq!([built.is_bounded(&request), checked.is_bounded(&request)], [is_bounded; 2]);
        }
    }
}
