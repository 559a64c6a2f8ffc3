//! The cases: random ones, and those of the suite and of the library of policies.

use std::path::Path;

use serde_json::{Value, json};
use verdikt::evaluate::Layer;
use verdikt::policy::Document;
use verdikt::suite::Cases;
use verdikt::suite::library::EXAMPLES;
use verdikt::suite::test::run::{Options, run};
use verdikt::suite::test::{Attached, TestFile};

use crate::block;
use crate::cell::Cell;
use crate::oracle;
use crate::suite::{self, Ask};

/// So many random cases, the same for the same seed.
pub fn random(seed: u64, count: u64) -> Vec<Value> {
    let cells = Cell::all();
    let blocks = 0..count.div_ceil(block::CASES);
    let mut cases: Vec<Value> = blocks.flat_map(|number| block::block(seed, number, &cells)).collect();
    cases.iter_mut().for_each(without_facts);
    cases
}

/// Leaves out what the other engine's requests have no place for, so that most cases can be put to it.
fn without_facts(case: &mut Value) {
    let Some(request) = case["request"].as_object_mut() else { return };
    request.remove("resource_policy_mode");
    if let Some(facts) = request.get_mut("principal").and_then(Value::as_object_mut) {
        for fact in ["role_path", "unique_id", "federating_user"] {
            facts.remove(fact);
        }
    }
}

/// The cases of the suite, as they stand; those that hold a key twice are left out, since a value cannot.
pub fn suite() -> Vec<Value> {
    let files = suite::load();
    let entries = files.iter().flat_map(|(name, file)| file.entries(name));
    let lines = entries.filter_map(|entry| match entry.ask {
        Ask::Decision { line, .. } => Some((entry.name, line)),
        Ask::Document { .. } => None,
    });
    let mut cases = Vec::new();
    for (name, line) in lines {
        let Ok(mut case) = oracle::text::read(&line) else { continue };
        case["id"] = Value::String(name);
        cases.push(case);
    }
    cases
}

/// The cases of every policy of the library, in the exchange format.
pub fn library() -> Vec<Value> {
    examples().into_iter().map(|(case, _)| case).collect()
}

/// Each of them with what `verdikt test` decides.
fn examples() -> Vec<(Value, &'static str)> {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut cases = Vec::new();
    for example in EXAMPLES {
        let path = policies.join(example.name).join("policy.test.yaml");
        let file = TestFile::parse(&path, std::fs::read_to_string(&path).unwrap()).unwrap();
        let result = run(file, &Options::default());
        for (check, one) in result.checks() {
            let id = format!("policies/{}: {}", example.name, check.name);
            assert!(!check.request.derive.unwrap_or_default(), "{id}: the exchange format has no `derive`");
            let governing = one.governing.as_ref().unwrap_or_else(|| panic!("{id}: {:?}", one.decision));
            let request = oracle::text::read(&check.request.json()).unwrap();
            let case = json!({"id": id, "request": request, "policies": exchanged(&governing.attached)});
            cases.push((case, one.word()));
        }
    }
    cases
}

/// The member `policies` of a case.
fn exchanged(attached: &[Attached]) -> Value {
    let mut policies = json!({});
    for one in attached {
        let policy = |document: &Document| oracle::text::read(document.source().text()).unwrap();
        let named =
            |(document, _): &(Document, bool)| json!({"name": document.name(), "policy": policy(document)});
        let level: Vec<Value> = one.documents.iter().map(named).collect();
        match one.layer {
            Layer::Scp | Layer::Rcp => match &mut policies[format!("{}s", one.layer.as_str())] {
                Value::Array(levels) => levels.push(json!(level)),
                none => *none = json!([level]),
            },
            Layer::Resource => policies["resource"] = policy(&one.documents[0].0),
            layer => policies[layer.as_str()] = json!(level),
        }
    }
    policies
}

/// What is compared is what the case files say: each case decides in the exchange format as in its file; so says the
/// independent evaluator too.
#[test]
fn examples_are_the_cases_of_their_files() {
    let mut cases = Cases::default();
    for (case, word) in examples() {
        let mut out = Vec::new();
        cases.answer(case.to_string().as_bytes(), 1, &mut out);
        let answer: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(answer["decision"], word, "{case}");
        let by_oracle = match oracle::decide(&case).outcome {
            oracle::Outcome::Allowed => "allowed",
            oracle::Outcome::ExplicitDeny => "explicitDeny",
            oracle::Outcome::ImplicitDeny => "implicitDeny",
            oracle::Outcome::Error(_) => "error",
        };
        assert_eq!(by_oracle, word, "{case}");
    }
}
