//! The flows of the Developer Guide's "identity pools authentication flow", and what providers' logins are.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use verdikt::cognito::assume::{AssumeError, AssumeRole};
use verdikt::cognito::identity::IdentityError;
use verdikt::cognito::login::LoginError;
use verdikt::cognito::{Credential, Flow, InspectedToken, PoolError, UnverifiedToken};
use verdikt::{Document, Kind, Limits};

use crate::signer::trusted;
use crate::world::{
    ASSUME, AUTH, DEVELOPER, FACEBOOK, GOOGLE, GUEST, NOW, OIDC, POOL, TAG, USER_POOL, changed, claims,
    credential, google, login, opened, pool, role, roles, session, trust,
};

const COGNITO: &str = "cognito-identity.amazonaws.com";

fn classic(name: &str) -> AssumeRole {
    AssumeRole { session_name: name.to_owned(), ..AssumeRole::default() }
}

#[test]
fn enhanced_flow() {
    let opened = opened(pool());
    let logins = [login(&opened, &json!({}))];
    let identity = opened.get_id(&logins).unwrap();
    let made = opened.credentials_for_identity(&identity, &logins, None, &roles(), NOW).unwrap();
    let parts = made.parts();
    assert_eq!((&parts.identity, parts.flow, parts.role_arn.as_str()), (&identity, Flow::Enhanced, AUTH));
    let qualifier = format!("{USER_POOL}:CognitoSignIn:alice");
    assert_eq!(parts.amr, ["authenticated", USER_POOL, &qualifier]);
    assert_eq!(parts.trust[0].allowed_by, "statement `ThePool` of `trust.json`, line 1");
    assert_eq!((parts.trust.len(), parts.trust[0].action.as_str()), (1, ASSUME));
    assert!(made.session_policies().is_none());
    assert_eq!(parts.expires_at, NOW + 3_600);
}

#[test]
fn classic_flow() {
    let opened = opened(pool());
    let logins = [login(&opened, &json!({}))];
    let identity = opened.get_id(&logins).unwrap();
    let web = opened.open_id_token(&identity, &logins, NOW).unwrap();
    assert_eq!(web.expires_at(), NOW + 600);
    let foreign = role("arn:aws:iam::999922223333:role/Other", trust(USER_POOL, &[ASSUME]));
    let made = opened.assume_role(&web, &foreign, &classic("app-1"), NOW + 599).unwrap();
    assert_eq!(made.principal().text(), "arn:aws:sts::999922223333:assumed-role/Other/app-1");
    assert!(made.session_policies().is_none());
    let late = opened.assume_role(&web, &foreign, &classic("app-1"), NOW + 600).unwrap_err();
    assert!(matches!(late, PoolError::Assume(AssumeError::Expired { .. })), "{late}");
}

#[test]
fn classic_flow_only_where_it_is_enabled() {
    let mut closed = pool();
    closed.allow_classic_flow = false;
    let closed = opened(closed);
    let logins = [login(&closed, &json!({}))];
    let identity = closed.get_id(&logins).unwrap();
    assert!(matches!(closed.open_id_token(&identity, &logins, NOW), Err(PoolError::Classic)));
    let web =
        opened(pool()).open_id_token_for_developer(None, &[developer("u")], &BTreeMap::new(), None, NOW);
    let error = closed.assume_role(&web.unwrap(), &roles()[AUTH], &classic("s1"), NOW).unwrap_err();
    assert!(matches!(error, PoolError::Classic));
}

fn developer(user: &str) -> verdikt::cognito::Login {
    let opened = opened(pool());
    opened.logins(&[(DEVELOPER, Credential::Developer(user.to_owned()))], NOW).unwrap().remove(0)
}

#[test]
fn developer_enhanced_flow() {
    let opened = opened(pool());
    let tags = BTreeMap::from([("team".to_owned(), "blue".to_owned())]);
    let web = opened.open_id_token_for_developer(None, &[developer("u-7")], &tags, None, NOW).unwrap();
    assert_eq!(web.expires_at(), NOW + 900);
    assert_eq!(web.amr(), ["authenticated", DEVELOPER, &format!("{DEVELOPER}:{POOL}:u-7")]);
    let made = opened.credentials_for_token(&web, &roles(), NOW).unwrap();
    assert_eq!(made.parts().role_arn, AUTH);
    assert_eq!(made.principal_tags(), tags);
    let again =
        opened.open_id_token_for_developer(None, &[developer("u-7")], &tags, Some(86_400), NOW).unwrap();
    assert_eq!((again.identity(), again.expires_at()), (web.identity(), NOW + 86_400));
}

