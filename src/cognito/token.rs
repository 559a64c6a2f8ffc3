//! Tokens. An [`UnverifiedToken`] tells nothing of what it claims; [`verify`](UnverifiedToken::verify) makes
//! [`VerifiedClaims`] of it, or says why not.
//!
//! The key is found by `kid` among those of the issuer that the caller trusts; the key, not the token, says which
//! algorithm. A header that brings or names a key of its own, or that asks for an extension, is refused.
//!
//! Follows RFC 7515, RFC 7519, RFC 8725, `OpenID` Connect Core 3.1.3.7, and the Amazon Cognito Developer Guide,
//! "Verifying JSON web tokens".

use std::collections::BTreeMap;
use std::sync::Once;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::text::diagnostic::excerpt;

use super::claims::{Claim, VerifiedClaims, object};
use super::jwks::{KeySource, KeysError, PinnedKey};
use super::written;

/// Most bytes of a token: the most that `GetId` takes.
pub const MAX_BYTES: usize = 50_000;

/// Most bytes of a key's name.
const MAX_KID: usize = 256;

/// Header members that a verifier must not follow, or cannot.
const REFUSED: [&str; 10] = ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip", "enc"];

/// A token of three parts, nothing of which is to be believed yet.
#[derive(Clone)]
pub struct UnverifiedToken {
    /// Header and payload as they were signed.
    signed: String,
    signature: String,
    algorithm: String,
    kid: String,
    payload: Vec<u8>,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// It says who somebody is.
    Id,
    /// It says what a client may do.
    Access,
}

/// What a token must be.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    /// The issuer, as the token spells it; any of several spellings.
    pub issuers: &'a [String],
    /// The client ids that it may be for.
    pub clients: &'a [String],
    /// `token_use`, of user pools; an access token names its client as `client_id`.
    pub token_use: Option<TokenUse>,
    /// How many seconds the clocks may differ.
    pub leeway: u32,
}

/// Why a token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Over the limit.
    #[error("the token has more than {0} bytes")]
    TooLong(usize),
    /// Not `header.payload.signature`.
    #[error("the token is not three parts in base64url with points between them: {0}")]
    Form(&'static str),
    /// A part that is not a JSON object.
    #[error("the token's {part} is refused: {problem}")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A member twice.
    #[error("the token's {part} is ambiguous: {problem}")]
    Duplicate {
        /// `header` or `payload`.
        part: &'static str,
        /// Which.
        problem: String,
    },
    /// A header member that must not be followed.
    #[error("the token's header has {}, which is never followed: keys come from the issuer's key set alone", excerpt(.0))]
    HeaderMember(String),
    /// No usable `kid`, `alg` or `typ`.
    #[error("the token's header has no usable `{0}`")]
    Header(&'static str),
    /// The header names another algorithm than the key's.
    #[error("the token names the algorithm {}, but its key is for {key} alone", excerpt(.token))]
    Algorithm {
        /// What the token names.
        token: String,
        /// What the key is for.
        key: &'static str,
    },
    /// The key cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// It was not signed by that key.
    #[error("the token's signature is wrong: it was changed, or another key signed it")]
    Signature,
    /// A claim that is absent or of the wrong form.
    #[error("the token's claim `{name}` {problem}")]
    Claim {
        /// Which.
        name: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// Another issuer.
    #[error("the token is of the issuer {}; expected is {}", excerpt(.found), excerpt(.expected))]
    Issuer {
        /// The token's.
        found: String,
        /// The one wanted.
        expected: String,
    },
    /// A load balancer that was not named.
    #[error("the token is of the load balancer {}, which is none of those that were named", excerpt(.0))]
    Signer(String),
    /// Another audience.
    #[error("the token is for the client {}, which is none of the provider's clients", excerpt(.0))]
    Audience(String),
    /// An access token where an ID token is wanted, or the other way round.
    #[error("the token's `token_use` is {}; `{expected}` is wanted", excerpt(.found))]
    TokenUse {
        /// The token's.
        found: String,
        /// The one wanted.
        expected: &'static str,
    },
    /// It is over.
    #[error("the token expired at {}; it is {}", written(*.at), written(*.now))]
    Expired {
        /// `exp`
        at: i64,
        /// The caller's clock.
        now: i64,
    },
    /// It has not begun.
    #[error("the token's `{claim}` is {}, which is still to come; it is {}", written(*.at), written(*.now))]
    NotYetValid {
        /// `nbf` or `iat`
        claim: &'static str,
        /// When.
        at: i64,
        /// The caller's clock.
        now: i64,
    },
}

impl TokenError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "TOKEN_TOO_LONG",
            Self::Form(_) | Self::Json { .. } | Self::Header(_) => "MALFORMED_TOKEN",
            Self::Duplicate { .. } => "AMBIGUOUS_TOKEN",
            Self::HeaderMember(_) => "REFUSED_TOKEN_HEADER",
            Self::Algorithm { .. } => "WRONG_TOKEN_ALGORITHM",
            Self::Keys(KeysError::UnknownKey(_)) => "UNKNOWN_TOKEN_KEY",
            Self::Keys(_) => "KEYS_UNAVAILABLE",
            Self::Signature => "WRONG_TOKEN_SIGNATURE",
            Self::Claim { .. } => "INVALID_TOKEN_CLAIM",
            Self::Issuer { .. } => "WRONG_TOKEN_ISSUER",
            Self::Signer(_) => "WRONG_TOKEN_SIGNER",
            Self::Audience(_) => "WRONG_TOKEN_AUDIENCE",
            Self::TokenUse { .. } => "WRONG_TOKEN_USE",
            Self::Expired { .. } => "TOKEN_EXPIRED",
            Self::NotYetValid { .. } => "TOKEN_NOT_YET_VALID",
        }
    }
}

