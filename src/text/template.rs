//! Templates: the text of a policy value, cut into literals, wildcards and variables.
//!
//! `${key}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}` are active under Version 2012-10-17 only. A template is cut
//! before anything splits it on colons, since every variable name holds one. Follows the IAM User Guide, "IAM policy
//! elements: Variables and tags".

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_till1};
use nom::combinator::{map, opt, peek, verify};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Text that stands for itself.
    Literal(&'a str),
    /// `${*}`, `${?}`, `${$}`: that character as plain text.
    Special(&'a str),
    /// `*`: any run of characters, none included.
    Star,
    /// `?`: one character.
    Question,
    /// `${key}` or `${key, 'default'}`.
    Variable(Variable<'a>),
}

/// A policy variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable<'a> {
    /// The context key that it names.
    pub key: &'a str,
    /// The text used where the key has no value.
    pub default: Option<&'a str>,
}

/// What is active in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// `*` and `?` are wildcards.
    pub wildcards: bool,
    /// `${…}` is a variable (Version 2012-10-17).
    pub variables: bool,
}

/// What is wrong with a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateErrorKind {
    /// No `}`.
    #[error("a variable without its closing brace")]
    MissingBrace,
    /// Nothing between the braces.
    #[error("an empty variable")]
    Empty,
    /// White space in the name.
    #[error("a space in a variable's name")]
    Space,
    /// Something after the name that is not `, '…'`.
    #[error("a default that is not written `, '…'`")]
    BadDefault,
}

/// A malformed variable and where it stands in the text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct TemplateError {
    /// What is wrong.
    pub kind: TemplateErrorKind,
    /// From the `$` to the end of what was read.
    pub range: std::ops::Range<usize>,
}

/// Cuts a text into tokens. Neighbouring literals are not merged.
///
/// # Errors
/// The first malformed variable.
///
/// ```
/// use verdikt::text::template::{Syntax, Token, Variable, tokenize};
/// let syntax = Syntax { wildcards: true, variables: true };
/// let tokens = tokenize("home/${aws:username}/*", syntax).unwrap();
/// assert_eq!(tokens[1], Token::Variable(Variable { key: "aws:username", default: None }));
/// assert_eq!(tokens[3], Token::Star);
/// ```
pub fn tokenize(text: &str, syntax: Syntax) -> Result<Vec<Token<'_>>, TemplateError> {
    let mut tokens = Vec::new();
    tokenize_into(text, syntax, &mut tokens)?;
    Ok(tokens)
}

/// The same, in place of what a list holds.
pub(crate) fn tokenize_into<'a>(
    text: &'a str,
    syntax: Syntax,
    tokens: &mut Vec<Token<'a>>,
) -> Result<(), TemplateError> {
    tokens.clear();
    let mut input = text;
    while !input.is_empty() {
        let Ok((after, token)) = token(syntax, input) else { return Err(malformed(text, input)) };
        tokens.push(token);
        input = after;
    }
    Ok(())
}

fn token(syntax: Syntax, input: &str) -> IResult<&str, Token<'_>> {
    if syntax.variables && input.starts_with("${") {
        return variable(input);
    }
    if let Some((text, after)) = input.split_at_checked(literal(syntax, input))
        && !text.is_empty()
    {
        return Ok((after, Token::Literal(text)));
    }
    if let Some(after) = input.strip_prefix('*') {
        return Ok((after, Token::Star));
    }
    if let Some(after) = input.strip_prefix('?') {
        return Ok((after, Token::Question));
    }
    // A dollar that opens no brace is plain text.
    map(tag("$"), Token::Literal).parse(input)
}

/// How many bytes there are up to the next character that may be active.
fn literal(syntax: Syntax, input: &str) -> usize {
    let bytes = input.as_bytes();
    // PERF: many bytes at once; what is looked for is ASCII, so no character is cut.
    let end = match (syntax.wildcards, syntax.variables) {
        (true, true) => memchr::memchr3(b'*', b'?', b'$', bytes),
        (true, false) => memchr::memchr2(b'*', b'?', bytes),
        (false, true) => memchr::memchr(b'$', bytes),
        (false, false) => None,
    };
    end.unwrap_or(bytes.len())
}

fn variable(input: &str) -> IResult<&str, Token<'_>> {
    let special = map(alt((tag("*"), tag("?"), tag("$"))), Token::Special);
    let named = map((name, opt(default)), |(key, default)| Token::Variable(Variable { key, default }));
    delimited(tag("${"), alt((terminated(special, peek(tag("}"))), named)), tag("}")).parse(input)
}

fn name(input: &str) -> IResult<&str, &str> {
    // `${*}`, `${?}` and `${$}` are no variables, so they have no default either.
    let special = |text: &str| matches!(text, "*" | "?" | "$");
    let plain = |text: &str| !special(text) && !text.contains('\'') && !text.contains(char::is_whitespace);
    verify(take_till1(|c| c == '}' || c == ','), plain).parse(input)
}

fn default(input: &str) -> IResult<&str, &str> {
    preceded(tag(", '"), terminated(take_till(|c| c == '\''), tag("'"))).parse(input)
}

/// Says what is wrong with the variable at the head of `input`, a tail of `text`.
fn malformed(text: &str, input: &str) -> TemplateError {
    let start = text.len().saturating_sub(input.len());
    let (_, whole) =
        take_till::<_, _, nom::error::Error<&str>>(|c| c == '}').parse(input).unwrap_or(("", input));
    let end = start.saturating_add(whole.len());
    let body = whole.strip_prefix("${").unwrap_or(whole);
    let (after, key) =
        take_till::<_, _, nom::error::Error<&str>>(|c| c == ',').parse(body).unwrap_or(("", body));
    let kind = if end == text.len() {
        TemplateErrorKind::MissingBrace
    } else if body.trim().is_empty() {
        TemplateErrorKind::Empty
    } else if !after.is_empty() || key.contains('\'') {
        TemplateErrorKind::BadDefault
    } else {
        TemplateErrorKind::Space
    };
    TemplateError { kind, range: start..end.saturating_add(1).min(text.len()) }
}

