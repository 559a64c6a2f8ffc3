//! Resources and ARN operands: field by field, short ARNs, stars that would have to cross a colon.

use verdikt::text::arn_pattern::{FieldTokens, ResourceText};
use verdikt::text::pool::Pool;
use verdikt::text::template::{Syntax, tokenize};
use verdikt::text::truth::Truth;

use super::{HELD, Held, all, product};
use crate::oracle::context::Context;
use crate::oracle::operator::{self, Family};
use crate::oracle::resource::{self, Subject};
use crate::oracle::truth::Truth as Expected;

const SYNTAX: Syntax = Syntax { wildcards: true, variables: true };

fn as_expected(truth: Truth) -> Expected {
    match truth {
        Truth::False => Expected::False,
        Truth::Indeterminate(_) => Expected::Indeterminate,
        Truth::True => Expected::True,
    }
}

/// How often each truth was met.
type Counts = [usize; 3];

/// An entry of `Resource` and of `NotResource` against every resource, in a policy that pads short ARNs or not.
fn compare(text: &str, resources: &[String], held: Held, context: &Context, pads: bool, counts: &mut Counts) {
    let tokens = tokenize(text, SYNTAX).ok();
    let accepted = tokens.as_ref().filter(|tokens| {
        matches!(tokens.as_slice(), [verdikt::text::template::Token::Star])
            || FieldTokens::split(tokens).check_resource(pads).is_ok()
    });
    let expected = resource::check(text, true, pads).is_ok();
    assert_eq!(accepted.is_some(), expected, "`{text}` is accepted by one of the two");
    let Some(tokens) = accepted else { return };
    let mut pool = Pool::new();
    let pattern = pool.resource_pattern(tokens);
    for resource in resources {
        let subject = Subject { resource, context, variables: true };
        let asked = ResourceText::new(resource);
        let included = as_expected(pool.matches_resource(&pattern, &asked, &held));
        assert_eq!(
            included,
            resource::entry(text, subject, Expected::False),
            "`{text}` on `{resource}`, {held:?}"
        );
        let excluded = as_expected(pool.matches_exclusion(&pattern, &asked, &held));
        let expected = resource::entry(text, subject, Expected::Indeterminate);
        assert_eq!(excluded, expected, "NotResource `{text}` on `{resource}`, {held:?}");
        counts[included as usize] += 1;
    }
}

fn compare_all(patterns: &[String], resources: &[String], pads: bool) -> Counts {
    let (held, mut counts) = (Held::Nothing, Counts::default());
    let context = held.context();
    for pattern in patterns {
        compare(pattern, resources, held, &context, pads, &mut counts);
    }
    counts
}

fn joined(rows: &[Vec<String>]) -> Vec<String> {
    rows.iter().map(|fields| fields.join(":")).collect()
}

/// Whole ARNs: every field empty or a letter, the last with colons of its own.
fn whole_arns() -> Vec<String> {
    let middle: &[&str] = &["", "a"];
    let sixth: &[&str] = &["", "a", "é", ":", "a:", ":a", "a:a:a", "a::a"];
    let mut arns = joined(&product(&[&["arn"], middle, middle, middle, middle, sixth]));
    arns.push("*".to_owned());
    arns
}

#[test]
fn patterns_of_six_fields() {
    let middle: &[&str] = &["", "a", "*", "?"];
    let sixth: &[&str] = &["", "a", "*", "*:a", "?", "a:*", "*a"];
    let patterns = joined(&product(&[&["arn"], middle, middle, middle, middle, sixth]));
    let counts = compare_all(&patterns, &whole_arns(), false);
    assert!(counts.iter().all(|count| *count > 1_000), "False, Indeterminate, True: {counts:?}");
}

#[test]
fn short_patterns_of_any_characters() {
    let patterns: Vec<String> =
        all(&[":", "*", "a", "?"], 5).iter().map(|text| format!("arn:{text}")).collect();
    let short = joined(&product(&[
        &["arn"],
        &["", "a"],
        &["", "a"],
        &["", "a"],
        &["a", ""],
        &["", "a", ":a", "a:a:a"],
    ]));
    let counts = compare_all(&patterns, &short, true);
    assert!(counts.iter().all(|count| *count > 100), "False, Indeterminate, True: {counts:?}");
    // Few of these have six fields.
    let [no, _, yes] = compare_all(&patterns, &short, false);
    assert!(no > 100 && yes > 0, "False and True: {no}, {yes}");
}

#[test]
fn what_begins_otherwise() {
    let patterns = all(&["arn", "*", ":", "é", "$", "{", "}"], 4);
    compare_all(&patterns, &whole_arns(), true);
    compare_all(&patterns, &whole_arns(), false);
}

#[test]
fn variables_in_fields() {
    let fields: &[&str] = &["", "a", "*", "${v}", "${v, 'a'}", "${*}"];
    let patterns =
        joined(&product(&[&["arn"], &["a", "*"], &["a"], fields, fields, &["${v}", "a", "*${v}:*", "?"]]));
    let fields: &[&str] = &["", "a", "*", "é"];
    let resources =
        joined(&product(&[&["arn"], &["a"], &["a"], fields, fields, &["", "a", "é:", "*", "b:a:c"]]));
    let mut counts = Counts::default();
    for held in HELD {
        let context = held.context();
        for pattern in &patterns {
            compare(pattern, &resources, held, &context, false, &mut counts);
        }
    }
    assert!(counts.iter().all(|count| *count > 100), "False, Indeterminate, True: {counts:?}");
}

/// Under an ARN operator no star crosses a colon, and a value that is no ARN matches nothing.
#[test]
fn operands_of_arn_operators() {
    let middle: &[&str] = &["", "a", "*", "?"];
    let patterns = joined(&product(&[
        &["arn", "*", "a"],
        &["a", "*"],
        middle,
        middle,
        &["a", "*"],
        &["", "a", "*", "*:a"],
    ]));
    let others = ["a", "*", "xarn", ""].map(|first| format!("{first}:a:a:a:a:a"));
    let values = [whole_arns(), all(&["arn", ":", "a", "*"], 3), others.to_vec()].concat();
    let (held, mut matched) = (Held::Nothing, 0);
    let context = held.context();
    for text in &patterns {
        let tokens = tokenize(text, SYNTAX).unwrap();
        FieldTokens::split(&tokens).check_six().unwrap();
        let mut pool = Pool::new();
        let pattern = pool.arn_pattern(&tokens);
        for value in &values {
            let found = pool.matches_arn(&pattern, &ResourceText::new(value), &held);
            let expected = operator::compare(Family::Arn, text, value, true, &context);
            assert_eq!(Expected::of(found), expected, "`{text}` on `{value}`");
            matched += usize::from(found);
        }
    }
    assert!(matched > 1_000, "{matched} matches");
}
