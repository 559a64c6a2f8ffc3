//! What the call itself does not tell, as options: whose store it is, the schemas of tables, facts of the resource.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;

use crate::cli::input::Input;
use crate::service::ApiCall;
use crate::service::dynamodb::{DynamoDb, TableSchema};
use crate::service::s3::{self, Addressing, Facts, ResourceFacts, Touched};

use super::{CallError, OwnedRequest};

/// The most bytes of a file of table schemas.
const MOST_SCHEMAS: usize = 64 << 20;

/// Facts beside a call of S3.
#[derive(Debug, Args)]
#[command(next_help_heading = "Facts of a call of S3")]
pub(in crate::cli) struct S3Args {
    /// The host of an object store of your own, such as storage.example.com; repeatable [default: AWS's endpoints]
    #[arg(long, value_name = "HOST")]
    s3_host: Vec<String>,
    /// Take any other host as the name of a bucket, as a DNS alias makes it
    #[arg(long)]
    cname: bool,
    /// The version of TLS, such as 1.3: s3:TlsVersion
    #[arg(long, value_name = "VERSION")]
    tls_version: Option<String>,
    /// A tag of the buckets: s3:BucketTag and aws:ResourceTag; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = crate::cli::question::key_and_value)]
    bucket_tag: Vec<(String, String)>,
    /// A tag that the objects have already: s3:ExistingObjectTag; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = crate::cli::question::key_and_value)]
    object_tag: Vec<(String, String)>,
    /// The objects have no tags: a copy then does not need s3:GetObjectTagging on its source
    #[arg(long, conflicts_with = "object_tag")]
    no_object_tags: bool,
}

/// Facts beside a call of DynamoDB.
#[derive(Debug, Args)]
#[command(next_help_heading = "Facts of a call of DynamoDB")]
pub(in crate::cli) struct DynamoDbArgs {
    /// The key schemas of the tables: a JSON object from the table's ARN to its schema, or the answer of `DescribeTable`;
    /// repeatable
    #[arg(long, value_name = "FILE")]
    tables: Vec<Input>,
    /// The partition of tables that are named without ARN
    #[arg(long, value_name = "PARTITION", default_value = "aws")]
    partition: String,
    /// The Region of tables that are named without ARN
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The account of tables that are named without ARN
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
}

impl S3Args {
    /// The checks of a call on the buckets of an account, at a time in seconds since 1970.
    pub(in crate::cli) fn checks(
        &self,
        request: &OwnedRequest,
        account: Option<&str>,
        now: Option<i64>,
    ) -> Result<ApiCall, CallError> {
        let mut addressing = if self.s3_host.is_empty() {
            Addressing::aws()
        } else {
            Addressing::own(self.s3_host.iter().map(String::as_str))
        };
        if self.cname {
            addressing = addressing.with_cnames();
        }
        let known = ResourceFacts {
            account: account.map(str::to_owned),
            bucket_tags: self.bucket_tag.clone(),
            object_tags: self.object_tag.clone(),
            has_no_object_tags: self.no_object_tags,
        };
        let resources = |_: &Touched<'_>| known.clone();
        let facts = Facts {
            tls_version: self.tls_version.as_deref(),
            now: now.map(|seconds| seconds.saturating_mul(1_000)),
            resources: Some(&resources),
            ..Facts::default()
        };
        Ok(s3::checks(&request.http(), &addressing, &facts)?)
    }
}

impl DynamoDbArgs {
    /// The files that are named.
    pub(in crate::cli) fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.tables.iter()
    }

    /// The checks of a call.
    pub(in crate::cli) fn checks(&self, request: &OwnedRequest) -> Result<ApiCall, CallError> {
        let missing = |what| CallError::Missing(what);
        let region = self.region.as_deref().ok_or_else(|| missing("`--region`"))?;
        let account = self.account.as_deref().ok_or_else(|| missing("`--account`"))?;
        let http = request.http();
        let target = http.header("x-amz-target")?.ok_or(CallError::NoTarget)?;
        let dynamodb = DynamoDb::new(&self.partition, region, account, self.schemas()?)?;
        Ok(dynamodb.translate(target, http.body.unwrap_or_default())?)
    }

    fn schemas(&self) -> Result<BTreeMap<String, Arc<TableSchema>>, CallError> {
        let mut schemas = BTreeMap::new();
        for input in &self.tables {
            let text = input.read_text(MOST_SCHEMAS).map_err(|error| CallError::Tables(error.to_string()))?;
            let problem = |message: String| CallError::Tables(format!("`{}`: {message}", input.name()));
            if let Some((arn, schema)) = described(&text) {
                schemas.insert(arn, Arc::new(schema.map_err(|error| problem(error.to_string()))?));
                continue;
            }
            let told: BTreeMap<String, TableSchema> =
                serde_json::from_str(&text).map_err(|error| problem(error.to_string()))?;
            schemas.extend(told.into_iter().map(|(arn, schema)| (arn, Arc::new(schema))));
        }
        Ok(schemas)
    }
}

/// The table that an answer of `DescribeTable` describes; `None` if the text is none.
fn described(text: &str) -> Option<(String, Result<TableSchema, crate::service::dynamodb::SchemaError>)> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let table = value.get("Table").unwrap_or(&value);
    let arn = table.get("TableArn")?.as_str()?.to_owned();
    Some((arn, TableSchema::from_describe_table(text)))
}
