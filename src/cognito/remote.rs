//! Signing keys fetched over HTTPS, and kept.
//!
//! - Keys are kept for [`max_age`](RemoteSettings::max_age), then fetched again. Where that fails, the old ones serve for
//!   [`stale_for`](RemoteSettings::stale_for) longer: an issuer that is down locks nobody out. After that there are none.
//! - A token that names a key the set does not have makes it be fetched again, at most once in
//!   [`interval`](RemoteSettings::interval), so that made-up names cost the issuer nothing. A failed attempt waits as long.
//! - Only `https`, but for the machine itself; no redirect to another host; a bound on time and size.
//!
//! One thread fetches at a time; the others wait for it.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ureq::Agent;
use ureq::http::{Response, Uri};
use ureq::tls::TlsConfig;

use crate::text::diagnostic::bounded;

use super::identity::locked;
use super::jwks::{Jwks, KeySource, KeysError, MAX_BYTES, PinnedKey};

/// Redirects that are followed.
const REDIRECTS: usize = 3;

/// How keys are fetched and kept. Times are in seconds of the caller's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteSettings {
    /// How long fetched keys are kept.
    pub max_age: i64,
    /// How much longer they serve where they cannot be fetched again.
    pub stale_for: i64,
    /// How long after an attempt the next one may be made.
    pub interval: i64,
    /// How long one fetch may take altogether.
    pub timeout: Duration,
}

impl Default for RemoteSettings {
    fn default() -> Self {
        Self { max_age: 3_600, stale_for: 86_400, interval: 60, timeout: Duration::from_secs(5) }
    }
}

/// Keys at a URL.
pub struct RemoteJwks {
    url: Uri,
    agent: Agent,
    settings: RemoteSettings,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    kept: Option<Kept>,
    /// When the last attempt was made, and why it failed if it did.
    attempt: Option<(i64, Option<KeysError>)>,
}

#[derive(Debug)]
struct Kept {
    keys: Jwks,
    at: i64,
}

impl RemoteJwks {
    /// Keys at a URL; nothing is fetched before a key is asked for.
    ///
    /// # Errors
    /// The URL is not `https`, and not of this machine.
    pub fn new(url: &str, settings: RemoteSettings) -> Result<Self, KeysError> {
        let refuse = |problem| KeysError::Url { url: url.to_owned(), problem };
        let parsed: Uri = url.parse().map_err(|_| refuse("it is no URL"))?;
        let host = parsed.host().ok_or_else(|| refuse("it names no host"))?;
        if parsed.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(refuse("it holds a user name"));
        }
        match parsed.scheme_str() {
            Some("https") => {}
            Some("http") if is_loopback(host) => {}
            _ => return Err(refuse("it is neither `https` nor of this machine")),
        }
        let agent = agent(settings.timeout, is_loopback(host));
        Ok(Self { url: parsed, agent, settings, state: Mutex::new(State::default()) })
    }

    fn fetch(&self) -> Result<Jwks, KeysError> {
        let failed = |problem: String| KeysError::Fetch { url: self.url.to_string(), problem };
        let mut url = self.url.clone();
        for _ in 0..=REDIRECTS {
            let response = self.agent.get(&url).call().map_err(|error| failed(told(&error)))?;
            let status = response.status();
            if status.is_redirection() {
                url = self.redirected(&response).map_err(|problem| failed(problem.to_owned()))?;
                continue;
            }
            if !status.is_success() {
                return Err(failed(format!("the answer is {}", status.as_u16())));
            }
            return Jwks::parse(&body(response).map_err(|error| failed(told(&error)))?);
        }
        Err(failed(format!("it redirects more than {REDIRECTS} times")))
    }

    /// Where a redirect leads, if that is the same host.
    fn redirected<B>(&self, response: &Response<B>) -> Result<Uri, &'static str> {
        let location = response.headers().get("location").and_then(|value| value.to_str().ok());
        let location = location.ok_or("it redirects to nowhere")?;
        let path = location.starts_with('/') && !location.starts_with("//");
        let location = if path {
            let (scheme, authority) = (self.url.scheme_str(), self.url.authority());
            let authority = authority.ok_or("it names no host")?;
            format!("{}://{authority}{location}", scheme.unwrap_or("https"))
        } else {
            location.to_owned()
        };
        let target: Uri = location.parse().map_err(|_| "it redirects to what is no URL")?;
        let same = target.scheme() == self.url.scheme() && target.authority() == self.url.authority();
        if same { Ok(target) } else { Err("it redirects to another host, which is not followed") }
    }

    /// Fetches the keys if that is due; the state tells what came of it.
    fn refresh(&self, state: &mut State, kid: &str, now: i64) {
        let age = state.kept.as_ref().map(|kept| now.saturating_sub(kept.at));
        let is_fresh = age.is_some_and(|age| age < self.settings.max_age);
        let is_known = state.kept.as_ref().is_some_and(|kept| kept.keys.key(kid, now).is_ok());
        let waits =
            state.attempt.as_ref().is_some_and(|(at, _)| now.saturating_sub(*at) < self.settings.interval);
        if waits || (is_fresh && is_known) {
            return;
        }
        let error = match self.fetch() {
            Ok(keys) => {
                state.kept = Some(Kept { keys, at: now });
                None
            }
            Err(error) => Some(error),
        };
        state.attempt = Some((now, error));
    }
}

impl KeySource for RemoteJwks {
    fn key(&self, kid: &str, now: i64) -> Result<Arc<PinnedKey>, KeysError> {
        let mut state = locked(&self.state);
        self.refresh(&mut state, kid, now);
        let longest = self.settings.max_age.saturating_add(self.settings.stale_for);
        match &state.kept {
            Some(kept) if now.saturating_sub(kept.at) < longest => kept.keys.key(kid, now),
            _ => Err(state.attempt.iter().find_map(|(_, error)| error.clone()).unwrap_or(KeysError::Fetch {
                url: self.url.to_string(),
                problem: "the keys are too old, and the last attempt is not long ago".to_owned(),
            })),
        }
    }
}

impl fmt::Debug for RemoteJwks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, settings, state, .. } = self;
        let mut debug = formatter.debug_struct("RemoteJwks");
        debug.field("url", url).field("settings", settings).field("state", state).finish_non_exhaustive()
    }
}

fn agent(timeout: Duration, is_local: bool) -> Agent {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build();
    let mut config = Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(timeout))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .max_response_header_size(16 * 1_024)
        .max_idle_connections(0);
    if is_local {
        config = config.proxy(None);
    }
    config.build().new_agent()
}

fn body(mut response: Response<ureq::Body>) -> Result<Vec<u8>, ureq::Error> {
    response.body_mut().with_config().limit(MAX_BYTES as u64).read_to_vec()
}

fn told(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "it takes too long".to_owned(),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => "it takes too long".to_owned(),
        ureq::Error::BodyExceedsLimit(limit) => format!("it has more than {limit} bytes"),
        other => bounded(&other.to_string()),
    }
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
