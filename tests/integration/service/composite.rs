//! The checks of one call, each by its own policies.

use std::sync::Arc;

use verdikt::evaluate::{CallCheck, CallDecision, CallExplanation, Combination};
use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request};

fn compiled(kind: Kind, statement: &str) -> Arc<CompiledPolicy> {
    let json = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
    let document = Document::parse(kind, "policy", &json, &Limits::default()).unwrap().document;
    CompiledPolicy::compile(&[document]).unwrap()
}

fn check<'a>(
    set: &'a PolicySet,
    user: &'a Principal,
    action: &'a str,
    resource: &'a str,
    owner: &'a str,
    part: Option<u32>,
) -> CallCheck<'a> {
    let request = Request::builder(user, action, resource, Owner::Account(owner)).build().unwrap();
    CallCheck { set, request, part }
}

/// A copy from a bucket of another account needs that bucket's policy, and the destination needs its own.
#[test]
fn each_check_has_its_own_policies_and_owner() {
    let role = compiled(Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#);
    let shared = compiled(
        Kind::Resource,
        r#"{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::source/*"}"#,
    );
    let own = PolicySet::builder().identity(role.clone()).build().unwrap();
    let source = PolicySet::builder().identity(role).resource(shared).build().unwrap();
    let user = Principal::parse("arn:aws:iam::444455556666:user/alice").unwrap();
    let get = |set| check(set, &user, "s3:GetObject", "arn:aws:s3:::source/a", "111122223333", None);
    let put = || check(&own, &user, "s3:PutObject", "arn:aws:s3:::own/a", "444455556666", None);
    let allowed = [get(&source), put()];
    assert!(CallDecision::decide(Combination::AllOf, &allowed).is_allowed());
    // The policies of one bucket say nothing of the other.
    let denied = [get(&own), put()];
    let decision = CallDecision::decide(Combination::AllOf, &denied);
    assert!(!decision.is_allowed());
    assert_eq!(decision.denied().map(|(place, _)| place).collect::<Vec<_>>(), [0]);
    assert_eq!(decision.parts(), [(0, false)]);
    let explained = CallExplanation::explain(Combination::AllOf, &denied);
    assert_eq!(explained.decision(), decision);
    let text = explained.to_string();
    assert!(text.starts_with("the call is denied: 1 of its 2 checks are not allowed"), "{text}");
    assert!(text.contains("check 1 of 2:") && text.contains("arn:aws:s3:::source/a"), "{text}");
    let json = serde_json::to_value(&explained).unwrap();
    assert_eq!(json["allowed"], false);
    assert_eq!(json["combination"], "allOf");
    assert_eq!(json["checks"][0]["decision"], "implicitDeny");
    assert_eq!(json["checks"][0]["missing_layer"], "resource");
    assert_eq!(json["checks"][1]["decision"], "allowed");
    let json = serde_json::to_value(&decision).unwrap();
    assert_eq!(json["checks"][0]["decision"], "implicitDeny");
}

/// A part is done only if all its checks are allowed; parts do not hang together.
#[test]
fn parts_are_done_by_themselves() {
    let role = compiled(
        Kind::Identity,
        r#"[{"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:BypassGovernanceRetention", "Resource": "arn:aws:s3:::app-data/b"}]"#,
    );
    let set = PolicySet::builder().identity(role).build().unwrap();
    let user = Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap();
    let ask = |action, resource, part| check(&set, &user, action, resource, "111122223333", part);
    let (a, b) = ("arn:aws:s3:::app-data/a", "arn:aws:s3:::app-data/b");
    let (delete, bypass) = ("s3:DeleteObject", "s3:BypassGovernanceRetention");
    let checks =
        [ask(delete, a, Some(0)), ask(bypass, a, Some(0)), ask(delete, b, Some(1)), ask(bypass, b, Some(1))];
    let decision = CallDecision::decide(Combination::Each, &checks);
    assert_eq!(decision.parts(), [(0, false), (1, true)]);
    assert!(!decision.is_allowed());
    let checks = [ask(bypass, a, Some(0)), ask(delete, a, Some(0))];
    assert_eq!(CallDecision::decide(Combination::Each, &checks).parts(), [(0, false)], "in any order");
    // Without a part, each check is one.
    let checks = [ask(bypass, a, None), ask(bypass, b, None)];
    let decision = CallDecision::decide(Combination::Each, &checks);
    assert_eq!(decision.parts(), [(0, false), (1, true)]);
    let explained = CallExplanation::explain(Combination::Each, &checks);
    assert!(explained.summary().starts_with("1 of the 2 parts"), "{}", explained.summary());
    // Each explanation says which check it is, and of which part.
    let checks = [ask(delete, a, Some(3)), ask(delete, b, None)];
    let text = CallExplanation::explain(Combination::Each, &checks).to_string();
    assert!(text.contains("\ncheck 1 of 2, part 3:\n"), "{text}");
    assert!(text.contains("\ncheck 2 of 2:\n"), "{text}");
}

#[test]
fn no_check_is_no_permission() {
    for combination in [Combination::AllOf, Combination::Each] {
        assert!(!CallDecision::decide(combination, &[]).is_allowed());
        let explained = CallExplanation::explain(combination, &[]);
        assert!(explained.to_string().starts_with("the call is denied"), "{explained}");
    }
}

#[test]
fn a_call_that_needs_no_permission_is_not_denied() {
    let decision = CallDecision::decide(Combination::NoneNeeded, &[]);
    assert!(decision.is_allowed());
    assert_eq!(decision.parts(), [(0, true)]);
    let explained = CallExplanation::explain(Combination::NoneNeeded, &[]);
    assert_eq!(explained.summary(), "the call needs no permission: the service checks no policy for it");
    assert_eq!(serde_json::to_value(&decision).unwrap()["combination"], "noneNeeded");
    // A check that is there is asked all the same.
    let everything = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    let set = PolicySet::builder().identity(compiled(Kind::Identity, everything)).build().unwrap();
    let user = Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap();
    let checks = [(); 2].map(|()| check(&set, &user, "dynamodb:ListTables", "*", "111122223333", None));
    for combination in [Combination::NoneNeeded, Combination::AllOf] {
        let summary = CallExplanation::explain(combination, &checks).summary();
        assert_eq!(summary, "the call is allowed: all 2 of its checks are", "{combination:?}");
    }
    let (set, user) = (
        PolicySet::builder()
            .identity(compiled(Kind::Identity, r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#))
            .build()
            .unwrap(),
        Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap(),
    );
    let checks = [check(&set, &user, "dynamodb:ListTables", "*", "111122223333", None)];
    assert!(!CallDecision::decide(Combination::NoneNeeded, &checks).is_allowed());
}
