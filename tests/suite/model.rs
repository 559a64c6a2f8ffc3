//! The files of the suite: what a case says, and the case line that it stands for.
//!
//! JSON is spliced as text, never through a parsed value, so that duplicate keys and the spelling of numbers arrive.

#![allow(dead_code, unreachable_pub, reason = "each test target that includes the model uses a part of it")]

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// One file: one rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Section of the rule in `docs/fidelity.md`.
    pub spec: String,
    /// The rule.
    pub rule: String,
    /// The AWS page, or `verdikt` for our own decision.
    pub source: String,
    /// Whether AWS documents it.
    pub status: Status,
    #[serde(default)]
    defaults: Fields,
    #[serde(default)]
    case: Vec<Written>,
    #[serde(default)]
    table: Vec<Table>,
    #[serde(default)]
    document: Vec<Document>,
    #[serde(default)]
    documents: Vec<Documents>,
}

/// Where a rule comes from.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// An AWS page says so.
    Documented,
    /// AWS leaves it open or contradicts itself: our decision, fail closed.
    Chosen,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    request: Option<String>,
    context: Option<String>,
    effect: Option<String>,
    condition: Option<String>,
    statement: Option<String>,
    version: Option<String>,
    identity: Option<String>,
    permissions_boundary: Option<String>,
    session: Option<String>,
    resource: Option<String>,
    vpc_endpoint: Option<String>,
    scps: Option<String>,
    rcps: Option<String>,
}

#[derive(Deserialize)]
struct Written {
    name: String,
    trap: Option<u32>,
    expect: String,
    #[serde(flatten)]
    fields: Fields,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    trap: Option<u32>,
    condition: Option<String>,
    context: Option<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    kind: String,
    text: String,
    valid: bool,
    trap: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents {
    name: String,
    #[serde(default = "identity")]
    kind: String,
    valid: bool,
    trap: Option<u32>,
    conditions: Vec<String>,
}

fn identity() -> String {
    "identity".to_owned()
}

/// A case or document, ready to be asked.
pub struct Entry {
    /// `folder/file: name`, unique.
    pub name: String,
    /// The row of the list of traps that it shows.
    pub trap: Option<u32>,
    /// What is asked.
    pub ask: Ask,
}

/// What is asked of an engine.
pub enum Ask {
    /// A case line and the expected decision.
    Decision {
        /// The line.
        line: String,
        /// `allowed`, `explicitDeny`, `implicitDeny` or `error`.
        expect: String,
    },
    /// A document to accept or refuse.
    Document {
        /// The kind of policy, or `any`.
        kind: String,
        /// The text.
        text: String,
        /// Whether it must be accepted.
        valid: bool,
    },
}

/// Every file of the suite with its name, sorted.
pub fn load() -> Vec<(String, File)> {
    load_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite"))
}

/// The same from the suite's folder, for a package beside this one.
pub fn load_from(root: &Path) -> Vec<(String, File)> {
    let mut paths = Vec::new();
    for folder in children(root).into_iter().filter(|path| path.is_dir()) {
        paths.extend(
            children(&folder).into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "toml")),
        );
    }
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root).unwrap().with_extension("").display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        let file = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, file)
    };
    paths.into_iter().map(read).collect()
}

