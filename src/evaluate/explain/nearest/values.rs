//! What a part of a request could be instead: the values that the policies' own texts suggest, the plainest first.
//!
//! Of a key: operands, texts that their wildcards match, numbers and instants at and beside a bound, addresses in and
//! outside a range, what a variable would have to be, and a value that no policy names. Nothing here is sure to help:
//! each is decided.

use std::cell::Cell;
use std::collections::HashMap;

use crate::compile::CompiledCondition;
use crate::policy::{Condition, Effect, TextElement};
use crate::request::action::ActionText;
use crate::request::derive::PrincipalKey;
use crate::request::keys::{Arity, Control, find};
use crate::request::owner::is_role_assumption;
use crate::request::{Owner, Request};
use crate::text::arn_pattern::ResourceText;
use crate::text::fold::{eq_folded, fold_text, folded_hash};
use crate::text::template::{Syntax, Token, mentions_variable, tokenize};
use crate::text::truth::Truth;

use super::super::super::clause::Scope;
use super::super::super::condition;
use super::super::super::layer::Layer;
use super::super::Given;
use super::Change;
use super::obstacle::{Dimension, Place};
use super::scalars::{self, FRESH, NEIGHBOUR, UNNAMED, Value, add, fills};
use super::witness::{filled_arn, has_wildcard, parts};

/// A change that may help, and how far it is from the request.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) change: Change,
    /// The lower the nearer.
    pub(super) rank: u32,
}

/// Where a key is read.
pub(super) enum Use<'s, 'p> {
    Condition(&'s Place<'p>, &'p CompiledCondition, &'p Condition),
    /// As a variable of a resource entry.
    Resource(&'p str),
    /// As a variable of a condition's operand.
    Operand(&'p Condition, &'p str),
}

/// What the policies of a search suggest.
pub(super) struct Values<'s, 'p> {
    places: &'s [Place<'p>],
    uses: HashMap<String, Vec<Use<'s, 'p>>>,
    bound: Bound,
}

/// Most values of one kind that are looked at where several changes are tried, and where one is.
const FEW: usize = 64;
const MANY: usize = 512;

/// How many values of one kind are looked at, and whether there were more.
#[derive(Debug)]
pub(super) struct Bound {
    most: Cell<usize>,
    is_hit: Cell<bool>,
}

impl Bound {
    #[cfg(test)]
    pub(super) fn to(most: usize) -> Self {
        Self { most: Cell::new(most), is_hit: Cell::new(false) }
    }

    /// So many of a list.
    pub(super) fn of<'t, T>(&self, list: &'t [T]) -> &'t [T] {
        self.holds(list.len());
        list.get(..self.most.get()).unwrap_or(list)
    }

    /// Whether one more may be looked at beside so many; where not, the search has not seen all.
    pub(super) fn admits(&self, known: usize) -> bool {
        self.holds(known.saturating_add(1))
    }

    fn holds(&self, count: usize) -> bool {
        let is_within = count <= self.most.get();
        self.is_hit.set(self.is_hit.get() || !is_within);
        is_within
    }
}

/// Keys that tell whether a service asks, and which.
const OF_SERVICES: [&str; 3] =
    ["aws:PrincipalIsAWSService", "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"];

const GIVE: u32 = 10;
const REPLACE: u32 = 11;
const LEAVE_OUT: u32 = 30;
const ACTION: u32 = 40;

