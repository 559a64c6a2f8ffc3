//! The index: from an action and a resource to the statements that they can concern.
//!
//! Action first. Every exact action that some statement names has buckets of its own, closed over the wildcard patterns
//! that match it too, so that the action clause of what stands there need not be asked again. Any other action falls to
//! its service's buckets (`s3:Get*`) and to those of what names neither (`*`, a wildcard in the service, NotAction).
//!
//! Resource second, in buckets of more than [`WALKED`] statements: a resource entry is filed under the deepest `/` in the
//! literal head of its sixth field, or under the whole field where that is literal. The fields before it are left to the
//! pattern: most of them hold wildcards in practice. What has no such head (`*`, `*/logs`, NotResource) is always visited.
//!
//! Leaving a statement out is sound because its action or its resource clause is then False whatever the context. A
//! collision of path hashes only adds a statement that its clause refuses; an action's name is compared.

use crate::policy::Effect;
use crate::request::Request;
use crate::request::action::ActionText;
use crate::request::path::filed;
use crate::text::pool::Literal;

use super::lower::Head;
use super::sorted::{Named, Sorted};
use super::{CompiledPolicy, CompiledStatement, Slice};

/// Buckets of this size are walked; a larger one is split by resource.
const WALKED: usize = 8;

/// Statement numbers by action, then by resource.
#[derive(Debug, Default)]
pub(crate) struct Index {
    numbers: Vec<u32>,
    places: Vec<Option<(u64, Slice)>>,
    exact: Table,
    services: Table,
    others: Buckets,
    /// Whether the buckets of exact actions hold the wildcard statements too.
    closed: bool,
}

/// The Deny and the Allow statements of an action.
#[derive(Clone, Copy, Debug, Default)]
struct Buckets {
    deny: Bucket,
    allow: Bucket,
}

/// Statements, some of them found by resource.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    /// Visited whatever the resource.
    always: Slice,
    /// Filed by path too, but a star of an earlier field may run into a sixth field that holds a colon.
    crossing: Slice,
    /// Open addressing from a path hash; none in a bucket that is walked.
    places: Slice,
    /// The depths of path that entries are filed under, a bit each.
    depths: u8,
}

/// Open addressing from the hash of a name; a power of two slots, at most half of them taken.
#[derive(Debug, Default)]
struct Table {
    slots: Vec<Option<Slot>>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u64,
    /// The action in lower case; of a service its name.
    name: Literal,
    buckets: Buckets,
}

impl Buckets {
    fn of(&self, effect: Effect) -> &Bucket {
        match effect {
            Effect::Deny => &self.deny,
            Effect::Allow => &self.allow,
        }
    }
}

impl Index {
    pub(super) fn build(policy: &CompiledPolicy, heads: &[Option<Head>]) -> Self {
        let sorted = Sorted::of(policy);
        let mut index = Self { closed: sorted.may_close(&policy.pool), ..Self::default() };
        let builder = Builder { policy, heads };
        let exact = if index.closed { sorted.closed(policy) } else { sorted.exact };
        index.exact = index.table(&builder, &exact);
        index.services = index.table(&builder, &sorted.services);
        index.others = index.buckets(&builder, sorted.others.iter().copied());
        index.numbers.shrink_to_fit();
        index.places.shrink_to_fit();
        index
    }

    /// The statements of one effect that name an action: their action clauses hold.
    pub(crate) fn named(
        &self,
        policy: &CompiledPolicy,
        effect: Effect,
        action: &ActionText<'_>,
    ) -> Option<&Bucket> {
        self.exact.get(policy, action.hash(), action.folded()).map(|buckets| buckets.of(effect))
    }

    /// The statements of one effect whose wildcards an action may match: their action clauses are to be asked.
    pub(crate) fn asked(
        &self,
        policy: &CompiledPolicy,
        effect: Effect,
        action: &ActionText<'_>,
    ) -> [Option<&Bucket>; 2] {
        let service = self.services.get(policy, action.service_hash(), action.service());
        [service.map(|buckets| buckets.of(effect)), Some(self.others.of(effect))]
    }

    /// Whether the statements that name an action stand beside those whose wildcards match it.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Visits the statements of a bucket that a request's resource can concern: several lists, each ascending and each
    /// left where `visit` says so.
    pub(crate) fn visit(&self, bucket: &Bucket, request: &Request<'_>, mut visit: impl FnMut(u32) -> bool) {
        let mut list = |numbers: Slice| {
            let _ = numbers.of(&self.numbers).iter().all(|number| visit(*number));
        };
        if bucket.depths != 0 {
            let paths = request.paths();
            let places = bucket.places.of(&self.places);
            for (depth, hash) in paths.deepest_first() {
                if bucket.depths & (1 << depth) != 0 {
                    list(find(places, hash));
                }
            }
            if paths.has_colon() {
                list(bucket.crossing);
            }
        }
        list(bucket.always);
    }

    pub(crate) fn memory(&self) -> usize {
        let slots = self.exact.slots.capacity().saturating_add(self.services.slots.capacity());
        self.numbers.capacity() * size_of::<u32>()
            + self.places.capacity() * size_of::<Option<(u64, Slice)>>()
            + slots * size_of::<Option<Slot>>()
    }

