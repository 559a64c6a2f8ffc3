//! Work, counted in tests alone: places that searches look at, steps of the matcher, statements that are asked. Never a
//! clock.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

/// Counts steps of this thread.
pub(crate) fn add(steps: usize) {
    STEPS.set(STEPS.get().saturating_add(steps));
}

/// The steps of some work.
pub(crate) fn during<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = STEPS.get();
    let result = work();
    (result, STEPS.get().saturating_sub(before))
}

/// Counts a statement that this thread asks.
pub(crate) fn ask() {
    ASKED.set(ASKED.get().saturating_add(1));
}

/// The statements that some work asks.
pub(crate) fn asked<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ASKED.get();
    let result = work();
    (result, ASKED.get().saturating_sub(before))
}
