//! What a store was made of, in one value.

use std::fmt;

use sha2::{Digest, Sha256};

/// A hash (SHA-256) of the paths and contents of all files of a store. Two stores of one revision decide alike; any
/// changed byte makes another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Revision([u8; 32]);

impl Revision {
    /// Of files by path, in any order.
    pub(super) fn of(mut files: Vec<(String, [u8; 32])>) -> Self {
        files.sort_unstable();
        let mut hash = Sha256::new();
        for (path, digest) in files {
            // The length sets the path apart from what follows.
            hash.update((path.len() as u64).to_le_bytes());
            hash.update(path.as_bytes());
            hash.update(digest);
        }
        Self(hash.finalize().into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Revision {
    /// As 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
