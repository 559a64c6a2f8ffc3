//! Which parts of which policies the cases have met.
//!
//! - A statement: whether it ever applied, and whether it ever decided. A Deny decides an explicit deny; an Allow decides
//!   where the request is allowed and it is the first of its layer that applies.
//! - Each value of `Action`, `Resource` and `Principal`: whether it ever matched and ever did not.
//! - Each condition: whether it was ever true and ever false; each of its values: whether the request ever had such a
//!   value and ever had none.
//!
//! A clause counts only where those before it hold (action, resource, principal, conditions): a condition that was false
//! for a request about something else has not been tested. A value `*` cannot fail to match, and need not.
//! Policies that are written in the case file, and its `props`, are not counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::evaluate::trace::StatementTrace;
use crate::evaluate::{Decision, Outcome, PolicySet};
use crate::text::diagnostic::shortened;
use crate::text::truth::Truth;

use super::points::{Point, count, points};
use super::run::{self, FileResult};

/// What the cases have met, document by document.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    documents: BTreeMap<String, Vec<Point>>,
}

impl Coverage {
    /// Counts what a file's cases meet.
    pub fn of(result: &FileResult) -> Self {
        let mut coverage = Self::default();
        for (check, one) in result.checks() {
            let Some(governing) = &one.governing else { continue };
            for (document, is_tested) in governing.attached.iter().flat_map(|attached| &attached.documents) {
                if *is_tested {
                    coverage.documents.entry(document.name().to_owned()).or_insert_with(|| points(document));
                }
            }
            if one.decision.is_err() {
                continue;
            }
            for parts in check.requests().unwrap_or_default() {
                let _ = run::ask(parts, |request| {
                    let decision = governing.set.decide(request);
                    coverage.add(&governing.set, &decision, &governing.set.trace(request));
                    Ok(())
                });
            }
        }
        coverage
    }

    /// Adds what other cases have met.
    pub fn merge(&mut self, other: Self) {
        for (name, points) in other.documents {
            match self.documents.get_mut(&name) {
                None => {
                    self.documents.insert(name, points);
                }
                Some(known) => {
                    for (known, point) in known.iter_mut().zip(points) {
                        known.met = [known.met[0] + point.met[0], known.met[1] + point.met[1]];
                    }
                }
            }
        }
    }

    /// Each policy and its parts, in the order of names and lines.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &[Point])> {
        self.documents.iter().map(|(name, points)| (name.as_str(), points.as_slice()))
    }

    /// How many sides were met, and how many there are.
    pub fn sides(&self) -> (usize, usize) {
        sides(self.documents.values().flatten())
    }

    /// How many of a hundred sides were met, cut to a whole number; 100 only if all were, and 0 where there is none.
    pub fn percent(&self) -> usize {
        percent(self.sides())
    }

    fn add(&mut self, set: &PolicySet, decision: &Decision, traces: &[StatementTrace<'_>]) {
        for trace in traces {
            let Some(points) = self.documents.get_mut(trace.document.name()) else { continue };
            let before = trace.document.statements().iter().take(trace.id.statement as usize);
            let own = points.iter_mut().skip(before.map(count).sum());
            for (point, side) in own.zip(met(trace, decides(set, decision, trace, traces))) {
                let [yes, no] = &mut point.met;
                match side {
                    Some(true) => *yes += 1,
                    Some(false) => *no += 1,
                    None => {}
                }
            }
        }
    }
}

/// The side of each point of a statement that a request meets, in the order of [`points`].
fn met(trace: &StatementTrace<'_>, decides: bool) -> Vec<Option<bool>> {
    let mut sides = vec![trace.applies().then_some(true), decides.then_some(true)];
    sides.extend(trace.actions.iter().map(|one| Some(*one)));
    sides.extend(trace.resources.iter().map(|one| trace.action.then_some(*one)));
    let named = trace.action && trace.resource != Truth::False;
    sides.extend(trace.principals.iter().map(|one| named.then_some(*one)));
    for condition in &trace.conditions {
        let side = match condition.truth {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Indeterminate(_) => None,
        };
        sides.push(side.filter(|_| trace.is_reached()));
        sides.extend(condition.values.iter().map(|one| trace.is_reached().then_some(*one)));
    }
    sides
}

