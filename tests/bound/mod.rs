//! A case asked once more in a session: a part of its context sealed in the facts, its policies bound to them. Whatever
//! the part, the decision must be that of the case as it stands.

#![allow(dead_code, unreachable_pub, reason = "each test target that includes this uses a part of it")]
#![allow(clippy::expect_used, reason = "a panic here fails a test, which is what it should do")]

use verdikt::evaluate::{Attachment, Layer, PolicySet};
use verdikt::request::context::ContextValue;
use verdikt::{Request, RequestError, SessionFacts};

/// What a session seals of a request.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Every key, and every other that the policies read as absent.
    Whole,
    /// About a half of the keys, those of the request and those that the policies read; which half, by a number.
    Half(u64),
}

impl Part {
    /// Whether the session seals a key.
    fn has(self, name: &str) -> bool {
        match self {
            Self::Whole => true,
            Self::Half(seed) => {
                let start = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let mix = |hash: u64, c| (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01B3);
                // Names that fold alike fall on one side.
                folded(name).chars().fold(start, mix).count_ones().is_multiple_of(2)
            }
        }
    }
}

/// A name under the fold of context keys.
pub fn folded(name: &str) -> String {
    verdikt::text::fold::fold_text(name).into_owned()
}

/// The facts of a session that seals this part of a request.
pub fn facts(request: &Request<'_>, set: &PolicySet, part: Part) -> Result<SessionFacts, RequestError> {
    let mut facts = SessionFacts::builder(request.principal().clone());
    for (name, value) in request.context().entries().filter(|(name, _)| part.has(name)) {
        facts = match value {
            ContextValue::One(text) => facts.present(name, text),
            ContextValue::Many(texts) => facts.present_many(name, texts.iter().map(ToString::to_string)),
        };
    }
    let read = set.attachments().iter().flat_map(|one| one.policy.reads());
    for name in read.filter(|name| request.context().get(name).is_none() && part.has(name)) {
        facts = facts.absent(name);
    }
    facts.build()
}

/// The request in the session: it states the keys that the facts do not have.
pub fn on<'a>(
    facts: &'a SessionFacts,
    request: &'a Request<'_>,
    part: Part,
) -> Result<Request<'a>, RequestError> {
    let action = request.action().text();
    let builder = facts.request(action, request.resource().text(), request.owner());
    let builder = builder.resource_policy_mode(request.resource_policy_mode());
    let open = request.context().entries().filter(|(name, _)| !part.has(name));
    let builder = open.fold(builder, |builder, (name, value)| match value {
        ContextValue::One(text) => builder.one(name, text),
        ContextValue::Many(texts) => builder.many(name, texts.iter().map(|text| &**text)),
    });
    builder.build()
}

/// The same policies, those that are chosen bound to the session.
pub fn bind(set: &PolicySet, facts: &SessionFacts, mut chosen: impl FnMut(&Attachment) -> bool) -> PolicySet {
    let mut bound = PolicySet::builder();
    for layer in Layer::ALL {
        let Some(attachments) = set.layer(layer) else { continue };
        let policy = |one: &Attachment| if chosen(one) { one.policy.bind(facts) } else { one.policy.clone() };
        let mut levels: Vec<_> = attachments.iter().map(policy).collect();
        bound = match layer {
            Layer::Scp => bound.scps(levels),
            Layer::Rcp => bound.rcps(levels),
            Layer::Resource => bound.resource(levels.remove(0)),
            Layer::Identity => bound.identity(levels.remove(0)),
            Layer::PermissionsBoundary => bound.permissions_boundary(levels.remove(0)),
            Layer::Session => bound.session(levels.remove(0)),
            Layer::VpcEndpoint => bound.vpc_endpoint(levels.remove(0)),
        };
    }
    bound.build().expect("a bound policy is of the kind of the unbound one")
}

/// Asks a question of the request in the session, all policies bound.
pub fn ask<T>(
    set: &PolicySet,
    request: &Request<'_>,
    part: Part,
    question: impl FnOnce(&PolicySet, &Request<'_>) -> T,
) -> Result<T, RequestError> {
    let facts = facts(request, set, part)?;
    let request = on(&facts, request, part)?;
    Ok(question(&bind(set, &facts, |_| true), &request))
}
