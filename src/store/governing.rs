//! Which policies govern one principal and one resource, and what the store knows of both.

use std::borrow::Cow;
use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::evaluate::{Attachment, Layer, PolicySet, PolicySetError};
use crate::policy::Kind;
use crate::request::action::ActionText;
use crate::request::context::{Context, ContextValue};
use crate::request::derive::PrincipalKey;
use crate::request::owner::is_role_assumption;
use crate::request::{Owner, Principal, PrincipalKind, RequestBuilder};
use crate::text::arn_pattern::ResourceText;
use crate::text::fold::{eq_folded, folded_hash, starts_with_folded};

use super::error::StoreError;
use super::live::Bound;
use super::snapshot::{Account, Caller, Endpoint, Snapshot, Target};

/// What governs a principal and a resource; borrows from a [`Snapshot`].
#[derive(Clone, Debug)]
pub struct Governing<'s> {
    snapshot: &'s Snapshot,
    caller: Caller<'s>,
    target: Target<'s>,
    resource: &'s str,
    endpoint: Option<&'s Endpoint>,
    session: Option<Arc<CompiledPolicy>>,
    bound: Option<Arc<Bound>>,
}

/// A context key that the store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey<'s> {
    /// Its name.
    pub name: Cow<'s, str>,
    /// Its value.
    pub value: KnownValue<'s>,
}

