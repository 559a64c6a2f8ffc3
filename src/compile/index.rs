//! The index: from an action and a resource to the statements that they can concern.
//!
//! Action first. Every exact action that some statement names has buckets of its own, closed over the wildcard patterns
//! that match it too, so that the action clause of what stands there need not be asked again. Any other action falls to
//! its service's buckets (`s3:Get*`) and to those of what names neither (`*`, a wildcard in the service, NotAction).
//!
//! A bucket of more than [`WALKED`] statements is split, by what a request must have for the statement to apply:
//! - by resource: an entry is filed under the deepest `/` in the literal head of its sixth field, under the whole field
//!   where that is literal, and under none where the head holds no `/`. The fields before are left to the pattern: most
//!   of them hold wildcards in practice. A place where many meet is searched by their heads.
//! - by value, if the resource says nothing (`*`, `*/logs`, NotResource): a statement that asks for one of several texts
//!   of a key by `StringEquals` is filed under each text.
//!
//! What is left is always visited. Leaving a statement out is sound because its action, its resource or a condition is
//! then False whatever the rest. A collision of hashes only adds a statement that its clause refuses; an action's name
//! is compared. Where hashes crowd into few slots, by chance or by design, a name is searched by its text, and a path or
//! value is filed under nothing, so that its statements are visited.

use crate::policy::Effect;
use crate::request::Request;
use crate::request::action::ActionText;
use crate::request::context::{Context, ContextValue};
use crate::text::hash::hash_bytes;
use crate::text::pool::{Key, Literal, Pool, held};
use crate::text::probe::probes;

use super::Slice;
use super::heads::Heads;

/// Lists of this size are walked; a longer one is searched.
pub(super) const WALKED: usize = 8;

/// Statement numbers by action, then by resource or value.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(super) numbers: Vec<u32>,
    pub(super) places: Vec<Option<(u64, List)>>,
    pub(super) splits: Vec<Split>,
    pub(super) values: Vec<ByValue>,
    pub(super) heads: Heads,
    pub(super) exact: Table<Buckets>,
    pub(super) services: Table<Wildcards>,
    pub(super) others: Wildcards,
    /// Whether the buckets of exact actions hold the wildcard statements too.
    pub(crate) closed: bool,
    /// Whether there is any statement with a wildcard in its actions, or with NotAction.
    pub(super) has_wildcards: bool,
}

/// The Deny and the Allow statements of an action.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Buckets {
    pub(super) deny: Bucket,
    pub(super) allow: Bucket,
}

/// Statements with wildcards in their actions, of one service or of any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wildcards {
    /// Every action of the service is theirs: `s3:*`, `*`.
    pub(crate) sure: Buckets,
    /// Their action clauses are to be asked.
    pub(crate) asked: Buckets,
}

/// Statements of one action and effect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    /// Visited whatever else is asked.
    pub(super) always: Slice,
    /// The number of the [`Split`] that has the others; past the last if there are none.
    pub(super) split: u32,
}

/// The statements of a large bucket that not every request can concern.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    /// Lists by path hash.
    pub(super) paths: Slice,
    /// The depths of path that entries are filed under, a bit each.
    pub(super) depths: u8,
    /// Filed by path too, but a star of an earlier field may run into a sixth field that holds a colon.
    pub(super) crossing: Slice,
    /// Keys by whose value the others are filed.
    pub(super) values: Slice,
}

/// Statements that a value of one context key leads to.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByValue {
    pub(super) key: Key,
    /// Lists by the value's hash.
    pub(super) places: Slice,
    /// All of them: for a multivalued key, under which a clause may be Indeterminate.
    pub(super) all: Slice,
}

/// Statement numbers that one hash leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum List {
    One(u32),
    Many(Slice),
    /// To be searched by the sixth field.
    Heads(Slice),
}

