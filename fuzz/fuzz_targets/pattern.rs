//! Patterns, case folding and ARN patterns against a table over characters into which the values of variables are
//! spliced. Several templates share one pool.

#![no_main]

use libfuzzer_sys::fuzz_target;
use verdikt::text::arn_pattern::{FieldTokens, ResourceText};
use verdikt::text::pool::Pool;
use verdikt::text::template::{Syntax, Token, tokenize};
use verdikt::text::truth::{Reason, Truth};
use verdikt_fuzz::matcher::{self, Input, Piece, Values};

fuzz_target!(|input: Input| {
    let syntax = Syntax { wildcards: true, variables: true };
    let texts: Vec<String> = input.templates.iter().map(|(_, template)| matcher::written(template)).collect();
    let tokens: Vec<Vec<Token<'_>>> =
        texts.iter().map(|text| tokenize(text, syntax).expect("well-formed")).collect();
    let mut pool = Pool::new();
    let patterns: Vec<_> = tokens.iter().map(|tokens| pool.pattern(tokens)).collect();
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
        let folds = plain.is_some_and(|plain| matcher::fold(&plain) == matcher::fold(text));
        assert_eq!(pool.equals_folded(pattern, text, values), folds, "equals_folded");
    }
    for ((is_arn, template), tokens) in input.templates.iter().zip(&tokens) {
        if *is_arn {
            arn(template, tokens, &input.values, &input.text);
        }
    }
});

fn arn(template: &[Piece], tokens: &[Token<'_>], values: &Values, text: &str) {
    let fields = matcher::fields(template);
    let special = |piece: &Piece| matches!(piece, Piece::Variable(..) | Piece::Special(_));
    let accepted = fields.iter().take(3).all(|field| !field.iter().any(special));
    let split = FieldTokens::split(tokens);
    assert_eq!(split.check_resource(true).is_ok(), accepted, "check_resource");
    assert_eq!(split.check_resource(false).is_ok(), accepted && fields.len() == 6, "check_resource");
    assert_eq!(split.check_six().is_ok(), fields.len() == 6, "check_six");
    let mut pool = Pool::new();
    let asked = ResourceText::new(text);
    let expected = matcher::resource(template, text, |pieces| matcher::spliced(pieces, values));
    if fields.len() == 6 {
        let pattern = pool.arn_pattern(tokens);
        assert_eq!(pool.matches_arn(&pattern, &asked, values), expected == Truth::True, "matches_arn");
    }
    if !accepted {
        return;
    }
    let pattern = pool.resource_pattern(tokens);
    assert_eq!(pool.matches_resource(&pattern, &asked, values), expected, "matches_resource");
    let unresolved = matcher::has_unresolved(template, values);
    assert_eq!(pool.arn_has_unresolved(pattern, values), unresolved, "arn_has_unresolved");
    let exclusion = if unresolved {
        match matcher::resource(template, text, |pieces| Some(matcher::open(pieces))) {
            Truth::False => Truth::False,
            Truth::True | Truth::Indeterminate(_) => Truth::Indeterminate(Reason::UnresolvedExclusion),
        }
    } else {
        expected
    };
    assert_eq!(pool.matches_exclusion(&pattern, &asked, values), exclusion, "matches_exclusion");
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
