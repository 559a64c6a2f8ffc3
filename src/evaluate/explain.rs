//! Why a decision is what it is: every layer, every statement, every clause, unindexed.
//!
//! The decision in an explanation comes from the same walk as [`PolicySet::decide`], told to visit all statements.

use crate::compile::{CompiledCondition, CompiledStatement, Form};
use crate::policy::{Document, Effect, Statement};
use crate::request::Request;
use crate::request::context::ContextValue;
use crate::text::source::Positions;
use crate::text::truth::{Reason, Truth};

use super::clause::{self, Asked};
use super::combine::{Account, Caller, Facts, Grade};
use super::decision::{Decision, StatementId};
use super::layer::{Concern, Layer};
use super::set::{Attachment, PolicySet};
use super::walk::Mode;
use super::{condition, decide, principal};

/// An explained decision. `Display` writes it as text, `serde::Serialize` as JSON.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// What was asked: principal, action, resource, as given.
    pub request: [String; 3],
    /// What decides beside the statements: whose the resource is, what must allow, who is exempt from being asked.
    pub notes: Vec<&'static str>,
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
        let layers = Layer::ALL.into_iter().flat_map(|layer| self.explain_layer(layer, &asked)).collect();
        let texts = [request.principal().text(), request.action().text(), request.resource().text()];
        Explanation {
            decision: self.decide_by(request, Mode::Exhaustive),
            request: texts.map(str::to_owned),
            notes: self.notes(request),
            layers,
        }
    }

    fn notes(&self, request: &Request<'_>) -> Vec<&'static str> {
        let foreign = "a policy is bound to another session: it decides no request but those of its own";
        self.foreign(request).map(|_| foreign).into_iter().chain(notes(request)).collect()
    }

    fn explain_layer(&self, layer: Layer, asked: &Asked<'_, '_>) -> Vec<LayerExplanation> {
        let state = |level, state| LayerExplanation { layer, level, state };
        let Some(policies) = self.layer(layer) else { return vec![state(0, LayerState::NotInUse)] };
        if let Concern::Exempt(reason) = layer.concern(asked.request) {
            return vec![state(0, LayerState::Exempt(reason))];
        }
        let levels = policies.iter().map(|Attachment { level, policy, .. }| {
            let level = *level;
            let texts = policy.documents().iter().map(|document| Positions::new(document.source().text()));
            let explainer =
                Explainer { layer, level, form: &policy.form, positions: texts.collect(), asked: *asked };
            let statements =
                policy.form.statements.iter().filter_map(|statement| explainer.statement(statement));
            state(level, LayerState::Evaluated(statements.collect()))
        });
        levels.collect()
    }
}

/// Explains the statements of one attachment.
struct Explainer<'p, 'r, 'a> {
    layer: Layer,
    level: u32,
    form: &'p Form,
    /// The line ends of each document.
    positions: Vec<Positions<'p>>,
    asked: Asked<'r, 'a>,
}

