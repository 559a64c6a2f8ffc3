//! The grammar of conditions and projections.
//!
//! A parenthesis may hold a condition or an operand, which only what follows tells. So a term is read as either, once,
//! and no text is read twice: the time is linear in the length.

use nom::bytes::complete::take_while1;
use nom::{IResult, Parser};

use super::syntax::{
    Comparator, Function, Name, Operand, Path, Place, SPACES, Step, Stop, SyntaxError, whole,
};
use super::walk::limited;
use super::{Condition, MOST_BYTES, MOST_DEPTH, Projection};

pub(super) type Read<'a, T> = IResult<&'a str, T, Stop<'a>>;

/// Words that are no attribute names.
const KEYWORDS: [&str; 9] = ["AND", "OR", "NOT", "IN", "BETWEEN", "SET", "REMOVE", "ADD", "DELETE"];

impl<'a> Condition<'a> {
    /// Reads a condition.
    ///
    /// # Errors
    /// The place where reading stopped, or the limit that the text is over.
    pub fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        let read = whole(text, MOST_BYTES, |input| condition(input, MOST_DEPTH))?;
        limited(&read).map(|()| read)
    }
}

impl<'a> Projection<'a> {
    /// Reads a projection.
    ///
    /// # Errors
    /// The place where reading stopped, or the limit that the text is over.
    pub fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        whole(text, MOST_BYTES, |input| list(input, path)).map(Self)
    }
}

/// What a parenthesis may hold.
enum Term<'a> {
    Condition(Condition<'a>),
    Operand(Operand<'a>),
}

fn condition(input: &str, depth: usize) -> Read<'_, Condition<'_>> {
    let (rest, term) = either(input, depth)?;
    Ok((rest, holds(rest, term)?))
}

/// The term as a condition.
fn holds<'a>(rest: &'a str, term: Term<'a>) -> Result<Condition<'a>, nom::Err<Stop<'a>>> {
    match term {
        Term::Condition(condition) => Ok(condition),
        Term::Operand(_) => Err(Stop::at(spaces(rest), "a comparison")),
    }
}

fn either(input: &str, depth: usize) -> Read<'_, Term<'_>> {
    let Some(depth) = depth.checked_sub(1) else { return Err(Stop::at(input, "fewer parentheses")) };
    let (rest, first) = conjunction(input, depth)?;
    chain(rest, first, "OR", Condition::Or, |input| conjunction(input, depth))
}

fn conjunction(input: &str, depth: usize) -> Read<'_, Term<'_>> {
    let (rest, first) = negation(input, depth)?;
    chain(rest, first, "AND", Condition::And, |input| negation(input, depth))
}

