//! The nearest allow: what is suggested allows, and where nothing is suggested nothing near does.

mod kinds;
mod named;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use verdikt::evaluate::explain::{Change, Given, NearestAllow, Suggestion};
use verdikt::policy::Effect;
use verdikt::request::derive::PrincipalKey;
use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request, SessionFacts};

use crate::explain::{ask, lines};
use crate::oracle;
use crate::properties::{cases, config, seed};
use crate::strategies::{Layer, Scenario, TARGETS, TEXT_KEYS, TYPED, WORDS, context, scenario, statement};

/// The request of a case with a suggestion's changes, made in its JSON form.
fn changed(case: &Value, suggestion: &Suggestion) -> Value {
    let mut case = case.clone();
    let request = &mut case["request"];
    for change in &suggestion.changes {
        match change {
            Change::Action { to, .. } => request["action"] = json!(to),
            Change::Resource { to, .. } => request["resource"] = json!(to),
            Change::Key { name, to, .. } => {
                if request["context"].is_null() {
                    request["context"] = json!({});
                }
                let context = request["context"].as_object_mut().unwrap();
                context.retain(|known, _| !verdikt::text::fold::eq_folded(known, name));
                match to {
                    Given::Absent => {}
                    Given::One(text) => drop(context.insert(name.clone(), json!(text))),
                    Given::Many(texts) => drop(context.insert(name.clone(), json!(texts))),
                }
            }
        }
    }
    case
}

fn nearest(case: &Value) -> Option<NearestAllow> {
    ask(&case.to_string(), PolicySet::nearest_allow).unwrap()
}

/// Every suggestion, made in the case's text, is allowed, by the independent evaluator too.
fn holds(case: &Value) -> usize {
    let line = case.to_string();
    let (nearest, explanation) =
        ask(&line, |set, request| (set.nearest_allow(request), set.explain_decision(request))).unwrap();
    let Some(nearest) = nearest else { return 0 };
    let denies = explanation.statements().filter(|one| one.effect == Effect::Deny && one.applies());
    let mut denies: Vec<_> = denies.map(|one| one.id).collect();
    denies.sort_unstable();
    assert_eq!(nearest.in_the_way, denies, "{case:#}");
    assert_eq!(nearest.in_the_way.first().copied(), explanation.decision.statement, "{case:#}");
    for suggestion in &nearest.suggestions {
        let changed = changed(case, suggestion);
        let decision = ask(&changed.to_string(), PolicySet::decide).unwrap();
        assert!(decision.is_allowed(), "{suggestion}\n{case:#}");
        assert_eq!(oracle::decide(&changed).outcome, oracle::Outcome::Allowed, "{suggestion}\n{case:#}");
        assert_eq!(changed["policies"], case["policies"]);
        assert_eq!(changed["request"]["principal"], case["request"]["principal"]);
    }
    nearest.suggestions.len()
}

#[test]
fn suggestions_for_known_cases_allow() {
    let suggestions: usize = lines().iter().map(|line| holds(&oracle::text::read(line).unwrap())).sum();
    assert!(suggestions > 800, "{suggestions}");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn suggestions_allow(scenario in scenario()) {
        holds(&scenario.case());
    }
}

/// Every change of the space that the search is meant to cover, with values of the strategies' own.
fn universe(scenario: &Scenario, request: &Request<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add_key = |name: &str, to: Given| {
        let from = Given::Absent;
        changes.push(Change::Key { name: name.to_owned(), from, to, is_example: false });
    };
    let is_fixed = |name: &str| PrincipalKey::ALL.iter().any(|key| key.name() == name);
    for name in TEXT_KEYS.into_iter().filter(|name| !is_fixed(name)) {
        add_key(name, Given::Absent);
        for word in WORDS.into_iter().filter(|word| !word.is_empty()).chain(["plain"]) {
            let word = word.to_owned();
            add_key(name, if name == "aws:TagKeys" { Given::Many(vec![word]) } else { Given::One(word) });
        }
    }
    for (name, values, ..) in TYPED {
        add_key(name, Given::Absent);
        values
            .iter()
            .filter(|value| !value.is_empty())
            .for_each(|value| add_key(name, Given::One((*value).to_owned())));
    }
    for key in PrincipalKey::ALL {
        if let Ok(value) = key.value(request.principal()) {
            add_key(key.name(), value.map_or(Given::Absent, Given::One));
        }
    }
    if scenario.resource == "*" {
        return changes;
    }
    let service = |arn: &str| arn.split(':').nth(2).unwrap().to_owned();
    let account = |arn: &str| arn.split(':').nth(4).unwrap().to_owned();
    let is_governed = scenario.layers.iter().any(|layer| layer.name == "resource");
    for (_, resource) in TARGETS.into_iter().filter(|(_, resource)| *resource != "*") {
        let asked = scenario.resource;
        let stays = !is_governed || bucket_or_all(resource) == bucket_or_all(asked);
        if stays && service(resource) == service(asked) && account(resource) == account(asked) {
            let (from, to) = (asked.to_owned(), resource.to_owned());
            changes.push(Change::Resource { from, to, is_example: false });
        }
    }
    changes
}

