//! What an identity pool vouches for: an identity, how it signed in, and its tags. In AWS this is the pool's `OpenID` token;
//! here it is a value that only a pool can make, or a token of Cognito's that was verified.

use std::collections::BTreeMap;

use super::COGNITO;
use super::claims::{Claim, VerifiedClaims};
use super::jwks::KeySource;
use super::login::Login;
use super::pool::Pool;
use super::tags::{self, TagError, Tags};
use super::token::{Expected, TokenError, UnverifiedToken};

/// The issuer of Cognito's own tokens.
pub const ISSUER: &str = "https://cognito-identity.amazonaws.com";

/// The claim with session tags.
const TAGS_CLAIM: &str = "https://aws.amazon.com/tags";

/// A vouched identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebIdentity {
    pub(super) pool: String,
    pub(super) identity: String,
    pub(super) amr: Vec<String>,
    pub(super) tags: Tags,
    pub(super) transitive: Vec<String>,
    pub(super) issued_at: i64,
    pub(super) expires_at: i64,
}

/// Why a token of Cognito's does not vouch for anybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebIdentityError {
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Its tags are refused.
    #[error("the token's tags are refused: {0}")]
    Tags(#[from] TagError),
}

impl WebIdentity {
    /// Reads a token of Cognito's own (`GetOpenIdToken`) for a pool.
    ///
    /// # Errors
    /// The token is refused, or says something that no token of the pool says.
    pub fn verify(
        pool: &Pool,
        token: &UnverifiedToken,
        keys: &dyn KeySource,
        now: i64,
    ) -> Result<Self, WebIdentityError> {
        let issuers = [ISSUER.to_owned()];
        let clients = [pool.id.clone()];
        let expected =
            Expected { issuers: &issuers, clients: &clients, token_use: None, leeway: pool.leeway_seconds };
        Self::read(token.verify(&expected, keys, now)?)
    }

    /// Of a pool that verified the logins of an identity.
    pub(super) fn new(
        pool: &Pool,
        identity: String,
        logins: &[Login],
        tags: Tags,
        now: i64,
        seconds: i64,
    ) -> Self {
        Self {
            pool: pool.id.clone(),
            identity,
            amr: amr(logins),
            tags,
            transitive: Vec::new(),
            issued_at: now,
            expires_at: now.saturating_add(seconds),
        }
    }

    fn read(claims: VerifiedClaims) -> Result<Self, WebIdentityError> {
        let bad = |name, problem| TokenError::Claim { name, problem };
        if !is_identity_id(&claims.subject) {
            return Err(bad("sub", "is no identity id").into());
        }
        let amr = claims.get("amr").and_then(Claim::list).unwrap_or_default();
        let is_one = matches!(amr.first(), Some(&"authenticated")) || amr == ["unauthenticated"];
        if !is_one {
            return Err(bad("amr", "is neither of a guest nor of a signed-in identity").into());
        }
        let amr = amr.into_iter().map(str::to_owned).collect();
        let (tags, transitive) = match claims.get(TAGS_CLAIM) {
            Some(claim) => session_tags(claim).ok_or(bad(TAGS_CLAIM, "is not the claim of session tags"))?,
            None => (Tags::new(), Vec::new()),
        };
        tags::check(&tags)?;
        let VerifiedClaims { client, subject, issued_at, expires_at, .. } = claims;
        Ok(Self { pool: client, identity: subject, amr, tags, transitive, issued_at, expires_at })
    }

    /// The pool's id: `aud`.
    pub fn pool(&self) -> &str {
        &self.pool
    }

    /// The identity's id: `sub`.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// How it signed in: `amr`.
    pub fn amr(&self) -> &[String] {
        &self.amr
    }

    /// Session tags.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// When it was vouched for.
    pub fn issued_at(&self) -> i64 {
        self.issued_at
    }

    /// Until when a role can be assumed with it.
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// Whether it is signed in, and no guest.
    pub fn is_authenticated(&self) -> bool {
        self.amr.first().is_some_and(|first| first == "authenticated")
    }

    /// The claims that Cognito's token for it has, for a surface that signs one.
    pub fn claims(&self, pool: &Pool) -> serde_json::Value {
        let mut claims = serde_json::json!({
            "iss": ISSUER, "aud": self.pool, "sub": self.identity, "amr": self.amr,
            "iat": self.issued_at, "exp": self.expires_at,
        });
        if let Some(claims) = claims.as_object_mut() {
            claims.insert(format!("https://{COGNITO}/identity-pool-arn"), pool.arn().into());
            if !self.tags.is_empty() {
                let tags: BTreeMap<_, _> = self.tags.iter().map(|(key, value)| (key, [value])).collect();
                claims.insert(TAGS_CLAIM.to_owned(), serde_json::json!({ "principal_tags": tags }));
            }
        }
        claims
    }
}

/// Whether a text is `REGION:GUID`, of a pool or an identity.
pub fn is_identity_id(text: &str) -> bool {
    let is_region = |region: &str| {
        !region.is_empty()
            && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let is_guid = |guid: &str| {
        !guid.is_empty() && guid.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
    };
    text.len() <= 55 && text.split_once(':').is_some_and(|(region, guid)| is_region(region) && is_guid(guid))
}

fn amr(logins: &[Login]) -> Vec<String> {
    if logins.is_empty() {
        return vec!["unauthenticated".to_owned()];
    }
    let each = logins.iter().flat_map(|login| [login.provider(), login.qualifier()]);
    std::iter::once("authenticated").chain(each).map(str::to_owned).collect()
}

/// `{"principal_tags": {KEY: [VALUE]}, "transitive_tag_keys": [KEY]}`
fn session_tags(claim: &Claim) -> Option<(Tags, Vec<String>)> {
    let members = claim.object()?;
    if members.keys().any(|name| !["principal_tags", "transitive_tag_keys"].contains(&name.as_str())) {
        return None;
    }
    let mut tags = Tags::new();
    for (key, value) in members.get("principal_tags").map_or(Some(&BTreeMap::new()), Claim::object)? {
        let [value] = value.list()?.try_into().ok()?;
        tags.insert(key.clone(), str::to_owned(value));
    }
    let transitive = members.get("transitive_tag_keys").map_or(Some(Vec::new()), Claim::list)?;
    Some((tags, transitive.into_iter().map(str::to_owned).collect()))
}
