//! Which statements apply, and what they decide together.

use serde_json::Value;

use super::caller::CallerKind;
use super::case::{Owner, Policies, Request};
use super::document;
use super::principal::{self, Grant};
use super::resource::{self, Subject};
use super::truth::Truth;
use super::{Answer, Outcome, action, condition};

/// Decides an accepted case.
pub fn decide(request: &Request, policies: &Policies<'_>) -> Answer {
    let mut walk = Walk { request, bounded: is_bounded(request, policies), indeterminate: false };
    let layers = Layers::of(policies, &mut walk);
    let outcome = if request.is_for("sts:GetCallerIdentity") {
        Outcome::Allowed
    } else if layers.denied {
        Outcome::ExplicitDeny
    } else if layers.allow(request) {
        Outcome::Allowed
    } else {
        Outcome::ImplicitDeny
    };
    Answer { outcome, indeterminate: walk.indeterminate }
}

fn is_bounded(request: &Request, policies: &Policies<'_>) -> bool {
    policies.boundary.is_some() && request.caller.has_identity_policies()
}

/// What the documents of one attachment say.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    denied: bool,
    /// The strongest Allow; where a document names no principals, any Allow is `Direct`.
    allowed: Option<Grant>,
}

/// An exhaustive walk: nothing stops it early.
struct Walk<'a> {
    request: &'a Request,
    /// Whether the caller has a permissions boundary.
    bounded: bool,
    /// Whether a resource, or one operator and key of a condition, was Indeterminate in any statement.
    indeterminate: bool,
}

impl Walk<'_> {
    fn documents(&mut self, documents: &[&Value]) -> Said {
        let mut said = Said::default();
        for document in documents {
            let variables = document::has_variables(document);
            for statement in document::statements(document) {
                self.statement(statement, variables, &mut said);
            }
        }
        said
    }

    fn statement(&mut self, statement: &Value, variables: bool, said: &mut Said) {
        let rest = self.all_but_principal(statement, variables);
        if statement["Effect"] == "Deny" {
            said.denied |= rest != Truth::False && self.denies_caller(statement);
        } else if rest == Truth::True {
            said.allowed = said.allowed.max(self.grant(statement));
        }
    }

    /// The AND of action, resource and condition.
    fn all_but_principal(&mut self, statement: &Value, variables: bool) -> Truth {
        let mut clauses = condition::tests(statement.get("Condition"), variables, &self.request.context);
        clauses.push(self.resource(statement, variables));
        self.indeterminate |= clauses.contains(&Truth::Indeterminate);
        clauses.push(self.action(statement));
        Truth::all(clauses)
    }

    fn action(&self, statement: &Value) -> Truth {
        match (entries(statement, "Action"), entries(statement, "NotAction")) {
            (Some(patterns), _) => action::matches_any(patterns, &self.request.action),
            (None, Some(patterns)) => action::matches_any(patterns, &self.request.action).not(),
            (None, None) => Truth::False,
        }
    }

    /// Without an element, the statement is about the resource that it is attached to.
    fn resource(&self, statement: &Value, variables: bool) -> Truth {
        let subject = Subject { resource: &self.request.resource, context: &self.request.context, variables };
        match (entries(statement, "Resource"), entries(statement, "NotResource")) {
            (Some(patterns), _) => resource::matches_any(patterns, subject),
            (None, Some(patterns)) => resource::matches_none(patterns, subject),
            (None, None) => Truth::True,
        }
    }

    /// How an Allow names the caller.
    fn grant(&self, statement: &Value) -> Option<Grant> {
        let Some(element) = statement.get("Principal") else {
            return Some(Grant::Direct);
        };
        let named = principal::parse(element).unwrap_or_default();
        named.iter().filter_map(|named| principal::grant(named, &self.request.caller)).max()
    }

    /// Whether a Deny concerns the caller.
    fn denies_caller(&self, statement: &Value) -> bool {
        let caller = &self.request.caller;
        match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(element), _) => principal::parse(element)
                .unwrap_or_default()
                .iter()
                .any(|named| principal::denies(named, caller)),
            (None, Some(element)) => {
                !principal::exempts(&principal::parse(element).unwrap_or_default(), caller, self.bounded)
            }
            (None, None) => true,
        }
    }
}

fn entries<'a>(statement: &'a Value, name: &str) -> Option<Vec<&'a str>> {
    document::strings(statement.get(name)?).ok()
}