/// What a resource-based policy is attached to: of an object its bucket.
fn bucket_or_all(arn: &str) -> &str {
    if arn.starts_with("arn:aws:s3:") { arn.split('/').next().unwrap() } else { arn }
}

/// Whether two changes are of the same part of the request.
fn same_part(one: &Change, other: &Change) -> bool {
    match (one, other) {
        (Change::Key { name, .. }, Change::Key { name: other, .. }) => name == other,
        (Change::Resource { .. }, Change::Resource { .. }) => true,
        _ => false,
    }
}

/// Tries every change of the universe, alone and, if so many are asked for, in pairs.
fn exhaustive(
    set: &PolicySet,
    request: &Request<'_>,
    universe: &[Change],
    most: usize,
) -> Option<Suggestion> {
    let allows = |suggestion: &Suggestion| {
        suggestion.request(request).is_ok_and(|changed| set.decide(&changed).is_allowed())
    };
    let alone = universe.iter().map(|change| Suggestion { changes: vec![change.clone()] });
    let pairs = universe.iter().enumerate().filter(|_| most > 1).flat_map(|(at, one)| {
        let others = universe.iter().skip(at + 1).filter(|other| !same_part(one, other));
        others.map(|other| Suggestion { changes: vec![one.clone(), other.clone()] })
    });
    alone.chain(pairs).find(allows)
}

/// Cases of which many are a change or two from being allowed: a user and its own account's object, a policy of a few
/// statements about it, with conditions, and sometimes a boundary.
fn small() -> impl Strategy<Value = Scenario> {
    let statements = || vec((statement("identity"), any::<bool>()), 1..4);
    (statements(), option::weighted(0.3, statements()), context()).prop_map(
        |(identity, boundary, context)| {
            let layer = |name, statements: Vec<(Value, bool)>| {
                let about = |(mut statement, is_any): (Value, bool)| {
                    let parts = statement.as_object_mut().unwrap();
                    parts.remove("NotAction");
                    parts.insert("Action".to_owned(), json!("s3:*"));
                    if is_any {
                        parts.remove("NotResource");
                        parts.insert("Resource".to_owned(), json!("*"));
                    }
                    statement
                };
                Layer { name, documents: Vec::from([statements.into_iter().map(about).collect()]) }
            };
            let boundary = boundary.map(|boundary| layer("permissions_boundary", boundary));
            Scenario {
                principal: "arn:aws:iam::111122223333:user/s\u{f8}n",
                action: TARGETS[0].0,
                resource: TARGETS[0].1,
                owner: Some("111122223333"),
                context,
                layers: [layer("identity", identity)].into_iter().chain(boundary).collect(),
            }
        },
    )
}

/// Whether changes to the request can matter: the caller has policies of its own, in the account of the resource.
fn is_promising(scenario: &Scenario) -> bool {
    let own = [":user/", ":assumed-role/", ":role/"].iter().any(|part| scenario.principal.contains(part));
    own && scenario.principal.contains("111122223333") && scenario.owner == Some("111122223333")
}

