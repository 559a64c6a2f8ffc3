//! The session that asks: one of a file that `verdikt session` told, or of an identity pool of the store.

use std::sync::Arc;

use clap::Args;

use crate::compile::CompiledPolicy;
use crate::decision_point::Settings;
use crate::request::SessionFacts;

use super::error::CliError;
use super::input::Input;
use super::stored::{Asking, Stored};

/// The session that asks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Session")]
pub(super) struct AsSession {
    /// Who asks: the session in this file, as `verdikt session --format json` writes it, with its context keys and its
    /// session policies; `-` reads standard input. Other keys may be given beside, those of the session may not
    #[cfg(feature = "cognito")]
    #[arg(long, value_name = "FILE", conflicts_with_all = OTHERS)]
    session_file: Option<Input>,
    /// Who asks: whoever has the token in this file, in an identity pool of the store; `-` reads standard input
    #[cfg(feature = "cognito")]
    #[arg(long, value_name = "FILE", requires = "store", conflicts_with_all = OTHERS, conflicts_with_all = ["session_file", "guest"])]
    token: Option<Input>,
    /// Who asks: a guest of an identity pool of the store
    #[cfg(feature = "cognito")]
    #[arg(long, requires = "store", conflicts_with_all = OTHERS, conflicts_with = "session_file")]
    guest: bool,
    /// The identity pool of the store, by its id [default: the only one]
    #[cfg(feature = "cognito")]
    #[arg(long, value_name = "ID", requires = "store", conflicts_with_all = OTHERS)]
    pool: Option<String>,
    /// The file that keeps identities: a login has the same id in every run [default: none, a new id in every run]
    #[cfg(feature = "cognito")]
    #[arg(long, value_name = "FILE", requires = "token", conflicts_with_all = ["guest", "session_file"])]
    identities: Option<std::path::PathBuf>,
}

/// What says otherwise who asks.
#[cfg(feature = "cognito")]
const OTHERS: [&str; 10] = [
    "request",
    "principal",
    "web_identity",
    "session",
    "no_derive",
    "role_path",
    "unique_id",
    "service_linked",
    "management_account",
    "federating_user",
];

/// What a session brings.
#[cfg_attr(not(feature = "cognito"), allow(dead_code, reason = "no session is read without the feature"))]
pub(super) struct Brought {
    pub(super) facts: SessionFacts,
    pub(super) policies: Option<Arc<CompiledPolicy>>,
}

/// Who asks, or why there is no session: which was told, and is a denial.
pub(super) enum SignedIn {
    Asking(Asking),
    #[cfg(feature = "cognito")]
    Refused(crate::cognito::PoolError),
}

#[cfg(feature = "cognito")]
impl AsSession {
    /// The files that are named.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.session_file.iter().chain(&self.token)
    }

    /// The session of a file, if one is named; it must not be over.
    pub(super) fn read(&self, now: i64) -> Result<Option<Brought>, CliError> {
        let Some(input) = &self.session_file else { return Ok(None) };
        let session = file(input)?;
        let refused = |source| CliError::Session { name: input.name(), source };
        let facts = session.facts(now).map_err(refused)?.clone();
        Ok(Some(Brought { facts, policies: session.session_policies().cloned() }))
    }

    /// What the store is opened with.
    pub(super) fn settings(&self) -> Result<Settings, CliError> {
        let identities = self.identities.as_deref().map(super::session::identities).transpose()?;
        Ok(Settings { identities, ..Settings::default() })
    }

    /// The session in a store, if one is asked for.
    pub(super) fn sign_in(&self, store: &Stored, now: i64) -> Result<Option<SignedIn>, CliError> {
        use crate::cognito::login::LoginError;
        use crate::decision_point::SignInError;
        let in_force = &store.in_force;
        let made = if let Some(input) = &self.session_file {
            let session = file(input)?;
            let own = session.parts().pool.clone();
            in_force.resume(self.pool.as_deref().unwrap_or(&own), session, now)
        } else if let Some(input) = &self.token {
            let pool = store.pool_id(self.pool.as_deref())?;
            match super::session::token(input)? {
                Ok(token) => in_force.login(pool, &token, now),
                Err(source) => Err(SignInError::Refused(LoginError::Unreadable(source).into())),
            }
        } else if self.guest {
            in_force.guest(store.pool_id(self.pool.as_deref())?, now)
        } else {
            return Ok(None);
        };
        match made {
            Ok(session) => Ok(Some(SignedIn::Asking(Asking::Session(Box::new(session))))),
            Err(SignInError::Refused(error)) if !error.is_failure() => Ok(Some(SignedIn::Refused(error))),
            Err(error) => Err(store.not_signed_in(&error)),
        }
    }
}

#[cfg(feature = "cognito")]
fn file(input: &Input) -> Result<crate::cognito::Session, CliError> {
    let text = input.read_text(crate::cognito::MAX_SESSION_BYTES)?;
    let refused = |source| CliError::Session { name: input.name(), source };
    crate::cognito::Session::from_json(&text).map_err(refused)
}

#[cfg(feature = "cognito")]
impl Stored {
    /// The pool of an id; without an id the only one.
    pub(super) fn pool_id<'a>(&'a self, asked: Option<&'a str>) -> Result<&'a str, CliError> {
        let ids: Vec<&str> = self.in_force.pool_ids().collect();
        match (asked, ids.as_slice()) {
            (Some(id), _) => Ok(id),
            (None, [only]) => Ok(only),
            (None, []) => Err(self.not_signed_in(&"it has no identity pool")),
            (None, all) => {
                Err(self.not_signed_in(&format!("say which identity pool, `--pool`: {}", all.join(", "))))
            }
        }
    }

    pub(super) fn not_signed_in(&self, problem: &dyn std::fmt::Display) -> CliError {
        CliError::Pool { name: self.folder.clone(), problem: problem.to_string() }
    }
}

#[cfg(not(feature = "cognito"))]
#[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same calls as with the feature")]
impl AsSession {
    /// No session can be named.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Input> {
        std::iter::empty()
    }

    /// No session can be named.
    pub(super) fn read(&self, _now: i64) -> Result<Option<Brought>, CliError> {
        Ok(None)
    }

    /// Nothing beside the folder.
    pub(super) fn settings(&self) -> Result<Settings, CliError> {
        Ok(Settings::default())
    }

    /// No session can be named.
    pub(super) fn sign_in(&self, _store: &Stored, _now: i64) -> Result<Option<SignedIn>, CliError> {
        Ok(None)
    }
}
