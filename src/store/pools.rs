//! Configurations of identity pools: TOML that says the same as the manifest of whose they are, and the key sets that it
//! names by file. The rest of them is read by whoever makes sessions, and checked here with the feature `cognito`.

use toml::Spanned as Placed;
use toml::de::{DeTable, DeValue};

use crate::text::diagnostic::{Diagnostic, bounded, codes, excerpt};
use crate::text::problems::Problems;
use crate::text::source::Source;
use crate::text::span::Span;

use super::folder::Folder;
use super::manifest::Pool;
use super::rejected::Refused;
use super::shape::Word;
use super::snapshot::Snapshot;

/// The most bytes of a key set.
const MOST_KEYS: usize = 256 * 1024;

/// A key set of a provider's tokens that stands in a file of the store.
#[derive(Clone, Debug)]
pub struct KeySet {
    /// The file, as the configuration names it.
    pub file: String,
    /// Its text.
    pub json: Source,
}

/// What was read of a configuration and beside it.
#[derive(Default)]
pub(super) struct Read {
    /// What is wrong.
    pub(super) refused: Option<Refused>,
    pub(super) key_sets: Vec<KeySet>,
    /// Of the files of the key sets, by path.
    pub(super) digests: Vec<(String, [u8; 32])>,
}

/// Checks a configuration and reads the key sets that it names.
pub(super) fn read(pool: &Pool, source: &Source, folder: &Folder, snapshot: &Snapshot) -> Read {
    let mut read = Read::default();
    let mut problems = Problems::default();
    let (root, errors) = DeTable::parse_recoverable(source.text());
    for error in errors {
        let place = error.span().map(span).unwrap_or_default();
        problems.push(Diagnostic::error(codes::TOML_SYNTAX_ERROR, place, bounded(error.message())));
    }
    check_owner(pool, root.get_ref(), &mut problems);
    if !problems.has_error() {
        read_key_sets(pool, root.get_ref(), folder, &mut read, &mut problems);
        #[cfg(feature = "cognito")]
        check_whole(source, root.get_ref(), snapshot, &mut problems);
        #[cfg(not(feature = "cognito"))]
        let _ = snapshot;
    }
    let is_refused = problems.has_error();
    read.refused = is_refused.then(|| Refused { source: source.clone(), problems: problems.into_told() });
    read
}

fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

/// Whose the pool is: as the manifest says.
fn check_owner(pool: &Pool, root: &DeTable<'_>, problems: &mut Problems) {
    let is_read = !problems.has_error();
    for (name, stated) in [("id", &pool.id.value), ("account", &pool.account.value)] {
        // What could not be read is not missing.
        let Some(value) = root.get(name) else {
            if is_read {
                let message = format!("a pool without `{name}`");
                let problem = Diagnostic::error(codes::INVALID_MANIFEST, Span::default(), message);
                problems.push(problem.with_help(format!("add `{name} = \"{stated}\"`")));
            }
            continue;
        };
        if value.get_ref().as_str() != Some(stated.as_str()) {
            let message = format!("the manifest says `{stated}`");
            problems.push(Diagnostic::error(codes::INVALID_MANIFEST, span(value.span()), message));
        }
    }
}

/// The key sets in files beside the configuration: none from outside the store's folder, and each is part of the
/// store's revision.
fn read_key_sets(pool: &Pool, root: &DeTable<'_>, folder: &Folder, read: &mut Read, problems: &mut Problems) {
    for value in named_files(root) {
        let place = span(value.span());
        let Some(file) = value.get_ref().as_str() else { continue };
        if read.key_sets.iter().any(|known| known.file == file) {
            continue;
        }
        match key_set(pool, file, folder) {
            Ok((path, digest, json)) => {
                read.digests.push((path, digest));
                read.key_sets.push(KeySet { file: file.to_owned(), json });
            }
            Err(reason) => {
                let message = format!("the key set {} {reason}", excerpt(file));
                problems.push(Diagnostic::error(codes::UNREADABLE_FILE, place, message));
            }
        }
    }
}

