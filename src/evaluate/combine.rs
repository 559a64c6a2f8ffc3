//! The truth table: from what each layer allows, and the facts, to allow or the first layer that is missing.
//!
//! Pure: everything that matters is an argument. Explicit denies have ended the decision before it gets here.

use crate::request::{Owner, PrincipalKind, Request, ResourcePolicyMode};

use super::layer::Layer;
pub use super::principal::Grade;

/// What is known of the request beside the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Who asks.
    pub caller: Caller,
    /// Whose the resource is, seen from the caller.
    pub account: Account,
    /// Whether the resource-based policy must allow.
    pub must_allow: bool,
    /// Whether the caller and a role assumption do not go together: a SAML assertion and
    /// `sts:AssumeRoleWithWebIdentity`, any token and `sts:AssumeRole`, a user and `sts:AssumeRoleWithSAML`. Nothing
    /// allows that.
    pub mismatched_provider: bool,
}

/// Callers, as far as the table tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A user, role or role session.
    Iam,
    /// A federated user: without a session policy it has no permissions of its own.
    Federated,
    /// A root user: its identity allows everything.
    Root,
    /// A service, a web identity or nobody: only the resource-based policy can allow.
    WithoutIdentity,
}

/// The resource owner's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// The caller's; or the request is on `*`, which nobody owns.
    Same,
    /// Another.
    Cross,
    /// Not known: both rules must allow.
    Unknown,
}

/// What the layers allow. `None`: not in use, or it does not concern the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Allows {
    /// Every SCP level allows.
    pub scps: Option<bool>,
    /// Every RCP level allows.
    pub rcps: Option<bool>,
    /// The strongest grant of the resource-based policy.
    pub resource: Grade,
    /// Some identity-based policy allows.
    pub identity: bool,
    /// The permissions boundary allows.
    pub permissions_boundary: Option<bool>,
    /// Some session policy allows.
    pub session: Option<bool>,
    /// The VPC endpoint policy allows.
    pub vpc_endpoint: Option<bool>,
}

/// What the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Allowed, the resource-based policy taking part.
    AllowedByResource,
    /// Allowed by the caller's own policies.
    AllowedByIdentity,
    /// Allowed by being root.
    AllowedAsRoot,
    /// The first layer whose Allow is missing.
    Missing(Layer),
}

impl Default for Allows {
    /// No layer is in use.
    fn default() -> Self {
        Self {
            scps: None,
            rcps: None,
            resource: Grade::None,
            identity: false,
            permissions_boundary: None,
            session: None,
            vpc_endpoint: None,
        }
    }
}

impl Facts {
    /// The facts of a request.
    pub fn of(request: &Request<'_>) -> Self {
        let principal = request.principal();
        let caller = match principal.kind() {
            PrincipalKind::User | PrincipalKind::Role | PrincipalKind::RoleSession => Caller::Iam,
            PrincipalKind::FederatedUser => Caller::Federated,
            PrincipalKind::Root => Caller::Root,
            PrincipalKind::Service | PrincipalKind::WebIdentity | PrincipalKind::Anonymous => {
                Caller::WithoutIdentity
            }
        };
        let account = match request.owner() {
            Owner::Nobody => Account::Same,
            Owner::Account(_) if request.is_same_account() => Account::Same,
            Owner::Account(_) => Account::Cross,
            Owner::Unknown => Account::Unknown,
        };
        Self {
            caller,
            account,
            must_allow: request.resource_policy_mode() == ResourcePolicyMode::MustAllow,
            mismatched_provider: is_mismatched(request),
        }
    }
}

/// `AssumeRoleWithSAML` and `AssumeRoleWithWebIdentity` take the token of a provider of their kind, from nobody else;
/// no other role assumption takes a token.
fn is_mismatched(request: &Request<'_>) -> bool {
    let (principal, action) = (request.principal(), request.action());
    if !action.is_of_sts() {
        return false;
    }
    let bears_token = principal.kind() == PrincipalKind::WebIdentity;
    let saml = principal.text().contains(":saml-provider/");
    match action.name() {
        "assumerolewithsaml" => !(bears_token && saml),
        "assumerolewithwebidentity" => !bears_token || saml,
        name => bears_token && name.starts_with("assumerole"),
    }
}

/// Combines the layers.
pub fn combine(facts: Facts, allows: Allows) -> Verdict {
    if allows.scps == Some(false) {
        return Verdict::Missing(Layer::Scp);
    }
    if allows.rcps == Some(false) {
        return Verdict::Missing(Layer::Rcp);
    }
    if facts.mismatched_provider {
        return Verdict::Missing(Layer::Resource);
    }
    let verdict = match facts.account {
        _ if facts.caller == Caller::WithoutIdentity => by_resource_alone(allows),
        Account::Same => same_account(facts, allows),
        Account::Cross => cross_account(facts, allows),
        Account::Unknown => match same_account(facts, allows) {
            missing @ Verdict::Missing(_) => missing,
            Verdict::AllowedByResource | Verdict::AllowedByIdentity | Verdict::AllowedAsRoot => {
                cross_account(facts, allows)
            }
        },
    };
    if allows.vpc_endpoint == Some(false) && !matches!(verdict, Verdict::Missing(_)) {
        return Verdict::Missing(Layer::VpcEndpoint);
    }
    verdict
}

fn by_resource_alone(allows: Allows) -> Verdict {
    match allows.resource {
        Grade::None => Verdict::Missing(Layer::Resource),
        Grade::Account | Grade::Role | Grade::Direct => Verdict::AllowedByResource,
    }
}

/// A direct grant is enough; a grant by role is limited by boundary and session policy; the caller's own policies are
/// enough unless the resource-based policy must allow, when any grant of it will do beside them.
fn same_account(facts: Facts, allows: Allows) -> Verdict {
    let limits = limits(facts, allows);
    match (allows.resource, limits) {
        (Grade::Direct, _) | (Grade::Role, None) => Verdict::AllowedByResource,
        (Grade::Role, Some(layer)) => Verdict::Missing(layer),
        (Grade::None, _) if facts.must_allow => Verdict::Missing(Layer::Resource),
        (Grade::Account, _) if facts.must_allow => match own_policies(facts, allows) {
            Some(layer) => Verdict::Missing(layer),
            None => Verdict::AllowedByResource,
        },
        (Grade::Account | Grade::None, _) => match own_policies(facts, allows) {
            Some(layer) => Verdict::Missing(layer),
            None if facts.caller == Caller::Root => Verdict::AllowedAsRoot,
            None => Verdict::AllowedByIdentity,
        },
    }
}

/// Both sides must allow.
fn cross_account(facts: Facts, allows: Allows) -> Verdict {
    match (allows.resource, own_policies(facts, allows)) {
        (Grade::None, _) => Verdict::Missing(Layer::Resource),
        (_, Some(layer)) => Verdict::Missing(layer),
        (_, None) => Verdict::AllowedByResource,
    }
}

/// The first of the caller's own layers that does not allow: identity, then boundary, then session policy.
fn own_policies(facts: Facts, allows: Allows) -> Option<Layer> {
    if !allows.identity && facts.caller != Caller::Root {
        return Some(Layer::Identity);
    }
    limits(facts, allows)
}

/// The first limiting layer that does not allow.
fn limits(facts: Facts, allows: Allows) -> Option<Layer> {
    if facts.caller == Caller::Root {
        return None;
    }
    if allows.permissions_boundary == Some(false) {
        return Some(Layer::PermissionsBoundary);
    }
    let session = allows.session.unwrap_or(facts.caller != Caller::Federated);
    (!session).then_some(Layer::Session)
}
