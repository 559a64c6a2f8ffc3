//! The JSON form of requests: what the oracle accepts is accepted, and holds what the text says; what is read, written
//! again and read again is the same request.

use serde_json::{Map, Value, json};
use verdikt::request::context::ContextValue;
use verdikt::request::document::RequestDocument;
use verdikt::request::limits::RequestLimits;
use verdikt::request::{PrincipalKind, ResourcePolicyMode};
use verdikt::{Owner, Principal, Request, RequestError};

use crate::dice::Dice;
use crate::{case, json, oracle, spell};

/// A text that begins with a brace, or a request made of the bytes in some spelling.
pub fn run(data: &[u8]) -> bool {
    match std::str::from_utf8(data) {
        Ok(text) if text.starts_with('{') => check(text),
        _ => {
            let mut dice = Dice::new(data);
            let request = case::request(&mut dice);
            check(&spell::write_badly(&request, &mut dice))
        }
    }
}

/// Whether the text is accepted; both readers must say the same.
fn check(text: &str) -> bool {
    if json::is_private(text) {
        return false;
    }
    let told = oracle::text::read(text).and_then(|value| oracle::accepts_request(&value).map(|()| value));
    let read = read(text, rendered);
    if read.as_ref().is_err_and(|error| error.code() == "REQUEST_LIMIT_EXCEEDED") {
        return false;
    }
    assert_eq!(read.is_ok(), told.is_ok(), "{read:?}, the oracle: {told:?}: {text}");
    let (Ok(written), Ok(value)) = (read, told) else { return false };
    for name in ["action", "resource"] {
        assert_eq!(written[name], value[name], "{text}");
    }
    let stated = value.get("context").cloned().unwrap_or_else(|| json!({}));
    assert_eq!(written["context"], texts(&stated), "{text}");
    let again = self::read(&written.to_string(), rendered);
    assert_eq!(again, Ok(written), "{text}");
    true
}

fn read<T>(text: &str, question: impl FnOnce(&Request<'_>) -> T) -> Result<T, RequestError> {
    let limits = RequestLimits::default();
    let document = RequestDocument::parse(text, &limits)?;
    Ok(question(&document.request(limits)?))
}

/// The values of a context as texts.
fn texts(context: &Value) -> Value {
    match context {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), texts(value))).collect(),
        Value::Array(items) => items.iter().map(texts).collect(),
        Value::String(text) => text.as_str().into(),
        scalar => scalar.to_string().into(),
    }
}

/// A request in its JSON form.
fn rendered(request: &Request<'_>) -> Value {
    let account = match request.owner() {
        Owner::Account(account) => Value::from(account),
        Owner::Unknown | Owner::Nobody => Value::Null,
    };
    let mode = (request.resource_policy_mode() == ResourcePolicyMode::MustAllow).then_some("mustAllow");
    let value = |value| match value {
        ContextValue::One(text) => json!(text),
        ContextValue::Many(texts) => json!(texts),
    };
    let entries = request.context().entries();
    let context: Map<String, Value> = entries.map(|(name, held)| (name.to_owned(), value(held))).collect();
    assert_eq!(context.len(), request.context().len(), "a key stands once");
    json!({"principal": principal(request.principal()), "action": request.action().text(),
        "resource": request.resource().text(), "resource_account": account, "resource_policy_mode": mode,
        "context": context})
}

fn principal(principal: &Principal) -> Value {
    if principal.kind() == PrincipalKind::WebIdentity {
        return json!({"kind": "webIdentity", "provider": principal.text()});
    }
    json!({"arn": principal.text(), "role_path": principal.role_path(), "unique_id": principal.unique_id(),
        "federating_user": principal.federating_user(), "service_linked": principal.is_service_linked(),
        "management_account": principal.is_in_management_account()})
}
