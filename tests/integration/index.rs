//! The index leaves out only what cannot apply: with it and without it, long policies decide alike, as the oracle does.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use verdikt::{Decision, Outcome, PolicySet};

use crate::bound::{self, Part};
use crate::long::{Dice, Filed, Shape, ask_all, fewest, filed, oracle_says, places};
use crate::properties::{cases, seed};
use crate::strategies::document;

/// Requests of one policy.
const REQUESTS: usize = 60;

/// Of how many requests one is asked of the oracle too, and in a session.
const SAMPLE: usize = 12;

/// A long policy and what is asked of it.
struct Long {
    layer: &'static str,
    statements: Vec<Value>,
    requests: Vec<Value>,
}

fn long(number: u64) -> Long {
    let mut dice = Dice::new(seed(), number);
    let shape = Shape::any(&mut dice);
    let count = [9, 20, 60, 120, 300][dice.below(5)];
    let statements: Vec<Value> = (0..count).map(|_| shape.statement(&mut dice)).collect();
    let requests = (0..REQUESTS).map(|_| shape.request(&mut dice, &statements)).collect();
    Long { layer: shape.layer, statements, requests }
}

/// The members `policies` and `request` of a case: the statements in one document, or the second half in another.
fn policies(layer: &str, statements: &[Value]) -> Value {
    let own = document(statements);
    if layer == "resource" {
        return json!({"resource": own, "identity": [{"name": "none", "policy": document(&[json!(
            {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::a*"})])}]});
    }
    let (first, second) = statements.split_at(statements.len() / 2);
    let halves = [first, second].into_iter().filter(|half| !half.is_empty());
    json!({"identity": halves.map(|half| json!({"name": "half", "policy": document(half)})).collect::<Value>()})
}

/// Both decisions of one request.
fn both(layer: &str, statements: &[Value], request: &Value) -> (Decision, Decision) {
    let mut found = None;
    ask_all(&policies(layer, statements), std::slice::from_ref(request), |_, set, request| {
        found = Some((set.decide(request), set.decide_exhaustively(request)));
    });
    found.unwrap()
}

fn oracle_outcome(layer: &str, statements: &[Value], request: &Value) -> Option<Outcome> {
    oracle_says(&policies(layer, statements), request)
}

/// What the deciding statements were found by.
#[derive(Debug, Default)]
struct Found {
    requests: u32,
    outcomes: [u32; 3],
    indeterminate: u32,
    by: BTreeMap<Filed, u32>,
    /// By a place that more than a few statements share.
    crowded: u32,
}

impl Found {
    fn add(&mut self, long: &Long, crowd: &BTreeMap<String, u32>, decision: Decision) {
        self.requests += 1;
        self.outcomes[decision.outcome as usize] += 1;
        self.indeterminate += u32::from(decision.indeterminate);
        let Some(id) = decision.statement.filter(|id| id.layer.as_str() == long.layer) else { return };
        let half = long.statements.len() / 2 * id.policy as usize;
        let statement = &long.statements[half + id.statement as usize];
        let by = filed(statement);
        *self.by.entry(by).or_default() += 1;
        let is_crowded = |place| crowd.get(&place).is_some_and(|count| *count > 8);
        self.crowded += u32::from(by < Filed::Value && places(statement).into_iter().any(is_crowded));
    }

    fn assert_balanced(&self) {
        println!("{self:?}");
        let least = |count: u32, percent: u32| count * 100 >= self.requests * percent;
        assert!(self.outcomes.iter().all(|count| least(*count, 12)), "{self:?}");
        assert!(least(self.indeterminate, 4) && least(self.crowded, 10), "{self:?}");
        for (by, percent) in
            [(Filed::Path, 10), (Filed::Crossing, 4), (Filed::Value, 10), (Filed::Nowhere, 4)]
        {
            assert!(least(self.by.get(&by).copied().unwrap_or_default(), percent), "{by:?}: {self:?}");
        }
    }
}

/// How many statements each place holds.
fn crowd(statements: &[Value]) -> BTreeMap<String, u32> {
    let mut crowd = BTreeMap::new();
    for place in statements.iter().flat_map(places) {
        *crowd.entry(place).or_default() += 1;
    }
    crowd
}

#[test]
fn long_policies_decide_alike_with_and_without_the_index() {
    let mut found = Found::default();
    for number in 0..u64::from(cases(120)) {
        let long = long(number);
        let crowd = crowd(&long.statements);
        ask_all(&policies(long.layer, &long.statements), &long.requests, |asked, set, request| {
            let decision = set.decide(request);
            if decision != set.decide_exhaustively(request) {
                disagree(&long, &long.requests[asked]);
            }
            found.add(&long, &crowd, decision);
            if asked % SAMPLE == 0 {
                let half = Part::Half(number);
                assert_eq!(
                    bound::ask(set, request, half, PolicySet::decide),
                    Ok(decision),
                    "policy {number}"
                );
                let expected = oracle_outcome(long.layer, &long.statements, &long.requests[asked]);
                if expected != Some(decision.outcome) {
                    disagree_with_the_oracle(&long, &long.requests[asked]);
                }
            }
        });
    }
    found.assert_balanced();
}

/// Fails with the fewest statements of which the two walks differ.
fn disagree(long: &Long, request: &Value) {
    let differs = |statements: &[Value]| {
        let (indexed, exhaustive) = both(long.layer, statements, request);
        indexed != exhaustive
    };
    let least = fewest(&long.statements, differs);
    let (indexed, exhaustive) = both(long.layer, &least, request);
    panic!("indexed: {indexed:?}\nall: {exhaustive:?}\n{request}\n{:#}", json!(least));
}

/// Fails with the fewest statements of which the oracle says something else.
fn disagree_with_the_oracle(long: &Long, request: &Value) {
    let differs = |statements: &[Value]| {
        oracle_outcome(long.layer, statements, request)
            != Some(both(long.layer, statements, request).0.outcome)
    };
    let least = fewest(&long.statements, differs);
    let (decision, _) = both(long.layer, &least, request);
    let expected = oracle_outcome(long.layer, &least, request);
    panic!("decide: {decision:?}\noracle: {expected:?}\n{request}\n{:#}", json!(least));
}
