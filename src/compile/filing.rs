//! Building the index: which list a statement is filed in.

use std::collections::BTreeMap;

use crate::operator::operand::Operand;
use crate::operator::table::{Comparison, Family, Qualifier};
use crate::policy::Effect;
use crate::text::hash::hash_bytes;
use crate::text::pool::{Key, Literal};
use crate::text::probe::probes;

use super::index::{
    Bucket, Buckets, ByValue, Index, List, Slot, Split, Table, WALKED, Wildcards, places_for, slot_of,
};
use super::lower::EntryHeads;
use super::sorted::{Groups, Named, Sorted};
use super::{CompiledCondition, CompiledStatement, Form, Slice};

/// How much is filed before no further bucket is split. A statement is filed once for each of its actions, so that
/// without a bound a list of actions beside a list of resources would take their product.
const ROOM: usize = 1 << 18;

/// So many bytes of a text take as much as its place.
const WEIGHED: usize = 32;

/// A statement under a hash.
struct Filed {
    hash: u64,
    number: u32,
    /// Of a path: its depth, and the entry whose head it is.
    depth: usize,
    entry: usize,
}

/// Builds the index of a form without one; heads that are searched are added to its pool.
pub(super) fn build(form: &mut Form, heads: &EntryHeads<'_>) -> Index {
    build_within(ROOM, form, heads)
}

fn build_within(room: usize, form: &mut Form, heads: &EntryHeads<'_>) -> Index {
    let sorted = Sorted::of(form);
    let closed = sorted.may_close(&form.pool);
    let numbers = Vec::with_capacity(form.actions.len());
    let index = Index { numbers, closed, has_wildcards: sorted.has_wildcards(), ..Index::default() };
    let mut builder = Builder { form, heads, index, filed: 0, room };
    let (mut numbers, mut asked) = (Vec::new(), Vec::new());
    builder.index.exact = builder.table(&sorted.exact, |builder, first| {
        numbers.clear();
        numbers.extend(sorted.exact.from(Some(first)).map(|one| one.number));
        if closed && sorted.has_wildcards() {
            sorted.close(builder.form, first, &mut numbers);
        }
        numbers.dedup();
        builder.buckets(&numbers)
    });
    builder.index.services = builder.table(&sorted.services, |builder, first| {
        sorted.split(builder.form, first, &mut numbers, &mut asked);
        Wildcards { sure: builder.buckets(&numbers), asked: builder.buckets(&asked) }
    });
    builder.index.others =
        Wildcards { sure: builder.buckets(&sorted.any), asked: builder.buckets(&sorted.others) };
    let mut index = builder.index;
    index.numbers.shrink_to_fit();
    index.places.shrink_to_fit();
    index.splits.shrink_to_fit();
    index.values.shrink_to_fit();
    index.heads.shrink();
    index
}

struct Builder<'a> {
    form: &'a mut Form,
    /// The head of each resource entry's sixth field.
    heads: &'a EntryHeads<'a>,
    index: Index,
    /// What was filed, and looked at to be filed.
    filed: usize,
    /// How much of that there may be before no further bucket is split.
    room: usize,
}

