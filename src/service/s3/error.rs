//! Why a call cannot be translated: a code for programs, a message that names the place, and what to do.

use crate::service::http::HttpError;
use crate::text::diagnostic::excerpt;

/// A call that gives no checks. What was asked must not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum S3Error {
    /// The request itself cannot be read in exactly one way.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A host that is no endpoint.
    #[error("the host {} is not an S3 endpoint that is configured", excerpt(.0))]
    UnknownHost(String),
    /// An endpoint or resource of a kind that is not modelled.
    #[error("{} is of {kind}, which is not modelled", excerpt(.name))]
    NotModelled {
        /// The host, bucket or ARN.
        name: String,
        /// What it is.
        kind: &'static str,
    },
    /// Not a bucket's name.
    #[error("{} is not the name of a bucket", excerpt(.0))]
    Bucket(String),
    /// Not an object's key.
    #[error("the key {} {problem}", excerpt(.key))]
    Key {
        /// The key.
        key: String,
        /// What is wrong, as a predicate.
        problem: &'static str,
    },
    /// No operation has this method and these parameters.
    #[error("no S3 operation is {what}")]
    UnknownOperation {
        /// Method, place and sub-resources.
        what: String,
    },
    /// A parameter that the operation does not have.
    #[error("{operation} has no query parameter {}", excerpt(.name))]
    UnknownParameter {
        /// The operation.
        operation: &'static str,
        /// The parameter.
        name: String,
    },
    /// A header that the operation does not have, or that nobody knows.
    #[error("{operation} has no header {}", excerpt(.name))]
    UnknownHeader {
        /// The operation.
        operation: &'static str,
        /// The header.
        name: String,
    },
    /// A header that stands twice, in the query too, with another value.
    #[error("the header {} stands in the query too, with another value", excerpt(.0))]
    TwoValues(String),
    /// A value that cannot be read.
    #[error("{name} {} {problem}", excerpt(.value))]
    Value {
        /// The header, parameter or field.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is wrong, as a predicate.
        problem: &'static str,
    },
    /// An input that the operation needs.
    #[error("{operation} cannot be checked without {what}")]
    Missing {
        /// The operation.
        operation: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// A body that is not what the operation takes.
    #[error("the body of {operation} {problem}")]
    Body {
        /// The operation.
        operation: &'static str,
        /// What is wrong, as a predicate.
        problem: String,
    },
    /// Two ways of signing at once.
    #[error("the request is signed in its `Authorization` header and in its query")]
    TwoSignatures,
    /// A browser's form, which is not read here.
    #[error("the multipart form of a browser upload is not read")]
    Form,
}

impl S3Error {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Http(error) => error.code(),
            Self::UnknownHost(_) => "UNKNOWN_HOST",
            Self::NotModelled { .. } => "NOT_MODELLED",
            Self::Bucket(_) => "INVALID_BUCKET_NAME",
            Self::Key { .. } => "INVALID_OBJECT_KEY",
            Self::UnknownOperation { .. } => "UNKNOWN_OPERATION",
            Self::UnknownParameter { .. } => "UNKNOWN_QUERY_PARAMETER",
            Self::UnknownHeader { .. } => "UNKNOWN_HEADER",
            Self::TwoValues(_) => "AMBIGUOUS_HEADER",
            Self::Value { .. } => "INVALID_VALUE",
            Self::Missing { .. } => "MISSING_INPUT",
            Self::Body { .. } => "INVALID_BODY",
            Self::TwoSignatures => "AMBIGUOUS_SIGNATURE",
            Self::Form => "FORM_NOT_READ",
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Http(error) => error.remedy(),
            Self::UnknownHost(_) => {
                "add the endpoint to the addressing, or say that hosts may be buckets' own names"
            }
            Self::NotModelled { .. } => "send it to a general purpose bucket, or refuse it",
            Self::Bucket(_) => "use 3 to 255 letters, digits, dots, hyphens and underscores",
            Self::Key { .. } => "send a key of 1 to 1,024 bytes of UTF-8",
            Self::UnknownOperation { .. } => "refuse the call, or add the operation to the table",
            Self::UnknownParameter { .. } | Self::UnknownHeader { .. } => "leave it out, or refuse the call",
            Self::TwoValues(_) => "send it once",
            Self::Value { .. } => "send a value that S3's API reference names",
            Self::Missing { .. } => "give it with the call",
            Self::Body { .. } => "send the XML that S3's API reference describes",
            Self::TwoSignatures => "sign the request in one place",
            Self::Form => "parse the form and give its fields to `Operation::post_object`",
        }
    }
}
