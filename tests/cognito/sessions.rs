//! Sessions: what they fix, the guests' session policies, expiry, the session file.

use serde_json::{Value, json};
use verdikt::cognito::session::SessionError;
use verdikt::cognito::{IdentityPool, MemoryIdentities, Pool, Session};
use verdikt::request::context::ContextValue;
use verdikt::{Kind, Outcome, Owner, PolicySet, SessionFacts};

use crate::world::{AUTH, NOW, POOL, USER_POOL, compiled, login, opened, pool, roles, session};

fn alice() -> Session {
    let opened = opened(pool());
    session(&opened, &[login(&opened, &json!({}))]).unwrap()
}

fn guest_of(pool: Pool) -> Session {
    session(&opened(pool), &[]).unwrap()
}

fn guest() -> Session {
    guest_of(pool())
}

fn keys(session: &Session) -> Vec<(String, Value)> {
    let facts = session.facts(NOW).unwrap();
    let request = facts.request("s3:GetObject", "*", Owner::Nobody).build().unwrap();
    let entries = request.context().entries().map(|(name, value)| match value {
        ContextValue::One(text) => (name.to_owned(), json!(text)),
        ContextValue::Many(texts) => {
            (name.to_owned(), json!(texts.iter().map(ToString::to_string).collect::<Vec<_>>()))
        }
    });
    let mut keys: Vec<_> = entries.collect();
    keys.sort_by(|one, other| one.0.cmp(&other.0));
    keys
}

#[test]
fn the_principal_is_the_assumed_role_with_the_constant_session_name() {
    let session = alice();
    let principal = session.principal();
    assert_eq!(principal.text(), "arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials");
    assert_eq!(principal.role_arn().as_deref(), Some(AUTH));
}

