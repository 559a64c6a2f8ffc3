//! What comes of an action on resources, in IAM's terms: told from explanations, nothing is decided here.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::evaluate::explain::{Explanation, KeyState, LayerExplanation, LayerOutcome, StatementExplanation};
use crate::evaluate::{Layer, Outcome, PolicySet, StatementId};
use crate::policy::Effect;
use crate::request::{Owner, Principal, Request, ResourcePolicyMode};
use crate::service::{Value, arn_format};
use crate::text::diagnostic::excerpt;
use crate::text::fold::eq_folded;
use crate::text::source::Position;
use crate::text::truth::Truth;

use super::super::call::Call;
use super::super::refusal::Refusal;
use super::entries::Entry;
use super::query::invalid;

/// The account of a caller who is not named and of resources whose owner nobody says: one account, as where the owner
/// is the caller's.
const NO_ACCOUNT: &str = "000000000000";
/// What one action may weigh, in results, statements and keys, and how long it may take.
const MOST_WEIGHT: usize = 200_000;
const MOST_TIME: Duration = Duration::from_secs(20);

/// A simulation.
#[derive(Debug)]
pub(super) struct Simulation {
    pub(super) actions: Vec<String>,
    /// None: `*`.
    pub(super) resources: Vec<String>,
    pub(super) owner: Option<String>,
    pub(super) set: PolicySet,
    pub(super) has_resource_policy: bool,
    /// Who calls; nobody in particular if nothing says so.
    pub(super) caller: Option<Principal>,
    pub(super) entries: Vec<Entry>,
    pub(super) sources: Sources,
    /// Where a caller is at home whom nothing names.
    pub(super) home: Home,
    /// Whether SCPs are told of too.
    pub(super) is_extended: bool,
    /// The folder of the store: where it lies is nobody's business, so that its policies are named by the rest.
    pub(super) folder: PathBuf,
}

/// Where policies come from, in IAM's words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sources {
    /// The type of the identity-based policies of the store.
    pub(super) identity: &'static str,
    /// How many of them stand before those of the request.
    pub(super) stored: usize,
    /// The type of the boundary.
    pub(super) boundary: &'static str,
}

/// The account of members of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Home {
    pub(super) account: Option<String>,
    pub(super) is_in_management_account: bool,
}

/// What comes of an action.
#[derive(Debug)]
pub(super) struct Evaluation {
    pub(super) action: String,
    /// Over all resources.
    pub(super) all: Findings,
    /// The ARN format of the action's resources, or `*`.
    pub(super) format: &'static str,
    pub(super) organizations: Option<bool>,
    /// By resource, if any were named.
    pub(super) resources: Vec<(String, Findings)>,
}

/// What is told of one resource, or of all of them.
#[derive(Clone, Debug)]
pub(super) struct Findings {
    pub(super) outcome: Outcome,
    pub(super) matched: Vec<Matched>,
    pub(super) missing: Vec<String>,
    pub(super) boundary: Option<bool>,
    pub(super) details: Option<BTreeMap<&'static str, Outcome>>,
}

/// A statement that contributed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Matched {
    pub(super) policy: String,
    pub(super) kind: &'static str,
    pub(super) start: Position,
    pub(super) end: Position,
    id: StatementId,
}

impl Simulation {
    /// Simulates an action on every resource.
    pub(super) fn evaluate(&self, action: &str, call: &Call) -> Result<Evaluation, Refusal> {
        let begun = Instant::now();
        let everything = ["*".to_owned()];
        let named = if self.resources.is_empty() { &everything } else { self.resources.as_slice() };
        let (mut resources, mut organizations, mut weight) = (Vec::new(), None, 0usize);
        for resource in named {
            let (findings, allowed) = self.one(action, resource, call)?;
            organizations = both(organizations, allowed);
            weight = weight.saturating_add(findings.weight());
            if weight > MOST_WEIGHT || begun.elapsed() > MOST_TIME {
                return Err(invalid("this is too much at once: name fewer resources or shorter policies"));
            }
            resources.push((resource.clone(), findings));
        }
        let all = Findings::over(resources.iter().map(|(_, findings)| findings));
        let is_everything = resources.iter().all(|(resource, _)| resource == "*");
        if is_everything {
            resources.clear();
        }
        let format = arn_format(action).unwrap_or("*");
        Ok(Evaluation { action: action.to_owned(), all, format, organizations, resources })
    }

