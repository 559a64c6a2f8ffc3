//! The parameters and headers of a call, decoded, each once; what nobody knows is refused, for it could change what is
//! touched.

use std::borrow::Cow;

use crate::service::http::{HttpRequest, Query};

use super::error::S3Error;
use super::rows::OPERATIONS;
use super::table::{HeaderGroup, OperationInfo};

/// Headers of S3's and what they are about; `None`: nothing that a check depends on.
const HEADERS: &[(&str, Option<HeaderGroup>)] = &[
    ("x-amz-date", None),
    ("x-amz-content-sha256", None),
    ("x-amz-security-token", None),
    ("x-amz-acl", Some(HeaderGroup::Acl)),
    ("x-amz-grant-full-control", Some(HeaderGroup::Acl)),
    ("x-amz-grant-read", Some(HeaderGroup::Acl)),
    ("x-amz-grant-read-acp", Some(HeaderGroup::Acl)),
    ("x-amz-grant-write", Some(HeaderGroup::Acl)),
    ("x-amz-grant-write-acp", Some(HeaderGroup::Acl)),
    ("x-amz-tagging", Some(HeaderGroup::Tagging)),
    ("x-amz-object-lock-mode", Some(HeaderGroup::Lock)),
    ("x-amz-object-lock-retain-until-date", Some(HeaderGroup::Lock)),
    ("x-amz-object-lock-legal-hold", Some(HeaderGroup::Lock)),
    ("x-amz-object-lock-event-hold", Some(HeaderGroup::Lock)),
    ("x-amz-object-lock-event-hold-duration-days", Some(HeaderGroup::Lock)),
    ("x-amz-server-side-encryption", Some(HeaderGroup::Write)),
    ("x-amz-server-side-encryption-aws-kms-key-id", Some(HeaderGroup::Write)),
    ("x-amz-server-side-encryption-context", Some(HeaderGroup::Write)),
    ("x-amz-server-side-encryption-bucket-key-enabled", Some(HeaderGroup::Write)),
    ("x-amz-storage-class", Some(HeaderGroup::Write)),
    ("x-amz-website-redirect-location", Some(HeaderGroup::Write)),
    ("x-amz-server-side-encryption-customer-algorithm", Some(HeaderGroup::CustomerKey)),
    ("x-amz-server-side-encryption-customer-key", Some(HeaderGroup::CustomerKey)),
    ("x-amz-server-side-encryption-customer-key-md5", Some(HeaderGroup::CustomerKey)),
    ("x-amz-copy-source", Some(HeaderGroup::CopySource)),
    ("x-amz-copy-source-range", Some(HeaderGroup::CopySource)),
    ("x-amz-metadata-directive", Some(HeaderGroup::Directives)),
    ("x-amz-tagging-directive", Some(HeaderGroup::Directives)),
    ("x-amz-object-annotation-directive", Some(HeaderGroup::Directives)),
    ("x-amz-bypass-governance-retention", Some(HeaderGroup::Bypass)),
    ("x-amz-bucket-object-lock-enabled", Some(HeaderGroup::NewBucket)),
    ("x-amz-object-ownership", Some(HeaderGroup::NewBucket)),
    ("x-amz-bucket-namespace", Some(HeaderGroup::NewBucket)),
    ("x-amz-object-if-match", Some(HeaderGroup::AnnotationMatch)),
    ("x-amz-account-id", None),
    ("x-amz-bucket-object-lock-token", None),
    ("x-amz-client-token", None),
    ("x-amz-confirm-remove-self-bucket-access", None),
    ("x-amz-decoded-content-length", None),
    ("x-amz-expected-bucket-owner", None),
    ("x-amz-max-parts", None),
    ("x-amz-mfa", None),
    ("x-amz-mp-object-size", None),
    ("x-amz-object-attributes", None),
    ("x-amz-optional-object-attributes", None),
    ("x-amz-part-number-marker", None),
    ("x-amz-request-payer", None),
    ("x-amz-skip-destination-validation", None),
    ("x-amz-source-expected-bucket-owner", None),
    ("x-amz-te", None),
    ("x-amz-trailer", None),
    ("x-amz-transition-default-minimum-object-size", None),
    ("x-amz-user-agent", None),
];

/// Beginnings of names of headers that no check depends on.
const HARMLESS: [&str; 6] = [
    "x-amz-meta-",
    "x-amz-checksum-",
    "x-amz-sdk-",
    "x-amz-if-match-",
    "x-amz-copy-source-if-",
    "x-amz-copy-source-server-side-encryption-customer-",
];

/// Headers of HTTP's that become condition keys.
const OF_HTTP: [&str; 4] = ["if-match", "if-none-match", "user-agent", "referer"];

/// Parameters of a signature: version 4, version 2.
const SIGNING: [&str; 7] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
];
const SIGNING_2: [&str; 3] = ["AWSAccessKeyId", "Expires", "Signature"];

