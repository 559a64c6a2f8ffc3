//! What the parts of one case share: the dice, who asks for what, and the context, which grows as conditions and
//! variables name keys.

use serde_json::{Map, Value, json};
use verdikt::text::fold::eq_folded;

use crate::caller::Caller;
use crate::cell::Arity;
use crate::corner;
use crate::dice::Dice;
use crate::target::Target;

/// What the context holds under a key.
#[derive(Clone, Debug)]
pub enum Entry {
    /// Nothing; the name is taken, so that the key stays absent.
    Absent,
    One(String),
    Many(Vec<String>),
}

/// A key and what the context holds under it.
#[derive(Clone, Debug)]
pub struct Key {
    pub name: String,
    pub entry: Entry,
}

/// One case in the making.
#[derive(Debug)]
pub struct World {
    pub dice: Dice,
    pub caller: Caller,
    pub target: Target,
    pub context: Vec<Key>,
}

impl Entry {
    pub fn arity(&self) -> Arity {
        match self {
            Self::Absent => Arity::Absent,
            Self::One(_) => Arity::One,
            Self::Many(values) if values.is_empty() => Arity::Absent,
            Self::Many(_) => Arity::Many,
        }
    }

    /// The values.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::Absent => Vec::new(),
            Self::One(text) => vec![text.clone()],
            Self::Many(texts) => texts.clone(),
        }
    }
}

impl World {
    pub fn new(mut dice: Dice) -> Self {
        let caller = Caller::any(&mut dice);
        let target = Target::any(&mut dice, &caller);
        Self { dice, caller, target, context: Vec::new() }
    }

    /// A name that no key of the context has yet.
    pub fn fresh_name(&mut self, names: &[&str]) -> String {
        let name = self.dice.pick(names);
        if !self.is_taken(name) {
            return name.to_owned();
        }
        let stem = name.rsplit_once('/').map_or("aws:PrincipalTag", |(stem, _)| stem);
        format!("{stem}/k{}", self.context.len())
    }

    fn is_taken(&self, name: &str) -> bool {
        self.context.iter().any(|key| eq_folded(&key.name, name))
    }

    /// Adds a key.
    pub fn hold(&mut self, name: &str, entry: Entry) {
        self.context.push(Key { name: name.to_owned(), entry });
    }

    /// The name as some other policy author writes it: the case of a key does not count.
    pub fn respell(&mut self, name: &str) -> String {
        match self.dice.weighted(&[80, 8, 8, 4]) {
            0 => name.to_owned(),
            1 => name.to_ascii_uppercase(),
            // By the rules of Unicode, which are not those of keys in every character.
            2 => name.to_lowercase(),
            _ => name.to_ascii_lowercase(),
        }
    }

    /// A variable that stands for the text — mostly. Otherwise the key is absent, empty, multivalued or another text,
    /// with a default or without.
    pub fn variable(&mut self, text: &str) -> String {
        let name = self.fresh_name(&corner::VARIABLES);
        let written = self.respell(&name);
        let quoted = if text.contains('\'') { "d" } else { text };
        let (entry, default) = match self.dice.weighted(&[66, 6, 4, 3, 3, 3, 4, 4, 4, 3]) {
            0 => (Entry::One(text.to_owned()), None),
            1 => (Entry::Absent, Some(quoted)),
            2 => (Entry::Absent, None),
            3 => (Entry::One(String::new()), None),
            4 => (Entry::One(String::new()), Some(quoted)),
            5 => (Entry::Many(vec![text.to_owned()]), None),
            6 => (Entry::Many(vec![text.to_owned()]), Some(quoted)),
            7 => (Entry::One(self.other_text()), None),
            8 => (Entry::One(text.to_owned()), Some("other")),
            _ => (Entry::Absent, Some("")),
        };
        self.hold(&name, entry);
        match default {
            Some(default) => format!("${{{written}, '{default}'}}"),
            None => format!("${{{written}}}"),
        }
    }

    /// A text that is likely to do harm where it is spliced.
    fn other_text(&mut self) -> String {
        self.dice.pick(&["*", "?", ":", "a:b", "${*}", "x/*", "\u{e9}", "'}*"]).to_owned()
    }

    /// The member `request` of the case.
    pub fn request(&mut self) -> Value {
        let mut context = Map::new();
        // Rarely more keys than a small table holds.
        if self.dice.one_in(200) {
            context.extend((0..60).map(|number| (format!("aws:PrincipalTag/n{number}"), json!("x"))));
        }
        for key in self.context.clone() {
            match key.entry {
                Entry::Absent => continue,
                Entry::One(text) => context.insert(key.name, self.scalar(text)),
                Entry::Many(texts) => {
                    let texts = texts.into_iter().map(|text| self.scalar(text)).collect();
                    context.insert(key.name, Value::Array(texts))
                }
            };
        }
        let mut request = json!({
            "principal": self.caller.json,
            "action": self.target.action,
            "resource": self.target.resource,
            "context": context,
        });
        if let Some(owner) = &self.target.owner {
            request["resource_account"] = owner.clone();
        }
        if self.target.must_allow {
            request["resource_policy_mode"] = json!("mustAllow");
        }
        request
    }

    /// A text as JSON; an integer or a boolean may stand without quotes.
    pub fn scalar(&mut self, text: String) -> Value {
        let plain = serde_json::from_str::<Value>(&text).ok().filter(|value| {
            (value.is_i64() || value.is_u64() || value.is_boolean()) && value.to_string() == text
        });
        match plain {
            Some(plain) if self.dice.chance(25) => plain,
            _ => Value::String(text),
        }
    }
}
