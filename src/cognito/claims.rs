//! Claims: the payload of a token whose signature was verified, or what a provider told about an opaque token.

use std::collections::BTreeMap;

use crate::text::diagnostic::codes;
use crate::text::json::{self, JsonLimits, Node, Value};

use super::token::TokenError;

/// A claim's value. Numbers and booleans keep their text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A string.
    Text(String),
    /// A number or a boolean, as written.
    Scalar(String),
    /// A list.
    List(Vec<Claim>),
    /// An object.
    Object(BTreeMap<String, Claim>),
    /// `null`
    Null,
}

/// Claims that were verified. There is no way to have them but through
/// [`UnverifiedToken::verify`](super::UnverifiedToken::verify).
#[derive(Clone, Debug)]
pub struct VerifiedClaims {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) client: String,
    pub(super) issued_at: i64,
    pub(super) expires_at: i64,
    pub(super) claims: BTreeMap<String, Claim>,
}

impl Claim {
    /// The string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string, number or boolean.
    pub fn scalar(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of a list of strings, numbers and booleans.
    pub fn list(&self) -> Option<Vec<&str>> {
        match self {
            Self::List(items) => items.iter().map(Self::scalar).collect(),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn object(&self) -> Option<&BTreeMap<String, Claim>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    fn of(node: Node<'_>) -> Self {
        match node.value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Scalar(value.to_string()),
            Value::Number(text) => Self::Scalar(text.to_owned()),
            Value::String(text) => Self::Text(text.into_owned()),
            Value::Array(items) => Self::List(items.into_iter().map(Self::of).collect()),
            Value::Object(members) => Self::Object(
                members.into_iter().map(|one| (one.key.into_owned(), Self::of(one.value))).collect(),
            ),
        }
    }
}

impl From<&str> for Claim {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl VerifiedClaims {
    /// `iss`
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `sub`
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The client id: `aud`, or `client_id` of an access token.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// `iat`
    pub fn issued_at(&self) -> i64 {
        self.issued_at
    }

    /// `exp`
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// A claim.
    pub fn get(&self, name: &str) -> Option<&Claim> {
        self.claims.get(name)
    }
}

/// The members of a JSON object that came from outside: within limits, none twice.
pub(super) fn object(part: &'static str, bytes: Vec<u8>) -> Result<BTreeMap<String, Claim>, TokenError> {
    let bad = |problem: String| TokenError::Json { part, problem };
    let text = String::from_utf8(bytes).map_err(|_| bad("it is not UTF-8".to_owned()))?;
    let limits = JsonLimits { bytes: text.len(), depth: 8, string: text.len() };
    let (node, problems) = json::parse(&text, &limits);
    if let Some(problem) = problems.into_iter().next() {
        let is_twice = problem.code == codes::DUPLICATE_KEY;
        return Err(if is_twice {
            TokenError::Duplicate { part, problem: problem.message }
        } else {
            bad(problem.message)
        });
    }
    match node.map(Claim::of) {
        Some(Claim::Object(members)) => Ok(members),
        _ => Err(bad("it is no object".to_owned())),
    }
}
