//! The files of a store: read within limits, and none from outside the folder.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

use super::read::Text;

/// The folder of a store.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    /// As it was given, for messages.
    name: PathBuf,
    /// Where it really is.
    root: PathBuf,
}

/// A file that was read.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) digest: [u8; 32],
}

impl Folder {
    pub(super) fn open(name: &Path) -> Result<Self, String> {
        let root = fs::canonicalize(name).map_err(|error| reason(&error))?;
        Ok(Self { name: name.to_owned(), root })
    }

    /// The name that messages give a file.
    pub(super) fn name_of(&self, path: &str) -> String {
        self.name.join(path).display().to_string()
    }

    /// Reads a file; why it cannot be read, as a predicate.
    pub(super) fn read(&self, path: &str, limit: usize) -> Result<Content, String> {
        let real = fs::canonicalize(self.root.join(path)).map_err(|error| reason(&error))?;
        if !real.starts_with(&self.root) {
            return Err("is a link to a place outside the store's folder".to_owned());
        }
        // Asked before it is opened: to open a pipe is to wait for whoever writes to it.
        if !fs::metadata(&real).map_err(|error| reason(&error))?.is_file() {
            return Err("is no file".to_owned());
        }
        let mut file = File::open(&real).map_err(|error| reason(&error))?;
        let before = file.metadata().map_err(|error| reason(&error))?;
        let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(limit).min(limit));
        let most = (limit as u64).saturating_add(1);
        (&mut file).take(most).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
        if bytes.len() > limit {
            return Err(format!("has more than {limit} bytes"));
        }
        let after = file.metadata().map_err(|error| reason(&error))?;
        let is_whole = after.len() == bytes.len() as u64 && before.modified().ok() == after.modified().ok();
        if !is_whole {
            return Err("was written while it was read; put a whole file in its place by renaming".to_owned());
        }
        let digest = Sha256::digest(&bytes).into();
        Ok(Content { bytes, digest })
    }

    /// The files that match one of some globs, by their paths in the order of these.
    pub(super) fn below(&self, globs: &GlobSet) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let walk = WalkDir::new(&self.root).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden_folder(entry)) {
            let entry = entry.map_err(|error| error.to_string())?;
            let inside = entry.path().strip_prefix(&self.root).unwrap_or(entry.path());
            if globs.is_match(inside) && entry.path().is_file() {
                let Some(path) = inside.to_str() else {
                    return Err("has a name that is not UTF-8".to_owned());
                };
                found.push(path.replace(std::path::MAIN_SEPARATOR, "/"));
            }
        }
        Ok(found)
    }
}

/// Reads the globs of `include`: those that cannot be read, and why.
pub(super) fn globs(texts: &[Text]) -> Result<GlobSet, Vec<(usize, String)>> {
    let (mut set, mut wrong) = (GlobSetBuilder::new(), Vec::new());
    for (number, text) in texts.iter().enumerate() {
        match GlobBuilder::new(&text.value).literal_separator(true).build() {
            Ok(glob) => {
                set.add(glob);
            }
            Err(error) => wrong.push((number, error.kind().to_string())),
        }
    }
    let built = set.build().map_err(|error| vec![(0, error.to_string())]);
    if wrong.is_empty() { built } else { Err(wrong) }
}

fn is_hidden_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_dir() && entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "may not be read".to_owned(),
        _ => {
            let text = error.to_string();
            format!("cannot be read: {}", text.split(" (os error").next().unwrap_or_default())
        }
    }
}

/// Does the same work on each item, on all cores with the feature `parallel`; the results in order.
#[cfg(feature = "parallel")]
pub(super) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
    items.par_iter().map(work).collect()
}

/// Does the same work on each item.
#[cfg(not(feature = "parallel"))]
pub(super) fn each<T, R>(items: &[T], work: impl Fn(&T) -> R) -> Vec<R> {
    items.iter().map(work).collect()
}
