//! Random choices, all of them from one seed, so that a number says which case it was.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// The source of choices of one block of cases.
#[derive(Debug)]
pub struct Dice(SmallRng);

impl Dice {
    /// The dice of a block: the same for the same seed and number.
    pub fn new(seed: u64, number: u64) -> Self {
        Self(SmallRng::seed_from_u64(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// True in so many cases of a hundred.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// True once in so many cases.
    pub fn one_in(&mut self, cases: u32) -> bool {
        self.0.random_range(0..cases) == 0
    }

    /// A number below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    /// One of the list.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// An index, each as often as its weight says.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut at = self.0.random_range(0..weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if at < *weight {
                return index;
            }
            at -= weight;
        }
        0
    }

    /// Puts a list in any order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for index in (1..list.len()).rev() {
            list.swap(index, self.below(index + 1));
        }
    }
}
