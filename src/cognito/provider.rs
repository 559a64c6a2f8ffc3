//! The identity providers of a pool: how each is named in logins, role mappings and `amr`, and what its tokens must be.
//!
//! Follows the Amazon Cognito Developer Guide, "Identity pools third-party identity providers", and the API reference of
//! `GetId` and `SetIdentityPoolRoles`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::text::arn::Arn;

use super::token::TokenUse;

/// A provider of a pool.
///
/// The issuer and the place of the keys follow from the id; they can be set, for stand-ins and for issuers that put
/// their keys elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ProviderKind,
    /// The user pool's id, the ARN of the OIDC provider, the public provider's domain, or the developer provider's name.
    pub id: String,
    /// The client ids (of Facebook: app ids) whose tokens are accepted; none for a developer provider.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<String>,
    /// `iss` of its tokens, where it is another than follows from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// A file with its key set, beside the file of the pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_file: Option<PathBuf>,
    /// Where its key set is fetched from, where it is another place than follows from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
}

/// The kinds of provider. SAML is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// An Amazon Cognito user pool: its ID tokens.
    UserPool,
    /// An `OpenID` Connect provider that is registered in IAM.
    Oidc,
    /// A provider that Cognito knows by its domain ([`PUBLIC`]).
    Public,
    /// The application's own accounts: the caller vouches for a user id.
    Developer,
}

/// How a public provider says who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// By an ID token of this issuer, whose keys are there.
    IdToken(&'static [&'static str], &'static str),
    /// By an opaque access token, which the caller has the provider inspect.
    AccessToken,
}

/// The public providers and the shape of their tokens.
pub const PUBLIC: [(&str, Shape); 6] = [
    (
        "accounts.google.com",
        Shape::IdToken(
            &["https://accounts.google.com", "accounts.google.com"],
            "https://www.googleapis.com/oauth2/v3/certs",
        ),
    ),
    (
        "appleid.apple.com",
        Shape::IdToken(&["https://appleid.apple.com"], "https://appleid.apple.com/auth/keys"),
    ),
    ("graph.facebook.com", Shape::AccessToken),
    ("www.amazon.com", Shape::AccessToken),
    ("api.twitter.com", Shape::AccessToken),
    ("www.digits.com", Shape::AccessToken),
];

impl Provider {
    /// The key of `Logins`, and an entry of `amr`.
    pub fn name(&self, partition: &str) -> String {
        match self.kind {
            ProviderKind::UserPool => {
                let region = self.id.split_once('_').map_or("", |(region, _)| region);
                let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
                format!("cognito-idp.{region}.{suffix}/{}", self.id)
            }
            ProviderKind::Oidc => Arn::parse(&self.id)
                .and_then(|arn| arn.resource().strip_prefix("oidc-provider/"))
                .unwrap_or_default()
                .to_owned(),
            ProviderKind::Public | ProviderKind::Developer => self.id.clone(),
        }
    }

    /// The key of the role mapping for logins through a client.
    pub fn role_mapping_key(&self, partition: &str, client: &str) -> String {
        match self.kind {
            ProviderKind::UserPool => format!("{}:{client}", self.name(partition)),
            ProviderKind::Oidc | ProviderKind::Public | ProviderKind::Developer => self.id.clone(),
        }
    }

    /// The entry of `amr` that names the user.
    pub(super) fn qualifier(&self, partition: &str, pool: &str, user: &str) -> String {
        match self.kind {
            ProviderKind::UserPool => format!("{}:CognitoSignIn:{user}", self.name(partition)),
            ProviderKind::Oidc => format!("{}:OIDC:{user}", self.id),
            ProviderKind::Public => format!("{}:{user}", self.id),
            ProviderKind::Developer => format!("{}:{pool}:{user}", self.id),
        }
    }

    /// The spellings of `iss` that its tokens may have; none if it has no tokens that can be verified.
    pub fn issuers(&self, partition: &str) -> Vec<String> {
        if let Some(issuer) = &self.issuer {
            return vec![issuer.clone()];
        }
        match (self.kind, self.shape()) {
            (ProviderKind::UserPool | ProviderKind::Oidc, _) => {
                vec![format!("https://{}", self.name(partition))]
            }
            (_, Some(Shape::IdToken(issuers, _))) => issuers.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    }

    /// Where its keys are fetched from, if they are not in a file.
    pub fn key_set_url(&self, partition: &str) -> Option<String> {
        match (&self.jwks_url, &self.jwks_file) {
            (Some(url), _) => return Some(url.clone()),
            (None, Some(_)) => return None,
            (None, None) => {}
        }
        match (self.kind, self.shape()) {
            (ProviderKind::UserPool, _) => {
                let issuer = self.issuers(partition).into_iter().next()?;
                Some(format!("{issuer}/.well-known/jwks.json"))
            }
            (_, Some(Shape::IdToken(_, url))) => Some(url.to_owned()),
            _ => None,
        }
    }

    /// Whether logins bring a signed token.
    pub fn has_tokens(&self) -> bool {
        match self.kind {
            ProviderKind::UserPool | ProviderKind::Oidc => true,
            ProviderKind::Public => matches!(self.shape(), Some(Shape::IdToken(..))),
            ProviderKind::Developer => false,
        }
    }

    /// The `token_use` that its tokens must have.
    pub(super) fn token_use(&self) -> Option<TokenUse> {
        (self.kind == ProviderKind::UserPool).then_some(TokenUse::Id)
    }

    /// How a public provider says who somebody is.
    pub(super) fn shape(&self) -> Option<Shape> {
        let is_public = self.kind == ProviderKind::Public;
        PUBLIC.iter().find(|(name, _)| is_public && *name == self.id).map(|(_, shape)| *shape)
    }
}
