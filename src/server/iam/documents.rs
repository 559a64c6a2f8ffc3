//! Policy documents of a request, read and compiled.

use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::policy::{Document, Kind, Limits};
use crate::text::diagnostic::Severity;

use super::super::refusal::Refusal;
use super::query::{Length, Parameters, invalid};

/// The characters of a document.
const LENGTH: Length = Length(1, 131_072);
/// The most documents of a list.
const MOST: usize = 1000;

/// Takes a list of documents; each is named by its parameter and number, from 1.
pub(super) fn list(
    parameters: &mut Parameters,
    name: &str,
    kind: Kind,
) -> Result<Option<Vec<Document>>, Refusal> {
    let Some(texts) = parameters.texts(name, MOST, LENGTH)? else { return Ok(None) };
    let own = parameters.named(name).replace(".member.", ".");
    let documents =
        texts.iter().zip(1..).map(|(text, place): (_, u32)| parse(kind, &format!("{own}.{place}"), text));
    documents.collect::<Result<_, _>>().map(Some)
}

/// Takes one document.
pub(super) fn one(parameters: &mut Parameters, name: &str, kind: Kind) -> Result<Option<Document>, Refusal> {
    let text = parameters.text(name, LENGTH)?;
    text.map(|text| parse(kind, name, &text)).transpose()
}

/// What is attached in one place.
pub(super) fn compile(documents: &[Document]) -> Result<Arc<CompiledPolicy>, Refusal> {
    CompiledPolicy::compile(documents).map_err(|error| {
        let status = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        Refusal::new(status, "PolicyEvaluation", error.to_string())
    })
}

fn parse(kind: Kind, name: &str, text: &str) -> Result<Document, Refusal> {
    let is_taken = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if let Some(character) = text.chars().find(|character| !is_taken(*character)) {
        let code = u32::from(character);
        return Err(invalid(format!("`{name}` has the character U+{code:04X}: write it as a JSON escape")));
    }
    let parsed = Document::parse(kind, name, text, &Limits::default());
    parsed.map(|parsed| parsed.document).map_err(|rejected| {
        let is_error = |severity| severity == Severity::Error;
        let Some(problem) = rejected.problems.iter().find(|problem| is_error(problem.severity)) else {
            return invalid(format!("`{name}` is refused"));
        };
        let place = rejected.source.position(problem.span.start);
        let help = problem.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        let (line, column) = (place.line, place.column);
        let title = kind.title();
        invalid(format!("`{name}` is no {title}: line {line}, column {column}: {}{help}", problem.message))
    })
}
