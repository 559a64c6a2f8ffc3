//! `verdikt session`: who a login is in an identity pool, which role they get and why.

mod file;
mod told;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::cognito::identity::IdentityError;
use crate::cognito::login::LoginError;
use crate::cognito::token::MAX_BYTES;
use crate::cognito::{
    Credential, FileIdentities, IdentityPool, IdentityStore, Login, MemoryIdentities, PoolError, Roles,
    Session, TokenError, UnverifiedToken,
};
use crate::decision_point::Settings;

use super::clock::Now;
use super::error::{CliError, Exit};
use super::input::{Input, once};
use super::render::{self, Terminal};
use super::single::Format;
use super::stored;
use file::Opened;

/// Where identities are kept.
type Identities = Arc<dyn IdentityStore>;

/// Make a session of an identity pool from a login token, or a guest's
///
/// Verifies the token, finds the identity, selects the role, asks its trust policy, and tells all of it: who it is, which
/// role and why, the principal tags, the session policies, and until when. `verdikt decide --session-file` decides
/// requests of a session that was written with `--format json`. The file is not signed: it proves nothing to others.
#[derive(Debug, Args)]
#[command(override_usage = "\
verdikt session --pool <FILE> --token <FILE> [OPTIONS]
       verdikt session --pool <FILE> --login <PROVIDER=FILE>… [OPTIONS]
       verdikt session --pool <FILE> --developer <USER> [OPTIONS]
       verdikt session --pool <FILE> --guest [OPTIONS]
       verdikt session --store <DIR> [--pool <ID>] --token <FILE>|--guest|… [OPTIONS]")]
