//! Principal tags: attributes for access control, and the limits of STS.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use verdikt::Owner;
use verdikt::cognito::pool::TagMap;
use verdikt::cognito::tags::{TagError, check};
use verdikt::cognito::{PoolError, Session};
use verdikt::request::context::ContextValue;

use crate::world::{
    ASSUME, AUTH, GOOGLE, NOW, TAG, USER_POOL, google, login, opened, pool, role, session, trust,
};

fn map(pairs: &[(&str, &str)]) -> TagMap {
    let tags = pairs.iter().map(|(key, claim)| ((*key).to_owned(), (*claim).to_owned())).collect();
    TagMap { use_defaults: false, tags }
}

fn tagged(map: TagMap, claims: &Value) -> Result<Session, PoolError> {
    let mut pool = pool();
    pool.principal_tags.insert(USER_POOL.to_owned(), map);
    let opened = opened(pool);
    let logins = [login(&opened, claims)];
    session(&opened, &logins)
}

fn pairs(session: &Session) -> Vec<(String, String)> {
    session.principal_tags().into_iter().collect()
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[test]
fn claims_become_tags_by_the_map() {
    let made = tagged(
        map(&[("team", "custom:team"), ("absent", "custom:none"), ("ok", "email_verified")]),
        &json!({"custom:team": "blue", "email_verified": true}),
    )
    .unwrap();
    assert_eq!(pairs(&made), [pair("ok", "true"), pair("team", "blue")]);
}

#[test]
fn the_defaults_are_the_user_and_the_client() {
    let defaults = TagMap { use_defaults: true, tags: BTreeMap::new() };
    let made = tagged(defaults, &json!({})).unwrap();
    assert_eq!(pairs(&made), [pair("client", "client-1"), pair("username", "alice")]);
}

#[test]
fn a_list_makes_no_tag_and_is_refused() {
    let error = tagged(map(&[("groups", "cognito:groups")]), &json!({"cognito:groups": ["a"]})).unwrap_err();
    assert!(matches!(error, PoolError::Tags(TagError::Value { .. })), "{error}");
}

#[test]
fn all_attributes_have_460_bytes_together() {
    let of = |length: usize| {
        let (one, two) = ("x".repeat(200), "y".repeat(length - 202));
        tagged(map(&[("a", "custom:a"), ("b", "custom:b")]), &json!({"custom:a": one, "custom:b": two}))
    };
    assert!(of(458).is_ok());
    assert!(matches!(of(461).unwrap_err(), PoolError::Tags(TagError::Value { .. } | TagError::TooLong)));
    let three = |last: usize| {
        let claims =
            json!({"custom:a": "x".repeat(200), "custom:b": "y".repeat(200), "custom:c": "z".repeat(last)});
        tagged(map(&[("a", "custom:a"), ("b", "custom:b"), ("c", "custom:c")]), &claims)
    };
    assert!(three(57).is_ok());
    assert!(matches!(three(58).unwrap_err(), PoolError::Tags(TagError::TooLong)));
}

#[test]
fn keys_values_and_their_number_have_the_limits_of_sts() {
    let tags = |pairs: Vec<(String, String)>| check(&pairs.into_iter().collect());
    let one = |key: &str, value: &str| tags(vec![pair(key, value)]);
    assert!(one(&"k".repeat(128), &"v".repeat(256)).is_ok());
    assert!(one(&"k".repeat(129), "v").is_err());
    assert!(one("k", &"v".repeat(257)).is_err());
    assert!(one("", "v").is_err());
    assert!(one("aws:x", "v").is_err());
    assert!(one("AWS:x", "v").is_err());
    assert!(one("k", "a*").is_err());
    assert!(one("k", "a\nb").is_err());
    assert!(one("k", "${aws:username}").is_err());
    assert!(one("Größe", "überall +-=._:/@").is_ok());
    assert_eq!(tags(vec![pair("team", "a"), pair("Team", "b")]), Err(TagError::Ambiguous("team".to_owned())));
    let many = |number: usize| tags((0..number).map(|n| pair(&format!("k{n}"), "v")).collect());
    assert!(many(50).is_ok());
    assert_eq!(many(51), Err(TagError::TooMany));
}

#[test]
fn logins_that_disagree_on_a_tag_are_refused() {
    let mut pool = pool();
    pool.principal_tags.insert(USER_POOL.to_owned(), map(&[("user", "sub")]));
    pool.principal_tags.insert(GOOGLE.to_owned(), map(&[("user", "sub")]));
    let other = opened(pool.clone());
    let logins = [login(&other, &json!({})), google(&other, "g-1")];
    let error = session(&other, &logins).unwrap_err();
    assert!(matches!(error, PoolError::Tags(TagError::Ambiguous(_))), "{error}");
    let opened = opened(pool);
    let logins = [login(&opened, &json!({})), google(&opened, "alice")];
    assert_eq!(pairs(&session(&opened, &logins).unwrap()), [pair("user", "alice")]);
}

#[test]
fn a_session_tag_replaces_the_roles_tag_of_its_key() {
    let mut pool = pool();
    pool.principal_tags.insert(USER_POOL.to_owned(), map(&[("team", "custom:team")]));
    let opened = opened(pool);
    let logins = [login(&opened, &json!({"custom:team": "blue"}))];
    let own = [("Team".to_owned(), "red".to_owned()), ("stage".to_owned(), "beta".to_owned())].into();
    let role = role(AUTH, trust("authenticated", &[ASSUME, TAG])).with_tags(own).unwrap();
    let roles = BTreeMap::from([(AUTH.to_owned(), role)]);
    let identity = opened.get_id(&logins).unwrap();
    let made = opened.credentials_for_identity(&identity, &logins, None, &roles, NOW).unwrap();
    assert_eq!(pairs(&made), [pair("stage", "beta"), pair("team", "blue")]);
    let facts = made.facts(NOW).unwrap();
    let request = facts.request("s3:GetObject", "*", Owner::Nobody).build().unwrap();
    assert_eq!(request.context().get("aws:PrincipalTag/team"), Some(ContextValue::One("blue")));
    assert_eq!(request.context().get("aws:PrincipalTag/stage"), Some(ContextValue::One("beta")));
}
