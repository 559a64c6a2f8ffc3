//! AWS's size quotas. Over one of them is a warning: AWS's own managed policies exceed those of its customers.
//!
//! Follows the IAM User Guide, "IAM and AWS STS quotas", and "Quotas for AWS Organizations".

use crate::text::diagnostic::{Diagnostic, codes};
use crate::text::span::Span;

use super::Kind;

/// How large a policy is, as AWS counts it for its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The characters that count.
    pub characters: usize,
    /// The most that AWS stores.
    pub quota: usize,
    /// Whether white space counts.
    pub white_space: WhiteSpace,
}

/// Whether white space counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhiteSpace {
    /// It does.
    Counted,
    /// It does not.
    NotCounted,
    /// It does where the API saves the policy; the console strips it. Not counted here.
    CountedByApi,
}

impl Size {
    /// The size of a text as a policy of a kind.
    pub fn of(kind: Kind, text: &str) -> Self {
        let (quota, white_space) = quota(kind);
        Self { characters: characters(text, white_space == WhiteSpace::Counted), quota, white_space }
    }

    /// Whether AWS would refuse to store it.
    pub fn is_over(self) -> bool {
        self.characters > self.quota
    }
}

impl WhiteSpace {
    /// In a few words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Counted => "white space counted",
            Self::NotCounted => "white space not counted",
            Self::CountedByApi => "white space not counted, as the console saves it; the API counts it",
        }
    }
}

/// Characters, and whether white space counts.
fn quota(kind: Kind) -> (usize, WhiteSpace) {
    match kind {
        Kind::Identity | Kind::PermissionsBoundary => (6_144, WhiteSpace::NotCounted),
        Kind::Session => (2_048, WhiteSpace::Counted),
        Kind::Trust | Kind::TrustInUse => (4_096, WhiteSpace::NotCounted),
        Kind::Scp | Kind::Rcp => (5_120, WhiteSpace::CountedByApi),
        Kind::Resource | Kind::VpcEndpoint => (20_480, WhiteSpace::Counted),
    }
}

/// How many characters count.
fn characters(text: &str, with_space: bool) -> usize {
    if with_space {
        return text.chars().count();
    }
    if text.is_ascii() {
        // PERF: one byte a character, counted in bytes so that many are at once. These are all that ASCII has of
        // white space.
        let counted = |byte: &u8| u8::from(!matches!(byte, b'\t'..=b'\r' | b' '));
        let chunks = text.as_bytes().chunks(usize::from(u8::MAX));
        return chunks.map(|chunk| usize::from(chunk.iter().map(counted).sum::<u8>())).sum();
    }
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// The warning for a document over its kind's quota.
pub(super) fn check(kind: Kind, text: &str) -> Option<Diagnostic> {
    // PERF: nearly all are, and need not be counted.
    if text.len() <= quota(kind).0 {
        return None;
    }
    let size = Size::of(kind, text);
    size.is_over().then(|| {
        let Size { characters, quota, .. } = size;
        let message =
            format!("the {} has {characters} characters, over AWS's quota of {quota}", kind.title());
        Diagnostic::warning(codes::POLICY_SIZE_EXCEEDS_QUOTA, Span::default(), message)
            .with_help("AWS would refuse to store it; split it or shorten it with wildcards")
    })
}
