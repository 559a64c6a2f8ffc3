//! Manifests of stores: every problem names a place in the text, and what is accepted says the same when it is written
//! again by another writer of TOML.

use verdikt::store::Manifest;
use verdikt::text::source::Source;

/// A text, or pieces of manifests put together.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    match Manifest::parse(Source::new("manifest", text)) {
        Ok(manifest) => {
            let value: toml::Table = toml::from_str(text).expect("what is accepted is TOML");
            let again = toml::to_string(&value).expect("a table is written");
            let read = Manifest::parse(Source::new("again", again.as_str()));
            assert_eq!(read.as_ref(), Ok(&manifest), "{text}\n{again}");
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
