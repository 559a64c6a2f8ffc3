//! `call`: a case in terms of an API call, which stands for all the checks that it makes.
//!
//! ```yaml
//! facts: {tables: tables.json, region: us-east-1, account: "111122223333"}
//! cases:
//!   - {name: reads, call: "GET https://app-data.s3.amazonaws.com/us-east-1:alice/photo.jpg", expect: allowed}
//!   - name: copies
//!     call:
//!       method: PUT
//!       url: https://app-data.s3.amazonaws.com/us-east-1:alice/copy.jpg
//!       headers: {x-amz-copy-source: "app-data/us-east-1:bob/photo.jpg"}
//!     expect: implicitDeny
//!   - {name: gets, call: {dynamodb: GetItem, body: {TableName: Photos, Key: {user: {S: us-east-1:alice}}}}, expect: allowed}
//! ```
//! A call that needs all its checks is one case, as is one that needs none; of a call whose parts are done each by itself
//! (`DeleteObjects`) every part is a case, and `expect` may list what is expected of each.
//!
//! What turns a call into checks is handed in ([`Translate`]): policies are tested here, calls of services are known beside.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::evaluate::api_call::{ApiCall, Check as CallCheck, Value as KeyValue};
use crate::evaluate::{Combination, Layer, PolicySet};

use super::file::{Draft, list};
use super::policies::joined;
use super::request::{Given, RequestParts, flag, text};
use super::yaml::{Node, Problem, Value};

/// Turns a call into its checks, or says why it cannot.
pub type Translate = fn(&WrittenCall) -> Result<ApiCall, String>;

/// A call as a case writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenCall {
    /// The call itself.
    pub form: CallForm,
    /// What it does not tell.
    pub facts: CallFacts,
    /// The account that owns the resources, if the case says so.
    pub resource_account: Option<String>,
}

/// The ways to write a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallForm {
    /// HTTP/1.1 text, a curl line, or method and address on one line.
    Text(String),
    /// A request by its parts.
    Request {
        /// The method.
        method: String,
        /// The address.
        url: String,
        /// The headers.
        headers: Vec<(String, String)>,
        /// The body; a mapping is written as JSON.
        body: Option<String>,
    },
    /// An operation of DynamoDB and its body as JSON.
    DynamoDb {
        /// Its name, such as `GetItem`.
        operation: String,
        /// The body.
        body: String,
    },
}

/// What a call does not tell: whose it is, the key schemas of tables, facts of the resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFacts {
    /// The key schemas of tables, as the texts of JSON objects from the tables' ARNs.
    pub tables: Vec<Arc<str>>,
    /// The partition of tables that are named without ARN.
    pub partition: Option<String>,
    /// Their Region.
    pub region: Option<String>,
    /// Their account.
    pub account: Option<String>,
    /// Hosts of an object store of one's own.
    pub s3_hosts: Vec<String>,
    /// The version of TLS.
    pub tls_version: Option<String>,
    /// The time.
    pub now: Option<String>,
    /// The tags of the buckets.
    pub bucket_tags: Vec<(String, String)>,
    /// The tags that the objects have already.
    pub object_tags: Vec<(String, String)>,
    /// Whether the objects are known to have none.
    pub no_object_tags: bool,
    /// The files that were read for this.
    pub files: Vec<PathBuf>,
}

/// A case's call, translated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedCall {
    /// The operation, such as `s3:CopyObject`; empty for a call that is refused.
    pub operation: String,
    /// The requests of its checks, all of which are needed; none for a call that needs no permission.
    pub requests: Vec<RequestParts>,
    /// The buckets and tables that they are on.
    pub roots: Vec<String>,
    /// Why the call is refused.
    pub refused: Option<String>,
}

/// The members of `facts`.
const FACTS: [&str; 10] = [
    "tables",
    "partition",
    "region",
    "account",
    "s3_hosts",
    "tls_version",
    "now",
    "bucket_tags",
    "object_tags",
    "no_object_tags",
];

/// The most bytes of a file of key schemas, which is read for each case.
const MOST_SCHEMAS: u64 = 4 << 20;

