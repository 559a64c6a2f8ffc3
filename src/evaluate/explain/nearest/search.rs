//! The search: one change, then two at a time, then three; every candidate is decided. What must change is known from
//! what stands in the way, so only that is tried.

use crate::request::Request;

use super::super::super::decision::Decision;
use super::super::super::set::PolicySet;
use super::obstacle::{Dimension, Place, dimensions, places};
use super::values::{Candidate, Values};
use super::{Change, Suggestion, changed};

/// Most changes at a time.
const CHANGES: usize = 3;
/// Most requests that are decided: some milliseconds.
const DECISIONS: usize = 6_000;
/// Most statements that are looked at beside that.
const VISITS: usize = 400_000;
/// Most suggestions that are kept to choose from.
const KEPT: usize = 64;
/// Most suggestions that are made.
const SUGGESTIONS: usize = 3;
/// Most requests that are decided once a suggestion of two or three changes is found: a nearer one may come.
const AFTER: usize = 1_000;

/// The nearest suggestions, and how many changes at a time were searched to the end (or to the suggestions).
pub(super) fn search(set: &PolicySet, request: &Request<'_>) -> (Vec<Suggestion>, usize) {
    let places = places(set, request);
    let mut search = Search::new(set, request, &places);
    let (mut searched, mut is_whole) = (0, true);
    for changes in 1..=CHANGES {
        search.values.bound_for(changes);
        search.from(&mut Vec::new(), request, set.decide(request), changes);
        if !search.found.is_empty() {
            return (search.chosen(), changes);
        }
        if search.is_over() {
            break;
        }
        // What was not looked at is not claimed.
        is_whole &= !search.values.is_cut();
        if is_whole {
            searched = changes;
        }
    }
    (Vec::new(), searched)
}

struct Search<'s, 'p, 'r, 'a> {
    set: &'s PolicySet,
    request: &'r Request<'a>,
    places: &'s [Place<'p>],
    values: Values<'s, 'p>,
    /// Most requests that are decided.
    most: usize,
    decisions: usize,
    visits: usize,
    found: Vec<Found>,
}

/// A suggestion and how near it is: by the kinds of its changes, then by how much of the request's text they change, then
/// by their own texts, so that the order is the same in every run.
#[derive(Clone, Debug)]
struct Found {
    parts: Vec<Dimension>,
    distance: (u32, usize, String),
    suggestion: Suggestion,
}