/// The value of a context key that the store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownValue<'s> {
    /// Single-valued.
    One(Cow<'s, str>),
    /// Multivalued, with one value.
    Many(Cow<'s, str>),
    /// The key is absent.
    Absent,
}

impl<'s> Governing<'s> {
    pub(super) fn new(
        snapshot: &'s Snapshot,
        caller: Caller<'s>,
        target: Target<'s>,
        resource: &'s str,
    ) -> Self {
        Self { snapshot, caller, target, resource, endpoint: None, session: None, bound: None }
    }

    /// The same through a VPC endpoint, by its id.
    ///
    /// # Errors
    /// The endpoint is not in the store, so what its policy forbids is not known.
    pub fn through(mut self, endpoint: &str) -> Result<Self, StoreError> {
        let found = self.snapshot.endpoints.get(endpoint);
        self.endpoint = Some(found.ok_or_else(|| StoreError::UnknownEndpoint(endpoint.to_owned()))?);
        Ok(self)
    }

    /// The same with the session policies that the caller's session was made with.
    #[must_use]
    pub fn with_session_policies(mut self, policies: Arc<CompiledPolicy>) -> Self {
        self.session = Some(policies);
        self
    }

    /// The same with the caller's policies bound to its session.
    pub(super) fn with_bound(mut self, bound: Arc<Bound>) -> Self {
        self.bound = Some(bound);
        self
    }

    /// Whether the store has the resource; `*` is no resource.
    pub fn has_resource(&self) -> bool {
        matches!(self.target, Target::Resource(..) | Target::Identity(..))
    }

    /// Who owns the resource.
    pub fn owner(&self) -> Owner<'s> {
        match self.target {
            Target::Nothing => Owner::Nobody,
            Target::Unknown => Owner::Unknown,
            Target::Resource(account, _) | Target::Identity(account, _) => Owner::Account(&account.id),
        }
    }

    /// The policies that govern an action. A role's trust policy is the resource-based policy of the actions that
    /// assume it, and of no other.
    ///
    /// # Errors
    /// The session policies are of another kind.
    pub fn policies(&self, action: &str) -> Result<PolicySet, StoreError> {
        let own = self.caller.identity;
        let (identity, boundary, session) = match &self.bound {
            Some(bound) => (bound.identity.as_ref(), bound.boundary.as_ref(), bound.session.as_ref()),
            None => (
                self.attached(Layer::Identity, own.map(|own| own.policies))?,
                self.attached(Layer::PermissionsBoundary, own.and_then(|own| own.boundary))?,
                self.session.as_ref(),
            ),
        };
        // What the store attaches is of its layer's kind: it was parsed as that.
        if let Some(kind) = session.and_then(|policy| policy.kind()).filter(|kind| *kind != Kind::Session) {
            let layer = Layer::Session.title();
            return Err(PolicySetError::WrongKind { found: kind.title(), layer }.into());
        }
        let resource = self.attached(Layer::Resource, self.resource_policy(action))?;
        let endpoint = self.endpoint.and_then(|endpoint| endpoint.policy);
        let endpoint = self.attached(Layer::VpcEndpoint, endpoint)?;
        let scps = levels(Layer::Scp, self.caller.account.map(|account| &account.scps))?;
        let rcps = levels(Layer::Rcp, self.owning().map(|account| &account.rcps))?;
        let single = [
            (Layer::Resource, resource),
            (Layer::Identity, identity),
            (Layer::PermissionsBoundary, boundary),
            (Layer::Session, session),
            (Layer::VpcEndpoint, endpoint),
        ];
        let most = scps.len().saturating_add(rcps.len()).saturating_add(single.len());
        let mut attachments = Vec::with_capacity(most);
        for (layer, levels) in [(Layer::Scp, scps), (Layer::Rcp, rcps)] {
            for (level, number) in (0u32..).zip(levels) {
                let policy = self.attached(layer, Some(*number))?.cloned();
                attachments.extend(policy.map(|policy| Attachment { layer, level, policy }));
            }
        }
        for (layer, policy) in single {
            attachments.extend(policy.map(|policy| Attachment {
                layer,
                level: 0,
                policy: Arc::clone(policy),
            }));
        }
        Ok(PolicySet::of_checked(attachments, self.bound.is_some()))
    }

    /// What is attached by a number; a layer that has one is never left out.
    fn attached(
        &self,
        layer: Layer,
        number: Option<u32>,
    ) -> Result<Option<&Arc<CompiledPolicy>>, PolicySetError> {
        let Some(number) = number else { return Ok(None) };
        let policy = self.snapshot.attachment(number);
        policy.map(Some).ok_or_else(|| PolicySetError::NoLevels(layer.title()))
    }

    fn resource_policy(&self, action: &str) -> Option<u32> {
        match self.target {
            Target::Nothing | Target::Unknown => None,
            Target::Resource(_, resource) => resource.policy,
            Target::Identity(_, identity) => {
                let trust = identity.trust?;
                let action = ActionText::parse(action)?;
                is_role_assumption(&action, &ResourceText::new(self.resource)).then_some(trust)
            }
        }
    }

    /// The account that owns the resource.
    fn owning(&self) -> Option<&'s Account> {
        match self.target {
            Target::Nothing | Target::Unknown => None,
            Target::Resource(account, _) | Target::Identity(account, _) => Some(account),
        }
    }

    /// Every context key that the store knows of the caller, the resource and the endpoint. The principal is the one
    /// that [`Snapshot::principal`] gives. Of a session that is bound, what it fixes of its principal is left out.
    pub fn known(&self, principal: &Principal) -> Vec<KnownKey<'s>> {
        let mut keys = self.known_of_principal(principal);
        if let Some(account) = self.owning() {
            keys.push(KnownKey::one("aws:ResourceAccount", &*account.id));
            self.add_place(Some(account), "aws:ResourceOrgID", "aws:ResourceOrgPaths", &mut keys);
        }
        for family in self.resource_tags().1 {
            add_tags(family, self.resource_tags().0, &mut keys);
        }
        self.add_endpoint(&mut keys);
        keys
    }

    /// What the store knows of the caller alone.
    pub(super) fn known_of_principal(&self, principal: &Principal) -> Vec<KnownKey<'s>> {
        // PERF: the keys of nearly every question, without growing.
        let mut keys = Vec::with_capacity(16);
        let bound = self.bound.as_deref();
        add_principal(principal, bound.map_or(&PrincipalKey::ALL, |bound| &bound.open), &mut keys);
        self.add_place(self.caller.account, "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", &mut keys);
        let has_tags = has_own_tags(principal) && !bound.is_some_and(|bound| bound.closes_tags);
        if let Some(identity) = self.caller.identity.filter(|_| has_tags) {
            add_tags("aws:PrincipalTag/", &identity.tags, &mut keys);
        }
        keys
    }

    fn add_place(
        &self,
        account: Option<&'s Account>,
        id: &'static str,
        paths: &'static str,
        keys: &mut Vec<KnownKey<'s>>,
    ) {
        let path = account.and_then(|account| account.path.as_deref());
        match (path, self.snapshot.organization.as_deref()) {
            (Some(path), Some(organization)) => {
                keys.push(KnownKey::one(id, organization));
                keys.push(KnownKey { name: paths.into(), value: KnownValue::Many(path.into()) });
            }
            _ => keys.extend([KnownKey::absent(id), KnownKey::absent(paths)]),
        }
    }

    fn add_endpoint(&self, keys: &mut Vec<KnownKey<'s>>) {
        let names =
            ["aws:SourceVpce", "aws:SourceVpc", "aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths"];
        let Some(endpoint) = self.endpoint else {
            keys.extend(names.map(KnownKey::absent));
            return;
        };
        keys.push(KnownKey::one("aws:SourceVpce", &*endpoint.id));
        if let Some(vpc) = &endpoint.vpc {
            keys.push(KnownKey::one("aws:SourceVpc", &**vpc));
        }
        let account = self.snapshot.account(endpoint.account);
        if let Some(account) = account {
            keys.push(KnownKey::one("aws:VpceAccount", &*account.id));
        }
        self.add_place(account, "aws:VpceOrgID", "aws:VpceOrgPaths", keys);
    }

    /// The resource's tags, and the families of keys that they are.
    fn resource_tags(&self) -> (&'s [(String, String)], &'static [&'static str]) {
        match self.target {
            Target::Identity(_, identity) => (&identity.tags, &["aws:ResourceTag/", "iam:ResourceTag/"]),
            // A bucket's tags say of its objects too whose data they are; the objects' own are other keys.
            Target::Resource(_, resource) if is_of_bucket(self.resource) => {
                (&resource.tags, &["aws:ResourceTag/", "s3:BucketTag/"])
            }
            Target::Resource(_, resource) => (&resource.tags, &["aws:ResourceTag/"]),
            _ => (&[], &[]),
        }
    }

    /// Adds what the store knows and the request does not say.
    ///
    /// # Errors
    /// The request says something otherwise than the store.
    pub fn supply<'a>(
        &self,
        principal: &Principal,
        mut builder: RequestBuilder<'a>,
    ) -> Result<RequestBuilder<'a>, StoreError>
    where
        's: 'a,
    {
        let known = self.known(principal);
        self.check_families(principal, &known, builder.context())?;
        for key in known {
            let hash = folded_hash(&key.name);
            let stated = builder.context().get_hashed(hash, &key.name);
            if stated.is_none() && key.value == KnownValue::Absent {
                continue;
            }
            // What a session fixes is its own: its tags stand above those of its role.
            if self.bound.as_ref().is_some_and(|bound| bound.fixes(hash, &key.name)) {
                continue;
            }
            let is_stated = match (stated, &key.value) {
                (None, _) => false,
                (Some(ContextValue::One(given)), KnownValue::One(value)) if given == value => true,
                (Some(ContextValue::Many([given])), KnownValue::Many(value)) if given == value => true,
                (Some(_), _) => return Err(StoreError::Contradiction(key.name.into_owned())),
            };
            match key.value {
                KnownValue::One(value) if !is_stated => builder.add_one(key.name, value),
                KnownValue::Many(value) if !is_stated => builder.add_many(key.name, [value]),
                _ => {}
            }
        }
        Ok(builder)
    }

    /// Refuses tags that the store would have if they were.
    fn check_families(
        &self,
        principal: &Principal,
        known: &[KnownKey<'_>],
        given: &Context<'_>,
    ) -> Result<(), StoreError> {
        // A session may bring tags of its own, beside those of its role.
        let is_session =
            matches!(principal.kind(), PrincipalKind::RoleSession | PrincipalKind::FederatedUser);
        let own: &[_] = if is_session { &[] } else { &["aws:PrincipalTag/"] };
        let families = || own.iter().chain(self.resource_tags().1);
        let is_fixed =
            |name: &str| self.bound.as_ref().is_some_and(|bound| bound.fixes(folded_hash(name), name));
        let is_known = |name: &str| known.iter().any(|key| eq_folded(&key.name, name)) || is_fixed(name);
        let strange = given
            .entries()
            .map(|(name, _)| name)
            .find(|name| families().any(|family| starts_with_folded(name, family)) && !is_known(name));
        strange.map_or(Ok(()), |name| Err(StoreError::Contradiction(name.to_owned())))
    }
}

