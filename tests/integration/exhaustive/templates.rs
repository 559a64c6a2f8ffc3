//! Templates: which texts are accepted, and what they stand for.

use verdikt::text::template::{Syntax, Token, tokenize};

use super::all;
use crate::oracle::glob;
use crate::oracle::template::{self, Piece};

/// The engine's tokens as the oracle's pieces.
fn pieces(tokens: &[Token<'_>]) -> Vec<(String, Option<String>)> {
    let mut out = Vec::new();
    for token in tokens {
        match token {
            Token::Literal(text) | Token::Special(text) => {
                out.extend(text.chars().map(|c| (format!("char {c}"), None)));
            }
            Token::Star => out.push(("star".to_owned(), None)),
            Token::Question => out.push(("question".to_owned(), None)),
            Token::Variable(variable) => {
                out.push((format!("key {}", variable.key), variable.default.map(str::to_owned)));
            }
        }
    }
    out
}

fn oracle_pieces(pieces: &[Piece]) -> Vec<(String, Option<String>)> {
    let named = |piece: &Piece| match piece {
        Piece::Text(glob::Token::Char(c)) => (format!("char {c}"), None),
        Piece::Text(glob::Token::Run) => ("star".to_owned(), None),
        Piece::Text(glob::Token::One) => ("question".to_owned(), None),
        Piece::Variable(key, default) => (format!("key {key}"), default.clone()),
    };
    pieces.iter().map(named).collect()
}

/// Reads a text both ways; whether it is accepted.
fn compare(text: &str, variables: bool) -> bool {
    let engine = tokenize(text, Syntax { wildcards: true, variables });
    let oracle = template::parse(text, variables);
    match (&engine, &oracle) {
        (Ok(tokens), Ok(expected)) => assert_eq!(pieces(tokens), oracle_pieces(expected), "`{text}`"),
        (Err(_), Err(_)) => {}
        _ => panic!("`{text}`: the engine {engine:?}, the oracle {oracle:?}"),
    }
    engine.is_ok()
}

/// How many of the texts are accepted, of how many.
fn accepted(texts: &[String]) -> (usize, usize) {
    (texts.iter().filter(|text| compare(text, true)).count(), texts.len())
}

#[test]
fn every_short_text() {
    let texts = all(&["a", "é", "*", "?", "$", "{", "}", ":"], 5);
    let (accepted, asked) = accepted(&texts);
    assert!(accepted * 2 > asked && accepted < asked, "{accepted} of {asked}");
    assert!(texts.iter().all(|text| compare(text, false)), "without variables every text is accepted");
}

/// What stands between the braces, and what after a name.
#[test]
fn every_short_variable() {
    let inside = all(&["a", ":", "*", "$", "{", "}", ",", " ", "'"], 4);
    for (before, after) in
        [("${", "}"), ("${a", "}"), ("${a, '", "'}"), ("${a, ", "}"), ("${*", "}"), ("a${", "")]
    {
        let texts: Vec<String> = inside.iter().map(|text| format!("{before}{text}{after}")).collect();
        let (accepted, asked) = accepted(&texts);
        assert!(accepted > 0 && accepted < asked, "{before}…{after}: {accepted} of {asked}");
    }
}
