//! What a store holds at one moment: who and what there is, and which policies are attached to it. It never changes; a
//! reload makes another.

use std::collections::HashMap;
use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::request::{Principal, PrincipalKind};
use crate::text::arn_pattern::ResourceText;
use crate::text::source::Source;

use super::authzen::Authzen;
use super::error::StoreError;
use super::governing::Governing;
use super::manifest::TableSchema;
use super::names::Names;
use super::pools::KeySet;
use super::rejected::Refused;
use super::revision::Revision;
use super::uses::Attachment;

/// A store at one moment.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) revision: Revision,
    /// Seconds since 1970.
    pub(super) loaded_at: i64,
    pub(super) organization: Option<Box<str>>,
    pub(super) accounts: Vec<Account>,
    pub(super) account_numbers: Names,
    pub(super) identities: Vec<Identity>,
    pub(super) resources: Vec<Resource>,
    /// By their ARNs.
    pub(super) resource_numbers: Names,
    /// By their ARNs.
    pub(super) groups: HashMap<Box<str>, Group>,
    pub(super) endpoints: HashMap<Box<str>, Endpoint>,
    pub(super) pools: Vec<IdentityPool>,
    pub(super) authzen: Option<Authzen>,
    pub(super) attachments: Vec<Arc<CompiledPolicy>>,
    pub(super) warnings: Vec<Refused>,
}

/// An account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: Box<str>,
    pub(super) partition: Box<str>,
    /// `o-x/r-x/ou-x/`, in an organization.
    pub(super) path: Option<Box<str>>,
    pub(super) is_management: bool,
    pub(super) scps: Option<Box<[Attachment]>>,
    pub(super) rcps: Option<Box<[Attachment]>>,
    /// By the name without its path, which is an account's once.
    pub(super) roles: Names,
    pub(super) users: Names,
}

/// A role or a user.
#[derive(Debug)]
pub(super) struct Identity {
    /// `/` or `/…/`
    pub(super) path: Box<str>,
    pub(super) unique_id: Option<Box<str>>,
    pub(super) is_service_linked: bool,
    pub(super) policies: Attachment,
    pub(super) boundary: Option<Attachment>,
    /// Of a role.
    pub(super) trust: Option<Attachment>,
    pub(super) tags: Tags,
}

/// A group of users.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) account: u32,
    pub(super) policies: Attachment,
}

/// Tags, by their keys.
pub(super) type Tags = Box<[(String, String)]>;

/// A resource.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) account: u32,
    pub(super) policy: Option<Attachment>,
    pub(super) tags: Tags,
    pub(super) table: Option<Box<TableSchema>>,
}

/// A VPC endpoint.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) id: Box<str>,
    pub(super) account: u32,
    pub(super) vpc: Option<Box<str>>,
    pub(super) policy: Option<Attachment>,
}

/// An identity pool of the manifest.
#[derive(Clone, Debug)]
pub struct IdentityPool {
    /// Its id, `REGION:GUID`.
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// The text of its configuration, as the file has it.
    pub config: Source,
    /// The key sets that it names by file.
    pub key_sets: Vec<KeySet>,
}

/// How much there is in a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accounts.
    pub accounts: usize,
    /// Roles and users.
    pub identities: usize,
    /// Buckets, tables and other resources.
    pub resources: usize,
    /// VPC endpoints.
    pub vpc_endpoints: usize,
    /// Identity pools.
    pub identity_pools: usize,
    /// Attachments: distinct lists of policy files, each compiled once.
    pub attachments: usize,
}

/// Who asks, as the store knows them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Caller<'s> {
    pub(super) account: Option<&'s Account>,
    pub(super) identity: Option<&'s Identity>,
}

/// What is asked for, as the store knows it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'s> {
    /// `*`
    Nothing,
    /// Not in the store.
    Unknown,
    /// A bucket or one of its objects, a table or what is under it, or another resource.
    Resource(&'s Account, &'s Resource),
    /// A role or user.
    Identity(&'s Account, &'s Identity),
}

impl Snapshot {
    /// What it was made of.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Seconds since it was loaded, by the clock that the caller reads.
    pub fn age(&self, now: i64) -> i64 {
        now.saturating_sub(self.loaded_at).max(0)
    }

