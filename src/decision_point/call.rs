//! API calls: translated with what the store knows of buckets and tables, and asked check by check.

use std::sync::Arc;

use crate::evaluate::{CallDecision, CallExplanation};
use crate::service::dynamodb::{
    DynamoDb, IndexSchema, KeyAttribute, KeySchema, KeyType, Projection, SchemaError, TableRef, TableSchema,
};
use crate::service::s3::{self, Addressing, Facts, ResourceFacts, Touched};
use crate::service::{ApiCall, Check, HttpRequest};
use crate::store::{self, Snapshot};

use super::InForce;
use super::ask::{Asked, Beside, Caller, Entries, Question};
use super::error::{AskError, CallRefused};

/// What neither the call nor the store tells.
#[derive(Clone, Debug)]
pub struct CallFacts<'a> {
    /// Which hosts are S3, and how a bucket is named in them.
    pub addressing: &'a Addressing,
    /// Facts of a call of S3; what they say of a resource is kept but for its owner and the bucket's tags, which are the
    /// store's.
    pub s3: Facts<'a>,
    /// The partition of tables that are named without ARN.
    pub partition: &'a str,
    /// Their Region.
    pub region: Option<&'a str>,
    /// Their account.
    pub account: Option<&'a str>,
}

/// A call whose checks are ready to be decided.
#[derive(Debug)]
pub struct AskedCall<'a> {
    /// The call.
    pub call: &'a ApiCall,
    /// Its checks, in their order.
    pub checks: Vec<Asked<'a>>,
}

impl<'a> CallFacts<'a> {
    /// Facts of calls to these hosts, the partition `aws`, and nothing else.
    pub fn new(addressing: &'a Addressing) -> Self {
        Self { addressing, s3: Facts::default(), partition: "aws", region: None, account: None }
    }
}

impl InForce {
    /// The checks of a call as it stands on the wire: of DynamoDB if it has the header `X-Amz-Target`, else of S3.
    ///
    /// # Errors
    /// It cannot be translated whole; refuse.
    pub fn translate(&self, http: &HttpRequest<'_>, facts: &CallFacts<'_>) -> Result<ApiCall, CallRefused> {
        if http.header("x-amz-target")?.is_some() {
            return Ok(self.dynamodb(facts)?.translate_http(http)?);
        }
        let address = facts.addressing.find(http.host()?, http.path()?)?;
        let known = |touched: &Touched<'_>| {
            let mut own = facts.s3.resources.map_or_else(ResourceFacts::default, |own| own(touched));
            if let Some(bucket) = self.store().bucket(address.partition, touched.bucket) {
                own.account = Some(bucket.account.to_owned());
                own.bucket_tags = bucket.tags.to_vec();
            }
            own
        };
        Ok(s3::checks(http, facts.addressing, &Facts { resources: Some(&known), ..facts.s3 })?)
    }

    /// DynamoDB with the key schemas of the store's tables: translates calls that came as target and body, or typed.
    ///
    /// # Errors
    /// Nothing says Region or account.
    pub fn dynamodb(
        &self,
        facts: &CallFacts<'_>,
    ) -> Result<DynamoDb<impl Fn(&TableRef<'_>) -> Option<Arc<TableSchema>>>, CallRefused> {
        let region = facts.region.ok_or(CallRefused::NoHome("Region"))?;
        let account = facts.account.ok_or(CallRefused::NoHome("account"))?;
        let store = self.store();
        let schemas = move |table: &TableRef<'_>| schema(store, table);
        Ok(DynamoDb::new(facts.partition, region, account, schemas)?)
    }

    /// Makes every check of a call ready and hands them to `answer`; `beside` are context keys of all of them, such as
    /// `aws:SourceIp`.
    ///
    /// # Errors
    /// As [`ask`](Self::ask), of the first check that cannot be asked.
    pub fn ask_call<R>(
        &self,
        caller: &Caller<'_>,
        call: &ApiCall,
        beside: Entries<'_>,
        now: i64,
        answer: impl FnOnce(&AskedCall<'_>) -> R,
    ) -> Result<R, AskError> {
        self.ask_call_beside(caller, call, &Beside { context: beside, ..Beside::default() }, now, answer)
    }

    /// As [`ask_call`](Self::ask_call), with more that is asked of every check.
    ///
    /// # Errors
    /// As [`ask_call`](Self::ask_call).
    pub fn ask_call_beside<R>(
        &self,
        caller: &Caller<'_>,
        call: &ApiCall,
        beside: &Beside<'_>,
        now: i64,
        answer: impl FnOnce(&AskedCall<'_>) -> R,
    ) -> Result<R, AskError> {
        let known = self.known(caller)?;
        let ask = |check| self.asked(&known, &question(check, beside), beside.context, now);
        let checks = call.checks.iter().map(ask).collect::<Result<Vec<_>, _>>()?;
        Ok(answer(&AskedCall { call, checks }))
    }

    /// Decides a call by all its checks.
    ///
    /// # Errors
    /// As [`ask_call`](Self::ask_call).
    #[allow(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is not general enough in its lifetimes"
    )]
    pub fn decide_call(
        &self,
        caller: &Caller<'_>,
        call: &ApiCall,
        beside: Entries<'_>,
        now: i64,
    ) -> Result<CallDecision, AskError> {
        self.ask_call(caller, call, beside, now, |asked| asked.decide())
    }
}

