//! The policies of `decide`'s single form: one option a layer.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::compile::CompiledPolicy;
use crate::compile::load::{PolicyText, parse_each};
use crate::evaluate::PolicySet;
use crate::policy::{Document, Kind, Limits};

use super::error::CliError;
use super::input::Input;

/// The policies that govern; a layer without an option is not in use. One of the files of a call may be `-`, standard
/// input.
#[derive(Debug, Args)]
#[command(next_help_heading = "Policies")]
pub(super) struct PolicyArgs {
    /// A store, the folder of a `verdikt.toml`: the policies that govern the principal and the resource, and what it
    /// knows of them as context keys; docs/store.md tells which
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = ["identity", "boundary", "resource_policy", "vpc_endpoint", "scp", "rcp"]
    )]
    store: Option<PathBuf>,
    /// An identity-based policy, of the caller or of one of its groups; repeatable
    #[arg(long, value_name = "FILE")]
    identity: Vec<Input>,
    /// A policy of the permissions boundary; repeatable
    #[arg(long, value_name = "FILE")]
    boundary: Vec<Input>,
    /// A session policy; repeatable
    #[arg(long, value_name = "FILE")]
    session: Vec<Input>,
    /// The resource-based policy: bucket policy, key policy, role trust policy
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<Input>,
    /// The policy of the VPC endpoint
    #[arg(long, value_name = "FILE")]
    vpc_endpoint: Option<Input>,
    /// The service control policies of one level, separated by commas; once a level, the root first
    #[arg(long, value_name = "FILE,…")]
    scp: Vec<Level>,
    /// The resource control policies of one level, separated by commas; once a level, the root first
    #[arg(long, value_name = "FILE,…")]
    rcp: Vec<Level>,
}

/// The files of one level.
#[derive(Clone, Debug)]
struct Level(Vec<Input>);

impl From<String> for Level {
    fn from(text: String) -> Self {
        Self(text.split(',').map(|name| OsString::from(name).into()).collect())
    }
}

impl PolicyArgs {
    /// All files that are named.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Input> {
        let attached = [&self.identity, &self.boundary, &self.session];
        let levels = [&self.scp, &self.rcp];
        let single = [&self.resource_policy, &self.vpc_endpoint];
        let attached = attached.into_iter().flatten().chain(single.into_iter().flatten());
        attached.chain(levels.into_iter().flatten().flat_map(|level| &level.0))
    }

    /// Whether the policy of a resource is among them.
    pub(super) fn has_resource_policy(&self) -> bool {
        self.resource_policy.is_some()
    }

    /// The folder of the store, if that is where the policies are.
    pub(super) fn store(&self) -> Option<&Path> {
        self.store.as_deref()
    }

    /// The session policies alone.
    pub(super) fn session_policies(&self) -> Result<Option<Arc<CompiledPolicy>>, CliError> {
        let compiled = compile(&[(Kind::Session, self.session.as_slice())])?;
        Ok(compiled.into_iter().next().flatten())
    }

    /// Reads and compiles them. The resource-based policy is of the kind that the request meets; the session policies
    /// may be brought by the session that asks.
    pub(super) fn set(
        &self,
        resource_kind: Kind,
        brought: Option<Arc<CompiledPolicy>>,
    ) -> Result<PolicySet, CliError> {
        let mut compiled = compile(&self.attachments(resource_kind))?.into_iter();
        let mut next = || compiled.next().flatten();
        let mut set = PolicySet::builder();
        if let Some(policy) = next() {
            set = set.identity(policy);
        }
        if let Some(policy) = next() {
            set = set.permissions_boundary(policy);
        }
        if let Some(policy) = next().or(brought) {
            set = set.session(policy);
        }
        if let Some(policy) = next() {
            set = set.resource(policy);
        }
        if let Some(policy) = next() {
            set = set.vpc_endpoint(policy);
        }
        if !self.scp.is_empty() {
            set = set.scps(compiled.by_ref().take(self.scp.len()).flatten().collect());
        }
        if !self.rcp.is_empty() {
            set = set.rcps(compiled.flatten().collect());
        }
        Ok(set.build()?)
    }

    /// The policies as the `policies` of a case.
    pub(super) fn case(&self) -> Result<Box<RawValue>, CliError> {
        let attachments = self.attachments(Kind::Resource);
        let mut documents = documents(&attachments)?.into_iter();
        let named: Vec<Vec<Named>> = attachments
            .iter()
            .map(|(_, files)| documents.by_ref().take(files.len()).map(|document| named(&document)).collect())
            .collect();
        let mut lists = named.into_iter();
        let mut next = || lists.next().unwrap_or_default();
        let in_use = |list: Vec<Named>| (!list.is_empty()).then_some(list);
        let case = Policies {
            identity: next(),
            permissions_boundary: in_use(next()),
            session: in_use(next()),
            resource: next().pop().map(|named| named.policy),
            vpc_endpoint: in_use(next()),
            scps: Some((0..self.scp.len()).map(|_| next()).collect())
                .filter(|levels: &Vec<_>| !levels.is_empty()),
            rcps: Some((0..self.rcp.len()).map(|_| next()).collect())
                .filter(|levels: &Vec<_>| !levels.is_empty()),
        };
        Ok(serde_json::value::to_raw_value(&case).unwrap_or_default())
    }

    /// The files of each attachment, in the order in which [`set`](Self::set) asks for them.
    fn attachments(&self, resource_kind: Kind) -> Vec<Files<'_>> {
        let single = [
            (Kind::Identity, self.identity.as_slice()),
            (Kind::PermissionsBoundary, self.boundary.as_slice()),
            (Kind::Session, self.session.as_slice()),
            (resource_kind, self.resource_policy.as_slice()),
            (Kind::VpcEndpoint, self.vpc_endpoint.as_slice()),
        ];
        let scps = self.scp.iter().map(|level| (Kind::Scp, level.0.as_slice()));
        let rcps = self.rcp.iter().map(|level| (Kind::Rcp, level.0.as_slice()));
        single.into_iter().chain(scps).chain(rcps).collect()
    }
}

