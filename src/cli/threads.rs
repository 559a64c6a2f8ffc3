//! `--threads`: how many threads work at once.

use std::thread;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// The most that may be asked for.
const MOST: i64 = 1024;

/// How many threads work at once. How many they are changes no output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Threads(usize);

impl Threads {
    /// Reads the option's value.
    pub(super) fn parser() -> impl clap::builder::TypedValueParser<Value = Self> {
        use clap::builder::{RangedI64ValueParser, TypedValueParser};
        RangedI64ValueParser::<u16>::new().range(1..=MOST).map(|count| Self(usize::from(count)))
    }

    /// As asked for; else one for each core.
    pub(super) fn asked(asked: Option<Self>) -> Self {
        asked.unwrap_or_else(|| Self(thread::available_parallelism().map_or(1, usize::from)))
    }

    /// One.
    pub(super) fn one() -> Self {
        Self(1)
    }

    /// The threads; none if one is enough, which is this one, or if the system gives no more.
    pub(super) fn pool(self) -> Option<ThreadPool> {
        (self.0 > 1).then(|| ThreadPoolBuilder::new().num_threads(self.0).build().ok()).flatten()
    }
}

/// Does the same work on each item, on the threads of a pool or on this one; the results in the order of the items.
pub(super) fn each<T: Send, R: Send>(
    pool: Option<&ThreadPool>,
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync + Send,
) -> Vec<R> {
    match pool {
        Some(pool) => pool.install(|| items.into_par_iter().map(work).collect()),
        None => items.into_iter().map(work).collect(),
    }
}
