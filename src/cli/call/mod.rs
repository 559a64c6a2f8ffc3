//! An API call as it is given at the command line: HTTP/1.1 text, a pasted curl line, or method, address and headers.

mod curl;
mod facts;

use clap::Args;

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
        let mut headers = Vec::new();
        for text in &self.header {
            let Some((name, value)) = text.split_once(':') else {
                return Err(usage(subcommand, &format!("`{text}` is no header: write `NAME: VALUE`")));
            };
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
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

    /// The checks of a call: of DynamoDB if it names an operation of it, else of S3.
    pub(super) fn checks(
        &self,
        input: &Input,
        account: Option<&str>,
        now: Option<i64>,
    ) -> Result<ApiCall, CliError> {
        let request = OwnedRequest::from(input)?;
        let target = request.http().header("x-amz-target").map_err(CallError::from)?;
        Ok(match target {
            Some(_) => self.dynamodb.checks(&request)?,
            None => self.s3.checks(&request, account, now)?,
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
