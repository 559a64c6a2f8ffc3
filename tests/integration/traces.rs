//! What a trace says of each written entry, asked of statements of which one clause at a time does not hold.

use verdikt::evaluate::trace::StatementTrace;
use verdikt::request::limits::RequestLimits;
use verdikt::text::truth::Truth;
use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request};

/// The traces of the statements of a bucket policy, for a request of `alice` with two keys, one of them multivalued.
fn traced<T>(statements: &str, question: impl FnOnce(&[StatementTrace<'_>]) -> T) -> T {
    let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let document = Document::parse(Kind::Resource, "p", &json, &Limits::default()).unwrap().document;
    let set = PolicySet::builder().resource(CompiledPolicy::compile(&[document]).unwrap()).build().unwrap();
    let user = Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap();
    let builder = Request::builder(&user, "s3:GetObject", "arn:aws:s3:::b/k", Owner::Account("111122223333"));
    let builder = builder.one("a:one", "x").many("a:many", ["x", "y"]).limits(RequestLimits::default());
    question(&set.trace(&builder.build().unwrap()))
}

fn statement(effect: &str, principal: &str, action: &str, resource: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect": "{effect}", "Principal": {{"AWS": "{principal}"}}, "Action": "{action}",
            "Resource": "{resource}", "Condition": {{{condition}}}}}"#
    )
}

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";
const KEY: &str = "arn:aws:s3:::b/k";

/// A Deny that cannot be told applies; an Allow does not.
#[test]
fn what_cannot_be_told_applies_to_a_deny_alone() {
    let (holds, fails) = (r#""StringEquals": {"a:one": "x"}"#, r#""StringEquals": {"a:one": "y"}"#);
    let unclear = r#""StringEquals": {"a:many": "x"}"#;
    for (effect, condition, expected) in [
        ("Allow", holds, true),
        ("Allow", unclear, false),
        ("Allow", fails, false),
        ("Deny", holds, true),
        ("Deny", unclear, true),
        ("Deny", fails, false),
    ] {
        let statement = statement(effect, ALICE, "s3:GetObject", KEY, condition);
        let applies = traced(&statement, |traces| traces[0].applies());
        assert_eq!(applies, expected, "{effect} {condition}");
    }
}

/// Conditions are reached where each of the other clauses holds, whatever they say themselves.
#[test]
fn conditions_are_reached_where_every_other_clause_holds() {
    let fails = r#""StringEquals": {"a:one": "y"}"#;
    for (principal, action, resource, expected) in [
        (ALICE, "s3:GetObject", KEY, true),
        (BOB, "s3:GetObject", KEY, false),
        (ALICE, "s3:PutObject", KEY, false),
        (ALICE, "s3:GetObject", "arn:aws:s3:::b/other", false),
        (BOB, "s3:GetObject", "arn:aws:s3:::b/other", false),
        (BOB, "s3:PutObject", "arn:aws:s3:::b/other", false),
    ] {
        let statement = statement("Allow", principal, action, resource, fails);
        let reached = traced(&statement, |traces| traces[0].is_reached());
        assert_eq!(reached, expected, "{principal} {action} {resource}");
    }
}

/// Each entry is asked by itself; of a `Not…` element whether the entry matches, not whether the clause holds.
#[test]
fn entries_are_asked_one_by_one() {
    let json = r#"{"Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:user/bob",
        "arn:aws:iam::111122223333:user/alice", "111122223333"]}, "NotAction": ["s3:Put*", "s3:Get*", "s3:GetObject"],
        "NotResource": ["arn:aws:s3:::b/*", "arn:aws:s3:::c/*"],
        "Condition": {"StringLike": {"a:one": ["y", "x*", "x"]}, "Null": {"a:absent": "true"},
            "ForAllValues:StringNotEquals": {"a:many": ["z", "y"]}}}"#;
    traced(json, |traces| {
        let trace = &traces[0];
        assert_eq!(trace.principals, [false, true, true]);
        assert_eq!(trace.actions, [false, true, true]);
        assert_eq!(trace.resources, [true, false]);
        assert!(!trace.action && !trace.principal && trace.resource == Truth::False);
        let conditions: Vec<_> =
            trace.conditions.iter().map(|one| (one.truth, one.is_present, one.values.as_slice())).collect();
        let expected: [(_, _, &[bool]); 3] = [
            (Truth::True, true, &[false, true, true]),
            (Truth::True, false, &[true]),
            (Truth::False, true, &[false, true]),
        ];
        assert_eq!(conditions, expected);
    });
}

/// An empty list is an absent key, and a key without values meets no operand, of a negated operator neither.
#[test]
fn a_key_without_values_is_absent() {
    let condition = r#""StringNotEquals": {"a:gone": "x"}, "StringEquals": {"a:one": "x"}"#;
    traced(&statement("Allow", ALICE, "*", "*", condition), |traces| {
        let conditions: Vec<_> =
            traces[0].conditions.iter().map(|one| (one.is_present, one.values[0])).collect();
        assert_eq!(conditions, [(false, false), (true, true)]);
    });
}

/// Each operand is asked alone whether some value meets it: the qualifier, `IfExists` and the other operands do not matter.
#[test]
fn operands_are_asked_alone() {
    let long: Vec<_> =
        (0..12).map(|number| format!("\"{}\"", if number == 3 { "x" } else { "no" })).collect();
    let long = format!(r#""StringEquals": {{"a:one": [{}]}}"#, long.join(","));
    let third: Vec<_> = (0..12).map(|number| number == 3).collect();
    for (condition, expected) in [
        (r#""ForAllValues:StringEquals": {"a:many": ["x", "z"]}"#, vec![true, false]),
        (r#""ForAnyValue:StringEquals": {"a:many": ["x", "z"]}"#, vec![true, false]),
        (r#""ForAllValues:StringNotEquals": {"a:many": ["x", "z"]}"#, vec![true, false]),
        (r#""ForAnyValue:StringNotEquals": {"a:many": ["x", "z"]}"#, vec![true, false]),
        (r#""StringEqualsIfExists": {"a:gone": "x"}"#, vec![false]),
        (r#""StringNotEqualsIfExists": {"a:gone": "x"}"#, vec![false]),
        (r#""ForAllValues:StringEquals": {"a:gone": "x"}"#, vec![false]),
        (long.as_str(), third),
    ] {
        traced(&statement("Allow", ALICE, "*", "*", condition), |traces| {
            assert_eq!(traces[0].conditions[0].values, expected, "{condition}");
        });
    }
}
