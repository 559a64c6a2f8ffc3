//! Panics of an engine are its answers, not the end of the run.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Has panics that are caught here leave no message; others keep theirs.
pub(crate) fn keep_quiet() {
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        if !EXPECTED.get() {
            usual(panic);
        }
    }));
}

/// What the call returns; nothing if it panics.
pub(super) fn caught<T>(call: impl FnOnce() -> T) -> Option<T> {
    EXPECTED.set(true);
    let result = catch_unwind(AssertUnwindSafe(call)).ok();
    EXPECTED.set(false);
    result
}
