//! Known requests, and what would allow them: the order of what is suggested, the Denies in the way, values of each kind.

use serde_json::{Value, json};
use verdikt::PolicySet;
use verdikt::evaluate::explain::Change;

use super::nearest;
use crate::explain::ask;

/// A Deny that no change gets past is named, and so is one that a change does get past.
#[test]
fn the_deny_in_the_way_is_named() {
    let case = |condition: &str| {
        format!(
            r#"{{"id": "a", "policies": {{"identity": [{{"name": "p", "policy": {{"Version": "2012-10-17", "Statement": [
            {{"Effect": "Allow", "Action": "*", "Resource": "*"}},
            {{"Sid": "Wall", "Effect": "Deny", "Action": "s3:*", "Resource": "*"{condition}}}]}}}}]}},
            "request": {{"principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject",
            "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333", "context": {{"aws:SourceIp": "10.1.2.3"}}}}}}"#
        )
    };
    for (condition, suggested) in [
        ("", vec![]),
        (
            r#", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}"#,
            vec!["give aws:PrincipalAccount = `111122223333`, which follows from who asks"],
        ),
        (
            r#", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "999988887777"}}"#,
            // What follows from who asks is not to be something else.
            vec![],
        ),
        (
            r#", "Condition": {"NotIpAddress": {"aws:SourceIp": "10.2.0.0/16"}}"#,
            vec!["aws:SourceIp = `10.2.0.1` (for example)"],
        ),
        (
            r#", "Condition": {"Null": {"s3:TlsVersion": "true"}}"#,
            vec!["give s3:TlsVersion = `1` (for example)"],
        ),
        (
            r#", "Condition": {"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#,
            vec!["give s3:TlsVersion = `1.2`", "aws:SourceIp = `192.0.2.1` (for example)"],
        ),
    ] {
        let line = case(condition);
        let explanation = ask(&line, PolicySet::explain).unwrap();
        let nearest = explanation.nearest.as_ref().unwrap();
        assert_eq!(nearest.in_the_way, Vec::from_iter(explanation.decision.statement));
        assert!(explanation.to_string().contains("\nin the way: Deny `Wall` of p:"), "{explanation}");
        let texts: Vec<_> = nearest.suggestions.iter().map(ToString::to_string).collect();
        assert_eq!(texts, suggested, "{condition}");
    }
}

/// Two Denies of two layers apply: both have to stop, so both are named, that which decided first.
#[test]
fn every_deny_in_the_way_is_named() {
    let deny = |sid: &str, key: &str| {
        json!({"Sid": sid, "Effect": "Deny", "Action": "s3:*", "Resource": "*",
               "Condition": {"BoolIfExists": {key: "false"}}})
    };
    let statements = json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        deny("Quiet", "example:quiet"),
        {"Sid": "Elsewhere", "Effect": "Deny", "Action": "sqs:*", "Resource": "*"},
        deny("Mfa", "aws:MultiFactorAuthPresent"),
    ]);
    let context = json!({"example:quiet": "true"});
    let mut case = asked(&statements, "s3:GetObject", "arn:aws:s3:::b/x", &context);
    case["policies"]["scps"] = json!([[{"name": "scp", "policy": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}, deny("Tls", "aws:SecureTransport")]}}]]);
    let explanation = ask(&case.to_string(), PolicySet::explain).unwrap();
    let nearest = explanation.nearest.as_ref().unwrap();
    let named: Vec<_> = nearest.in_the_way.iter().filter_map(|id| explanation.statement(*id)).collect();
    let sids: Vec<_> = named.iter().filter_map(|one| one.sid.as_deref()).collect();
    assert_eq!(sids, ["Tls", "Mfa"]);
    assert_eq!(nearest.in_the_way.first().copied(), explanation.decision.statement);
    let text = explanation.to_string();
    assert!(
        text.contains("in the way, each of them:\n  Deny `Tls` of scp:1\n  Deny `Mfa` of p:1\n"),
        "{text}"
    );
    let texts: Vec<_> = nearest.suggestions.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts.first().map(String::as_str),
        Some(
            "give aws:SecureTransport = `true` and give aws:MultiFactorAuthPresent = `true`, which is fixed when the \
             session is issued"
        )
    );
}

/// Fewest changes first, then a key that is given, a value changed, a key left out, another action; of one part the
/// value that changes least.
#[test]
fn the_nearest_comes_first() {
    let allow = |condition: Value| json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition});
    let statements = json!([
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*"},
        allow(json!({"StringEquals": {"example:colour": ["blue", "reds"]}})),
        allow(json!({"Null": {"example:odd": "true"}, "StringEquals": {"example:odd": "never"}})),
        allow(json!({"Null": {"example:blocked": "true"}})),
        allow(json!({"Bool": {"example:ready": "true"}})),
    ]);
    let context = json!({"example:colour": "red", "example:blocked": "yes"});
    let found = nearest(&asked(&statements, "s3:PutObject", "arn:aws:s3:::b/x", &context)).unwrap();
    let texts: Vec<_> = found.suggestions.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        ["give example:ready = `true`", "example:colour = `reds`", "leave out example:blocked"]
    );

    // What the session or the resource fixes comes after what a caller may write.
    let key = |name: &str| allow(json!({"StringEquals": {name: "x"}}));
    let statements = json!([key("aws:PrincipalTag/a"), key("s3:ExistingObjectTag/a"), key("example:a")]);
    let found = nearest(&asked(&statements, "s3:PutObject", "arn:aws:s3:::b/x", &json!({}))).unwrap();
    let names: Vec<_> =
        found.suggestions.iter().map(|one| one.to_string().split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(names, ["example:a", "s3:ExistingObjectTag/a", "aws:PrincipalTag/a"]);
}

