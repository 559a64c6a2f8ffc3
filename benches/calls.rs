//! API calls to the checks that they make.

use std::hint::black_box;

use criterion::Criterion;
use verdikt::service::HttpRequest;
use verdikt::service::s3::{self, Addressing, Facts};

const TARGET: &str = "/app-data/users/us-east-1%3A0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/albums/2026/photo.jpg";
const HEADERS: [(&str, &str); 5] = [
    ("Host", "s3.eu-west-1.amazonaws.com"),
    ("User-Agent", "aws-sdk-rust/1.0"),
    ("X-Amz-Date", "20261123T120000Z"),
    ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
    (
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0",
    ),
];

pub(crate) fn bench(criterion: &mut Criterion) {
    let http =
        HttpRequest { method: "GET", target: TARGET, headers: HEADERS.to_vec(), ..HttpRequest::default() };
    let (addressing, facts) = (Addressing::aws(), Facts::default());
    let call = s3::checks(&http, &addressing, &facts).unwrap();
    assert!(call.checks.iter().all(|check| check.action == "s3:GetObject"));
    let mut group = criterion.benchmark_group("service");
    group.bench_function("s3 get", |bencher| {
        bencher.iter(|| s3::checks(black_box(&http), &addressing, &facts).unwrap());
    });
    group.finish();
}
