//! Deciding: hot and cold, with ever more statements, without the index, bound to a session; and explaining.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use verdikt::{PolicySet, Request, RequestBuffers};

use crate::common::session::Session;
use crate::common::workload::{Asked, Workload};
use crate::common::{cold, growth};

/// The growing policy as far as its files go.
pub(crate) const GROWTH: [&str; 4] = ["W4_10", "W4_100", "W4_1000", "W4_10000"];
/// How far it is grown beyond them.
const GROWN: usize = 100_000;

/// The policies that an index helps least: the requests that they allow, and those that nothing in them allows.
const HARD: [&str; 6] = ["W8_100", "W8_1000", "W8_10000", "awkward_100", "awkward_1000", "awkward_10000"];

pub(crate) fn bench(criterion: &mut Criterion, users: &[Workload], growing: &[Workload]) {
    for workload in users {
        let set = workload.set();
        hot(criterion, workload, &set);
        requests(criterion, "decide cold", &workload.name, &set, &cold::of_requests(workload));
        bound(criterion, workload);
    }
    for workload in growing {
        grown(criterion, workload);
    }
    let [_, small, .., large] = growing else { panic!("workloads of several sizes") };
    growth::assert_rule(small, large);
    let largest = growth::grown(large, GROWN);
    largest.assert_decisions(&largest.set());
    grown(criterion, &largest);
    for name in HARD {
        hard(criterion, &Workload::load(name));
    }
    for workload in users {
        explain(criterion, workload);
    }
    many(criterion, users.first().unwrap());
}

fn hot(criterion: &mut Criterion, workload: &Workload, set: &PolicySet) {
    requests(criterion, "decide hot", &workload.name, set, &workload.asked);
}

/// The growing policy: cold, its requests are drawn over all statements.
fn grown(criterion: &mut Criterion, workload: &Workload) {
    let set = workload.set();
    let cold = cold::of_statements(workload);
    assert!(cold.iter().all(|asked| set.decide(&asked.build()).is_allowed()), "{} cold", workload.name);
    hot(criterion, workload, &set);
    requests(criterion, "decide cold", &workload.name, &set, &cold);
}

/// What an index saves where it helps least: beside the walk over all statements.
fn hard(criterion: &mut Criterion, workload: &Workload) {
    workload.assert_decisions(&workload.set());
    for part in workload.hits_and_misses() {
        let set = part.set();
        part.assert_decisions(&set);
        hot(criterion, &part, &set);
        requests(criterion, "decide cold", &part.name, &set, &cold::of_requests(&part));
        let requests = part.requests();
        let mut requests = requests.iter().cycle();
        let mut group = criterion.benchmark_group("decide exhaustively");
        group.bench_function(&part.name, |bencher| {
            bencher.iter(|| set.decide_exhaustively(black_box(requests.next().unwrap())));
        });
        group.finish();
    }
}

/// One decision after the other, the requests in turn.
fn requests(criterion: &mut Criterion, group: &str, name: &str, set: &PolicySet, asked: &[Asked]) {
    let requests: Vec<Request<'_>> = asked.iter().map(Asked::build).collect();
    let mut requests = requests.iter().cycle();
    let mut group = criterion.benchmark_group(group);
    group.bench_function(name, |bencher| {
        bencher.iter(|| set.decide(black_box(requests.next().unwrap())));
    });
    group.finish();
}

/// Policies bound to the session that asks.
fn bound(criterion: &mut Criterion, workload: &Workload) {
    let session = Session::of(workload);
    let set = session.bound(workload);
    let build = |call| session.builder(call, RequestBuffers::default()).build().unwrap();
    let requests: Vec<Request<'_>> = session.calls.iter().map(build).collect();
    let is_expected = |(call, request): (&Asked, &Request<'_>)| set.decide(request).outcome == call.expect;
    assert!(session.calls.iter().zip(&requests).all(is_expected), "{} bound", workload.name);
    let mut requests = requests.iter().cycle();
    let mut group = criterion.benchmark_group("decide bound");
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| set.decide(black_box(requests.next().unwrap())));
    });
    group.finish();
}

fn explain(criterion: &mut Criterion, workload: &Workload) {
    let (set, requests) = (workload.set(), workload.requests());
    let mut requests = requests.iter().cycle();
    let mut group = criterion.benchmark_group("explain");
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| set.explain_decision(black_box(requests.next().unwrap())));
    });
    group.finish();
}

/// A slice of requests at once, on all cores: for one of them.
fn many(criterion: &mut Criterion, workload: &Workload) {
    let (set, asked) = (workload.set(), cold::of_requests(workload));
    let requests: Vec<Request<'_>> = asked.iter().map(Asked::build).collect();
    let mut decisions = Vec::with_capacity(requests.len());
    set.decide_many_into(&requests, &mut decisions);
    assert!(decisions.iter().map(|decision| decision.outcome).eq(asked.iter().map(|asked| asked.expect)));
    let mut group = criterion.benchmark_group("decide many");
    group.throughput(Throughput::Elements(u64::try_from(requests.len()).unwrap()));
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| set.decide_many_into(black_box(&requests), &mut decisions));
    });
    group.finish();
}
