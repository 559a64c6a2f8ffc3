//! Which role an identity gets in the enhanced flow.
//!
//! Follows the Amazon Cognito Developer Guide, "Using role-based access control", and the API reference of
//! `SetIdentityPoolRoles`.

use crate::text::diagnostic::excerpt;

use super::claims::Claim;
use super::login::Login;
use super::pool::{AmbiguousRoleResolution, ArrayClaims, MappingKind, MatchType, Pool, RoleMapping, Rule};

/// A role and why it is that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// The role's ARN.
    pub role: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// Why there is no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// The pool has no role for such identities (`InvalidIdentityPoolConfigurationException`).
    #[error("the identity pool has no {0} role: set `roles.{0}`")]
    NoRole(&'static str),
    /// The role that was asked for is not one of the token's.
    #[error("the role {} is none of those in the token's `cognito:roles`", excerpt(.0))]
    CustomRole(String),
    /// Nothing says which role, and the mapping says to deny then.
    #[error("{0}, and the role mapping says `Deny` then")]
    Ambiguous(&'static str),
    /// Several logins choose different roles.
    #[error("the logins choose different roles: sign in with one of them")]
    Several,
}

/// Selects the role. `custom` is the role that the caller asks for (`CustomRoleArn`); it counts only where a mapping
/// chooses. Several logins must choose the same role: AWS does not say which would count.
///
/// # Errors
/// There is none, or it is denied.
pub fn select(pool: &Pool, logins: &[Login], custom: Option<&str>) -> Result<Selected, SelectError> {
    let mut selected: Option<Selected> = None;
    for login in logins {
        let own = of_login(pool, login, custom)?;
        if selected.as_ref().is_some_and(|other| other.role != own.role) {
            return Err(SelectError::Several);
        }
        selected.get_or_insert(own);
    }
    selected.map_or_else(|| guest(pool), Ok)
}

fn guest(pool: &Pool) -> Result<Selected, SelectError> {
    let role = pool.roles.unauthenticated.clone().ok_or(SelectError::NoRole("unauthenticated"))?;
    Ok(Selected { role, reason: "the identity is a guest: the pool's unauthenticated role".to_owned() })
}

fn authenticated(pool: &Pool, reason: &str) -> Result<Selected, SelectError> {
    let role = pool.roles.authenticated.clone().ok_or(SelectError::NoRole("authenticated"))?;
    Ok(Selected { role, reason: format!("{reason}: the pool's authenticated role") })
}

fn of_login(pool: &Pool, login: &Login, custom: Option<&str>) -> Result<Selected, SelectError> {
    let Some(mapping) = pool.role_mappings.get(login.role_mapping_key()) else {
        return authenticated(pool, &format!("no role mapping for {}", excerpt(login.provider())));
    };
    match mapping.kind {
        MappingKind::Token => by_token(pool, login, mapping, custom),
        MappingKind::Rules => by_rules(pool, login, mapping, custom),
    }
}

fn by_token(
    pool: &Pool,
    login: &Login,
    mapping: &RoleMapping,
    custom: Option<&str>,
) -> Result<Selected, SelectError> {
    if let Some(custom) = custom {
        if !roles(login).contains(&custom) {
            return Err(SelectError::CustomRole(custom.to_owned()));
        }
        let reason = "asked for, and one of the token's `cognito:roles`".to_owned();
        return Ok(Selected { role: custom.to_owned(), reason });
    }
    match login.claim("cognito:preferred_role").and_then(Claim::text).filter(|role| !role.is_empty()) {
        Some(role) => {
            let reason = "the token's `cognito:preferred_role`".to_owned();
            Ok(Selected { role: role.to_owned(), reason })
        }
        None => ambiguous(pool, mapping, "the token prefers no role"),
    }
}

/// A list, or a text with commas.
fn roles(login: &Login) -> Vec<&str> {
    match login.claim("cognito:roles") {
        Some(Claim::Text(text)) => text.split(',').map(str::trim).collect(),
        Some(list) => list.list().unwrap_or_default(),
        None => Vec::new(),
    }
}

fn by_rules(
    pool: &Pool,
    login: &Login,
    mapping: &RoleMapping,
    custom: Option<&str>,
) -> Result<Selected, SelectError> {
    let is_asked = |rule: &Rule| custom.is_none_or(|custom| custom == rule.role_arn);
    let mut rules = (1usize..).zip(&mapping.rules);
    match rules.find(|(_, rule)| matches(rule, login, pool.array_claims) && is_asked(rule)) {
        Some((number, rule)) => {
            let kind = rule.match_type.words();
            let reason =
                format!("rule {number}: the claim {} {kind} {}", excerpt(&rule.claim), excerpt(&rule.value));
            Ok(Selected { role: rule.role_arn.clone(), reason })
        }
        None => ambiguous(pool, mapping, "no rule matches"),
    }
}

fn ambiguous(pool: &Pool, mapping: &RoleMapping, why: &'static str) -> Result<Selected, SelectError> {
    match mapping.ambiguous_role_resolution {
        AmbiguousRoleResolution::AuthenticatedRole => authenticated(pool, why),
        AmbiguousRoleResolution::Deny => Err(SelectError::Ambiguous(why)),
    }
}

/// A rule is not asked of a claim that is absent.
fn matches(rule: &Rule, login: &Login, arrays: ArrayClaims) -> bool {
    let Some(claim) = login.claim(&rule.claim) else { return false };
    if let Some(text) = claim.scalar() {
        return rule.match_type.holds(text, &rule.value);
    }
    let Some(entries) = claim.list() else { return false };
    match arrays {
        ArrayClaims::Never => false,
        ArrayClaims::Joined => rule.match_type.holds(&entries.join(","), &rule.value),
        ArrayClaims::Each => {
            let mut each = entries.iter().map(|entry| rule.match_type.holds(entry, &rule.value));
            if rule.match_type == MatchType::NotEqual {
                each.all(|holds| holds)
            } else {
                each.any(|holds| holds)
            }
        }
    }
}

impl MatchType {
    fn holds(self, claim: &str, value: &str) -> bool {
        match self {
            Self::Equals => claim == value,
            Self::Contains => claim.contains(value),
            Self::StartsWith => claim.starts_with(value),
            Self::NotEqual => claim != value,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Equals => "is",
            Self::Contains => "contains",
            Self::StartsWith => "begins with",
            Self::NotEqual => "is not",
        }
    }
}
