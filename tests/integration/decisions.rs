//! What a decision says beside its outcome, and decisions of several checks.

use verdikt::request::limits::RequestLimits;
use verdikt::suite::case::{Case, policy_set};
use verdikt::{
    CompiledPolicy, Decision, Document, Kind, Layer, Limits, Outcome, Owner, PolicySet, Principal, Request,
};

const ACCOUNT: &str = "111122223333";

fn compiled(kind: Kind, statements: &str) -> std::sync::Arc<CompiledPolicy> {
    let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let document = Document::parse(kind, "p", &json, &Limits::default()).unwrap().document;
    CompiledPolicy::compile(&[document]).unwrap()
}

fn user() -> Principal {
    Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap()
}

fn get<'a>(user: &'a Principal, key: &'a str) -> Request<'a> {
    Request::builder(user, "s3:GetObject", key, Owner::Account(ACCOUNT)).build().unwrap()
}

#[test]
fn several_checks_of_one_call() {
    let set = PolicySet::builder()
        .identity(compiled(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/mine/*"}"#,
        ))
        .build()
        .unwrap();
    let user = user();
    let (mine, theirs) = (get(&user, "arn:aws:s3:::b/mine/x"), get(&user, "arn:aws:s3:::b/theirs/x"));
    let all = set.decide_all(&[mine.clone(), mine.clone()]);
    assert!(all.allowed && all.denied.is_none());
    let all = set.decide_all(&[mine.clone(), theirs.clone(), mine.clone()]);
    assert!(!all.allowed);
    let (place, decision) = all.denied.unwrap();
    assert_eq!((place, decision.outcome), (1, Outcome::ImplicitDeny));
    // No check is no permission.
    assert!(!set.decide_all(&[]).allowed);
    let each: Vec<Outcome> =
        set.decide_each(&[theirs, mine]).iter().map(|decision| decision.outcome).collect();
    assert_eq!(each, [Outcome::ImplicitDeny, Outcome::Allowed]);
}

/// Decides the identity statements of `alice` under a bucket policy, with a multivalued key in the context.
fn with_multivalued_key(identity: &str, resource: &str, scp: &str) -> Decision {
    let mut set = PolicySet::builder().resource(compiled(Kind::Resource, resource));
    if !identity.is_empty() {
        set = set.identity(compiled(Kind::Identity, identity));
    }
    if !scp.is_empty() {
        set = set.scps(vec![compiled(Kind::Scp, scp)]);
    }
    let user = user();
    let request = Request::builder(&user, "s3:GetObject", "arn:aws:s3:::b/k", Owner::Account(ACCOUNT))
        .many("aws:PrincipalOrgPaths", ["o-x/"])
        .build()
        .unwrap();
    set.build().unwrap().decide(&request)
}

const PLAIN_OPERATOR: &str = r#""Condition": {"StringEquals": {"aws:PrincipalOrgPaths": "o-x/"}}"#;
const EVERYTHING: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;

#[test]
fn a_decision_says_when_a_clause_that_cannot_be_told_decided() {
    let allow = format!(
        r#"{{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", {PLAIN_OPERATOR}}}"#
    );
    let deny = allow.replace("Allow", "Deny");
    let elsewhere = r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}"#;
    for (identity, resource, scp, outcome, indeterminate) in [
        // Only the Indeterminate stands between this and an allow, in another layer than the one missing.
        ("", &allow, "", Outcome::ImplicitDeny, true),
        // The SCP would deny anyway.
        ("", &allow, elsewhere, Outcome::ImplicitDeny, false),
        // Allowed without it.
        (EVERYTHING, &allow, "", Outcome::Allowed, false),
        (EVERYTHING, &deny, "", Outcome::ExplicitDeny, true),
    ] {
        let decision = with_multivalued_key(identity, resource, scp);
        assert_eq!(
            (decision.outcome, decision.indeterminate),
            (outcome, indeterminate),
            "{identity} {resource} {scp}"
        );
    }
}

#[test]
fn an_implicit_deny_names_the_first_silent_level() {
    let nothing = compiled(Kind::Scp, r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}"#);
    let all = compiled(Kind::Scp, EVERYTHING);
    let set = PolicySet::builder()
        .identity(compiled(Kind::Identity, EVERYTHING))
        .scps(vec![all.clone(), nothing.clone(), all, nothing])
        .build()
        .unwrap();
    let user = user();
    let missing = set.decide(&get(&user, "arn:aws:s3:::b/k")).missing.unwrap();
    assert_eq!((missing.layer, missing.level), (Layer::Scp, 1));
}

#[test]
fn an_empty_attachment_is_in_use_and_allows_nothing() {
    let empty = CompiledPolicy::compile(&[]).unwrap();
    let user = user();
    let request = get(&user, "arn:aws:s3:::b/k");
    let with_boundary = |boundary: Option<_>| {
        let set = PolicySet::builder().identity(compiled(Kind::Identity, EVERYTHING));
        let set = match boundary {
            Some(boundary) => set.permissions_boundary(boundary),
            None => set,
        };
        set.build().unwrap().decide(&request)
    };
    assert!(with_boundary(None).is_allowed());
    let missing = with_boundary(Some(empty)).missing.unwrap();
    assert_eq!(missing.layer, Layer::PermissionsBoundary);
}

#[test]
fn policies_stand_in_their_own_layer_only() {
    let identity = compiled(Kind::Identity, EVERYTHING);
    assert!(PolicySet::builder().resource(identity.clone()).build().is_err());
    assert!(PolicySet::builder().scps(vec![identity]).build().is_err());
    assert!(PolicySet::builder().rcps(Vec::new()).build().is_err());
}

/// The resource policy of a role assumption is a trust policy; its `Resource`, refused where it is checked, is matched.
#[test]
fn a_trust_policy_in_use_matches_its_resource() {
    let line = |resource: &str| {
        format!(
            r#"{{"id": "x", "request": {{"principal": "arn:aws:iam::111122223333:user/u", "action": "sts:AssumeRole",
                "resource": "arn:aws:iam::111122223333:role/R", "resource_account": "111122223333"}},
                "policies": {{"resource": {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
                "Principal": {{"AWS": "arn:aws:iam::111122223333:user/u"}}, "Action": "sts:AssumeRole",
                "Resource": "{resource}"}}}}}}}}"#
        )
    };
    for (resource, allowed) in [("*", true), ("arn:aws:iam::111122223333:role/Other", false)] {
        let line = line(resource);
        let case = Case::parse(&line).unwrap();
        let document = case.request_document(&RequestLimits::default()).unwrap();
        let request = document.request(RequestLimits::default()).unwrap();
        let set = policy_set(case.policies, &request, &Limits::default()).unwrap();
        assert_eq!(set.decide(&request).is_allowed(), allowed, "{resource}");
    }
}
