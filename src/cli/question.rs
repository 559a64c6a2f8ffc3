//! The request of `decide`'s single form: from options or from its JSON form, with the keys that follow from the
//! principal and the clock.

use std::borrow::Cow;
use std::sync::Arc;

use clap::Args;

use crate::compile::CompiledPolicy;
use crate::decision_point::{Settings, Underived};
use crate::request::derive::PrincipalKey;
use crate::request::document::RequestDocument;
use crate::request::limits::RequestLimits;
use crate::request::{Owner, Principal, Request, RequestBuilder, RequestError, ResourcePolicyMode};
use crate::service::{ApiCall, Check, Value};

use super::as_session::{AsSession, Brought, SignedIn};
use super::call::{CallFacts, OwnedRequest, SpokenCall};
use super::clock::Now;
use super::error::CliError;
use super::input::Input;
use super::stored::{Asking, Stated, Stored};

/// The keys that the clock tells.
const TIME_KEYS: [&str; 2] = ["aws:CurrentTime", "aws:EpochTime"];

/// What is asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Request")]
pub(super) struct RequestArgs {
    /// The request as a JSON object, `{"principal", "action", "resource", …}`; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "WrittenRequest")]
    request: Option<Input>,
    /// An API call of S3 or DynamoDB instead of action and resource: HTTP/1.1 text or a curl line; `-` reads standard
    /// input
    ///
    /// It is decided by all the checks that it makes, as `verdikt request` shows them.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["request", "action", "resource", "service"])]
    call: Option<Input>,
    #[command(flatten)]
    spoken: SpokenCall,
    #[command(flatten)]
    facts: CallFacts,
    #[command(flatten)]
    session: AsSession,
    /// The time of the request, such as 2026-01-31T12:00:00Z [default: the clock's]
    #[arg(long, value_name = "TIME", value_parser = Now::read)]
    now: Option<Now>,
    #[command(flatten)]
    written: WrittenRequest,
    /// Derive no key: neither those of the principal nor the current time
    ///
    /// Otherwise aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType, aws:userid and aws:username follow from
    /// the principal, aws:CurrentTime and aws:EpochTime from the clock; a key that is given is never derived.
    #[arg(long, conflicts_with = "store")]
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
        required_unless_present_any = ["request", "cases", "web_identity", "AsSession"]
    )]
    principal: Option<String>,
    /// Who asks, where it is the bearer of a token: the provider, such as cognito-identity.amazonaws.com or the ARN of
    /// an OIDC or SAML provider
    #[arg(long, value_name = "PROVIDER", conflicts_with_all = ["role_path", "unique_id", "service_linked", "management_account", "federating_user"])]
    web_identity: Option<String>,
    /// The action, `service:Name`, such as s3:GetObject
    #[arg(long, value_name = "ACTION", required_unless_present_any = ["request", "cases", "call", "service"])]
    action: Option<String>,
    /// The resource: a whole ARN, or `*` for an action without a resource
    #[arg(long, value_name = "ARN", required_unless_present_any = ["request", "cases", "call", "service"])]
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
    Written { written: &'a WrittenRequest, asker: Asker },
    Check { written: &'a WrittenRequest, asker: &'a Asker, check: &'a Check },
}

/// Who asks.
pub(super) enum Asker {
    Principal(Principal),
    Session(Brought),
}

/// A request, and what became of the keys that follow from it.
pub(super) struct Built<'a> {
    pub(super) request: Request<'a>,
    /// The names of those that were derived.
    pub(super) derived: Vec<Cow<'a, str>>,
    /// Those that could not be.
    pub(super) missing: Vec<Underived>,
}