pub(super) struct SessionArgs {
    /// The pool and its roles, in TOML, whose files stand beside it; with `--store` the id of one of its pools
    /// [default: the only one]
    #[arg(long, value_name = "FILE|ID", required_unless_present = "store")]
    pool: Option<OsString>,
    /// A store, the folder of a `verdikt.toml`, with its pools and roles
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// A file with a token of one of the pool's providers; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["login", "developer", "guest"], required_unless_present_any = ["login", "developer", "guest"])]
    token: Option<Input>,
    /// A provider and a file with its token; repeatable
    #[arg(long, value_name = "PROVIDER=FILE", value_parser = provider_and_file)]
    login: Vec<(String, Input)>,
    /// A user of the pool's developer provider, for whom the caller vouches
    #[arg(long, value_name = "USER")]
    developer: Option<String>,
    /// A guest, who has no login
    #[arg(long, conflicts_with_all = ["login", "developer", "custom_role"])]
    guest: bool,
    /// The role that is asked for among those of the token (`CustomRoleArn`)
    #[arg(long, value_name = "ARN")]
    custom_role: Option<String>,
    /// The identity that is asked for [default: the login's; a new one for a guest]
    #[arg(long, value_name = "ID", requires = "identities")]
    identity: Option<String>,
    /// The file that keeps identities: a login has the same id in every run [default: none, a new id in every run]
    #[arg(long, value_name = "FILE")]
    identities: Option<PathBuf>,
    /// The time, such as 2026-01-31T12:00:00Z [default: the clock's]
    #[arg(long, value_name = "TIME", value_parser = Now::read)]
    now: Option<Now>,
    /// For people, or the session file
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl SessionArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        once("session", self.token.iter().chain(self.login.iter().map(|(_, input)| input)))?;
        let now = Now::or_clock(self.now);
        let identities: Identities = match &self.identities {
            Some(path) => identities(path)?,
            None => Arc::new(MemoryIdentities::default()),
        };
        let made = match &self.store {
            Some(folder) => self.of_store(folder, identities, now, terminal)?,
            None => self.of_file(identities, now)?,
        };
        match made {
            Ok(session) => {
                match self.format {
                    Format::Text => terminal.print(&told::session(&session))?,
                    Format::Json => {
                        let text = session.to_json().map_err(|error| self.failed(&error))?;
                        render::write(format!("{text}\n").as_bytes())?
                    }
                };
                Ok(Exit::Clean)
            }
            Err(error) if error.is_failure() => Err(self.failed(&error)),
            Err(error) => refuse(&error, self.format, terminal),
        }
    }

    /// The session in a pool of a store.
    fn of_store(
        &self,
        folder: &Path,
        identities: Identities,
        now: i64,
        terminal: Terminal,
    ) -> Result<Result<Session, PoolError>, CliError> {
        let settings = Settings { identities: Some(identities), ..Settings::default() };
        let store = stored::open(folder, settings, now, terminal)?;
        let asked = self.pool.as_ref().map(|pool| pool.to_string_lossy());
        let id = store.pool_id(asked.as_deref())?;
        let pool = store.in_force.pool(id).map_err(|error| store.not_signed_in(&error))?;
        self.session(pool, &store.in_force.roles(), now)
    }

    /// The session in the pool of a file.
    fn of_file(&self, identities: Identities, now: i64) -> Result<Result<Session, PoolError>, CliError> {
        let Opened { pool, roles, keys } = file::open(&self.file())?;
        let mut pool = IdentityPool::new(pool, identities).map_err(|error| self.failed(&error))?;
        for (provider, keys) in keys {
            pool = pool.with_keys(&provider, keys);
        }
        self.session(&pool, &roles, now)
    }

    fn file(&self) -> PathBuf {
        self.pool.clone().unwrap_or_default().into()
    }

    /// The session, or why there is none.
    fn session<I: IdentityStore>(
        &self,
        pool: &IdentityPool<I>,
        roles: &dyn Roles,
        now: i64,
    ) -> Result<Result<Session, PoolError>, CliError> {
        let logins = match self.logins(pool, now)? {
            Ok(logins) => logins,
            Err(error) => return Ok(Err(error)),
        };
        let identity = match &self.identity {
            Some(identity) => Ok(identity.clone()),
            None => pool.get_id(&logins),
        };
        let custom = self.custom_role.as_deref();
        Ok(identity
            .and_then(|identity| pool.credentials_for_identity(&identity, &logins, custom, roles, now)))
    }

    fn logins<I: IdentityStore>(
        &self,
        pool: &IdentityPool<I>,
        now: i64,
    ) -> Result<Result<Vec<Login>, PoolError>, CliError> {
        let mut given: Vec<(&str, Credential)> = Vec::new();
        for (provider, input) in &self.login {
            match token(input)? {
                Ok(token) => given.push((provider, Credential::Token(token))),
                Err(source) => return Ok(Err(refused(provider, source).into())),
            }
        }
        if let Some(user) = &self.developer {
            let Some(provider) = file::developer(pool.pool()) else {
                return Err(self.failed(&"the pool has no developer provider"));
            };
            given.push((provider, Credential::Developer(user.clone())));
        }
        let Some(input) = &self.token else { return Ok(pool.logins(&given, now)) };
        match token(input)? {
            Ok(token) => Ok(pool.logins_of(&token, now)),
            Err(source) => Ok(Err(LoginError::Unreadable(source).into())),
        }
    }

    fn failed(&self, problem: &dyn std::fmt::Display) -> CliError {
        let name = self.store.clone().unwrap_or_else(|| self.file()).display().to_string();
        CliError::Pool { name, problem: problem.to_string() }
    }
}

/// Tells why there is no session.
pub(super) fn refuse(error: &PoolError, format: Format, terminal: Terminal) -> Result<Exit, CliError> {
    match format {
        Format::Text => told::refusal(terminal, error)?,
        Format::Json => render::write(format!("{}\n", told::refusal_json(error)).as_bytes())?,
    };
    Ok(Exit::Denied)
}

/// The identities that a file keeps.
pub(super) fn identities(path: &Path) -> Result<Identities, CliError> {
    let failed = |error: IdentityError| {
        let name = path.display().to_string();
        CliError::Pool { name, problem: error.to_string() }
    };
    Ok(Arc::new(FileIdentities::open(path).map_err(failed)?))
}

pub(super) fn token(input: &Input) -> Result<Result<UnverifiedToken, TokenError>, CliError> {
    let text = input.read_text(MAX_BYTES.saturating_add(2))?;
    Ok(UnverifiedToken::parse(text.trim_ascii_end()))
}

fn refused(provider: &str, source: TokenError) -> LoginError {
    LoginError::Token { provider: provider.to_owned(), source }
}

/// Splits at the first equals sign.
fn provider_and_file(text: &str) -> Result<(String, Input), String> {
    let (provider, file) = text.split_once('=').ok_or("no `=` between the provider and the file")?;
    Ok((provider.to_owned(), OsString::from(file).into()))
}

/// A path beside another.
fn beside(path: &Path, name: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).join(name)
}
