//! A call as it stands on the wire: what both services read, borrowed from the caller.
//!
//! What two readers could read in two ways is refused here: a header or parameter that stands twice, a host that is told
//! twice, escapes that are none, text that is not UTF-8, a NUL. Nothing is normalised, and every escape is decoded once.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::text::diagnostic::excerpt;

/// The most headers of a request that is read from text.
const MOST_HEADERS: usize = 128;

/// An HTTP request, borrowed.
///
/// ```
/// use verdikt::service::http::HttpRequest;
/// let text = b"GET /photos/cat.jpg?versionId=7 HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n";
/// let request = HttpRequest::parse(text)?;
/// assert_eq!((request.method, request.host()?), ("GET", "s3.amazonaws.com"));
/// assert_eq!(request.path()?, "/photos/cat.jpg");
/// assert_eq!(request.query()?.one("versionId")?.as_deref(), Some("7"));
/// # Ok::<(), verdikt::service::http::HttpError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The authority that the request was sent to, with its port if it has one: HTTP/2's `:authority`. `None`: the
    /// header `Host` tells it. Both must agree.
    pub authority: Option<&'a str>,
    /// Path and query as on the wire, nothing decoded.
    pub target: &'a str,
    /// The headers in their order, repeats kept. Names are compared without regard to case.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The body, if the caller has it; some operations cannot be checked without.
    pub body: Option<&'a [u8]>,
    /// Whether the connection is encrypted (`aws:SecureTransport`); `None` if it is not known.
    pub secure: Option<bool>,
}

/// The parameters of a query, each decoded once when it is read; none stands twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query<'a> {
    parameters: Vec<Parameter<'a>>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// The name, decoded.
    pub name: Cow<'a, str>,
    /// The value as on the wire: empty for `?acl` and for `?acl=`, which mean the same.
    raw: &'a str,
}

/// Why an HTTP request cannot be read, or can be read in two ways.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// Not an HTTP/1.1 request.
    #[error("not an HTTP/1.1 request: {0}")]
    Malformed(String),
    /// A header that stands more than once.
    #[error("the header {} stands more than once: which of them counts is ambiguous", excerpt(.0))]
    RepeatedHeader(String),
    /// A parameter that stands more than once.
    #[error("the query parameter {} stands more than once: which of them counts is ambiguous", excerpt(.0))]
    RepeatedParameter(String),
    /// Neither an authority nor a header `Host`.
    #[error("the request names no host")]
    NoHost,
    /// The authority and the header `Host` differ.
    #[error("the request was sent to {} and its header `Host` says {}", excerpt(.0), excerpt(.1))]
    TwoHosts(String, String),
    /// Not path and query.
    #[error("the target {} {problem}", excerpt(.target))]
    Target {
        /// The target.
        target: String,
        /// What is wrong, as a predicate.
        problem: &'static str,
    },
    /// Text that cannot be decoded in exactly one way.
    #[error("{place} {} {problem}", excerpt(.text))]
    Encoding {
        /// Where the text stands.
        place: &'static str,
        /// The text as on the wire.
        text: String,
        /// What is wrong, as a predicate.
        problem: &'static str,
    },
}

impl HttpError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "MALFORMED_HTTP_REQUEST",
            Self::RepeatedHeader(_) => "REPEATED_HEADER",
            Self::RepeatedParameter(_) => "REPEATED_QUERY_PARAMETER",
            Self::NoHost => "MISSING_HOST",
            Self::TwoHosts(..) => "AMBIGUOUS_HOST",
            Self::Target { .. } => "INVALID_REQUEST_TARGET",
            Self::Encoding { .. } => "INVALID_ENCODING",
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "give the whole head, each line ended by CR LF, and an empty line after it",
            Self::RepeatedHeader(_) | Self::RepeatedParameter(_) => "send it once",
            Self::NoHost => "give the header `Host`",
            Self::TwoHosts(..) => "send the host that the request is sent to",
            Self::Target { .. } => "send an absolute path and a query, percent-encoded",
            Self::Encoding { .. } => {
                "percent-encode the UTF-8 text once: `%20` for a space, `%2B` for a plus"
            }
        }
    }
}

impl<'a> HttpRequest<'a> {
    /// Reads the text of an HTTP/1.1 request; what follows the head is the body. `Transfer-Encoding` is refused, and a
    /// `Content-Length` must be the length of what follows.
    pub fn parse(text: &'a [u8]) -> Result<Self, HttpError> {
        let malformed = |problem: &dyn std::fmt::Display| HttpError::Malformed(problem.to_string());
        let mut room = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Request::new(&mut room);
        let length = match head.parse(text).map_err(|error| malformed(&error))? {
            httparse::Status::Complete(length) => length,
            httparse::Status::Partial => return Err(malformed(&"it ends before its head does")),
        };
        let (Some(method), Some(target), Some(1)) = (head.method, head.path, head.version) else {
            return Err(malformed(&"it is not of version 1.1"));
        };
        let mut headers = Vec::with_capacity(head.headers.len());
        for header in head.headers.iter() {
            let value = std::str::from_utf8(header.value)
                .map_err(|_| malformed(&format!("the header {} is not UTF-8", excerpt(header.name))))?;
            headers.push((header.name, value));
        }
        let body = text.get(length..);
        Self { method, authority: None, target, headers, body, secure: None }.framed()
    }

