//! Why a decision is what it is: every layer, every statement, every clause, every entry, unindexed; the context keys
//! that were asked for; and for a deny the smallest change to the request that would allow it.
//!
//! Nothing is decided here: the truths in a tree come from the clause functions that a decision walks, asked of one
//! entry where one entry is to be told, and a suggestion is a request that was decided again.

mod build;
mod condition;
mod json;
mod keys;
mod nearest;
mod page;
mod text;
mod variable;
mod why;

use crate::policy::{Document, Effect};
use crate::request::keys::Control;
use crate::text::source::Position;
use crate::text::span::Span;
use crate::text::truth::{Reason, Truth};

use super::combine::Grade;
use super::decision::{Decision, Missing, StatementId};
use super::layer::Layer;

pub use nearest::{Change, NearestAllow, Suggestion};
pub use text::{Detail, Line, Piece, Tone};

/// An explained decision. `Display` writes it as text, `serde::Serialize` as JSON (`docs/explain.schema.json`).
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// What was asked: principal, action, resource, as given.
    pub request: [String; 3],
    /// What decides beside the statements: whose the resource is, what must allow, who is exempt from being asked.
    pub notes: Vec<&'static str>,
    /// Each layer in order, one entry a level.
    pub layers: Vec<LayerExplanation>,
    /// The context keys: those asked for and those given, by name.
    pub keys: Vec<KeyExplanation>,
    /// Of a deny, what would allow; none for an allow, or where it was not asked for.
    pub nearest: Option<NearestAllow>,
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

/// What comes of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LayerOutcome {
    /// No policy is given for it.
    NotInUse,
    /// It does not concern the caller.
    Exempt,
    /// A Deny of it applies.
    Denies,
    /// No Deny of it applies, and an Allow does.
    Allows,
    /// None of its statements applies.
    Silent,
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
    /// The policy, for its text.
    pub document: Document,
    /// Where the statement stands in it.
    pub span: Span,
}

/// What one clause says.
#[derive(Clone, Debug)]
pub struct ClauseExplanation {
    /// The element: `Action`, `NotResource`, `Condition`, …
    pub element: &'static str,
    /// Whether it holds.
    pub truth: Truth,
    /// Whether it keeps its statement from applying: were this the only one, it would.
    pub at_fault: bool,
    /// Of a condition, its operator and key.
    pub condition: Option<ConditionTerms>,
    /// What the request has to be compared.
    pub given: Given,
    /// Of a condition with a set qualifier on several values, what comes of each value.
    pub values: Vec<ValueExplanation>,
    /// The entries of the element, or the condition's operands, in order.
    pub entries: Vec<EntryExplanation>,
    /// One line in plain English.
    pub why: String,
    /// Where it stands in the policy's text.
    pub span: Span,
    /// The line and column of that, from 1.
    pub position: Position,
}

/// The operator and key of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionTerms {
    /// The operator with its qualifier and `IfExists`, as written.
    pub operator: String,
    /// The context key, as written.
    pub key: String,
}

/// What a request has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Given {
    /// Nothing.
    Absent,
    /// One text: a single-valued key, the action, the resource, the principal.
    One(String),
    /// A multivalued key.
    Many(Vec<String>),
}

/// One of several values of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueExplanation {
    /// The value.
    pub text: String,
    /// Whether the condition holds for it alone.
    pub truth: Truth,
}

/// An entry of an element, or an operand of a condition.
#[derive(Clone, Debug)]
pub struct EntryExplanation {
    /// As written.
    pub written: String,
    /// With its variables replaced, where it has any; none if one of them has no value.
    pub substituted: Option<String>,
    /// Whether it matches what the request has (some value of several), before any negation of the element or operator.
    pub truth: Truth,
    /// Its variables, in order.
    pub variables: Vec<VariableExplanation>,
    /// Whether a `${…}` of it is plain text, since the policy's Version has no variables.
    pub has_plain_variables: bool,
    /// Where it stands in the policy's text.
    pub span: Span,
}

/// A policy variable and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableExplanation {
    /// The context key that it names, as the policy writes it.
    pub name: String,
    /// What it stands for; none if it has no value.
    pub value: Option<String>,
    /// Where that comes from.
    pub source: VariableSource,
}

/// Where a variable's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableSource {
    /// The request's context key of this name, as the request writes it.
    Key(String),
    /// The default, since the key is absent or empty.
    Default,
    /// Nowhere: the key is absent.
    Absent,
    /// Nowhere: the key's value is the empty text.
    Empty,
    /// Nowhere: the key is multivalued.
    Multivalued,
}

/// A context key.
#[derive(Clone, Debug)]
pub struct KeyExplanation {
    /// Its name: as the request gives it, else as a policy asks for it.
    pub name: String,
    /// What the request has.
    pub given: Given,
    /// The statements that ask for it, of those whose action and principal are the request's.
    pub asked_by: Vec<StatementId>,
    /// Who controls its value, if the catalogue of keys has it.
    pub control: Option<Control>,
}