/// Open addressing from the hash of a name; a power of two slots, at most three in four taken.
#[derive(Debug)]
pub(super) struct Table<T> {
    slots: Vec<Option<Slot<T>>>,
    /// Names that found no slot, in order.
    crowded: Vec<Slot<T>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Slot<T> {
    pub(super) hash: u64,
    /// The action in lower case; of a service its name.
    pub(super) name: Literal,
    pub(super) value: T,
}

/// The buckets that an action leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidates<'i> {
    /// Of statements whose action clauses hold.
    pub(crate) named: Option<&'i Buckets>,
    /// Of statements with wildcards, unless they stand among those already: of the service, and of any.
    pub(crate) wildcards: Option<(Option<&'i Wildcards>, &'i Wildcards)>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), crowded: Vec::new() }
    }
}

impl Default for Bucket {
    fn default() -> Self {
        Self { always: Slice::default(), split: u32::MAX }
    }
}

impl Bucket {
    /// Whether there are statements that every request concerns.
    #[inline]
    pub(crate) fn has_always(self) -> bool {
        !self.always.is_empty()
    }

    /// Whether there are statements that not every request concerns.
    #[inline]
    pub(crate) fn is_split(self) -> bool {
        self.split != u32::MAX
    }
}

impl Buckets {
    /// The statements of one effect.
    pub(crate) fn of(&self, effect: Effect) -> Bucket {
        match effect {
            Effect::Deny => self.deny,
            Effect::Allow => self.allow,
        }
    }
}

impl Index {
    /// What an action leads to.
    #[inline]
    pub(crate) fn candidates(&self, pool: &Pool, action: &ActionText<'_>) -> Candidates<'_> {
        let named = self.exact.get(pool, action.hash(), action.folded());
        if (self.closed && named.is_some()) || !self.has_wildcards {
            return Candidates { named, wildcards: None };
        }
        Candidates { named, wildcards: Some((self.service(pool, action), &self.others)) }
    }

    #[inline(never)]
    fn service(&self, pool: &Pool, action: &ActionText<'_>) -> Option<&Wildcards> {
        self.services.get(pool, action.service_hash(), action.service())
    }

    /// The statements of a bucket that every request concerns.
    #[inline]
    pub(crate) fn always(&self, bucket: Bucket) -> &[u32] {
        bucket.always.of(&self.numbers)
    }

    /// Visits the other statements of a bucket that a request can concern: several lists, each ascending.
    pub(crate) fn visit(
        &self,
        pool: &Pool,
        bucket: Bucket,
        request: &Request<'_>,
        visit: &mut impl FnMut(&[u32]),
    ) {
        let Some(split) = self.splits.get(bucket.split as usize) else { return };
        self.by_path(pool, split, request, visit);
        for by_value in split.values.of(&self.values) {
            self.by_value(pool, by_value, request.context(), visit);
        }
    }

    fn by_path(&self, pool: &Pool, split: &Split, request: &Request<'_>, visit: &mut impl FnMut(&[u32])) {
        let paths = request.paths();
        let places = split.paths.of(&self.places);
        let mut depths = split.depths & paths.depths();
        while depths != 0 {
            let depth = depths.trailing_zeros() as usize;
            depths &= depths.wrapping_sub(1);
            match find(places, paths.hash(depth)) {
                None => {}
                Some(List::One(number)) => visit(&[number]),
                Some(List::Many(numbers)) => visit(numbers.of(&self.numbers)),
                Some(List::Heads(heads)) => {
                    let field = request.resource().field(5);
                    self.heads.of(heads, pool, field.as_bytes()).for_each(&mut *visit);
                }
            }
        }
        if paths.has_colon() {
            visit(split.crossing.of(&self.numbers));
        }
    }

    fn by_value(
        &self,
        pool: &Pool,
        by_value: &ByValue,
        context: &Context<'_>,
        visit: &mut impl FnMut(&[u32]),
    ) {
        let key = by_value.key;
        match context.get_hashed(key.hash, pool.text(key.name)) {
            None => {}
            Some(ContextValue::One(text)) => {
                match find(by_value.places.of(&self.places), hash_bytes(text.as_bytes())) {
                    Some(List::One(number)) => visit(&[number]),
                    Some(List::Many(numbers)) => visit(numbers.of(&self.numbers)),
                    None | Some(List::Heads(_)) => {}
                }
            }
            Some(ContextValue::Many(_)) => visit(by_value.all.of(&self.numbers)),
        }
    }

    pub(crate) fn memory(&self) -> usize {
        [
            held(&self.numbers),
            held(&self.places),
            held(&self.splits),
            held(&self.values),
            self.heads.memory(),
            self.exact.memory(),
            self.services.memory(),
        ]
        .into_iter()
        .sum()
    }
}

impl<T> Table<T> {
    /// A table for so many names.
    pub(super) fn with_room(names: usize) -> Self {
        let mut slots = Vec::new();
        slots.resize_with(places_for(names), || None);
        Self { slots, crowded: Vec::new() }
    }

