//! The kinds of policy and which elements each may have.

/// A kind of policy: where it is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Attached to a user, group or role.
    Identity,
    /// A permissions boundary.
    PermissionsBoundary,
    /// Passed when a session is made.
    Session,
    /// Attached to a resource.
    Resource,
    /// A role's trust policy.
    Trust,
    /// A role's trust policy met as the resource-based policy of a check: a `Resource` element, an error where the
    /// policy is checked, is matched like any other.
    TrustInUse,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// A VPC endpoint policy.
    VpcEndpoint,
}

/// Whether an element may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
    Forbidden,
}

impl Kind {
    /// The kinds that documents are checked as, by name.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::PermissionsBoundary,
        Self::Session,
        Self::Resource,
        Self::Trust,
        Self::Scp,
        Self::Rcp,
        Self::VpcEndpoint,
    ];

    /// The name on the command line and in case files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::PermissionsBoundary => "boundary",
            Self::Session => "session",
            Self::Resource => "resource",
            Self::Trust | Self::TrustInUse => "trust",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::VpcEndpoint => "vpc_endpoint",
        }
    }

    /// What it is called in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::PermissionsBoundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource-based policy",
            Self::Trust | Self::TrustInUse => "role trust policy",
            Self::Scp => "service control policy",
            Self::Rcp => "resource control policy",
            Self::VpcEndpoint => "VPC endpoint policy",
        }
    }

    /// `Principal` or `NotPrincipal`.
    pub(super) fn principal(self) -> Presence {
        match self {
            Self::Identity | Self::PermissionsBoundary | Self::Session | Self::Scp => Presence::Forbidden,
            Self::Resource | Self::Trust | Self::TrustInUse | Self::Rcp | Self::VpcEndpoint => {
                Presence::Required
            }
        }
    }

    /// `Resource` or `NotResource`.
    pub(super) fn resource(self) -> Presence {
        match self {
            Self::Resource | Self::TrustInUse => Presence::Optional,
            Self::Trust => Presence::Forbidden,
            _ => Presence::Required,
        }
    }

    /// Whether AWS completes an ARN of fewer than six fields with `*`.
    pub fn pads_arns(self) -> bool {
        matches!(self, Self::Identity | Self::PermissionsBoundary)
    }

    /// Whether the policy is a trust policy.
    pub fn is_trust(self) -> bool {
        matches!(self, Self::Trust | Self::TrustInUse)
    }

    /// Whether a `Sid` is `[A-Za-z0-9]*` and unique.
    pub(super) fn has_strict_sids(self) -> bool {
        matches!(self, Self::Identity | Self::PermissionsBoundary | Self::Session) || self.is_trust()
    }

    /// Whether `Id` is not documented for it.
    pub(super) fn has_unexpected_id(self) -> bool {
        matches!(self, Self::Identity | Self::PermissionsBoundary | Self::Session)
    }

    /// Whether an empty list of statements, actions or resources is refused.
    pub(super) fn refuses_empty_lists(self) -> bool {
        matches!(self, Self::Identity | Self::PermissionsBoundary | Self::Session | Self::Scp | Self::Rcp)
    }
}

impl std::str::FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownKind)
    }
}

/// A word that names no kind of policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a kind of policy is identity, boundary, session, resource, trust, scp, rcp or vpc_endpoint")]
pub struct UnknownKind;
