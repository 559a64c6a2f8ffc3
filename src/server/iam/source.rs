//! The principal whose policies are simulated: what the store attaches to it.

use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::evaluate::{Attachment, Layer, PolicySet};
use crate::policy::Document;
use crate::request::{Principal, PrincipalKind};
use crate::service::Value;
use crate::store::{Governing, KnownValue, Snapshot, StoreError};
use crate::text::diagnostic::excerpt;

use super::super::call::Call;
use super::super::refusal::Refusal;
use super::entries::Entry;
use super::query::{Length, Parameters, invalid};

/// A user or role of the store, with what governs it.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) principal: Principal,
    /// The layers of the principal; none of a resource.
    set: PolicySet,
    /// What the store knows of it.
    pub(super) known: Vec<Entry>,
}

impl Source {
    /// Takes `PolicySourceArn`.
    pub(super) fn take(call: &Call, parameters: &mut Parameters) -> Result<Self, Refusal> {
        let arn = parameters.needed("PolicySourceArn", Length(20, 2048))?;
        let principal = named("PolicySourceArn", &arn)?;
        let store = call.moment.in_force.store();
        let known = store.principal(&principal).map_err(missing)?;
        let governing = store.governing(&known, "*").map_err(missing)?;
        let set = governing.policies("iam:SimulatePrincipalPolicy")?;
        let entries = entries(&governing, &known);
        Ok(Self { principal: known, set, known: entries })
    }

    /// The identity-based policies.
    pub(super) fn documents(&self) -> &[Document] {
        let attached = self.layer(Layer::Identity).first();
        attached.map_or(&[], |attached| attached.policy.documents())
    }

    /// The permissions boundary.
    pub(super) fn boundary(&self) -> Option<Arc<CompiledPolicy>> {
        self.layer(Layer::PermissionsBoundary).first().map(|attached| Arc::clone(&attached.policy))
    }

    /// The levels of SCPs.
    pub(super) fn scps(&self) -> Vec<Arc<CompiledPolicy>> {
        self.layer(Layer::Scp).iter().map(|level| Arc::clone(&level.policy)).collect()
    }

    /// What IAM calls policies of such a principal.
    pub(super) fn kind(&self) -> &'static str {
        if self.principal.kind() == PrincipalKind::User { "user" } else { "role" }
    }

    fn layer(&self, layer: Layer) -> &[Attachment] {
        self.set.layer(layer).unwrap_or_default()
    }
}

/// The user or role of an ARN.
pub(super) fn named(parameter: &str, arn: &str) -> Result<Principal, Refusal> {
    let refuse = |problem: &str| Err(invalid(format!("`{parameter}` {} {problem}", excerpt(arn))));
    if arn.contains(":group/") {
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
