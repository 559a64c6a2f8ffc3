//! ARNs and ARN patterns: the fields of a text are those of a slow splitting, and patterns and exclusions match as a
//! table over characters says, field by field.

use verdikt::text::arn::{Arn, is_account_id, split};
use verdikt::text::arn_pattern::{FieldTokens, ResourceText};
use verdikt::text::pool::Pool;
use verdikt::text::template::{Syntax, Token, tokenize};
use verdikt::text::truth::{Reason, Truth};

use crate::dice::Dice;
use crate::matcher::{self, Input, Piece, Values};

/// Up to three templates, values of their variables, a text.
pub fn run(data: &[u8]) -> bool {
    let input = Input::new(&mut Dice::new(data));
    check_text(&input.text);
    let syntax = Syntax { wildcards: true, variables: true };
    for (_, template) in &input.templates {
        let written = matcher::written(template);
        check_text(&written);
        let tokens = tokenize(&written, syntax).expect("well-formed");
        check(template, &tokens, &input.values, &input.text);
    }
    true
}

/// A text as an ARN: six fields, the first `arn`; the last has what colons there are.
fn check_text(text: &str) {
    let whole = matcher::six_fields(text);
    assert_eq!(split(text), whole, "{text:?}");
    let arn = whole.filter(|fields| fields[0] == "arn");
    assert_eq!(Arn::parse(text).map(|arn| *arn.fields()), arn, "{text:?}");
    let resource = ResourceText::new(text);
    assert_eq!(resource.is_arn(), arn.is_some(), "{text:?}");
    if let Some(arn) = arn {
        assert!((0..6).all(|index| resource.field(index) == arn[index]), "{text:?}");
    }
    let is_account = text.chars().count() == 12 && text.chars().all(|c| c.is_ascii_digit());
    assert_eq!(is_account_id(text), is_account, "{text:?}");
}

fn check(template: &[Piece], tokens: &[Token<'_>], values: &Values, text: &str) {
    let fields = matcher::fields(template);
    let special = |piece: &Piece| matches!(piece, Piece::Variable(..) | Piece::Special(_));
    let is_arn = fields.len() > 1 && fields[0] == ['a', 'r', 'n'].map(Piece::Char);
    let accepted = is_arn && fields.iter().take(3).all(|field| !field.iter().any(special));
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