impl std::fmt::Debug for UnverifiedToken {
    /// A token is a secret while it is valid: it is not printed.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("UnverifiedToken").finish_non_exhaustive()
    }
}

impl UnverifiedToken {
    /// Reads the form and the header of a token.
    ///
    /// # Errors
    /// It is too long, not a signed token in compact form, or its header is refused.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        Ok(Self::read(text, |part| part)?.0)
    }

    /// The same of a token whose parts are padded, as load balancers write them, and its header.
    pub(super) fn parse_padded(text: &str) -> Result<(Self, BTreeMap<String, Claim>), TokenError> {
        Self::read(text, |part| part.trim_end_matches('='))
    }

    fn read(text: &str, bare: fn(&str) -> &str) -> Result<(Self, BTreeMap<String, Claim>), TokenError> {
        if text.len() > MAX_BYTES {
            return Err(TokenError::TooLong(MAX_BYTES));
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Form("there are not three"));
        };
        decode(bare(signature), "the signature is not base64url")?;
        let payload = decode(bare(payload), "the payload is not base64url")?;
        let header = object("header", decode(bare(header), "the header is not base64url")?)?;
        if let Some(name) = header.keys().find(|name| REFUSED.contains(&name.as_str())) {
            return Err(TokenError::HeaderMember(name.clone()));
        }
        let is_jwt = |typ: &str| ["jwt", "jws"].contains(&typ.to_ascii_lowercase().as_str());
        if header.get("typ").is_some_and(|typ| !typ.text().is_some_and(is_jwt)) {
            return Err(TokenError::Header("typ"));
        }
        let kid = member(&header, "kid")?;
        if kid.is_empty() || kid.len() > MAX_KID {
            return Err(TokenError::Header("kid"));
        }
        let signed = text.len().saturating_sub(signature.len()).saturating_sub(1);
        let token = Self {
            signed: text.get(..signed).unwrap_or_default().to_owned(),
            signature: bare(signature).to_owned(),
            algorithm: member(&header, "alg")?,
            kid,
            payload,
        };
        Ok((token, header))
    }

    /// The claims, if a key of the issuer signed them and they are what is expected at this time.
    ///
    /// # Errors
    /// The first thing that is wrong: key, algorithm, signature, then the claims.
    pub fn verify(
        &self,
        expected: &Expected<'_>,
        keys: &dyn KeySource,
        now: i64,
    ) -> Result<VerifiedClaims, TokenError> {
        expected.accept(self.signed_claims(keys, now)?, now)
    }

    /// The claims that a key signed; nothing of them was looked at.
    pub(super) fn signed_claims(
        &self,
        keys: &dyn KeySource,
        now: i64,
    ) -> Result<BTreeMap<String, Claim>, TokenError> {
        let key = keys.key(&self.kid, now)?;
        if key.algorithm_name() != self.algorithm {
            return Err(TokenError::Algorithm { token: self.algorithm.clone(), key: key.algorithm_name() });
        }
        self.check_signature(&key)?;
        // Only now is the payload read.
        object("payload", self.payload.clone())
    }

    fn check_signature(&self, key: &PinnedKey) -> Result<(), TokenError> {
        static PROVIDER: Once = Once::new();
        // Left to itself the crate picks one by its features, and panics where another crate turns on a second.
        PROVIDER.call_once(|| {
            let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        });
        let verified =
            jsonwebtoken::crypto::verify(&self.signature, self.signed.as_bytes(), &key.key, key.algorithm);
        if verified.is_ok_and(|is_right| is_right) { Ok(()) } else { Err(TokenError::Signature) }
    }
}