impl<'s, 'p, 'r, 'a> Search<'s, 'p, 'r, 'a> {
    fn new(set: &'s PolicySet, request: &'r Request<'a>, places: &'s [Place<'p>]) -> Self {
        let values = Values::new(places);
        Self { set, request, places, values, most: DECISIONS, decisions: 0, visits: 0, found: Vec::new() }
    }

    /// Tries so many more changes to a denied request.
    fn from(&mut self, made: &mut Vec<Candidate>, request: &Request<'_>, decision: Decision, more: usize) {
        self.visits = self.visits.saturating_add(self.places.len());
        let asked = self.set.asked(request);
        for dimension in dimensions(self.places, &asked, decision, more) {
            let is_made = made.iter().any(|one| one.dimension().is(&dimension));
            // Another action and two more changes are another request, not this one changed.
            let is_far = dimension == Dimension::Action && made.len().saturating_add(more) == CHANGES;
            if is_made || is_far {
                continue;
            }
            let mut candidates = self.values.of(&dimension, request);
            candidates.sort_by_key(|one| one.rank);
            for candidate in candidates {
                if self.is_over() {
                    return;
                }
                made.push(candidate);
                self.try_out(made, more.saturating_sub(1));
                made.pop();
            }
        }
    }

    /// Decides the request with the changes made.
    fn try_out(&mut self, made: &mut Vec<Candidate>, more: usize) {
        self.decisions = self.decisions.saturating_add(1);
        let changes: Vec<Change> = made.iter().map(|one| one.change.clone()).collect();
        let Ok(request) = changed(self.request, changes.iter()) else { return };
        let decision = self.set.decide(&request);
        if decision.is_allowed() {
            self.keep(made);
        } else if more > 0 {
            self.from(made, &request, decision, more);
        }
    }

    /// Keeps a suggestion, or nothing where one of the same parts is nearer.
    fn keep(&mut self, made: &[Candidate]) {
        if made.len() > 1 && self.found.is_empty() {
            self.most = self.most.min(self.decisions.saturating_add(AFTER));
        }
        let rank = made.iter().fold(0_u32, |sum, one| sum.saturating_add(one.rank));
        let size = made.iter().fold(0_usize, |sum, one| sum.saturating_add(one.change.size()));
        let mut made = made.to_vec();
        made.sort_by_key(|one| one.rank);
        let suggestion = Suggestion { changes: made.into_iter().map(|one| one.change).collect() };
        let parts = suggestion.changes.iter().map(Dimension::of).collect();
        let found = Found { parts, distance: (rank, size, suggestion.to_string()), suggestion };
        match self.found.iter_mut().find(|other| other.is_of(&found.parts)) {
            Some(known) if known.distance <= found.distance => {}
            Some(known) => *known = found,
            None => self.found.push(found),
        }
        if self.found.len() > KEPT {
            self.sort();
            self.found.truncate(SUGGESTIONS);
        }
    }

    fn sort(&mut self) {
        self.found.sort_by(|one, other| one.distance.cmp(&other.distance));
    }

    fn is_over(&self) -> bool {
        self.decisions >= self.most || self.visits >= VISITS
    }

    /// The nearest of those found.
    fn chosen(mut self) -> Vec<Suggestion> {
        self.sort();
        self.found.into_iter().take(SUGGESTIONS).map(|one| one.suggestion).collect()
    }
}

impl Found {
    /// Whether it changes these parts of the request.
    fn is_of(&self, parts: &[Dimension]) -> bool {
        let is_known = |part: &Dimension| self.parts.iter().any(|same| same.is(part));
        self.parts.len() == parts.len() && parts.iter().all(is_known)
    }
}

impl Dimension {
    pub(super) fn of(change: &Change) -> Self {
        match change {
            Change::Action { .. } => Self::Action,
            Change::Resource { .. } => Self::Resource,
            Change::Key { name, .. } => Self::Key(name.clone()),
        }
    }
}

impl Candidate {
    fn dimension(&self) -> Dimension {
        Dimension::of(&self.change)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Given;
    use super::*;
    use crate::request::{Owner, Principal};

    fn ask(question: impl FnOnce(&mut Search<'_, '_, '_, '_>)) {
        let set = PolicySet::default();
        let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
        let request = Request::builder(&user, "a:x", "arn:aws:s3:::b", Owner::Unknown).build().unwrap();
        question(&mut Search::new(&set, &request, &[]));
    }

    fn candidate(name: usize) -> Candidate {
        let (from, to) = (Given::Absent, Given::One("x".to_owned()));
        let change = Change::Key { name: format!("a:k{name}"), from, to, is_example: false };
        Candidate { change, rank: 1 }
    }

    /// After a suggestion of several changes some more requests are decided, once; after one of one change all of them.
    #[test]
    fn a_search_ends_some_time_after_a_suggestion() {
        ask(|search| {
            search.decisions = 100;
            search.keep(&[candidate(0)]);
            assert_eq!(search.most, DECISIONS);
            search.keep(&[candidate(0), candidate(1)]);
            assert_eq!(search.most, DECISIONS);
        });
        ask(|search| {
            search.decisions = 100;
            search.keep(&[candidate(0), candidate(1)]);
            assert_eq!(search.most, 100 + AFTER);
            search.decisions = 200;
            search.keep(&[candidate(0), candidate(2)]);
            assert_eq!((search.most, search.found.len()), (100 + AFTER, 2));
            assert!(!search.is_over());
            search.decisions = 100 + AFTER;
            assert!(search.is_over());
            search.decisions = 0;
            search.visits = VISITS;
            assert!(search.is_over());
        });
    }

    /// Many suggestions are kept, and of more the nearest.
    #[test]
    fn of_many_suggestions_the_nearest_are_kept() {
        ask(|search| {
            for name in 0..KEPT {
                search.keep(&[candidate(name)]);
                assert_eq!(search.found.len(), name + 1);
            }
            search.keep(&[candidate(KEPT)]);
            let names: Vec<_> = search.found.iter().map(|one| one.suggestion.to_string()).collect();
            assert_eq!(names, ["a:k0", "a:k1", "a:k10"].map(|name| format!("give {name} = `x`")));
        });
    }
}
