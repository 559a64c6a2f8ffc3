//! Texts that a pattern matches: its wildcards filled, as near to the text that was asked as is easily had.

use crate::request::Request;
use crate::request::context::Context;
use crate::request::derive::PrincipalKey;
use crate::text::arn_pattern::ResourceText;
use crate::text::fold::eq_folded;
use crate::text::template::{Syntax, Token, Variable, tokenize};

use super::super::variable::resolve;
use super::values::Bound;

/// A piece of a pattern, its variables replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Text of the pattern.
    Literal(String),
    /// A variable's value: no colon of it ends a field.
    Value(String),
    Star,
    Question,
}

/// The parts of a value of a document: with its variables as the request has them, and with those that follow from the
/// principal as they would be given. None where a variable has no value.
pub(super) fn parts(text: &str, syntax: Syntax, request: &Request<'_>) -> Vec<Vec<Part>> {
    let given = |variable: Variable<'_>| resolve(variable, request.context()).value;
    let derived = |variable: Variable<'_>| {
        let key = PrincipalKey::ALL.into_iter().find(|key| eq_folded(key.name(), variable.key));
        let value = key.and_then(|key| key.value(request.principal()).ok().flatten());
        value.or_else(|| given(variable))
    };
    let mut found = Vec::from_iter(parts_by(text, syntax, given));
    found.extend(parts_by(text, syntax, derived));
    found.dedup();
    found
}

fn parts_by(text: &str, syntax: Syntax, value: impl Fn(Variable<'_>) -> Option<String>) -> Option<Vec<Part>> {
    // What was accepted can be read.
    let tokens = tokenize(text, syntax).ok()?;
    let part = |token| {
        Some(match token {
            Token::Literal(text) => Part::Literal(text.to_owned()),
            Token::Special(text) => Part::Value(text.to_owned()),
            Token::Star => Part::Star,
            Token::Question => Part::Question,
            Token::Variable(variable) => Part::Value(value(variable)?),
        })
    };
    tokens.into_iter().map(part).collect()
}

pub(super) fn has_wildcard(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Star | Part::Question))
}

/// What stars are filled with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fill<'t> {
    /// Those before the last.
    pub(super) inner: &'t str,
    pub(super) last: &'t str,
}

impl<'t> Fill<'t> {
    /// Of the star at a place of the parts.
    fn at(self, parts: &[Part], place: usize) -> &'t str {
        let mut after = parts.iter().skip(place.saturating_add(1));
        if after.any(|part| *part == Part::Star) { self.inner } else { self.last }
    }
}

/// The text with its stars filled.
pub(super) fn filled(parts: &[Part], fill: Fill<'_>) -> String {
    let texts = parts.iter().enumerate().map(|(place, part)| match part {
        Part::Literal(text) | Part::Value(text) => text.as_str(),
        Part::Star => fill.at(parts, place),
        Part::Question => "x",
    });
    texts.collect()
}

/// The ARN with the stars of its sixth field filled, those before by what the asked ARN has there; fields that are
/// missing are the asked ones.
pub(super) fn filled_arn(parts: &[Part], fill: Fill<'_>, asked: &ResourceText<'_>) -> String {
    let mut out = String::new();
    let mut field = 0_usize;
    for (place, part) in parts.iter().enumerate() {
        match part {
            Part::Literal(text) => {
                out.push_str(text);
                field = field.saturating_add(text.bytes().filter(|byte| *byte == b':').count());
            }
            Part::Value(text) => out.push_str(text),
            Part::Star if field < 5 => out.push_str(asked.field(field)),
            Part::Star => out.push_str(fill.at(parts, place)),
            Part::Question => out.push('x'),
        }
    }
    for missing in field.saturating_add(1)..6 {
        out.push(':');
        out.push_str(asked.field(missing));
    }
    out
}