impl<'s, 'p> Values<'s, 'p> {
    pub(super) fn new(places: &'s [Place<'p>]) -> Self {
        let bound = Bound { most: Cell::new(FEW), is_hit: Cell::new(false) };
        let mut values = Self { places, uses: HashMap::new(), bound };
        for place in places {
            for (compiled, written) in place.conditions() {
                values.add(&written.key.value, Use::Condition(place, compiled, written));
                for operand in &written.values {
                    let text = operand.value.as_str();
                    values.add_variables(place, text, || Use::Operand(written, text));
                }
            }
            let entries = place.written.resource.iter().flat_map(|element| &element.values);
            for entry in entries {
                let text = entry.value.as_str();
                values.add_variables(place, text, || Use::Resource(text));
            }
        }
        values
    }

    /// Looks at as many values as so many changes at a time allow.
    pub(super) fn bound_for(&self, changes: usize) {
        self.bound.most.set(if changes == 1 { MANY } else { FEW });
        self.bound.is_hit.set(false);
    }

    /// Whether there were values that were not looked at.
    pub(super) fn is_cut(&self) -> bool {
        self.bound.is_hit.get()
    }

    /// What a part of a request could be instead.
    pub(super) fn of(&self, dimension: &Dimension, request: &Request<'_>) -> Vec<Candidate> {
        match dimension {
            Dimension::Action => self.actions(request),
            Dimension::Resource => self.resources(request),
            Dimension::Key(name) => self.key(name, request),
        }
    }

    fn add(&mut self, key: &str, one: Use<'s, 'p>) {
        self.uses.entry(fold_text(key).into_owned()).or_default().push(one);
    }

    fn add_variables(&mut self, place: &Place<'p>, text: &str, make: impl Fn() -> Use<'s, 'p>) {
        if !place.document.has_variables() || !mentions_variable(text) {
            return;
        }
        let tokens = tokenize(text, Syntax { wildcards: true, variables: true }).unwrap_or_default();
        for token in tokens {
            if let Token::Variable(variable) = token {
                self.add(variable.key, make());
            }
        }
    }

    /// The actions of the same service that the policies name without wildcards: no action is made up. Whether a role is
    /// assumed stays as it is: another kind of document would govern.
    fn actions(&self, request: &Request<'_>) -> Vec<Candidate> {
        let asked = request.action();
        let assumes = |action: &ActionText<'_>| is_role_assumption(action, request.resource());
        let is_other = |text: &&str| {
            ActionText::parse(text).is_some_and(|action| {
                action.service() == asked.service()
                    && action.folded() != asked.folded()
                    && assumes(&action) == assumes(asked)
            })
        };
        let elements = self.places.iter().map(|place| &place.written.action);
        let texts = elements.flat_map(|element| &element.values).map(|value| value.value.as_str());
        let mut found: Vec<&str> = Vec::new();
        for text in texts.filter(is_other) {
            let is_new = !found.iter().any(|known| known.eq_ignore_ascii_case(text));
            if is_new && self.bound.admits(found.len()) {
                found.push(text);
            }
        }
        let from = asked.text();
        let candidate = |to: &str| Candidate {
            change: Change::Action { from: from.to_owned(), to: to.to_owned() },
            rank: ACTION,
        };
        found.into_iter().map(candidate).collect()
    }

    /// Resources that Allows name, and that Denies leave alone; of the same service and owner, and roles to be assumed
    /// for such roles.
    fn resources(&self, request: &Request<'_>) -> Vec<Candidate> {
        let asked = request.resource();
        if !asked.is_arn() {
            return Vec::new();
        }
        let path = asked.field(5);
        let end = path.rsplit('/').next().filter(|end| *end != path).unwrap_or_default();
        let mut found = Vec::new();
        for place in self.places {
            let is_named = |element: &&TextElement| {
                element.negated == (place.compiled.effect == Effect::Deny) && self.bound.admits(found.len())
            };
            let Some(element) = place.written.resource.as_ref().filter(is_named) else { continue };
            let syntax = Syntax { wildcards: true, variables: place.document.has_variables() };
            for entry in self.bound.of(&element.values) {
                for parts in parts(&entry.value, syntax, request) {
                    for (fill, rank) in fills(end) {
                        let is_example = has_wildcard(&parts);
                        let rank = if is_example { rank } else { 0 };
                        add(&mut found, Value { text: filled_arn(&parts, fill, asked), rank, is_example });
                    }
                }
            }
        }
        found.extend(unnamed_resources(asked));
        // The policy of one bucket says nothing of another's.
        let is_governed = self.places.iter().any(|place| place.layer == Layer::Resource);
        let assumes = |resource: &ResourceText<'_>| is_role_assumption(request.action(), resource);
        let is_sound = |value: &Value| {
            let resource = ResourceText::new(&value.text);
            is_same_owner(&resource, request)
                && (!is_governed || is_same_governed(&resource, asked))
                && assumes(&resource) == assumes(asked)
        };
        let from = asked.text();
        let candidate = |Value { text, rank, is_example }| Candidate {
            change: Change::Resource { from: from.to_owned(), to: text, is_example },
            rank: REPLACE.saturating_add(rank),
        };
        // A bucket is seldom what stands for an object.
        let has_path = |text: &str| ResourceText::new(text).field(5).contains('/');
        for value in found.iter_mut().filter(|value| has_path(&value.text) != path.contains('/')) {
            value.rank = value.rank.saturating_add(UNNAMED);
        }
        found.into_iter().filter(|value| value.text != from && is_sound(value)).map(candidate).collect()
    }

    fn key(&self, name: &str, request: &Request<'_>) -> Vec<Candidate> {
        let is_sealed = |one: &crate::request::SessionFacts| one.sealed(folded_hash(name), name).is_some();
        if request.session().is_some_and(is_sealed) {
            return Vec::new();
        }
        let context = request.context();
        let given = context.entries().map(|(name, _)| name).find(|given| eq_folded(given, name));
        let from = Given::of(context.get(name));
        let candidate = |to: Given, rank: u32, is_example| Candidate {
            change: Change::Key {
                name: given.unwrap_or(name).to_owned(),
                from: from.clone(),
                to,
                is_example,
            },
            rank: rank.saturating_add(distance(name)),
        };
        let uses = self.uses.get(&*fold_text(name)).map_or(&[][..], Vec::as_slice);
        // Who asks does not change: what follows from that can be given as it is, and not be something else.
        if let Some(fixed) = fixed(name, request) {
            let fixed = fixed.into_iter().filter(|fixed| *fixed != from);
            return fixed.map(|fixed| candidate(fixed, GIVE, false)).collect();
        }
        let change = if from == Given::Absent { GIVE } else { REPLACE };
        let forms = forms(name, &from, uses, request, &self.bound).into_iter().filter(|(to, ..)| *to != from);
        let mut found: Vec<_> =
            forms.map(|(to, rank, example)| candidate(to, change.saturating_add(rank), example)).collect();
        if from != Given::Absent {
            found.push(candidate(Given::Absent, LEAVE_OUT, false));
        }
        found
    }
}

