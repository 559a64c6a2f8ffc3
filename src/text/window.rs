//! Many places at once: which of the next 128 characters of a text does a segment of a pattern begin at?
//!
//! A lane stands for each place. Each byte of the segment is compared with the byte that every lane has at that
//! distance, and a lane whose byte differs is dead; the first lane alive at the end is the leftmost place. The
//! comparison is a loop over two arrays, which compilers turn into vector instructions: some clock cycles for 128
//! lanes. No text can make that slower, and there are no tables to build for a segment.
//!
//! `?` is a character, of one to four bytes, so the text is laid out by characters: the first bytes of all characters
//! in one plane, the second bytes in another. A byte of the segment that is the second of its character is compared
//! with the second plane, and `?` is a step of one place for every lane.
//!
//! Bound: a segment of m bytes that advances over d characters takes m * d / 128 steps, at least m. The two share the
//! text, so a text of 8 KiB takes at most 4,096 * 4,096 / 128 steps for all segments together. Texts longer than the
//! window are laid out a part at a time. The cost then grows in proportion to the text and to the segment.

use super::pool::Variables;
use super::segment::{Piece, Segment, char_len, is_first};

/// Places that are tried at once.
const LANES: usize = 128;
/// Bytes of a plane: as many characters as the longest text that a request may hold by default has bytes, and what the
/// lanes read past the last one.
pub(super) const PLANE: usize = 8 * 1024 + LANES;
/// Bytes of a segment after which the search looks whether any lane is alive.
const CHECK: usize = 32;

/// The characters that follow the place which is reached in a text.
pub(super) struct Window<'t, const PLANE: usize> {
    text: &'t [u8],
    /// Four planes: the first bytes of the characters, the second, the third, the fourth.
    planes: [[u8; PLANE]; 4],
    /// How many characters are laid out.
    held: usize,
    /// The byte after them.
    end: usize,
    /// The byte of the place that is reached.
    at: usize,
    /// The same place as a character of the window.
    index: usize,
}

