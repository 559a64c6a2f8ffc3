//! The one JSON form of a request.
//!
//! ```json
//! {"principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject",
//!  "resource": "arn:aws:s3:::bucket/key", "resource_account": "111122223333",
//!  "context": {"aws:SecureTransport": "true", "aws:TagKeys": ["team"]}}
//! ```
//! A string, number or boolean is a single-valued key, an array a multivalued one. `principal` may be an object with
//! the facts that no ARN tells. Unknown members, duplicate keys and `null` values are refused.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Request;
use crate::text::diagnostic::bounded;

use super::builder::RequestBuilder;
use super::error::RequestError;
use super::limits::RequestLimits;
use super::owner::{Owner, ResourcePolicyMode};
use super::principal::Principal;

/// A request read from JSON; [`builder`](Self::builder) makes the [`Request`] that borrows from it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestDocument<'a> {
    #[serde(deserialize_with = "principal")]
    principal: Principal,
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    resource: Cow<'a, str>,
    #[serde(default)]
    resource_account: Option<String>,
    #[serde(default)]
    resource_policy_mode: Option<Mode>,
    #[serde(borrow, default)]
    context: ContextDocument<'a>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Mode {
    MustAllow,
}

impl<'a> RequestDocument<'a> {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// What is wrong and where; the text is over the limit on bytes.
    pub fn parse(text: &'a str, limits: &RequestLimits) -> Result<Self, RequestError> {
        if text.len() > limits.bytes {
            return Err(RequestError::Limit { what: "bytes", limit: limits.bytes });
        }
        // serde also takes an array of the fields in order, which nobody means.
        if !text.trim_start().starts_with('{') {
            return Err(RequestError::Json("a request is an object".to_owned()));
        }
        serde_json::from_str(text).map_err(|error| RequestError::Json(bounded(&error.to_string())))
    }

    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Starts the request that this document describes, so that keys can be derived before it is built.
    pub fn builder(&self, limits: RequestLimits) -> RequestBuilder<'_> {
        let owner = match &self.resource_account {
            Some(account) => Owner::Account(account),
            None => Owner::of_resource(&self.resource),
        };
        let mut builder =
            Request::builder(&self.principal, &self.action, &self.resource, owner).limits(limits);
        if let Some(Mode::MustAllow) = self.resource_policy_mode {
            builder = builder.resource_policy_mode(ResourcePolicyMode::MustAllow);
        }
        for (name, value) in &self.context.entries {
            match value {
                Given::One(text) => builder.add_one(&**name, &**text),
                Given::Many(texts) => builder.add_many(&**name, texts.iter().map(|text| &**text)),
            }
        }
        builder
    }

    /// The request, nothing derived.
    pub fn request(&self, limits: RequestLimits) -> Result<Request<'_>, RequestError> {
        self.builder(limits).build()
    }
}

/// `{"arn": …}` with facts, or `{"kind": "webIdentity", "provider": …}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrincipalDocument {
    kind: Option<String>,
    provider: Option<String>,
    arn: Option<String>,
    role_path: Option<String>,
    unique_id: Option<String>,
    #[serde(default)]
    service_linked: bool,
    #[serde(default)]
    management_account: bool,
    federating_user: Option<String>,
}

fn principal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Principal, D::Error> {
    Ok(PrincipalText::deserialize(deserializer)?.0)
}

/// The member `principal` by itself.
#[derive(Clone, Debug)]
pub struct PrincipalText(pub Principal);

impl<'de> Deserialize<'de> for PrincipalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        read_principal(raw).map(Self)
    }
}

fn read_principal<E: Error>(raw: &str) -> Result<Principal, E> {
    let read = if raw.starts_with('"') {
        Principal::parse(&decode(raw)?)
    } else if !raw.starts_with('{') {
        return Err(E::custom("the principal is a string or an object of facts"));
    } else {
        let document: PrincipalDocument = serde_json::from_str(raw).map_err(|error| {
            E::custom(format_args!("the principal is no string and no object of facts: {error}"))
        })?;
        document.principal()
    };
    read.map_err(E::custom)
}

impl PrincipalDocument {
    fn principal(&self) -> Result<Principal, RequestError> {
        let refuse = |problem| RequestError::Fact { fact: "object", problem };
        let arn = match (self.kind.as_deref(), &self.provider, &self.arn) {
            (Some("webIdentity"), Some(provider), None) => return self.web_identity(provider),
            (None, None, Some(arn)) => arn,
            _ => {
                return Err(refuse(
                    "must be `{\"arn\": …}` or `{\"kind\": \"webIdentity\", \"provider\": …}`",
                ));
            }
        };
        let mut principal = Principal::parse(arn)?;
        if let Some(path) = &self.role_path {
            principal = principal.with_role_path(path)?;
        }
        if let Some(id) = &self.unique_id {
            principal = principal.with_unique_id(id)?;
        }
        if let Some(user) = &self.federating_user {
            principal = principal.with_federating_user(user)?;
        }
        Ok(principal
            .with_service_linked(self.service_linked)?
            .with_management_account(self.management_account))
    }

