//! Condition operators: each reads the operands that the oracle reads, and says of each value what the oracle says.

use verdikt::operator::operand::{Operand, Value};
use verdikt::operator::table::{Family, OPERATORS, Operator};
use verdikt::operator::{arn, string};
use verdikt::text::arn_pattern::ResourceText;
use verdikt::text::pool::Pool;
use verdikt::text::truth::Truth;

use crate::dice::Dice;
use crate::matcher::Values;
use crate::oracle;
use crate::vocabulary::{OPERANDS, PIECES};

/// An operator, values of variables, operands and values.
pub fn run(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    let operator = &OPERATORS[dice.below(OPERATORS.len())];
    let variables = !dice.chance(6);
    let values = Values::new(&mut dice);
    let family = place(operator.family);
    for _ in 0..=dice.upto(3) {
        let operand = text(&mut dice, family);
        let value = match dice.upto(3) {
            0 => text(&mut dice, family),
            1 => changed(&operand, &mut dice),
            2 => values.substitute(&operand),
            _ => operand.clone(),
        };
        check(operator, &operand, &value, variables, &values);
    }
    true
}

/// The place of a family in the vocabulary.
pub(super) fn place(family: Family) -> usize {
    match family {
        Family::String => 0,
        Family::Null => 1,
        Family::Bool => 2,
        Family::Arn => 3,
        Family::Ip => 4,
        Family::Numeric => 5,
        Family::Date => 6,
        Family::Binary => 7,
    }
}

/// A text of a family: one that policies use, or pieces put together.
pub(super) fn text(dice: &mut Dice<'_>, family: usize) -> String {
    if dice.chance(3) { dice.pick(OPERANDS[family]).to_owned() } else { dice.words(PIECES[family], 9) }
}

/// The text with one character changed, left out or put in.
fn changed(text: &str, dice: &mut Dice<'_>) -> String {
    let at = dice.upto(text.chars().count());
    let piece = dice.pick(&["", "0", "1", "a", ".", ":", "/", " "]);
    let rest = at + usize::from(dice.flip());
    let head = text.chars().take(at).chain(piece.chars());
    head.chain(text.chars().skip(rest)).collect()
}

fn check(operator: &'static Operator, operand: &str, value: &str, variables: bool, values: &Values) {
    if is_past_attoseconds(operator, operand) || is_past_attoseconds(operator, value) {
        return;
    }
    let told = oracle::compare(operator.name, operand, value, variables, &values.context());
    let mut pool = Pool::new();
    let read = Operand::read(operator, operand, variables, &mut pool);
    let place = format!("{} {operand:?} {value:?} {values:?}", operator.name);
    assert_eq!(read.is_ok(), told.is_ok(), "{place}: {read:?}, the oracle: {told:?}");
    let (Ok(read), Ok(told)) = (read, told) else { return };
    if operator.family == Family::Null {
        return;
    }
    let truth = compare(operator, &read, value, &pool, values);
    let same = match truth {
        Truth::True => told == oracle::Truth::True,
        Truth::False => told == oracle::Truth::False,
        Truth::Indeterminate(_) => told == oracle::Truth::Indeterminate,
    };
    assert!(same, "{place}: {truth:?}, the oracle: {told:?}");
}

fn compare(operator: &Operator, operand: &Operand, value: &str, pool: &Pool, values: &Values) -> Truth {
    match (operator.family, operand.text(), operand.arn()) {
        (Family::String, Some(text), _) => {
            string::compare(operator.comparison, pool, text, value, values).into()
        }
        (Family::Arn, _, Some(pattern)) => {
            arn::compare(pool, pattern, &ResourceText::new(value), values).into()
        }
        (family, ..) => match Value::read(family, value) {
            Some(value) => operand.compare(operator.comparison, &value, pool, values),
            None => Truth::Indeterminate(verdikt::text::truth::Reason::UnreadableValue),
        },
    }
}

/// A date that the engine refuses as a limit of its own: finer than an attosecond, or farther than 38 digits of seconds.
fn is_past_attoseconds(operator: &Operator, text: &str) -> bool {
    let is_long = |digits: &str, most| {
        digits.trim_start_matches('-').bytes().take_while(u8::is_ascii_digit).count() > most
    };
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    operator.family == Family::Date && (is_long(text, 38) || is_long(fraction, 18))
}
