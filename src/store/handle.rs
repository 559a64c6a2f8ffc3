//! The store that is at hand: replaced whole by a reload that succeeds, kept by one that fails.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;

use arc_swap::ArcSwap;

use super::LoadOptions;
use super::build::load;
use super::rejected::Rejected;
use super::revision::Revision;
use super::snapshot::Snapshot;

/// A store that can be loaded again while it is asked. Readers never wait: each has the [`Snapshot`] of its moment.
///
/// ```no_run
/// use verdikt::store::{LoadOptions, Store};
/// let store = Store::open("policies/photo-app".as_ref(), &LoadOptions::default(), 1_790_000_000)?;
/// let before = store.current().revision();
/// // Later: what is wrong is told, and the store at hand stays.
/// if let Err(rejected) = store.reload(&LoadOptions::default(), 1_790_000_060) {
///     eprintln!("{rejected}");
///     assert_eq!(store.current().revision(), before);
/// }
/// # Ok::<(), verdikt::store::Rejected>(())
/// ```
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    current: ArcSwap<Snapshot>,
    /// One reload at a time, so that a slow one does not replace a later one.
    reloading: Mutex<()>,
}

/// What a reload did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// Nothing has changed but the age.
    Unchanged,
    /// There is another revision.
    Replaced {
        /// The one before.
        before: Revision,
        /// The one now.
        now: Revision,
    },
}

impl Store {
    /// Loads the store in a folder; the time is in seconds since 1970.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn open(folder: &Path, options: &LoadOptions<'_>, now: i64) -> Result<Self, Rejected> {
        let current = ArcSwap::from_pointee(load(folder, options, now)?);
        Ok(Self { folder: folder.to_owned(), current, reloading: Mutex::new(()) })
    }

    /// The store at hand.
    pub fn current(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Loads the folder again and, if nothing is wrong with it, puts it in the place of the store at hand.
    ///
    /// # Errors
    /// Every problem of every file; the store at hand stays, and grows older.
    pub fn reload(&self, options: &LoadOptions<'_>, now: i64) -> Result<Reload, Rejected> {
        let _guard = self.reloading.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let next = load(&self.folder, options, now)?;
        let after = next.revision();
        let before = self.current.swap(Arc::new(next)).revision();
        Ok(if before == after { Reload::Unchanged } else { Reload::Replaced { before, now: after } })
    }
}