/// Whether a statement is the one by which its layer answered.
fn decides(
    set: &PolicySet,
    decision: &Decision,
    trace: &StatementTrace<'_>,
    all: &[StatementTrace<'_>],
) -> bool {
    match decision.outcome {
        Outcome::ExplicitDeny => decision.statement == Some(trace.id),
        Outcome::ImplicitDeny => false,
        Outcome::Allowed => {
            let of_layer = |one: &&StatementTrace<'_>| {
                (one.id.layer, one.id.level, one.effect)
                    == (trace.id.layer, trace.id.level, crate::policy::Effect::Allow)
            };
            let first = all.iter().filter(of_layer).find(|one| one.applies());
            // Of a resource-based policy the strongest grant answers, which need not be the first.
            let is_in_use = set.layer(trace.id.layer).is_some();
            is_in_use
                && (decision.statement == Some(trace.id) || first.is_some_and(|first| first.id == trace.id))
        }
    }
}

fn sides<'p>(points: impl Iterator<Item = &'p Point>) -> (usize, usize) {
    points.fold((0, 0), |(met, all), point| {
        let own = if point.two_sided { 2 } else { 1 };
        (met + own - point.unmet().count(), all + own)
    })
}

/// The most characters that are shown of a part: an operator, a key and an entry that is an ARN.
const PART: usize = 200;

fn percent((met, all): (usize, usize)) -> usize {
    (met * 100).checked_div(all).unwrap_or(0)
}

/// As text: each policy, and the sides that were not met.
impl std::fmt::Display for Coverage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, points) in self.documents() {
            let (met, all) = sides(points.iter());
            writeln!(formatter, "{name}: {} % covered, {met} of {all}", percent((met, all)))?;
            for point in points {
                for side in point.unmet() {
                    let what = if point.text.is_empty() {
                        String::new()
                    } else {
                        format!(" {}", shortened(&point.text, PART))
                    };
                    writeln!(
                        formatter,
                        "  line {}, `{}`: {}{what} never {side}",
                        point.line, point.statement, point.element
                    )?;
                }
            }
        }
        let (met, all) = self.sides();
        writeln!(formatter, "coverage: {} %, {met} of {all}", self.percent())
    }
}

impl Coverage {
    /// In the format of lcov, so that its viewers show it: a line for each part, a branch for each side.
    pub fn lcov(&self) -> String {
        let mut out = String::new();
        for (name, points) in self.documents() {
            // Writing to memory does not fail.
            let _ = writeln!(out, "TN:\nSF:{name}");
            let mut lines: BTreeMap<usize, u64> = BTreeMap::new();
            let (mut found, mut hit) = (0, 0);
            for (number, point) in points.iter().enumerate() {
                let line = lines.entry(point.line).or_default();
                *line = (*line).max(point.met[0]);
                for (side, met) in point.met.iter().take(if point.two_sided { 2 } else { 1 }).enumerate() {
                    let _ = writeln!(out, "BRDA:{},{number},{side},{met}", point.line);
                    found += 1;
                    hit += usize::from(*met > 0);
                }
            }
            let _ = writeln!(out, "BRF:{found}\nBRH:{hit}");
            for (line, met) in &lines {
                let _ = writeln!(out, "DA:{line},{met}");
            }
            let covered = lines.values().filter(|met| **met > 0).count();
            let _ = writeln!(out, "LF:{}\nLH:{covered}\nend_of_record", lines.len());
        }
        out
    }
}

impl Serialize for Coverage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (met, all) = self.sides();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("percent", &self.percent())?;
        map.serialize_entry("met", &met)?;
        map.serialize_entry("all", &all)?;
        let policies: Vec<_> = self
            .documents()
            .map(|(name, points)| {
                let (met, all) = sides(points.iter());
                serde_json::json!({"policy": name, "percent": percent((met, all)), "met": met, "all": all, "parts": points})
            })
            .collect();
        map.serialize_entry("policies", &policies)?;
        map.end()
    }
}
