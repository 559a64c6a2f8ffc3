//! Statements and documents of every kind.

use serde_json::{Map, Value, json};
use verdikt::policy::{Effect, Kind};

use crate::cell::Cell;
use crate::world::World;

/// What a statement is to be.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub effect: Effect,
    /// How likely each of action, resource and principal is to be about the request, of a hundred; at `SURE` each is.
    pub aim: u32,
    /// A condition that must be there.
    pub focus: Option<Cell>,
    /// Further conditions.
    pub conditions: usize,
}

/// Action, resource and principal match.
pub const SURE: u32 = 101;

/// Whether `${…}` is a variable, and how the document says so.
#[derive(Clone, Copy, Debug)]
pub struct Version(pub Option<&'static str>);

impl Version {
    pub fn has_variables(self) -> bool {
        self.0 == Some("2012-10-17")
    }
}

impl World {
    pub fn version(&mut self, kind: Kind) -> Version {
        let current = Some("2012-10-17");
        Version(if kind == Kind::Rcp {
            current
        } else {
            [current, Some("2008-10-17"), None][self.dice.weighted(&[86, 7, 7])]
        })
    }

    pub fn statement(&mut self, kind: Kind, wanted: Wanted, version: Version) -> Value {
        let mut statement = Map::new();
        statement.insert("Effect".to_owned(), json!(wanted.effect.as_str()));
        if let Some((name, element)) = self.principals(kind, wanted) {
            statement.insert(name.to_owned(), element);
        }
        let (name, element) = self.actions(kind, wanted);
        statement.insert(name.to_owned(), element);
        if let Some((name, element)) = self.resources(kind, wanted, version) {
            statement.insert(name.to_owned(), element);
        }
        if let Some(element) = self.conditions(wanted.focus, wanted.conditions, version.has_variables()) {
            statement.insert("Condition".to_owned(), element);
        }
        Value::Object(statement)
    }

    fn principals(&mut self, kind: Kind, wanted: Wanted) -> Option<(&'static str, Value)> {
        let aimed = self.dice.chance(wanted.aim);
        let denies = wanted.effect == Effect::Deny;
        let (caller, dice) = (&self.caller, &mut self.dice);
        match kind {
            Kind::Rcp => Some(("Principal", json!("*"))),
            Kind::Resource | Kind::VpcEndpoint if wanted.aim < SURE && denies && dice.chance(25) => {
                Some(("NotPrincipal", caller.not_principal(dice)))
            }
            Kind::Resource | Kind::TrustInUse | Kind::VpcEndpoint if wanted.aim == SURE => {
                Some(("Principal", caller.sure_principal(dice, kind == Kind::TrustInUse)))
            }
            Kind::Resource | Kind::TrustInUse | Kind::VpcEndpoint => {
                if !denies && dice.chance(1) {
                    return Some(("Principal", json!({"AWS": []})));
                }
                Some(("Principal", caller.principal(dice, kind == Kind::TrustInUse, aimed)))
            }
            _ => None,
        }
    }

    fn actions(&mut self, kind: Kind, wanted: Wanted) -> (&'static str, Value) {
        if wanted.aim == SURE {
            let pattern = if kind == Kind::Rcp {
                "*:*".to_owned()
            } else {
                self.target.action_pattern(&mut self.dice, true)
            };
            return ("Action", json!(pattern));
        }
        let aimed = self.dice.chance(wanted.aim);
        let negated = kind != Kind::Rcp && self.dice.chance(12);
        let empty = !negated && kind == Kind::Resource && self.dice.chance(1);
        let count = self.entries(empty);
        let mut patterns: Vec<String> = Vec::new();
        for index in 0..count {
            // One entry that is about the action is enough to match, and enough to exclude.
            let near = (aimed != negated && index == 0) || self.dice.chance(if negated { 4 } else { 15 });
            patterns.push(self.target.action_pattern(&mut self.dice, near));
        }
        if kind == Kind::Rcp {
            patterns
                .iter_mut()
                .filter(|pattern| *pattern == "*")
                .for_each(|pattern| "*:*".clone_into(pattern));
        }
        self.dice.shuffle(&mut patterns);
        let values = patterns.into_iter().map(Value::String).collect();
        (if negated { "NotAction" } else { "Action" }, self.one_or_many(values))
    }

    fn resources(&mut self, kind: Kind, wanted: Wanted, version: Version) -> Option<(&'static str, Value)> {
        let left_out = match kind {
            Kind::TrustInUse => 85,
            Kind::Resource => 12,
            _ => 0,
        };
        if self.dice.chance(left_out) {
            return None;
        }
        if wanted.aim == SURE {
            return Some(("Resource", json!(self.sure_resource())));
        }
        let aimed = self.dice.chance(wanted.aim);
        let negated = self.dice.chance(14);
        let empty = !negated && matches!(kind, Kind::Resource | Kind::VpcEndpoint) && self.dice.chance(1);
        let count = self.entries(empty);
        let mut entries = Vec::new();
        for index in 0..count {
            let near = (aimed != negated && index == 0) || self.dice.chance(10);
            entries.push(Value::String(self.resource_entry(near, kind.pads_arns(), version.has_variables())));
        }
        self.dice.shuffle(&mut entries);
        Some((if negated { "NotResource" } else { "Resource" }, self.one_or_many(entries)))
    }

    /// How many entries a list has; rarely many.
    fn entries(&mut self, empty: bool) -> usize {
        match self.dice.weighted(&[60, 30, 10]) {
            _ if empty => 0,
            _ if self.dice.one_in(600) => 40,
            few => 1 + few,
        }
    }

    /// A document of these statements.
    pub fn document(&mut self, mut statements: Vec<Value>, version: Version) -> Value {
        if self.dice.chance(10) {
            for (number, statement) in statements.iter_mut().enumerate() {
                statement["Sid"] = json!(format!("S{number}"));
            }
        }
        let mut document = Map::new();
        if let Some(version) = version.0 {
            document.insert("Version".to_owned(), json!(version));
        }
        if self.dice.chance(5) {
            document.insert("Id".to_owned(), json!("an id"));
        }
        let statement = if statements.len() == 1 && self.dice.chance(40) {
            statements.remove(0)
        } else {
            Value::Array(statements)
        };
        document.insert("Statement".to_owned(), statement);
        Value::Object(document)
    }
}