#[test]
fn developer_classic_flow() {
    let opened = opened(pool());
    let web =
        opened.open_id_token_for_developer(None, &[developer("u")], &BTreeMap::new(), None, NOW).unwrap();
    let made = opened.assume_role(&web, &roles()[AUTH], &classic("s1"), NOW).unwrap();
    assert_eq!((made.parts().flow, made.parts().identity.as_str()), (Flow::Classic, web.identity()));
}

#[test]
fn a_developers_token_needs_a_developers_login() {
    let opened = opened(pool());
    let none = BTreeMap::new();
    let logins = [login(&opened, &json!({}))];
    assert!(opened.open_id_token_for_developer(None, &logins, &none, None, NOW).is_err());
    for seconds in [0, 86_401] {
        assert!(
            opened.open_id_token_for_developer(None, &[developer("u")], &none, Some(seconds), NOW).is_err()
        );
    }
}

#[test]
fn cognitos_own_token_is_verified() {
    let opened = opened(pool());
    let keys = json!({"keys": [trusted().jwk("us-east-1-1", "RS512")]}).to_string();
    let opened = opened.with_keys(COGNITO, Arc::new(verdikt::cognito::Jwks::parse(keys.as_bytes()).unwrap()));
    let tags = BTreeMap::from([("team".to_owned(), "blue".to_owned())]);
    let web = opened.open_id_token_for_developer(None, &[developer("u")], &tags, None, NOW).unwrap();
    let claims = web.claims(opened.pool());
    let signed = |claims: &serde_json::Value| {
        let head = r#"{"alg": "RS512", "kid": "us-east-1-1", "typ": "JWS"}"#;
        UnverifiedToken::parse(&trusted().signed_512(head, &claims.to_string())).unwrap()
    };
    assert_eq!(opened.verify_open_id_token(&signed(&claims), NOW).unwrap(), web);
    for changes in [
        json!({"aud": "us-east-1:00000000-6d0e-4b97-a2c4-5e1b7d90f6a8"}),
        json!({"iss": "https://evil.example"}),
        json!({"amr": ["unauthenticated", "authenticated"]}),
        json!({"amr": null}),
        json!({"sub": "alice"}),
        json!({"https://aws.amazon.com/tags": {"principal_tags": {"team": ["a", "b"]}}}),
        json!({"https://aws.amazon.com/tags": {"principal_tags": {"aws:x": ["a"]}}}),
        json!({"https://aws.amazon.com/tags": {"other": 1}}),
    ] {
        let token = signed(&changed(claims.clone(), &changes));
        assert!(opened.verify_open_id_token(&token, NOW).is_err(), "{changes}");
    }
    assert!(opened.verify_open_id_token(&signed(&claims), NOW + 900 + 60).is_err());
}

#[test]
fn guests_only_where_they_are_admitted() {
    let mut closed = pool();
    closed.allow_guests = false;
    let closed = opened(closed);
    assert!(matches!(closed.get_id(&[]), Err(PoolError::Guests)));
    let open = opened(pool());
    let guest = open.get_id(&[]).unwrap();
    assert!(matches!(
        closed.credentials_for_identity(&guest, &[], None, &roles(), NOW),
        Err(PoolError::Guests)
    ));
    let web = open.open_id_token(&guest, &[], NOW).unwrap();
    assert!(!web.is_authenticated());
    assert!(matches!(closed.credentials_for_token(&web, &roles(), NOW), Err(PoolError::Guests)));
}

