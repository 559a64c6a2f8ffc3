//! Logins: who somebody is at a provider, verified.

use std::collections::BTreeMap;

use crate::text::diagnostic::excerpt;

use super::balancer::BalancerLogin;
use super::claims::{Claim, VerifiedClaims};
use super::identity::LoginKey;
use super::jwks::KeySource;
use super::pool::Pool;
use super::provider::{Provider, ProviderKind, Shape};
use super::token::{Expected, TokenError, UnverifiedToken};

/// What a caller brings for a provider.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A signed token.
    Token(UnverifiedToken),
    /// A login that a load balancer verified at the provider.
    Balancer(BalancerLogin),
    /// An opaque access token that the provider was asked about.
    Inspected(InspectedToken),
    /// The id of one of the application's own users, for whom the caller vouches: it must have checked who they are.
    Developer(String),
}

/// What a provider told about an opaque access token (Facebook's `debug_token`, Amazon's `tokeninfo`). The caller asks
/// the provider; verdikt does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedToken {
    /// The client or app that the token is for: `aud` of Amazon, `app_id` of Facebook.
    pub client: String,
    /// The user: `user_id`.
    pub user_id: String,
    /// When the token expires.
    pub expires_at: i64,
}

/// A verified login.
#[derive(Clone, Debug)]
pub struct Login {
    pool: String,
    provider: String,
    mapping_key: String,
    qualifier: String,
    user_id: String,
    client: String,
    is_developer: bool,
    claims: BTreeMap<String, Claim>,
}

/// Why a login is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// Not a provider of the pool.
    #[error("{} is no provider of this identity pool", excerpt(.0))]
    UnknownProvider(String),
    /// No key source was given for the provider.
    #[error("the keys of {} are not at hand: name its key set", excerpt(.0))]
    NoKeys(String),
    /// A token where a user id is wanted, or the like.
    #[error("{} takes {wanted}", excerpt(.provider))]
    WrongKind {
        /// The provider.
        provider: String,
        /// What it takes.
        wanted: &'static str,
    },
    /// The token is refused.
    #[error("the login at {} is refused: {source}", excerpt(.provider))]
    Token {
        /// The provider.
        provider: String,
        /// Why.
        source: TokenError,
    },
    /// A token that is none, at whichever provider.
    #[error("the token is refused: {0}")]
    Unreadable(#[source] TokenError),
    /// A token, and no provider of the pool takes tokens.
    #[error("no provider of this identity pool takes tokens: add the one that issues them")]
    NoTokens,
    /// A user id of the wrong form.
    #[error("the user id at {} has not 1 to 1,024 bytes", excerpt(.0))]
    UserId(String),
    /// Two logins at one provider.
    #[error("two logins at {}: give one", excerpt(.0))]
    Twice(String),
}

impl Login {
    /// Verifies what a caller brings for a provider of a pool.
    ///
    /// # Errors
    /// It is not what the provider's logins are, or the token is refused.
    pub fn verify(
        pool: &Pool,
        provider: &str,
        credential: &Credential,
        keys: Option<&dyn KeySource>,
        now: i64,
    ) -> Result<Self, LoginError> {
        let found =
            pool.provider(provider).ok_or_else(|| LoginError::UnknownProvider(provider.to_owned()))?;
        match (credential, wanted(found)) {
            (Credential::Token(token), Wanted::Token) => {
                let keys = keys.ok_or_else(|| LoginError::NoKeys(provider.to_owned()))?;
                let claims = verified(pool, found, token, keys, now)
                    .map_err(|source| LoginError::Token { provider: provider.to_owned(), source })?;
                let VerifiedClaims { subject, client, claims, .. } = claims;
                Self::new(pool, found, subject, client, claims)
            }
            (Credential::Balancer(login), Wanted::Token) => {
                relayed(pool, found, login, now)
                    .map_err(|source| LoginError::Token { provider: provider.to_owned(), source })?;
                let BalancerLogin { subject, client, claims, .. } = login.clone();
                Self::new(pool, found, subject, client, claims)
            }
            (Credential::Inspected(token), Wanted::Inspected) => {
                inspected(found, token, now)
                    .map_err(|source| LoginError::Token { provider: provider.to_owned(), source })?;
                Self::new(pool, found, token.user_id.clone(), token.client.clone(), inspected_claims(token))
            }
            (Credential::Developer(user), Wanted::UserId) => {
                Self::new(pool, found, user.clone(), String::new(), BTreeMap::new())
            }
            (_, wanted) => {
                Err(LoginError::WrongKind { provider: provider.to_owned(), wanted: wanted.as_str() })
            }
        }
    }

