//! cedar-policy runs a translation: one Cedar policy for each statement, one policy set for each layer. `translate.rs`
//! says what becomes of a statement, `request.rs` of a request.

mod request;
mod translate;

use std::str::FromStr;

use cedar_policy::{Authorizer, Decision, Entities, PolicySet, Request, Response};
use verdikt::Kind;

use crate::workload::{Policy, Workload};

use super::layers::combine;
use super::statement::{Statement, statements};
use super::{Answer, Decide, Loaded};

use request::Conversion;

struct Cedar {
    authorizer: Authorizer,
    layers: Vec<(Kind, PolicySet)>,
    requests: Vec<(Request, Entities)>,
}

pub(super) fn load(workload: &Workload) -> Loaded<'_> {
    let mut layers = Vec::new();
    let mut conversion = Conversion::default();
    for (kind, policies) in workload.layers() {
        let statements = read(&policies)?;
        conversion.learn(&statements);
        let text = statements.iter().map(translate::policy).collect::<Result<String, String>>()?;
        layers.push((kind, PolicySet::from_str(&text).map_err(|error| error.to_string())?));
    }
    let requests = workload.asked.iter().map(|asked| conversion.request(asked)).collect::<Result<_, _>>()?;
    Ok(Box::new(Cedar { authorizer: Authorizer::new(), layers, requests }))
}

impl Decide for Cedar {
    fn decide(&mut self, request: usize) -> Answer {
        let Some((request, entities)) = self.requests.get(request) else { return Answer::Failed };
        let decide = |set: &PolicySet| answer(&self.authorizer.is_authorized(request, set, entities));
        match self.layers.as_slice() {
            [(_, only)] => decide(only),
            layers => combine(layers, decide),
        }
    }
}

fn read(policies: &[&Policy]) -> Result<Vec<Statement>, String> {
    let mut all = Vec::new();
    for policy in policies {
        all.extend(statements(policy)?);
    }
    Ok(all)
}

/// A denial with a reason is a `forbid` that applies; one without is an implicit deny, unless something failed.
fn answer(response: &Response) -> Answer {
    let mut reasons = response.diagnostics().reason();
    match response.decision() {
        Decision::Allow => Answer::Allowed,
        Decision::Deny if reasons.next().is_some() => Answer::ExplicitDeny,
        Decision::Deny if response.diagnostics().errors().next().is_some() => Answer::Failed,
        Decision::Deny => Answer::ImplicitDeny,
    }
}