/// What a key that the principal determines may have: what follows from it, or nothing new where it does not tell. None
/// if it is no such key.
fn fixed(name: &str, request: &Request<'_>) -> Option<Vec<Given>> {
    if OF_SERVICES.into_iter().any(|key| eq_folded(key, name)) {
        return Some(Vec::new());
    }
    let key = PrincipalKey::ALL.into_iter().find(|key| eq_folded(key.name(), name))?;
    let value = key.value(request.principal()).ok();
    Some(value.map(|value| value.map_or(Given::Absent, Given::One)).into_iter().collect())
}

/// How far a key is from what a caller may simply write.
fn distance(name: &str) -> u32 {
    match find(name).map(|key| key.control) {
        Some(Control::Principal) => 8,
        Some(Control::Session) => 4,
        Some(Control::Resource) => 2,
        Some(Control::Caller | Control::Network | Control::Service) | None => 0,
    }
}

/// Whether an ARN is of the service asked, and of the owner that is stated.
fn is_same_owner(resource: &ResourceText<'_>, request: &Request<'_>) -> bool {
    let (asked, account) = (request.resource(), resource.field(4));
    let is_stated = matches!(request.owner(), Owner::Account(owner) if owner == account);
    resource.is_arn()
        && resource.field(2) == asked.field(2)
        && (account.is_empty() || account == asked.field(4) || is_stated)
}

/// Whether the resource-based policy of one resource governs the other too: that of a bucket its objects, that of a table
/// its indexes and streams. Of other services each resource has its own.
fn is_same_governed(resource: &ResourceText<'_>, asked: &ResourceText<'_>) -> bool {
    let parts = match asked.field(2) {
        "s3" => 1,
        "dynamodb" => 2,
        _ => usize::MAX,
    };
    let owned =
        |one: &ResourceText<'_>| one.field(5).split('/').take(parts).map(str::to_owned).collect::<Vec<_>>();
    owned(resource) == owned(asked)
}

/// The ARN asked with another last part, or another resource altogether, by names that no policy is likely to have.
fn unnamed_resources(asked: &ResourceText<'_>) -> Vec<Value> {
    let before = asked.text().strip_suffix(asked.field(5)).unwrap_or_default();
    let folder = asked.field(5).rsplit_once('/').map(|(path, _)| path);
    let bucket =
        asked.field(5).split_once('/').map(|(bucket, _)| bucket).filter(|bucket| Some(*bucket) != folder);
    let paths: Vec<String> =
        folder.into_iter().chain(bucket).map(|path| format!("{before}{path}/")).collect();
    let mut found = Vec::new();
    for fresh in FRESH {
        for head in paths.iter().map(String::as_str).chain([before]) {
            found.push(Value { text: format!("{head}{fresh}"), rank: UNNAMED, is_example: true });
        }
    }
    found
}