fn chain<'a>(
    mut rest: &'a str,
    first: Term<'a>,
    word: &'static str,
    join: fn(Vec<Condition<'a>>) -> Condition<'a>,
    next: impl Fn(&'a str) -> Read<'a, Term<'a>>,
) -> Read<'a, Term<'a>> {
    let Ok((mut after, ())) = keyword(rest, word) else { return Ok((rest, first)) };
    let mut all = vec![holds(rest, first)?];
    loop {
        let (end, term) = next(after)?;
        all.push(holds(end, term)?);
        rest = end;
        match keyword(rest, word) {
            Ok((end, ())) => after = end,
            Err(_) => return Ok((rest, Term::Condition(join(all)))),
        }
    }
}

fn negation(input: &str, depth: usize) -> Read<'_, Term<'_>> {
    let Ok((after, ())) = keyword(input, "NOT") else { return comparison(input, depth) };
    let Some(depth) = depth.checked_sub(1) else { return Err(Stop::at(input, "fewer negations")) };
    let (rest, term) = negation(after, depth)?;
    let negated = holds(rest, term)?;
    Ok((rest, Term::Condition(Condition::Not(Box::new(negated)))))
}

fn comparison(input: &str, depth: usize) -> Read<'_, Term<'_>> {
    let (rest, first) = term(input, depth)?;
    let left = match first {
        Term::Operand(operand) => operand,
        condition @ Term::Condition(_) => return Ok((rest, condition)),
    };
    for (text, comparator) in Comparator::ALL {
        if let Ok((after, ())) = symbol(rest, text) {
            let (rest, right) = operand(after, depth)?;
            return Ok((rest, Term::Condition(Condition::Compare(left, comparator, right))));
        }
    }
    if let Ok((after, ())) = keyword(rest, "BETWEEN") {
        let (after, low) = operand(after, depth)?;
        let (after, ()) = keyword(after, "AND")?;
        let (rest, high) = operand(after, depth)?;
        return Ok((rest, Term::Condition(Condition::Between(left, low, high))));
    }
    if let Ok((after, ())) = keyword(rest, "IN") {
        let (after, ()) = symbol(after, "(")?;
        let (after, all) = list(after, |input| operand(input, depth))?;
        let (rest, ()) = symbol(after, ")")?;
        return Ok((rest, Term::Condition(Condition::In(left, all))));
    }
    Ok((rest, Term::Operand(left)))
}

/// An operand of a condition, in parentheses or not.
fn operand(input: &str, depth: usize) -> Read<'_, Operand<'_>> {
    match term(input, depth)? {
        (rest, Term::Operand(operand)) => Ok((rest, operand)),
        (_, Term::Condition(_)) => Err(Stop::at(spaces(input), "a path, a value or `size`")),
    }
}

fn term(input: &str, depth: usize) -> Read<'_, Term<'_>> {
    if let Ok((after, ())) = symbol(input, "(") {
        let (after, inner) = either(after, depth)?;
        let (rest, ()) = symbol(after, ")")?;
        return Ok((rest, inner));
    }
    if let Some((after, name)) = called(input) {
        let at = spaces(input);
        let Some((_, place @ (Place::Condition | Place::ConditionOperand), ..)) = Function::read(name) else {
            return Err(Stop::at(at, "a function of conditions"));
        };
        let (rest, (function, all)) = arguments(after, at, name, depth, operand)?;
        let is_condition = place == Place::Condition;
        let condition = |all| Term::Condition(Condition::Call(function, all));
        return Ok((
            rest,
            if is_condition { condition(all) } else { Term::Operand(Operand::Call(function, all)) },
        ));
    }
    let (rest, operand) = plain(input)?;
    Ok((rest, Term::Operand(operand)))
}

/// The arguments of a function whose name and parenthesis were read.
pub(super) fn arguments<'a>(
    after: &'a str,
    at: &'a str,
    name: &str,
    depth: usize,
    operand: fn(&'a str, usize) -> Read<'a, Operand<'a>>,
) -> Read<'a, (Function, Vec<Operand<'a>>)> {
    let Some(depth) = depth.checked_sub(1) else { return Err(Stop::at(at, "fewer functions in each other")) };
    let Some((function, _, count, of_path)) = Function::read(name) else {
        return Err(Stop::at(at, "a function"));
    };
    let (after, all) = list(after, |input| operand(input, depth))?;
    let (rest, ()) = symbol(after, ")")?;
    if all.len() != count {
        return Err(Stop::at(at, "the arguments of the function"));
    }
    if of_path && !matches!(all.first(), Some(Operand::Path(_))) {
        return Err(Stop::at(at, "a path as first argument"));
    }
    Ok((rest, (function, all)))
}

/// A path or a value.
pub(super) fn plain(input: &str) -> Read<'_, Operand<'_>> {
    let start = spaces(input);
    if start.starts_with(':') {
        let (rest, text) = marked(start, ":").map_err(|_| Stop::at(start, "a value such as `:v`"))?;
        return Ok((rest, Operand::Value(text)));
    }
    let (rest, path) = path(input)?;
    Ok((rest, Operand::Path(path)))
}

