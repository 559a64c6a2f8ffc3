//! Expressions of DynamoDB: what is read prints as a text that reads back the same, and names the attributes that a slow
//! scan of the words finds. Statements of `PartiQL` are read without a fault, within their limits.

use std::collections::BTreeSet;

use verdikt::service::dynamodb::expression::{Condition, Leaf, Leaves, MOST_BYTES, Name, Projection, Update};
use verdikt::service::dynamodb::partiql::Statement;

/// A text, read as each of them.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    match Condition::parse(text) {
        Ok(read) => {
            reads_back(&read.to_string(), |printed| {
                assert_eq!(Condition::parse(printed).as_ref(), Ok(&read), "{text:?}")
            });
            assert_eq!(heads(&read), words(text), "{text:?}");
        }
        Err(error) => assert!(error.at <= text.len(), "{error}"),
    }
    match Update::parse(text) {
        Ok(read) => {
            reads_back(&read.to_string(), |printed| {
                assert_eq!(Update::parse(printed).as_ref(), Ok(&read), "{text:?}")
            });
            assert_eq!(heads(&read), words(text), "{text:?}");
        }
        Err(error) => assert!(error.at <= text.len(), "{error}"),
    }
    match Projection::parse(text) {
        Ok(read) => {
            reads_back(&read.to_string(), |printed| {
                assert_eq!(Projection::parse(printed).as_ref(), Ok(&read), "{text:?}")
            });
            assert_eq!(heads(&read), words(text), "{text:?}");
        }
        Err(error) => assert!(error.at <= text.len(), "{error}"),
    }
    match Statement::parse(text) {
        // A mark inside quotes is no parameter.
        Ok((read, parameters)) => {
            assert!(parameters <= text.matches('?').count(), "{text:?}");
            printed_alike(text, &read, parameters);
        }
        Err(error) => assert!(error.at <= text.len(), "{error}"),
    }
    true
}

/// A statement prints as one that reads back the same. What is printed may be longer and deeper than what is read.
fn printed_alike(text: &str, read: &Statement<'_>, parameters: usize) {
    let printed = read.to_string();
    match Statement::parse(&printed) {
        Ok(again) => assert_eq!((&again.0, again.1), (read, parameters), "{text:?}"),
        Err(error) => {
            let opens =
                text.matches(['(', '[', '{', '<']).count() + text.to_ascii_uppercase().matches("NOT").count();
            assert!(printed.len() > 8192 || opens > 12, "{text:?} prints as {printed:?}: {error}");
        }
    }
}

/// What is printed has more spaces, and may be longer than what is read.
fn reads_back(printed: &str, check: impl Fn(&str)) {
    if printed.len() <= MOST_BYTES {
        check(printed);
    }
}

fn heads<'a>(expression: &impl Leaves<'a>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    expression.leaves(&mut |leaf| {
        if let Leaf::Path(path) = leaf {
            found.insert(match path.head {
                Name::Plain(text) | Name::Placeholder(text) => text,
            });
        }
    });
    found
}

/// The words of a text that begin a path: not after a dot, no keyword, no value, no function, no index.
fn words(text: &str) -> BTreeSet<&str> {
    const KEYWORDS: [&str; 9] = ["AND", "OR", "NOT", "IN", "BETWEEN", "SET", "REMOVE", "ADD", "DELETE"];
    // A mark begins a word, also one that touches the word before: `DELETE tags:gone`.
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_mark = |c: char| c == '#' || c == ':';
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let mark = rest.len() - rest.trim_start_matches(is_mark).len();
        let length = rest[mark..].find(|c| !is_part(c)).map_or(rest.len(), |end| mark + end);
        if length == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let word = &rest[..length];
        let before = text[..at].trim_end();
        let is_call = rest[length..].trim_start().starts_with('(');
        let is_keyword = KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word));
        let is_other = word.starts_with([':', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        // What begins with a number sign is never called.
        if !before.ends_with('.') && !is_keyword && !is_other && !is_call {
            found.insert(word);
        }
        at += length;
    }
    found
}
