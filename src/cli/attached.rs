//! The policies of `decide`'s single form: one option a layer.

use std::ffi::OsString;
use std::sync::Arc;

use clap::Args;

use crate::compile::CompiledPolicy;
use crate::evaluate::PolicySet;
use crate::policy::{Document, Kind, Limits, Rejected};

use super::error::CliError;
use super::input::Input;

/// The policies that govern; a layer without an option is not in use. One of the files of a call may be `-`, standard
/// input.
#[derive(Debug, Args)]
#[command(next_help_heading = "Policies")]
pub(super) struct PolicyArgs {
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

    /// Reads and compiles them. The resource-based policy is of the kind that the request meets.
    pub(super) fn set(&self, resource_kind: Kind) -> Result<PolicySet, CliError> {
        let mut reader = Reader::default();
        let mut set = PolicySet::builder();
        if let Some(policy) = reader.attachment(Kind::Identity, &self.identity)? {
            set = set.identity(policy);
        }
        if let Some(policy) = reader.attachment(Kind::PermissionsBoundary, &self.boundary)? {
            set = set.permissions_boundary(policy);
        }
        if let Some(policy) = reader.attachment(Kind::Session, &self.session)? {
            set = set.session(policy);
        }
        if let Some(policy) = reader.attachment(resource_kind, self.resource_policy.as_slice())? {
            set = set.resource(policy);
        }
        if let Some(policy) = reader.attachment(Kind::VpcEndpoint, self.vpc_endpoint.as_slice())? {
            set = set.vpc_endpoint(policy);
        }
        if !self.scp.is_empty() {
            set = set.scps(reader.levels(Kind::Scp, &self.scp)?);
        }
        if !self.rcp.is_empty() {
            set = set.rcps(reader.levels(Kind::Rcp, &self.rcp)?);
        }
        reader.finish()?;
        Ok(set.build()?)
    }
}

/// Reads policies, and goes on after a refused one so that all problems are told at once.
#[derive(Default)]
struct Reader {
    limits: Limits,
    refused: Vec<Rejected>,
}

impl Reader {
    fn levels(&mut self, kind: Kind, levels: &[Level]) -> Result<Vec<Arc<CompiledPolicy>>, CliError> {
        levels.iter().filter_map(|level| self.attachment(kind, &level.0).transpose()).collect()
    }

    /// What is attached in one place; none if no file is given.
    fn attachment(&mut self, kind: Kind, files: &[Input]) -> Result<Option<Arc<CompiledPolicy>>, CliError> {
        if files.is_empty() {
            return Ok(None);
        }
        let mut documents = Vec::new();
        for file in files {
            documents.extend(self.document(kind, file)?);
        }
        Ok(Some(CompiledPolicy::compile(&documents)?))
    }

    fn document(&mut self, kind: Kind, file: &Input) -> Result<Option<Document>, CliError> {
        let bytes = file.read(self.limits.bytes)?;
        match Document::parse_bytes(kind, &file.name(), bytes, &self.limits) {
            Ok(parsed) => Ok(Some(parsed.document)),
            Err(rejected) => {
                self.refused.push(rejected);
                Ok(None)
            }
        }
    }

    /// Fails if a policy was refused.
    fn finish(self) -> Result<(), CliError> {
        if self.refused.is_empty() { Ok(()) } else { Err(CliError::Rejected(self.refused)) }
    }
}
