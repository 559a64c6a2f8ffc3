//! The configuration of an identity pool, as a person writes it; [`Pool::check`] finds everything that is wrong with it.
//!
//! The names are those of `CreateIdentityPool`, `SetIdentityPoolRoles` and `SetPrincipalTagAttributeMap`, in snake case.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::provider::Provider;

/// An identity pool.
///
/// ```
/// use verdikt::cognito::Pool;
/// let pool: Pool = toml::from_str(r#"
///     id = "us-east-1:3f8a1c52-6d0e-4b97-a2c4-5e1b7d90f6a8"
///     account = "111122223333"
///     allow_guests = true
///     [roles]
///     authenticated = "arn:aws:iam::111122223333:role/Auth"
///     unauthenticated = "arn:aws:iam::111122223333:role/Guest"
///     [[providers]]
///     type = "user_pool"
///     id = "us-east-1_Example"
///     clients = ["1example23456789"]
/// "#)?;
/// assert_eq!(pool.problems(), []);
/// assert_eq!(pool.region(), "us-east-1");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// `REGION:GUID`
    pub id: String,
    /// The account that it belongs to.
    pub account: String,
    /// The partition of its ARN.
    #[serde(default = "aws")]
    pub partition: String,
    /// Whether there are guests (`AllowUnauthenticatedIdentities`).
    #[serde(default)]
    pub allow_guests: bool,
    /// Whether callers may assume roles themselves with the pool's tokens (`AllowClassicFlow`).
    #[serde(default)]
    pub allow_classic_flow: bool,
    /// How many seconds an issuer's clock and the caller's may differ.
    #[serde(default = "one_minute")]
    pub leeway_seconds: u32,
    /// How a rule is asked of a claim that is a list. AWS does not say.
    #[serde(default)]
    pub array_claims: ArrayClaims,
    /// Whether sessions of guests have `cognito-identity.amazonaws.com:sub`, `:aud` and `:amr`. AWS's pages disagree.
    #[serde(default = "yes")]
    pub guest_keys: bool,
    /// Who may say who somebody is.
    #[serde(default)]
    pub providers: Vec<Provider>,
    /// The roles of those for whom no mapping chooses.
    #[serde(default)]
    pub roles: DefaultRoles,
    /// How a provider's logins choose a role: by `cognito-idp.REGION.amazonaws.com/POOLID:CLIENT` for a user pool, by ARN
    /// for an OIDC provider, by name for the others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub role_mappings: BTreeMap<String, RoleMapping>,
    /// Which claims become principal tags, by the provider's name in logins.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub principal_tags: BTreeMap<String, TagMap>,
}

/// The roles by whether somebody is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultRoles {
    /// Of those who are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticated: Option<String>,
    /// Of guests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unauthenticated: Option<String>,
}

/// How a login chooses a role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RoleMapping {
    /// By the token, or by rules.
    #[serde(rename = "type")]
    pub kind: MappingKind,
    /// What happens where neither says which.
    pub ambiguous_role_resolution: AmbiguousRoleResolution,
    /// The rules, in order; for `Rules` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

/// Where a role comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum MappingKind {
    /// From the claims `cognito:roles` and `cognito:preferred_role`.
    Token,
    /// From the first rule that matches.
    Rules,
}

/// What happens where no role, or none of several, is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum AmbiguousRoleResolution {
    /// The role of the signed-in.
    AuthenticatedRole,
    /// None: no session.
    Deny,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which claim is compared.
    pub claim: String,
    /// How.
    pub match_type: MatchType,
    /// With what: plain text, no wildcards.
    pub value: String,
    /// The role of whom it matches.
    pub role_arn: String,
}

/// How a claim is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum MatchType {
    /// It is the value.
    Equals,
    /// The value is somewhere in it.
    Contains,
    /// It begins with the value.
    StartsWith,
    /// It is there and is not the value.
    NotEqual,
}

/// How a rule is asked of a claim that is a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrayClaims {
    /// Of each entry: one that matches is enough; `NotEqual` needs all.
    #[default]
    Each,
    /// Of the entries joined by commas.
    Joined,
    /// Not at all: it does not match.
    Never,
}

/// Which claims become principal tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TagMap {
    /// The two of AWS: `username`, the user's id, and `client`, the client's.
    #[serde(default)]
    pub use_defaults: bool,
    /// Tag keys and the claims whose values they get.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

fn aws() -> String {
    "aws".to_owned()
}

fn one_minute() -> u32 {
    60
}

fn yes() -> bool {
    true
}

impl Pool {
    /// The Region, by its id.
    pub fn region(&self) -> &str {
        self.id.split_once(':').map_or("", |(region, _)| region)
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        let Self { partition, account, id, .. } = self;
        format!("arn:{partition}:cognito-identity:{}:{account}:identitypool/{id}", self.region())
    }

    /// The provider of a name in logins.
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.name(&self.partition) == name)
    }

    /// The ARNs of every role that it can choose by itself.
    pub fn role_arns(&self) -> impl Iterator<Item = &str> {
        let defaults = [&self.roles.authenticated, &self.roles.unauthenticated];
        let rules = self.role_mappings.values().flat_map(|mapping| &mapping.rules);
        defaults.into_iter().flatten().chain(rules.map(|rule| &rule.role_arn)).map(String::as_str)
    }
}
