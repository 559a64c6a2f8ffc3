//! The cases: random ones, and those of the suite and of the example policies.

use std::path::Path;

use serde_json::Value;

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

/// The cases of the suite and of the example policies, as they stand; those that hold a key twice are left out, since a
/// value cannot.
pub fn written() -> Vec<Value> {
    let files = suite::load();
    let entries = files.iter().flat_map(|(name, file)| file.entries(name));
    let lines = entries.filter_map(|entry| match entry.ask {
        Ask::Decision { line, .. } => Some((entry.name, line)),
        Ask::Document { .. } => None,
    });
    let mut cases = Vec::new();
    for (name, line) in lines.chain(examples()) {
        let Ok(mut case) = oracle::text::read(&line) else { continue };
        case["id"] = Value::String(name);
        cases.push(case);
    }
    cases
}

fn examples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(path.join("cases.jsonl")) else { continue };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        lines.extend(
            text.lines()
                .zip(1..)
                .map(|(line, number)| (format!("policies/{name}:{number}"), line.to_owned())),
        );
    }
    lines.sort();
    lines
}
