//! The nearest allow: what is suggested allows, and where nothing is suggested nothing near does.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use verdikt::evaluate::explain::{Change, Given, NearestAllow, Suggestion};
use verdikt::request::derive::PrincipalKey;
use verdikt::{PolicySet, Request};

use crate::explain::{ask, lines};
use crate::oracle;
use crate::properties::{cases, config, seed};
use crate::strategies::{Scenario, TARGETS, TEXT_KEYS, TYPED, WORDS, scenario};

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
    let Some(nearest) = nearest(case) else { return 0 };
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
    for (_, resource) in TARGETS.into_iter().filter(|(_, resource)| *resource != "*") {
        let asked = scenario.resource;
        if service(resource) == service(asked) && account(resource) == account(asked) {
            let (from, to) = (asked.to_owned(), resource.to_owned());
            changes.push(Change::Resource { from, to, is_example: false });
        }
    }
    changes
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

/// Whether changes to the request can matter: the caller has policies of its own, in the account of the resource.
fn is_promising(scenario: &Scenario) -> bool {
    let own = [":user/", ":assumed-role/", ":role/"].iter().any(|part| scenario.principal.contains(part));
    own && scenario.principal.contains("111122223333") && scenario.owner == Some("111122223333")
}

#[test]
fn where_nothing_is_suggested_nothing_near_allows() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[u8::try_from(seed() % 256).unwrap(); 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut silent, mut offered) = (0, 0);
    while silent < cases(40) {
        let scenario = scenario().new_tree(&mut runner).unwrap().current();
        if !is_promising(&scenario) {
            continue;
        }
        let case = scenario.case();
        ask(&case.to_string(), |set, request| {
            let Some(nearest) = set.nearest_allow(request) else { return };
            let near = nearest.suggestions.first().map(|suggestion| suggestion.changes.len());
            // Nothing smaller than what is suggested, and where nothing is, nothing within two changes.
            let most = near.map_or(2, |changes| changes.saturating_sub(1)).min(2);
            silent += u32::from(near.is_none());
            offered += u32::from(near.is_some());
            assert!(near.is_some() || nearest.searched >= 2, "the search ended early: {case:#}");
            let universe = if most > 0 { universe(&scenario, request) } else { Vec::new() };
            let found = exhaustive(set, request, &universe, most);
            assert!(found.is_none(), "{} was not found: {case:#}", found.unwrap());
        })
        .unwrap();
    }
    assert!(offered > silent / 4, "{offered} offered, {silent} not");
}
