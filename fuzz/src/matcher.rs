//! Patterns matched the slow way: by a table over characters, with the values of variables spliced in as plain text.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use verdikt::text::pool::{Resolved, Variables};
use verdikt::text::truth::{Reason, Truth};

use crate::dice::Dice;

/// Characters of one to four bytes, of either case, and those that mean something elsewhere; no opening brace, so that a
/// dollar stays one.
const CHARACTERS: [char; 16] =
    ['a', 'b', 'A', ':', '/', '$', '\n', 'é', 'É', 'ß', '€', '😀', '\u{0}', '[', '}', '\''];

/// The keys of the variables.
const KEYS: [&str; 3] = ["k:a", "k:b", "K:A"];

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This character.
    Char(char),
    /// `${*}`, `${?}`, `${$}`.
    Special(char),
    /// `?`
    One,
    /// `*`
    Run,
    /// A variable with its default.
    Variable(&'static str, Option<&'static str>),
}

/// The values of variables.
#[derive(Clone, Debug)]
pub struct Values([Given; 2]);

#[derive(Clone, Debug)]
enum Given {
    Absent,
    Many,
    One(String),
}

/// Some templates and a text.
#[derive(Debug)]
pub struct Input {
    /// Templates; those with `true` begin like an ARN.
    pub templates: Vec<(bool, Vec<Piece>)>,
    /// The values of their variables.
    pub values: Values,
    /// The text to match.
    pub text: String,
}

impl Input {
    /// The input that bytes make.
    pub fn new(dice: &mut Dice<'_>) -> Self {
        let values = Values::new(dice);
        let templates: Vec<_> = (0..=dice.upto(2)).map(|_| any_template(dice)).collect();
        let text = match templates.first() {
            // A text that the first template matches, unless it is changed after.
            Some((_, template)) if dice.flip() => instance(dice, template, &values),
            _ => text(dice),
        };
        Self { templates, values, text }
    }
}

fn any_template(dice: &mut Dice<'_>) -> (bool, Vec<Piece>) {
    let is_arn = dice.flip();
    (is_arn, template(dice, is_arn))
}

fn given(dice: &mut Dice<'_>) -> Given {
    match dice.upto(4) {
        0 => Given::Absent,
        1 => Given::Many,
        _ => Given::One(text(dice)),
    }
}

/// Characters up to the first byte that stands for none; nothing once the input is used up.
fn text(dice: &mut Dice<'_>) -> String {
    let mut text = String::new();
    while let Some(c) = character(dice) {
        text.push(c);
    }
    text
}

fn character(dice: &mut Dice<'_>) -> Option<char> {
    let index = dice.upto(CHARACTERS.len());
    index.checked_sub(1).and_then(|index| CHARACTERS.get(index).copied())
}

fn template(dice: &mut Dice<'_>, is_arn: bool) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = if is_arn { "arn:".chars().map(Piece::Char).collect() } else { Vec::new() };
    loop {
        let piece = match dice.upto(9) {
            0 => return pieces,
            1 | 2 => Piece::Run,
            3 => Piece::One,
            4 => Piece::Special(dice.pick(&['*', '?', '$'])),
            5 => Piece::Variable(dice.pick(&KEYS), dice.pick(&[None, Some(""), Some("b*"), Some("a:}")])),
            6 if is_arn => Piece::Char(':'),
            _ => Piece::Char(character(dice).unwrap_or('x')),
        };
        pieces.push(piece);
    }
}

/// A text made from a template: its wildcards and unresolved variables filled in, then perhaps one character changed.
fn instance(dice: &mut Dice<'_>, template: &[Piece], values: &Values) -> String {
    let mut out = String::new();
    for piece in template {
        match piece {
            Piece::Char(c) | Piece::Special(c) => out.push(*c),
            Piece::One => out.push(character(dice).unwrap_or('a')),
            Piece::Run => out.push_str(&text(dice)),
            Piece::Variable(key, default) => out.push_str(values.value(key, *default).unwrap_or("a")),
        }
    }
    if dice.flip() {
        let at = dice.upto(out.chars().count());
        let replacement = character(dice);
        let chars = out.chars().enumerate();
        out = chars.filter_map(|(i, c)| if i == at { replacement } else { Some(c) }).collect();
    }
    out
}

impl Values {
    /// The values that bytes make.
    pub fn new(dice: &mut Dice<'_>) -> Self {
        Self([given(dice), given(dice)])
    }

    /// The same values as the context of a request.
    pub fn context(&self) -> Map<String, Value> {
        let mut context = Map::new();
        for (key, given) in KEYS.iter().zip(&self.0) {
            let value = match given {
                Given::Absent => continue,
                Given::Many => json!(["a", "b"]),
                Given::One(text) => json!(text),
            };
            context.insert((*key).to_owned(), value);
        }
        context
    }

    /// A text in which the plain variables are replaced by their values.
    pub fn substitute(&self, text: &str) -> String {
        let value = |key| self.value(key, None).unwrap_or_default();
        text.replace("${k:a}", value("k:a")).replace("${k:b, ''}", value("k:b"))
    }

