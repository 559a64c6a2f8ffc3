//! Questions that a store is asked: its policies govern, what it knows is supplied, and a session of one of its identity
//! pools may ask.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::compile::CompiledPolicy;
use crate::decision_point::{
    AskError, Asked, Beside, CallFacts, Caller, DecisionPoint, InForce, Question, Settings,
};
use crate::evaluate::explain::Detail;
use crate::evaluate::{CallExplanation, Explanation};
use crate::request::{Owner, Principal, Request, ResourcePolicyMode};
use crate::service::{ApiCall, Value};
use crate::store::LoadOptions;

use super::error::CliError;
use super::input::name_of;
use super::progress::{Progress, Unit};
use super::question::{WRITTEN, refused};
use super::render::Terminal;
use super::single::note;

/// A store that was loaded for this call.
pub(super) struct Stored {
    pub(super) folder: String,
    pub(super) in_force: Arc<InForce>,
}

/// Who asks.
pub(super) enum Asking {
    /// A principal, and the session policies that its session was made with.
    Principal(Box<Principal>, Option<Arc<CompiledPolicy>>),
    /// A session of a pool.
    #[cfg(feature = "cognito")]
    Session(Box<crate::decision_point::PoolSession>),
}

/// What a request states as it was given.
pub(super) struct Stated {
    action: String,
    resource: String,
    account: Option<String>,
    is_must_allow: bool,
    pub(super) context: Vec<(std::borrow::Cow<'static, str>, Value)>,
}

/// Loads the store in a folder, with a progress bar if it takes a moment.
pub(super) fn open(
    folder: &Path,
    settings: Settings,
    now: i64,
    terminal: Terminal,
) -> Result<Stored, CliError> {
    let bar: Mutex<Option<Progress>> = Mutex::new(None);
    let advance = |_: usize, total: usize| {
        if let Ok(mut bar) = bar.lock() {
            let new = || Progress::new(terminal, Some(total as u64), Unit::Files);
            bar.get_or_insert_with(new).advance(1);
        }
    };
    let options = LoadOptions { progress: Some(&advance), ..LoadOptions::default() };
    let point = DecisionPoint::open(folder, settings, &options, now);
    drop(bar);
    let in_force = point.map_err(CliError::StoreRejected)?.in_force();
    Ok(Stored { folder: name_of(folder), in_force })
}

impl Stored {
    /// Explains a plain request.
    pub(super) fn explain(
        &self,
        asking: &Asking,
        stated: &Stated,
        now: i64,
        detail: Detail,
        terminal: Terminal,
    ) -> Result<Explanation, CliError> {
        let explained = self.in_force.ask(&asking.caller(), &stated.question(), now, |asked| {
            tell(std::slice::from_ref(asked), terminal);
            explained(asked, detail)
        });
        explained.map_err(|error| self.refuse(error))
    }

    /// Explains a call by all its checks.
    pub(super) fn explain_call(
        &self,
        asking: &Asking,
        call: &ApiCall,
        stated: &Stated,
        now: i64,
        detail: Detail,
        terminal: Terminal,
    ) -> Result<CallExplanation, CliError> {
        let (caller, beside) = (asking.caller(), stated.beside());
        let explained = self.in_force.ask_call_beside(&caller, call, &beside, now, |asked| {
            tell(&asked.checks, terminal);
            let checks = call.checks.iter().zip(&asked.checks);
            let checks = checks.map(|(check, asked)| (check.part, explained(asked, detail))).collect();
            CallExplanation { combination: call.combination, checks }
        });
        explained.map_err(|error| self.refuse(error))
    }

    /// The checks of a call, with what the store knows of its resources.
    pub(super) fn translate(
        &self,
        call: &super::call::OwnedRequest,
        facts: &CallFacts<'_>,
    ) -> Result<ApiCall, CliError> {
        Ok(self.in_force.translate(&call.http(), facts).map_err(super::call::CallError::from)?)
    }

