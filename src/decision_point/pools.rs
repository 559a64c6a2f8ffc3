//! The identity pools of a store, and the sessions that logins get from them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cognito::role::RoleError;
use crate::cognito::{
    BalancerLogin, Credential, IdentityPool, IdentityStore, Jwks, KeySource, Login, MemoryIdentities,
    PoolError, Provider, Role, Roles, Session, SessionError, UnverifiedToken,
};
use crate::store::{self, LiveSession, Snapshot};
use crate::text::diagnostic::excerpt;

use super::{InForce, Settings};

/// How much the clocks of two machines may differ before a session counts as not begun.
const SKEW: i64 = 60;

type Identities = Arc<dyn IdentityStore>;

/// The pools of one revision, by their ids.
#[derive(Debug)]
pub(super) struct Pools(BTreeMap<String, IdentityPool<Identities>>);

/// What outlives revisions: identities, and the key sets that were fetched.
pub(super) struct Makers {
    identities: Identities,
    #[cfg(feature = "jwks-url")]
    jwks: crate::cognito::RemoteSettings,
    #[cfg(feature = "jwks-url")]
    fetched: std::sync::Mutex<BTreeMap<String, Arc<dyn KeySource>>>,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// No pool of the store.
    #[error("the identity pool {} is not in the store", excerpt(.0))]
    UnknownPool(String),
    /// The pool refuses.
    #[error(transparent)]
    Refused(#[from] PoolError),
    /// The session cannot be used, or is of another pool.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// A session of an identity pool over a store: it outlives reloads, and is bound to the policies in force before each
/// decision.
#[derive(Debug)]
pub struct PoolSession {
    session: Session,
    live: LiveSession,
}

impl Makers {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            identities: settings.identities.unwrap_or_else(|| Arc::new(MemoryIdentities::default())),
            #[cfg(feature = "jwks-url")]
            jwks: settings.jwks,
            #[cfg(feature = "jwks-url")]
            fetched: std::sync::Mutex::default(),
        }
    }

    /// The pools of a store. Their configurations were checked when it was loaded.
    pub(super) fn pools(&self, store: &Snapshot) -> Pools {
        let made = store.identity_pools().iter().filter_map(|stored| self.pool(stored));
        Pools(made.map(|pool| (pool.pool().id.clone(), pool)).collect())
    }

    fn pool(&self, stored: &store::IdentityPool) -> Option<IdentityPool<Identities>> {
        let mut pool = IdentityPool::new(stored.pool().ok()?, Arc::clone(&self.identities)).ok()?;
        let partition = pool.pool().partition.clone();
        let providers = pool.pool().providers.clone();
        for provider in providers.iter().filter(|provider| provider.has_tokens()) {
            // Without keys every login at the provider is refused, and told so.
            if let Some(keys) = self.keys(stored, provider, &partition) {
                pool = pool.with_keys(&provider.name(&partition), keys);
            }
        }
        Some(pool)
    }

    fn keys(
        &self,
        stored: &store::IdentityPool,
        provider: &Provider,
        partition: &str,
    ) -> Option<Arc<dyn KeySource>> {
        if let Some(file) = &provider.jwks_file {
            let set = stored.key_sets.iter().find(|set| file.as_os_str() == set.file.as_str())?;
            return Some(Arc::new(Jwks::parse(set.json.text().as_bytes()).ok()?));
        }
        self.fetched(&provider.key_set_url(partition)?)
    }

    /// The key set at a URL: the one of before, so that a reload fetches nothing again.
    #[cfg(feature = "jwks-url")]
    fn fetched(&self, url: &str) -> Option<Arc<dyn KeySource>> {
        let mut fetched = self.fetched.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = fetched.get(url) {
            return Some(Arc::clone(known));
        }
        let new: Arc<dyn KeySource> = Arc::new(crate::cognito::RemoteJwks::new(url, self.jwks).ok()?);
        fetched.insert(url.to_owned(), Arc::clone(&new));
        Some(new)
    }

    #[cfg(not(feature = "jwks-url"))]
    #[allow(clippy::unused_self, reason = "the same call as with the feature")]
    fn fetched(&self, _url: &str) -> Option<Arc<dyn KeySource>> {
        None
    }
}

impl InForce {
    /// The ids of the identity pools.
    pub fn pool_ids(&self) -> impl Iterator<Item = &str> {
        self.pools.0.keys().map(String::as_str)
    }

    /// A pool, for the steps of its flows.
    ///
    /// # Errors
    /// It is not in the store.
    pub fn pool(&self, id: &str) -> Result<&IdentityPool<Identities>, SignInError> {
        self.pools.0.get(id).ok_or_else(|| SignInError::UnknownPool(id.to_owned()))
    }

