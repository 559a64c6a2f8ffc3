//! The signing keys of an issuer: a JSON Web Key Set, each key pinned to one algorithm.
//!
//! Only RSA keys (RS256, RS384, RS512) and elliptic-curve keys (ES256, ES384) are used, as STS takes no others; a key
//! for another purpose or of another type is passed over, so that a token naming it is of an unknown key. Symmetric keys
//! are never used: a published one proves nothing.
//!
//! Follows RFC 7517 and RFC 7518.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::text::diagnostic::excerpt;

use super::claims::{Claim, object};
use super::token::TokenError;

/// Most bytes of a key set.
pub const MAX_BYTES: usize = 256 * 1024;

/// Most keys of a set.
const MAX_KEYS: usize = 100;

/// Where keys come from.
pub trait KeySource: fmt::Debug + Send + Sync {
    /// The key of a name.
    ///
    /// # Errors
    /// There is none, or the keys cannot be had.
    fn key(&self, kid: &str, now: i64) -> Result<Arc<PinnedKey>, KeysError>;
}

/// A key and the one algorithm that it is for.
pub struct PinnedKey {
    pub(super) key: DecodingKey,
    pub(super) algorithm: Algorithm,
}

/// A key set.
#[derive(Clone, Debug)]
pub struct Jwks {
    keys: BTreeMap<String, Arc<PinnedKey>>,
}

/// Why a key cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The set has no usable key of this name.
    #[error("the token is signed with the key {}, which the issuer's key set does not have", excerpt(.0))]
    UnknownKey(String),
    /// A set that is refused.
    #[error("the key set is refused: {0}")]
    Refused(String),
    /// A file that cannot be read.
    #[error("the key set `{name}` cannot be read: {problem}")]
    Read {
        /// Which file.
        name: String,
        /// Why.
        problem: String,
    },
    /// It cannot be fetched.
    #[error("the key set cannot be fetched from {}: {problem}", excerpt(.url))]
    Fetch {
        /// From where.
        url: String,
        /// Why.
        problem: String,
    },
    /// A place that keys are not fetched from.
    #[error("keys are not fetched from {}: {problem}", excerpt(.url))]
    Url {
        /// From where.
        url: String,
        /// Why not.
        problem: &'static str,
    },
}

impl Jwks {
    /// Reads a key set.
    ///
    /// # Errors
    /// It is over the limits, not a key set, has two keys of one name, or a key that is not what it says.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeysError> {
        let refused = |problem: &str| KeysError::Refused(problem.to_owned());
        if bytes.len() > MAX_BYTES {
            return Err(KeysError::Refused(format!("it has more than {MAX_BYTES} bytes")));
        }
        let mut set = object("key set", bytes.to_vec()).map_err(|error| refused(&told(error)))?;
        let Some(Claim::List(list)) = set.remove("keys") else {
            return Err(refused("it has no list `keys`"));
        };
        if list.len() > MAX_KEYS {
            return Err(KeysError::Refused(format!("it has more than {MAX_KEYS} keys")));
        }
        let mut keys = BTreeMap::new();
        for key in &list {
            let key = key.object().ok_or_else(|| refused("a key is no object"))?;
            let Some((kid, pinned)) = pinned(key).map_err(|problem| refused(&problem))? else { continue };
            if keys.insert(kid.clone(), Arc::new(pinned)).is_some() {
                return Err(KeysError::Refused(format!("two keys are named {}", excerpt(&kid))));
            }
        }
        Ok(Self { keys })
    }

    /// Reads a key set from a file.
    ///
    /// # Errors
    /// The file cannot be read, or is refused.
    pub fn read(path: &Path) -> Result<Self, KeysError> {
        let problem = |problem: String| KeysError::Read { name: path.display().to_string(), problem };
        let size = std::fs::metadata(path).map_err(|error| problem(error.to_string()))?.len();
        if size > MAX_BYTES as u64 {
            return Err(problem(format!("it has more than {MAX_BYTES} bytes")));
        }
        Self::parse(&std::fs::read(path).map_err(|error| problem(error.to_string()))?)
            .map_err(|error| problem(error.to_string()))
    }

    /// Whether it has no usable key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl KeySource for Jwks {
    fn key(&self, kid: &str, _now: i64) -> Result<Arc<PinnedKey>, KeysError> {
        self.keys.get(kid).cloned().ok_or_else(|| KeysError::UnknownKey(kid.to_owned()))
    }
}

