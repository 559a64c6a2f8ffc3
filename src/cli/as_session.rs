//! `--session-file`: the request is one of a session that `verdikt session` told.

use std::sync::Arc;

use clap::Args;

use crate::compile::CompiledPolicy;
use crate::request::SessionFacts;

use super::error::CliError;
use super::input::Input;

/// The session that asks.
#[derive(Debug, Args)]
pub(super) struct AsSession {
    /// Who asks: the session in this file, as `verdikt session --format json` writes it, with its context keys and its
    /// session policies; `-` reads standard input. Other keys may be given beside, those of the session may not
    #[cfg(feature = "cognito")]
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["store", "request", "principal", "web_identity", "session", "no_derive", "role_path", "unique_id",
            "service_linked", "management_account", "federating_user"]
    )]
    session_file: Option<Input>,
}

/// What a session brings.
#[cfg_attr(not(feature = "cognito"), allow(dead_code, reason = "no session is read without the feature"))]
pub(super) struct Brought {
    pub(super) facts: SessionFacts,
    pub(super) policies: Option<Arc<CompiledPolicy>>,
}

#[cfg(feature = "cognito")]
impl AsSession {
    /// The file, if one is named.
    pub(super) fn input(&self) -> Option<&Input> {
        self.session_file.as_ref()
    }

    /// The session, if one is named; it must not be over.
    pub(super) fn read(&self, now: i64) -> Result<Option<Brought>, CliError> {
        let Some(input) = &self.session_file else { return Ok(None) };
        let refused = |source| CliError::Session { name: input.name(), source };
        let text = input.read_text(crate::cognito::MAX_SESSION_BYTES)?;
        let session = crate::cognito::Session::from_json(&text).map_err(refused)?;
        let facts = session.facts(now).map_err(refused)?.clone();
        Ok(Some(Brought { facts, policies: session.session_policies().cloned() }))
    }
}

#[cfg(not(feature = "cognito"))]
#[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same calls as with the feature")]
impl AsSession {
    /// No session can be named.
    pub(super) fn input(&self) -> Option<&Input> {
        None
    }

    /// No session can be named.
    pub(super) fn read(&self, _now: i64) -> Result<Option<Brought>, CliError> {
        Ok(None)
    }
}
