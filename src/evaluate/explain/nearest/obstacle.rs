//! What stands between a request and an allow, as parts of the request: some one of them must change.
//!
//! A Deny that applies must stop to, so some part that it reads must change. Of a missing Allow, some statement that
//! does not apply must come to, so of each clause at fault in it some part must change.

use crate::compile::{CompiledCondition, CompiledStatement, Form};
use crate::policy::{Condition, Document, Effect, Statement};
use crate::request::Request;
use crate::text::fold::eq_folded;
use crate::text::truth::Truth;

use super::super::super::clause::{self, Asked};
use super::super::super::combine::Facts;
use super::super::super::decision::{Decision, Missing, StatementId};
use super::super::super::layer::{Concern, Layer};
use super::super::super::set::{Attachment, PolicySet};
use super::super::super::{condition, principal};
use super::super::{applies, variable};

/// A part of a request that may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Action,
    Resource,
    Key(String),
}

/// A statement in its place.
pub(super) struct Place<'p> {
    pub(super) layer: Layer,
    pub(super) level: u32,
    pub(super) form: &'p Form,
    pub(super) compiled: &'p CompiledStatement,
    pub(super) document: &'p Document,
    pub(super) written: &'p Statement,
}

impl Dimension {
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key(one), Self::Key(other)) => eq_folded(one, other),
            (one, other) => one == other,
        }
    }
}

/// All statements of the layers that concern a request.
pub(super) fn places<'p>(set: &'p PolicySet, request: &Request<'_>) -> Vec<Place<'p>> {
    let concerned = set.attachments().iter().filter(|one| one.layer.concern(request) == Concern::Applies);
    let statements = concerned.flat_map(|Attachment { layer, level, policy }| {
        let form = &*policy.form;
        form.statements.iter().filter_map(move |compiled| {
            let document = form.documents.get(compiled.document as usize)?;
            let written = document.statements().get(compiled.position as usize)?;
            Some(Place { layer: *layer, level: *level, form, compiled, document, written })
        })
    });
    statements.collect()
}

/// Every Deny that applies to a request, in the order of decisions.
pub(super) fn denies(places: &[Place<'_>], asked: &Asked<'_, '_>) -> Vec<StatementId> {
    let is_it = |place: &&Place<'_>| {
        let truth = || clause::statement(place.form, place.compiled, asked).truth;
        place.compiled.effect == Effect::Deny && applies(Effect::Deny, truth())
    };
    let mut found: Vec<_> = places.iter().filter(is_it).map(Place::id).collect();
    found.sort_unstable();
    found
}

