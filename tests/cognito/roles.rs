//! Role selection, rule by rule of the Developer Guide's "role-based access control".

use serde_json::{Value, json};
use verdikt::cognito::pool::{
    AmbiguousRoleResolution, ArrayClaims, MappingKind, MatchType, RoleMapping, Rule,
};
use verdikt::cognito::select::{SelectError, select};
use verdikt::cognito::{Pool, PoolError};

use crate::world::{ADMIN, AUTH, GUEST, NOW, USER_POOL, google, login, opened, pool, roles};

const OTHER: &str = "arn:aws:iam::111122223333:role/Other";

fn mapped(kind: MappingKind, resolution: AmbiguousRoleResolution, rules: Vec<Rule>) -> Pool {
    let mapping = RoleMapping { kind, ambiguous_role_resolution: resolution, rules };
    let mut pool = pool();
    pool.role_mappings.insert(format!("{USER_POOL}:client-1"), mapping);
    pool
}

fn by_token(resolution: AmbiguousRoleResolution) -> Pool {
    mapped(MappingKind::Token, resolution, Vec::new())
}

fn rule(claim: &str, match_type: MatchType, value: &str, role: &str) -> Rule {
    Rule { claim: claim.to_owned(), match_type, value: value.to_owned(), role_arn: role.to_owned() }
}

fn by_rules(rules: Vec<Rule>) -> Pool {
    mapped(MappingKind::Rules, AmbiguousRoleResolution::Deny, rules)
}

/// The role of a login with these claims.
fn role(pool: &Pool, claims: &Value, custom: Option<&str>) -> Result<String, SelectError> {
    let login = login(&opened(pool.clone()), claims);
    select(pool, &[login], custom).map(|selected| selected.role)
}

fn is(found: &Result<String, SelectError>, arn: &str) -> bool {
    found.as_deref() == Ok(arn)
}

const DEFAULT: AmbiguousRoleResolution = AmbiguousRoleResolution::AuthenticatedRole;
const DENY: AmbiguousRoleResolution = AmbiguousRoleResolution::Deny;

#[test]
fn without_logins_it_is_the_unauthenticated_role() {
    assert_eq!(select(&pool(), &[], None).unwrap().role, GUEST);
}

#[test]
fn without_an_unauthenticated_role_a_guest_has_none() {
    let mut pool = pool();
    pool.roles.unauthenticated = None;
    assert_eq!(select(&pool, &[], None).unwrap_err(), SelectError::NoRole("unauthenticated"));
    let opened = opened(pool);
    let identity = opened.get_id(&[]).unwrap();
    let error = opened.credentials_for_identity(&identity, &[], None, &roles(), NOW).unwrap_err();
    assert_eq!(error.exception(), "InvalidIdentityPoolConfigurationException");
}

#[test]
fn without_a_mapping_it_is_the_authenticated_role() {
    let claims = json!({"cognito:preferred_role": ADMIN, "cognito:roles": [ADMIN]});
    assert!(is(&role(&pool(), &claims, None), AUTH));
    // The mapping of another client is not this one's.
    let pool = by_token(DENY);
    assert!(is(&role(&pool, &json!({"aud": "client-2"}), None), AUTH));
}

#[test]
fn without_an_authenticated_role_there_is_none() {
    let mut pool = pool();
    pool.roles.authenticated = None;
    assert_eq!(role(&pool, &json!({}), None), Err(SelectError::NoRole("authenticated")));
}

#[test]
fn token_a_custom_role_must_be_one_of_the_claim() {
    let pool = by_token(DEFAULT);
    let claims = json!({"cognito:roles": [ADMIN, OTHER], "cognito:preferred_role": OTHER});
    assert!(is(&role(&pool, &claims, Some(ADMIN)), ADMIN));
    let text = json!({"cognito:roles": format!("{OTHER},{ADMIN}")});
    assert!(is(&role(&pool, &text, Some(ADMIN)), ADMIN));
}

#[test]
fn token_a_custom_role_that_is_none_of_the_claim_is_denied() {
    let pool = by_token(DEFAULT);
    let denied = Err(SelectError::CustomRole(ADMIN.to_owned()));
    assert_eq!(role(&pool, &json!({"cognito:roles": [OTHER]}), Some(ADMIN)), denied);
    assert_eq!(role(&pool, &json!({}), Some(ADMIN)), denied);
    assert_eq!(role(&pool, &json!({"cognito:preferred_role": ADMIN}), Some(ADMIN)), denied);
}

#[test]
fn token_the_preferred_role_is_chosen() {
    let claims = json!({"cognito:roles": [ADMIN, OTHER], "cognito:preferred_role": OTHER});
    assert!(is(&role(&by_token(DENY), &claims, None), OTHER));
}

#[test]
fn token_several_roles_without_a_preferred_one_are_resolved() {
    let claims = json!({"cognito:roles": [ADMIN, OTHER]});
    assert!(is(&role(&by_token(DEFAULT), &claims, None), AUTH));
    assert_eq!(
        role(&by_token(DENY), &claims, None),
        Err(SelectError::Ambiguous("the token prefers no role"))
    );
}

#[test]
fn token_no_roles_are_resolved() {
    assert!(is(&role(&by_token(DEFAULT), &json!({}), None), AUTH));
    assert!(role(&by_token(DENY), &json!({}), None).is_err());
    assert!(role(&by_token(DENY), &json!({"cognito:preferred_role": ""}), None).is_err());
}