impl<'t, const PLANE: usize> Window<'t, PLANE> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        let mut window = Self { text, planes: [[0; PLANE]; 4], held: 0, end: 0, at: 0, index: 0 };
        window.fill();
        window
    }

    /// Advances past the leftmost place of a segment.
    pub(super) fn find<V: Variables>(&mut self, segment: &Segment<'_, '_, V>) -> Option<()> {
        let needed = self.chars(segment)?.saturating_add(LANES);
        loop {
            if self.is_short_of(self.index, needed) && self.index > 0 {
                self.fill();
            }
            let at = self.at;
            if self.pass(segment).is_some() {
                return Some(());
            }
            if self.at != at {
                self.at = at;
                self.fill();
            }
            if self.held.saturating_sub(self.index) < needed && self.end == self.text.len() {
                return None;
            }
            self.advance(LANES);
        }
    }

    /// Advances past the leftmost of the next places at which a segment begins. If there is none, the window may have
    /// moved on.
    fn pass<V: Variables>(&mut self, segment: &Segment<'_, '_, V>) -> Option<()> {
        let mut lanes = Lanes([u8::MAX; LANES]);
        let mut index = self.index;
        for piece in segment.pieces() {
            let mut text = match piece? {
                Piece::Text(text) => text,
                Piece::One => {
                    index = self.reach(index).saturating_add(1);
                    continue;
                }
            };
            while !text.is_empty() {
                let (bytes, after) = split(text);
                index = self.reach(index);
                index = lanes.keep(&self.planes, index, bytes)?;
                text = after;
            }
        }
        let lane = lanes.0.iter().position(|lane| *lane != 0)?;
        index = self.reach(index).saturating_add(lane);
        (index <= self.held).then(|| self.advance(index.saturating_sub(self.index)))
    }

    /// Moves the window on to a character unless it holds what the lanes there are compared with; its new index.
    fn reach(&mut self, index: usize) -> usize {
        if !self.is_short_of(index, CHECK * 2 + LANES) {
            return index;
        }
        self.advance(index.saturating_sub(self.index));
        self.fill();
        self.index
    }

    /// How many characters a segment takes; `None` if the text has fewer bytes left.
    fn chars<V: Variables>(&self, segment: &Segment<'_, '_, V>) -> Option<usize> {
        let (mut chars, mut left) = (0_usize, self.text.len().saturating_sub(self.at));
        for piece in segment.pieces() {
            let (more, bytes) = match piece? {
                Piece::Text(text) if text.len() > left => return None,
                Piece::Text(text) => (text.iter().filter(|byte| is_first(**byte)).count(), text.len()),
                Piece::One => (1, 1),
            };
            chars = chars.saturating_add(more);
            left = left.checked_sub(bytes)?;
        }
        Some(chars)
    }

    /// Whether fewer characters follow than are needed, although the text has more.
    fn is_short_of(&self, index: usize, needed: usize) -> bool {
        self.held.saturating_sub(index) < needed && self.end < self.text.len()
    }

    /// Lays out the characters from the place that is reached.
    fn fill(&mut self) {
        (self.held, self.index, self.end) = (0, 0, self.at);
        let planes = self.planes.as_flattened_mut();
        let mut place = 0_usize;
        for byte in self.text.iter().skip(self.at) {
            if !is_first(*byte) {
                place = place.saturating_add(PLANE);
            } else if self.held.saturating_add(LANES) == PLANE {
                break;
            } else {
                place = self.held;
                self.held = self.held.saturating_add(1);
            }
            if let Some(slot) = planes.get_mut(place) {
                *slot = *byte;
            }
            self.end = self.end.saturating_add(1);
        }
    }

    /// Goes on by some of the characters that are laid out.
    fn advance(&mut self, chars: usize) {
        let passed = self.planes.as_flattened().iter().take(self.held).skip(self.index).take(chars);
        self.at = passed.fold(self.at, |at, first| at.saturating_add(char_len(*first)));
        self.index = self.index.saturating_add(chars);
    }
}

/// Bytes of a text up to where the lanes are looked at again, whole characters of them, and the others.
fn split(text: &[u8]) -> (&[u8], &[u8]) {
    let end = (CHECK..text.len()).find(|end| text.get(*end).is_some_and(|byte| is_first(*byte)));
    text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, &[]))
}

/// A byte for each place: all ones while the place is possible, else zero.
struct Lanes([u8; LANES]);

impl Lanes {
    /// Keeps the lanes that have a text at this character; the character after it, or `None` if no lane is left.
    fn keep<const PLANE: usize>(
        &mut self,
        planes: &[[u8; PLANE]; 4],
        mut index: usize,
        text: &[u8],
    ) -> Option<usize> {
        let planes = planes.as_flattened();
        let mut place = index;
        #[cfg(test)]
        super::count::add(text.len());
        for byte in text {
            if is_first(*byte) {
                place = index;
                index = index.saturating_add(1);
            } else {
                place = place.saturating_add(PLANE);
            }
            self.keep_byte(planes.get(place..)?.first_chunk()?, *byte);
        }
        let any = self.0.iter().fold(0, |any, lane| any | lane);
        (any != 0).then_some(index)
    }

