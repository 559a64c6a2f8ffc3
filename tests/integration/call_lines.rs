//! Lines of the batch form that ask about a call: all of its checks, together or each by itself.

use serde_json::{Value, json};
use verdikt::suite::Cases;

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": "arn:aws:s3:::app/ana/*"},
    {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::app/ana/kept/*",
     "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}]}"#;

fn check(action: &str, key: &str) -> Value {
    json!({"action": action, "resource": format!("arn:aws:s3:::app/{key}")})
}

fn case(combination: &str, checks: &[Value]) -> Value {
    let policy: Value = serde_json::from_str(POLICY).unwrap();
    json!({
        "id": "a",
        "call": {
            "principal": "arn:aws:iam::111122223333:user/ana",
            "resource_account": "111122223333",
            "combination": combination,
            "checks": checks,
        },
        "policies": {"identity": [{"name": "ana", "policy": policy}]},
    })
}

/// The answer, and whether the line is as it expects.
fn answered(cases: &mut Cases, case: &Value) -> (Value, bool) {
    let mut out = Vec::new();
    let answer = cases.answer(case.to_string().as_bytes(), 1, &mut out);
    assert!(out.ends_with(b"\n") && !out[..out.len() - 1].contains(&b'\n'));
    (serde_json::from_slice(&out).unwrap(), answer.is_met())
}

fn answer(case: &Value) -> Value {
    answered(&mut Cases::default(), case).0
}

fn words(answer: &Value) -> Vec<&str> {
    answer["checks"].as_array().unwrap().iter().map(|one| one["decision"].as_str().unwrap()).collect()
}

#[test]
fn all_checks_are_needed_and_each_is_told() {
    let copy = |from: &str| case("allOf", &[check("s3:GetObject", from), check("s3:PutObject", "ana/y")]);
    let allowed = answer(&copy("ana/x"));
    assert_eq!((&allowed["decision"], &allowed["allowed"]), (&json!("allowed"), &json!(true)));
    let denied = answer(&copy("bob/x"));
    assert_eq!(denied["decision"], "implicitDeny");
    assert_eq!(words(&denied), ["implicitDeny", "allowed"]);
    assert_eq!(denied["checks"][0]["missing_layer"], "identity");
    assert_eq!(denied["checks"][1]["layer"], "identity");
}

/// An explicit deny of one check is the call's, wherever it stands.
#[test]
fn an_explicit_deny_is_the_calls() {
    let mut call = case("allOf", &[check("s3:GetObject", "bob/x"), check("s3:DeleteObject", "ana/kept/x")]);
    call["call"]["context"] = json!({"aws:SourceVpc": "vpc-1"});
    let answer = answer(&call);
    assert_eq!(
        (&answer["decision"], words(&answer)),
        (&json!("explicitDeny"), vec!["implicitDeny", "explicitDeny"])
    );
}

#[test]
fn parts_are_told_by_their_numbers() {
    let part = |key: &str, part: u32| {
        let mut check = check("s3:DeleteObject", key);
        check["part"] = part.into();
        check
    };
    let answer = answer(&case("each", &[part("ana/a", 0), part("bob/a", 1)]));
    assert_eq!((&answer["decision"], &answer["combination"]), (&json!("implicitDeny"), &json!("each")));
    assert_eq!(words(&answer), ["allowed", "implicitDeny"]);
    assert_eq!(answer["checks"][1]["part"], 1);
}

#[test]
fn only_a_call_that_says_that_it_needs_none_is_allowed_without_a_check() {
    assert_eq!(
        answer(&case("noneNeeded", &[])),
        json!({"id": "a", "decision": "allowed", "allowed": true, "combination": "noneNeeded", "checks": []})
    );
    for combination in ["allOf", "each"] {
        assert_eq!(answer(&case(combination, &[]))["decision"], "implicitDeny", "{combination}");
    }
    // A check that is there is asked all the same.
    assert_eq!(answer(&case("noneNeeded", &[check("s3:GetObject", "bob/x")]))["decision"], "implicitDeny");
    // What governs is read all the same.
    let mut broken = case("noneNeeded", &[]);
    broken["policies"]["identity"][0]["policy"]["Statement"][0]["Effect"] = json!("Perhaps");
    assert_eq!(answer(&broken)["error"]["code"], "POLICY_REJECTED");
}

#[test]
fn expectations_are_of_the_call_and_of_each_check() {
    let mut call = case("allOf", &[check("s3:GetObject", "bob/x"), check("s3:PutObject", "ana/y")]);
    call["expect"] = json!("denied");
    let met = |call: &Value| answered(&mut Cases::default(), call);
    assert!(met(&call).1);
    call["call"]["checks"][0]["expect"] = json!("implicitDeny");
    assert!(met(&call).1);
    call["call"]["checks"][1]["expect"] = json!("explicitDeny");
    let (answer, is_met) = met(&call);
    assert!(!is_met);
    assert_eq!((&answer["unexpected"], &answer["unexpected_checks"]), (&json!(true), &json!([1])));
    call["expect"] = json!("allowed");
    call["call"]["checks"][1].as_object_mut().unwrap().remove("expect");
    let (answer, is_met) = met(&call);
    assert_eq!((is_met, &answer["unexpected"], answer.get("unexpected_checks")), (false, &json!(true), None));
}

/// As `verdikt explain --cases` tells it: the explanation of every check.
#[test]
fn every_check_is_explained() {
    let call = case("allOf", &[check("s3:GetObject", "bob/x"), check("s3:PutObject", "ana/y")]);
    let (answer, _) = answered(&mut Cases::default().explaining(), &call);
    let explanation = &answer["explanation"];
    let summary = explanation["summary"].as_str().unwrap();
    assert!(summary.starts_with("the call is denied: 1 of its 2 checks are not allowed"), "{summary}");
    assert_eq!(explanation["checks"].as_array().unwrap().len(), 2);
    assert!(explanation["checks"][0]["summary"].is_string());
}

/// A check decides as the same request does by itself.
#[test]
fn a_check_is_decided_as_the_request_that_it_is() {
    let mut cases = Cases::default();
    for (action, key) in [
        ("s3:GetObject", "ana/x"),
        ("s3:GetObject", "bob/x"),
        ("s3:DeleteObject", "ana/kept/x"),
        ("s3:ListBucket", "ana/"),
    ] {
        for vpc in ["vpc-1", "vpc-2"] {
            let mut call = case("allOf", &[check(action, key)]);
            call["call"]["checks"][0]["context"] = json!({"aws:SourceVpc": vpc});
            let mut single = call.clone();
            let members = single.as_object_mut().unwrap();
            members.remove("call");
            let mut request = call["call"]["checks"][0].clone();
            request["principal"] = call["call"]["principal"].clone();
            request["resource_account"] = call["call"]["resource_account"].clone();
            members.insert("request".to_owned(), request);
            let (of_call, alone) = (answered(&mut cases, &call).0, answered(&mut cases, &single).0);
            let mut told = alone.as_object().unwrap().clone();
            told.remove("id");
            assert_eq!(of_call["checks"][0], Value::Object(told), "{action} {key} {vpc}");
            assert_eq!(of_call["decision"], alone["decision"]);
        }
    }
}

#[test]
fn calls_that_are_not_of_the_form_are_refused() {
    let good = case("allOf", &[check("s3:GetObject", "ana/x")]);
    let with = |pointer: &str, name: &str, value: Value| {
        let mut call = good.clone();
        call.pointer_mut(pointer).unwrap()[name] = value;
        answer(&call)["error"].clone()
    };
    let call = "/call";
    for (error, code, said) in [
        (with(call, "combination", json!("some")), "INVALID_CASE_CALL", "unknown variant `some`"),
        (with(call, "colour", json!("red")), "INVALID_CASE_CALL", "unknown field `colour`"),
        (with(call, "checks", json!([[]])), "INVALID_CASE_CALL", "expected an object"),
        (with(call, "context", json!(null)), "INVALID_CASE_CALL", "`context` is an object"),
        (with(call, "context", json!([])), "INVALID_CASE_CALL", "`context` is an object"),
        (with(call, "principal", json!(7)), "INVALID_REQUEST_JSON", "principal"),
        (with("/call/checks/0", "colour", json!("red")), "INVALID_CASE_CALL", "unknown field `colour`"),
        (with("/call/checks/0", "action", json!("s3")), "INVALID_REQUEST_ACTION", "s3"),
        (with("/call/checks/0", "context", json!({"a:b": null})), "INVALID_REQUEST_JSON", "null"),
        (with("", "request", json!({})), "INVALID_CASE", "`call` beside `request`"),
    ] {
        assert_eq!(error["code"], code, "{error}");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
    // A key that the call and a check both state is not one of them silently.
    let mut twice = good.clone();
    twice["call"]["context"] = json!({"aws:SourceVpc": "vpc-1"});
    twice["call"]["checks"][0]["context"] = json!({"AWS:sourcevpc": "vpc-2"});
    assert_eq!(answer(&twice)["error"]["code"], "AMBIGUOUS_CONTEXT_KEY");
    // A brace in a context is a brace.
    let mut braces = good.clone();
    braces["call"]["context"] = json!({"a:b": "}, \"aws:SourceVpc\": \"vpc-1\"{"});
    assert_eq!(answer(&braces)["decision"], "allowed");
    // The line without `request` is told apart.
    let mut neither = good;
    neither.as_object_mut().unwrap().remove("call");
    assert_eq!(answer(&neither)["error"]["code"], "INVALID_CASE");
}

/// One bucket's policy is not that of another; within one it governs every check.
#[test]
fn a_resource_policy_governs_one_bucket() {
    let other = json!({"action": "s3:GetObject", "resource": "arn:aws:s3:::other/x"});
    let mut call = case("allOf", &[other, check("s3:PutObject", "ana/y")]);
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::app/*"}});
    call["policies"]["resource"] = policy;
    let error = &answer(&call)["error"];
    assert_eq!(error["code"], "INVALID_CASE_CALL");
    assert!(
        error["message"].as_str().unwrap().contains("arn:aws:s3:::other and arn:aws:s3:::app"),
        "{error}"
    );
    call["call"]["checks"][0]["resource"] = json!("arn:aws:s3:::app/ana/x");
    let answer = answer(&call);
    assert_eq!(
        (&answer["decision"], words(&answer)),
        (&json!("explicitDeny"), vec!["allowed", "explicitDeny"])
    );
}

/// What all checks share counts for each: a line cannot make more than it holds.
#[test]
fn the_checks_of_a_line_are_bounded_together() {
    let checks = vec![check("s3:GetObject", "ana/x"); 2_000];
    let mut call = case("each", &checks);
    assert_eq!(answer(&call)["decision"], "allowed");
    call["call"]["context"] = json!({"a:b": "x".repeat(8_000)});
    assert_eq!(answer(&call)["decision"], "allowed");
    call["call"]["context"] = json!({"a:b": "x".repeat(8_000), "a:c": "x".repeat(8_000)});
    assert_eq!(answer(&call)["error"]["code"], "INVALID_CASE_CALL");
}

/// The account that owns what the call touches owns no `*`, as in a request.
#[test]
fn what_has_no_owner_is_not_the_accounts() {
    let list = json!({"action": "s3:ListAllMyBuckets", "resource": "*"});
    let mut call = case("allOf", &[list]);
    call["call"]["resource_account"] = json!("444455556666");
    let policy =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
    call["policies"]["identity"][0]["policy"] = policy;
    assert_eq!(answer(&call)["decision"], "allowed");
    call["call"]["checks"][0] = check("s3:GetObject", "ana/x");
    assert_eq!(answer(&call)["checks"][0]["missing_layer"], "resource");
    call["call"]["checks"][0]["resource_account"] = json!("111122223333");
    assert_eq!(answer(&call)["decision"], "allowed", "a check states its own");
}

/// [batch] A trust policy was read as another resource's policy, and refused, before the check was looked at.
#[test]
fn the_policy_of_a_role_that_is_assumed_is_its_trust_policy() {
    let assume =
        json!({"action": "sts:AssumeRoleWithWebIdentity", "resource": "arn:aws:iam::111122223333:role/app"});
    let mut call = case("allOf", &[assume]);
    call["call"]["principal"] = json!({"kind": "webIdentity", "provider": "cognito-identity.amazonaws.com"});
    call["policies"] = json!({"identity": [], "resource": {"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}}});
    assert_eq!(answer(&call)["decision"], "allowed");
}
