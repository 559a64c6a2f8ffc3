//! Who calls: bearer tokens from a file, each with what it is good for.
//!
//! ```toml
//! [[token]]
//! name = "gateway"
//! sha256 = "…"            # of the token's bytes, in hexadecimal: the file then gives no token away
//! scopes = ["native", "session"]
//! ```

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::text::diagnostic::bounded;

use super::refusal::Refusal;
use super::route::Scope;

/// The fewest bytes of a token: what is shorter can be guessed.
const SHORTEST: usize = 16;
/// The most bytes of a file of tokens.
const MOST_BYTES: u64 = 1024 * 1024;

/// Who made a request: the name of the token, none where no token is demanded.
#[derive(Clone, Debug, Default)]
pub(super) struct Client(pub(super) Option<Arc<str>>);

/// The tokens of a file.
#[derive(Debug)]
pub(super) struct Tokens(Vec<Token>);

#[derive(Debug)]
struct Token {
    name: Arc<str>,
    digest: Fingerprint,
    scopes: Vec<Scope>,
}

/// The SHA-256 of a token. It has no `==`: to compare two takes as long wherever they differ.
#[derive(Clone, Copy, Debug)]
struct Fingerprint([u8; 32]);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    token: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    sha256: Option<String>,
    token: Option<String>,
    scopes: Vec<Scope>,
}

/// Why a file of tokens is refused. Nothing of a token is told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokensError {
    /// It cannot be read.
    #[error("cannot read the tokens: {0}")]
    Read(#[from] std::io::Error),
    /// It is longer than any such file.
    #[error("the file of tokens has more than {MOST_BYTES} bytes")]
    TooLong,
    /// It is not the TOML of such a file.
    #[error("the file of tokens is refused: {0}")]
    Toml(String),
    /// It has no token, so that nobody could ask anything.
    #[error("the file of tokens has no `[[token]]`")]
    Empty,
    /// A token.
    #[error("the token named `{name}` {problem}")]
    Token {
        /// Its name.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
}

impl Tokens {
    /// Reads a file of tokens.
    ///
    /// # Errors
    /// It cannot be read, or a row of it cannot be used: then none of it is.
    pub(super) fn read(path: &Path) -> Result<Self, TokensError> {
        if std::fs::metadata(path)?.len() > MOST_BYTES {
            return Err(TokensError::TooLong);
        }
        let text = std::fs::read_to_string(path)?;
        // The message alone: the excerpt that an error shows could hold a token.
        let file: File =
            toml::from_str(&text).map_err(|error| TokensError::Toml(bounded(error.message())))?;
        if file.token.is_empty() {
            return Err(TokensError::Empty);
        }
        let tokens: Vec<Token> = file.token.into_iter().map(Row::token).collect::<Result<_, _>>()?;
        for (place, token) in tokens.iter().enumerate() {
            let before = tokens.get(..place).unwrap_or_default();
            if before.iter().any(|other| other.digest.is(&token.digest) || other.name == token.name) {
                let problem = "stands twice, by its name or its value";
                return Err(TokensError::Token { name: token.name.to_string(), problem });
            }
        }
        Ok(Self(tokens))
    }

    /// Who bears a token that is good for a scope.
    pub(super) fn admit(&self, headers: &HeaderMap, scope: Scope) -> Result<Client, Refusal> {
        let Some(presented) = presented(headers, scope)? else {
            let message = "send a token: `Authorization: Bearer TOKEN`, or `Verdikt-Token: TOKEN`";
            return Err(Refusal::unauthenticated("MISSING_TOKEN", message));
        };
        let digest = Fingerprint::of(presented);
        // Every token is compared, and each in constant time.
        let found = self
            .0
            .iter()
            .fold(None, |found, token| if token.digest.is(&digest) { Some(token) } else { found });
        let Some(token) = found else {
            return Err(Refusal::unauthenticated("UNKNOWN_TOKEN", "the token is none of this service's"));
        };
        if !token.scopes.contains(&scope) {
            let message = "the token is not good for this: add the scope to it in the file of tokens";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "MISSING_SCOPE", message));
        }
        Ok(Client(Some(Arc::clone(&token.name))))
    }
}

