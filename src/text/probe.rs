//! Open addressing whose searches are bounded, whatever the hashes.
//!
//! The hashes of `hash` are not keyed: whoever writes a policy or a request can make as many names collide as fit into
//! it. So a hash has [`PROBES`] places that it may stand at and no more. What finds them all taken is kept by the owner
//! of the table in another way, which depends on the names and not on their hashes; whoever searches in vain at all of
//! them looks there. A place that is free ends a search: nothing is ever removed.

/// How many places a hash may stand at. Names that were not made to collide hardly ever find so many taken, even in a
/// table that is three quarters full.
pub const PROBES: usize = 64;

/// The places of a hash in a table of `size`, a power of two, from where its search begins.
#[inline]
pub fn probes(start: usize, size: usize) -> impl Iterator<Item = usize> {
    let mask = size.wrapping_sub(1);
    steps(start).map(move |place| place & mask)
}

/// The same, for a table that wraps places around by itself.
#[inline]
pub fn steps(start: usize) -> impl Iterator<Item = usize> {
    (0..PROBES).map(move |step| {
        #[cfg(test)]
        super::count::add(1);
        start.wrapping_add(step)
    })
}