#[test]
fn the_context_keys_of_a_session_are_these() {
    let session = alice();
    let identity = session.parts().identity.clone();
    let user = format!("{USER_POOL}:CognitoSignIn:alice");
    let expected: Vec<(String, Value)> = [
        ("aws:FederatedProvider", json!("cognito-identity.amazonaws.com")),
        ("aws:PrincipalAccount", json!("111122223333")),
        ("aws:PrincipalArn", json!(AUTH)),
        ("aws:PrincipalType", json!("AssumedRole")),
        ("aws:TokenIssueTime", json!("2027-01-15T08:00:00Z")),
        ("aws:userid", json!("AROAEXAMPLE:CognitoIdentityCredentials")),
        ("cognito-identity.amazonaws.com:amr", json!(["authenticated", USER_POOL, user])),
        ("cognito-identity.amazonaws.com:aud", json!(POOL)),
        ("cognito-identity.amazonaws.com:sub", json!(identity)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    assert_eq!(keys(&session), expected);
}

/// Role, session name and `aws:userid` are the same for all: the identity, how it signed in and its tags are not.
#[test]
fn the_identity_alone_tells_two_users_of_a_role_apart() {
    let opened = opened(pool());
    let of = |user: &str| keys(&session(&opened, &[login(&opened, &json!({"sub": user}))]).unwrap());
    let (alice, bob) = (of("alice"), of("bob"));
    let differ = alice.iter().zip(&bob).filter(|(one, other)| one != other).map(|(one, _)| one.0.as_str());
    let names: Vec<_> = differ.collect();
    assert_eq!(names, ["cognito-identity.amazonaws.com:amr", "cognito-identity.amazonaws.com:sub"]);
}

#[test]
fn guests_have_the_keys_of_the_pool_unless_the_pool_says_otherwise() {
    let has = |session: &Session| {
        keys(session).iter().filter(|(name, _)| name.starts_with("cognito-identity.")).count()
    };
    assert_eq!(has(&guest()), 3);
    let mut without = pool();
    without.guest_keys = false;
    let session = guest_of(without);
    assert_eq!(has(&session), 0);
    let facts = session.facts(NOW).unwrap();
    let forged =
        facts.request("s3:GetObject", "*", Owner::Nobody).one("cognito-identity.amazonaws.com:sub", "x");
    assert_eq!(forged.build().unwrap_err().code(), "SEALED_CONTEXT_KEY");
}

#[test]
fn a_sealed_key_in_a_request_is_refused() {
    let session = alice();
    let facts = session.facts(NOW).unwrap();
    for key in [
        "cognito-identity.amazonaws.com:sub",
        "COGNITO-IDENTITY.amazonaws.com:SUB",
        "cognito-identity.amazonaws.com:aud",
        "cognito-identity.amazonaws.com:amr",
        "cognito-identity.amazonaws.com:id",
        "aws:PrincipalTag/team",
        "aws:principaltag/other",
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:PrincipalType",
        "aws:userid",
        "aws:username",
        "aws:FederatedProvider",
        "aws:TokenIssueTime",
        "aws:MultiFactorAuthPresent",
        "aws:SourceIdentity",
        "accounts.google.com:sub",
        "graph.facebook.com:id",
        "www.amazon.com:user_id",
        "cognito-idp.us-east-1.amazonaws.com/us-east-1_Example:sub",
    ] {
        let request = facts.request("s3:GetObject", "*", Owner::Nobody).one(key, "x").build();
        assert_eq!(request.unwrap_err().code(), "SEALED_CONTEXT_KEY", "{key}");
    }
    let open = facts.request("s3:GetObject", "*", Owner::Nobody).one("aws:SecureTransport", "true").build();
    assert!(open.is_ok());
}

fn set(session: &Session, role: &str) -> PolicySet {
    let set = PolicySet::builder().identity(compiled(Kind::Identity, "role", role));
    let set = match session.session_policies() {
        Some(policies) => set.session(policies.clone()),
        None => set,
    };
    set.build().unwrap()
}

fn decide(set: &PolicySet, facts: &SessionFacts, action: &str, resource: &str) -> Outcome {
    let request = facts.request(action, resource, Owner::Account("111122223333")).build().unwrap();
    set.decide(&request).outcome
}

const ALL: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

#[test]
fn a_session_reaches_its_own_prefix_alone() {
    let session = alice();
    let own = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/${cognito-identity.amazonaws.com:sub}/*"}}"#;
    let set = set(&session, own);
    let facts = session.facts(NOW).unwrap();
    let mine = format!("arn:aws:s3:::b/{}/x", session.parts().identity);
    assert_eq!(decide(&set, facts, "s3:GetObject", &mine), Outcome::Allowed);
    assert_eq!(decide(&set, facts, "s3:GetObject", "arn:aws:s3:::b/us-east-1:bob/x"), Outcome::ImplicitDeny);
}

/// The services open to guests by the inline session policy, by the managed one, and others.
#[test]
fn guests_are_scoped_down_to_the_listed_services() {
    let session = guest();
    let set = set(&session, ALL);
    let facts = session.facts(NOW).unwrap();
    let allowed = |action: &str| decide(&set, facts, action, "*") == Outcome::Allowed;
    for action in [
        "s3:GetObject",
        "dynamodb:GetItem",
        "lambda:InvokeFunction",
        "sagemaker:InvokeEndpoint",
        "textract:AnalyzeDocument",
    ] {
        assert!(allowed(action), "the inline policy: {action}");
    }
    for action in ["rum:PutRumEvents", "kms:Encrypt", "geo:GetMapTile", "geo:ListMaps"] {
        assert!(allowed(action), "the managed policy: {action}");
    }
    for action in [
        "ec2:RunInstances",
        "iam:CreateUser",
        "sts:AssumeRole",
        "kms:DeleteAlias",
        "sagemaker:CreateModel",
        "secretsmanager:GetSecretValue",
    ] {
        assert!(!allowed(action), "neither: {action}");
    }
}

#[test]
fn a_guests_role_must_allow_too() {
    let session = guest();
    let read = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}"#;
    let set = set(&session, read);
    let facts = session.facts(NOW).unwrap();
    assert_eq!(decide(&set, facts, "s3:GetObject", "arn:aws:s3:::b/x"), Outcome::Allowed);
    assert_eq!(decide(&set, facts, "s3:PutObject", "arn:aws:s3:::b/x"), Outcome::ImplicitDeny);
}

#[test]
fn the_signed_in_are_not_scoped_down() {
    let session = alice();
    assert!(session.session_policies().is_none());
    let set = set(&session, ALL);
    assert_eq!(decide(&set, session.facts(NOW).unwrap(), "ec2:RunInstances", "*"), Outcome::Allowed);
}

#[test]
fn guests_of_the_classic_flow_are_not_scoped_down() {
    use verdikt::cognito::assume::AssumeRole;
    let opened = opened(pool());
    let identity = opened.get_id(&[]).unwrap();
    let web = opened.open_id_token(&identity, &[], NOW).unwrap();
    let asked = AssumeRole { session_name: "app".to_owned(), ..AssumeRole::default() };
    let role = &roles()[crate::world::GUEST];
    assert!(opened.assume_role(&web, role, &asked, NOW).unwrap().session_policies().is_none());
}

/// A resource-based policy that names the role is limited by the session policies, one that names the session is not.
#[test]
fn a_bucket_policy_reaches_a_guest_only_by_the_sessions_own_arn() {
    let session = guest();
    let facts = session.facts(NOW).unwrap();
    let role = session.parts().role_arn.clone();
    for (principal, expected) in
        [(role.as_str(), Outcome::ImplicitDeny), (session.principal().text(), Outcome::Allowed)]
    {
        let bucket = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": principal},
            "Action": "secretsmanager:GetSecretValue", "Resource": "*"}});
        let nothing = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "x:y", "Resource": "*"}}"#;
        let set = PolicySet::builder()
            .identity(compiled(Kind::Identity, "role", nothing))
            .session(session.session_policies().unwrap().clone())
            .resource(compiled(Kind::Resource, "bucket", &bucket.to_string()))
            .build()
            .unwrap();
        let resource = "arn:aws:secretsmanager:us-east-1:111122223333:secret:x";
        assert_eq!(decide(&set, facts, "secretsmanager:GetSecretValue", resource), expected, "{principal}");
    }
}

#[test]
fn an_expired_session_is_refused() {
    let session = alice();
    assert!(session.facts(NOW + 3_599).is_ok());
    for now in [NOW + 3_600, NOW + 99_999] {
        assert!(matches!(session.facts(now), Err(SessionError::Expired { .. })));
    }
    assert!(session.facts(NOW - 60).is_ok());
    assert!(matches!(session.facts(NOW - 61), Err(SessionError::NotBegun { .. })));
}

#[test]
fn a_session_of_another_pool_is_refused() {
    let session = alice();
    assert!(session.of_pool(POOL).is_ok());
    let error = session.of_pool("us-east-1:00000000-6d0e-4b97-a2c4-5e1b7d90f6a8").unwrap_err();
    assert!(matches!(error, SessionError::OtherPool { .. }), "{error}");
}

#[test]
fn a_bound_policy_decides_for_its_own_session_alone() {
    let (one, other) = (alice(), guest());
    let facts = one.facts(NOW).unwrap();
    let bound = compiled(Kind::Identity, "role", ALL).bind(facts);
    let set = PolicySet::builder().identity(bound).build().unwrap();
    assert_eq!(decide(&set, facts, "s3:GetObject", "arn:aws:s3:::b/x"), Outcome::Allowed);
    assert_eq!(
        decide(&set, one.facts(NOW + 5).unwrap(), "s3:GetObject", "arn:aws:s3:::b/x"),
        Outcome::Allowed
    );
    assert_ne!(decide(&set, other.facts(NOW).unwrap(), "s3:GetObject", "arn:aws:s3:::b/x"), Outcome::Allowed);
}

#[test]
fn a_session_file_reads_back_as_the_same_session() {
    for session in [alice(), guest()] {
        let text = session.to_json().unwrap();
        let read = Session::from_json(&text).unwrap();
        assert_eq!(read.parts(), session.parts());
        assert_eq!(keys(&read), keys(&session));
        assert_eq!(read.to_json().unwrap(), text);
        let set = set(&read, ALL);
        let is_guest = decide(&set, read.facts(NOW).unwrap(), "ec2:RunInstances", "*") != Outcome::Allowed;
        assert_eq!(is_guest, session.is_guest());
    }
}

#[test]
fn a_session_file_that_cannot_be_is_refused() {
    let good: Value = serde_json::from_str(&guest().to_json().unwrap()).unwrap();
    let change = |path: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(path).unwrap() = value;
        Session::from_json(&bad.to_string())
    };
    assert!(Session::from_json(&good.to_string()).is_ok());
    for (path, value) in [
        ("/verdikt_session", json!(2)),
        ("/session/pool", json!("x")),
        ("/session/identity", json!("us-east-1:${x}")),
        ("/session/amr", json!([])),
        ("/session/amr", json!(["unauthenticated", "authenticated"])),
        ("/session/role_arn", json!("arn:aws:iam::111122223333:user/x")),
        ("/session/role_arn", json!("arn:aws:iam::111122223333:role/*")),
        ("/session/role_id", json!("AIDAX")),
        ("/session/session_name", json!("a/b")),
        ("/session/tags", json!({"aws:x": "y"})),
        ("/session/role_tags", json!({"a": "*"})),
        ("/session/expires_at", json!(NOW)),
        ("/session/expires_at", json!(NOW + 43_201)),
        ("/session_policies/0/policy", json!({"Statement": []})),
    ] {
        assert!(change(path, value.clone()).is_err(), "{path} = {value}");
    }
    let text = good.to_string();
    let more = text.replacen('{', "{\"unknown\": 1, ", 1);
    assert!(Session::from_json(&more).is_err(), "an unknown member");
    let twice = text.replacen("\"tags\":{}", "\"tags\":{\"a\":\"1\",\"a\":\"2\"}", 1);
    assert_ne!(twice, text);
    assert!(Session::from_json(&twice).is_err(), "a member twice");
    assert!(Session::from_json("").is_err());
}

#[test]
fn a_session_is_not_made_for_an_unknown_identity() {
    let opened: IdentityPool<MemoryIdentities> = opened(pool());
    let logins = [login(&opened, &json!({}))];
    let made = opened.credentials_for_identity("us-east-1:0000", &logins, None, &roles(), NOW);
    assert_eq!(made.unwrap_err().exception(), "ResourceNotFoundException");
}