/// The levels of an account; none if it is not bound.
fn levels(layer: Layer, numbers: Option<&Option<Box<[u32]>>>) -> Result<&[u32], PolicySetError> {
    match numbers.and_then(Option::as_deref) {
        Some([]) => Err(PolicySetError::NoLevels(layer.title())),
        Some(numbers) => Ok(numbers),
        None => Ok(&[]),
    }
}

impl<'s> KnownKey<'s> {
    fn one(name: &'static str, value: impl Into<Cow<'s, str>>) -> Self {
        Self { name: name.into(), value: KnownValue::One(value.into()) }
    }

    fn absent(name: &'static str) -> Self {
        Self { name: name.into(), value: KnownValue::Absent }
    }
}

fn add_principal(principal: &Principal, open: &[PrincipalKey], keys: &mut Vec<KnownKey<'_>>) {
    for key in open {
        match key.value(principal) {
            Ok(Some(value)) => keys.push(KnownKey::one(key.name(), value)),
            Ok(None) => keys.push(KnownKey::absent(key.name())),
            // What it is made of is not in the store: whoever asks may state it.
            Err(_) => {}
        }
    }
}

fn add_tags<'s>(family: &str, tags: &'s [(String, String)], keys: &mut Vec<KnownKey<'s>>) {
    let tags = tags.iter().map(|(key, value)| KnownKey {
        name: format!("{family}{key}").into(),
        value: KnownValue::One(value.as_str().into()),
    });
    keys.extend(tags);
}

/// Whether the caller's tags are those of the role or user that the store has for it.
fn has_own_tags(principal: &Principal) -> bool {
    principal.kind() != PrincipalKind::FederatedUser
}

/// Whether a resource is a bucket or an object in one.
fn is_of_bucket(resource: &str) -> bool {
    let arn = ResourceText::new(resource);
    arn.field(2) == "s3" && arn.field(3).is_empty() && arn.field(4).is_empty()
}