    /// One action on one resource, and whether the organization allows it.
    fn one(&self, action: &str, resource: &str, call: &Call) -> Result<(Findings, Option<bool>), Refusal> {
        let home = self.home.account.as_deref();
        let caller = self.caller.as_ref().and_then(Principal::account).or(home);
        let own = match Owner::of_resource(resource) {
            Owner::Account(account) => account,
            _ => self.owner.as_deref().or(caller).unwrap_or(NO_ACCOUNT),
        };
        let principal = match &self.caller {
            Some(caller) => Cow::Borrowed(caller),
            None => Cow::Owned(self.anybody(own)?),
        };
        let request = self.request(&principal, action, resource, Owner::Account(own), call.now)?;
        let explanation = self.set.explain_decision(&request);
        if self.has_resource_policy && !is_applicable(&explanation) {
            let resource = excerpt(resource);
            return Err(invalid(format!("`ResourcePolicy` does not apply to the resource {resource}")));
        }
        let name = self.caller.as_ref().map_or("none", Principal::text);
        call.simulated(name, action, resource, explanation.decision);
        let organizations = allows(&explanation, Layer::Scp);
        let is_foreign = resource != "*" && !request.is_same_account();
        let findings = Findings {
            outcome: explanation.decision.outcome,
            matched: self.matched(&explanation),
            missing: self.missing(&explanation),
            boundary: allows(&explanation, Layer::PermissionsBoundary),
            details: (resource != "*" && organizations != Some(false))
                .then(|| if is_foreign { details(&explanation) } else { BTreeMap::new() }),
        };
        Ok((findings, organizations))
    }

    /// Somebody of the group's account, else of the owner's, so that it is no matter of two accounts. No key is derived
    /// from it.
    fn anybody(&self, owner: &str) -> Result<Principal, Refusal> {
        let account = self.home.account.as_deref().unwrap_or(owner);
        let anybody = Principal::parse(&format!("arn:aws:iam::{account}:user/simulated"))?;
        Ok(anybody.with_management_account(self.home.is_in_management_account))
    }

    fn request<'a>(
        &'a self,
        principal: &'a Principal,
        action: &'a str,
        resource: &'a str,
        owner: Owner<'a>,
        now: i64,
    ) -> Result<Request<'a>, Refusal> {
        let mut builder = Request::builder(principal, action, resource, owner);
        if !self.has_resource_policy {
            // No resource-based policy is simulated, not even where one would have to allow.
            builder = builder.resource_policy_mode(ResourcePolicyMode::Default);
        }
        let mut has_time = false;
        for (name, value) in &self.entries {
            has_time |= eq_folded(name, "aws:CurrentTime") || eq_folded(name, "aws:EpochTime");
            match value {
                Value::One(text) => builder.add_one(name.as_str(), text.as_str()),
                Value::Many(texts) => builder.add_many(name.as_str(), texts.iter().map(String::as_str)),
            }
        }
        let builder = if has_time { builder } else { builder.derive_time(now) };
        Ok(builder.build()?)
    }

    /// The statements that contributed: of a deny those that deny, of an allow those that allow.
    fn matched(&self, explanation: &Explanation) -> Vec<Matched> {
        let effect = match explanation.decision.outcome {
            Outcome::Allowed => Effect::Allow,
            Outcome::ExplicitDeny => Effect::Deny,
            Outcome::ImplicitDeny => return Vec::new(),
        };
        let contributes = |statement: &&StatementExplanation| {
            statement.effect == effect && statement.applies() && self.tells(statement.id.layer, effect)
        };
        explanation.statements().filter(contributes).map(|statement| self.told(statement)).collect()
    }

    /// Whether statements of a layer are told: of a boundary those that deny, of SCPs only if that is asked for.
    fn tells(&self, layer: Layer, effect: Effect) -> bool {
        match layer {
            Layer::Identity | Layer::Resource => true,
            Layer::PermissionsBoundary => self.is_extended || effect == Effect::Deny,
            _ => self.is_extended,
        }
    }

    fn told(&self, statement: &StatementExplanation) -> Matched {
        let Sources { identity, stored, boundary } = self.sources;
        let kind = match statement.id.layer {
            Layer::Identity if (statement.id.policy as usize) < stored => identity,
            Layer::Resource => "resource",
            Layer::PermissionsBoundary => boundary,
            _ => "none",
        };
        let source = statement.document.source();
        let name = Path::new(&statement.policy);
        Matched {
            policy: name.strip_prefix(&self.folder).unwrap_or(name).display().to_string(),
            kind,
            start: source.position(statement.span.start),
            end: source.position(statement.span.end),
            id: statement.id,
        }
    }

    /// The keys that policies ask for and nobody gave; those of SCPs only if that is asked for.
    fn missing(&self, explanation: &Explanation) -> Vec<String> {
        let asks = |id: &StatementId| id.layer != Layer::Scp || self.is_extended;
        let absent = explanation.keys_in(KeyState::Absent);
        absent.filter(|key| key.asked_by.iter().any(asks)).map(|key| key.name.clone()).collect()
    }
}

