//! Differential test: verdikt and `@cloud-copilot/iam-simulate`, an engine that others wrote, asked of the same cases.
//!
//! ```sh
//! tests/e2e/iam-simulate/run
//! VERDIKT_DIFFERENTIAL_CASES=100000 VERDIKT_DIFFERENTIAL_SEED=7 tests/e2e/iam-simulate/run
//! ```
//! The two disagree where AWS is silent, where its pages contradict each other, and where one of them is wrong. Each
//! class of disagreement is a written rule (`rules/`): what each of the two reads, and the page that decides. A rule
//! says of one clause of a case what the law makes of it, and rewrites the case so that the clause says it plainly. A
//! disagreement is explained by rules if verdikt decides the rewritten case as the case itself, and the other engine
//! agrees on it; what no rule explains is a failure. `docs/differential.md` is made from the rules.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a panic here fails a test, which is what it should do; a test may print"
)]
#![allow(
    clippy::needless_pass_by_value,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::cmp_owned,
    clippy::match_same_arms,
    reason = "a generator of cases reads better so, and its speed does not matter"
)]
#![allow(unreachable_pub, dead_code, reason = "modules of other test targets, of which this one uses a part")]

#[path = "../../agreement/block.rs"]
mod block;
#[path = "../../agreement/caller.rs"]
mod caller;
#[path = "../../agreement/cell.rs"]
mod cell;
#[path = "../../agreement/condition.rs"]
mod condition;
#[path = "../../agreement/corner.rs"]
mod corner;
#[path = "../../agreement/dice.rs"]
mod dice;
#[path = "../../agreement/fault.rs"]
mod fault;
#[path = "../../agreement/layers.rs"]
mod layers;
#[path = "../../oracle/mod.rs"]
mod oracle;
#[path = "../../agreement/pattern.rs"]
mod pattern;
#[path = "../../agreement/refused.rs"]
mod refused;
#[path = "../../agreement/statement.rs"]
mod statement;
#[path = "../../suite/model.rs"]
mod suite;
#[path = "../../agreement/target.rs"]
mod target;
#[path = "../../agreement/world.rs"]
mod world;

mod classify;
mod clause;
mod document;
mod engines;
mod rules;
mod sources;

use classify::Report;

fn from_environment(name: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(name) else { return default };
    text.parse().unwrap_or_else(|_| panic!("{name} is a number, not `{text}`"))
}

#[test]
#[ignore = "needs node and a package from npm: tests/e2e/iam-simulate/run"]
fn every_disagreement_is_explained() {
    let count = from_environment("VERDIKT_DIFFERENTIAL_CASES", 8_000);
    let seed = from_environment("VERDIKT_DIFFERENTIAL_SEED", 20_121_017);
    println!(
        "{count} random cases, VERDIKT_DIFFERENTIAL_SEED={seed}, and the cases of the suite and the policies"
    );
    let mut report = Report::default();
    report.add("random", sources::random(seed, count));
    report.add("suite", sources::suite());
    report.add("policies", sources::library());
    println!("{report}");
    assert!(report.failures().is_empty(), "{}", report.failures().join("\n"));
}
