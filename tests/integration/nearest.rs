//! The nearest allow: what is suggested allows, and where nothing is suggested nothing near does.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use verdikt::evaluate::explain::{Change, Given, NearestAllow, Suggestion};
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

/// A Deny that no change gets past is named, and so is one that a change does get past.
#[test]
fn the_deny_in_the_way_is_named() {
    let case = |condition: &str| {
        format!(
            r#"{{"id": "a", "policies": {{"identity": [{{"name": "p", "policy": {{"Version": "2012-10-17", "Statement": [
            {{"Effect": "Allow", "Action": "*", "Resource": "*"}},
            {{"Sid": "Wall", "Effect": "Deny", "Action": "s3:*", "Resource": "*"{condition}}}]}}}}]}},
            "request": {{"principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject",
            "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333", "context": {{"aws:SourceIp": "10.1.2.3"}}}}}}"#
        )
    };
    for (condition, suggested) in [
        ("", vec![]),
        (
            r#", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}"#,
            vec!["give aws:PrincipalAccount = `111122223333`, which follows from who asks"],
        ),
        (
            r#", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "999988887777"}}"#,
            // What follows from who asks is not to be something else.
            vec![],
        ),
        (
            r#", "Condition": {"NotIpAddress": {"aws:SourceIp": "10.2.0.0/16"}}"#,
            vec!["aws:SourceIp = `10.2.0.1` (for example)"],
        ),
        (
            r#", "Condition": {"Null": {"s3:TlsVersion": "true"}}"#,
            vec!["give s3:TlsVersion = `1` (for example)"],
        ),
        (
            r#", "Condition": {"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#,
            vec!["give s3:TlsVersion = `1.2`", "aws:SourceIp = `192.0.2.1` (for example)"],
        ),
    ] {
        let line = case(condition);
        let explanation = ask(&line, PolicySet::explain).unwrap();
        let nearest = explanation.nearest.as_ref().unwrap();
        assert_eq!(nearest.in_the_way, Vec::from_iter(explanation.decision.statement));
        assert!(explanation.to_string().contains("\nin the way: Deny `Wall` of p:"), "{explanation}");
        let texts: Vec<_> = nearest.suggestions.iter().map(ToString::to_string).collect();
        assert_eq!(texts, suggested, "{condition}");
    }
}

/// Two Denies of two layers apply: both have to stop, so both are named, that which decided first.
#[test]
fn every_deny_in_the_way_is_named() {
    let deny = |sid: &str, key: &str| {
        json!({"Sid": sid, "Effect": "Deny", "Action": "s3:*", "Resource": "*",
               "Condition": {"BoolIfExists": {key: "false"}}})
    };
    let statements = json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        deny("Quiet", "example:quiet"),
        {"Sid": "Elsewhere", "Effect": "Deny", "Action": "sqs:*", "Resource": "*"},
        deny("Mfa", "aws:MultiFactorAuthPresent"),
    ]);
    let context = json!({"example:quiet": "true"});
    let mut case = asked(&statements, "s3:GetObject", "arn:aws:s3:::b/x", &context);
    case["policies"]["scps"] = json!([[{"name": "scp", "policy": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}, deny("Tls", "aws:SecureTransport")]}}]]);
    let explanation = ask(&case.to_string(), PolicySet::explain).unwrap();
    let nearest = explanation.nearest.as_ref().unwrap();
    let named: Vec<_> = nearest.in_the_way.iter().filter_map(|id| explanation.statement(*id)).collect();
    let sids: Vec<_> = named.iter().filter_map(|one| one.sid.as_deref()).collect();
    assert_eq!(sids, ["Tls", "Mfa"]);
    assert_eq!(nearest.in_the_way.first().copied(), explanation.decision.statement);
    let text = explanation.to_string();
    assert!(
        text.contains("in the way, each of them:\n  Deny `Tls` of scp:1\n  Deny `Mfa` of p:1\n"),
        "{text}"
    );
    let texts: Vec<_> = nearest.suggestions.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts.first().map(String::as_str),
        Some(
            "give aws:SecureTransport = `true` and give aws:MultiFactorAuthPresent = `true`, which is fixed when the \
             session is issued"
        )
    );
}

/// Fewest changes first, then a key that is given, a value changed, a key left out, another action; of one part the
/// value that changes least.
#[test]
fn the_nearest_comes_first() {
    let allow = |condition: Value| json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition});
    let statements = json!([
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*"},
        allow(json!({"StringEquals": {"example:colour": ["blue", "reds"]}})),
        allow(json!({"Null": {"example:odd": "true"}, "StringEquals": {"example:odd": "never"}})),
        allow(json!({"Null": {"example:blocked": "true"}})),
        allow(json!({"Bool": {"example:ready": "true"}})),
    ]);
    let context = json!({"example:colour": "red", "example:blocked": "yes"});
    let found = nearest(&asked(&statements, "s3:PutObject", "arn:aws:s3:::b/x", &context)).unwrap();
    let texts: Vec<_> = found.suggestions.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        ["give example:ready = `true`", "example:colour = `reds`", "leave out example:blocked"]
    );

    // What the session or the resource fixes comes after what a caller may write.
    let key = |name: &str| allow(json!({"StringEquals": {name: "x"}}));
    let statements = json!([key("aws:PrincipalTag/a"), key("s3:ExistingObjectTag/a"), key("example:a")]);
    let found = nearest(&asked(&statements, "s3:PutObject", "arn:aws:s3:::b/x", &json!({}))).unwrap();
    let names: Vec<_> =
        found.suggestions.iter().map(|one| one.to_string().split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(names, ["example:a", "s3:ExistingObjectTag/a", "aws:PrincipalTag/a"]);
}