impl Row {
    fn token(self) -> Result<Token, TokensError> {
        let Self { name, sha256, token, scopes } = self;
        let bad = |problem| Err(TokensError::Token { name: name.clone(), problem });
        let digest = match (sha256, token) {
            (Some(text), None) => match Fingerprint::read(&text) {
                Some(digest) => digest,
                None => return bad("has a `sha256` that is not 64 hexadecimal digits"),
            },
            (None, Some(token)) if token.len() < SHORTEST => return bad("has fewer than 16 bytes"),
            (None, Some(token)) => Fingerprint::of(token.as_bytes()),
            _ => return bad("needs one of `sha256` and `token`"),
        };
        if scopes.is_empty() {
            return bad("is good for nothing: name its `scopes`");
        }
        Ok(Token { name: name.into(), digest, scopes })
    }
}

impl Fingerprint {
    fn of(token: &[u8]) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// Reads 64 hexadecimal digits.
    fn read(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .chars()
            .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        let (pairs, rest) = digits.as_chunks::<2>();
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        if rest.is_empty() { bytes.try_into().ok().map(Self) } else { None }
    }

    /// Whether both are the same, in constant time.
    fn is(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

/// The header with a token where `Authorization` is somebody else's.
const TOKEN: &str = "verdikt-token";
/// The header in which clients of AWS send the token of their session.
const SESSION_TOKEN: &str = "x-amz-security-token";

/// The token of a request. What proxies forward has their user's `Authorization`, which is none of this service's.
fn presented(headers: &HeaderMap, scope: Scope) -> Result<Option<&[u8]>, Refusal> {
    if let Some(token) = one(headers, &HeaderName::from_static(TOKEN))? {
        return Ok(Some(token.trim_ascii()));
    }
    match scope {
        Scope::ForwardAuth => return Ok(None),
        // What signs for IAM keeps `Authorization` to itself, and sends the token of its session beside it.
        Scope::Iam => {
            if let Some(token) = one(headers, &HeaderName::from_static(SESSION_TOKEN))? {
                return Ok(Some(token.trim_ascii()));
            }
        }
        _ => {}
    }
    let Some(value) = one(headers, &header::AUTHORIZATION)? else { return Ok(None) };
    let is_bearer = value.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    Ok(value.get(7..).filter(|_| is_bearer).map(<[u8]>::trim_ascii))
}

/// The value of a header that must not stand twice.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, Refusal> {
    let mut values = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let value = values.next();
    if values.next().is_some() {
        return Err(Refusal::bad_request("REPEATED_HEADER", format!("send the header `{name}` once")));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_authorization_is_no_token_of_a_proxy() {
        let with = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))])
        };
        let bearer = with("authorization", "Bearer x");
        assert_eq!(presented(&bearer, Scope::Native).unwrap(), Some(&b"x"[..]));
        assert_eq!(presented(&bearer, Scope::ForwardAuth).unwrap(), None);
        let own = with("verdikt-token", "x");
        assert_eq!(presented(&own, Scope::ForwardAuth).unwrap(), Some(&b"x"[..]));
        assert_eq!(presented(&own, Scope::Native).unwrap(), Some(&b"x"[..]));
    }

    /// A comparison that stops early would take two fingerprints that begin alike for one.
    #[test]
    fn no_two_tokens_are_alike_in_part() {
        let one = Fingerprint::of(b"a-token-for-tests-alone");
        assert!(one.is(&Fingerprint::of(b"a-token-for-tests-alone")));
        for place in 0..32 {
            for bit in 0..8 {
                let mut other = one;
                other.0[place] ^= 1 << bit;
                assert!(!one.is(&other), "{place} {bit}");
            }
        }
    }

    #[test]
    fn digests_are_64_digits() {
        assert_eq!(Fingerprint::read(&"0f".repeat(32)).unwrap().0, [15; 32]);
        for bad in ["", "0f", &"0g".repeat(32), &"0f".repeat(33), &"f".repeat(63)] {
            assert!(Fingerprint::read(bad).is_none(), "{bad}");
        }
    }
}
