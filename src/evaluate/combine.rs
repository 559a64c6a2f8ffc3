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

/// What the layers allow: whether each is in use and, if it is, whether every level of it allows.
///
/// Bits of one word, since a decision adds up one for every layer: the layers in use from bit 0, those of which some
/// level allows nothing from bit 8, the strongest grant of the resource-based policy from bit 16.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Allows(u32);

const SILENT: u32 = 8;
const RESOURCE: u32 = 16;

impl Allows {
    /// No layer is in use.
    pub const NOTHING: Self = Self(0);

    /// The same with one more level of a layer; of the resource-based policy with its strongest grant.
    #[must_use]
    #[inline]
    pub fn with(self, layer: Layer, grade: Grade) -> Self {
        let silent = if grade == Grade::None { bit(layer) << SILENT } else { 0 };
        let resource = if layer == Layer::Resource { (grade as u32) << RESOURCE } else { 0 };
        Self(self.0 | bit(layer) | silent | resource)
    }

    /// Whether a layer allows; `None` if it is not in use.
    pub fn get(self, layer: Layer) -> Option<bool> {
        (self.0 & bit(layer) != 0).then_some(!self.is_silent(layer))
    }

    /// The strongest grant of the resource-based policy.
    #[inline]
    pub fn resource(self) -> Grade {
        match self.0 >> RESOURCE {
            0 => Grade::None,
            1 => Grade::Account,
            2 => Grade::Role,
            _ => Grade::Direct,
        }
    }

    /// Whether a layer is in use and allows nothing.
    #[inline]
    pub fn is_silent(self, layer: Layer) -> bool {
        self.0 & (bit(layer) << SILENT) != 0
    }

    /// Whether any of these layers is in use and allows nothing.
    #[inline]
    pub(super) fn any_silent(self, layers: [Layer; 2]) -> bool {
        self.0 & ((bit(layers[0]) | bit(layers[1])) << SILENT) != 0
    }

    #[inline]
    fn is_granting(self, layer: Layer) -> bool {
        self.get(layer) == Some(true)
    }
}

impl std::fmt::Debug for Allows {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let layers = Layer::ALL.into_iter().filter_map(|layer| Some((layer, self.get(layer)?)));
        formatter.debug_map().entries(layers).entry(&"grant", &self.resource()).finish()
    }
}

