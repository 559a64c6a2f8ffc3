//! What keeps a call from being translated. A call that is not translated is not to be made: there is no weaker check
//! in place of the right one.

use crate::service::http::HttpError;
use crate::text::diagnostic::excerpt;

/// Why a call has no checks. The message names the place, [`remedy`](Self::remedy) the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The HTTP request can be read in two ways.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The HTTP request is none of DynamoDB's.
    #[error("no request of DynamoDB: {problem}")]
    NotDynamoDb {
        /// What it lacks.
        problem: &'static str,
    },
    /// `X-Amz-Target` names neither DynamoDB nor its streams.
    #[error("{} is no target of DynamoDB", excerpt(.0))]
    Target(String),
    /// An operation that no table here lists.
    #[error("the operation {} is not known", excerpt(.0))]
    UnknownOperation(String),
    /// An operation that the API has and the service authorization reference does not.
    #[error("the operation `{0}` is not modelled: no action is known for it")]
    NotModelled(&'static str),
    /// The body is over the limit.
    #[error("the body is over the limit of {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body is not the JSON of this operation: a syntax error, an unknown member, a member twice, a wrong type.
    #[error("`{operation}`: {message}")]
    Body {
        /// The operation.
        operation: &'static str,
        /// What is wrong, with line and column.
        message: String,
    },
    /// A member has a value that the service refuses, or that cannot be checked.
    #[error("`{member}`: {message}")]
    Member {
        /// The member.
        member: &'static str,
        /// What is wrong.
        message: String,
    },
    /// An expression or a PartiQL statement cannot be read.
    #[error("`{member}`, at byte {at}: {message}")]
    Syntax {
        /// The member that holds it.
        member: &'static str,
        /// Where reading stopped, in bytes.
        at: usize,
        /// What was expected.
        message: String,
    },
    /// The key schema of the table is not known, so its partition keys cannot be either.
    #[error("the key schema of {} is not known", excerpt(.0))]
    UnknownTable(String),
    /// The table has no such index.
    #[error("the table {} has no index {}", excerpt(.table), excerpt(.index))]
    UnknownIndex {
        /// The table's ARN.
        table: String,
        /// The index.
        index: String,
    },
    /// A partition, a Region or an account that cannot stand in an ARN.
    #[error("{} is no {what}", excerpt(.text))]
    Home {
        /// Which of the three.
        what: &'static str,
        /// What was given.
        text: String,
    },
}

impl CallError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Http(error) => error.code(),
            Self::NotDynamoDb { .. } => "NOT_A_DYNAMODB_REQUEST",
            Self::Target(_) => "INVALID_TARGET",
            Self::UnknownOperation(_) => "UNKNOWN_OPERATION",
            Self::NotModelled(_) => "OPERATION_NOT_MODELLED",
            Self::TooLarge { .. } => "BODY_TOO_LARGE",
            Self::Body { .. } => "INVALID_BODY",
            Self::Member { .. } => "INVALID_MEMBER",
            Self::Syntax { .. } => "INVALID_EXPRESSION",
            Self::UnknownTable(_) => "UNKNOWN_TABLE_SCHEMA",
            Self::UnknownIndex { .. } => "UNKNOWN_INDEX",
            Self::Home { .. } => "INVALID_HOME",
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Http(error) => error.remedy(),
            Self::NotDynamoDb { .. } => {
                "send `POST /` with the header `X-Amz-Target` and the JSON of the call"
            }
            Self::Target(_) => {
                "the header is `DynamoDB_20120810.GetItem`, or `DynamoDBStreams_20120810.GetRecords` for streams"
            }
            Self::UnknownOperation(_) | Self::NotModelled(_) => {
                "refuse the call; `docs/requests.md` lists the operations that are modelled"
            }
            Self::TooLarge { .. } => "DynamoDB takes no larger request",
            Self::Body { .. } => {
                "write the request as the API reference does; a member that is not listed there is refused"
            }
            Self::Member { .. } => "DynamoDB refuses such a request as well; mend the call",
            Self::Syntax { .. } => "mend the expression; what cannot be read cannot be checked",
            Self::UnknownTable(_) => {
                "give the table's key schema, for example from the answer of DescribeTable"
            }
            Self::UnknownIndex { .. } => "give the index with the table's key schema, or mend its name",
            Self::Home { .. } => {
                "give the partition (`aws`), the Region and the twelve digits of the account"
            }
        }
    }

    pub(super) fn member(member: &'static str, message: impl Into<String>) -> Self {
        Self::Member { member, message: message.into() }
    }
}