impl Evaluation {
    /// How much is told.
    pub(super) fn weight(&self) -> usize {
        let parts = self.resources.iter().map(|(_, findings)| findings).chain([&self.all]);
        parts.map(Findings::weight).sum()
    }
}

impl Findings {
    fn weight(&self) -> usize {
        self.matched.len().saturating_add(self.missing.len()).saturating_add(1)
    }

    /// What comes of all resources: the most restrictive decision, and the statements that contributed to it.
    fn over<'a>(each: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let outcome = strictest(each.clone().map(|one| one.outcome));
        let mut all =
            Self { outcome, matched: Vec::new(), missing: Vec::new(), boundary: None, details: None };
        let (mut matched, mut missing) = (BTreeMap::new(), BTreeMap::new());
        for one in each {
            for statement in one.matched.iter().filter(|_| one.outcome == outcome) {
                matched.entry(statement.id).or_insert(statement);
            }
            missing.extend(one.missing.iter().map(|key| (key.to_lowercase(), key)));
            all.boundary = both(all.boundary, one.boundary);
            for (source, outcome) in one.details.iter().flatten() {
                let details = all.details.get_or_insert_default();
                let before = details.get(source).copied();
                details.insert(source, strictest(before.into_iter().chain([*outcome])));
            }
            if one.details.is_some() {
                all.details.get_or_insert_default();
            }
        }
        all.matched = matched.into_values().cloned().collect();
        all.missing = missing.into_values().cloned().collect();
        all
    }
}

fn strictest(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Allowed => 0,
        Outcome::ImplicitDeny => 1,
        Outcome::ExplicitDeny => 2,
    };
    outcomes.max_by_key(rank).unwrap_or(Outcome::ImplicitDeny)
}

/// Whether both allow, where either says something.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one && other),
        (one, other) => one.or(other),
    }
}

fn levels(explanation: &Explanation, layer: Layer) -> impl Iterator<Item = LayerOutcome> {
    explanation.layers.iter().filter(move |one| one.layer == layer).map(LayerExplanation::outcome)
}

/// Whether every level of a layer allows; `None` if it is not in use.
fn allows(explanation: &Explanation, layer: Layer) -> Option<bool> {
    if levels(explanation, layer).any(|outcome| outcome == LayerOutcome::NotInUse) {
        return None;
    }
    Some(levels(explanation, layer).all(|one| matches!(one, LayerOutcome::Allows | LayerOutcome::Exempt)))
}

/// What each type of policy says, across accounts.
fn details(explanation: &Explanation) -> BTreeMap<&'static str, Outcome> {
    let said = |layer| {
        let outcome = levels(explanation, layer).next()?;
        Some(match outcome {
            LayerOutcome::Allows => Outcome::Allowed,
            LayerOutcome::Denies => Outcome::ExplicitDeny,
            LayerOutcome::Silent | LayerOutcome::Exempt => Outcome::ImplicitDeny,
            LayerOutcome::NotInUse => return None,
        })
    };
    let silent = Outcome::ImplicitDeny;
    let mut details = BTreeMap::from([
        ("IAM Policy", said(Layer::Identity).unwrap_or(silent)),
        ("Resource Policy", said(Layer::Resource).unwrap_or(silent)),
    ]);
    if let Some(outcome) = said(Layer::PermissionsBoundary) {
        details.insert("Permissions Boundary Policy", outcome);
    }
    details
}

/// Whether a statement of the resource-based policy is about the resource.
fn is_applicable(explanation: &Explanation) -> bool {
    let mut statements = explanation.statements().filter(|one| one.id.layer == Layer::Resource);
    statements.any(|statement| {
        let mut resources =
            statement.clauses.iter().filter(|one| matches!(one.element, "Resource" | "NotResource"));
        resources.all(|clause| clause.truth != Truth::False)
    })
}
