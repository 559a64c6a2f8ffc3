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
        if is_always_allowed(request) {
            return Decision::allowed(None);
        }
        let asked = self.asked(request);
        let mut layers = [None; LAYERS];
        // One pass over the layers in order: a Deny ends it, wherever it stands; what is allowed is kept for the table.
        for (layer, found) in Layer::ALL.into_iter().zip(&mut layers) {
            for (level, policy) in (0u32..).zip(self.concerning(layer, request).unwrap_or_default()) {
                if let Some((number, indeterminate)) = first_deny(policy, asked, mode) {
                    return Decision::explicit_deny(id(layer, level, policy, number), indeterminate);
                }
                let allowed = if layer == Layer::Resource {
                    strongest_allow(policy, asked, mode)
                } else {
                    first_allow(policy, asked, mode)
                };
                LayerAllows::add(found, level, allowed);
            }
        }
        self.combined(request, &layers)
    }

    /// What the truth table makes of the layers.
    fn combined(&self, request: &Request<'_>, layers: &[Option<LayerAllows>; LAYERS]) -> Decision {
        let facts = Facts::of(request);
        match combine(facts, allows(layers, |layer| layer.grade)) {
            Verdict::AllowedByResource => Decision::allowed(self.first(Layer::Resource, layers)),
            Verdict::AllowedByIdentity => Decision::allowed(self.first(Layer::Identity, layers)),
            Verdict::AllowedAsRoot => Decision::allowed(None),
            Verdict::Missing(layer) => {
                // A clause that cannot be told decided if the request were allowed, had all of them held.
                let could = combine(facts, allows(layers, |layer| layer.possible));
                let level = of(layers, layer).map_or(0, |found| found.level);
                Decision::implicit_deny(Missing { layer, level }, !matches!(could, Verdict::Missing(_)))
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

    /// The first statement of the grade by which a layer without levels allows.
    fn first(&self, layer: Layer, layers: &[Option<LayerAllows>; LAYERS]) -> Option<StatementId> {
        Some(id(layer, 0, self.layer(layer)?.first()?, of(layers, layer)?.statement?))
    }
}

/// AWS answers who the caller is, whatever any policy says.
pub(super) fn is_always_allowed(request: &Request<'_>) -> bool {
    request.action().folded() == "sts:getcalleridentity"
}

/// What the levels of one layer allow together.
#[derive(Clone, Copy)]
struct LayerAllows {
    /// The weakest grade of its levels, and that of the Indeterminate ones had they held.
    grade: Grade,
    possible: Grade,
    /// The first level that allows nothing.
    level: u32,
    statement: Option<u32>,
}

impl LayerAllows {
    fn add(layer: &mut Option<Self>, level: u32, allowed: Allowed) {
        let Allowed { grade, statement, possible } = allowed;
        match layer {
            None => *layer = Some(Self { grade, possible, level, statement }),
            Some(layer) => {
                if layer.grade != Grade::None {
                    layer.level = level;
                }
                layer.grade = layer.grade.min(grade);
                layer.possible = layer.possible.min(possible);
            }
        }
    }
}

fn of(layers: &[Option<LayerAllows>; LAYERS], layer: Layer) -> Option<&LayerAllows> {
    Layer::ALL.into_iter().zip(layers).find(|(other, _)| *other == layer)?.1.as_ref()
}

/// The columns of the truth table, by the actual or the possible grades.
fn allows(layers: &[Option<LayerAllows>; LAYERS], grade: fn(&LayerAllows) -> Grade) -> Allows {
    let [scps, rcps, resource, identity, permissions_boundary, session, vpc_endpoint] =
        layers.each_ref().map(|layer| layer.as_ref().map(grade));
    let allows = |layer: Option<Grade>| layer.map(|grade| grade != Grade::None);
    Allows {
        scps: allows(scps),
        rcps: allows(rcps),
        resource: resource.unwrap_or(Grade::None),
        identity: allows(identity).unwrap_or(false),
        permissions_boundary: allows(permissions_boundary),
        session: allows(session),
        vpc_endpoint: allows(vpc_endpoint),
    }
}

fn id(layer: Layer, level: u32, policy: &CompiledPolicy, number: u32) -> StatementId {
    let statement = policy.statements.get(number as usize);
    let (policy, statement) = statement.map_or((u32::MAX, u32::MAX), |one| (one.document, one.position));
    StatementId { layer, level, policy, statement }
}
