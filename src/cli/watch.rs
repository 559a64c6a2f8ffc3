//! Waiting for a change of files: their times and sizes, looked at a few times a second. That works on every file system,
//! those of containers and networks too, where notices of the system do not come.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

const PAUSE: Duration = Duration::from_millis(200);

/// What files looked like.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Snapshot(Vec<(PathBuf, Option<(SystemTime, u64)>)>);

impl Snapshot {
    pub(super) fn of(files: &[PathBuf]) -> Self {
        let look = |path: &PathBuf| {
            let file = std::fs::metadata(path).ok()?;
            Some((file.modified().ok()?, file.len()))
        };
        Self(files.iter().map(|path| (path.clone(), look(path))).collect())
    }
}

/// Returns when the files are others, or look otherwise.
pub(super) fn wait(before: &Snapshot, files: impl Fn() -> Vec<PathBuf>) {
    while Snapshot::of(&files()) == *before {
        thread::sleep(PAUSE);
    }
}
