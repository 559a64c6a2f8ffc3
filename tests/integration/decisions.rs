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

/// Only `*` has no owner. Who says so of an ARN does not know the owner, and then both accounts would have to allow.
#[test]
fn an_arn_that_is_nobodys_is_of_an_unknown_owner() {
    let everything = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    let set = PolicySet::builder().identity(compiled(Kind::Identity, everything)).build().unwrap();
    let user = user();
    let ask = |action, resource| {
        let request = Request::builder(&user, action, resource, Owner::Nobody).build().unwrap();
        (request.owner(), set.decide(&request).outcome)
    };
    assert_eq!(ask("s3:ListAllMyBuckets", "*"), (Owner::Nobody, Outcome::Allowed));
    assert_eq!(ask("s3:GetObject", "arn:aws:s3:::b/k"), (Owner::Unknown, Outcome::ImplicitDeny));
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

/// The level that is missing is the first, root first, without the needed Allow, whatever the levels after it say.
#[test]
fn the_first_silent_level_is_named() {
    let user = user();
    let request = get(&user, "arn:aws:s3:::b/k");
    let level = |kind: Kind, allows: bool| match (kind, allows) {
        (_, false) => CompiledPolicy::compile(&[]).unwrap(),
        (Kind::Rcp, true) => compiled(
            Kind::Rcp,
            r#"{"Sid": "RCPFullAWSAccess", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#,
        ),
        (kind, true) => compiled(kind, EVERYTHING),
    };
    for (kind, layer) in [(Kind::Scp, Layer::Scp), (Kind::Rcp, Layer::Rcp)] {
        for (levels, expected) in [
            ([true, true, true], None),
            ([false, true, true], Some(0)),
            ([true, false, true], Some(1)),
            ([true, true, false], Some(2)),
            ([true, false, false], Some(1)),
            ([false, false, false], Some(0)),
        ] {
            let levels_of_kind = levels.map(|allows| level(kind, allows)).to_vec();
            let set = PolicySet::builder().identity(compiled(Kind::Identity, EVERYTHING));
            let set = if layer == Layer::Scp { set.scps(levels_of_kind) } else { set.rcps(levels_of_kind) };
            let decision = set.build().unwrap().decide(&request);
            let missing = decision.missing.map(|missing| (missing.layer, missing.level));
            assert_eq!(missing, expected.map(|level| (layer, level)), "{layer:?} {levels:?}");
        }
    }
}

/// A user named by its unique id is granted directly, a role so named as a role: its boundary limits it.
#[test]
fn a_unique_id_grants_as_what_it_names() {
    let boundary = || CompiledPolicy::compile(&[]).unwrap();
    for (principal, id, allowed) in [
        ("arn:aws:iam::111122223333:user/alice", "AIDAEXAMPLEEXAMPLEEX", true),
        ("arn:aws:iam::111122223333:role/R", "AROAEXAMPLEEXAMPLEEX", false),
    ] {
        let statement = format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{id}"}}, "Action": "*", "Resource": "arn:aws:s3:::b/*"}}"#
        );
        let principal = Principal::parse(principal).unwrap().with_unique_id(id).unwrap();
        let request = get(&principal, "arn:aws:s3:::b/k");
        let set = || PolicySet::builder().resource(compiled(Kind::Resource, &statement));
        assert!(set().build().unwrap().decide(&request).is_allowed(), "{id}");
        let limited = set().permissions_boundary(boundary()).build().unwrap();
        assert_eq!(limited.decide(&request).is_allowed(), allowed, "{id}");
    }
}

/// A version of an attachment is told by its kind and its text, in order.
#[test]
fn a_revision_tells_contents_apart() {
    let other = EVERYTHING.replace("Allow", "Deny");
    let first = compiled(Kind::Identity, EVERYTHING);
    assert_eq!(first.kind(), Some(Kind::Identity));
    assert_eq!(CompiledPolicy::compile(&[]).unwrap().kind(), None);
    assert_eq!(first.revision(), compiled(Kind::Identity, EVERYTHING).revision());
    let revisions = [
        first.revision(),
        compiled(Kind::Identity, &other).revision(),
        compiled(Kind::Session, EVERYTHING).revision(),
        CompiledPolicy::compile(&[]).unwrap().revision(),
    ];
    let distinct: std::collections::BTreeSet<u64> = revisions.into_iter().collect();
    assert_eq!(distinct.len(), revisions.len());
}

/// A level whose Allow cannot be told allows nothing, and is the first that is missing.
#[test]
fn a_level_that_cannot_be_told_is_missing_before_those_after_it() {
    let unsure = r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"NumericEquals": {"a:k": "1"}}}"#;
    let user = user();
    let request = Request::builder(&user, "s3:GetObject", "arn:aws:s3:::b/k", Owner::Account(ACCOUNT))
        .one("a:k", "no number")
        .build()
        .unwrap();
    let full =
        r#"{"Sid": "RCPFullAWSAccess", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
    for after in [compiled(Kind::Scp, EVERYTHING), CompiledPolicy::compile(&[]).unwrap()] {
        let levels = vec![compiled(Kind::Scp, EVERYTHING), compiled(Kind::Scp, unsure), after];
        let set = PolicySet::builder().identity(compiled(Kind::Identity, EVERYTHING)).scps(levels);
        let set = set.rcps(vec![compiled(Kind::Rcp, full)]).build().unwrap();
        let decision = set.decide(&request);
        assert_eq!(decision.missing.map(|missing| (missing.layer, missing.level)), Some((Layer::Scp, 1)));
    }
}

/// Of several grants as strong as each other the first statement is named, and of unequal ones the strongest.
#[test]
fn the_first_of_the_strongest_grants_is_named() {
    let statement = |principal: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "*", "Resource": "arn:aws:s3:::b/*"}}"#
        )
    };
    let (account, role) = ("111122223333", "arn:aws:iam::111122223333:role/R");
    let session = Principal::parse("arn:aws:sts::111122223333:assumed-role/R/s").unwrap();
    let direct = session.text();
    for (principals, expected) in [
        ([account, role, role], 1),
        ([role, role, account], 0),
        ([role, account, account], 0),
        ([account, role, direct], 2),
        ([direct, direct, role], 0),
    ] {
        let statements = principals.map(statement).join(",");
        let set = PolicySet::builder().resource(compiled(Kind::Resource, &statements)).build().unwrap();
        let decision = set.decide(&get(&session, "arn:aws:s3:::b/k"));
        assert_eq!(decision.statement.map(|id| id.statement), Some(expected), "{principals:?}");
        assert_eq!(decision, set.decide_exhaustively(&get(&session, "arn:aws:s3:::b/k")));
    }
}

/// AWS's words for the layers.
#[test]
fn layers_are_called_as_in_the_guide() {
    let titles = Layer::ALL.map(Layer::title);
    assert_eq!(
        titles,
        [
            "service control policy",
            "resource control policy",
            "resource-based policy",
            "identity-based policy",
            "permissions boundary",
            "session policy",
            "VPC endpoint policy",
        ]
    );
}

/// Conditions and variables, in the order of their names; and the kind, if there is any document.
#[test]
fn an_attachment_tells_its_kind_and_what_it_reads() {
    let statement = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"a:k": "${a:v, 'd'}"}}}"#;
    let policy = compiled(Kind::Scp, r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#);
    assert_eq!((policy.kind(), policy.reads().len()), (Some(Kind::Scp), 0));
    let policy = compiled(Kind::Identity, statement);
    let reads: Vec<_> = policy.reads().into_iter().collect();
    assert_eq!(reads, ["a:k", "a:v", "aws:SecureTransport", "aws:username"]);
    assert_eq!(policy.kind(), Some(Kind::Identity));
    assert_eq!(CompiledPolicy::compile(&[]).unwrap().kind(), None);
}
