//! Errors that were made once. Each test names what went wrong.

use verdikt::suite::Cases;
use verdikt::{Document, Kind, Limits};

fn outcome(cases: &mut Cases, line: &str) -> &'static str {
    let answer = cases.answer(line.as_bytes(), 1, &mut Vec::new());
    answer.outcome.map_or("error", |outcome| outcome.as_str())
}

fn line(policy: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"id": "x", "request": {{"principal": "arn:aws:iam::111122223333:user/u", "action": "{action}", "resource": "{resource}", "resource_account": "111122223333", "context": {{}}}}, "policies": {{"identity": [{{"name": "p", "policy": {policy}}}]}}}}"#
    )
}

/// The index removed a statement number that ended one list and began the next.
#[test]
fn neighbouring_lists_of_the_index_keep_their_numbers() {
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject", "s3:List*"], "Resource": "*"}}"#
        .replace('\n', " ");
    for action in ["s3:GetObject", "s3:PutObject", "s3:ListBucket"] {
        assert_eq!(
            outcome(&mut Cases::default(), &line(&policy, action, "arn:aws:s3:::b/k")),
            "allowed",
            "{action}"
        );
    }
}

/// A pattern's first literal was merged with the last one of the pattern before it.
#[test]
fn patterns_of_one_policy_do_not_run_together() {
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
        "Resource": ["arn:aws:s3:*:*:a?b", "arn:aws:s3:*:*:c?d"]}}"#
        .replace('\n', " ");
    for (key, expected) in [("axb", "allowed"), ("cxd", "allowed"), ("axbcxd", "implicitDeny")] {
        let line = line(&policy, "s3:GetObject", &format!("arn:aws:s3:::{key}"));
        assert_eq!(outcome(&mut Cases::default(), &line), expected, "{key}");
    }
}

