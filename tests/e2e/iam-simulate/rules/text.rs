//! Characters, names, versions: what holds of every text of a case.

use serde_json::{Map, Value, json};

use super::Rule;
use crate::clause::{Asked, documents, statements};
use crate::oracle::template::{self, Piece};
use crate::oracle::values::fold;

pub const OLD_VERSION: Rule = Rule {
    name: "variables in a document without the version of 2012",
    peer: "Replaces them under every version.",
    law: "They are ordinary text under `2008-10-17`, which a document without a version has.",
    source: "IAM User Guide, \"IAM JSON policy elements: Version\"",
    documented: true,
    rewrite: |case| {
        documents(case, |_, document| {
            if document["Version"] != "2012-10-17" && document.to_string().contains("${") {
                document["Version"] = json!("2012-10-17");
                if let Some(statement) = document.get_mut("Statement") {
                    texts(statement, &|text| text.replace("${", "${$}{"));
                }
            }
        });
    },
};

pub const LINE_ENDS: Rule = Rule {
    name: "line ends in a text",
    peer: "No wildcard matches one.",
    law: "A wildcard matches any character.",
    source: "IAM User Guide, \"IAM JSON policy elements: Resource\"",
    documented: true,
    rewrite: |case| texts(case, &|text| text.replace(['\n', '\r', '\u{2028}', '\u{2029}'], "\u{1}")),
};

pub const CHARACTERS: Rule = Rule {
    name: "characters beyond the sixteen bits of JavaScript",
    peer: "Takes each for two.",
    law: "`?` is one character.",
    source: "IAM User Guide, \"IAM JSON policy elements: Condition operators\"",
    documented: false,
    rewrite: |case| {
        texts(case, &|text| text.chars().map(|c| if c > '\u{ffff}' { '\u{2}' } else { c }).collect());
    },
};

pub const KEY_NAMES: Rule = Rule {
    name: "letters beyond ASCII in the name of a key",
    peer: "Lower-cases names by the rules of Unicode, which may lengthen them.",
    law: "AWS names no fold; names are folded as `StringEqualsIgnoreCase` folds texts.",
    source: "IAM User Guide, \"IAM JSON policy elements: Condition\"",
    documented: false,
    rewrite: |case| {
        let odd = std::cell::Cell::new(false);
        names(&mut case.clone(), &|name| {
            odd.set(odd.get() || !name.is_ascii());
            name.to_owned()
        });
        if odd.get() {
            names(case, &plain_name);
        }
    },
};

pub const NUMBERS: Rule = Rule {
    name: "numbers without quotes",
    peer: "Reads them as JavaScript does, which forgets how they are written.",
    law: "A number stands for the text that spells it.",
    source: "IAM User Guide, \"Supported data types\"",
    documented: false,
    rewrite: spell_numbers,
};

fn spell_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => *value = json!(number.to_string()),
        Value::Array(items) => items.iter_mut().for_each(spell_numbers),
        Value::Object(members) => members.values_mut().for_each(spell_numbers),
        _ => {}
    }
}

/// A name of ASCII letters, the same for the names that fold alike.
fn plain_name(name: &str) -> String {
    let folded = fold(name);
    if folded.is_ascii() {
        return folded;
    }
    folded.escape_unicode().filter(char::is_ascii_alphanumeric).collect()
}

pub const EMPTY_LISTS: Rule = Rule {
    name: "an empty list in the context",
    peer: "The key is there, without a value.",
    law: "A key without values is absent.",
    source: "IAM User Guide, \"Single-valued vs. multivalued context keys\"",
    documented: false,
    rewrite: |case| {
        if let Some(context) = case["request"].get_mut("context").and_then(Value::as_object_mut) {
            context.retain(|_, value| *value != json!([]));
        }
    },
};

pub const DEFAULTS: Rule = Rule {
    name: "defaults of variables",
    peer: "Takes an empty default for none, ends a variable at a brace within its default, and uses the default of a \
           multivalued key.",
    law: "A written default is used as it stands where the key has no value; a multivalued key has none and keeps it out.",
    source: "IAM User Guide, \"IAM policy elements: Variables and tags\"",
    documented: false,
    rewrite: |case| {
        let Some(asked) = Asked::of(case) else { return };
        statements(case, |place, statement| {
            let change = |text: &str| without_defaults(text, &asked);
            for name in ["Resource", "NotResource"] {
                if let Some(element) = statement.get_mut(name).filter(|_| place.variables) {
                    texts(element, &change);
                }
            }
            let conditions = statement.get_mut("Condition").and_then(Value::as_object_mut);
            for (operator, keys) in conditions.filter(|_| place.variables).into_iter().flatten() {
                // What comes to no truth value is no operand of `Bool`.
                if !operator.contains("Bool") {
                    texts(keys, &change);
                }
            }
        });
    },
};

/// The text with the variables that have a default replaced: by their value, whose wildcards are escaped, or by a
/// variable that has none.
fn without_defaults(text: &str, asked: &Asked) -> String {
    let Ok(pieces) = template::parse(text, true) else { return text.to_owned() };
    if !pieces.iter().any(|piece| matches!(piece, Piece::Variable(_, Some(_)))) {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        out += &rest[..start];
        let length = (start + 3..=rest.len())
            .filter(|end| rest.is_char_boundary(*end))
            .find(|end| template::parse(&rest[start..*end], true).is_ok())
            .unwrap_or(rest.len());
        let written = &rest[start..length];
        out += &match template::parse(written, true).as_deref() {
            Ok([piece @ Piece::Variable(_, Some(_))]) => {
                match template::resolve(std::slice::from_ref(piece), &asked.context) {
                    Some(tokens) => escaped(&template::plain(&tokens)),
                    None => "${verdikt:NoRequestHasThis}".to_owned(),
                }
            }
            _ => written.to_owned(),
        };
        rest = &rest[length..];
    }
    out + rest
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, '*' | '?' | '$') { format!("${{{c}}}") } else { c.to_string() })
        .collect()
}

/// Changes every text of a value; names stay.
fn texts(value: &mut Value, change: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, change)),
        Value::Object(members) => members.values_mut().for_each(|member| texts(member, change)),
        _ => {}
    }
}

/// Changes the names of context keys: in the context, in conditions and in variables.
fn names(case: &mut Value, change: &dyn Fn(&str) -> String) {
    let rename =
        |map: &Map<String, Value>| map.iter().map(|(name, value)| (change(name), value.clone())).collect();
    if let Some(context) = case["request"].get_mut("context").and_then(Value::as_object_mut) {
        *context = rename(context);
    }
    statements(case, |_, statement| {
        if let Some(condition) = statement.get_mut("Condition").and_then(Value::as_object_mut) {
            for keys in condition.values_mut().filter_map(Value::as_object_mut) {
                *keys = rename(keys);
            }
        }
        texts(statement, &|text| in_variables(text, change));
    });
}

fn in_variables(text: &str, change: &dyn Fn(&str) -> String) -> String {
    let mut parts = text.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(['}', ',']).unwrap_or_default();
        out += &format!("${{{}{}", change(&part[..end]), &part[end..]);
    }
    out
}
