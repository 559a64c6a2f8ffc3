//! Identities in a file: a line of JSON for each step, appended and flushed to the disk before the step is answered.
//!
//! A step whose line was not finished when the machine stopped was never answered: it is dropped. Any other line that
//! cannot be read is an error; nothing is guessed. The file is locked: one process at a time has it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

use crate::text::diagnostic::bounded;

use super::identity::{Book, Change, GUESTS, IdentityError, IdentityStore, LoginKey, locked};

/// Identities that are kept in a file.
#[derive(Debug)]
pub struct FileIdentities {
    name: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    book: Book,
    file: File,
    /// Bytes of finished lines.
    length: u64,
    /// A write failed and could not be undone: what the file holds is not known.
    is_broken: bool,
}

impl FileIdentities {
    /// Opens a file of identities, or makes an empty one, with room for [`GUESTS`].
    ///
    /// # Errors
    /// It cannot be read, is in use by another process, or has a line that cannot be.
    pub fn open(path: &Path) -> Result<Self, IdentityError> {
        Self::open_with_guests(path, GUESTS)
    }

    /// The same with room for so many guests; those of the file stay if they are more.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_guests(path: &Path, most: usize) -> Result<Self, IdentityError> {
        let name = path.display().to_string();
        let failed = |problem: String| IdentityError::Store { name: name.clone(), problem };
        let io = |error: std::io::Error| failed(format!("cannot be read: {error}"));
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(failed("is in use by another process".to_owned())),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        // From here on the lock is given back, whatever is wrong with the file.
        let mut state = State { book: Book::with_guests(most), file, length: 0, is_broken: false };
        let mut text = String::new();
        state.file.read_to_string(&mut text).map_err(io)?;
        let finished = finished(&text);
        read(finished, &mut state.book).map_err(failed)?;
        state.length = finished.len() as u64;
        state.file.set_len(state.length).map_err(io)?;
        state.file.seek(SeekFrom::Start(state.length)).map_err(io)?;
        Ok(Self { name, state: Mutex::new(state) })
    }

    /// Whether a file could be opened, beside a process that has it too: it is read, and neither made, locked nor changed.
    ///
    /// # Errors
    /// It cannot be read, or has a line that cannot be; or there is none, and no folder to make it in.
    pub fn check(path: &Path) -> Result<(), IdentityError> {
        let failed = |problem: String| IdentityError::Store { name: path.display().to_string(), problem };
        let io = |error: std::io::Error| failed(format!("cannot be read: {error}"));
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                return std::fs::read_dir(folder.unwrap_or(Path::new("."))).map(drop).map_err(io);
            }
            text => text.map_err(io)?,
        };
        read(finished(&text), &mut Book::with_guests(GUESTS)).map_err(failed)
    }

    fn step(
        &self,
        plan: impl FnOnce(&Book) -> Result<(String, Vec<Change>), IdentityError>,
    ) -> Result<String, IdentityError> {
        let mut state = locked(&self.state);
        let failed = |problem: String| IdentityError::Store { name: self.name.clone(), problem };
        if state.is_broken {
            return Err(failed("could not be written before: open it again".to_owned()));
        }
        let (id, changes) = plan(&state.book)?;
        if !changes.is_empty() {
            state.append(&changes).map_err(failed)?;
            state.book.apply_all(changes).map_err(|problem| failed(problem.to_owned()))?;
        }
        Ok(id)
    }
}

impl Drop for State {
    /// Closing the file is not enough: a program started meanwhile may hold it open for a moment longer.
    fn drop(&mut self) {
        // A lock that cannot be given back ends with the process.
        let _ = self.file.unlock();
    }
}

impl IdentityStore for FileIdentities {
    fn id(&self, pool: &str, logins: &[LoginKey]) -> Result<String, IdentityError> {
        self.step(|book| book.plan_id(pool, logins))
    }

    fn admit(&self, pool: &str, identity: &str, logins: &[LoginKey]) -> Result<String, IdentityError> {
        self.step(|book| book.plan_admit(pool, identity, logins))
    }
}

impl State {
    fn append(&mut self, changes: &[Change]) -> Result<(), String> {
        let mut line = serde_json::to_string(changes).map_err(|error| error.to_string())?;
        line.push('\n');
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => {
                self.length = self.length.saturating_add(line.len() as u64);
                Ok(())
            }
            Err(error) => {
                let undone = self.file.set_len(self.length);
                let back = undone.and_then(|()| self.file.seek(SeekFrom::Start(self.length)));
                self.is_broken = back.is_err();
                Err(format!("cannot be written: {error}"))
            }
        }
    }
}

/// The lines that have their end.
fn finished(text: &str) -> &str {
    text.rfind('\n').and_then(|end| text.get(..=end)).unwrap_or_default()
}

fn read(text: &str, book: &mut Book) -> Result<(), String> {
    for (number, line) in text.lines().enumerate() {
        let place = |problem: &str| format!("is damaged: line {} {problem}", number.saturating_add(1));
        let changes: Vec<Change> = serde_json::from_str(line)
            .map_err(|error| place(&format!("is no step: {}", bounded(&error.to_string()))))?;
        book.apply_all(changes).map_err(place)?;
    }
    Ok(())
}