#[test]
fn the_providers_and_their_logins() {
    let opened = opened(pool());
    let oidc =
        json!({"iss": format!("https://{OIDC}"), "sub": "o-1", "aud": "web", "iat": NOW, "exp": NOW + 60});
    let oidc = opened.logins(&[(OIDC, credential(&trusted().token(&oidc)))], NOW).unwrap();
    let made = session(&opened, &oidc).unwrap();
    let arn = format!("arn:aws:iam::111122223333:oidc-provider/{OIDC}");
    assert_eq!(made.parts().amr, ["authenticated", OIDC, &format!("{arn}:OIDC:o-1")]);
    assert_eq!(google(&opened, "g-1").provider(), GOOGLE);
    let bare =
        json!({"iss": "accounts.google.com", "sub": "g", "aud": "google-app", "iat": NOW, "exp": NOW + 60});
    assert!(opened.logins(&[(GOOGLE, credential(&trusted().token(&bare)))], NOW).is_ok());
    let facebook = |client: &str, expires_at| {
        let token = InspectedToken { client: client.to_owned(), user_id: "f-1".to_owned(), expires_at };
        opened.logins(&[(FACEBOOK, Credential::Inspected(token))], NOW)
    };
    assert_eq!(facebook("4242", NOW + 1).unwrap()[0].user_id(), "f-1");
    assert!(facebook("4243", NOW + 1).is_err());
    assert!(facebook("4242", NOW).is_err());
}

#[test]
fn a_login_is_of_its_own_provider_and_kind() {
    let opened = opened(pool());
    let token = credential(&trusted().token(&claims("alice")));
    let user = || Credential::Developer("u".to_owned());
    let refused =
        |provider: &str, credential: Credential| opened.logins(&[(provider, credential)], NOW).is_err();
    assert!(refused(GOOGLE, token.clone()));
    assert!(refused("unknown.example", token.clone()));
    assert!(refused(DEVELOPER, token.clone()));
    assert!(refused(FACEBOOK, token.clone()));
    assert!(refused(USER_POOL, user()));
    let twice = opened.logins(&[(USER_POOL, token.clone()), (USER_POOL, token)], NOW).unwrap_err();
    assert!(matches!(twice, PoolError::Login(LoginError::Twice(_))));
}

#[test]
fn all_logins_must_be_good() {
    let opened = opened(pool());
    let good = credential(&trusted().token(&claims("alice")));
    let google =
        json!({"iss": "https://accounts.google.com", "sub": "g", "aud": "google-app", "iat": 1, "exp": 2});
    let expired = credential(&trusted().token(&google));
    assert!(opened.logins(&[(USER_POOL, good), (GOOGLE, expired)], NOW).is_err());
}

#[test]
fn two_logins_that_conflict_are_a_resource_conflict() {
    let opened = opened(pool());
    session(&opened, &[login(&opened, &json!({})), google(&opened, "g-1")]).unwrap();
    let error =
        session(&opened, &[login(&opened, &json!({"sub": "bob"})), google(&opened, "g-1")]).unwrap_err();
    assert!(matches!(error, PoolError::Identity(IdentityError::Conflict(_))), "{error}");
    assert_eq!(error.exception(), "ResourceConflictException");
}

#[test]
fn a_login_of_another_pool_is_refused() {
    let mut other = pool();
    other.id = "us-east-1:00000000-6d0e-4b97-a2c4-5e1b7d90f6a8".to_owned();
    let (here, there) = (opened(pool()), opened(other));
    let logins = [login(&there, &json!({}))];
    assert!(matches!(here.get_id(&logins), Err(PoolError::OtherPool(_))));
    let identity = there.get_id(&logins).unwrap();
    let web = there.open_id_token(&identity, &logins, NOW).unwrap();
    assert!(matches!(here.credentials_for_token(&web, &roles(), NOW), Err(PoolError::OtherPool(_))));
    assert!(matches!(
        here.assume_role(&web, &roles()[AUTH], &classic("s1"), NOW),
        Err(PoolError::OtherPool(_))
    ));
}

#[test]
fn trust_the_audience_must_be_the_pool() {
    let mut other = pool();
    other.id = "us-east-1:00000000-6d0e-4b97-a2c4-5e1b7d90f6a8".to_owned();
    let other = opened(other);
    let error = session(&other, &[login(&other, &json!({}))]).unwrap_err();
    let PoolError::Assume(AssumeError::Refused { action, explanation, .. }) = &error else {
        panic!("{error}")
    };
    assert_eq!(*action, ASSUME);
    assert!(explanation.to_string().contains("cognito-identity.amazonaws.com:aud"), "{explanation}");
    assert_eq!(error.exception(), "InvalidIdentityPoolConfigurationException");
}

