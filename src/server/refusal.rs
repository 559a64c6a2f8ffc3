//! Why a request is not answered: a status, a code for programs, a sentence for people. Each contract writes it in its own
//! form. A refusal is never a decision: whoever asked must not go on.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use crate::decision_point::{AskError, CallRefused, SignInError};
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
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

/// A refusal as JSON.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ErrorBody<'a> {
    /// What is wrong.
    pub(super) error: Told<'a>,
}

/// What is wrong.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Told<'a> {
    /// For programs.
    code: &'a str,
    /// For people, with the remedy.
    message: &'a str,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new() }
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
    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// As JSON: `{"error": {"code", "message"}}`.
    pub(super) fn into_json(self) -> Response {
        let body = serde_json::to_vec(&self.body()).unwrap_or_default();
        self.with_body(mime::JSON, body)
    }

    /// Its JSON.
    pub(super) fn body(&self) -> ErrorBody<'_> {
        ErrorBody { error: Told { code: self.code, message: &self.message } }
    }

    /// As a body of the contract's own.
    pub(super) fn with_body(self, kind: HeaderValue, body: Vec<u8>) -> Response {
        let mut response = Response::new(body.into());
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers.into_iter().map(|(name, value)| (Some(name), value)));
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
            // Whoever signs in again may go on.
            StoreError::Expired | StoreError::NotBegun => Self::unauthenticated(code, message),
            StoreError::Set(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, message),
            _ => Self::bad_request(code, message),
        }
    }
}

impl From<AskError> for Refusal {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Store(error) => error.into(),
            AskError::Request(error) => error.into(),
        }
    }
}

impl From<CallRefused> for Refusal {
    fn from(error: CallRefused) -> Self {
        Self::bad_request("UNKNOWN_CALL", format!("{error}; {}", error.remedy()))
    }
}

impl From<SignInError> for Refusal {
    /// 400 where the question is wrong, 403 where the login is refused, 503 where nobody could tell.
    fn from(error: SignInError) -> Self {
        let message = error.to_string();
        match error {
            SignInError::UnknownPool(_) => Self::bad_request("UNKNOWN_IDENTITY_POOL", message),
            SignInError::Refused(refused) if refused.is_failure() => {
                Self::unavailable("SIGN_IN_FAILED", message)
            }
            _ => Self::new(StatusCode::FORBIDDEN, "SIGN_IN_REFUSED", message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who asks with a session that is over, or that a clock which was set back has not come to yet, signs in again.
    #[test]
    fn sessions_out_of_their_time_are_unauthenticated() {
        for (error, code) in
            [(StoreError::Expired, "SESSION_EXPIRED"), (StoreError::NotBegun, "SESSION_NOT_BEGUN")]
        {
            let refusal = Refusal::from(error);
            assert_eq!((refusal.status, refusal.code), (StatusCode::UNAUTHORIZED, code));
            assert!(refusal.headers.iter().any(|(name, _)| name == header::WWW_AUTHENTICATE), "{code}");
        }
    }
}
