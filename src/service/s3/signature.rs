//! How a request is signed, as far as condition keys tell. Nothing is verified here: that is the caller's.
//!
//! Follows the S3 API reference, "Amazon S3 Signature Version 4 authentication specific policy keys".

use std::borrow::Cow;

use crate::service::http::{HttpRequest, Query};

use super::error::S3Error;

/// Where a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthType {
    /// The header `Authorization`.
    Header,
    /// The query: a presigned URL.
    Query,
    /// The fields of a browser's form.
    Post,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature<'a> {
    /// Where it stands: `s3:authType`.
    pub auth_type: AuthType,
    /// The algorithm, `AWS` for version 2: `s3:signatureversion`.
    pub version: Cow<'a, str>,
    /// When it was made, in milliseconds since 1970; version 2 does not say.
    pub made: Option<i64>,
}

impl AuthType {
    /// The value of `s3:authType`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Header => "REST-HEADER",
            Self::Query => "REST-QUERY-STRING",
            Self::Post => "POST",
        }
    }
}

impl<'a> Signature<'a> {
    /// The signature of a request; none if it is anonymous.
    pub(super) fn read(http: &HttpRequest<'a>, query: &Query<'a>) -> Result<Option<Self>, S3Error> {
        let header = http.header("authorization")?;
        let algorithm = query.one("X-Amz-Algorithm")?;
        let is_second = query.has("AWSAccessKeyId") || query.has("Signature");
        let made = Self::date(query.one("X-Amz-Date")?.as_deref());
        match (header, algorithm) {
            (None, None) if !is_second => Ok(None),
            (Some(header), None) if !is_second => {
                // Another scheme is the caller's own affair: to S3 the request is anonymous.
                let scheme = header.split_ascii_whitespace().next().unwrap_or_default();
                let is_s3 = scheme.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("AWS"));
                let of = |version| Self { auth_type: AuthType::Header, version, made: None };
                Ok(is_s3.then(|| of(in_capitals(scheme))))
            }
            (None, Some(version)) if !is_second => {
                Ok(Some(Self { auth_type: AuthType::Query, version, made: made? }))
            }
            (None, None) => {
                Ok(Some(Self { auth_type: AuthType::Query, version: Cow::Borrowed("AWS"), made: None }))
            }
            _ => Err(S3Error::TwoSignatures),
        }
    }

    /// A date as signatures write it: `20261123T234500Z`.
    pub(super) fn date(text: Option<&str>) -> Result<Option<i64>, S3Error> {
        let invalid = |value: &str| S3Error::Value {
            name: "X-Amz-Date",
            value: value.to_owned(),
            problem: "is not a time such as `20261123T234500Z`",
        };
        let Some(text) = text else { return Ok(None) };
        let is_basic = text.len() == 16 && text.ends_with('Z');
        let time = text.parse::<jiff::Timestamp>().ok().filter(|_| is_basic);
        time.map(|time| Some(time.as_millisecond())).ok_or_else(|| invalid(text))
    }

    /// The value of `s3:signatureAge`, for presigned URLs and forms: milliseconds from its making to now; 0 for version 2
    /// and for a signature of the future.
    pub(super) fn age(&self, now: Option<i64>) -> Option<i64> {
        match self.auth_type {
            AuthType::Header => None,
            _ if self.version == "AWS" => Some(0),
            AuthType::Query | AuthType::Post => Some(now?.saturating_sub(self.made?).max(0)),
        }
    }
}

/// HTTP's schemes are compared without regard to case; policies are written in capitals.
fn in_capitals(scheme: &str) -> Cow<'_, str> {
    let has_small = scheme.bytes().any(|byte| byte.is_ascii_lowercase());
    if has_small { Cow::Owned(scheme.to_ascii_uppercase()) } else { Cow::Borrowed(scheme) }
}
