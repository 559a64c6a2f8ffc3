//! Sessions: policies bound to facts decide the request on top of them as unbound policies decide the request that
//! states everything; and what is bound decides for its own session alone.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use verdikt::request::context::ContextValue;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::case::{Case, policy_set};
use verdikt::{Decision, Limits, Owner, PolicySet, Request, RequestError, SessionFacts};

use crate::bound::{bind, folded};
use crate::properties::{cases, config};
use crate::strategies::{Layer, Scenario, scenario};

/// A family that a session may close.
pub(crate) const FAMILY: &str = "aws:PrincipalTag/";

/// Which keys of a case the session has, by their places in the order of their names; and which attachments are bound.
#[derive(Clone, Copy, Debug)]
struct Split {
    sealed: u32,
    respelled: u32,
    closed: bool,
    bound: u16,
}

fn split() -> impl Strategy<Value = Split> {
    let closed = proptest::bool::weighted(0.4);
    (any::<u32>(), any::<u32>(), closed, any::<u16>()).prop_map(|(sealed, respelled, closed, bound)| Split {
        sealed,
        respelled,
        closed,
        bound,
    })
}

/// Keys that statements about the session read; the request holds some of them.
const KEYS: [&str; 6] = [
    "aws:username",
    "aws:PrincipalTag/team",
    "aws:PrincipalTag/\u{212a}ey",
    "cognito-identity.amazonaws.com:sub",
    "aws:TagKeys",
    "s3:prefix",
];

