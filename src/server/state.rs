//! What all requests share: the store at hand, the tokens, the room, the metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use axum::http::{HeaderMap, HeaderValue};

use crate::store::{LoadOptions, Rejected, Reload, Snapshot, Store};

use super::auth::{Caller, Tokens, TokensError};
use super::config::{Config, ServerLimits};
use super::metrics::Metrics;
use super::refusal::Refusal;
use super::route::Scope;

/// Reads the clock, in seconds since 1970.
pub(super) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The service.
pub(super) struct App {
    store: Store,
    moment: ArcSwap<Moment>,
    /// None: no token is demanded.
    tokens: Option<ArcSwap<Tokens>>,
    clock: Clock,
    pub(super) room: Room,
    pub(super) limits: ServerLimits,
    pub(super) metrics: Metrics,
}

/// The store that answers a request, from its beginning to its end.
#[derive(Debug)]
pub(super) struct Moment {
    pub(super) snapshot: Arc<Snapshot>,
    /// As the header tells it.
    pub(super) revision: HeaderValue,
}

/// How many requests there may be at a time.
#[derive(Debug)]
pub(super) struct Room {
    most: usize,
    taken: AtomicUsize,
}

/// One request's place.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Room);

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// What it was told.
    #[error(transparent)]
    Config(#[from] super::config::ConfigError),
    /// The store.
    #[error("the store is refused")]
    Store(Rejected),
    /// The tokens.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// A listener, or what the system gives.
    #[error("cannot {what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
}

impl App {
    /// Loads everything that a configuration names.
    ///
    /// # Errors
    /// The first thing that cannot be used.
    pub(super) fn open(config: &Config, clock: Clock) -> Result<Self, StartError> {
        config.check()?;
        let store =
            Store::open(&config.store, &LoadOptions::default(), clock()).map_err(StartError::Store)?;
        let tokens = config.tokens.as_deref().map(Tokens::read).transpose()?.map(ArcSwap::from_pointee);
        let moment = ArcSwap::from_pointee(Moment::of(store.current()));
        let room = Room { most: config.limits.in_flight, taken: AtomicUsize::new(0) };
        let (limits, metrics) = (config.limits.clone(), Metrics::new());
        Ok(Self { store, moment, tokens, clock, room, limits, metrics })
    }

    /// The store at hand.
    pub(super) fn moment(&self) -> Arc<Moment> {
        self.moment.load_full()
    }

    pub(super) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Loads the store again; one that is refused leaves what is at hand.
    pub(super) fn reload(&self) -> Result<Reload, Rejected> {
        let result = self.store.reload(&LoadOptions::default(), self.now())?;
        self.moment.store(Arc::new(Moment::of(self.store.current())));
        Ok(result)
    }

    /// Who calls, if they may use what a scope stands for.
    pub(super) fn authenticate(&self, scope: Option<Scope>, headers: &HeaderMap) -> Result<Caller, Refusal> {
        match (scope, &self.tokens) {
            (Some(scope), Some(tokens)) => tokens.load().admit(headers, scope),
            _ => Ok(Caller::default()),
        }
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("moment", &self.moment.load().revision).finish_non_exhaustive()
    }
}

impl Moment {
    fn of(snapshot: Arc<Snapshot>) -> Self {
        let revision = HeaderValue::from_str(&snapshot.revision().to_string());
        Self { revision: revision.unwrap_or(HeaderValue::from_static("")), snapshot }
    }
}

impl Room {
    /// A place, if there is one.
    pub(super) fn enter(&self) -> Option<Place<'_>> {
        let place = Place(self);
        // A place that is not granted is given back at once, as the place is dropped.
        if self.taken.fetch_add(1, Ordering::Relaxed) < self.most { Some(place) } else { None }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The clock of the system.
pub(super) fn system_clock() -> Clock {
    Arc::new(|| {
        // A clock before 1970 is told as 1970.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
