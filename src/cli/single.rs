//! One request by the policies of the options: what `decide` and `explain` share.

use std::collections::BTreeMap;

use clap::ValueEnum;

use crate::evaluate::explain::Detail;
use crate::evaluate::{CallExplanation, Explanation, Layer, PolicySet};
use crate::policy::Kind;
use crate::service::ApiCall;
use crate::suite::case::resource_kind;
use crate::text::fold::eq_folded;

use super::attached::PolicyArgs;
use super::batch;
use super::error::{CliError, Exit};
use super::input::once;
use super::question::{Asker, Built, Question, RequestArgs, Underived};
use super::render::{self, Terminal};
use super::stored::Stored;
use super::usage;

/// For people or for programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text for people
    #[default]
    Text,
    /// JSON for programs, one object a line
    Json,
}

/// A request to be decided and told.
pub(super) struct Single<'a> {
    pub(super) subcommand: &'static str,
    pub(super) policies: &'a PolicyArgs,
    pub(super) request: &'a RequestArgs,
    pub(super) detail: Detail,
    pub(super) format: Format,
}

impl Single<'_> {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        once(self.subcommand, self.policies.inputs().chain(self.request.inputs()))?;
        if let Some((call, asker)) = self.request.call()? {
            return self.call(&call, &asker, terminal);
        }
        let text = self.request.text()?;
        let question = self.request.question(text.as_deref())?;
        if let Some(folder) = self.policies.store() {
            let given = question.given()?;
            let stored = Stored::open(folder, &given, self.request.now(), terminal)?;
            let (built, set) =
                stored.ask(&given, self.policies.session_policies()?, self.request.now(), terminal)?;
            return self.tell(&built, &set, terminal);
        }
        let built = self.request.build(&question)?;
        let set = self.policies.set(resource_kind(&built.request), question.session_policies())?;
        self.tell(&built, &set, terminal)
    }

    /// The decision and as much of why as is to be told.
    fn explained(&self, built: &Built<'_>, set: &PolicySet) -> Explanation {
        let is_brief = self.format == Format::Text && self.detail == Detail::Brief;
        let request = &built.request;
        let mut explanation = if is_brief { set.explain_decision(request) } else { set.explain(request) };
        explanation.forget_unread(&built.derived.iter().map(|name| &**name).collect::<Vec<_>>());
        explanation
    }

    fn tell(&self, built: &Built<'_>, set: &PolicySet, terminal: Terminal) -> Result<Exit, CliError> {
        for key in built.missing.iter().filter(|missing| is_read(set, missing.key)) {
            terminal.note(&note(key));
        }
        let explanation = self.explained(built, set);
        match self.format {
            Format::Text => terminal.print(&render::explanation(&explanation, self.detail))?,
            Format::Json => render::write(&batch::json_line(&explanation))?,
        };
        // Who left before reading the answer is still told it by the exit code.
        Ok(if explanation.decision.is_allowed() { Exit::Clean } else { Exit::Denied })
    }

    /// An API call by all its checks.
    fn call(&self, call: &ApiCall, asker: &Asker, terminal: Terminal) -> Result<Exit, CliError> {
        let roots = call.roots();
        if roots.len() > 1 && self.policies.has_resource_policy() {
            let roots: Vec<_> = roots.into_iter().collect();
            let message = format!(
                "the call checks several resources, which have policies of their own: {}; give a store, which knows them, \
                 with `--store`",
                roots.join(", ")
            );
            return Err(usage(self.subcommand, &message));
        }
        let questions: Vec<_> = call.checks.iter().map(|check| self.request.check(check, asker)).collect();
        let given: Vec<_> = questions.iter().map(Question::given).collect::<Result<_, _>>()?;
        let stored = match (self.policies.store(), given.first()) {
            (Some(folder), Some(first)) => Some(Stored::open(folder, first, self.request.now(), terminal)?),
            _ => None,
        };
        let decided: Vec<(Built<'_>, PolicySet)> = if let Some(stored) = &stored {
            let (session, now) = (self.policies.session_policies()?, self.request.now());
            given
                .iter()
                .map(|one| stored.ask(one, session.clone(), now, terminal))
                .collect::<Result<_, _>>()?
        } else {
            let set = self.policies.set(Kind::Resource, asker.session_policies())?;
            let built = |question| Ok((self.request.build(question)?, set.clone()));
            questions.iter().map(built).collect::<Result<_, CliError>>()?
        };
        let unknown: BTreeMap<_, _> = decided
            .iter()
            .flat_map(|(built, set)| built.missing.iter().filter(|missing| is_read(set, missing.key)))
            .map(|missing| (missing.key, missing))
            .collect();
        for key in unknown.values() {
            terminal.note(&note(key));
        }
        let checks = call.checks.iter().zip(&decided);
        let checks = checks.map(|(check, (built, set))| (check.part, self.explained(built, set))).collect();
        let explanation = CallExplanation { combination: call.combination, checks };
        match self.format {
            Format::Text => terminal.print(&render::call(&explanation, self.detail))?,
            Format::Json => render::write(&batch::json_line(&explanation))?,
        };
        Ok(if explanation.decision().is_allowed() { Exit::Clean } else { Exit::Denied })
    }
}

fn note(missing: &Underived) -> String {
    format!("a policy reads `{}`, which cannot be derived: {}", missing.key, missing.reason)
}

/// Whether any policy reads a context key.
fn is_read(set: &PolicySet, key: &str) -> bool {
    let policies =
        Layer::ALL.into_iter().filter_map(|layer| set.layer(layer)).flatten().map(|one| &one.policy);
    policies.flat_map(|policy| policy.reads()).any(|read| eq_folded(read, key))
}