const RESOURCES: [&str; 14] = [
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket/${aws:username}/*",
    "arn:aws:s3:::bucket/${AWS:USERNAME}/${aws:PrincipalTag/team}",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'a'}/*",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/key}/?",
    "arn:aws:s3:::*/${cognito-identity.amazonaws.com:sub}/*",
    "arn:aws:s3:::bucket/*${aws:username}${aws:PrincipalTag/team, ''}*",
    "arn:aws:s3:::bucket/${aws:TagKeys}/*",
    "arn:aws:s3:::bucket/${aws:TagKeys, 'a'}/*",
    "arn:aws:s3:*:${s3:prefix, ''}:bucket/${s3:prefix}/b",
    "arn:aws:s3:::bucket/*",
];

const OPERANDS: [&str; 11] = [
    "a",
    "b",
    "",
    "${aws:username}",
    "${aws:username}",
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/team, 'a'}",
    "${aws:PrincipalTag/KEY}",
    "${aws:TagKeys, 'a'}",
    "${s3:prefix}",
    "x${cognito-identity.amazonaws.com:sub}",
];

const OPERATORS: [&str; 11] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLikeIfExists",
    "StringEqualsIfExists",
    "StringEqualsIgnoreCase",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringLike",
    "ForAllValues:StringNotEqualsIfExists",
    "NumericEquals",
    "Null",
];

const TARGETS: [&str; 4] = [
    "arn:aws:s3:::bucket/a/b",
    "arn:aws:s3:::bucket/b/a",
    "arn:aws:s3:::bucket/a/x:y",
    "arn:aws:s3:::bucket/${aws:username}/b",
];

/// A statement whose clauses hang on keys of the session.
fn statement() -> impl Strategy<Value = Value> {
    let condition = (select(&OPERATORS[..]), select(&KEYS[..]), vec(select(&OPERANDS[..]), 1..3));
    let conditions = vec(condition, 0..3);
    let negated = proptest::bool::weighted(0.25);
    (proptest::bool::weighted(0.6), negated, vec(select(&RESOURCES[..]), 1..3), conditions).prop_map(
        |(allow, negated, resources, conditions)| {
            let mut statement = json!({"Effect": if allow { "Allow" } else { "Deny" }, "Action": "*:*"});
            statement[if negated { "NotResource" } else { "Resource" }] = json!(resources);
            for (operator, key, operands) in conditions {
                let operands = match operator {
                    "Null" => json!(["true", "false"][operands.len() - 1]),
                    "NumericEquals" => json!("1"),
                    _ => json!(operands),
                };
                statement["Condition"][operator][key] = operands;
            }
            statement
        },
    )
}

/// What a request holds under a key: often a value that matches, not rarely none, an empty one, or many.
fn held() -> impl Strategy<Value = Option<Value>> {
    let one = select(&["a", "a", "a", "b", "1", "*", "a/b"][..]).prop_map(|text| Some(json!(text)));
    let many = vec(select(&["a", "b", ""][..]), 0..3).prop_map(|texts| Some(json!(texts)));
    prop_oneof![6 => one, 2 => Just(None), 1 => Just(Some(json!(""))), 3 => many]
}

/// Cases whose statements hang on the session: some with nothing else, some amid the layers of any case.
fn case() -> impl Strategy<Value = Scenario> {
    let own = vec(statement(), 1..4);
    let places =
        (any::<bool>(), proptest::bool::weighted(0.4), select(&["session", "permissions_boundary"][..]));
    (scenario(), own, vec(statement(), 0..3), vec(held(), KEYS.len()), select(&TARGETS[..]), places).prop_map(
        |(mut scenario, mut own, second, held, target, (alone, open, place))| {
            if open {
                own.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
            }
            if alone {
                scenario.principal = "arn:aws:iam::111122223333:user/a";
                scenario.owner = Some("111122223333");
                scenario.layers.clear();
            }
            scenario.layers.retain(|layer| layer.name != "identity" && layer.name != place);
            scenario.layers.push(Layer { name: "identity", documents: vec![own] });
            if !second.is_empty() {
                scenario.layers.push(Layer { name: place, documents: vec![second] });
            }
            (scenario.action, scenario.resource) = ("s3:GetObject", target);
            scenario.context.retain(|(name, _)| !KEYS.iter().any(|key| folded(key) == folded(name)));
            let held = KEYS.iter().zip(held).filter_map(|(key, held)| Some(((*key).to_owned(), held?)));
            scenario.context.extend(held);
            scenario
        },
    )
}

/// Reads a case and asks something of it.
fn ask<T>(case: &Value, question: impl FnOnce(&PolicySet, &Request<'_>) -> T) -> Option<T> {
    let line = case.to_string();
    let limits = RequestLimits::default();
    let case = Case::parse(&line).unwrap();
    let document = case.request_document(&limits).unwrap();
    let request = document.request(limits).unwrap();
    let set = policy_set(case.policies, &request, &Limits::default()).ok()?;
    Some(question(&set, &request))
}

/// A name in other case.
fn respelled(name: &str, is_upper: bool) -> String {
    if is_upper { name.to_ascii_uppercase() } else { name.to_owned() }
}

/// What a session and its requests say of the keys of a case.
struct Sides {
    /// Names and spellings of the keys that the session has, or says are absent.
    sealed: BTreeMap<String, String>,
    facts: SessionFacts,
}

impl Split {
    /// Cuts what a request states and what the policies read in two.
    fn of(self, set: &PolicySet, request: &Request<'_>) -> Sides {
        let read = set.attachments().iter().flat_map(|one| one.policy.reads());
        let stated = request.context().entries().map(|(name, _)| name);
        let names: BTreeMap<String, &str> = stated.chain(read).map(|name| (folded(name), name)).collect();
        let in_family = |name: &str| self.closed && name.starts_with(&folded(FAMILY));
        let mut facts = SessionFacts::builder(request.principal().clone());
        if self.closed {
            facts = facts.closed(FAMILY);
        }
        let mut sealed = BTreeMap::new();
        for (place, (folded, name)) in names.into_iter().enumerate() {
            let bit = 1u32.rotate_left(u32::try_from(place).unwrap());
            if self.sealed & bit == 0 && !in_family(&folded) {
                continue;
            }
            let spelled = respelled(name, self.respelled & bit != 0);
            facts = match request.context().get(name) {
                Some(ContextValue::One(text)) => facts.present(spelled.as_str(), text),
                Some(ContextValue::Many(texts)) => {
                    facts.present_many(spelled.as_str(), texts.iter().map(ToString::to_string))
                }
                None if in_family(&folded) => facts,
                None => facts.absent(&spelled),
            };
            sealed.insert(folded, spelled);
        }
        Sides { sealed, facts: facts.build().unwrap() }
    }
}

impl Sides {
    /// The request on the facts: it states the keys that the session does not have.
    fn on<'a>(&self, facts: &'a SessionFacts, request: &'a Request<'_>) -> Result<Request<'a>, RequestError> {
        let builder = facts.request(request.action().text(), request.resource().text(), request.owner());
        let builder = builder.resource_policy_mode(request.resource_policy_mode());
        let entries = request.context().entries();
        let open = entries.filter(|(name, _)| !self.sealed.contains_key(&folded(name)));
        let builder = open.fold(builder, |builder, (name, value)| match value {
            ContextValue::One(text) => builder.one(name, text),
            ContextValue::Many(texts) => builder.many(name, texts.iter().map(|text| &**text)),
        });
        builder.build()
    }
}

/// Everyone who must decide as the plain request does, by what distinguishes them.
fn decisions(split: Split, set: &PolicySet, request: &Request<'_>) -> Vec<(&'static str, Decision)> {
    let sides = split.of(set, request);
    let asked = sides.on(&sides.facts, request).unwrap();
    let copy = sides.facts.clone();
    let of_copy = sides.on(&copy, request).unwrap();
    let all = bind(set, &sides.facts, |_| true);
    let mut bits = split.bound;
    let some = bind(set, &sides.facts, |_| {
        bits = bits.rotate_right(1);
        bits & 1 == 1
    });
    vec![
        ("unbound, unindexed", set.decide_exhaustively(request)),
        ("unbound, in the session", set.decide(&asked)),
        ("all bound", all.decide(&asked)),
        ("all bound, a copy of the request", all.clone().decide(&asked.clone())),
        ("all bound, explained", all.explain(&asked).decision),
        ("all bound, unindexed", all.decide_exhaustively(&asked)),
        ("all bound, a request of a copy of the facts", all.decide(&of_copy)),
        ("bound to a copy of the facts", bind(set, &copy, |_| true).decide(&asked)),
        ("bound anew", bind(&all, &copy, |_| true).decide(&asked)),
        ("some bound", some.decide(&asked)),
        ("some bound, explained", some.explain(&asked).decision),
    ]
}

/// Spellings that are one name under the fold: ASCII case, the Kelvin sign, the long s.
fn spellings(name: &str) -> [String; 4] {
    let odd = name.replace(['k', 'K'], "\u{212a}").replace(['s', 'S'], "\u{17f}");
    [name.to_owned(), name.to_ascii_uppercase(), name.to_ascii_lowercase(), odd]
}

/// Whether a request that states a sealed key is refused, single- and multivalued.
fn is_refused(facts: &SessionFacts, request: &Request<'_>, name: &str) -> bool {
    let builder = || facts.request(request.action().text(), request.resource().text(), request.owner());
    let many = |values: &'static [&'static str]| builder().many(name, values.iter().copied()).build();
    [builder().one(name, "a").build(), many(&["a"]), many(&[])]
        .into_iter()
        .all(|built| built.is_err_and(|error| error.code() == "SEALED_CONTEXT_KEY"))
}

const FOREIGN: &str = "bound to another session";

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(320), ..config() })]

    #[test]
    fn bound_policies_decide_as_the_whole_request(case in case(), split in split()) {
        let (plain, others) =
            ask(&case.case(), |set, request| (set.decide(request), decisions(split, set, request))).unwrap();
        for (who, decision) in others {
            prop_assert_eq!(decision, plain, "{}", who);
        }
    }

    #[test]
    fn sealed_keys_cannot_be_stated(case in case(), split in split()) {
        ask(&case.case(), |set, request| {
            let sides = split.of(set, request);
            let beside = split.closed.then(|| format!("{FAMILY}beside")).into_iter();
            for name in sides.sealed.values().cloned().chain(beside) {
                for spelled in spellings(&name) {
                    prop_assert!(is_refused(&sides.facts, request, &spelled), "{spelled}");
                }
            }
            let open = sides.facts.request("s3:GetObject", "*", Owner::Nobody).one("x:open", "a").build();
            prop_assert!(open.is_ok());
            Ok(())
        }).unwrap()?;
    }

    #[test]
    fn another_session_is_denied(case in case(), split in split()) {
        ask(&case.case(), |set, request| {
            let (sides, other) = (split.of(set, request), split.of(set, request));
            let foreign = other.on(&other.facts, request).unwrap();
            let mut places = split.bound;
            let last = set.attachments().len() - 1;
            let mut place = 0;
            // At least one is bound: the last, if no other is.
            let some = bind(set, &sides.facts, |_| {
                places = places.rotate_right(1);
                place += 1;
                places & 1 == 1 || place > last
            });
            for asked in [&foreign, request] {
                for set in [&some, &bind(set, &sides.facts, |_| true)] {
                    let (decision, explanation) = (set.decide(asked), set.explain(asked));
                    prop_assert!(!decision.is_allowed());
                    prop_assert_eq!(decision, explanation.decision);
                    prop_assert_eq!(decision, set.decide_exhaustively(asked));
                    prop_assert!(explanation.notes.iter().any(|note| note.contains(FOREIGN)));
                    prop_assert!(explanation.to_string().contains(FOREIGN));
                }
            }
            // Its own requests are told nothing of the kind.
            let own = sides.on(&sides.facts, request).unwrap();
            prop_assert!(!some.explain(&own).notes.iter().any(|note| note.contains(FOREIGN)));
            Ok(())
        }).unwrap()?;
    }
}

/// Cases that are counted.
const CASES: u32 = 800;

/// What cases of the property are made of, counted.
#[derive(Debug, Default)]
struct Shares {
    outcomes: [u32; 3],
    /// A clause that cannot be told decides.
    indeterminate: u32,
    /// The decision is another if `${…}` is plain text.
    by_variable: u32,
    /// The decision is another without the keys that are sealed.
    by_sealed: u32,
    /// The session says that a variable's key is multivalued, absent, empty.
    variables: [u32; 3],
    /// A family is closed, and one of its keys is read and absent.
    closed: u32,
}

impl Shares {
    fn add(&mut self, case: &Scenario, split: Split) {
        let written = case.case();
        ask(&written, |set, request| {
            let decision = set.decide(request);
            self.outcomes[decision.outcome as usize] += 1;
            self.indeterminate += u32::from(decision.indeterminate);
            let old = written.to_string().replace("2012-10-17", "2008-10-17");
            let old: Value = serde_json::from_str(&old).unwrap();
            let by_variable = ask(&old, |set, request| set.decide(request) != decision) == Some(true);
            self.by_variable += u32::from(by_variable);
            let sides = split.of(set, request);
            let mut open = case.clone();
            open.context.retain(|(name, _)| !sides.sealed.contains_key(&folded(name)));
            let by_sealed = ask(&open.case(), |set, request| set.decide(request) != decision);
            self.by_sealed += u32::from(by_sealed == Some(true));
            self.add_variables(&written.to_string().to_lowercase(), &sides, request);
        });
    }

    fn add_variables(&mut self, policies: &str, sides: &Sides, request: &Request<'_>) {
        let sealed = sides.sealed.keys();
        let named: Vec<_> = sealed.filter(|name| policies.contains(&format!("${{{name}"))).collect();
        let is = |test: fn(Option<ContextValue<'_>>) -> bool| {
            u32::from(named.iter().any(|name| test(request.context().get(name))))
        };
        self.variables[0] += is(|value| matches!(value, Some(ContextValue::Many([_, ..]))));
        self.variables[1] += is(|value| value.is_none());
        self.variables[2] += is(|value| value == Some(ContextValue::One("")));
        let absent =
            |name: &&String| name.starts_with(&folded(FAMILY)) && request.context().get(name).is_none();
        self.closed += u32::from(sides.sealed.keys().any(|name| absent(&name)));
    }
}

#[test]
fn the_cases_of_the_property_are_balanced() {
    let mut runner = TestRunner::deterministic();
    let strategy = (case(), split());
    let mut shares = Shares::default();
    for _ in 0..CASES {
        let (case, split) = strategy.new_tree(&mut runner).unwrap().current();
        shares.add(&case, split);
    }
    println!("of {CASES}: {shares:?}");
    let least = |count: u32, percent: u32| count * 100 >= CASES * percent;
    let Shares { outcomes, indeterminate, by_variable, by_sealed, variables, closed } = shares;
    assert!(outcomes.iter().all(|count| least(*count, 10)), "{outcomes:?}");
    assert!(least(indeterminate, 8), "{indeterminate}");
    assert!(least(by_variable, 10), "{by_variable}");
    assert!(least(by_sealed, 12), "{by_sealed}");
    assert!(variables.iter().all(|count| least(*count, 8)), "{variables:?}");
    assert!(least(closed, 8), "{closed}");
}
