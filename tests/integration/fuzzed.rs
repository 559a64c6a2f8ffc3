//! Errors that the fuzz targets found. Each test names what went wrong; the name in brackets is the target's.

use verdikt::evaluate::Outcome;
use verdikt::operator::operand::{Operand, OperandError};
use verdikt::operator::table::Operation;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::Cases;
use verdikt::text::pool::Pool;
use verdikt::{Document, Kind, Limits, Owner, Principal, Request, SessionFacts};

use crate::oracle;

/// A Bool operand whose only `${…}` are `${*}`, `${?}` and `${$}` was taken for one that variables may make a boolean,
/// and could never be told at decision time (parse, operator).
#[test]
fn special_characters_make_no_boolean() {
    let operator = Operation::parse("Bool").unwrap().operator;
    let read = |text| Operand::read(operator, text, true, &mut Pool::new());
    for text in ["tru${?}", "${*}true", "${$}", "${*}${?}"] {
        assert_eq!(read(text).err(), Some(OperandError::Bool), "{text}");
    }
    assert!(matches!(read("${aws:SecureTransport}"), Ok(Operand::BoolTemplate(_))));
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "fals${?}e"}}}}"#;
    let rejected = Document::parse(Kind::Identity, "p", policy, &Limits::default()).unwrap_err();
    assert_eq!(rejected.problems[0].code, "TYPE_MISMATCH_BOOLEAN");
}

/// Callers and elements that name no principal, or not exactly one, were taken: empty parts of a path, no partition,
/// a federated user with a path, wildcards; providers with a Region (principal).
#[test]
fn a_principal_is_exactly_one() {
    for arn in [
        "arn:aws:iam::111122223333:user//alice",
        "arn:aws:iam::111122223333:role/a//b",
        "arn::iam::111122223333:user/alice",
        "arn:aws:sts::111122223333:federated-user/a/b",
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::111122223333:role/${aws:username}",
    ] {
        assert!(Principal::parse(arn).is_err(), "{arn}");
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Principal": {{"AWS": "{arn}"}}, "Action": "*", "Resource": "*"}}}}"#
        );
        assert!(Document::parse(Kind::Resource, "p", &policy, &Limits::default()).is_err(), "{arn}");
    }
    for provider in
        ["arn:aws:iam:us-east-1:111122223333:oidc-provider/p", "arn::iam::111122223333:saml-provider/p"]
    {
        assert!(Principal::web_identity(provider).is_err(), "{provider}");
    }
    let session = Principal::parse("arn:aws:sts::111122223333:assumed-role/R/s").unwrap();
    assert!(session.clone().with_role_path("/a//b/").is_err());
    assert!(session.with_role_path("/a/b/").is_ok());
}

/// A single-valued key counted against the limit on values of one key where a session fixed it, and nowhere else
/// (context).
#[test]
fn a_single_value_is_no_list_in_a_session_either() {
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    let facts = || SessionFacts::builder(user.clone());
    let limits = RequestLimits { values: 0, ..RequestLimits::default() };
    let ask = |facts: SessionFacts| {
        let builder = facts.request("s3:GetObject", "*", Owner::Nobody);
        builder.limits(limits).build().map(drop)
    };
    assert_eq!(ask(facts().present("a:b", "value").build().unwrap()), Ok(()));
    assert!(ask(facts().present_many("a:b", ["value"]).build().unwrap()).is_err());
    let builder = Request::builder(&user, "s3:GetObject", "*", Owner::Nobody).limits(limits);
    assert!(builder.one("a:b", "value").build().is_ok());
}

/// The oracle read a number with an exponent in another spelling than the caller's; the engine keeps its text (request).
#[test]
fn a_number_in_a_context_is_the_text_that_was_given() {
    for (number, operand, outcome) in [
        ("1E3", "1E3", Outcome::Allowed),
        ("1e3", "1e3", Outcome::Allowed),
        ("1e3", "1e+3", Outcome::ImplicitDeny),
        ("[1.0, 1e3]", "1e3", Outcome::Allowed),
        ("1.0", "1", Outcome::ImplicitDeny),
    ] {
        let operator = if number.starts_with('[') { "ForAnyValue:StringEquals" } else { "StringEquals" };
        let line = format!(
            r#"{{"id": "n", "request": {{"principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject",
                "resource": "*", "context": {{"a:n": {number}}}}}, "policies": {{"identity": [{{"name": "p", "policy":
                {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {{"{operator}": {{"a:n": "{operand}"}}}}}}}}}}]}}}}"#
        );
        let told = Cases::default().answer(line.as_bytes(), 1, &mut Vec::new()).outcome;
        assert_eq!(told, Some(outcome), "{number} {operand}");
        let oracle = oracle::decide(&oracle::text::read(&line).unwrap()).outcome;
        assert_eq!(oracle == oracle::Outcome::Allowed, outcome == Outcome::Allowed, "{number} {operand}");
    }
}