#[test]
fn rules_the_first_that_matches_is_chosen() {
    let rules = vec![
        rule("custom:team", MatchType::Equals, "red", OTHER),
        rule("custom:team", MatchType::StartsWith, "bl", ADMIN),
        rule("custom:team", MatchType::Equals, "blue", OTHER),
    ];
    assert!(is(&role(&by_rules(rules), &json!({"custom:team": "blue"}), None), ADMIN));
}

#[test]
fn rules_with_a_custom_role_the_first_that_matches_and_gives_it() {
    let rules = vec![
        rule("custom:team", MatchType::Equals, "blue", OTHER),
        rule("custom:team", MatchType::Contains, "lu", ADMIN),
    ];
    let pool = by_rules(rules);
    assert!(is(&role(&pool, &json!({"custom:team": "blue"}), Some(ADMIN)), ADMIN));
    let denied = Err(SelectError::Ambiguous("no rule matches"));
    assert_eq!(role(&pool, &json!({"custom:team": "blue"}), Some(AUTH)), denied);
    assert_eq!(role(&pool, &json!({"custom:team": "red"}), Some(ADMIN)), denied);
}

#[test]
fn rules_each_way_to_match() {
    for (match_type, value, claim, holds) in [
        (MatchType::Equals, "blue", "blue", true),
        (MatchType::Equals, "blue", "Blue", false),
        (MatchType::Contains, "lu", "blue", true),
        (MatchType::Contains, "red", "blue", false),
        (MatchType::StartsWith, "bl", "blue", true),
        (MatchType::StartsWith, "lu", "blue", false),
        (MatchType::NotEqual, "red", "blue", true),
        (MatchType::NotEqual, "blue", "blue", false),
        (MatchType::Equals, "b*", "blue", false),
        (MatchType::Equals, "b*", "b*", true),
    ] {
        let pool = by_rules(vec![rule("custom:team", match_type, value, ADMIN)]);
        let found = role(&pool, &json!({"custom:team": claim}), None);
        assert_eq!(found.is_ok(), holds, "{claim} {match_type:?} {value}");
    }
}

#[test]
fn rules_not_equal_is_not_evaluated_where_the_claim_is_absent() {
    let pool = by_rules(vec![rule("custom:team", MatchType::NotEqual, "red", ADMIN)]);
    assert!(role(&pool, &json!({}), None).is_err());
}

#[test]
fn rules_where_none_matches_it_is_resolved() {
    let rules = vec![rule("custom:team", MatchType::Equals, "red", ADMIN)];
    let pool = mapped(MappingKind::Rules, DEFAULT, rules.clone());
    assert!(is(&role(&pool, &json!({}), None), AUTH));
    assert_eq!(role(&by_rules(rules), &json!({}), None), Err(SelectError::Ambiguous("no rule matches")));
}

#[test]
fn rules_ask_lists_as_the_pool_says() {
    let groups = json!({"cognito:groups": ["staff", "admins"]});
    let with = |arrays, match_type, value| {
        let mut pool = by_rules(vec![rule("cognito:groups", match_type, value, ADMIN)]);
        pool.array_claims = arrays;
        role(&pool, &groups, None).is_ok()
    };
    assert!(with(ArrayClaims::Each, MatchType::Equals, "admins"));
    assert!(!with(ArrayClaims::Each, MatchType::NotEqual, "admins"));
    assert!(with(ArrayClaims::Each, MatchType::NotEqual, "guests"));
    assert!(!with(ArrayClaims::Joined, MatchType::Equals, "admins"));
    assert!(with(ArrayClaims::Joined, MatchType::Contains, "staff,admins"));
    assert!(!with(ArrayClaims::Never, MatchType::Contains, "admins"));
    assert!(!with(ArrayClaims::Never, MatchType::NotEqual, "guests"));
}

#[test]
fn logins_that_choose_different_roles_are_refused() {
    let pool = by_rules(vec![rule("custom:team", MatchType::Equals, "blue", ADMIN)]);
    let opened = opened(pool.clone());
    let logins = [login(&opened, &json!({"custom:team": "blue"})), google(&opened, "g-1")];
    assert_eq!(select(&pool, &logins, None).unwrap_err(), SelectError::Several);
}

#[test]
fn a_role_of_another_account_is_refused_in_the_enhanced_flow() {
    let opened = opened(by_token(DENY));
    let foreign = json!({"cognito:preferred_role": "arn:aws:iam::999922223333:role/Admin"});
    let logins = [login(&opened, &foreign)];
    let identity = opened.get_id(&logins).unwrap();
    let error = opened.credentials_for_identity(&identity, &logins, None, &roles(), NOW).unwrap_err();
    assert!(matches!(error, PoolError::ForeignRole(_)), "{error}");
}

#[test]
fn a_role_that_is_not_known_is_refused() {
    let opened = opened(by_token(DENY));
    let logins = [login(&opened, &json!({"cognito:preferred_role": OTHER}))];
    let identity = opened.get_id(&logins).unwrap();
    let error = opened.credentials_for_identity(&identity, &logins, None, &roles(), NOW).unwrap_err();
    assert!(matches!(error, PoolError::UnknownRole(_)), "{error}");
}
