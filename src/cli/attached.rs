//! The policies of `decide`'s single form: one option a layer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::compile::CompiledPolicy;
use crate::evaluate::PolicySet;
use crate::policy::{Document, Kind, Limits, Rejected};

use super::error::CliError;
use super::input::{Input, name_of};

/// The policies that govern; a layer without an option is not in use.
#[derive(Debug, Args)]
#[command(next_help_heading = "Policies")]
pub(super) struct PolicyArgs {
    /// An identity-based policy, of the caller or of one of its groups; repeatable
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// A policy of the permissions boundary; repeatable
    #[arg(long, value_name = "FILE")]
    boundary: Vec<PathBuf>,
    /// A session policy; repeatable
    #[arg(long, value_name = "FILE")]
    session: Vec<PathBuf>,
    /// The resource-based policy: bucket policy, key policy, role trust policy
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<PathBuf>,
    /// The policy of the VPC endpoint
    #[arg(long, value_name = "FILE")]
    vpc_endpoint: Option<PathBuf>,
    /// The service control policies of one level, separated by commas; once a level, the root first
    #[arg(long, value_name = "FILE,…")]
    scp: Vec<Level>,
    /// The resource control policies of one level, separated by commas; once a level, the root first
    #[arg(long, value_name = "FILE,…")]
    rcp: Vec<Level>,
}

/// The files of one level.
#[derive(Clone, Debug)]
struct Level(Vec<PathBuf>);

impl From<String> for Level {
    fn from(text: String) -> Self {
        Self(text.split(',').map(PathBuf::from).collect())
    }
}

impl PolicyArgs {
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
    fn attachment(&mut self, kind: Kind, files: &[PathBuf]) -> Result<Option<Arc<CompiledPolicy>>, CliError> {
        if files.is_empty() {
            return Ok(None);
        }
        let mut documents = Vec::new();
        for file in files {
            documents.extend(self.document(kind, file)?);
        }
        Ok(Some(CompiledPolicy::compile(&documents)?))
    }

    fn document(&mut self, kind: Kind, file: &Path) -> Result<Option<Document>, CliError> {
        let bytes = Input::Path(file.to_owned()).read(self.limits.bytes)?;
        match Document::parse_bytes(kind, &name_of(file), bytes, &self.limits) {
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
