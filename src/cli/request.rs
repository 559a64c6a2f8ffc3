//! `verdikt request`: the checks that an API call makes.

use std::fmt::Write as _;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::request::Principal;
use crate::service::{ApiCall, Check, Combination, Value};
use crate::text::diagnostic::printable;

use super::attached::PolicyArgs;
use super::batch::json_line;
use super::call::{DynamoDbArgs, OwnedRequest, S3Args, WrittenCall};
use super::clock::Now;
use super::error::{CliError, Exit};
use super::input::{Input, once};
use super::render::{self, Terminal};
use super::usage;

/// Show the checks that an API call makes: action, resource and condition keys
///
/// The call is given as method, address and headers; or as a file, with `--call`: HTTP/1.1 text, a curl line as it is
/// pasted from elsewhere, or method and address on one line. Nothing is sent. `docs/requests.md` lists the operations and what is not modelled; a call
/// that cannot be translated whole is refused.
#[derive(Debug, Args)]
pub(super) struct RequestCommand {
    #[command(subcommand)]
    service: Service,
}

#[derive(Debug, Subcommand)]
enum Service {
    /// A call of Amazon S3 or of a store that speaks its protocol
    S3(S3Call),
    /// A call of Amazon DynamoDB
    Dynamodb(DynamoDbCall),
}

#[derive(Debug, Args)]
struct S3Call {
    #[command(flatten)]
    call: CallArgs,
    /// The account that owns the buckets: s3:ResourceAccount and aws:ResourceAccount
    #[arg(long, value_name = "ACCOUNT")]
    resource_account: Option<String>,
    /// The time of the call, such as 2026-01-31T12:00:00Z: s3:signatureAge, s3:object-lock-remaining-retention-days
    #[arg(long, value_name = "TIME", value_parser = Now::read)]
    now: Option<Now>,
    #[command(flatten)]
    facts: S3Args,
}

#[derive(Debug, Args)]
struct DynamoDbCall {
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    facts: DynamoDbArgs,
}

/// The call and how its checks are written.
#[derive(Debug, Args)]
struct CallArgs {
    #[command(flatten)]
    written: WrittenCall,
    /// The call as HTTP/1.1 text or as a curl line; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "WrittenCall", required_unless_present = "url")]
    call: Option<Input>,
    /// How the checks are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Who makes the call, for `--format cases`: an ARN, a service, `anonymous`
    #[arg(long, value_name = "ARN", required_if_eq("format", "cases"))]
    principal: Option<String>,
    #[command(flatten)]
    policies: PolicyArgs,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people
    #[default]
    Text,
    /// One JSON object: operation, combination, checks
    Json,
    /// One case, as `verdikt decide --cases` reads it, with the policies that are given: a request if the call makes one
    /// check, else the call with all of them
    Cases,
}

impl RequestCommand {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        let (name, args, translate): (_, _, Translate<'_>) = match &self.service {
            Service::S3(s3) => {
                let account = s3.resource_account.as_deref();
                let now = s3.now.map(|now| Now::or_clock(Some(now)));
                ("s3", &s3.call, Box::new(move |request| s3.facts.checks(request, account, now)))
            }
            Service::Dynamodb(dynamodb) => {
                ("dynamodb", &dynamodb.call, Box::new(|request| dynamodb.facts.checks(request)))
            }
        };
        let account = match &self.service {
            Service::S3(s3) => s3.resource_account.as_deref(),
            Service::Dynamodb(_) => None,
        };
        let tables = match &self.service {
            Service::Dynamodb(dynamodb) => Some(dynamodb.facts.inputs()),
            Service::S3(_) => None,
        };
        let named = args.call.iter().chain(args.written.inputs()).chain(args.policies.inputs());
        once(name, named.chain(tables.into_iter().flatten()))?;
        if args.policies.store().is_some() {
            let message =
                "a store's policies do not go into cases; `verdikt decide --store --call` decides by them";
            return Err(usage("request", message));
        }
        if args.format != Format::Cases && args.policies.inputs().next().is_some() {
            return Err(usage(
                "request",
                "policies go into `--format cases`; `verdikt decide --call` decides",
            ));
        }
        let request = match (&args.call, args.written.request("request")?) {
            (Some(input), _) => OwnedRequest::from(input)?,
            (None, Some(request)) => request,
            (None, None) => return Err(usage("request", "give METHOD and URL, or `--call FILE`")),
        };
        let call = translate(&request)?;
        match args.format {
            Format::Text => terminal.print(&table(&call))?,
            Format::Json => render::write(&json_line(&call))?,
            Format::Cases => render::write(&args.case(&call, account)?)?,
        };
        Ok(Exit::Clean)
    }
}

type Translate<'a> = Box<dyn Fn(&OwnedRequest) -> Result<ApiCall, super::call::CallError> + 'a>;

/// A call as a case of the batch form.
#[derive(Serialize)]
struct Case<'a> {
    id: &'a str,
    #[serde(flatten)]
    asked: Asked<'a>,
    policies: &'a RawValue,
}

/// One check is a request as any other; several, or none, are asked about together.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Asked<'a> {
    Request(Asker<'a, Check>),
    Call(Asker<'a, ApiCall>),
}

#[derive(Serialize)]
struct Asker<'a, T> {
    principal: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_account: Option<&'a str>,
    #[serde(flatten)]
    asks: &'a T,
}

impl CallArgs {
    fn case(&self, call: &ApiCall, account: Option<&str>) -> Result<Vec<u8>, CliError> {
        let principal = self.principal.as_deref().unwrap_or_default();
        let refused = |source| CliError::Request { place: "the principal is refused".to_owned(), source };
        Principal::parse(principal).map_err(refused)?;
        let policies = self.policies.case()?;
        let asked = match (call.checks.as_slice(), call.combination) {
            ([check], Combination::AllOf) => {
                let resource_account = account.filter(|_| check.resource != "*");
                Asked::Request(Asker { principal, resource_account, asks: check })
            }
            _ => Asked::Call(Asker { principal, resource_account: account, asks: call }),
        };
        Ok(json_line(&Case { id: call.operation, asked, policies: &policies }))
    }
}

/// A call for people.
fn table(call: &ApiCall) -> String {
    let combined = match (call.checks.as_slice(), call.combination) {
        ([_], _) => "one check",
        (_, Combination::NoneNeeded) => "needs no permission, nothing is checked",
        (_, Combination::AllOf) => "every check must be allowed",
        (_, Combination::Each) => "each check stands for a part of the call",
    };
    let mut out = format!("{}:{}: {combined}\n", call.service, call.operation);
    for check in &call.checks {
        // Writing to memory does not fail.
        let part = check.part.map(|part| format!("  (part {part})")).unwrap_or_default();
        let _ = writeln!(out, "{}  {}{part}", check.action, printable(&check.resource));
        let width =
            check.context.iter().map(|(name, _)| printable(name).chars().count()).max().unwrap_or_default();
        for (name, value) in &check.context {
            let _ = writeln!(out, "    {:width$}  {}", printable(name), shown(value));
        }
    }
    out
}

fn shown(value: &Value) -> String {
    match value {
        Value::One(value) => printable(value).to_string(),
        Value::Many(values) => {
            let values: Vec<_> = values.iter().map(|value| printable(value)).collect();
            format!("[{}]", values.join(", "))
        }
    }
}