#[inline]
fn bit(layer: Layer) -> u32 {
    1 << layer as u32
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

impl Facts {
    /// The facts of a request.
    #[inline]
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
#[inline]
fn is_mismatched(request: &Request<'_>) -> bool {
    request.action().is_of_sts() && is_mismatched_assumption(request)
}

#[inline(never)]
fn is_mismatched_assumption(request: &Request<'_>) -> bool {
    let (principal, action) = (request.principal(), request.action());
    let bears_token = principal.kind() == PrincipalKind::WebIdentity;
    let saml = principal.text().contains(":saml-provider/");
    match action.name() {
        "assumerolewithsaml" => !(bears_token && saml),
        "assumerolewithwebidentity" => !bears_token || saml,
        name => bears_token && name.starts_with("assumerole"),
    }
}

/// Combines the layers.
#[inline]
pub fn combine(facts: Facts, allows: Allows) -> Verdict {
    own_policies_alone(facts, allows).unwrap_or_else(|| combine_all(facts, allows))
}

/// PERF: what nearly every request comes to, by its bits: a user or role in the account of the resource, for whom the
/// resource-based policy does nothing and whose own policies allow, or lack an Allow and nothing else.
#[inline]
fn own_policies_alone(facts: Facts, allows: Allows) -> Option<Verdict> {
    const OWN: Facts =
        Facts { caller: Caller::Iam, account: Account::Same, must_allow: false, mismatched_provider: false };
    if facts != OWN || allows.0 & bit(Layer::Identity) == 0 {
        return None;
    }
    // No grant of the resource-based policy stands above its bit for silence.
    match (allows.0 >> SILENT) & !bit(Layer::Resource) {
        0 => Some(Verdict::AllowedByIdentity),
        silent if silent == bit(Layer::Identity) => Some(Verdict::Missing(Layer::Identity)),
        _ => None,
    }
}

#[inline(never)]
fn combine_all(facts: Facts, allows: Allows) -> Verdict {
    if allows.is_silent(Layer::Scp) {
        return Verdict::Missing(Layer::Scp);
    }
    if allows.is_silent(Layer::Rcp) {
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
    if allows.is_silent(Layer::VpcEndpoint) && !matches!(verdict, Verdict::Missing(_)) {
        return Verdict::Missing(Layer::VpcEndpoint);
    }
    verdict
}

fn by_resource_alone(allows: Allows) -> Verdict {
    match allows.resource() {
        Grade::None => Verdict::Missing(Layer::Resource),
        Grade::Account | Grade::Role | Grade::Direct => Verdict::AllowedByResource,
    }
}

/// A direct grant is enough; a grant by role is limited by boundary and session policy; the caller's own policies are
/// enough unless the resource-based policy must allow, when any grant of it will do beside them.
#[inline]
fn same_account(facts: Facts, allows: Allows) -> Verdict {
    let limits = limits(facts, allows);
    match (allows.resource(), limits) {
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
    match (allows.resource(), own_policies(facts, allows)) {
        (Grade::None, _) => Verdict::Missing(Layer::Resource),
        (_, Some(layer)) => Verdict::Missing(layer),
        (_, None) => Verdict::AllowedByResource,
    }
}

/// The first of the caller's own layers that does not allow: identity, then boundary, then session policy.
#[inline]
fn own_policies(facts: Facts, allows: Allows) -> Option<Layer> {
    if !allows.is_granting(Layer::Identity) && facts.caller != Caller::Root {
        return Some(Layer::Identity);
    }
    limits(facts, allows)
}

/// The first limiting layer that does not allow.
#[inline]
fn limits(facts: Facts, allows: Allows) -> Option<Layer> {
    if facts.caller == Caller::Root {
        return None;
    }
    if allows.is_silent(Layer::PermissionsBoundary) {
        return Some(Layer::PermissionsBoundary);
    }
    let is_needed = facts.caller == Caller::Federated;
    let is_missing = allows.is_silent(Layer::Session) || (is_needed && !allows.is_granting(Layer::Session));
    is_missing.then_some(Layer::Session)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_two_layers_is_silent() {
        let both = [Layer::Scp, Layer::Rcp];
        assert!(!Allows::NOTHING.any_silent(both));
        for layer in Layer::ALL {
            let silent = Allows::NOTHING.with(layer, Grade::None);
            assert_eq!(silent.any_silent(both), both.contains(&layer), "{layer:?}");
            assert!(!Allows::NOTHING.with(layer, Grade::Direct).any_silent(both), "{layer:?}");
        }
        let all = Allows::NOTHING.with(Layer::Scp, Grade::None).with(Layer::Rcp, Grade::None);
        assert!(all.any_silent(both));
    }

    /// The short way answers where the caller's own policies decide, and says what the table says.
    #[test]
    fn own_policies_are_looked_at_first() {
        let facts = Facts {
            caller: Caller::Iam,
            account: Account::Same,
            must_allow: false,
            mismatched_provider: false,
        };
        let allowing = Allows::NOTHING.with(Layer::Identity, Grade::Direct);
        let silent = Allows::NOTHING.with(Layer::Identity, Grade::None);
        for (allows, verdict) in [
            (allowing, Some(Verdict::AllowedByIdentity)),
            (allowing.with(Layer::Resource, Grade::None), Some(Verdict::AllowedByIdentity)),
            (allowing.with(Layer::Session, Grade::Direct), Some(Verdict::AllowedByIdentity)),
            (silent, Some(Verdict::Missing(Layer::Identity))),
            (silent.with(Layer::Resource, Grade::None), Some(Verdict::Missing(Layer::Identity))),
            (silent.with(Layer::Session, Grade::None), None),
            (allowing.with(Layer::Resource, Grade::Account), None),
            (Allows::NOTHING, None),
        ] {
            assert_eq!(own_policies_alone(facts, allows), verdict, "{allows:?}");
            assert_eq!(verdict.unwrap_or_else(|| combine_all(facts, allows)), combine_all(facts, allows));
            assert_eq!(own_policies_alone(Facts { must_allow: true, ..facts }, allows), None, "{allows:?}");
        }
    }

    #[test]
    fn what_is_allowed_is_written_by_layer() {
        let allows = Allows::NOTHING.with(Layer::Identity, Grade::None).with(Layer::Resource, Grade::Role);
        assert_eq!(format!("{allows:?}"), r#"{Resource: true, Identity: false, "grant": Role}"#);
    }
}