/// The short way of a batch took the `policies` of a nested object for the case's own.
#[test]
fn a_batch_reuses_only_the_cases_own_policies() {
    let allow = r#"{"identity":[{"name":"p","policy":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}]}"#;
    let request = r#"{"principal":"arn:aws:iam::111122223333:user/u","action":"s3:GetObject","resource":"*","context":{}}"#;
    let first = format!(r#"{{"id":"a","request":{request},"policies":{allow}}}"#);
    let nested = format!(
        r#"{{"id":"b","notes":{{"policies":{allow}}},"request":{request},"policies":{{"identity":[]}}}}"#
    );
    let escaped =
        format!(r#"{{"id":"c","a\"policies":{allow},"request":{request},"policies":{{"identity":[]}}}}"#);
    let twice =
        format!(r#"{{"id":"d","policies":{allow},"request":{request},"policies":{{"identity":[]}}}}"#);
    let mut cases = Cases::default();
    assert_eq!(outcome(&mut cases, &first), "allowed");
    assert_eq!(outcome(&mut cases, &nested), "implicitDeny");
    assert_eq!(outcome(&mut cases, &first), "allowed");
    assert_eq!(outcome(&mut cases, &escaped), "implicitDeny");
    assert_eq!(outcome(&mut cases, &first), "allowed");
    assert_eq!(outcome(&mut cases, &twice), "error");
    assert_eq!(outcome(&mut cases, &first), "allowed");
    // As long, and alike but for one word.
    let denied = first.replace(r#""Allow","#, r#""Deny" ,"#);
    assert_eq!(denied.len(), first.len());
    assert_eq!(outcome(&mut cases, &denied), "explicitDeny");
}

/// All problems of a document in one run, each with its place and a remedy.
#[test]
fn a_bad_document_tells_all_its_problems_at_once() {
    let json = r#"{
  "Version": "2012-10-18",
  "Statment": [],
  "Statement": [
    {"Effect": "allow", "Action": "s3GetObject", "Resource": "s3:::b",
     "Condition": {"StringEqualz": {"aws:x": "y"}, "Bool": {"aws:y": "maybe"}, "NumericEquals": {"aws:z": "1e3"}}},
    {"Effect": "Allow", "NotAction": [], "Resource": 7, "Principal": "*"}
  ]
}"#;
    let rejected = Document::parse(Kind::Identity, "bad", json, &Limits::default()).unwrap_err();
    let found: Vec<_> = rejected
        .problems
        .iter()
        .map(|problem| {
            (problem.code, rejected.source.position(problem.span.start).line, problem.help.is_some())
        })
        .collect();
    let expected = [
        ("INVALID_VERSION", 2, true),
        ("INVALID_POLICY_ELEMENT", 3, true),
        ("INVALID_EFFECT", 5, true),
        ("INVALID_ACTION", 5, true),
        ("INVALID_ARN_PREFIX", 5, true),
        ("INVALID_CONDITION_OPERATOR", 6, true),
        ("TYPE_MISMATCH_BOOLEAN", 6, true),
        ("TYPE_MISMATCH_NUMBER", 6, true),
        ("EMPTY_ARRAY_ACTION", 7, true),
        ("DATA_TYPE_MISMATCH", 7, true),
        ("UNSUPPORTED_PRINCIPAL", 7, true),
    ];
    assert_eq!(found, expected);
}

/// Messages follow one form: lower case, one line, no final period.
#[test]
fn messages_follow_one_form() {
    for (name, file) in crate::suite::load() {
        for entry in file.entries(&name) {
            let crate::suite::Ask::Document { kind, text, .. } = entry.ask else { continue };
            let kind = if kind == "any" { Kind::Identity } else { kind.parse().unwrap() };
            let Err(rejected) = Document::parse(kind, "document", &text, &Limits::default()) else {
                continue;
            };
            for problem in rejected.problems {
                let message = &problem.message;
                assert!(!message.ends_with('.') && !message.contains('\n'), "{message}");
                assert!(
                    !message.starts_with(|c: char| c.is_ascii_uppercase()) || message.starts_with("VPC"),
                    "{message}"
                );
                assert!(message.len() < 400, "{message}");
            }
        }
    }
}

/// A line's error quoted an unknown field's name at any length.
#[test]
fn errors_quote_input_in_part_only() {
    let long = "x".repeat(100_000);
    for line in [
        format!(r#"{{"id": "x", "request": {{"{long}": 1}}, "policies": {{}}}}"#),
        format!(
            r#"{{"id": "x", "request": {{"principal": "{long}", "action": "a:b", "resource": "*"}}, "policies": {{}}}}"#
        ),
        format!(
            r#"{{"id": "x", "request": {{"principal": "anonymous", "action": "a:b", "resource": "*"}}, "policies": {{"{long}": 1}}}}"#
        ),
        format!(r#"{{"{long}": 1, "{long}": 2}}"#),
        long.clone(),
    ] {
        let mut out = Vec::new();
        Cases::default().answer(line.as_bytes(), 1, &mut out);
        assert!(out.len() < 1_000, "{} bytes: {}", out.len(), String::from_utf8_lossy(&out[..300]));
    }
}

/// A resource or Sid with a line feed wrote lines of its own into an explanation.
#[test]
fn no_input_forges_a_line_of_an_explanation() {
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}}"#;
    let forged = r"arn:aws:s3:::b/k\nallowed by root";
    let explanation = Cases::default().explain(&line(policy, "s3:GetObject", forged)).unwrap();
    let text = explanation.to_string();
    assert!(text.contains(r"k\nallowed") && !text.contains("\nallowed"), "{text}");
}

/// A document in which nearly everything is wrong was answered with every problem, hundreds of megabytes of them.
#[test]
fn the_problems_told_are_bounded_and_still_refuse() {
    let statements =
        vec![r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {}}"#; 5_000];
    let text = |last: &str| {
        format!(r#"{{"Version": "2012-10-17", "Statement": [{}, {last}]}}"#, statements.join(", "))
    };
    let accepted =
        Document::parse(Kind::Identity, "warnings", &text(statements[0]), &Limits::default()).unwrap();
    assert_eq!(accepted.warnings.len(), 1_001);
    // The one error is past what is told, and still refuses.
    let rejected = Document::parse(Kind::Identity, "error", &text("{}"), &Limits::default()).unwrap_err();
    assert_eq!(rejected.problems.len(), 1_001);
    let last = rejected.problems.last().unwrap();
    assert_eq!((last.code, last.severity), ("LIMIT_EXCEEDED", verdikt::text::diagnostic::Severity::Error));
}

/// Each statement of an explanation looked for its line from the start of the document: hours on a large one.
#[test]
fn explaining_a_large_policy_is_not_quadratic() {
    let statement = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::some-bucket/some/prefix/*"}"#;
    let policy =
        format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, vec![statement; 19_000].join(", "));
    let explanation = Cases::default().explain(&line(&policy, "s3:PutObject", "*")).unwrap();
    assert_eq!(explanation.statements().count(), 19_000);
}

/// A segment of thousands of `?` between two stars took seconds against a long key.
/// Few and many statements are searched in two ways.
#[test]
fn a_sid_that_stands_twice_is_told_in_short_and_long_policies() {
    for count in [2, 9, 40] {
        let statement = |number: usize| {
            let sid = if number == count - 1 { 0 } else { number };
            format!(r#"{{"Sid": "S{sid}", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}"#)
        };
        let statements: Vec<_> = (0..count).map(statement).collect();
        let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(","));
        let rejected = Document::parse(Kind::Identity, "p", &json, &Limits::default()).unwrap_err();
        let told: Vec<_> =
            rejected.problems.iter().map(|problem| (problem.code, problem.span.start)).collect();
        let place = u32::try_from(json.rfind("\"S0\"").unwrap()).unwrap();
        assert_eq!(told, [("UNIQUE_SIDS_REQUIRED", place)], "{count}");
    }
}

#[test]
fn many_wildcards_between_two_stars_are_refused() {
    let policy = |marks: usize| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/*{}b*"}}}}"#,
            "a?".repeat(marks)
        )
    };
    let parse = |marks| Document::parse(Kind::Identity, "p", &policy(marks), &Limits::default());
    assert!(parse(32).is_ok());
    assert_eq!(parse(33).unwrap_err().problems[0].code, "LIMIT_EXCEEDED");
}

/// serde takes an array of a struct's fields for the struct: policies written so were decided.
#[test]
fn arrays_are_no_objects() {
    let policy =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let request =
        r#"{"principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject", "resource": "*"}"#;
    let array = r#"["arn:aws:iam::111122223333:user/u", "s3:GetObject", "*", "111122223333", null, {}]"#;
    for (request, policies) in [
        (request, format!(r#"[[["p", {policy}]]]"#)),
        (request, format!(r#"{{"identity": [["p", {policy}]]}}"#)),
        (request, "[]".to_owned()),
        (array, format!(r#"{{"identity": [{{"name": "p", "policy": {policy}}}]}}"#)),
    ] {
        let line = format!(r#"{{"id": "x", "request": {request}, "policies": {policies}}}"#);
        assert_eq!(outcome(&mut Cases::default(), &line), "error", "{line}");
    }
}

/// A case that is no case, as it expects, was counted as not met.
#[test]
fn a_line_that_is_refused_as_expected_is_met() {
    let line = r#"{"id": "x", "request": 1, "request": 2, "policies": {}, "expect": "error"}"#;
    let mut out = Vec::new();
    assert!(Cases::default().answer(line.as_bytes(), 1, &mut out).is_met());
    assert!(String::from_utf8(out).unwrap().contains(r#""id":"x""#));
}

/// A malformed owner went unnoticed where the request was on `*`, which has none.
#[test]
fn a_malformed_owner_is_refused_on_any_resource() {
    for resource in ["*", "arn:aws:s3:::b/k"] {
        let line = format!(
            r#"{{"id": "x", "request": {{"principal": "anonymous", "action": "s3:GetObject", "resource": "{resource}", "resource_account": "1"}}, "policies": {{}}}}"#
        );
        assert_eq!(outcome(&mut Cases::default(), &line), "error", "{line}");
    }
}

/// Also the one call that no policy can deny is none of a policy bound to another session.
#[test]
fn a_bound_policy_does_not_tell_a_stranger_who_the_caller_is() {
    use verdikt::{CompiledPolicy, Owner, PolicySet, Principal, Request, SessionFacts};
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    let facts = SessionFacts::builder(user.clone()).build().unwrap();
    let nothing = CompiledPolicy::compile(&[]).unwrap();
    let set = PolicySet::builder().identity(nothing.bind(&facts)).build().unwrap();
    let (action, owner) = ("sts:GetCallerIdentity", Owner::Unknown);
    assert!(set.decide(&facts.request(action, "*", owner).build().unwrap()).is_allowed());
    let foreign = Request::builder(&user, action, "*", owner).build().unwrap();
    assert!(!set.decide(&foreign).is_allowed());
    assert_eq!(set.explain(&foreign).decision, set.decide(&foreign));
}

/// What a session fixes counts against the limits of its requests, and its own.
#[test]
fn a_session_does_not_escape_the_limits() {
    use verdikt::request::limits::RequestLimits;
    use verdikt::{Owner, Principal, SessionFacts};
    let builder = || SessionFacts::builder(Principal::parse("arn:aws:iam::111122223333:user/u").unwrap());
    let many = builder().present_many("aws:TagKeys", (0..1_001).map(|number| number.to_string()));
    assert_eq!(many.build().unwrap_err().code(), "REQUEST_LIMIT_EXCEEDED");
    assert_eq!(builder().absent("").build().unwrap_err().code(), "INVALID_CONTEXT_KEY");
    let facts = builder().present("a:b", "value").present_many("a:c", ["1", "2", "3"]).build().unwrap();
    let limits = RequestLimits::default();
    for (limits, is_met) in [
        (RequestLimits { keys: 2, ..limits }, true),
        (RequestLimits { keys: 1, ..limits }, false),
        (RequestLimits { string: 5, ..limits }, false),
        (RequestLimits { values: 2, ..limits }, false),
        (RequestLimits { bytes: 20, ..limits }, false),
    ] {
        let request =
            facts.request("s3:GetObject", "arn:aws:s3:::b/k", Owner::Unknown).limits(limits).build();
        assert_eq!(request.is_ok(), is_met, "{limits:?}");
    }
}
