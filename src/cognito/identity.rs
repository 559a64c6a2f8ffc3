//! Identities: which identity id a login has, in a store that is stable for a login.
//!
//! One set of rules (`Book`) makes changes; a store keeps them. See the Amazon Cognito Developer Guide, "Identity
//! pools authentication flow", and the API reference of `GetId` and `GetCredentialsForIdentity`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::text::diagnostic::excerpt;

/// A login as a store knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LoginKey {
    /// The provider's name in logins.
    pub provider: String,
    /// The user's id there.
    pub user_id: String,
    /// Whether the provider is the developer's own, at which an identity may have several users.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub developer: bool,
}

/// Where identities are kept. Each call is one step: it happens whole or not at all.
pub trait IdentityStore: fmt::Debug + Send + Sync {
    /// The identity of logins in a pool, made if there is none: `GetId`. Without logins a new guest.
    ///
    /// A login that no identity has is linked to the one that the others have. Identities that turn out to be one are
    /// merged: the oldest stays, the others are disabled.
    ///
    /// # Errors
    /// The logins cannot be of one identity, or the store fails.
    fn id(&self, pool: &str, logins: &[LoginKey]) -> Result<String, IdentityError>;

    /// The identity that logins may act as, when they ask for this one: `GetCredentialsForIdentity`. It may be another:
    /// a guest who signs in to an identity that exists becomes that one.
    ///
    /// # Errors
    /// It is of another pool, disabled, or none of the logins is its own; or the store fails.
    fn admit(&self, pool: &str, identity: &str, logins: &[LoginKey]) -> Result<String, IdentityError>;
}

/// Why there is no identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The logins belong to identities that cannot be one (`ResourceConflictException`).
    #[error("the login at {} is already linked to another user of that provider: sign in with one of them", excerpt(.0))]
    Conflict(String),
    /// No identity of the pool has the id (`ResourceNotFoundException`).
    #[error("{} is no identity of this identity pool", excerpt(.0))]
    NotFound(String),
    /// It was merged into another (`NotAuthorizedException`).
    #[error("the identity {} is disabled: it was merged into another; ask for the id again", excerpt(.0))]
    Disabled(String),
    /// None of the logins is of the identity (`NotAuthorizedException`).
    #[error("logins don't match: include at least one valid login of the identity {}", excerpt(.0))]
    NoMatch(String),
    /// The store holds as many guests as it may.
    #[error("the identity store holds {0} guests, as many as it may: raise its limit, or forget some")]
    TooManyGuests(usize),
    /// The store cannot be read or written.
    #[error("the identity store `{name}` {problem}")]
    Store {
        /// Which.
        name: String,
        /// What is wrong.
        problem: String,
    },
}

/// A change to a store.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Change {
    /// A new identity.
    Create {
        /// Its pool.
        pool: String,
        /// Its id.
        id: String,
    },
    /// A login becomes one of an identity's.
    Link {
        /// The identity.
        id: String,
        /// The login.
        login: LoginKey,
    },
    /// An identity is merged into another, with all its logins.
    Merge {
        /// The one that ends.
        id: String,
        /// The one that stays.
        into: String,
    },
}

/// How many guests a store holds unless it is told otherwise.
pub const GUESTS: usize = 100_000;

/// Identities in memory, without any that came before.
#[derive(Debug, Default)]
pub struct MemoryIdentities(Mutex<Book>);

impl MemoryIdentities {
    /// With room for so many guests: whoever may ask for one may ask for many. [`GUESTS`] by default.
    pub fn with_guests(most: usize) -> Self {
        Self(Mutex::new(Book::with_guests(most)))
    }
}

impl IdentityStore for MemoryIdentities {
    fn id(&self, pool: &str, logins: &[LoginKey]) -> Result<String, IdentityError> {
        let mut book = locked(&self.0);
        let (id, changes) = book.plan_id(pool, logins)?;
        book.apply_all(changes).map_err(broken)?;
        Ok(id)
    }

