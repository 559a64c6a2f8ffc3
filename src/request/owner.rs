//! Who owns the resource, and whether its policy must allow by itself.

use crate::text::arn::is_account_id;
use crate::text::arn_pattern::ResourceText;

use super::action::ActionText;

/// The resource owner's account: an input, since an S3 ARN does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// This account, twelve digits.
    Account(&'a str),
    /// Not known: allowed only if both the same-account and the cross-account rules allow.
    Unknown,
    /// Nobody: the request is on `*`.
    Nobody,
}

impl<'a> Owner<'a> {
    /// The owner that an ARN tells by its account field, else [`Owner::Unknown`].
    pub fn of_resource(resource: &'a str) -> Self {
        let account = ResourceText::new(resource).field(4);
        if is_account_id(account) { Self::Account(account) } else { Self::Unknown }
    }
}

/// Whether an identity-based policy alone can allow in the same account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourcePolicyMode {
    /// It can.
    Default,
    /// The resource-based policy must allow: role trust policies, KMS key policies.
    MustAllow,
}

impl ResourcePolicyMode {
    /// The mode that an action has of itself: role assumption on a role, and anything on a KMS key, must be allowed
    /// by the resource's own policy.
    pub fn of(action: &ActionText<'_>, resource: &ResourceText<'_>) -> Self {
        let on_key =
            action.service() == "kms" && resource.field(2) == "kms" && resource.field(5).starts_with("key/");
        if on_key || is_role_assumption(action, resource) { Self::MustAllow } else { Self::Default }
    }
}

/// Whether the request is one that a role's trust policy governs.
pub fn is_role_assumption(action: &ActionText<'_>, resource: &ResourceText<'_>) -> bool {
    if !action.is_of_sts() {
        return false;
    }
    let name = action.name();
    let governed = name.starts_with("assumerole") || name == "tagsession" || name == "setsourceidentity";
    governed && resource.field(2) == "iam" && resource.field(5).starts_with("role/")
}
