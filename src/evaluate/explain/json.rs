//! An explanation as JSON. The form is described by `docs/explain.schema.json`, which a test holds it to.

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeStruct, Serializer};

use crate::request::keys::Control;
use crate::text::truth::Truth;

use super::super::decision::{Decision, StatementId};
use super::{
    Change, ClauseExplanation, EntryExplanation, Explanation, Given, KeyExplanation, LayerExplanation,
    LayerState, NearestAllow, StatementExplanation, Suggestion, ValueExplanation, VariableExplanation,
    VariableSource,
};

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("decision", self.outcome.as_str())?;
        if let Some(id) = self.statement {
            id.write(&mut map)?;
        }
        if let Some(missing) = self.missing {
            map.serialize_entry("missing_layer", missing.layer.as_str())?;
            map.serialize_entry("missing_level", &missing.level)?;
        }
        if self.indeterminate {
            map.serialize_entry("indeterminate", &true)?;
        }
        map.end()
    }
}

impl StatementId {
    fn write<M: SerializeMap>(self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("layer", self.layer.as_str())?;
        map.serialize_entry("level", &self.level)?;
        map.serialize_entry("policy", &self.policy)?;
        map.serialize_entry("statement", &self.statement)
    }
}

impl Serialize for StatementId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        self.write(&mut map)?;
        map.end()
    }
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [principal, action, resource] = &self.request;
        let asked = Asked { principal, action, resource };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("decision", self.decision.outcome.as_str())?;
        map.serialize_entry("summary", &self.summary())?;
        map.serialize_entry("request", &asked)?;
        map.serialize_entry("decided_by", &self.deciding().map(Named))?;
        map.serialize_entry("missing_layer", &self.decision.missing.map(|missing| missing.layer.as_str()))?;
        map.serialize_entry("missing_level", &self.decision.missing.map(|missing| missing.level))?;
        map.serialize_entry("indeterminate", &self.decision.indeterminate)?;
        map.serialize_entry("notes", &self.notes)?;
        map.serialize_entry("layers", &self.layers)?;
        map.serialize_entry("context_keys", &self.keys)?;
        map.serialize_entry("nearest_allow", &self.nearest)?;
        map.end()
    }
}

/// What was asked.
#[derive(Serialize)]
struct Asked<'a> {
    principal: &'a str,
    action: &'a str,
    resource: &'a str,
}

impl Serialize for LayerExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("layer", self.layer.as_str())?;
        map.serialize_entry("level", &self.level)?;
        map.serialize_entry("outcome", self.outcome().as_str())?;
        match &self.state {
            LayerState::NotInUse => {}
            LayerState::Exempt(reason) => map.serialize_entry("reason", reason)?,
            LayerState::Evaluated(statements) => map.serialize_entry("statements", statements)?,
        }
        map.end()
    }
}

/// What names a statement to people and to programs.
struct Named<'a>(&'a StatementExplanation);

impl Named<'_> {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let statement = self.0;
        statement.id.write(map)?;
        map.serialize_entry("name", &statement.policy)?;
        map.serialize_entry("sid", &statement.sid)?;
        map.serialize_entry("line", &statement.line)?;
        map.serialize_entry("effect", statement.effect.as_str())
    }
}

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

impl Serialize for StatementExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        Named(self).write(&mut map)?;
        map.serialize_entry("applies", &self.applies())?;
        write_truth(&mut map, self.truth)?;
        map.serialize_entry("clauses", &self.clauses)?;
        map.end()
    }
}

impl Serialize for ClauseExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("element", self.element)?;
        if let Some(terms) = &self.condition {
            map.serialize_entry("operator", &terms.operator)?;
            map.serialize_entry("key", &terms.key)?;
        }
        map.serialize_entry("line", &self.position.line)?;
        map.serialize_entry("column", &self.position.column)?;
        write_truth(&mut map, self.truth)?;
        map.serialize_entry("at_fault", &self.at_fault)?;
        map.serialize_entry("why", &self.why)?;
        map.serialize_entry("given", &self.given)?;
        if !self.values.is_empty() {
            map.serialize_entry("values", &self.values)?;
        }
        map.serialize_entry("entries", &self.entries)?;
        map.end()
    }
}

/// A list for a multivalued key, else a text; null where there is nothing.
impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::One(text) => serializer.serialize_str(text),
            Self::Many(texts) => texts.serialize(serializer),
        }
    }
}

impl Serialize for ValueExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("value", &self.text)?;
        write_truth(&mut map, self.truth)?;
        map.end()
    }
}

impl Serialize for EntryExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("written", &self.written)?;
        if !self.variables.is_empty() {
            map.serialize_entry("substituted", &self.substituted)?;
            map.serialize_entry("variables", &self.variables)?;
        }
        if self.has_plain_variables {
            map.serialize_entry("plain_variables", &true)?;
        }
        write_truth(&mut map, self.truth)?;
        map.end()
    }
}

impl Serialize for VariableExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("Variable", 4)?;
        map.serialize_field("name", &self.name)?;
        map.serialize_field("value", &self.value)?;
        let (source, key) = match &self.source {
            VariableSource::Key(name) => ("key", Some(name)),
            VariableSource::Default => ("default", None),
            VariableSource::Absent => ("absent", None),
            VariableSource::Empty => ("empty", None),
            VariableSource::Multivalued => ("multivalued", None),
        };
        map.serialize_field("source", source)?;
        map.serialize_field("key", &key)?;
        map.end()
    }
}

impl Serialize for KeyExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("key", &self.name)?;
        map.serialize_entry("state", self.state().as_str())?;
        map.serialize_entry("given", &self.given)?;
        map.serialize_entry("controlled_by", &self.control.map(control_word))?;
        map.serialize_entry("asked_by", &self.asked_by)?;
        map.end()
    }
}

impl Serialize for NearestAllow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("in_the_way", &self.in_the_way)?;
        map.serialize_entry("suggestions", &self.suggestions)?;
        map.serialize_entry("searched_changes", &self.searched)?;
        map.end()
    }
}

impl Serialize for Suggestion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("text", &self.to_string())?;
        map.serialize_entry("changes", &self.changes)?;
        map.end()
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Key { name, from, to, is_example } => {
                map.serialize_entry("change", "context_key")?;
                map.serialize_entry("key", name)?;
                map.serialize_entry("from", from)?;
                map.serialize_entry("to", to)?;
                map.serialize_entry("example", is_example)?;
            }
            Self::Resource { from, to, is_example } => {
                map.serialize_entry("change", "resource")?;
                map.serialize_entry("from", from)?;
                map.serialize_entry("to", to)?;
                map.serialize_entry("example", is_example)?;
            }
            Self::Action { from, to } => {
                map.serialize_entry("change", "action")?;
                map.serialize_entry("from", from)?;
                map.serialize_entry("to", to)?;
                map.serialize_entry("example", &false)?;
            }
        }
        map.end()
    }
}

fn write_truth<M: SerializeMap>(map: &mut M, truth: Truth) -> Result<(), M::Error> {
    map.serialize_entry("match", truth_word(truth))?;
    match truth {
        Truth::Indeterminate(reason) => map.serialize_entry("reason", reason.text()),
        Truth::True | Truth::False => Ok(()),
    }
}

pub(super) fn truth_word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Indeterminate(_) => "indeterminate",
    }
}

pub(super) fn control_word(control: Control) -> &'static str {
    match control {
        Control::Principal => "principal",
        Control::Session => "session",
        Control::Network => "network",
        Control::Resource => "resource",
        Control::Caller => "caller",
        Control::Service => "service",
    }
}
