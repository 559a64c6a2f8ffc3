//! Why a request is not answered: a status, a code for programs, a sentence for people. Each contract writes it in its own
//! form. A refusal is never a decision: whoever asked must not go on.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;

use crate::request::RequestError;
use crate::store::StoreError;
use crate::text::diagnostic::bounded;

/// A request that is not answered.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The class that the caller acts on.
    pub(super) status: StatusCode,
    /// A stable code for programs.
    pub(super) code: &'static str,
    /// A sentence with the remedy.
    pub(super) message: String,
    /// Further headers.
    pub(super) headers: HeaderMap,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: HeaderMap::new() }
    }

    /// 400: what was sent cannot be asked.
    pub(super) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400: what was sent is not the JSON that the route takes.
    pub(super) fn json(error: &serde_json::Error) -> Self {
        Self::bad_request("INVALID_JSON", bounded(&error.to_string()))
    }

    /// 401, with the challenge that it must come with.
    pub(super) fn unauthenticated(code: &'static str, message: impl Into<String>) -> Self {
        let refusal = Self::new(StatusCode::UNAUTHORIZED, code, message);
        refusal.with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"verdikt\""))
    }

    /// 503, to be asked again soon.
    pub(super) fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message);
        refusal.with(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// The same with a header.
    pub(super) fn with(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// As JSON: `{"error": {"code", "message"}}`.
    pub(super) fn into_json(self) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            error: Told<'a>,
        }
        #[derive(Serialize)]
        struct Told<'a> {
            code: &'a str,
            message: &'a str,
        }
        let told = Told { code: self.code, message: &self.message };
        let body = serde_json::to_vec(&Body { error: told }).unwrap_or_default();
        self.with_body(mime::JSON, body)
    }

    /// As a body of the contract's own.
    pub(super) fn with_body(self, kind: HeaderValue, body: Vec<u8>) -> Response {
        let mut response = Response::new(body.into());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

/// Content types.
pub(super) mod mime {
    use axum::http::HeaderValue;

    pub(in crate::server) const JSON: HeaderValue = HeaderValue::from_static("application/json");
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        Self::bad_request(error.code(), error.to_string())
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let (code, message) = (error.code(), error.to_string());
        match error {
            StoreError::Expired => Self::unauthenticated(code, message),
            StoreError::Set(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, message),
            _ => Self::bad_request(code, message),
        }
    }
}