impl RequestArgs {
    /// The files that are named.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Input> {
        let named = self.request.iter().chain(&self.call).chain(self.spoken.inputs());
        named.chain(self.facts.inputs()).chain(self.session.inputs())
    }

    /// The API call, if that is how the request is given.
    pub(super) fn http(&self, subcommand: &str) -> Result<Option<OwnedRequest>, CliError> {
        match &self.call {
            Some(input) => OwnedRequest::from(input).map(Some),
            None => self.spoken.request(subcommand, self.facts.s3_host()),
        }
    }

    /// The checks of a call and who makes it.
    pub(super) fn call(&self, http: &OwnedRequest) -> Result<(ApiCall, Asker), CliError> {
        let asker = self.asker()?;
        let now = (self.now.is_some() || !self.no_derive).then(|| self.now());
        Ok((self.facts.checks(http, self.written.resource_account.as_deref(), now)?, asker))
    }

    /// What a store is opened with.
    pub(super) fn settings(&self) -> Result<Settings, CliError> {
        self.session.settings()
    }

    /// Who asks a store.
    pub(super) fn signed_in(
        &self,
        store: &Stored,
        policies: Option<Arc<CompiledPolicy>>,
    ) -> Result<SignedIn, CliError> {
        if let Some(signed_in) = self.session.sign_in(store, self.now())? {
            return Ok(signed_in);
        }
        let principal = self.written.principal().map_err(|source| refused(WRITTEN, source))?;
        Ok(SignedIn::Asking(Asking::Principal(Box::new(principal), policies)))
    }

    /// The checks of a call, with what a store knows of its resources.
    pub(super) fn translated(
        &self,
        http: &OwnedRequest,
        store: &Stored,
        asking: &Asking,
    ) -> Result<ApiCall, CliError> {
        let (account, region) = asking.home();
        self.facts.with_store(http, self.now(), account, region, |facts| store.translate(http, facts))
    }

    /// What the options state beside who asks.
    pub(super) fn stated(&self) -> Stated {
        self.written.stated()
    }

    /// What a check of a call asks.
    pub(super) fn check<'a>(&'a self, check: &'a Check, asker: &'a Asker) -> Question<'a> {
        Question::Check { written: &self.written, asker, check }
    }

    /// Who the options say that asks.
    fn asker(&self) -> Result<Asker, CliError> {
        Ok(match self.session.read(Now::or_clock(self.now))? {
            Some(brought) => Asker::Session(brought),
            None => Asker::Principal(self.written.principal().map_err(|source| refused(WRITTEN, source))?),
        })
    }

    /// The time that the options state, else the clock's.
    pub(super) fn now(&self) -> i64 {
        Now::or_clock(self.now)
    }

    /// The text of the JSON form, if that is how the request is given.
    pub(super) fn text(&self) -> Result<Option<String>, CliError> {
        self.request.as_ref().map(|input| input.read_text(RequestLimits::default().bytes)).transpose()
    }

    /// The question; `text` is the JSON form.
    pub(super) fn question<'a>(&'a self, text: Option<&'a str>) -> Result<Question<'a>, CliError> {
        let (Some(text), Some(input)) = (text, &self.request) else {
            return Ok(Question::Written { written: &self.written, asker: self.asker()? });
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
            question.derived(self.now())
        };
        built.map_err(|source| refused(question.place(), source))
    }
}

pub(super) const WRITTEN: &str = "the request is refused";

pub(super) fn refused(place: &str, source: RequestError) -> CliError {
    CliError::Request { place: place.to_owned(), source }
}

impl Asker {
    /// The session policies that a session brings.
    pub(super) fn session_policies(&self) -> Option<Arc<CompiledPolicy>> {
        match self {
            Self::Session(brought) => brought.policies.clone(),
            Self::Principal(_) => None,
        }
    }
}

