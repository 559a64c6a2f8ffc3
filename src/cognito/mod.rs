//! Identity pools: from a login token to a session, whose requests the policies then decide.
//!
//! ```text
//! bytes ─ UnverifiedToken ─ verify (keys, issuer, client, times) ─ VerifiedClaims ─ Login       or a guest: no login
//! Login… ─ IdentityStore ─ identity id ─ WebIdentity: what the pool vouches for (aud, sub, amr, tags)
//! WebIdentity ─ role selection ─ the role's trust policy, decided by the engine ─ Session ─ SessionFacts ─ requests
//! ```
//!
//! [`IdentityPool`] has the flows; each part can be used alone. The clock is always the caller's: `now` is the number of
//! seconds since 1970. Nothing here signs: no credentials and no tokens are issued. The one exception to "no network" is
//! `RemoteJwks`, which fetches signing keys over HTTPS, behind the feature `jwks-url`.
//!
//! Follows the Amazon Cognito Developer Guide, "Identity pools", and the STS API Reference, `AssumeRoleWithWebIdentity`.

pub mod assume;
pub mod balancer;
pub mod check;
pub mod claims;
pub mod identity;
mod identity_file;
pub mod identity_pool;
pub mod jwks;
pub mod login;
pub mod pool;
pub mod provider;
#[cfg(feature = "jwks-url")]
pub mod remote;
pub mod role;
pub mod scope_down;
pub mod select;
pub mod session;
mod session_file;
pub mod tags;
pub mod token;
pub mod web_identity;

pub use assume::AssumeError;
pub use balancer::{BalancerKeys, BalancerLogin};
pub use claims::{Claim, VerifiedClaims};
pub use identity::{GUESTS, IdentityStore, LoginKey, MemoryIdentities};
pub use identity_file::FileIdentities;
pub use identity_pool::{IdentityPool, PoolError};
pub use jwks::{Jwks, KeySource, KeysError};
pub use login::{Credential, InspectedToken, Login};
pub use pool::Pool;
pub use provider::{Provider, ProviderKind};
#[cfg(feature = "jwks-url")]
pub use remote::{RemoteJwks, RemoteSettings};
pub use role::{Role, Roles};
pub use session::{Flow, Session, SessionError};
pub use session_file::MAX_BYTES as MAX_SESSION_BYTES;
pub use token::{TokenError, UnverifiedToken};
pub use web_identity::WebIdentity;

/// The name that identity pools have as an identity provider.
pub const COGNITO: &str = "cognito-identity.amazonaws.com";

/// A time as people and policies read it.
pub(crate) fn written(unix_seconds: i64) -> String {
    crate::operator::date::Instant::from_parts((i128::from(unix_seconds), 0)).written()
}
