//! Layers for engines that know only one: each layer is decided by itself, and the answers are put together as IAM
//! does it for callers and resources of one account.

use verdikt::Kind;

use super::Answer;

/// A Deny anywhere denies; then the resource's policy or the caller's must allow, and every other layer too.
pub(super) fn combine<L>(layers: &[(Kind, L)], mut decide: impl FnMut(&L) -> Answer) -> Answer {
    let (mut granted, mut within_limits) = (false, true);
    for (kind, layer) in layers {
        let answer = decide(layer);
        if matches!(answer, Answer::ExplicitDeny | Answer::Failed) {
            return answer;
        }
        let allowed = answer == Answer::Allowed;
        match kind {
            Kind::Identity | Kind::Resource => granted |= allowed,
            _ => within_limits &= allowed,
        }
    }
    if granted && within_limits { Answer::Allowed } else { Answer::ImplicitDeny }
}
