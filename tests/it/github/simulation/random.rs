//! Random numbers that only depend on a seed.

use std::hash::{DefaultHasher, Hash, Hasher as _};

/// Marsaglia's xorshift generator with 64 bits of state.
pub(super) struct Random(u64);

impl Random {
    /// Seeds a generator with anything that can be hashed. The same value gives the same numbers.
    pub(super) fn new(seed: impl Hash) -> Self {
        // A new `DefaultHasher` always has the same keys.
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        // xorshift never leaves the state zero.
        Self(hasher.finish().max(1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `limit`, which is not 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % limit
    }

    /// Returns true with a probability of 1 in `count`.
    pub(super) fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}
