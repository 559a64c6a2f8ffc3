//! What holds of every case, whatever its policies say.

use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{FileFailurePersistence, RngSeed};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use verdikt::request::context::ContextValue;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::Cases;
use verdikt::suite::case::{Case, policy_set};
use verdikt::{CompiledPolicy, Decision, Document, Kind, Limits, Outcome, PolicySet, Request};

use crate::oracle;
use crate::strategies::{LAYERS, Scenario, document, scenario, statement};
use crate::suite::{self, Ask};

/// The same cases in every run, so that a gate says the same twice; `VERDIKT_PROPERTY_SEED` and `PROPTEST_CASES` ask for
/// others and for more.
pub(crate) fn config() -> ProptestConfig {
    ProptestConfig {
        cases: cases(192),
        rng_seed: RngSeed::Fixed(seed()),
        // What fails is kept beside the tests, to be tried first from then on.
        failure_persistence: Some(Box::new(FileFailurePersistence::SourceParallel("proptest-regressions"))),
        ..ProptestConfig::default()
    }
}

/// How many cases are asked for, or as many as a plain run has.
pub(crate) fn cases(default: u32) -> u32 {
    number("PROPTEST_CASES").and_then(|cases| u32::try_from(cases).ok()).unwrap_or(default)
}

/// The seed that is asked for, or that of every run.
pub(crate) fn seed() -> u64 {
    number("VERDIKT_PROPERTY_SEED").unwrap_or(20_121_017)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Reads a case and asks something of its policies.
pub(crate) fn ask<T>(case: &Value, question: impl FnOnce(&PolicySet, &Request<'_>) -> T) -> T {
    let line = case.to_string();
    let limits = RequestLimits::default();
    let case = Case::parse(&line).unwrap();
    let document = case.request_document(&limits).unwrap();
    let request = document.request(limits).unwrap();
    let set = policy_set(case.policies, &request, &Limits::default()).unwrap();
    question(&set, &request)
}

pub(crate) fn decide(case: &Value) -> Decision {
    ask(case, PolicySet::decide)
}

pub(crate) fn outcome(scenario: &Scenario) -> Outcome {
    decide(&scenario.case()).outcome
}

/// The oracle's outcome in the engine's words; none for a refusal.
pub(crate) fn oracle_outcome(outcome: &oracle::Outcome) -> Option<Outcome> {
    match outcome {
        oracle::Outcome::Allowed => Some(Outcome::Allowed),
        oracle::Outcome::ExplicitDeny => Some(Outcome::ExplicitDeny),
        oracle::Outcome::ImplicitDeny => Some(Outcome::ImplicitDeny),
        oracle::Outcome::Error(_) => None,
    }
}

/// The request built anew from its parts, the keys in the other order and in other case.
fn rebuilt(set: &PolicySet, request: &Request<'_>) -> Decision {
    let builder = Request::builder(
        request.principal(),
        request.action().text(),
        request.resource().text(),
        request.owner(),
    );
    let entries: Vec<_> = request.context().entries().collect();
    let builder = entries.into_iter().rev().fold(
        builder.resource_policy_mode(request.resource_policy_mode()),
        |builder, (name, value)| {
            let name = name.to_ascii_uppercase();
            match value {
                ContextValue::One(text) => builder.one(name, text.to_owned()),
                ContextValue::Many(texts) => builder.many(name, texts.iter().map(ToString::to_string)),
            }
        },
    );
    set.decide(&builder.build().unwrap())
}

/// The layers in use that take an Allow as well as a Deny, with a statement for each of them.
fn additions() -> impl Strategy<Value = (Index, [Value; LAYERS.len()])> {
    (any::<Index>(), LAYERS.map(statement))
}

/// The case with a statement of this effect added to one attachment.
fn with_statement(
    scenario: &Scenario,
    at: Index,
    statements: &[Value; LAYERS.len()],
    effect: &str,
) -> Option<Scenario> {
    let takes = |name: &str| effect == "Deny" || name != "rcps";
    let places: Vec<usize> =
        (0..scenario.layers.len()).filter(|place| takes(scenario.layers[*place].name)).collect();
    let place = *places.get(at.index(places.len().max(1)))?;
    let name = scenario.layers[place].name;
    let mut added = statements[LAYERS.iter().position(|layer| *layer == name)?].clone();
    added["Effect"] = json!(effect);
    let mut changed = scenario.clone();
    changed.layers[place].documents.push(vec![added]);
    Some(changed)
}

/// A text, each character of which that is not plain is replaced by a letter of its own that no policy here has.
fn plain(text: &str) -> String {
    let hostile = "*?${}',:/\n\\\u{e9}";
    let letter = |c| hostile.chars().position(|one| one == c).and_then(|at| "qjvwzygpdnrs".chars().nth(at));
    text.chars().map(|c| letter(c).unwrap_or(c)).collect()
}

/// A case in which a caller's name is all that is not plain.
fn of_user(name: &str, statement: &Value, shape: &str) -> Value {
    let part = shape.replace("USER", name);
    json!({
        "id": "user",
        "request": {
            "principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject",
            "resource": format!("arn:aws:s3:::bucket-{part}"), "resource_account": "111122223333",
            "context": {"aws:username": name, "s3:prefix": part, "aws:TagKeys": [name, part]}
        },
        "policies": {"identity": [
            {"name": "p", "policy": document(std::slice::from_ref(statement))},
            {"name": "q", "policy": document(&[json!({"Effect": "Allow", "Action": "*", "Resource": "*"})])}
        ]}
    })
}

/// A statement about the user's own part of a bucket. No literal of it holds a character that a hostile name has.
fn own_part() -> impl Strategy<Value = Value> {
    let wild = select(vec![
        "home-${aws:username}-*",
        "*${aws:username}*",
        "?${aws:username}?",
        "home-*-${aws:username}-f",
        "${aws:username}${aws:username}",
        "home-?-f",
    ]);
    let exact = select(vec!["home-${aws:username}-f", "${aws:username}${aws:username}", "${aws:username}"]);
    let like = (select(vec!["StringLike", "StringNotLike", "ForAllValues:StringLike"]), wild.clone());
    let equal = (select(vec!["StringEquals", "ForAnyValue:StringEqualsIgnoreCase"]), exact);
    let condition = proptest::option::of(prop_oneof![like, equal]);
    (wild, any::<bool>(), condition).prop_map(|(resource, negated, condition)| {
        let mut statement = json!({"Effect": "Deny", "Action": "*"});
        let resource = json!(format!("arn:aws:s3:::bucket-{resource}"));
        statement[if negated { "NotResource" } else { "Resource" }] = resource;
        if let Some((operator, operand)) = condition {
            let key = if operator.contains(':') { "aws:TagKeys" } else { "s3:prefix" };
            statement["Condition"] = json!({operator: {key: operand}});
        }
        statement
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn decide_explain_and_oracle_agree(scenario in scenario()) {
        let case = scenario.case();
        let expected = oracle_outcome(&oracle::decide(&case).outcome);
        let [decided, explained, unindexed] = ask(&case, |set, request| {
            [set.decide(request), set.explain(request).decision, set.decide_exhaustively(request)]
        });
        prop_assert_eq!(Some(decided.outcome), expected);
        prop_assert_eq!(decided, explained);
        prop_assert_eq!(decided, unindexed);
    }

    #[test]
    fn decide_is_deterministic(scenario in scenario()) {
        let case = scenario.case();
        let [once, again, of_clone] = ask(&case, |set, request| {
            [set.decide(request), set.decide(request), set.clone().decide(&request.clone())]
        });
        prop_assert_eq!(once, again);
        prop_assert_eq!(once, of_clone);
        prop_assert_eq!(once, decide(&case), "compiled once more");
    }

    #[test]
    fn key_order_and_key_case_change_nothing(scenario in scenario()) {
        let (decided, rebuilt) = ask(&scenario.case(), |set, request| (set.decide(request), rebuilt(set, request)));
        prop_assert_eq!(decided, rebuilt);
    }

    #[test]
    fn statement_order_changes_no_outcome(scenario in scenario(), order in vec(any::<u8>(), 8)) {
        let reordered = scenario.with_statements(|layer| {
            let mut numbered: Vec<_> = order.iter().cycle().zip(layer.statements()).collect();
            numbered.sort_by_key(|(place, _)| **place);
            vec![numbered.into_iter().map(|(_, statement)| statement).collect()]
        });
        prop_assert_eq!(outcome(&scenario), outcome(&reordered), "{:?}", reordered);
    }

    #[test]
    fn a_statement_said_twice_changes_no_outcome(scenario in scenario(), which in any::<Index>()) {
        let repeated = scenario.with_statements(|layer| {
            let mut statements = layer.statements();
            if !statements.is_empty() {
                let at = which.index(statements.len());
                statements.insert(0, statements[at].clone());
            }
            vec![statements]
        });
        prop_assert_eq!(outcome(&scenario), outcome(&repeated), "{:?}", repeated);
    }

    #[test]
    fn one_document_or_several_change_no_outcome(scenario in scenario()) {
        let split = scenario.with_statements(|layer| match layer.name {
            "resource" => layer.documents.clone(),
            _ => layer.statements().into_iter().map(|statement| vec![statement]).collect(),
        });
        prop_assert_eq!(outcome(&scenario), outcome(&split), "{:?}", split);
    }

    #[test]
    fn another_deny_never_allows(scenario in scenario(), (at, statements) in additions()) {
        let Some(changed) = with_statement(&scenario, at, &statements, "Deny") else { return Ok(()) };
        let (before, after) = (outcome(&scenario), outcome(&changed));
        prop_assert!(after == before || after == Outcome::ExplicitDeny, "{before:?}, then {after:?}: {changed:?}");
    }

    #[test]
    fn another_allow_never_denies(scenario in scenario(), (at, statements) in additions()) {
        let Some(changed) = with_statement(&scenario, at, &statements, "Allow") else { return Ok(()) };
        let (before, after) = (outcome(&scenario), outcome(&changed));
        let may_rise = before == Outcome::ImplicitDeny && after == Outcome::Allowed;
        prop_assert!(after == before || may_rise, "{before:?}, then {after:?}: {changed:?}");
    }

    #[test]
    fn renaming_a_value_everywhere_changes_nothing(scenario in scenario()) {
        let case = scenario.case();
        let renamed = case.to_string().replace('\u{f8}', "z").replace('\u{d8}', "Z");
        let renamed: Value = serde_json::from_str(&renamed).unwrap();
        prop_assert_eq!(decide(&case), decide(&renamed));
    }

    #[test]
    fn printing_keeps_the_document(scenario in scenario(), id in "[a-zA-Z0-9 \u{f8}\"\\\\]{0,5}") {
        for layer in scenario.layers.iter().filter(|layer| !layer.documents.is_empty()) {
            let mut policy = document(&layer.statements());
            if layer.name != "identity" {
                policy["Id"] = json!(id);
                policy["Statement"][0]["Sid"] = json!(id.replace(|c: char| !c.is_ascii_alphanumeric(), ""));
            }
            for kind in Kind::ALL {
                let Ok(parsed) = Document::parse(kind, "d", &policy.to_string(), &Limits::default()) else { continue };
                let printed = parsed.document.print();
                let again = Document::parse(kind, "d", &printed, &Limits::default()).unwrap();
                prop_assert_eq!(&again.document, &parsed.document, "{}", printed);
                prop_assert_eq!(&again.document.print(), &printed);
                let minified = Document::parse(kind, "d", &parsed.document.minified(), &Limits::default()).unwrap();
                prop_assert_eq!(&minified.document, &parsed.document, "{}", &printed);
            }
        }
    }

    #[test]
    fn a_batch_answers_as_single_lines_do(scenarios in vec((scenario(), 0..5u8), 1..4), order in vec(any::<Index>(), 1..10)) {
        let mut batch = Cases::default();
        for (number, at) in (1..).zip(order) {
            let (scenario, spoiled) = &scenarios[at.index(scenarios.len())];
            // The same policies by turns: what the resource's policy may hold depends on the action.
            let action = if number % 2 == 0 { "sts:AssumeRole" } else { "s3:GetObject" };
            let asked = Scenario { action, resource: "arn:aws:iam::111122223333:role/R", ..scenario.clone() };
            let line = asked.case().to_string();
            let line = match spoiled {
                1 => line.replace("\"policies\":", "\"policies\": "),
                2 => line.replacen("\"Allow\"", "\"allow\"", 1),
                3 => line.replace("\"Principal\":\"*\"", "\"Principal\":{\"Federated\":\"accounts.google.com\"}"),
                _ => line,
            };
            let (mut together, mut alone) = (Vec::new(), Vec::new());
            let one = batch.answer(line.as_bytes(), number, &mut together);
            let other = Cases::default().answer(line.as_bytes(), number, &mut alone);
            prop_assert_eq!(&one, &other, "{}", line);
            prop_assert_eq!(String::from_utf8(together), String::from_utf8(alone));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8 * config().cases, ..config() })]

    #[test]
    fn a_hostile_value_decides_as_a_plain_one(
        name in prop_oneof![2 => "[*?${}',:/\n\\\\\u{e9}]{1,6}", 1 => select(vec!["*", "?", "${*}"]).prop_map_into()],
        statement in own_part(),
        shape in select(vec!["home-x-f", "home-USER-f", "home-USER", "USER", "aUSERb", "USERUSER", "home-x-USER-f"]),
    ) {
        let hostile = of_user(&name, &statement, shape);
        let plain = of_user(&plain(&name), &statement, shape);
        prop_assert_eq!(decide(&hostile), decide(&plain), "{}\n{}", hostile, plain);
    }
}

/// The example policies and the documents of the suite, each with the first kind that accepts it.
fn real_policies() -> Vec<(Kind, Vec<u8>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let folders = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let examples = folders.filter_map(|folder| std::fs::read_to_string(folder.join("policy.json")).ok());
    let files = suite::load();
    let documents =
        files.iter().flat_map(|(name, file)| file.entries(name)).filter_map(|entry| match entry.ask {
            Ask::Document { text, .. } if text.len() < 4_096 => Some(text),
            _ => None,
        });
    let kind_of = |text: &str| {
        Kind::ALL.into_iter().find(|kind| Document::parse(*kind, "real", text, &Limits::default()).is_ok())
    };
    let mut policies: Vec<_> =
        examples.chain(documents).filter_map(|text| Some((kind_of(&text)?, text.into_bytes()))).collect();
    policies.sort();
    policies
}

/// Changes a few bytes: one replaced, added or removed, a part repeated or cut out.
fn mutate(dice: &mut SmallRng, text: &mut Vec<u8>) {
    const SPECIAL: &[u8] = b"{}[]\",:\\*?$'/ \n\0\x80\xc3\xff0eEnt";
    for _ in 0..dice.random_range(1..4) {
        let at = dice.random_range(0..=text.len());
        let end = text.len().min(at + dice.random_range(0..16));
        let byte =
            if dice.random_bool(0.8) { SPECIAL[dice.random_range(0..SPECIAL.len())] } else { dice.random() };
        match dice.random_range(0..5) {
            0 => text.insert(at, byte),
            1 => drop(text.drain(at..end)),
            2 => drop(text.splice(at..end, [byte])),
            3 => drop(text.splice(at..at, text[at..end].to_vec())),
            _ if at < text.len() => text[at] = byte,
            _ => {}
        }
    }
}

#[test]
fn ten_thousand_damaged_policies_neither_panic_nor_hang() {
    let policies = real_policies();
    let mut dice = SmallRng::seed_from_u64(17);
    let mut accepted = 0;
    for number in 0..10_000 {
        let (kind, mut text) = policies[number % policies.len()].clone();
        mutate(&mut dice, &mut text);
        let start = Instant::now();
        let parsed = Document::parse_bytes(kind, "damaged", text.clone(), &Limits::default());
        assert!(start.elapsed() < Duration::from_secs(2), "{kind:?}: {}", text.escape_ascii());
        // What is still accepted can be compiled.
        let Ok(parsed) = parsed else { continue };
        accepted += 1;
        assert!(CompiledPolicy::compile(&[parsed.document]).is_ok(), "{kind:?}: {}", text.escape_ascii());
    }
    assert!(accepted > 200, "only {accepted} damaged policies are still accepted");
}

/// The cases of the properties are no monoculture: of each outcome there are enough.
#[test]
fn every_outcome_is_met() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = scenario();
    let mut counts = [0; 3];
    for _ in 0..600 {
        let scenario = strategy.new_tree(&mut runner).unwrap().current();
        counts[outcome(&scenario) as usize] += 1;
    }
    println!("600 cases: allowed, explicit denies, implicit denies {counts:?}");
    assert!(counts.iter().all(|count| *count >= 60), "allowed, explicit denies, implicit denies: {counts:?}");
}
