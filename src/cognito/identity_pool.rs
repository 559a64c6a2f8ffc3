//! The flows of an identity pool, each operation by its name in the API.
//!
//! | flow | operations |
//! |---|---|
//! | enhanced | [`get_id`](IdentityPool::get_id), [`credentials_for_identity`](IdentityPool::credentials_for_identity) |
//! | classic | [`get_id`](IdentityPool::get_id), [`open_id_token`](IdentityPool::open_id_token), [`assume_role`](IdentityPool::assume_role) |
//! | developer, enhanced | [`open_id_token_for_developer`](IdentityPool::open_id_token_for_developer), [`credentials_for_token`](IdentityPool::credentials_for_token) |
//! | developer, classic | [`open_id_token_for_developer`](IdentityPool::open_id_token_for_developer), [`assume_role`](IdentityPool::assume_role) |
//!
//! The time is the caller's. Requests to these operations that need AWS credentials (the developer's) are the caller's to
//! authorize.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::text::arn::Arn;
use crate::text::diagnostic::excerpt;

use super::COGNITO;
use super::assume::{AssumeError, AssumeRole, HOUR, SESSION_NAME, Terms, assume};
use super::check::InvalidPool;
use super::identity::{IdentityError, IdentityStore, LoginKey};
use super::jwks::{KeySource, KeysError};
use super::login::{Credential, Login, LoginError};
use super::pool::Pool;
use super::role::{Role, RoleError, Roles};
use super::scope_down;
use super::select::{SelectError, Selected, select};
use super::session::{Flow, Session};
use super::tags::{self, TagError, Tags};
use super::token::{TokenError, UnverifiedToken};
use super::web_identity::{WebIdentity, WebIdentityError};

/// Seconds for which the classic flow's token is good.
const TOKEN: i64 = 600;
/// Seconds of a developer's token if not said.
const DEVELOPER_TOKEN: i64 = 900;
/// Logins of one call.
const MAX_LOGINS: usize = 10;

/// A pool with the keys of its providers and the store of its identities.
pub struct IdentityPool<I> {
    pool: Pool,
    keys: BTreeMap<String, Arc<dyn KeySource>>,
    identities: I,
}

/// Why there is no identity, or no session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// A login is refused.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// More logins than a call takes.
    #[error("there are more than {MAX_LOGINS} logins")]
    TooManyLogins,
    /// A token of Cognito's is refused.
    #[error("the login at cognito-identity.amazonaws.com is refused: {0}")]
    WebIdentity(#[from] WebIdentityError),
    /// There is no identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Guests are not admitted.
    #[error(
        "unauthenticated access is not supported for this identity pool: set `allow_guests` if it is to be"
    )]
    Guests,
    /// The classic flow is off.
    #[error(
        "the classic flow is not enabled for this identity pool: set `allow_classic_flow` if it is to be"
    )]
    Classic,
    /// Verified for another pool.
    #[error("a login or token of the identity pool {} is not of this pool", excerpt(.0))]
    OtherPool(String),
    /// No role.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// The role is not known.
    #[error("the role {} is not known: it is none of the roles given", excerpt(.0))]
    UnknownRole(String),
    /// The role cannot be assumed.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// The role is of another account.
    #[error("the role {} is of another account, which only the classic flow allows", excerpt(.0))]
    ForeignRole(String),
    /// Principal tags that cannot be.
    #[error("the principal tags are refused: {0}")]
    Tags(#[from] TagError),
    /// A developer's token without a login of the developer's.
    #[error("a login at the developer provider is wanted, and tokens for 1 to 86400 seconds")]
    Developer,
    /// The role is not assumed.
    #[error(transparent)]
    Assume(#[from] AssumeError),
}

impl PoolError {
    /// Whether something other than the login is to blame: keys that cannot be had, a store of identities that fails.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Login(LoginError::Token { source: TokenError::Keys(keys), .. }) => {
                !matches!(keys, KeysError::UnknownKey(_))
            }
            Self::Identity(IdentityError::Store { .. } | IdentityError::TooManyGuests(_))
            | Self::UnknownRole(_) => true,
            _ => false,
        }
    }
}

