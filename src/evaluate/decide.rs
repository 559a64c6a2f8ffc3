//! The story of a decision.

use crate::request::Request;

use super::clause::Asked;
use super::combine::{Allows, Facts, Grade, Verdict, combine};
use super::decision::{Decision, Missing, StatementId};
use super::layer::{Concern, Layer};
use super::set::{Attachment, PolicySet};
use super::walk::{self, Allowed, Answer, Mode, Wanted};

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

    /// Decides by asking every statement, as [`explain`](Self::explain) does: the same decision without the index and
    /// without what sessions bound, for tests and for measuring the two.
    pub fn decide_exhaustively(&self, request: &Request<'_>) -> Decision {
        self.decide_by(request, Mode::Exhaustive)
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

    #[allow(clippy::inline_always, reason = "two copies, each for its mode")]
    #[inline(always)]
    pub(super) fn decide_by(&self, request: &Request<'_>, mode: Mode) -> Decision {
        if self.has_bound()
            && let Some(place) = self.foreign(request)
        {
            let Attachment { layer, level, .. } = *place;
            return Decision::implicit_deny(Missing { layer, level }, false);
        }
        if is_always_allowed(request) {
            return Decision::allowed(None);
        }
        let uses_bindings = self.has_bound() && mode == Mode::Indexed;
        let mut asked = self.asked(request);
        let mut found = Found::NOTHING;
        // One pass over the layers in order: a Deny ends it, wherever it stands; what is allowed is kept for the table.
        for place in self.attachments() {
            if place.layer.concern(request) != Concern::Applies {
                continue;
            }
            if uses_bindings {
                asked.binding = place.policy.binding.as_ref();
            }
            // Without every level of an SCP or RCP nothing is allowed: only a later Deny still matters.
            let wanted = if found.is_hopeless() {
                Wanted::Denies
            } else if place.layer == Layer::Resource {
                Wanted::StrongestAllow
            } else {
                Wanted::FirstAllow
            };
            match walk::ask(&place.policy.form, &asked, wanted, mode) {
                Answer::Denied(number, indeterminate) => {
                    return Decision::explicit_deny(id(place, number), indeterminate);
                }
                Answer::Allowed(allowed) => found.add(place, allowed),
            }
        }
        combined(request, &found)
    }

    /// The first policy that is bound to another session than the request's; it decides only those of its own.
    #[inline(never)]
    pub(super) fn foreign(&self, request: &Request<'_>) -> Option<&Attachment> {
        let is_of = |session| request.session().is_some_and(|own| own.is_same(session));
        self.attachments().iter().find(|place| place.policy.session().is_some_and(|session| !is_of(session)))
    }

    /// The request as this set's statements see it.
    pub(super) fn asked<'r, 'a>(&self, request: &'r Request<'a>) -> Asked<'r, 'a> {
        Asked { request, binding: None, bounded: self.is_bounded(request) }
    }
}

/// What the truth table makes of the layers.
#[inline]
fn combined(request: &Request<'_>, found: &Found<'_>) -> Decision {
    let facts = Facts::of(request);
    match combine(facts, found.allows) {
        Verdict::AllowedByResource => {
            Decision::allowed(found.resource.map(|(place, number)| id(place, number)))
        }
        Verdict::AllowedByIdentity => {
            Decision::allowed(found.identity.map(|(place, number)| id(place, number)))
        }
        Verdict::AllowedAsRoot => Decision::allowed(None),
        Verdict::Missing(layer) => {
            // A clause that cannot be told decided if the request were allowed, had all of them held.
            let could = if found.possible == found.allows {
                Verdict::Missing(layer)
            } else {
                combine(facts, found.possible)
            };
            let level = match layer {
                Layer::Scp => found.scp_level,
                Layer::Rcp => found.rcp_level,
                Layer::Resource
                | Layer::Identity
                | Layer::PermissionsBoundary
                | Layer::Session
                | Layer::VpcEndpoint => 0,
            };
            Decision::implicit_deny(Missing { layer, level }, !matches!(could, Verdict::Missing(_)))
        }
    }
}

/// AWS answers who the caller is, whatever any policy says.
pub(super) fn is_always_allowed(request: &Request<'_>) -> bool {
    request.action().folded() == "sts:getcalleridentity"
}

/// What the layers met so far allow.
struct Found<'p> {
    allows: Allows,
    /// The same, had every clause that cannot be told held.
    possible: Allows,
    /// The first levels that allow nothing.
    scp_level: u32,
    rcp_level: u32,
    /// The statements that decide.
    resource: Option<(&'p Attachment, u32)>,
    identity: Option<(&'p Attachment, u32)>,
}

impl<'p> Found<'p> {
    const NOTHING: Self = Self {
        allows: Allows::NOTHING,
        possible: Allows::NOTHING,
        scp_level: 0,
        rcp_level: 0,
        resource: None,
        identity: None,
    };

    #[inline]
    fn add(&mut self, place: &'p Attachment, allowed: Allowed) {
        let Allowed { grade, statement, possible } = allowed;
        match place.layer {
            Layer::Identity => self.identity = statement.map(|number| (place, number)),
            Layer::Resource => self.resource = statement.map(|number| (place, number)),
            Layer::Scp if grade == Grade::None && !self.allows.is_silent(Layer::Scp) => {
                self.scp_level = place.level;
            }
            Layer::Rcp if grade == Grade::None && !self.allows.is_silent(Layer::Rcp) => {
                self.rcp_level = place.level;
            }
            Layer::Scp | Layer::Rcp | Layer::PermissionsBoundary | Layer::Session | Layer::VpcEndpoint => {}
        }
        self.allows = self.allows.with(place.layer, grade);
        self.possible = self.possible.with(place.layer, possible);
    }

    /// Whether nothing that other layers allow can matter any more.
    #[inline]
    fn is_hopeless(&self) -> bool {
        self.possible.any_silent([Layer::Scp, Layer::Rcp])
    }
}

fn id(place: &Attachment, number: u32) -> StatementId {
    let statement = place.policy.form.statements.get(number as usize);
    let (policy, statement) = statement.map_or((u32::MAX, u32::MAX), |one| (one.document, one.position));
    StatementId { layer: place.layer, level: place.level, policy, statement }
}
