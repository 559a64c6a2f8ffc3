//! Templates read the slow way: what a text is cut into, or that it is malformed.

use verdikt::text::template::{Syntax, Token};

/// The text that a token was cut from.
pub fn written(token: &Token<'_>) -> String {
    match token {
        Token::Literal(text) => (*text).to_owned(),
        Token::Special(text) => format!("${{{text}}}"),
        Token::Star => "*".to_owned(),
        Token::Question => "?".to_owned(),
        Token::Variable(variable) => match variable.default {
            Some(default) => format!("${{{}, '{default}'}}", variable.key),
            None => format!("${{{}}}", variable.key),
        },
    }
}

/// The lengths of the pieces that are no plain text, with their offsets; `None` if a variable is malformed.
pub fn marks(text: &str, syntax: Syntax) -> Option<Vec<(usize, usize)>> {
    let mut marks = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let len = if syntax.variables && text[at..].starts_with("${") {
            variable(&text[at..])?
        } else if syntax.wildcards && matches!(c, '*' | '?') {
            1
        } else {
            at += c.len_utf8();
            continue;
        };
        marks.push((at, len));
        at += len;
    }
    Some(marks)
}

/// The length of the variable at the head of a text: `${*}`, `${?}`, `${$}`, `${name}` or `${name, 'default'}`. A name
/// holds no white space, no quote, no comma and no brace; a default holds no quote.
fn variable(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("${")?;
    let name_len = inside.find(['}', ','])?;
    let (name, rest) = inside.split_at(name_len);
    if name.is_empty() || name.contains(char::is_whitespace) || name.contains('\'') {
        return None;
    }
    if rest.starts_with('}') {
        return Some(2 + name_len + 1);
    }
    let default = rest.strip_prefix(", '")?;
    let default_len = default.find('\'')?;
    let end = default[default_len..].strip_prefix("'}").map(|_| default_len + 2)?;
    (!matches!(name, "*" | "?" | "$")).then_some(2 + name_len + 3 + end)
}
