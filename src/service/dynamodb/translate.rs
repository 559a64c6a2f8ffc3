//! From a call to its checks.

use std::sync::Arc;

use super::call::Call;
use super::error::CallError;
use super::operation::{self, Operation};
use super::read::Read;
use super::schema::{Schemas, TableSchema};
use super::search::{query, scan};
use super::table::{Home, TableRef};
use super::write::Write;
use super::{batch, control, partiql};
use crate::service::{ApiCall, Check, Combination, HttpRequest};

/// The longest body: what DynamoDB takes of a `BatchWriteItem`.
pub const MOST_BODY: usize = 16 * 1024 * 1024;

/// DynamoDB in one Region and account, with the key schemas of its tables.
///
/// ```
/// use std::sync::Arc;
/// use verdikt::service::dynamodb::{DynamoDb, KeyAttribute, KeySchema, KeyType, TableRef, TableSchema};
/// use verdikt::service::Value;
///
/// let key = KeySchema::new(vec![KeyAttribute::new("UserId", KeyType::S)], vec![])?;
/// let notes = Arc::new(TableSchema::new(key));
/// let schemas = |table: &TableRef<'_>| (table.name == "notes").then(|| notes.clone());
/// let dynamodb = DynamoDb::new("aws", "eu-west-1", "111122223333", schemas)?;
///
/// let body = br#"{"TableName": "notes", "Key": {"UserId": {"S": "alice"}}}"#;
/// let call = dynamodb.translate("DynamoDB_20120810.GetItem", body)?;
/// let check = &call.checks[0];
/// assert_eq!((&*check.action, &*check.resource), ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/notes"));
/// assert_eq!(check.context[0], ("dynamodb:LeadingKeys".into(), Value::Many(vec!["alice".into()])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DynamoDb<S> {
    home: Home,
    schemas: S,
}

/// What a translation reads beside the call.
pub(super) struct Translation<'t> {
    pub(super) home: &'t Home,
    schemas: &'t dyn Schemas,
}

impl<S: Schemas> DynamoDb<S> {
    /// Names of tables without ARN belong to this partition (`aws`), Region and account.
    ///
    /// # Errors
    /// One of them cannot stand in an ARN.
    pub fn new(partition: &str, region: &str, account: &str, schemas: S) -> Result<Self, CallError> {
        Ok(Self { home: Home::new(partition, region, account)?, schemas })
    }

    /// The checks of a request: its `X-Amz-Target` and its JSON body.
    ///
    /// # Errors
    /// The operation is not known, the body is not its JSON, an expression or a statement cannot be read, a table's
    /// schema is not known. The call is then not to be made.
    pub fn translate(&self, target: &str, body: &[u8]) -> Result<ApiCall, CallError> {
        let operation = operation::of_target(target)?;
        if body.len() > MOST_BODY {
            return Err(CallError::TooLarge { limit: MOST_BODY });
        }
        self.checked(operation, &operation.read(body)?)
    }

    /// The checks of a request as it stands on the wire. Signature and host are not looked at.
    ///
    /// # Errors
    /// As [`translate`](Self::translate); and if it is not `POST /` with one target and a body.
    pub fn translate_http(&self, request: &HttpRequest<'_>) -> Result<ApiCall, CallError> {
        let refused = |problem| CallError::NotDynamoDb { problem };
        if request.method != "POST" || request.target != "/" {
            return Err(refused("it is not `POST /`"));
        }
        let target =
            request.header("X-Amz-Target")?.ok_or_else(|| refused("it has no header `X-Amz-Target`"))?;
        self.translate(target, request.body.ok_or_else(|| refused("it has no body"))?)
    }

    /// The checks of a typed call: those of its JSON.
    ///
    /// # Errors
    /// As [`translate`](Self::translate).
    pub fn translate_call(&self, call: &Call<'_>) -> Result<ApiCall, CallError> {
        self.checked(operation::of_call(call)?, call)
    }

    fn checked(&self, operation: &'static Operation, call: &Call<'_>) -> Result<ApiCall, CallError> {
        let translation = Translation { home: &self.home, schemas: &self.schemas };
        let mut checks = Vec::new();
        translation.checks(operation, call, &mut checks)?;
        Ok(ApiCall {
            service: "dynamodb",
            operation: operation.name,
            combination: operation.combination(),
            checks,
        })
    }
}

impl Translation<'_> {
    pub(super) fn schema(&self, table: &TableRef<'_>) -> Result<Arc<TableSchema>, CallError> {
        self.schemas.schema(table).ok_or_else(|| CallError::UnknownTable(table.arn()))
    }

    fn checks(
        &self,
        operation: &'static Operation,
        call: &Call<'_>,
        checks: &mut Vec<Check>,
    ) -> Result<(), CallError> {
        match call {
            Call::GetItem(call) => Read {
                action: "dynamodb:GetItem",
                member: "TableName",
                table: &call.table_name,
                keys: std::slice::from_ref(&call.key),
                projection: call.projection_expression.as_deref(),
                names: call.expression_attribute_names.as_ref(),
                attributes_to_get: call.attributes_to_get.as_deref(),
                capacity: call.return_consumed_capacity,
                ..Read::default()
            }
            .checks(self, checks),
            Call::PutItem(call) => Write::of_put(call)?.checks(self, checks),
            Call::UpdateItem(call) => Write::of_update(call).checks(self, checks),
            Call::DeleteItem(call) => Write::of_delete(call)?.checks(self, checks),
            Call::Query(call) => query(self, call, checks),
            Call::Scan(call) => scan(self, call, checks),
            Call::BatchGetItem(call) => batch::get(self, call, checks),
            Call::BatchWriteItem(call) => batch::write(self, call, checks),
            Call::TransactGetItems(call) => batch::transact_get(self, call, checks),
            Call::TransactWriteItems(call) => batch::transact_write(self, call, checks),
            Call::ExecuteStatement(call) => partiql::execute(self, call, checks),
            Call::BatchExecuteStatement(call) => partiql::batch(self, call, checks),
            Call::ExecuteTransaction(call) => partiql::transaction(self, call, checks),
            Call::SearchVectors(call) => {
                let table = self.home.table("TableName", &call.table_name)?;
                let index = control::index_name(&call.index_name)?;
                for resource in [table.index_arn(index), table.arn()] {
                    checks.push(control::check("dynamodb:SearchVectors", resource));
                }
                Ok(())
            }
            Call::Control(call) => control::checks(self.home, operation, call, checks),
        }
    }
}

impl Operation {
    pub(super) fn combination(&self) -> Combination {
        match self.name {
            "BatchExecuteStatement" => Combination::Each,
            "DescribeEndpoints" => Combination::NoneNeeded,
            _ => Combination::AllOf,
        }
    }
}