    fn table(&mut self, builder: &Builder<'_>, entries: &[Named]) -> Table {
        let pool = &builder.policy.pool;
        let groups = entries.chunk_by(|a, b| a.has_name_of(b, pool));
        let count = groups.clone().count();
        let mut table = Table { slots: vec![None; places_for(count)] };
        for group in groups {
            let buckets = self.buckets(builder, group.iter().map(|named| named.number));
            if let Some(first) = group.first() {
                table.insert(Slot { hash: first.hash, name: first.name, buckets });
            }
        }
        table
    }

    fn buckets(&mut self, builder: &Builder<'_>, numbers: impl Iterator<Item = u32>) -> Buckets {
        let is_allow =
            |number: &u32| builder.statement(*number).is_some_and(|one| one.effect == Effect::Allow);
        let (allow, deny): (Vec<u32>, Vec<u32>) = numbers.partition(is_allow);
        Buckets { deny: self.bucket(builder, &deny), allow: self.bucket(builder, &allow) }
    }

    fn bucket(&mut self, builder: &Builder<'_>, numbers: &[u32]) -> Bucket {
        if numbers.len() <= WALKED {
            return Bucket { always: self.list(numbers.iter().copied()), ..Bucket::default() };
        }
        let (mut always, mut crossing, mut by_path) = (Vec::new(), Vec::new(), Vec::new());
        for number in numbers {
            match builder.filed(*number) {
                None => always.push(*number),
                Some(filed) => {
                    by_path.extend(filed.places.iter().map(|(depth, hash)| (*hash, *number, *depth)));
                    crossing.extend(filed.may_cross.then_some(*number));
                }
            }
        }
        by_path.sort_unstable();
        by_path.dedup();
        let depths = by_path.iter().fold(0u8, |depths, (.., depth)| depths | (1 << depth));
        Bucket {
            always: self.list(always),
            crossing: self.list(crossing),
            places: self.file(&by_path),
            depths,
        }
    }

    /// Places lists by path hash; entries are sorted by it.
    fn file(&mut self, entries: &[(u64, u32, usize)]) -> Slice {
        let groups = entries.chunk_by(|a, b| a.0 == b.0);
        let start = self.places.len();
        let size = places_for(groups.clone().count());
        self.places.resize(start.saturating_add(size), None);
        for group in groups {
            let Some((hash, ..)) = group.first() else { continue };
            let numbers = self.list(group.iter().map(|(_, number, _)| *number));
            let places = self.places.get_mut(start..).unwrap_or_default();
            let mut at = slot_of(*hash);
            while let Some(place) = places.get_mut(at & size.wrapping_sub(1)) {
                if place.is_none() {
                    *place = Some((*hash, numbers));
                    break;
                }
                at = at.wrapping_add(1);
            }
        }
        Slice::new(start, self.places.len())
    }

    fn list(&mut self, numbers: impl IntoIterator<Item = u32>) -> Slice {
        let start = self.numbers.len();
        self.numbers.extend(numbers);
        Slice::new(start, self.numbers.len())
    }
}

/// What the index is built from.
struct Builder<'a> {
    policy: &'a CompiledPolicy,
    /// The head of each resource entry's sixth field.
    heads: &'a [Option<Head>],
}

/// Where a statement's resource entries are filed.
struct Filed {
    places: Vec<(usize, u64)>,
    may_cross: bool,
}

impl Builder<'_> {
    fn statement(&self, number: u32) -> Option<&CompiledStatement> {
        self.policy.statements.get(number as usize)
    }

    /// `None` if some resource can match that no place leads to.
    fn filed(&self, number: u32) -> Option<Filed> {
        let resources = self.statement(number)?.resources.filter(|clause| !clause.negated)?;
        let mut all = Filed { places: Vec::new(), may_cross: false };
        for head in resources.entries.of(self.heads) {
            let head = head.as_ref()?;
            all.places.push(filed(&head.text, head.is_whole)?);
            all.may_cross |= head.may_cross;
        }
        Some(all)
    }
}

impl Table {
    fn insert(&mut self, slot: Slot) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = slot_of(slot.hash);
        while let Some(place) = self.slots.get_mut(at & mask) {
            if place.is_none() {
                *place = Some(slot);
                return;
            }
            at = at.wrapping_add(1);
        }
    }

    fn get(&self, policy: &CompiledPolicy, hash: u64, name: &str) -> Option<&Buckets> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = slot_of(hash);
        while let Some(Some(slot)) = self.slots.get(at & mask) {
            if slot.hash == hash && policy.pool.text(slot.name) == name {
                return Some(&slot.buckets);
            }
            at = at.wrapping_add(1);
        }
        None
    }
}

fn find(places: &[Option<(u64, Slice)>], hash: u64) -> Slice {
    let mask = places.len().wrapping_sub(1);
    let mut at = slot_of(hash);
    while let Some(Some((known, numbers))) = places.get(at & mask) {
        if *known == hash {
            return *numbers;
        }
        at = at.wrapping_add(1);
    }
    Slice::default()
}

/// A power of two of which at most half is taken.
fn places_for(count: usize) -> usize {
    if count == 0 { 0 } else { count.saturating_mul(2).next_power_of_two() }
}

/// Where the search for a hash begins; the upper bits are the better mixed.
fn slot_of(hash: u64) -> usize {
    usize::try_from(hash >> 32).unwrap_or_default()
}
