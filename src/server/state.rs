//! What all requests share: what is in force, the tokens, the sessions, the room, the metrics, the log.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use axum::http::{HeaderMap, HeaderValue};

use crate::cognito::{FileIdentities, IdentityStore, MemoryIdentities};
use crate::decision_point::{DecisionPoint, InForce, PoolSession, Settings, SignInError};
use crate::service::s3::Addressing;
use crate::store::{LoadOptions, Rejected};

use super::auth::{Client, Tokens, TokensError};
use super::config::{Config, ConfigError};
use super::log::DecisionLog;
use super::metrics::{Metrics, What};
use super::refusal::Refusal;
use super::route::Scope;
use super::sessions::Sessions;
use super::tls::{Certificate, TlsError};
use super::watch::Notices;

/// The service.
pub(super) struct App {
    pub(super) config: Config,
    point: DecisionPoint,
    moment: ArcSwap<Moment>,
    /// A store that decides beside, and is only told of.
    shadow: Option<DecisionPoint>,
    /// None: no token is demanded.
    tokens: Option<ArcSwap<Tokens>>,
    pub(super) sessions: Sessions,
    /// The guest of each identity pool whom requests without a login of their own are.
    guests: Mutex<BTreeMap<String, String>>,
    pub(super) room: Room,
    pub(super) metrics: Metrics,
    pub(super) log: Option<DecisionLog>,
    pub(super) certificate: Option<Arc<Certificate>>,
    is_stopping: AtomicBool,
    /// Which hosts are S3, in API calls that are asked about.
    pub(super) addressing: Addressing,
}

/// What is in force for a request, from its beginning to its end.
#[derive(Debug)]
pub(super) struct Moment {
    pub(super) in_force: Arc<InForce>,
    /// The revision as the header tells it.
    pub(super) header: HeaderValue,
}

/// How many requests there may be at a time.
#[derive(Debug)]
pub(super) struct Room {
    most: usize,
    taken: AtomicUsize,
}

/// One request's place.
#[derive(Debug)]
pub(super) struct Place(Arc<App>);

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// What it was told.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A store.
    #[error("the store is refused")]
    Store(Rejected),
    /// The tokens.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// The certificate or its key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The identities.
    #[error("the identities cannot be used: {0}")]
    Identities(String),
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
    /// As [`start`](Self::start), where nobody is told anything.
    #[cfg(test)]
    pub(super) fn open(config: &Config) -> Result<Self, StartError> {
        Self::start(config, &Notices::none())
    }

    /// Loads everything that a configuration names.
    ///
    /// # Errors
    /// The first thing that cannot be used.
    pub(super) fn start(config: &Config, notices: &Notices) -> Result<Self, StartError> {
        config.check()?;
        let tokens = config.tokens.as_deref().map(Tokens::read).transpose()?.map(ArcSwap::from_pointee);
        let point = open(&config.store, settings(config)?)?;
        has_pool(config, &point)?;
        // The identities of the candidate are its own, in memory: it must change nothing.
        let shadow = config.shadow.as_deref().map(|folder| open(folder, Settings::default())).transpose()?;
        let certificate = config.tls.as_ref().map(Certificate::read).transpose()?.map(Arc::new);
        let metrics = Metrics::new(read_again(config));
        let log = config.log.as_ref().map(|log| DecisionLog::open(log, &metrics, notices)).transpose();
        let log =
            log.map_err(|source| StartError::System { what: "open the decision log".to_owned(), source })?;
        let moment = ArcSwap::from_pointee(Moment::of(point.in_force()));
        Ok(Self {
            config: config.clone(),
            point,
            moment,
            shadow,
            tokens,
            sessions: Sessions::new(config.limits.sessions)?,
            guests: Mutex::default(),
            room: Room { most: config.limits.in_flight, taken: AtomicUsize::new(0) },
            metrics,
            log,
            certificate,
            is_stopping: AtomicBool::new(false),
            addressing: if config.s3_hosts.is_empty() {
                Addressing::aws()
            } else {
                Addressing::own(config.s3_hosts.iter().map(String::as_str))
            },
        })
    }

    /// What is in force.
    pub(super) fn moment(&self) -> Arc<Moment> {
        self.moment.load_full()
    }

    /// What the candidate store has in force, if there is one.
    pub(super) fn candidate(&self) -> Option<Arc<InForce>> {
        self.shadow.as_ref().map(DecisionPoint::in_force)
    }

    /// Loads the store again; what is refused leaves what is in force, and is counted.
    pub(super) fn reload(&self) -> Result<(), Rejected> {
        let result = self.point.reload(&LoadOptions::default(), now());
        if result.is_ok() {
            self.moment.store(Arc::new(Moment::of(self.point.in_force())));
        }
        self.noted(What::Store, result.map(|_| ()))
    }

    /// The same of the candidate.
    pub(super) fn reload_candidate(&self) -> Result<(), Rejected> {
        let Some(shadow) = &self.shadow else { return Ok(()) };
        self.noted(What::Candidate, shadow.reload(&LoadOptions::default(), now()).map(|_| ()))
    }

    /// Reads the tokens again; what is refused leaves those of before, and is counted.
    pub(super) fn reload_tokens(&self) -> Result<(), TokensError> {
        let (Some(path), Some(tokens)) = (&self.config.tokens, &self.tokens) else { return Ok(()) };
        self.noted(What::Tokens, Tokens::read(path).map(|read| tokens.store(Arc::new(read))))
    }

    /// Reads the certificate again; what is refused leaves the one of before, and is counted.
    pub(super) fn reload_certificate(&self) -> Result<(), TlsError> {
        let Some(certificate) = &self.certificate else { return Ok(()) };
        self.noted(What::Certificate, certificate.reload())
    }

    fn noted<E>(&self, what: What, result: Result<(), E>) -> Result<(), E> {
        self.metrics.reloaded(what, now(), result.is_ok());
        result
    }

    /// Says from now on that no more should be sent here.
    pub(super) fn begin_stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Who calls, if they may use what a scope stands for.
    pub(super) fn authenticate(&self, scope: Option<Scope>, headers: &HeaderMap) -> Result<Client, Refusal> {
        match (scope, &self.tokens) {
            (Some(scope), Some(tokens)) => tokens.load().admit(headers, scope),
            _ => Ok(Client::default()),
        }
    }

    /// The session of the guest whom all requests of a pool are that have no login of their own: a guest for each would
    /// fill the memory, and nobody could come back as one.
    pub(super) fn common_guest(
        &self,
        in_force: &InForce,
        pool: &str,
        now: i64,
    ) -> Result<PoolSession, SignInError> {
        let mut guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(identity) = guests.get(pool) {
            let identity = identity.clone();
            drop(guests);
            return in_force.signed_in(pool, &[], Some(&identity), None, now);
        }
        let made = in_force.guest(pool, now)?;
        guests.insert(pool.to_owned(), made.session().parts().identity.clone());
        Ok(made)
    }

    /// A place for one more request, if there is one.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Place> {
        let place = Place(Arc::clone(self));
        // A place that is not granted is given back at once, as it is dropped.
        if self.room.taken.fetch_add(1, Ordering::Relaxed) < self.room.most { Some(place) } else { None }
    }
}

