//! Each limit, just under it, at it and just over it: the first two are accepted, the last is refused by its code.

use verdikt::request::document::RequestDocument;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::{Cases, documents};
use verdikt::{Kind, Limits, Owner, Request, SessionFacts};

use super::{RESOURCE, build, policy, refused, statement, user};

const LIMITS: Limits =
    Limits { bytes: 4 * 1024 * 1024, depth: 32, statements: 20_000, values: 10_000, string: 8 * 1024 };
const REQUEST: RequestLimits =
    RequestLimits { bytes: 256 * 1024, keys: 512, values: 1_000, string: 8 * 1024 };

/// A count around a limit, and whether it keeps within it.
fn around(limit: usize) -> [(usize, bool); 3] {
    [(limit - 1, true), (limit, true), (limit + 1, false)]
}

/// `count` times a text, with commas.
fn times(count: usize, text: &str) -> String {
    vec![text; count].join(",")
}

#[test]
fn the_defaults_are_those_documented() {
    assert_eq!(Limits::default(), LIMITS);
    assert_eq!(RequestLimits::default(), REQUEST);
}

#[test]
fn bytes_of_a_policy() {
    for (bytes, is_met) in around(LIMITS.bytes) {
        let json = policy(&statement("Effect", r#""Allow""#));
        let json = format!("{json}{}", " ".repeat(bytes - json.len()));
        let expected: &[_] = if is_met { &[] } else { &["LIMIT_EXCEEDED"] };
        assert_eq!(refused(Kind::Identity, &json, &LIMITS), expected, "{bytes}");
    }
}

/// Nothing that a policy may hold is nested so deep: past the fifth level it is refused for another reason.
#[test]
fn depth_of_a_policy() {
    for (depth, is_met) in around(LIMITS.depth) {
        // The policy, its statements, a statement, its condition and an operator are five.
        let inner = format!("{}1{}", "[".repeat(depth - 5), "]".repeat(depth - 5));
        let condition = format!(r#"{{"StringEquals": {{"a:k": {inner}}}}}"#);
        let found = refused(Kind::Identity, &policy(&statement("Condition", &condition)), &LIMITS);
        assert_eq!(found.contains(&"LIMIT_EXCEEDED"), !is_met, "{depth}: {found:?}");
    }
    let least = policy(&statement("Action", r#"["a:b"]"#));
    for (depth, is_met) in [(5, true), (4, true), (3, false)] {
        let limits = Limits { depth, ..LIMITS };
        assert_eq!(refused(Kind::Identity, &least, &limits).is_empty(), is_met, "{depth}");
    }
    // However deep, the walk over it is no recursion.
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let json = format!("{}1{}", open.repeat(500_000), close.repeat(500_000));
        assert!(refused(Kind::Identity, &json, &LIMITS).contains(&"LIMIT_EXCEEDED"));
    }
}

#[test]
fn statements_of_a_policy() {
    for (count, is_met) in around(LIMITS.statements) {
        let json = policy(&times(count, &statement("Effect", r#""Allow""#)));
        let expected: &[_] = if is_met { &[] } else { &["LIMIT_EXCEEDED"] };
        assert_eq!(refused(Kind::Identity, &json, &LIMITS), expected, "{count}");
    }
}

#[test]
fn values_of_a_list() {
    let principal = |list: &str| {
        policy(&format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": {list}}}, "Action": "a:b", "Resource": "*"}}"#
        ))
    };
    for (count, is_met) in around(LIMITS.values) {
        let list = |text: &str| format!("[{}]", times(count, text));
        let condition = format!(r#"{{"StringEquals": {{"a:k": {}}}}}"#, list(r#""v""#));
        let lists = [
            (Kind::Identity, policy(&statement("Action", &list(r#""a:b""#)))),
            (Kind::Identity, policy(&statement("NotAction", &list(r#""a:b""#)))),
            (Kind::Identity, policy(&statement("Resource", &list(r#""*""#)))),
            (Kind::Identity, policy(&statement("NotResource", &list(r#""*""#)))),
            (Kind::Identity, policy(&statement("Condition", &condition))),
            (Kind::Resource, principal(&list(r#""111122223333""#))),
        ];
        for (kind, json) in lists {
            let expected: &[_] = if is_met { &[] } else { &["LIMIT_EXCEEDED"] };
            assert_eq!(refused(kind, &json, &LIMITS), expected, "{count}: {}", &json[..90]);
        }
    }
}

#[test]
fn strings_of_a_policy() {
    for (bytes, is_met) in around(LIMITS.string) {
        let long = |head: &str| format!(r#""{head}{}""#, "x".repeat(bytes - head.len()));
        let value = format!(r#"{{"StringEquals": {{"a:k": {}}}}}"#, long(""));
        let key = format!(r#"{{"StringEquals": {{{}: "v"}}}}"#, long("a:"));
        for (element, value) in [
            ("Sid", long("")),
            ("Action", long("a:")),
            ("NotAction", long("a:")),
            ("Resource", long("arn:aws:s3:::")),
            ("NotResource", long("arn:aws:s3:::")),
            ("Condition", value),
            ("Condition", key),
        ] {
            let found = refused(Kind::Identity, &policy(&statement(element, &value)), &LIMITS);
            assert_eq!(found.is_empty(), is_met, "{element}, {bytes}: {found:?}");
            assert_eq!(found.contains(&"LIMIT_EXCEEDED"), !is_met, "{element}, {bytes}: {found:?}");
        }
    }
}

/// Patterns that make a matcher work hardest, at the limits that accept them: no `?` or variable more.
#[test]
fn wildcards_between_two_stars() {
    for (count, is_met) in around(32) {
        for piece in ["?", "a?", "${aws:username}", "?${aws:username, 'd'}"] {
            let each = piece.matches(['?', '$']).count();
            if count % each != 0 {
                continue;
            }
            let segment = piece.repeat(count / each);
            let resource = format!(r#""arn:aws:s3:::b/*{segment}*{segment}*""#);
            let found = refused(Kind::Identity, &policy(&statement("Resource", &resource)), &LIMITS);
            assert_eq!(found.is_empty(), is_met, "{count} of {piece}: {found:?}");
            let like = format!(r#"{{"StringLike": {{"a:k": "*{segment}*"}}}}"#);
            let found = refused(Kind::Identity, &policy(&statement("Condition", &like)), &LIMITS);
            assert_eq!(found.is_empty(), is_met, "{count} of {piece}: {found:?}");
        }
    }
}

#[test]
fn keys_of_a_request() {
    for (count, is_met) in around(REQUEST.keys) {
        let built =
            build(|builder| (0..count).fold(builder, |builder, key| builder.one(format!("a:k{key}"), "v")));
        assert_eq!(built, if is_met { Ok(()) } else { Err("REQUEST_LIMIT_EXCEEDED") }, "{count}");
        let context: Vec<_> = (0..count).map(|key| format!(r#""a:k{key}": "v""#)).collect();
        assert_eq!(read(&context.join(",")), built, "{count}");
        let facts = (0..count)
            .fold(SessionFacts::builder(user()), |facts, key| facts.present(format!("a:k{key}"), "v"));
        assert_eq!(facts.build().map(|_| ()).map_err(|error| error.code()), built, "{count}");
    }
}

#[test]
fn values_of_a_key() {
    for (count, is_met) in around(REQUEST.values) {
        let built = build(|builder| builder.many("a:k", vec!["v"; count]));
        assert_eq!(built, if is_met { Ok(()) } else { Err("REQUEST_LIMIT_EXCEEDED") }, "{count}");
        assert_eq!(read(&format!(r#""a:k": [{}]"#, times(count, r#""v""#))), built, "{count}");
        let facts = SessionFacts::builder(user()).present_many("a:k", vec!["v"; count]).build();
        assert_eq!(facts.map(|_| ()).map_err(|error| error.code()), built, "{count}");
    }
    // An iterator without an end is not asked for more than the limit.
    assert_eq!(build(|builder| builder.many("a:k", std::iter::repeat("v"))), Err("REQUEST_LIMIT_EXCEEDED"));
}

#[test]
fn texts_of_a_request() {
    for (bytes, is_met) in around(REQUEST.string) {
        let expected = if is_met { Ok(()) } else { Err("REQUEST_LIMIT_EXCEEDED") };
        let (name, value) = (format!("a:{}", "k".repeat(bytes - 2)), "v".repeat(bytes));
        assert_eq!(build(|builder| builder.one(name.clone(), "v")), expected, "a name of {bytes}");
        assert_eq!(build(|builder| builder.many(name.clone(), ["v"])), expected, "a name of {bytes}");
        assert_eq!(build(|builder| builder.one("a:k", value.clone())), expected, "a value of {bytes}");
        assert_eq!(
            build(|builder| builder.many("a:k", ["v", &*value].map(str::to_owned))),
            expected,
            "a value of {bytes}"
        );
        assert_eq!(read(&format!(r#""{name}": "v""#)), expected, "a name of {bytes}");
        assert_eq!(read(&format!(r#""a:k": "{value}""#)), expected, "a value of {bytes}");
        let facts = SessionFacts::builder(user()).present("a:k", value.clone()).build();
        assert_eq!(facts.map(|_| ()).map_err(|error| error.code()), expected, "a value of {bytes}");
        let (resource, action) =
            (format!("arn:aws:s3:::{}", "k".repeat(bytes - 13)), format!("s3:{}", "k".repeat(bytes - 3)));
        let role = "arn:aws:iam::111122223333:user/";
        let long = verdikt::Principal::parse(&format!("{role}{}", "u".repeat(bytes - role.len())));
        for (principal, action, resource) in [
            (Ok(user()), "s3:GetObject", resource.as_str()),
            (Ok(user()), action.as_str(), RESOURCE),
            (long, "s3:GetObject", RESOURCE),
        ] {
            let principal = principal.unwrap();
            let built = Request::builder(&principal, action, resource, Owner::Unknown).build();
            assert_eq!(built.map(|_| ()).map_err(|error| error.code()), expected, "{bytes}");
        }
    }
}

/// All texts together: of the library's request without its JSON, of the JSON form with it.
#[test]
fn bytes_of_a_request() {
    let fixed = "s3:GetObject".len() + RESOURCE.len();
    for (bytes, is_met) in around(REQUEST.bytes) {
        let expected = if is_met { Ok(()) } else { Err("REQUEST_LIMIT_EXCEEDED") };
        // Names of four bytes, values of at most 4,096.
        let mut left = bytes - fixed;
        let mut values = Vec::new();
        while left > 0 {
            let value = left.saturating_sub(4).min(4_096);
            values.push("v".repeat(value));
            left = left.saturating_sub(value + 4);
        }
        let built = build(|builder| {
            let keys = (0_u32..).map(|number| format!("{number:>4}").replace(' ', "k"));
            keys.zip(values).fold(builder, |builder, (key, value)| builder.one(key, value))
        });
        assert_eq!(built, expected, "{bytes}");
        let json = document("");
        let json = format!("{json}{}", " ".repeat(bytes - json.len()));
        let read = RequestDocument::parse(&json, &REQUEST).map(|_| ()).map_err(|error| error.code());
        assert_eq!(read, expected, "{bytes}");
    }
}

/// A line that is over its limit is answered in its place; no part of it is decided.
#[test]
fn lines_of_a_batch() {
    let mut cases = Cases::default();
    let limit = 4 * LIMITS.bytes + REQUEST.bytes;
    assert_eq!((cases.line_limit(), documents::line_limit(&LIMITS)), (limit, 4 * LIMITS.bytes));
    let case = format!(r#"{{"id": "x", "request": {}, "policies": {{"identity": []}}}}"#, document(""));
    let document = r#"{"id": "x", "kind": "identity", "policy": {"Version": "2012-10-17", "Statement": []}}"#;
    for (bytes, is_met) in around(limit) {
        let line = format!("{case}{}", " ".repeat(bytes - case.len()));
        let mut out = Vec::new();
        assert_eq!(cases.answer(line.as_bytes(), 1, &mut out).outcome.is_some(), is_met, "{bytes}");
    }
    for (bytes, is_met) in around(documents::line_limit(&LIMITS)) {
        let line = format!("{document}{}", " ".repeat(bytes - document.len()));
        let mut out = Vec::new();
        documents::answer(line.as_bytes(), 1, &LIMITS, &mut out);
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.contains("EMPTY_ARRAY_STATEMENT"), is_met, "{bytes}: {out}");
        assert_eq!(out.contains("INVALID_CASE"), !is_met, "{bytes}: {out}");
    }
}

/// Policies and levels of a case: an empty level takes two characters of the line and a compiled policy of memory.
#[test]
fn policies_of_a_case() {
    let policy = r#"{"name": "p", "policy": {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "a:b", "Resource": "*"}}}"#;
    for (count, is_met) in around(LIMITS.values) {
        for (layer, one) in [("scps", "[]"), ("rcps", "[]"), ("identity", policy), ("session", policy)] {
            let policies = format!(r#"{{"{layer}": [{}]}}"#, times(count, one));
            let line = format!(r#"{{"id": "x", "request": {}, "policies": {policies}}}"#, document(""));
            let mut out = Vec::new();
            let answer = Cases::default().answer(line.as_bytes(), 1, &mut out);
            let out = String::from_utf8(out).unwrap();
            assert_eq!(answer.outcome.is_some(), is_met, "{layer}, {count}: {out}");
            assert_eq!(out.contains("INVALID_CASE_POLICIES"), !is_met, "{layer}, {count}: {out}");
        }
    }
}

/// The JSON form of a request with these context keys.
fn document(context: &str) -> String {
    format!(
        r#"{{"principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject", "resource": "{RESOURCE}", "resource_account": "111122223333", "context": {{{context}}}}}"#
    )
}

/// Reads and builds the JSON form with these context keys; the code of its error.
fn read(context: &str) -> Result<(), &'static str> {
    let json = document(context);
    let document = RequestDocument::parse(&json, &REQUEST).map_err(|error| error.code())?;
    document.request(REQUEST).map(|_| ()).map_err(|error| error.code())
}
