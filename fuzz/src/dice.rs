//! Choices that bytes make: the same bytes, the same choices. Once they are used up every choice is the first.

use arbitrary::Unstructured;

/// The choices of one input.
#[derive(Debug)]
pub struct Dice<'a>(Unstructured<'a>);

impl<'a> Dice<'a> {
    /// The choices that these bytes make.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Unstructured::new(bytes))
    }

    /// From 0 to `last`, both included.
    pub fn upto(&mut self, last: usize) -> usize {
        self.0.int_in_range(0..=last).unwrap_or(0)
    }

    /// From 0, less than `count`.
    pub fn below(&mut self, count: usize) -> usize {
        self.upto(count.saturating_sub(1))
    }

    /// True one time in `n`; never once the bytes are used up.
    pub fn chance(&mut self, n: usize) -> bool {
        self.upto(n - 1) == n - 1
    }

    /// Either.
    pub fn flip(&mut self) -> bool {
        self.chance(2)
    }

    /// A number of any size.
    pub fn number(&mut self) -> u64 {
        self.0.arbitrary().unwrap_or(0)
    }

    /// One of a list, which is not empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// Pieces of a list put together, at most so many.
    pub fn words(&mut self, list: &[&str], most: usize) -> String {
        let count = self.upto(most);
        (0..count).map(|_| self.pick(list)).collect()
    }

    /// The bytes that are left.
    pub fn rest(self) -> &'a [u8] {
        self.0.take_rest()
    }
}