    /// The request with the body that the head says it has: none if it was left out.
    fn framed(mut self) -> Result<Self, HttpError> {
        let problem = |problem: &str| Err(HttpError::Malformed(problem.to_owned()));
        if self.header("transfer-encoding")?.is_some() {
            return problem("`Transfer-Encoding` is not read here; give the body decoded");
        }
        let length = self.body.map_or(0, <[u8]>::len);
        match self.header("content-length")? {
            Some(told) if told.parse() == Ok(length) => Ok(self),
            // A head alone, its body left out, is welcome.
            Some(told) if length == 0 && told.parse::<usize>().is_ok() => {
                self.body = None;
                Ok(self)
            }
            Some(_) => problem("`Content-Length` is not the length of the body"),
            None => Ok(self),
        }
    }

    /// The authority that the request was sent to, as given.
    pub fn host(&self) -> Result<&'a str, HttpError> {
        let told = self.header("host")?;
        match (self.authority, told) {
            (None, None) => Err(HttpError::NoHost),
            (Some(sent), Some(told)) if !sent.eq_ignore_ascii_case(told) => {
                Err(HttpError::TwoHosts(sent.to_owned(), told.to_owned()))
            }
            (Some(host), _) | (None, Some(host)) => Ok(host),
        }
    }

    /// A header that must not stand more than once.
    pub fn header(&self, name: &str) -> Result<Option<&'a str>, HttpError> {
        let mut values = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let first = values.next();
        if values.next().is_some() {
            return Err(HttpError::RepeatedHeader(name.to_owned()));
        }
        Ok(first.map(|(_, value)| *value))
    }

    /// The path as on the wire.
    pub fn path(&self) -> Result<&'a str, HttpError> {
        Ok(self.split()?.0)
    }

    /// The parameters of the query.
    pub fn query(&self) -> Result<Query<'a>, HttpError> {
        Query::parse(self.split()?.1)
    }

    /// Path and query, of a target that all readers split alike.
    fn split(&self) -> Result<(&'a str, &'a str), HttpError> {
        let problem = |problem| Err(HttpError::Target { target: self.target.to_owned(), problem });
        if !self.target.starts_with('/') {
            return problem("does not begin with `/`");
        }
        let is_refused = |byte: u8| byte <= b' ' || matches!(byte, b'#' | b'\\' | 0x7f);
        if self.target.bytes().any(is_refused) {
            return problem(
                "has a control character, a space, a `#` or a backslash that is not percent-encoded",
            );
        }
        Ok(self.target.split_once('?').unwrap_or((self.target, "")))
    }
}

impl<'a> Query<'a> {
    /// Splits a query as on the wire.
    pub fn parse(raw: &'a str) -> Result<Self, HttpError> {
        let mut parameters: Vec<Parameter<'a>> = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, raw) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode_query("the name of a query parameter", name)?;
            if parameters.iter().any(|other| other.name == name) {
                return Err(HttpError::RepeatedParameter(name.into_owned()));
            }
            parameters.push(Parameter { name, raw });
        }
        Ok(Self { parameters })
    }

    /// The parameters in their order.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter<'a>> {
        self.parameters.iter()
    }

    /// Whether a parameter stands, with a value or without.
    pub fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name)
    }

    /// The value of a parameter, decoded; `None` if it does not stand, the empty text if it stands without a value.
    pub fn one(&self, name: &str) -> Result<Option<Cow<'a, str>>, HttpError> {
        let found = self.parameters.iter().find(|parameter| parameter.name == name);
        found.map(Parameter::value).transpose()
    }
}

impl<'a> Parameter<'a> {
    /// The value, decoded.
    pub fn value(&self) -> Result<Cow<'a, str>, HttpError> {
        decode_query("the query parameter's value", self.raw)
    }
}

/// Decodes a part of a path, once. A plus is a plus; `%00` is refused, for a store that ends its names at a NUL would
/// touch another object than the one that is checked.
pub fn decode<'a>(place: &'static str, text: &'a str) -> Result<Cow<'a, str>, HttpError> {
    let problem = |problem| HttpError::Encoding { place, text: text.to_owned(), problem };
    if !text.contains('%') {
        return if text.contains('\0') { Err(problem("holds a NUL")) } else { Ok(Cow::Borrowed(text)) };
    }
    let is_escape = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !text.split('%').skip(1).all(is_escape) {
        return Err(problem("has a `%` that begins no escape"));
    }
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| problem("is not UTF-8 when decoded"))?;
    if decoded.contains('\0') { Err(problem("holds a NUL")) } else { Ok(decoded) }
}

/// Decodes a part of a query. Some readers take a plus for a space and some do not: it must be written as an escape.
pub fn decode_query<'a>(place: &'static str, text: &'a str) -> Result<Cow<'a, str>, HttpError> {
    if text.contains('+') {
        let problem = "has a `+`, which some read as a space";
        return Err(HttpError::Encoding { place, text: text.to_owned(), problem });
    }
    decode(place, text)
}