    fn web_identity(&self, provider: &str) -> Result<Principal, RequestError> {
        let facts = [&self.role_path, &self.unique_id, &self.federating_user];
        if self.service_linked || self.management_account || facts.iter().any(|fact| fact.is_some()) {
            return Err(RequestError::Fact {
                fact: "object",
                problem: "has facts that a web identity cannot have",
            });
        }
        Principal::web_identity(provider)
    }
}

/// The member `context` by itself: its keys in their order.
#[derive(Debug, Default)]
pub struct ContextDocument<'a> {
    /// Names and values.
    pub entries: Vec<(Cow<'a, str>, Given<'a>)>,
}

/// A value as given: an array is multivalued.
#[derive(Debug)]
pub enum Given<'a> {
    /// Single-valued.
    One(Cow<'a, str>),
    /// Multivalued.
    Many(Vec<Cow<'a, str>>),
}

impl<'de: 'a, 'a> Deserialize<'de> for ContextDocument<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ContextVisitor)
    }
}

struct ContextVisitor;

impl<'de> Visitor<'de> for ContextVisitor {
    type Value = ContextDocument<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of context keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::with_capacity(map.size_hint().unwrap_or(8));
        while let Some((key, value)) = map.next_entry::<&'de RawValue, &'de RawValue>()? {
            entries.push((decode(key.get())?, context_value(value.get())?));
        }
        Ok(ContextDocument { entries })
    }
}

fn context_value<E: Error>(raw: &str) -> Result<Given<'_>, E> {
    if !raw.starts_with('[') {
        return scalar(raw).map(Given::One);
    }
    let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(E::custom)?;
    items.into_iter().map(|item| scalar(item.get())).collect::<Result<_, E>>().map(Given::Many)
}

/// A string, or the text of a number or boolean.
fn scalar<E: Error>(raw: &str) -> Result<Cow<'_, str>, E> {
    match raw.as_bytes().first() {
        Some(b'"') => decode(raw),
        Some(b'{' | b'[') => {
            Err(E::custom("a context value is a string, number or boolean, or an array of them"))
        }
        Some(b'n') | None => Err(E::custom("null is no context value; leave the key out")),
        Some(_) => Ok(Cow::Borrowed(raw)),
    }
}

/// The text of a JSON string literal.
fn decode<E: Error>(raw: &str) -> Result<Cow<'_, str>, E> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_some() {
        return serde_json::from_str(raw).map(Cow::Owned).map_err(E::custom);
    }
    Ok(Cow::Borrowed(raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(context: &str) -> Result<String, RequestError> {
        let text = format!(
            r#"{{"principal": "anonymous", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "context": {context}}}"#
        );
        let document = RequestDocument::parse(&text, &RequestLimits::default())?;
        let request = document.request(RequestLimits::default())?;
        let entries = request.context().entries();
        let texts: Vec<_> = entries.map(|(name, value)| format!("{name}={value:?} ")).collect();
        Ok(texts.concat())
    }

    #[test]
    fn scalars_are_one_and_arrays_are_many() {
        let text =
            read(r#"{"a:n": 1.50, "a:b": true, "a:s": "x\u0041", "a:m": ["x", 2], "a:e": []}"#).unwrap();
        assert_eq!(
            text,
            r#"a:n=One("1.50") a:b=One("true") a:s=One("xA") a:m=Many(["x", "2"]) a:e=Many([]) "#
        );
    }

    #[test]
    fn what_is_refused() {
        for context in [
            r#"{"a:n": null}"#,
            r#"{"a:n": {}}"#,
            r#"{"a:n": [["x"]]}"#,
            r#"{"a:n": [null]}"#,
            r#"{"a:n": "1", "a:n": "1"}"#,
            r#"{"a:n": "1", "A:N": "1"}"#,
            r#"{"": "1"}"#,
            r#"{"a:n": "\ud800"}"#,
            "[]",
        ] {
            assert!(read(context).is_err(), "{context}");
        }
    }

    #[test]
    fn principals_as_objects() {
        let parse = |principal: &str| {
            let text = format!(r#"{{"principal": {principal}, "action": "s3:GetObject", "resource": "*"}}"#);
            RequestDocument::parse(&text, &RequestLimits::default())
                .map(|document| document.principal().clone())
        };
        let provider =
            parse(r#"{"kind": "webIdentity", "provider": "cognito-identity.amazonaws.com"}"#).unwrap();
        assert_eq!(provider.text(), "cognito-identity.amazonaws.com");
        let arn = "arn:aws:sts::111122223333:assumed-role/R/s";
        let session =
            parse(&format!(r#"{{"arn": "{arn}", "role_path": "/t/", "unique_id": "AROAX"}}"#)).unwrap();
        assert_eq!(session.role_path(), Some("/t/"));
        for bad in [
            "7",
            "{}",
            r#"{"kind": "user", "arn": "x"}"#,
            r#"{"arn": "anonymous", "x": 1}"#,
            r#"{"arn": "anonymous", "role_path": "/"}"#,
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