fn children(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

impl File {
    /// Every case and document of the file.
    pub fn entries(&self, file: &str) -> Vec<Entry> {
        let mut entries = Vec::new();
        for case in &self.case {
            let line = self.line(&case.fields);
            entries.push(entry(
                file,
                &case.name,
                case.trap,
                Ask::Decision { line, expect: case.expect.clone() },
            ));
        }
        for table in &self.table {
            entries.extend(self.rows(file, table));
        }
        for one in &self.document {
            let ask = Ask::Document { kind: one.kind.clone(), text: one.text.clone(), valid: one.valid };
            entries.push(entry(file, &one.name, one.trap, ask));
        }
        for many in &self.documents {
            for condition in &many.conditions {
                let text = format!(
                    r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}}}}}"#
                );
                let ask = Ask::Document { kind: many.kind.clone(), text, valid: many.valid };
                entries.push(entry(file, &format!("{}: {condition}", many.name), many.trap, ask));
            }
        }
        entries
    }

    /// Each row of a table is two cases: an Allow with the condition, and a Deny with it beside an Allow of everything.
    fn rows(&self, file: &str, table: &Table) -> Vec<Entry> {
        let mut entries = Vec::new();
        for row in &table.rows {
            let (condition, context, truth) = match (&table.condition, &table.context, row.as_slice()) {
                (Some(condition), _, [context, truth]) => (condition, context, truth),
                (None, Some(context), [condition, truth]) => (condition, context, truth),
                (None, None, [condition, context, truth]) => (condition, context, truth),
                _ => panic!("{file}: {}: a row of the wrong length: {row:?}", table.name),
            };
            let outcomes = match truth.as_str() {
                "true" => [("Allow", "allowed"), ("Deny", "explicitDeny")],
                "false" => [("Allow", "implicitDeny"), ("Deny", "allowed")],
                "indeterminate" => [("Allow", "implicitDeny"), ("Deny", "explicitDeny")],
                other => panic!("{file}: {}: no truth value: {other}", table.name),
            };
            for (effect, expect) in outcomes {
                let fields = Fields {
                    effect: Some(effect.to_owned()),
                    condition: Some(condition.clone()),
                    context: Some(context.clone()),
                    ..Fields::default()
                };
                let name = format!("{}: {condition} with {context}: {effect}", table.name);
                let ask = Ask::Decision { line: self.line(&fields), expect: expect.to_owned() };
                entries.push(entry(file, &name, table.trap, ask));
            }
        }
        entries
    }

    /// The case line of a case over the file's defaults.
    fn line(&self, case: &Fields) -> String {
        let pick =
            |field: fn(&Fields) -> &Option<String>| field(case).as_ref().or(field(&self.defaults).as_ref());
        let mut request = pairs(DEFAULT_REQUEST);
        for members in [&self.defaults.request, &case.request].into_iter().flatten() {
            replace(&mut request, pairs(members));
        }
        if let Some(context) = pick(|fields| &fields.context) {
            replace(&mut request, vec![("context".to_owned(), context.clone())]);
        }
        let one =
            |field: fn(&Fields) -> &Option<String>| pick(field).map_or("null".to_owned(), String::clone);
        let list =
            |field: fn(&Fields) -> &Option<String>| pick(field).map_or("null".to_owned(), |text| named(text));
        let levels = |field: fn(&Fields) -> &Option<String>| {
            pick(field).map_or("null".to_owned(), |text| named_levels(text))
        };
        let identity = match pick(|fields| &fields.identity) {
            Some(text) => named(text),
            None => named(&self.short_form(case)),
        };
        format!(
            r#"{{"id": "case", "request": {}, "policies": {{"identity": {identity}, "resource": {}, "permissions_boundary": {}, "session": {}, "scps": {}, "rcps": {}, "vpc_endpoint": {}}}}}"#,
            object(&request),
            one(|fields| &fields.resource),
            list(|fields| &fields.permissions_boundary),
            list(|fields| &fields.session),
            levels(|fields| &fields.scps),
            levels(|fields| &fields.rcps),
            list(|fields| &fields.vpc_endpoint),
        )
        .replace('\n', " ")
    }

    /// One identity policy with one statement; a Deny stands beside an Allow of everything.
    fn short_form(&self, case: &Fields) -> String {
        let pick =
            |field: fn(&Fields) -> &Option<String>| field(case).as_ref().or(field(&self.defaults).as_ref());
        let mut statement = pairs(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#);
        if let Some(effect) = pick(|fields| &fields.effect) {
            replace(&mut statement, vec![("Effect".to_owned(), format!("\"{effect}\""))]);
        }
        for members in [&self.defaults.statement, &case.statement].into_iter().flatten() {
            replace(&mut statement, pairs(members));
        }
        if let Some(condition) = pick(|fields| &fields.condition) {
            replace(&mut statement, vec![("Condition".to_owned(), condition.clone())]);
        }
        statement.retain(|(_, value)| value != "null");
        let denies = statement.iter().any(|(key, value)| key == "Effect" && value == "\"Deny\"");
        let everything = if denies { r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}, "# } else { "" };
        let version = match pick(|fields| &fields.version).map(String::as_str) {
            None => r#""Version": "2012-10-17", "#.to_owned(),
            Some("") => String::new(),
            Some(version) => format!("\"Version\": \"{version}\", "),
        };
        format!("[{{{version}\"Statement\": [{everything}{}]}}]", object(&statement))
    }
}

const DEFAULT_REQUEST: &str = r#"{"principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject",
    "resource": "arn:aws:s3:::bucket/key", "resource_account": "111122223333", "context": {}}"#;

fn entry(file: &str, name: &str, trap: Option<u32>, ask: Ask) -> Entry {
    Entry { name: format!("{file}: {name}"), trap, ask }
}

/// Gives each policy of an array a name by its place.
fn named(text: &str) -> String {
    if text.trim() == "null" {
        return "null".to_owned();
    }
    let policies: Vec<&RawValue> =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let named = policies
        .iter()
        .enumerate()
        .map(|(at, one)| format!("{{\"name\": \"policy-{at}\", \"policy\": {}}}", one.get()));
    format!("[{}]", named.collect::<Vec<_>>().join(", "))
}

fn named_levels(text: &str) -> String {
    if text.trim() == "null" {
        return "null".to_owned();
    }
    let levels: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    format!("[{}]", levels.iter().map(|level| named(level.get())).collect::<Vec<_>>().join(", "))
}

type Members = Vec<(String, String)>;

/// Replaces the members of the same keys, keeps the others; keys that stand twice in `by` stand twice afterwards.
fn replace(members: &mut Members, by: Members) {
    members.retain(|(key, _)| !by.iter().any(|(other, _)| other == key));
    members.extend(by);
}

fn object(members: &Members) -> String {
    let members: Vec<_> =
        members.iter().map(|(key, value)| format!("{}: {value}", serde_json::json!(key))).collect();
    format!("{{{}}}", members.join(", "))
}

/// The members of a JSON object as texts, duplicates kept.
fn pairs(text: &str) -> Members {
    struct Pairs;
    impl<'de> Visitor<'de> for Pairs {
        type Value = Members;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
            let mut members = Vec::new();
            while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                members.push((key, value.get().to_owned()));
            }
            Ok(members)
        }
    }
    let mut source = serde_json::Deserializer::from_str(text);
    source.deserialize_map(Pairs).unwrap_or_else(|error| panic!("{text}: {error}"))
}
