//! Requests that do not stay in the caches: for the growing workload, 4,096 requests drawn evenly over its statements,
//! each with texts of its own, asked in an order that no prefetcher guesses.

use verdikt::policy::Statement;
use verdikt::{Document, Outcome};

use super::workload::{Asked, Workload};

/// How many requests there are.
pub(crate) const COUNT: usize = 4_096;

/// The same workload with cold requests, all of which its policy allows.
pub(crate) fn cold(workload: &Workload) -> Vec<Asked> {
    let documents = workload.documents();
    let statements: Vec<&Statement> = documents.iter().flat_map(Document::statements).collect();
    let base = workload.asked.first().unwrap();
    let mut asked: Vec<Asked> = (0..COUNT)
        .map(|number| {
            let statement = statements.get(number * statements.len() / COUNT).unwrap();
            instance(base, statement, number)
        })
        .collect();
    shuffle(&mut asked);
    asked
}

/// A request that the statement allows: its first action, its first resource with the wildcards filled in.
fn instance(base: &Asked, statement: &Statement, number: usize) -> Asked {
    let action = &statement.action.values.first().unwrap().value;
    let pattern = &statement.resource.as_ref().unwrap().values.first().unwrap().value;
    Asked {
        id: number.to_string(),
        action: action.replace('*', "GetObject"),
        resource: pattern.replace("${aws:username}", "alice").replace('*', &format!("part-{number:04}")),
        expect: Outcome::Allowed,
        ..base.clone()
    }
}

/// A fixed permutation.
fn shuffle(items: &mut [Asked]) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for end in (1..items.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(end, usize::try_from(state >> 33).unwrap() % (end + 1));
    }
}
