//! The JSON Schema of manifests for editors: it is made from the list that the reader checks by, and says what it says.

use std::path::Path;

use proptest::prelude::{ProptestConfig, any, prop_oneof, proptest};
use serde_json::{Value, json};
use verdikt::store::Manifest;
use verdikt::store::shape::{Word, json_schema};
use verdikt::text::source::Source;

/// `UPDATE_DOCS=1` writes it anew.
#[test]
fn the_schema_in_the_documents_is_the_codes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manifest.schema.json");
    let text = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
}

fn authzen(member: &str) -> String {
    format!("[[authzen.subject]]\ntype = \"user\"\n{member}\n")
}

fn accepts(schema: &jsonschema::Validator, text: &str) -> (bool, bool) {
    let value: Value = toml::from_str(text).unwrap();
    (schema.is_valid(&value), Manifest::parse(Source::new("verdikt.toml", text)).is_ok())
}

#[test]
fn the_schema_and_the_reader_accept_the_same_manifests() {
    let schema = jsonschema::validator_for(&json_schema()).unwrap();
    let group = "[[group]]\naccount = \"111122223333\"\n";
    for (text, expected) in [
        ("", true),
        (super::ROLE, true),
        (include_str!("../../../policies/photo-app/verdikt.toml"), true),
        ("include = [\"a/*.toml\"]\n", true),
        ("include = \"a\"\n", false),
        ("[[account]]\nid = \"1\"\n", false),
        ("[[account]]\nid = \"111122223333\"\nname = \"x\"\n", false),
        ("[account]\nid = \"111122223333\"\n", false),
        (&format!("{group}name = \"g\"\n"), true),
        (group, false),
        ("[[group]]\narn = \"arn:aws:iam::111122223333:group/g\"\n", true),
        (&format!("{group}name = \"g\"\narn = \"arn:aws:iam::111122223333:group/g\"\n"), false),
        ("[[role]]\narn = \"arn:aws:iam::111122223333:role/r\"\n", false),
        (
            "[[role]]\narn = \"arn:aws:iam::111122223333:role/r\"\ntrust = \"t.json\"\nservice_linked = 1\n",
            false,
        ),
        ("[authzen]\n", true),
        (&authzen("principal = \"arn:aws:iam::111122223333:user/{id}\""), true),
        (&authzen("principal = \"arn:aws:iam::111122223333:user/{path}/x\""), false),
        (&authzen("principal = \"arn:aws:iam::{id}:user/x\""), false),
        (&authzen("principal = \"*\""), false),
        (&authzen(""), false),
        ("[authzen]\ncontext = { ip = \"aws:SourceIp\" }\n", true),
        ("[authzen]\ncontext = { ip = \"SourceIp\" }\n", false),
        ("[authzen]\ncontext = { ip = 1 }\n", false),
    ] {
        assert_eq!(accepts(&schema, text), (expected, expected), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The pattern of a text in the schema holds of what the reader takes, and of nothing else.
    #[test]
    fn the_patterns_of_the_schema_are_the_readers(
        word in 0..Word::ALL.len(),
        text in prop_oneof![
            any::<String>(),
            "[a-z0-9/.:*?_-]{0,14}",
            "(arn:aws:sqs|arn:|r-|o-|ou-|vpc-|vpce-|AIDA|AROA|us-east-1:)[a-zA-Z0-9:*/-]{0,8}",
            "arn:[a-z]{0,2}:[a-z]{0,2}:[a-z]{0,2}:[a-z]{0,2}:[a-z:*?/]{0,4}",
            "[0-9]{11,13}",
            "(\\.{0,3}|a)(/(\\.{0,3}|a)){0,3}",
            "(/[a-z+]{0,2}){0,3}/?",
            "arn:aws:s3:([a-z{]id}|:):([a-z:/]|\\{id\\}|\\{path\\}|[{}*]){0,4}",
            "[a-z0-9-]{0,3}:[A-Za-z0-9/]{0,3}",
        ],
    ) {
        // JSON Schema does not say what `$` does before a line end.
        let text = text.trim_end_matches(['\n', '\r', '\u{2028}', '\u{2029}']);
        let word = Word::ALL[word];
        let schema = json!({"pattern": word.regex()});
        assert_eq!(jsonschema::is_valid(&schema, &json!(text)), word.holds(text), "{word:?} {text:?}");
    }
}
