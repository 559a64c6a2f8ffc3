//! From a call of Amazon DynamoDB to the checks it makes: `X-Amz-Target` and JSON body, or a typed [`Call`].
//!
//! The key schema of each table is an input ([`Schemas`]): it alone tells which attribute of a call is the partition
//! key. Reads no item; a call that cannot be translated whole is an error, never a weaker check.
//!
//! Follows "Using IAM policy conditions for fine-grained access control" (Amazon DynamoDB Developer Guide) and the
//! Service Authorization Reference; `docs/requests.md` names what is chosen where they are silent.

mod batch;
pub mod call;
mod control;
mod describe;
mod draft;
mod error;
pub mod expression;
mod key_condition;
mod number;
mod operation;
pub mod partiql;
mod read;
mod schema;
mod scope;
mod search;
mod table;
mod translate;
pub mod wire;
mod write;

pub use call::Call;
pub use control::{ControlCall, Replica, ReplicaUpdate, TableCreationParameters, Tag};
pub use error::CallError;
pub use operation::{Description, OPERATIONS, Operation};
pub use schema::{
    IndexSchema, KeyAttribute, KeySchema, KeyType, Projection, SchemaError, Schemas, TableSchema,
};
pub use table::TableRef;
pub use translate::{DynamoDb, MOST_BODY};