/// What a variable's value would have to be for a pattern to match a text: every part of the text that stands between
/// what the pattern has before the variable and after it.
pub(super) fn captures(
    text: &str,
    key: &str,
    context: &Context<'_>,
    asked: &str,
    bound: &Bound,
) -> Vec<String> {
    let tokens = tokenize(text, Syntax { wildcards: true, variables: true }).unwrap_or_default();
    let is_it = |token: &Token<'_>| matches!(token, Token::Variable(one) if eq_folded(one.key, key));
    let Some(at) = tokens.iter().position(is_it) else { return Vec::new() };
    let (before, after) = tokens.split_at_checked(at).unwrap_or_default();
    let head = Beside::new(before.iter().rev(), context, true);
    let tail = Beside::new(after.iter().skip(1), context, false);
    let mut found = Vec::new();
    for (start, _) in asked.char_indices() {
        let (done, rest) = asked.split_at_checked(start).unwrap_or_default();
        let is_head = if head.is_all { done == head.text } else { done.ends_with(&head.text) };
        if !is_head {
            continue;
        }
        for (end, _) in rest.char_indices().skip(1).chain([(rest.len(), ' ')]) {
            let (value, then) = rest.split_at_checked(end).unwrap_or_default();
            let is_tail = if tail.is_all { then == tail.text } else { then.starts_with(&tail.text) };
            if is_tail && !found.iter().any(|one| one == value) && bound.admits(found.len()) {
                found.push(value.to_owned());
            }
        }
    }
    found
}

/// The plain text that stands next to a variable.
struct Beside {
    text: String,
    /// Whether it is all that stands there.
    is_all: bool,
}

impl Beside {
    fn new<'t>(tokens: impl Iterator<Item = &'t Token<'t>>, context: &Context<'_>, reversed: bool) -> Self {
        let (mut pieces, mut is_all) = (Vec::new(), true);
        for token in tokens {
            let piece = match token {
                Token::Literal(text) | Token::Special(text) => Some((*text).to_owned()),
                Token::Variable(variable) => resolve(*variable, context).value,
                Token::Star | Token::Question => None,
            };
            let Some(piece) = piece else {
                is_all = false;
                break;
            };
            pieces.push(piece);
        }
        if reversed {
            pieces.reverse();
        }
        Self { text: pieces.concat(), is_all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stars before the last are filled by the one, the last by the other; in an ARN those of the fields before the sixth
    /// by what the asked one has there.
    #[test]
    fn stars_are_filled_by_their_places() {
        let parts = |text| parts_by(text, Syntax { wildcards: true, variables: false }, |_| None).unwrap();
        let fill = Fill { inner: "I", last: "L" };
        assert_eq!(filled(&parts("a*b*c?*"), fill), "aIbIcxL");
        assert_eq!(filled(&parts("a*b"), fill), "aLb");
        let asked = ResourceText::new("arn:aws:sns:eu:111122223333:t");
        assert_eq!(
            filled_arn(&parts("arn:*:sns:*:*:a*b*"), fill, &asked),
            "arn:aws:sns:eu:111122223333:aIbL"
        );
        assert_eq!(filled_arn(&parts("arn:aws:sns"), fill, &asked), "arn:aws:sns:eu:111122223333:t");
    }

    /// Every part of a text that a variable could stand for, each once, as many as may be looked at.
    #[test]
    fn a_variable_could_stand_for_each_part() {
        let context = Context::default();
        let captures =
            |text: &str, asked: &str, most: usize| captures(text, "k", &context, asked, &Bound::to(most));
        assert_eq!(captures("a${k}b", "axxb", 9), ["xx"]);
        assert_eq!(captures("*${k}*", "aab", 9), ["a", "aa", "aab", "ab", "b"]);
        assert_eq!(captures("*${k}*", "aab", 2), ["a", "aa"]);
        assert_eq!(captures("a${k}b", "ccb", 9), [""; 0]);
        assert_eq!(captures("a${other}b", "axb", 9), [""; 0]);
    }
}