impl Explainer<'_, '_, '_> {
    fn statement(&self, compiled: &CompiledStatement) -> Option<StatementExplanation> {
        let number = compiled.document as usize;
        let document = self.form.documents.get(number)?;
        let written = document.statements().get(compiled.position as usize)?;
        let matched = clause::statement(self.form, compiled, &self.asked);
        let mut clauses = vec![self.action(compiled, written)];
        clauses.extend(self.resource(compiled, written));
        clauses.extend(self.principal(compiled));
        let mut conditions: Vec<_> = compiled.conditions.of(&self.form.conditions).iter().collect();
        conditions.sort_unstable_by_key(|condition| condition.written);
        let conditions = conditions.into_iter().zip(&written.conditions);
        clauses.extend(conditions.map(|(compiled, written)| self.condition(compiled, written, document)));
        Some(StatementExplanation {
            id: StatementId {
                layer: self.layer,
                level: self.level,
                policy: compiled.document,
                statement: compiled.position,
            },
            policy: document.name().to_owned(),
            sid: written.sid.as_ref().map(|sid| sid.value.clone()),
            line: self.positions.get(number)?.at(written.span.start).line,
            effect: compiled.effect,
            truth: matched.truth,
            grade: matched.grade,
            clauses,
        })
    }

    fn action(&self, compiled: &CompiledStatement, written: &Statement) -> ClauseExplanation {
        let asked = self.asked.request.action();
        ClauseExplanation {
            element: if compiled.actions.negated { "NotAction" } else { "Action" },
            truth: self.form.action_holds(compiled, asked).into(),
            detail: format!(
                "{} against {}",
                asked.text(),
                list(written.action.values.iter().map(|v| &*v.value))
            ),
        }
    }

    fn resource(&self, compiled: &CompiledStatement, written: &Statement) -> Option<ClauseExplanation> {
        let (clause, element) = compiled.resources.zip(written.resource.as_ref())?;
        let request = self.asked.request;
        let entries = clause.entries.of(&self.form.resources).iter().zip(&element.values);
        let texts = entries.map(|(entry, written)| {
            let substituted = self.form.pool.substituted_arn(*entry, request.context());
            substituted.unwrap_or_else(|| format!("{} (no value)", written.value))
        });
        Some(ClauseExplanation {
            element: if clause.negated { "NotResource" } else { "Resource" },
            truth: clause::resource(self.form, compiled, &self.asked),
            detail: format!("{} against {}", request.resource().text(), list(texts)),
        })
    }

    fn principal(&self, compiled: &CompiledStatement) -> Option<ClauseExplanation> {
        let clause = compiled.principals?;
        Some(ClauseExplanation {
            element: if clause.negated { "NotPrincipal" } else { "Principal" },
            truth: principal::clause(self.form, compiled, &self.asked).matches.into(),
            detail: self.asked.request.principal().text().to_owned(),
        })
    }

    fn condition(
        &self,
        compiled: &CompiledCondition,
        written: &crate::policy::Condition,
        document: &Document,
    ) -> ClauseExplanation {
        let request = self.asked.request;
        let (operation, key) = (written.operation, &written.key.value);
        let operands = operands(self.form, compiled, document, written, request);
        ClauseExplanation {
            element: "Condition",
            truth: condition::evaluate(self.form, compiled, self.asked.scope()),
            detail: format!("{operation} {key}: {} against {operands}", value(request.context().get(key))),
        }
    }
}

/// The facts of a request that the truth table reads, where they are not the common ones.
fn notes(request: &Request<'_>) -> Vec<&'static str> {
    if decide::is_always_allowed(request) {
        return vec!["everyone may call sts:GetCallerIdentity, whatever a policy says"];
    }
    let facts = Facts::of(request);
    let mut notes = Vec::new();
    match facts.caller {
        Caller::Root => notes.push("the root user needs no identity-based policy"),
        Caller::WithoutIdentity => notes.push("such a caller is allowed by the resource-based policy alone"),
        Caller::Iam | Caller::Federated => match facts.account {
            Account::Same => {}
            Account::Cross => notes.push(
                "the resource is in another account: its policy and the caller's own policies must both allow",
            ),
            Account::Unknown => notes.push(
                "the account that owns the resource is not stated: both the rules for one account and those across \
                 accounts must allow; state it if it is known",
            ),
        },
    }
    if facts.must_allow {
        notes.push("the resource-based policy must allow, whatever the caller's own policies say");
    }
    if facts.mismatched_provider {
        notes.push(
            "such a caller cannot make this call: it takes the token of an identity provider, or takes none",
        );
    }
    notes
}

/// The operands after substitution; as written where they have none.
fn operands(
    form: &Form,
    compiled: &CompiledCondition,
    document: &Document,
    written: &crate::policy::Condition,
    request: &Request<'_>,
) -> String {
    let compiled = compiled.operands.of(&form.operands).iter();
    list(compiled.zip(&written.values).map(|(operand, written)| {
        let variable = document.has_variables() && written.value.contains("${");
        let substituted = operand.substituted(&form.pool, request.context());
        match substituted {
            Some(text) => text,
            None if variable => format!("{} (no value)", written.value),
            None => written.value.clone(),
        }
    }))
}

fn value(value: Option<ContextValue<'_>>) -> String {
    match value {
        None => "(absent)".to_owned(),
        Some(ContextValue::One(text)) => text.to_owned(),
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
