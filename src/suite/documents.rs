//! Documents that are to be accepted or refused: `{"id", "policy" or "policy_text", "kind", "valid"?}`.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::Deserializer;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::policy::{Document, Kind, Limits};
use crate::text::diagnostic::{Diagnostic, Severity, bounded};
use crate::text::source::{Positions, Source};

use super::case::{CaseError, Object};

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "some")]
    policy: Option<&'a RawValue>,
    #[serde(default)]
    policy_text: Option<String>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    valid: Option<bool>,
}

/// A `null` under `policy` is a document too, if a bad one.
fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&'de RawValue>::deserialize(deserializer).map(Some)
}

/// A checked document.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The text.
    pub source: Source,
    /// All problems, in the order of the text.
    pub problems: Vec<Diagnostic>,
}

impl Checked {
    /// Whether no problem is an error.
    pub fn is_valid(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity != Severity::Error)
    }

    /// All problems with their places, as they are written as JSON.
    pub fn located<'a>(&'a self, positions: &'a Positions<'a>) -> Vec<Located<'a>> {
        self.problems.iter().map(|problem| Located { positions, problem }).collect()
    }
}

/// A problem with its line and column, as JSON.
#[derive(Debug)]
pub struct Located<'a> {
    /// The places of the text that the problem is in.
    pub positions: &'a Positions<'a>,
    /// The problem.
    pub problem: &'a Diagnostic,
}

impl Serialize for Located<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = self.positions.at(self.problem.span.start);
        let end = self.positions.at(self.problem.span.end);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.problem.code)?;
        map.serialize_entry("severity", self.problem.severity.as_str())?;
        map.serialize_entry("message", &self.problem.message)?;
        map.serialize_entry("line", &at.line)?;
        map.serialize_entry("column", &at.column)?;
        map.serialize_entry("end_line", &end.line)?;
        map.serialize_entry("end_column", &end.column)?;
        if let Some(help) = &self.problem.help {
            map.serialize_entry("help", help)?;
        }
        map.end()
    }
}

/// Checks a document as one kind of policy.
pub fn check(kind: Kind, name: &str, json: Vec<u8>, limits: &Limits) -> Checked {
    match Document::parse_bytes(kind, name, json, limits) {
        Ok(parsed) => Checked { source: parsed.document.source().clone(), problems: parsed.warnings },
        Err(rejected) => Checked { source: rejected.source, problems: rejected.problems },
    }
}

/// Checks a document as whatever kind accepts it, the first in order; if none does, as a resource-based policy where it
/// names a principal and as an identity-based policy where it does not.
pub fn check_any(name: &str, json: &[u8], limits: &Limits) -> (Kind, Checked) {
    let mut checked = Kind::ALL.into_iter().map(|kind| (kind, check(kind, name, json.to_vec(), limits)));
    checked.find(|(_, checked)| checked.is_valid()).unwrap_or_else(|| {
        let names_principal = memchr::memmem::find(json, b"Principal\"").is_some();
        let kind = if names_principal { Kind::Resource } else { Kind::Identity };
        (kind, check(kind, name, json.to_vec(), limits))
    })
}

/// The most bytes that a line may have, by what it may hold; a longer one is answered as an error.
pub fn line_limit(limits: &Limits) -> usize {
    limits.bytes.saturating_mul(4)
}

/// Answers one line, given without its line end; `number` counts lines from 1. Returns whether the line was as
/// expected; without an expectation, whether it could be read.
pub fn answer(line: &[u8], number: usize, limits: &Limits, out: &mut Vec<u8>) -> bool {
    let read = if line.len() > line_limit(limits) {
        Err(CaseError::Line(format!("the line has more than {} bytes", line_limit(limits))))
    } else {
        serde_json::from_slice::<Object<Line<'_>>>(line)
            .map(|Object(line)| line)
            .map_err(|error| CaseError::Line(bounded(&error.to_string())))
    };
    let (body, met) = match read.and_then(|line| check_line(&line, limits).map(|checked| (line, checked))) {
        Ok((line, checked)) => {
            let positions = Positions::new(checked.source.text());
            let problems = checked.located(&positions);
            let body = serde_json::json!({"id": line.id, "valid": checked.is_valid(), "problems": problems});
            (body, line.valid.is_none_or(|valid| valid == checked.is_valid()))
        }
        Err(error) => {
            let error = serde_json::json!({"code": error.code(), "message": error.to_string()});
            (serde_json::json!({"line": number, "error": error}), false)
        }
    };
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(&mut *out, &body);
    out.push(b'\n');
    met
}

fn check_line(line: &Line<'_>, limits: &Limits) -> Result<Checked, CaseError> {
    let text = match (&line.policy_text, line.policy) {
        (Some(text), _) => text.as_str(),
        (None, Some(policy)) => policy.get(),
        (None, None) => return Err(CaseError::Line("neither `policy` nor `policy_text`".to_owned())),
    };
    let bytes = text.as_bytes().to_vec();
    if line.kind == "any" {
        return Ok(check_any(&line.id, &bytes, limits).1);
    }
    let kind: Kind = line
        .kind
        .parse()
        .map_err(|error: crate::policy::kind::UnknownKind| CaseError::Line(bounded(&error.to_string())))?;
    Ok(check(kind, &line.id, bytes, limits))
}
