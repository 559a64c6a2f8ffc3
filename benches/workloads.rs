//! Named situations, each checked for its decisions before it is timed. `benches/README.md` says how to run and read
//! them; `benches/workloads/README.md` says what each workload is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a workload that cannot be read, or is decided wrongly, voids the run"
)]

#[cfg(feature = "service")]
mod calls;
mod common;
mod decide;
mod documents;
mod patterns;
mod prepare;

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, SystemTime};

use common::workload::Workload;
use common::{cold, table};
use criterion::Criterion;

/// Workloads that are timed as a whole.
const USERS: [&str; 5] = ["W1", "W1s", "W2", "W3", "W5"];
/// One rule of the language each: checked, not timed.
const RULES: [&str; 10] = [
    "W7_case_action",
    "W7_date_eq_default",
    "W7_dotdot",
    "W7_forall_empty",
    "W7_literal_star",
    "W7_missing_var",
    "W7_negated_multi",
    "W7_newline",
    "W7_qmark",
    "W7_wildcard_in_value",
];

fn main() -> std::io::Result<()> {
    let start = SystemTime::now();
    let mut criterion = Criterion::default()
        .without_plots()
        .sample_size(30)
        .nresamples(5_000)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(900))
        .output_directory(&table::results())
        .configure_from_args();
    let users = USERS.map(Workload::load);
    let growth = decide::GROWTH.map(Workload::load);
    let others = RULES.iter().chain(&patterns::WORKLOADS).copied().map(Workload::load);
    for workload in others {
        workload.assert_decisions(&workload.set());
    }
    for workload in users.iter().chain(&growth) {
        workload.assert_decisions(&workload.set());
    }
    reference(&mut criterion, "");
    decide::bench(&mut criterion, &users, &growth);
    prepare::bench(&mut criterion, &users);
    documents::bench(&mut criterion, &users, &growth);
    patterns::bench(&mut criterion);
    #[cfg(feature = "service")]
    calls::bench(&mut criterion);
    // Once more: what the machine drifted during the run.
    reference(&mut criterion, " again");
    criterion.final_summary();
    table::print(&table::results(), start)
}

/// What the figures are compared with: a hit in a hash map of 10,000 (action, resource) keys, the whole decision of a
/// caller that could list every answer beforehand.
fn reference(criterion: &mut Criterion, suffix: &str) {
    let key = |i: usize| format!("s3:GetObject|arn:aws:s3:::bucket-{i:05}/data/2026/object-{i}.json");
    let map: HashMap<String, bool> = (0..10_000).map(|i| (key(i), true)).collect();
    let hot: Vec<String> = (0..16).map(|i| key(i * 601)).collect();
    let cold: Vec<String> = (0..cold::COUNT).map(|i| key(i * 7_919 % 10_000)).collect();
    let mut group = criterion.benchmark_group("reference");
    for (name, keys) in [("lookup hot", &hot), ("lookup cold", &cold)] {
        let mut keys = keys.iter().cycle();
        group.bench_function(format!("{name}{suffix}"), |bencher| {
            bencher.iter(|| map.get(black_box(keys.next().unwrap().as_str())).copied());
        });
    }
    group.finish();
}
