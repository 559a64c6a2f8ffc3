//! S3: from a request to the checks that it makes.
//!
//! 1. [`Addressing`] says which bucket and key host and path name (`address`).
//! 2. The method, the sub-resources of the query and the copy header select one operation of the table (`table`), the
//!    only place to add one. What nobody knows is refused by name (`inputs`).
//! 3. Each need of the operation becomes a check: an action, an ARN, and the condition keys that the action carries
//!    (`action`, `context`), from query, headers and body (`body`), and from [`Facts`] that only the service knows.
//!
//! Keys are decoded once and never normalised: `..`, `//` and a trailing slash are parts of an object's name. Access
//! points, directory buckets, Outposts and Object Lambda are refused by name.
//!
//! ```
//! use verdikt::service::HttpRequest;
//! use verdikt::service::s3::{Addressing, Facts, checks};
//! let text = b"GET /photos?list-type=2&prefix=2026%2F HTTP/1.1\r\nHost: s3.eu-west-1.amazonaws.com\r\n\r\n";
//! let call = checks(&HttpRequest::parse(text)?, &Addressing::aws(), &Facts::default())?;
//! assert_eq!(call.operation, "ListObjectsV2");
//! assert_eq!((&*call.checks[0].action, &*call.checks[0].resource), ("s3:ListBucket", "arn:aws:s3:::photos"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod action;
mod address;
mod body;
mod call;
mod context;
mod error;
mod facts;
mod inputs;
mod operation;
mod rows;
mod signature;
mod table;
mod xml;

use super::{ApiCall, HttpRequest};

pub use action::{Action, Keys};
pub use address::{Address, Addressing};
pub use body::{Content, ObjectId, Retention};
pub use error::S3Error;
pub use facts::{Facts, ResourceFacts, Touched};
pub use operation::Operation;
pub use rows::OPERATIONS;
pub use signature::{AuthType, Signature};
pub use table::{BodyKind, HeaderGroup, Need, OperationInfo, Place, Subject, When, operation_info};

/// The checks that a request makes.
pub fn checks(
    http: &HttpRequest<'_>,
    addressing: &Addressing,
    facts: &Facts<'_>,
) -> Result<ApiCall, S3Error> {
    call::Call::read(http, addressing)?.checks(facts)
}
