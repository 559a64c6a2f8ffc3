//! The parameters of a simulation.

use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::evaluate::{PolicySet, PolicySetBuilder};
use crate::policy::{Document, Kind};
use crate::request::Principal;
use crate::request::derive::PrincipalKey;
use crate::service::Value;
use crate::text::diagnostic::excerpt;
use crate::text::fold::eq_folded;

use super::super::call::Call;
use super::super::refusal::Refusal;
use super::entries::Entry;
use super::query::{Length, Parameters, invalid};
use super::simulate::{Home, Simulation, Sources};
use super::source::{self, Source};
use super::{EXTENDED, documents, entries, resources};

/// The most actions of a simulation; pages are of fewer.
const MOST_ACTIONS: usize = 10_000;
/// The most levels of an organization.
const MOST_LEVELS: usize = 7;

/// `SimulateCustomPolicy`
pub(super) fn custom(call: &Call, parameters: &mut Parameters) -> Result<Simulation, Refusal> {
    let policies = documents::list(parameters, "PolicyInputList", Kind::Identity)?.unwrap_or_default();
    if policies.is_empty() {
        return Err(invalid("`PolicyInputList` is missing"));
    }
    let boundary = boundary(parameters)?;
    let scps = organization(parameters)?;
    let caller = caller(parameters)?;
    let known = caller.as_ref().map(derived).unwrap_or_default();
    let set = set(&policies, boundary, scps)?;
    let sources = Sources { identity: "none", stored: 0, boundary: "none" };
    common(call, parameters, set, Asking { caller, known, sources, home: Home::default() })
}

/// `SimulatePrincipalPolicy`
pub(super) fn principal(call: &Call, parameters: &mut Parameters) -> Result<Simulation, Refusal> {
    let source = Source::take(call, parameters)?;
    let given = documents::list(parameters, "PolicyInputList", Kind::Identity)?.unwrap_or_default();
    let own = boundary(parameters)?;
    let Excluded { has_boundary, has_scps } = Excluded::take(parameters)?;
    let sources = Sources {
        identity: source.kind,
        stored: source.documents.len(),
        boundary: if own.is_some() { "none" } else { "user-managed" },
    };
    let boundary = own.or_else(|| source.boundary.filter(|_| has_boundary));
    let scps = if has_scps { source.scps } else { Vec::new() };
    let set = set(&[source.documents, given].concat(), boundary, scps)?;
    let is_in_management_account = source.is_in_management_account;
    let own = source.principal.as_ref().map(Principal::text);
    let (caller, known) = match caller(parameters)? {
        Some(caller) if Some(caller.text()) != own => {
            let (caller, known) = source::known(call.moment.in_force.store(), caller);
            let known = known.unwrap_or_else(|| derived(&caller));
            // Whose policies are simulated, whose organization it is.
            (Some(caller.with_management_account(is_in_management_account)), known)
        }
        _ => (source.principal, source.known),
    };
    let home = Home { account: Some(source.account), is_in_management_account };
    common(call, parameters, set, Asking { caller, known, sources, home })
}

/// Who asks, and by whose policies.
struct Asking {
    caller: Option<Principal>,
    /// Context keys that nobody has to state.
    known: Vec<Entry>,
    sources: Sources,
    home: Home,
}

fn common(
    call: &Call,
    parameters: &mut Parameters,
    set: PolicySetBuilder,
    asking: Asking,
) -> Result<Simulation, Refusal> {
    let Asking { caller, known, sources, home } = asking;
    let actions = parameters.texts("ActionNames", MOST_ACTIONS, Length(3, 128))?.unwrap_or_default();
    if actions.is_empty() {
        return Err(invalid("`ActionNames` is missing"));
    }
    let resources = resources::take(parameters)?;
    let owner = resources::owner(parameters)?;
    let policy = documents::one(parameters, "ResourcePolicy", Kind::Resource)?;
    let has_resource_policy = policy.is_some();
    let set = match policy {
        None => set,
        Some(_) if caller.is_none() => {
            return Err(invalid("`CallerArn` is missing: `ResourcePolicy` is about who calls"));
        }
        Some(policy) => {
            resources::refuse_roles(&resources)?;
            set.resource(documents::compile(&[policy])?)
        }
    };
    let mut entries = entries::take(parameters)?;
    let is_stated = |name: &str, stated: &[Entry]| stated.iter().any(|(own, _)| eq_folded(own, name));
    // What is stated stands before what is known: a simulation asks what would be.
    let unstated: Vec<Entry> = known.into_iter().filter(|(name, _)| !is_stated(name, &entries)).collect();
    entries.extend(unstated);
    Ok(Simulation {
        actions,
        resources,
        owner,
        set: set.build().map_err(|error| invalid(error.to_string()))?,
        has_resource_policy,
        caller,
        entries,
        sources,
        home,
        is_extended: is_extended(call)?,
        folder: call.app.config.store.clone(),
    })
}