pub(super) fn path(input: &str) -> Read<'_, Path<'_>> {
    let (mut rest, head) = name(input)?;
    let mut steps = Vec::new();
    loop {
        if let Ok((after, ())) = symbol(rest, ".") {
            let (after, member) = name(after)?;
            steps.push(Step::Member(member));
            rest = after;
        } else if let Ok((after, ())) = symbol(rest, "[") {
            let mut digits = take_while1(|c: char| c.is_ascii_digit());
            let (after, digits) =
                digits.parse(spaces(after)).map_err(|_: nom::Err<Stop<'_>>| Stop::at(after, "an index"))?;
            let (after, ()) = symbol(after, "]")?;
            steps.push(Step::Element(digits));
            rest = after;
        } else {
            return Ok((rest, Path { head, steps }));
        }
    }
}

fn name(input: &str) -> Read<'_, Name<'_>> {
    let start = spaces(input);
    if start.starts_with('#') {
        let (rest, text) = marked(start, "#").map_err(|_| Stop::at(start, "a name such as `#n`"))?;
        return Ok((rest, Name::Placeholder(text)));
    }
    match word(start) {
        Some((rest, text)) if !KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(text)) => {
            Ok((rest, Name::Plain(text)))
        }
        _ => Err(Stop::at(start, "an attribute name")),
    }
}

/// `#name` or `:name`, mark included.
fn marked<'a>(start: &'a str, mark: &'static str) -> Read<'a, &'a str> {
    let (rest, _) = start.strip_prefix(mark).and_then(parts).ok_or_else(|| Stop::at(start, mark))?;
    let length = start.len().saturating_sub(rest.len());
    Ok((rest, start.get(..length).unwrap_or(start)))
}

/// A name with a parenthesis after it.
pub(super) fn called(input: &str) -> Option<(&str, &str)> {
    let (rest, name) = word(spaces(input))?;
    let (rest, ()) = symbol(rest, "(").ok()?;
    let keyword = KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(name));
    if keyword { None } else { Some((rest, name)) }
}

/// `a, b, c`, at least one.
pub(super) fn list<'a, T>(input: &'a str, one: impl Fn(&'a str) -> Read<'a, T>) -> Read<'a, Vec<T>> {
    let (mut rest, first) = one(input)?;
    let mut all = vec![first];
    while let Ok((after, ())) = symbol(rest, ",") {
        let (end, next) = one(after)?;
        all.push(next);
        rest = end;
    }
    Ok((rest, all))
}

/// A keyword, in any case.
pub(super) fn keyword<'a>(input: &'a str, keyword: &'static str) -> Read<'a, ()> {
    let start = spaces(input);
    match word(start) {
        Some((rest, found)) if found.eq_ignore_ascii_case(keyword) => Ok((rest, ())),
        _ => Err(Stop::at(start, keyword)),
    }
}

pub(super) fn symbol<'a>(input: &'a str, text: &'static str) -> Read<'a, ()> {
    let start = spaces(input);
    match start.strip_prefix(text) {
        Some(rest) => Ok((rest, ())),
        None => Err(Stop::at(start, text)),
    }
}

/// A letter or an underscore, then letters, digits, underscores.
fn word(start: &str) -> Option<(&str, &str)> {
    let begins = start.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins { parts(start) } else { None }
}

/// Letters, digits and underscores, at least one.
fn parts(start: &str) -> Option<(&str, &str)> {
    // PERF: by bytes, all of which are ASCII.
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let end = start.bytes().position(|byte| !is_part(byte)).unwrap_or(start.len());
    let (read, rest) = start.split_at_checked(end)?;
    if read.is_empty() { None } else { Some((rest, read)) }
}

pub(super) fn spaces(input: &str) -> &str {
    let is_space = |byte: u8| SPACES.contains(&char::from(byte));
    let end = input.bytes().position(|byte| !is_space(byte)).unwrap_or(input.len());
    input.get(end..).unwrap_or(input)
}