/// What becomes of a context key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// Given and asked for.
    Read,
    /// Asked for and not given.
    Absent,
    /// Given and asked for by no statement about the request's action and principal.
    Unread,
}

impl Explanation {
    /// All evaluated statements.
    pub fn statements(&self) -> impl Iterator<Item = &StatementExplanation> {
        self.layers.iter().flat_map(LayerExplanation::statements)
    }

    /// A statement.
    pub fn statement(&self, id: StatementId) -> Option<&StatementExplanation> {
        self.statements().find(|statement| statement.id == id)
    }

    /// The statement that decided.
    pub fn deciding(&self) -> Option<&StatementExplanation> {
        self.statement(self.decision.statement?)
    }

    /// The context keys in a state.
    pub fn keys_in(&self, state: KeyState) -> impl Iterator<Item = &KeyExplanation> {
        self.keys.iter().filter(move |key| key.state() == state)
    }

    /// Leaves out what is told of keys that no statement asked for, by their names: a caller that derived them need not
    /// be told.
    pub fn forget_unread(&mut self, names: &[&str]) {
        self.keys.retain(|key| key.state() != KeyState::Unread || !names.contains(&key.name.as_str()));
    }

    /// Whether a level of a layer is the one that should have allowed.
    fn is_missing(&self, layer: &LayerExplanation) -> bool {
        self.decision.missing == Some(Missing { layer: layer.layer, level: layer.level })
    }
}

impl LayerExplanation {
    /// Its statements; none if it was not asked.
    pub fn statements(&self) -> &[StatementExplanation] {
        match &self.state {
            LayerState::Evaluated(statements) => statements,
            LayerState::NotInUse | LayerState::Exempt(_) => &[],
        }
    }

    /// What comes of it.
    pub fn outcome(&self) -> LayerOutcome {
        let applies = |effect| self.statements().iter().any(|one| one.effect == effect && one.applies());
        match &self.state {
            LayerState::NotInUse => LayerOutcome::NotInUse,
            LayerState::Exempt(_) => LayerOutcome::Exempt,
            LayerState::Evaluated(_) if applies(Effect::Deny) => LayerOutcome::Denies,
            LayerState::Evaluated(_) if applies(Effect::Allow) => LayerOutcome::Allows,
            LayerState::Evaluated(_) => LayerOutcome::Silent,
        }
    }
}

impl LayerOutcome {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotInUse => "notInUse",
            Self::Exempt => "exempt",
            Self::Denies => "denies",
            Self::Allows => "allows",
            Self::Silent => "silent",
        }
    }
}

impl StatementExplanation {
    /// Whether it does what it says: a Deny also where it cannot be told.
    pub fn applies(&self) -> bool {
        applies(self.effect, self.truth)
    }

    /// The clauses that keep it from applying; none if it applies. Each by itself is enough to.
    pub fn faults(&self) -> impl Iterator<Item = &ClauseExplanation> {
        self.clauses.iter().filter(|clause| clause.at_fault)
    }

    /// The first of them, one that is false before one that cannot be told.
    pub fn fault(&self) -> Option<&ClauseExplanation> {
        self.faults().find(|clause| clause.truth == Truth::False).or_else(|| self.faults().next())
    }

    /// The first reason for which it cannot be told.
    pub fn indeterminate(&self) -> Option<Reason> {
        match self.truth {
            Truth::Indeterminate(reason) => Some(reason),
            Truth::True | Truth::False => None,
        }
    }

    /// Whether it is about what was asked: its action clause holds, and its principal clause if it has one.
    pub fn concerns(&self) -> bool {
        let is_who_or_what = |clause: &&ClauseExplanation| {
            matches!(clause.element, "Action" | "NotAction" | "Principal" | "NotPrincipal")
        };
        self.clauses.iter().filter(is_who_or_what).all(|clause| clause.truth == Truth::True)
    }
}

/// Whether a statement or clause of an effect counts: what cannot be told counts against the request.
fn applies(effect: Effect, truth: Truth) -> bool {
    match truth {
        Truth::True => true,
        Truth::Indeterminate(_) => effect == Effect::Deny,
        Truth::False => false,
    }
}

impl KeyExplanation {
    /// What becomes of it.
    pub fn state(&self) -> KeyState {
        match (&self.given, self.asked_by.is_empty()) {
            (Given::Absent, _) => KeyState::Absent,
            (Given::One(_) | Given::Many(_), false) => KeyState::Read,
            (Given::One(_) | Given::Many(_), true) => KeyState::Unread,
        }
    }
}

impl KeyState {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Absent => "absent",
            Self::Unread => "unread",
        }
    }
}
