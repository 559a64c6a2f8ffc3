//! Why a decision is what it is: every layer, every statement, every clause, unindexed.
//!
//! The decision in an explanation comes from the same walk as [`PolicySet::decide`], told to visit all statements.

use crate::compile::{CompiledCondition, CompiledPolicy, CompiledStatement};
use crate::policy::{Document, Effect, Statement};
use crate::request::Request;
use crate::request::context::ContextValue;
use crate::text::truth::{Reason, Truth};

use super::clause::{self, Asked};
use super::combine::Grade;
use super::decision::{Decision, StatementId};
use super::layer::{Concern, Layer};
use super::set::PolicySet;
use super::walk::Mode;
use super::{condition, principal};

/// An explained decision. `Display` writes it as text, `serde::Serialize` as JSON.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// What was asked: principal, action, resource, as given.
    pub request: [String; 3],
    /// Each layer in order.
    pub layers: Vec<LayerExplanation>,
}

/// One level of one layer.
#[derive(Clone, Debug)]
pub struct LayerExplanation {
    /// The layer.
    pub layer: Layer,
    /// The level of an SCP or RCP, from 0 at the root; 0 elsewhere.
    pub level: u32,
    /// What it says.
    pub state: LayerState,
}

/// What a layer says.
#[derive(Clone, Debug)]
pub enum LayerState {
    /// No policy is given for it.
    NotInUse,
    /// It does not concern the caller, and why.
    Exempt(&'static str),
    /// Its statements, in order.
    Evaluated(Vec<StatementExplanation>),
}

/// What one statement says.
#[derive(Clone, Debug)]
pub struct StatementExplanation {
    /// Which statement.
    pub id: StatementId,
    /// The policy's name.
    pub policy: String,
    /// The statement's Sid.
    pub sid: Option<String>,
    /// The line in the policy's text at which it begins, from 1.
    pub line: usize,
    /// Allow or Deny.
    pub effect: Effect,
    /// Whether it matches.
    pub truth: Truth,
    /// How strongly an Allow of a resource-based policy names the caller.
    pub grade: Grade,
    /// Its clauses, in the order action, resource, principal, conditions.
    pub clauses: Vec<ClauseExplanation>,
}

/// What one clause says.
#[derive(Clone, Debug)]
pub struct ClauseExplanation {
    /// The element: `Action`, `NotResource`, `Condition`, …
    pub element: &'static str,
    /// Whether it holds.
    pub truth: Truth,
    /// What was compared with what.
    pub detail: String,
}

impl PolicySet {
    /// Explains a request: slower than [`decide`](Self::decide) and free to allocate, with the same decision.
    pub fn explain(&self, request: &Request<'_>) -> Explanation {
        let asked = self.asked(request);
        let layers = Layer::ALL.into_iter().flat_map(|layer| self.explain_layer(layer, asked)).collect();
        let texts = [request.principal().text(), request.action().text(), request.resource().text()];
        Explanation {
            decision: self.decide_by(request, Mode::Exhaustive),
            request: texts.map(str::to_owned),
            layers,
        }
    }