impl Builder<'_> {
    fn table<T: Copy>(&mut self, groups: &Groups, mut value: impl FnMut(&mut Self, &Named) -> T) -> Table<T> {
        let mut table = Table::with_room(groups.len());
        for first in groups.iter() {
            let value = value(self, first);
            table.insert(Slot { hash: first.hash, name: first.name, value });
        }
        table.finish(&self.form.pool);
        table
    }

    fn buckets(&mut self, numbers: &[u32]) -> Buckets {
        if let [number] = numbers {
            // PERF: most actions stand in one statement.
            let bucket = Bucket { always: self.list([*number]), ..Bucket::default() };
            let is_deny = self.statement(*number).is_some_and(|one| one.effect == Effect::Deny);
            let (deny, allow) =
                if is_deny { (bucket, Bucket::default()) } else { (Bucket::default(), bucket) };
            return Buckets { deny, allow };
        }
        Buckets { deny: self.bucket(numbers, Effect::Deny), allow: self.bucket(numbers, Effect::Allow) }
    }

    /// Files those of the statements that have an effect.
    fn bucket(&mut self, numbers: &[u32], effect: Effect) -> Bucket {
        let statements = &self.form.statements;
        let has_effect =
            |number: &u32| statements.get(*number as usize).is_some_and(|one| one.effect == effect);
        let own = numbers.iter().copied().filter(has_effect);
        if own.clone().count() <= WALKED {
            let start = self.index.numbers.len();
            self.index.numbers.extend(own);
            return Bucket { always: Slice::new(start, self.index.numbers.len()), ..Bucket::default() };
        }
        let own: Vec<u32> = own.collect();
        if self.filed > self.room {
            return Bucket { always: self.list(own), ..Bucket::default() };
        }
        self.split(&own)
    }

    fn split(&mut self, numbers: &[u32]) -> Bucket {
        let (mut left, mut crossing, mut by_path) = (Vec::new(), Vec::new(), Vec::new());
        for number in numbers {
            match self.paths(*number, &mut by_path) {
                None => left.push(*number),
                Some(may_cross) => crossing.extend(may_cross.then_some(*number)),
            }
        }
        let depths = by_path.iter().fold(0u8, |depths, filed| depths | (1 << filed.depth));
        let (values, mut always) = self.values(left);
        let (paths, crowded) = self.places(by_path, true);
        always.extend(crowded);
        always.sort_unstable();
        always.dedup();
        let crossing = self.list(crossing);
        self.index.splits.push(Split { paths, depths, crossing, values });
        Bucket { always: self.list(always), split: super::to_u32(self.index.splits.len().saturating_sub(1)) }
    }

    fn statement(&self, number: u32) -> Option<&CompiledStatement> {
        self.form.statements.get(number as usize)
    }

    /// Files a statement by its resource entries, and tells whether one may cross a colon; `None`, and nothing filed,
    /// if some resource can match that no place leads to.
    fn paths(&mut self, number: u32, all: &mut Vec<Filed>) -> Option<bool> {
        self.statement(number)?.resources().filter(|clause| !clause.negated)?;
        let entries = *self.heads.statements.get(number as usize)?;
        let (start, mut may_cross) = (all.len(), false);
        for (entry, head) in entries.range().zip(entries.of(&self.heads.all)) {
            let Some((head, (depth, hash, crosses))) =
                head.as_ref().and_then(|head| Some((head, head.filed()?)))
            else {
                all.truncate(start);
                return None;
            };
            self.filed = self.filed.saturating_add(1).saturating_add(head.text.len() / WEIGHED);
            all.push(Filed { hash, number, depth, entry });
            may_cross |= crosses;
        }
        Some(may_cross)
    }

    /// Files statements by the value of a key that each asks for, where a key has more than a few; and the others, in
    /// no order.
    fn values(&mut self, numbers: Vec<u32>) -> (Slice, Vec<u32>) {
        let mut groups: BTreeMap<&str, (Key, Vec<u32>)> = BTreeMap::new();
        let mut always = Vec::new();
        for number in numbers {
            self.filed = self.filed.saturating_add(self.operands(number));
            match self.asked_for(number) {
                Some(condition) => {
                    let name = self.form.pool.text(condition.key.name);
                    groups.entry(name).or_insert((condition.key, Vec::new())).1.push(number);
                }
                None => always.push(number),
            }
        }
        let (large, small): (Vec<_>, Vec<_>) =
            groups.into_values().partition(|(_, numbers)| numbers.len() > WALKED);
        always.extend(small.into_iter().flat_map(|(_, numbers)| numbers));
        let start = self.index.values.len();
        for (key, numbers) in large {
            let filed = numbers.iter().flat_map(|number| self.texts(*number)).collect();
            let (places, crowded) = self.places(filed, false);
            always.extend(crowded);
            let all = self.list(numbers.iter().copied());
            self.index.values.push(ByValue { key, places, all });
        }
        (Slice::new(start, self.index.values.len()), always)
    }

    /// What there is to look at in the conditions of a statement.
    fn operands(&self, number: u32) -> usize {
        let conditions = self.statement(number).map(|one| one.conditions.of(&self.form.conditions));
        conditions.unwrap_or_default().iter().fold(0, |sum, condition| {
            let operands = condition.operands.of(&self.form.operands);
            let bytes =
                operands.iter().filter_map(|one| self.text(one)).map(|text| self.form.pool.bytes(text).len());
            let bytes = bytes.fold(0, usize::saturating_add);
            sum.saturating_add(1).saturating_add(operands.len()).saturating_add(bytes / WEIGHED)
        })
    }

    /// The first condition of a statement that is False unless a key has one of several texts; an absent key is False
    /// too, and a multivalued one is not told here.
    fn asked_for(&self, number: u32) -> Option<&CompiledCondition> {
        let conditions = self.statement(number)?.conditions.of(&self.form.conditions);
        conditions.iter().find(|condition| {
            let operation = condition.operation;
            let operator = operation.operator;
            let equals = operator.family == Family::String && operator.comparison == Comparison::Equals;
            let plain = !operator.negated
                && !operation.if_exists
                && operation.qualifier.is_none_or(|qualifier| qualifier == Qualifier::ForAnyValue);
            equals
                && plain
                && condition.operands.of(&self.form.operands).iter().all(|one| self.text(one).is_some())
        })
    }

    /// An operand that is one literal.
    fn text(&self, operand: &Operand) -> Option<Literal> {
        self.form.pool.exact_literal(operand.text()?)
    }

    /// The statement under each text that it asks for.
    fn texts(&self, number: u32) -> Vec<Filed> {
        let operands = self
            .asked_for(number)
            .map(|condition| condition.operands.of(&self.form.operands))
            .unwrap_or_default();
        let literals = operands.iter().filter_map(|operand| self.text(operand));
        let hashes = literals.map(|literal| hash_bytes(self.form.pool.bytes(literal)));
        hashes.map(|hash| Filed { hash, number, depth: 0, entry: 0 }).collect()
    }

    /// Places lists by hash, long ones by head if the hashes are of paths; and the statements of those that found no
    /// place.
    fn places(&mut self, mut filed: Vec<Filed>, of_paths: bool) -> (Slice, Vec<u32>) {
        filed.sort_unstable_by_key(|filed| (filed.hash, filed.number, filed.entry));
        let groups = filed.chunk_by(|a, b| a.hash == b.hash);
        let start = self.index.places.len();
        let size = places_for(groups.clone().count());
        self.index.places.resize(start.saturating_add(size), None);
        let mut crowded = Vec::new();
        for group in groups {
            let Some(first) = group.first() else { continue };
            let own = self.index.places.get(start..).unwrap_or_default();
            let free = probes(slot_of(first.hash), size).find(|at| matches!(own.get(*at), Some(None)));
            let Some(free) = free else {
                crowded.extend(group.iter().map(|one| one.number));
                continue;
            };
            let list = self.group(group, of_paths);
            if let Some(place) = self.index.places.get_mut(start.saturating_add(free)) {
                *place = Some((first.hash, list));
            }
        }
        (Slice::new(start, self.index.places.len()), crowded)
    }

    /// The list of the statements under one hash.
    fn group(&mut self, group: &[Filed], of_paths: bool) -> List {
        match group {
            [one] => List::One(one.number),
            group if of_paths && group.len() > WALKED => self.by_head(group),
            group => {
                let statements = group.chunk_by(|a, b| a.number == b.number);
                List::Many(self.list(statements.filter_map(|one| Some(one.first()?.number))))
            }
        }
    }

    fn by_head(&mut self, group: &[Filed]) -> List {
        let mut entries = Vec::with_capacity(group.len());
        for filed in group {
            let head = self.heads.all.get(filed.entry).and_then(Option::as_ref);
            entries.push((self.form.pool.add(head.map_or("", |head| &head.text)), filed.number));
        }
        List::Heads(self.index.heads.add(&self.form.pool, entries))
    }

    fn list(&mut self, numbers: impl IntoIterator<Item = u32>) -> Slice {
        let start = self.index.numbers.len();
        self.index.numbers.extend(numbers);
        Slice::new(start, self.index.numbers.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Document, Kind, Limits};
    use crate::request::action::ActionText;

    use super::super::lower::with_heads;

    /// Nine statements of two actions.
    fn document(rest: &str) -> Document {
        let one = |number: usize| {
            let rest = rest.replace("{}", &number.to_string());
            format!(r#"{{"Effect": "Allow", "Action": ["a:x", "a:y"], {rest}}}"#)
        };
        let statements: Vec<_> = (0..=WALKED).map(one).collect();
        let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(","));
        Document::parse(Kind::Identity, "p", &json, &Limits::default()).unwrap().document
    }

    /// Whether the bucket of the second action is split; that of the first always is.
    fn is_split(document: &Document, build: impl Fn(&mut Form, &EntryHeads<'_>) -> Index) -> bool {
        with_heads(std::slice::from_ref(document), |form, heads| {
            let index = build(form, heads);
            let split = |action: &str| {
                let action = ActionText::parse(action).unwrap();
                index.candidates(&form.pool, &action).named.unwrap().of(Effect::Allow).is_split()
            };
            assert!(split("a:x"));
            split("a:y")
        })
    }

    /// The least room that splits both.
    fn room_of_one_bucket(rest: &str) -> usize {
        let document = document(rest);
        assert!(is_split(&document, build));
        let splits = |room: &usize| is_split(&document, |form, heads| build_within(*room, form, heads));
        (0..1_000).find(splits).unwrap()
    }

    /// An entry takes one place, and one more for every 32 bytes of its head; a condition one, one for each operand, and one
    /// for every 32 bytes of its operands.
    #[test]
    fn what_is_filed_is_weighed() {
        let head = |length: usize| format!("b{{}}/{}", "h".repeat(length - 3));
        for (length, places) in [(10, 1), (31, 1), (32, 2), (63, 2), (64, 3), (100, 4)] {
            let rest = format!(r#""Resource": "arn:aws:s3:::{}*""#, head(length));
            assert_eq!(room_of_one_bucket(&rest), 9 * places, "{length}");
        }
        for (length, places) in [(10, 3), (15, 3), (16, 4), (31, 4), (32, 5), (50, 6)] {
            let (one, two) = ("v".repeat(length), "w".repeat(length));
            let condition = format!(r#"{{"StringEquals": {{"a:k": ["{one}", "{two}"]}}}}"#);
            let rest = format!(r#""Resource": "*", "Condition": {condition}"#);
            assert_eq!(room_of_one_bucket(&rest), 9 * places, "{length}");
        }
    }
}
