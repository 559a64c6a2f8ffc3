//! Requests that do not stay in the caches: 4,096 of a workload, each with texts of its own, asked in an order that no
//! prefetcher guesses.

use verdikt::policy::Statement;
use verdikt::{Document, Outcome};

use super::workload::{Asked, Workload};

/// How many requests there are.
pub(crate) const COUNT: usize = 4_096;

/// Requests drawn evenly over the statements of a growing workload, all of which its policy allows.
pub(crate) fn of_statements(workload: &Workload) -> Vec<Asked> {
    let mut asked = drawn(workload, workload.asked.first().unwrap(), COUNT);
    shuffle(&mut asked);
    asked
}

/// The workload's own requests again and again, each held apart in memory.
pub(crate) fn of_requests(workload: &Workload) -> Vec<Asked> {
    let mut asked: Vec<Asked> = workload.asked.iter().cycle().take(COUNT).cloned().collect();
    shuffle(&mut asked);
    asked
}

/// So many requests drawn evenly over the statements, each of which one of them allows; the rest is the base's.
pub(crate) fn drawn(workload: &Workload, base: &Asked, count: usize) -> Vec<Asked> {
    let documents = workload.documents();
    let statements: Vec<&Statement> = documents.iter().flat_map(Document::statements).collect();
    // Half a step in and a little further each time: every shape of statement has its turn.
    let place = |number: usize| (number * 2 + 1) * statements.len() / (count * 2) + number % 20;
    let statement = |number| *statements.get(place(number) % statements.len()).unwrap();
    (0..count).map(|number| instance(base, statement(number), number)).collect()
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
