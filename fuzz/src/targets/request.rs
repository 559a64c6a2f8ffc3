//! The JSON form of requests: what the oracle accepts is accepted, and holds what the text says; what is read, written
//! again and read again is the same request.

use serde_json::{Map, Value, json};
use verdikt::request::context::ContextValue;
use verdikt::request::document::RequestDocument;
use verdikt::request::limits::RequestLimits;
use verdikt::request::{PrincipalKind, ResourcePolicyMode};
use verdikt::{Owner, Principal, Request, RequestError};

use crate::dice::Dice;
use crate::{case, json, matcher, oracle, spell};

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
    assert_eq!(written["resource_account"], owner(&value), "{text}");
    if value.get("resource_policy_mode").is_some_and(Value::is_string) {
        assert_eq!(written["resource_policy_mode"], value["resource_policy_mode"], "{text}");
    }
    same_principal(&written["principal"], &value["principal"], text);
    let stated = value.get("context").cloned().unwrap_or_else(|| json!({}));
    assert_eq!(written["context"], texts(&stated), "{text}");
    let again = self::read(&written.to_string(), rendered);
    assert_eq!(again, Ok(written), "{text}");
    true
}

/// The owner that is stated, else the one that the ARN tells; `*` is nobody's.
fn owner(request: &Value) -> Value {
    let resource = request["resource"].as_str().unwrap_or_default();
    match request.get("resource_account") {
        _ if resource == "*" => Value::Null,
        Some(account @ Value::String(_)) => account.clone(),
        _ => {
            let account = matcher::six_fields(resource).map_or("", |fields| fields[4]);
            let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            if is_account { account.into() } else { Value::Null }
        }
    }
}

/// A principal says what was stated of it, and nothing else.
fn same_principal(written: &Value, stated: &Value, text: &str) {
    if stated.get("provider").is_some() {
        assert_eq!(written, stated, "{text}");
        return;
    }
    let of = |name: &str| stated.get(name).cloned().unwrap_or_default();
    let arn = if stated.is_string() { stated.clone() } else { of("arn") };
    assert_eq!(written["arn"], arn, "{text}");
    for name in ["role_path", "unique_id", "federating_user"] {
        assert_eq!(written[name], of(name), "{name}: {text}");
    }
    assert_eq!(written["management_account"], of("management_account") == true, "{text}");
    let text_of_arn = arn.as_str().unwrap_or_default();
    let by_arn = matcher::six_fields(text_of_arn)
        .is_some_and(|fields| fields[2] == "iam" && fields[5].starts_with("role/aws-service-role/"));
    let by_path = of("role_path").as_str().is_some_and(|path| path.starts_with("/aws-service-role/"));
    let is_linked = of("service_linked") == true || by_arn || by_path;
    assert_eq!(written["service_linked"], is_linked, "{text}");
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