/// Nothing smaller than what is suggested allows, and where nothing is suggested, nothing within two changes. How many
/// changes the suggestion has; none if the case is allowed.
fn is_nearest(scenario: &Scenario) -> Option<usize> {
    let case = scenario.case();
    let ask = ask(&case.to_string(), |set, request| {
        let nearest = set.nearest_allow(request)?;
        let near = nearest.suggestions.first().map_or(0, |suggestion| suggestion.changes.len());
        assert!(near > 0 || nearest.searched >= 2, "the search ended early: {case:#}");
        let most = if near == 0 { 2 } else { near.saturating_sub(1).min(2) };
        let universe = if most > 0 { universe(scenario, request) } else { Vec::new() };
        let found = exhaustive(set, request, &universe, most);
        assert!(found.is_none(), "{} was not found: {case:#}", found.unwrap());
        Some(near)
    });
    ask.unwrap()
}

#[test]
fn nothing_nearer_than_what_is_suggested_allows() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[u8::try_from(seed() % 256).unwrap(); 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut met = [0; 4];
    while met.iter().sum::<u32>() < cases(400) {
        let whole = scenario().new_tree(&mut runner).unwrap().current();
        let small = small().new_tree(&mut runner).unwrap().current();
        for scenario in [whole, small].iter().filter(|scenario| is_promising(scenario)) {
            if let Some(changes) = is_nearest(scenario) {
                met[changes] += 1;
            }
        }
    }
    // Nothing, one change, two, three.
    println!("{met:?}");
    assert!(met[..3].iter().all(|count| *count > cases(400) / 40), "{met:?}");
}

/// In a session nothing that it seals is to be changed, and what is suggested is a request of the session.
#[test]
fn a_session_keeps_what_it_seals() {
    let json = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::app/${aws:PrincipalTag/team}/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}"#;
    let document = Document::parse(Kind::Identity, "p", json, &Limits::default()).unwrap().document;
    let policy = CompiledPolicy::compile(&[document]).unwrap();
    let user = Principal::parse("arn:aws:sts::111122223333:assumed-role/R/s").unwrap();
    let session = |team: &str| {
        let facts = SessionFacts::builder(user.clone()).present("aws:PrincipalTag/team", team);
        facts.closed("aws:PrincipalTag/").build().unwrap()
    };
    let (own, other) = (session("red"), session("blue"));
    let set = PolicySet::builder().identity(policy.bind(&own)).build().unwrap();
    let owner = Owner::Account("111122223333");
    let request = own.request("s3:GetObject", "arn:aws:s3:::app/blue/k", owner).build().unwrap();
    let suggestions = set.nearest_allow(&request).unwrap().suggestions;
    assert_eq!(
        suggestions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["give aws:SecureTransport = `true` and resource `arn:aws:s3:::app/red/k` (for example)"]
    );
    assert!(set.decide(&suggestions[0].request(&request).unwrap()).is_allowed());
    // A policy that is bound to another session allows nothing, whatever is changed.
    let foreign = other.request("s3:GetObject", "arn:aws:s3:::app/blue/k", owner).build().unwrap();
    let nearest = set.nearest_allow(&foreign).unwrap();
    assert_eq!((nearest.suggestions.len(), nearest.searched, nearest.in_the_way), (0, 0, vec![]));
    let text = set.explain(&foreign).to_string();
    assert!(text.contains("bound to another session"), "{text}");
}

/// A boundary that denies `*:*`, whole or where a condition holds, beside whatever else: what is suggested allows, and
/// nothing nearer does.
#[test]
fn a_boundary_that_denies_every_action_is_searched_whole() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[u8::try_from(seed() % 256).unwrap(); 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut none, mut some) = (0, 0);
    let mut number = 0;
    while none + some < cases(60) {
        number += 1;
        let mut scenario = small().new_tree(&mut runner).unwrap().current();
        let mut deny = statement("identity").new_tree(&mut runner).unwrap().current();
        let parts = deny.as_object_mut().unwrap();
        parts.remove("NotAction");
        parts.insert("Action".to_owned(), json!("*:*"));
        parts.insert("Effect".to_owned(), json!("Deny"));
        if number % 2 == 0 {
            parts.remove("Condition");
        }
        let allow = json!({"Effect": "Allow", "Action": "*:*", "Resource": "*"});
        scenario.layers.retain(|layer| layer.name == "identity");
        scenario.layers.push(Layer { name: "permissions_boundary", documents: vec![vec![allow, deny]] });
        holds(&scenario.case());
        match is_nearest(&scenario) {
            Some(0) => none += 1,
            Some(_) => some += 1,
            None => {}
        }
    }
    assert!(none > 0 && some > 0, "{none} {some}");
}