    /// The value of a key in any case: an empty text counts as none, several values are none and keep a default out.
    fn value<'a>(&'a self, key: &str, default: Option<&'a str>) -> Option<&'a str> {
        match self.given(key) {
            Given::One(text) if !text.is_empty() => Some(text),
            Given::One(_) | Given::Absent => default,
            Given::Many => None,
        }
    }

    fn given(&self, key: &str) -> &Given {
        let [a, b] = &self.0;
        match key.to_ascii_lowercase().as_str() {
            "k:a" => a,
            "k:b" => b,
            _ => &Given::Absent,
        }
    }
}

impl Variables for Values {
    fn resolve(&self, _hash: u64, name: &str) -> Resolved<'_> {
        match self.given(name) {
            Given::Absent => Resolved::Absent,
            Given::Many => Resolved::Multivalued,
            Given::One(text) => Resolved::Text(text),
        }
    }
}

/// The template as a policy would write it.
pub fn written(template: &[Piece]) -> String {
    let mut out = String::new();
    for piece in template {
        match piece {
            Piece::Char(c) => out.push(*c),
            Piece::One => out.push('?'),
            Piece::Run => out.push('*'),
            Piece::Special(c) => drop(write!(out, "${{{c}}}")),
            Piece::Variable(key, None) => drop(write!(out, "${{{key}}}")),
            Piece::Variable(key, Some(default)) => drop(write!(out, "${{{key}, '{default}'}}")),
        }
    }
    out
}

/// The pieces with every variable replaced by its value; `None` if one has none.
pub fn spliced(template: &[Piece], values: &Values) -> Option<Vec<Piece>> {
    let mut out = Vec::new();
    for piece in template {
        match piece {
            Piece::Variable(key, default) => {
                out.extend(values.value(key, *default)?.chars().map(Piece::Char));
            }
            Piece::Special(c) => out.push(Piece::Char(*c)),
            plain => out.push(plain.clone()),
        }
    }
    Some(out)
}

/// The pieces with every variable open.
pub fn open(template: &[Piece]) -> Vec<Piece> {
    let open = |piece: &Piece| match piece {
        Piece::Variable(..) => Piece::Run,
        Piece::Special(c) => Piece::Char(*c),
        plain => plain.clone(),
    };
    template.iter().map(open).collect()
}

/// Whether some variable has no value.
pub fn has_unresolved(template: &[Piece], values: &Values) -> bool {
    spliced(template, values).is_none()
}

/// Whether spliced pieces match a whole text, by a table over characters.
pub fn matches(pieces: &[Piece], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // reached[i]: the pieces so far can be the first i characters.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for piece in pieces {
        let before = reached.clone();
        for (i, reach) in reached.iter_mut().enumerate() {
            let stepped = i > 0 && before[i - 1];
            *reach = match piece {
                Piece::Run => before[..=i].contains(&true),
                Piece::One => stepped,
                Piece::Char(c) | Piece::Special(c) => stepped && text[i - 1] == *c,
                Piece::Variable(..) => false,
            };
        }
    }
    reached[text.len()]
}

/// The fields of an ARN template, cut at the first five colons that it writes.
pub fn fields(template: &[Piece]) -> Vec<&[Piece]> {
    template.splitn(6, |piece| *piece == Piece::Char(':')).collect()
}

/// What a resource element says of a text, by the rules of the language: every field for itself, else a star that ends
/// one of the fields 2 to 5 and would have to cross a colon.
pub fn resource(template: &[Piece], text: &str, splice: impl Fn(&[Piece]) -> Option<Vec<Piece>>) -> Truth {
    if template == [Piece::Run] {
        return Truth::True;
    }
    let Some(asked) = arn_fields(text) else { return Truth::False };
    let fields = fields(template);
    let field_matches = |(index, asked): (usize, &&str)| match fields.get(index) {
        Some(field) => splice(field).is_some_and(|pieces| matches(&pieces, asked)),
        None => true,
    };
    if asked.iter().enumerate().all(field_matches) {
        return Truth::True;
    }
    let crosses = fields.iter().take(5).skip(1).any(|field| field.last() == Some(&Piece::Run));
    if crosses && splice(template).is_some_and(|pieces| matches(&pieces, text)) {
        return Truth::Indeterminate(Reason::StarCrossesColon);
    }
    Truth::False
}

/// The six fields of a text; a text whose fifth colon is not among its first 4,096 bytes has none.
pub fn six_fields(text: &str) -> Option<[&str; 6]> {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let fields = <[&str; 6]>::try_from(fields).ok()?;
    let colon = fields[..5].iter().map(|field| field.len()).sum::<usize>() + 4;
    (colon < 4096).then_some(fields)
}

fn arn_fields(text: &str) -> Option<[&str; 6]> {
    six_fields(text).filter(|fields| fields[0] == "arn")
}

/// The case fold of the language: to upper case where that stays one character, then to lower case likewise.
pub fn fold(text: &str) -> Vec<char> {
    let single = |c: char, mut mapped: Box<dyn Iterator<Item = char>>| match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => c,
    };
    let fold = |c: char| {
        let upper = single(c, Box::new(c.to_uppercase()));
        single(upper, Box::new(upper.to_lowercase()))
    };
    text.chars().map(fold).collect()
}
