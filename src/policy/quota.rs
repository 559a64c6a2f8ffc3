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

/// The warning for a document over its kind's quota.
pub(super) fn check(kind: Kind, text: &str) -> Option<Diagnostic> {
    let (limit, with_space) = quota(kind);
    if text.len() <= limit {
        return None;
    }
    let size = text.chars().filter(|c| with_space || !c.is_whitespace()).count();
    (size > limit).then(|| {
        let message = format!("the {} has {size} characters, over AWS's quota of {limit}", kind.title());
        Diagnostic::warning(codes::POLICY_SIZE_EXCEEDS_QUOTA, Span::default(), message)
            .with_help("AWS would refuse to store it; split it or shorten it with wildcards")
    })
}
