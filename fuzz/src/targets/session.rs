//! Sessions: policies bound to facts decide a request on top of the facts as unbound policies decide the request that
//! states everything, whichever keys are sealed, closed or spelt otherwise and whichever policies are bound. A sealed key
//! cannot be stated, and nobody else's request is allowed.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use verdikt::request::RequestBuffers;
use verdikt::request::context::ContextValue;
use verdikt::{Decision, PolicySet, Request, RequestError, SessionFacts};

use crate::bound::{bind, folded};
use crate::dice::Dice;
use crate::vocabulary as words;
use crate::{ask, case};

const FAMILY: &str = "aws:PrincipalTag/";

/// Cases of one policy set, and how each is cut in facts and request.
pub fn run(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    let mut is_kept = false;
    for mut case in case::cases(&mut dice) {
        if dice.flip() {
            relate(&mut dice, &mut case);
        }
        let line = case.to_string();
        is_kept |= ask::with(&line, |set, request| check(set, request, &mut dice, &line)).is_ok();
    }
    is_kept
}

/// Adds a statement about two keys of the request: one of them is often sealed, and the other open.
fn relate(dice: &mut Dice<'_>, case: &mut Value) {
    let (key, other) = (dice.pick(&words::KEYS), dice.pick(&words::KEYS));
    for name in [key, other] {
        case["request"]["context"][name] = dice.pick(&["alice", "bob", "", "true"]).into();
    }
    let operator = dice.pick(&[
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringEqualsIgnoreCase",
        "ForAnyValue:StringEquals",
        "StringEqualsIfExists",
    ]);
    let operand = dice.pick(&["${KEY}", "${KEY, 'bob'}", "${KEY}*"]).replace("KEY", other);
    let statement = json!({"Effect": dice.pick(&["Allow", "Deny"]), "Action": "*", "Resource": "*",
        "Condition": {operator: {key: operand}}});
    let policy = json!({"name": "two keys", "policy": {"Version": "2012-10-17", "Statement": statement}});
    match &mut case["policies"]["identity"] {
        Value::Array(policies) => policies.push(policy),
        other => *other = json!([policy]),
    }
}

fn check(set: &PolicySet, request: &Request<'_>, dice: &mut Dice<'_>, line: &str) {
    let decision = set.decide(request);
    let sides = Sides::new(set, request, dice);
    let asked = sides.on(request, RequestBuffers::default(), None).expect("what the session leaves open");
    let bits = dice.number();
    let mut place = 0;
    let some = bind(set, &sides.facts, |_| {
        place += 1;
        bits >> (place % 64) & 1 == 1
    });
    let all = bind(set, &sides.facts, |_| true);
    let asked = every(&sides, request, asked, &[set, &some, &all], decision, line);
    strangers(&all, request, line);
    for (name, _) in &sides.sealed {
        let forged = sides.on(request, asked.clone().into_buffers(), Some(name));
        assert!(matches!(forged, Err(RequestError::SealedKey(_))), "{name} is sealed: {forged:?}: {line}");
    }
}

/// The request in the session, and once more in its own memory, to every set.
fn every<'r>(
    sides: &'r Sides,
    request: &'r Request<'_>,
    asked: Request<'r>,
    sets: &[&PolicySet],
    decision: Decision,
    line: &str,
) -> Request<'r> {
    let again = sides.on(request, asked.clone().into_buffers(), None).expect("as before");
    for set in sets {
        for request in [&asked, &again] {
            assert_eq!(set.decide(request), decision, "in a session: {line}");
            assert_eq!(set.decide_exhaustively(request), decision, "in a session, exhaustively: {line}");
        }
        assert_eq!(set.explain(&asked).decision, decision, "in a session, explained: {line}");
    }
    again
}

/// A request of no session, and one of another session that says the same, are not allowed by a bound policy.
fn strangers(bound: &PolicySet, request: &Request<'_>, line: &str) {
    if bound.attachments().is_empty() {
        return;
    }
    let other = SessionFacts::builder(request.principal().clone()).build().expect("a session");
    let builder = other.request(request.action().text(), request.resource().text(), request.owner());
    let foreign = builder.build().expect("a request");
    for stranger in [request, &foreign] {
        let decision = bound.decide(stranger);
        assert!(!decision.is_allowed(), "a stranger is allowed: {line}");
        assert_eq!(bound.explain(stranger).decision, decision, "a stranger is told otherwise: {line}");
    }
}

/// What a session fixes of a request.
struct Sides {
    /// Names under the fold, and whether the session has a value.
    sealed: BTreeMap<String, bool>,
    facts: SessionFacts,
}

impl Sides {
    /// Cuts the keys that a request states and those that the policies read.
    fn new(set: &PolicySet, request: &Request<'_>, dice: &mut Dice<'_>) -> Self {
        let read = set.attachments().iter().flat_map(|one| one.policy.reads());
        let stated = request.context().entries().map(|(name, _)| name);
        let names: BTreeMap<String, &str> = stated.chain(read).map(|name| (folded(name), name)).collect();
        let is_closed = dice.chance(3);
        let mut facts = SessionFacts::builder(request.principal().clone());
        if is_closed {
            facts = facts.closed(dice.pick(&[FAMILY, "AWS:principaltag/"]));
        }
        let mut sealed = BTreeMap::new();
        for (folded_name, name) in names {
            let in_family = is_closed && folded_name.starts_with(&folded(FAMILY));
            if !dice.flip() && !in_family {
                continue;
            }
            let spelt = if dice.chance(4) { name.to_ascii_uppercase() } else { name.to_owned() };
            let value = request.context().get(name);
            facts = match value {
                Some(ContextValue::One(text)) => facts.present(spelt, text),
                Some(ContextValue::Many(texts)) => {
                    facts.present_many(spelt, texts.iter().map(ToString::to_string))
                }
                None if in_family => facts,
                None => facts.absent(&spelt),
            };
            sealed.insert(folded_name, value.is_some());
        }
        Self { sealed, facts: facts.build().expect("facts of one request do not contradict themselves") }
    }

    /// The request on the facts: it states the keys that the session does not have, and perhaps one that it has.
    fn on<'a>(
        &'a self,
        request: &'a Request<'_>,
        buffers: RequestBuffers,
        forged: Option<&'a str>,
    ) -> Result<Request<'a>, RequestError> {
        let (action, resource) = (request.action().text(), request.resource().text());
        let builder = self.facts.request_in(buffers, action, resource, request.owner());
        let builder = builder.resource_policy_mode(request.resource_policy_mode());
        let entries = request.context().entries();
        let open = entries.filter(|(name, _)| !self.sealed.contains_key(&folded(name)));
        let mut builder = open.fold(builder, |builder, (name, value)| match value {
            ContextValue::One(text) => builder.one(name, text),
            ContextValue::Many(texts) => builder.many(name, texts.iter().map(|text| &**text)),
        });
        if let Some(name) = forged {
            builder.add_one(name, "forged");
        }
        builder.build()
    }
}
