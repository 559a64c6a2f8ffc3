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
use crate::policy::{Document, PrincipalValue, Statement};
use crate::text::diagnostic::excerpt;
use crate::text::source::Positions;
use crate::text::span::Span;
use crate::text::truth::Truth;

use super::run::{self, FileResult};

/// What the cases have met, document by document.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    documents: BTreeMap<String, Vec<Point>>,
}

/// A part of a policy with two sides, each to be met.
#[derive(Clone, Debug)]
pub struct Point {
    /// The line of the policy, from 1.
    pub line: usize,
    /// The statement's Sid, or its number.
    pub statement: String,
    /// `statement`, `Action`, `Condition` …
    pub element: &'static str,
    /// The value or condition as written.
    pub text: String,
    /// What the two sides are called.
    pub sides: [&'static str; 2],
    /// How often each was met.
    pub met: [u64; 2],
    /// Whether the second side can be met at all.
    pub two_sided: bool,
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
            let _ = run::ask(&check.request, |request| {
                if let Ok(decision) = &one.decision {
                    coverage.add(&governing.set, decision, &governing.set.trace(request));
                }
                Ok(())
            });
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

    /// How many of a hundred sides were met, cut to a whole number; 100 only if all were.
    pub fn percent(&self) -> usize {
        percent(self.sides())
    }

    fn add(&mut self, set: &PolicySet, decision: &Decision, traces: &[StatementTrace<'_>]) {
        for trace in traces {
            let Some(points) = self.documents.get_mut(trace.document.name()) else { continue };
            let first = trace
                .document
                .statements()
                .iter()
                .take(trace.id.statement as usize)
                .map(count)
                .sum::<usize>();
            let mut own = points.iter_mut().skip(first);
            let mut meet = |side: Option<bool>| {
                if let (Some(point), Some(side)) = (own.next(), side) {
                    let [yes, no] = &mut point.met;
                    *(if side { yes } else { no }) += 1;
                }
            };
            meet(trace.applies().then_some(true));
            meet(decides(set, decision, trace, traces).then_some(true));
            trace.actions.iter().for_each(|one| meet(Some(*one)));
            trace.resources.iter().for_each(|one| meet(trace.action.then_some(*one)));
            let named = trace.action && trace.resource != Truth::False;
            trace.principals.iter().for_each(|one| meet(named.then_some(*one)));
            for condition in &trace.conditions {
                let side = match condition.truth {
                    Truth::True => Some(true),
                    Truth::False => Some(false),
                    Truth::Indeterminate(_) => None,
                };
                meet(side.filter(|_| trace.is_reached()));
                condition.values.iter().for_each(|one| meet(trace.is_reached().then_some(*one)));
            }
        }
    }
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

impl Point {
    /// The sides that were not met.
    pub fn unmet(&self) -> impl Iterator<Item = &'static str> {
        let wanted = self.sides.iter().zip(self.met).take(if self.two_sided { 2 } else { 1 });
        wanted.filter(|(_, met)| *met == 0).map(|(side, _)| *side)
    }
}

fn sides<'p>(points: impl Iterator<Item = &'p Point>) -> (usize, usize) {
    points.fold((0, 0), |(met, all), point| {
        let own = if point.two_sided { 2 } else { 1 };
        (met + own - point.unmet().count(), all + own)
    })
}

fn percent((met, all): (usize, usize)) -> usize {
    (met * 100).checked_div(all).unwrap_or(100)
}

/// How many points a statement has: the same walk as [`points`].
fn count(statement: &Statement) -> usize {
    let conditions: usize = statement.conditions.iter().map(|one| one.values.len() + 1).sum();
    let resources = statement.resource.as_ref().map_or(0, |list| list.values.len());
    2 + statement.action.values.len() + resources + principals(statement).len() + conditions
}

/// The values of `Principal`, with their places.
pub(super) fn principals(statement: &Statement) -> Vec<(&str, Span)> {
    match statement.principal.as_ref().map(|element| &element.value) {
        None => Vec::new(),
        Some(PrincipalValue::Everyone) => vec![("*", statement.span)],
        Some(PrincipalValue::Map(entries)) => entries
            .iter()
            .flat_map(|(_, values)| values.iter().map(|one| (one.value.as_str(), one.span)))
            .collect(),
    }
}

fn points(document: &Document) -> Vec<Point> {
    let positions = Positions::new(document.source().text());
    let mut points = Vec::new();
    for (number, statement) in document.statements().iter().enumerate() {
        let name = statement.sid.as_ref().map_or_else(|| number.to_string(), |sid| sid.value.clone());
        let mut add = |span: Span, element, text: &str, sides, two_sided| {
            let line = positions.at(span.start).line;
            points.push(Point {
                line,
                statement: name.clone(),
                element,
                text: text.to_owned(),
                sides,
                met: [0, 0],
                two_sided,
            });
        };
        add(statement.span, "statement", "", ["applied", ""], false);
        add(statement.span, "statement", "", ["decided", ""], false);
        let sides = ["matched", "without a match"];
        let named = |negated, plain, not| if negated { not } else { plain };
        for value in &statement.action.values {
            let element = named(statement.action.negated, "Action", "NotAction");
            add(value.span, element, &value.value, sides, value.value != "*");
        }
        for (list, value) in
            statement.resource.iter().flat_map(|list| list.values.iter().map(move |value| (list, value)))
        {
            add(
                value.span,
                named(list.negated, "Resource", "NotResource"),
                &value.value,
                sides,
                value.value != "*",
            );
        }
        for (text, span) in principals(statement) {
            let negated = statement.principal.as_ref().is_some_and(|element| element.negated);
            add(span, named(negated, "Principal", "NotPrincipal"), text, sides, text != "*");
        }
        for condition in &statement.conditions {
            let text = format!("{} {}", condition.operation, condition.key.value);
            add(condition.key.span, "Condition", &text, ["true", "false"], true);
            for value in &condition.values {
                add(value.span, "Condition", &format!("{text}: {}", value.value), sides, value.value != "*");
            }
        }
    }
    points
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
                        format!(" {}", excerpt(&point.text))
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

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("line", &self.line)?;
        map.serialize_entry("statement", &self.statement)?;
        map.serialize_entry("element", self.element)?;
        map.serialize_entry("text", &self.text)?;
        for (side, met) in self.sides.iter().zip(self.met).take(if self.two_sided { 2 } else { 1 }) {
            map.serialize_entry(&side.replace(' ', "_"), &met)?;
        }
        map.end()
    }
}
