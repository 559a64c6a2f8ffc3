//! The request that a proxy asks about.

use std::borrow::Cow;
use std::net::IpAddr;

use axum::http::header;
use percent_encoding::percent_decode_str;

use crate::service::{HttpRequest, Value};

use super::super::call::Call;
use super::super::refusal::Refusal;
use super::{PREFIX, Proxy};

/// Headers that are of the connection to this service, or were read already.
const OWN: [&str; 9] = [
    "authorization",
    "connection",
    "content-length",
    "host",
    "te",
    "transfer-encoding",
    "verdikt-token",
    "x-amzn-oidc-data",
    super::super::guard::REQUEST_ID,
];

/// How a proxy tells what it asks about.
pub(super) struct Original<'a> {
    method: &'a str,
    pub(super) host: &'a str,
    target: &'a str,
    secure: Option<bool>,
}

impl<'a> Original<'a> {
    pub(super) fn of(proxy: Proxy, call: &'a Call) -> Result<Self, Refusal> {
        match proxy {
            Proxy::Nginx => Self::told(
                call,
                ["x-original-method", "x-original-uri", "x-original-host", "x-original-proto"],
            ),
            Proxy::Forwarded => Self::told(
                call,
                ["x-forwarded-method", "x-forwarded-uri", "x-forwarded-host", "x-forwarded-proto"],
            ),
            Proxy::Envoy => Self::itself(call),
        }
    }

    fn told(call: &'a Call, [method, uri, host, proto]: [&'static str; 4]) -> Result<Self, Refusal> {
        let told = |name: &'static str| {
            one(call, name)?.ok_or_else(|| {
                Refusal::bad_request("MISSING_HEADER", format!("have the proxy send the header `{name}`"))
            })
        };
        Ok(Self {
            method: told(method)?,
            target: told(uri)?,
            host: told(host)?,
            secure: secure(call, proto)?,
        })
    }

    fn itself(call: &'a Call) -> Result<Self, Refusal> {
        let sent = call.parts.uri.path_and_query().map_or("", |target| target.as_str());
        let target = sent.strip_prefix(PREFIX).unwrap_or_default();
        let host = match call.parts.uri.authority() {
            Some(authority) => authority.as_str(),
            None => one(call, header::HOST.as_str())?.ok_or_else(|| {
                Refusal::bad_request("MISSING_HOST", "have the proxy send the header `Host`")
            })?,
        };
        let method = call.parts.method.as_str();
        Ok(Self { method, target, host, secure: secure(call, "x-forwarded-proto")? })
    }

    /// The call as it stood on the wire.
    pub(super) fn http<'b>(&'b self, call: &'b Call, body: &'b [u8]) -> Result<HttpRequest<'b>, Refusal> {
        let mut headers = Vec::new();
        for (name, value) in &call.parts.headers {
            let name = name.as_str();
            if OWN.contains(&name) || name.starts_with("x-original-") || name.starts_with("x-forwarded-") {
                continue;
            }
            let value = std::str::from_utf8(value.as_bytes()).map_err(|_| {
                Refusal::bad_request("INVALID_HEADER", format!("the header `{name}` is not UTF-8"))
            })?;
            headers.push((name, value));
        }
        if self.has_dots() {
            let message =
                "the path has a part `.` or `..`, which what is behind the proxy could follow: leave it out";
            return Err(Refusal::bad_request("AMBIGUOUS_PATH", message));
        }
        Ok(HttpRequest {
            method: self.method,
            authority: Some(self.host),
            target: self.target,
            headers,
            // Proxies leave bodies out unless they are told to send them.
            body: Some(body).filter(|body| !body.is_empty()),
            secure: self.secure,
        })
    }
}

impl Original<'_> {
    /// Whether the path has parts that a server may resolve; S3 does not.
    fn has_dots(&self) -> bool {
        let path = self.target.split('?').next().unwrap_or_default();
        path.split(['/', '\\']).any(|part| {
            let decoded = percent_decode_str(part).decode_utf8_lossy();
            decoded.split(['/', '\\']).any(|part| matches!(part, "." | ".."))
        })
    }
}

/// The client's address, where the configuration says which header tells it.
pub(super) fn source_ip(call: &Call) -> Result<Vec<(Cow<'static, str>, Value)>, Refusal> {
    let Some(name) = &call.app.config.forward_auth.source_ip else { return Ok(Vec::new()) };
    let address = one(call, name.as_str())?.and_then(|text| text.trim().parse::<IpAddr>().ok());
    let address = address.ok_or_else(|| {
        let message = format!("have the proxy send the client's address, and nothing else, in `{name}`");
        Refusal::bad_request("MISSING_SOURCE_IP", message)
    })?;
    Ok(vec![(Cow::Borrowed("aws:SourceIp"), Value::One(address.to_string()))])
}

/// Whether the client's connection is encrypted, if it is told.
fn secure(call: &Call, name: &'static str) -> Result<Option<bool>, Refusal> {
    match one(call, name)? {
        None => Ok(None),
        Some("https") => Ok(Some(true)),
        Some("http") => Ok(Some(false)),
        Some(_) => {
            Err(Refusal::bad_request("INVALID_HEADER", format!("the header `{name}` is `https` or `http`")))
        }
    }
}

/// The value of a header; one that stands twice could be a client's.
pub(super) fn one<'a>(call: &'a Call, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = call.parts.headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes()).ok().filter(|_| values.next().is_none());
    text.map(Some).ok_or_else(|| {
        Refusal::bad_request("REPEATED_HEADER", format!("the header `{name}` stands twice, or is not UTF-8"))
    })
}
