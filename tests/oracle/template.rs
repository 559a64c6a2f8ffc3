//! Texts with policy variables: `${key}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`.

use super::context::Context;
use super::glob::Token;

/// One piece of a template.
#[derive(Debug, Clone)]
pub enum Piece {
    /// A character of the text, or a wildcard that is live where wildcards are.
    Text(Token),
    /// A variable: its key and its default, if one is written.
    Variable(String, Option<String>),
}

/// Reads a text. Without `variables` (the old language version) a `${` is ordinary text.
pub fn parse(text: &str, variables: bool) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if variables && let Some(inside) = rest.strip_prefix("${") {
            let (piece, after) = variable(inside)?;
            pieces.push(piece);
            rest = after;
            continue;
        }
        pieces.push(Piece::Text(match c {
            '*' => Token::Run,
            '?' => Token::One,
            other => Token::Char(other),
        }));
        rest = &rest[c.len_utf8()..];
    }
    Ok(pieces)
}

/// What follows a `${`: the piece, and the text behind its brace.
fn variable(inside: &str) -> Result<(Piece, &str), String> {
    for special in ['*', '?', '$'] {
        if let Some(after) = inside.strip_prefix(special).and_then(|rest| rest.strip_prefix('}')) {
            return Ok((Piece::Text(Token::Char(special)), after));
        }
    }
    let end = inside.find(['}', ',', '\'']).ok_or("a variable without its closing brace")?;
    let (name, rest) = inside.split_at(end);
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(format!("`{name}` is not the name of a variable"));
    }
    if let Some(after) = rest.strip_prefix('}') {
        return Ok((Piece::Variable(name.to_owned(), None), after));
    }
    let quoted = rest.strip_prefix(", '").ok_or("a default is written `, '` text `'`")?;
    let (default, rest) = quoted.split_once('\'').ok_or("a default without its closing quote")?;
    let after = rest.strip_prefix('}').ok_or("a default ends at its closing quote")?;
    if matches!(name, "*" | "?" | "$") {
        return Err("a special character takes no default".to_owned());
    }
    Ok((Piece::Variable(name.to_owned(), Some(default.to_owned())), after))
}

/// Whether the template names a variable.
pub fn has_variable(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| matches!(piece, Piece::Variable(..)))
}

/// Splits at the first five colons that the author wrote: at most six fields. A colon inside a variable or its default
/// splits nothing.
pub fn fields(pieces: &[Piece]) -> Vec<&[Piece]> {
    let colon = |piece: &Piece| matches!(piece, Piece::Text(Token::Char(':')));
    pieces.splitn(6, colon).collect()
}

/// The pattern with every variable replaced by its value, which is literal text. `None`: one of them has no value.
pub fn resolve(pieces: &[Piece], context: &Context) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(token) => tokens.push(*token),
            Piece::Variable(key, default) => {
                tokens.extend(value(context, key, default.as_deref())?.chars().map(Token::Char));
            }
        }
    }
    Some(tokens)
}

/// The value of a variable: that of a single-valued key, unless it is empty; otherwise the default. A multivalued key
/// never has one, and keeps the default out.
fn value<'a>(context: &'a Context, key: &str, default: Option<&'a str>) -> Option<&'a str> {
    use super::context::Entry;
    match context.get(key) {
        Some(Entry::Many(_)) => None,
        Some(Entry::One(text)) if !text.is_empty() => Some(text),
        Some(Entry::One(_)) | None => default,
    }
}

/// The pattern with every variable open: it may be any text, the empty one too.
pub fn open(pieces: &[Piece]) -> Vec<Token> {
    let token = |piece: &Piece| match piece {
        Piece::Text(token) => *token,
        Piece::Variable(..) => Token::Run,
    };
    pieces.iter().map(token).collect()
}

/// The tokens as plain text: `*` and `?` stand for themselves.
pub fn plain(tokens: &[Token]) -> String {
    let character = |token: &Token| match token {
        Token::Char(c) => *c,
        Token::One => '?',
        Token::Run => '*',
    };
    tokens.iter().map(character).collect()
}
