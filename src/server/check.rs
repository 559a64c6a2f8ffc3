//! Whether a service could start as it is set up, without what starting leaves behind: no file is made, locked or changed,
//! so that it can be asked beside a service that runs.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use crate::cognito::FileIdentities;
use crate::decision_point::Settings;

use super::auth::Tokens;
use super::config::{Config, Listen};
use super::log::LogTarget;
use super::state::{StartError, has_pool, open};
use super::tls::Certificate;

/// Reads everything that a configuration names.
///
/// # Errors
/// The first thing that cannot be used.
pub(super) fn check(config: &Config) -> Result<(), StartError> {
    config.check()?;
    config.tokens.as_deref().map(Tokens::read).transpose()?;
    let point = open(&config.store, Settings::default())?;
    has_pool(config, &point)?;
    config.shadow.as_deref().map(|folder| open(folder, Settings::default())).transpose()?;
    if let Some(tls) = &config.tls {
        std::sync::Arc::new(Certificate::read(tls)?).config()?;
    }
    if let Some(path) = &config.identities {
        FileIdentities::check(path).map_err(|error| StartError::Identities(error.to_string()))?;
    }
    if let Some(LogTarget::File(path)) = config.log.as_ref().map(|log| &log.target) {
        let failed = |source| StartError::System { what: "open the decision log".to_owned(), source };
        appendable(path).map_err(failed)?;
    }
    for address in &config.listen {
        let failed = |source| StartError::System { what: format!("listen on `{address}`"), source };
        if let Listen::Unix(path) = address {
            bindable(path).map_err(failed)?;
        }
    }
    Ok(())
}

/// Whether a file could be appended to, or made.
fn appendable(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() || found.is_dir() => {
            OpenOptions::new().append(true).open(path).map(drop)
        }
        // To open a pipe would wait for a reader.
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => in_folder(path),
        Err(error) => Err(error),
    }
}

/// Whether a socket could be made, or take the place of the one of before.
fn bindable(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => Ok(()),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file that is no socket is there")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => in_folder(path),
        Err(error) => Err(error),
    }
}

/// Whether the folder of a file is there.
fn in_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::read_dir(folder).map(drop)
}
