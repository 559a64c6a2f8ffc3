//! The principal whose policies are simulated: what the store attaches to it.

use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::evaluate::Layer;
use crate::policy::Document;
use crate::request::{Principal, PrincipalKind};
use crate::service::Value;
use crate::store::{Governing, KnownValue, Snapshot, StoreError};
use crate::text::arn_pattern::ResourceText;
use crate::text::diagnostic::excerpt;

use super::super::call::Call;
use super::super::refusal::Refusal;
use super::entries::Entry;
use super::query::{Length, Parameters, invalid};

/// A user, group or role of the store, with what governs it.
#[derive(Debug)]
pub(super) struct Source {
    /// Who calls; none of a group.
    pub(super) principal: Option<Principal>,
    /// Its account.
    pub(super) account: String,
    /// Whether SCPs do not bind that.
    pub(super) is_in_management_account: bool,
    /// What IAM calls its policies.
    pub(super) kind: &'static str,
    /// The identity-based policies.
    pub(super) documents: Vec<Document>,
    pub(super) boundary: Option<Arc<CompiledPolicy>>,
    /// The levels of SCPs.
    pub(super) scps: Vec<Arc<CompiledPolicy>>,
    /// What the store knows of it.
    pub(super) known: Vec<Entry>,
}

impl Source {
    /// Takes `PolicySourceArn`.
    pub(super) fn take(call: &Call, parameters: &mut Parameters) -> Result<Self, Refusal> {
        let arn = parameters.needed("PolicySourceArn", Length(20, 2048))?;
        let store = call.moment.in_force.store();
        if is_group(&arn) { Self::group(store, &arn) } else { Self::identity(store, &arn) }
    }

    fn group(store: &Snapshot, arn: &str) -> Result<Self, Refusal> {
        let group = store.group(arn);
        let group = group.ok_or_else(|| missing(StoreError::UnknownPrincipal(arn.to_owned())))?;
        Ok(Self {
            principal: None,
            account: group.account.to_owned(),
            is_in_management_account: group.is_in_management_account,
            kind: "group",
            documents: group.policies.documents().to_vec(),
            boundary: None,
            scps: group.scps,
            known: Vec::new(),
        })
    }

    fn identity(store: &Snapshot, arn: &str) -> Result<Self, Refusal> {
        let principal = store.principal(&named("PolicySourceArn", arn)?).map_err(missing)?;
        let governing = store.governing(&principal, "*").map_err(missing)?;
        let set = governing.policies("iam:SimulatePrincipalPolicy")?;
        let layer =
            |layer| set.layer(layer).unwrap_or_default().iter().map(|level| Arc::clone(&level.policy));
        Ok(Self {
            account: principal.account().unwrap_or_default().to_owned(),
            is_in_management_account: principal.is_in_management_account(),
            kind: if principal.kind() == PrincipalKind::User { "user" } else { "role" },
            documents: layer(Layer::Identity).flat_map(|policy| policy.documents().to_vec()).collect(),
            boundary: layer(Layer::PermissionsBoundary).next(),
            scps: layer(Layer::Scp).collect(),
            known: entries(&governing, &principal),
            principal: Some(principal),
        })
    }
}

/// Whether an ARN is a group's.
fn is_group(arn: &str) -> bool {
    let arn = ResourceText::new(arn);
    arn.field(2) == "iam" && arn.field(5).starts_with("group/")
}

/// The user or role of an ARN.
pub(super) fn named(parameter: &str, arn: &str) -> Result<Principal, Refusal> {
    let refuse = |problem: &str| Err(invalid(format!("`{parameter}` {} {problem}", excerpt(arn))));
    if is_group(arn) {
        return refuse("is a group, which makes no calls: name one of its users");
    }
    match Principal::parse(arn) {
        Ok(principal) if matches!(principal.kind(), PrincipalKind::User | PrincipalKind::Role) => {
            Ok(principal)
        }
        _ => refuse("is not the ARN of a user or role"),
    }
}

/// The simulated caller with what the store knows of it, if it does.
pub(super) fn known(store: &Snapshot, caller: Principal) -> (Principal, Option<Vec<Entry>>) {
    let Ok(known) = store.principal(&caller) else { return (caller, None) };
    match store.governing(&known, "*") {
        Ok(governing) => {
            let entries = entries(&governing, &known);
            (known, Some(entries))
        }
        Err(_) => (caller, None),
    }
}

fn entries(governing: &Governing<'_>, principal: &Principal) -> Vec<Entry> {
    let known = governing.known(principal).into_iter().filter_map(|key| {
        let value = match key.value {
            KnownValue::One(value) => Value::One(value.into_owned()),
            KnownValue::Many(value) => Value::Many(vec![value.into_owned()]),
            KnownValue::Absent => return None,
        };
        Some((key.name.into_owned(), value))
    });
    known.collect()
}

fn missing(error: StoreError) -> Refusal {
    match error {
        StoreError::UnknownPrincipal(_) => {
            Refusal::new(axum::http::StatusCode::NOT_FOUND, "NoSuchEntity", error.to_string())
        }
        other => other.into(),
    }
}
