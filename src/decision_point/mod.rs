//! The policy decision point: a store, its identity pools and the calls of services put together, so that every surface
//! asks the same way.
//!
//! ```text
//! login, guest ─ PoolSession ─┐
//! principal ──────────────────┴ Caller ─┐
//! action and resource ─ Question ───────┤
//! HTTP of S3, DynamoDB ─ ApiCall ───────┴ InForce::ask, ask_call ─ Asked ─ decide, explain
//! ```
//!
//! What is in force at one moment is one value, [`InForce`]: a snapshot of the store and the pools made of it. A reload
//! replaces it whole or not at all, so that no decision mixes two revisions; a session outlives it and is bound to the new
//! one before it decides again. Nothing is compiled for a decision but what a session binds once a revision. There is no
//! async and no clock: the caller says the time.

mod ask;
mod call;
mod error;
#[cfg(feature = "cognito")]
mod pools;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::store::{LoadOptions, Rejected, Reload, Revision, Snapshot};

pub use ask::{Asked, Attribution, Beside, Caller, Decided, Entries, Question, Underived};
pub use call::{AskedCall, CallFacts};
pub use error::{AskError, CallRefused};
#[cfg(feature = "cognito")]
pub use pools::{PoolSession, SignInError};

/// What a decision point is given beside the folder of its store.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where identities are kept; in memory if nothing is said, so that each start begins with none.
    #[cfg(feature = "cognito")]
    pub identities: Option<Arc<dyn crate::cognito::IdentityStore>>,
    /// How key sets are fetched and kept.
    #[cfg(feature = "jwks-url")]
    pub jwks: crate::cognito::RemoteSettings,
}

/// A decision point: what is in force, and reloads of it. Readers never wait.
///
/// ```no_run
/// use verdikt::decision_point::{Caller, DecisionPoint, Question, Settings};
/// use verdikt::store::LoadOptions;
/// use verdikt::Principal;
/// let now = 1_790_000_000;
/// let folder = "policies/photo-app".as_ref();
/// let point = DecisionPoint::open(folder, Settings::default(), &LoadOptions::default(), now)?;
/// let user = Principal::parse("arn:aws:sts::111122223333:assumed-role/photo-user/CognitoIdentityCredentials")?;
/// let question = Question::new("s3:GetObject", "arn:aws:s3:::photo-app/public/sea.jpg");
/// let decided = point.in_force().decide(&Caller::principal(&user), &question, now)?;
/// println!("{} by {}", decided.decision.outcome.as_str(), decided.revision);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct DecisionPoint {
    folder: PathBuf,
    #[cfg(feature = "cognito")]
    makers: pools::Makers,
    current: ArcSwap<InForce>,
    /// One reload at a time, so that a slow one does not replace a later one.
    reloading: Mutex<()>,
}

/// What is in force at one moment: it never changes, a reload makes another.
#[derive(Debug)]
pub struct InForce {
    store: Snapshot,
    #[cfg(feature = "cognito")]
    pools: pools::Pools,
}

impl DecisionPoint {
    /// Loads the store in a folder with its pools; the time is in seconds since 1970. No key set is fetched before a login
    /// needs it.
    ///
    /// # Errors
    /// Every problem of every file.
    #[cfg_attr(
        not(feature = "cognito"),
        allow(clippy::needless_pass_by_value, reason = "the features add to it")
    )]
    pub fn open(
        folder: &Path,
        settings: Settings,
        options: &LoadOptions<'_>,
        now: i64,
    ) -> Result<Self, Rejected> {
        #[cfg(feature = "cognito")]
        let makers = pools::Makers::new(settings);
        #[cfg(not(feature = "cognito"))]
        let Settings {} = settings;
        let store = Snapshot::load(folder, options, now)?;
        #[cfg(feature = "cognito")]
        let in_force = InForce { pools: makers.pools(&store), store };
        #[cfg(not(feature = "cognito"))]
        let in_force = InForce { store };
        Ok(Self {
            folder: folder.to_owned(),
            #[cfg(feature = "cognito")]
            makers,
            current: ArcSwap::from_pointee(in_force),
            reloading: Mutex::new(()),
        })
    }

    /// What is in force now.
    pub fn in_force(&self) -> Arc<InForce> {
        self.current.load_full()
    }

    /// Loads the folder again and, if nothing is wrong with it, puts it and its pools in force.
    ///
    /// # Errors
    /// Every problem of every file; what is in force stays, and grows older.
    pub fn reload(&self, options: &LoadOptions<'_>, now: i64) -> Result<Reload, Rejected> {
        let _guard = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let store = Snapshot::load(&self.folder, options, now)?;
        let after = store.revision();
        #[cfg(feature = "cognito")]
        let next = InForce { pools: self.makers.pools(&store), store };
        #[cfg(not(feature = "cognito"))]
        let next = InForce { store };
        let before = self.current.swap(Arc::new(next)).store.revision();
        Ok(if before == after { Reload::Unchanged } else { Reload::Replaced { before, now: after } })
    }
}

impl fmt::Debug for DecisionPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionPoint").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl InForce {
    /// The store.
    pub fn store(&self) -> &Snapshot {
        &self.store
    }

    /// What the store was made of: two of one revision decide alike.
    pub fn revision(&self) -> Revision {
        self.store.revision()
    }
}
