//! A session, or why there is none, for people and for programs.

use std::fmt::Write as _;

use crate::cognito::assume::AssumeError;
use crate::cognito::{Flow, PoolError, Session};
use crate::evaluate::explain::Detail;
use crate::operator::date::Instant;
use crate::policy::Document;
use crate::text::diagnostic::printable;

use super::super::error::CliError;
use super::super::render::{self, Audience, Terminal};

/// Everything about a session, a line a fact.
pub(super) fn session(session: &Session) -> String {
    let parts = session.parts();
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to memory does not fail.
        let _ = writeln!(out, "{name:<17}{}", printable(value));
    };
    let flow = match parts.flow {
        Flow::Enhanced => "enhanced",
        Flow::Classic => "classic",
    };
    let who = if session.is_guest() { "a guest" } else { "signed in" };
    line("identity", &format!("{}, {who}", parts.identity));
    line("identity pool", &format!("{}, {flow} flow", parts.pool));
    line("amr", &parts.amr.join(", "));
    line("role", &parts.role_arn);
    line("  why", &parts.role_reason);
    for answer in &parts.trust {
        line("  trust policy", &format!("{} allowed by {}", answer.action, answer.allowed_by));
    }
    line("principal", session.principal().text());
    for (key, value) in session.principal_tags() {
        line("principal tag", &format!("{key} = {value}"));
    }
    match session.session_documents() {
        None => line("session policies", "none"),
        Some(documents) => {
            let names: Vec<&str> = documents.iter().map(Document::name).collect();
            let text = format!("{}: the session may do only what they allow too", names.join(", "));
            line("session policies", &text);
        }
    }
    line("issued", &written(parts.issued_at));
    line("expires", &written(parts.expires_at));
    out
}

/// Why there is no session, with the trust policy's explanation if that is why.
pub(super) fn refusal(terminal: Terminal, error: &PoolError) -> Result<Audience, CliError> {
    let mut text = format!("refused: {}: {}\n", error.exception(), printable(&error.to_string()));
    if let PoolError::Assume(AssumeError::Refused { explanation, .. }) = error {
        text.push_str(&render::explanation(explanation, Detail::Brief));
    }
    terminal.print(&text)
}

/// The same for programs.
pub(super) fn refusal_json(error: &PoolError) -> serde_json::Value {
    let mut value = serde_json::json!({
        "refused": { "exception": error.exception(), "message": error.to_string() }
    });
    if let (PoolError::Assume(AssumeError::Refused { explanation, .. }), Some(refused)) =
        (error, value.get_mut("refused").and_then(serde_json::Value::as_object_mut))
    {
        let explanation = serde_json::to_value(explanation).unwrap_or_default();
        refused.insert("explanation".to_owned(), explanation);
    }
    value
}

fn written(unix_seconds: i64) -> String {
    Instant::from_parts((i128::from(unix_seconds), 0)).written()
}
