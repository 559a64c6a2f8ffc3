//! A request that a store is asked about: its policies govern, and what it knows is supplied.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::compile::CompiledPolicy;
use crate::evaluate::PolicySet;
use crate::request::context::ContextValue;
use crate::request::derive::PrincipalKey;
use crate::request::{Owner, Principal, Request, RequestError};
use crate::store::{Governing, KnownValue, LoadOptions, Snapshot, Store, StoreError};

use super::error::CliError;
use super::input::name_of;
use super::progress::{Progress, Unit};
use super::question::{Built, Underived, WRITTEN, refused, timed};
use super::render::Terminal;

/// A store, and who asks as it knows them.
pub(super) struct Stored {
    folder: String,
    snapshot: Arc<Snapshot>,
    principal: Principal,
}

/// Loads the store in a folder, with a progress bar if it takes a moment.
pub(super) fn open(folder: &Path, now: i64, terminal: Terminal) -> Result<Arc<Snapshot>, CliError> {
    let bar: Mutex<Option<Progress>> = Mutex::new(None);
    let advance = |_: usize, total: usize| {
        if let Ok(mut bar) = bar.lock() {
            let new = || Progress::new(terminal, Some(total as u64), Unit::Files);
            bar.get_or_insert_with(new).advance(1);
        }
    };
    let options = LoadOptions { progress: Some(&advance), ..LoadOptions::default() };
    let store = Store::open(folder, &options, now);
    drop(bar);
    Ok(store.map_err(CliError::StoreRejected)?.current())
}

impl Stored {
    pub(super) fn open(
        folder: &Path,
        given: &Request<'_>,
        now: i64,
        terminal: Terminal,
    ) -> Result<Self, CliError> {
        let snapshot = open(folder, now, terminal)?;
        let folder = name_of(folder);
        let principal = snapshot.principal(given.principal());
        let principal = principal.map_err(|source| CliError::Store { folder: folder.clone(), source })?;
        Ok(Self { folder, snapshot, principal })
    }

    /// The request as given with what the store knows, and the policies that govern it.
    pub(super) fn ask<'a>(
        &'a self,
        given: &'a Request<'a>,
        session: Option<Arc<CompiledPolicy>>,
        now: i64,
        terminal: Terminal,
    ) -> Result<(Built<'a>, PolicySet), CliError> {
        let governing = self.governing(given, session).map_err(|source| self.refuse(source))?;
        if !governing.has_resource() && given.owner() != Owner::Nobody {
            let resource = given.resource().text();
            terminal
                .note(&format!("the store has no `{resource}`: its owner is unknown, and nothing allows it"));
        }
        let set = governing.policies(given.action().text()).map_err(|source| self.refuse(source))?;
        Ok((self.built(given, &governing, now)?, set))
    }

    fn refuse(&self, source: StoreError) -> CliError {
        CliError::Store { folder: self.folder.clone(), source }
    }

    fn governing<'a>(
        &'a self,
        given: &'a Request<'a>,
        session: Option<Arc<CompiledPolicy>>,
    ) -> Result<Governing<'a>, StoreError> {
        let mut governing = self.snapshot.governing(&self.principal, given.resource().text())?;
        if let Some(ContextValue::One(endpoint)) = given.context().get("aws:SourceVpce") {
            governing = governing.through(endpoint)?;
        }
        Ok(match session {
            Some(policies) => governing.with_session_policies(policies),
            None => governing,
        })
    }

    fn built<'a>(
        &'a self,
        given: &'a Request<'a>,
        governing: &Governing<'a>,
        now: i64,
    ) -> Result<Built<'a>, CliError> {
        let owner = governing.owner();
        if let (Owner::Account(stated), Owner::Account(known)) = (given.owner(), owner)
            && stated != known
        {
            return Err(self.refuse(StoreError::Contradiction("resource account".to_owned())));
        }
        let (action, resource) = (given.action().text(), given.resource().text());
        let mut builder = Request::builder(&self.principal, action, resource, owner);
        builder = builder.resource_policy_mode(given.resource_policy_mode());
        for (name, value) in given.context().entries() {
            match value {
                ContextValue::One(text) => builder.add_one(name, text),
                ContextValue::Many(texts) => builder.add_many(name, texts.iter().map(|text| &**text)),
            }
        }
        let is_given = |key: &str| given.context().get(key).is_some();
        let builder = governing.supply(&self.principal, builder);
        let builder = builder.map_err(|source| self.refuse(source))?;
        let known = governing.known(&self.principal).into_iter();
        let known = known.filter(|key| key.value != KnownValue::Absent && !is_given(&key.name));
        let mut derived: Vec<_> = known.map(|key| key.name).collect();
        let mut missing = self.missing(is_given);
        let request = timed(builder, now, is_given, &mut derived, &mut missing).build();
        let request = request.map_err(|source| refused(WRITTEN, source))?;
        Ok(Built { request, derived, missing })
    }

    /// The keys of the principal that the store does not know enough to supply.
    fn missing(&self, is_given: impl Fn(&str) -> bool) -> Vec<Underived> {
        let keys = PrincipalKey::ALL.into_iter().filter(|key| !is_given(key.name()));
        let missing = keys.filter_map(|key| match key.value(&self.principal) {
            Err(RequestError::Underivable { key, reason }) => Some(Underived { key, reason }),
            _ => None,
        });
        missing.collect()
    }
}
