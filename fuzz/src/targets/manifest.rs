//! Manifests of stores: every problem names a place in the text, and what is accepted says the same when it is written
//! again by another writer of TOML. What is left out of it is missed, and what it does not know is refused.

use toml::{Table, Value};
use verdikt::store::Manifest;
use verdikt::text::source::Source;

/// A text, or pieces of manifests put together.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    match Manifest::parse(Source::new("manifest", text)) {
        Ok(manifest) => {
            let value: Table = toml::from_str(text).expect("what is accepted is TOML");
            let again = toml::to_string(&value).expect("a table is written");
            let read = Manifest::parse(Source::new("again", again.as_str()));
            assert_eq!(read.as_ref(), Ok(&manifest), "{text}\n{again}");
            every_member_counts(&value, &manifest, data.iter().map(|byte| usize::from(*byte)).sum());
            true
        }
        Err(refused) => {
            assert!(!refused.problems.is_empty(), "{text}");
            for problem in &refused.problems {
                let range = problem.span.range();
                assert!(text.get(range.clone()).is_some(), "{range:?} {}: {text}", problem.message);
            }
            !refused.problems.iter().all(|problem| problem.code == "TOML_SYNTAX_ERROR")
        }
    }
}

/// A manifest without one of its members is refused or another one; with a member that nobody knows it is refused.
fn every_member_counts(table: &Table, manifest: &Manifest, number: usize) {
    let read = |value: &Value| {
        let text = toml::to_string(value).expect("a table is written");
        Manifest::parse(Source::new("changed", text.as_str()))
    };
    let mut count = 0;
    let mut beside = Value::Table(table.clone());
    tables(&mut beside, &mut |_| count += 1);
    let mut without = beside.clone();
    let (mut place, mut chosen) = (0, number % count);
    tables(&mut beside, &mut |table| {
        if place == chosen {
            table.insert("nobody knows".to_owned(), Value::Boolean(true));
        }
        place += 1;
    });
    assert!(read(&beside).is_err(), "with a member that nobody knows: {beside}");
    let mut left_out = None;
    tables(&mut without, &mut |table| {
        if chosen == 0 && !table.is_empty() {
            let name = table.keys().nth(number / count % table.len()).cloned().unwrap_or_default();
            let has_arn = table.contains_key("arn");
            left_out =
                table.remove(&name).filter(|value| says_something(&name, value, has_arn)).map(|_| name);
        }
        chosen = chosen.wrapping_sub(1);
    });
    if let Some(name) = left_out {
        assert_ne!(read(&without).as_ref(), Ok(manifest), "`{name}` is not missed: {without}");
    }
}

/// Visits a table and the tables in it, the outermost first.
fn tables(value: &mut Value, visit: &mut impl FnMut(&mut Table)) {
    match value {
        Value::Table(table) => {
            visit(table);
            table.iter_mut().for_each(|(_, value)| tables(value, visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| tables(item, visit)),
        _ => {}
    }
}

/// Whether a member says what its absence does not.
fn says_something(name: &str, value: &Value, beside_an_arn: bool) -> bool {
    match value {
        Value::Array(items) => !items.is_empty() || ["scps", "rcps"].contains(&name),
        Value::Table(table) => !table.is_empty(),
        Value::Boolean(stated) => *stated,
        // The ARN tells it too.
        Value::String(_) if name == "account" && beside_an_arn => false,
        Value::String(text) => {
            !matches!((name, text.as_str()), ("path", "/") | ("partition_key_type" | "sort_key_type", "S"))
        }
        _ => true,
    }
}
