//! The story of a decision.

use crate::compile::CompiledPolicy;
use crate::request::Request;

use super::clause::Asked;
use super::combine::{Allows, Facts, Grade, Verdict, combine};
use super::decision::{Decision, Missing, StatementId};
use super::layer::Layer;
use super::set::PolicySet;
use super::walk::{Allowed, Mode, first_allow, first_deny, strongest_allow};

const LAYERS: usize = Layer::ALL.len();

/// Several checks of one API call, all of which must be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllDecision {
    /// Whether every check is allowed; false for no checks at all.
    pub allowed: bool,
    /// The first check that is not allowed, by its place, and its decision.
    pub denied: Option<(usize, Decision)>,
}

impl PolicySet {
    /// Decides a request. Infallible and deterministic; it does not allocate.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        self.decide_by(request, Mode::Indexed)
    }

    /// Decides an API call that makes several checks and is allowed only if every one is.
    pub fn decide_all(&self, requests: &[Request<'_>]) -> AllDecision {
        let mut decisions = requests.iter().map(|request| self.decide(request)).enumerate();
        let denied = decisions.find(|(_, decision)| !decision.is_allowed());
        AllDecision { allowed: denied.is_none() && !requests.is_empty(), denied }
    }

    /// Decides each of several requests by itself, in order: a call such as DeleteObjects, which answers per key.
    pub fn decide_each(&self, requests: &[Request<'_>]) -> Vec<Decision> {
        requests.iter().map(|request| self.decide(request)).collect()
    }

    pub(super) fn decide_by(&self, request: &Request<'_>, mode: Mode) -> Decision {
        // AWS answers who the caller is, whatever any policy says.
        if request.action().folded() == "sts:getcalleridentity" {
            return Decision::allowed(None);
        }
        let asked = self.asked(request);
        let mut allowed = [None; LAYERS];
        let mut silent = None;
        // One pass over the layers in order: a Deny ends it, wherever it stands; what is allowed is kept for the table.
        for (layer, allowed) in Layer::ALL.into_iter().zip(&mut allowed) {
            for (level, policy) in (0u32..).zip(self.concerning(layer, request).unwrap_or_default()) {
                if let Some((number, indeterminate)) = first_deny(policy, asked, mode) {
                    return Decision::explicit_deny(id(layer, level, policy, number), indeterminate);
                }
                let found = if layer == Layer::Resource {
                    strongest_allow(policy, asked, mode)
                } else {
                    first_allow(policy, asked, mode)
                };
                if found.statement.is_none() && silent.is_none() && matches!(layer, Layer::Scp | Layer::Rcp) {
                    silent = Some(Decision::implicit_deny(Missing { layer, level }, found.indeterminate));
                }
                *allowed = Some(found);
            }
        }
        silent.unwrap_or_else(|| self.combined(request, allowed))
    }

    /// What the truth table makes of the layers, SCPs and RCPs having allowed.
    fn combined(&self, request: &Request<'_>, allowed: [Option<Allowed>; LAYERS]) -> Decision {
        let [_, _, resource, identity, permissions_boundary, session, vpc_endpoint] = allowed;
        let allows = Allows {
            scps: None,
            rcps: None,
            resource: resource.map_or(Grade::None, |allowed| allowed.grade),
            identity: allows(identity).unwrap_or(false),
            permissions_boundary: allows(permissions_boundary),
            session: allows(session),
            vpc_endpoint: allows(vpc_endpoint),
        };
        match combine(Facts::of(request), allows) {
            Verdict::AllowedByResource => Decision::allowed(self.first(Layer::Resource, resource)),
            Verdict::AllowedByIdentity => Decision::allowed(self.first(Layer::Identity, identity)),
            Verdict::AllowedAsRoot => Decision::allowed(None),
            Verdict::Missing(layer) => {
                let missing = Layer::ALL.into_iter().zip(allowed).find(|(other, _)| *other == layer);
                let indeterminate =
                    missing.and_then(|(_, allowed)| allowed).is_some_and(|allowed| allowed.indeterminate);
                Decision::implicit_deny(Missing { layer, level: 0 }, indeterminate)
            }
        }
    }

    /// The request as this set's statements see it.
    pub(super) fn asked<'r, 'a>(&self, request: &'r Request<'a>) -> Asked<'r, 'a> {
        Asked { request, bounded: self.attachment(Layer::PermissionsBoundary, request).is_some() }
    }

    /// The attachment of a layer without levels, if it concerns the request.
    fn attachment(&self, layer: Layer, request: &Request<'_>) -> Option<&CompiledPolicy> {
        self.concerning(layer, request)?.first().map(|policy| &**policy)
    }

    fn first(&self, layer: Layer, allowed: Option<Allowed>) -> Option<StatementId> {
        Some(id(layer, 0, self.layer(layer)?.first()?, allowed?.statement?))
    }
}

fn allows(allowed: Option<Allowed>) -> Option<bool> {
    allowed.map(|allowed| allowed.statement.is_some())
}

fn id(layer: Layer, level: u32, policy: &CompiledPolicy, number: u32) -> StatementId {
    let statement = policy.statements.get(number as usize);
    let (policy, statement) = statement.map_or((u32::MAX, u32::MAX), |one| (one.document, one.position));
    StatementId { layer, level, policy, statement }
}