/// The parts of a denied request of which one must change if no more than so many changes may be made.
pub(super) fn dimensions(
    places: &[Place<'_>],
    asked: &Asked<'_, '_>,
    decision: Decision,
    changes: usize,
) -> Vec<Dimension> {
    let mut out = Vec::new();
    if let Some(id) = decision.statement {
        let clauses = places.iter().filter(|place| place.id() == id).flat_map(Place::clauses);
        clauses.for_each(|clause| merge(&mut out, clause.dimensions(asked)));
        return out;
    }
    let Some(missing) = decision.missing else { return out };
    if missing.layer == Layer::Resource && Facts::of(asked.request).mismatched_provider {
        return vec![Dimension::Action];
    }
    for place in places.iter().filter(|place| place.could_grant(missing)) {
        merge(&mut out, place.needed(asked, changes));
    }
    out
}

impl<'p> Place<'p> {
    fn id(&self) -> StatementId {
        let (policy, statement) = (self.compiled.document, self.compiled.position);
        StatementId { layer: self.layer, level: self.level, policy, statement }
    }

    /// Whether it is an Allow that could make up for the missing one: of the same place, or of the resource-based
    /// policy, whose grants can stand for the caller's own.
    fn could_grant(&self, missing: Missing) -> bool {
        let is_own = matches!(missing.layer, Layer::Identity | Layer::PermissionsBoundary | Layer::Session);
        let is_there = self.layer == missing.layer && self.level == missing.level;
        self.compiled.effect == Effect::Allow && (is_there || (is_own && self.layer == Layer::Resource))
    }

    /// Of the clause at fault that the fewest parts of the request can mend, those parts; none if the statement
    /// applies, or cannot with so many changes.
    fn needed(&self, asked: &Asked<'_, '_>, changes: usize) -> Vec<Dimension> {
        let faults = self.clauses().filter(|one| one.truth(asked) != Truth::True);
        let faults: Vec<_> = faults.map(|clause| clause.dimensions(asked)).collect();
        let mut counted: Vec<Dimension> = Vec::new();
        let mut needed = 0_usize;
        for fault in &faults {
            // The principal does not change.
            if fault.is_empty() {
                return Vec::new();
            }
            if !fault.iter().any(|one| counted.iter().any(|other| other.is(one))) {
                merge(&mut counted, fault.clone());
                needed = needed.saturating_add(1);
            }
        }
        if needed > changes {
            return Vec::new();
        }
        faults.into_iter().min_by_key(Vec::len).unwrap_or_default()
    }

    pub(super) fn clauses(&self) -> impl Iterator<Item = PlacedClause<'_, 'p>> {
        let conditions = self.compiled.conditions.of(&self.form.conditions).iter().filter_map(|compiled| {
            Some(Kind::Condition(compiled, self.written.conditions.get(compiled.written as usize)?))
        });
        let fixed = [Kind::Action, Kind::Resource, Kind::Principal];
        fixed.into_iter().chain(conditions).map(|kind| PlacedClause { place: self, kind })
    }

    pub(super) fn conditions(&self) -> impl Iterator<Item = (&'p CompiledCondition, &'p Condition)> {
        let compiled = self.compiled.conditions.of(&self.form.conditions).iter();
        compiled.filter_map(|one| Some((one, self.written.conditions.get(one.written as usize)?)))
    }
}

/// A clause of a statement.
pub(super) struct PlacedClause<'s, 'p> {
    place: &'s Place<'p>,
    kind: Kind<'p>,
}

enum Kind<'p> {
    Action,
    Resource,
    Principal,
    Condition(&'p CompiledCondition, &'p Condition),
}

impl PlacedClause<'_, '_> {
    fn truth(&self, asked: &Asked<'_, '_>) -> Truth {
        let Place { form, compiled, .. } = self.place;
        match self.kind {
            Kind::Action => form.action_holds(compiled, asked.request.action()).into(),
            Kind::Resource => clause::resource(form, compiled, asked),
            Kind::Principal => principal::clause(form, compiled, asked).matches.into(),
            Kind::Condition(compiled, _) => condition::evaluate(form, compiled, asked.scope()),
        }
    }

    /// The parts of a request that the clause reads.
    fn dimensions(&self, asked: &Asked<'_, '_>) -> Vec<Dimension> {
        let context = asked.request.context();
        let variables = |text: &str, out: &mut Vec<Dimension>| {
            let used = variable::explain(text, self.place.document, context);
            merge(out, used.into_iter().map(|one| Dimension::Key(one.name)));
        };
        let mut out = Vec::new();
        match self.kind {
            Kind::Action => out.push(Dimension::Action),
            Kind::Principal => {}
            Kind::Resource => {
                if let Some(element) = &self.place.written.resource {
                    out.push(Dimension::Resource);
                    element.values.iter().for_each(|value| variables(&value.value, &mut out));
                }
            }
            Kind::Condition(_, written) => {
                out.push(Dimension::Key(written.key.value.to_string()));
                written.values.iter().for_each(|value| variables(&value.value, &mut out));
            }
        }
        out
    }
}

/// Adds what is not there yet.
fn merge(dimensions: &mut Vec<Dimension>, more: impl IntoIterator<Item = Dimension>) {
    for one in more {
        if !dimensions.iter().any(|known| known.is(&one)) {
            dimensions.push(one);
        }
    }
}
