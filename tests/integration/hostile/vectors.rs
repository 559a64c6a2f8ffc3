//! Values that other readers of policies stumbled over, each against all others.

use serde_json::json;
use verdikt::suite::{Cases, documents};
use verdikt::{Document, Kind, Limits};

/// Texts that mean something to some reader.
const TEXTS: [&str; 26] = [
    "*",
    "?",
    "$",
    "{",
    "}",
    "${x}",
    "${aws:username}",
    "${*}",
    "${$}",
    "\n",
    "\0",
    "/",
    ":",
    ",",
    "'",
    "\\",
    "..",
    "a\nb",
    "\u{e9}",
    "e\u{301}",
    "I",
    "i",
    "\u{130}",
    "\u{131}",
    "\u{212a}",
    "\u{ff0a}",
];

fn decide(statement: &serde_json::Value, resource: &str, context: &serde_json::Value) -> &'static str {
    let policy = json!({"Version": "2012-10-17", "Statement": statement});
    let request = json!({"principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject", "resource": resource,
        "resource_account": "111122223333", "context": context});
    let case =
        json!({"id": "x", "request": request, "policies": {"identity": [{"name": "p", "policy": policy}]}});
    let answer = Cases::default().answer(case.to_string().as_bytes(), 1, &mut Vec::new());
    answer.outcome.map_or("error", |outcome| outcome.as_str())
}

/// A value stands for itself wherever a variable puts it: no other text meets it.
#[test]
fn hostile_text_is_itself_and_nothing_else() {
    for value in TEXTS {
        let context = json!({"aws:username": value, "a:k": value});
        for other in TEXTS {
            let expected = if value == other { "allowed" } else { "implicitDeny" };
            let allow = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/x"});
            assert_eq!(
                decide(&allow, &format!("arn:aws:s3:::b/{other}/x"), &context),
                expected,
                "{value:?} {other:?}"
            );
            let equals = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
                "Condition": {"StringEquals": {"a:k2": "-${a:k}-"}}});
            let context = json!({"a:k": value, "a:k2": format!("-{other}-")});
            assert_eq!(decide(&equals, "*", &context), expected, "{value:?} {other:?}");
        }
    }
}

/// Operator, operand and value; whether they meet, `None` where the value cannot be read.
#[test]
fn values_at_the_edge_of_their_types() {
    for (operator, operand, value, expected) in [
        ("IpAddress", "203.0.113.0/24", "::ffff:203.0.113.5", Some(true)),
        ("IpAddress", "::/0", "203.0.113.5", Some(false)),
        ("IpAddress", "::/0", "2001:db8::1", Some(true)),
        ("IpAddress", "203.0.113.0/24", "203.0.113.5/33", None),
        ("IpAddress", "203.0.113.0/24", "203.0.113.05", None),
        ("DateEquals", "2020-01-01T00:00:00Z", "1577836800", Some(true)),
        ("DateEquals", "2020-01-01T00:00:00Z", "1577836800000", Some(false)),
        ("DateLessThan", "2020-01-01T00:00:00Z", "2016-12-31T23:59:61Z", None),
        ("DateLessThan", "2020-01-01T00:00:00Z", "2019-13-01", None),
        ("NumericEquals", "1000", "1e3", None),
        ("NumericEquals", "0", "-0", Some(true)),
        ("NumericEquals", "0", "NaN", None),
        ("NumericEquals", "0", "", None),
        ("NumericEquals", "0", "0x0", None),
        ("NumericEquals", "10", "10abc", None),
        ("BinaryEquals", "QUJD", "QUJD", Some(true)),
        ("BinaryEquals", "QUJDRA==", "QUJDRA", None),
        ("BinaryEquals", "QUJDRA==", "QUJDRB==", None),
        ("Bool", "true", "1", None),
        ("ArnLike", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k:l", Some(true)),
        ("ArnLike", "arn:aws:s3:::b", "arn:aws:s3::::b", Some(false)),
        ("StringEqualsIgnoreCase", "i", "\u{130}", Some(false)),
        ("StringEqualsIgnoreCase", "k", "\u{212a}", Some(true)),
    ] {
        let (allow, deny) = match expected {
            Some(true) => ("allowed", "explicitDeny"),
            Some(false) => ("implicitDeny", "allowed"),
            None => ("implicitDeny", "explicitDeny"),
        };
        let with = |effect: &str| json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": {operator: {"a:k": operand}}});
        let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        let context = json!({"a:k": value});
        assert_eq!(decide(&with("Allow"), "*", &context), allow, "{operator} {operand} {value}");
        assert_eq!(
            decide(&json!([everything, with("Deny")]), "*", &context),
            deny,
            "{operator} {operand} {value}"
        );
    }
}

/// Overlong and broken UTF-8, wherever bytes come in.
#[test]
fn overlong_text_is_refused() {
    for bytes in [
        &b"\xc0\xaf"[..],
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xed\xa0\x80",
        b"\xff",
        b"\x80",
        b"\xe2\x82",
    ] {
        let around = |before: &str, after: &str| [before.as_bytes(), bytes, after.as_bytes()].concat();
        let policy = around(
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/"#,
            r#""}}"#,
        );
        assert!(Document::parse_bytes(Kind::Identity, "p", policy, &Limits::default()).is_err(), "{bytes:?}");
        let request = r#"{"id": "x", "policies": {"identity": []}, "request": {"principal": "anonymous", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/"#;
        let line = around(request, r#""}}"#);
        assert!(Cases::default().answer(&line, 1, &mut Vec::new()).outcome.is_none(), "{bytes:?}");
        let mut out = Vec::new();
        assert!(!documents::answer(
            &around(r#"{"id": "x", "kind": "any", "policy": ""#, r#""}"#),
            1,
            &Limits::default(),
            &mut out
        ));
    }
}
