//! Sessions that callers hold by a handle: signed, so that nothing is looked up for one that was made up; expiring, by the
//! clock and by the time that has passed; revocable. They live in this process alone and end with it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign, verify};
use aws_lc_rs::rand::{SystemRandom, generate};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::decision_point::PoolSession;

use super::refusal::Refusal;
use super::state::StartError;

/// Bytes of an id, and of the signature after it.
const ID: usize = 16;
const SIGNATURE: usize = 32;

type Id = [u8; ID];

/// The sessions of this process.
pub(super) struct Sessions {
    key: Key,
    random: SystemRandom,
    held: RwLock<HashMap<Id, Arc<Held>>>,
    most: usize,
    /// When those that are over were looked for last.
    swept: Mutex<Option<Instant>>,
}

/// A session that is held.
#[derive(Debug)]
pub(super) struct Held {
    session: PoolSession,
    /// A clock that is set back does not bring it to life again.
    ends: Instant,
}

impl Sessions {
    pub(super) fn new(most: usize) -> Result<Self, StartError> {
        let random = SystemRandom::new();
        let key = Key::generate(HMAC_SHA256, &random).map_err(|_| no_random())?;
        Ok(Self { key, random, held: RwLock::default(), most, swept: Mutex::default() })
    }

    /// Refuses where there is no room for one more: before anybody signs in, which is not undone.
    ///
    /// # Errors
    /// There are too many.
    pub(super) fn expect_room(&self, now: i64) -> Result<(), Refusal> {
        if self.count() >= self.most {
            self.sweep(now);
        }
        if self.count() < self.most { Ok(()) } else { Err(too_many()) }
    }

    /// Forgets those that are over, no more often than once a second: it is a look at each of them.
    fn sweep(&self, now: i64) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.is_none_or(|last| last.elapsed() >= Duration::from_secs(1)) {
            self.forget_ended(now);
            *swept = Some(Instant::now());
        }
    }

    /// Holds a session, and gives its handle.
    ///
    /// # Errors
    /// There are too many, or it is over.
    pub(super) fn hold(&self, session: PoolSession, now: i64) -> Result<String, Refusal> {
        let left = session.live().expires_at().saturating_sub(now);
        let left = Duration::from_secs(u64::try_from(left).unwrap_or(0));
        let ends = Instant::now().checked_add(left).unwrap_or_else(Instant::now);
        let id: Id = generate(&self.random)
            .map_err(|_| Refusal::unavailable("NO_RANDOM_NUMBERS", "the system gives no random numbers"))?
            .expose();
        self.expect_room(now)?;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= self.most {
            return Err(too_many());
        }
        held.insert(id, Arc::new(Held { session, ends }));
        drop(held);
        let signature = sign(&self.key, &id);
        Ok(URL_SAFE_NO_PAD.encode([&id, signature.as_ref()].concat()))
    }

    /// The session of a handle.
    ///
    /// # Errors
    /// The handle is none of this process's, or its session is over or was ended.
    pub(super) fn find(&self, handle: &str, now: i64) -> Result<Arc<Held>, Refusal> {
        let id = self.id(handle).ok_or_else(unknown)?;
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let held = held.ok_or_else(unknown)?;
        if held.is_alive(now) { Ok(held) } else { Err(unknown()) }
    }

    /// Ends the session of a handle; whether there was one.
    pub(super) fn end(&self, handle: &str) -> bool {
        let Some(id) = self.id(handle) else { return false };
        self.held.write().unwrap_or_else(PoisonError::into_inner).remove(&id).is_some()
    }

    /// How many are held.
    pub(super) fn count(&self) -> usize {
        self.held.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Forgets those that are over.
    pub(super) fn forget_ended(&self, now: i64) {
        self.held.write().unwrap_or_else(PoisonError::into_inner).retain(|_, held| held.is_alive(now));
    }

    /// The id in a handle, if its signature is right; compared in constant time.
    fn id(&self, handle: &str) -> Option<Id> {
        let mut bytes = [0; ID + SIGNATURE];
        let length = URL_SAFE_NO_PAD.decode_slice(handle, &mut bytes).ok()?;
        let (id, signature) = bytes.split_first_chunk::<ID>()?;
        (length == bytes.len() && verify(&self.key, id, signature).is_ok()).then_some(*id)
    }
}

impl Held {
    pub(super) fn session(&self) -> &PoolSession {
        &self.session
    }

    fn is_alive(&self, now: i64) -> bool {
        now < self.session.live().expires_at() && Instant::now() < self.ends
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("most", &self.most).finish_non_exhaustive()
    }
}

fn too_many() -> Refusal {
    let message = "the service holds as many sessions as it may: end some, or ask again later";
    Refusal::unavailable("TOO_MANY_SESSIONS", message)
}

fn unknown() -> Refusal {
    let message = "no such session: it is over, was ended, or is of another process; sign in again";
    Refusal::unauthenticated("UNKNOWN_SESSION", message)
}

fn no_random() -> StartError {
    let source = std::io::Error::other("the system gives no random numbers");
    StartError::System { what: "make a key".to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::decision_point::{DecisionPoint, Settings};
    use crate::store::LoadOptions;

    const NOW: i64 = 1_800_000_000;

    /// The clock ends a session early, and never late.
    #[test]
    fn a_clock_that_jumps_brings_no_session_to_life() {
        let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/photo-app");
        let point = DecisionPoint::open(&store, Settings::default(), &LoadOptions::default(), NOW).unwrap();
        let in_force = point.in_force();
        let pool = in_force.pool_ids().next().unwrap().to_owned();
        let made = in_force.guest(&pool, NOW).unwrap();
        let over = made.live().expires_at();
        let sessions = Sessions::new(10).unwrap();
        // A second is left.
        let handle = sessions.hold(made, over - 1).unwrap();
        assert!(sessions.find(&handle, over - 1).is_ok());
        assert!(sessions.find(&handle, over).is_err(), "the clock is set forward");
        assert!(sessions.find(&handle, over - 3_000).is_ok());
        std::thread::sleep(Duration::from_millis(1_100));
        assert!(sessions.find(&handle, over - 3_000).is_err(), "the clock is set back");
        sessions.forget_ended(over - 3_000);
        assert_eq!(sessions.count(), 0);
    }
}
