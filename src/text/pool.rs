//! Where compiled text lives: one byte pool per compiled policy, so that patterns are small copies of offsets.

use super::fold::folded_hash;
use super::pattern::Pattern;
use super::span::to_u32;
use super::template::{Token, Variable};

/// A literal in a [`Pool`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal {
    start: u32,
    len: u32,
}

/// A piece of a pattern that no simpler shape covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Atom {
    Literal(Literal),
    Question,
    Variable(u32),
    Star,
}

/// A variable of some pattern: the key that it names and its default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VariableSlot {
    pub(crate) key: Key,
    pub(crate) default: Option<Literal>,
}

/// A context-key name with its folded hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// [`folded_hash`] of the name.
    pub hash: u64,
    /// The name as written.
    pub name: Literal,
}

/// What a variable stands for in one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved<'a> {
    /// A single value; an empty one counts as no value.
    Text(&'a str),
    /// The key is absent: the default holds, if there is one.
    Absent,
    /// The key is multivalued: no value, and no default either.
    Multivalued,
}

/// Gives variables their values.
pub trait Variables {
    /// The value of the context key with this name.
    fn resolve(&self, hash: u64, name: &str) -> Resolved<'_>;

    /// The value of a variable by its number in the pool, where it is known beforehand.
    fn bound(&self, _variable: u32) -> Option<Resolved<'_>> {
        None
    }
}

/// No variable has a value.
#[derive(Clone, Copy, Debug)]
pub struct NoVariables;

impl Variables for NoVariables {
    fn resolve(&self, _hash: u64, _name: &str) -> Resolved<'_> {
        Resolved::Absent
    }
}

/// Text, pattern pieces and variables of one compiled policy.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    text: String,
    pub(crate) atoms: Vec<Atom>,
    pub(crate) variables: Vec<VariableSlot>,
    /// Six patterns a field-wise ARN pattern.
    pub(crate) arns: Vec<[Pattern; 6]>,
    /// The flat globs of ARN patterns whose star may cross a colon.
    pub(crate) flat: Vec<Pattern>,
}

impl Pool {
    /// An empty pool.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty pool with room for so many bytes of text.
    pub(crate) fn with_capacity(text: usize) -> Self {
        Self { text: String::with_capacity(text), ..Self::default() }
    }

    /// Adds a text.
    pub fn add(&mut self, text: &str) -> Literal {
        let start = to_u32(self.text.len());
        self.text.push_str(text);
        Literal { start, len: to_u32(text.len()) }
    }

    /// Adds a text in ASCII lower case.
    pub(crate) fn add_lower(&mut self, text: &str) -> Literal {
        let added = self.add(text);
        if let Some(own) = self.text.get_mut(added.start as usize..) {
            own.make_ascii_lowercase();
        }
        added
    }

    /// Builds a pattern without variables, its literals in ASCII lower case.
    pub(crate) fn lower_pattern(&mut self, tokens: &[Token<'_>]) -> Pattern {
        let start = self.text.len();
        let pattern = self.pattern(tokens);
        if let Some(own) = self.text.get_mut(start..) {
            own.make_ascii_lowercase();
        }
        pattern
    }

    /// Adds a context-key name.
    pub fn add_key(&mut self, name: &str) -> Key {
        Key { hash: folded_hash(name), name: self.add(name) }
    }

    /// The text of a literal.
    pub fn text(&self, literal: Literal) -> &str {
        let start = literal.start as usize;
        self.text.get(start..start.saturating_add(literal.len as usize)).unwrap_or_default()
    }

    pub(crate) fn bytes(&self, literal: Literal) -> &[u8] {
        let start = literal.start as usize;
        self.text.as_bytes().get(start..start.saturating_add(literal.len as usize)).unwrap_or_default()
    }

    /// The value of a variable in one request: its key's text, else its default, else none.
    pub(crate) fn value<'a, V: Variables>(&'a self, variable: u32, variables: &'a V) -> Option<&'a str> {
        let slot = self.variables.get(variable as usize)?;
        let resolved = match variables.bound(variable) {
            Some(resolved) => resolved,
            None => variables.resolve(slot.key.hash, self.text(slot.key.name)),
        };
        match resolved {
            Resolved::Text(text) if !text.is_empty() => Some(text),
            Resolved::Text(_) | Resolved::Absent => slot.default.map(|default| self.text(default)),
            Resolved::Multivalued => None,
        }
    }

    /// The keys that variables of any pattern here name.
    pub fn variable_keys(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|slot| self.text(slot.key.name))
    }

    /// Gives back spare capacity.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.atoms.shrink_to_fit();
        self.variables.shrink_to_fit();
        self.arns.shrink_to_fit();
        self.flat.shrink_to_fit();
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        [held(&self.atoms), held(&self.variables), held(&self.arns), held(&self.flat)]
            .into_iter()
            .fold(self.text.capacity(), usize::saturating_add)
    }

    /// Adds a piece of the pattern whose atoms begin at `start`; neighbouring literals become one.
    pub(crate) fn add_atom(&mut self, start: usize, token: Token<'_>) {
        let atom = match token {
            Token::Literal(text) | Token::Special(text) => {
                let added = self.add(text);
                if let Some(Atom::Literal(last)) = self.atoms.get_mut(start..).and_then(|own| own.last_mut())
                    && last.start.saturating_add(last.len) == added.start
                {
                    last.len = last.len.saturating_add(added.len);
                    return;
                }
                Atom::Literal(added)
            }
            Token::Star => Atom::Star,
            Token::Question => Atom::Question,
            Token::Variable(variable) => Atom::Variable(self.add_variable(variable)),
        };
        self.atoms.push(atom);
    }

    /// The slot of a variable; a policy repeats a few, so the latest ones are looked through first.
    fn add_variable(&mut self, variable: Variable<'_>) -> u32 {
        const RECENT: usize = 8;
        let recent = self.variables.len().saturating_sub(RECENT);
        let same = |slot: &VariableSlot| {
            self.text(slot.key.name) == variable.key
                && slot.default.map(|text| self.text(text)) == variable.default
        };
        let known = self.variables.iter().skip(recent).position(same);
        if let Some(index) = known {
            return to_u32(recent.saturating_add(index));
        }
        let key = self.add_key(variable.key);
        let default = variable.default.map(|text| self.add(text));
        self.variables.push(VariableSlot { key, default });
        to_u32(self.variables.len().saturating_sub(1))
    }
}

/// Bytes that a list holds.
pub(crate) fn held<T>(list: &Vec<T>) -> usize {
    list.capacity().saturating_mul(size_of::<T>())
}
