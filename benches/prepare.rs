//! Requests: from typed parts, alone, in reused memory and upon a session; from JSON; as lines of the batch form. Each
//! by itself and with the decision.

use std::hint::black_box;

use criterion::Criterion;
use verdikt::RequestBuffers;
use verdikt::request::document::RequestDocument;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::cases::Cases;

use crate::common::session::Session;
use crate::common::workload::Workload;

pub(crate) fn bench(criterion: &mut Criterion, workloads: &[Workload]) {
    for workload in workloads {
        fresh(criterion, workload);
        reused(criterion, workload);
        session(criterion, workload);
        json(criterion, workload);
    }
    batch(criterion, workloads);
}

/// What a caller in process pays: the request from its typed parts, and the decision.
fn fresh(criterion: &mut Criterion, workload: &Workload) {
    let set = workload.set();
    let mut asked = workload.asked.iter().cycle();
    let mut group = criterion.benchmark_group("prepare");
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| black_box(asked.next().unwrap()).builder().build().is_ok());
    });
    group.finish();
    let mut group = criterion.benchmark_group("prepare and decide");
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| set.decide(&black_box(asked.next().unwrap()).build()));
    });
    group.finish();
}

/// The same in the memory of the request before.
fn reused(criterion: &mut Criterion, workload: &Workload) {
    let set = workload.set();
    let mut asked = workload.asked.iter().cycle();
    let mut kept = Some(RequestBuffers::default());
    let mut group = criterion.benchmark_group("prepare reused");
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| {
            let request = black_box(asked.next().unwrap()).builder_in(kept.take().unwrap()).build().unwrap();
            kept = Some(black_box(request).into_buffers());
        });
    });
    group.finish();
    let mut group = criterion.benchmark_group("prepare reused and decide");
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| {
            let request = black_box(asked.next().unwrap()).builder_in(kept.take().unwrap()).build().unwrap();
            let decision = set.decide(&request);
            kept = Some(request.into_buffers());
            decision
        });
    });
    group.finish();
}

/// The same upon a session that holds the principal and the keys that say who asks.
fn session(criterion: &mut Criterion, workload: &Workload) {
    let set = workload.set();
    let session = Session::of(workload);
    let mut calls = session.calls.iter().cycle();
    let mut kept = Some(RequestBuffers::default());
    let mut group = criterion.benchmark_group("prepare session");
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| {
            let call = black_box(calls.next().unwrap());
            let request = session.builder(call, kept.take().unwrap()).build().unwrap();
            kept = Some(black_box(request).into_buffers());
        });
    });
    group.finish();
    let mut group = criterion.benchmark_group("prepare session and decide");
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| {
            let call = black_box(calls.next().unwrap());
            let request = session.builder(call, kept.take().unwrap()).build().unwrap();
            let decision = set.decide(&request);
            kept = Some(request.into_buffers());
            decision
        });
    });
    group.finish();
}

/// What a caller with a JSON request pays: reading it, and reading, preparing and deciding it.
fn json(criterion: &mut Criterion, workload: &Workload) {
    let limits = RequestLimits::default();
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

/// The batch form on one core: a line with the policies of the line before, and a line with others.
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
