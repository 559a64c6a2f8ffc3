//! The seven layers, and which of them concern a caller.

use crate::policy::Kind;
use crate::request::{PrincipalKind, Request};

/// A layer of policies, in the order in which a decision names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Service control policies, a list of levels from the organization's root down.
    Scp,
    /// Resource control policies, a list of levels.
    Rcp,
    /// The resource-based policy: bucket policy, key policy, trust policy.
    Resource,
    /// Identity-based policies.
    Identity,
    /// The permissions boundary.
    PermissionsBoundary,
    /// Session policies.
    Session,
    /// The VPC endpoint policy.
    VpcEndpoint,
}

/// Whether a layer concerns a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// It does.
    Applies,
    /// It does not, and why; its denies do not count either.
    Exempt(&'static str),
}

impl Layer {
    /// All layers, in order.
    pub const ALL: [Self; 7] = [
        Self::Scp,
        Self::Rcp,
        Self::Resource,
        Self::Identity,
        Self::PermissionsBoundary,
        Self::Session,
        Self::VpcEndpoint,
    ];

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Resource => "resource",
            Self::Identity => "identity",
            Self::PermissionsBoundary => "permissions_boundary",
            Self::Session => "session",
            Self::VpcEndpoint => "vpc_endpoint",
        }
    }

    /// What it is called in a sentence, AWS's words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Scp => "service control policy",
            Self::Rcp => "resource control policy",
            Self::Resource => "resource-based policy",
            Self::Identity => "identity-based policy",
            Self::PermissionsBoundary => "permissions boundary",
            Self::Session => "session policy",
            Self::VpcEndpoint => "VPC endpoint policy",
        }
    }

    /// Whether documents of a kind may stand in it.
    pub fn accepts(self, kind: Kind) -> bool {
        match self {
            Self::Scp => kind == Kind::Scp,
            Self::Rcp => kind == Kind::Rcp,
            Self::Resource => kind == Kind::Resource || kind.is_trust(),
            Self::Identity => kind == Kind::Identity,
            Self::PermissionsBoundary => kind == Kind::PermissionsBoundary,
            Self::Session => kind == Kind::Session,
            Self::VpcEndpoint => kind == Kind::VpcEndpoint,
        }
    }

    /// Whether it concerns the caller of a request.
    #[allow(
        clippy::inline_always,
        reason = "asked of every attachment; without its sentence it is a comparison"
    )]
    #[inline(always)]
    pub fn concern(self, request: &Request<'_>) -> Concern {
        let principal = request.principal();
        match self {
            Self::Identity | Self::PermissionsBoundary | Self::Session => match principal.kind() {
                PrincipalKind::User
                | PrincipalKind::Role
                | PrincipalKind::RoleSession
                | PrincipalKind::FederatedUser => Concern::Applies,
                PrincipalKind::Root => Concern::Exempt("the root user has no policies of its own"),
                PrincipalKind::Service | PrincipalKind::WebIdentity | PrincipalKind::Anonymous => {
                    Concern::Exempt("such a caller has no identity in IAM")
                }
            },
            Self::Scp => match principal.kind() {
                PrincipalKind::Service | PrincipalKind::WebIdentity | PrincipalKind::Anonymous => {
                    Concern::Exempt("SCPs bind users, roles and root users only")
                }
                _ if principal.is_service_linked() => {
                    Concern::Exempt("SCPs do not bind service-linked roles")
                }
                _ if principal.is_in_management_account() => {
                    Concern::Exempt("SCPs do not bind the management account")
                }
                PrincipalKind::User
                | PrincipalKind::Role
                | PrincipalKind::RoleSession
                | PrincipalKind::FederatedUser
                | PrincipalKind::Root => Concern::Applies,
            },
            Self::Rcp if principal.is_service_linked() => {
                Concern::Exempt("RCPs do not bind service-linked roles")
            }
            Self::Rcp if request.action().folded() == "kms:retiregrant" => {
                Concern::Exempt("RCPs do not apply to kms:RetireGrant")
            }
            Self::Rcp | Self::Resource | Self::VpcEndpoint => Concern::Applies,
        }
    }
}