    /// PERF: compiled to vector instructions.
    #[inline]
    fn keep_byte(&mut self, found: &[u8; LANES], byte: u8) {
        for (lane, found) in self.0.iter_mut().zip(found) {
            *lane &= 0_u8.wrapping_sub(u8::from(*found == byte));
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]
mod tests {
    use super::super::pool::{Atom, Pool, Resolved};
    use super::super::template::{Syntax, tokenize};
    use super::*;

    struct Value(String);

    impl Variables for Value {
        fn resolve(&self, _hash: u64, _name: &str) -> Resolved<'_> {
            Resolved::Text(&self.0)
        }
    }

    /// Whether a text holds the segments of a pattern one after another.
    fn holds<const PLANE: usize>(pattern: &str, text: &str, value: &Value) -> bool {
        let mut pool = Pool::new();
        for token in tokenize(pattern, Syntax { wildcards: true, variables: true }).unwrap() {
            pool.add_atom(0, token);
        }
        let mut window = Window::<PLANE>::new(text.as_bytes());
        let mut segments = pool.atoms.split(|atom| *atom == Atom::Star);
        segments.all(|atoms| pool.resolved(atoms, value, |segment| window.find(segment)).flatten().is_some())
    }

    /// The same by a table over characters.
    fn holds_by_table(pattern: &str, text: &str, value: &Value) -> bool {
        let text: Vec<char> = text.chars().collect();
        let mut reached = vec![true; text.len() + 1];
        for piece in pattern.replace("${v}", &value.0).chars() {
            if piece == '*' {
                let first = reached.iter().position(|reach| *reach).unwrap_or(reached.len());
                reached[first..].fill(true);
                continue;
            }
            for i in (1..reached.len()).rev() {
                reached[i] = reached[i - 1] && (piece == '?' || piece == text[i - 1]);
            }
            reached[0] = false;
        }
        reached.contains(&true)
    }

    #[test]
    fn small_segments_are_found_like_a_table_finds_them() {
        let pieces = ["", "a", "b", "é", "?", "*", "${v}"];
        let value = Value("aé".to_owned());
        for text in 0..4_usize.pow(4) {
            let text: String = (0..4).map(|i| ["", "a", "b", "é"][text / 4_usize.pow(i) % 4]).collect();
            for pattern in 0..7_usize.pow(3) {
                let pattern: String = (0..3).map(|i| pieces[pattern / 7_usize.pow(i) % 7]).collect();
                let expected = holds_by_table(&pattern, &text, &value);
                assert_eq!(holds::<330>(&pattern, &text, &value), expected, "{pattern} {text}");
            }
        }
    }

    /// Numbers below a limit, always the same ones.
    fn numbers() -> impl FnMut(usize) -> usize {
        let mut state = 88_172_645_463_325_252_u64;
        move |limit| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).unwrap() % limit
        }
    }

    /// Nearly periodic texts, some longer than the window, and patterns cut from them.
    #[test]
    fn long_segments_are_found_like_a_table_finds_them() {
        let mut below = numbers();
        let mut found = 0;
        for round in 0..200 {
            let unit: Vec<char> = ["a", "ab", "aé", "😀a", "é€", "aab"][round % 6].chars().collect();
            let mut text: Vec<char> = unit.iter().copied().cycle().take(1 + below(800)).collect();
            for _ in 0..below(4) {
                let place = below(text.len());
                text[place] = ['b', 'é', 'a', '\0'][below(4)];
            }
            let start = below(text.len());
            let cut = &text[start..text.len().min(start + 1 + below(600))];
            let value = Value(cut.iter().take(1 + below(200)).collect());
            let odds = 1 + below(60);
            let mut pattern = String::new();
            for c in cut {
                match below(odds * 4) {
                    0 => pattern.push('?'),
                    1 if below(8) == 0 => pattern.push('*'),
                    2 if below(20) == 0 => pattern.push_str("${v}"),
                    3 if below(6) == 0 => pattern.push('b'),
                    _ => pattern.push(*c),
                }
            }
            let text: String = text.into_iter().collect();
            let expected = holds_by_table(&pattern, &text, &value);
            found += usize::from(expected);
            assert_eq!(holds::<330>(&pattern, &text, &value), expected, "{pattern} {text}");
            assert_eq!(holds::<1000>(&pattern, &text, &value), expected, "{pattern} {text}");
        }
        assert!((50..150).contains(&found), "{found} of 200 are found");
    }
}