/// Of the actions that a statement names that which is most like the one asked; none that no policy names.
#[test]
fn another_action_of_the_statement_is_found() {
    let statements = json!([
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject", "s3:Abort*", "dynamodb:GetItem"], "Resource": "*"},
    ]);
    let texts = |action: &str, statements: &Value| -> Vec<String> {
        let found = nearest(&asked(statements, action, "arn:aws:s3:::b/x", &json!({}))).unwrap();
        found.suggestions.iter().map(ToString::to_string).collect()
    };
    assert_eq!(texts("s3:PutObject", &statements), ["action `s3:GetObject`"]);
    assert_eq!(texts("s3:ListBuckets", &statements), ["action `s3:ListBucket`"]);
    // One that only a Deny names, and does not deny, is allowed by a wildcard.
    let statements = json!([
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"},
    ]);
    assert_eq!(texts("s3:PutObject", &statements), ["action `s3:GetObject`"]);
    let statements = json!([{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]);
    assert_eq!(texts("s3:PutObject", &statements), [""; 0]);
}

/// A property found it: one clause compares without case what another, a Deny's resource, compares with it.
#[test]
fn a_value_in_other_letters_is_found() {
    let statements = json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
         "Condition": {"StringEqualsIgnoreCaseIfExists": {"aws:PrincipalTag/team": "s\u{f8}n"}}},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team, 's\u{f8}n'}/*"},
    ]);
    let found =
        nearest(&asked(&statements, "s3:GetObject", "arn:aws:s3:::b/s\u{f8}n/f", &json!({}))).unwrap();
    let texts: Vec<_> = found.suggestions.iter().map(ToString::to_string).collect();
    let tag =
        "give aws:PrincipalTag/team = `S\u{d8}N` (for example), which is fixed when the session is issued";
    assert!(texts.iter().any(|text| text == tag), "{texts:?}");
}

pub(super) fn asked(statements: &Value, action: &str, resource: &str, context: &Value) -> Value {
    json!({"id": "a", "policies": {"identity": [{"name": "p", "policy": {"Version": "2012-10-17", "Statement": statements}}]},
        "request": {"principal": "arn:aws:iam::111122223333:user/u", "action": action, "resource": resource,
                    "resource_account": "111122223333", "context": context}})
}

/// Forty folders, all but the last denied: the last is found, however many stand before it.
#[test]
fn the_one_folder_of_many_that_is_open_is_found() {
    for folders in [20, 40, 100] {
        let folder = |number: usize| format!("arn:aws:s3:::b/{number}/*");
        let mut statements: Vec<Value> = (0..folders)
            .map(|number| json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": folder(number)}))
            .collect();
        let closed: Vec<String> = (0..folders - 1).map(folder).collect();
        statements.push(json!({"Effect": "Deny", "Action": "s3:GetObject", "Resource": closed}));
        let case = asked(&json!(statements), "s3:GetObject", "arn:aws:s3:::b/x", &json!({}));
        let texts: Vec<_> = nearest(&case).unwrap().suggestions.iter().map(ToString::to_string).collect();
        let last = format!("resource `arn:aws:s3:::b/{}/", folders - 1);
        assert!(texts.first().is_some_and(|text| text.starts_with(&last)), "{folders}: {texts:?}");
    }
}

/// What was not looked at is not claimed to have been searched.
#[test]
fn a_search_that_left_values_out_claims_less() {
    let folders: Vec<String> = (0..700).map(|number| format!("arn:aws:s3:::b/{number}/*")).collect();
    let statements = json!([
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": folders[..699]},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": folders[699]},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": folders[..699]},
    ]);
    let nearest = nearest(&asked(&statements, "s3:GetObject", "arn:aws:s3:::b/x", &json!({}))).unwrap();
    assert!(!nearest.suggestions.is_empty() || nearest.searched == 0, "{nearest:?}");
}

#[test]
fn an_action_that_a_deny_leaves_alone_is_found() {
    let statements = json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "NotAction": "s3:ListBucket", "Resource": "*"},
    ]);
    let found = nearest(&asked(&statements, "s3:GetObject", "arn:aws:s3:::b/x", &json!({}))).unwrap();
    let texts: Vec<_> = found.suggestions.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["action `s3:ListBucket`"]);
}

#[test]
fn a_moment_between_two_seconds_is_found() {
    let statements = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
        "DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"},
        "DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:01Z"}}});
    let context = json!({"aws:CurrentTime": "2026-01-01T00:00:00Z"});
    let found = nearest(&asked(&statements, "s3:GetObject", "arn:aws:s3:::b/x", &context)).unwrap();
    let texts: Vec<_> = found.suggestions.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["aws:CurrentTime = `2027-01-01T00:00:00.5Z` (for example)"]);
}

/// Another bucket has another policy, so what this one says of it is no proof.
#[test]
fn the_bucket_whose_policy_is_in_use_stays() {
    let mut case = asked(
        &json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        "s3:GetObject",
        "arn:aws:s3:::b/secret/x",
        &json!({}),
    );
    case["policies"]["resource"] = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/secret/*"}]});
    let found = nearest(&case).unwrap();
    assert!(!found.suggestions.is_empty());
    for suggestion in &found.suggestions {
        let Change::Resource { to, .. } = &suggestion.changes[0] else { panic!("{suggestion}") };
        assert!(to.starts_with("arn:aws:s3:::b/"), "{suggestion}");
    }
    // Where the whole bucket is denied nothing is left to ask for.
    case["policies"]["resource"]["Statement"][0]["Resource"] = json!(["arn:aws:s3:::b", "arn:aws:s3:::b/*"]);
    assert_eq!(nearest(&case).unwrap().suggestions, []);
}