impl PinnedKey {
    /// A key on the curve P-256, by the coordinates of its point.
    pub(super) fn p256(point: &[u8; 64]) -> Option<Self> {
        let (x, y) = point.split_at(32);
        let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
        let key = DecodingKey::from_ec_components(&x, &y).ok()?;
        Some(Self { key, algorithm: Algorithm::ES256 })
    }

    /// The algorithm's name in a token's header.
    pub fn algorithm_name(&self) -> &'static str {
        match self.algorithm {
            Algorithm::RS256 => "RS256",
            Algorithm::RS384 => "RS384",
            Algorithm::RS512 => "RS512",
            Algorithm::ES256 => "ES256",
            Algorithm::ES384 => "ES384",
            // None of these is ever pinned, and no token can name it.
            _ => "",
        }
    }
}

impl fmt::Debug for PinnedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("PinnedKey").field(&self.algorithm_name()).finish()
    }
}

fn told(error: TokenError) -> String {
    match error {
        TokenError::Json { problem, .. } | TokenError::Duplicate { problem, .. } => problem,
        other => other.to_string(),
    }
}

/// A usable key with its name; none if it is for another purpose, of another type, or has no name.
fn pinned(key: &BTreeMap<String, Claim>) -> Result<Option<(String, PinnedKey)>, String> {
    let member = |name: &str| key.get(name).and_then(Claim::text);
    let Some(kid) = member("kid") else { return Ok(None) };
    let verifies = match key.get("key_ops") {
        None => true,
        Some(operations) => operations.list().is_some_and(|list| list.contains(&"verify")),
    };
    if !verifies || key.get("use").is_some_and(|purpose| purpose.text() != Some("sig")) {
        return Ok(None);
    }
    let bad = |problem: &str| format!("the key {} {problem}", excerpt(kid));
    let algorithm = match (member("kty"), member("alg"), member("crv")) {
        (Some("RSA"), Some("RS256") | None, _) => Algorithm::RS256,
        (Some("RSA"), Some("RS384"), _) => Algorithm::RS384,
        (Some("RSA"), Some("RS512"), _) => Algorithm::RS512,
        (Some("EC"), Some("ES256") | None, Some("P-256")) => Algorithm::ES256,
        (Some("EC"), Some("ES384") | None, Some("P-384")) => Algorithm::ES384,
        (Some("RSA" | "EC"), Some(other), _) if is_of_other_type(other, member("kty")) => {
            return Err(bad("names an algorithm for keys of another type"));
        }
        _ => return Ok(None),
    };
    let part = |name: &str| member(name).ok_or_else(|| bad(&format!("has no `{name}`")));
    let key = if member("kty") == Some("RSA") {
        let (n, e) = (part("n")?, part("e")?);
        let bits = URL_SAFE_NO_PAD.decode(n).map_err(|_| bad("has an `n` that is not base64url"))?.len();
        // The crypto library refuses the others when it verifies; here the place can be told.
        if !(256..=1_024).contains(&bits) {
            return Err(bad("is not of 2,048 to 8,192 bits"));
        }
        DecodingKey::from_rsa_components(n, e)
    } else {
        DecodingKey::from_ec_components(part("x")?, part("y")?)
    };
    let key = key.map_err(|error| bad(&format!("cannot be read: {error}")))?;
    Ok(Some((kid.to_owned(), PinnedKey { key, algorithm })))
}

/// Whether a signature algorithm is for keys of another type.
fn is_of_other_type(algorithm: &str, kty: Option<&str>) -> bool {
    match algorithm.get(..2) {
        Some("HS") => true,
        Some("RS" | "PS") => kty != Some("RSA"),
        Some("ES") => kty != Some("EC"),
        _ => false,
    }
}