    /// How much there is.
    pub fn counts(&self) -> Counts {
        Counts {
            accounts: self.accounts.len(),
            identities: self.identities.len(),
            resources: self.resources.len(),
            vpc_endpoints: self.endpoints.len(),
            identity_pools: self.pools.len(),
            attachments: self.attachments.len(),
        }
    }

    /// Files that were accepted with warnings.
    pub fn warnings(&self) -> &[Refused] {
        &self.warnings
    }

    /// The identity pools.
    pub fn identity_pools(&self) -> &[IdentityPool] {
        &self.pools
    }

    /// What is asked by `AuthZEN`, if anything.
    pub fn authzen(&self) -> Option<&Authzen> {
        self.authzen.as_ref()
    }

    /// The keys of a table and of its indexes, by its ARN or that of anything under it.
    pub fn table_schema(&self, arn: &str) -> Option<&TableSchema> {
        match self.target(arn) {
            Target::Resource(_, resource) => resource.table.as_deref(),
            _ => None,
        }
    }

    /// Which policies govern a principal and a resource; takes the same time whatever the store holds.
    ///
    /// A resource that the store does not have is nobody's that it knows: its owner is unknown and it has no policy, so
    /// that every request of it is denied.
    ///
    /// # Errors
    /// The principal is not in the store, or something stated of it is otherwise there.
    pub fn governing<'s>(
        &'s self,
        principal: &Principal,
        resource: &'s str,
    ) -> Result<Governing<'s>, StoreError> {
        Ok(Governing::new(self, self.caller(principal)?, self.target(resource), resource))
    }

    /// The principal with the facts that the store has of it: a session's role path, the unique id, whether it is a
    /// service-linked role, whether it is in the management account.
    ///
    /// # Errors
    /// As [`governing`](Self::governing).
    pub fn principal(&self, principal: &Principal) -> Result<Principal, StoreError> {
        let caller = self.caller(principal)?;
        let mut known = principal.clone();
        if let Some(identity) = caller.identity.filter(|_| principal.kind() != PrincipalKind::FederatedUser) {
            if principal.kind() == PrincipalKind::RoleSession {
                known = known.with_role_path(&identity.path)?;
            }
            if let Some(id) = &identity.unique_id {
                known = known.with_unique_id(id)?;
            }
            known = known.with_service_linked(identity.is_service_linked)?;
        }
        let is_management = caller.account.is_some_and(|account| account.is_management);
        Ok(known.with_management_account(is_management))
    }

    /// Gives back the memory that was kept for more.
    pub(super) fn shrink(&mut self) {
        self.identities.shrink_to_fit();
        self.resources.shrink_to_fit();
        self.resource_numbers.shrink();
        for account in &mut self.accounts {
            account.roles.shrink();
            account.users.shrink();
        }
    }

    /// An attachment; every number of a snapshot is one.
    pub(super) fn attachment(&self, number: Attachment) -> Option<&Arc<CompiledPolicy>> {
        self.attachments.get(number as usize)
    }

    pub(super) fn account(&self, number: u32) -> Option<&Account> {
        self.accounts.get(number as usize)
    }

    pub(super) fn account_by_id(&self, id: &str) -> Option<&Account> {
        self.account(self.account_numbers.get(id)?)
    }

    pub(super) fn caller(&self, principal: &Principal) -> Result<Caller<'_>, StoreError> {
        let unknown = || StoreError::UnknownPrincipal(principal.text().to_owned());
        let Some(account) = principal.account() else { return Ok(Caller::default()) };
        let account =
            self.account_by_id(account).filter(|account| *account.partition == *principal.partition());
        let account = account.ok_or_else(unknown)?;
        if principal.is_in_management_account() && !account.is_management {
            return Err(StoreError::Fact {
                principal: principal.text().to_owned(),
                fact: "management account",
            });
        }
        let identity = match principal.kind() {
            PrincipalKind::Role | PrincipalKind::RoleSession => Some(
                self.identity(account.roles.get(principal.friendly_name()), principal).ok_or_else(unknown)?,
            ),
            PrincipalKind::User => Some(
                self.identity(account.users.get(principal.friendly_name()), principal).ok_or_else(unknown)?,
            ),
            PrincipalKind::FederatedUser => match principal.federating_user() {
                Some(user) => Some(self.user(account, user).ok_or_else(unknown)?),
                None => None,
            },
            _ => None,
        };
        if let Some(identity) = identity {
            identity.check(principal)?;
        }
        Ok(Caller { account: Some(account), identity })
    }

    /// The role or user with a number, if its path is that of the principal.
    fn identity(&self, number: Option<u32>, principal: &Principal) -> Option<&Identity> {
        let identity = self.identities.get(number? as usize)?;
        let has_path = match principal.kind() {
            // An assumed-role ARN has no path.
            PrincipalKind::RoleSession => true,
            _ => is_path(&identity.path, principal.name()),
        };
        has_path.then_some(identity)
    }

    fn user<'s>(&'s self, account: &'s Account, arn: &str) -> Option<&'s Identity> {
        let name = ResourceText::new(arn).field(5).strip_prefix("user/")?;
        let friendly = name.rsplit('/').next().unwrap_or(name);
        let identity = self.identities.get(account.users.get(friendly)? as usize)?;
        is_path(&identity.path, name).then_some(identity)
    }

    pub(super) fn target(&self, resource: &str) -> Target<'_> {
        if resource == "*" {
            return Target::Nothing;
        }
        let arn = ResourceText::new(resource);
        if !arn.is_arn() {
            return Target::Unknown;
        }
        let found = match arn.field(2) {
            "iam" => return self.target_identity(&arn).unwrap_or(Target::Unknown),
            "s3" if arn.field(3).is_empty() && arn.field(4).is_empty() => self.resource(head(&arn, 1)),
            "dynamodb" => self.resource(resource).or_else(|| self.resource(head(&arn, 2))),
            _ => self.resource(resource),
        };
        let known =
            found.and_then(|resource| Some(Target::Resource(self.account(resource.account)?, resource)));
        known.unwrap_or(Target::Unknown)
    }

    /// A resource by its whole ARN.
    fn resource(&self, arn: &str) -> Option<&Resource> {
        self.resources.get(self.resource_numbers.get(arn)? as usize)
    }

    fn target_identity(&self, arn: &ResourceText<'_>) -> Option<Target<'_>> {
        let account =
            self.account_by_id(arn.field(4)).filter(|account| *account.partition == *arn.field(1))?;
        let (names, name) = match arn.field(5).split_once('/')? {
            ("role", name) => (&account.roles, name),
            ("user", name) => (&account.users, name),
            _ => {
                let resource = self.resource(arn.text())?;
                return Some(Target::Resource(self.account(resource.account)?, resource));
            }
        };
        let friendly = name.rsplit('/').next().unwrap_or(name);
        let identity = self.identities.get(names.get(friendly)? as usize)?;
        is_path(&identity.path, name).then_some(Target::Identity(account, identity))
    }
}