/// The parameters and headers of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inputs<'a> {
    parameters: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    headers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Inputs<'a> {
    /// Of an HTTP request. A presigned URL may hold headers in its query.
    pub(super) fn read(http: &HttpRequest<'a>, query: &Query<'a>) -> Result<Self, S3Error> {
        let mut inputs = Self::default();
        for (name, value) in &http.headers {
            if is_s3(name) || OF_HTTP.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                inputs.add_header(Cow::Borrowed(name), Cow::Borrowed(value.trim_matches([' ', '\t'])))?;
            }
        }
        let is_presigned = query.has("X-Amz-Algorithm") && query.has("X-Amz-Signature");
        let is_signed = is_presigned || (query.has("AWSAccessKeyId") && query.has("Signature"));
        for parameter in query.parameters() {
            let name = &parameter.name;
            if is_signed && is_signing(name) {
                continue;
            }
            if is_presigned && is_s3(name) {
                inputs.add_presigned(name.clone(), parameter.value()?)?;
            } else {
                inputs.parameters.push((name.clone(), parameter.value()?));
            }
        }
        Ok(inputs)
    }

    /// Adds a parameter that is decoded.
    pub(super) fn add_parameter(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        self.parameters.push((name, value));
    }

    /// Adds a header; one that stands already is refused.
    pub(super) fn add_header(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) -> Result<(), S3Error> {
        if self.header(&name).is_some() && !is_harmless(&name) {
            return Err(crate::service::http::HttpError::RepeatedHeader(name.into_owned()).into());
        }
        self.headers.push((name, value));
        Ok(())
    }

    /// A header in the query of a presigned URL.
    fn add_presigned(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) -> Result<(), S3Error> {
        // S3 reads this one from the header alone.
        if name.eq_ignore_ascii_case("x-amz-content-sha256") {
            return Ok(());
        }
        match self.header(&name) {
            Some(other) if other != value => Err(S3Error::TwoValues(name.into_owned())),
            Some(_) => Ok(()),
            None => {
                self.headers.push((name, value));
                Ok(())
            }
        }
    }

    /// The value of a parameter; `Some("")` where it stands without one.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| &**value)
    }

    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &**value)
    }

    /// The operation that method, place and parameters select.
    pub(super) fn operation(
        &self,
        selects: impl Fn(&OperationInfo) -> bool,
    ) -> Option<&'static OperationInfo> {
        let copies = self.header("x-amz-copy-source").is_some();
        let is_selected = |info: &OperationInfo| {
            let is_other = |name: &str| {
                !info.select.contains(&name) && !info.parameters.contains(&name) && is_selector(name)
            };
            info.select.iter().all(|name| self.parameter(name).is_some())
                && !self.parameters.iter().any(|(name, _)| is_other(name))
        };
        // A copy's header on an operation that does not copy is refused with the other headers.
        let mut found = OPERATIONS.iter().filter(|info| selects(info) && is_selected(info));
        let first = found.next()?;
        let second = found.next();
        Some(if first.copies == copies { first } else { second.unwrap_or(first) })
    }

    /// What the parameters select, for messages.
    pub(super) fn selectors(&self) -> String {
        let names = self.parameters.iter().map(|(name, _)| &**name).filter(|name| is_selector(name));
        names.collect::<Vec<_>>().join("&")
    }

    /// Whether every parameter and header is one of the operation's, or of none that matters.
    pub(super) fn check(&self, info: &OperationInfo) -> Result<(), S3Error> {
        let operation = info.name;
        let is_known =
            |name: &str| info.select.contains(&name) || info.parameters.contains(&name) || is_ignored(name);
        if let Some((name, _)) = self.parameters.iter().find(|(name, _)| !is_known(name)) {
            return Err(S3Error::UnknownParameter { operation, name: name.clone().into_owned() });
        }
        let is_taken = |name: &str| !is_s3(name) || is_harmless(name) || is_of(info, name);
        match self.headers.iter().find(|(name, _)| !is_taken(name)) {
            Some((name, _)) => Err(S3Error::UnknownHeader { operation, name: name.clone().into_owned() }),
            None => Ok(()),
        }
    }
}

/// Whether a header is S3's own.
fn is_s3(name: &str) -> bool {
    name.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("x-amz-"))
}

/// Whether no check depends on a header, whatever its value.
fn is_harmless(name: &str) -> bool {
    let begins = |head: &str| name.get(..head.len()).is_some_and(|own| own.eq_ignore_ascii_case(head));
    HARMLESS.iter().any(|head| begins(head))
}

/// Whether a header says something about an operation, or nothing about any.
fn is_of(info: &OperationInfo, name: &str) -> bool {
    let known = HEADERS.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    known.is_some_and(|(_, group)| group.is_none_or(|group| info.headers.contains(&group)))
}

/// Whether a parameter selects some operation.
fn is_selector(name: &str) -> bool {
    OPERATIONS.iter().any(|info| info.select.contains(&name))
}

/// Whether a parameter is for logs and tools: S3 ignores names that begin with `x-` and are not its own.
fn is_ignored(name: &str) -> bool {
    name.starts_with("x-") && !is_s3(name)
}

/// Whether a parameter belongs to a signature.
fn is_signing(name: &str) -> bool {
    SIGNING.iter().any(|known| known.eq_ignore_ascii_case(name)) || SIGNING_2.contains(&name)
}