    pub(super) fn insert(&mut self, slot: Slot<T>) {
        let free = probes(slot_of(slot.hash), self.slots.len())
            .find(|at| matches!(self.slots.get(*at), Some(None)))
            .and_then(|at| self.slots.get_mut(at));
        match free {
            Some(place) => *place = Some(slot),
            None => self.crowded.push(slot),
        }
    }

    /// Makes what was inserted ready to be found.
    pub(super) fn finish(&mut self, pool: &Pool) {
        self.crowded.sort_unstable_by(|a, b| pool.bytes(a.name).cmp(pool.bytes(b.name)));
    }

    #[inline]
    fn get(&self, pool: &Pool, hash: u64, name: &str) -> Option<&T> {
        let first = slot_of(hash) & self.slots.len().wrapping_sub(1);
        let slot = self.slots.get(first)?.as_ref()?;
        // PERF: nearly every search ends at its first place; nothing is kept in registers for the others.
        if slot.hash == hash && pool.bytes(slot.name) == name.as_bytes() {
            return Some(&slot.value);
        }
        self.search(pool, hash, name)
    }

    #[inline(never)]
    fn search(&self, pool: &Pool, hash: u64, name: &str) -> Option<&T> {
        for at in probes(slot_of(hash), self.slots.len()) {
            let slot = self.slots.get(at)?.as_ref()?;
            if slot.hash == hash && pool.bytes(slot.name) == name.as_bytes() {
                return Some(&slot.value);
            }
        }
        self.get_crowded(pool, name)
    }

    #[cold]
    fn get_crowded(&self, pool: &Pool, name: &str) -> Option<&T> {
        let at = self.crowded.binary_search_by(|slot| pool.bytes(slot.name).cmp(name.as_bytes())).ok()?;
        Some(&self.crowded.get(at)?.value)
    }

