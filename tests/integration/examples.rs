//! The example policies: each is accepted without a warning, and each of its cases decides as its author says.

use std::path::{Path, PathBuf};

use verdikt::suite::{Cases, documents};
use verdikt::{Kind, Limits};

/// The folders and the kind of each one's policy.
const EXAMPLES: [(&str, Kind); 11] = [
    ("attribute-based-access", Kind::Identity),
    ("bucket-deny-plaintext-transport", Kind::Resource),
    ("dynamodb-columns", Kind::Identity),
    ("dynamodb-per-identity-items", Kind::Identity),
    ("guest-read-only", Kind::Identity),
    ("identity-pool-trust-authenticated", Kind::Trust),
    ("identity-pool-trust-guest", Kind::Trust),
    ("permissions-boundary", Kind::PermissionsBoundary),
    ("rcp-perimeter", Kind::Rcp),
    ("s3-per-identity-prefix", Kind::Identity),
    ("scp-region-fence", Kind::Scp),
];

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")
}

#[test]
fn every_folder_is_listed() {
    let entries = std::fs::read_dir(policies()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<String> = entries
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    folders.sort();
    assert_eq!(folders, EXAMPLES.map(|(name, _)| name));
    let index = std::fs::read_to_string(policies().join("README.md")).unwrap();
    for (name, _) in EXAMPLES {
        assert!(index.contains(name), "policies/README.md does not list {name}");
        assert!(policies().join(name).join("README.md").is_file(), "{name} has no README.md");
    }
}

#[test]
fn every_policy_is_accepted_without_a_warning() {
    for (name, kind) in EXAMPLES {
        let text = std::fs::read(policies().join(name).join("policy.json")).unwrap();
        let checked = documents::check(kind, name, text, &Limits::default());
        assert!(checked.problems.is_empty(), "{name}: {:#?}", checked.problems);
    }
}

#[test]
fn every_case_decides_as_expected_and_is_about_its_policy() {
    for (name, _) in EXAMPLES {
        let policy = std::fs::read_to_string(policies().join(name).join("policy.json")).unwrap();
        let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
        let text = std::fs::read_to_string(policies().join(name).join("cases.jsonl")).unwrap();
        let mut cases = Cases::default();
        let mut outcomes = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let mut out = Vec::new();
            let answer = cases.answer(line.as_bytes(), number + 1, &mut out);
            assert!(
                answer.expect.is_some() && answer.is_met(),
                "{name}: {}",
                String::from_utf8(out).unwrap()
            );
            outcomes.extend(answer.outcome);
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(holds(&case["policies"], &policy), "{name}: a case without the folder's policy: {line}");
        }
        assert!(outcomes.len() >= 8, "{name} has too few cases");
        assert!(
            outcomes.iter().any(|outcome| *outcome != outcomes[0]),
            "{name}: every case has the same outcome"
        );
    }
}

fn holds(value: &serde_json::Value, wanted: &serde_json::Value) -> bool {
    value == wanted
        || match value {
            serde_json::Value::Array(items) => items.iter().any(|item| holds(item, wanted)),
            serde_json::Value::Object(members) => members.values().any(|member| holds(member, wanted)),
            _ => false,
        }
}
