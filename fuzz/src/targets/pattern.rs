//! Patterns and case folding against a table over characters into which the values of variables are spliced. Several
//! templates share one pool.

use verdikt::text::fold::{eq_folded, fold_text, folded_hash, starts_with_folded};
use verdikt::text::pool::Pool;
use verdikt::text::template::{Syntax, tokenize};

use crate::dice::Dice;
use crate::matcher::{self, Input, Piece, Values};

/// Up to three templates, values of their variables, a text.
pub fn run(data: &[u8]) -> bool {
    let input = Input::new(&mut Dice::new(data));
    let texts: Vec<String> = input.templates.iter().map(|(_, template)| matcher::written(template)).collect();
    let syntax = Syntax { wildcards: true, variables: true };
    let mut pool = Pool::new();
    let patterns: Vec<_> =
        texts.iter().map(|text| pool.pattern(&tokenize(text, syntax).expect("well-formed"))).collect();
    for ((_, template), pattern) in input.templates.iter().zip(patterns) {
        let (values, text) = (&input.values, input.text.as_str());
        let spliced = matcher::spliced(template, values);
        let expected = spliced.as_ref().is_some_and(|pieces| matcher::matches(pieces, text));
        assert_eq!(pool.matches(pattern, text, values), expected, "matches");
        let could = matcher::matches(&matcher::open(template), text);
        assert_eq!(pool.could_match(pattern, text, values), could, "could_match");
        assert_eq!(pool.has_unresolved(pattern, values), spliced.is_none(), "has_unresolved");
        let substituted = substituted(template, values);
        assert_eq!(pool.substituted(pattern, values), substituted, "substituted");
        let is_plain = !template.iter().any(|piece| matches!(piece, Piece::One | Piece::Run));
        let plain = substituted.filter(|_| is_plain);
        let folds = plain.as_ref().is_some_and(|plain| matcher::fold(plain) == matcher::fold(text));
        assert_eq!(pool.equals_folded(pattern, text, values), folds, "equals_folded");
        let exact = pool.exact_literal(pattern).map(|literal| pool.text(literal));
        assert!(exact.is_none_or(|exact| (exact == text) == expected), "exact_literal {exact:?}");
        check_fold(&plain.unwrap_or_default(), text);
    }
    true
}

/// The fold of two texts, character by character.
fn check_fold(a: &str, b: &str) {
    let (one, other) = (matcher::fold(a), matcher::fold(b));
    assert!(fold_text(a).chars().eq(one.iter().copied()), "fold_text {a:?}");
    assert_eq!(eq_folded(a, b), one == other, "eq_folded {a:?} {b:?}");
    assert_eq!(starts_with_folded(a, b), one.starts_with(&other), "starts_with_folded {a:?} {b:?}");
    assert!(one != other || folded_hash(a) == folded_hash(b), "folded_hash {a:?} {b:?}");
}

/// The template as text with its values spliced in; neighbouring stars of the template are one.
fn substituted(template: &[Piece], values: &Values) -> Option<String> {
    let mut template = template.to_vec();
    template.dedup_by(|a, b| *a == Piece::Run && *b == Piece::Run);
    let text = |piece: &Piece| match piece {
        Piece::One => '?',
        Piece::Run => '*',
        Piece::Char(c) | Piece::Special(c) => *c,
        Piece::Variable(..) => unreachable!("spliced"),
    };
    Some(matcher::spliced(&template, values)?.iter().map(text).collect())
}
