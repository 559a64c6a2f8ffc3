//! Policies: parsing and compiling, binding to a session, loading thousands.

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use serde::Deserialize;
use serde_json::value::RawValue;
use verdikt::compile::load::{PolicyText, load_all};
use verdikt::{CompiledPolicy, Document, Kind, Limits};

use crate::common::session::Session;
use crate::common::workload::{Workload, compile};

/// How many policies are loaded at once.
const LOADED: usize = 10_000;

pub(crate) fn bench(criterion: &mut Criterion, users: &[Workload], growing: &[Workload]) {
    for workload in users.iter().chain(growing) {
        statements(criterion, workload);
    }
    for workload in users {
        bind(criterion, workload);
    }
    managed(criterion);
    load(criterion, users.first().unwrap());
}

/// Parsing and compiling, for one statement.
fn statements(criterion: &mut Criterion, workload: &Workload) {
    let mut group = group(criterion, "parse statement", workload.statements());
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| black_box(workload).documents());
    });
    group.finish();
    let documents = workload.documents();
    let mut group = self::group(criterion, "compile statement", workload.statements());
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| compile(black_box(&documents)));
    });
    group.finish();
}

/// The policies that AWS manages, where `VERDIKT_CORPUS` names the folder that has them: the whole collection, each
/// policy parsed, compiled and dropped by itself.
fn managed(criterion: &mut Criterion) {
    let Some(folder) = std::env::var_os("VERDIKT_CORPUS") else { return };
    let text = std::fs::read_to_string(Path::new(&folder).join("managed_policies.json")).unwrap();
    let file: Managed<'_> = serde_json::from_str(&text).unwrap();
    let parse = |policy: &ManagedPolicy<'_>| {
        let parsed = Document::parse(Kind::Identity, &policy.name, policy.document.get(), &Limits::default());
        parsed.unwrap().document
    };
    let documents: Vec<Document> = file.policies.iter().map(parse).collect();
    let statements = documents.iter().map(|document| document.statements().len()).sum();
    let mut group = group(criterion, "parse statement", statements);
    group.sample_size(10);
    group.bench_function("managed", |bencher| {
        bencher.iter(|| file.policies.iter().for_each(|policy| drop(black_box(parse(policy)))));
    });
    group.finish();
    let mut group = self::group(criterion, "compile statement", statements);
    group.sample_size(10);
    group.bench_function("managed", |bencher| {
        let compile = |document| CompiledPolicy::compile(std::slice::from_ref(document)).unwrap();
        bencher.iter(|| documents.iter().for_each(|document| drop(black_box(compile(document)))));
    });
    group.finish();
}

#[derive(Deserialize)]
struct Managed<'a> {
    #[serde(borrow)]
    policies: Vec<ManagedPolicy<'a>>,
}

#[derive(Deserialize)]
struct ManagedPolicy<'a> {
    name: String,
    #[serde(borrow)]
    document: &'a RawValue,
}

/// Binding to a session, for what is attached in one place.
fn bind(criterion: &mut Criterion, workload: &Workload) {
    let session = Session::of(workload).facts;
    let policies = compile(&workload.documents());
    let mut group = group(criterion, "bind", policies.len());
    group.bench_function(&workload.name, |bencher| {
        bencher.iter(|| {
            for policy in &policies {
                black_box(policy.bind(black_box(&session)));
            }
        });
    });
    group.finish();
}

/// Loading the policies of thousands of roles, on all cores: for one of them.
fn load(criterion: &mut Criterion, workload: &Workload) {
    let policy = workload.policies.first().unwrap();
    let names: Vec<String> = (0..LOADED).map(|number| format!("role-{number}")).collect();
    let texts: Vec<PolicyText<'_>> =
        names.iter().map(|name| PolicyText::new(policy.kind, name, &policy.text)).collect();
    let mut group = group(criterion, "load policy", LOADED);
    group.sample_size(10);
    group.bench_function(format!("{} x {LOADED}", workload.name), |bencher| {
        bencher.iter_with_large_drop(|| load_all(black_box(&texts), &Limits::default()).unwrap());
    });
    group.finish();
}

fn group<'c>(criterion: &'c mut Criterion, name: &str, elements: usize) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(u64::try_from(elements).unwrap()));
    group
}
