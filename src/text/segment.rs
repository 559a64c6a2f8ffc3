//! A pattern as segments between stars: the first anchored at the head, the last at the tail, the others found from
//! left to right, each at its leftmost place, which is enough because all stars are equal.
//!
//! Bound: a segment that is one literal is found in linear time. Any other is first tried place by place, which is
//! the fastest way for what policies hold; after [`PLACES`] places in vain the rest of the pattern is left to
//! [`Window`], which tries 128 places at once. Every variable is resolved once for a segment, however many places are
//! tried, so that neither the length of its name nor of its value counts at each.

use std::iter::once;

use memchr::memmem;

use super::pool::{Atom, Pool, Variables};
use super::template::SEGMENT_WILDCARDS;
use super::window::{PLANE, Window};

/// How many places of a text are tried in vain, one by one, before many are tried at once.
const PLACES: usize = 64;
/// A head of so many bytes more counts as one place more: what looks for it reads it whole at each place.
const HEAD: usize = 64;
/// Pieces of most segments.
const FEW: usize = 8;
/// Pieces of the longest segment that a policy may hold: a literal around every wildcard.
const PIECES: usize = SEGMENT_WILDCARDS * 2 + 1;

/// A piece of a segment, its variable replaced.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'a> {
    Text(&'a [u8]),
    One,
}

/// A segment whose variables are resolved.
pub(super) struct Segment<'s, 'a, V> {
    first: &'s [Piece<'a>],
    /// What a policy within the limits does not have.
    rest: &'a [Atom],
    pool: &'a Pool,
    variables: &'a V,
}

/// Why a search stops.
enum Stop {
    /// The segment is nowhere.
    Nowhere,
    /// The places that may be tried in vain are used up; the next one is here.
    Spent(usize),
}

impl Pool {
    /// Whether atoms match the whole text; under `open`, variables stand for any text.
    pub(super) fn match_atoms<V: Variables>(
        &self,
        atoms: &[Atom],
        text: &[u8],
        variables: &V,
        open: bool,
    ) -> Option<()> {
        let gap = |atom: &Atom| *atom == Atom::Star || (open && matches!(atom, Atom::Variable(_)));
        let mut segments = atoms.split(gap);
        let mut at = self.match_head(segments.next()?, text, variables)?;
        let Some(tail) = segments.next_back() else {
            return (at == text.len()).then_some(());
        };
        let pieces = tail.iter().rev().map(|atom| self.piece(*atom, variables));
        let text = text.get(..match_before(pieces, text)?)?;
        let mut places = PLACES;
        while let Some(atoms) = segments.next() {
            let found = match atoms {
                [Atom::Literal(literal)] => find_literal(self.bytes(*literal), text, at).ok_or(Stop::Nowhere),
                _ => self.resolved(atoms, variables, |segment| segment.find(text, at, &mut places))?,
            };
            at = match found {
                Ok(end) => end,
                Err(Stop::Nowhere) => return None,
                Err(Stop::Spent(at)) => {
                    return self.match_many(once(atoms).chain(segments), text.get(at..)?, variables);
                }
            };
        }
        (at <= text.len()).then_some(())
    }

    /// Finds segments from left to right, each by many places at once.
    #[cold]
    #[inline(never)]
    fn match_many<'a, V: Variables>(
        &'a self,
        segments: impl Iterator<Item = &'a [Atom]>,
        text: &[u8],
        variables: &'a V,
    ) -> Option<()> {
        let mut window = Window::<PLANE>::new(text);
        for atoms in segments {
            self.resolved(atoms, variables, |segment| window.find(segment))??;
        }
        Some(())
    }

    /// Resolves the variables of a segment and goes on with it; `None` if one has no value.
    pub(super) fn resolved<'a, V: Variables, R>(
        &'a self,
        atoms: &'a [Atom],
        variables: &'a V,
        run: impl FnOnce(&Segment<'_, 'a, V>) -> R,
    ) -> Option<R> {
        let (mut few, mut many);
        let slots: &mut [Piece<'a>] = if atoms.len() <= FEW {
            few = [Piece::One; FEW];
            &mut few
        } else {
            many = [Piece::One; PIECES];
            &mut many
        };
        let (atoms, rest) = atoms.split_at_checked(slots.len()).unwrap_or((atoms, &[]));
        for (slot, atom) in slots.iter_mut().zip(atoms) {
            *slot = self.piece(*atom, variables)?;
        }
        let first = slots.get(..atoms.len())?;
        Some(run(&Segment { first, rest, pool: self, variables }))
    }

    /// Matches a segment at the head of a text; the offset after it.
    ///
    /// PERF: every pattern comes here and few go on, so the pieces are not made first.
    fn match_head<V: Variables>(&self, atoms: &[Atom], text: &[u8], variables: &V) -> Option<usize> {
        let mut at = 0_usize;
        for atom in atoms {
            let rest = text.get(at..)?;
            let len = match atom {
                Atom::Literal(literal) => prefix_len(rest, self.bytes(*literal))?,
                Atom::Variable(variable) => prefix_len(rest, self.value(*variable, variables)?.as_bytes())?,
                Atom::Question => char_len(*rest.first()?),
                Atom::Star => return None,
            };
            at = at.saturating_add(len);
        }
        Some(at)
    }

    fn piece<'a, V: Variables>(&'a self, atom: Atom, variables: &'a V) -> Option<Piece<'a>> {
        match atom {
            Atom::Literal(literal) => Some(Piece::Text(self.bytes(literal))),
            Atom::Variable(variable) => Some(Piece::Text(self.value(variable, variables)?.as_bytes())),
            Atom::Question => Some(Piece::One),
            Atom::Star => None,
        }
    }
}