fn question<'a>(check: &'a Check, beside: &Beside<'a>) -> Question<'a> {
    Question {
        resource_account: beside.resource_account,
        resource_policy_mode: beside.resource_policy_mode,
        ..Question::new(&check.action, &check.resource).with_context(&check.context)
    }
}

impl AskedCall<'_> {
    /// The decision, check by check.
    pub fn decide(&self) -> CallDecision {
        let checks = self.parts().map(|(part, asked)| (part, asked.decide()));
        CallDecision { combination: self.call.combination, checks: checks.collect() }
    }

    /// The whole explanation, check by check.
    pub fn explain(&self) -> CallExplanation {
        let checks = self.parts().map(|(part, asked)| (part, asked.explain()));
        CallExplanation { combination: self.call.combination, checks: checks.collect() }
    }

    /// The decisions and the layers that they come from, without what would change them.
    pub fn explain_decision(&self) -> CallExplanation {
        let checks = self.parts().map(|(part, asked)| (part, asked.explain_decision()));
        CallExplanation { combination: self.call.combination, checks: checks.collect() }
    }

    fn parts(&self) -> impl Iterator<Item = (Option<u32>, &Asked<'_>)> {
        self.call.checks.iter().map(|check| check.part).zip(&self.checks)
    }
}

/// The key schema of a table of the store, as translation reads it.
fn schema(store: &Snapshot, table: &TableRef<'_>) -> Option<Arc<TableSchema>> {
    let stored = store.table_schema(&table.arn())?;
    table_schema(stored).ok().map(Arc::new)
}

fn table_schema(stored: &store::TableSchema) -> Result<TableSchema, SchemaError> {
    let mut table = TableSchema::new(key_schema(&stored.key)?);
    for (name, key) in &stored.indexes {
        let index = IndexSchema { key: key_schema(key)?, projection: Projection::All };
        table = table.with_index(name.as_str(), index);
    }
    Ok(table)
}

fn key_schema(stored: &store::KeySchema) -> Result<KeySchema, SchemaError> {
    let attribute = |name: &String, kind| {
        let kind = match kind {
            store::KeyType::S => KeyType::S,
            store::KeyType::N => KeyType::N,
            store::KeyType::B => KeyType::B,
        };
        KeyAttribute::new(name.as_str(), kind)
    };
    let sort = stored.sort_key.iter().map(|name| attribute(name, stored.sort_key_type));
    KeySchema::new(vec![attribute(&stored.partition_key, stored.partition_key_type)], sort.collect())
}
