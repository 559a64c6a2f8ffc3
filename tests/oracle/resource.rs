//! `Resource` and `NotResource`: `*`, or ARN patterns that match field by field.

use super::context::Context;
use super::glob::{self, Token};
use super::template::{self, Piece};
use super::truth::Truth;

/// The number of an ARN's fields.
const FIELDS: usize = 6;

/// Refuses a pattern that is neither `*` nor an ARN pattern. Where `pads`, an ARN may leave out its last fields.
pub fn check(pattern: &str, variables: bool, pads: bool) -> Result<(), String> {
    if pattern == "*" {
        return Ok(());
    }
    if !pattern.starts_with("arn:") {
        return Err(format!("`{pattern}` is neither `*` nor an ARN"));
    }
    let pieces = template::parse(pattern, variables)?;
    let fields = template::fields(&pieces);
    if fields.len() < FIELDS && !pads {
        return Err(format!("`{pattern}` is not a whole ARN"));
    }
    if variables && names_variable_early(pattern) {
        return Err(format!("`{pattern}`: a variable may stand in the last three fields only"));
    }
    Ok(())
}

/// Whether a `${` stands in one of the first three fields. None of them can then hold a colon of its own before it.
fn names_variable_early(pattern: &str) -> bool {
    pattern.find("${").is_some_and(|start| pattern[..start].matches(':').count() < 3)
}

/// Refuses a request's resource that is neither `*` nor one ARN.
pub fn check_request(resource: &str) -> Result<(), String> {
    if resource == "*" || (resource.starts_with("arn:") && resource.splitn(FIELDS, ':').count() == FIELDS) {
        return Ok(());
    }
    Err(format!("`{resource}` is neither `*` nor an ARN"))
}

/// What the entries of a policy are held against.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub resource: &'a str,
    pub context: &'a Context,
    pub variables: bool,
}

/// Whether an entry of `Resource` matches.
pub fn matches_any<'a>(patterns: impl IntoIterator<Item = &'a str>, subject: Subject<'_>) -> Truth {
    Truth::any(patterns.into_iter().map(|pattern| entry(pattern, subject, Truth::False)))
}

/// Whether no entry of `NotResource` matches. An entry that has no value for a variable is Indeterminate there, unless
/// it could not match whatever its variables were.
pub fn matches_none<'a>(patterns: impl IntoIterator<Item = &'a str>, subject: Subject<'_>) -> Truth {
    Truth::any(patterns.into_iter().map(|pattern| entry(pattern, subject, Truth::Indeterminate))).not()
}

/// One entry; `unresolved` is what it is worth when a variable has no value.
pub fn entry(pattern: &str, subject: Subject<'_>, unresolved: Truth) -> Truth {
    if pattern == "*" {
        return Truth::True;
    }
    if subject.resource == "*" {
        return Truth::False;
    }
    let Ok(pieces) = template::parse(pattern, subject.variables) else {
        return Truth::Indeterminate;
    };
    let fields = template::fields(&pieces);
    let may_cross = fields.iter().take(FIELDS - 1).skip(1).any(|field| ends_in_star(field));
    let resolved: Option<Vec<_>> =
        fields.iter().map(|field| template::resolve(field, subject.context)).collect();
    if let Some(written) = resolved {
        return against(&written, may_cross, subject.resource);
    }
    let open: Vec<_> = fields.iter().map(|field| template::open(field)).collect();
    against(&open, may_cross, subject.resource).min(unresolved)
}

/// Whether the author ended the field in a live star.
fn ends_in_star(field: &[Piece]) -> bool {
    matches!(field.last(), Some(Piece::Text(Token::Run)))
}

/// The written fields of a pattern against an ARN: True field by field, Indeterminate where only a star that ends one of
/// the fields two to five and runs past its colon would make it match.
fn against(written: &[Vec<Token>], may_cross: bool, resource: &str) -> Truth {
    if by_fields(written, resource) {
        return Truth::True;
    }
    if may_cross && glob::matches(&written.join(&Token::Char(':')), resource) {
        return Truth::Indeterminate;
    }
    Truth::False
}

/// Field by field; fields that the author left out are `*`.
fn by_fields(written: &[Vec<Token>], resource: &str) -> bool {
    let left_out = vec![Token::Run];
    let patterns = written.iter().chain(std::iter::repeat(&left_out));
    resource.splitn(FIELDS, ':').zip(patterns).all(|(field, pattern)| glob::matches(pattern, field))
}
