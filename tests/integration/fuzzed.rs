//! Errors that the fuzz targets found. Each test names what went wrong; the name in brackets is the target's.

use verdikt::operator::operand::{Operand, OperandError};
use verdikt::operator::table::Operation;
use verdikt::text::pool::Pool;
use verdikt::{Document, Kind, Limits, Principal};

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
