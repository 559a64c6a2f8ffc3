//! The growing workload W4 by its rule: statement number N allows one action on one pattern of bucket number N. Files
//! hold it up to 10,000 statements; beyond that, and for requests that do not stay in the caches, it is made here.

use serde_json::{Value, json};
use verdikt::{Kind, Outcome};

use crate::workload::{Asked, Policy, Workload};

/// The actions that statements allow in turn.
const ACTIONS: [&str; 10] = [
    "s3:*",
    "s3:ListMultipartUploadParts",
    "s3:PutObjectTagging",
    "s3:PutObject",
    "s3:GetObjectRetention",
    "s3:GetObjectAcl",
    "s3:DeleteObject",
    "s3:RestoreObject",
    "s3:AbortMultipartUpload",
    "s3:GetObjectTagging",
];

/// How many requests a cold workload asks.
const COLD: usize = 4_096;

/// The workload with so many statements: eight requests drawn over all of them, one of an unknown bucket, one of
/// another user. `sample` is a workload of the family; its requests' callers and contexts are taken over.
pub(crate) fn hot(statements: usize, sample: &Workload) -> Workload {
    let base = sample.asked.first().expect("every W4 file asks something");
    let mut asked: Vec<Asked> =
        (0..8).map(|number| allowed(base, (number * 2 + 1) * statements / 16 + number, 1)).collect();
    for (bucket, object) in [("other-bucket", "data/2026/x.json"), ("bucket-00003", "bob/docs/report.pdf")] {
        asked.push(Asked {
            action: "s3:GetObject".to_owned(),
            resource: format!("arn:aws:s3:::{bucket}/{object}"),
            expect: Outcome::ImplicitDeny,
            ..base.clone()
        });
    }
    Workload { name: format!("W4_{statements}"), policies: vec![policy(statements)], asked }
}

/// The same policies asked 4,096 requests drawn evenly over the statements, each held apart in memory and with texts of
/// its own where the statement leaves room, in an order that no prefetcher guesses. All are allowed.
pub(crate) fn cold(statements: usize, sample: &Workload) -> Workload {
    let base = sample.asked.first().expect("every W4 file asks something");
    let mut asked: Vec<Asked> =
        (0..COLD).map(|number| allowed(base, number * statements / COLD, number)).collect();
    shuffle(&mut asked);
    Workload { name: format!("W4_{statements} cold"), policies: vec![policy(statements)], asked }
}

/// The one policy of the workload with so many statements.
pub(crate) fn policy(statements: usize) -> Policy {
    let statements: Vec<Value> = (0..statements)
        .map(|number| {
            json!({"Effect": "Allow", "Action": [action(number)], "Resource": [resource(number, &PATTERNS)]})
        })
        .collect();
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Policy { kind: Kind::Identity, name: "many".to_owned(), text: document.to_string() }
}

/// What statements name in their bucket, in turn: one object, a prefix, a prefix and a suffix, a user's own objects.
const PATTERNS: [&str; 4] = ["data/2026/object-#.json", "data/*", "*/logs/*.gz", "${aws:username}/*"];
/// A resource that each of the patterns matches, and the place of a text of its own.
const RESOURCES: [&str; 4] = [
    "data/2026/object-#.json",
    "data/2026/11/23/part-@.parquet",
    "eu-west-1/logs/2026-11-23-@.gz",
    "alice/docs/report-@.pdf",
];

fn action(number: usize) -> &'static str {
    ACTIONS.get(number % ACTIONS.len()).expect("within the list")
}

fn resource(number: usize, shapes: &[&str; 4]) -> String {
    let shape = shapes.get(number % shapes.len()).expect("within the list");
    format!("arn:aws:s3:::bucket-{number:05}/{}", shape.replace('#', &number.to_string()))
}

/// A request that statement `number` alone allows, told from others like it by `own`.
fn allowed(base: &Asked, number: usize, own: usize) -> Asked {
    Asked {
        action: action(number).replace('*', "GetObject"),
        resource: resource(number, &RESOURCES).replace('@', &format!("{own:04}")),
        expect: Outcome::Allowed,
        ..base.clone()
    }
}

/// A fixed permutation.
fn shuffle(items: &mut [Asked]) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for end in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let other = usize::try_from(state >> 33).expect("31 bits") % (end + 1);
        items.swap(end, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_makes_the_files() {
        for statements in [10, 100, 1_000, 10_000] {
            let file = Workload::load(&format!("W4_{statements}"));
            let [read] = file.policies.as_slice() else { panic!("one policy") };
            let value = |text: &str| serde_json::from_str::<Value>(text).expect("policies are JSON");
            assert!(value(&read.text) == value(&policy(statements).text), "W4_{statements}");
        }
    }
}
