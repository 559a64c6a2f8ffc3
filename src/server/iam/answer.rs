//! Answers and refusals in IAM's XML.

use std::borrow::Cow;
use std::io;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use quick_xml::Writer;
use quick_xml::events::BytesText;
use uuid::Uuid;

use super::super::refusal::Refusal;
use super::failed;
use super::simulate::{Evaluation, Findings, Matched};

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
const XML: HeaderValue = HeaderValue::from_static("text/xml");
/// The header with the id that the answer has.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

type Xml = Writer<Vec<u8>>;

/// A page of results.
#[derive(Debug)]
pub(super) struct Results {
    pub(super) evaluations: Vec<Evaluation>,
    /// Where the next page begins.
    pub(super) marker: Option<String>,
}

/// The answer of a simulation.
pub(super) fn results(action: &str, results: &Results) -> Result<Response, Refusal> {
    answer(action, |xml| {
        text(xml, "IsTruncated", truth(results.marker.is_some()))?;
        if let Some(marker) = &results.marker {
            text(xml, "Marker", marker)?;
        }
        list(xml, "EvaluationResults", &results.evaluations, evaluation)
    })
}

/// The answer with the names of context keys.
pub(super) fn keys(action: &str, names: &[String]) -> Result<Response, Refusal> {
    answer(action, |xml| names_of(xml, "ContextKeyNames", names))
}

/// How a refusal is told: IAM's error, its code one of IAM's.
pub(super) fn refusal(refusal: Refusal) -> Response {
    let id = Uuid::new_v4().to_string();
    let mut xml = Writer::new(Vec::new());
    // Writing to memory does not fail.
    let _ = error(&mut xml, &refusal, &id);
    let mut response = refusal.with_body(XML, xml.into_inner());
    identify(&mut response, &id);
    response
}

fn error(xml: &mut Xml, refusal: &Refusal, id: &str) -> io::Result<()> {
    let root = xml.create_element("ErrorResponse").with_attribute(("xmlns", NAMESPACE));
    root.write_inner_content(|xml| {
        inside(xml, "Error", |xml| {
            text(xml, "Type", if refusal.status.is_server_error() { "Receiver" } else { "Sender" })?;
            text(xml, "Code", code(refusal))?;
            text(xml, "Message", &refusal.message)
        })?;
        text(xml, "RequestId", id)
    })?;
    Ok(())
}

/// IAM's code of a refusal. Those of the service as such are in capitals, and IAM has codes of its own for them.
fn code(refusal: &Refusal) -> &'static str {
    match (refusal.status, refusal.code) {
        (_, code) if code.bytes().any(|byte| byte.is_ascii_lowercase()) => code,
        (_, "MISSING_TOKEN") => "MissingAuthenticationToken",
        (StatusCode::UNAUTHORIZED, _) => "InvalidClientTokenId",
        (StatusCode::FORBIDDEN, _) => "AccessDenied",
        (StatusCode::PAYLOAD_TOO_LARGE, _) => "RequestEntityTooLarge",
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, _) => "UnsupportedMediaType",
        (StatusCode::REQUEST_TIMEOUT, _) => "RequestTimeout",
        (StatusCode::SERVICE_UNAVAILABLE, _) => "ServiceUnavailable",
        (status, _) if status.is_server_error() => "ServiceFailure",
        _ => "InvalidInput",
    }
}

fn answer(action: &str, content: impl FnOnce(&mut Xml) -> io::Result<()>) -> Result<Response, Refusal> {
    let id = Uuid::new_v4().to_string();
    let mut xml = Writer::new(Vec::new());
    let (whole, result) = (format!("{action}Response"), format!("{action}Result"));
    let root = xml.create_element(whole.as_str()).with_attribute(("xmlns", NAMESPACE));
    let written = root.write_inner_content(|xml| {
        inside(xml, &result, content)?;
        inside(xml, "ResponseMetadata", |xml| text(xml, "RequestId", &id))
    });
    written.map_err(|_| failed())?;
    let mut response = Response::new(xml.into_inner().into());
    response.headers_mut().insert(header::CONTENT_TYPE, XML);
    identify(&mut response, &id);
    Ok(response)
}

fn identify(response: &mut Response, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
}

fn evaluation(xml: &mut Xml, one: &Evaluation) -> io::Result<()> {
    text(xml, "EvalActionName", &one.action)?;
    text(xml, "EvalResourceName", one.format)?;
    text(xml, "EvalDecision", one.all.outcome.as_str())?;
    findings(xml, &one.all)?;
    if let Some(allowed) = one.organizations {
        inside(xml, "OrganizationsDecisionDetail", |xml| {
            text(xml, "AllowedByOrganizations", truth(allowed))
        })?;
    }
    if one.resources.is_empty() {
        return Ok(());
    }
    list(xml, "ResourceSpecificResults", &one.resources, |xml, (resource, one)| {
        text(xml, "EvalResourceName", resource)?;
        text(xml, "EvalResourceDecision", one.outcome.as_str())?;
        findings(xml, one)
    })
}

fn findings(xml: &mut Xml, one: &Findings) -> io::Result<()> {
    list(xml, "MatchedStatements", &one.matched, matched)?;
    names_of(xml, "MissingContextValues", &one.missing)?;
    if let Some(allowed) = one.boundary {
        inside(xml, "PermissionsBoundaryDecisionDetail", |xml| {
            text(xml, "AllowedByPermissionsBoundary", truth(allowed))
        })?;
    }
    let Some(details) = &one.details else { return Ok(()) };
    inside(xml, "EvalDecisionDetails", |xml| {
        details.iter().try_for_each(|(source, outcome)| {
            inside(xml, "entry", |xml| {
                text(xml, "key", source)?;
                text(xml, "value", outcome.as_str())
            })
        })
    })
}

fn matched(xml: &mut Xml, one: &Matched) -> io::Result<()> {
    text(xml, "SourcePolicyId", &one.policy)?;
    text(xml, "SourcePolicyType", one.kind)?;
    for (name, place) in [("StartPosition", one.start), ("EndPosition", one.end)] {
        inside(xml, name, |xml| {
            text(xml, "Line", &place.line.to_string())?;
            text(xml, "Column", &place.column.to_string())
        })?;
    }
    Ok(())
}

fn names_of(xml: &mut Xml, name: &str, names: &[String]) -> io::Result<()> {
    inside(xml, name, |xml| names.iter().try_for_each(|one| text(xml, "member", one)))
}

fn list<T>(
    xml: &mut Xml,
    name: &str,
    members: &[T],
    member: impl Fn(&mut Xml, &T) -> io::Result<()>,
) -> io::Result<()> {
    inside(xml, name, |xml| members.iter().try_for_each(|one| inside(xml, "member", |xml| member(xml, one))))
}

fn inside(xml: &mut Xml, name: &str, content: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    xml.create_element(name).write_inner_content(content).map(|_| ())
}

fn text(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(&allowed(text))).map(|_| ())
}

fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// What XML has no form for, as U+FFFD.
fn allowed(text: &str) -> Cow<'_, str> {
    let is_allowed = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(is_allowed) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|character| if is_allowed(character) { character } else { '\u{fffd}' }).collect()
}