/// What a key may have: with one value or several, by the catalogue, else as it is given, else as it is read.
fn forms(
    name: &str,
    from: &Given,
    uses: &[Use<'_, '_>],
    request: &Request<'_>,
    bound: &Bound,
) -> Vec<(Given, u32, bool)> {
    let values = scalars::of(name, from, uses, request, bound);
    let is_read_as_many = |one: &Use<'_, '_>| matches!(one, Use::Condition(_, _, written) if written.operation.qualifier.is_some());
    let is_many = match (find(name), from) {
        (Some(info), _) => info.arity == Arity::Multi,
        (None, Given::Many(_)) => true,
        (None, Given::One(_)) => false,
        (None, Given::Absent) => !uses.is_empty() && uses.iter().all(is_read_as_many),
    };
    if !is_many {
        return values.into_iter().map(|one| (Given::One(one.text), one.rank, one.is_example)).collect();
    }
    let mut found: Vec<(Given, u32, bool)> = Vec::new();
    let given = if let Given::Many(texts) = from { texts.as_slice() } else { &[] };
    found.extend(
        uses.iter().filter_map(|one| kept(one, given, request)).map(|texts| (Given::Many(texts), 0, false)),
    );
    for one in &values {
        found.push((Given::Many(vec![one.text.clone()]), one.rank, one.is_example));
        let mut more = given.to_vec();
        more.push(one.text.clone());
        found.push((Given::Many(more), one.rank.saturating_add(NEIGHBOUR), one.is_example));
    }
    for (index, one) in values.iter().enumerate().take(8) {
        for other in values.iter().take(8).skip(index.saturating_add(1)) {
            let rank = one.rank.saturating_add(other.rank).saturating_add(NEIGHBOUR);
            let texts = vec![one.text.clone(), other.text.clone()];
            found.push((Given::Many(texts), rank, one.is_example || other.is_example));
        }
    }
    found
}

/// Of several values those for which a condition holds.
fn kept(one: &Use<'_, '_>, given: &[String], request: &Request<'_>) -> Option<Vec<String>> {
    let Use::Condition(place, compiled, written) = one else { return None };
    written.operation.qualifier?;
    let scope = Scope { context: request.context(), binding: None };
    let holds = |text: &&String| condition::compare_one(place.form, compiled, text, scope) == Truth::True;
    let texts: Vec<_> = given.iter().filter(holds).cloned().collect();
    (!texts.is_empty()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Principal;

    /// What a bound cuts off it tells; one change may look at more values than several.
    #[test]
    fn a_bound_tells_what_it_cuts_off() {
        let bound = Bound::to(2);
        assert!(bound.admits(1) && !bound.is_hit.get());
        assert_eq!((bound.of(&[1, 2]), bound.is_hit.get()), (&[1, 2][..], false));
        assert!(!bound.admits(2) && bound.is_hit.get());
        assert!(bound.admits(0) && bound.is_hit.get());
        let bound = Bound::to(2);
        assert_eq!((bound.of(&[1, 2, 3]), bound.is_hit.get()), (&[1, 2][..], true));
        let values = Values::new(&[]);
        for (changes, most) in [(1, MANY), (2, FEW), (3, FEW)] {
            values.bound_for(changes);
            assert_eq!(values.bound.most.get(), most, "{changes}");
        }
    }

    /// Of the service asked, and of the owner: no account, the one that the asked ARN names, or the one that is stated.
    #[test]
    fn owners_are_the_same() {
        let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
        let asked = "arn:aws:sns:eu:111122223333:t";
        let bucket = "arn:aws:s3:::b/k";
        let stated = Owner::Account("111122223333");
        for (asked, owner, resource, is_same) in [
            (asked, stated, "arn:aws:sns:us:111122223333:u", true),
            (asked, Owner::Unknown, "arn:aws:sns:us:111122223333:u", true),
            (asked, Owner::Unknown, "arn:aws:sns:us::u", true),
            (asked, stated, "arn:aws:sns:us:444455556666:u", false),
            (asked, stated, "arn:aws:sqs:us:111122223333:u", false),
            (bucket, stated, "arn:aws:s3:eu:111122223333:accesspoint/x", true),
            (bucket, stated, "arn:aws:s3:eu:444455556666:accesspoint/x", false),
            (bucket, Owner::Unknown, "arn:aws:s3:eu:111122223333:accesspoint/x", false),
            (bucket, stated, "*", false),
        ] {
            let request = Request::builder(&user, "a:x", asked, owner).build().unwrap();
            assert_eq!(is_same_owner(&ResourceText::new(resource), &request), is_same, "{asked} {resource}");
        }
    }

    /// A bucket's policy governs its objects, a table's its indexes; elsewhere each resource has its own.
    #[test]
    fn what_one_policy_governs() {
        let table = "arn:aws:dynamodb:eu:1:table";
        for (one, other, is_same) in [
            ("arn:aws:s3:::b/k", "arn:aws:s3:::b/l/m", true),
            ("arn:aws:s3:::b/k", "arn:aws:s3:::c/k", false),
            (&format!("{table}/a"), &format!("{table}/a/index/i"), true),
            (&format!("{table}/a"), &format!("{table}/b"), false),
            ("arn:aws:kms:eu:1:key/a", "arn:aws:kms:eu:1:key/b", false),
        ] {
            let texts = [one, other].map(ResourceText::new);
            assert_eq!(is_same_governed(&texts[0], &texts[1]), is_same, "{one} {other}");
        }
    }
}