impl<'a, V: Variables> Segment<'_, 'a, V> {
    /// The pieces; past the first [`PIECES`] a variable is resolved each time, and may turn out to have no value.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Option<Piece<'a>>> {
        let (pool, variables) = (self.pool, self.variables);
        let rest = self.rest.iter().map(move |atom| pool.piece(*atom, variables));
        self.first.iter().copied().map(Some).chain(rest)
    }

    /// The leftmost place at or after `at`, tried one by one; the offset after it.
    fn find(&self, text: &[u8], mut at: usize, places: &mut usize) -> Result<usize, Stop> {
        let head = match self.first.first() {
            Some(Piece::Text(head)) => head,
            _ => &[][..],
        };
        let cost = 1_usize.saturating_add(head.len() / HEAD);
        loop {
            let rest = text.get(at..).ok_or(Stop::Nowhere)?;
            if !head.is_empty() {
                at = at.saturating_add(memmem::find(rest, head).ok_or(Stop::Nowhere)?);
            }
            if let Some(end) = match_at(self.pieces(), text, at) {
                return Ok(end);
            }
            at = at.saturating_add(char_len(*text.get(at).ok_or(Stop::Nowhere)?));
            *places = places.checked_sub(cost).ok_or(Stop::Spent(at))?;
        }
    }
}

/// The leftmost place of a literal at or after `at`; the offset after it.
fn find_literal(literal: &[u8], text: &[u8], at: usize) -> Option<usize> {
    let place = memmem::find(text.get(at..)?, literal)?;
    Some(at.saturating_add(place).saturating_add(literal.len()))
}

/// Matches pieces from `at`; the offset after them.
fn match_at<'a>(
    pieces: impl Iterator<Item = Option<Piece<'a>>>,
    text: &[u8],
    mut at: usize,
) -> Option<usize> {
    for piece in pieces {
        #[cfg(test)]
        super::count::add(1);
        let rest = text.get(at..)?;
        let len = match piece? {
            Piece::Text(piece) => prefix_len(rest, piece)?,
            Piece::One => char_len(*rest.first()?),
        };
        at = at.saturating_add(len);
    }
    Some(at)
}

fn prefix_len(text: &[u8], prefix: &[u8]) -> Option<usize> {
    text.starts_with(prefix).then_some(prefix.len())
}

/// Matches pieces, the last one first, so that they end where the text ends; the offset of their start.
fn match_before<'a>(pieces: impl Iterator<Item = Option<Piece<'a>>>, text: &[u8]) -> Option<usize> {
    let mut rest = text;
    for piece in pieces {
        rest = match piece? {
            Piece::Text(piece) => rest.strip_suffix(piece)?,
            Piece::One => rest.get(..rest.iter().rposition(|byte| is_first(*byte))?)?,
        };
    }
    Some(rest.len())
}

/// The length of a UTF-8 character by its first byte.
pub(super) fn char_len(first: u8) -> usize {
    match first {
        0x00..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..=0xff => 4,
    }
}

/// Whether a byte is the first of a UTF-8 character.
pub(super) fn is_first(byte: u8) -> bool {
    !(0x80..0xc0).contains(&byte)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]
mod tests {
    use super::super::count;
    use super::super::pool::Resolved;
    use super::super::template::{Syntax, segment_wildcards, tokenize};
    use super::*;

