//! Patterns against whole texts.

use verdikt::text::pool::Pool;
use verdikt::text::template::{Syntax, tokenize};

use super::{HELD, Held, all};
use crate::oracle::context::Context;
use crate::oracle::{glob, template};

/// The engine's answers and the oracle's, for every text.
fn compare(pattern: &str, texts: &[String], held: Held, context: &Context, variables: bool) -> usize {
    let tokens = tokenize(pattern, Syntax { wildcards: true, variables }).ok();
    let pieces = template::parse(pattern, variables).ok();
    assert_eq!(tokens.is_some(), pieces.is_some(), "`{pattern}` is read by one of the two");
    let (Some(tokens), Some(pieces)) = (tokens, pieces) else { return 0 };
    let mut pool = Pool::new();
    let compiled = pool.pattern(&tokens);
    let resolved = template::resolve(&pieces, context);
    let open = template::open(&pieces);
    let mut matched = 0;
    for text in texts {
        let expected = resolved.as_ref().is_some_and(|tokens| glob::matches(tokens, text));
        assert_eq!(pool.matches(compiled, text, &held), expected, "`{pattern}` on `{text}`, {held:?}");
        let could = glob::matches(&open, text);
        // Where every variable has a value, what could match is not asked.
        if resolved.is_none() {
            assert_eq!(pool.could_match(compiled, text, &held), could, "`{pattern}` could be `{text}`");
        }
        matched += usize::from(expected);
    }
    matched
}

fn compare_all(patterns: &[String], texts: &[String], variables: bool) {
    let context = Held::Nothing.context();
    let matched: usize =
        patterns.iter().map(|pattern| compare(pattern, texts, Held::Nothing, &context, variables)).sum();
    assert!(matched > texts.len(), "{matched} matches");
}

#[test]
fn stars_and_question_marks() {
    compare_all(&all(&["a", "b", "*", "?"], 5), &all(&["a", "b"], 6), true);
    compare_all(&all(&["a", "é", "*", "?"], 4), &all(&["a", "é", "\n"], 5), true);
}

#[test]
fn every_character_with_a_meaning_on_both_sides() {
    let pieces = ["a", "é", "*", "?", "$", "{", "}", ":"];
    compare_all(&all(&pieces, 3), &all(&pieces, 3), true);
    compare_all(&all(&pieces, 3), &all(&pieces, 2), false);
}

#[test]
fn variables_beside_wildcards() {
    let texts = all(&["a", "*", "é", ":"], 4);
    for held in HELD {
        let context = held.context();
        for pattern in all(&["a", "*", "?", "${v}", "${v, 'é:'}", "${*}"], 3) {
            compare(&pattern, &texts, held, &context, true);
        }
    }
}
