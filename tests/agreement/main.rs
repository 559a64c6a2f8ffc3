//! Random agreement: random cases, of which the oracle, `decide`, `explain`, the batch form and `decide` in a session
//! that seals a part of the context must say the same.
//!
//! ```sh
//! cargo test --test agreement -- --nocapture
//! VERDIKT_AGREEMENT_CASES=1000000 cargo test --release --test agreement -- --nocapture
//! VERDIKT_AGREEMENT_SEED=7 cargo test --test agreement
//! ```
//! The cases come in turns for every cell of operator × qualifier × `IfExists` × what the request holds, and from
//! values at the corners of the language. The run prints what it was made of; too few of an outcome or a cell is a
//! failure, so that a million agreements are not a million implicit denies.

#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a panic here fails the test, which is what it should do"
)]
#![allow(clippy::panic, clippy::print_stdout, reason = "this is how a test fails, and what it reports")]
#![allow(
    clippy::needless_pass_by_value,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::cmp_owned,
    clippy::match_same_arms,
    reason = "a generator of cases reads better so, and its speed does not matter"
)]
#![allow(unreachable_pub, reason = "the modules of a test target are a crate of their own")]

mod block;
#[path = "../bound/mod.rs"]
mod bound;
mod caller;
mod cell;
mod condition;
mod corner;
mod dice;
mod fault;
mod judge;
mod layers;
#[path = "../oracle/mod.rs"]
mod oracle;
mod pattern;
mod refused;
mod shrink;
mod statement;
mod tally;
mod target;
mod world;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use cell::Cell;
use judge::Judge;
use tally::Tally;

/// Cases of a plain `cargo test`.
const DEFAULT_CASES: u64 = 20_000;

const DEFAULT_SEED: u64 = 20_121_017;

/// After so many disagreements a run stops.
const ENOUGH: usize = 16;

/// What one thread found.
#[derive(Debug, Default)]
struct Found {
    tally: Tally,
    reports: Vec<String>,
}

/// What the threads share.
struct Run {
    seed: u64,
    blocks: u64,
    cells: Vec<Cell>,
    next: AtomicU64,
    disagreements: AtomicUsize,
}

#[test]
fn random_cases_agree() {
    let cases = from_environment("VERDIKT_AGREEMENT_CASES", DEFAULT_CASES);
    let seed = from_environment("VERDIKT_AGREEMENT_SEED", DEFAULT_SEED);
    println!("{cases} cases, VERDIKT_AGREEMENT_SEED={seed}");
    let found = run(seed, cases.div_ceil(block::CASES));
    println!("\n{}", found.tally);
    let Found { tally, reports } = found;
    assert!(reports.is_empty(), "seed {seed}\n\n{}", reports.join("\n"));
    let short = tally.shortfalls();
    assert!(short.is_empty(), "seed {seed}: the cases are not mixed enough\n{}", short.join("\n"));
}

fn from_environment(name: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(name) else { return default };
    text.parse().unwrap_or_else(|_| panic!("{name} is a number, not `{text}`"))
}

fn run(seed: u64, blocks: u64) -> Found {
    let run =
        Run { seed, blocks, cells: Cell::all(), next: AtomicU64::new(0), disagreements: AtomicUsize::new(0) };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut all = Found::default();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| run.work())).collect();
        for worker in workers {
            let Ok(found) = worker.join() else { panic!("making a case panicked, seed {seed}") };
            all.tally.merge(found.tally);
            all.reports.extend(found.reports);
        }
    });
    all
}

impl Run {
    /// Takes blocks until there are no more.
    fn work(&self) -> Found {
        let mut found = Found::default();
        let mut judge = Judge::default();
        while self.disagreements.load(Ordering::Relaxed) < ENOUGH {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.blocks {
                break;
            }
            for case in block::block(self.seed, number, &self.cells) {
                if let Some(report) = examine(&mut judge, &case, &mut found.tally) {
                    self.disagreements.fetch_add(1, Ordering::Relaxed);
                    found.reports.push(report);
                }
            }
        }
        found
    }
}

/// Asks everyone; a report if they disagree.
fn examine(judge: &mut Judge, case: &Value, tally: &mut Tally) -> Option<String> {
    match judge.ask(case) {
        Ok(answers) => {
            let disagreement = answers.disagreement();
            tally.add(case, &answers);
            disagreement.map(|_| report(case))
        }
        Err(_) => Some(report(case)),
    }
}

/// The smallest case that shows the disagreement, and everyone's answers. Whether it is about a refusal is kept.
fn report(case: &Value) -> String {
    let fails = |case: &Value| match Judge::default().ask(case) {
        Ok(answers) => answers
            .disagreement()
            .map(|_| answers.engine.is_err() || judge::outcome(&answers.oracle.outcome).is_none()),
        Err(_) => Some(true),
    };
    let Some(refusal) = fails(case) else {
        return format!("only after the cases before it: {case}\n");
    };
    let smallest = shrink::shrink(case, |smaller| fails(smaller) == Some(refusal));
    match Judge::default().ask(&smallest) {
        Ok(answers) => {
            let text = answers.disagreement().unwrap_or_default();
            let batch = answers.batch.1.trim_end();
            format!(
                "{text}\n  {smallest}\n  oracle: {:?}\n  engine: {:?}\n  batch:  {batch}\n",
                answers.oracle, answers.engine
            )
        }
        Err(panic) => format!("panic: {panic}\n  {smallest}\n"),
    }
}