/// What every layer said. A layer that is not in use, or does not concern the caller, allows.
struct Layers {
    denied: bool,
    identity: bool,
    boundary: bool,
    session: bool,
    resource: Option<Grant>,
    /// SCPs, RCPs and the endpoint's policy.
    around: bool,
}

impl Layers {
    fn of(policies: &Policies<'_>, walk: &mut Walk<'_>) -> Self {
        let request = walk.request;
        let caller = &request.caller;
        let mut layers = Self {
            denied: false,
            identity: true,
            boundary: true,
            session: true,
            resource: None,
            around: true,
        };
        if caller.has_identity_policies() {
            layers.identity = layers.add(walk.documents(&policies.identity)).is_some();
            layers.boundary = layers.one(policies.boundary.as_deref(), true, walk);
            layers.session =
                layers.one(policies.session.as_deref(), !caller.is(super::arn::Kind::FederatedUser), walk);
        }
        let resource: Vec<&Value> = policies.resource.into_iter().collect();
        layers.resource = layers.add(walk.documents(&resource));
        layers.around &= layers.one(policies.vpc_endpoint.as_deref(), true, walk);
        if concerns_scps(request) {
            layers.around &= layers.levels(policies.scps.as_deref(), walk);
        }
        if concerns_rcps(request) {
            layers.around &= layers.levels(policies.rcps.as_deref(), walk);
        }
        layers
    }

    fn add(&mut self, said: Said) -> Option<Grant> {
        self.denied |= said.denied;
        said.allowed
    }

    /// Whether the documents allow; `unused` is the answer where there are none to ask.
    fn one(&mut self, documents: Option<&[&Value]>, unused: bool, walk: &mut Walk<'_>) -> bool {
        match documents {
            Some(documents) => self.add(walk.documents(documents)).is_some(),
            None => unused,
        }
    }

    /// Whether each level allows.
    fn levels(&mut self, levels: Option<&[Vec<&Value>]>, walk: &mut Walk<'_>) -> bool {
        let mut allowed = true;
        for level in levels.unwrap_or_default() {
            allowed &= self.one(Some(level), true, walk);
        }
        allowed
    }

    fn allow(&self, request: &Request) -> bool {
        self.around && can_be_granted(request) && self.granted(request)
    }

    fn granted(&self, request: &Request) -> bool {
        let Some(arn) = request.caller.arn() else {
            return self.resource == Some(Grant::Direct);
        };
        let same_account = self.same_account(request.resource_policy_must_allow);
        match &request.owner {
            Owner::Nobody => same_account,
            Owner::Account(owner) if *owner == arn.account => same_account,
            Owner::Account(_) => self.cross_account(),
            Owner::Unknown => same_account && self.cross_account(),
        }
    }

    /// The identity policies, capped.
    fn identity_side(&self) -> bool {
        self.identity && self.boundary && self.session
    }

    fn same_account(&self, resource_policy_must_allow: bool) -> bool {
        match self.resource {
            Some(Grant::Direct) => true,
            Some(Grant::Role) if self.boundary && self.session => true,
            Some(_) => self.identity_side(),
            None => self.identity_side() && !resource_policy_must_allow,
        }
    }

    fn cross_account(&self) -> bool {
        self.resource.is_some() && self.identity_side()
    }
}

/// SCPs bind principals of member accounts: users, roles and root, but no service-linked role.
fn concerns_scps(request: &Request) -> bool {
    let caller = &request.caller;
    caller.arn().is_some() && !caller.is_service_linked() && !caller.management_account
}

/// RCPs bind the resource whoever calls, but for service-linked roles and the retiring of grants.
fn concerns_rcps(request: &Request) -> bool {
    !request.caller.is_service_linked() && !request.is_for("kms:RetireGrant")
}

/// The two calls that take a token take it from a provider of their kind and from no other caller; the other role
/// assumptions take none.
fn can_be_granted(request: &Request) -> bool {
    let provider = match &request.caller.kind {
        CallerKind::WebIdentity(provider) => Some(provider),
        _ => None,
    };
    let saml = provider.is_some_and(|provider| provider.contains(":saml-provider/"));
    let action = request.action.to_ascii_lowercase();
    match action.as_str() {
        "sts:assumerolewithsaml" => saml,
        "sts:assumerolewithwebidentity" => provider.is_some() && !saml,
        other => provider.is_none() || !other.starts_with("sts:assumerole"),
    }
}
