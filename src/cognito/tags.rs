//! Principal tags: which claims of a login become session tags, and the limits on them.
//!
//! Follows the Amazon Cognito Developer Guide, "Using attributes for access control", and the IAM User Guide, "Passing
//! session tags in AWS STS".

use std::collections::BTreeMap;

use crate::text::diagnostic::excerpt;
use crate::text::fold::eq_folded;

use super::login::Login;
use super::pool::TagMap;

/// Tags of a session.
pub const MAX_TAGS: usize = 50;
/// Bytes of all keys and values that are mapped from claims.
pub const MAX_MAPPED_BYTES: usize = 460;
/// Characters of a key.
const MAX_KEY: usize = 128;
/// Characters of a value.
const MAX_VALUE: usize = 256;

/// Why tags are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TagError {
    /// A key that no tag may have.
    #[error("the tag key {} {problem}", excerpt(.key))]
    Key {
        /// The key.
        key: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A value that no tag may have.
    #[error("the value of the tag {} {problem}", excerpt(.key))]
    Value {
        /// The tag's key.
        key: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// Two keys that differ in case only, or two values for one key.
    #[error("the tag {} has two values: which of them counts is ambiguous", excerpt(.0))]
    Ambiguous(String),
    /// Too many.
    #[error("there are more than {MAX_TAGS} tags")]
    TooMany,
    /// Too long together.
    #[error("the tags mapped from claims have more than {MAX_MAPPED_BYTES} bytes together")]
    TooLong,
}

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// Whether a text can be a tag's key.
///
/// # Errors
/// What is wrong with it.
pub fn check_key(key: &str) -> Result<(), TagError> {
    let bad = |problem| Err(TagError::Key { key: key.to_owned(), problem });
    if !(1..=MAX_KEY).contains(&key.chars().count()) {
        return bad("has not 1 to 128 characters");
    }
    if !key.chars().all(is_allowed) {
        return bad("has a character that is no letter, digit, space or one of `_.:/=+-@`");
    }
    if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        return bad("begins with `aws:`, which is AWS's own");
    }
    Ok(())
}

/// Whether these can be the tags of a session.
///
/// # Errors
/// The first thing that is wrong with them.
pub fn check(tags: &Tags) -> Result<(), TagError> {
    if tags.len() > MAX_TAGS {
        return Err(TagError::TooMany);
    }
    for (number, (key, value)) in tags.iter().enumerate() {
        check_key(key)?;
        let bad = |problem| Err(TagError::Value { key: key.clone(), problem });
        if value.chars().count() > MAX_VALUE {
            return bad("has more than 256 characters");
        }
        if !value.chars().all(is_allowed) {
            return bad("has a character that is no letter, digit, space or one of `_.:/=+-@`");
        }
        if tags.keys().take(number).any(|other| eq_folded(other, key)) {
            return Err(TagError::Ambiguous(key.clone()));
        }
    }
    Ok(())
}

/// The tags that the logins' claims make. A claim that is absent makes none.
pub(super) fn mapped(logins: &[Login], maps: &BTreeMap<String, TagMap>) -> Result<Tags, TagError> {
    let mut tags = Tags::new();
    for login in logins {
        let Some(map) = maps.get(login.provider()) else { continue };
        let defaults = [("username", login.user_id()), ("client", login.client())];
        let defaults = defaults.into_iter().filter(|(_, value)| map.use_defaults && !value.is_empty());
        for (key, value) in defaults {
            add(&mut tags, key, value)?;
        }
        for (key, name) in &map.tags {
            let Some(claim) = login.claim(name) else { continue };
            let problem = "is to come from a claim that is no single text, number or boolean";
            let value = claim.scalar().ok_or_else(|| TagError::Value { key: key.clone(), problem })?;
            add(&mut tags, key, value)?;
        }
    }
    let bytes: usize = tags.iter().map(|(key, value)| key.len().saturating_add(value.len())).sum();
    if bytes > MAX_MAPPED_BYTES {
        return Err(TagError::TooLong);
    }
    check(&tags)?;
    Ok(tags)
}

/// A role's tags with a session's over them: of one key the session's counts.
pub(super) fn overlaid(role: &Tags, session: &Tags) -> Tags {
    let kept = role.iter().filter(|(key, _)| !session.keys().any(|own| eq_folded(own, key)));
    kept.chain(session).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn add(tags: &mut Tags, key: &str, value: &str) -> Result<(), TagError> {
    match tags.insert(key.to_owned(), value.to_owned()) {
        Some(other) if other != value => Err(TagError::Ambiguous(key.to_owned())),
        _ => Ok(()),
    }
}

fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
}
