//! Conditions: an operator, a key that the request holds or not, and operands that overlap with what it holds.

use serde_json::{Map, Value};
use verdikt::operator::table::{Comparison, Family};

use crate::cell::{Arity, Cell};
use crate::corner::{self, Corners};
use crate::pattern::Style;
use crate::world::{Entry, World};

impl World {
    /// A `Condition` element: one condition for the cell, if there is one to fill, and others beside it.
    pub fn conditions(&mut self, focus: Option<Cell>, others: usize, variables: bool) -> Option<Value> {
        let mut element = Map::new();
        if let Some(cell) = focus {
            self.condition(&mut element, cell, variables);
        }
        for _ in 0..others {
            let cell = Cell::any(&mut self.dice);
            self.condition(&mut element, cell, variables);
        }
        let empty = element.is_empty() && self.dice.chance(97);
        (!empty).then_some(Value::Object(element))
    }

    fn condition(&mut self, element: &mut Map<String, Value>, cell: Cell, variables: bool) {
        let operator = cell.operation.operator;
        let (name, held) = self.key(operator.family, cell.arity);
        let count = if self.dice.one_in(300) { 40 } else { 1 + self.dice.weighted(&[5, 3, 2]) };
        let mut operands = Vec::new();
        for _ in 0..count {
            let text = self.operand(cell, &held, variables);
            operands.push(self.scalar(text));
        }
        let keys = element.entry(cell.operation.to_string()).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(keys) = keys else { return };
        let written = self.respell(&name);
        let taken = keys.keys().any(|key| verdikt::text::fold::eq_folded(key, &written));
        if !taken {
            keys.insert(written, self.one_or_many(operands));
        }
    }

    /// One value without brackets, or a list.
    pub fn one_or_many(&mut self, mut values: Vec<Value>) -> Value {
        match values.len() {
            1 if self.dice.chance(65) => values.remove(0),
            _ => Value::Array(values),
        }
    }

    /// A key of this arity, with its values: one that the context has, or a new one.
    fn key(&mut self, family: Family, arity: Arity) -> (String, Vec<String>) {
        let known: Vec<usize> =
            (0..self.context.len()).filter(|index| self.context[*index].entry.arity() == arity).collect();
        if !known.is_empty() && self.dice.chance(12) {
            let key = &self.context[self.dice.pick(&known)];
            return (key.name.clone(), key.entry.texts());
        }
        let name = self.fresh_name(corner::keys(family));
        let entry = self.entry(family, arity);
        let held = entry.texts();
        self.hold(&name, entry);
        (name, held)
    }

    /// What the context holds under a new key.
    fn entry(&mut self, family: Family, arity: Arity) -> Entry {
        match arity {
            Arity::Absent if self.dice.chance(20) => Entry::Many(Vec::new()),
            Arity::Absent => Entry::Absent,
            Arity::One => Entry::One(self.held_value(family)),
            Arity::Many => {
                let count = 1 + self.dice.weighted(&[2, 5, 2, 1]);
                let mut values: Vec<String> = (0..count).map(|_| self.held_value(family)).collect();
                if self.dice.chance(6) {
                    values.iter_mut().for_each(String::clear);
                }
                Entry::Many(values)
            }
        }
    }

    /// A value of a request: mostly one that the family can read.
    fn held_value(&mut self, family: Family) -> String {
        let Corners { values, unreadable, .. } = corner::of(family);
        let text = match self.dice.weighted(&[89, 7, 4]) {
            0 => self.dice.pick(values),
            1 => self.dice.pick(unreadable),
            _ => "",
        };
        text.to_owned()
    }

    /// An operand for the values that the request holds: near one of them, or any.
    fn operand(&mut self, cell: Cell, held: &[String], variables: bool) -> String {
        let operator = cell.operation.operator;
        let near =
            (!held.is_empty() && self.dice.chance(65)).then(|| held[self.dice.below(held.len())].clone());
        match operator.family {
            Family::String => {
                let any = self.dice.pick(corner::of(Family::String).values).to_owned();
                self.text_operand(&near.unwrap_or(any), operator.comparison, variables)
            }
            Family::Arn => {
                let any = self.dice.pick(&corner::ARNS).to_owned();
                let arn = near
                    .filter(|text| text.starts_with("arn:") && text.split(':').count() > 5)
                    .unwrap_or(any);
                self.arn_pattern(&arn, variables)
            }
            Family::Bool if variables && self.dice.chance(25) => self.boolean_template(),
            family => self.plain_operand(family, near),
        }
    }

    fn text_operand(&mut self, text: &str, comparison: Comparison, variables: bool) -> String {
        let text = match comparison {
            Comparison::EqualsIgnoreCase if self.dice.chance(50) => self.other_case(text),
            _ => text.to_owned(),
        };
        if comparison == Comparison::Like && self.dice.chance(20) {
            let shapes =
                ["*".to_owned(), format!("{}*", first(&text)), format!("*{}", last(&text)), "?*".to_owned()];
            let index = self.dice.below(shapes.len());
            let shape = shapes[index].clone();
            // A cut text may open a variable that it does not close.
            return if shape.contains('$') { "*".to_owned() } else { shape };
        }
        self.pattern(&text, Style { wildcards: comparison == Comparison::Like, variables })
    }

    /// The text in other case: by the rules of Unicode, which may lengthen it, or with characters that some fold takes
    /// for each other.
    fn other_case(&mut self, text: &str) -> String {
        match self.dice.weighted(&[2, 2, 6]) {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            _ => text.chars().map(|c| self.dice.pick(corner::alike(c).unwrap_or(&[c]))).collect(),
        }
    }

    fn boolean_template(&mut self) -> String {
        let text = self.dice.pick(&["true", "false", "TRUE", "yes"]);
        match self.dice.weighted(&[6, 2, 2]) {
            0 => self.variable(text),
            1 => format!("{}{}", &text[..1], self.variable(&text[1..])),
            _ => format!("{}e", self.variable(&text[..text.len() - 1])),
        }
    }

    /// An operand that no variable may stand in, and that must be readable.
    fn plain_operand(&mut self, family: Family, near: Option<String>) -> String {
        let Corners { values, operands, .. } = corner::of(family);
        match near {
            Some(near) if values.contains(&near.as_str()) => near,
            _ if !operands.is_empty() && self.dice.chance(70) => self.dice.pick(operands).to_owned(),
            _ => self.dice.pick(values).to_owned(),
        }
    }
}

fn first(text: &str) -> String {
    text.chars().take(1).collect()
}

fn last(text: &str) -> String {
    text.chars().last().map(String::from).unwrap_or_default()
}
