//! Patterns against a table over characters: every short pattern against every short text, and long ones that leave
//! the search place by place.

use verdikt::text::pool::{Pool, Resolved, Variables};
use verdikt::text::template::{Syntax, tokenize};

/// Every variable has this value.
struct Value(&'static str);

impl Variables for Value {
    fn resolve(&self, _hash: u64, _name: &str) -> Resolved<'_> {
        Resolved::Text(self.0)
    }
}

/// A list of pieces, each a character or a wildcard, against the whole text; `*` and `?` stand in no text here.
fn by_table(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for piece in pattern.chars() {
        if piece == '*' {
            let first = reached.iter().position(|reach| *reach).unwrap_or(reached.len());
            reached[first..].fill(true);
            continue;
        }
        for i in (1..reached.len()).rev() {
            reached[i] = reached[i - 1] && (piece == '?' || piece == text[i - 1]);
        }
        reached[0] = false;
    }
    reached[text.len()]
}

fn check(pattern: &str, texts: &[String], value: &Value) {
    let mut pool = Pool::new();
    let compiled = pool.pattern(&tokenize(pattern, Syntax { wildcards: true, variables: true }).unwrap());
    let (spliced, open) = (pattern.replace("${v}", value.0), pattern.replace("${v}", "*"));
    for text in texts {
        assert_eq!(pool.matches(compiled, text, value), by_table(&spliced, text), "{pattern} {text}");
        assert_eq!(pool.could_match(compiled, text, value), by_table(&open, text), "{pattern} {text}");
    }
}

/// Every text of at most so many pieces.
fn all(pieces: &[&str], count: u32) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut last = found.clone();
    for _ in 0..count {
        last =
            last.iter().flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}"))).collect();
        found.extend_from_slice(&last);
    }
    found
}

#[test]
fn short_patterns_match_what_a_table_matches() {
    let texts = all(&["a", "b", "é"], 4);
    for pattern in all(&["a", "b", "é", "?", "*", "${v}"], 4) {
        check(&pattern, &texts, &Value("aé"));
    }
}

/// Three segments, so that what follows the long search is searched too.
#[test]
fn patterns_with_many_near_misses_match_what_a_table_matches() {
    let near = ["a".repeat(100), "ab".repeat(80), "aé".repeat(80), "é".repeat(100)];
    let mut texts = near.to_vec();
    for text in &near {
        texts.push(format!("a{text}b{text}éb"));
        texts.push(format!("{text}éb{text}ab"));
    }
    for first in ["?a", "a?aa?", "${v}?b", "?é${v}", "aéa?aéb", "????éa", "abab?baé"] {
        for second in ["b", "?b", "${v}é", "éb?a", "a?a?a"] {
            for (head, tail) in [("", ""), ("a", "b"), ("?", "?")] {
                check(&format!("{head}*{first}*{second}*{tail}"), &texts, &Value("aéaéaé"));
                check(&format!("{head}*{first}b*{second}*{tail}"), &texts, &Value("aaaaaaaa"));
            }
        }
    }
}
