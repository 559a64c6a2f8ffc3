//! One concrete action, `service:Name`, folded and hashed.

use std::borrow::Cow;

use crate::text::fold::folded_hash;

/// An action as asked: its text, its lower-case form, and the hashes that find its statements.
#[derive(Clone, Debug)]
pub struct ActionText<'a> {
    text: &'a str,
    folded: Cow<'a, str>,
    colon: usize,
    hash: u64,
    service_hash: u64,
}

impl<'a> ActionText<'a> {
    /// Reads one concrete action: a service of `[A-Za-z0-9-]`, a colon, a name of `[A-Za-z0-9_-]`.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (service, name) = text.split_once(':')?;
        let word = |text: &str, extra: char| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == extra)
        };
        if !word(service, '-') || !word(name, '_') {
            return None;
        }
        let folded = if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
        let (hash, service_hash) = (folded_hash(text), folded_hash(service));
        Some(Self { text, folded, colon: service.len(), hash, service_hash })
    }

    /// As the caller wrote it.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// In lower case.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The service, in lower case.
    pub fn service(&self) -> &str {
        self.folded.get(..self.colon).unwrap_or_default()
    }

    /// The name after the colon, in lower case.
    pub fn name(&self) -> &str {
        self.folded.get(self.colon.saturating_add(1)..).unwrap_or_default()
    }

    /// Hash of the whole action.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Hash of the service.
    pub fn service_hash(&self) -> u64 {
        self.service_hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concrete_actions_only() {
        let action = ActionText::parse("S3:GetObject").unwrap();
        assert_eq!((action.service(), action.name(), action.text()), ("s3", "getobject", "S3:GetObject"));
        assert_eq!(action.hash(), ActionText::parse("s3:getOBJECT").unwrap().hash());
        for text in ["", "s3", "s3:", ":Get", "s3:Get*", "s3:Get Object", "s3:a:b", "s3:Gét", "*"] {
            assert!(ActionText::parse(text).is_none(), "{text}");
        }
    }
}
