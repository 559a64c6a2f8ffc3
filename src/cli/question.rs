//! The request of `decide`'s single form: from options or from its JSON form, with the keys that follow from the
//! principal and the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use crate::request::derive::PrincipalKey;
use crate::request::document::RequestDocument;
use crate::request::limits::RequestLimits;
use crate::request::{Owner, Principal, Request, RequestBuilder, RequestError, ResourcePolicyMode};

use super::error::CliError;
use super::input::Input;

/// The keys that the clock tells.
const TIME_KEYS: [&str; 2] = ["aws:CurrentTime", "aws:EpochTime"];

/// What is asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Request")]
pub(super) struct RequestArgs {
    /// The request as a JSON object, `{"principal", "action", "resource", …}`; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "WrittenRequest")]
    request: Option<Input>,
    #[command(flatten)]
    written: WrittenRequest,
    /// Derive no key: neither those of the principal nor the current time
    ///
    /// Otherwise aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType, aws:userid and aws:username follow from
    /// the principal, aws:CurrentTime and aws:EpochTime from the clock; a key that is given is never derived.
    #[arg(long)]
    no_derive: bool,
}

/// A request written as options.
#[derive(Debug, Args)]
pub(super) struct WrittenRequest {
    /// Who asks: the ARN of a user, role, role session, federated user or root; a service such as
    /// lambda.amazonaws.com; `anonymous`
    #[arg(
        long,
        value_name = "ARN",
        conflicts_with = "web_identity",
        required_unless_present_any = ["request", "cases", "web_identity"]
    )]
    principal: Option<String>,
    /// Who asks, where it is the bearer of a token: the provider, such as cognito-identity.amazonaws.com or the ARN of
    /// an OIDC or SAML provider
    #[arg(long, value_name = "PROVIDER", conflicts_with_all = ["role_path", "unique_id", "service_linked", "management_account", "federating_user"])]
    web_identity: Option<String>,
    /// The action, `service:Name`, such as s3:GetObject
    #[arg(long, value_name = "ACTION", required_unless_present_any = ["request", "cases"])]
    action: Option<String>,
    /// The resource: a whole ARN, or `*` for an action without a resource
    #[arg(long, value_name = "ARN", required_unless_present_any = ["request", "cases"])]
    resource: Option<String>,
    /// The account that owns the resource, twelve digits [default: the account in the ARN, else unknown]
    #[arg(long, value_name = "ACCOUNT")]
    resource_account: Option<String>,
    /// A context key with one value, such as aws:SecureTransport=true; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    context: Vec<(String, String)>,
    /// A context key with a list of values, separated by commas, such as aws:TagKeys=team,stage; nothing after the
    /// equals sign is the empty list; repeatable
    #[arg(long, value_name = "KEY=VALUE,…", value_parser = key_and_value)]
    context_many: Vec<(String, String)>,
    /// Do not allow unless the resource-based policy itself allows, as for role trust and KMS keys (of which this
    /// holds anyway)
    #[arg(long)]
    must_allow: bool,
    /// The path of the session's role, such as / or /team/; aws:PrincipalArn follows from it
    #[arg(long, value_name = "PATH", help_heading = "Facts of the principal")]
    role_path: Option<String>,
    /// The unique id of the user (AIDA…) or role (AROA…); aws:userid follows from it
    #[arg(long, value_name = "ID", help_heading = "Facts of the principal")]
    unique_id: Option<String>,
    /// The role is a service-linked role
    #[arg(long, help_heading = "Facts of the principal")]
    service_linked: bool,
    /// The principal is in the organization's management account
    #[arg(long, help_heading = "Facts of the principal")]
    management_account: bool,
    /// The user whose federation token the session has
    #[arg(long, value_name = "ARN", help_heading = "Facts of the principal")]
    federating_user: Option<String>,
}

/// A request that is not built yet.
pub(super) enum Question<'a> {
    Document { document: RequestDocument<'a>, place: String },
    Written { written: &'a WrittenRequest, principal: Principal },
}

/// A request, and what became of the keys that follow from it.
pub(super) struct Built<'a> {
    pub(super) request: Request<'a>,
    /// The names of those that were derived.
    pub(super) derived: Vec<&'static str>,
    /// Those that could not be.
    pub(super) missing: Vec<Underived>,
}

/// A key that could not be derived, and why.
pub(super) struct Underived {
    pub(super) key: &'static str,
    pub(super) reason: &'static str,
}

impl RequestArgs {
    /// The file of the JSON form, if that is how the request is given.
    pub(super) fn input(&self) -> Option<&Input> {
        self.request.as_ref()
    }