#[test]
fn trust_that_the_identities_of_any_pool_satisfy_is_warned_of() {
    let warnings = |condition: &serde_json::Value| {
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"Federated": COGNITO}, "Action": ASSUME, "Condition": condition}});
        let limits = verdikt::Limits::default();
        let parsed = verdikt::Document::parse(Kind::Trust, "trust", &policy.to_string(), &limits).unwrap();
        parsed.warnings.into_iter().map(|warning| warning.code).collect::<Vec<_>>()
    };
    let amr = json!({"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}});
    assert_eq!(warnings(&amr), ["ROLE_TRUST_POLICY_ANY_IDENTITY_POOL"]);
    for operator in ["StringNotEquals", "StringEqualsIfExists"] {
        let condition = json!({operator: {"cognito-identity.amazonaws.com:aud": POOL}});
        assert_eq!(warnings(&condition), ["ROLE_TRUST_POLICY_ANY_IDENTITY_POOL"], "{operator}");
    }
    assert!(warnings(&json!({"StringEquals": {"cognito-identity.amazonaws.com:aud": POOL}})).is_empty());
    let several = json!({"StringLike": {"Cognito-Identity.amazonaws.com:AUD": [POOL, "us-east-1:0a"]}});
    assert!(warnings(&several).is_empty());
}

#[test]
fn trust_amr_may_be_a_state_a_provider_or_a_user() {
    let opened = opened(pool());
    let logins = [login(&opened, &json!({}))];
    let identity = opened.get_id(&logins).unwrap();
    let user = format!("{USER_POOL}:CognitoSignIn:alice");
    let bob = format!("{USER_POOL}:CognitoSignIn:bob");
    for (amr, is_trusted) in [
        ("authenticated", true),
        (USER_POOL, true),
        ("cognito-idp.us-east-1.amazonaws.com/*", true),
        (&user, true),
        ("unauthenticated", false),
        (GOOGLE, false),
        (&bob, false),
    ] {
        let roles = BTreeMap::from([(AUTH.to_owned(), role(AUTH, trust(amr, &[ASSUME])))]);
        let made = opened.credentials_for_identity(&identity, &logins, None, &roles, NOW);
        assert_eq!(made.is_ok(), is_trusted, "{amr}");
    }
}

#[test]
fn trust_may_name_the_identity() {
    let opened = opened(pool());
    let logins = [login(&opened, &json!({}))];
    let identity = opened.get_id(&logins).unwrap();
    for (sub, is_trusted) in [(identity.as_str(), true), ("us-east-1:other", false)] {
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"Federated": COGNITO}, "Action": ASSUME, "Condition": {"StringEquals":
                {"cognito-identity.amazonaws.com:aud": POOL, "cognito-identity.amazonaws.com:sub": [sub]}}}});
        let role = role(AUTH, crate::world::compiled(Kind::Trust, "t", &policy.to_string()));
        let roles = BTreeMap::from([(AUTH.to_owned(), role)]);
        let made = opened.credentials_for_identity(&identity, &logins, None, &roles, NOW);
        assert_eq!(made.is_ok(), is_trusted, "{sub}");
    }
}

#[test]
fn trust_tags_need_tag_session_too() {
    let opened = opened(pool());
    let tags = BTreeMap::from([("team".to_owned(), "blue".to_owned())]);
    let tagged = opened.open_id_token_for_developer(None, &[developer("u")], &tags, None, NOW).unwrap();
    let plain =
        opened.open_id_token_for_developer(None, &[developer("u")], &BTreeMap::new(), None, NOW).unwrap();
    let with = |actions: &[&str]| role(AUTH, trust("authenticated", actions));
    let assume = |web, role: &_| opened.assume_role(web, role, &classic("s1"), NOW);
    assert!(assume(&plain, &with(&[ASSUME])).is_ok());
    let error = assume(&tagged, &with(&[ASSUME])).unwrap_err();
    assert!(matches!(error, PoolError::Assume(AssumeError::Refused { action: TAG, .. })), "{error}");
    assert!(assume(&tagged, &with(&[TAG])).is_err());
    let made = assume(&tagged, &with(&[ASSUME, TAG])).unwrap();
    assert_eq!(
        made.parts().trust.iter().map(|answer| answer.action.as_str()).collect::<Vec<_>>(),
        [ASSUME, TAG]
    );
}

