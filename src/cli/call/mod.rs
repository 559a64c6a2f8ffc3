//! An API call as it is given at the command line: HTTP/1.1 text, a pasted curl line, or method, address and headers.

mod curl;
mod facts;

use clap::{Args, ValueEnum};

use crate::service::dynamodb;
use crate::service::http::HttpError;
use crate::service::s3::S3Error;
use crate::service::{ApiCall, HttpRequest};

use super::error::CliError;
use super::input::Input;
use super::usage;

pub use facts::translate;
pub(super) use facts::{DynamoDbArgs, S3Args};

/// The most bytes of a call: the largest body that DynamoDB takes, and its head.
const MOST: usize = 17 << 20;

/// An HTTP request that owns its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnedRequest {
    pub(super) method: String,
    pub(super) authority: Option<String>,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) secure: Option<bool>,
}

/// Why a call cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error("the curl line cannot be read: {0}")]
    Curl(String),
    #[error("the address cannot be read: {0}")]
    Address(String),
    #[error("the call cannot be read: {0}")]
    Http(#[from] HttpError),
    #[error("{0}")]
    S3(#[from] S3Error),
    #[error("{0}")]
    DynamoDb(#[from] dynamodb::CallError),
    #[error("the key schemas of tables cannot be read: {0}")]
    Tables(String),
    #[error("a call of DynamoDB names tables without their ARN: give {0}")]
    Missing(&'static str),
    #[error("no time: {0}")]
    Time(String),
    #[error("the call has no header `X-Amz-Target`, which names the operation of DynamoDB")]
    NoTarget,
    #[error("{0}")]
    ByStore(#[from] crate::decision_point::CallRefused),
}

/// The services whose calls are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SpokenService {
    /// Amazon S3: method and address
    S3,
    /// Amazon DynamoDB: an operation, with its JSON in `--body`
    Dynamodb,
}

/// An API call as words: `s3 GET /bucket/key`, `dynamodb GetItem`.
#[derive(Debug, Args)]
#[command(next_help_heading = "API call")]
pub(super) struct SpokenCall {
    /// An API call instead of action and resource: its service, then method and address, or the operation
    #[arg(value_name = "SERVICE", requires = "verb", conflicts_with_all = ["action", "resource", "request"])]
    service: Option<SpokenService>,
    /// The method of a call of S3, such as GET; the operation of a call of DynamoDB, such as `GetItem`
    #[arg(value_name = "METHOD|OPERATION")]
    verb: Option<String>,
    /// The address of a call of S3: `/bucket/key`, or a URL
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
    /// A header of the call; repeatable
    #[arg(long, short = 'H', value_name = "NAME: VALUE", requires = "service")]
    header: Vec<String>,
    /// The body of the call; `-` reads standard input
    #[arg(long, value_name = "FILE", requires = "service")]
    body: Option<Input>,
}

impl SpokenCall {
    /// The files that are named.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.body.iter()
    }

    /// The request that the words say; `None` without them. `host` is where S3 is if the address does not tell.
    pub(super) fn request(
        &self,
        subcommand: &str,
        host: Option<&str>,
    ) -> Result<Option<OwnedRequest>, CliError> {
        let (Some(service), Some(verb)) = (self.service, &self.verb) else { return Ok(None) };
        let mut headers = headers(&self.header, subcommand)?;
        let body = self.body.as_ref().map(|input| input.read(MOST)).transpose()?;
        match (service, &self.address) {
            (SpokenService::S3, Some(address)) => {
                let host = host.unwrap_or("s3.amazonaws.com");
                let is_path = address.starts_with('/');
                let url = if is_path { format!("https://{host}{address}") } else { address.clone() };
                Ok(Some(curl::to(verb.clone(), &url, headers, body)?))
            }
            (SpokenService::S3, None) => {
                Err(usage(subcommand, "a call of S3 needs an address: `s3 GET /bucket/key`"))
            }
            (SpokenService::Dynamodb, None) => {
                headers.push(("X-Amz-Target".to_owned(), target(verb)));
                let url = "https://dynamodb.amazonaws.com/";
                // An operation without members still has a body.
                let body = body.unwrap_or_else(|| b"{}".to_vec());
                Ok(Some(curl::to("POST".to_owned(), url, headers, Some(body))?))
            }
            (SpokenService::Dynamodb, Some(_)) => {
                let message = "a call of DynamoDB has no address: `dynamodb GetItem --body FILE`";
                Err(usage(subcommand, message))
            }
        }
    }
}

/// `X-Amz-Target` of an operation.
fn target(operation: &str) -> String {
    let is_streams = |own: &&dynamodb::Operation| own.name == operation && own.streams;
    let streams = if dynamodb::OPERATIONS.iter().any(|own| is_streams(&own)) { "Streams" } else { "" };
    format!("DynamoDB{streams}_20120810.{operation}")
}

/// Headers as options state them.
fn headers(texts: &[String], subcommand: &str) -> Result<Vec<(String, String)>, CliError> {
    let header = |text: &String| match text.split_once(':') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err(usage(subcommand, &format!("`{text}` is no header: write `NAME: VALUE`"))),
    };
    texts.iter().map(header).collect()
}

/// An API call written as options.
#[derive(Debug, Args)]
pub(super) struct WrittenCall {
    /// The method
    #[arg(value_name = "METHOD", requires = "url")]
    method: Option<String>,
    /// The address, such as `https://photos.s3.amazonaws.com/cat.jpg`
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// A header; repeatable
    #[arg(long, short = 'H', value_name = "NAME: VALUE", requires = "url")]
    header: Vec<String>,
    /// The body
    #[arg(long, value_name = "FILE", requires = "url")]
    body: Option<Input>,
}

impl WrittenCall {
    /// The files that are named.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.body.iter()
    }

    /// The request that the options say; `None` without them.
    pub(super) fn request(&self, subcommand: &str) -> Result<Option<OwnedRequest>, CliError> {
        let (Some(method), Some(url)) = (&self.method, &self.url) else { return Ok(None) };
        let headers = headers(&self.header, subcommand)?;
        let body = self.body.as_ref().map(|input| input.read(MOST)).transpose()?;
        Ok(Some(curl::to(method.clone(), url, headers, body)?))
    }
}