    struct Value(String);

    impl Variables for Value {
        fn resolve(&self, _hash: u64, _name: &str) -> Resolved<'_> {
            Resolved::Text(&self.0)
        }
    }

    /// Steps that a pattern takes to match a text in vain.
    fn steps(pattern: &str, text: &str, value: &str) -> usize {
        assert!(pattern.len() <= 8 * 1024 && text.len() <= 8 * 1024);
        let tokens = tokenize(pattern, Syntax { wildcards: true, variables: true }).unwrap();
        assert!(segment_wildcards(&tokens) <= SEGMENT_WILDCARDS);
        let mut pool = Pool::new();
        let built = pool.pattern(&tokens);
        let (is_match, steps) = count::during(|| pool.matches(built, text, &Value(value.to_owned())));
        assert!(!is_match, "{pattern}");
        steps
    }

    /// Patterns that send a matcher with backtracking, or one of a table, through millions of steps and more, at the
    /// limits that accept them.
    #[test]
    fn no_accepted_pattern_takes_many_steps() {
        // The places tried one by one, the pieces of each, and what the window says of itself.
        const MOST: usize = 64 * 65 + 4_096 * 4_096 / 128;
        let long = "a".repeat(8 * 1024);
        let half = "a".repeat(4 * 1024);
        let patterns = [
            format!("{}b", "*a".repeat(4_000)),
            format!("*{}b", "?*".repeat(4_000)),
            format!("*{}b*", "a?".repeat(32)),
            format!("{}c", format!("*{}b", "a?".repeat(31)).repeat(120)),
            format!("{}*c", format!("*{}", "?a".repeat(31)).repeat(120)),
            format!("*{half}?b*"),
            format!("*?{half}b*"),
            format!("*{}b*", "?${v}".repeat(16)),
            format!("*{}*", "${v}b".repeat(32)),
            format!("*{}b*", format!("{}?", "a".repeat(240)).repeat(32)),
        ];
        for pattern in patterns {
            for value in ["a", &"a".repeat(250), &half] {
                let steps = steps(&pattern, &long, value);
                assert!(steps <= MOST, "{steps} steps: {pattern}");
            }
        }
    }

    /// A literal is searched for, not tried at each place; of a longer segment its head is.
    #[test]
    fn a_head_is_searched_for() {
        let long = "ab".repeat(4_000);
        for pattern in ["*ab*ba*c*", "*c?b*", "*c${v}b*", "*${v}?*"] {
            assert_eq!(steps(pattern, &long, "c"), 0, "{pattern}");
        }
        // The head is found at one place.
        assert_eq!(steps("*c?b*", &format!("{long}caa"), "c"), 3);
    }

    /// Each place costs the more the longer its head is: a head of 128 bytes as much as three.
    #[test]
    fn long_heads_are_tried_at_fewer_places() {
        let head = "a".repeat(128);
        // A place takes three steps: the head, the `?` and the `b`. The fifth matches; there is no `z`.
        assert_eq!(steps(&format!("*{head}?b*z*"), &format!("aaaa{head}xb"), ""), 5 * 3);
        // A head that costs as much as all the places is tried at two, then read once for many: sixty are not tried.
        let head = "a".repeat(HEAD * (PLACES - 1));
        let in_vain = steps(&format!("*{head}?b*"), &"a".repeat(head.len() + 60), "");
        assert!(in_vain > head.len(), "{in_vain}");
    }

    /// The variables of a segment are resolved twice at most, however many places are tried.
    #[test]
    fn variables_of_a_long_segment_are_not_resolved_at_each_place() {
        struct Counting(std::cell::Cell<usize>);
        impl Variables for Counting {
            fn resolve(&self, _hash: u64, _name: &str) -> Resolved<'_> {
                self.0.set(self.0.get() + 1);
                Resolved::Text("v")
            }
        }
        let mut pool = Pool::new();
        for variables in [4, 12, SEGMENT_WILDCARDS] {
            let pattern = format!("*{}*", "a${v}".repeat(variables));
            let tokens = tokenize(&pattern, Syntax { wildcards: true, variables: true }).unwrap();
            let built = pool.pattern(&tokens);
            let counting = Counting(std::cell::Cell::new(0));
            let text = format!("{}a-", "av".repeat(variables - 1)).repeat(20);
            assert!(!pool.matches(built, &text, &counting));
            // For the places tried one by one, and for the window.
            assert!(counting.0.get() <= 2 * variables, "{variables}: {}", counting.0.get());
        }
    }
}