/// The member `policies` of a case.
#[derive(Serialize)]
struct Policies {
    identity: Vec<Named>,
    permissions_boundary: Option<Vec<Named>>,
    session: Option<Vec<Named>>,
    resource: Option<Box<RawValue>>,
    vpc_endpoint: Option<Vec<Named>>,
    scps: Option<Vec<Vec<Named>>>,
    rcps: Option<Vec<Vec<Named>>>,
}

/// A policy of a case.
#[derive(Serialize)]
struct Named {
    name: String,
    policy: Box<RawValue>,
}

fn named(document: &Document) -> Named {
    // What was parsed is printed as JSON.
    let policy = RawValue::from_string(document.minified()).unwrap_or_default();
    Named { name: document.name().to_owned(), policy }
}

/// What is attached in one place: a kind of policy, and the files.
type Files<'a> = (Kind, &'a [Input]);

/// Compiles each attachment; none if it has no file. The problems of all policies are told at once.
fn compile(attachments: &[Files<'_>]) -> Result<Vec<Option<Arc<CompiledPolicy>>>, CliError> {
    let mut documents = documents(attachments)?.into_iter();
    let compile = |(_, files): &Files<'_>| {
        let own: Vec<_> = documents.by_ref().take(files.len()).collect();
        Ok(if own.is_empty() { None } else { Some(CompiledPolicy::compile(&own)?) })
    };
    attachments.iter().map(compile).collect()
}

/// The documents of all files, in order.
fn documents(attachments: &[Files<'_>]) -> Result<Vec<Document>, CliError> {
    let limits = Limits::default();
    let files = attachments.iter().flat_map(|(kind, files)| files.iter().map(move |file| (*kind, file)));
    let read = |(kind, file): (Kind, &Input)| Ok((kind, file.name(), file.read(limits.bytes)?));
    let read: Vec<_> = files.map(read).collect::<Result<_, CliError>>()?;
    let texts: Vec<_> = read.iter().map(|(kind, name, json)| PolicyText::new(*kind, name, json)).collect();
    let (mut documents, mut refused) = (Vec::new(), Vec::new());
    for parsed in parse_each(&texts, &limits) {
        match parsed {
            Ok(parsed) => documents.push(parsed.document),
            Err(rejected) => refused.push(rejected),
        }
    }
    if refused.is_empty() { Ok(documents) } else { Err(CliError::Rejected(refused)) }
}