fn is_extended(call: &Call) -> Result<bool, Refusal> {
    match call.header(EXTENDED) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(invalid("the header `Verdikt-Extended` is `true` or `false`")),
    }
}

fn set(
    policies: &[Document],
    boundary: Option<Arc<CompiledPolicy>>,
    scps: Vec<Arc<CompiledPolicy>>,
) -> Result<PolicySetBuilder, Refusal> {
    let mut set = PolicySet::builder().identity(documents::compile(policies)?);
    if let Some(boundary) = boundary {
        set = set.permissions_boundary(boundary);
    }
    Ok(if scps.is_empty() { set } else { set.scps(scps) })
}

/// Takes `PermissionsBoundaryPolicyInputList`.
fn boundary(parameters: &mut Parameters) -> Result<Option<Arc<CompiledPolicy>>, Refusal> {
    let name = "PermissionsBoundaryPolicyInputList";
    let documents = documents::list(parameters, name, Kind::PermissionsBoundary)?.unwrap_or_default();
    match documents.as_slice() {
        [] => Ok(None),
        [_] => documents::compile(&documents).map(Some),
        _ => Err(invalid(format!("`{name}` takes one policy"))),
    }
}

/// Takes `OrderedOrganizationPolicyInputList`: the levels of SCPs from the root to the account.
fn organization(parameters: &mut Parameters) -> Result<Vec<Arc<CompiledPolicy>>, Refusal> {
    let levels = parameters.structures("OrderedOrganizationPolicyInputList", MOST_LEVELS)?;
    let levels = levels.unwrap_or_default().into_iter().map(|mut level| {
        let documents = documents::list(&mut level, "ServiceControlPolicyInputList", Kind::Scp)?;
        level.finish()?;
        // A level without policies allows nothing.
        documents::compile(&documents.unwrap_or_default())
    });
    levels.collect()
}

/// Takes `CallerArn`.
fn caller(parameters: &mut Parameters) -> Result<Option<Principal>, Refusal> {
    let arn = parameters.text("CallerArn", Length(1, 2048))?;
    arn.map(|arn| source::named("CallerArn", &arn)).transpose()
}

/// The context keys that follow from an ARN.
fn derived(caller: &Principal) -> Vec<Entry> {
    let keys = PrincipalKey::ALL.into_iter();
    let known = keys.filter_map(|key| Some((key.name().to_owned(), Value::One(key.value(caller).ok()??))));
    known.collect()
}

/// What `PolicyExclusionList` leaves of the principal's policies.
struct Excluded {
    has_boundary: bool,
    has_scps: bool,
}

impl Excluded {
    fn take(parameters: &mut Parameters) -> Result<Self, Refusal> {
        let mut left = Self { has_boundary: true, has_scps: true };
        for mut one in parameters.structures("PolicyExclusionList", 256)?.unwrap_or_default() {
            let what = one.named("PolicyType");
            let kind = one.take("PolicyType");
            one.finish().map_err(|_| unknown(&what))?;
            match kind.as_deref() {
                Some("permission-boundary") => left.has_boundary = false,
                Some("scp") => left.has_scps = false,
                // RCPs are not simulated: IAM ignores them here too.
                Some("rcp") => {}
                Some("inline" | "aws-managed" | "user-managed") => return Err(unknown(&what)),
                Some(other) => {
                    return Err(invalid(format!("`{what}` {} is no type of policy", excerpt(other))));
                }
                None => return Err(invalid(format!("`{what}` is missing"))),
            }
        }
        Ok(left)
    }
}

/// The store attaches files: none of them has an ARN, or is inline rather than managed.
fn unknown(what: &str) -> Refusal {
    invalid(format!(
        "`{what}` can be `permission-boundary`, `scp` or `rcp`: the store does not tell inline policies from managed \
         ones; to leave some out, give the others to SimulateCustomPolicy"
    ))
}
