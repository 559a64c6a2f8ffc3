//! What a store tells of one thing by its name: a role that can be assumed, a bucket.

use std::path::Path;
use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::text::arn_pattern::ResourceText;

use super::LoadOptions;
use super::build::load;
use super::rejected::Rejected;
use super::snapshot::{Snapshot, Target};

/// A role, as whoever assumes it needs it.
#[derive(Clone, Debug)]
pub struct StoredRole<'s> {
    /// The account that owns it.
    pub account: &'s str,
    /// Its unique id, `AROA…`, if the manifest states it.
    pub unique_id: Option<&'s str>,
    /// Its trust policy.
    pub trust: &'s Arc<CompiledPolicy>,
    /// Its tags.
    pub tags: &'s [(String, String)],
    /// The resource control policies above it, level by level from the root; none if its account has none.
    pub rcps: Vec<Arc<CompiledPolicy>>,
}

/// A group of users.
#[derive(Clone, Debug)]
pub struct StoredGroup<'s> {
    /// The account that owns it.
    pub account: &'s str,
    /// Whether that is the management account of its organization, which SCPs do not bind.
    pub is_in_management_account: bool,
    /// Its policies.
    pub policies: &'s Arc<CompiledPolicy>,
    /// The service control policies above it, level by level from the root; none if its account has none.
    pub scps: Vec<Arc<CompiledPolicy>>,
}

/// A bucket.
#[derive(Clone, Copy, Debug)]
pub struct StoredBucket<'s> {
    /// The account that owns it.
    pub account: &'s str,
    /// Its tags.
    pub tags: &'s [(String, String)],
}

impl Snapshot {
    /// Loads the store in a folder; the time is in seconds since 1970. A [`Store`](super::Store) replaces it by reloads.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn load(folder: &Path, options: &LoadOptions<'_>, now: i64) -> Result<Self, Rejected> {
        load(folder, options, now)
    }

    /// A role by its ARN, with its path.
    pub fn role(&self, arn: &str) -> Option<StoredRole<'_>> {
        let Target::Identity(account, identity) = self.target(arn) else { return None };
        let trust = self.attachment(identity.trust?)?;
        let rcps = account.rcps.iter().flatten().filter_map(|number| self.attachment(*number).cloned());
        Some(StoredRole {
            account: &account.id,
            unique_id: identity.unique_id.as_deref(),
            trust,
            tags: &identity.tags,
            rcps: rcps.collect(),
        })
    }

    /// A group by its ARN, with its path.
    pub fn group(&self, arn: &str) -> Option<StoredGroup<'_>> {
        let group = self.groups.get(arn)?;
        let account = self.account(group.account)?;
        let scps = account.scps.iter().flatten().filter_map(|number| self.attachment(*number).cloned());
        Some(StoredGroup {
            account: &account.id,
            is_in_management_account: account.is_management,
            policies: self.attachment(group.policies)?,
            scps: scps.collect(),
        })
    }

    /// Whether a role of an ARN has a unique id; `None` if there is no such role. Asked before policies are there.
    #[cfg(feature = "cognito")]
    pub(super) fn has_role(&self, arn: &str) -> Option<bool> {
        match self.target(arn) {
            Target::Identity(_, identity) if identity.trust.is_some() => Some(identity.unique_id.is_some()),
            _ => None,
        }
    }

    /// A bucket by its name, in a partition such as `aws`.
    pub fn bucket(&self, partition: &str, name: &str) -> Option<StoredBucket<'_>> {
        let arn = format!("arn:{partition}:s3:::{name}");
        match self.target(&arn) {
            Target::Resource(account, resource) if !ResourceText::new(&arn).field(5).contains('/') => {
                Some(StoredBucket { account: &account.id, tags: &resource.tags })
            }
            _ => None,
        }
    }
}