    fn admit(&self, pool: &str, identity: &str, logins: &[LoginKey]) -> Result<String, IdentityError> {
        let mut book = locked(&self.0);
        let (id, changes) = book.plan_admit(pool, identity, logins)?;
        book.apply_all(changes).map_err(broken)?;
        Ok(id)
    }
}

impl<I: IdentityStore + ?Sized> IdentityStore for Arc<I> {
    fn id(&self, pool: &str, logins: &[LoginKey]) -> Result<String, IdentityError> {
        (**self).id(pool, logins)
    }

    fn admit(&self, pool: &str, identity: &str, logins: &[LoginKey]) -> Result<String, IdentityError> {
        (**self).admit(pool, identity, logins)
    }
}

/// A lock whose holder panicked guards a book that is whole: a change is applied after it was checked.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn broken(problem: &'static str) -> IdentityError {
    IdentityError::Store { name: "memory".to_owned(), problem: problem.to_owned() }
}

/// The identities and their logins.
#[derive(Debug)]
pub(super) struct Book {
    identities: BTreeMap<String, Identity>,
    /// How many of them have no login, and how many may.
    guests: usize,
    most_guests: usize,
    /// The identity of each login of each pool.
    logins: BTreeMap<(String, LoginKey), String>,
}

#[derive(Debug)]
struct Identity {
    pool: String,
    /// How many were there before it.
    age: usize,
    logins: BTreeSet<LoginKey>,
    /// The identity that it was merged into.
    merged: Option<String>,
}

impl Default for Book {
    fn default() -> Self {
        Self::with_guests(GUESTS)
    }
}

impl Book {
    pub(super) fn with_guests(most_guests: usize) -> Self {
        Self { identities: BTreeMap::new(), guests: 0, most_guests, logins: BTreeMap::new() }
    }

    /// What `GetId` answers, and what it changes.
    pub(super) fn plan_id(
        &self,
        pool: &str,
        logins: &[LoginKey],
    ) -> Result<(String, Vec<Change>), IdentityError> {
        let found = self.of_logins(pool, logins);
        if found.is_empty() {
            conflicts(logins.iter())?;
            if logins.is_empty() && self.guests >= self.most_guests {
                return Err(IdentityError::TooManyGuests(self.guests));
            }
            let id = new_id(pool);
            let created = Change::Create { pool: pool.to_owned(), id: id.clone() };
            let links = logins.iter().map(|login| Change::Link { id: id.clone(), login: login.clone() });
            let changes = std::iter::once(created).chain(links).collect();
            return Ok((id, changes));
        }
        self.plan_join(pool, &found, logins)
    }

    /// What `GetCredentialsForIdentity` needs, and what it changes.
    pub(super) fn plan_admit(
        &self,
        pool: &str,
        id: &str,
        logins: &[LoginKey],
    ) -> Result<(String, Vec<Change>), IdentityError> {
        let not_found = || IdentityError::NotFound(id.to_owned());
        let identity =
            self.identities.get(id).filter(|identity| identity.pool == pool).ok_or_else(not_found)?;
        if identity.merged.is_some() {
            return Err(IdentityError::Disabled(id.to_owned()));
        }
        let is_guest = identity.logins.is_empty();
        let owns = logins.iter().any(|login| identity.logins.contains(login));
        if !is_guest && !owns {
            return Err(IdentityError::NoMatch(id.to_owned()));
        }
        if logins.is_empty() {
            return Ok((id.to_owned(), Vec::new()));
        }
        let mut found = self.of_logins(pool, logins);
        if !found.contains(&id) {
            found.push(id);
        }
        self.plan_join(pool, &found, logins)
    }

