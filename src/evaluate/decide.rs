//! The story of a decision.

use crate::compile::CompiledPolicy;
use crate::request::Request;

use super::clause::Asked;
use super::combine::{Allows, Facts, Verdict, combine};
use super::decision::{Decision, Missing, StatementId};
use super::layer::Layer;
use super::set::PolicySet;
use super::walk::{Allowed, Mode, first_allow, first_deny, strongest_allow};

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
        if let Some(denied) = self.explicit_deny(asked, mode) {
            return denied;
        }
        for layer in [Layer::Scp, Layer::Rcp] {
            if let Some(missing) = self.silent_level(layer, asked, mode) {
                return missing;
            }
        }
        let allowed =
            |layer, walk: Walk| self.attachment(layer, request).map(|policy| walk(policy, asked, mode));
        let resource = allowed(Layer::Resource, strongest_allow);
        let identity = allowed(Layer::Identity, first_allow);
        let boundary = allowed(Layer::PermissionsBoundary, first_allow);
        let session = allowed(Layer::Session, first_allow);
        let vpc_endpoint = allowed(Layer::VpcEndpoint, first_allow);
        let allows = Allows {
            scps: None,
            rcps: None,
            resource: resource.map_or(super::combine::Grade::None, |allowed| allowed.grade),
            identity: allows(identity).unwrap_or(false),
            permissions_boundary: allows(boundary),
            session: allows(session),
            vpc_endpoint: allows(vpc_endpoint),
        };
        match combine(Facts::of(request), allows) {
            Verdict::AllowedByResource => Decision::allowed(self.first(Layer::Resource, resource)),
            Verdict::AllowedByIdentity => Decision::allowed(self.first(Layer::Identity, identity)),
            Verdict::AllowedAsRoot => Decision::allowed(None),
            Verdict::Missing(layer) => {
                let silent = match layer {
                    Layer::Resource => resource,
                    Layer::Identity => identity,
                    Layer::PermissionsBoundary => boundary,
                    Layer::Session => session,
                    Layer::VpcEndpoint => vpc_endpoint,
                    Layer::Scp | Layer::Rcp => None,
                };
                let indeterminate = silent.is_some_and(|allowed| allowed.indeterminate);
                Decision::implicit_deny(Missing { layer, level: 0 }, indeterminate)
            }
        }
    }

    /// The request as this set's statements see it.
    pub(super) fn asked<'r, 'a>(&self, request: &'r Request<'a>) -> Asked<'r, 'a> {
        Asked { request, bounded: self.attachment(Layer::PermissionsBoundary, request).is_some() }
    }

    /// The first Deny of the first layer that has one.
    fn explicit_deny(&self, asked: Asked<'_, '_>, mode: Mode) -> Option<Decision> {
        for layer in Layer::ALL {
            for (level, policy) in (0u32..).zip(self.concerning(layer, asked.request).unwrap_or_default()) {
                if let Some((number, indeterminate)) = first_deny(policy, asked, mode) {
                    return Some(Decision::explicit_deny(id(layer, level, policy, number)?, indeterminate));
                }
            }
        }
        None
    }

    /// The first level of SCPs or RCPs that allows nothing here.
    fn silent_level(&self, layer: Layer, asked: Asked<'_, '_>, mode: Mode) -> Option<Decision> {
        for (level, policy) in (0u32..).zip(self.concerning(layer, asked.request).unwrap_or_default()) {
            let allowed = first_allow(policy, asked, mode);
            if allowed.statement.is_none() {
                return Some(Decision::implicit_deny(Missing { layer, level }, allowed.indeterminate));
            }
        }
        None
    }

    /// The attachment of a layer without levels, if it concerns the request.
    fn attachment(&self, layer: Layer, request: &Request<'_>) -> Option<&CompiledPolicy> {
        self.concerning(layer, request)?.first().map(|policy| &**policy)
    }

    fn first(&self, layer: Layer, allowed: Option<Allowed>) -> Option<StatementId> {
        id(layer, 0, self.layer(layer)?.first()?, allowed?.statement?)
    }
}

type Walk = fn(&CompiledPolicy, Asked<'_, '_>, Mode) -> Allowed;

fn allows(allowed: Option<Allowed>) -> Option<bool> {
    allowed.map(|allowed| allowed.statement.is_some())
}

fn id(layer: Layer, level: u32, policy: &CompiledPolicy, number: u32) -> Option<StatementId> {
    let statement = policy.statements.get(number as usize)?;
    Some(StatementId { layer, level, policy: statement.document, statement: statement.position })
}