    /// A session from a token of one of the pool's providers, whichever accepts it.
    ///
    /// # Errors
    /// The token is refused, there is no role, or its trust policy does not allow it.
    pub fn login(&self, pool: &str, token: &UnverifiedToken, now: i64) -> Result<PoolSession, SignInError> {
        let logins = self.pool(pool)?.logins_of(token, now)?;
        self.signed_in(pool, &logins, None, None, now)
    }

    /// A session from what a caller brings for each provider, by the providers' names in logins.
    ///
    /// # Errors
    /// As [`login`](Self::login).
    pub fn login_with(
        &self,
        pool: &str,
        given: &[(&str, Credential)],
        custom_role: Option<&str>,
        now: i64,
    ) -> Result<PoolSession, SignInError> {
        let logins = self.pool(pool)?.logins(given, now)?;
        self.signed_in(pool, &logins, None, custom_role, now)
    }

    /// A session from a login that a load balancer verified, at the provider of its issuer.
    ///
    /// # Errors
    /// The pool has no such provider; else as [`login`](Self::login).
    pub fn login_by_balancer(
        &self,
        pool: &str,
        login: &BalancerLogin,
        now: i64,
    ) -> Result<PoolSession, SignInError> {
        let own = self.pool(pool)?.pool();
        let is_of =
            |provider: &&Provider| provider.issuers(&own.partition).iter().any(|one| one == login.issuer());
        let name = own.providers.iter().find(is_of).map(|provider| provider.name(&own.partition));
        // Without such a provider the issuer's own name is refused, and told.
        let name = name.unwrap_or_else(|| login.issuer().to_owned());
        self.login_with(pool, &[(&name, Credential::Balancer(login.clone()))], None, now)
    }

    /// The session of a new guest.
    ///
    /// # Errors
    /// The pool admits none, there is no role, or its trust policy does not allow it.
    pub fn guest(&self, pool: &str, now: i64) -> Result<PoolSession, SignInError> {
        self.signed_in(pool, &[], None, None, now)
    }

    /// A session from logins that were verified; of the identity that is asked for, else of the logins'.
    ///
    /// # Errors
    /// As [`login`](Self::login); the identity is not the logins'.
    pub fn signed_in(
        &self,
        pool: &str,
        logins: &[Login],
        identity: Option<&str>,
        custom_role: Option<&str>,
        now: i64,
    ) -> Result<PoolSession, SignInError> {
        let own = self.pool(pool)?;
        let identity = match identity {
            Some(identity) => identity.to_owned(),
            None => own.get_id(logins)?,
        };
        let roles = StoredRoles(&self.store);
        let session = own.credentials_for_identity(&identity, logins, custom_role, &roles, now)?;
        self.resume(pool, session, now)
    }

    /// A session that was made before, of this pool.
    ///
    /// # Errors
    /// It is of another pool, is over, or has not begun.
    pub fn resume(&self, pool: &str, session: Session, now: i64) -> Result<PoolSession, SignInError> {
        self.pool(pool)?;
        let parts = session.of_pool(pool)?.parts();
        let mut live = LiveSession::new(session.facts(now)?.clone(), parts.expires_at)
            .not_before(parts.issued_at.saturating_sub(SKEW));
        if let Some(policies) = session.session_policies() {
            live = live.with_session_policies(Arc::clone(policies));
        }
        Ok(PoolSession { session, live })
    }

    /// The roles of the store, for the steps of a pool's flows.
    pub fn roles(&self) -> impl Roles + '_ {
        StoredRoles(&self.store)
    }
}

impl PoolSession {
    /// What it is: identity, role and why, what the trust policy said, tags, session policies, expiry.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Who asks in its requests.
    pub fn live(&self) -> &LiveSession {
        &self.live
    }
}

/// The roles of a store.
struct StoredRoles<'s>(&'s Snapshot);

impl Roles for StoredRoles<'_> {
    fn role(&self, arn: &str) -> Result<Option<Cow<'_, Role>>, RoleError> {
        let Some(stored) = self.0.role(arn) else { return Ok(None) };
        let problem =
            || RoleError { arn: arn.to_owned(), problem: "has no unique id in the store".to_owned() };
        let role = Role::new(arn, stored.unique_id.ok_or_else(problem)?, Arc::clone(stored.trust))?;
        let role = role.with_tags(stored.tags.iter().cloned().collect())?;
        Ok(Some(Cow::Owned(role.with_rcps(stored.rcps))))
    }
}
