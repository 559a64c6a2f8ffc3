//! The file of a pool: the pool, its roles, and the files that they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::cognito::{Jwks, KeySource, KeysError, Pool, Provider, ProviderKind, Role};
use crate::compile::CompiledPolicy;
use crate::policy::{Document, Kind, Limits};
use crate::text::diagnostic::bounded;
use crate::text::source::position;

use super::super::error::CliError;
use super::super::input::Input;
use super::beside;

/// Most bytes of the file.
const MAX_BYTES: usize = 1024 * 1024;

/// A pool with what it needs.
pub(super) struct Opened {
    pub(super) pool: Pool,
    pub(super) roles: BTreeMap<String, Role>,
    pub(super) keys: Vec<ProviderKeys>,
}

/// A provider's name in logins, and its keys.
type ProviderKeys = (String, Arc<dyn KeySource>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolFile {
    pool: Pool,
    #[serde(default)]
    roles: Vec<RoleEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleEntry {
    arn: String,
    unique_id: String,
    trust: PathBuf,
    max_session_duration: Option<i64>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// Reads a pool with its roles, their trust policies and the key sets in files.
pub(super) fn open(path: &Path) -> Result<Opened, CliError> {
    let name = path.display().to_string();
    let failed = |problem: String| CliError::Pool { name: name.clone(), problem };
    let input = Input::Path(path.to_owned());
    let text = input.read_text(MAX_BYTES)?;
    if text.len() > MAX_BYTES {
        return Err(CliError::TooLong { name, limit: MAX_BYTES });
    }
    let file: PoolFile = toml::from_str(&text).map_err(|error| failed(place(&text, &error)))?;
    let pool = file.pool.check().map_err(|error| failed(error.to_string()))?;
    let mut roles = BTreeMap::new();
    for entry in &file.roles {
        let role = role(path, entry).map_err(|error| match error {
            RoleFailure::Cli(error) => error,
            RoleFailure::Role(problem) => failed(problem),
        })?;
        if roles.insert(entry.arn.clone(), role).is_some() {
            return Err(failed(format!("the role `{}` stands twice", entry.arn)));
        }
    }
    let keys = keys(path, &pool).map_err(|error| failed(error.to_string()))?;
    Ok(Opened { pool, roles, keys })
}

/// The developer provider.
pub(super) fn developer(pool: &Pool) -> Option<&str> {
    let provider = pool.providers.iter().find(|provider| provider.kind == ProviderKind::Developer);
    provider.map(|provider| provider.id.as_str())
}

enum RoleFailure {
    Cli(CliError),
    Role(String),
}

fn role(path: &Path, entry: &RoleEntry) -> Result<Role, RoleFailure> {
    let limits = Limits::default();
    let input = Input::Path(beside(path, &entry.trust));
    let json = input.read(limits.bytes).map_err(RoleFailure::Cli)?;
    let parsed = Document::parse_bytes(Kind::Trust, &input.name(), json, &limits)
        .map_err(|rejected| RoleFailure::Cli(CliError::Rejected(vec![rejected])))?;
    let trust = CompiledPolicy::compile(&[parsed.document])
        .map_err(|error| RoleFailure::Cli(CliError::Compile(error)))?;
    let failed = |error: crate::cognito::role::RoleError| RoleFailure::Role(error.to_string());
    let role = Role::new(&entry.arn, &entry.unique_id, trust).map_err(failed)?;
    let role = role.with_tags(entry.tags.clone()).map_err(failed)?;
    entry
        .max_session_duration
        .map_or(Ok(role.clone()), |seconds| role.with_max_duration(seconds))
        .map_err(failed)
}

/// The key set of each provider of tokens.
fn keys(path: &Path, pool: &Pool) -> Result<Vec<ProviderKeys>, KeysError> {
    let providers = pool.providers.iter().filter(|provider| provider.has_tokens());
    providers.map(|provider| Ok((provider.name(&pool.partition), source(path, pool, provider)?))).collect()
}

fn source(path: &Path, pool: &Pool, provider: &Provider) -> Result<Arc<dyn KeySource>, KeysError> {
    match (&provider.jwks_file, provider.key_set_url(&pool.partition)) {
        (Some(file), _) => Ok(Arc::new(Jwks::read(&beside(path, file))?)),
        (None, url) => fetched(&url.unwrap_or_default()),
    }
}

#[cfg(feature = "jwks-url")]
fn fetched(url: &str) -> Result<Arc<dyn KeySource>, KeysError> {
    use crate::cognito::{RemoteJwks, RemoteSettings};
    Ok(Arc::new(RemoteJwks::new(url, RemoteSettings::default())?))
}

#[cfg(not(feature = "jwks-url"))]
fn fetched(url: &str) -> Result<Arc<dyn KeySource>, KeysError> {
    let problem = "this program is built without the feature `jwks-url`; name a `jwks_file`";
    Err(KeysError::Url { url: url.to_owned(), problem })
}

/// What is wrong with a file in TOML, and where.
fn place(text: &str, error: &toml::de::Error) -> String {
    let message = bounded(error.message());
    let Some(at) = error.span().and_then(|span| u32::try_from(span.start).ok()) else { return message };
    let place = position(text, at);
    format!("line {}, column {}: {message}", place.line, place.column)
}
