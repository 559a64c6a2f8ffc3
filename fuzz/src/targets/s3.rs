//! S3: a raw request that gives checks gives them on the bucket and key that stand in it, read by a reader of its own
//! here; and the same twice.

use std::fmt::Write;

use verdikt::service::s3::{self, Addressing, Facts, OPERATIONS, Place};
use verdikt::service::{HttpRequest, Value};

use crate::dice::Dice;

const KEYS: [&str; 20] = [
    "a", "/", "..", "%", "%25", "%2F", "%2f", "%C3%A9", "+", "*", "$%7Bx%7D", ":", "%3A", "%FF", "é", "%00",
    "%252F", "%252e", "%2561", "2F",
];
const HEADS: [&str; 12] = [
    "x-amz-acl: public-read",
    "x-amz-acl: private",
    "x-amz-copy-source: /other-data/b%2Fc",
    "x-amz-copy-source: other-data/b?versionId=1",
    "x-amz-tagging: a=b&c=%2B",
    "x-amz-tagging-directive: REPLACE",
    "x-amz-bypass-governance-retention: true",
    "X-Amz-Meta-Bucket: other-data",
    "X-Forwarded-Host: other-data.s3.amazonaws.com",
    "Host: other-data.s3.amazonaws.com",
    "If-Match: \"e\"",
    "x-amz-object-lock-mode: GOVERNANCE",
];
const BODIES: [&str; 4] = [
    "",
    "<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>../c</Key><VersionId>1</VersionId></Object></Delete>",
    "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
    "<Retention><Mode>GOVERNANCE</Mode></Retention>",
];

/// A whole request, or one made of the bytes.
pub fn run(data: &[u8]) -> bool {
    if data.windows(4).any(|window| window == b"\r\n\r\n") {
        return check(data);
    }
    check(made(&mut Dice::new(data)).as_bytes())
}

/// A request of some operation, with a key, parameters and headers that try to be another's.
fn made(dice: &mut Dice<'_>) -> String {
    let info = &OPERATIONS[dice.below(OPERATIONS.len())];
    let key = if info.place == Place::Object { dice.words(&KEYS, 6) } else { String::new() };
    let mut target = if dice.flip() { format!("/{key}") } else { format!("/app-data/{key}") };
    let host = if target.starts_with("/app-data") { "s3.amazonaws.com" } else { "app-data.s3.amazonaws.com" };
    for (number, name) in info.select.iter().chain(info.parameters).enumerate() {
        if number < info.select.len() || dice.flip() {
            target.push(if number == 0 { '?' } else { '&' });
            target += name;
            target += if *name == "list-type" || *name == "select-type" { "=2" } else { "=1" };
        }
    }
    let mut text = format!("{} {target} HTTP/1.1\r\nHost: {host}\r\n", info.method);
    for _ in 0..dice.upto(3) {
        write!(text, "{}\r\n", dice.pick(&HEADS)).expect("memory");
    }
    text + "\r\n" + dice.pick(&BODIES)
}

/// Whether the request gives checks; they must be on what it names.
fn check(text: &[u8]) -> bool {
    let Ok(http) = HttpRequest::parse(text) else { return false };
    let (addressing, facts) = (Addressing::aws(), Facts::default());
    let asked = s3::checks(&http, &addressing, &facts);
    assert_eq!(asked, s3::checks(&http, &addressing, &facts));
    let Ok(call) = asked else { return false };
    assert!(!call.checks.is_empty(), "{call:?}");
    let path = http.target.split('?').next().unwrap_or_default();
    let host = http.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")).expect("a host").1;
    let named = named(host, path);
    for check in &call.checks {
        for (index, (name, value)) in check.context.iter().enumerate() {
            assert!(
                !check.context[..index].iter().any(|(other, _)| other == name) || name.contains('/'),
                "{name} twice"
            );
            assert!(!matches!(value, Value::Many(values) if values.is_empty()), "{name} without values");
        }
        let is_source = call.operation.contains("Copy") && check.action.starts_with("s3:Get");
        if check.resource == "*" || is_source {
            continue;
        }
        let Some(named) = &named else { continue };
        let own = check.resource.splitn(6, ':').nth(5).expect("an ARN").as_bytes();
        if check.part.is_some() {
            assert!(own.starts_with(named), "{check:?}");
        } else {
            assert_eq!(own, named, "{check:?}");
        }
    }
    true
}

/// `bucket` or `bucket/key` as this reader sees it: bytes of the path, decoded once; none for a host that it does not read.
fn named(host: &str, path: &str) -> Option<Vec<u8>> {
    let decoded = decode(path.as_bytes());
    let whole = match host {
        "s3.amazonaws.com" => decoded.get(1..)?.to_vec(),
        "app-data.s3.amazonaws.com" => [b"app-data".as_slice(), &decoded].concat(),
        _ => return None,
    };
    // A bucket alone may be followed by a slash.
    let alone = whole.strip_suffix(b"/").filter(|bucket| !bucket.contains(&b'/'));
    Some(alone.map_or_else(|| whole.clone(), <[u8]>::to_vec))
}

fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let pair = text.get(at + 1).zip(text.get(at + 2));
        match pair.and_then(|(high, low)| Some(digit(*high)? * 16 + digit(*low)?)) {
            Some(escaped) if byte == b'%' => {
                out.push(escaped);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}