/// What a call given as a file does not tell itself.
#[derive(Debug, Args)]
pub(super) struct CallFacts {
    #[command(flatten)]
    s3: S3Args,
    #[command(flatten)]
    dynamodb: DynamoDbArgs,
}

impl CallFacts {
    /// The files that are named.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.dynamodb.inputs()
    }

    /// The host of an object store of one's own.
    pub(super) fn s3_host(&self) -> Option<&str> {
        self.s3.host()
    }

    /// Hands on what a store does not tell of a call. Tables without ARN belong to the account and Region of who asks, if
    /// the options and the host do not say otherwise.
    pub(super) fn with_store<R>(
        &self,
        request: &OwnedRequest,
        now: i64,
        account: Option<&str>,
        region: Option<&str>,
        translate: impl FnOnce(&crate::decision_point::CallFacts<'_>) -> Result<R, CliError>,
    ) -> Result<R, CliError> {
        let addressing = self.s3.addressing();
        let known = self.s3.known(None);
        let resources = |_: &crate::service::s3::Touched<'_>| known.clone();
        let s3 = self.s3.facts(Some(now), &resources);
        let (partition, own_region, own_account) = self.dynamodb.home();
        let region = own_region.or_else(|| request.region()).or(region);
        let account = own_account.or(account);
        translate(&crate::decision_point::CallFacts {
            addressing: &addressing,
            s3,
            partition,
            region,
            account,
        })
    }

    /// The checks of a call: of DynamoDB if it names an operation of it, else of S3.
    pub(super) fn checks(
        &self,
        request: &OwnedRequest,
        account: Option<&str>,
        now: Option<i64>,
    ) -> Result<ApiCall, CliError> {
        let target = request.http().header("x-amz-target").map_err(CallError::from)?;
        Ok(match target {
            Some(_) => self.dynamodb.checks(request)?,
            None => self.s3.checks(request, account, now)?,
        })
    }
}

impl CallError {
    /// What to do about it, where the message does not say so.
    pub(super) fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Http(error) => Some(error.remedy()),
            Self::S3(error) => Some(error.remedy()),
            Self::DynamoDb(error) => Some(error.remedy()),
            Self::ByStore(refused) => Some(refused.remedy()),
            Self::Curl(_)
            | Self::Address(_)
            | Self::Tables(_)
            | Self::Missing(_)
            | Self::Time(_)
            | Self::NoTarget => None,
        }
    }

    fn curl(problem: &str) -> Self {
        Self::Curl(problem.to_owned())
    }
}

impl OwnedRequest {
    /// Reads a call from a file.
    pub(super) fn from(input: &Input) -> Result<Self, CliError> {
        Ok(Self::read(&input.read(MOST)?)?)
    }

    /// Reads a call: a curl line if it begins with `curl `, method and address if those are all, else HTTP/1.1 text.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, CallError> {
        let text = std::str::from_utf8(bytes).map(str::trim).unwrap_or_default();
        if text.starts_with("curl ") {
            return curl::read(text);
        }
        match text.split_once(' ') {
            Some((method, url)) if !url.contains(char::is_whitespace) && url.contains("://") => {
                curl::to(method.to_owned(), url, Vec::new(), None)
            }
            _ => Ok(Self::of(&HttpRequest::parse(bytes)?)),
        }
    }

    /// The Region that the host of a call of DynamoDB tells.
    fn region(&self) -> Option<&str> {
        let told = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        let host = self.authority.as_deref().or(told.map(|(_, host)| host.as_str()))?;
        let region = host.strip_prefix("dynamodb.")?.split_once(".amazonaws.com")?.0;
        (!region.is_empty()).then_some(region)
    }

    fn of(request: &HttpRequest<'_>) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            method: request.method.to_owned(),
            authority: request.authority.map(str::to_owned),
            target: request.target.to_owned(),
            headers: request.headers.iter().map(own).collect(),
            body: request.body.map(<[u8]>::to_vec),
            secure: request.secure,
        }
    }

    /// The request that the services read.
    pub(super) fn http(&self) -> HttpRequest<'_> {
        HttpRequest {
            method: &self.method,
            authority: self.authority.as_deref(),
            target: &self.target,
            headers: self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            body: self.body.as_deref(),
            secure: self.secure,
        }
    }
}