    fn explain_layer(&self, layer: Layer, asked: Asked<'_, '_>) -> Vec<LayerExplanation> {
        let state = |level, state| LayerExplanation { layer, level, state };
        let Some(policies) = self.layer(layer) else { return vec![state(0, LayerState::NotInUse)] };
        if let Concern::Exempt(reason) = layer.concern(asked.request) {
            return vec![state(0, LayerState::Exempt(reason))];
        }
        let levels = (0u32..).zip(policies);
        let levels = levels.map(|(level, policy)| {
            let statements = policy
                .statements
                .iter()
                .filter_map(|one| explain_statement(layer, level, policy, one, asked));
            state(level, LayerState::Evaluated(statements.collect()))
        });
        levels.collect()
    }
}

fn explain_statement(
    layer: Layer,
    level: u32,
    policy: &CompiledPolicy,
    compiled: &CompiledStatement,
    asked: Asked<'_, '_>,
) -> Option<StatementExplanation> {
    let document = policy.documents().get(compiled.document as usize)?;
    let written = document.statements().get(compiled.position as usize)?;
    let matched = clause::statement(policy, compiled, asked);
    Some(StatementExplanation {
        id: StatementId { layer, level, policy: compiled.document, statement: compiled.position },
        policy: document.name().to_owned(),
        sid: written.sid.as_ref().map(|sid| sid.value.clone()),
        line: document.source().position(written.span.start).line,
        effect: compiled.effect,
        truth: matched.truth,
        grade: matched.grade,
        clauses: clauses(policy, compiled, document, written, asked),
    })
}

fn clauses(
    policy: &CompiledPolicy,
    compiled: &CompiledStatement,
    document: &Document,
    written: &Statement,
    asked: Asked<'_, '_>,
) -> Vec<ClauseExplanation> {
    let request = asked.request;
    let mut clauses = vec![ClauseExplanation {
        element: if compiled.actions.negated { "NotAction" } else { "Action" },
        truth: policy.action_holds(compiled, request.action()).into(),
        detail: format!(
            "{} against {}",
            request.action().text(),
            list(written.action.values.iter().map(|v| &*v.value))
        ),
    }];
    if let Some(resources) = compiled.resources {
        let entries = resources.entries.of(&policy.resources).iter();
        let texts = entries.map(|entry| {
            let text = policy.pool.substituted_arn(*entry, request.context());
            text.unwrap_or_else(|| "(a variable has no value)".to_owned())
        });
        clauses.push(ClauseExplanation {
            element: if resources.negated { "NotResource" } else { "Resource" },
            truth: clause::resource(policy, compiled, asked),
            detail: format!("{} against {}", request.resource().text(), list(texts)),
        });
    }
    if let Some(principals) = compiled.principals {
        clauses.push(ClauseExplanation {
            element: if principals.negated { "NotPrincipal" } else { "Principal" },
            truth: principal::clause(policy, compiled, asked).matches.into(),
            detail: request.principal().text().to_owned(),
        });
    }
    let conditions = compiled.conditions.of(&policy.conditions).iter().zip(&written.conditions);
    clauses.extend(conditions.map(|(compiled, written)| {
        let key = &written.key.value;
        let operands = operands(policy, compiled, document, written, request);
        ClauseExplanation {
            element: "Condition",
            truth: condition::evaluate(policy, compiled, request.context()),
            detail: format!(
                "{} {key}: {} against {operands}",
                written.operation,
                value(request.context().get(key))
            ),
        }
    }));
    clauses
}

/// The operands after substitution; as written where they have none.
fn operands(
    policy: &CompiledPolicy,
    compiled: &CompiledCondition,
    document: &Document,
    written: &crate::policy::Condition,
    request: &Request<'_>,
) -> String {
    let compiled = compiled.operands.of(&policy.operands).iter();
    list(compiled.zip(&written.values).map(|(operand, written)| {
        let variable = document.has_variables() && written.value.contains("${");
        let substituted = operand.substituted(&policy.pool, request.context());
        match substituted {
            Some(text) => text,
            None if variable => format!("{} (no value)", written.value),
            None => written.value.clone(),
        }
    }))
}

fn value(value: Option<&ContextValue<'_>>) -> String {
    match value {
        None => "(absent)".to_owned(),
        Some(ContextValue::One(text)) => text.to_string(),
        Some(ContextValue::Many(texts)) => format!("[{}]", list(texts.iter())),
    }
}

fn list<T: AsRef<str>>(texts: impl Iterator<Item = T>) -> String {
    const SHOWN: usize = 6;
    let mut out = String::new();
    for (index, text) in texts.enumerate() {
        if index == SHOWN {
            out.push_str(", …");
            break;
        }
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(text.as_ref());
    }
    out
}

impl StatementExplanation {
    /// Whether it does what it says: a Deny also where it cannot be told.
    pub fn applies(&self) -> bool {
        match self.truth {
            Truth::True => true,
            Truth::Indeterminate(_) => self.effect == Effect::Deny,
            Truth::False => false,
        }
    }

    /// The first clause that keeps it from matching; none if it matches.
    pub fn fault(&self) -> Option<&ClauseExplanation> {
        let is_false = self.clauses.iter().find(|clause| clause.truth == Truth::False);
        is_false.or_else(|| self.clauses.iter().find(|clause| clause.truth != Truth::True))
    }

    /// The first reason for which it cannot be told.
    pub fn indeterminate(&self) -> Option<Reason> {
        match self.truth {
            Truth::Indeterminate(reason) => Some(reason),
            Truth::True | Truth::False => None,
        }
    }
}

impl Explanation {
    /// All evaluated statements.
    pub fn statements(&self) -> impl Iterator<Item = &StatementExplanation> {
        self.layers.iter().flat_map(|layer| match &layer.state {
            LayerState::Evaluated(statements) => statements.as_slice(),
            LayerState::NotInUse | LayerState::Exempt(_) => &[],
        })
    }

    /// The statement that decided.
    pub fn deciding(&self) -> Option<&StatementExplanation> {
        let id = self.decision.statement?;
        self.statements().find(|statement| statement.id == id)
    }
}
