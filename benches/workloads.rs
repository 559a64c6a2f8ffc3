//! Named situations, each checked for its decisions before it is timed. `benches/README.md` says how to run and read
//! them; `benches/workloads/README.md` says what each workload is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a workload that cannot be read, or is decided wrongly, voids the run"
)]

mod common;
mod patterns;

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, SystemTime};

use common::workload::{Asked, Workload, compile};
use common::{awkward, cold, table};
use criterion::{Criterion, Throughput};
use verdikt::request::document::RequestDocument;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::cases::Cases;
use verdikt::{PolicySet, Request};

/// Workloads that are timed as a whole.
const USERS: [&str; 5] = ["W1", "W1s", "W2", "W3", "W5"];
/// The same policy with ever more statements.
const GROWTH: [&str; 4] = ["W4_10", "W4_100", "W4_1000", "W4_10000"];
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
    let growth = GROWTH.map(Workload::load);
    let others = RULES.iter().chain(&patterns::WORKLOADS).copied().map(Workload::load);
    for workload in others {
        workload.assert_decisions(&workload.set());
    }
    for workload in users.iter().chain(&growth) {
        workload.assert_decisions(&workload.set());
    }
    reference(&mut criterion, "");
    decide(&mut criterion, &users);
    decide_growing(&mut criterion, &growth);
    decide_awkward(&mut criterion);
    explain(&mut criterion, &users);
    prepare(&mut criterion, &users);
    request_json(&mut criterion, &users);
    batch(&mut criterion, &users);
    documents(&mut criterion, users.iter().chain(&growth));
    patterns::bench(&mut criterion);
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

fn decide(criterion: &mut Criterion, workloads: &[Workload]) {
    let mut group = criterion.benchmark_group("decide");
    for workload in workloads {
        let (set, requests) = (workload.set(), workload.requests());
        let mut requests = requests.iter().cycle();
        group.bench_function(&workload.name, |bencher| {
            bencher.iter(|| set.decide(black_box(requests.next().unwrap())));
        });
    }
    group.finish();
}

/// The growing policy: hot asks the workload's ten requests, cold 4,096 distinct ones.
fn decide_growing(criterion: &mut Criterion, workloads: &[Workload]) {
    for workload in workloads {
        let set = workload.set();
        let hot = workload.requests();
        let cold = cold::cold(workload);
        let cold: Vec<Request<'_>> = cold.iter().map(Asked::build).collect();
        assert!(cold.iter().all(|request| set.decide(request).is_allowed()), "{} cold", workload.name);
        for (name, requests) in [("decide hot", &hot), ("decide cold", &cold)] {
            let mut group = criterion.benchmark_group(name);
            let mut requests = requests.iter().cycle();
            group.bench_function(&workload.name, |bencher| {
                bencher.iter(|| set.decide(black_box(requests.next().unwrap())));
            });
            group.finish();
        }
    }
}

/// The growing policy that an index helps least: requests that a statement allows, and requests that none does.
fn decide_awkward(criterion: &mut Criterion) {
    for statements in [100, 1_000, 10_000] {
        let awkward = awkward::workload(statements);
        let set = awkward.set();
        awkward.assert_decisions(&set);
        for (name, expected) in [("decide awkward hit", true), ("decide awkward miss", false)] {
            let requests = awkward.requests();
            let requests: Vec<_> =
                requests.into_iter().filter(|request| set.decide(request).is_allowed() == expected).collect();
            let mut requests = requests.iter().cycle();
            let mut group = criterion.benchmark_group(name);
            group.bench_function(&awkward.name, |bencher| {
                bencher.iter(|| set.decide(black_box(requests.next().unwrap())));
            });
            group.finish();
        }
    }
}

fn explain(criterion: &mut Criterion, workloads: &[Workload]) {
    let mut group = criterion.benchmark_group("explain");
    for workload in workloads {
        let (set, requests) = (workload.set(), workload.requests());
        let mut requests = requests.iter().cycle();
        group.bench_function(&workload.name, |bencher| {
            bencher.iter(|| set.explain(black_box(requests.next().unwrap())));
        });
    }
    group.finish();
}

/// What a caller in process pays: the request from its typed parts, and the decision.
fn prepare(criterion: &mut Criterion, workloads: &[Workload]) {
    let decided = |set: &PolicySet, asked: &Asked| set.decide(&asked.build());
    for workload in workloads {
        let set = workload.set();
        let mut asked = workload.asked.iter().cycle();
        let mut group = criterion.benchmark_group("prepare");
        group.bench_function(&workload.name, |bencher| {
            bencher.iter(|| black_box(asked.next().unwrap()).builder().build().is_ok());
        });
        group.finish();
        let mut group = criterion.benchmark_group("prepare and decide");
        group.bench_function(&workload.name, |bencher| {
            bencher.iter(|| decided(&set, black_box(asked.next().unwrap())));
        });
        group.finish();
    }
}

/// What a caller with a JSON request pays: reading it, and reading, preparing and deciding it.
fn request_json(criterion: &mut Criterion, workloads: &[Workload]) {
    let limits = RequestLimits::default();
    for workload in workloads {
        let set = workload.set();
        let texts = workload.request_texts();
        let mut texts = texts.iter().cycle();
        let mut group = criterion.benchmark_group("request JSON");
        group.bench_function(&workload.name, |bencher| {
            bencher.iter(|| RequestDocument::parse(black_box(texts.next().unwrap()), &limits));
        });
        group.finish();
        let mut group = criterion.benchmark_group("request JSON and decide");
        group.bench_function(&workload.name, |bencher| {
            bencher.iter(|| {
                let document = RequestDocument::parse(black_box(texts.next().unwrap()), &limits).unwrap();
                set.decide(&document.request(limits).unwrap())
            });
        });
        group.finish();
    }
}

/// The batch form: a line with the policies of the line before, and a line with others.
fn batch(criterion: &mut Criterion, workloads: &[Workload]) {
    let lines = |name: &str| workloads.iter().find(|workload| workload.name == name).unwrap().case_lines();
    let (users, guests) = (lines("W1"), lines("W2"));
    let alternating: Vec<String> = users
        .iter()
        .zip(guests.iter().cycle())
        .flat_map(|(user, guest)| [user.clone(), guest.clone()])
        .collect();
    let mut group = criterion.benchmark_group("batch line");
    for (name, lines) in [("same policies", &users), ("other policies", &alternating)] {
        let mut cases = Cases::default();
        let mut out = Vec::new();
        let mut lines = lines.iter().cycle();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                let answer = cases.answer(black_box(lines.next().unwrap().as_bytes()), 1, &mut out);
                assert!(answer.outcome.is_some());
            });
        });
    }
    group.finish();
}

/// Parsing and compiling, for one statement.
fn documents<'a>(criterion: &mut Criterion, workloads: impl Iterator<Item = &'a Workload>) {
    for workload in workloads {
        let statements = Throughput::Elements(u64::try_from(workload.statements()).unwrap());
        let mut group = criterion.benchmark_group("parse statement");
        group.throughput(statements.clone());
        group.bench_function(&workload.name, |bencher| {
            bencher.iter(|| black_box(workload).documents());
        });
        group.finish();
        let documents = workload.documents();
        let mut group = criterion.benchmark_group("compile statement");
        group.throughput(statements);
        group.bench_function(&workload.name, |bencher| {
            bencher.iter(|| compile(black_box(&documents)));
        });
        group.finish();
    }
}
