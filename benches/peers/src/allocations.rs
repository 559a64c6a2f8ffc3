//! Counts what is allocated while someone asks. The only `unsafe` of the program: an allocator cannot be had without.

#![allow(unsafe_code, reason = "the trait of allocators is unsafe; every call is passed on as it came")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// The system's allocator, counted while [`counted`] runs.
pub(crate) struct Counting;

static ON: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);
static ALLOCATED: AtomicU64 = AtomicU64::new(0);
static FREED: AtomicU64 = AtomicU64::new(0);

/// What happened during a call.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    /// Allocations, and reallocations with them.
    pub(crate) calls: u64,
    /// Bytes requested and not given back; what was allocated before the call and freed in it does not go below zero.
    pub(crate) live: u64,
}

/// Runs something and counts its allocations, those of other threads too.
pub(crate) fn counted<T>(run: impl FnOnce() -> T) -> (T, Counted) {
    for counter in [&CALLS, &ALLOCATED, &FREED] {
        counter.store(0, Relaxed);
    }
    ON.store(true, Relaxed);
    let result = run();
    ON.store(false, Relaxed);
    let live = ALLOCATED.load(Relaxed).saturating_sub(FREED.load(Relaxed));
    (result, Counted { calls: CALLS.load(Relaxed), live })
}

fn count(allocated: usize, freed: usize) {
    if ON.load(Relaxed) {
        CALLS.fetch_add(u64::from(allocated > 0), Relaxed);
        ALLOCATED.fetch_add(allocated as u64, Relaxed);
        FREED.fetch_add(freed as u64, Relaxed);
    }
}

// SAFETY: every method hands its arguments to the system's allocator unchanged and returns what that returns.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        unsafe { System.realloc(place, layout, size) }
    }
}