/// What a service so set up reads again.
fn read_again(config: &Config) -> impl Iterator<Item = What> {
    let others = [
        (config.shadow.is_some(), What::Candidate),
        (config.tokens.is_some(), What::Tokens),
        (config.tls.is_some(), What::Certificate),
    ];
    std::iter::once((true, What::Store)).chain(others).filter_map(|(is_named, what)| is_named.then_some(what))
}

/// Whether the store has the identity pool that is named.
pub(super) fn has_pool(config: &Config, point: &DecisionPoint) -> Result<(), ConfigError> {
    let Some(named) = &config.forward_auth.pool else { return Ok(()) };
    let unknown = |_| ConfigError::UnknownPool(named.clone());
    point.in_force().pool(named).map(drop).map_err(unknown)
}

pub(super) fn open(folder: &Path, settings: Settings) -> Result<DecisionPoint, StartError> {
    DecisionPoint::open(folder, settings, &LoadOptions::default(), now()).map_err(StartError::Store)
}

#[allow(clippy::needless_update, reason = "with the feature `jwks-url` there is more")]
fn settings(config: &Config) -> Result<Settings, StartError> {
    let most = config.limits.guests;
    let identities: Arc<dyn IdentityStore> = match &config.identities {
        Some(path) => Arc::new(
            FileIdentities::open_with_guests(path, most)
                .map_err(|error| StartError::Identities(error.to_string()))?,
        ),
        None => Arc::new(MemoryIdentities::with_guests(most)),
    };
    Ok(Settings { identities: Some(identities), ..Settings::default() })
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("moment", &self.moment.load().header).finish_non_exhaustive()
    }
}

impl Moment {
    fn of(in_force: Arc<InForce>) -> Self {
        let header = HeaderValue::from_str(&in_force.revision().to_string());
        Self { header: header.unwrap_or(HeaderValue::from_static("")), in_force }
    }

    /// The revision, as text.
    pub(super) fn revision(&self) -> &str {
        self.header.to_str().unwrap_or_default()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.room.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The clock of the system, in seconds since 1970.
pub(super) fn now() -> i64 {
    // A clock before 1970 is told as 1970.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