    /// The text of the JSON form, if that is how the request is given.
    pub(super) fn text(&self) -> Result<Option<String>, CliError> {
        self.request.as_ref().map(|input| input.read_text(RequestLimits::default().bytes)).transpose()
    }

    /// The question; `text` is the JSON form.
    pub(super) fn question<'a>(&'a self, text: Option<&'a str>) -> Result<Question<'a>, CliError> {
        let (Some(text), Some(input)) = (text, &self.request) else {
            let written = &self.written;
            let principal = written.principal().map_err(|source| refused(WRITTEN, source))?;
            return Ok(Question::Written { written, principal });
        };
        let place = format!("the request in `{}` is refused", input.name());
        match RequestDocument::parse(text, &RequestLimits::default()) {
            Ok(document) => Ok(Question::Document { document, place }),
            Err(source) => Err(refused(&place, source)),
        }
    }

    /// The request with the keys that follow, and those that do not.
    pub(super) fn build<'a>(&self, question: &'a Question<'_>) -> Result<Built<'a>, CliError> {
        let built = if self.no_derive {
            let plain = |request| Built { request, derived: Vec::new(), missing: Vec::new() };
            question.builder().build().map(plain)
        } else {
            question.derived()
        };
        built.map_err(|source| refused(question.place(), source))
    }
}

const WRITTEN: &str = "the request is refused";

fn refused(place: &str, source: RequestError) -> CliError {
    CliError::Request { place: place.to_owned(), source }
}

fn unix_time() -> i64 {
    // A clock before 1970 is told as 1970.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl Question<'_> {
    fn place(&self) -> &str {
        match self {
            Self::Document { place, .. } => place,
            Self::Written { .. } => WRITTEN,
        }
    }

    fn builder(&self) -> RequestBuilder<'_> {
        match self {
            Self::Document { document, .. } => document.builder(RequestLimits::default()),
            Self::Written { written, principal } => written.builder(principal),
        }
    }

    /// The request with every key that follows and is not given, and the keys that should follow but cannot.
    fn derived(&self) -> Result<Built<'_>, RequestError> {
        let given = self.builder().build()?;
        let is_given = |key: &str| given.context().get(key).is_some();
        let mut builder = self.builder();
        let (mut derived, mut missing) = (Vec::new(), Vec::new());
        for key in PrincipalKey::ALL.into_iter().filter(|key| !is_given(key.name())) {
            match key.value(given.principal()) {
                Ok(Some(value)) => {
                    builder = builder.one(key.name(), value);
                    derived.push(key.name());
                }
                Ok(None) => {}
                Err(RequestError::Underivable { key, reason }) => missing.push(Underived { key, reason }),
                Err(error) => return Err(error),
            }
        }
        if TIME_KEYS.into_iter().any(is_given) {
            let others = TIME_KEYS.into_iter().filter(|key| !is_given(key));
            let reason = "the other key of the time is given, and the clock would contradict it; give both";
            missing.extend(others.map(|key| Underived { key, reason }));
        } else {
            builder = builder.derive_time(unix_time());
            derived.extend(TIME_KEYS);
        }
        Ok(Built { request: builder.build()?, derived, missing })
    }
}

impl WrittenRequest {
    fn principal(&self) -> Result<Principal, RequestError> {
        if let Some(provider) = &self.web_identity {
            return Principal::web_identity(provider);
        }
        let mut principal = Principal::parse(self.principal.as_deref().unwrap_or_default())?;
        if let Some(path) = &self.role_path {
            principal = principal.with_role_path(path)?;
        }
        if let Some(id) = &self.unique_id {
            principal = principal.with_unique_id(id)?;
        }
        if let Some(user) = &self.federating_user {
            principal = principal.with_federating_user(user)?;
        }
        Ok(principal
            .with_service_linked(self.service_linked)?
            .with_management_account(self.management_account))
    }

    fn builder<'a>(&'a self, principal: &'a Principal) -> RequestBuilder<'a> {
        let action = self.action.as_deref().unwrap_or_default();
        let resource = self.resource.as_deref().unwrap_or_default();
        let owner = match &self.resource_account {
            Some(account) => Owner::Account(account),
            None => Owner::of_resource(resource),
        };
        let mut builder = Request::builder(principal, action, resource, owner);
        if self.must_allow {
            builder = builder.resource_policy_mode(ResourcePolicyMode::MustAllow);
        }
        for (key, value) in &self.context {
            builder = builder.one(key.as_str(), value.as_str());
        }
        for (key, values) in &self.context_many {
            builder = builder.many(key.as_str(), values.split(',').filter(|_| !values.is_empty()));
        }
        builder
    }
}

/// Splits at the first equals sign.
fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("no `=` between the key and its value")?;
    Ok((key.to_owned(), value.to_owned()))
}