    fn refuse(&self, error: AskError) -> CliError {
        match error {
            AskError::Store(source) => CliError::Store { folder: self.folder.clone(), source },
            AskError::Request(source) => refused(WRITTEN, source),
        }
    }
}

/// The explanation; of a brief one no more is worked out than is told.
fn explained(asked: &Asked<'_>, detail: Detail) -> Explanation {
    if detail == Detail::Brief { asked.explain_decision() } else { asked.explain() }
}

/// Notes of what the answers could not know.
fn tell(asked: &[Asked<'_>], terminal: Terminal) {
    let mut told = std::collections::BTreeSet::new();
    for one in asked.iter().filter(|one| !one.has_resource && one.request.owner() != Owner::Nobody) {
        let resource = one.request.resource().text();
        terminal.note(&format!("the store has no `{resource}`: its owner is unknown, and nothing allows it"));
    }
    for missing in asked.iter().flat_map(Asked::missing) {
        if told.insert(missing.key) {
            terminal.note(&note(&missing));
        }
    }
}

impl Asking {
    pub(super) fn caller(&self) -> Caller<'_> {
        match self {
            Self::Principal(principal, policies) => {
                Caller::Principal { principal, session_policies: policies.as_ref() }
            }
            #[cfg(feature = "cognito")]
            Self::Session(session) => Caller::Session(session.live()),
        }
    }

    /// A note of which session asks: nobody could tell by the options.
    pub(super) fn tell(&self, terminal: Terminal) {
        #[cfg(feature = "cognito")]
        if let Self::Session(session) = self {
            let parts = session.session().parts();
            let who = if session.session().is_guest() { "a guest" } else { "signed in" };
            terminal.note(&format!(
                "asked as the identity {}, {who}, with the role {}: {}",
                parts.identity, parts.role_arn, parts.role_reason
            ));
        }
        #[cfg(not(feature = "cognito"))]
        let _ = terminal;
    }

    /// The account and Region to which tables belong that a call names without ARN.
    pub(super) fn home(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Principal(principal, _) => (principal.account(), None),
            #[cfg(feature = "cognito")]
            Self::Session(session) => {
                let region = session.session().parts().pool.split_once(':').map(|(region, _)| region);
                (session.session().principal().account(), region)
            }
        }
    }
}

impl Stated {
    /// What a built request states.
    pub(super) fn of(given: &Request<'_>) -> Self {
        let context = given.context().entries().map(|(name, value)| {
            let value = match value {
                crate::request::context::ContextValue::One(text) => Value::One(text.to_owned()),
                crate::request::context::ContextValue::Many(texts) => {
                    Value::Many(texts.iter().map(ToString::to_string).collect())
                }
            };
            (name.to_owned().into(), value)
        });
        let mut stated = Self::new(given.action().text(), given.resource().text(), context.collect());
        if let Owner::Account(account) = given.owner() {
            stated.account = Some(account.to_owned());
        }
        stated.is_must_allow = given.resource_policy_mode() == ResourcePolicyMode::MustAllow;
        stated
    }

    pub(super) fn new(
        action: &str,
        resource: &str,
        context: Vec<(std::borrow::Cow<'static, str>, Value)>,
    ) -> Self {
        let (action, resource) = (action.to_owned(), resource.to_owned());
        Self { action, resource, account: None, is_must_allow: false, context }
    }

    /// The same with an owner that is stated, and whether the resource-based policy must allow.
    pub(super) fn with(mut self, account: Option<&str>, is_must_allow: bool) -> Self {
        self.account = account.map(str::to_owned);
        self.is_must_allow = is_must_allow;
        self
    }

    fn question(&self) -> Question<'_> {
        let Beside { context, resource_account, resource_policy_mode } = self.beside();
        Question {
            resource_account,
            resource_policy_mode,
            ..Question::new(&self.action, &self.resource).with_context(context)
        }
    }

    fn beside(&self) -> Beside<'_> {
        Beside {
            context: &self.context,
            resource_account: self.account.as_deref(),
            resource_policy_mode: self.is_must_allow.then_some(ResourcePolicyMode::MustAllow),
        }
    }
}
