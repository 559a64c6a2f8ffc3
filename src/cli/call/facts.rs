//! What the call itself does not tell, as options: whose store it is, the schemas of tables, facts of the resource.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;

use crate::cli::clock::Now;
use crate::cli::input::Input;
use crate::service::ApiCall;
use crate::service::dynamodb::{DynamoDb, TableSchema};
use crate::service::s3::{self, Addressing, Facts, ResourceFacts, Touched};
use crate::suite::test::{CallFacts, CallForm, WrittenCall};

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

    fn schemas(&self) -> Result<TableSchemas, CallError> {
        let mut schemas = TableSchemas::new();
        for input in &self.tables {
            let text = input.read_text(MOST_SCHEMAS).map_err(|error| CallError::Tables(error.to_string()))?;
            add_schemas(&mut schemas, &text)
                .map_err(|message| CallError::Tables(format!("`{}`: {message}", input.name())))?;
        }
        Ok(schemas)
    }
}

type TableSchemas = BTreeMap<String, Arc<TableSchema>>;

/// Adds the schemas of a file: by ARN, or one as `DescribeTable` answers it.
fn add_schemas(schemas: &mut TableSchemas, text: &str) -> Result<(), String> {
    if let Some((arn, schema)) = described(text) {
        schemas.insert(arn, Arc::new(schema.map_err(|error| error.to_string())?));
        return Ok(());
    }
    let told: BTreeMap<String, TableSchema> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    schemas.extend(told.into_iter().map(|(arn, schema)| (arn, Arc::new(schema))));
    Ok(())
}

/// The checks of a call of a case file.
///
/// # Errors
/// Why it cannot be translated whole.
pub fn translate(call: &WrittenCall) -> Result<ApiCall, String> {
    translated(call).map_err(|error| match error.remedy() {
        Some(remedy) => format!("{error}; {remedy}"),
        None => error.to_string(),
    })
}

fn translated(call: &WrittenCall) -> Result<ApiCall, CallError> {
    let facts = &call.facts;
    let request = match &call.form {
        CallForm::DynamoDb { operation, body } => {
            let is_whole = operation.contains('.');
            let target = if is_whole { operation.clone() } else { format!("DynamoDB_20120810.{operation}") };
            return of_dynamodb(facts, &target, body.as_bytes());
        }
        CallForm::Text(text) => OwnedRequest::read(headed(text).as_bytes())?,
        CallForm::Request { method, url, headers, body } => {
            let body = body.clone().map(String::into_bytes);
            super::curl::to(method.clone(), url, headers.clone(), body)?
        }
    };
    let http = request.http();
    if let Some(target) = http.header("x-amz-target")? {
        return of_dynamodb(facts, target, http.body.unwrap_or_default());
    }
    let now = facts.now.as_deref().map(Now::read).transpose().map_err(CallError::Time)?;
    let args = S3Args {
        s3_host: facts.s3_hosts.clone(),
        cname: false,
        tls_version: facts.tls_version.clone(),
        bucket_tag: facts.bucket_tags.clone(),
        object_tag: facts.object_tags.clone(),
        no_object_tags: facts.no_object_tags,
    };
    args.checks(&request, call.resource_account.as_deref(), now.map(|now| Now::or_clock(Some(now))))
}

fn of_dynamodb(facts: &CallFacts, target: &str, body: &[u8]) -> Result<ApiCall, CallError> {
    let region = facts.region.as_deref().ok_or(CallError::Missing("`region` in `facts`"))?;
    let account = facts.account.as_deref().ok_or(CallError::Missing("`account` in `facts`"))?;
    let mut schemas = TableSchemas::new();
    for text in &facts.tables {
        add_schemas(&mut schemas, text).map_err(CallError::Tables)?;
    }
    let partition = facts.partition.as_deref().unwrap_or("aws");
    Ok(DynamoDb::new(partition, region, account, schemas)?.translate(target, body)?)
}

/// The text of a call with the empty line that ends its head, which is easily lost in YAML.
fn headed(text: &str) -> Cow<'_, str> {
    if text.contains("\n\n") || text.contains("\r\n\r\n") {
        return text.into();
    }
    format!("{}\r\n\r\n", text.trim_end()).into()
}

/// The table that an answer of `DescribeTable` describes; `None` if the text is none.
fn described(text: &str) -> Option<(String, Result<TableSchema, crate::service::dynamodb::SchemaError>)> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let table = value.get("Table").unwrap_or(&value);
    let arn = table.get("TableArn")?.as_str()?.to_owned();
    Some((arn, TableSchema::from_describe_table(text)))
}
