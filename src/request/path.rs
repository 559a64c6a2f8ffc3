//! The hashes of a resource's path: of its sixth field up to and including each `/`, and of the whole field. The
//! compiled index files resource patterns under the same hashes.

use crate::text::hash::{hash_bytes, mix};

/// How many `/` are hashed; patterns are not filed deeper.
pub const DEPTHS: usize = 6;

/// The depth that stands for the whole field.
pub const WHOLE: usize = DEPTHS;

/// The depth of no `/` at all, at which every field is looked for; its hash is 0.
pub const ROOT: usize = WHOLE + 1;

/// The hashes of one resource; none for `*`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PathHashes {
    /// By depth; that of [`ROOT`] is 0.
    hashes: [u64; 8],
    /// Which of them are there, a bit each.
    depths: u8,
    has_colon: bool,
}

impl PathHashes {
    /// Hashes the sixth field of an ARN.
    pub fn new(field: &str) -> Self {
        let mut paths = Self { has_colon: field.contains(':'), ..Self::default() };
        paths.depths = 1 << WHOLE | 1 << ROOT;
        let bytes = field.as_bytes();
        let (mut hash, mut start) = (0, 0);
        let slashes = memchr::memchr_iter(b'/', bytes).take(DEPTHS);
        for (depth, (slash, place)) in slashes.zip(&mut paths.hashes).enumerate() {
            let end = slash.saturating_add(1);
            hash = mix(hash, hash_bytes(bytes.get(start..end).unwrap_or_default()));
            *place = hash;
            paths.depths |= 1 << depth;
            start = end;
        }
        let rest = hash_bytes(bytes.get(start..).unwrap_or_default());
        if let Some(place) = paths.hashes.get_mut(WHOLE) {
            *place = mix(!hash, rest);
        }
        paths
    }

    /// The depths that are there, a bit each.
    #[inline]
    pub fn depths(&self) -> u8 {
        self.depths
    }

    /// The hash of a depth that is there.
    #[inline]
    pub fn hash(&self, depth: usize) -> u64 {
        self.hashes.get(depth).copied().unwrap_or_default()
    }

    /// Whether the field holds a colon, so that a star of an earlier field could run into it.
    pub fn has_colon(&self) -> bool {
        self.has_colon
    }
}

/// Where a pattern whose sixth field begins with a literal is filed: the depth and hash of its deepest `/`, or of the
/// whole field where all of it is literal. `None` if there is no literal.
pub fn filed(head: &str, is_whole: bool) -> Option<(usize, u64)> {
    if is_whole {
        return Some((WHOLE, PathHashes::new(head).hash(WHOLE)));
    }
    let path = match head.rfind('/') {
        Some(slash) => head.get(..=slash)?,
        None if head.is_empty() => return None,
        None => "",
    };
    let paths = PathHashes::new(path);
    let deepest = (0..DEPTHS).rev().find(|depth| paths.depths & 1 << depth != 0).unwrap_or(ROOT);
    Some((deepest, paths.hash(deepest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_filed_where_its_matches_look() {
        let asked = PathHashes::new("bucket/a/b/c.txt");
        for (head, is_whole, expected) in [
            ("bucket/a/", false, Some(1)),
            ("bucket/a/b", false, Some(1)),
            ("bucket/", false, Some(0)),
            ("bucket/a/b/c.txt", true, Some(WHOLE)),
            ("bucket/a/b/", true, None),
            ("other/", false, None),
            ("buck", false, Some(ROOT)),
        ] {
            let filed = filed(head, is_whole).unwrap();
            let (depth, hash) = filed;
            let is_found = asked.depths() & 1 << depth != 0 && asked.hash(depth) == hash;
            assert_eq!(is_found.then_some(depth), expected, "{head}");
        }
        assert_eq!(filed("", false), None);
    }

    #[test]
    fn paths_deeper_than_the_limit_are_filed_at_it() {
        let deep = "a/b/c/d/e/f/g/h/i";
        let filed = filed("a/b/c/d/e/f/g/h/", false).unwrap();
        assert_eq!(filed.0, DEPTHS - 1);
        assert_eq!(PathHashes::new(deep).hash(filed.0), filed.1);
    }
}
