//! Every input up to a small bound, against the oracle: patterns, templates, ARNs field by field, networks.
//!
//! What is small is walked whole, so that no corner depends on luck: the alphabets hold every character that the language
//! gives a meaning, and one of more than a byte.

mod arns;
mod networks;
mod patterns;
mod templates;

use serde_json::{Map, json};
use verdikt::text::pool::{Resolved, Variables};

use crate::oracle::context::Context;

/// What the one variable `${v}` holds in the request.
#[derive(Clone, Copy, Debug)]
enum Held {
    Nothing,
    One(&'static str),
    Many(&'static str),
}

const HELD: [Held; 7] = [
    Held::Nothing,
    Held::One(""),
    Held::One("a"),
    Held::One("*"),
    Held::One("é:"),
    Held::One("${v}"),
    Held::Many("a"),
];

impl Variables for Held {
    fn resolve(&self, _hash: u64, name: &str) -> Resolved<'_> {
        match self {
            Self::One(text) if name == "v" => Resolved::Text(text),
            Self::Many(_) if name == "v" => Resolved::Multivalued,
            _ => Resolved::Absent,
        }
    }
}

impl Held {
    /// The oracle's context.
    fn context(self) -> Context {
        let mut context = Map::new();
        match self {
            Self::Nothing => {}
            Self::One(text) => drop(context.insert("v".to_owned(), json!(text))),
            Self::Many(text) => drop(context.insert("v".to_owned(), json!([text]))),
        }
        Context::read(&context).unwrap()
    }
}

/// Every text of at most so many pieces, the shortest first.
fn all(pieces: &[&str], most: usize) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut start = 0;
    for _ in 0..most {
        let end = found.len();
        for at in start..end {
            for piece in pieces {
                found.push(format!("{}{piece}", found[at]));
            }
        }
        start = end;
    }
    found
}

/// Every choice of one entry a list.
fn product(lists: &[&[&str]]) -> Vec<Vec<String>> {
    let start = vec![Vec::new()];
    lists.iter().fold(start, |rows, list| {
        let with = |row: &Vec<String>, entry: &&str| [row.clone(), vec![(*entry).to_owned()]].concat();
        rows.iter().flat_map(|row| list.iter().map(|entry| with(row, entry)).collect::<Vec<_>>()).collect()
    })
}

#[test]
fn the_lists_are_whole() {
    assert_eq!(all(&["a", "b"], 2), ["", "a", "b", "aa", "ab", "ba", "bb"]);
    assert_eq!(all(&["a", "*", "?"], 5).len(), 1 + 3 + 9 + 27 + 81 + 243);
    assert_eq!(product(&[&["a", "b"], &["c"], &["d", "e"]]).len(), 4);
}