impl CallFacts {
    /// These, with what a member `facts` says; paths are relative to a folder.
    pub(super) fn overlaid(&self, node: &Node, folder: &Path) -> Result<Self, Problem> {
        let members = node.mapping().ok_or_else(|| node.problem("`facts` is a mapping"))?;
        let mut facts = self.clone();
        for (name, value) in members {
            let member = name.text().unwrap_or_default();
            match member {
                "tables" => facts.read_tables(value, folder)?,
                "partition" => facts.partition = text(member, value)?,
                "region" => facts.region = text(member, value)?,
                "account" => facts.account = text(member, value)?,
                "s3_hosts" => facts.s3_hosts = texts(value)?,
                "tls_version" => facts.tls_version = text(member, value)?,
                "now" => facts.now = text(member, value)?,
                "bucket_tags" => facts.bucket_tags = pairs(member, value)?,
                "object_tags" => facts.object_tags = pairs(member, value)?,
                "no_object_tags" => facts.no_object_tags = flag(member, value)?,
                other => {
                    let help = format!("the members are {}", list(&FACTS));
                    return Err(name.problem(format!("`{other}` is no fact of a call")).help(help));
                }
            }
        }
        Ok(facts)
    }

    /// The paths of files, or schemas that are written here.
    fn read_tables(&mut self, node: &Node, folder: &Path) -> Result<(), Problem> {
        self.tables.clear();
        if node.mapping().is_some() {
            self.tables.push(node.lined_json().into());
            return Ok(());
        }
        for item in node.items().iter().filter(|item| !item.is_null()) {
            let path = item.text().ok_or_else(|| item.problem("the key schemas of tables are a file"))?;
            let path = joined(folder, path);
            let unread = |error: &dyn std::fmt::Display| {
                item.problem(format!("`{}` cannot be read: {error}", path.display()))
            };
            let size = std::fs::metadata(&path).map_err(|error| unread(&error))?.len();
            if size > MOST_SCHEMAS {
                return Err(unread(&format!("it has more than {MOST_SCHEMAS} bytes")));
            }
            self.tables.push(std::fs::read_to_string(&path).map_err(|error| unread(&error))?.into());
            self.files.push(path);
        }
        Ok(())
    }
}

/// The cases that a case with a call stands for, each with its checks.
pub(super) fn written_out(
    draft: Draft,
    call: &Node,
    translate: Option<Translate>,
) -> Result<Vec<(Draft, AskedCall)>, Problem> {
    let is_set = |member: &Option<String>| member.as_deref().is_some_and(|text| !text.is_empty());
    if is_set(&draft.parts.action) || is_set(&draft.parts.resource) {
        let problem = call.problem("`call` beside `action` or `resource`");
        return Err(problem.help("the call tells them; leave them out"));
    }
    let translate = translate.ok_or_else(|| {
        call.problem("`call` cannot be read here").help("whoever reads the file knows no services")
    })?;
    let resource_account = draft.parts.resource_account.clone().filter(|account| !account.is_empty());
    let written = WrittenCall { form: form(call)?, facts: draft.facts.clone(), resource_account };
    match translate(&written) {
        Ok(translated) => parts(&draft, call, &translated),
        Err(refused) => {
            // One case, which tells why; how many parts there would have been is not known.
            let expect = draft.expect_each.as_deref().and_then(|list| list.first().copied()).or(draft.expect);
            let asked = AskedCall { refused: Some(refused), ..AskedCall::default() };
            Ok(vec![(Draft { expect, expect_each: None, ..draft }, asked)])
        }
    }
}

/// A call beside which `expect` must be one decision.
fn single(draft: Draft, call: &Node) -> Result<Draft, Problem> {
    if draft.expect_each.is_some() {
        return Err(call.problem("`expect` is a list, and the call has no parts that are done by themselves"));
    }
    Ok(draft)
}

fn parts(draft: &Draft, call: &Node, translated: &ApiCall) -> Result<Vec<(Draft, AskedCall)>, Problem> {
    let operation = format!("{}:{}", translated.service, translated.operation);
    let asked = |checks: Vec<&CallCheck>| {
        let requests =
            checks.iter().map(|check| request(&draft.parts, check, call)).collect::<Result<_, _>>()?;
        let roots = translated.roots().into_iter().map(str::to_owned).collect();
        Ok(AskedCall { operation: operation.clone(), requests, roots, refused: None })
    };
    match translated.combination {
        Combination::NoneNeeded => Ok(vec![(single(draft.clone(), call)?, asked(Vec::new())?)]),
        // What makes no check has no permission either.
        _ if translated.checks.is_empty() => {
            let refused = Some("the call makes no check".to_owned());
            Ok(vec![(single(draft.clone(), call)?, AskedCall { refused, ..asked(Vec::new())? })])
        }
        Combination::AllOf => {
            Ok(vec![(single(draft.clone(), call)?, asked(translated.checks.iter().collect())?)])
        }
        Combination::Each => {
            let groups = grouped(&translated.checks);
            let expected = draft.expect_each.as_deref();
            if let Some(list) = expected.filter(|list| list.len() != groups.len()) {
                let problem = format!("{} decisions for the {} parts of the call", list.len(), groups.len());
                return Err(call.problem(problem));
            }
            let cases = groups.into_iter().enumerate().map(|(number, checks)| {
                let expect = expected.and_then(|list| list.get(number).copied()).or(draft.expect);
                let name = format!("{}, part {number}", draft.name);
                Ok((Draft { name, expect, expect_each: None, ..draft.clone() }, asked(checks)?))
            });
            cases.collect()
        }
    }
}