/// How many `?` and variables a segment between two stars may hold: it bounds the pieces that the search for such a
/// segment keeps; real policies hold a few.
pub const SEGMENT_WILDCARDS: usize = 32;

/// The most `?` and variables that stand between two stars.
pub fn segment_wildcards(tokens: &[Token<'_>]) -> usize {
    let inner = tokens.split(|token| *token == Token::Star).skip(1);
    let count = |segment: &[Token<'_>]| {
        segment.iter().filter(|token| matches!(token, Token::Question | Token::Variable(_))).count()
    };
    // What stands after the last star is looked for at the end only.
    let stars = tokens.iter().filter(|token| **token == Token::Star).count();
    inner.take(stars.saturating_sub(1)).map(count).max().unwrap_or(0)
}

/// Whether a text could hold more than [`SEGMENT_WILDCARDS`] between two stars, judged by its `?` and `$` alone; if not,
/// it need not be cut to be counted.
pub fn may_be_slow(text: &str) -> bool {
    text.bytes().filter(|byte| matches!(byte, b'?' | b'$')).nth(SEGMENT_WILDCARDS).is_some()
}

/// Whether a text holds a `${` at all, under any version.
pub fn mentions_variable(text: &str) -> bool {
    // PERF: most texts hold no dollar, which is found sooner than a needle of two bytes is prepared.
    memchr::memchr(b'$', text.as_bytes()).is_some() && text.contains("${")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Syntax = Syntax { wildcards: true, variables: true };

    fn variable(key: &'static str, default: Option<&'static str>) -> Token<'static> {
        Token::Variable(Variable { key, default })
    }

    #[test]
    fn variables_defaults_and_specials() {
        assert_eq!(tokenize("${a:b}", ALL).unwrap(), [variable("a:b", None)]);
        assert_eq!(tokenize("${a:b, 'x}y*'}", ALL).unwrap(), [variable("a:b", Some("x}y*"))]);
        assert_eq!(tokenize("${a:b, ''}", ALL).unwrap(), [variable("a:b", Some(""))]);
        assert_eq!(
            tokenize("${*}${?}${$}", ALL).unwrap(),
            [Token::Special("*"), Token::Special("?"), Token::Special("$")]
        );
        assert_eq!(tokenize("a$b$", ALL).unwrap().len(), 4);
        // A variable ends at the first brace; its name is then one that no key has.
        assert_eq!(tokenize("${a${b}}", ALL).unwrap(), [variable("a${b", None), Token::Literal("}")]);
        assert_eq!(
            tokenize("${aws:PrincipalTag/a/b:c}", ALL).unwrap(),
            [variable("aws:PrincipalTag/a/b:c", None)]
        );
    }

    #[test]
    fn old_versions_keep_the_text() {
        let old = Syntax { wildcards: true, variables: false };
        assert_eq!(tokenize("${*}", old).unwrap(), [Token::Literal("${"), Token::Star, Token::Literal("}")]);
        let plain = Syntax { wildcards: false, variables: false };
        assert_eq!(tokenize("${x}*", plain).unwrap(), [Token::Literal("${x}*")]);
    }

    #[test]
    fn wildcards_between_stars_are_counted() {
        for (text, count) in [("???", 0), ("*??", 0), ("??*", 0), ("*??*", 2), ("*?*${a}?b?*", 3), ("**", 0)]
        {
            assert_eq!(segment_wildcards(&tokenize(text, ALL).unwrap()), count, "{text}");
        }
    }

    #[test]
    fn a_text_may_be_slow_by_its_question_marks_and_dollars() {
        let most = "?$".repeat(SEGMENT_WILDCARDS / 2);
        assert!(!may_be_slow(&"a*".repeat(SEGMENT_WILDCARDS)));
        assert!(!may_be_slow(&format!("{most}{}", "a".repeat(SEGMENT_WILDCARDS))));
        assert!(may_be_slow(&format!("{most}?")));
        assert!(may_be_slow(&format!("a{most}b$c")));
    }

    #[test]
    fn a_variable_begins_with_a_dollar_and_a_brace() {
        for (text, expected) in
            [("", false), ("$", false), ("a$b{", false), ("{$}", false), ("a${", true), ("$${}", true)]
        {
            assert_eq!(mentions_variable(text), expected, "{text}");
        }
    }

    #[test]
    fn malformed_variables_say_what_is_wrong_and_where() {
        for (text, kind, range) in [
            ("ab${x", TemplateErrorKind::MissingBrace, 2..5),
            ("${}", TemplateErrorKind::Empty, 0..3),
            ("${ }", TemplateErrorKind::Empty, 0..4),
            ("${a b}", TemplateErrorKind::Space, 0..6),
            ("${a,'x'}", TemplateErrorKind::BadDefault, 0..8),
            ("${a, x}", TemplateErrorKind::BadDefault, 0..7),
            ("${$, 'x'}", TemplateErrorKind::BadDefault, 0..9),
            ("${a, 'x'y'}", TemplateErrorKind::BadDefault, 0..11),
        ] {
            let error = tokenize(text, ALL).unwrap_err();
            assert_eq!((error.kind, error.range), (kind, range), "{text}");
        }
    }
}