impl Expected<'_> {
    fn accept(&self, claims: BTreeMap<String, Claim>, now: i64) -> Result<VerifiedClaims, TokenError> {
        let issuer = self.issuer(&claims)?;
        let client = self.client(&claims)?;
        let (issued_at, expires_at) = self.times(&claims, now)?;
        let subject = text(&claims, "sub")?;
        if subject.is_empty() || subject.len() > 1_024 {
            return Err(TokenError::Claim { name: "sub", problem: "is empty, or longer than 1,024 bytes" });
        }
        Ok(VerifiedClaims { issuer, subject, client, issued_at, expires_at, claims })
    }

    fn issuer(&self, claims: &BTreeMap<String, Claim>) -> Result<String, TokenError> {
        let found = text(claims, "iss")?;
        if self.issuers.contains(&found) {
            return Ok(found);
        }
        Err(TokenError::Issuer { found, expected: self.issuers.first().cloned().unwrap_or_default() })
    }

    /// Every audience must be a client that is known: of a token for others too, they could be the ones to send it.
    fn client(&self, claims: &BTreeMap<String, Claim>) -> Result<String, TokenError> {
        if let Some(token_use) = self.token_use {
            let (found, expected) = (text(claims, "token_use")?, token_use.as_str());
            if found != expected {
                return Err(TokenError::TokenUse { found, expected });
            }
        }
        let name = if self.token_use == Some(TokenUse::Access) { "client_id" } else { "aud" };
        let none = TokenError::Claim { name, problem: "is no client id" };
        let found = match claims.get(name) {
            Some(Claim::Text(one)) => vec![one.as_str()],
            Some(list @ Claim::List(_)) if name == "aud" => list.list().ok_or(none.clone())?,
            _ => return Err(none),
        };
        if let Some(other) = found.iter().find(|found| !self.clients.iter().any(|client| client == *found)) {
            return Err(TokenError::Audience((*other).to_owned()));
        }
        match (found.as_slice(), claims.get("azp").and_then(Claim::text)) {
            ([], _) => Err(none),
            ([one], _) => Ok((*one).to_owned()),
            (several, Some(azp)) if several.contains(&azp) => Ok(azp.to_owned()),
            _ => Err(TokenError::Claim {
                name: "azp",
                problem: "must say which of the audiences is the client",
            }),
        }
    }

    fn times(&self, claims: &BTreeMap<String, Claim>, now: i64) -> Result<(i64, i64), TokenError> {
        let leeway = i64::from(self.leeway);
        let missing = |name| TokenError::Claim { name, problem: "is absent" };
        let expires_at = seconds(claims, "exp")?.ok_or(missing("exp"))?;
        if now >= expires_at.saturating_add(leeway) {
            return Err(TokenError::Expired { at: expires_at, now });
        }
        let issued_at = seconds(claims, "iat")?.ok_or(missing("iat"))?;
        for (claim, at) in [("nbf", seconds(claims, "nbf")?), ("iat", Some(issued_at))] {
            if let Some(at) = at.filter(|at| *at > now.saturating_add(leeway)) {
                return Err(TokenError::NotYetValid { claim, at, now });
            }
        }
        Ok((issued_at, expires_at))
    }
}

impl TokenUse {
    /// The word in the claim.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Access => "access",
        }
    }
}

fn decode(part: &str, problem: &'static str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).ok().filter(|bytes| !bytes.is_empty()).ok_or(TokenError::Form(problem))
}

pub(super) fn member(header: &BTreeMap<String, Claim>, name: &'static str) -> Result<String, TokenError> {
    header.get(name).and_then(Claim::text).map(str::to_owned).ok_or(TokenError::Header(name))
}

pub(super) fn text(claims: &BTreeMap<String, Claim>, name: &'static str) -> Result<String, TokenError> {
    let problem = "is absent, or no text";
    claims.get(name).and_then(Claim::text).map(str::to_owned).ok_or(TokenError::Claim { name, problem })
}

/// A time in whole seconds; a text, a fraction or an exponent is refused.
pub(super) fn seconds(
    claims: &BTreeMap<String, Claim>,
    name: &'static str,
) -> Result<Option<i64>, TokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Claim::Scalar(text)) if text.parse::<i64>().is_ok_and(|seconds| seconds >= 0) => {
            Ok(text.parse().ok())
        }
        Some(_) => Err(TokenError::Claim { name, problem: "is no whole number of seconds since 1970" }),
    }
}
