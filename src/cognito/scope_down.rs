//! The session policies that guests of the enhanced flow get: what their role allows counts only where these do too.
//!
//! Two documents, of which either is enough: the services that are open to guests, and the managed policy
//! `AmazonCognitoUnAuthedIdentitiesSessionPolicy`. They stand in `policies/guest-scope-down/` with their cases. See the
//! Amazon Cognito Developer Guide, "IAM roles", the section on unauthenticated identities.

use crate::policy::{Document, Kind, Limits, Rejected};

/// The services that guests may use at all.
pub const INLINE: &str = include_str!("../../policies/guest-scope-down/policy.json");

/// What the managed policy adds.
pub const MANAGED: &str = include_str!("../../policies/guest-scope-down/managed.json");

/// Both documents.
///
/// # Errors
/// None in fact: a test reads them.
pub fn documents() -> Result<Vec<Document>, Rejected> {
    let texts = [("guest-scope-down/inline", INLINE), ("guest-scope-down/managed", MANAGED)];
    let parse = |(name, json)| Document::parse(Kind::Session, name, json, &Limits::default());
    texts.into_iter().map(|text| parse(text).map(|parsed| parsed.document)).collect()
}
