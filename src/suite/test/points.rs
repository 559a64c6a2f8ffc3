//! The parts of a policy that cases can meet: its statements, and each value and condition of them.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::policy::{Document, PrincipalValue, Statement, TextElement};
use crate::text::source::Positions;
use crate::text::span::Span;

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

impl Point {
    /// The sides that were not met.
    pub fn unmet(&self) -> impl Iterator<Item = &'static str> {
        let wanted = self.sides.iter().zip(self.met).take(if self.two_sided { 2 } else { 1 });
        wanted.filter(|(_, met)| *met == 0).map(|(side, _)| *side)
    }
}

/// How many points a statement has: the same walk as [`points`].
pub(super) fn count(statement: &Statement) -> usize {
    let conditions: usize = statement.conditions.iter().map(|one| one.values.len() + 1).sum();
    let resources = statement.resource.as_ref().map_or(0, |list| list.values.len());
    2 + statement.action.values.len() + resources + principals(statement).len() + conditions
}

/// The values of `Principal`, with their places.
pub(super) fn principals(statement: &Statement) -> Vec<(&str, Span)> {
    match statement.principal.as_ref().map(|element| &element.value) {
        None => Vec::new(),
        Some(PrincipalValue::Everyone) => vec![("*", statement.span)],
        Some(PrincipalValue::Map(entries)) => {
            let values = entries.iter().flat_map(|(_, values)| values);
            values.map(|one| (one.value.as_str(), one.span)).collect()
        }
    }
}

/// All points of a document, statement by statement.
pub(super) fn points(document: &Document) -> Vec<Point> {
    let positions = Positions::new(document.source().text());
    let numbered = document.statements().iter().enumerate();
    numbered
        .flat_map(|(number, statement)| {
            let name = statement.sid.as_ref().map_or_else(|| number.to_string(), |sid| sid.value.clone());
            let mut list = List { positions: &positions, statement: name, points: Vec::new() };
            list.all(statement);
            list.points
        })
        .collect()
}

/// The points of one statement.
struct List<'p> {
    positions: &'p Positions<'p>,
    statement: String,
    points: Vec<Point>,
}

impl List<'_> {
    fn all(&mut self, statement: &Statement) {
        self.add(statement.span, "statement", "", ["applied", ""], false);
        self.add(statement.span, "statement", "", ["decided", ""], false);
        self.values(&statement.action, ["Action", "NotAction"]);
        if let Some(resource) = &statement.resource {
            self.values(resource, ["Resource", "NotResource"]);
        }
        let negated = statement.principal.as_ref().is_some_and(|element| element.negated);
        let element = if negated { "NotPrincipal" } else { "Principal" };
        for (text, span) in principals(statement) {
            self.add(span, element, text, MATCHED, text != "*");
        }
        for condition in &statement.conditions {
            let text = format!("{} {}", condition.operation, condition.key.value);
            self.add(condition.key.span, "Condition", &text, ["true", "false"], true);
            for value in &condition.values {
                let text = format!("{text}: {}", value.value);
                self.add(value.span, "Condition", &text, MATCHED, value.value != "*");
            }
        }
    }

    fn values(&mut self, list: &TextElement, [plain, not]: [&'static str; 2]) {
        for value in &list.values {
            self.add(
                value.span,
                if list.negated { not } else { plain },
                &value.value,
                MATCHED,
                value.value != "*",
            );
        }
    }

    fn add(
        &mut self,
        span: Span,
        element: &'static str,
        text: &str,
        sides: [&'static str; 2],
        two_sided: bool,
    ) {
        let line = self.positions.at(span.start).line;
        let (statement, text) = (self.statement.clone(), text.to_owned());
        self.points.push(Point { line, statement, element, text, sides, met: [0, 0], two_sided });
    }
}

const MATCHED: [&str; 2] = ["matched", "without a match"];

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