impl Identity {
    /// Refuses facts that are stated of a principal and are otherwise in the store.
    fn check(&self, principal: &Principal) -> Result<(), StoreError> {
        let refuse = |fact| Err(StoreError::Fact { principal: principal.text().to_owned(), fact });
        if principal.kind() == PrincipalKind::FederatedUser {
            return Ok(());
        }
        if principal.role_path().is_some_and(|path| *path != *self.path) {
            return refuse("role path");
        }
        if principal.unique_id().is_some_and(|id| self.unique_id.as_deref() != Some(id)) {
            return refuse("unique id");
        }
        if principal.is_service_linked() && !self.is_service_linked {
            return refuse("service-linked mark");
        }
        Ok(())
    }
}

/// Whether a name with its path stands under `/` or `/…/`.
fn is_path(path: &str, name: &str) -> bool {
    let before = name.rfind('/').map_or("", |slash| name.get(..=slash).unwrap_or_default());
    path.strip_prefix('/') == Some(before)
}

/// An ARN up to the slash with this number in its sixth field, from 1: a bucket of an object, a table of an index.
fn head<'a>(arn: &ResourceText<'a>, slash: usize) -> &'a str {
    let text = arn.text();
    let field = arn.field(5);
    let place = memchr::memchr_iter(b'/', field.as_bytes()).nth(slash.saturating_sub(1));
    let cut = place.map_or(0, |place| field.len().saturating_sub(place));
    text.get(..text.len().saturating_sub(cut)).unwrap_or(text)
}