impl Question<'_> {
    fn place(&self) -> &str {
        match self {
            Self::Document { place, .. } => place,
            Self::Written { .. } | Self::Check { .. } => WRITTEN,
        }
    }

    /// The request as it is given, nothing derived.
    pub(super) fn given(&self) -> Result<Request<'_>, CliError> {
        self.builder().build().map_err(|source| refused(self.place(), source))
    }

    fn builder(&self) -> RequestBuilder<'_> {
        match self {
            Self::Document { document, .. } => document.builder(RequestLimits::default()),
            Self::Written { written, asker } => {
                let action = written.action.as_deref().unwrap_or_default();
                let resource = written.resource.as_deref().unwrap_or_default();
                let owner = written.owner(resource);
                written.complete(match asker {
                    Asker::Principal(principal) => Request::builder(principal, action, resource, owner),
                    Asker::Session(brought) => brought.facts.request(action, resource, owner),
                })
            }
            Self::Check { written, asker, check } => {
                let owner = written.owner(&check.resource);
                written.complete(match asker {
                    Asker::Principal(principal) => check.request(principal, owner),
                    Asker::Session(brought) => check.request_of(&brought.facts, owner),
                })
            }
        }
    }

    /// Who asks, of the JSON form.
    pub(super) fn document_principal(&self) -> Option<&Principal> {
        match self {
            Self::Document { document, .. } => Some(document.principal()),
            Self::Written { .. } | Self::Check { .. } => None,
        }
    }

    /// The session policies that the session brings.
    pub(super) fn session_policies(&self) -> Option<Arc<CompiledPolicy>> {
        match self {
            Self::Document { .. } => None,
            Self::Written { asker, .. } => asker.session_policies(),
            Self::Check { asker, .. } => asker.session_policies(),
        }
    }

    /// The request with every key that follows and is not given, and the keys that should follow but cannot.
    fn derived(&self, now: i64) -> Result<Built<'_>, RequestError> {
        let given = self.builder().build()?;
        let is_given = |key: &str| given.context().get(key).is_some();
        let mut builder = self.builder();
        let (mut derived, mut missing) = (Vec::new(), Vec::new());
        // A session has its principal's keys already.
        let open = PrincipalKey::ALL.into_iter().filter(|_| given.session().is_none());
        for key in open.filter(|key| !is_given(key.name())) {
            match key.value(given.principal()) {
                Ok(Some(value)) => {
                    builder = builder.one(key.name(), value);
                    derived.push(key.name().into());
                }
                Ok(None) => {}
                Err(RequestError::Underivable { key, reason }) => missing.push(Underived { key, reason }),
                Err(error) => return Err(error),
            }
        }
        let builder = timed(builder, now, is_given, &mut derived, &mut missing);
        Ok(Built { request: builder.build()?, derived, missing })
    }
}

/// Adds the time, unless one is given as a key.
fn timed<'a>(
    builder: RequestBuilder<'a>,
    now: i64,
    is_given: impl Fn(&str) -> bool,
    derived: &mut Vec<Cow<'a, str>>,
    missing: &mut Vec<Underived>,
) -> RequestBuilder<'a> {
    if TIME_KEYS.into_iter().any(&is_given) {
        let others = TIME_KEYS.into_iter().filter(|key| !is_given(key));
        let reason = "the other key of the time is given, and the clock would contradict it; give both";
        missing.extend(others.map(|key| Underived { key, reason }));
        return builder;
    }
    derived.extend(TIME_KEYS.map(Cow::from));
    builder.derive_time(now)
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

    /// Who owns a resource.
    fn owner<'a>(&'a self, resource: &'a str) -> Owner<'a> {
        match &self.resource_account {
            _ if resource == "*" => Owner::of_resource(resource),
            Some(account) => Owner::Account(account),
            None => Owner::of_resource(resource),
        }
    }

    /// What they state beside who asks.
    fn stated(&self) -> Stated {
        let one = self.context.iter().map(|(key, value)| (key.clone().into(), Value::One(value.clone())));
        let many = self.context_many.iter().map(|(key, values)| {
            let values = values.split(',').filter(|_| !values.is_empty()).map(str::to_owned).collect();
            (key.clone().into(), Value::Many(values))
        });
        let (action, resource) = (self.action.as_deref(), self.resource.as_deref());
        let (action, resource) = (action.unwrap_or_default(), resource.unwrap_or_default());
        let account = match self.owner(resource) {
            Owner::Account(account) => Some(account),
            _ => None,
        };
        Stated::new(action, resource, one.chain(many).collect()).with(account, self.must_allow)
    }

    /// Adds the context keys and what else the options say.
    fn complete<'a>(&'a self, mut builder: RequestBuilder<'a>) -> RequestBuilder<'a> {
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
pub(super) fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("no `=` between the key and its value")?;
    Ok((key.to_owned(), value.to_owned()))
}
