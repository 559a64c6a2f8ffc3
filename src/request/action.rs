//! One concrete action, `service:Name`, folded and hashed.

use crate::text::hash::{hash_bytes, hash_lower};

/// An action as asked: its text, its lower-case form, and the hashes that find its statements.
#[derive(Clone, Debug)]
pub struct ActionText<'a> {
    text: &'a str,
    folded: String,
    colon: usize,
    hash: u64,
}

/// The bytes of `[A-Za-z0-9-]`. PERF: every request asks.
#[allow(clippy::indexing_slicing, reason = "the compiler runs it")]
const WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        word[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'-';
        byte += 1;
    }
    word
};

impl<'a> ActionText<'a> {
    /// Reads one concrete action: a service of `[A-Za-z0-9-]`, a colon, a name of `[A-Za-z0-9_-]`.
    pub fn parse(text: &'a str) -> Option<Self> {
        Self::parse_in(String::new(), text)
    }

    /// The same, the lower-case form in a text that was used before.
    #[inline]
    pub fn parse_in(mut folded: String, text: &'a str) -> Option<Self> {
        let colon = fold(&mut folded, text)?;
        // PERF: of the text, not of what was just written, which would have to be waited for.
        Some(Self { text, folded, colon, hash: hash_lower(text.as_bytes()) })
    }

    /// The text of the lower-case form, to be used again.
    #[inline]
    pub(super) fn into_buffer(self) -> String {
        self.folded
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

    /// Whether it is an action of `sts`, some of which have rules of their own.
    pub fn is_of_sts(&self) -> bool {
        self.folded.starts_with("sts:")
    }

    /// Hash of the whole action.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Hash of the service.
    pub fn service_hash(&self) -> u64 {
        hash_bytes(self.service().as_bytes())
    }
}

/// Writes the lower-case form and gives where the colon stands; `None` for a text that is no concrete action.
fn fold(folded: &mut String, text: &str) -> Option<usize> {
    let word = |byte: &u8| WORD.get(usize::from(*byte)).is_some_and(|is| *is);
    let colon = text.as_bytes().iter().position(|byte| !word(byte))?;
    let (service, rest) = text.as_bytes().split_at_checked(colon)?;
    let (separator, name) = rest.split_first()?;
    let is_name = !name.is_empty() && name.iter().all(|byte| word(byte) || *byte == b'_');
    if *separator != b':' || service.is_empty() || !is_name {
        return None;
    }
    folded.clear();
    folded.push_str(text);
    folded.make_ascii_lowercase();
    Some(colon)
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
