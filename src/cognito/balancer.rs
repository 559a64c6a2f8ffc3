//! Logins that an Application Load Balancer verified at a provider: the header `x-amzn-oidc-data`, a token that it signs.
//!
//! The header names the balancer (`signer`), the provider's issuer and the client; the payload is what the provider tells
//! of the user. A token counts if a key of the balancer signed it with ES256, the signer is one that was named, and it
//! has not expired. Its parts are padded, unlike those of other tokens.
//!
//! Follows the Elastic Load Balancing User Guide, "Authenticate users using an Application Load Balancer".

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::claims::Claim;
use super::jwks::{KeySource, KeysError, PinnedKey};
use super::token::{TokenError, UnverifiedToken, member, seconds, text};

/// How a public key on the curve P-256 begins (RFC 5480), before its point.
const P256: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
/// Most bytes of a file of a key.
const MOST_BYTES: u64 = 4 * 1024;

/// A login that a load balancer verified. There is no way to have it but through [`verify`](Self::verify).
#[derive(Clone)]
pub struct BalancerLogin {
    pub(super) issuer: String,
    pub(super) client: String,
    pub(super) subject: String,
    pub(super) expires_at: i64,
    pub(super) claims: BTreeMap<String, Claim>,
}

/// The keys of load balancers: a folder with a file a key, in PEM, named by the key's id as it is fetched from
/// `https://public-keys.auth.elb.REGION.amazonaws.com/ID`. A file is read when its key is asked for.
#[derive(Clone, Debug)]
pub struct BalancerKeys(PathBuf);

impl BalancerLogin {
    /// The login in the header's value.
    ///
    /// # Errors
    /// It is no such token, the signer is not one that was named, no key of theirs signed it, or it is over.
    pub fn verify(
        value: &str,
        signers: &[String],
        keys: &dyn KeySource,
        now: i64,
    ) -> Result<Self, TokenError> {
        let (token, header) = UnverifiedToken::parse_padded(value)?;
        let signer = member(&header, "signer")?;
        if !signers.contains(&signer) {
            return Err(TokenError::Signer(signer));
        }
        let claims = token.signed_claims(keys, now)?;
        // The header is signed too.
        let (issuer, client) = (member(&header, "iss")?, member(&header, "client")?);
        let missing = TokenError::Claim { name: "exp", problem: "is absent" };
        let told = seconds(&header, "exp")?.ok_or(missing)?;
        let expires_at = seconds(&claims, "exp")?.map_or(told, |own| own.min(told));
        if now >= expires_at {
            return Err(TokenError::Expired { at: expires_at, now });
        }
        if let Some(found) = claims.get("iss").filter(|found| found.text() != Some(&issuer)) {
            let found = found.text().unwrap_or_default().to_owned();
            return Err(TokenError::Issuer { found, expected: issuer });
        }
        Ok(Self { issuer, client, subject: text(&claims, "sub")?, expires_at, claims })
    }

    /// The issuer of the provider that it was verified at.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

impl fmt::Debug for BalancerLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { issuer, client, .. } = self;
        formatter
            .debug_struct("BalancerLogin")
            .field("issuer", issuer)
            .field("client", client)
            .finish_non_exhaustive()
    }
}

impl BalancerKeys {
    /// The keys in a folder.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }
}

impl KeySource for BalancerKeys {
    fn key(&self, kid: &str, _now: i64) -> Result<Arc<PinnedKey>, KeysError> {
        let is_id = kid.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let unknown = || KeysError::UnknownKey(kid.to_owned());
        if !is_id || kid.is_empty() {
            return Err(unknown());
        }
        let path = self.0.join(kid);
        let size = std::fs::metadata(&path).map_err(|_| unknown())?.len();
        let read = |path: &Path| std::fs::read_to_string(path).ok().filter(|_| size <= MOST_BYTES);
        let problem = || KeysError::Read {
            name: kid.to_owned(),
            problem: "it is no public key of P-256 in PEM".to_owned(),
        };
        let point = read(&path).and_then(|pem| point(&pem)).ok_or_else(problem)?;
        PinnedKey::p256(&point).map(Arc::new).ok_or_else(problem)
    }
}

/// The point of a public key in PEM: two coordinates of 32 bytes.
fn point(pem: &str) -> Option<[u8; 64]> {
    let inner =
        pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
    let der = STANDARD.decode(inner.split_whitespace().collect::<String>()).ok()?;
    der.strip_prefix(&P256)?.try_into().ok()
}