/// The values of `jwks_file` of all providers.
fn named_files<'t>(root: &'t DeTable<'_>) -> impl Iterator<Item = &'t Placed<DeValue<'t>>> {
    let providers = root.get("providers").and_then(|value| value.get_ref().as_array());
    let tables = providers.into_iter().flatten().filter_map(|provider| provider.get_ref().as_table());
    tables.filter_map(|provider| provider.get("jwks_file"))
}

/// A key set: its path in the store, its digest and its text; why it is refused, as a predicate.
fn key_set(pool: &Pool, file: &str, folder: &Folder) -> Result<(String, [u8; 32], Source), String> {
    if !Word::File.holds(file) {
        return Err(format!("is not {}", Word::File.about()));
    }
    let beside = pool.config.value.rsplit_once('/').map(|(before, _)| before);
    let path = beside.map_or_else(|| file.to_owned(), |before| format!("{before}/{file}"));
    let content = folder.read(&path, MOST_KEYS)?;
    let source = Source::from_bytes(folder.name_of(&path), content.bytes)
        .map_err(|refused| format!("is refused: {}", refused.1.message))?;
    #[cfg(feature = "cognito")]
    crate::cognito::Jwks::parse(source.text().as_bytes())
        .map_err(|error| format!("cannot be used: {error}"))?;
    Ok((path, content.digest, source))
}

/// What is wrong with the rest, each at the member that it is in.
#[cfg(feature = "cognito")]
fn check_whole(source: &Source, root: &DeTable<'_>, snapshot: &Snapshot, problems: &mut Problems) {
    let pool = match toml::from_str::<crate::cognito::Pool>(source.text()) {
        Ok(pool) => pool,
        Err(error) => {
            let place = error.span().map(span).unwrap_or_default();
            problems.push(Diagnostic::error(codes::INVALID_MANIFEST, place, bounded(error.message())));
            return;
        }
    };
    let place = |member: &str| root.get(member).map(|value| span(value.span())).unwrap_or_default();
    for problem in pool.problems() {
        let member = problem.path.split(['.', '[']).next().unwrap_or_default();
        let told = bounded(&problem.to_string());
        problems.push(Diagnostic::error(codes::INVALID_MANIFEST, place(member), told));
    }
    let defaults = [&pool.roles.authenticated, &pool.roles.unauthenticated];
    let mut told = std::collections::BTreeSet::new();
    for arn in pool.role_arns().filter(|arn| told.insert(*arn)) {
        let is_default = defaults.iter().any(|role| role.as_deref() == Some(arn));
        let member = if is_default { "roles" } else { "role_mappings" };
        let what = match snapshot.has_role(arn) {
            None => "is not in the store: add it as a `[[role]]`",
            Some(false) => "has no `unique_id`, of which the context of its sessions is made: add it",
            Some(true) => continue,
        };
        let message = format!("the role {} {what}", excerpt(arn));
        problems.push(Diagnostic::error(codes::UNKNOWN_REFERENCE, place(member), message));
    }
    #[cfg(feature = "jwks-url")]
    for url in pool.providers.iter().filter_map(|provider| provider.jwks_url.as_deref()) {
        if let Err(error) = crate::cognito::RemoteJwks::new(url, crate::cognito::RemoteSettings::default()) {
            let told = bounded(&error.to_string());
            problems.push(Diagnostic::error(codes::INVALID_MANIFEST, place("providers"), told));
        }
    }
}

#[cfg(feature = "cognito")]
impl super::IdentityPool {
    /// The configuration, with the feature `cognito`: it was checked when the store was loaded.
    ///
    /// # Errors
    /// None of a pool that a store gives; of one put together by hand what is wrong with its text.
    pub fn pool(&self) -> Result<crate::cognito::Pool, toml::de::Error> {
        toml::from_str(self.config.text())
    }
}