    fn memory(&self) -> usize {
        held(&self.slots).saturating_add(held(&self.crowded))
    }
}

fn find(places: &[Option<(u64, List)>], hash: u64) -> Option<List> {
    for at in probes(slot_of(hash), places.len()) {
        let (known, list) = places.get(at)?.as_ref()?;
        if *known == hash {
            return Some(*list);
        }
    }
    None
}

/// A power of two of which at most three in four are taken.
pub(super) fn places_for(count: usize) -> usize {
    if count == 0 { 0 } else { count.saturating_add(count / 3).saturating_add(1).next_power_of_two() }
}

/// Where the search for a hash begins; the upper bits are the better mixed.
pub(crate) fn slot_of(hash: u64) -> usize {
    usize::try_from(hash >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_the_least_power_of_two_with_a_quarter_free() {
        assert_eq!(places_for(0), 0);
        for count in 1..3_000_usize {
            let places = places_for(count);
            assert!(places.is_power_of_two() && count * 4 <= places * 3, "{count}: {places}");
            assert!(places / 2 <= count + count / 3, "{count}: {places}");
        }
    }

    /// Names whose hashes do not crowd find slots; the table has as many as it tells.
    #[test]
    fn names_find_slots() {
        let mut pool = Pool::new();
        let mut table = Table::with_room(100);
        for number in 0..100 {
            let name = format!("a:x{number}");
            let slot = Slot { hash: hash_bytes(name.as_bytes()), name: pool.add(&name), value: number };
            table.insert(slot);
        }
        table.finish(&pool);
        assert_eq!((table.slots.len(), table.crowded.len()), (256, 0));
        assert_eq!(table.memory(), 256 * size_of::<Option<Slot<i32>>>());
        let get = |name: &str| table.get(&pool, hash_bytes(name.as_bytes()), name).copied();
        assert_eq!((get("a:x70"), get("a:x100")), (Some(70), None));
    }

    /// A name that stands at its first place is found without a search.
    #[test]
    fn a_first_place_takes_no_search() {
        let mut pool = Pool::new();
        let mut table = Table::with_room(1);
        let (name, hash) = ("a:x", hash_bytes(b"a:x"));
        table.insert(Slot { hash, name: pool.add(name), value: 7 });
        table.finish(&pool);
        let (found, looks) = crate::text::count::during(|| table.get(&pool, hash, name).copied());
        assert_eq!((found, looks), (Some(7), 0));
    }

    fn form(statements: &[String]) -> std::sync::Arc<crate::CompiledPolicy> {
        use crate::policy::{Document, Kind, Limits};
        let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(","));
        let document = Document::parse(Kind::Identity, "p", &json, &Limits::default()).unwrap().document;
        crate::CompiledPolicy::compile(&[document]).unwrap()
    }

    /// What a bucket tells of its statements; and an action leads to wildcards only where there are some.
    #[test]
    fn a_bucket_tells_what_it_has() {
        let buckets = |actions: &str, resource: &str, count: usize| {
            let one = |number: usize| {
                let resource = resource.replace("{}", &number.to_string());
                format!(r#"{{"Effect": "Allow", "Action": "{actions}", "Resource": "{resource}"}}"#)
            };
            let policy = form(&(0..count).map(one).collect::<Vec<_>>());
            let action = ActionText::parse("a:x").unwrap();
            let candidates = policy.form.index.candidates(&policy.form.pool, &action);
            let (deny, allow) = candidates.named.map_or_else(Default::default, |one| (one.deny, one.allow));
            assert!(!deny.has_always() && !deny.is_split());
            (allow.has_always(), allow.is_split(), candidates.wildcards.is_some())
        };
        assert_eq!(buckets("a:x", "*", 1), (true, false, false));
        assert_eq!(buckets("a:x", "arn:aws:s3:::b/{}/*", WALKED), (true, false, false));
        assert_eq!(buckets("a:x", "arn:aws:s3:::b/{}/*", WALKED + 1), (false, true, false));
        assert_eq!(buckets("a:y", "*", 1), (false, false, false));
        assert_eq!(buckets("a:y*", "*", 1), (false, false, true));
    }

    /// Each depth at which entries are filed is looked at once.
    #[test]
    fn each_depth_is_looked_at_once() {
        use crate::request::{Owner, Principal};
        let one = |path: &str| {
            format!(r#"{{"Effect": "Allow", "Action": "a:x", "Resource": "arn:aws:s3:::{path}"}}"#)
        };
        let others = (0..WALKED).map(|number| one(&format!("n{number}/*")));
        let policy = form(&["b/*", "b/c/*", "b/c/d"].map(one).into_iter().chain(others).collect::<Vec<_>>());
        let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
        let request = Request::builder(&user, "a:x", "arn:aws:s3:::b/c/d", Owner::Account("111122223333"));
        let request = request.build().unwrap();
        let crate::compile::Form { index, pool, .. } = &*policy.form;
        let bucket = index.candidates(pool, request.action()).named.unwrap().allow;
        let mut found = Vec::new();
        index.visit(pool, bucket, &request, &mut |numbers| {
            found.extend_from_slice(numbers);
            assert!(found.len() <= 3, "{found:?}");
        });
        assert_eq!(found, [0, 1, 2]);
    }
}
