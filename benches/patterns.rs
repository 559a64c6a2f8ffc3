//! Patterns by shape, and patterns made to be slow.

use std::hint::black_box;

use criterion::Criterion;
use verdikt::policy::Limits;
use verdikt::text::arn_pattern::ResourceText;
use verdikt::text::pool::{Pool, Resolved, Variables};
use verdikt::text::template::{SEGMENT_WILDCARDS, Syntax, tokenize};
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
        assert_eq!(pool.matches_resource(&pattern, &asked, &Value("")), Truth::True);
        group.bench_function(name, |bencher| {
            bencher.iter(|| pool.matches_resource(&pattern, black_box(&asked), &Value("")));
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
            beside_memmem(criterion, pattern, text);
        }
    }
}

/// The search that W6b amounts to, and the same search with a wildcard in the middle of the segment.
fn beside_memmem(criterion: &mut Criterion, pattern: &str, text: &str) {
    let needle = pattern.split('*').nth(1).unwrap();
    assert!(needle.ends_with('b'));
    criterion.bench_function("slow pattern/W6b memmem", |bencher| {
        bencher.iter(|| memchr::memmem::find(black_box(text.as_bytes()), black_box(needle.as_bytes())));
    });
    let (before, after) = needle.split_at(needle.len() / 2);
    for (name, wildcard) in [("?", "?"), ("a variable", "${k}")] {
        let pattern = pattern.replace(needle, &format!("{before}{wildcard}{after}"));
        let probe = Probe { pattern: &pattern, text, value: "aaaa" };
        probe.bench(criterion, &format!("slow pattern/W6b with {name}"), false);
    }
}

/// 4 KiB of `a` between stars: 21 segments that all match but the last one, and near misses of 512 characters.
fn slow_segments(criterion: &mut Criterion) {
    let text = "a".repeat(4_096);
    let (part, half, full) = ("a".repeat(15), "a".repeat(256), "a".repeat(512));
    let patterns = [
        ("21 stars", format!("{}*c*a", "*a".repeat(20))),
        ("near miss", format!("*{full}b*")),
        ("near miss with ?", format!("*{half}?{half}b*")),
        ("near miss after ?", format!("*?{full}b*")),
        ("near miss of ?", format!("*{}b*", "?".repeat(SEGMENT_WILDCARDS))),
        ("near miss of a?", format!("*{}b*", format!("{part}?").repeat(SEGMENT_WILDCARDS))),
        ("near miss of a variable", "*${k}b*".to_owned()),
    ];
    for (name, pattern) in patterns {
        let probe = Probe { pattern: &pattern, text: &text, value: &full };
        probe.bench(criterion, &format!("slow segment/{name}"), false);
    }
}

/// The longest texts that the default limits accept, against patterns of half that length, which cost the most: the
/// product of a segment and of the places that it may begin at.
fn long_patterns(criterion: &mut Criterion) {
    let length = Limits::default().string;
    let (half, quarter) = (length / 2, "a".repeat(length / 4));
    let wildcards = |part: &str| format!("*{}b*", part.repeat(SEGMENT_WILDCARDS));
    let part = "a".repeat(half / SEGMENT_WILDCARDS - 1);
    let (all, wide) = ("a".repeat(length), "é".repeat(length / 2));
    let last = format!("{}é", "a".repeat(length - "é".len()));
    let early = format!("{}b{}", "a".repeat(100), "a".repeat(length - 101));
    let rows = [
        ("literal", format!("*{}b*", "a".repeat(half)), &all),
        ("after ?", format!("*?{}b*", "a".repeat(half)), &all),
        ("before ?", format!("*{}?b*", "a".repeat(half)), &all),
        ("around ?", format!("*{quarter}?{quarter}b*"), &all),
        ("of ?", wildcards("?"), &all),
        ("of a?", wildcards("a?"), &all),
        ("of long a?", wildcards(&format!("{part}?")), &all),
        ("of long a? before é", wildcards(&format!("{part}?")), &last),
        ("of é?", wildcards("é?"), &wide),
        ("of a variable", "*${k}b*".to_owned(), &all),
        ("of variables", wildcards("${k, 'a'}"), &all),
        ("many segments", format!("{}*a?b*", "*a?".repeat(length / 3 - 2)), &all),
        ("a near miss, many segments", format!("*?a?b{}b*", "*a?".repeat(length / 3 - 3)), &early),
        ("two segments", format!("*{quarter}?a*{quarter}?b*"), &all),
        ("a tail", format!("*b{}", "a?".repeat(half - 1)), &all),
    ];
    for (name, pattern, text) in rows {
        let value = "a".repeat(if name == "of variables" { half / SEGMENT_WILDCARDS } else { half });
        Probe { pattern: &pattern, text, value: &value }.bench(
            criterion,
            &format!("long pattern/{name}"),
            false,
        );
    }
    crossing(criterion, &format!("{quarter}?{quarter}b"), &all);
}

/// An ARN pattern whose sixth field is searched in vain, and then its flat glob: a long search twice.
fn crossing(criterion: &mut Criterion, segment: &str, key: &str) {
    let (head, text) = ("arn:aws:s3:::", format!("arn:aws:s3:::{}", key.split_at("arn:aws:s3:::".len()).1));
    let written = format!("{}*:*:*{segment}*", head.trim_end_matches("::"));
    let mut pool = Pool::new();
    let syntax = Syntax { wildcards: true, variables: true };
    let pattern = pool.resource_pattern(&tokenize(&written, syntax).unwrap());
    let asked = ResourceText::new(&text);
    assert_eq!(pool.matches_resource(&pattern, &asked, &Value("")), Truth::False);
    criterion.bench_function("long pattern/of an ARN", |bencher| {
        bencher.iter(|| pool.matches_resource(&pattern, black_box(&asked), &Value("")));
    });
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
