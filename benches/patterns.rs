//! Patterns by shape, and patterns made to be slow.

use std::hint::black_box;

use criterion::Criterion;
use verdikt::policy::Limits;
use verdikt::text::arn_pattern::ResourceText;
use verdikt::text::pool::{Pool, Resolved, Variables};
use verdikt::text::template::{Syntax, tokenize};
use verdikt::text::truth::Truth;

use crate::common::workload::Workload;

/// Workloads of one slow pattern and one request each.
pub(crate) const WORKLOADS: [&str; 4] = ["W6_1024", "W6_2048", "W6_4096", "W6b"];

/// Every variable has this value.
struct Value<'a>(&'a str);

impl Variables for Value<'_> {
    fn resolve(&self, _hash: u64, _name: &str) -> Resolved<'_> {
        Resolved::Text(self.0)
    }
}

pub(crate) fn bench(criterion: &mut Criterion) {
    shapes(criterion);
    arns(criterion);
    slow_workloads(criterion);
    slow_segments(criterion);
    long_patterns(criterion);
}

/// A pattern of each shape against a text of 59 bytes.
fn shapes(criterion: &mut Criterion) {
    const TEXT: &str = "arn:aws:s3:::bucket-00001/data/2026/11/23/part-0001.parquet";
    for (name, pattern) in [
        ("any", "*"),
        ("exact", TEXT),
        ("prefix", "arn:aws:s3:::bucket-00001/data/*"),
        ("suffix", "*/part-0001.parquet"),
        ("prefix and suffix", "arn:aws:s3:::bucket-00001/*.parquet"),
        ("two stars", "arn:aws:s3:::bucket-00001/*/2026/*.parquet"),
        ("question marks", "arn:aws:s3:::bucket-?????/data/2026/??/??/part-????.parquet"),
        ("variable", "arn:aws:s3:::bucket-00001/${aws:username}/*"),
    ] {
        Probe { pattern, text: TEXT, value: "data" }.bench(criterion, &format!("pattern/{name}"), true);
    }
    let mismatch = Probe { pattern: "arn:aws:s3:::bucket-10001/data/*", text: TEXT, value: "" };
    mismatch.bench(criterion, "pattern/mismatch at byte 20", false);
}

/// ARN patterns against an ARN split once: as one pattern, and field by field.
fn arns(criterion: &mut Criterion) {
    const TEXT: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/UserData/index/by-name";
    let mut group = criterion.benchmark_group("ARN pattern");
    for (name, pattern) in [
        ("whole", "arn:aws:dynamodb:us-east-1:123456789012:table/UserData/*"),
        ("field by field", "arn:aws:dynamodb:*:123456789012:table/UserData/*"),
    ] {
        let mut pool = Pool::new();
        let pattern =
            pool.resource_pattern(&tokenize(pattern, Syntax { wildcards: true, variables: true }).unwrap());
        let asked = ResourceText::new(TEXT);
        assert_eq!(pool.matches_resource(pattern, &asked, &Value("")), Truth::True);
        group.bench_function(name, |bencher| {
            bencher.iter(|| pool.matches_resource(pattern, black_box(&asked), &Value("")));
        });
    }
    group.finish();
}

/// The resource patterns of the slow workloads, none of which matches, and the search that one of them amounts to.
fn slow_workloads(criterion: &mut Criterion) {
    for workload in WORKLOADS.map(Workload::load) {
        let documents = workload.documents();
        let statement = documents.first().unwrap().statements().first().unwrap();
        let pattern = &statement.resource.as_ref().unwrap().values.first().unwrap().value;
        let text = &workload.asked.first().unwrap().resource;
        let probe = Probe { pattern, text, value: "" };
        probe.bench(criterion, &format!("slow pattern/{}", workload.name), false);
        if workload.name == "W6b" {
            let needle = pattern.split('*').nth(1).unwrap();
            assert!(needle.ends_with('b'));
            criterion.bench_function("slow pattern/W6b memmem", |bencher| {
                bencher
                    .iter(|| memchr::memmem::find(black_box(text.as_bytes()), black_box(needle.as_bytes())));
            });
        }
    }
}

/// 4 KiB of `a` between stars: 21 segments that all match but the last one, and near misses of 512 characters.
fn slow_segments(criterion: &mut Criterion) {
    let text = "a".repeat(4_096);
    let (half, full) = ("a".repeat(256), "a".repeat(512));
    let patterns = [
        ("21 stars", format!("{}*c*a", "*a".repeat(20))),
        ("near miss", format!("*{full}b*")),
        ("near miss with ?", format!("*{half}?{half}b*")),
        ("near miss after ?", format!("*?{full}b*")),
        ("near miss of ?", format!("*{}b*", "?".repeat(512))),
        ("near miss of a?", format!("*{}b*", "a?".repeat(256))),
        ("near miss of a variable", "*${k}b*".to_owned()),
    ];
    for (name, pattern) in patterns {
        let probe = Probe { pattern: &pattern, text: &text, value: &full };
        probe.bench(criterion, &format!("slow segment/{name}"), false);
    }
}

/// The longest pattern that the default limits let a policy hold, against a long value. A request may hold a value of
/// 256 KiB: the honest length here, once no row takes seconds for one match of it.
fn long_patterns(criterion: &mut Criterion) {
    const TEXT_BYTES: usize = 32 * 1024;
    let length = Limits::default().string - 8;
    let text = "a".repeat(TEXT_BYTES);
    let (value, rest) = text.split_at(TEXT_BYTES / 4);
    for (name, pattern, text) in [
        ("literal", format!("*{}b*", "a".repeat(length)), text.as_str()),
        ("after ?", format!("*?{}b*", "a".repeat(length)), &text),
        ("of a?", format!("*{}b*", "a?".repeat(length / 2)), &text),
        ("of a variable", "*${k}b*".to_owned(), rest),
    ] {
        Probe { pattern: &pattern, text, value }.bench(criterion, &format!("long pattern/{name}"), false);
    }
}

/// One pattern, one text, and the value of every variable.
struct Probe<'a> {
    pattern: &'a str,
    text: &'a str,
    value: &'a str,
}

impl Probe<'_> {
    /// Times the match, once it is checked that there is one or none.
    fn bench(&self, criterion: &mut Criterion, id: &str, expected: bool) {
        let mut pool = Pool::new();
        let tokens = tokenize(self.pattern, Syntax { wildcards: true, variables: true }).unwrap();
        let pattern = pool.pattern(&tokens);
        let variables = Value(self.value);
        assert_eq!(pool.matches(pattern, self.text, &variables), expected, "{id}");
        criterion.bench_function(id, |bencher| {
            bencher.iter(|| pool.matches(pattern, black_box(self.text), &variables));
        });
    }
}
