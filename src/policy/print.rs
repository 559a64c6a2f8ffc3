//! The canonical form: two spaces, elements in the grammar's order, one value without brackets, values as strings.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Condition, Document, PrincipalElement, PrincipalValue, Spanned, Statement, TextElement};

impl Document {
    /// The document in its canonical form; parsing it gives an equal document.
    pub fn print(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The same without any white space between its parts.
    pub fn minified(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(version) = self.version() {
            map.serialize_entry("Version", version.as_str())?;
        }
        if let Some(id) = self.id() {
            map.serialize_entry("Id", id)?;
        }
        map.serialize_entry("Statement", self.statements())?;
        map.end()
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(sid) = &self.sid {
            map.serialize_entry("Sid", &sid.value)?;
        }
        map.serialize_entry("Effect", self.effect.as_str())?;
        if let Some(principal) = &self.principal {
            map.serialize_entry(if principal.negated { "NotPrincipal" } else { "Principal" }, principal)?;
        }
        map.serialize_entry(if self.action.negated { "NotAction" } else { "Action" }, &self.action)?;
        if let Some(resource) = &self.resource {
            map.serialize_entry(if resource.negated { "NotResource" } else { "Resource" }, resource)?;
        }
        if !self.conditions.is_empty() {
            map.serialize_entry("Condition", &Conditions(&self.conditions))?;
        }
        map.end()
    }
}

impl Serialize for TextElement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Values(&self.values).serialize(serializer)
    }
}

impl Serialize for PrincipalElement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            PrincipalValue::Everyone => serializer.serialize_str("*"),
            PrincipalValue::Map(entries) => {
                serializer.collect_map(entries.iter().map(|(key, values)| (key.as_str(), Values(values))))
            }
        }
    }
}

/// A list of texts; one stands without brackets.
struct Values<'a, T>(&'a [Spanned<T>]);

impl<T: Serialize> Serialize for Values<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [one] => one.value.serialize(serializer),
            many => serializer.collect_seq(many.iter().map(|value| &value.value)),
        }
    }
}

/// Conditions by operator, in the order written; the conditions of one operator stand together.
struct Conditions<'a>(&'a [Condition]);

impl Serialize for Conditions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let groups = self.0.chunk_by(|a, b| a.operation == b.operation);
        serializer.collect_map(groups.filter_map(|group| {
            let first = group.first()?;
            Some((first.operation.to_string(), Keys(group)))
        }))
    }
}

struct Keys<'a>(&'a [Condition]);

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(self.0.iter().map(|condition| (&condition.key.value, Values(&condition.values))))
    }
}