impl PoolError {
    /// The exception that the API answers with.
    pub fn exception(&self) -> &'static str {
        match self {
            Self::Identity(IdentityError::Conflict(_)) => "ResourceConflictException",
            Self::Identity(IdentityError::NotFound(_)) => "ResourceNotFoundException",
            Self::Identity(IdentityError::TooManyGuests(_)) => "LimitExceededException",
            Self::Identity(IdentityError::Store { .. }) => "InternalErrorException",
            Self::Select(SelectError::NoRole(_))
            | Self::UnknownRole(_)
            | Self::Role(_)
            | Self::ForeignRole(_)
            | Self::Assume(AssumeError::Refused { .. }) => "InvalidIdentityPoolConfigurationException",
            Self::TooManyLogins | Self::Developer | Self::Tags(_) => "InvalidParameterException",
            _ => "NotAuthorizedException",
        }
    }
}

impl<I: IdentityStore> IdentityPool<I> {
    /// A pool and the store of its identities.
    ///
    /// # Errors
    /// Everything that is wrong with the pool.
    pub fn new(pool: Pool, identities: I) -> Result<Self, InvalidPool> {
        Ok(Self { pool: pool.check()?, keys: BTreeMap::new(), identities })
    }

    /// Adds where a provider's keys come from, by its name in logins; those of Cognito's own tokens by
    /// `cognito-identity.amazonaws.com`.
    #[must_use]
    pub fn with_keys(mut self, provider: &str, keys: Arc<dyn KeySource>) -> Self {
        self.keys.insert(provider.to_owned(), keys);
        self
    }

    /// Its configuration.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Verifies logins, by the names of their providers. All of them must be good.
    ///
    /// # Errors
    /// The first that is not.
    pub fn logins(&self, given: &[(&str, Credential)], now: i64) -> Result<Vec<Login>, PoolError> {
        if given.len() > MAX_LOGINS {
            return Err(PoolError::TooManyLogins);
        }
        let mut logins: Vec<Login> = Vec::with_capacity(given.len());
        for (provider, credential) in given {
            if logins.iter().any(|other| other.provider() == *provider) {
                return Err(LoginError::Twice((*provider).to_owned()).into());
            }
            let keys = self.keys.get(*provider).map(|keys| &**keys);
            logins.push(Login::verify(&self.pool, provider, credential, keys, now)?);
        }
        Ok(logins)
    }

    /// Verifies a token of whichever provider issued it: the one that accepts it. If none does, the refusal that says
    /// most.
    ///
    /// # Errors
    /// No provider of the pool accepts it.
    pub fn logins_of(&self, token: &UnverifiedToken, now: i64) -> Result<Vec<Login>, PoolError> {
        let mut refusal = None;
        for provider in self.pool.providers.iter().filter(|provider| provider.has_tokens()) {
            let name = provider.name(&self.pool.partition);
            match self.logins(&[(&name, Credential::Token(token.clone()))], now) {
                Ok(logins) => return Ok(logins),
                Err(error) if refusal.is_none() || !is_of_other_issuer(&error) => refusal = Some(error),
                Err(_) => {}
            }
        }
        Err(refusal.unwrap_or_else(|| LoginError::NoTokens.into()))
    }

    /// `GetId`: the identity of logins; a new guest without any.
    ///
    /// # Errors
    /// Guests are not admitted, the logins cannot be of one identity, or the store fails.
    pub fn get_id(&self, logins: &[Login]) -> Result<String, PoolError> {
        self.admits(logins)?;
        Ok(self.identities.id(&self.pool.id, &keys(logins))?)
    }