    /// The identities that logins have, none twice.
    fn of_logins<'a>(&'a self, pool: &str, logins: &[LoginKey]) -> Vec<&'a str> {
        let known = logins.iter().filter_map(|login| self.logins.get(&(pool.to_owned(), login.clone())));
        known.map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Makes one identity of several and of logins. One that has logins stays before a guest, the older before the
    /// younger.
    fn plan_join(
        &self,
        pool: &str,
        found: &[&str],
        logins: &[LoginKey],
    ) -> Result<(String, Vec<Change>), IdentityError> {
        let one = |id: &str| self.identities.get(id);
        let own = found.iter().filter_map(|id| one(id)).flat_map(|identity| &identity.logins);
        conflicts(own.chain(logins).collect::<BTreeSet<_>>().into_iter())?;
        let rank = |id: &&str| one(id).map(|identity| (identity.logins.is_empty(), identity.age));
        let Some(stays) = found.iter().copied().min_by_key(rank) else {
            return Err(IdentityError::NotFound(String::new()));
        };
        let others = found.iter().filter(|id| **id != stays);
        let merges = others.map(|id| Change::Merge { id: (*id).to_owned(), into: stays.to_owned() });
        let unknown =
            logins.iter().filter(|login| !self.logins.contains_key(&(pool.to_owned(), (*login).clone())));
        let links = unknown.map(|login| Change::Link { id: stays.to_owned(), login: login.clone() });
        Ok((stays.to_owned(), merges.chain(links).collect()))
    }

    /// Applies changes that were planned on this book, or read from a file.
    pub(super) fn apply_all(&mut self, changes: Vec<Change>) -> Result<(), &'static str> {
        changes.into_iter().try_for_each(|change| self.apply(change))
    }

    fn apply(&mut self, change: Change) -> Result<(), &'static str> {
        match change {
            Change::Create { pool, id } => {
                if self.identities.contains_key(&id) {
                    return Err("creates an identity that exists");
                }
                let age = self.identities.len();
                let identity = Identity { pool, age, logins: BTreeSet::new(), merged: None };
                self.identities.insert(id, identity);
                self.guests = self.guests.saturating_add(1);
            }
            Change::Link { id, login } => {
                let identity = self.enabled(&id).ok_or("links a login to an identity that is not there")?;
                let was_guest = identity.logins.is_empty();
                identity.logins.insert(login.clone());
                let key = (identity.pool.clone(), login);
                self.guests = self.guests.saturating_sub(usize::from(was_guest));
                if self.logins.insert(key, id).is_some() {
                    return Err("links a login that is linked");
                }
            }
            Change::Merge { id, into } => {
                self.enabled(&into).ok_or("merges into an identity that is not there")?;
                let ends = self.enabled(&id).ok_or("merges an identity that is not there")?;
                ends.merged = Some(into.clone());
                let (pool, logins) = (ends.pool.clone(), std::mem::take(&mut ends.logins));
                self.guests = self.guests.saturating_sub(usize::from(logins.is_empty()));
                for login in &logins {
                    self.logins.insert((pool.clone(), login.clone()), into.clone());
                }
                if let Some(stays) = self.enabled(&into) {
                    stays.logins.extend(logins);
                }
            }
        }
        Ok(())
    }

    fn enabled(&mut self, id: &str) -> Option<&mut Identity> {
        self.identities.get_mut(id).filter(|identity| identity.merged.is_none())
    }
}

/// An identity has one user of each provider, but for the developer's own.
fn conflicts<'a>(logins: impl Iterator<Item = &'a LoginKey>) -> Result<(), IdentityError> {
    let mut users: BTreeMap<&str, &str> = BTreeMap::new();
    for login in logins.filter(|login| !login.developer) {
        if users.insert(&login.provider, &login.user_id).is_some_and(|other| other != login.user_id) {
            return Err(IdentityError::Conflict(login.provider.clone()));
        }
    }
    Ok(())
}

/// `REGION:GUID`, the Region of the pool.
fn new_id(pool: &str) -> String {
    let region = pool.split_once(':').map_or("", |(region, _)| region);
    format!("{region}:{}", Uuid::new_v4())
}
