//! JSON written in one of its many spellings: white space, escapes, and now and then a fault.

use std::fmt::Write;

use serde_json::Value;

use crate::dice::Dice;

const SPACES: [&str; 8] = ["", "", "", " ", "\n", "\t", "\r\n", "  "];

/// What stands where JSON has no place for it.
const FAULTS: [&str; 10] =
    [",", "\u{c}", "\u{feff}", "NaN", "]", "\"\\ud800\"", "01", "\"\\x\"", "\u{0}", "'a'"];

/// Writes a value; the text reads back as the value.
pub fn write(value: &Value, dice: &mut Dice<'_>) -> String {
    let mut out = String::new();
    Writer { dice, faulty: false }.value(value, &mut out);
    out
}

/// Writes a value in a text that may hold a fault: a word that has no place there, a key that stands twice, an end that
/// comes early.
pub fn write_badly(value: &Value, dice: &mut Dice<'_>) -> String {
    let mut out = String::new();
    Writer { dice, faulty: true }.value(value, &mut out);
    if dice.chance(16) {
        let end = out.floor_char_boundary(dice.upto(out.len()));
        out.truncate(end);
    }
    out
}

/// Any JSON of small parts, some of it deep.
pub fn any_value(dice: &mut Dice<'_>, depth: usize) -> Value {
    const TEXTS: [&str; 10] = ["", "a", "b", "é", "😀", "\n", "\"", "\\", "${k}", "\u{7f}\u{0}"];
    const NUMBERS: [&str; 8] = ["0", "-0", "1", "1.50", "1e5", "-1E-2", "9007199254740993", "0.1e+400"];
    match dice.upto(9) {
        0 => Value::Null,
        1 => dice.flip().into(),
        2 | 3 => serde_json::from_str(dice.pick(&NUMBERS)).expect("a number"),
        4 | 5 => dice.words(&TEXTS, 12).into(),
        6 if depth > 0 => {
            (0..dice.upto(20)).map(|_| (dice.words(&TEXTS, 2), any_value(dice, depth - 1))).collect()
        }
        7 if depth > 0 => (0..dice.upto(4)).map(|_| any_value(dice, depth - 1)).collect(),
        8 if depth > 0 => (0..dice.upto(110)).fold(Value::Null, |inner, _| Value::Array(vec![inner])),
        _ => dice.pick(&TEXTS).into(),
    }
}

struct Writer<'d, 'a> {
    dice: &'d mut Dice<'a>,
    faulty: bool,
}

impl Writer<'_, '_> {
    fn space(&mut self, out: &mut String) {
        out.push_str(self.dice.pick(&SPACES));
        if self.faulty && self.dice.chance(64) {
            out.push_str(self.dice.pick(&FAULTS));
        }
    }

    fn value(&mut self, value: &Value, out: &mut String) {
        self.space(out);
        match value {
            Value::String(text) => self.string(text, out),
            Value::Array(items) => self.list(items, ['[', ']'], out, Self::value),
            Value::Object(members) => {
                let members: Vec<_> = members.iter().collect();
                self.list(&members, ['{', '}'], out, Self::member);
            }
            plain => drop(write!(out, "{plain}")),
        }
        self.space(out);
    }

    fn member(&mut self, (key, value): &(&String, &Value), out: &mut String) {
        self.space(out);
        self.string(key, out);
        self.space(out);
        out.push(':');
        self.value(value, out);
    }

    fn list<T>(
        &mut self,
        items: &[T],
        [open, close]: [char; 2],
        out: &mut String,
        write: fn(&mut Self, &T, &mut String),
    ) {
        out.push(open);
        self.space(out);
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            write(self, item, out);
            if self.faulty && self.dice.chance(32) {
                out.push(',');
                write(self, item, out);
            }
        }
        out.push(close);
    }

    fn string(&mut self, text: &str, out: &mut String) {
        // Most texts are written plainly.
        let escapes = self.dice.chance(4);
        out.push('"');
        for c in text.chars() {
            match c {
                _ if escapes && self.dice.chance(3) => escape(c, out),
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                c if c < ' ' => escape(c, out),
                c => out.push(c),
            }
        }
        out.push('"');
    }
}

/// `\u` and four digits, twice for a character past the first plane.
fn escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _ = write!(out, "\\u{unit:04X}");
    }
}