    /// `GetCredentialsForIdentity`: a session of the role that the pool selects. The identity may become another when a
    /// guest signs in; the session tells which.
    ///
    /// # Errors
    /// The identity is not the logins', there is no role, or its trust policy does not allow it.
    pub fn credentials_for_identity(
        &self,
        identity: &str,
        logins: &[Login],
        custom_role: Option<&str>,
        roles: &dyn Roles,
        now: i64,
    ) -> Result<Session, PoolError> {
        self.admits(logins)?;
        let selected = select(&self.pool, logins, custom_role)?;
        // Before the store is changed: what is refused leaves no trace.
        let role = self.own_role(&selected, roles)?;
        let web = self.vouch(identity, logins, TOKEN, now)?;
        self.enhanced(&web, &role, selected.reason, now)
    }

    /// `GetOpenIdToken`: what the pool vouches for, for ten minutes, to assume a role with.
    ///
    /// # Errors
    /// The classic flow is off, or the identity is not the logins'.
    pub fn open_id_token(
        &self,
        identity: &str,
        logins: &[Login],
        now: i64,
    ) -> Result<WebIdentity, PoolError> {
        if !self.pool.allow_classic_flow {
            return Err(PoolError::Classic);
        }
        self.admits(logins)?;
        self.vouch(identity, logins, TOKEN, now)
    }

    /// `GetOpenIdTokenForDeveloperIdentity`: the same for logins of which one is the developer's own, with session tags
    /// that the caller gives; for a quarter of an hour if no duration is said.
    ///
    /// # Errors
    /// There is no such login, the duration or the tags are refused, or the identity is not the logins'.
    pub fn open_id_token_for_developer(
        &self,
        identity: Option<&str>,
        logins: &[Login],
        principal_tags: &Tags,
        seconds: Option<i64>,
        now: i64,
    ) -> Result<WebIdentity, PoolError> {
        let seconds = seconds.unwrap_or(DEVELOPER_TOKEN);
        if !logins.iter().any(|login| login.key().developer) || !(1..=86_400).contains(&seconds) {
            return Err(PoolError::Developer);
        }
        self.admits(logins)?;
        let mut tags = tags::mapped(logins, &self.pool.principal_tags)?;
        tags.extend(principal_tags.clone());
        tags::check(&tags)?;
        let keys = keys(logins);
        let identity = match identity {
            Some(identity) => self.identities.admit(&self.pool.id, identity, &keys)?,
            None => self.identities.id(&self.pool.id, &keys)?,
        };
        Ok(WebIdentity::new(&self.pool, identity, logins, tags, now, seconds))
    }

    /// Verifies a token of Cognito's own for this pool.
    ///
    /// # Errors
    /// It is refused, or its keys are not at hand.
    pub fn verify_open_id_token(&self, token: &UnverifiedToken, now: i64) -> Result<WebIdentity, PoolError> {
        let keys = self.keys.get(COGNITO).ok_or_else(|| LoginError::NoKeys(COGNITO.to_owned()))?;
        Ok(WebIdentity::verify(&self.pool, token, &**keys, now)?)
    }

    /// `GetCredentialsForIdentity` with Cognito's own token as the login.
    ///
    /// # Errors
    /// It is of another pool or over, there is no role, or its trust policy does not allow it.
    pub fn credentials_for_token(
        &self,
        web: &WebIdentity,
        roles: &dyn Roles,
        now: i64,
    ) -> Result<Session, PoolError> {
        self.is_own(web.pool())?;
        let defaults = &self.pool.roles;
        let (name, role) = if web.is_authenticated() {
            ("authenticated", &defaults.authenticated)
        } else if self.pool.allow_guests {
            ("unauthenticated", &defaults.unauthenticated)
        } else {
            return Err(PoolError::Guests);
        };
        let role = role.clone().ok_or(SelectError::NoRole(name))?;
        let selected = Selected { role, reason: format!("by the pool's token: the pool's {name} role") };
        let role = self.own_role(&selected, roles)?;
        self.enhanced(web, &role, selected.reason, now)
    }