#[test]
fn trust_sees_request_tags_tag_keys_and_the_session_name() {
    let opened = opened(pool());
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Federated": COGNITO}, "Action": [ASSUME, TAG], "Condition": {
            "StringEquals": {"aws:RequestTag/team": "blue", "sts:RoleSessionName": "app-1"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}}}});
    let role = role(AUTH, crate::world::compiled(Kind::Trust, "t", &policy.to_string()));
    let assume = |pairs: &[(&str, &str)], name: &str| {
        let tags = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let web = opened.open_id_token_for_developer(None, &[developer("u")], &tags, None, NOW).unwrap();
        opened.assume_role(&web, &role, &classic(name), NOW)
    };
    assert!(assume(&[("team", "blue")], "app-1").is_ok());
    assert!(assume(&[("team", "blue"), ("stage", "x")], "app-1").is_ok());
    assert!(assume(&[("team", "red")], "app-1").is_err());
    assert!(assume(&[("team", "blue"), ("other", "x")], "app-1").is_err());
    assert!(assume(&[("team", "blue")], "app-2").is_err());
}

#[test]
fn a_deny_of_the_trust_policy_or_of_an_rcp_is_a_refusal() {
    let opened = opened(pool());
    let web =
        opened.open_id_token_for_developer(None, &[developer("u")], &BTreeMap::new(), None, NOW).unwrap();
    let rcp = |effect: &str| {
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": effect, "Principal": "*",
            "Action": "sts:*", "Resource": "*"}});
        crate::world::compiled(Kind::Rcp, "rcp", &policy.to_string())
    };
    let full = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*",
        "Resource": "*"}});
    let full = || crate::world::compiled(Kind::Rcp, "full", &full.to_string());
    let trusted = role(AUTH, trust("authenticated", &[ASSUME]));
    let assume = |role: &_| opened.assume_role(&web, role, &classic("s1"), NOW);
    assert!(assume(&trusted.clone().with_rcps(vec![full()])).is_ok());
    assert!(assume(&trusted.with_rcps(vec![full(), rcp("Deny")])).is_err());
}

#[test]
fn the_duration_keeps_within_the_roles_and_stss() {
    let opened = opened(pool());
    let web =
        opened.open_id_token_for_developer(None, &[developer("u")], &BTreeMap::new(), None, NOW).unwrap();
    let long = role(AUTH, trust("authenticated", &[ASSUME])).with_max_duration(43_200).unwrap();
    let last = |role: &_, duration| {
        let asked = AssumeRole { duration: Some(duration), ..classic("s1") };
        opened.assume_role(&web, role, &asked, NOW).map(|made| made.parts().expires_at - NOW)
    };
    assert_eq!(last(&long, 43_200).unwrap(), 43_200);
    assert_eq!(last(&long, 900).unwrap(), 900);
    assert!(last(&long, 899).is_err());
    assert!(last(&long, 43_201).is_err());
    assert!(last(&roles()[AUTH], 3_601).is_err());
    assert!(role(GUEST, trust("x", &[ASSUME])).with_max_duration(60).is_err());
}

#[test]
fn the_classic_flow_takes_session_policies_within_stss_limit() {
    let opened = opened(pool());
    let web =
        opened.open_id_token_for_developer(None, &[developer("u")], &BTreeMap::new(), None, NOW).unwrap();
    let assume = |padding: usize| {
        let json = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}{}}}"#,
            " ".repeat(padding)
        );
        let document = Document::parse(Kind::Session, "mine", &json, &Limits::default()).unwrap().document;
        let asked = AssumeRole { session_policies: Some(vec![document]), ..classic("s1") };
        opened.assume_role(&web, &roles()[AUTH], &asked, NOW)
    };
    assert!(assume(0).unwrap().session_policies().is_some());
    assert!(matches!(assume(2_048), Err(PoolError::Assume(AssumeError::PolicyTooLong))));
}

#[test]
fn the_session_name_has_stss_form() {
    let opened = opened(pool());
    let web =
        opened.open_id_token_for_developer(None, &[developer("u")], &BTreeMap::new(), None, NOW).unwrap();
    for (name, is_name) in
        [("ab", true), ("a_+=,.@-9", true), ("a", false), ("a/b", false), ("a b", false), ("", false)]
    {
        let made = opened.assume_role(&web, &roles()[AUTH], &classic(name), NOW);
        assert_eq!(made.is_ok(), is_name, "{name}");
    }
    assert!(opened.assume_role(&web, &roles()[AUTH], &classic(&"x".repeat(65)), NOW).is_err());
}
