//! An explanation as text and as JSON.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::text::diagnostic::printable;
use crate::text::truth::Truth;

use super::decision::{Decision, Outcome};
use super::explain::{ClauseExplanation, Explanation, LayerExplanation, LayerState, StatementExplanation};
use super::layer::Layer;

impl Explanation {
    /// One sentence in AWS's own wording, so that people can search for it.
    pub fn summary(&self) -> String {
        let [principal, action, resource] = &self.request;
        let resource = printable(resource);
        let who = if principal == "anonymous" { "anonymous" } else { principal };
        match (self.decision.outcome, self.decision.missing) {
            (Outcome::Allowed, _) => {
                format!("{who} is authorized to perform: {action} on resource: {resource}")
            }
            (Outcome::ExplicitDeny, _) => {
                let layer = self.decision.statement.map_or("policy", |id| id.layer.title());
                format!(
                    "{who} is not authorized to perform: {action} on resource: {resource} with an explicit deny in {}",
                    with_article(layer)
                )
            }
            (Outcome::ImplicitDeny, missing) => {
                let layer = missing.map_or("policy", |missing| missing.layer.title());
                format!(
                    "{who} is not authorized to perform: {action} on resource: {resource} because no {layer} allows the \
                     {action} action"
                )
            }
        }
    }
}

fn with_article(title: &str) -> String {
    let article = if title.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {title}")
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.summary())?;
        if let Some(statement) = self.deciding() {
            writeln!(formatter, "decided by {}", Named(statement))?;
        }
        for note in &self.notes {
            writeln!(formatter, "note: {note}")?;
        }
        if self.decision.indeterminate {
            writeln!(formatter, "decided by a clause that cannot be told true or false")?;
        }
        for layer in &self.layers {
            write_layer(formatter, layer)?;
        }
        Ok(())
    }
}

fn write_layer(formatter: &mut fmt::Formatter<'_>, layer: &LayerExplanation) -> fmt::Result {
    let statements = match &layer.state {
        LayerState::NotInUse => return Ok(()),
        LayerState::Exempt(reason) => {
            return writeln!(formatter, "{}: not asked, {reason}", layer.layer.title());
        }
        LayerState::Evaluated(statements) => statements,
    };
    write!(formatter, "{}", layer.layer.title())?;
    if matches!(layer.layer, Layer::Scp | Layer::Rcp) {
        write!(formatter, ", level {}", layer.level)?;
    }
    writeln!(formatter, ": {}", effect_of(statements))?;
    for statement in statements {
        write!(formatter, "  {}: ", Named(statement))?;
        match statement.truth {
            Truth::True => writeln!(formatter, "applies")?,
            Truth::Indeterminate(reason) => {
                let verb = if statement.applies() { "applies" } else { "does not apply" };
                writeln!(formatter, "{verb}, because {}{}", reason.text(), Fault(statement))?;
            }
            Truth::False => writeln!(formatter, "does not apply{}", Fault(statement))?,
        }
    }
    Ok(())
}

/// `: Condition StringEquals aws:…`, the clause at fault.
struct Fault<'a>(&'a StatementExplanation);

impl fmt::Display for Fault<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.fault() {
            Some(clause) => write!(formatter, ": {} {}", clause.element, printable(&clause.detail)),
            None => Ok(()),
        }
    }
}

fn effect_of(statements: &[StatementExplanation]) -> &'static str {
    use crate::policy::Effect;
    let applies = |effect| statements.iter().any(|one| one.effect == effect && one.applies());
    if applies(Effect::Deny) {
        "denies"
    } else if applies(Effect::Allow) {
        "allows"
    } else {
        "allows nothing here"
    }
}

/// `Deny "Sid" (policy, line 3)`
struct Named<'a>(&'a StatementExplanation);

impl fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statement = self.0;
        write!(formatter, "{} ", statement.effect.as_str())?;
        match &statement.sid {
            Some(sid) if !sid.is_empty() => write!(formatter, "`{}`", printable(sid))?,
            _ => write!(formatter, "statement {}", statement.id.statement)?,
        }
        write!(formatter, " of {}, line {}", printable(&statement.policy), statement.line)
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("decision", self.outcome.as_str())?;
        if let Some(id) = self.statement {
            let id = [("level", id.level), ("policy", id.policy), ("statement", id.statement)];
            map.serialize_entry("layer", self.statement.map_or("", |id| id.layer.as_str()))?;
            for (name, number) in id {
                map.serialize_entry(name, &number)?;
            }
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

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("decision", self.decision.outcome.as_str())?;
        map.serialize_entry("summary", &self.summary())?;
        map.serialize_entry("decided_by", &self.deciding())?;
        map.serialize_entry("missing_layer", &self.decision.missing.map(|missing| missing.layer.as_str()))?;
        map.serialize_entry("indeterminate", &self.decision.indeterminate)?;
        map.serialize_entry("notes", &self.notes)?;
        map.serialize_entry("layers", &self.layers)?;
        map.end()
    }
}

impl Serialize for LayerExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("layer", self.layer.as_str())?;
        map.serialize_entry("level", &self.level)?;
        match &self.state {
            LayerState::NotInUse => map.serialize_entry("state", "notInUse")?,
            LayerState::Exempt(reason) => {
                map.serialize_entry("state", "exempt")?;
                map.serialize_entry("reason", reason)?;
            }
            LayerState::Evaluated(statements) => {
                map.serialize_entry("state", "evaluated")?;
                map.serialize_entry("statements", statements)?;
            }
        }
        map.end()
    }
}

impl Serialize for StatementExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("policy", &self.policy)?;
        map.serialize_entry("statement", &self.id.statement)?;
        map.serialize_entry("sid", &self.sid)?;
        map.serialize_entry("line", &self.line)?;
        map.serialize_entry("effect", self.effect.as_str())?;
        map.serialize_entry("applies", &self.applies())?;
        map.serialize_entry("match", truth_word(self.truth))?;
        if let Some(reason) = self.indeterminate() {
            map.serialize_entry("reason", reason.text())?;
        }
        map.serialize_entry("clauses", &self.clauses)?;
        map.end()
    }
}

impl Serialize for ClauseExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("element", self.element)?;
        map.serialize_entry("match", truth_word(self.truth))?;
        if let Truth::Indeterminate(reason) = self.truth {
            map.serialize_entry("reason", reason.text())?;
        }
        map.serialize_entry("detail", &self.detail)?;
        map.end()
    }
}

fn truth_word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Indeterminate(_) => "indeterminate",
    }
}