    /// `AssumeRoleWithWebIdentity` of STS with what the pool vouched for: the classic flow. Nothing is scoped down.
    ///
    /// # Errors
    /// The classic flow is off, or the role's trust policy does not allow it.
    pub fn assume_role(
        &self,
        web: &WebIdentity,
        role: &Role,
        asked: &AssumeRole,
        now: i64,
    ) -> Result<Session, PoolError> {
        if !self.pool.allow_classic_flow {
            return Err(PoolError::Classic);
        }
        self.is_own(web.pool())?;
        let length = |document: &crate::policy::Document| document.source().text().chars().count();
        let policies = asked.session_policies.iter().flatten().map(length).sum::<usize>();
        if policies > 2_048 {
            return Err(AssumeError::PolicyTooLong.into());
        }
        let terms = Terms {
            flow: Flow::Classic,
            session_name: &asked.session_name,
            role_reason: "the caller assumed it with the pool's token".to_owned(),
            duration: asked.duration.unwrap_or(HOUR),
            session_policies: asked.session_policies.clone(),
            identity_keys: self.has_identity_keys(web),
            now,
        };
        Ok(assume(web, role, terms)?)
    }

    fn enhanced(
        &self,
        web: &WebIdentity,
        role: &Role,
        reason: String,
        now: i64,
    ) -> Result<Session, PoolError> {
        let scoped = if web.is_authenticated() {
            None
        } else {
            Some(scope_down::documents().map_err(|rejected| AssumeError::ScopeDown(Box::new(rejected)))?)
        };
        let terms = Terms {
            flow: Flow::Enhanced,
            session_name: SESSION_NAME,
            role_reason: reason,
            duration: HOUR,
            session_policies: scoped,
            identity_keys: self.has_identity_keys(web),
            now,
        };
        Ok(assume(web, role, terms)?)
    }

    fn has_identity_keys(&self, web: &WebIdentity) -> bool {
        web.is_authenticated() || self.pool.guest_keys
    }

    /// Vouches for an identity whose logins were verified.
    fn vouch(
        &self,
        identity: &str,
        logins: &[Login],
        seconds: i64,
        now: i64,
    ) -> Result<WebIdentity, PoolError> {
        let tags = tags::mapped(logins, &self.pool.principal_tags)?;
        let identity = self.identities.admit(&self.pool.id, identity, &keys(logins))?;
        Ok(WebIdentity::new(&self.pool, identity, logins, tags, now, seconds))
    }

    fn admits(&self, logins: &[Login]) -> Result<(), PoolError> {
        if logins.is_empty() && !self.pool.allow_guests {
            return Err(PoolError::Guests);
        }
        logins.iter().try_for_each(|login| self.is_own(login.pool()))
    }

    fn is_own(&self, pool: &str) -> Result<(), PoolError> {
        if pool == self.pool.id { Ok(()) } else { Err(PoolError::OtherPool(pool.to_owned())) }
    }

    fn own_role<'a>(&self, selected: &Selected, roles: &'a dyn Roles) -> Result<Cow<'a, Role>, PoolError> {
        let arn = &selected.role;
        if Arn::parse(arn).is_none_or(|parsed| parsed.account() != self.pool.account) {
            return Err(PoolError::ForeignRole(arn.clone()));
        }
        roles.role(arn)?.ok_or_else(|| PoolError::UnknownRole(arn.clone()))
    }
}

impl<I: fmt::Debug> fmt::Debug for IdentityPool<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.keys.keys().collect();
        let mut debug = formatter.debug_struct("IdentityPool");
        debug.field("pool", &self.pool).field("keys", &names).field("identities", &self.identities).finish()
    }
}

/// Whether a refusal says no more than that another provider's token was brought.
fn is_of_other_issuer(error: &PoolError) -> bool {
    matches!(
        error,
        PoolError::Login(LoginError::Token {
            source: TokenError::Keys(_) | TokenError::Issuer { .. } | TokenError::Signature,
            ..
        })
    )
}

fn keys(logins: &[Login]) -> Vec<LoginKey> {
    logins.iter().map(Login::key).collect()
}
