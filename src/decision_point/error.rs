//! Why nothing can be decided: the caller is to refuse, as it does a deny.

use crate::request::RequestError;
use crate::service::dynamodb;
use crate::service::http::HttpError;
use crate::service::s3::S3Error;
use crate::store::StoreError;

/// A question that cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The store does not know what is stated, or knows it otherwise; the session is over.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The request itself: a key that the session seals, a text that is none, a limit.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl AskError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Request(error) => error.code(),
        }
    }
}

/// An API call that cannot be translated to its checks.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CallRefused {
    /// Of S3.
    #[error(transparent)]
    S3(#[from] S3Error),
    /// Of DynamoDB.
    #[error(transparent)]
    DynamoDb(#[from] dynamodb::CallError),
    /// The HTTP itself.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Nothing says where a table that is named without ARN belongs.
    #[error("a call of DynamoDB names tables without their ARN, and nothing says their {0}")]
    NoHome(&'static str),
}

impl CallRefused {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::S3(error) => error.remedy(),
            Self::DynamoDb(error) => error.remedy(),
            Self::Http(error) => error.remedy(),
            Self::NoHome(_) => "give the Region and the account",
        }
    }
}
