//! Roles, as the caller knows them: a store's, or those of a file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::policy::Kind;
use crate::request::principal::is_unique_id;
use crate::text::arn::{Arn, is_account_id};

use super::tags::{self, Tags};

/// The shortest and the longest session that STS makes, in seconds.
pub const DURATIONS: std::ops::RangeInclusive<i64> = 900..=43_200;

/// A role that can be assumed. Its identity-based policies are not its concern: they govern what its sessions do.
#[derive(Clone, Debug)]
pub struct Role {
    arn: String,
    unique_id: String,
    trust: Arc<CompiledPolicy>,
    tags: Tags,
    max_duration: i64,
    rcps: Vec<Arc<CompiledPolicy>>,
}

/// Why this is no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the role {} {problem}", crate::text::diagnostic::excerpt(.arn))]
pub struct RoleError {
    /// Its ARN.
    pub arn: String,
    /// What is wrong.
    pub problem: String,
}

/// Where roles are found.
pub trait Roles {
    /// The role of an ARN; `None` if there is no such role.
    ///
    /// # Errors
    /// It is there and cannot be assumed.
    fn role(&self, arn: &str) -> Result<Option<Cow<'_, Role>>, RoleError>;
}

impl Roles for BTreeMap<String, Role> {
    fn role(&self, arn: &str) -> Result<Option<Cow<'_, Role>>, RoleError> {
        Ok(self.get(arn).map(Cow::Borrowed))
    }
}

impl Role {
    /// A role: its ARN with its path, its unique id (`AROA…`) and its trust policy.
    ///
    /// # Errors
    /// One of them is not what it must be.
    pub fn new(arn: &str, unique_id: &str, trust: Arc<CompiledPolicy>) -> Result<Self, RoleError> {
        let refuse = |problem: &str| RoleError { arn: arn.to_owned(), problem: problem.to_owned() };
        let parsed = Arn::parse(arn).filter(|parsed| {
            parsed.service() == "iam" && parsed.region().is_empty() && is_account_id(parsed.account())
        });
        let name = parsed.and_then(|parsed| parsed.resource().strip_prefix("role/"));
        let is_name =
            |name: &str| !name.contains(['*', '?', '$', ':']) && name.split('/').all(|part| !part.is_empty());
        if !name.is_some_and(is_name) {
            return Err(refuse("is not `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`"));
        }
        if !unique_id.starts_with("AROA") || !is_unique_id(unique_id) {
            return Err(refuse("has no unique id `AROA…`"));
        }
        if !trust.kind().is_some_and(Kind::is_trust) {
            return Err(refuse("has a policy as its trust policy that is none"));
        }
        let (arn, unique_id) = (arn.to_owned(), unique_id.to_owned());
        Ok(Self { arn, unique_id, trust, tags: Tags::new(), max_duration: 3_600, rcps: Vec::new() })
    }

    /// The role's own tags.
    ///
    /// # Errors
    /// No role can have them.
    pub fn with_tags(mut self, tags: Tags) -> Result<Self, RoleError> {
        tags::check(&tags)
            .map_err(|error| RoleError { arn: self.arn.clone(), problem: format!("is refused: {error}") })?;
        self.tags = tags;
        Ok(self)
    }

    /// The longest session that it allows, in seconds; an hour if not said.
    ///
    /// # Errors
    /// Not between an hour and twelve.
    pub fn with_max_duration(mut self, seconds: i64) -> Result<Self, RoleError> {
        if !(3_600..=*DURATIONS.end()).contains(&seconds) {
            let problem = "has a maximum session duration that is not 3600 to 43200 seconds".to_owned();
            return Err(RoleError { arn: self.arn, problem });
        }
        self.max_duration = seconds;
        Ok(self)
    }

    /// The resource control policies above the role, level by level from the root; they bind who assumes it too.
    #[must_use]
    pub fn with_rcps(mut self, levels: Vec<Arc<CompiledPolicy>>) -> Self {
        self.rcps = levels;
        self
    }

    /// The ARN, with the path.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The unique id.
    pub fn unique_id(&self) -> &str {
        &self.unique_id
    }

    /// The trust policy.
    pub fn trust(&self) -> &Arc<CompiledPolicy> {
        &self.trust
    }

    /// The role's own tags.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// The longest session, in seconds.
    pub fn max_duration(&self) -> i64 {
        self.max_duration
    }

    pub(super) fn rcps(&self) -> &[Arc<CompiledPolicy>] {
        &self.rcps
    }

    /// Its account.
    pub fn account(&self) -> &str {
        Arn::parse(&self.arn).map_or("", |arn| arn.account())
    }
}
