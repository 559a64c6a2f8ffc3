//! One request by the policies of the options: what `decide` and `explain` share.

use clap::ValueEnum;

use crate::evaluate::explain::Detail;
use crate::evaluate::{Layer, PolicySet};
use crate::suite::case::resource_kind;
use crate::text::fold::eq_folded;

use super::attached::PolicyArgs;
use super::batch;
use super::error::{CliError, Exit};
use super::input::once;
use super::question::{Built, RequestArgs, Underived};
use super::render::{self, Terminal};

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
        let named = self.policies.inputs().chain(self.request.input());
        once(self.subcommand, named)?;
        let text = self.request.text()?;
        let question = self.request.question(text.as_deref())?;
        let Built { request, derived, missing } = self.request.build(&question)?;
        let set = self.policies.set(resource_kind(&request))?;
        for key in missing.iter().filter(|missing| is_read(&set, missing.key)) {
            terminal.note(&note(key));
        }
        let is_brief = self.format == Format::Text && self.detail == Detail::Brief;
        let mut explanation = if is_brief { set.explain_decision(&request) } else { set.explain(&request) };
        explanation.forget_unread(&derived);
        match self.format {
            Format::Text => terminal.print(&render::explanation(&explanation, self.detail))?,
            Format::Json => render::write(&batch::json_line(&explanation))?,
        };
        // Who left before reading the answer is still told it by the exit code.
        Ok(if explanation.decision.is_allowed() { Exit::Clean } else { Exit::Denied })
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
