//! Cutting templates: the tokens put together again are the text; the pieces stand where a slow reading finds them;
//! the old language version has no variables.

use verdikt::text::template::{Syntax, Token, tokenize};

use crate::template::{marks, written};

/// A text under every syntax.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    for wildcards in [false, true] {
        for variables in [false, true] {
            check(text, Syntax { wildcards, variables });
        }
    }
    true
}

fn check(text: &str, syntax: Syntax) {
    let tokens = match tokenize(text, syntax) {
        Ok(tokens) => tokens,
        Err(error) => {
            assert!(syntax.variables, "without variables every text is well-formed");
            let part = text.get(error.range.clone()).expect("the place lies in the text");
            assert!(part.starts_with("${"), "{:?} is no variable", error.range);
            assert_eq!(marks(text, syntax), None, "refused: {error} at {:?}", error.range);
            return;
        }
    };
    let mut at = 0;
    let mut found = Vec::new();
    for token in &tokens {
        let part = written(token);
        assert!(!part.is_empty() && text[at..].starts_with(&part), "{token:?} does not stand at {at}");
        match token {
            Token::Literal(_) => {}
            Token::Star | Token::Question => assert!(syntax.wildcards),
            Token::Variable(_) | Token::Special(_) => assert!(syntax.variables),
        }
        if !matches!(token, Token::Literal(_)) {
            found.push((at, part.len()));
        }
        at += part.len();
    }
    assert_eq!(at, text.len());
    assert_eq!(marks(text, syntax), Some(found), "{text:?}");
}
