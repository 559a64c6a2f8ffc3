//! AWS's size quotas. Over one of them is a warning: AWS's own managed policies exceed those of its customers.
//!
//! Follows the IAM User Guide, "IAM and AWS STS quotas", and "Quotas for AWS Organizations".

use crate::text::diagnostic::{Diagnostic, codes};
use crate::text::span::Span;

use super::Kind;

/// Characters, and whether white space counts.
fn quota(kind: Kind) -> (usize, bool) {
    match kind {
        Kind::Identity | Kind::PermissionsBoundary => (6_144, false),
        Kind::Session => (2_048, true),
        Kind::Trust | Kind::TrustInUse => (4_096, false),
        Kind::Scp | Kind::Rcp => (5_120, false),
        Kind::Resource | Kind::VpcEndpoint => (20_480, true),
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
    let (limit, with_space) = quota(kind);
    if text.len() <= limit {
        return None;
    }
    let size = characters(text, with_space);
    (size > limit).then(|| {
        let message = format!("the {} has {size} characters, over AWS's quota of {limit}", kind.title());
        Diagnostic::warning(codes::POLICY_SIZE_EXCEEDS_QUOTA, Span::default(), message)
            .with_help("AWS would refuse to store it; split it or shorten it with wildcards")
    })
}