/// The checks of each part of a call; a check without a part is one by itself.
fn grouped(checks: &[CallCheck]) -> Vec<Vec<&CallCheck>> {
    let mut groups: Vec<Vec<&CallCheck>> = Vec::new();
    for check in checks {
        let is_own = |group: &&mut Vec<&CallCheck>| {
            check.part.is_some() && group.first().is_some_and(|first| first.part == check.part)
        };
        match groups.iter_mut().rev().find(is_own) {
            Some(group) => group.push(check),
            None => groups.push(vec![check]),
        }
    }
    groups
}

/// A check, asked by whom and in which context the case says.
fn request(base: &RequestParts, check: &CallCheck, call: &Node) -> Result<RequestParts, Problem> {
    let mut parts = base.clone();
    parts.action = Some(check.action.clone().into_owned());
    parts.resource = Some(check.resource.clone());
    if check.resource == "*" {
        parts.resource_account = None;
    }
    for (key, value) in &check.context {
        if parts.get(key).is_some() {
            let problem = call.problem(format!("`{key}` stands in the case and in the call"));
            return Err(problem.help("leave it out of `context`"));
        }
        parts.add(
            key,
            Some(match value {
                KeyValue::One(text) => Given::One(text.clone()),
                KeyValue::Many(texts) => Given::Many(texts.clone()),
            }),
        );
    }
    Ok(parts)
}

/// Several buckets or tables have several policies: the one of a case cannot stand for them all.
pub(super) fn refuses(call: &AskedCall, set: &PolicySet) -> Option<String> {
    (call.roots.len() > 1 && set.layer(Layer::Resource).is_some()).then(|| {
        format!(
            "the call checks several resources, which have policies of their own: {}; write a case for each check",
            call.roots.join(", ")
        )
    })
}

fn form(node: &Node) -> Result<CallForm, Problem> {
    let help = "write HTTP/1.1 text, a curl line, `METHOD URL`, or a mapping: `method`, `url`, `headers`, `body`; or \
                `dynamodb` (the operation) and `body`";
    if let Some(text) = node.text().filter(|text| !text.trim().is_empty()) {
        return Ok(CallForm::Text(text.to_owned()));
    }
    let members = node.mapping().ok_or_else(|| node.problem("a call is a text or a mapping").help(help))?;
    let (mut found, mut headers): (Vec<(&str, String)>, _) = (Vec::new(), Vec::new());
    for (name, value) in members {
        match name.text().unwrap_or_default() {
            "headers" => headers = pairs("headers", value)?,
            "body" if value.text().is_none() => found.push(("body", value.lined_json())),
            member @ ("method" | "url" | "body" | "dynamodb") => {
                found.extend(text(member, value)?.map(|text| (member, text)));
            }
            other => return Err(name.problem(format!("`{other}` is no member of a call")).help(help)),
        }
    }
    let mut take = |name: &str| {
        let at = found.iter().position(|(member, _)| *member == name)?;
        Some(found.remove(at).1)
    };
    match (take("dynamodb"), take("method"), take("url"), take("body")) {
        (Some(operation), None, None, body) if headers.is_empty() => {
            Ok(CallForm::DynamoDb { operation, body: body.unwrap_or_else(|| "{}".to_owned()) })
        }
        (None, Some(method), Some(url), body) => Ok(CallForm::Request { method, url, headers, body }),
        _ => Err(node.problem("a call without its members, or with those of both forms").help(help)),
    }
}

fn texts(node: &Node) -> Result<Vec<String>, Problem> {
    let one = |item: &Node| item.text().map(str::to_owned).ok_or_else(|| item.problem("not a text"));
    node.items().iter().filter(|item| !item.is_null()).map(one).collect()
}

/// A mapping of texts.
fn pairs(name: &str, node: &Node) -> Result<Vec<(String, String)>, Problem> {
    let members = match &node.value {
        Value::Null => return Ok(Vec::new()),
        Value::Mapping(members) => members,
        Value::Scalar { .. } | Value::Sequence(_) => {
            return Err(node.problem(format!("`{name}` is a mapping of texts")));
        }
    };
    let one = |(key, value): &(Node, Node)| {
        let text = value.text().ok_or_else(|| value.problem("not a text"))?;
        Ok((key.text().unwrap_or_default().to_owned(), text.to_owned()))
    };
    members.iter().map(one).collect()
}