/// Of the actions that a statement names that which is most like the one asked; none that no policy names.
#[test]
fn another_action_of_the_statement_is_found() {
    let statements = json!([
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject", "s3:Abort*", "dynamodb:GetItem"], "Resource": "*"},
    ]);
    let texts = |action: &str, statements: &Value| -> Vec<String> {
        let found = nearest(&asked(statements, action, "arn:aws:s3:::b/x", &json!({}))).unwrap();
        found.suggestions.iter().map(ToString::to_string).collect()
    };
    assert_eq!(texts("s3:PutObject", &statements), ["action `s3:GetObject`"]);
    assert_eq!(texts("s3:ListBuckets", &statements), ["action `s3:ListBucket`"]);
    // One that only a Deny names, and does not deny, is allowed by a wildcard.
    let statements = json!([
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"},
    ]);
    assert_eq!(texts("s3:PutObject", &statements), ["action `s3:GetObject`"]);
    let statements = json!([{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]);
    assert_eq!(texts("s3:PutObject", &statements), [""; 0]);
}

/// A property found it: one clause compares without case what another, a Deny's resource, compares with it.
#[test]
fn a_value_in_other_letters_is_found() {
    let statements = json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
         "Condition": {"StringEqualsIgnoreCaseIfExists": {"aws:PrincipalTag/team": "s\u{f8}n"}}},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team, 's\u{f8}n'}/*"},
    ]);
    let found =
        nearest(&asked(&statements, "s3:GetObject", "arn:aws:s3:::b/s\u{f8}n/f", &json!({}))).unwrap();
    let texts: Vec<_> = found.suggestions.iter().map(ToString::to_string).collect();
    let tag =
        "give aws:PrincipalTag/team = `S\u{d8}N` (for example), which is fixed when the session is issued";
    assert!(texts.iter().any(|text| text == tag), "{texts:?}");
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

fn asked(statements: &Value, action: &str, resource: &str, context: &Value) -> Value {
    json!({"id": "a", "policies": {"identity": [{"name": "p", "policy": {"Version": "2012-10-17", "Statement": statements}}]},
        "request": {"principal": "arn:aws:iam::111122223333:user/u", "action": action, "resource": resource,
                    "resource_account": "111122223333", "context": context}})
}

/// Forty folders, all but the last denied: the last is found, however many stand before it.
#[test]
fn the_one_folder_of_many_that_is_open_is_found() {
    for folders in [20, 40, 100] {
        let folder = |number: usize| format!("arn:aws:s3:::b/{number}/*");
        let mut statements: Vec<Value> = (0..folders)
            .map(|number| json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": folder(number)}))
            .collect();
        let closed: Vec<String> = (0..folders - 1).map(folder).collect();
        statements.push(json!({"Effect": "Deny", "Action": "s3:GetObject", "Resource": closed}));
        let case = asked(&json!(statements), "s3:GetObject", "arn:aws:s3:::b/x", &json!({}));
        let texts: Vec<_> = nearest(&case).unwrap().suggestions.iter().map(ToString::to_string).collect();
        let last = format!("resource `arn:aws:s3:::b/{}/", folders - 1);
        assert!(texts.first().is_some_and(|text| text.starts_with(&last)), "{folders}: {texts:?}");
    }
}

/// What was not looked at is not claimed to have been searched.
#[test]
fn a_search_that_left_values_out_claims_less() {
    let folders: Vec<String> = (0..700).map(|number| format!("arn:aws:s3:::b/{number}/*")).collect();
    let statements = json!([
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": folders[..699]},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": folders[699]},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": folders[..699]},
    ]);
    let nearest = nearest(&asked(&statements, "s3:GetObject", "arn:aws:s3:::b/x", &json!({}))).unwrap();
    assert!(!nearest.suggestions.is_empty() || nearest.searched == 0, "{nearest:?}");
}

#[test]
fn an_action_that_a_deny_leaves_alone_is_found() {
    let statements = json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "NotAction": "s3:ListBucket", "Resource": "*"},
    ]);
    let found = nearest(&asked(&statements, "s3:GetObject", "arn:aws:s3:::b/x", &json!({}))).unwrap();
    let texts: Vec<_> = found.suggestions.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["action `s3:ListBucket`"]);
}

#[test]
fn a_moment_between_two_seconds_is_found() {
    let statements = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
        "DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"},
        "DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:01Z"}}});
    let context = json!({"aws:CurrentTime": "2026-01-01T00:00:00Z"});
    let found = nearest(&asked(&statements, "s3:GetObject", "arn:aws:s3:::b/x", &context)).unwrap();
    let texts: Vec<_> = found.suggestions.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["aws:CurrentTime = `2027-01-01T00:00:00.5Z` (for example)"]);
}

/// Another bucket has another policy, so what this one says of it is no proof.
#[test]
fn the_bucket_whose_policy_is_in_use_stays() {
    let mut case = asked(
        &json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        "s3:GetObject",
        "arn:aws:s3:::b/secret/x",
        &json!({}),
    );
    case["policies"]["resource"] = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/secret/*"}]});
    let found = nearest(&case).unwrap();
    assert!(!found.suggestions.is_empty());
    for suggestion in &found.suggestions {
        let Change::Resource { to, .. } = &suggestion.changes[0] else { panic!("{suggestion}") };
        assert!(to.starts_with("arn:aws:s3:::b/"), "{suggestion}");
    }
    // Where the whole bucket is denied nothing is left to ask for.
    case["policies"]["resource"]["Statement"][0]["Resource"] = json!(["arn:aws:s3:::b", "arn:aws:s3:::b/*"]);
    assert_eq!(nearest(&case).unwrap().suggestions, []);
}
