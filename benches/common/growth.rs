//! W4 beyond its files. The file's statements are taken in turn again and again, each time with a bucket and an object
//! of its own, which is the rule that made the files: it is asserted on the largest of them.

use serde_json::Value;
use verdikt::Outcome;

use super::cold;
use super::workload::{Policy, Workload};

/// The workload of a file with so many statements: eight requests drawn over them, all allowed, and those of the file
/// that are not.
pub(crate) fn grown(file: &Workload, statements: usize) -> Workload {
    let grow = |policy: &Policy| Policy { text: grow(&policy.text, statements), ..policy.clone() };
    let policies = file.policies.iter().map(grow).collect();
    let mut workload = Workload { name: format!("W4_{statements}"), policies, asked: Vec::new() };
    workload.asked = cold::drawn(&workload, file.asked.first().unwrap(), 8);
    workload.asked.extend(file.asked.iter().filter(|asked| asked.expect != Outcome::Allowed).cloned());
    workload
}

/// Asserts that growing the one gives the policies of the other.
pub(crate) fn assert_rule(small: &Workload, large: &Workload) {
    let read = |policy: &Policy| serde_json::from_str::<Value>(&policy.text).unwrap();
    let policies = grown(small, large.statements()).policies;
    let is_same = policies.iter().map(read).eq(large.policies.iter().map(read));
    assert!(is_same, "{} is not {} grown", large.name, small.name);
}

/// A document of so many statements: statement N is statement N of the text, or the one at its place in a later turn.
fn grow(text: &str, statements: usize) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap();
    let list = document.get_mut("Statement").unwrap();
    let sample = list.as_array().unwrap();
    let grown: Vec<Value> = (0..statements)
        .map(|number| {
            let place = number % sample.len();
            let text = sample.get(place).unwrap().to_string();
            let text = text.replace(&format!("bucket-{place:05}"), &format!("bucket-{number:05}"));
            let text = text.replace(&format!("object-{place}.json"), &format!("object-{number}.json"));
            serde_json::from_str(&text).unwrap()
        })
        .collect();
    *list = grown.into();
    document.to_string()
}
