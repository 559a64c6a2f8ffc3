//! verdikt itself: policies compiled, requests built before they are asked.

use std::hint::black_box;
use std::sync::Arc;

use verdikt::evaluate::PolicySetBuilder;
use verdikt::request::RequestBuilder;
use verdikt::{CompiledPolicy, Document, Kind, Limits, Outcome, Owner, PolicySet, Request};

use crate::workload::{Asked, ContextKey, Form, Workload};

use super::{Answer, Decide, Loaded};

/// Every resource of every workload is in this account.
pub(super) const ACCOUNT: &str = "123456789012";
/// The largest workload is made here, not sent by a stranger.
const LIMITS: Limits =
    Limits { bytes: 64 << 20, statements: 200_000, depth: 32, values: 10_000, string: 8 << 10 };

/// A compiled set, and requests that are built.
pub(crate) struct Verdikt<'w> {
    set: PolicySet,
    requests: Vec<Request<'w>>,
}

pub(crate) fn load(workload: &Workload) -> Loaded<'_> {
    Ok(Box::new(Verdikt::new(workload)?))
}

/// The same requests, decided by a walk over all statements, without the index.
pub(crate) fn load_unindexed(workload: &Workload) -> Loaded<'_> {
    Ok(Box::new(Unindexed(Verdikt::new(workload)?)))
}

struct Unindexed<'w>(Verdikt<'w>);

impl Decide for Unindexed<'_> {
    fn decide(&mut self, request: usize) -> Answer {
        let Verdikt { set, requests } = &self.0;
        requests.get(request).map_or(Answer::Failed, |request| told(set.decide_exhaustively(request).outcome))
    }
}

/// Bytes of the compiled form for one statement, the documents left out.
pub(crate) fn compiled_bytes(workload: &Workload) -> Result<f64, String> {
    let (mut bytes, mut statements) = (0, 0);
    for layer in layers(workload)? {
        bytes += layer.memory();
        statements += layer.documents().iter().map(|document| document.statements().len()).sum::<usize>();
    }
    Ok(bytes as f64 / statements as f64)
}

/// An identity-based policy, parsed and compiled.
pub(crate) struct OnePolicy {
    pub(crate) statements: usize,
    /// Bytes of the compiled form, the document left out.
    pub(crate) bytes: usize,
    _compiled: Arc<CompiledPolicy>,
}

impl OnePolicy {
    pub(crate) fn load(text: &str) -> Result<Self, String> {
        let parsed = Document::parse(Kind::Identity, "policy", text, &Limits::default());
        let document = parsed.map_err(|rejected| rejected.to_string())?.document;
        let statements = document.statements().len();
        let compiled = CompiledPolicy::compile(&[document]).map_err(|error| error.to_string())?;
        Ok(Self { statements, bytes: compiled.memory(), _compiled: compiled })
    }
}

impl<'w> Verdikt<'w> {
    pub(crate) fn new(workload: &'w Workload) -> Result<Self, String> {
        let requests: Result<_, _> = workload.asked.iter().map(request).collect();
        Ok(Self { set: set(workload)?, requests: requests? })
    }

    /// Decides the first requests in turn; threads may share what was loaded.
    pub(crate) fn pass_shared(&self, requests: usize) {
        for request in 0..requests {
            black_box(self.answer(black_box(request)));
        }
    }

    fn answer(&self, request: usize) -> Answer {
        self.requests.get(request).map_or(Answer::Failed, |request| told(self.set.decide(request).outcome))
    }
}

impl Decide for Verdikt<'_> {
    fn decide(&mut self, request: usize) -> Answer {
        self.answer(request)
    }
}

/// An outcome as an answer.
pub(super) fn told(outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Allowed => Answer::Allowed,
        Outcome::ImplicitDeny => Answer::ImplicitDeny,
        Outcome::ExplicitDeny => Answer::ExplicitDeny,
    }
}

/// Parses, compiles and attaches the policies.
pub(super) fn set(workload: &Workload) -> Result<PolicySet, String> {
    let kinds = workload.layers().into_iter().map(|(kind, _)| kind);
    let set = kinds.zip(layers(workload)?).try_fold(PolicySet::builder(), attach)?;
    set.build().map_err(|error| error.to_string())
}

/// The compiled policies, in the order of the workload's layers.
fn layers(workload: &Workload) -> Result<Vec<Arc<CompiledPolicy>>, String> {
    let layers = workload.layers().into_iter().map(|(kind, policies)| {
        let documents: Result<Vec<_>, String> = policies
            .iter()
            .map(|policy| match Document::parse(kind, &policy.name, &policy.text, &LIMITS) {
                Ok(parsed) => Ok(parsed.document),
                Err(rejected) => Err(rejected.to_string()),
            })
            .collect();
        CompiledPolicy::compile(&documents?).map_err(|error| error.to_string())
    });
    layers.collect()
}

fn attach(
    builder: PolicySetBuilder,
    (kind, policy): (Kind, Arc<CompiledPolicy>),
) -> Result<PolicySetBuilder, String> {
    Ok(match kind {
        Kind::Identity => builder.identity(policy),
        Kind::PermissionsBoundary => builder.permissions_boundary(policy),
        Kind::Session => builder.session(policy),
        Kind::Resource => builder.resource(policy),
        Kind::Scp => builder.scps(vec![policy]),
        other => return Err(format!("no workload has a {}", other.title())),
    })
}

fn request(asked: &Asked) -> Result<Request<'_>, String> {
    let (action, resource, owner) = (&asked.action, &asked.resource, Owner::Account(ACCOUNT));
    let mut builder = Request::builder(&asked.principal, action, resource, owner);
    add_keys(&mut builder, &asked.context);
    builder.build().map_err(|error| error.to_string())
}

/// Gives a request its context.
pub(super) fn add_keys<'a>(builder: &mut RequestBuilder<'a>, keys: impl IntoIterator<Item = &'a ContextKey>) {
    for key in keys {
        match key.form {
            Form::Many => builder.add_many(&key.name, &key.texts),
            _ => builder.add_one(&key.name, key.text()),
        }
    }
}
