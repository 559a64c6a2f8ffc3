//! A folder of policies with a manifest, `verdikt.toml`: which policies govern a principal and a resource.
//!
//! The manifest states who and what there is (accounts and their organization, roles, users, groups, resources, VPC
//! endpoints) and which policy files are attached where; `docs/store.md` is its reference. A store is loaded whole or not
//! at all, with every problem of every file at its place. It derives nothing: what it supplies to a request is what the
//! manifest says. It decides nothing either: it hands out a [`PolicySet`](crate::evaluate::PolicySet).
//!
//! What is not in the store fails closed: an unknown principal or VPC endpoint is an error, an unknown resource has an
//! unknown owner and no policy, so that it is denied.

mod authzen;
mod build;
mod error;
mod folder;
mod governing;
mod handle;
mod levels;
mod live;
mod lookup;
mod manifest;
mod manifests;
mod names;
mod pools;
mod read;
mod rejected;
mod revision;
pub mod shape;
mod snapshot;
mod uses;

use std::fmt;

use crate::policy::Limits;

pub use authzen::{Authzen, AuthzenAction, AuthzenResource, AuthzenSubject, ContextKeys, IdError};
pub use error::StoreError;
pub use governing::{Governing, KnownKey, KnownValue};
pub use handle::{Reload, Store};
pub use live::LiveSession;
pub use lookup::{StoredBucket, StoredGroup, StoredRole};
pub use manifest::{KeySchema, KeyType, Manifest, TableSchema};
pub use pools::KeySet;
pub use rejected::{Refused, Rejected};
pub use revision::Revision;
pub use snapshot::{Counts, IdentityPool, Snapshot};

/// The name of a store's manifest.
pub const MANIFEST: &str = "verdikt.toml";

/// How a store is loaded.
#[derive(Clone, Copy)]
pub struct LoadOptions<'a> {
    /// Limits of each policy, and of each configuration of an identity pool.
    pub limits: Limits,
    /// The most bytes of one manifest.
    pub manifest_bytes: usize,
    /// Told how much is done and how much there is to do, from any thread and in any order.
    pub progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
}

impl Default for LoadOptions<'_> {
    fn default() -> Self {
        Self { limits: Limits::default(), manifest_bytes: 256 * 1024 * 1024, progress: None }
    }
}

impl fmt::Debug for LoadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadOptions").field("limits", &self.limits).finish_non_exhaustive()
    }
}