    fn new(
        pool: &Pool,
        provider: &Provider,
        user_id: String,
        client: String,
        claims: BTreeMap<String, Claim>,
    ) -> Result<Self, LoginError> {
        let name = provider.name(&pool.partition);
        if !(1..=1_024).contains(&user_id.len()) {
            return Err(LoginError::UserId(name));
        }
        Ok(Self {
            pool: pool.id.clone(),
            mapping_key: provider.role_mapping_key(&pool.partition, &client),
            qualifier: provider.qualifier(&pool.partition, &pool.id, &user_id),
            is_developer: provider.kind == ProviderKind::Developer,
            provider: name,
            user_id,
            client,
            claims,
        })
    }

    /// The provider's name in logins.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The user's id at the provider: `sub`, or the developer's.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The client through which they signed in; empty for a developer's login.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// A claim.
    pub fn claim(&self, name: &str) -> Option<&Claim> {
        self.claims.get(name)
    }

    /// What the identity store knows it by.
    pub fn key(&self) -> LoginKey {
        LoginKey {
            provider: self.provider.clone(),
            user_id: self.user_id.clone(),
            developer: self.is_developer,
        }
    }

    /// The pool for which it was verified.
    pub fn pool(&self) -> &str {
        &self.pool
    }

    /// The key of its role mapping.
    pub fn role_mapping_key(&self) -> &str {
        &self.mapping_key
    }

    /// The entry of `amr` that names the user.
    pub(super) fn qualifier(&self) -> &str {
        &self.qualifier
    }
}

/// What a provider's logins are.
#[derive(Clone, Copy)]
enum Wanted {
    Token,
    Inspected,
    UserId,
}

impl Wanted {
    fn as_str(self) -> &'static str {
        match self {
            Self::Token => "a signed token",
            Self::Inspected => "an access token that it was asked about",
            Self::UserId => "the id of a user for whom the caller vouches",
        }
    }
}

fn wanted(provider: &Provider) -> Wanted {
    match (provider.kind, provider.shape()) {
        (ProviderKind::Developer, _) => Wanted::UserId,
        (ProviderKind::Public, Some(Shape::AccessToken)) => Wanted::Inspected,
        _ => Wanted::Token,
    }
}

fn verified(
    pool: &Pool,
    provider: &Provider,
    token: &UnverifiedToken,
    keys: &dyn KeySource,
    now: i64,
) -> Result<VerifiedClaims, TokenError> {
    let issuers = provider.issuers(&pool.partition);
    let expected = Expected {
        issuers: &issuers,
        clients: &provider.clients,
        token_use: provider.token_use(),
        leeway: pool.leeway_seconds,
    };
    token.verify(&expected, keys, now)
}

fn relayed(pool: &Pool, provider: &Provider, login: &BalancerLogin, now: i64) -> Result<(), TokenError> {
    let issuers = provider.issuers(&pool.partition);
    if !issuers.contains(&login.issuer) {
        let expected = issuers.into_iter().next().unwrap_or_default();
        return Err(TokenError::Issuer { found: login.issuer.clone(), expected });
    }
    if !provider.clients.contains(&login.client) {
        return Err(TokenError::Audience(login.client.clone()));
    }
    if now >= login.expires_at {
        return Err(TokenError::Expired { at: login.expires_at, now });
    }
    Ok(())
}

fn inspected(provider: &Provider, token: &InspectedToken, now: i64) -> Result<(), TokenError> {
    if !provider.clients.contains(&token.client) {
        return Err(TokenError::Audience(token.client.clone()));
    }
    // The provider was asked, not a clock of another machine: no leeway.
    if now >= token.expires_at {
        return Err(TokenError::Expired { at: token.expires_at, now });
    }
    Ok(())
}

/// The claims by the names that the providers give them.
fn inspected_claims(token: &InspectedToken) -> BTreeMap<String, Claim> {
    let client = ["aud", "app_id"].map(|name| (name.to_owned(), Claim::Text(token.client.clone())));
    let user = ["sub", "user_id"].map(|name| (name.to_owned(), Claim::Text(token.user_id.clone())));
    client.into_iter().chain(user).collect()
}
